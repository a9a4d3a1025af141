/** Reading values that came from outside and may be anything. Used on both sides of the wire. */
import type { JsonObject } from './wire.ts'

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object, or an empty one. */
export const object = (value: unknown): JsonObject => (isObject(value) ? value : {})

/** The objects of a list; an empty list for anything else. */
export const list = (value: unknown): JsonObject[] =>
  Array.isArray(value) ? (value as unknown[]).filter(isObject) : []

/** A string or number as text; '' for anything else, so that an object is never taken for its printed name. */
export const word = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : ''
