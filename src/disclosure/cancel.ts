import { many, one, type Db, type Trx } from '../core/sql.ts'
import type { ContactRef } from '../customer/contact.ts'
import type { Purpose } from '../consent/purpose.ts'
import { outboxStates } from './clear.ts'

/** Why a message was not sent (or not again): what it relied on was taken back. */
export const takenBack = 'taken_back'

/** What to stop: everything of one institution, or of one purpose. */
export type Stop = { readonly institution: string; readonly purpose: Purpose | null }

/** What became of messages that were to be stopped, by their ids. */
export type Stopped = {
  readonly cancelled: ReadonlySet<string>
  /** May have gone out (a call carries them, or their outcome is unknown): never sent again if they did not. */
  readonly notAgain: ReadonlySet<string>
}

/** Cancels what is not yet on the wire; `carried` names what a call carries right now and cannot be called back. */
export async function cancelWaiting(
  trx: Trx,
  contact: ContactRef,
  stop: Stop,
  carried: ReadonlySet<string>,
  now: number,
): Promise<Stopped> {
  const relying = `lane = $1 and contact_id = $2 and institution = $3 and grant_id is not null and ($4::text is null or purpose = $4)`
  const about = [contact.lane, contact.contactId, stop.institution, stop.purpose, [...carried]]
  const cancelled = await many<{ message_id: string }>(
    trx,
    `update disclosure_outbox set state = ${outboxStates.cancelled}, reason = '${takenBack}', settled_at = $6
      where ${relying} and state in (${outboxStates.queued}, ${outboxStates.sending}) and message_id <> all ($5) returning message_id`,
    [...about, now],
  )
  const doubtful = await many<{ message_id: string }>(
    trx,
    `update disclosure_outbox set reason = '${takenBack}' where ${relying} and (state = ${outboxStates.unknown}
        or state in (${outboxStates.queued}, ${outboxStates.sending}) and message_id = any ($5)) returning message_id`,
    about,
  )
  const ids = (rows: readonly { message_id: string }[]) => new Set(rows.map((row) => row.message_id))
  return { cancelled: ids(cancelled), notAgain: ids(doubtful) }
}

/** How many messages would be cancelled. */
export async function waitingCount(db: Db, contact: ContactRef, stop: Stop): Promise<number> {
  const row = await one<{ n: string }>(
    db,
    `select count(*) as n from disclosure_outbox where lane = $1 and contact_id = $2 and institution = $3
        and grant_id is not null and state = ${outboxStates.queued} and ($4::text is null or purpose = $4)`,
    [contact.lane, contact.contactId, stop.institution, stop.purpose],
  )
  return Number(row?.n ?? 0)
}

/** Closes sealed cards that are open at `now` (epoch ms); returns how many. */
export async function closeCards(trx: Trx, contact: ContactRef, stop: Stop, now: number): Promise<number> {
  const result = await trx.query(
    `update disclosure_card set closed_at = to_timestamp($5 / 1000.0) where lane = $1 and contact_id = $2 and institution = $3
        and closed_at is null and expires_at > to_timestamp($5 / 1000.0) and ($4::text is null or purpose = $4)`,
    [contact.lane, contact.contactId, stop.institution, stop.purpose, now],
  )
  return result.rowCount ?? 0
}

/**
 * May a message that waited still go at `now` (epoch ms)? Marks it as being sent in the same statement, so that a
 * withdrawal either comes before (and this says no) or finds it being sent.
 */
export async function claim(db: Db, contact: ContactRef, messageId: string, now: number): Promise<boolean> {
  const result = await db.query(
    `update disclosure_outbox o set state = ${outboxStates.sending}, attempts = attempts + 1
      where o.lane = $1 and o.contact_id = $2 and o.message_id = $3 and o.state in (${outboxStates.queued}, ${outboxStates.unknown}, ${outboxStates.sending})
        and o.reason is distinct from '${takenBack}' and (o.grant_id is null or exists (
          select 1 from consent_grant g where g.lane = o.lane and g.contact_id = o.contact_id and g.institution = o.institution
             and g.grant_id = o.grant_id and g.state = 'active' and g.valid_until > to_timestamp($4 / 1000.0) for share))`,
    [contact.lane, contact.contactId, messageId, now],
  )
  return (result.rowCount ?? 0) === 1
}
