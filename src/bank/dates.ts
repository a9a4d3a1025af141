import { dayMs } from '../core/clock.ts'

const pattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|z|[+-]\d{2}:?\d{2})?)?$/

/**
 * Epoch ms of a bank's timestamp, or null. Accepts what banks really send: `-0500` without a colon, no seconds, no zone
 * (read as UTC) and a bare date. A bare date, or midnight UTC to the millisecond (a date in disguise), becomes noon
 * UTC, so that it stays the same calendar day in every zone a customer may be in.
 */
export function parseInstant(text: unknown): number | null {
  if (typeof text !== 'string' || text.length > 40) return null
  const match = pattern.exec(text.trim())
  if (!match) return null
  const [, year, month, day, hour, minute, second, fraction, zone] = match
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day))
  if (new Date(date).toISOString().slice(0, 10) !== `${year}-${month}-${day}`) return null
  if (Number(year) < 1970 || Number(year) > 2199) return null
  if (hour === undefined) return date + dayMs / 2
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 60) return null
  const milliseconds = Number((fraction ?? '').slice(0, 3).padEnd(3, '0'))
  const local = date + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second ?? 0)) * 1000 + milliseconds
  if (zone === undefined || /^z$/i.test(zone)) return local === date ? date + dayMs / 2 : local
  const offset = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return local - (zone.startsWith('-') ? -offset : offset) * 60_000
}

/** Is this a real calendar date, written YYYY-MM-DD? */
export function isCalendarDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === text
}
