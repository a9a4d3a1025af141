import type { Preparation } from './classifier.ts'
import { gloss, glossHash } from './gloss.ts'

/**
 * How the product's own sentences are prepared: as written for words and letters, and word-for-word English for the
 * encoder, which knows no other language. A function, because the glossary is read from files.
 */
export function ownPreparation(): Preparation {
  return {
    id: 'gloss 1',
    revision: glossHash(),
    prepare(text, language) {
      const english = gloss(text, language)
      return { plain: text, embedText: english, views: language === 'en' ? [] : [english] }
    },
  }
}
