import type { Channel, Cleared, Outcome } from '../channel/channel.ts'
import { openPace, paceClasses, type Pace } from '../channel/pace.ts'
import { BriefMap } from '../core/brief-map.ts'
import type { Clock } from '../core/clock.ts'
import { Lately } from '../core/lately.ts'
import { code, count, errorCode, opaque, type Logger } from '../core/logger.ts'
import { timeOfId } from '../core/id.ts'
import type { ContactRef } from '../customer/contact.ts'
import { takenBack, type Stopped } from './cancel.ts'
import { outboxStates, type OutboxState, type SettleRow } from './clear.ts'

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
/** What is known of a message on its way. */
type Track = {
  readonly parcel: Parcel
  phase: 'waiting' | 'under_way' | 'doubtful'
  /** Set by the platform's echo: it was sent, whatever else is said. */
  echoedAs: string | null
  /** What it relied on was taken back while it could not be called back: it goes out at most this once. */
  notAgain: boolean
  /** It may have been sent, and nobody has told yet: not to be sent before its echo had the full time to come. */
  doubted: boolean
  /** Since when, or since echoes could come again. */
  doubtedAt: number
  timer: NodeJS.Timeout | null
}
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
  readonly #contacts = new BriefMap<Lane>()
  /** Every message on its way, by id. */
  readonly #tracks = new BriefMap<Track>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #settings: DeliverSettings
  readonly #hooks: DeliverHooks
  readonly #clock: Clock
  readonly #log: Logger
  /** Sent lately: an echo for one of these needs no write. Bounded. */
  readonly #sentLately = new Lately(8_000)
  /** Contacts whose queue stands still (and how many hold it), and their heads that were ready. */
  readonly #held = new Map<string, number>()
  readonly #aside = new Set<Parcel>()
  /** Cancelled while about to be sent, or before they were handed over. Bounded. */
  readonly #cancelled = new Set<string>()
  #stopping = false
  #outstanding = 0
  #echoesSince = Number.NEGATIVE_INFINITY
  #lateSeen = Number.NEGATIVE_INFINITY

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

  /** When the oldest message that is not settled was written, epoch ms; null when there is none. */
  oldestUnsettled(): number | null {
    let oldest: number | null = null
    for (const id of this.#tracks.keys()) oldest = Math.min(oldest ?? Number.POSITIVE_INFINITY, timeOfId(id))
    return oldest
  }

  /** Takes messages just cleared (or found unsettled at start). */
  add(parcels: readonly Parcel[]): void {
    for (const parcel of parcels) {
      this.#outstanding++
      this.#tracks.set(parcel.cleared.id, {
        parcel,
        phase: 'waiting',
        echoedAs: null,
        notAgain: false,
        doubted: false,
        doubtedAt: parcel.inDoubtSince ?? 0,
        timer: null,
      })
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
    return this.#carried(contactId) !== null
  }

  #carried(contactId: string): string | null {
    const id = this.#contacts.get(contactId)?.queue[0]?.cleared.id
    return id !== undefined && this.#tracks.get(id)?.phase === 'under_way' ? id : null
  }

  /**
   * Stops a contact's queue while something about it is being taken back. Returns the messages that a call is carrying
   * right now: those alone can still arrive. `release` lets the queue go on, once for each `hold`.
   */
  hold(contactId: string): Set<string> {
    this.#held.set(contactId, (this.#held.get(contactId) ?? 0) + 1)
    const carried = this.#carried(contactId)
    return new Set(carried === null ? [] : [carried])
  }

  /**
   * Drops what was cancelled (also what is only about to be handed over) and notes what must not be tried again, then
   * lets the rest go on.
   */
  release(contactId: string, stopped: Stopped): void {
    const { cancelled, notAgain } = stopped
    const holds = (this.#held.get(contactId) ?? 1) - 1
    if (holds > 0) this.#held.set(contactId, holds)
    else this.#held.delete(contactId)
    for (const id of cancelled) bounded(this.#cancelled, id, 10_000)
    for (const id of notAgain) {
      const track = this.#tracks.get(id)
      if (!track) continue
      track.notAgain = true
      // Its outcome may have been noted meanwhile, over the mark that was set with the withdrawal.
      if (track.phase === 'doubtful' && track.echoedAs === null)
        this.#hooks.settle(rowOf(track.parcel, outboxStates.unknown, takenBack))
    }
    const lane = this.#contacts.get(contactId)
    if (!lane) return
    const gone = lane.queue.filter(
      ({ cleared }, index) => cancelled.has(cleared.id) && !(lane.busy && index === 0),
    )
    for (const parcel of gone) {
      lane.queue.splice(lane.queue.indexOf(parcel), 1)
      this.#tracks.delete(parcel.cleared.id)
      this.#cancelled.delete(parcel.cleared.id)
      this.#outstanding--
    }
    const head = lane.queue[0]
    if (holds <= 0 && head && this.#aside.delete(head)) this.#makeReady(head)
  }

  #next(contactId: string, lane: Lane): void {
    const parcel = lane.queue[0]
    if (!parcel) {
      this.#contacts.delete(contactId)
      this.#hooks.idle(contactId)
      return
    }
    lane.busy = true
    if (this.#wasEchoed(parcel)) this.#finish(parcel)
    else if (parcel.inDoubtSince !== null) this.#awaitEcho(parcel)
    else if (parcel.mustAsk) void this.#retry(parcel)
    else this.#makeReady(parcel)
  }

  #wasEchoed(parcel: Parcel): boolean {
    return (this.#tracks.get(parcel.cleared.id)?.echoedAs ?? null) !== null
  }

  #makeReady(parcel: Parcel): void {
    const account = this.#accounts.get(parcel.cleared.to.account)
    if (!account) {
      this.#done(parcel, rowOf(parcel, outboxStates.failed, 'no_such_account'))
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
        if (this.#wasEchoed(parcel)) this.#finish(parcel)
        else if (this.#mustWait(parcel)) this.#waitAgain(parcel)
        else if (this.#held.has(parcel.contact.contactId)) this.#aside.add(parcel)
        else if (this.#cancelled.delete(parcel.cleared.id))
          this.#done(parcel, rowOf(parcel, outboxStates.cancelled, takenBack))
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
    for (const parcel of call) this.#enter(parcel, 'under_way')
    let outcomes: readonly Outcome[] = []
    try {
      outcomes = await account.channel.send(call.map((parcel) => parcel.cleared))
    } catch (error) {
      // A bug of the adapter proves nothing about what left.
      this.#log.error('send.bug', { code: errorCode(error) })
    }
    call.forEach((parcel, index) => {
      this.#enter(parcel, 'waiting')
      this.#outcome(account, parcel, outcomes[index] ?? { state: 'unknown', code: 'no_outcome' })
    })
  }

  #enter(parcel: Parcel, phase: Track['phase']): void {
    const track = this.#tracks.get(parcel.cleared.id)
    if (!track) return
    track.phase = phase
    if (phase === 'under_way') track.doubted = false
  }

  #outcome(account: Account, parcel: Parcel, outcome: Outcome): void {
    const notAgain = this.#tracks.get(parcel.cleared.id)?.notAgain ?? false
    if (outcome.state === 'not_sent' && outcome.effect) {
      this.#hooks.effect(parcel, outcome.effect)
      if (outcome.effect === 'pause_account')
        account.pace.pause(outcome.code, this.#clock() + (outcome.waitMs ?? 60_000))
    }
    // The echo came before the answer: that is the outcome, whatever the answer says.
    if (this.#wasEchoed(parcel)) return this.#finish(parcel)
    switch (outcome.state) {
      case 'sent':
        this.#sentLately.add(parcel.cleared.id)
        this.#done(parcel, { ...rowOf(parcel, outboxStates.sent, null), mid: outcome.mid })
        return
      case 'unknown':
        this.#log.warn('send.unknown', { code: code(outcome.code), message: opaque(parcel.cleared.id) })
        this.#hooks.settle(rowOf(parcel, outboxStates.unknown, notAgain ? takenBack : outcome.code))
        parcel.inDoubtSince = this.#clock()
        this.#awaitEcho(parcel)
        return
      case 'not_sent':
        if (notAgain) return this.#done(parcel, rowOf(parcel, outboxStates.cancelled, takenBack))
        if (!outcome.retryable || parcel.attempts >= this.#settings.maxAttempts) {
          this.#log.warn('send.failed', {
            code: code(outcome.code),
            attempts: count(parcel.attempts),
            message: opaque(parcel.cleared.id),
          })
          this.#done(parcel, rowOf(parcel, outboxStates.failed, outcome.code))
          return
        }
        const wait = Math.max(outcome.waitMs ?? 0, backoffMs(parcel.attempts))
        parcel.attempts++
        this.#hooks.settle(rowOf(parcel, outboxStates.queued, outcome.code))
        this.#later(wait, () => void this.#retry(parcel))
        return
    }
  }

  /** A message that waited goes only if nothing was taken back meanwhile. */
  async #retry(parcel: Parcel): Promise<void> {
    let allowed = false
    try {
      if (this.#mustWait(parcel)) return this.#awaitEcho(parcel)
      if (!this.#wasEchoed(parcel)) allowed = await this.#hooks.mayStillGo(parcel)
    } catch {
      this.#later(1_000, () => void this.#retry(parcel))
      return
    }
    if (this.#wasEchoed(parcel)) this.#finish(parcel)
    else if (allowed && this.#mustWait(parcel)) this.#waitAgain(parcel)
    else if (allowed) this.#makeReady(parcel)
    else this.#done(parcel, rowOf(parcel, outboxStates.cancelled, takenBack))
  }

  /** In doubt, and echoes could not come for long enough yet. */
  #mustWait(parcel: Parcel): boolean {
    const track = this.#tracks.get(parcel.cleared.id)
    if (!track?.doubted || track.echoedAs !== null) return false
    if (this.#clock() >= this.#echoesSince + this.#settings.unknownWaitMs) return false
    parcel.inDoubtSince = this.#echoesSince
    return true
  }

  /** Its row says that it is being sent: it is in doubt again. */
  #waitAgain(parcel: Parcel): void {
    this.#hooks.settle(rowOf(parcel, outboxStates.unknown, 'no_echo_yet'))
    this.#awaitEcho(parcel)
  }

  #awaitEcho(parcel: Parcel): void {
    const track = this.#tracks.get(parcel.cleared.id)
    if (!track) return
    track.phase = 'doubtful'
    if (!track.doubted) track.doubtedAt = parcel.inDoubtSince ?? this.#clock()
    track.doubted = true
    const wait = Math.max(0, (parcel.inDoubtSince ?? 0) + this.#settings.unknownWaitMs - this.#clock())
    track.timer = this.#later(wait, () => {
      track.phase = 'waiting'
      // No echo came although there was time for it: it was not sent. It goes again under the same id, so that even
      // then a late echo is recognised.
      parcel.inDoubtSince = null
      if (track.notAgain) return this.#done(parcel, rowOf(parcel, outboxStates.cancelled, takenBack))
      parcel.attempts++
      void this.#retry(parcel)
    })
  }

  /**
   * Echoes can reach us since this time (the door opened; the database, without which webhooks are refused, is back):
   * whatever is in doubt waits its full time from here on.
   */
  echoesSince(at: number): void {
    this.#echoesSince = at
    for (const track of this.#tracks.values()) {
      if (track.parcel.inDoubtSince === null || track.parcel.inDoubtSince >= at) continue
      track.doubtedAt = at
      this.#waitFrom(track, at)
    }
  }

  /**
   * The platform is behind: what it delivers happened long ago, and so may the echoes be that are still to come. What is
   * in doubt waits on, up to ten times its wait (the platform's clock may just be wrong).
   */
  echoesAreLate(at: number): void {
    const { unknownWaitMs } = this.#settings
    if (at < this.#lateSeen + unknownWaitMs / 10) return
    this.#lateSeen = at
    for (const track of this.#tracks.values())
      if (track.parcel.inDoubtSince !== null && at - track.doubtedAt < 10 * unknownWaitMs)
        this.#waitFrom(track, at)
  }

  #waitFrom(track: Track, at: number): void {
    track.parcel.inDoubtSince = at
    if (track.phase !== 'doubtful' || track.timer === null) return
    clearTimeout(track.timer)
    this.#timers.delete(track.timer)
    this.#awaitEcho(track.parcel)
  }

  /**
   * The platform's echo of a message of ours: the proof that it was sent. It is settled by this; false = this process
   * does not know the message, and its row must be settled by the caller.
   */
  echo(messageId: string, mid: string): boolean {
    const track = this.#tracks.get(messageId)
    if (!track) return this.#sentLately.has(messageId)
    if (track.echoedAs !== null) return true
    const { parcel, phase } = track
    track.echoedAs = mid
    this.#sentLately.add(messageId)
    // At once, and not when the answer to the call comes: the echo is acknowledged when this is in the database.
    this.#hooks.settle({ ...rowOf(parcel, outboxStates.sent, 'echo'), mid })
    if (phase === 'doubtful') {
      if (track.timer) {
        clearTimeout(track.timer)
        this.#timers.delete(track.timer)
      }
      this.#finish(parcel)
    }
    // Otherwise it is in somebody's hands, and the next who touches it finds the echo.
    return true
  }

  #done(parcel: Parcel, row: SettleRow): void {
    if (!this.#wasEchoed(parcel)) this.#hooks.settle(row)
    this.#finish(parcel)
  }

  /** Settled: the contact's next message may go. */
  #finish(parcel: Parcel): void {
    this.#tracks.delete(parcel.cleared.id)
    this.#cancelled.delete(parcel.cleared.id)
    this.#outstanding--
    const id = parcel.contact.contactId
    const lane = this.#contacts.get(id)
    if (!lane) return
    if (lane.queue[0] === parcel) lane.queue.shift()
    lane.busy = false
    this.#next(id, lane)
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

const rowOf = (parcel: Parcel, state: OutboxState, reason: string | null): SettleRow => ({
  contact: parcel.contact,
  id: parcel.cleared.id,
  state,
  mid: null,
  reason,
})

/** Adds to a set that forgets its oldest. */
function bounded(set: Set<string>, value: string, most: number): void {
  set.add(value)
  if (set.size <= most) return
  for (const old of set) {
    set.delete(old)
    if (set.size <= most * 0.9) break
  }
}

/** 0.5 s, 1 s, 2 s … at most a minute. */
const backoffMs = (attempts: number): number => Math.min(60_000, 500 * 2 ** Math.min(attempts - 1, 10))
