import { Temporal } from 'temporal-polyfill'
import type { Period } from './ask.ts'

const months = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]
const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
const starts = (name: string, word: string): boolean => word.length >= 3 && name.startsWith(word)

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

/** A stretch no longer ago than so many days: what lies before is not read, and the words name what was covered. */
export function atMost(period: Period, days: number, now: number, timeZone: string): Period {
  const { from } = lastDays(days, now, timeZone)
  return period.from >= from ? period : { from, to: period.to >= from ? period.to : from }
}

/**
 * Finds a stretch of time in lower-case English text. Weeks run Monday to Sunday (ISO 8601); months named without a
 * year are the latest one that has begun. Null when there is none.
 */
export function findPeriod(
  text: string,
  now: number,
  timeZone: string,
): { period: Period; matched: string } | null {
  const today = dayAt(now, timeZone)
  for (const rule of rules) {
    const match = rule.pattern.exec(text)
    if (!match) continue
    const period = rule.read(match, today)
    if (period) return { period, matched: match[0] }
  }
  return null
}

type Rule = { pattern: RegExp; read: (match: RegExpExecArray, today: Temporal.PlainDate) => Period | null }

const monday = (day: Temporal.PlainDate): Temporal.PlainDate => day.subtract({ days: day.dayOfWeek - 1 })

const rules: readonly Rule[] = [
  { pattern: /\btoday\b/, read: (_, today) => span(today, today) },
  {
    pattern: /\byesterday\b/,
    read: (_, today) => {
      const day = today.subtract({ days: 1 })
      return span(day, day)
    },
  },
  { pattern: /\bthis week\b/, read: (_, today) => span(monday(today), today) },
  {
    pattern: /\blast week\b/,
    read: (_, today) => span(monday(today).subtract({ days: 7 }), monday(today).subtract({ days: 1 })),
  },
  { pattern: /\bthis month\b/, read: (_, today) => span(today.with({ day: 1 }), today) },
  {
    pattern: /\blast month\b/,
    read: (_, today) => {
      const first = today.with({ day: 1 }).subtract({ months: 1 })
      return span(first, first.add({ months: 1 }).subtract({ days: 1 }))
    },
  },
  { pattern: /\bthis year\b/, read: (_, today) => span(today.with({ month: 1, day: 1 }), today) },
  {
    pattern: /\blast year\b/,
    read: (_, today) => {
      const first = today.with({ month: 1, day: 1 }).subtract({ years: 1 })
      return span(first, first.add({ years: 1 }).subtract({ days: 1 }))
    },
  },
  {
    pattern: /\b(?:last|past|previous) (\d{1,3}) (day|week|month)s?\b/,
    read: (match, today) => {
      const many = Number(match[1])
      if (many === 0) return null
      const from =
        match[2] === 'day'
          ? today.subtract({ days: many - 1 })
          : match[2] === 'week'
            ? today.subtract({ days: many * 7 - 1 })
            : today.subtract({ months: many }).add({ days: 1 })
      return span(from, today)
    },
  },
  {
    pattern: /\b(\d{4})-(\d{2})-(\d{2})\b/,
    read: (match, today) => {
      const day = dateOf(Number(match[1]), Number(match[2]), Number(match[3]))
      return day && Temporal.PlainDate.compare(day, today) <= 0 ? span(day, day) : null
    },
  },
  {
    pattern: /\bsince (monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b/,
    read: (match, today) => span(latestWeekday(match[1] ?? '', today), today),
  },
  {
    pattern: /\b(?:on |last )(monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b/,
    read: (match, today) => {
      const day = latestWeekday(match[1] ?? '', today)
      return span(day, day)
    },
  },
  {
    pattern: /\b(in|since|for|during) ([a-z]{3,9})(?: (\d{4}))?\b/,
    read: (match, today) => {
      const month = months.findIndex((name) => starts(name, match[2] ?? '')) + 1
      if (month === 0) return null
      const year = match[3] ? Number(match[3]) : month <= today.month ? today.year : today.year - 1
      const first = dateOf(year, month, 1)
      if (!first || Temporal.PlainDate.compare(first, today) > 0) return null
      const end = first.add({ months: 1 }).subtract({ days: 1 })
      return span(first, match[1] === 'since' || Temporal.PlainDate.compare(end, today) > 0 ? today : end)
    },
  },
]

/** The latest such weekday before today. */
function latestWeekday(name: string, today: Temporal.PlainDate): Temporal.PlainDate {
  const wanted = weekdays.indexOf(name) + 1
  const back = (today.dayOfWeek - wanted + 7) % 7 || 7
  return today.subtract({ days: back })
}

function dateOf(year: number, month: number, day: number): Temporal.PlainDate | null {
  try {
    return Temporal.PlainDate.from({ year, month, day }, { overflow: 'reject' })
  } catch {
    return null
  }
}
