import { hash } from 'node:crypto'

/**
 * Narrow readers for what the platform posts. They never throw: what is not of the expected form is null, and its
 * event becomes `unsupported`. Hand-written because they run for every webhook (zod stands at the slower edges).
 */

export type Bag = { readonly [key: string]: unknown }

export const bag = (value: unknown): Bag | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Bag) : null

export const list = (value: unknown): readonly unknown[] | null => (Array.isArray(value) ? value : null)

/** What a reading run noticed: a whole number too large for a double, so that the body must be read again as text. */
export type Seen = { lossy: boolean }

const idPattern = /^[\x21-\x7e]{1,128}$/

/** An id as text. Old payloads carry JSON numbers; one above 2^53 was already changed by JSON.parse, so it is flagged. */
export function idOf(value: unknown, seen: Seen): string | null {
  if (typeof value === 'string') return idPattern.test(value) ? value : null
  if (typeof value !== 'number') return null
  if (Number.isSafeInteger(value) && value >= 0) return String(value)
  seen.lossy = true
  return null
}

const midPattern = /^[\x21-\x7e]{1,400}$/

/** A message id: printable, at most 400 characters. */
export const midOf = (value: unknown): string | null =>
  typeof value === 'string' && midPattern.test(value) ? value : null

/**
 * Text of at most `max` UTF-16 units, whole characters only, fit for a database: no NUL, no lone surrogate. Longer text
 * is cut, because a message that is too long is still a message.
 */
export function textOf(value: unknown, max: number): string | null {
  if (typeof value !== 'string') return null
  let text = value.length > max ? value.slice(0, max) : value
  if (text.includes('\0')) text = text.replaceAll('\0', '')
  return text.isWellFormed() ? text : text.toWellFormed()
}

/** A reference that means something only when whole (payload, code, ref): null when too long. */
export const wholeTextOf = (value: unknown, max: number): string | null =>
  typeof value === 'string' && value.length <= max ? textOf(value, max) : null

/** Epoch milliseconds. Below 10^12 the platform meant seconds (§3). Null when absent or not a time. */
export function timeOf(value: unknown): number | null {
  const time = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  if (typeof time !== 'number' || !(time > 0) || time >= 1e15) return null
  return Math.floor(time < 1e12 ? time * 1000 : time)
}

export const numberOf = (value: unknown): number | null => {
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null
}

const wordPattern = /^[A-Za-z][A-Za-z0-9_-]{0,59}$/

/** A word the platform chose (an event's key, a status), or `unknown` when it does not look like one. */
export const wordOf = (value: unknown): string =>
  typeof value === 'string' && wordPattern.test(value) ? value : 'unknown'

const longestKey = 180

/** A de-duplication key of at most 200 characters: the parts themselves, or their hash when they are long. */
export function keyOf(prefix: string, ...parts: readonly (string | number)[]): string {
  const key = `${prefix}:${parts.join('|')}`
  return key.length <= longestKey ? key : `${prefix}:#${hash('sha256', key, 'hex')}`
}

/** The same text for the same event in whatever order its members come. Bounded in depth and in size. */
export function canonical(value: unknown): string {
  let budget = 2_000
  const write = (part: unknown, depth: number): string => {
    if (--budget < 0 || depth > 16) return '…'
    if (Array.isArray(part)) return `[${part.map((item) => write(item, depth + 1)).join()}]`
    const object = bag(part)
    if (object === null) return JSON.stringify(part) ?? 'null'
    const members = Object.keys(object).sort()
    return `{${members.map((name) => `${JSON.stringify(name)}:${write(object[name], depth + 1)}`).join()}}`
  }
  return write(value, 0)
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown
const parseWithSource = JSON.parse as (text: string, reviver: Reviver) => unknown

/** JSON in which whole numbers beyond 2^53 come as text, digit for digit. Three times slower than JSON.parse. */
export const parseLongNumbers = (text: string): unknown =>
  parseWithSource(text, (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && /^\d+$/.test(source)
      ? source
      : value,
  )

/** True when brackets nest deeper than `limit`. Looks at bytes only, so it cannot be made to recurse. */
export function nestsDeeperThan(raw: Uint8Array, limit: number): boolean {
  let depth = 0
  let inString = false
  for (let i = 0; i < raw.length; i++) {
    const byte = raw[i]
    if (inString) {
      if (byte === 0x5c) i++
      else if (byte === 0x22) inString = false
    } else if (byte === 0x22) inString = true
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > limit) return true
    } else if (byte === 0x7d || byte === 0x5d) depth--
  }
  return false
}
