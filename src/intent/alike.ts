/**
 * How a customer names a shop or an account, against how the bank writes it: accents and case, missing spaces,
 * possessives, short forms and slips of the thumb. Only ever used on names that are the customer's own.
 */

/** Lower case, without accents or signs: what is left is compared word by word. */
export const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

/** Nobody's name is longer; a hostile one is cut. */
const longest = 80

export type Name = { readonly words: readonly string[]; readonly joined: string }

/** A name made comparable. "Trader Joe's" and "trader joes" are one; "the" and "&" tell nothing apart. */
export function nameOf(text: string): Name {
  const all = plain(text.slice(0, longest).replace(/(?<=\p{L})['’`´](?=\p{L})/gu, ''))
    .split(' ')
    .filter((word) => word !== '')
  const telling = all.filter((word) => !/^(the|and|y|et)$/.test(word))
  const words = telling.length > 0 ? telling : all
  return { words, joined: words.join('') }
}

/** How sure a likeness is, from a slip of the thumb to the very name. 0 is no likeness at all. */
export type Likeness = 0 | 1 | 2 | 3 | 4 | 5

/** Short forms that letters alone do not give away → how the name itself begins, without spaces. */
const shortForms: Readonly<Record<string, readonly string[]>> = {
  maccas: ['mcdonald'],
  macdo: ['mcdonald'],
  mcds: ['mcdonald'],
  mickeyds: ['mcdonald'],
  goldenarches: ['mcdonald'],
  sbux: ['starbuck'],
  starbies: ['starbuck'],
  timmies: ['timhorton'],
  timmys: ['timhorton'],
  tims: ['timhorton'],
  bk: ['burgerking'],
  kfc: ['kentuckyfried'],
  tarjay: ['target'],
  wholepaycheck: ['wholefoods'],
  wally: ['walmart'],
  wallyworld: ['walmart'],
  hojo: ['howardjohnson'],
  crappytire: ['canadiantire'],
  ph: ['pizzahut'],
}

/** A kind of shop, in a word that no shop is called by → how the names of such shops, or words of them, begin. */
const kinds: readonly (readonly [said: RegExp, begins: RegExp, codes?: RegExp])[] = [
  [
    /^(?:gym|gimnasio|gymmembership|salledesport|entrainement)$/,
    /^(?:gym|fitness|fit$|crossfit|planetfitness|anytimefitness|ymca|energiecardio|econofitness|goodlife|puregym|athleti|yoga|pilates)/,
    /^(?:7941|7991|7997)$/,
  ],
  [
    /^(?:pharmac(?:y|ies?)|farmacias?|drugstore|chemist)$/,
    /^(?:pharm|farmac|drug|jeancoutu|coutu|uniprix|familiprix|brunet|proxim|cvs|walgreens|riteaid|boots$|apothe|chemist)/,
    /^(?:5122|5912)$/,
  ],
  [/^(?:pubs?|bars?|taverns?)$/, /^(?:pubs?$|bar$|tavern|taverne|brewpub|brewery|brouepub|saloon)/, /^5813$/],
  [/^(?:dentists?|dentistas?|dentistes?|dental)$/, /^(?:dent|orthodon|ortodon)/, /^8021$/],
  [
    /^(?:luz|recibodelaluz|electricidad|electricity|electric|electricbill|lightbill|powerbill|electricite|hydrobill)$/,
    /^(?:electri|hydro|power|energ|light|edison|coned|fpl|pge|luz)/,
  ],
  [/^(?:agua|water|waterbill|eau)$/, /^(?:water|agua|aqua|aque|eau)/],
  [
    /^(?:telefono|telephone|cel|celular|cellulaire|cell|cellbill|phone|phonebills?)$/,
    /^(?:mobile|movil|mobil|cell|phone|telecom|telef|wireless|verizon|tmobile|att$|telus|bell$|rogers|fido|videotron|koodo|vodafone|giffgaff|cricket)/,
    /^(?:4812|4814)$/,
  ],
  [
    /^(?:internet|internetbill|cable|cablebill)$/,
    /^(?:internet|broadband|fiber|fibre|fibra|cable|comcast|xfinity|spectrum|cox$|videotron|cogeco|virginmedia|net$)/,
  ],
]

/** How like what the customer said is to a name. */
export function likeness(said: Name, name: Name): Likeness {
  if (said.joined === '' || name.joined === '') return 0
  if (said.joined === name.joined) return 5
  const begins = said.words.every((word) => name.words.some((one) => one.startsWith(word)))
  if (begins || (said.joined.length >= 3 && name.joined.startsWith(said.joined))) return 4
  const forms = shortForms[Object.hasOwn(shortForms, said.joined) ? said.joined : ''] ?? []
  if (forms.some((form) => name.joined.startsWith(form)) || saidMore(said, name)) return 3
  if (isKindOf(said, name)) return 3
  if (shortened(said.joined, name)) return 2
  return mistyped(said, name) ? 1 : 0
}

const isKindOf = ({ joined }: Name, name: Name): boolean =>
  kinds.some(
    ([said, begins]) => said.test(joined) && [name.joined, ...name.words].some((one) => begins.test(one)),
  )

/** Whether what was said is a kind of shop that this merchant category code (ISO 18245) is of. */
export const soldAs = ({ joined }: Name, mcc: string | null): boolean =>
  mcc !== null && kinds.some(([said, , codes]) => said.test(joined) && codes?.test(mcc))

/** Is it a word for a kind of shop that has a code of its own? Then no code and no name is none of it. */
export const hasCode = (said: string): boolean =>
  kinds.some(([one, , codes]) => codes !== undefined && one.test(nameOf(said).joined))

/** Is it a word for one kind of shop, by which those of a list can be told by their names? */
export const tellsByName = (said: string): boolean => kinds.some(([one]) => one.test(nameOf(said).joined))

/** "mcdonalds restaurant" for "McDonald's": the whole name, and more. */
const saidMore = (said: Name, name: Name): boolean =>
  name.joined.length >= 4 && name.words.every((word) => said.words.some((one) => same(one, word)))
const same = (a: string, b: string): boolean => a === b || `${a}s` === b || a === `${b}s`

/** "amzn": consonants in their order from the first letter. "wf": initials. */
function shortened(said: string, { words, joined }: Name): boolean {
  if (said.length < 2 || said.length > 6 || said[0] !== joined[0]) return false
  if (words.length > 1 && words.map((word) => word[0]).join('') === said) return true
  if (said.length < 3 || /[aeiouy]/.test(said.slice(1))) return false
  const bare = (text: string): string => text.slice(0, 1) + text.slice(1).replace(/[aeiouy]/g, '')
  return bare(joined).startsWith(said) || words.some((word) => bare(word).startsWith(said))
}

/** Every word said is some word of the name but for a slip or two, or the whole is nearly the same string. */
function mistyped(said: Name, name: Name): boolean {
  const near = said.words.every((word) =>
    name.words.some((one) =>
      word.length < 4 ? one === word : [one, one.slice(0, word.length)].some((part) => nearly(word, part)),
    ),
  )
  return near || nearly(said.joined, name.joined) || alikeness(said.joined, name.joined) >= 0.6
}

/** Slips that are forgiven grow with the length of what was typed. */
const nearly = (a: string, b: string): boolean => {
  const most = a.length >= 8 ? 2 : a.length >= 4 ? 1 : 0
  return most > 0 && Math.abs(a.length - b.length) <= most && distance(a, b, most) <= most
}

/** Edits between two words, a swap of neighbours being one (optimal string alignment); `most` + 1 when more. */
export function distance(a: string, b: string, most: number): number {
  let [older, last]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (older[j - 2] ?? 0) + 1)
      row.push(best)
    }
    if (Math.min(...row) > most) return most + 1
    older = last
    last = row
  }
  return last[b.length] ?? 0
}

/** Dice's coefficient of the trigrams of two strings, 0 to 1. Short strings have too few to tell. */
export function alikeness(a: string, b: string): number {
  if (a.length < 5 || b.length < 5) return 0
  const grams = (text: string): Set<string> =>
    new Set(Array.from({ length: text.length }, (_, i) => ` ${text} `.slice(i, i + 3)))
  const [left, right] = [grams(a), grams(b)]
  let shared = 0
  for (const gram of left) if (right.has(gram)) shared++
  return (2 * shared) / (left.size + right.size)
}
