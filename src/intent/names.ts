import type { Clause, Slots } from '../nlu/reading.ts'
import { listedIn, spokenFor, type ListedOne } from '../nlu/slots/listed.ts'
import { mostPlaces, type Place, type Several } from './ask.ts'

/**
 * A shop or a kind of shop. A name that is surely one is the more exact. "au café plume" may be either: the name where
 * they have such a shop, else the kind.
 */
export function whereOf(clause: Clause): Where {
  const { text, slots } = clause
  const corrected = repairedName(clause)
  if (corrected !== null) return { merchant: corrected }
  const several = severalIn(clause)
  if (several) return { several }
  // Rent is paid to somebody, and no kind of shop.
  const rent = rentWords.exec(text)?.[0]
  if (rent && slots.names.every((name) => !isName(name, text)))
    return { merchant: /^loyer/i.test(rent) ? 'loyer' : 'rent' }
  const names = slots.names.filter((name) => !isFiller(name))
  const sure = names.find((name) => isName(name, text))
  const kind = slots.category ? { category: slots.category } : {}
  const place = slots.category ? placeIn(clause) : null
  if (place !== null) return { merchant: place, loose: true, ...kind }
  if (sure !== undefined) return { merchant: sure.slice(0, 80) }
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
  /\b(ugh|cool|oops|oups|sorry|please|pls|plz|ok|okay|hey|yo|lol|omg|damn|so|just|only|alone|ones?|meant|mean|said|say|rather|actually|instead|better|again|too|also|i|the|n|and|it|its|me|honest|thing|stuff|way|tambi[eé]n|perd[oó]n|solo|s[oó]lo|mejor|ponme|pon|por favor|y|la|el|aussi|pardon|juste|seulement|svp|et|le|les|mets|mettez|en|plut[oô]t|bon|ben|wait|no|non)\b/giu
const withoutFillers = (text: string): string =>
  text
    .replace(fillers, ' ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
const isFiller = (name: string): boolean => withoutFillers(name) === ''

/** What is left of a clause when its slots, its figures and small words are gone; `names`: and its names. */
export function saidBesides({ slots: { rest, names }, text }: Clause, all: boolean): string {
  let left = rest
  for (const name of names) if (all || isName(name, text)) left = left.replace(name, ' ')
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
