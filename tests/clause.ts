import { noSlots, type Clause, type Guess, type Slots } from '../src/nlu/reading.ts'

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
  slots: { ...noSlots('words'), ...slots },
  follow: null,
  negated: false,
  ...more,
})
