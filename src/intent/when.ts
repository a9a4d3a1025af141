import { Temporal } from 'temporal-polyfill'
import type { Clause, DateRange } from '../nlu/reading.ts'
import type { MoneyAsk, Period } from './ask.ts'
import { lastDays, usualPeriod } from './period.ts'
import { folded } from './sentence-words.ts'

/** What a question depends on besides its words. */
export type AskContext = {
  readonly now: number
  readonly timeZone: string
  /** The question about money before the last one, while it is remembered. */
  readonly earlier?: MoneyAsk | null
  /** What else the last answer showed: a list, or one payment, whose shop is "there". */
  readonly list?: Extract<MoneyAsk, { kind: 'transactions' }>
  readonly shop?: string
}

/** "since payday", "depuis ma paye". */
export const isSincePay = ({ slots: { periods } }: Clause): boolean =>
  periods.some(({ kind }) => kind === 'payday')

/** "not yesterday, last week", "the week... I mean last month": the last one said is the one that is meant. */
export function rangeMeant(clause: Clause): DateRange | undefined {
  const { measure } = clause.slots
  const periods = stretchesIn(clause)
  return measure !== 'compare' && (clause.negated || corrects(clause)) ? periods.at(-1) : periods[0]
}
/**
 * "hasta hoy este mes" is one stretch, where one ends in the other; "en enero y febrero" is one as well, where they
 * follow each other and are not held against each other.
 */
export function stretchesIn({ slots: { periods, measure }, text }: Clause): readonly DateRange[] {
  const [first, second, ...more] = periods
  if (!first || !second) return periods
  const open = [first, second].find(({ from }) => from === null)
  const other = open === first ? second : first
  if (open?.to && other.from && other.from <= open.to) {
    const to = other.to !== null && other.to < open.to ? other.to : open.to
    return [{ ...other, to }, ...more]
  }
  if (measure === 'compare') return periods
  let whole = first
  for (const next of [second, ...more]) {
    const joined = joiner.test(text.slice(whole.at[1], next.at[0])) ? together(whole, next) : null
    if (joined === null) return periods
    whole = joined
  }
  return [whole]
}
const joiner = /^\W*(?:(?:and|y|e|et|pis|plus|mas|más|&|\+)\W+)?(?:(?:in|en|of|de|the|el|le|du)\s+)*$/iu

/** Two stretches of which one follows the other, as one. */
function together(one: DateRange, two: DateRange): DateRange | null {
  const [a, b] = one.from !== null && two.from !== null && two.from < one.from ? [two, one] : [one, two]
  return a.to !== null && b.from !== null && day(a.to).add({ days: 1 }).toString() === b.from
    ? { ...a, to: b.to, at: [one.at[0], two.at[1]] }
    : null
}

/** Takes back something just said: "no, I said October", "I mean savings". */
export const corrects = ({ follow, text }: Clause): boolean =>
  follow === 'instead' ||
  /^\W*(?:not?|pas|non|i meant|make it|make that|mejor|que sean|mets|mettez|plut[oô]t|rather)\b/iu.test(
    folded(text),
  ) ||
  repairWords.test(folded(text))
const repairWords =
  /\b(no,? wait|i mean|sorry|rather|perd[oó]n|quiero decir|quise decir|i meant|je voulais dire|m[aá]s bien|pardon|je veux dire|plut[oô]t)\b/i

/** Days that were said, as days to look at: an open end is today, an open beginning a year ago. */
export function periodOf(range: DateRange | undefined, { now, timeZone }: AskContext): Period | null {
  if (!range || (range.from === null && range.to === null)) return null
  const year = lastDays(365, now, timeZone)
  const period = { from: range.from ?? year.from, to: range.to ?? year.to }
  // What is to come has not been spent yet.
  if (period.from > year.to) return null
  return period.from > period.to ? null : { from: period.from, to: period.to < year.to ? period.to : year.to }
}

/**
 * Two stretches of time side by side: as named, or the one that is named and its like: "more than last month" compares
 * this month with it, "this month against before" with as many days of the month before.
 */
export function comparedIn(clause: Clause, context: AskContext): { period: Period; against: Period } | null {
  const { slots, text } = clause
  const periods = stretchesIn(clause)
  const [first, second] = periods
  if (slots.measure !== 'compare' && periods.length < 2) return null
  const one = periodOf(first, context)
  const two = periodOf(second, context)
  if (one && two) return one.from < two.from ? { period: two, against: one } : { period: one, against: two }
  if (one === null || !first) {
    const usual = usualPeriod(context.now, context.timeZone)
    return { period: usual, against: before(usual) }
  }
  const months = twoMonths(one)
  if (months) return months
  const than =
    /\b(?:than|que|qu['’]|vs|versus|against|contra|compar\w+ (?:to|with|con|a|à|avec))\s*(?:in |en |the |el |la |le |ce que )*$/iu
  if (than.test(text.slice(0, first.at[0]))) return besideIt(null, one, context)
  return { period: one, against: before(one) }
}

/**
 * What is held against a stretch that was named, over as many days. A whole year is held against the same days: of
 * `mine`, else of this year so far. Anything else against its like, up to today.
 */
export function besideIt(
  mine: Period | null,
  named: Period,
  context: AskContext,
): { period: Period; against: Period } {
  const { to: today } = lastDays(1, context.now, context.timeZone)
  if (named.to === today) return { period: named, against: before(named) }
  const own = mine && day(mine.from).year === day(mine.to).year ? mine : null
  const period = (isWholeYear(named) ? own : null) ?? like(named, context)
  const years = day(period.to).year - day(named.to).year
  if (!isWholeYear(named) || years < 1) return { period, against: named }
  const back = (text: string): string => day(text).subtract({ years }).toString()
  return { period, against: { from: back(period.from), to: back(period.to) } }
}
export const isWholeYear = ({ from, to }: Period): boolean =>
  from.endsWith('-01-01') && to === `${from.slice(0, 4)}-12-31`

/** What is said besides the times that are named. */
export const withoutPeriods = ({ text, slots: { periods } }: Clause): string =>
  periods.reduce(
    (left, { at: [from, to] }) => left.slice(0, from) + ' '.repeat(to - from) + left.slice(to),
    text,
  )

const day = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(text)
const isWholeMonth = ({ from, to }: Period): boolean =>
  day(from).day === 1 && day(to).day === day(to).daysInMonth && from.slice(0, 7) === to.slice(0, 7)

/** "September to October" is two months when they are compared. */
function twoMonths({ from, to }: Period): { period: Period; against: Period } | null {
  const next = day(from).add({ months: 1 })
  if (day(from).day !== 1 || to !== next.add({ months: 1 }).subtract({ days: 1 }).toString()) return null
  return {
    period: { from: next.toString(), to },
    against: { from, to: next.subtract({ days: 1 }).toString() },
  }
}

/** The stretch of the same kind that follows, up to today: after last month, this month. */
function like(range: Period, { now, timeZone }: AskContext): Period {
  const { to: today } = lastDays(1, now, timeZone)
  const from = day(range.to).add({ days: 1 }).toString()
  if (from > today) return usualPeriod(now, timeZone)
  const to = isWholeMonth(range)
    ? day(from)
        .with({ day: day(from).daysInMonth })
        .toString()
    : day(from)
        .add(day(range.from).until(day(range.to)))
        .toString()
  return { from, to: to < today ? to : today }
}

/** As much just before: the month before a month, the same days of the month or year before a part of one, else as many days. */
export function before({ from, to }: Period): Period {
  const first = day(from)
  const last = day(to)
  if (first.day === 1 && from.slice(0, 7) === to.slice(0, 7)) {
    const earlier = first.subtract({ months: 1 })
    const end = last.day === last.daysInMonth ? earlier.daysInMonth : Math.min(last.day, earlier.daysInMonth)
    return { from: earlier.toString(), to: earlier.with({ day: end }).toString() }
  }
  // Of a year so far, the same days of the year before.
  if (first.dayOfYear === 1 && first.year === last.year && last.month > 1)
    return { from: first.subtract({ years: 1 }).toString(), to: last.subtract({ years: 1 }).toString() }
  const days = first.until(last).days + 1
  return { from: first.subtract({ days }).toString(), to: first.subtract({ days: 1 }).toString() }
}
