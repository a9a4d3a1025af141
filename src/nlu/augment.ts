import type { Language } from './reading.ts'
import { withTypos } from './typos.ts'

/**
 * A training sentence once more with typing errors, for the words-and-letters head alone: the encoder's head is shielded
 * by the spelling that the gloss puts right, and embedding each sentence twice would double the training. Undefined
 * where no error can be made. Scoring uses seeds from 0; these lie far from them.
 */
export function typedOnce(text: string, n: number, language: Language): string | undefined {
  const typed = withTypos(text, 1_000_000 + n, language)
  return typed === text ? undefined : typed
}
