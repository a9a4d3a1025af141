import { hash } from 'node:crypto'
import { invariant } from '../core/refusal.ts'

/**
 * Canonical JSON after RFC 8785 (JCS): members sorted by UTF-16 code units, no spaces, strings and numbers as
 * ECMAScript writes them. Same value, same bytes. Only plain data: no undefined, no non-finite number, no lone surrogate.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    invariant(Number.isFinite(value), 'canonical JSON holds finite numbers')
    return JSON.stringify(value)
  }
  if (typeof value === 'string') {
    invariant(value.isWellFormed(), 'canonical JSON holds well-formed text')
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  invariant(typeof value === 'object', 'canonical JSON holds plain data')
  const record = value as Record<string, unknown>
  // The default sort compares UTF-16 code units, as RFC 8785 section 3.2.3 asks.
  const members = Object.keys(record)
    .filter((key) => record[key] !== undefined)
    .sort()
    .map((key) => `${canonicalJson(key)}:${canonicalJson(record[key])}`)
  return `{${members.join(',')}}`
}

/** SHA-256 of a value's canonical JSON, in hex. */
export const canonicalHash = (value: unknown): string => hash('sha256', canonicalJson(value), 'hex')
