import { dayMs, minuteMs } from '../../../src/core/clock.ts'

/** A calendar day as a number: days since 1 Jan 1970, in the account holder's zone. */
export type Day = number

export const dayOf = (year: number, month: number, date: number): Day =>
  Math.floor(Date.UTC(year, month - 1, date) / dayMs)

/** `YYYY-MM-DD`. */
export const dateText = (day: Day): string => new Date(day * dayMs).toISOString().slice(0, 10)

/** Reads `YYYY-MM-DD`; null when it is not a real date. */
export function parseDate(text: string): Day | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null
  const at = Date.parse(`${text}T00:00:00Z`)
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text) return null
  return at / dayMs
}

export const weekday = (day: Day): number => (day + 4) % 7

export const daysIn = (year: number, month: number): number =>
  dayOf(year, month + 1, 1) - dayOf(year, month, 1)

const offsets = new Map<string, number>()
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  formats.set(zone, format)
  return format
}

/** Minutes east of UTC in this zone on this day (asked of the runtime once per zone and day). */
function offsetMinutes(day: Day, zone: string): number {
  const key = `${zone}|${day}`
  const known = offsets.get(key)
  if (known !== undefined) return known
  const text =
    formatOf(zone)
      .formatToParts(day * dayMs + dayMs / 2)
      .find((part) => part.type === 'timeZoneName')?.value ?? 'GMT'
  const match = /GMT([+-])(\d{2}):(\d{2})/.exec(text)
  const minutes = match ? (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) : 0
  if (offsets.size > 20_000) offsets.clear()
  offsets.set(key, minutes)
  return minutes
}

/** Epoch ms of a local time of day. */
export const instant = (day: Day, minuteOfDay: number, zone: string): number =>
  day * dayMs + (minuteOfDay - offsetMinutes(day, zone)) * minuteMs

/** The local calendar day of an instant. */
export function localDay(at: number, zone: string): Day {
  const guess = Math.floor(at / dayMs)
  return Math.floor((at + offsetMinutes(guess, zone) * minuteMs) / dayMs)
}
