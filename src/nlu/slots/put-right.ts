import { foldWords, spelled } from '../gloss.ts'
import type { Language, ReadingContext } from '../reading.ts'
import { requestWords } from './function-words.ts'
import { slotsOf } from './slots.ts'
import { tokensOf, type Token } from './token.ts'

type Read = ReturnType<typeof slotsOf> & { readonly text: string }

/**
 * The slots of a clause, with slips of the finger put right where that finds what was not found: "resturants lst mnth".
 * Only words that then belong to a time, a kind, an account or the like, and small words; a name stays as it was typed.
 */
export function readClause(text: string, language: Language, ctx: ReadingContext): Read {
  const asTyped = { text, ...slotsOf(text, language, ctx) }
  if (asTyped.slots.rest === '') return asTyped
  const left = wordsOf(asTyped.slots.rest)
  const tokens = tokensOf(text)
  const slips = tokens.flatMap((token, at) => {
    if (token.kind !== 'word' || !left.has(token.word) || isNamed(tokens, at)) return []
    const right = spelled(token.raw, language)
    return right === token.word || right.includes(' ') ? [] : [{ token, right }]
  })
  if (slips.length === 0) return asTyped
  const { rest } = slotsOf(corrected(text, slips), language, ctx).slots
  const unread = wordsOf(rest)
  const sure = slips.filter(
    ({ token, right }) =>
      !unread.has(right) || (requestWords.has(right) && hasSameLetters(token.word, right)),
  )
  if (sure.length === 0) return asTyped
  const better = corrected(text, sure)
  const asMeant = { text: better, ...slotsOf(better, language, ctx) }
  return findsMore(asMeant, asTyped) ? asMeant : asTyped
}

const wordsOf = (text: string): ReadonlySet<string> => new Set(foldWords(text).split(' '))

/** Written as a name, or where a name stands: nothing there is put right. */
function isNamed(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]?.word ?? ''
  const lead = articles.test(before) ? (tokens[at - 2]?.word ?? '') : before
  return (at > 0 && /^\p{Lu}/u.test(tokens[at]?.raw ?? '')) || leads.test(lead)
}
const leads = /^(?:at|from|to|with|chez|con|avec)$/
const articles = /^(?:the|el|la|le|los|las|les)$/

/** "mcuh" is "much", for it is the same letters; "lyft" is no "left". */
const hasSameLetters = (typed: string, right: string): boolean =>
  typed.length !== right.length || [...typed].sort().join('') === [...right].sort().join('')

const corrected = (text: string, slips: readonly { token: Token; right: string }[]): string =>
  slips.reduceRight(
    (whole, { token, right }) => whole.slice(0, token.start) + right + whole.slice(token.end),
    text,
  )

/** Something is found that was not, and nothing is lost. */
function findsMore(now: Read, before: Read): boolean {
  const found = ({ slots, follow }: Read): readonly number[] => [
    slots.periods.length,
    slots.amounts.length,
    ...[
      slots.category,
      slots.account,
      slots.count,
      slots.ordinal,
      slots.by,
      slots.measure,
      slots.comparison,
    ].map((one) => (one === null ? 0 : 1)),
    follow === null ? 0 : 1,
  ]
  const earlier = found(before)
  const gains = found(now).map((many, at) => many - (earlier[at] ?? 0))
  return gains.every((gain) => gain >= 0) && gains.some((gain) => gain > 0)
}
