import type { Span } from '../reading.ts'
import { isCategoryWord } from './category.ts'
import { type ListedOne, thingsAt } from './listed.ts'
import { type Phrases, phraseAt, phrases, tokensOf } from './token.ts'

/** What is to be left out of an answer: "without rent", "excepto restaurantes", "sauf l'épicerie". */
export type Excluded = {
  /** The words that name it, as written. */
  readonly said: string
  readonly of: readonly ListedOne[]
  /** With the word that leaves it out. */
  readonly at: Span
}

const table = (list: string, weak: boolean): (readonly [string, { weak: boolean }])[] =>
  list.split(',').map((phrase) => [phrase, { weak }] as const)

const markers: Phrases<{ weak: boolean }> = phrases([
  ...table(
    'without,without counting,without including,excluding,except,except for,not counting,not including,don t count,dont count,do not count,dont include,do not include,ignoring,minus the,other than,apart from,aside from,leaving out,leave out,leave off,exclude,omit,ignore,but not',
    false,
  ),
  ...table(
    'sin,sin contar,sin incluir,excepto,quitando,salvo,excluyendo,exceptuando,aparte de,fuera de,a excepcion de,que no sea,que no sean,no cuentes,no cuenten,no me cuentes,no me incluyas,no incluyas,sin tomar en cuenta,quita,quitame,quitale,excluye,omite,ignora',
    false,
  ),
  ...table(
    'sans,sans compter,sans inclure,sauf,excepte,hormis,a part,a l exception de,a l exception du,en excluant,excluant,mais pas,pas compter,compte pas,comptez pas,enleve,enlevez,enleve moi,ote,otez,ote moi,exclus,excluez',
    false,
  ),
  // "todo menos la renta" leaves out; "gasté menos en comida" compares.
  ...table('menos,moins,minus,but,pero no', true),
])
const all = /^(?:all|everything|total|todo|toda|todos|todas|tout|toute|tous|toutes|anything)$/

/** The first thing that a text leaves out; null where it leaves out nothing. `spoken`: what other slots speak for. */
export function excludedIn(text: string, spoken: readonly Span[]): Excluded | null {
  const tokens = tokensOf(text)
  const busy = (at: number): boolean => {
    const token = tokens[at]
    return token !== undefined && spoken.some(([from, to]) => token.start < to && token.end > from)
  }
  for (let at = 0; at < tokens.length; at += 1) {
    const marker = phraseAt(markers, tokens, at)
    const whole = all.test(tokens[at - 1]?.word ?? '')
    // "comida menos uber eats": less of a kind, where the kind stands right before it.
    if (!marker || (marker.value.weak && !whole && !isCategoryWord(tokens, at - 1))) continue
    const things = thingsAt(tokens, at + marker.size, text, busy)
    if (!things) continue
    const [from, to] = things.at
    const first = marker.value.weak && whole ? at - 1 : at
    return { said: text.slice(from, to), of: things.of, at: [tokens[first]?.start ?? 0, to] }
  }
  return null
}
