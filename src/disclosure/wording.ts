import { decimalText, minorDigits, type Money } from '../core/money.ts'
import { invariant } from '../core/refusal.ts'
import type { Words } from '../core/words.ts'
import type { Safe } from './answer.ts'
import type { FactValue } from './fact.ts'
import { inert } from './outside-text.ts'
import type { Policy } from './policy.ts'

/** How one person reads figures and times. */
export type Reader = {
  readonly words: Words
  /** IANA zone. */
  readonly timeZone: string
  /** Epoch ms: what "today" is measured from. */
  readonly now: number
}

/** A fact's value in words, for `say`. Counts stay numbers, so that a sentence can choose its plural. */
export function sayValue(value: FactValue, reader: Reader): string | number {
  switch (value.type) {
    case 'money':
      return moneyText(value.money, reader.words.locale)
    case 'date':
      return dateText(value.at, value.withTime, reader)
    case 'period':
      return periodText(value.from, value.to, reader)
    case 'count':
      return value.count
    case 'text':
      return inert(value.text) || reader.words.t('outside.unnamed')
    default:
      return termText(value.key, reader)
  }
}

/** A fact's value told coarsely, or null where it has no coarse form: text, terms, currencies without thresholds. */
export function bandValue(value: FactValue, reader: Reader, bandsMinor: Policy['bandsMinor']): string | null {
  switch (value.type) {
    case 'money':
      return moneyBand(value.money, reader, bandsMinor[value.money.currency])
    case 'date':
      return monthText(dayIn(reader.timeZone, value.at), reader.words.locale)
    case 'period': {
      const [from, to] = [
        monthText(value.from, reader.words.locale),
        monthText(value.to, reader.words.locale),
      ]
      return from === to
        ? reader.words.t('period.month', { month: from })
        : reader.words.t('period.months', { from, to })
    }
    case 'count':
      return reader.words.t(
        value.count < 5 ? 'count-band.few' : value.count <= 20 ? 'count-band.some' : 'count-band.many',
      )
    default:
      return null
  }
}

/** A bank's own answer is a few sentences. */
const ownTextLimit = 600

/** A safe parameter in words. */
export function safeValue(safe: Safe, reader: Reader): string | number {
  switch (safe.type) {
    case 'asked':
      return inert(safe.text)
    case 'own':
      return inert(safe.texts[reader.words.catalogue] ?? Object.values(safe.texts)[0] ?? '', ownTextLimit)
    case 'code':
      invariant(/^[A-Z0-9-]{4,12}$/.test(safe.code), 'a code to compare is 4 to 12 of A-Z, 0-9 and hyphen')
      return safe.code
    default:
      return sayValue(safe, reader)
  }
}

function termText(key: string, reader: Reader): string {
  invariant(reader.words.has(key), `the term ${key} is in the catalogue`)
  return reader.words.t(key)
}

// ---------------------------------------------------------------- money

/** Formatters are slow to make, and to use; there are few combinations, but zones and locales come from outside. */
function cached<Made>(make: (a: string, b: string) => Made): (a: string, b: string) => Made {
  const kept = new Map<string, Made>()
  return (a, b) => {
    const key = `${a}\n${b}`
    let made = kept.get(key)
    if (made === undefined) {
      if (kept.size >= 256) kept.clear()
      made = make(a, b)
      kept.set(key, made)
    }
    return made
  }
}

const moneyFormat = cached(
  (locale, currency) =>
    new Intl.NumberFormat(locale, {
      style: 'currency',
      currency,
      minimumFractionDigits: minorDigits(currency),
      maximumFractionDigits: minorDigits(currency),
    }),
)
const roundFormat = cached(
  (locale, currency) =>
    new Intl.NumberFormat(locale, { style: 'currency', currency, trailingZeroDisplay: 'stripIfInteger' }),
)

/** An amount as the locale writes it, exact: formatted from decimal text, never from a binary fraction. */
export const moneyText = (money: Money, locale: string): string =>
  moneyFormat(locale, money.currency).format(decimalText(money) as Intl.StringNumericLiteral)

/** "above $1,000": true of the amount, whichever side of a threshold it stands on. */
function moneyBand(
  money: Money,
  { words }: Reader,
  thresholds: readonly number[] | undefined,
): string | null {
  if (thresholds === undefined || thresholds.length === 0) return null
  const round = (amountMinor: number): string =>
    roundFormat(words.locale, money.currency).format(
      decimalText({ amountMinor, currency: money.currency }) as Intl.StringNumericLiteral,
    )
  const at = thresholds.findIndex((threshold) => money.amountMinor <= threshold)
  const from = round(thresholds[at === -1 ? thresholds.length - 1 : at - 1] ?? 0)
  if (at === -1) return words.t('band.above', { from })
  const limit = round(thresholds[at] ?? 0)
  return at === 0 ? words.t('band.at-most', { limit }) : words.t('band.between', { from, limit })
}

// ---------------------------------------------------------------- dates

const dayFormat = cached(
  (_, timeZone) =>
    new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }),
)
const timeFormat = cached(
  (locale, timeZone) => new Intl.DateTimeFormat(locale, { timeZone, hour: 'numeric', minute: '2-digit' }),
)
// Calendar dates are formatted as noon UTC, in UTC: no zone can move them to another day.
const nearFormat = cached(
  (locale) =>
    new Intl.DateTimeFormat(locale, { timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'short' }),
)
const farFormat = cached(
  (locale) =>
    new Intl.DateTimeFormat(locale, { timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' }),
)
const monthFormat = cached(
  (locale) => new Intl.DateTimeFormat(locale, { timeZone: 'UTC', month: 'long', year: 'numeric' }),
)

/** The calendar date, YYYY-MM-DD, that an instant falls on in a zone. */
const dayIn = (timeZone: string, at: number): string => dayFormat('', timeZone).format(at)
/** "Today" is asked for again with every date of a list, so the last one is kept. */
function todayOf({ timeZone, now }: Reader): string {
  if (now !== last.now || timeZone !== last.timeZone) last = { now, timeZone, day: dayIn(timeZone, now) }
  return last.day
}
let last = { now: Number.NaN, timeZone: '', day: '' }
const noon = (day: string): number => Date.parse(`${day}T12:00:00Z`)
const monthText = (day: string, locale: string): string => monthFormat(locale, '').format(noon(day))
/** Weekday, day, month, year in that order in every language, as on our pages: a date must not be read two ways. */
const partOrder = ['weekday', 'day', 'month', 'year'] as const
function inOrder(format: Intl.DateTimeFormat, day: string): string {
  const parts = format.formatToParts(noon(day))
  const first = day.endsWith('-01') && format.resolvedOptions().locale.startsWith('fr')
  return partOrder
    .flatMap((type) => {
      const value = parts.find((part) => part.type === type)?.value
      // French counts the first of a month and only names the other days: "1er nov.", "2 nov.".
      return type === 'day' && first ? '1er' : (value ?? [])
    })
    .join(' ')
}
const nearText = cached((locale, day) => inOrder(nearFormat(locale, ''), day))
const farText = cached((locale, day) => inOrder(farFormat(locale, ''), day))

/** "today", "yesterday", "Mon 9 Nov", and with the year when it is another one. */
function calendarText(day: string, reader: Reader): string {
  const today = todayOf(reader)
  const daysAgo = Math.round((noon(today) - noon(day)) / 86_400_000)
  if (daysAgo === 0) return reader.words.t('date.today')
  if (daysAgo === 1) return reader.words.t('date.yesterday')
  return dayName(day, today, reader.words.locale)
}
const dayName = (day: string, today: string, locale: string): string =>
  (day.slice(0, 4) === today.slice(0, 4) ? nearText : farText)(locale, day)

function dateText(at: number, withTime: boolean, reader: Reader): string {
  const date = calendarText(dayIn(reader.timeZone, at), reader)
  if (!withTime) return date
  return reader.words.t('date.at-time', {
    date,
    time: timeFormat(reader.words.locale, reader.timeZone).format(at),
  })
}

/** "on Mon 9 Nov", "in November 2026" for a whole month, else "from Mon 9 Nov to Sun 15 Nov". */
function periodText(from: string, to: string, reader: Reader): string {
  const { words } = reader
  const today = todayOf(reader)
  if (from === to) return words.t('period.day', { day: dayName(from, today, words.locale) })
  const nextDay = new Date(noon(to) + 86_400_000).toISOString()
  if (from.endsWith('-01') && from.slice(0, 7) === to.slice(0, 7) && nextDay.slice(8, 10) === '01')
    return words.t('period.month', { month: monthText(from, words.locale) })
  return words.t('period.days', {
    from: dayName(from, today, words.locale),
    to: dayName(to, today, words.locale),
  })
}
