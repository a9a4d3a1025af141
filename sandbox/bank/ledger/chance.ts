import { createHash } from 'node:crypto'

/** A seeded source of chance: the same words give the same stream on every machine. */
export type Chance = {
  /** Uniform in [0, 1). */
  next(): number
  /** Whole number, both ends included. */
  between(low: number, high: number): number
  happens(probability: number): boolean
  pick<Item>(items: readonly Item[]): Item
}

export function chance(...words: readonly (string | number)[]): Chance {
  let state = createHash('sha256').update(words.join('|')).digest().readUInt32LE(0)
  // mulberry32: small, fast, good enough for shopping habits; nothing secret depends on it.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    next,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    happens: (probability) => next() < probability,
    pick: (items) => items[Math.floor(next() * items.length)]!,
  }
}

/** A stable opaque id from words: looks random, is the same after every restart. */
export const stableId = (prefix: string, ...words: readonly (string | number)[]): string =>
  prefix + createHash('sha256').update(words.join('|')).digest('hex').slice(0, 24)
