import { type Clock, secondMs } from '../core/clock.ts'
import { invariant, type Refusal, refuse } from '../core/refusal.ts'

/** What goes first when not everything can go at once. */
export const paceClasses = ['fraud', 'person', 'payment', 'receipt', 'digest'] as const
export type PaceClass = (typeof paceClasses)[number]

export type PaceSettings = {
  /** No window of one second, wherever it begins, contains more takes than this. */
  readonly perSecond: number
  /** How many may go at once after a pause. */
  readonly burst: number
  /** How many may wait, for each class. */
  readonly maxWaiting: number
}

export type Pause = { readonly reason: string; readonly until: number | null }

/**
 * The pace of one account's sends: a token bucket in front of one first-in-first-out queue per class, the higher class
 * always first. Pure but for the passed clock: it starts no timer. Order within a thread is the caller's care (offer a
 * thread's next message when its last one is done).
 */
export type Pace<Item> = {
  /** Puts an item at the end of its class, or says that the class is full: then nothing was taken over. */
  offer(item: Item, paceClass: PaceClass): 'waiting' | Refusal<'full'>
  /** The items that may go now, at most `max`, in the order they should go. */
  take(max: number): Item[]
  /** When `take` may next give something, in epoch ms (now or earlier = at once); null when nothing waits, or paused without end. */
  nextAt(): number | null
  /** Stops everything until a time (epoch ms), or, with null, until `resume`. Of two pauses the longer stands. */
  pause(reason: string, until: number | null): void
  resume(): void
  paused(): Pause | null
  /** Another rate from now on, such as when the platform's usage headers call for less. */
  setRate(perSecond: number): void
  waiting(): Readonly<Record<PaceClass, number>>
}

/** Opens the pace of one account. */
export function openPace<Item>(settings: PaceSettings, clock: Clock): Pace<Item> {
  let { perSecond } = settings
  checkRate(perSecond)
  invariant(Number.isInteger(settings.burst) && settings.burst >= 1, 'a burst is a whole number from 1')
  invariant(settings.maxWaiting >= 1, 'at least one may wait')
  const queues = paceClasses.map(() => openQueue<Item>())
  // The bucket smooths, so that after a burst a fraud alert waits milliseconds, not the rest of a second…
  let tokens = burst()
  let filledAt = clock()
  // …and the last second's takes, oldest first, keep the promise exactly. At most one per allowed take of the fastest rate.
  const recent = openQueue<{ readonly at: number; readonly count: number }>()
  let recentCount = 0
  let pause: Pause | null = null

  function burst(): number {
    return Math.min(settings.burst, perSecond)
  }

  function refill(now: number): void {
    // A clock set back gives nothing, and takes nothing away.
    if (now > filledAt) tokens = Math.min(burst(), tokens + ((now - filledAt) * perSecond) / secondMs)
    filledAt = Math.max(filledAt, now)
    for (
      let first = recent.peek();
      first !== undefined && first.at + secondMs <= now;
      first = recent.peek()
    ) {
      recent.shift()
      recentCount -= first.count
    }
  }

  function pausedNow(now: number): Pause | null {
    if (pause !== null && pause.until !== null && pause.until <= now) pause = null
    return pause
  }

  const total = (): number => queues.reduce((sum, queue) => sum + queue.size(), 0)

  return {
    offer(item, paceClass) {
      const queue = queues[paceClasses.indexOf(paceClass)]
      invariant(queue !== undefined, 'a known class')
      if (queue.size() >= settings.maxWaiting) return refuse('full')
      queue.push(item)
      return 'waiting'
    },
    take(max) {
      // Time never runs backwards here, so the record of the last second stays in order.
      const now = Math.max(clock(), filledAt)
      if (pausedNow(now) !== null) return []
      refill(now)
      const allowed = Math.min(max, Math.floor(tokens + 1e-9), perSecond - recentCount)
      const taken: Item[] = []
      for (const queue of queues) {
        while (taken.length < allowed && queue.size() > 0) taken.push(queue.shift() as Item)
      }
      if (taken.length > 0) {
        tokens -= taken.length
        recent.push({ at: now, count: taken.length })
        recentCount += taken.length
      }
      return taken
    },
    nextAt() {
      if (total() === 0) return null
      const now = Math.max(clock(), filledAt)
      const stopped = pausedNow(now)
      if (stopped !== null) return stopped.until
      refill(now)
      const forToken = tokens + 1e-9 >= 1 ? now : now + Math.ceil(((1 - tokens) * secondMs) / perSecond)
      const first = recent.peek()
      const forWindow = recentCount < perSecond || first === undefined ? now : first.at + secondMs
      return Math.max(forToken, forWindow)
    },
    pause(reason, until) {
      const standing = pausedNow(clock())
      if (standing !== null && (standing.until === null || (until !== null && until <= standing.until)))
        return
      pause = { reason, until }
    },
    resume() {
      pause = null
    },
    paused: () => pausedNow(clock()),
    setRate(next) {
      checkRate(next)
      refill(clock())
      perSecond = next
      tokens = Math.min(tokens, burst())
    },
    waiting: () =>
      Object.fromEntries(paceClasses.map((name, i) => [name, queues[i]?.size() ?? 0])) as Record<
        PaceClass,
        number
      >,
  }
}

function checkRate(perSecond: number): void {
  invariant(Number.isInteger(perSecond) && perSecond >= 1, 'a rate is a whole number from 1')
}

/** First in, first out, in constant time. */
function openQueue<Item>(): {
  push(item: Item): void
  shift(): Item | undefined
  peek(): Item | undefined
  size(): number
} {
  let items: Item[] = []
  let head = 0
  return {
    push: (item) => void items.push(item),
    shift() {
      if (head >= items.length) return undefined
      const item = items[head]
      items[head] = undefined as Item
      head++
      if (head > 1_024 && head * 2 > items.length) {
        items = items.slice(head)
        head = 0
      }
      return item
    },
    peek: () => items[head],
    size: () => items.length - head,
  }
}
