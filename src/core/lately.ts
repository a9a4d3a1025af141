/**
 * Ids met lately: the last `least` different ones for certain, and at most as many again. Two sets take turns, so that
 * the oldest are forgotten all at once and without looking for them.
 */
export class Lately {
  readonly #least: number
  #young = new Set<string>()
  #old = new Set<string>()

  constructor(least: number) {
    this.#least = least
  }

  add(id: string): void {
    this.#young.add(id)
    if (this.#young.size < this.#least) return
    this.#old = this.#young
    this.#young = new Set()
  }

  has(id: string): boolean {
    return this.#young.has(id) || this.#old.has(id)
  }
}
