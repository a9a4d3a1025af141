/** A bounded list: the newest `limit` items, and how many there ever were. Pushing is constant time and allocates nothing. */
export type Ring<Item> = {
  push(item: Item): void
  /** Oldest first. */
  toArray(): Item[]
  /** The newest `count`, newest first. */
  newest(count: number): Item[]
  clear(): void
  readonly total: number
  readonly size: number
}

export function createRing<Item>(limit: number): Ring<Item> {
  let slots: Item[] = []
  let next = 0
  let total = 0
  const at = (age: number): Item => slots[(next - 1 - age + slots.length * 2) % slots.length] as Item
  return {
    push: (item) => {
      total++
      if (slots.length < limit) {
        slots.push(item)
        next = slots.length % limit
      } else if (limit > 0) {
        slots[next] = item
        next = (next + 1) % limit
      }
    },
    toArray: () => Array.from(slots, (_, index) => at(slots.length - 1 - index)),
    newest: (count) => Array.from({ length: Math.min(count, slots.length) }, (_, age) => at(age)),
    clear: () => {
      slots = []
      next = 0
    },
    get total() {
      return total
    },
    get size() {
      return slots.length
    },
  }
}
