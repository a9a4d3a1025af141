import type { Pool } from 'pg'
import type { Address, Cleared, Inbound } from '../channel/channel.ts'
import type { Clock } from '../core/clock.ts'
import { code, count, errorCode, type Logger } from '../core/logger.ts'
import { OutsideError, invariant } from '../core/refusal.ts'
import { seal } from '../core/seal.ts'
import { boxContext, eventId, type ContactRef } from '../customer/contact.ts'
import {
  commit,
  type Batch,
  type CardRow,
  type Fence,
  type OutboxRow,
  type SettleRow,
} from '../disclosure/clear.ts'
import type { Deliverer, Parcel } from '../disclosure/deliver.ts'
import type { Contact, Contacts } from './contacts.ts'
import { kindNumber } from './inbox.ts'

/** What one event leads to. `later` is work that reads from a bank or the database before it can answer. */
export type Turn<Answer> = {
  readonly answers: readonly Answer[]
  readonly later: (() => Promise<readonly Answer[]>) | null
}

/** A message ready for the commit, with the sealed card it links to, if any. */
export type Drafted = { readonly message: Omit<OutboxRow, 'state'>; readonly card: CardRow | null }

export type PipelineDeps<Answer> = {
  readonly pool: Pool
  readonly fence: Fence
  readonly contacts: Contacts
  readonly deliverer: () => Deliverer
  /** Pure but for the thread it may change: event → what to say. */
  readonly turn: (contact: Contact, inbound: Inbound, now: number) => Turn<Answer>
  /** Decides, renders and encodes. Null when nothing may be said at all. */
  readonly draft: (contact: Contact, answer: Answer, now: number) => Drafted | null
  /** What to say when a turn's outside work failed for good or for now. */
  readonly trouble: (contact: Contact, inbound: Inbound, error: unknown) => readonly Answer[]
  /** After each commit that appended to the log. */
  readonly logged: () => void
  readonly clock: Clock
  readonly log: Logger
  readonly limits: PipelineLimits
}

export type PipelineLimits = {
  /** Most jobs of one commit. */
  readonly batchMax: number
  /** Commits under way at once. */
  readonly commitsAtOnce: number
  /** Jobs waiting; beyond it the door answers 503 and the platform tries again. */
  readonly queueMax: number
  /** No new batch while this many sends are outstanding. */
  readonly sendsOutstandingMax: number
  /** How long settlements wait for a batch to travel with. */
  readonly settleLingerMs: number
}

export const usualLimits: PipelineLimits = {
  batchMax: 400,
  commitsAtOnce: 2,
  queueMax: 20_000,
  sendsOutstandingMax: 4_000,
  settleLingerMs: 25,
}

/** Called when the webhook that brought an event may be answered. */
type Settled = { done(): void; failed(error: Error): void }

type Job<Answer> =
  | {
      readonly type: 'event'
      readonly address: Address
      readonly ref: ContactRef
      readonly eventId: string
      readonly inbound: Inbound
      readonly settled: Settled
    }
  | {
      readonly type: 'reply'
      readonly contact: Contact
      readonly eventId: string | null
      readonly answers: readonly Answer[]
      attempts: number
      readonly settled: Settled | null
    }

/** One job's part of a batch. */
type Share<Answer> = {
  readonly job: Job<Answer>
  readonly contact: Contact
  readonly state: 0 | 1
  readonly answers: readonly Answer[]
  later: (() => Promise<readonly Answer[]>) | null
  drafts: readonly Drafted[]
}

/**
 * The engine: webhook events in, batches of them through one commit, messages out. One turn at a time for each contact,
 * in order; many contacts in one batch. What is not committed was not accepted; what is committed is answered, also
 * after a crash (see recover.ts).
 */
export class Pipeline<Answer> {
  readonly #deps: PipelineDeps<Answer>
  readonly #queue: Job<Answer>[] = []
  #commits = 0
  #scheduled = false
  #settlements: SettleRow[] = []
  #settleTimer: NodeJS.Timeout | null = null
  readonly #settleCount = { recorded: 0, committed: 0 }
  #fenced = false
  #stopping = false
  #reads = 0
  readonly #seen = new Set<string>()
  readonly counters = { events: 0, repeats: 0, replies: 0, batches: 0, stale: 0, failures: 0 }

  constructor(deps: PipelineDeps<Answer>) {
    this.#deps = deps
  }

  /** Takes events from a platform; resolves once each of them is durably in the inbox (or was before). */
  accept(events: readonly Inbound[]): Promise<void> {
    if (this.#fenced || this.#stopping)
      return Promise.reject(new OutsideError('not_owner', { retryable: true }))
    if (this.#queue.length + events.length > this.#deps.limits.queueMax) {
      return Promise.reject(new OutsideError('overloaded', { retryable: true }))
    }
    return new Promise((resolve, reject) => {
      let open = 1
      const settled: Settled = {
        done: () => {
          if (--open === 0) resolve()
        },
        failed: reject,
      }
      const inThisPost = new Set<string>()
      for (const inbound of events) {
        if (inbound.user === null) continue
        const id = eventId(inbound.channel, inbound.account, inbound.key)
        if (this.#seen.has(id) || inThisPost.has(id)) {
          this.counters.repeats++
          continue
        }
        inThisPost.add(id)
        open++
        const address = { channel: inbound.channel, account: inbound.account, user: inbound.user }
        this.#queue.push({
          type: 'event',
          address,
          ref: this.#deps.contacts.refOf(address),
          eventId: id,
          inbound,
          settled,
        })
      }
      settled.done()
      this.#schedule()
    })
  }

  /** Says something to a contact that is not the answer to an event: after linking, a withdrawal, an alert. */
  say(contact: Contact, answers: readonly Answer[]): Promise<void> {
    return new Promise((done, failed) => {
      this.#queue.push({
        type: 'reply',
        contact,
        eventId: null,
        answers,
        attempts: 0,
        settled: { done, failed },
      })
      this.#schedule()
    })
  }

  /** Runs an event found unanswered at start, as if it had just been committed. */
  resume(contact: Contact, inbound: Inbound, id: string): void {
    contact.waiting.push({ inbound, eventId: id })
    if (!contact.reading) this.#nextWaiting(contact)
  }

  /** Records what became of a message with the next commit, or soon. */
  settle(row: SettleRow): void {
    this.#settlements.push(row)
    this.#settleCount.recorded++
    if (this.#settlements.length >= this.#deps.limits.batchMax) this.#schedule()
    else
      this.#settleTimer ??= setTimeout(() => {
        this.#settleTimer = null
        this.#schedule()
      }, this.#deps.limits.settleLingerMs)
  }

  /** Resolves when every settlement recorded so far is committed. */
  async flush(): Promise<void> {
    const target = this.#settleCount.recorded
    if (this.#settleTimer) clearTimeout(this.#settleTimer)
    this.#settleTimer = null
    while (this.#settleCount.committed < target && !this.#fenced) {
      this.#schedule()
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  /** Jobs that wait and reads under way: what back-pressure looks at. */
  get load(): { readonly waiting: number; readonly reading: number; readonly commits: number } {
    return { waiting: this.#queue.length, reading: this.#reads, commits: this.#commits }
  }

  /** Waits until nothing is under way. For stopping, and for tests. */
  async quiet(): Promise<void> {
    while (this.#queue.length > 0 || this.#commits > 0 || this.#reads > 0 || this.#settlements.length > 0) {
      if (this.#fenced) return
      this.#schedule()
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#settleTimer) clearTimeout(this.#settleTimer)
    await this.quiet()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    // Everything that arrives in this turn of the event loop travels together.
    setImmediate(() => {
      this.#scheduled = false
      this.#start()
    })
  }

  #start(): void {
    const { limits } = this.#deps
    if (this.#fenced) return
    if (this.#deps.deliverer().outstanding > limits.sendsOutstandingMax) {
      setTimeout(() => this.#schedule(), 2)
      return
    }
    while (this.#commits < limits.commitsAtOnce) {
      const settleDue =
        this.#settlements.length > 0 &&
        (this.#settleTimer === null || this.#settlements.length >= limits.batchMax)
      if (this.#queue.length === 0 && !settleDue) return
      // While one commit is under way, the next one waits for company: group commit adapts to the load by itself.
      if (this.#commits > 0 && this.#queue.length < limits.batchMax / 8) return
      const jobs = this.#queue.splice(0, limits.batchMax)
      const settled = this.#settlements.splice(0, limits.batchMax * 2)
      this.#commits++
      void this.#run(jobs, settled).finally(() => {
        this.#commits--
        if (this.#queue.length > 0 || this.#settlements.length > 0) this.#schedule()
      })
    }
  }

  async #run(jobs: readonly Job<Answer>[], settled: SettleRow[]): Promise<void> {
    const { contacts, clock } = this.#deps
    let shares: Share<Answer>[] = []
    try {
      const now = clock()
      const loaded = await contacts.load(jobs.flatMap((job) => (job.type === 'event' ? [job] : [])))
      for (const job of jobs) {
        const contact = job.type === 'event' ? loaded.get(job.ref.contactId) : job.contact
        invariant(contact, 'every job has its contact')
        contact.holds++
        shares.push(this.#share(job, contact, now))
      }
      shares = await this.#commit(shares, settled, now)
    } catch (error) {
      this.#failed(jobs, shares, settled, error)
      return
    }
    for (const share of shares) this.#after(share)
  }

  /** One job's turn: what it says now, and what it still has to find out. */
  #share(job: Job<Answer>, contact: Contact, now: number): Share<Answer> {
    if (job.type === 'reply') {
      return {
        job,
        contact,
        state: 1,
        answers: job.answers,
        later: null,
        drafts: this.#drafts(contact, job.answers, now),
      }
    }
    if (contact.reading || contact.waiting.length > 0) {
      // An earlier turn of this contact is still reading from its bank: accepted now, answered in order.
      contact.waiting.push({ inbound: job.inbound, eventId: job.eventId })
      return { job, contact, state: 0, answers: [], later: null, drafts: [] }
    }
    const turn = this.#deps.turn(contact, job.inbound, now)
    if (turn.later) contact.reading = true
    return {
      job,
      contact,
      state: turn.later ? 0 : 1,
      answers: turn.answers,
      later: turn.later,
      drafts: this.#drafts(contact, turn.answers, now),
    }
  }

  #drafts(contact: Contact, answers: readonly Answer[], now: number): Drafted[] {
    return answers.flatMap((answer) => this.#deps.draft(contact, answer, now) ?? [])
  }

  /** Commits; where the database names conflicts, takes those out or decides them anew, and tries again. */
  async #commit(
    shares: Share<Answer>[],
    settled: readonly SettleRow[],
    now: number,
  ): Promise<Share<Answer>[]> {
    for (let attempt = 0; attempt < 8; attempt++) {
      const batch = this.#batch(shares, settled)
      const outcome = await commit(this.#deps.pool, this.#deps.fence, null, now, batch)
      switch (outcome.status) {
        case 'ok':
          this.#committed(shares, batch, outcome.cleared)
          return shares
        case 'fenced':
          this.#fenced = true
          this.#deps.log.error('pipeline.fenced')
          throw new OutsideError('fenced', { retryable: true })
        case 'seen': {
          const [fresh, repeats] = partition(
            shares,
            ({ job }) => !(job.type === 'event' && outcome.events.has(job.eventId)),
          )
          for (const share of repeats) this.#repeat(share)
          shares = fresh
          break
        }
        case 'stale':
          this.counters.stale++
          for (const share of shares) {
            if (
              !share.drafts.some(({ message }) =>
                outcome.grants.has(`${share.contact.ref.contactId} ${message.institution}`),
              )
            )
              continue
            share.contact.money = null
            await this.#deps.contacts.money(share.contact)
            share.drafts = this.#drafts(share.contact, share.answers, now)
          }
          break
      }
    }
    throw new OutsideError('commit_conflicts', { retryable: true })
  }

  #batch(shares: readonly Share<Answer>[], settled: readonly SettleRow[]): Batch {
    const contacts = new Map<string, Contact>()
    const threads = new Map<string, Contact>()
    const batch = {
      inbox: [] as Batch['inbox'][number][],
      finished: [] as Batch['finished'][number][],
      outbox: [] as OutboxRow[],
      cards: [] as CardRow[],
    }
    for (const { job, contact, state, drafts } of shares) {
      const id = contact.ref.contactId
      if (contact.created) contacts.set(id, contact)
      if (contact.touched) threads.set(id, contact)
      if (job.type === 'event') {
        batch.inbox.push({
          contact: contact.ref,
          eventId: job.eventId,
          kind: kindNumber(job.inbound.kind),
          state,
          sealed: seal(
            contact.keys.box,
            boxContext('conversation_inbox', id, job.eventId),
            JSON.stringify(job.inbound),
          ),
        })
      } else if (job.eventId !== null) batch.finished.push({ contact: contact.ref, eventId: job.eventId })
      for (const draft of drafts) {
        batch.outbox.push({ ...draft.message, state: 1 })
        if (draft.card) batch.cards.push(draft.card)
      }
    }
    return {
      ...batch,
      contacts: [...contacts.values()].flatMap(({ ref, address, created }) =>
        created ? [{ contact: ref, address, ...created }] : [],
      ),
      threads: [...threads.values()].map(({ ref, thread, keys }) => ({
        contact: ref,
        lastUserAt: thread.lastUserAt,
        botSaidAt: thread.botSaidAt,
        flags: thread.flags,
        misses: thread.misses,
        sealed:
          Object.keys(thread.context).length === 0
            ? null
            : seal(
                keys.box,
                boxContext('conversation_thread', ref.contactId),
                JSON.stringify(thread.context),
              ),
      })),
      settled,
    }
  }

  #committed(shares: readonly Share<Answer>[], batch: Batch, cleared: readonly Cleared[]): void {
    this.counters.batches++
    this.#settleCount.committed += batch.settled.length
    const parcels: Parcel[] = []
    let at = 0
    for (const { contact, drafts } of shares) {
      contact.created = null
      contact.touched = false
      for (const { message } of drafts) {
        const next = cleared[at++]
        invariant(next, 'every message of a batch is cleared')
        parcels.push({
          cleared: next,
          contact: contact.ref,
          priority: message.priority,
          attempts: 1,
          inDoubtSince: null,
          mustAsk: false,
        })
      }
    }
    this.counters.replies += parcels.length
    if (parcels.length > 0) {
      this.#deps.deliverer().add(parcels)
      this.#deps.logged()
    }
    if (batch.inbox.length > 0) this.counters.events += batch.inbox.length
  }

  #after(share: Share<Answer>): void {
    const { job, contact } = share
    contact.holds--
    if (job.type === 'event') {
      this.#remember(job.eventId)
      job.settled.done()
      if (share.later) void this.#read(contact, job.inbound, job.eventId, share.later)
      return
    }
    job.settled?.done()
    if (job.eventId !== null) {
      contact.reading = false
      this.#nextWaiting(contact)
    }
  }

  /** A platform's repeat of an event we hold: nothing happens twice, and the webhook is answered. */
  #repeat(share: Share<Answer>): void {
    this.counters.repeats++
    const { job, contact } = share
    contact.holds--
    if (job.type !== 'event') return
    const at = contact.waiting.findIndex((waiting) => waiting.eventId === job.eventId)
    if (at >= 0) contact.waiting.splice(at, 1)
    if (share.later) {
      contact.reading = false
      this.#nextWaiting(contact)
    }
    this.#remember(job.eventId)
    job.settled.done()
  }

  #remember(id: string): void {
    this.#seen.add(id)
    if (this.#seen.size <= 100_000) return
    for (const old of this.#seen) {
      this.#seen.delete(old)
      if (this.#seen.size <= 90_000) break
    }
  }

  async #read(
    contact: Contact,
    inbound: Inbound,
    id: string,
    work: () => Promise<readonly Answer[]>,
  ): Promise<void> {
    this.#reads++
    let answers: readonly Answer[]
    try {
      answers = await work()
    } catch (error) {
      this.#deps.log.warn('turn.trouble', { code: errorCode(error), kind: code(inbound.kind) })
      answers = this.#deps.trouble(contact, inbound, error)
    } finally {
      this.#reads--
    }
    this.#queue.push({ type: 'reply', contact, eventId: id, answers, attempts: 0, settled: null })
    this.#schedule()
  }

  #nextWaiting(contact: Contact): void {
    const next = contact.waiting.shift()
    if (!next) return
    contact.reading = true
    const turn = this.#deps.turn(contact, next.inbound, this.#deps.clock())
    const { answers, later } = turn
    void this.#read(contact, next.inbound, next.eventId, async () => [
      ...answers,
      ...(later ? await later() : []),
    ])
  }

  /** Nothing of this batch was written. Events are refused (the platform repeats them); replies wait and try again. */
  #failed(
    jobs: readonly Job<Answer>[],
    shares: readonly Share<Answer>[],
    settled: readonly SettleRow[],
    error: unknown,
  ): void {
    this.counters.failures++
    this.#deps.log.error('batch.failed', { code: errorCode(error), jobs: count(jobs.length) })
    const failure = error instanceof Error ? error : new Error('batch failed')
    this.#settlements.unshift(...settled)
    this.#settleTimer ??= setTimeout(() => {
      this.#settleTimer = null
      this.#schedule()
    }, 500)
    for (const { contact, job, later } of shares) {
      contact.holds--
      if (job.type !== 'event') continue
      const at = contact.waiting.findIndex((waiting) => waiting.eventId === job.eventId)
      if (at >= 0) contact.waiting.splice(at, 1)
      if (later) contact.reading = false
      // What memory holds of it may not be what the database holds.
      if (!contact.reading) this.#deps.contacts.drop(contact.ref.contactId)
    }
    for (const job of jobs) {
      if (job.type === 'event') job.settled.failed(failure)
      else if (!this.#fenced && !this.#stopping) {
        job.attempts++
        setTimeout(
          () => {
            this.#queue.push(job)
            this.#schedule()
          },
          Math.min(30_000, 200 * 2 ** job.attempts),
        )
      }
    }
  }
}

function partition<Item>(items: readonly Item[], keep: (item: Item) => boolean): [Item[], Item[]] {
  const kept: Item[] = []
  const rest: Item[] = []
  for (const item of items) (keep(item) ? kept : rest).push(item)
  return [kept, rest]
}
