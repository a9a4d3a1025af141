import { OutsideError } from '../core/refusal.ts'

/** What V8 hands a reviver for a primitive: the text it was written as (ECMAScript "JSON.parse source text access"). */
type Source = { readonly source?: string }

const keepNumberText = (_key: string, value: unknown, context: Source): unknown =>
  typeof value === 'number' ? (context.source ?? String(value)) : value

/**
 * Parses a bank's JSON with every number kept as the text the bank wrote, so that no amount ever passes through a
 * binary float and an id of twenty digits stays whole. Throws OutsideError `bank_answer_invalid`, without the text.
 */
export function parseExact(text: string): unknown {
  try {
    return JSON.parse(text, keepNumberText as (key: string, value: unknown) => unknown)
  } catch {
    // SyntaxError quotes the text, RangeError means thousands of nested arrays: neither may travel further.
    throw new OutsideError('bank_answer_invalid', { retryable: true })
  }
}

/**
 * A JSON number's text without an exponent ("1.25e2" → "125"), exactly; null when it is not a number or is beyond
 * anything money can be.
 */
export function plainDecimal(text: string): string | null {
  const match = /^([+-]?)(\d{1,30})(?:\.(\d{1,30}))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text.trim())
  if (!match) return null
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  const shift = Number(exponent)
  if (Math.abs(shift) > 30) return null
  if (shift === 0) return `${sign}${whole}${fraction && `.${fraction}`}`
  const digits = whole + fraction
  const point = whole.length + shift
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0')
  const at = Math.max(point, 1)
  const rest = padded.slice(at)
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '')
  return `${sign}${left}${rest && `.${rest}`}`
}
