/** Chance that repeats: the same seed gives the same model. */
export type Random = {
  /** A whole number from 0 up to, not with, `limit`. */
  below(limit: number): number
  shuffle(order: Int32Array): void
}

/** xorshift32, seeded with any whole number. Not for secrets. */
export function seeded(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 0 || 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  const below = (limit: number) => Math.floor((next() / 4294967296) * limit)
  return {
    below,
    shuffle(order) {
      for (let i = order.length - 1; i > 0; i--) {
        const j = below(i + 1)
        const swap = order[i]!
        order[i] = order[j]!
        order[j] = swap
      }
    },
  }
}
