import type { Transaction } from '../bank/bank.ts'
import { minorDigits } from '../core/money.ts'
import type { AmountRange, Period } from './ask.ts'
import { kindOf, type Kind } from './category.ts'
import { dayAt } from './period.ts'

/**
 * Questions over a bank's list, worked out from it and nothing else. Pure. Amounts are integer minor units; amounts of
 * different currencies are never added, so every figure is given once for each. No answer depends on the order of the
 * list.
 */

/** Which payments are meant. Filters commute: they only ever ask one payment at a time. */
export type Filter = {
  readonly category?: Kind | undefined
  readonly amount?: AmountRange | undefined
  readonly direction?: 'in' | 'out' | undefined
  readonly pending?: boolean | undefined
  readonly period?: Period | undefined
}

/** `timeZone`: in which a payment's day is meant. */
export function passing(items: readonly Transaction[], filter: Filter, timeZone: string): Transaction[] {
  const { category, amount, direction, pending, period } = filter
  return items.filter(
    (item) =>
      (category === undefined || kindOf(item) === category) &&
      (amount === undefined || isWithin(item, amount)) &&
      (direction === undefined || item.direction === (direction === 'in' ? 'credit' : 'debit')) &&
      (pending === undefined || (item.status === 'pending') === pending) &&
      (period === undefined || isIn(dayOf(item, timeZone), period)),
  )
}

const dayOf = (item: Transaction, timeZone: string): string => dayAt(item.at, timeZone).toString()
const isIn = (day: string, { from, to }: Period): boolean => day >= from && day <= to

function isWithin({ amount }: Transaction, range: AmountRange): boolean {
  if (range.currency !== undefined && range.currency !== amount.currency) return false
  return (
    (range.min === undefined || amount.amountMinor >= minorOf(range.min, amount.currency, 'up')) &&
    (range.max === undefined || amount.amountMinor <= minorOf(range.max, amount.currency, 'down'))
  )
}

/** A plain decimal in minor units; digits that the currency does not have narrow the range, they never widen it. */
export function minorOf(decimal: string, currency: string, round: 'up' | 'down'): number {
  const [whole = '0', fraction = ''] = decimal.split('.')
  const digits = minorDigits(currency)
  const minor = Number(whole + fraction.slice(0, digits).padEnd(digits, '0'))
  return round === 'up' && /[1-9]/.test(fraction.slice(digits)) ? minor + 1 : minor
}

/** What payments of one currency come to. */
export type Total = { readonly currency: string; readonly amountMinor: number; readonly count: number }

/** One total a currency, the one with the most payments first. */
export function totalsOf(items: readonly Transaction[]): Total[] {
  const totals = new Map<string, { amountMinor: number; count: number }>()
  for (const { amount } of items) {
    const total = totals.get(amount.currency) ?? { amountMinor: 0, count: 0 }
    total.amountMinor += amount.amountMinor
    total.count += 1
    totals.set(amount.currency, total)
  }
  return [...totals]
    .map(([currency, total]) => ({ currency, ...total }))
    .sort((a, b) => b.count - a.count || (a.currency < b.currency ? -1 : 1))
}

/** A sum in equal parts, to the nearest minor unit; null of nothing. */
export const averageOf = (amountMinor: number, parts: number): number | null =>
  parts > 0 ? Math.round(amountMinor / parts) : null

/** The largest payment of each currency; of two alike the newer. */
export function biggestOf(items: readonly Transaction[]): Transaction[] {
  const biggest = new Map<string, Transaction>()
  for (const item of items) {
    const other = biggest.get(item.amount.currency)
    if (other === undefined || isBigger(item, other)) biggest.set(item.amount.currency, item)
  }
  return totalsOf(items).flatMap(({ currency }) => biggest.get(currency) ?? [])
}
const isBigger = (a: Transaction, b: Transaction): boolean =>
  (a.amount.amountMinor - b.amount.amountMinor || a.at - b.at || (a.id < b.id ? 1 : -1)) > 0

/** One currency of two stretches of time. `difference`: how much more the first one is; negative when less. */
export type Comparison = {
  readonly currency: string
  readonly now: Total
  readonly before: Total
  readonly differenceMinor: number
}

/** Two lists side by side, one comparison for each currency of either. */
export function compared(now: readonly Transaction[], before: readonly Transaction[]): Comparison[] {
  const [mine, theirs] = [totalsOf(now), totalsOf(before)]
  const of = (totals: readonly Total[], currency: string): Total =>
    totals.find((total) => total.currency === currency) ?? { currency, amountMinor: 0, count: 0 }
  return totalsOf([...now, ...before]).map(({ currency }) => {
    const [a, b] = [of(mine, currency), of(theirs, currency)]
    return { currency, now: a, before: b, differenceMinor: a.amountMinor - b.amountMinor }
  })
}

export type Group<Key> = { readonly key: Key; readonly total: Total; readonly items: readonly Transaction[] }
/** The groups of one currency, the largest first, and what the others come to; null when there are no others. */
export type Groups<Key> = {
  readonly currency: string
  readonly groups: readonly Group<Key>[]
  readonly rest: Total | null
}

/** A list in groups, at most `most` of them in each currency. Groups and rest add up to the whole. */
export function groupsOf<Key extends string | null>(
  items: readonly Transaction[],
  keyOf: (item: Transaction) => Key,
  most: number,
): Groups<Key>[] {
  return totalsOf(items).map(({ currency }) => {
    const groups = new Map<Key, Transaction[]>()
    for (const item of items) {
      if (item.amount.currency !== currency) continue
      const key = keyOf(item)
      const group = groups.get(key)
      if (group) group.push(item)
      else groups.set(key, [item])
    }
    const all = [...groups]
      .map(([key, its]) => ({ key, items: its, total: totalIn(its, currency) }))
      .sort((a, b) => b.total.amountMinor - a.total.amountMinor || (String(a.key) < String(b.key) ? -1 : 1))
    const left = all.slice(most)
    return {
      currency,
      groups: all.slice(0, most),
      rest:
        left.length === 0
          ? null
          : totalIn(
              left.flatMap((group) => group.items),
              currency,
            ),
    }
  })
}

const totalIn = (items: readonly Transaction[], currency: string): Total => ({
  currency,
  amountMinor: items.reduce((sum, { amount }) => sum + amount.amountMinor, 0),
  count: items.length,
})

/** One calendar month of a period. `whole`: none of its days lies outside. */
export type Month = Period & { readonly whole: boolean }

/** The calendar months of a period, oldest first; of a longer one the last `most`. */
export function monthsIn(period: Period, most: number): Month[] {
  const months: Month[] = []
  let [year, month] = period.from.split('-').map(Number) as [number, number]
  for (;;) {
    const first = `${year}-${String(month).padStart(2, '0')}-01`
    if (first > period.to) break
    const last = `${first.slice(0, 8)}${new Date(Date.UTC(year, month, 0)).getUTCDate()}`
    const from = first < period.from ? period.from : first
    const to = last > period.to ? period.to : last
    months.push({ from, to, whole: from === first && to === last })
    if (months.length > most) months.shift()
    ;[year, month] = month === 12 ? [year + 1, 1] : [year, month + 1]
  }
  return months
}

/** How many calendar days a period has. */
export const daysIn = ({ from, to }: Period): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000) + 1
