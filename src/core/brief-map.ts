/**
 * A map by id for what comes and goes within milliseconds, thousands of times a second.
 *
 * Why not a Map: a table that is outgrown still points to all it held, and V8's Map even chains the old table to the
 * new one. Old tables grow old; what they point to then survives every quick collection until the next full one:
 * megabytes a second that nobody uses, and pauses of tens of milliseconds. Here an entry that leaves is emptied, so that
 * an outgrown table keeps nothing alive.
 */
export class BriefMap<Value extends object> {
  readonly #slots: Record<string, { value: Value | null } | undefined> = Object.create(null) as Record<
    string,
    { value: Value | null } | undefined
  >
  #size = 0

  get size(): number {
    return this.#size
  }

  get(id: string): Value | undefined {
    return this.#slots[id]?.value ?? undefined
  }

  has(id: string): boolean {
    return this.#slots[id] !== undefined
  }

  set(id: string, value: Value): void {
    const slot = this.#slots[id]
    if (slot) slot.value = value
    else {
      this.#slots[id] = { value }
      this.#size++
    }
  }

  delete(id: string): boolean {
    const slot = this.#slots[id]
    if (!slot) return false
    slot.value = null
    delete this.#slots[id]
    this.#size--
    return true
  }

  keys(): string[] {
    return Object.keys(this.#slots)
  }

  values(): Value[] {
    return Object.values(this.#slots).flatMap((slot) => slot?.value ?? [])
  }
}
