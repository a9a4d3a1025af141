import type { Category, Clause, Span } from '../reading.ts'
import { movesMoney } from './amount-words.ts'
import { categoryAt } from './category.ts'
import { functionWords, requestWords } from './function-words.ts'
import { type Token, tokensOf } from './token.ts'

/** Several shops or kinds of shop named side by side. */
export type Listed = {
  /** The words that name them, as written. */
  readonly said: string
  /** In the order said, none twice. */
  readonly of: readonly ListedOne[]
  /** "groceries vs restaurants", "the difference between …": one is held against the other. */
  readonly versus: boolean
  readonly at: Span
}
export type ListedOne =
  | { readonly category: Category; readonly words: string }
  /** As written. */
  | { readonly name: string }

/** More are noise, not a list. */
const most = 8
const longestName = 4

const joins = /^(?:and|n|y|e|et|pis|plus|mas|&|\+|or|o|u|ou|ni)$/
const either = /^(?:or|o|u|ou)$/
const against = /^(?:vs|versus|against|contra|contre)$/
const small =
  /^(?:at|in|on|for|from|to|with|both|the|my|our|some|en|a|al|el|la|los|las|lo|mi|mis|de|del|d|con|por|para|pa|chez|au|aux|l|le|les|mon|ma|mes|du|des|dans|pour|sur|avec|also|tambien|aussi)$/
const inner = /^(?:de|del|la|le|du|des|of|the)$/
/** Words at the end of a list that name nothing. */
const vague =
  /^(?:stuff|such|whatnot|etc|others?|shit|cosas?|demas|otras|trucs?|affaires|so|likewise|combined|together|juntos|juntas|ensemble)$/
const moreOrLess = /\b(?:more|less|m[aá]s|menos|plus|moins)\b/i
const holdsAgainst = /\b(?:compar\w*|difference|diferencia|diff[eé]rence)\W+(?:[\p{L}'’]+\W+){0,3}$/iu
const beside = /\b(?:with|to|than|con|a|que|[àa]|au|avec|from)\W+(?:[\p{L}'’]+\W+){0,2}$/iu

/** What of a clause its other slots speak for: no name begins there. */
export const spokenFor = ({ slots: { periods, amounts } }: Pick<Clause, 'slots'>): Span[] =>
  [...periods, ...amounts].map(({ at }) => at)

/**
 * "groceries and restaurants", "Netflix, Spotify et Disney", "gasolina y comida": the first such list of a text with at
 * least two different things in it; null where there is none. A comma alone joins kinds, or three; not two names: "hey, uber" is no list.
 */
export function listedIn(text: string, spoken: readonly Span[]): Listed | null {
  const tokens = tokensOf(text)
  const busy = (at: number): boolean => {
    const token = tokens[at]
    return token !== undefined && spoken.some(([from, to]) => token.start < to && token.end > from)
  }
  for (let at = 0; at < tokens.length; at += 1) {
    const first = itemAt(tokens, at, text, busy)
    if (!first) continue
    const items = [first]
    let words = 0
    let versus = false
    for (;;) {
      const last = items.at(-1) as Item
      const link = linkAt(tokens, last.next)
      if (!link || items.length >= most) break
      const next = itemAt(tokens, skipSmall(tokens, link.next), text, busy)
      if (!next) break
      words += link.word ? 1 : 0
      if (next.vague) break
      versus ||= link.versus || (link.either && moreOrLess.test(text))
      items.push(next)
    }
    const of = different(items)
    const isList = words > 0 || items.length > 2 || of.every((one) => 'category' in one)
    if (of.length >= 2 && isList && !first.vague) {
      const span = [
        tokens[first.from]?.start ?? 0,
        tokens[(items.at(-1) as Item).next - 1]?.end ?? 0,
      ] as const
      // "compare groceries and restaurants with last month" holds both against a time, not one against the other.
      const held =
        holdsAgainst.test(text.slice(0, span[0])) &&
        !spoken.some(([from]) => beside.test(text.slice(0, from)) && from >= span[1])
      return { said: text.slice(...span), of, versus: versus || held, at: span }
    }
    at = Math.max(at, first.next - 1)
  }
  return null
}

type Item = { readonly one: ListedOne; readonly from: number; readonly next: number; readonly vague: boolean }

/** The things named from a token on, one or several joined: "the rent", "restaurantes y café". */
export function thingsAt(
  tokens: readonly Token[],
  from: number,
  text: string,
  busy: (at: number) => boolean,
): { readonly of: readonly ListedOne[]; readonly at: Span } | null {
  const start = skipSmall(tokens, from)
  const first = itemAt(tokens, start, text, busy)
  if (!first) return null
  const items = [first]
  for (;;) {
    const link = linkAt(tokens, (items.at(-1) as Item).next)
    const next = link && itemAt(tokens, skipSmall(tokens, link.next), text, busy)
    if (!next || items.length >= most) break
    items.push(next)
  }
  const last = tokens[(items.at(-1) as Item).next - 1]
  return { of: different(items), at: [tokens[first.from]?.start ?? 0, last?.end ?? 0] }
}

/** Kinds of which people name the parts: the gym and the pharmacy are two things, and both are health. */
const isMany = /^(?:health|utilities)$/

function different(items: readonly Item[]): ListedOne[] {
  const seen = new Set<string>()
  return items.flatMap(({ one }) => {
    const key =
      'name' in one
        ? `"${one.name.toLowerCase()}`
        : isMany.test(one.category)
          ? `${one.category} ${one.words.toLowerCase()}`
          : one.category
    if (seen.has(key)) return []
    seen.add(key)
    return [one]
  })
}

function skipSmall(tokens: readonly Token[], from: number): number {
  let at = from
  while (small.test(tokens[at]?.word ?? '') && at < from + 3) at += 1
  return at
}

/** ", and", "&", "vs": what stands between two things of a list. */
function linkAt(
  tokens: readonly Token[],
  from: number,
): {
  readonly next: number
  readonly word: boolean
  readonly versus: boolean
  readonly either: boolean
} | null {
  let at = from
  let [word, versus, or] = [false, false, false]
  if (tokens[at]?.raw === ',') at += 1
  const said = tokens[at]?.word ?? ''
  if (joins.test(said)) [word, or, at] = [true, either.test(said), at + 1]
  else if (against.test(said)) {
    ;[word, versus, at] = [true, true, at + 1]
    if (tokens[at]?.raw === '.') at += 1
  }
  return at === from ? null : { next: at, word, versus, either: or }
}

/** One thing of a list: exactly the words of a kind, else a name. */
function itemAt(
  tokens: readonly Token[],
  from: number,
  text: string,
  busy: (at: number) => boolean,
): Item | null {
  if (busy(from)) return null
  const kind = categoryAt(tokens, from)
  const next = nameEnd(tokens, from, busy)
  // "gas station" is a kind, "Gas Monkey" a name.
  if (kind && !busy(kind.next - 1) && next <= kind.next) {
    const words = text.slice(tokens[from]?.start, tokens[kind.next - 1]?.end)
    return { one: { category: kind.category, words }, from, next: kind.next, vague: false }
  }
  if (next === from) return null
  const name = text.slice(tokens[from]?.start, tokens[next - 1]?.end)
  return { one: { name }, from, next, vague: vague.test(tokens[from]?.word ?? '') }
}

/** Where a name that begins here ends; here itself where none does. */
function nameEnd(tokens: readonly Token[], from: number, busy: (at: number) => boolean): number {
  let next = from
  while (next < tokens.length && next - from < longestName * 2) {
    if (busy(next)) break
    if (isContent(tokens, next, from)) next += 1
    else if (next > from && isGlue(tokens, next) && !busy(next + 1)) next += 2
    else if (
      next > from &&
      inner.test(tokens[next]?.word ?? '') &&
      /^\p{Lu}/u.test(tokens[from]?.raw ?? '') &&
      /^\p{Lu}/u.test(tokens[next + 1]?.raw ?? '')
    )
      next += 1
    else break
  }
  return next
}

/** "AT&T", "H&M", "7-Eleven", "Amazon.com": a sign with nothing around it. */
function isGlue(tokens: readonly Token[], at: number): boolean {
  const after = tokens[at + 1]
  return /^[&'.-]$/.test(tokens[at]?.raw ?? '') && tokens[at]?.glued === true && after?.glued === true
}

function isContent(tokens: readonly Token[], at: number, from: number): boolean {
  const token = tokens[at]
  if (!token) return false
  if (token.kind === 'number')
    return /^\d{1,3}$/.test(token.raw) && (at > from || (isGlue(tokens, at + 1) && at === from))
  if (token.kind !== 'word') return false
  if (isGlue(tokens, at + 1)) return true
  const capital = at > 0 && /^\p{Lu}\p{Ll}/u.test(token.raw) && !/[.?!]/.test(tokens[at - 1]?.raw ?? '')
  return (
    !functionWords.has(token.word) &&
    !against.test(token.word) &&
    !(requestWords.has(token.word) && !capital) &&
    !(movesMoney(token.word) && !capital)
  )
}
