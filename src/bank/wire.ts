import { z } from 'zod'
import type { Money } from '../core/money.ts'
import { parseDecimal } from '../core/money.ts'
import { parseInstant } from './dates.ts'
import { plainDecimal } from './exact-json.ts'
import { outsideText } from './outside-text.ts'

/**
 * Leaves of what a bank sends, already parsed by `parseExact` (numbers are texts). Each reads one field and gives null
 * when it is missing or not what it should be: real banks break their own schemas, and one bad field must not cost the
 * customer the other nineteen.
 */
const leaf = <Value>(read: (value: unknown) => Value) => z.unknown().optional().transform(read)

/** An identifier of the bank's: visible ASCII, at most 256 characters, with no step up or down a path in it. */
export const wireId = leaf((value) =>
  typeof value === 'string' &&
  /^[\x21-\x7e]{1,256}$/.test(value) &&
  !/(?:^|[/\\])\.{1,2}(?:[/\\]|$)/.test(value)
    ? value
    : null,
)
/** A word of a list that may grow: kept as data, bounded. */
export const wireWord = leaf((value) =>
  typeof value === 'string' && value !== '' && value.length <= 64 ? value.trim() : null,
)
/** A decimal, whether the bank wrote a number or a string. */
export const wireDecimal = leaf((value) =>
  typeof value === 'string' && value.length <= 64 ? plainDecimal(value) : null,
)
export const wireInstant = leaf(parseInstant)
export const wireFlag = leaf((value) =>
  value === true || value === 'true' ? true : value === false || value === 'false' ? false : null,
)
export const wireCurrency = leaf((value) =>
  typeof value === 'string' && /^[A-Z]{3}$/.test(value) ? value : null,
)
export const wireText = (max: number) => leaf((value) => outsideText(value, max))
/** A text of which only the last four digits are ever used. */
export const wireRaw = leaf((value) => (typeof value === 'string' && value.length <= 256 ? value : null))
/** A list; null when it is something else. At most `max` items are looked at. */
export const wireList = (max: number) =>
  leaf((value) => (Array.isArray(value) ? (value.slice(0, max) as unknown[]) : null))
/** A nested object read with its own shape; null when it is something else. */
export const wireObject = <Shape extends z.ZodRawShape>(shape: Shape) => {
  const schema = z.object(shape)
  return leaf((value) => {
    const read = schema.safeParse(value)
    return read.success ? read.data : null
  })
}

/** `decimal` as money, exactly; null when it is absent or has more digits than the currency. */
export const moneyOf = (decimal: string | null, currency: string | null): Money | null =>
  decimal === null || currency === null ? null : parseDecimal(decimal, currency)

export const positive = (money: Money): Money => ({ ...money, amountMinor: Math.abs(money.amountMinor) })
export const negate = (money: Money): Money => ({ ...money, amountMinor: 0 - money.amountMinor })
