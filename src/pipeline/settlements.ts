import { OutsideError } from '../core/refusal.ts'
import { outboxStates, type SettleRow } from '../disclosure/clear.ts'

/** Settlements that travel with one commit. */
export type Taken = { readonly rows: readonly SettleRow[]; readonly entries: readonly Entry[] }
type Entry = { readonly row: SettleRow; readonly at: number }

/**
 * What became of messages, on its way to the database. At most one row a message waits: the statement that writes them
 * would take any one of two. Of two words about a message the later counts, but nothing overrules a final one.
 */
export class Settlements {
  /** By message, oldest first: a row that replaces another keeps its place. */
  #waiting = new Map<string, Entry>()
  #underWay: readonly Taken[] = []
  readonly #waiters: {
    readonly upTo: number
    readonly done: () => void
    readonly failed: (error: Error) => void
  }[] = []
  #recorded = 0
  #closed: Error | null = null

  get size(): number {
    return this.#waiting.size
  }

  /** True when every row ever recorded is committed. */
  get settled(): boolean {
    return this.#waiting.size === 0 && this.#underWay.length === 0
  }

  record(row: SettleRow): void {
    const at = ++this.#recorded
    const before = this.#waiting.get(row.id)
    if (before) this.#waiting.set(row.id, { row: later(before.row, row), at: before.at })
    else this.#waiting.set(row.id, { row, at })
  }

  /** The oldest rows, for the next commit. Every one taken must be given to `written` or `back`. */
  take(max: number): Taken {
    const all = this.#waiting
    const entries = [...all.values()].slice(0, max)
    // A new map rather than many deletions: see BriefMap for what those leave behind.
    this.#waiting = new Map(entries.length < all.size ? [...all].slice(max) : [])
    const taken = { rows: entries.map(({ row }) => row), entries }
    if (entries.length > 0) this.#underWay = [...this.#underWay, taken]
    return taken
  }

  written(taken: Taken): void {
    this.#ended(taken)
    this.#wake()
  }

  #ended(taken: Taken): boolean {
    const before = this.#underWay.length
    this.#underWay = this.#underWay.filter((other) => other !== taken)
    return this.#underWay.length < before
  }

  /** Not written: they wait again, at their old places. */
  back(taken: Taken): void {
    if (!this.#ended(taken)) return
    for (const { row, at } of taken.entries) {
      const newer = this.#waiting.get(row.id)
      this.#waiting.set(row.id, { row: newer ? later(row, newer.row) : row, at })
    }
    this.#waiting = new Map([...this.#waiting].sort(([, a], [, b]) => a.at - b.at))
  }

  /** Resolves when everything recorded before this call is committed. */
  whenWritten(): Promise<void> {
    const upTo = this.#recorded
    if (this.#closed) return Promise.reject(this.#closed)
    if (this.#oldest() > upTo) return Promise.resolve()
    return new Promise((done, failed) => this.#waiters.push({ upTo, done, failed }))
  }

  /** Nothing will be written any more by this process: whoever waits is told. */
  close(): void {
    this.#closed = new OutsideError('fenced', { retryable: true })
    for (const { failed } of this.#waiters.splice(0)) failed(this.#closed)
  }

  /** Place of the oldest row that is not committed. Commits may end in another order than they began. */
  #oldest(): number {
    let oldest = this.#waiting.values().next().value?.at ?? Number.POSITIVE_INFINITY
    for (const { entries } of this.#underWay) oldest = Math.min(oldest, entries[0]?.at ?? oldest)
    return oldest
  }

  #wake(): void {
    if (this.#waiters.length === 0) return
    const oldest = this.#oldest()
    while (this.#waiters[0] && this.#waiters[0].upTo < oldest) this.#waiters.shift()?.done()
  }
}

const isFinal = ({ state }: SettleRow): boolean =>
  state === outboxStates.sent || state === outboxStates.cancelled || state === outboxStates.failed

/** An echo is proof: it also overrules a failure. */
const later = (before: SettleRow, now: SettleRow): SettleRow =>
  isFinal(before) && now.state !== outboxStates.sent ? before : now
