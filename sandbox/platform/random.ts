/** Seeded randomness (mulberry32): the same seed gives the same faults, so a failing run can be repeated. Not for secrets. */
export type Random = {
  next(): number
  pick<Item>(items: readonly Item[]): Item
  shuffle<Item>(items: Item[]): Item[]
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    next,
    pick: (items) => items[Math.floor(next() * items.length)] as (typeof items)[number],
    shuffle: (items) => {
      for (let index = items.length - 1; index > 0; index--) {
        const other = Math.floor(next() * (index + 1))
        const held = items[index]
        items[index] = items[other] as (typeof items)[number]
        items[other] = held as (typeof items)[number]
      }
      return items
    },
  }
}
