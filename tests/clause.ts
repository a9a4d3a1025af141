import type { Clause, Guess, Slots } from '../src/nlu/reading.ts'

export const noSlots: Slots = {
  amounts: [],
  comparison: null,
  periods: [],
  account: null,
  category: null,
  count: null,
  ordinal: null,
  by: null,
  measure: null,
  names: [],
  rest: 'words',
}

/** A clause as the model might read it. */
export const clauseOf = (
  text: string,
  guess: readonly [Guess['name'], number] | null,
  slots: Partial<Slots> = {},
  more: Partial<Clause> = {},
): Clause => ({
  text,
  guesses: guess ? [{ name: guess[0], p: guess[1] }] : [],
  outOfScope: 0,
  slots: { ...noSlots, ...slots },
  follow: null,
  negated: false,
  ...more,
})
