/**
 * A map by id for what comes and goes within milliseconds, thousands of times a second.
 *
 * Why not a Map: when V8's Map outgrows or shrinks its table, the old table keeps pointing to the new one and to all it
 * held. Once one such table has grown old, all tables after it, and everything that was ever in them, survive until the
 * next full collection: megabytes a second that nobody uses, and a pause of tens of milliseconds every other second.
 * A plain object in dictionary mode has no such chain.
 */
export class BriefMap<Value extends object> {
  #entries: Record<string, Value> = Object.create(null) as Record<string, Value>
  #size = 0

  get size(): number {
    return this.#size
  }

  get(id: string): Value | undefined {
    return this.#entries[id]
  }

  has(id: string): boolean {
    return this.#entries[id] !== undefined
  }

  set(id: string, value: Value): void {
    if (this.#entries[id] === undefined) this.#size++
    this.#entries[id] = value
  }

  delete(id: string): boolean {
    if (this.#entries[id] === undefined) return false
    delete this.#entries[id]
    this.#size--
    return true
  }

  keys(): string[] {
    return Object.keys(this.#entries)
  }

  values(): Value[] {
    return Object.values(this.#entries)
  }
}
