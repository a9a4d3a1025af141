import type { Pool } from 'pg'
import type { Address, Cleared } from '../channel/channel.ts'
import { invariant } from '../core/refusal.ts'
import { one, transaction, type Db } from '../core/sql.ts'
import { booleanArray, numberArray, plainArray, textArray } from '../core/pg-array.ts'
import type { ContactRef } from '../customer/contact.ts'

/**
 * Clearing: the one statement that lets words out of the house. In one commit it takes in what came, re-reads every
 * grant a message relies on, appends the log entries, and writes the outgoing messages. What it returns is `Cleared`,
 * and a channel sends nothing else.
 */
export type Fence = { readonly owner: string; readonly epoch: number }

export type ContactRow = {
  readonly contact: ContactRef
  readonly address: Address
  readonly wrappedKey: Buffer
  readonly sealedUser: Buffer
}
export type InboxRow = {
  readonly contact: ContactRef
  readonly eventId: string
  readonly kind: number
  /** 0 accepted and still to be answered; 1 done with this batch. */
  readonly state: 0 | 1
  /** What came, while it must still be answered; null when this batch answers it. */
  readonly sealed: Buffer | null
}
export type ThreadRow = {
  readonly contact: ContactRef
  readonly lastUserAt: number | null
  readonly botSaidAt: number | null
  readonly flags: number
  readonly misses: number
  readonly sealed: Buffer | null
}
export type OutboxRow = {
  readonly contact: ContactRef
  readonly id: string
  readonly to: Address
  readonly body: string
  /** 0 queued (waits its turn), 1 sending (this process sends it now). */
  readonly state: 0 | 1
  readonly priority: number
  readonly institution: string | null
  readonly purpose: string | null
  readonly grant: { readonly grantId: string; readonly version: number } | null
  readonly disclosed: boolean
  readonly sealed: Buffer
  /** The log entry's bytes; its place in the log is this row's place in the batch. */
  readonly entry: Buffer
}
export type CardRow = {
  readonly contact: ContactRef
  readonly cardId: string
  readonly institution: string
  readonly purpose: string
  readonly grantId: string
  readonly expiresAt: number
  readonly sealed: Buffer
}
export type SettleRow = {
  readonly contact: ContactRef
  readonly id: string
  readonly state: OutboxState
  readonly mid: string | null
  readonly reason: string | null
}
export const outboxStates = { queued: 0, sending: 1, sent: 2, cancelled: 3, failed: 4, unknown: 5 } as const
export type OutboxState = (typeof outboxStates)[keyof typeof outboxStates]

export type Batch = {
  readonly contacts: readonly ContactRow[]
  readonly inbox: readonly InboxRow[]
  readonly finished: readonly { readonly contact: ContactRef; readonly eventId: string }[]
  readonly threads: readonly ThreadRow[]
  readonly outbox: readonly OutboxRow[]
  readonly cards: readonly CardRow[]
  readonly settled: readonly SettleRow[]
}

export type Committed =
  | { readonly status: 'ok'; readonly batchId: string | null; readonly cleared: readonly Cleared[] }
  | { readonly status: 'fenced' }
  /** Event ids that were accepted before. */
  | { readonly status: 'seen'; readonly events: ReadonlySet<string> }
  /** `contactId institution` pairs whose grant changed since the decision. */
  | { readonly status: 'stale'; readonly grants: ReadonlySet<string> }

const statement = `select status, conflicts, batch from counter_commit(
  $1, $2, $3, $4, $5,
  $6, $7, $8, $9,
  $10, $11, $12, $13, $14, $15, $16,
  $17, $18, $19, $20, $21, $22, $23,
  $24, $25,
  $26, $27, $28, $29, $30, $31, $32, $33,
  $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45,
  $46, $47, $48, $49, $50, $51, $52, $53, $54,
  $55, $56, $57, $58, $59, $60,
  $61, $62, $63)`

/** Writes a batch in one commit, or nothing at all and says why. Entries are logged in the order of `outbox`. */
export async function commit(
  db: Db,
  fence: Fence,
  lane: number | null,
  now: number,
  batch: Batch,
): Promise<Committed> {
  const blob = new Blobs()
  const grants = new Map<string, { contact: ContactRef; institution: string; version: number }>()
  for (const row of batch.outbox) {
    if (row.grant === null) continue
    invariant(row.institution !== null, 'a message under a grant names its institution')
    grants.set(`${row.contact.contactId} ${row.institution}`, {
      contact: row.contact,
      institution: row.institution,
      version: row.grant.version,
    })
  }
  const g = [...grants.values()]
  const contacts = batch.contacts.map((row) => ({ at: blob.add(row.wrappedKey, row.sealedUser), row }))
  const inbox = batch.inbox.map((row) => ({ at: row.sealed ? blob.add(row.sealed) : 0, row }))
  const threads = batch.threads.map((row) => ({ at: row.sealed ? blob.add(row.sealed) : 0, row }))
  const outbox = batch.outbox.map((row) => ({ at: blob.add(row.sealed), row }))
  const cards = batch.cards.map((row) => ({ at: blob.add(row.sealed), row }))
  const logAt = blob.at
  for (const { entry } of batch.outbox) {
    invariant(entry.length > 0 && entry.length < 65_536, 'a log entry fits its bundle')
    const length = Buffer.allocUnsafe(2)
    length.writeUInt16BE(entry.length)
    blob.add(length, entry)
  }
  const lanes = (rows: readonly { readonly contact: ContactRef }[]): string =>
    numberArray(rows.map((row) => row.contact.lane))
  const ids = (rows: readonly { readonly contact: ContactRef }[]): string =>
    plainArray(rows.map((row) => row.contact.contactId))
  const ats = (rows: readonly { readonly at: number }[]): string => numberArray(rows.map((row) => row.at))
  const values = [
    lane,
    fence.owner,
    fence.epoch,
    now,
    blob.join(),
    lanes(g),
    ids(g),
    textArray(g.map((e) => e.institution)),
    numberArray(g.map((e) => e.version)),
    lanes(batch.contacts),
    ids(batch.contacts),
    plainArray(batch.contacts.map((r) => r.address.channel)),
    textArray(batch.contacts.map((r) => r.address.account)),
    ats(contacts),
    numberArray(batch.contacts.map((r) => r.wrappedKey.length)),
    numberArray(batch.contacts.map((r) => r.sealedUser.length)),
    lanes(batch.inbox),
    plainArray(batch.inbox.map((r) => r.eventId)),
    ids(batch.inbox),
    numberArray(batch.inbox.map((r) => r.kind)),
    numberArray(batch.inbox.map((r) => r.state)),
    ats(inbox),
    numberArray(batch.inbox.map((r) => r.sealed?.length ?? 0)),
    lanes(batch.finished),
    plainArray(batch.finished.map((r) => r.eventId)),
    lanes(batch.threads),
    ids(batch.threads),
    numberArray(batch.threads.map((r) => r.lastUserAt)),
    numberArray(batch.threads.map((r) => r.botSaidAt)),
    numberArray(batch.threads.map((r) => r.flags)),
    numberArray(batch.threads.map((r) => r.misses)),
    ats(threads),
    numberArray(batch.threads.map((r) => r.sealed?.length ?? 0)),
    lanes(batch.outbox),
    ids(batch.outbox),
    plainArray(batch.outbox.map((r) => r.id)),
    numberArray(batch.outbox.map((r) => r.state)),
    numberArray(batch.outbox.map((r) => r.priority)),
    textArray(batch.outbox.map((r) => r.institution)),
    plainArray(batch.outbox.map((r) => r.purpose)),
    plainArray(batch.outbox.map((r) => r.grant?.grantId ?? null)),
    numberArray(batch.outbox.map((r) => r.grant?.version ?? null)),
    booleanArray(batch.outbox.map((r) => r.disclosed)),
    ats(outbox),
    numberArray(batch.outbox.map((r) => r.sealed.length)),
    lanes(batch.cards),
    plainArray(batch.cards.map((r) => r.cardId)),
    ids(batch.cards),
    textArray(batch.cards.map((r) => r.institution)),
    plainArray(batch.cards.map((r) => r.purpose)),
    plainArray(batch.cards.map((r) => r.grantId)),
    numberArray(batch.cards.map((r) => r.expiresAt)),
    ats(cards),
    numberArray(batch.cards.map((r) => r.sealed.length)),
    lanes(batch.settled),
    ids(batch.settled),
    plainArray(batch.settled.map((r) => r.id)),
    numberArray(batch.settled.map((r) => r.state)),
    textArray(batch.settled.map((r) => r.mid)),
    plainArray(batch.settled.map((r) => r.reason)),
    batch.outbox.length,
    logAt,
    blob.at - logAt,
  ]
  const result = await db.query<{ status: string; conflicts: string[] | null; batch: string | null }>({
    name: 'counter_commit',
    text: statement,
    values,
  })
  const row = result.rows[0]
  invariant(row !== undefined, 'counter_commit answers with one row')
  switch (row.status) {
    case 'ok':
      return { status: 'ok', batchId: row.batch, cleared: batch.outbox.map(asCleared) }
    case 'seen':
      return { status: 'seen', events: new Set(row.conflicts) }
    case 'stale':
      return { status: 'stale', grants: new Set(row.conflicts) }
    default:
      return { status: 'fenced' }
  }
}

/**
 * Was this batch written? Asked when its commit gave no answer. In the same breath the lanes' epoch moves on, so that a
 * commit that is still on its way to the database finds itself fenced out and the answer stays true. Null: the lanes
 * belong to another process now.
 */
export async function askWritten(
  pool: Pool,
  fence: Fence,
  batch: Batch,
): Promise<{ readonly fence: Fence; readonly written: boolean } | null> {
  return transaction(pool, async (trx) => {
    // Waits for batches under way (they hold it shared).
    await trx.query('select pg_advisory_xact_lock(7300, 1)')
    const moved = await one<{ epoch: string }>(
      trx,
      `with moved as (update pipeline_lease set epoch = (select max(epoch) + 1 from pipeline_lease), renewed_at = now()
         where owner = $1 returning epoch) select max(epoch) as epoch from moved having count(*) > 0`,
      [fence.owner],
    )
    if (!moved) return null
    return { fence: { owner: fence.owner, epoch: Number(moved.epoch) }, written: await isThere(trx, batch) }
  })
}

/** One row of a batch is evidence of all. A message's id is random; an inbox row is ours if it holds the very box we made. */
async function isThere(db: Db, { outbox: [message], inbox }: Batch): Promise<boolean> {
  if (message)
    return (
      (await one(
        db,
        'select 1 as found from disclosure_outbox where lane = $1 and contact_id = $2 and message_id = $3',
        [message.contact.lane, message.contact.contactId, message.id],
      )) !== null
    )
  const event = inbox.find(({ sealed }) => sealed !== null)
  if (!event?.sealed) return false
  const row = await one<{ sealed: Buffer | null }>(
    db,
    'select sealed from conversation_inbox where lane = $1 and event_id = $2',
    [event.contact.lane, event.eventId],
  )
  return row?.sealed?.equals(event.sealed) ?? false
}

/** The one place where a `Cleared` is made: for a row that is committed. */
export function asCleared(row: {
  readonly id: string
  readonly to: Address
  readonly body: string
}): Cleared {
  return { id: row.id, to: row.to, body: row.body } as unknown as Cleared
}

/** Boxes laid end to end. Positions are 1-based, as SQL's substring counts. */
class Blobs {
  readonly #parts: Buffer[] = []
  at = 1
  add(...parts: readonly Buffer[]): number {
    const start = this.at
    for (const part of parts) {
      this.#parts.push(part)
      this.at += part.length
    }
    return start
  }
  join(): Buffer {
    return Buffer.concat(this.#parts, this.at - 1)
  }
}
