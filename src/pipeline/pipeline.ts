import type { Pool } from 'pg'
import type { Cleared, Inbound } from '../channel/channel.ts'
import { BriefMap } from '../core/brief-map.ts'
import type { Clock } from '../core/clock.ts'
import { Lately } from '../core/lately.ts'
import { code, count, errorCode } from '../core/logger.ts'
import { OutsideError, invariant } from '../core/refusal.ts'
import { sameThread } from '../conversation/thread.ts'
import { eventId } from '../customer/contact.ts'
import { asCleared, askWritten, commit, type Batch, type Fence, type SettleRow } from '../disclosure/clear.ts'
import type { Deliverer, Parcel } from '../disclosure/deliver.ts'
import { databaseIsAway } from './away.ts'
import { batchOf } from './batch.ts'
import type { Contact, Contacts } from './contacts.ts'
import { Settlements, type Taken } from './settlements.ts'
import { slowAfterMs, whenSlow } from './slow.ts'
import { draftsOf, shareOf, type TurnDeps } from './turns.ts'
import {
  contactOf,
  undo,
  type EventJob,
  type Job,
  type Settled,
  type Share,
  type Turn,
  type Work,
} from './work.ts'

export type PipelineDeps<Answer> = TurnDeps<Answer> & {
  readonly pool: Pool
  readonly fence: Fence
  readonly contacts: Contacts
  readonly deliverer: () => Deliverer
  /** A contact waits for outside work that takes a while. Best effort; must not throw. */
  readonly slow?: (contact: Contact) => void
  /** After each commit that appended to the log. `batchId` null: not known, because the commit gave no answer. */
  readonly logged: (batchId: string | null, entries: readonly Buffer[]) => void
  /** The database stopped answering, so that webhooks were refused; or it answers again. */
  readonly reachable: (now: boolean) => void
  /** Another process owns the lanes now: nothing may be sent any more. */
  readonly fenced: () => void
  readonly clock: Clock
  readonly limits: PipelineLimits
}

export type PipelineLimits = {
  /** Most jobs of one commit. */
  readonly batchMax: number
  /** Commits under way at once. */
  readonly commitsAtOnce: number
  /** Jobs waiting and turns that read; beyond it the door answers 503 and the platform tries again. */
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

/** How often one batch is decided anew because grants changed meanwhile. */
const decidedAnewAtMost = 4

/** About a minute. */
const triesWhileAway = 35

/** Webhooks that may wait for one event: the platform repeats what is not answered, at most so often at once. */
const webhooksAnEvent = 32

/**
 * The engine: webhook events in, batches of them through one commit, messages out. One turn at a time for each contact,
 * in order; many contacts in one batch; a contact is in one batch at a time, so that what memory knows of it never runs
 * ahead of what a failed commit left. What is not committed was not accepted; what is committed is answered, also after
 * a crash (see recover.ts).
 */
export class Pipeline<Answer> {
  readonly #deps: PipelineDeps<Answer>
  #fence: Fence
  readonly #queue: Job<Answer>[] = []
  /** Events queued or being committed, by id: a repeat of one joins it. */
  readonly #pending = new BriefMap<EventJob>()
  /** Contacts in a batch under way, and the jobs of theirs that came meanwhile. */
  readonly #committing = new BriefMap<Job<Answer>[]>()
  #parked = 0
  /** Batches under way: a few. */
  #works: readonly Work<Answer>[] = []
  #commits = 0
  #scheduled = false
  readonly #settlements = new Settlements()
  #settleTimer: NodeJS.Timeout | null = null
  #hurried = false
  #fenced = false
  #reachable = true
  #stopping = false
  #reads = 0
  /** Events accepted behind a turn that still reads. */
  #behind = 0
  /** Events known to be in the inbox: their repeats need not ask the database. */
  readonly #seen = new Lately(8_000)
  readonly counters = { events: 0, repeats: 0, replies: 0, batches: 0, stale: 0, failures: 0 }

  constructor(deps: PipelineDeps<Answer>) {
    this.#deps = deps
    this.#fence = deps.fence
  }

  /** Takes events from a platform; resolves once each of them is durably in the inbox (or was before). */
  accept(events: readonly Inbound[]): Promise<void> {
    if (this.#fenced || this.#stopping)
      return Promise.reject(new OutsideError('not_owner', { retryable: true }))
    const { waiting, reading } = this.load
    if (waiting + reading + events.length > this.#deps.limits.queueMax) {
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
      for (const inbound of events) {
        if (inbound.user === null) continue
        const id = eventId(inbound.channel, inbound.account, inbound.key)
        if (this.#seen.has(id)) {
          this.counters.repeats++
          continue
        }
        open++
        const pending = this.#pending.get(id)
        if (pending) {
          this.counters.repeats++
          if (pending.settled.length < webhooksAnEvent) pending.settled.push(settled)
          else settled.failed(new OutsideError('overloaded', { retryable: true }))
          continue
        }
        const address = { channel: inbound.channel, account: inbound.account, user: inbound.user }
        const job: EventJob = {
          type: 'event',
          address,
          ref: this.#deps.contacts.refOf(address),
          eventId: id,
          inbound,
          settled: [settled],
        }
        this.#pending.set(id, job)
        this.#queue.push(job)
      }
      settled.done()
      this.#schedule()
    })
  }

  /** Says something to a contact that is not the answer to an event: after linking, a withdrawal, an alert. */
  say(contact: Contact, answers: readonly Answer[]): Promise<void> {
    if (this.#fenced) return Promise.reject(new OutsideError('not_owner', { retryable: true }))
    // Stays in memory until this is said: there must not be two objects of one contact.
    contact.holds++
    return new Promise<void>((done, failed) => {
      this.#queue.push({
        type: 'reply',
        contact,
        eventId: null,
        answers,
        attempts: 0,
        settled: { done, failed },
      })
      this.#schedule()
    }).finally(() => contact.holds--)
  }

  /** Runs an event found unanswered at start, as if it had just been committed. */
  resume(contact: Contact, inbound: Inbound, id: string): void {
    this.#seen.add(id)
    this.#enqueue(contact, inbound, id)
  }

  /** Records what became of a message with the next commit, or soon. */
  settle(row: SettleRow): void {
    this.#settlements.record(row)
    if (this.#settlements.size >= this.#deps.limits.batchMax) this.#schedule()
    else this.#settleIn(this.#deps.limits.settleLingerMs)
  }

  /** Resolves when every settlement recorded so far is committed, with company if any comes in a moment. */
  written(): Promise<void> {
    if (this.#settleTimer !== null && !this.#hurried) {
      clearTimeout(this.#settleTimer)
      this.#hurried = true
      this.#settleTimer = setTimeout(() => this.#settleNow(), Math.min(5, this.#deps.limits.settleLingerMs))
    }
    return this.#settlements.whenWritten()
  }

  /** Resolves when every settlement recorded so far is committed, which begins at once. */
  flush(): Promise<void> {
    if (!this.#settlements.settled) this.#settleNow()
    return this.#settlements.whenWritten()
  }

  #settleIn(wait: number): void {
    this.#settleTimer ??= setTimeout(() => this.#settleNow(), wait)
  }

  #settleNow(): void {
    if (this.#settleTimer !== null) clearTimeout(this.#settleTimer)
    this.#settleTimer = null
    this.#hurried = false
    this.#schedule()
  }

  /** Jobs that wait and reads under way: what back-pressure looks at. */
  get load(): { readonly waiting: number; readonly reading: number; readonly commits: number } {
    return {
      waiting: this.#queue.length + this.#parked + this.#behind,
      reading: this.#reads,
      commits: this.#commits,
    }
  }

  /** When the oldest batch under way was begun, epoch ms: its messages will bear this time. Null when there is none. */
  get oldestWork(): number | null {
    let oldest: number | null = null
    for (const { now } of this.#works) oldest = Math.min(oldest ?? now, now)
    return oldest
  }

  /** True when nothing is under way and every settlement is committed. */
  get idle(): boolean {
    // What waits behind a turn is not counted: its turn comes when that one's answer is written, now or after a restart.
    const underWay = this.#queue.length + this.#parked + this.#commits + this.#reads
    return underWay === 0 && this.#settlements.settled
  }

  /** Waits until nothing is under way. For stopping, and for tests. */
  async quiet(): Promise<void> {
    while (!this.idle && !this.#fenced) {
      if (this.#settlements.size > 0) this.#settleNow()
      this.#schedule()
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true
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
    // What became of messages is always written: it is what lets waiting ones go on.
    const full = this.#deps.deliverer().outstanding > limits.sendsOutstandingMax
    if (full) setTimeout(() => this.#schedule(), 2)
    while (this.#commits < limits.commitsAtOnce) {
      const settleDue =
        this.#settlements.size > 0 &&
        (this.#settleTimer === null || this.#settlements.size >= limits.batchMax)
      const waiting = full ? 0 : this.#queue.length
      if (waiting === 0 && !settleDue) return
      // While one commit is under way, the next one waits for company: group commit adapts to the load by itself.
      if (this.#commits > 0 && waiting < limits.batchMax / 8) return
      const jobs = full ? [] : this.#take(limits.batchMax)
      const settled = this.#settlements.take(limits.batchMax * 2)
      if (jobs.length === 0 && settled.rows.length === 0) continue
      this.#commits++
      void this.#run(jobs, settled).finally(() => {
        this.#commits--
        this.#unpark(jobs)
        if (this.#fenced) this.#refuseQueue()
        if (this.#queue.length > 0 || this.#settlements.size > 0) this.#schedule()
      })
    }
  }

  /** The next jobs, without those of contacts that are in a batch under way: these wait for its end. */
  #take(most: number): Job<Answer>[] {
    const jobs: Job<Answer>[] = []
    const chosen = new Set<string>()
    for (const job of this.#queue.splice(0, most)) {
      const id = contactOf(job)
      const parked = chosen.has(id) ? undefined : this.#committing.get(id)
      if (parked) {
        parked.push(job)
        this.#parked++
      } else {
        jobs.push(job)
        chosen.add(id)
        this.#committing.set(id, this.#committing.get(id) ?? [])
      }
    }
    return jobs
  }

  #unpark(jobs: readonly Job<Answer>[]): void {
    const freed: Job<Answer>[] = []
    for (const job of jobs) {
      const id = contactOf(job)
      const parked = this.#committing.get(id)
      if (!parked) continue
      this.#committing.delete(id)
      this.#parked -= parked.length
      freed.push(...parked)
    }
    if (freed.length > 0) this.#queue.unshift(...freed)
  }

  async #run(jobs: readonly Job<Answer>[], settled: Taken): Promise<void> {
    const { contacts, clock } = this.#deps
    const work: Work<Answer> = {
      jobs,
      settled,
      now: clock(),
      shares: [],
      before: new Map(),
      touched: new Set(),
      unsure: null,
    }
    this.#works = [...this.#works, work]
    try {
      const loaded = await contacts.load(jobs.flatMap((job) => (job.type === 'event' ? [job] : [])))
      for (const job of jobs) {
        const contact = job.type === 'event' ? loaded.get(job.ref.contactId) : job.contact
        invariant(contact, 'every job has its contact')
        const { thread, touched } = contact
        if (!work.before.has(contact.ref.contactId))
          work.before.set(contact.ref.contactId, { contact, thread: { ...thread }, touched })
        work.shares.push(shareOf(job, contact, work.now, this.#deps))
        contact.holds++
      }
      await this.#commit(work)
    } catch (error) {
      await this.#failed(work, error)
      return
    } finally {
      this.#works = this.#works.filter((other) => other !== work)
    }
    for (const share of work.shares) this.#after(share)
  }

  /** Commits; where the database names conflicts, takes those out or decides them anew, and tries again. */
  async #commit(work: Work<Answer>): Promise<void> {
    const { now } = work
    for (let attempt = 0; attempt < 8; attempt++) {
      const batch = batchOf(work)
      const fence = this.#fence
      work.unsure = batch
      const outcome = await commit(this.#deps.pool, fence, null, now, batch)
      work.unsure = null
      switch (outcome.status) {
        case 'ok':
          this.#committed(work, batch, outcome, false)
          return
        case 'fenced':
          // The epoch moves on when we ask after a commit without an answer (see askWritten): ours still.
          if (fence !== this.#fence) break
          this.#fencedOut()
          throw new OutsideError('fenced', { retryable: true })
        case 'seen':
          this.#withoutRepeats(work, outcome.events)
          break
        case 'stale':
          this.counters.stale++
          for (const share of work.shares) {
            if (
              !share.drafts.some(({ message }) =>
                outcome.grants.has(`${share.contact.ref.contactId} ${message.institution}`),
              )
            )
              continue
            share.contact.money = null
            await this.#deps.contacts.money(share.contact)
            // Decided anew again and again, and always under a grant that is not there: it is not told at all, or it
            // would be tried for ever and everything behind it would wait.
            const answers = attempt < decidedAnewAtMost ? share.answers : this.#deps.trouble()
            share.drafts = draftsOf(share.contact, answers, now, this.#deps)
          }
          break
      }
    }
    throw new OutsideError('commit_conflicts', { retryable: true })
  }

  /**
   * The platform's repeats of events we hold: nothing happens twice, and their webhooks are answered. What a repeat's
   * turn changed in memory is undone, and the other turns of its contact are taken anew.
   */
  #withoutRepeats(work: Work<Answer>, events: ReadonlySet<string>): void {
    const isRepeat = ({ job }: Share<Answer>): boolean => job.type === 'event' && events.has(job.eventId)
    const again = new Set<Contact>()
    for (const share of work.shares) {
      if (!isRepeat(share) || share.job.type !== 'event') continue
      this.counters.repeats++
      again.add(share.contact)
      share.contact.holds--
      this.#accepted(share.job)
    }
    undo(work, again)
    work.shares = work.shares
      .filter((share) => !isRepeat(share))
      .map((share) =>
        again.has(share.contact) ? shareOf(share.job, share.contact, work.now, this.#deps) : share,
      )
  }

  #committed(
    work: Work<Answer>,
    batch: Batch,
    { batchId, cleared }: { readonly batchId: string | null; readonly cleared: readonly Cleared[] },
    mustAsk: boolean,
  ): void {
    this.counters.batches++
    this.#reached(true)
    this.#settlements.written(work.settled)
    const parcels: Parcel[] = []
    let at = 0
    for (const { contact, drafts } of work.shares) {
      contact.created = null
      for (const { message } of drafts) {
        const next = cleared[at++]
        invariant(next, 'every message of a batch is cleared')
        parcels.push({
          cleared: next,
          contact: contact.ref,
          priority: message.priority,
          attempts: 1,
          inDoubtSince: null,
          mustAsk,
        })
      }
    }
    this.counters.replies += parcels.length
    if (parcels.length > 0) {
      this.#deps.deliverer().add(parcels)
      this.#deps.logged(
        batchId,
        batch.outbox.map(({ entry }) => entry),
      )
    }
    if (batch.inbox.length > 0) this.counters.events += batch.inbox.length
  }

  #after(share: Share<Answer>): void {
    const { job, contact, later } = share
    contact.holds--
    if (job.type === 'event') {
      this.#accepted(job)
      if (share.waits) this.#enqueue(contact, job.inbound, job.eventId)
      else if (later) void this.#read(contact, job.inbound, job.eventId, () => ({ answers: [], later }))
      return
    }
    job.settled?.done()
    if (job.eventId !== null) {
      contact.reading = false
      this.#nextWaiting(contact)
    }
  }

  /** In the inbox, now or before: whoever brought it is told. */
  #accepted(job: EventJob): void {
    this.#seen.add(job.eventId)
    this.#pending.delete(job.eventId)
    for (const settled of job.settled.splice(0)) settled.done()
  }

  async #read(contact: Contact, inbound: Inbound, id: string, take: () => Turn<Answer>): Promise<void> {
    this.#reads++
    const answers: Answer[] = []
    const before = { ...contact.thread }
    try {
      const turn = take()
      answers.push(...turn.answers)
      if (turn.later)
        answers.push(
          ...(await whenSlow(this.#persist(turn.later), slowAfterMs, () => this.#deps.slow?.(contact))),
        )
    } catch (error) {
      this.#deps.log.warn('turn.trouble', { code: errorCode(error), kind: code(inbound.kind) })
      answers.push(...this.#deps.trouble())
    } finally {
      this.#reads--
      // A batch with what the person wrote meanwhile may have written the thread, as it was in the middle of the turn.
      if (!sameThread(before, contact.thread)) contact.touched = true
    }
    this.#queue.push({ type: 'reply', contact, eventId: id, answers, attempts: 0, settled: null })
    this.#schedule()
  }

  /** Outside work again and again while it is only our own database that does not answer: nobody can be told anyway. */
  async #persist(work: () => Promise<readonly Answer[]>): Promise<readonly Answer[]> {
    for (let tries = 0; ; tries++) {
      try {
        return await work()
      } catch (error) {
        if (!databaseIsAway(error) || tries >= triesWhileAway || this.#stopping || this.#fenced) throw error
        await new Promise((resolve) => setTimeout(resolve, Math.min(2_000, 50 * 2 ** tries)))
      }
    }
  }

  /** A committed event takes its turn when those before it are answered. */
  #enqueue(contact: Contact, inbound: Inbound, id: string): void {
    contact.waiting.push({ inbound, eventId: id })
    this.#behind++
    if (!contact.reading) this.#nextWaiting(contact)
  }

  #nextWaiting(contact: Contact): void {
    const next = contact.waiting.shift()
    if (!next) return
    this.#behind--
    contact.reading = true
    void this.#read(contact, next.inbound, next.eventId, () =>
      this.#deps.turn(contact, next.inbound, this.#deps.clock()),
    )
  }

  /**
   * A batch that was not written, or gave no answer. Webhooks are refused at once (the platform repeats them). Then the
   * database is asked whether the batch is there: what is there goes its way; of what is not, nothing happened.
   */
  async #failed(work: Work<Answer>, error: unknown): Promise<void> {
    const { jobs, shares, unsure } = work
    this.counters.failures++
    this.#reached(false)
    this.#deps.log.error('batch.failed', { code: errorCode(error), jobs: count(jobs.length) })
    const failure = error instanceof Error ? error : new Error('batch failed')
    const refuse = (): void => {
      for (const job of jobs)
        if (job.type === 'event') for (const settled of job.settled.splice(0)) settled.failed(failure)
    }
    refuse()
    if (unsure !== null && (await this.#isWritten(unsure))) {
      // A withdrawal may have come since the commit: each message asks before it goes.
      this.#committed(work, unsure, { batchId: null, cleared: unsure.outbox.map(asCleared) }, true)
      for (const share of shares) this.#after(share)
      return
    }
    refuse()
    this.#settlements.back(work.settled)
    if (this.#settlements.size > 0) this.#settleIn(500)
    undo(work, new Set(shares.map(({ contact }) => contact)))
    for (const { contact } of shares) contact.holds--
    // A new person of whom nothing was written is forgotten: when the event comes again, so does the person.
    for (const { contact } of shares)
      if (contact.created && contact.holds === 0) this.#deps.contacts.drop(contact.ref.contactId)
    for (const job of jobs) {
      if (job.type === 'event') this.#pending.delete(job.eventId)
      else if (this.#fenced || this.#stopping) job.settled?.failed(failure)
      else {
        job.attempts++
        setTimeout(
          () => {
            this.#queue.push(job)
            this.#schedule()
          },
          Math.min(30_000, 100 * 2 ** Math.min(job.attempts, 10)),
        )
      }
    }
  }

  /** Asks until the database answers. */
  async #isWritten(batch: Batch): Promise<boolean> {
    for (let tries = 0; !this.#fenced && !this.#stopping; tries++) {
      try {
        const answer = await askWritten(this.#deps.pool, this.#fence, batch)
        if (answer === null) this.#fencedOut()
        else this.#fence = answer.fence
        this.#reached(true)
        return answer?.written ?? false
      } catch (error) {
        this.#deps.log.warn('batch.unsure', { code: errorCode(error), tries: count(tries) })
        await new Promise((resolve) => setTimeout(resolve, Math.min(2_000, 25 * 2 ** Math.min(tries, 10))))
      }
    }
    return false
  }

  #reached(now: boolean): void {
    if (this.#reachable === now) return
    this.#reachable = now
    this.#deps.reachable(now)
  }

  /** Another process took the lanes: from here on nothing of ours is written, and nothing may be sent. */
  #fencedOut(): void {
    if (this.#fenced) return
    this.#fenced = true
    this.#deps.log.error('pipeline.fenced')
    this.#settlements.close()
    this.#refuseQueue()
    this.#deps.fenced()
  }

  #refuseQueue(): void {
    const error = new OutsideError('fenced', { retryable: true })
    for (const job of this.#queue.splice(0)) {
      if (job.type === 'reply') job.settled?.failed(error)
      else for (const settled of job.settled.splice(0)) settled.failed(error)
    }
  }
}
