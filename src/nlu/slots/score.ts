import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { clausesOf } from '../clauses.ts'
import type { DateRange, ReadingContext } from '../reading.ts'
import { forward } from './date.ts'

/** Right out of all of one kind. */
export type Tally = { readonly right: number; readonly of: number }
export type SlotScore = {
  readonly amounts: Tally
  /** `date_period` with two calendar ends: start and end right. */
  readonly periods: Tally
  readonly from: Tally
  readonly to: Tally
  readonly dates: Tally
  /** All four kinds of dates. */
  readonly ranges: Tally
  /** Ends of one stretch that the data reads apart ("from the 3rd to the 6th of January" begins in April): part of `from`. */
  readonly readApart: number
  /** Utterances without money or time in which none was found. */
  readonly clean: Tally
  /** Milliseconds for one `clausesOf`, warm: the best of five, so that a busy machine is not measured. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly worstMs: number
  readonly misses: readonly {
    readonly kind: string
    readonly text: string
    readonly wanted: string
    readonly read: string
  }[]
}

const calendar = z.looseObject({
  year: z.number().optional(),
  month: z.number().optional(),
  day: z.number().optional(),
})
const slot = z.looseObject({
  text: z.string(),
  value: z.unknown().optional(),
  values: z.looseObject({ type: z.string(), from: calendar.optional(), to: calendar.optional() }).optional(),
})
const file = z.array(
  z.looseObject({
    text: z.string(),
    slots: z.record(z.string(), slot).optional(),
    fold: z.number().optional(),
  }),
)

/** The day NLU++ was written for (Tuesday 15 March 2022, morning), British, with accounts in pounds. */
const nluppContext: ReadingContext = {
  now: Date.UTC(2022, 2, 15, 9),
  timeZone: 'UTC',
  language: 'en',
  currency: 'GBP',
  region: 'GB',
}

const dayText = (value: unknown): string | null => {
  const read = calendar.safeParse(value)
  if (!read.success) return null
  const { year, month, day } = read.data
  return year && month && day
    ? `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
    : null
}
const dayBefore = (day: string): string => new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10)

/**
 * Scores amounts and dates on a file of NLU++ form. A range with two readings (the last 3 March, the next) is right when
 * one of the two that we hand on is; an end is right to the day. Two conventions of the data are undone, no more: it
 * names the day after "before", where we give the last day before it; and where units are counted ("last 4 months") its
 * end is the midnight after, so either side of that midnight is taken. Throws when the file is of another form.
 */
export async function scoreSlots(path: string, folds?: readonly number[]): Promise<SlotScore> {
  const rows = file.parse(JSON.parse(await readFile(path, 'utf8')))
  const counts = {
    amounts: [0, 0],
    periods: [0, 0],
    from: [0, 0],
    to: [0, 0],
    dates: [0, 0],
    clean: [0, 0],
  } satisfies Record<string, [number, number]>
  const misses: { kind: string; text: string; wanted: string; read: string }[] = []
  const took: number[] = []
  let readApart = 0
  const used = rows.filter((row) => !folds || (row.fold !== undefined && folds.includes(row.fold)))
  for (let round = 0; round < 3; round += 1) for (const row of used) clausesOf(row.text, nluppContext)
  for (const row of used) {
    const { clauses } = clausesOf(row.text, nluppContext)
    took.push(bestOf(5, () => clausesOf(row.text, nluppContext)))
    const amounts = clauses.flatMap((clause) => clause.slots.amounts)
    const ranges = clauses.flatMap((clause) =>
      clause.slots.periods.flatMap((range) => [range, forward(range, clause.text, 'en', nluppContext)]),
    )
    const tell = (kind: keyof typeof counts, wanted: string, right: boolean, found: () => string): void => {
      counts[kind][1] += 1
      if (right) counts[kind][0] += 1
      else misses.push({ kind, text: row.text, wanted, read: found() })
    }
    const rangesText = (): string => ranges.map((range) => `${range.from ?? ''}..${range.to ?? ''}`).join(' ')
    const slots = row.slots ?? {}

    const money = z.looseObject({ amount: z.number() }).safeParse(slots['amount_of_money']?.value)
    if (money.success) {
      const wanted = money.data.amount
      tell(
        'amounts',
        String(wanted),
        amounts.some((amount) => amount.type === 'money' && Number(amount.decimal) === wanted),
        () => JSON.stringify(amounts),
      )
    }
    const period = slots['date_period']
    if (period?.values?.type === 'absolute') {
      const [from, to] = [dayText(period.values.from), dayText(period.values.to)]
      const counted = /\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|few|couple)\b/i.test(period.text)
      if (from && to) {
        const ends = counted ? [to, dayBefore(to)] : [to]
        tell(
          'periods',
          `${from}..${to}`,
          ranges.some((range) => range.from === from && ends.includes(range.to ?? '')),
          rangesText,
        )
      }
    }
    const from = dayText(slots['date_from']?.value)
    if (from) {
      const right = ranges.some((range) => range.from === from)
      if (!right && slots['date_to'] && ranges.some((range) => range.from?.slice(8) === from.slice(8)))
        readApart += 1
      tell('from', from, right, rangesText)
    }
    const to = dayText(slots['date_to']?.value)
    if (to)
      tell(
        'to',
        to,
        ranges.some((range) => range.to === to),
        rangesText,
      )
    const date = dayText(slots['date']?.value)
    if (date)
      tell(
        'dates',
        date,
        ranges.some((range) => names(range, date)),
        rangesText,
      )
    if (!Object.keys(slots).some((name) => /date|time|amount|number/.test(name)))
      tell(
        'clean',
        'nothing',
        amounts.length === 0 && ranges.length === 0,
        () => `${JSON.stringify(amounts)} ${rangesText()}`,
      )
  }
  took.sort((a, b) => a - b)
  const at = (share: number): number => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0
  const tally = ([right, of]: readonly [number, number]): Tally => ({ right, of })
  const all = [counts.periods, counts.from, counts.to, counts.dates]
  return {
    amounts: tally(counts.amounts),
    periods: tally(counts.periods),
    from: tally(counts.from),
    to: tally(counts.to),
    dates: tally(counts.dates),
    ranges: {
      right: all.reduce((sum, [right]) => sum + right, 0),
      of: all.reduce((sum, [, of]) => sum + of, 0),
    },
    readApart,
    clean: tally(counts.clean),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    worstMs: took.at(-1) ?? 0,
    misses,
  }
}

function bestOf(times: number, run: () => unknown): number {
  let best = Number.POSITIVE_INFINITY
  for (let time = 0; time < times; time += 1) {
    const start = performance.now()
    run()
    best = Math.min(best, performance.now() - start)
  }
  return best
}

/** Whether a range is of that one day: alone, as the end it is open from, or as the day it stops before. */
const names = (range: DateRange, date: string): boolean =>
  (range.from === date && (range.to === date || range.to === null)) ||
  (range.from === null && (range.to === date || range.to === dayBefore(date)))
