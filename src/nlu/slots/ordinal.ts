import type { Language } from '../reading.ts'
import type { Scene } from './scene.ts'
import type { Token } from './token.ts'

const ordinals: Readonly<Record<Language, string>> = {
  en: 'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth',
  es: 'primero/primer/primera segundo/segunda tercero/tercer/tercera cuarto/cuarta quinto/quinta sexto/sexta septimo/septima octavo/octava noveno/novena decimo/decima',
  fr: 'premier/premiere deuxieme/second/seconde troisieme quatrieme cinquieme sixieme septieme huitieme neuvieme dixieme',
}

const ordinalTable: Readonly<Record<Language, ReadonlyMap<string, number>>> = Object.fromEntries(
  (['en', 'es', 'fr'] as const).map((language) => [
    language,
    new Map(
      ordinals[language]
        .split(' ')
        .flatMap((names, index) => names.split('/').map((name) => [name, index + 1] as const)),
    ),
  ]),
) as unknown as Record<Language, ReadonlyMap<string, number>>

/** 1 for "first", "primera", "premier" …; 0 where the word is no ordinal. */
export const ordinalWord = (said: string, language: Language): number =>
  ordinalTable[language].get(said) ?? ordinalTable.fr.get(said) ?? ordinalTable.es.get(said) ?? 0

export function spelledOrdinal(
  tokens: readonly Token[],
  at: number,
  language: Language,
): { value: number; next: number } | null {
  const said = tokens[at]?.word ?? ''
  const one = ordinalWord(said, language)
  if (one) return { value: one, next: at + 1 }
  if (language !== 'en') return null
  if (said === 'thirtieth') return { value: 30, next: at + 1 }
  const base = said === 'twenty' ? 20 : said === 'thirty' ? 30 : 0
  const unit = base ? ordinalWord(tokens[at + 1]?.word ?? '', language) : 0
  return unit > 0 && unit < 10 && base + unit <= 31 ? { value: base + unit, next: at + 2 } : null
}

const suffixes = /^(?:st|nd|rd|th|er|ere|ro|ero|do|to|e|eme|o|a|º|ª)$/

export const ordinalSuffix = (scene: Scene, at: number): number => {
  const token = scene.tokens[at]
  return token?.glued && suffixes.test(token.word) ? 1 : 0
}
