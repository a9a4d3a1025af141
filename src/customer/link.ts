import type { KeyObject } from 'node:crypto'
import type { BankTokens, InstitutionId, TokenHolder } from '../bank/bank.ts'
import { invariant } from '../core/refusal.ts'
import { mac, seal, unseal } from '../core/seal.ts'
import { many, type Db, type Trx } from '../core/sql.ts'
import { boxContext, type ContactRef } from './contact.ts'

/** A contact linked to a customer of an institution. `tokens` is null once they were given back to the bank. */
export type Link = {
  readonly institution: InstitutionId
  readonly subject: string
  tokens: BankTokens | null
}

type LinkBody = { subject: string; tokens: BankTokens | null }

/** Finds a person's chats when they sign in on the web, without storing who they are. */
export const subjectRef = (house: KeyObject, institution: InstitutionId, subject: string): Buffer =>
  mac(house, `${institution}\n${subject}`)

export async function linksOf(db: Db, contact: ContactRef, box: KeyObject): Promise<Link[]> {
  const rows = await many<{ institution: string; sealed: Buffer }>(
    db,
    'select institution, sealed from customer_link where lane = $1 and contact_id = $2 order by institution',
    [contact.lane, contact.contactId],
  )
  return rows.map((row) => {
    const plain = unseal(box, boxContext('customer_link', contact.contactId, row.institution), row.sealed)
    invariant(plain !== null, 'a link opens under its own customer key')
    return { institution: row.institution, ...(JSON.parse(plain.toString('utf8')) as LinkBody) }
  })
}

/**
 * Writes a link, over an older one to the same institution. `linked_at` is since when this customer of the bank has
 * been in this chat: what was said before, to another, is not theirs to see.
 */
export async function writeLink(
  trx: Trx,
  contact: ContactRef,
  box: KeyObject,
  house: KeyObject,
  link: Link,
  at: number,
): Promise<void> {
  await trx.query(
    `insert into customer_link as l (lane, contact_id, institution, subject_ref, sealed, linked_at)
     values ($1, $2, $3, $4, $5, to_timestamp($6 / 1000.0))
     on conflict (lane, contact_id, institution) do update
       set subject_ref = excluded.subject_ref, sealed = excluded.sealed,
           linked_at = case when l.subject_ref = excluded.subject_ref then l.linked_at else excluded.linked_at end`,
    [
      contact.lane,
      contact.contactId,
      link.institution,
      subjectRef(house, link.institution, link.subject),
      sealBody(box, contact, link),
      at,
    ],
  )
}

/** Saves refreshed tokens, or their absence. */
export async function saveTokens(db: Db, contact: ContactRef, box: KeyObject, link: Link): Promise<void> {
  await db.query(
    'update customer_link set sealed = $4 where lane = $1 and contact_id = $2 and institution = $3',
    [contact.lane, contact.contactId, link.institution, sealBody(box, contact, link)],
  )
}

function sealBody(box: KeyObject, contact: ContactRef, link: Link): Buffer {
  const body: LinkBody = { subject: link.subject, tokens: link.tokens }
  return seal(box, boxContext('customer_link', contact.contactId, link.institution), JSON.stringify(body))
}

/** The holder through which a bank connector reads and refreshes this link's tokens. */
export function tokenHolder(db: Db, contact: ContactRef, box: KeyObject, link: Link): TokenHolder {
  return {
    current() {
      invariant(link.tokens !== null, 'a bank is read only while its tokens are held')
      return link.tokens
    },
    async save(tokens) {
      link.tokens = tokens
      await saveTokens(db, contact, box, link)
    },
  }
}

/** The contacts that a bank customer has linked. */
export async function contactsOf(
  db: Db,
  ref: Buffer,
): Promise<
  {
    lane: number
    contactId: string
    institution: string
    channel: string
    account: string
    wrappedKey: Buffer
    sealedUser: Buffer
    linkedAt: Date
  }[]
> {
  return many(
    db,
    `select l.lane, l.contact_id as "contactId", l.institution, c.channel, c.account, c.wrapped_key as "wrappedKey",
            c.sealed_user as "sealedUser", l.linked_at as "linkedAt"
       from customer_link l join customer_contact c using (lane, contact_id) where l.subject_ref = $1 order by l.linked_at`,
    [ref],
  )
}
