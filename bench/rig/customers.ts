import { createSecretKey } from 'node:crypto'
import { Client } from 'pg'
import type { BankTokens } from '../../src/bank/bank.ts'
import { grantPayload, newGrantId, type GrantBody } from '../../src/consent/grant.ts'
import { newThread, setFlag } from '../../src/conversation/thread.ts'
import { newSecret, randomBytesPooled } from '../../src/core/id.ts'
import { fileKek } from '../../src/core/kek.ts'
import { seal } from '../../src/core/seal.ts'
import { boxContext, contactRef, newDataKey } from '../../src/customer/contact.ts'
import { subjectRef } from '../../src/customer/link.ts'
import { answerParent } from './child.ts'
import { CopyIn, field } from './copy.ts'
import { pageId, userOf } from './webhook.ts'

/*
 * Linked customers in bulk: the rows that a linking leaves (contact, thread, link, grant and its record), each sealed
 * under a data key of its own that the real key-encryption key wraps, so that the gateway loads and unwraps them as it
 * would any other. Only their way in differs: COPY instead of five million statements. A process of its own, so that
 * two can work side by side.
 */
export type Seeding = {
  readonly url: string
  readonly kek: Uint8Array
  readonly lanes: number
  readonly institution: string
  /** Customers `from` ≤ n < `to`. */
  readonly from: number
  readonly to: number
  readonly now: number
  /** Real tokens of a bank, taken in turn; without any, tokens that no bank ever gave (for turns that read none). */
  readonly tokens: readonly { readonly subject: string; readonly tokens: BankTokens }[]
}

const tables = {
  customer_contact: ['lane', 'contact_id', 'channel', 'account', 'wrapped_key', 'sealed_user'],
  conversation_thread: ['lane', 'contact_id', 'last_user_at', 'bot_said_at', 'flags', 'misses'],
  customer_link: ['lane', 'contact_id', 'institution', 'subject_ref', 'sealed'],
  consent_grant: [
    'lane',
    'contact_id',
    'institution',
    'grant_id',
    'version',
    'state',
    'valid_until',
    'sealed',
  ],
  consent_record: ['lane', 'contact_id', 'grant_id', 'version', 'event', 'sealed'],
} as const
type Table = keyof typeof tables

/** Rows kept in memory between two copies. */
const chunkSize = 20_000

async function seed(seeding: Seeding): Promise<number> {
  const { institution, now } = seeding
  const kek = fileKek(Buffer.from(seeding.kek))
  const house = kek.derive('subjects')
  const client = new Client({ connectionString: seeding.url })
  await client.connect()
  const thread = newThread()
  setFlag(thread, 'linked', true)
  const channel = field.text('messenger')
  const account = field.text(pageId)
  const bank = field.text(institution)
  const one = field.integer(1)
  const zero = field.smallint(0)
  const flags = field.smallint(thread.flags)
  const at = field.bigint(now)
  const validUntil = now + 300 * 86_400_000
  const until = field.timestamptz(validUntil)
  const body: GrantBody = {
    institution,
    channel: 'messenger',
    language: 'en-US',
    accounts: 'all',
    accountNames: [{ nickname: 'Everyday Checking', lastFour: '4821' }],
    items: { balance: 'say', transactions: 'say', 'fraud-alerts': 'say' },
    givenAt: now,
    validUntil,
    disclosureHash: '5f'.repeat(32),
    method: 'linking-page',
    policyVersion: 1,
    bankConsentId: null,
  }
  const made: BankTokens = {
    accessToken: newSecret(),
    refreshToken: newSecret(),
    expiresAt: now + 600_000,
    dpopJwk: { kty: 'EC', crv: 'P-256', x: newSecret(), y: newSecret(), d: newSecret() } as JsonWebKey,
    consentId: 'cns-bench',
  }
  for (let from = seeding.from; from < seeding.to; from += chunkSize) {
    const to = Math.min(seeding.to, from + chunkSize)
    const rows: Record<Table, (Buffer | null)[][]> = {
      customer_contact: [],
      conversation_thread: [],
      customer_link: [],
      consent_grant: [],
      consent_record: [],
    }
    for (let n = from; n < to; n++) {
      const user = userOf(n)
      const ref = contactRef({ channel: 'messenger', account: pageId, user }, seeding.lanes)
      const id = ref.contactId
      const dataKey = newDataKey()
      const box = createSecretKey(dataKey)
      const lane = field.smallint(ref.lane)
      const contact = field.uuid(id)
      const [wrapped] = (await kek.wrap([dataKey])) as [Buffer]
      const held = seeding.tokens[n % Math.max(1, seeding.tokens.length)] ?? {
        subject: `cus-${n}`,
        tokens: made,
      }
      const grantId = newGrantId(now)
      const grant = { grantId, version: 1, state: 'active' as const, body }
      const opening = {
        salt: randomBytesPooled(32).toString('base64url'),
        payload: grantPayload(grant, 'given'),
      }
      rows.customer_contact.push([
        lane,
        contact,
        channel,
        account,
        wrapped,
        seal(box, boxContext('customer_contact', id), user),
      ])
      rows.conversation_thread.push([lane, contact, at, at, flags, zero])
      rows.customer_link.push([
        lane,
        contact,
        bank,
        subjectRef(house, institution, held.subject),
        seal(box, boxContext('customer_link', id, institution), JSON.stringify(held)),
      ])
      rows.consent_grant.push([
        lane,
        contact,
        bank,
        field.text(grantId),
        one,
        field.text('active'),
        until,
        seal(box, boxContext('consent_grant', id, institution), JSON.stringify(body)),
      ])
      rows.consent_record.push([
        lane,
        contact,
        field.text(grantId),
        one,
        field.text('given'),
        seal(box, boxContext('consent_record', id, `${grantId}/1`), JSON.stringify(opening)),
      ])
    }
    for (const [table, columns] of Object.entries(tables)) {
      const copy = await CopyIn.open(client, table, columns)
      // In the order of the primary key: neighbours land on the same pages of the index.
      for (const row of rows[table as Table].sort(byKey)) copy.row(row)
      await copy.end()
    }
  }
  await client.end()
  return seeding.to - seeding.from
}

const byKey = (a: (Buffer | null)[], b: (Buffer | null)[]): number =>
  Buffer.compare(a[0] as Buffer, b[0] as Buffer) || Buffer.compare(a[1] as Buffer, b[1] as Buffer)

answerParent({ seed })
process.send?.({ ready: null })
