import type { Example } from './csv.ts'
import { withTypos } from './typos.ts'

/**
 * The training sentences once more with typing errors, for the words-and-letters head alone: the encoder's head is
 * shielded by the spelling that the gloss puts right, and embedding each sentence twice would double the training.
 * Sentences that no error can be made in are left out. Scoring uses seeds from 0; these lie far from them.
 */
export function typed(examples: readonly Example[], seed = 1): Example[] {
  const again: Example[] = []
  for (const [n, one] of examples.entries()) {
    const text = withTypos(one.text, 1_000_000 * seed + n, one.language ?? 'en')
    if (text !== one.text) again.push({ ...one, text })
  }
  return again
}
