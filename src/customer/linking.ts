import { createHash, randomInt, timingSafeEqual, type KeyObject } from 'node:crypto'
import type { Account, BankTokens, InstitutionId, PendingAuthorization } from '../bank/bank.ts'
import { minuteMs } from '../core/clock.ts'
import { newId, newSecret } from '../core/id.ts'
import { invariant } from '../core/refusal.ts'
import { seal, unseal } from '../core/seal.ts'
import { one, type Db } from '../core/sql.ts'
import { boxContext, type ContactRef } from './contact.ts'

/**
 * A linking under way. It starts when the platform has told us whose chat the Log-in button was pressed in (the PSID
 * behind the account linking token), is tied to one browser by a cookie, and binds nothing until the platform's webhook
 * brings back the code we gave out, from that same PSID.
 */
export type LinkingStep = 'bank' | 'at-bank' | 'consent' | 'agreed' | 'done' | 'refused'
export type Linking = {
  readonly linkingId: string
  readonly contact: ContactRef
  readonly step: LinkingStep
  readonly expiresAt: number
  readonly body: LinkingBody
}
export type LinkingBody = {
  /** Where the platform wants its browser back. */
  readonly redirectUri: string
  /** Short code, also shown in the chat. */
  readonly chatCode: string
  readonly csrf: string
  readonly institution?: InstitutionId
  readonly pending?: PendingAuthorization
  readonly subject?: string
  readonly tokens?: BankTokens
  readonly accounts?: readonly Account[]
  readonly bankExpiresAt?: number | null
  /** What was agreed: becomes the grant when the webhook confirms the chat. */
  readonly agreed?: unknown
}

/** Time for reading: the platform's own token is short-lived, but the customer must never be hurried by us. */
export const linkingLifeMs = 30 * minuteMs
/** A code is redeemed by the platform within seconds. */
export const codeLifeMs = 5 * minuteMs

const hashed = (text: string): Buffer => createHash('sha256').update(text).digest()
const context = (contactId: string, linkingId: string): string =>
  boxContext('customer_linking', contactId, linkingId)

/** A code to compare by eye: four digits, two letters that cannot be mistaken for digits or each other. */
export function newChatCode(): string {
  const letters = 'ACDEFHJKMNPRTVWXY'
  const letter = (): string => letters[randomInt(letters.length)] ?? 'A'
  return `${String(randomInt(10_000)).padStart(4, '0')}-${letter()}${letter()}`
}

/** Starts a linking; the secret goes into the browser's cookie, as `lane.id.secret`. */
export async function startLinking(
  db: Db,
  contact: ContactRef,
  box: KeyObject,
  start: { redirectUri: string; chatCode: string },
  now: number,
): Promise<{ linking: Linking; cookie: string }> {
  const linkingId = newId('lnk', now)
  const secret = newSecret()
  const body: LinkingBody = { ...start, csrf: newSecret() }
  const expiresAt = now + linkingLifeMs
  await db.query(
    `insert into customer_linking (lane, linking_id, contact_id, browser_hash, step, sealed, expires_at)
     values ($1, $2, $3, $4, 'bank', $5, to_timestamp($6 / 1000.0))`,
    [
      contact.lane,
      linkingId,
      contact.contactId,
      hashed(secret),
      seal(box, context(contact.contactId, linkingId), JSON.stringify(body)),
      expiresAt,
    ],
  )
  return {
    linking: { linkingId, contact, step: 'bank', expiresAt, body },
    cookie: `${contact.lane}.${linkingId}.${secret}`,
  }
}

type LinkingRow = {
  linking_id: string
  contact_id: string
  browser_hash: Buffer
  step: LinkingStep
  sealed: Buffer
  expires_at: Date
}

/** Which contact a browser's linking belongs to: needed to find the key that opens it. */
export async function linkingOfCookie(
  db: Db,
  cookie: string | undefined,
  now: number,
): Promise<{ contact: ContactRef; row: LinkingRow } | null> {
  const match = /^(\d{1,4})\.(lnk_[0-9A-Z]{26})\.([A-Za-z0-9_-]{43})$/.exec(cookie ?? '')
  if (!match?.[1] || !match[2] || !match[3]) return null
  const row = await one<LinkingRow>(
    db,
    `select linking_id, contact_id, browser_hash, step, sealed, expires_at from customer_linking
      where lane = $1 and linking_id = $2 and expires_at > to_timestamp($3 / 1000.0)`,
    [Number(match[1]), match[2], now],
  )
  if (!row || !timingSafeEqual(row.browser_hash, hashed(match[3]))) return null
  return { contact: { lane: Number(match[1]), contactId: row.contact_id }, row }
}

/** The linking that waits for this code from this contact's platform; null when there is none. */
export async function linkingOfCode(
  db: Db,
  contact: ContactRef,
  code: string,
  now: number,
): Promise<LinkingRow | null> {
  return one<LinkingRow>(
    db,
    `select linking_id, contact_id, browser_hash, step, sealed, expires_at from customer_linking
      where lane = $1 and contact_id = $2 and code_hash = $3 and expires_at > to_timestamp($4 / 1000.0)`,
    [contact.lane, contact.contactId, hashed(code), now],
  )
}

export function openLinking(row: LinkingRow, contact: ContactRef, box: KeyObject): Linking {
  const plain = unseal(box, context(contact.contactId, row.linking_id), row.sealed)
  invariant(plain !== null, 'a linking opens under its own customer key')
  return {
    linkingId: row.linking_id,
    contact,
    step: row.step,
    expiresAt: row.expires_at.getTime(),
    body: JSON.parse(plain.toString('utf8')) as LinkingBody,
  }
}

/**
 * Moves a linking on, only from the step it was read at: two browsers, or a double click, cannot both move it.
 * False when it had moved already.
 */
export async function moveLinking(
  db: Db,
  linking: Linking,
  box: KeyObject,
  next: { step: LinkingStep; body: LinkingBody; code?: string; expiresAt?: number },
): Promise<boolean> {
  const result = await db.query(
    `update customer_linking set step = $5, sealed = $6, code_hash = coalesce($7, code_hash), expires_at = to_timestamp($8 / 1000.0)
      where lane = $1 and linking_id = $2 and contact_id = $3 and step = $4`,
    [
      linking.contact.lane,
      linking.linkingId,
      linking.contact.contactId,
      linking.step,
      next.step,
      seal(box, context(linking.contact.contactId, linking.linkingId), JSON.stringify(next.body)),
      next.code === undefined ? null : hashed(next.code),
      next.expiresAt ?? linking.expiresAt,
    ],
  )
  return (result.rowCount ?? 0) === 1
}
