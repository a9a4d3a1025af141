import type { Clause, Slots } from '../nlu/reading.ts'
import { accountNameIn, type AccountName } from '../nlu/slots/account-name.ts'
import { excludedIn, type Excluded } from '../nlu/slots/excluded.ts'
import { categoryAt } from '../nlu/slots/category.ts'
import { listedIn, spokenFor, type ListedOne } from '../nlu/slots/listed.ts'
import { tokensOf } from '../nlu/slots/token.ts'
import { hasCode, tellsByName } from './alike.ts'
import { nameMeant } from './name-meant.ts'
import { mostPlaces, type Place, type Several, type Without } from './ask.ts'

/**
 * A shop or a kind of shop. A name that is surely one is the more exact. "au café plume" may be either: the name where
 * they have such a shop, else the kind.
 */
export function whereOf(given: Clause): Where {
  const without = withoutIn(given)
  const clause = besidesAccount(without ? besides(given, without.at) : given)
  return { ...placeOfAll(clause), ...(without ? { without: without.what } : {}) }
}

/** "without rent", "sauf l'épicerie": what is to be left out; null where nothing is. */
export function withoutIn(clause: Clause): { readonly what: Without; readonly at: Excluded['at'] } | null {
  const found = excludedIn(clause.text, spokenFor(clause))
  return (
    found && {
      what: { said: found.said.slice(0, 80), of: found.of.slice(0, mostPlaces).map(placeOf) },
      at: found.at,
    }
  )
}

/** The clause with a piece of it blank; its slots have nothing from there already. */
const besides = (clause: Clause, [from, to]: Excluded['at']): Clause => ({
  ...clause,
  text: clause.text.slice(0, from) + ' '.repeat(to - from) + clause.text.slice(to),
})

/** What stands beside a word of accounts, and may be what the customer calls one of theirs. */
export const accountNamed = (clause: Clause): AccountName | null =>
  clause.slots.account?.lastFour === undefined ? accountNameIn(clause.text, spokenFor(clause)) : null

/** "compte voyage" is no spending on travel. */
function besidesAccount(clause: Clause): Clause {
  const { slots } = clause
  return slots.category !== null && accountNamed(clause)?.plain && !otherKind(clause)
    ? { ...clause, slots: { ...slots, category: null } }
    : clause
}
/** The kind of shop was named elsewhere in the clause. */
function otherKind(clause: Clause): boolean {
  const at = accountNamed(clause)?.at
  const tokens = tokensOf(clause.text)
  return tokens.some(
    ({ start, end }, place) =>
      at !== undefined && (end <= at[0] || start >= at[1]) && categoryAt(tokens, place) !== null,
  )
}

function placeOfAll(clause: Clause): Where {
  const { text, slots } = clause
  const corrected = nameMeant(clause) ?? repairedName(clause)
  if (corrected !== null) return { merchant: corrected }
  const several = severalIn(clause)
  if (several) return { several }
  // Rent is paid to somebody, and no kind of shop.
  const rent = rentWords.exec(text)?.[0]
  if (rent && slots.names.every((name) => !isName(name, text))) return { merchant: rentPaid(rent) }
  const names = slots.names.filter((name) => !isFiller(name))
  const sure = names.find((name) => isName(name, text))
  const kind = slots.category ? { category: slots.category } : {}
  const place = slots.category ? placeIn(clause) : null
  if (place !== null) return { merchant: place, loose: true, ...kind }
  if (sure !== undefined) return { merchant: sure.slice(0, 80) }
  // "the gym" is less than all of health: the shops that are called so, where there are.
  const narrow = slots.category ? narrowIn(clause) : null
  if (narrow !== null)
    return hasCode(narrow) ? { merchant: narrow } : { merchant: narrow, loose: true, ...kind }
  const food = slots.category === 'restaurants' ? foodIn(clause) : null
  if (food !== null) return { several: { said: food, of: foodKinds.map((category) => ({ category })) } }
  if (slots.category) return kind
  return names[0] === undefined ? {} : { merchant: names[0].slice(0, 80), loose: true }
}

/** Several shops or kinds in one question ("uber and lyft"); null where it names one, or none. */
export function severalIn(clause: Clause): Several | null {
  const listed = listedIn(clause.text, spokenFor(clause))
  if (listed === null) return null
  const { of, said, versus } = listed
  const sure = of.some((one) => 'category' in one || isName(one.name, clause.text))
  return {
    said: said.slice(0, 80),
    of: of.slice(0, mostPlaces).map(placeOf),
    ...(sure ? {} : { loose: true }),
    ...(of.length > mostPlaces ? { more: true } : {}),
    ...(versus && of.length === 2 ? { versus: true } : {}),
  }
}

/** Rent is paid to somebody, and no kind of shop. */
const placeOf = (one: ListedOne): Place =>
  'name' in one
    ? { merchant: one.name.slice(0, 80) }
    : /^(?:rent|renta|alquiler|loyers?)$/i.test(one.words)
      ? { merchant: rentPaid(one.words) }
      : hasCode(one.words)
        ? { merchant: one.words }
        : { category: one.category }

/** "at Pier 9, no wait, Noodle Wharf last month": what comes after the second thought. */
function repairedName({ text, slots }: Clause): string | null {
  const repair =
    /\b(?:no,? wait|i mean|no,? espera|perd[oó]n|quiero decir|digo|non,? attends|je veux dire)\b[\s,]*/iu.exec(
      text,
    )
  if (!repair || repair.index === 0) return null
  const from = repair.index + repair[0].length
  const to = slots.periods.reduce((end, { at }) => (at[0] >= from ? Math.min(end, at[0]) : end), text.length)
  const tail = text
    .slice(from, to)
    .replace(/^(?:at|from|in|en|a|chez|au|à) /i, '')
    .trim()
  const named = tail !== '' && slots.names.some((name) => tail.includes(name) || name.includes(tail))
  return named && tail.split(/\s+/).length <= 4 ? tail.slice(0, 80) : null
}

/** The word that named the kind, where it names less than the whole kind. */
function narrowIn(clause: Clause): string | null {
  const said = kindWords(clause)
  return said !== null && tellsByName(said) ? said : null
}

/** Food is bought as well as eaten out: the same three kinds for everyone, each told by itself. */
function foodIn(clause: Clause): string | null {
  const said = kindWords(clause)
  return said !== null && /^(?:food|comidas?|bouffe|nourriture|manger)$/i.test(said) ? said : null
}
const foodKinds = ['groceries', 'restaurants', 'coffee'] as const

/** The words that named the kind of shop; null where none was named. */
export function kindWords({ text, slots }: Clause): string | null {
  const tokens = tokensOf(text)
  for (const [at, { start }] of tokens.entries()) {
    const found = categoryAt(tokens, at)
    if (found?.category !== slots.category) continue
    return text.slice(start, tokens[found.next - 1]?.end)
  }
  return null
}

/** As a bank's line has it. */
const rentPaid = (said: string): string => (/^loyer/i.test(said) ? 'loyer' : 'rent')

const rentWords = /\b(?:rent|renta|alquiler|loyer)\b/i

const place =
  /(?:^|\s)(?:at|from|au|aux|à la|à l['’]|chez|en el|en la|en|al|a la|mean|meant|dire|decir)\s+(?:the |el |la |le )?([\p{L}][\p{L}\p{N}'’&.-]*(?: [\p{L}\p{N}'’&.-]+){1,3})/iu
/** Words behind "at" that hold a kind of shop and more: its name, perhaps. */
function placeIn({ text, slots }: Clause): string | null {
  const cut = slots.periods.reduce((end, { at }) => (at[0] > 0 ? Math.min(end, at[0]) : end), text.length)
  const found = place.exec(text.slice(0, cut))?.[1]?.trim()
  const rest =
    found && slots.names.some((name) => found.toLowerCase().includes(name.toLowerCase())) ? found : null
  return rest && !slots.names.some((name) => name.toLowerCase() === rest.toLowerCase())
    ? rest.slice(0, 80)
    : null
}
export type Where = {
  readonly merchant?: string
  readonly loose?: true
  readonly category?: NonNullable<Slots['category']>
  readonly several?: Several
  readonly without?: Without
}

/** "did Priya pay me back", "Lucía ya me depositó", "Mathieu m'a-tu remboursé": who, beside the paying. */
export function isPayer(name: string, text: string): boolean {
  const at = text.indexOf(name)
  if (at < 0 || isFiller(name)) return false
  const after = text.slice(at + name.length)
  return (
    /^\s*(?:pay|paid|send|sent|give|gave|transfer\w*|zelle\w*|deposit\w*|ya |me |il |elle |m['’]a|m a |a-t-il|te )/iu.test(
      after,
    ) ||
    /(?:mand\w+|pag\w+|deposit\w+|envi\w+|rembours\w+|sent|paid)\s*(?:me )?(?:a |by |par )?$/iu.test(
      text.slice(0, at),
    )
  )
}

/** Words that are about how something is said, and no name of anything. */
const fillers =
  /\b(ugh|cool|oops|oups|sorry|please|pls|plz|ok|okay|hey|yo|lol|omg|damn|so|just|only|alone|ones?|meant|mean|said|say|quise|quer[ií]a|decir|digo|voulais|dire|rather|actually|instead|better|again|too|also|i|the|n|and|it|its|me|honest|thing|stuff|way|tambi[eé]n|perd[oó]n|solo|s[oó]lo|mejor|ponme|pon|por favor|y|la|el|aussi|pardon|juste|seulement|svp|et|le|les|mets|mettez|en|plut[oô]t|bon|ben|wait|no|non)\b/giu
const withoutFillers = (text: string): string =>
  text
    .replace(fillers, ' ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
const isFiller = (name: string): boolean => withoutFillers(name) === ''

/** What is left of a clause when its slots, its figures and small words are gone; `names`: and its names. */
export function saidBesides({ slots: { rest, names }, text }: Clause, all: boolean): string {
  let left = rest
  for (const name of names)
    if (all || isName(name, text))
      // Small words inside a name are not left: of "Bistro Le Castor" there is "Bistro Castor".
      for (const word of [name, ...name.split(' ')]) left = ` ${left} `.replace(` ${word} `, ' ')
  return withoutFillers(left.replace(/\d+/g, ' '))
}

/** Quoted, written as a name in the middle of a sentence, or after a word that names stand behind. */
export function isName(name: string, text: string): boolean {
  const at = text.indexOf(name)
  if (at < 0) return false
  const before = text.slice(0, at)
  if (/["“«]\s*$/.test(before)) return true
  if (/[\p{L}\p{N}]/u.test(before) && /^\p{Lu}/u.test(name)) return true
  return /(?:^|[^\p{L}])(?:at|from|with|to|by|via|chez|avec|au|aux|à|en|con|a|al|contra|about|de chez|mean|meant|dire|decir)\s+(?:the |my |el |la |los |las |le |les |l['’])?$/iu.test(
    before,
  )
}
