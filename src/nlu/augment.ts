import type { Language } from './reading.ts'
import { withTypos } from './typos.ts'

/**
 * A training sentence once more with typing errors; undefined where none can be made. Scoring uses seeds from 0; these
 * lie far from them.
 */
export function typedOnce(text: string, n: number, language: Language): string | undefined {
  const typed = withTypos(text, 1_000_000 + n, language)
  return typed === text ? undefined : typed
}
