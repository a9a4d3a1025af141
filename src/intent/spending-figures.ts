import type { Transaction } from '../bank/bank.ts'
import type { Category } from '../nlu/reading.ts'
import type { MoneyAsk, Period } from './ask.ts'
import { kindOf, type Kind } from './category.ts'
import { shopsOf } from './merchant.ts'
import {
  averageOf,
  biggestOf,
  compared,
  daysIn,
  groupsOf,
  monthsIn,
  passing,
  totalsOf,
  type Comparison,
  type Groups,
  type Month,
  type Total,
} from './query.ts'
import { spendingIn } from './spent.ts'

/** Most months, and most kinds or shops, that are listed. */
const mostMonths = 24
const mostGroups = 5

type Asked = Extract<MoneyAsk, { kind: 'spending' }>
/** What is worked out of what was spent, whoever then words it: the chat, and the sealed page. */
export type SpendingQuestion = Pick<Asked, 'measure' | 'by'> & {
  /** What was really read, in days of this zone. */
  readonly period: Period
  readonly timeZone: string
  readonly against: Period | 'too-long-ago' | null
  /** Of several shops or kinds: the payments of each, of which those that are worked out are all. */
  readonly places?: readonly (readonly Transaction[])[]
  /** They are held against each other, and not added up. */
  readonly versus?: boolean | undefined
}

/** An average in minor units, over so many payments or months. */
export type Average = { readonly currency: string; readonly averageMinor: number; readonly over: number }
/** `changeMinor`: beside the month before; 0 also where one of the two was not read in full. */
export type MonthTotal = { readonly month: Month; readonly amountMinor: number; readonly changeMinor: number }

/**
 * What each of several places comes to in one currency, in the order asked. Null where it is no matter of this currency:
 * a place without any payments has none in the first.
 */
export type PlaceTotals = {
  readonly currency: string
  readonly each: readonly (Total | null)[]
  /** Between the most and the least of them. */
  readonly differenceMinor: number
}

/** The figures, once for each currency, because amounts of different currencies are never added. */
export type SpendingFigures = {
  /** Of the period asked for; none where nothing was spent in it. */
  readonly totals: readonly Total[]
  readonly result:
    | { readonly is: 'sum' | 'count' | 'too-long-ago' }
    | { readonly is: 'biggest'; readonly payments: readonly Transaction[] }
    | {
        readonly is: 'average'
        readonly payment: readonly Average[]
        readonly month: { readonly period: Period; readonly averages: readonly Average[] } | null
      }
    /** Newest first. */
    | {
        readonly is: 'by-month'
        readonly lists: readonly { readonly currency: string; readonly months: readonly MonthTotal[] }[]
      }
    | { readonly is: 'by-category'; readonly lists: readonly Groups<Kind>[] }
    | { readonly is: 'by-merchant'; readonly lists: readonly Groups<string>[] }
    | { readonly is: 'by-place'; readonly versus: boolean; readonly lists: readonly PlaceTotals[] }
    | {
        readonly is: 'compared'
        readonly against: Period
        readonly comparisons: readonly Comparison[]
        /** How many days each has, where they are not about as long; a month has 28 to 31. */
        readonly days: readonly [mine: number, theirs: number] | null
      }
}

/** The one stretch of days that has both in it, so that they are read at once. */
export const spendingRange = (period: Period, against: SpendingQuestion['against']): Period =>
  against === null || against === 'too-long-ago'
    ? period
    : {
        from: period.from < against.from ? period.from : against.from,
        to: period.to > against.to ? period.to : against.to,
      }

/** What was spent, of what was read; what lies between two stretches of time is left out again. */
export function spentIn(
  read: readonly Transaction[],
  period: Period,
  against: SpendingQuestion['against'],
  timeZone: string,
): Transaction[] {
  const spent = spendingIn(read)
  if (against === null || against === 'too-long-ago') return spent
  return spent.filter((item) =>
    [period, against].some((one) => passing([item], { period: one }, timeZone).length > 0),
  )
}

/** Payments of a category, and how many the bank says too little of to tell: those are left out. */
export function ofCategory(
  items: readonly Transaction[],
  category: Category | undefined,
): { readonly items: readonly Transaction[]; readonly uncategorised: number } {
  if (category === undefined) return { items, uncategorised: 0 }
  return {
    items: items.filter((item) => kindOf(item) === category),
    uncategorised: items.filter((item) => kindOf(item) === null).length,
  }
}

/** Works the question out over what was spent; with `against`, over both stretches of time. */
export function spendingFigures(spent: readonly Transaction[], question: SpendingQuestion): SpendingFigures {
  const { against, period, timeZone, measure, by, places, versus = false } = question
  const mine = against === null ? spent : passing(spent, { period }, timeZone)
  const totals = totalsOf(mine)
  if (against === 'too-long-ago') return { totals, result: { is: 'too-long-ago' } }
  if (against !== null) return { totals, result: comparison(mine, spent, against, question) }
  if (places && by === undefined && (measure === undefined || measure === 'sum' || measure === 'count'))
    return { totals, result: { is: 'by-place', versus, lists: totals.map(byPlace(places)) } }
  if (measure === 'average') return { totals, result: averages(spent, question) }
  if (by === 'month') return { totals, result: { is: 'by-month', lists: months(spent, question) } }
  if (by === 'category')
    return { totals, result: { is: 'by-category', lists: groupsOf(spent, kindOf, mostGroups) } }
  if (by === 'merchant') return { totals, result: { is: 'by-merchant', lists: byShop(spent) } }
  if (measure === 'biggest') return { totals, result: { is: 'biggest', payments: biggestOf(spent) } }
  return { totals, result: { is: measure === 'count' ? 'count' : 'sum' } }
}

function comparison(
  mine: readonly Transaction[],
  spent: readonly Transaction[],
  against: Period,
  { period, timeZone }: SpendingQuestion,
): SpendingFigures['result'] {
  const days = [daysIn(period), daysIn(against)] as const
  return {
    is: 'compared',
    against,
    comparisons: compared(mine, passing(spent, { period: against }, timeZone)),
    days: Math.abs(days[0] - days[1]) > 3 ? days : null,
  }
}

/** A payment's average, and a month's over the months that lie wholly within: a part of one would make it too small. */
function averages(
  spent: readonly Transaction[],
  { period, timeZone, by }: SpendingQuestion,
): SpendingFigures['result'] {
  const whole = monthsIn(period, 36).filter((month) => month.whole)
  const [first, last] = [whole[0], whole.at(-1)]
  const over =
    first && last && (whole.length > 1 || by === 'month') ? { from: first.from, to: last.to } : null
  const inMonths = over ? totalsOf(passing(spent, { period: over }, timeZone)) : []
  const month =
    over && inMonths.length > 0
      ? { period: over, averages: inMonths.map((total) => averageIn(total, whole.length)) }
      : null
  const payment = by === 'month' && month ? [] : totalsOf(spent).map((total) => averageIn(total, total.count))
  return { is: 'average', payment, month }
}
const averageIn = ({ currency, amountMinor }: Total, over: number): Average => ({
  currency,
  over,
  averageMinor: averageOf(amountMinor, over) ?? 0,
})

function months(
  spent: readonly Transaction[],
  { period, timeZone }: SpendingQuestion,
): { readonly currency: string; readonly months: readonly MonthTotal[] }[] {
  const each = monthsIn(period, mostMonths).map((month) => ({
    month,
    totals: totalsOf(passing(spent, { period: month }, timeZone)),
  }))
  return totalsOf(spent).map(({ currency }) => {
    const sums = each.map(({ month, totals }) => ({
      month,
      amountMinor: totals.find((total) => total.currency === currency)?.amountMinor ?? 0,
    }))
    return {
      currency,
      months: sums
        .map(({ month, amountMinor }, at): MonthTotal => {
          const last = sums[at - 1]
          return {
            month,
            amountMinor,
            changeMinor: last?.month.whole && month.whole ? amountMinor - last.amountMinor : 0,
          }
        })
        .reverse(),
    }
  })
}

const byPlace =
  (places: readonly (readonly Transaction[])[]) =>
  ({ currency }: Total, at: number): PlaceTotals => {
    const none = { currency, amountMinor: 0, count: 0 }
    const each = places.map(
      (items) =>
        totalsOf(items).find((total) => total.currency === currency) ??
        (items.length === 0 && at === 0 ? none : null),
    )
    const sums = each.map((total) => total?.amountMinor ?? 0)
    return { currency, each, differenceMinor: Math.max(...sums) - Math.min(...sums) }
  }

function byShop(spent: readonly Transaction[]): Groups<string>[] {
  const shopOf = new Map(
    shopsOf(spent).flatMap(({ name, items }) => items.map((item) => [item, name] as const)),
  )
  return groupsOf(spent, (item) => shopOf.get(item) ?? '', mostGroups)
}
