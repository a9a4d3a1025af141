import type { Clock } from '../../../src/core/clock.ts'
import { hourMs } from '../../../src/core/clock.ts'
import type { Day } from './calendar.ts'
import { localDay } from './calendar.ts'
import { stableId } from './chance.ts'
import type { AccountKind, AccountPlan } from './life.ts'
import type { Entry, MonthOf } from './month.ts'
import { monthOf, statementOf } from './month.ts'

/** How far back a bank keeps payments: 24 months (as 12 CFR 1033.211 asks). */
export const historyDays = 730

export type Holding = AccountPlan & { readonly id: string; readonly number: string }

/** Figures of one account, minor units. For a card `posted` and `available` are what is owed and what is left. */
export type Figures = { readonly posted: number; readonly available: number; readonly limit: number | null }

/** A row as the bank lists it now. `id` is the booked or the pending one. */
export type Row = {
  readonly id: string
  readonly pending: boolean
  readonly entry: Entry
  /** The moment and the local day it is listed under: booked, or authorised while pending. */
  readonly at: number
  readonly day: Day
}

export type Ledger = {
  readonly holdings: readonly Holding[]
  readonly zone: string
  figures(accountId: string): Figures
  /** All rows known now: pending first, then booked, each newest first. */
  rows(accountId: string): readonly Row[]
  /** Adds a movement from outside the routine (a purchase made by hand). */
  add(entry: Entry): void
}

type Book = {
  readonly holding: Holding
  readonly opening: number
  entries: Entry[]
  byPost: Entry[]
  happened: number
  booked: number
  happenedSum: number
  bookedSum: number
  rows: readonly Row[] | null
}

const accountNumber = (words: readonly (string | number)[], lastFour: string): string =>
  `${BigInt(`0x${stableId('', 'number', ...words).slice(0, 10)}`) % 1_000_000n}`.padStart(6, '0') + lastFour

/**
 * One person's accounts at one bank: generated on first use, from two years before `base` (the moment the sandbox
 * first ran) and on for as long as the clock runs. Reading a balance costs a few additions.
 */
export function openLedger(
  options: MonthOf & { readonly base: number; readonly clock: Clock; readonly extra: readonly Entry[] },
): Ledger {
  const { life, zone, clock, base } = options
  const words = [options.seed, options.bank, options.person]
  const startDay = localDay(base, zone) - historyDays
  const baseDay = localDay(base, zone)

  const shown = (entry: Entry) => entry.day >= startDay
  // Something is always pending when a person first looks in: a table booked three hours before.
  const place = life.town.dining[0]!
  const fresh: Entry = {
    id: stableId('txn', 'fresh', ...words),
    pendingId: stableId('auth', 'fresh', ...words),
    account: 'checking',
    kind: 'purchase',
    amountMinor: -5_000,
    at: base - 3 * hourMs,
    day: localDay(base - 3 * hourMs, zone),
    postAt: base + 21 * hourMs,
    postDay: localDay(base + 21 * hourMs, zone),
    description: `${place.name.toUpperCase()} #204`,
    memo: null,
    merchant: place.name,
    mcc: place.mcc,
    counterparty: null,
    linked: true,
  }

  const history: Entry[] = []
  const start = new Date(startDay * 86_400_000)
  let year = start.getUTCFullYear()
  let month = start.getUTCMonth() + 1
  const firstMonth = monthOf(options, year, month)
  // What the card already owed when the listing begins: the running month, and the last one until it is paid.
  const before = month === 1 ? statementOf(options, year - 1, 12) : statementOf(options, year, month - 1)
  const paidBefore = firstMonth.some(
    (entry) => entry.account === 'card' && entry.kind === 'card-payment' && !shown(entry),
  )
  const cardOwed =
    (paidBefore ? 0 : before) -
    firstMonth.reduce(
      (sum, entry) =>
        entry.account === 'card' && entry.kind !== 'card-payment' && !shown(entry)
          ? sum + entry.amountMinor
          : sum,
      0,
    )
  history.push(...firstMonth.filter(shown))
  const generateThrough = (day: Day, into: Entry[]): boolean => {
    const wanted = new Date(day * 86_400_000)
    let grew = false
    while (
      year < wanted.getUTCFullYear() ||
      (year === wanted.getUTCFullYear() && month < wanted.getUTCMonth() + 1)
    ) {
      ;[year, month] = month === 12 ? [year + 1, 1] : [year, month + 1]
      into.push(...monthOf(options, year, month))
      grew = true
    }
    return grew
  }
  generateThrough(baseDay + 1, history)
  history.push(fresh)

  const openingOf = (plan: AccountPlan): number => {
    if (plan.kind === 'card') return -cardOwed
    if (plan.kind === 'savings') return plan.figure
    const spent = history.reduce(
      (sum, entry) => (entry.account === 'checking' && entry.at <= base ? sum + entry.amountMinor : sum),
      0,
    )
    return plan.figure - spent
  }

  const books = new Map<string, Book>()
  for (const plan of life.accounts) {
    const holding: Holding = {
      ...plan,
      id: stableId('acct-', ...words, plan.kind),
      number: accountNumber([...words, plan.kind], plan.lastFour),
    }
    books.set(holding.id, {
      holding,
      opening: openingOf(plan),
      entries: [],
      byPost: [],
      happened: 0,
      booked: 0,
      happenedSum: 0,
      bookedSum: 0,
      rows: null,
    })
  }
  const bookOf = (kind: AccountKind): Book | undefined =>
    [...books.values()].find((book) => book.holding.kind === kind)

  function restart(book: Book): void {
    book.entries.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
    book.byPost = [...book.entries].sort((a, b) => a.postAt - b.postAt || (a.id < b.id ? -1 : 1))
    book.happened = 0
    book.booked = 0
    book.happenedSum = 0
    book.bookedSum = 0
    book.rows = null
  }
  function insert(entries: readonly Entry[]): void {
    for (const entry of entries) bookOf(entry.account)?.entries.push(entry)
    for (const book of books.values()) restart(book)
  }
  insert([...history, ...options.extra])

  let seen = Number.NEGATIVE_INFINITY
  let grownThrough = baseDay + 1
  function advance(): void {
    const now = clock()
    if (now === seen) return
    // A clock set back (in a test) starts the count again.
    if (now < seen) for (const book of books.values()) restart(book)
    seen = now
    if (now > (grownThrough - 1) * 86_400_000) {
      grownThrough = localDay(now, zone) + 2
      const more: Entry[] = []
      if (generateThrough(grownThrough, more)) insert(more)
    }
    for (const book of books.values()) {
      for (
        let next = book.entries[book.happened];
        next && next.at <= now;
        next = book.entries[book.happened]
      ) {
        book.happenedSum += next.amountMinor
        book.happened++
        book.rows = null
      }
      for (let next = book.byPost[book.booked]; next && next.postAt <= now; next = book.byPost[book.booked]) {
        book.bookedSum += next.amountMinor
        book.booked++
        book.rows = null
      }
    }
  }

  function find(accountId: string): Book {
    const book = books.get(accountId)
    if (!book) throw new Error('unknown account')
    return book
  }

  return {
    holdings: [...books.values()].map((book) => book.holding),
    zone,
    figures(accountId) {
      advance()
      const { holding, opening, bookedSum, happenedSum } = find(accountId)
      if (holding.kind !== 'card')
        return { posted: opening + bookedSum, available: opening + happenedSum, limit: null }
      return {
        posted: -(opening + bookedSum),
        available: holding.figure + opening + happenedSum,
        limit: holding.figure,
      }
    },
    rows(accountId) {
      advance()
      const book = find(accountId)
      if (book.rows) return book.rows
      const pending: Row[] = []
      const booked: Row[] = []
      for (let index = 0; index < book.happened; index++) {
        const entry = book.entries[index]!
        if (entry.postAt > seen)
          pending.push({
            id: entry.pendingId ?? entry.id,
            pending: true,
            entry,
            at: entry.at,
            day: entry.day,
          })
        else booked.push({ id: entry.id, pending: false, entry, at: entry.postAt, day: entry.postDay })
      }
      const newest = (a: Row, b: Row) => b.at - a.at || (a.id < b.id ? -1 : 1)
      book.rows = [...pending.sort(newest), ...booked.sort(newest)]
      return book.rows
    },
    add(entry) {
      if (!bookOf(entry.account)) throw new Error('no such account')
      insert([entry])
      seen = Number.NEGATIVE_INFINITY
    },
  }
}
