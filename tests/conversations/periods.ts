import { Temporal } from 'temporal-polyfill'

const months = 'january february march april may june july august september october november december'.split(
  ' ',
)

/**
 * A stretch of days by the name the scripts give it, both ends included, as of a moment; null for a name nobody knows.
 * Weeks run Monday to Sunday; a running week, month or year may end today or at its end.
 */
export function periodNamed(
  name: string,
  now: number,
  timeZone: string,
): { from: string[]; to: string[] } | null {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).toPlainDate()
  const span = (from: Temporal.PlainDate, ...to: Temporal.PlainDate[]) => ({
    from: [from.toString()],
    to: to.map(String),
  })
  const monday = today.subtract({ days: today.dayOfWeek - 1 })
  const first = today.with({ day: 1 })
  const newYear = first.with({ month: 1 })
  const monthFrom = (from: Temporal.PlainDate) => from.add({ months: 1 }).subtract({ days: 1 })
  switch (name) {
    case 'today':
      return span(today, today)
    case 'yesterday':
      return span(today.subtract({ days: 1 }), today.subtract({ days: 1 }))
    case 'this-week':
      return span(monday, today, monday.add({ days: 6 }))
    case 'last-week':
      return span(monday.subtract({ days: 7 }), monday.subtract({ days: 1 }))
    case 'this-month':
      return span(first, today, monthFrom(first))
    case 'last-month':
      return span(first.subtract({ months: 1 }), first.subtract({ days: 1 }))
    case 'this-year':
      return span(newYear, today, newYear.add({ years: 1 }).subtract({ days: 1 }))
    case 'last-year':
      return span(newYear.subtract({ years: 1 }), newYear.subtract({ days: 1 }))
  }
  const days = /^last-(\d+)-days$/.exec(name)?.[1]
  // "The last 30 days" with or without today: both are said so.
  if (days) {
    const from = today.subtract({ days: Number(days) })
    return {
      from: [from.toString(), from.add({ days: 1 }).toString()],
      to: [today.toString(), today.subtract({ days: 1 }).toString()],
    }
  }
  const month = months.indexOf(name) + 1
  if (month === 0) return null
  const from = first.with({ month })
  const begun = Temporal.PlainDate.compare(from, today) > 0 ? from.subtract({ years: 1 }) : from
  return span(begun, today, monthFrom(begun))
}
