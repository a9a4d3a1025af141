import type { Channel, Cleared, Outcome } from '../channel/channel.ts'
import { openPace, paceClasses, type Pace } from '../channel/pace.ts'
import type { Clock } from '../core/clock.ts'
import { code, count, opaque, type Logger } from '../core/logger.ts'
import type { ContactRef } from '../customer/contact.ts'
import { outboxStates, type SettleRow } from './clear.ts'

/** A cleared message on its way. */
export type Parcel = {
  readonly cleared: Cleared
  readonly contact: ContactRef
  readonly priority: number
  attempts: number
  /** Known to the database as `sending` or `unknown` by an earlier process: wait for its echo before anything else. */
  inDoubtSince: number | null
  /** Not sent right after its commit: asks first whether it may still go. */
  readonly mustAsk: boolean
}

export type DeliverSettings = {
  /** Calls to the platform under way at once, per account. */
  readonly concurrency: number
  /** Most messages of one call. */
  readonly callSize: number
  /** How long an ambiguous send waits for its echo. */
  readonly unknownWaitMs: number
  readonly maxAttempts: number
  /** The platform's own limit of sends a second, per account. */
  readonly perSecond: number
}

export type DeliverHooks = {
  /** Records what became of a message; called once a message, and again only when an unknown one is settled. */
  readonly settle: (row: SettleRow) => void
  /**
   * Asked before a message is sent any later than right after its commit: has its grant been taken back meanwhile, was
   * it cancelled? It also marks the row as being sent.
   */
  readonly mayStillGo: (parcel: Parcel) => Promise<boolean>
  /** The platform says something about the contact or the account beyond this one message. */
  readonly effect: (
    parcel: Parcel,
    effect: 'pause_account' | 'close_contact' | 'window_closed' | 'not_owner',
  ) => void
  /** A contact has nothing left on its way. */
  readonly idle: (contactId: string) => void
}

type Lane = { readonly queue: Parcel[]; busy: boolean }
type Account = {
  readonly channel: Channel
  /** Heads of contacts' queues, ready to go: the account's rate, and who goes first. */
  readonly pace: Pace<Parcel>
  calls: number
  wakeAt: number
  scheduled: boolean
}

/**
 * Sends cleared messages: in order for each contact, many contacts in one call, never one message twice. A send whose
 * outcome is unknown holds its contact's queue until the platform's echo (or the wait) settles it.
 */
export class Deliverer {
  readonly #accounts = new Map<string, Account>()
  readonly #contacts = new Map<string, Lane>()
  /** Messages whose echo we may still need, by id. */
  readonly #doubtful = new Map<string, { parcel: Parcel; timer: NodeJS.Timeout }>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #settings: DeliverSettings
  readonly #hooks: DeliverHooks
  readonly #clock: Clock
  readonly #log: Logger
  /** Sent lately: an echo for one of these needs no write. Bounded. */
  readonly #sentLately = new Set<string>()
  /** Echoes that came before the answer of their own send. Bounded by what is under way. */
  readonly #underWay = new Map<string, { echoedAs: string | null }>()
  /** Contacts whose queue stands still, and their heads that were ready. */
  readonly #held = new Set<string>()
  readonly #aside = new Set<Parcel>()
  /** Cancelled before they were handed over. */
  readonly #cancelled = new Set<string>()
  #stopping = false
  #outstanding = 0

  constructor(
    channels: ReadonlyMap<string, Channel>,
    settings: DeliverSettings,
    hooks: DeliverHooks,
    deps: { clock: Clock; log: Logger },
  ) {
    this.#settings = settings
    this.#hooks = hooks
    this.#clock = deps.clock
    this.#log = deps.log
    for (const [account, channel] of channels) {
      this.#accounts.set(account, {
        channel,
        pace: openPace<Parcel>(
          {
            perSecond: settings.perSecond,
            burst: Math.max(settings.callSize, Math.ceil(settings.perSecond / 4)),
            maxWaiting: 200_000,
          },
          deps.clock,
        ),
        calls: 0,
        wakeAt: Number.POSITIVE_INFINITY,
        scheduled: false,
      })
    }
  }

  /** Messages accepted and not settled. */
  get outstanding(): number {
    return this.#outstanding
  }

  /** Takes messages just cleared (or found unsettled at start). */
  add(parcels: readonly Parcel[]): void {
    for (const parcel of parcels) {
      this.#outstanding++
      const id = parcel.contact.contactId
      let lane = this.#contacts.get(id)
      if (!lane) {
        lane = { queue: [], busy: false }
        this.#contacts.set(id, lane)
      }
      lane.queue.push(parcel)
      if (!lane.busy) this.#next(id, lane)
    }
  }

  /** True while anything of this contact is on its way: a withdrawal waits for this before it says that it is done. */
  isBusy(contactId: string): boolean {
    return this.#contacts.has(contactId)
  }

  /** True while a call to the platform with a message of this contact is under way. */
  isSending(contactId: string): boolean {
    const head = this.#contacts.get(contactId)?.queue[0]
    return head !== undefined && this.#underWay.has(head.cleared.id)
  }

  /**
   * Stops a contact's queue while something about it is being taken back. Returns the messages that a call is carrying
   * right now: those alone can still arrive. `release` lets the queue go on.
   */
  hold(contactId: string): Set<string> {
    this.#held.add(contactId)
    const head = this.#contacts.get(contactId)?.queue[0]
    return new Set(head && this.#underWay.has(head.cleared.id) ? [head.cleared.id] : [])
  }

  /** Drops what was cancelled (also what is only about to be handed over), then lets the rest go on. */
  release(contactId: string, cancelled: ReadonlySet<string>): void {
    this.#held.delete(contactId)
    for (const id of cancelled) this.#cancelled.add(id)
    const lane = this.#contacts.get(contactId)
    if (!lane) return
    const waiting = lane.queue.filter(
      (parcel, index) => !(cancelled.has(parcel.cleared.id) && !(lane.busy && index === 0)),
    )
    this.#outstanding -= lane.queue.length - waiting.length
    lane.queue.splice(0, lane.queue.length, ...waiting)
    const head = lane.queue[0]
    if (head && this.#aside.delete(head)) this.#makeReady(head)
  }

  #next(contactId: string, lane: Lane): void {
    const parcel = lane.queue[0]
    if (!parcel) {
      this.#contacts.delete(contactId)
      this.#hooks.idle(contactId)
      return
    }
    lane.busy = true
    if (parcel.inDoubtSince !== null) {
      this.#awaitEcho(parcel)
      return
    }
    if (parcel.mustAsk) void this.#retry(parcel)
    else this.#makeReady(parcel)
  }

  #makeReady(parcel: Parcel): void {
    const account = this.#accounts.get(parcel.cleared.to.account)
    if (!account) {
      this.#done(parcel, {
        contact: parcel.contact,
        id: parcel.cleared.id,
        state: outboxStates.failed,
        mid: null,
        reason: 'no_such_account',
      })
      return
    }
    const paceClass = paceClasses[Math.min(parcel.priority, paceClasses.length - 1)] ?? 'digest'
    if (account.pace.offer(parcel, paceClass) !== 'waiting') {
      this.#later(1_000, () => this.#makeReady(parcel))
      return
    }
    this.#schedule(account)
  }

  #schedule(account: Account): void {
    if (account.scheduled) return
    account.scheduled = true
    // One turn of the event loop, so that messages of one commit leave in one call.
    setImmediate(() => {
      account.scheduled = false
      this.#pump(account)
    })
  }

  #pump(account: Account): void {
    while (account.calls < this.#settings.concurrency) {
      const call: Parcel[] = []
      const taken = account.pace.take(this.#settings.callSize)
      for (const parcel of taken) {
        if (this.#held.has(parcel.contact.contactId)) this.#aside.add(parcel)
        else if (this.#cancelled.delete(parcel.cleared.id)) this.#done(parcel, cancelledRow(parcel))
        else call.push(parcel)
      }
      if (taken.length === 0) {
        this.#wake(account)
        return
      }
      if (call.length === 0) continue
      account.calls++
      void this.#send(account, call).finally(() => {
        account.calls--
        this.#schedule(account)
      })
    }
  }

  /** Comes back when the pace allows more. */
  #wake(account: Account): void {
    const at = account.pace.nextAt()
    if (at === null || at >= account.wakeAt) return
    account.wakeAt = at
    this.#later(Math.max(1, at - this.#clock()), () => {
      account.wakeAt = Number.POSITIVE_INFINITY
      this.#schedule(account)
    })
  }

  async #send(account: Account, call: Parcel[]): Promise<void> {
    for (const parcel of call) this.#underWay.set(parcel.cleared.id, { echoedAs: null })
    const outcomes = await account.channel.send(call.map((parcel) => parcel.cleared))
    call.forEach((parcel, index) => {
      const echoedAs = this.#underWay.get(parcel.cleared.id)?.echoedAs ?? null
      this.#underWay.delete(parcel.cleared.id)
      const outcome: Outcome =
        echoedAs === null
          ? (outcomes[index] ?? { state: 'unknown', code: 'no_outcome' })
          : { state: 'sent', mid: echoedAs }
      this.#outcome(account, parcel, outcome)
    })
  }

  #outcome(account: Account, parcel: Parcel, outcome: Outcome): void {
    const row = { contact: parcel.contact, id: parcel.cleared.id, mid: null, reason: null }
    switch (outcome.state) {
      case 'sent':
        this.#noteSent(parcel.cleared.id)
        this.#done(parcel, { ...row, state: outboxStates.sent, mid: outcome.mid })
        return
      case 'unknown':
        this.#log.warn('send.unknown', { code: code(outcome.code), message: opaque(parcel.cleared.id) })
        this.#hooks.settle({ ...row, state: outboxStates.unknown, reason: outcome.code })
        parcel.inDoubtSince = this.#clock()
        this.#awaitEcho(parcel)
        return
      case 'not_sent': {
        if (outcome.effect) this.#hooks.effect(parcel, outcome.effect)
        if (outcome.effect === 'pause_account')
          account.pace.pause(outcome.code, this.#clock() + (outcome.waitMs ?? 60_000))
        if (!outcome.retryable || parcel.attempts >= this.#settings.maxAttempts) {
          this.#log.warn('send.failed', {
            code: code(outcome.code),
            attempts: count(parcel.attempts),
            message: opaque(parcel.cleared.id),
          })
          this.#done(parcel, { ...row, state: outboxStates.failed, reason: outcome.code })
          return
        }
        const wait = outcome.waitMs ?? backoffMs(parcel.attempts)
        parcel.attempts++
        this.#hooks.settle({ ...row, state: outboxStates.queued, reason: outcome.code })
        this.#later(wait, () => void this.#retry(parcel))
        return
      }
    }
  }

  /** A message that waited goes only if nothing was taken back meanwhile. */
  async #retry(parcel: Parcel): Promise<void> {
    let allowed: boolean
    try {
      allowed = await this.#hooks.mayStillGo(parcel)
    } catch {
      this.#later(1_000, () => void this.#retry(parcel))
      return
    }
    if (allowed) this.#makeReady(parcel)
    else
      this.#done(parcel, {
        contact: parcel.contact,
        id: parcel.cleared.id,
        state: outboxStates.cancelled,
        mid: null,
        reason: 'taken_back',
      })
  }

  #awaitEcho(parcel: Parcel): void {
    const wait = Math.max(0, (parcel.inDoubtSince ?? 0) + this.#settings.unknownWaitMs - this.#clock())
    const timer = this.#later(wait, () => {
      this.#doubtful.delete(parcel.cleared.id)
      // No echo came although there was time for it: it was not sent. It goes again under the same id, so that even
      // then a late echo is recognised.
      parcel.inDoubtSince = null
      parcel.attempts++
      void this.#retry(parcel)
    })
    this.#doubtful.set(parcel.cleared.id, { parcel, timer })
  }

  /** The platform's echo of a message of ours: the proof that it was sent. Returns false when a write is needed. */
  echo(messageId: string, mid: string): boolean {
    if (this.#sentLately.has(messageId)) return true
    const underWay = this.#underWay.get(messageId)
    if (underWay) {
      underWay.echoedAs = mid
      return true
    }
    const doubtful = this.#doubtful.get(messageId)
    if (!doubtful) return false
    clearTimeout(doubtful.timer)
    this.#timers.delete(doubtful.timer)
    this.#doubtful.delete(messageId)
    this.#noteSent(messageId)
    this.#done(doubtful.parcel, {
      contact: doubtful.parcel.contact,
      id: messageId,
      state: outboxStates.sent,
      mid,
      reason: 'echo',
    })
    return true
  }

  #done(parcel: Parcel, row: SettleRow): void {
    this.#hooks.settle(row)
    this.#outstanding--
    const id = parcel.contact.contactId
    const lane = this.#contacts.get(id)
    if (!lane) return
    if (lane.queue[0] === parcel) lane.queue.shift()
    lane.busy = false
    this.#next(id, lane)
  }

  #noteSent(messageId: string): void {
    this.#sentLately.add(messageId)
    if (this.#sentLately.size > 50_000) {
      for (const old of this.#sentLately) {
        this.#sentLately.delete(old)
        if (this.#sentLately.size <= 45_000) break
      }
    }
  }

  #later(wait: number, work: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      if (!this.#stopping) work()
    }, wait)
    this.#timers.add(timer)
    return timer
  }

  /** The pace of an account: the platform's pressure slows it down, its restrictions pause it. */
  paceOf(accountId: string): Pace<Parcel> | null {
    return this.#accounts.get(accountId)?.pace ?? null
  }

  /** Stops after the calls under way: what waits stays in the database. */
  async stop(): Promise<void> {
    this.#stopping = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    for (const account of this.#accounts.values()) account.pace.pause('stopping', null)
    while ([...this.#accounts.values()].some((account) => account.calls > 0))
      await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const cancelledRow = (parcel: Parcel): SettleRow => ({
  contact: parcel.contact,
  id: parcel.cleared.id,
  state: outboxStates.cancelled,
  mid: null,
  reason: 'taken_back',
})

/** 0.5 s, 1 s, 2 s … at most a minute. */
const backoffMs = (attempts: number): number => Math.min(60_000, 500 * 2 ** (attempts - 1))
