import { Temporal } from 'temporal-polyfill'
import type { Period } from './ask.ts'

/** The calendar day at a moment in a zone. */
export const dayAt = (now: number, timeZone: string): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).toPlainDate()

const span = (from: Temporal.PlainDate, to: Temporal.PlainDate): Period => ({
  from: from.toString(),
  to: to.toString(),
})

/** Today and the days before it: `days(30)` is the last thirty days, today included. */
export const lastDays = (days: number, now: number, timeZone: string): Period => {
  const today = dayAt(now, timeZone)
  return span(today.subtract({ days: days - 1 }), today)
}

/** Where no time is named: "the last 30 days". */
export const usualPeriod = (now: number, timeZone: string): Period => lastDays(30, now, timeZone)

/** A stretch no longer ago than so many days: what lies before is not read, and the words name what was covered. */
export function atMost(period: Period, days: number, now: number, timeZone: string): Period | null {
  const { from } = lastDays(days, now, timeZone)
  if (period.to < from) return null
  return period.from >= from ? period : { from, to: period.to }
}
