import { profile } from './language-profile.ts'
import type { Language } from './reading.ts'
import { fold } from './slots/token.ts'

/** Evidence of a piece of text for each language, in hundredths of a nat against their mean. */
type Weights = readonly [en: number, es: number, fr: number]

const order: readonly Language[] = ['en', 'es', 'fr']

/** Spelled alike in two of the languages, or in all: no evidence, however often one of them says it. */
const alike = new Set(
  `transaction transactions balance total visa mastercard budget virus notification notifications message messages question
questions service services restaurant restaurants client date simple possible important zelle venmo paypal netflix spotify
amazon uber costco walmart target apple google facebook messenger max normal personal final capital general hotel taxi chat
email internet app ok oki okay no a on me non normal favor actual error information option options commission international
permission permissions abonnement usage budget limite dispute club cash interac parking`.split(/\s+/),
)

/** Words whole ("=the="), and runs of three letters with the word's edges ("=qu", "ion"). At most 60 words of 20 letters. */
function* piecesOf(text: string): Generator<string> {
  let words = 0
  for (const match of text.matchAll(/[\p{L}\p{M}']+/gu)) {
    words += 1
    if (words > 60) return
    // Accents are evidence, so they are kept beside the folded form.
    const word = match[0].toLowerCase().slice(0, 20)
    if (alike.has(word)) continue
    yield `=${fold(word)}=`
    const edged = `=${word}=`
    for (let at = 0; at + 3 <= edged.length; at += 1) yield edged.slice(at, at + 3)
  }
}

/** Function words and courtesies of one language alone, folded: each speaks for its own, however short the message. */
const telling: Readonly<Record<Language, ReadonlySet<string>>> = {
  en: new Set(
    'the my what how much did does is are was were have has with this that from please thanks thank hello hi hey yes yeah yep nope where when why which who send show give want need and you your i im its dont cant help bye goodbye since last month week yesterday today tomorrow monday tuesday wednesday thursday friday saturday sunday'.split(
      ' ',
    ),
  ),
  es: new Set(
    'el los las mis una cuanto cuanta que como cuando donde por para con este esta ese eso hola gracias buenas buenos dias quiero necesito tengo favor porfa adios mande dame hay ya muy pero del y yo hace desde ayer anoche semana pasado pasada lunes martes miercoles jueves viernes sabado domingo'.split(
      ' ',
    ),
  ),
  fr: new Set(
    'les mon une des du combien est ce cette ces quel quelle quand pour avec dans sur bonjour allo salut oui merci svp veux je j jai chu pas mois argent et au aux aide bonsoir pis tu depuis hier demain semaine lundi mardi mercredi jeudi vendredi samedi dimanche'.split(
      ' ',
    ),
  ),
}

/** Fewest times a piece must have been seen, and how many pieces are kept. */
const seenAtLeast = 6
const keep = 1200

/**
 * The profile of labelled sentences: for each piece, how much more often it stands in one language than in the others
 * (log of smoothed shares). Deterministic; `language-profile.ts` is this, of the training sentences.
 */
export function profileOf(sentences: Readonly<Record<Language, readonly string[]>>): string {
  // Each file has sentences of the neighbours' on purpose ("alerts on" in Spanish mouths): a first profile finds them.
  const rough = read(countedIn(sentences))
  const clean = (language: Language): string[] =>
    sentences[language].filter((sentence) => {
      const said = weighed(sentence, rough)
      return said.language === language || !said.sure
    })
  return countedIn({ en: clean('en'), es: clean('es'), fr: clean('fr') })
}

function countedIn(sentences: Readonly<Record<Language, readonly string[]>>): string {
  const counts = new Map<string, [number, number, number]>()
  const totals: [number, number, number] = [0, 0, 0]
  for (const [index, language] of order.entries())
    for (const sentence of sentences[language])
      for (const piece of piecesOf(sentence)) {
        const known = counts.get(piece) ?? [0, 0, 0]
        known[index as 0] += 1
        totals[index as 0] += 1
        counts.set(piece, known)
      }
  const rows: { piece: string; weights: number[]; worth: number }[] = []
  for (const [piece, seen] of counts) {
    const all = seen[0] + seen[1] + seen[2]
    if (all < seenAtLeast) continue
    const logs = seen.map((count, index) => Math.log((count + 0.5) / ((totals[index] as number) + 1)))
    const mean = (logs[0]! + logs[1]! + logs[2]!) / 3
    const weights = logs.map((log) => Math.round((log - mean) * 100))
    rows.push({ piece, weights, worth: all * (Math.max(...weights) - Math.min(...weights)) })
  }
  rows.sort((a, b) => b.worth - a.worth || (a.piece < b.piece ? -1 : 1))
  return rows
    .slice(0, keep)
    .map(({ piece, weights }) => `${piece} ${weights.join(' ')}`)
    .join('\n')
}

const read = (table: string): ReadonlyMap<string, Weights> =>
  new Map(
    table.split('\n').map((line) => {
      const [piece = '', en, es, fr] = line.split(' ')
      return [piece, [Number(en), Number(es), Number(fr)] as const]
    }),
  )

/** By themselves these are said in any of the languages. */
const anyones = new Set('stop agent fraude fraud urgent ok help menu info start'.split(' '))

/**
 * What names a shop speaks no language: what stands beside "&" ("Palm & Pour"), and what has a capital in the middle of
 * a sentence that is otherwise written small.
 */
function withoutNames(text: string): string {
  // Nor does what is half a figure ("q1").
  const bare = text
    .replace(/[\p{L}\p{M}']+\s*&\s*[\p{L}\p{M}']+/gu, ' ')
    .replace(/(?<![\p{L}\p{M}])\p{L}{1,2}\d+(?![\p{L}\p{M}])/gu, ' ')
  const small = bare.match(/(?<![\p{L}\p{M}'])\p{Ll}[\p{L}\p{M}']+/gu)?.length ?? 0
  return small < 2 ? bare : bare.replace(/(?<=[\p{L}\p{M},]\s+)\p{Lu}\p{Ll}[\p{L}\p{M}']*/gu, ' ')
}

let known: ReadonlyMap<string, Weights> | undefined

/** Below this lead (hundredths of a nat) two languages could both have said it. */
const lead = 320
/** As much where nothing but letters tells, in a message of three words at most. */
const lettersLead = 480

/**
 * The language of a text. Not sure where it could be several ("balance", "ok", "500"); where languages are mixed, the one
 * that prevails. `table` is for scoring other profiles.
 */
export function languageOf(
  text: string,
  table?: ReadonlyMap<string, Weights>,
): { language: Language; sure: boolean } {
  const said = withoutNames(text)
  const { language, sure, ahead } = weighed(said, table)
  const clear = sure && (ahead >= lettersLead || !isShort(said) || speaks(said, language, table))
  return { language, sure: clear && !anyones.has(fold(text.replace(/[^\p{L}\p{M}]+/gu, ''))) }
}

/** In a message of three words the letters alone ("average per visit?") are too little to leave a language for. */
const isShort = (text: string): boolean => (text.match(/[\p{L}\p{M}']+/gu)?.length ?? 0) <= 3

/** Has a word, whole, or a sign that is that language's own. */
function speaks(text: string, language: Language, table?: ReadonlyMap<string, Weights>): boolean {
  const weights = table ?? (known ??= read(profile))
  const index = order.indexOf(language) as 0
  if (signs[language]?.test(text)) return true
  return (text.match(/[\p{L}\p{M}']+/gu) ?? []).some((match) => {
    const word = fold(match)
    return telling[language].has(word) || (weights.get(`=${word}=`)?.[index] ?? 0) >= 100
  })
}
const signs: Readonly<Partial<Record<Language, RegExp>>> = { es: /[¿¡ñáíóú]/i, fr: /[çèêùœàâîôû]/i }

function weighed(
  text: string,
  table?: ReadonlyMap<string, Weights>,
): { language: Language; sure: boolean; ahead: number } {
  known ??= read(profile)
  const weights = table ?? known
  const sums: [number, number, number] = [0, 0, 0]
  for (const piece of piecesOf(text)) {
    const weight = weights.get(piece)
    if (!weight) continue
    // A whole word tells more than the letters in it, which tell the same again.
    const factor = piece[0] === '=' && piece.at(-1) === '=' && piece.length > 3 ? 1 : 0.5
    sums[0] += factor * weight[0]
    sums[1] += factor * weight[1]
    sums[2] += factor * weight[2]
  }
  for (const match of text.slice(0, 300).matchAll(/[\p{L}\p{M}']+/gu)) {
    const word = fold(match[0])
    for (const [index, language] of order.entries()) if (telling[language].has(word)) sums[index as 0] += 200
  }
  // Signs of one language alone.
  if (/[¿¡ñ]/i.test(text)) sums[1] += 300
  if (/[çèêùœ]/i.test(text)) sums[2] += 200
  let best = 0
  for (let index = 1; index < 3; index += 1) if (sums[index as 0] > sums[best as 0]) best = index
  const second = Math.max(...sums.filter((_, index) => index !== best))
  const ahead = sums[best as 0] - second
  return { language: order[best] as Language, sure: ahead >= lead, ahead }
}

/** Reads a profile made by `profileOf`. */
export const readProfile = read
