import type { Address, Inbound } from '../channel/channel.ts'
import type { ContactRef } from '../customer/contact.ts'
import type { Batch, CardRow, OutboxRow } from '../disclosure/clear.ts'
import type { Contact } from './contacts.ts'
import type { Taken } from './settlements.ts'

/** What one event leads to. `later` is work that reads from a bank or the database before it can answer. */
export type Turn<Answer> = {
  readonly answers: readonly Answer[]
  readonly later: (() => Promise<readonly Answer[]>) | null
}

/** A message ready for the commit, with the sealed card it links to, if any. */
export type Drafted = { readonly message: Omit<OutboxRow, 'state'>; readonly card: CardRow | null }

/** Called when the webhook that brought an event may be answered. */
export type Settled = { done(): void; failed(error: Error): void }

export type EventJob = {
  readonly type: 'event'
  readonly address: Address
  readonly ref: ContactRef
  readonly eventId: string
  readonly inbound: Inbound
  /** Every webhook that brought it and waits for its answer. */
  readonly settled: Settled[]
}
export type Job<Answer> =
  | EventJob
  | {
      readonly type: 'reply'
      readonly contact: Contact
      readonly eventId: string | null
      readonly answers: readonly Answer[]
      attempts: number
      readonly settled: Settled | null
    }

/** One job's part of a batch. */
export type Share<Answer> = {
  readonly job: Job<Answer>
  readonly contact: Contact
  readonly state: 0 | 1
  /** Accepted behind a turn of the same contact that still reads from a bank. */
  readonly waits: boolean
  readonly answers: readonly Answer[]
  readonly later: (() => Promise<readonly Answer[]>) | null
  drafts: readonly Drafted[]
}

/** A contact's thread as it was before a batch: what the database holds if the batch is not written. */
export type Before = {
  readonly contact: Contact
  readonly thread: Contact['thread']
  readonly touched: boolean
}

/** A batch from its jobs to its end. */
export type Work<Answer> = {
  readonly jobs: readonly Job<Answer>[]
  readonly settled: Taken
  readonly now: number
  shares: Share<Answer>[]
  readonly before: Map<string, Before>
  /** Contacts whose thread this batch writes. */
  readonly touched: Set<Contact>
  /** The batch whose commit was begun and gave no answer yet. */
  unsure: Batch | null
}

export const contactOf = <Answer>(job: Job<Answer>): string =>
  job.type === 'event' ? job.ref.contactId : job.contact.ref.contactId

/**
 * Memory of these contacts is again what it was before the batch. Whose turn was still reading while the batch only kept
 * what came meanwhile keeps the thread: the batch changed nothing in it, and the turn may have.
 */
export function undo<Answer>(work: Work<Answer>, which: ReadonlySet<Contact>): void {
  const changed = new Set(
    work.shares.flatMap(({ job, waits, contact }) => (job.type === 'event' && !waits ? [contact] : [])),
  )
  for (const { contact, thread, touched } of work.before.values()) {
    if (!which.has(contact)) continue
    if (changed.has(contact)) contact.thread = { ...thread }
    contact.touched = changed.has(contact) ? touched : touched || contact.touched
  }
  for (const { contact, later } of work.shares) if (later && which.has(contact)) contact.reading = false
}
