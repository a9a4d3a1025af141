import type { Clock } from '../../core/clock.ts'
import { decimalText, minorDigits, type Money } from '../../core/money.ts'
import type { Words } from './words.ts'

/** Amounts, days and times in one customer's locale and zone. All instants are epoch milliseconds. */
export type Formats = ReturnType<typeof openFormats>

const numbers = new Map<string, Intl.NumberFormat>()
const dates = new Map<string, Intl.DateTimeFormat>()

/** Making an Intl object costs more than using it; the keys are locale × currency or zone × style, so few. */
function kept<Value>(store: Map<string, Value>, key: string, make: () => Value): Value {
  let value = store.get(key)
  if (value === undefined) {
    if (store.size >= 512) store.clear()
    value = make()
    store.set(key, value)
  }
  return value
}

const styles = {
  time: { hour: 'numeric', minute: '2-digit' },
  iso: { year: 'numeric', month: '2-digit', day: '2-digit' },
  day: { weekday: 'short', day: 'numeric', month: 'short' },
  dayYear: { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
  date: { day: 'numeric', month: 'short', year: 'numeric' },
  monthShort: { month: 'short' },
  monthLong: { month: 'long', year: 'numeric' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>
type Style = keyof typeof styles

/** Weekday, day, month, year, in that order in every language: a date must not be read two ways. */
const partOrder = ['weekday', 'day', 'month', 'year'] as const

/** Opens the formats of a customer. `t` words "Today" and "Yesterday". */
export function openFormats(options: { locale: string; timeZone: string; now: ReturnType<Clock>; t: Words }) {
  const { locale, timeZone, now, t } = options
  const dated = (style: Style, zone = timeZone): Intl.DateTimeFormat =>
    kept(
      dates,
      `${locale} ${zone} ${style}`,
      () =>
        new Intl.DateTimeFormat(style === 'iso' ? 'en-CA' : locale, {
          ...styles[style],
          timeZone: zone,
          calendar: 'gregory',
        }),
    )
  const ordered = (style: Style, at: number, zone = timeZone): string => {
    const parts = dated(style, zone).formatToParts(at)
    return partOrder
      .flatMap((type) => parts.find((part) => part.type === type)?.value ?? [])
      .join('\u00A0')
      .replace(/^(\S+),/, '$1')
  }
  /** The calendar day YYYY-MM-DD in the customer's zone. */
  const calendarDay = (at: number): string => dated('iso').format(at)
  const before = (iso: string): string =>
    new Date(Date.parse(`${iso}T12:00:00Z`) - 86_400_000).toISOString().slice(0, 10)
  const today = calendarDay(now)
  const yesterday = before(today)

  /** "Today", "Yesterday", "Mon 9 Nov", with the year when it is another one. */
  const day = (at: number): string => {
    const iso = calendarDay(at)
    if (iso === today) return t('day.today')
    if (iso === yesterday) return t('day.yesterday')
    return ordered(iso.slice(0, 4) === today.slice(0, 4) ? 'day' : 'dayYear', at)
  }
  /** Never parted at the end of a line: "14 h 20" and "2:20 p. m." have spaces of their own. */
  const time = (at: number): string => dated('time').format(at).replace(/\s/g, '\u00A0')

  return {
    locale,
    day,
    time,
    calendarDay,
    /** "today at 2:02 PM", to stand inside a sentence. */
    moment: (at: number): string => {
      const iso = calendarDay(at)
      if (iso === today) return t('day.today-at', { time: time(at) })
      if (iso === yesterday) return t('day.yesterday-at', { time: time(at) })
      return t('day.at', { day: day(at), time: time(at) })
    },
    /** A calendar date YYYY-MM-DD as "Mon 9 Nov": already in the customer's zone, so no zone is applied. */
    calendarDate: (iso: string): string =>
      ordered(
        iso.slice(0, 4) === today.slice(0, 4) ? 'day' : 'dayYear',
        Date.parse(`${iso}T12:00:00Z`),
        'UTC',
      ),
    /** "20 Nov 2027". */
    date: (at: number): string => ordered('date', at),
    /** A month given as YYYY-MM: "Nov", or "November 2026" when long. */
    month: (yearMonth: string, length: 'short' | 'long' = 'long'): string =>
      kept(
        dates,
        `${locale} UTC ${length}`,
        () =>
          new Intl.DateTimeFormat(locale, {
            ...styles[length === 'short' ? 'monthShort' : 'monthLong'],
            timeZone: 'UTC',
          }),
      ).format(Date.parse(`${yearMonth}-15T12:00:00Z`)),
    number: (value: number): string =>
      kept(numbers, locale, () => new Intl.NumberFormat(locale)).format(value),
    /** Words that may stand inside a sentence, at the start of a line of their own: "Today at 2:02 PM". */
    capital: (text: string): string => text.replace(/^\p{Ll}/u, (first) => first.toLocaleUpperCase(locale)),
    list: (items: readonly string[]): string =>
      new Intl.ListFormat(locale, { type: 'conjunction' }).format(items),
    /**
     * An amount with the currency's own digits. `plus` marks money that came in with a plus sign. The minus is the real
     * minus sign, because screen readers pass over a hyphen.
     */
    money: (money: Money, sign: 'auto' | 'plus' = 'auto'): string => {
      const digits = minorDigits(money.currency)
      const format = kept(
        numbers,
        `${locale} ${money.currency} ${sign}`,
        () =>
          new Intl.NumberFormat(locale, {
            style: 'currency',
            currency: money.currency,
            minimumFractionDigits: digits,
            maximumFractionDigits: digits,
            signDisplay: sign === 'plus' ? 'exceptZero' : 'auto',
          }),
      )
      return format.format(decimalText(money) as unknown as number).replace('-', '\u2212')
    },
  }
}
