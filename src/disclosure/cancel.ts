import { many, one, type Db, type Trx } from '../core/sql.ts'
import type { ContactRef } from '../customer/contact.ts'
import type { Purpose } from '../consent/purpose.ts'
import { outboxStates } from './clear.ts'

/** What to stop: everything of one institution, or of one purpose. */
export type Stop = { readonly institution: string; readonly purpose: Purpose | null }

/** Cancels what is not yet on the wire; `carried` names what a call carries right now and cannot be called back. */
export async function cancelWaiting(
  trx: Trx,
  contact: ContactRef,
  stop: Stop,
  carried: ReadonlySet<string>,
  now: number,
): Promise<Set<string>> {
  const rows = await many<{ message_id: string }>(
    trx,
    `update disclosure_outbox set state = ${outboxStates.cancelled}, reason = 'taken_back', settled_at = $4
      where lane = $1 and contact_id = $2 and institution = $3 and grant_id is not null and state in (${outboxStates.queued}, ${outboxStates.sending})
        and ($5::text is null or purpose = $5) and message_id <> all ($6) returning message_id`,
    [contact.lane, contact.contactId, stop.institution, now, stop.purpose, [...carried]],
  )
  return new Set(rows.map((row) => row.message_id))
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

/** Closes sealed cards that are open; returns how many. */
export async function closeCards(trx: Trx, contact: ContactRef, stop: Stop): Promise<number> {
  const result = await trx.query(
    `update disclosure_card set closed_at = now() where lane = $1 and contact_id = $2 and institution = $3 and closed_at is null
        and expires_at > now() and ($4::text is null or purpose = $4)`,
    [contact.lane, contact.contactId, stop.institution, stop.purpose],
  )
  return result.rowCount ?? 0
}

/**
 * May a message that waited still go? Marks it as being sent in the same statement, so that a withdrawal either comes
 * before (and this says no) or finds it being sent.
 */
export async function claim(db: Db, contact: ContactRef, messageId: string): Promise<boolean> {
  const result = await db.query(
    `update disclosure_outbox o set state = ${outboxStates.sending}, attempts = attempts + 1
      where o.lane = $1 and o.contact_id = $2 and o.message_id = $3 and o.state in (${outboxStates.queued}, ${outboxStates.unknown}, ${outboxStates.sending})
        and (o.grant_id is null or exists (
          select 1 from consent_grant g where g.lane = o.lane and g.contact_id = o.contact_id and g.institution = o.institution
             and g.grant_id = o.grant_id and g.state = 'active' and g.valid_until > now() for share))`,
    [contact.lane, contact.contactId, messageId],
  )
  return (result.rowCount ?? 0) === 1
}
