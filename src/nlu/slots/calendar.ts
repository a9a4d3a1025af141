import { Temporal } from 'temporal-polyfill'

export type Day = Temporal.PlainDate
export type Stretch = { readonly from: Day; readonly to: Day }
export type Unit =
  | 'day'
  | 'week'
  | 'fortnight'
  | 'semimonth'
  | 'semester'
  | 'weekend'
  | 'month'
  | 'quarter'
  | 'year'
  | 'hour'
export type Holiday = keyof typeof holidays

let known: { hour: number; timeZone: string; today: Day } | null = null

/** The calendar day in a zone. Kept for the quarter of an hour it was asked for: no zone changes day within one. */
export function today(now: number, timeZone: string): Day {
  const hour = Math.floor(now / 900_000)
  if (known?.hour !== hour || known.timeZone !== timeZone)
    known = {
      hour,
      timeZone,
      today: Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).toPlainDate(),
    }
  return known.today
}

export const earlier = (a: Day, b: Day): boolean => Temporal.PlainDate.compare(a, b) < 0

/** A day of the calendar, or null where there is none (31 April). */
export function dayOf(year: number, month: number, day: number): Day | null {
  if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1900 || year > 2200) return null
  const first = new Temporal.PlainDate(year, month, 1)
  return day <= first.daysInMonth ? first.with({ day }) : null
}

export const oneDay = (day: Day): Stretch => ({ from: day, to: day })
export const monthOf = (year: number, month: number): Stretch => {
  const from = new Temporal.PlainDate(year, month, 1)
  return { from, to: from.with({ day: from.daysInMonth }) }
}
export const yearOf = (year: number): Stretch => ({
  from: new Temporal.PlainDate(year, 1, 1),
  to: new Temporal.PlainDate(year, 12, 31),
})
export const quarterOf = (year: number, quarter: number): Stretch => ({
  from: monthOf(year, quarter * 3 - 2).from,
  to: monthOf(year, quarter * 3).to,
})
const monday = (day: Day): Day => day.subtract({ days: day.dayOfWeek - 1 })
export const weekOf = (day: Day): Stretch => ({ from: monday(day), to: monday(day).add({ days: 6 }) })

/** The calendar's own unit around a day, moved by so many units: weeks start on Monday (ISO 8601), weekends Saturday. */
export function unitAround(unit: Unit, day: Day, moved: number): Stretch {
  if (unit === 'week') return weekOf(day.add({ weeks: moved }))
  if (unit === 'weekend') {
    const { to } = weekOf(day.add({ weeks: moved }))
    return { from: to.subtract({ days: 1 }), to }
  }
  if (unit === 'month') {
    const there = day.with({ day: 1 }).add({ months: moved })
    return monthOf(there.year, there.month)
  }
  if (unit === 'quarter') {
    const there = day.with({ day: 1 }).add({ months: 3 * moved })
    return quarterOf(there.year, Math.ceil(there.month / 3))
  }
  if (unit === 'year') return yearOf(day.year + moved)
  if (unit === 'semester') {
    const there = day.with({ day: 1 }).add({ months: 6 * moved })
    return halfOfYear(there.year, there.month < 7 ? 1 : 2)
  }
  if (unit === 'semimonth') {
    const halves = (day.day > 15 ? 1 : 0) + moved
    const there = day.with({ day: 1 }).add({ months: Math.floor(halves / 2) })
    return halfOfMonth(monthOf(there.year, there.month), halves % 2 === 0 ? 1 : 2)
  }
  if (unit === 'fortnight') {
    const { from } = weekOf(day.add({ weeks: 2 * moved }))
    return { from: from.subtract({ days: moved < 0 ? 0 : 7 }), to: from.add({ days: moved < 0 ? 13 : 6 }) }
  }
  return oneDay(day.add({ days: moved }))
}

/** January to June, July to December. */
export const halfOfYear = (year: number, half: number): Stretch => ({
  from: monthOf(year, half === 1 ? 1 : 7).from,
  to: monthOf(year, half === 1 ? 6 : 12).to,
})

/** 1 to 15, 16 to the end: the "quincena" that Latin America is paid by. */
export const halfOfMonth = ({ from, to }: Stretch, half: number): Stretch =>
  half === 1 ? { from, to: from.add({ days: 14 }) } : { from: from.add({ days: 15 }), to }

/** A day so many units away; the day of the month is kept where there is one. */
export function away(day: Day, unit: Unit, count: number): Day {
  const many = Math.max(-100_000, Math.min(100_000, count))
  if (unit === 'week' || unit === 'weekend')
    return day.add({ weeks: Math.trunc(many / 10) === 0 ? many : clamp(many, 5_000) })
  if (unit === 'fortnight') return day.add({ weeks: 2 * clamp(many, 2_500) })
  if (unit === 'semimonth') return day.add({ days: 15 * clamp(many, 2_500) })
  if (unit === 'semester') return day.add({ months: 6 * clamp(many, 200) })
  if (unit === 'month') return day.add({ months: clamp(many, 1_200) })
  if (unit === 'quarter') return day.add({ months: 3 * clamp(many, 400) })
  if (unit === 'year') return day.add({ years: clamp(many, 100) })
  return day.add({ days: clamp(many, 36_500) })
}
const clamp = (count: number, most: number): number => Math.max(-most, Math.min(most, count))

/** Parts of a stretch, as "early March", "mid-month", "end of last year" are meant: a third of a month, a quarter of a year. */
export function partOf(unit: Unit, { from, to }: Stretch, edge: 'start' | 'mid' | 'end'): Stretch {
  if (unit === 'month') {
    if (edge === 'start') return { from, to: from.add({ days: 9 }) }
    if (edge === 'mid') return { from: from.add({ days: 10 }), to: from.add({ days: 19 }) }
    return { from: from.add({ days: 20 }), to }
  }
  if (unit === 'year') {
    const first = edge === 'start' ? 1 : edge === 'mid' ? 5 : 10
    return { from: from.with({ month: first }), to: monthOf(from.year, edge === 'mid' ? 8 : first + 2).to }
  }
  if (unit === 'quarter')
    return monthOf(from.year, from.month + (edge === 'start' ? 0 : edge === 'mid' ? 1 : 2))
  if (unit === 'week') {
    if (edge === 'start') return { from, to: from.add({ days: 1 }) }
    if (edge === 'mid') return { from: from.add({ days: 2 }), to: from.add({ days: 3 }) }
    return { from: from.add({ days: 4 }), to }
  }
  return { from, to }
}

/** The so-manieth week of a month, as people count: days 1 to 7, 8 to 14 …; -1 is the last seven days. */
export function weekOfMonth({ from, to }: Stretch, nth: number): Stretch | null {
  if (nth === -1) return { from: to.subtract({ days: 6 }), to }
  const start = from.add({ days: (nth - 1) * 7 })
  if (nth < 1 || earlier(to, start)) return null
  const end = start.add({ days: 6 })
  return { from: start, to: earlier(to, end) ? to : end }
}

/** Seasons by the sun, to the day that calendars print. */
export function seasonOf(year: number, season: number): Stretch {
  const day = (month: number, date: number, inYear = year): Day => new Temporal.PlainDate(inYear, month, date)
  if (season === 1) return { from: day(3, 20), to: day(6, 20) }
  if (season === 2) return { from: day(6, 21), to: day(9, 22) }
  if (season === 3) return { from: day(9, 23), to: day(12, 20) }
  return { from: day(12, 21), to: day(3, 19, year + 1) }
}

/** Where a holiday is kept; it moves with the country. */
export type Region = 'US' | 'CA' | 'GB'

/** The nth such weekday of a month; -1 the last. */
function nthWeekday(year: number, month: number, weekday: number, nth: number): Day {
  const { from, to } = monthOf(year, month)
  if (nth < 0) return to.subtract({ days: (to.dayOfWeek - weekday + 7) % 7 })
  return from.add({ days: ((weekday - from.dayOfWeek + 7) % 7) + (nth - 1) * 7 })
}

/** Easter Sunday by the anonymous Gregorian computus (Meeus, Astronomical Algorithms, ch. 8). */
function easter(year: number): Day {
  const a = year % 19
  const b = Math.floor(year / 100)
  const c = year % 100
  const h = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7
  const m = Math.floor((a + 11 * h + 22 * l) / 451)
  const n = h + l - 7 * m + 114
  return new Temporal.PlainDate(year, Math.floor(n / 31), (n % 31) + 1)
}

type Rule = (year: number, region: Region) => Day
const fixed =
  (month: number, day: number): Rule =>
  (year) =>
    new Temporal.PlainDate(year, month, day)
const thanksgiving: Rule = (year, region) =>
  region === 'CA' ? nthWeekday(year, 10, 1, 2) : nthWeekday(year, 11, 4, 4)

const holidays = {
  christmas: fixed(12, 25),
  'christmas-eve': fixed(12, 24),
  'new-year': fixed(1, 1),
  'new-years-eve': fixed(12, 31),
  epiphany: fixed(1, 6),
  thanksgiving,
  // The day after the American feast, in every country that sells on it.
  'black-friday': (year) => thanksgiving(year, 'US').add({ days: 1 }),
  'cyber-monday': (year) => thanksgiving(year, 'US').add({ days: 4 }),
  easter,
  'good-friday': (year) => easter(year).subtract({ days: 2 }),
  'easter-monday': (year) => easter(year).add({ days: 1 }),
  'holy-week': (year) => easter(year).subtract({ days: 7 }),
  'labor-day': (year) => nthWeekday(year, 9, 1, 1),
  'memorial-day': (year) => nthWeekday(year, 5, 1, -1),
  'independence-day': fixed(7, 4),
  'canada-day': fixed(7, 1),
  // Monday before 25 May.
  'victoria-day': (year) => {
    const day = new Temporal.PlainDate(year, 5, 24)
    return day.subtract({ days: day.dayOfWeek - 1 })
  },
  'saint-jean': fixed(6, 24),
  halloween: fixed(10, 31),
  'day-of-the-dead': fixed(11, 2),
  valentines: fixed(2, 14),
  // The fourth Sunday of Lent in Britain, the second of May elsewhere.
  'mothers-day': (year, region) =>
    region === 'GB' ? easter(year).subtract({ days: 21 }) : nthWeekday(year, 5, 7, 2),
  'fathers-day': (year) => nthWeekday(year, 6, 7, 3),
  'mlk-day': (year) => nthWeekday(year, 1, 1, 3),
  'presidents-day': (year) => nthWeekday(year, 2, 1, 3),
  'columbus-day': (year) => nthWeekday(year, 10, 1, 2),
  'veterans-day': fixed(11, 11),
  juneteenth: fixed(6, 19),
  'boxing-day': fixed(12, 26),
  'st-patricks': fixed(3, 17),
  'tax-day': fixed(4, 15),
} as const satisfies Readonly<Record<string, Rule>>

/** The day or days a holiday falls on in a year. */
export function holidayIn(holiday: Holiday, year: number, region: Region): Stretch {
  const from = (holidays[holiday] as Rule)(year, region)
  return { from, to: holiday === 'holy-week' ? from.add({ days: 7 }) : from }
}
