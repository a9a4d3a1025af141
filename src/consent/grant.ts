import { z } from 'zod'
import type { KeyObject } from 'node:crypto'
import { channelKinds } from '../channel/channel.ts'
import { boxContext, type ContactRef } from '../customer/contact.ts'
import { newId } from '../core/id.ts'
import { invariant } from '../core/refusal.ts'
import { seal, unseal } from '../core/seal.ts'
import { many, one, type Db, type Trx } from '../core/sql.ts'
import { exposures, type Exposure } from './exposure.ts'
import { purposeNames, type Purpose } from './purpose.ts'

/**
 * What was agreed, as agreed. Sealed at rest; the row beside it carries only what the clearing transaction re-checks
 * (version, state, end). Fields follow ISO/IEC TS 27560 where it has a name for them.
 */
const grantBody = z.strictObject({
  institution: z.string(),
  channel: z.enum(channelKinds),
  /** Language in which the disclosure was shown (BCP 47). */
  language: z.string(),
  /** Accounts it covers, by the bank's id; 'all' = every account that the customer chose at the bank. */
  accounts: z.union([z.literal('all'), z.array(z.string()).max(200)]),
  /** How those accounts were called when it was agreed, for showing it again. */
  accountNames: z.array(z.object({ nickname: z.string(), lastFour: z.string() })).max(200),
  /** The most the platform may receive, per purpose. A purpose that is absent is withheld. */
  items: z.partialRecord(z.enum(purposeNames as [Purpose, ...Purpose[]]), z.enum(exposures)),
  givenAt: z.number(),
  validUntil: z.number(),
  /** SHA-256 of the disclosure text that the customer saw and agreed to. */
  disclosureHash: z.string(),
  /** How it was agreed: on our page after the bank's own login, by a tap in /me, … */
  method: z.enum(['linking-page', 'my-permissions', 'chat']),
  policyVersion: z.number(),
  bankConsentId: z.string().nullable(),
})
export type GrantBody = z.infer<typeof grantBody>

export type GrantState = 'active' | 'withdrawn' | 'revoked' | 'expired'
export type Grant = {
  readonly grantId: string
  readonly version: number
  readonly state: GrantState
  /** Epoch ms. */
  readonly validUntil: number
  readonly body: GrantBody
}

type GrantRow = {
  grant_id: string
  version: number
  state: GrantState
  valid_until: Date
  sealed: Buffer
  institution: string
}

const openRow = (row: GrantRow, contact: ContactRef, box: KeyObject): Grant => {
  const plain = unseal(box, boxContext('consent_grant', contact.contactId, row.institution), row.sealed)
  invariant(plain !== null, 'a grant opens under its own customer key')
  return {
    grantId: row.grant_id,
    version: row.version,
    state: row.state,
    validUntil: row.valid_until.getTime(),
    body: grantBody.parse(JSON.parse(plain.toString('utf8'))),
  }
}

/** Every grant of a contact, whatever its state: at most one an institution. */
export async function grantsOf(db: Db, contact: ContactRef, box: KeyObject): Promise<Grant[]> {
  const rows = await many<GrantRow>(
    db,
    `select grant_id, version, state, valid_until, sealed, institution from consent_grant
      where lane = $1 and contact_id = $2 order by institution`,
    [contact.lane, contact.contactId],
  )
  return rows.map((row) => openRow(row, contact, box))
}

/** The grant for one institution, read under lock: nothing can be cleared under it until the transaction ends. */
export async function grantForUpdate(
  trx: Trx,
  contact: ContactRef,
  institution: string,
  box: KeyObject,
): Promise<Grant | null> {
  const row = await one<GrantRow>(
    trx,
    `select grant_id, version, state, valid_until, sealed, institution from consent_grant
      where lane = $1 and contact_id = $2 and institution = $3 for update`,
    [contact.lane, contact.contactId, institution],
  )
  return row && openRow(row, contact, box)
}

export type GrantEvent = 'given' | 'changed' | 'withdrawn' | 'revoked' | 'expired' | 'renewed'

/**
 * Writes the next version of a grant and its record. The caller logs it in the same transaction and passes where it
 * stands in the log.
 */
export async function writeGrant(
  trx: Trx,
  contact: ContactRef,
  box: KeyObject,
  next: {
    grantId: string
    version: number
    state: GrantState
    body: GrantBody
    event: GrantEvent
    /** What opens the log entry's commitment; kept with the record. */
    opening: { salt: Buffer; payload: string }
    batchId: number
  },
): Promise<Grant> {
  const { body } = next
  const text = JSON.stringify(body)
  await trx.query(
    `insert into consent_grant (lane, contact_id, institution, grant_id, version, state, valid_until, sealed, changed_at)
     values ($1, $2, $3, $4, $5, $6, to_timestamp($7 / 1000.0), $8, now())
     on conflict (lane, contact_id, institution) do update set grant_id = excluded.grant_id, version = excluded.version,
       state = excluded.state, valid_until = excluded.valid_until, sealed = excluded.sealed, changed_at = excluded.changed_at`,
    [
      contact.lane,
      contact.contactId,
      body.institution,
      next.grantId,
      next.version,
      next.state,
      body.validUntil,
      seal(box, boxContext('consent_grant', contact.contactId, body.institution), text),
    ],
  )
  await trx.query(
    `insert into consent_record (lane, contact_id, grant_id, version, event, sealed, batch_id, "position")
     values ($1, $2, $3, $4, $5, $6, $7, 0)`,
    [
      contact.lane,
      contact.contactId,
      next.grantId,
      next.version,
      next.event,
      seal(
        box,
        boxContext('consent_record', contact.contactId, `${next.grantId}/${next.version}`),
        JSON.stringify({ salt: next.opening.salt.toString('base64url'), payload: next.opening.payload }),
      ),
      next.batchId,
    ],
  )
  return {
    grantId: next.grantId,
    version: next.version,
    state: next.state,
    validUntil: body.validUntil,
    body,
  }
}

export const newGrantId = (now: number): string => newId('grt', now)

/** The bytes of a grant event's log entry payload: what the entry's commitment commits to. */
export const grantPayload = (
  grant: Pick<Grant, 'grantId' | 'version' | 'state' | 'body'>,
  event: GrantEvent,
): string =>
  JSON.stringify({
    type: 'consent',
    event,
    grantId: grant.grantId,
    version: grant.version,
    state: grant.state,
    body: grant.body,
  })

/** True when a grant lets anything out at this time. */
export const isLive = (grant: Grant, now: number): boolean =>
  grant.state === 'active' && now < grant.validUntil

/** The grant's items with one purpose changed; `withhold` removes it. */
export function withItem(body: GrantBody, purpose: Purpose, exposure: Exposure): GrantBody {
  const items = { ...body.items }
  if (exposure === 'withhold') delete items[purpose]
  else items[purpose] = exposure
  return { ...body, items }
}

/** Does one of a contact's own records stand at this place in the log? */
export async function isOwnRecord(db: Db, contact: ContactRef, batchId: string): Promise<boolean> {
  if (!/^[1-9]\d{0,14}$/.test(batchId)) return false
  const { rowCount } = await db.query(
    'select 1 from consent_record where lane = $1 and contact_id = $2 and batch_id = $3',
    [contact.lane, contact.contactId, batchId],
  )
  return (rowCount ?? 0) > 0
}
