import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { frenchForms, spanishForms, withoutClitics } from './conjugate.ts'
import type { Language } from './reading.ts'
import { farApart, near, neighboursOf, slip, soundOf, type Near } from './slips.ts'

/**
 * Word-for-word English of what customers write, so that an encoder that knows English alone has something to hold.
 * Not a translation: word order stays, and what is not known stays as it was. The words are ours: `nlu/gloss/*.json`.
 */

type Written = {
  /** `base/past` of the English verb, to infinitives (with the stem that takes the stress: "pedir:pid"). */
  readonly verbs: Readonly<Record<string, string>>
  /** English, to what is written for it. */
  readonly words: Readonly<Record<string, string>>
  /** Words that are spelled right, the most said first: those of our own training sentences. */
  readonly known: string
}

/** `next`: longer entries that start so. `says`: English of the words read so far. */
type Branch = { next: Map<string, Branch> | undefined; says: string | undefined }

type Glossary = {
  readonly root: Branch
  /** Each single word, and each word of a longer entry. */
  readonly known: Set<string>
  readonly verbs: Set<string>
  readonly near: Near
  /** How seldom a word is said, in nats: 0 for the one said most. What is only in the glossary is as the rarest. */
  readonly unlikely: Map<string, number>
  readonly rarest: number
  /** How a word sounds, to the word. */
  readonly sounds: Map<string, string>
}

const folder = new URL('../../nlu/gloss/', import.meta.url)
const texts: Partial<Record<Language, string>> = {}
const opened: Partial<Record<Language, Glossary>> = {}

const read = (language: Language): string =>
  (texts[language] ??= readFileSync(new URL(`${language}.json`, folder), 'utf8'))

/** Names the words: a model trained with one glossary is of no use with another. Hex SHA-256. */
export function glossHash(): string {
  const hash = createHash('sha256')
  for (const language of ['en', 'es', 'fr'] as const) hash.update(read(language))
  return hash.digest('hex')
}

/** Lower case, no accents, apostrophes and hyphens as spaces, "soooo" as "soo". */
export function foldWords(text: string): string {
  return text
    .toLowerCase()
    .replace(/œ/g, 'oe')
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[\u2019'’`´-]/g, ' ')
    .replace(/([a-z])\1{2,}/g, '$1$1')
}

const pieces = /[a-z]+(?:\+(?![a-z0-9]))?|[0-9][0-9.,:/]*[0-9]|[0-9]+|[^\sa-z0-9]/gu
const wordOnly = /^[a-z]+$/

/** Words read of one message. */
const mostWords = 120
/** Words of an English entry are left alone in Spanish and French too: people mix. */
const shortestGuess = 4
/** What a word's being rare weighs against its being a likelier slip. */
const weight = 0.45

/**
 * The words of a text, folded, each unknown one put right where it differs from a known one by a slip or sounds the
 * same. Bounded; never throws.
 */
export function spelled(text: string, language: Language): string {
  return spelling(text, language).join(' ')
}

function spelling(text: string, language: Language): string[] {
  const book = open(language)
  const words = (foldWords(text.slice(0, 800)).match(pieces) ?? []).slice(0, mostWords)
  return words.flatMap((word) => (wordOnly.test(word) ? nearest(word, book, language).split(' ') : word))
}

/** The English gloss of a text. Bounded; never throws. Accents and case do not matter. */
export function gloss(text: string, language: Language): string {
  const book = open(language)
  const sure = spelling(text, language)
  const out: string[] = []
  for (let at = 0; at < sure.length; ) {
    const found = longest(book.root, sure, at)
    if (found === undefined) {
      out.push(sure[at] as string)
      at += 1
    } else {
      if (found.says !== '') out.push(found.says)
      at = found.to
    }
  }
  return out.join(' ')
}

function longest(
  root: Branch,
  words: readonly string[],
  from: number,
): { says: string; to: number } | undefined {
  let found: { says: string; to: number } | undefined
  let branch: Branch | undefined = root
  for (let at = from; at < words.length; at++) {
    branch = branch.next?.get(words[at] as string)
    if (branch === undefined) break
    if (branch.says !== undefined) found = { says: branch.says, to: at + 1 }
  }
  return found
}

/** The word itself where it is known; else a known one that sounds the same or differs by one slip; else itself. */
function nearest(word: string, book: Glossary, language: Language): string {
  if (book.known.has(word) || word.length < shortestGuess - 1 || word.length > 24) return word
  if (language !== 'en' && open('en').known.has(word)) return word
  const apiece = language === 'es' ? withoutClitics(word, (form) => book.verbs.has(form)) : undefined
  if (apiece !== undefined) return apiece
  const elided = language === 'fr' ? withElision(word, (rest) => book.known.has(rest)) : undefined
  if (elided !== undefined) return elided
  const single = word.replace(/(.)\1/g, '$1')
  if (book.known.has(single)) return single
  const sound =
    language === 'en' || word.length < shortestGuess ? undefined : book.sounds.get(soundOf(word, language))
  if (sound !== undefined) return sound
  let best = word
  let least = Infinity
  const consider = (candidates: Iterable<string>) => {
    for (const candidate of candidates) {
      const apart = slip(word, candidate)
      if (apart >= farApart) continue
      const unlikely = apart + (book.unlikely.get(candidate) ?? book.rarest)
      if (unlikely < least) {
        least = unlikely
        best = candidate
      }
    }
  }
  consider(near(book.near, word, -1))
  if (word.length >= shortestGuess)
    for (let at = 0; at < word.length; at++) {
      const shorter = word.slice(0, at) + word.slice(at + 1)
      // A stray letter: the shorter word is known as it stands.
      if (shorter.length >= shortestGuess - 1 && book.known.has(shorter)) consider([shorter])
      consider(near(book.near, word, at))
    }
  return least < Infinity ? best : (apart(word, book) ?? word)
}

/** "jaimerais", "lhydro": the apostrophe left out. */
export function withElision(word: string, known: (rest: string) => boolean): string | undefined {
  const [, little, rest] = /^(qu|[cdjlmnst])([aeiouyh].{2,})$/.exec(word) ?? []
  return little !== undefined && rest !== undefined && known(rest) ? `${little} ${rest}` : undefined
}

/** Two known words typed as one: "stopplanet". */
function apart(word: string, { known }: Glossary): string | undefined {
  for (let at = word.length - 2; at >= 2; at--)
    if (word.length >= 6 && known.has(word.slice(0, at)) && known.has(word.slice(at)))
      return `${word.slice(0, at)} ${word.slice(at)}`
  return undefined
}

function open(language: Language): Glossary {
  return (opened[language] ??= build(language))
}

function build(language: Language): Glossary {
  const { verbs: written, words, known: more } = JSON.parse(read(language)) as Written
  const root: Branch = { next: undefined, says: undefined }
  const known = new Set<string>()
  /** The first entry to claim a form keeps it, so written words come before made ones. */
  const add = (form: string, says: string): void => {
    let branch = root
    for (const word of wordOnly.test(form) ? [form] : (foldWords(form).match(pieces) ?? [])) {
      branch.next ??= new Map()
      let next = branch.next.get(word)
      if (next === undefined) {
        next = { next: undefined, says: undefined }
        branch.next.set(word, next)
      }
      known.add(word)
      branch = next
    }
    if (branch !== root) branch.says ??= says
  }
  const verbs = new Set<string>()
  const verb = (form: string, who: string, says: string): void => {
    verbs.add(form)
    add(form, who === '' ? says : `${who} ${says}`)
  }
  for (const [says, forms] of Object.entries(words)) {
    if (language === 'en') for (const word of says.split(' ')) known.add(word)
    for (const form of forms.split(',')) add(form.trim(), says)
  }
  for (const [says, infinitives] of Object.entries(written)) {
    const [base, past] = says.split('/') as [string, string]
    for (const one of infinitives.split(',')) {
      const [infinitive, changed] = one.trim().split(':') as [string, string | undefined]
      if (infinitive.includes(' ')) add(infinitive, base)
      else if (language === 'es')
        for (const { form, who, past: was } of spanishForms(infinitive, changed))
          verb(form, who, was ? past : base)
      else for (const { form, who, past: was } of frenchForms(infinitive)) verb(form, who, was ? past : base)
    }
  }
  const often = more.split(' ')
  // Of words by how often they are said, the n-th is said about 1/n as often as the first (Zipf).
  const unlikely = new Map(often.map((word, at) => [word, weight * Math.log(at + 1)]))
  for (const word of often) known.add(word)
  const listed = [...known].filter(
    (word) => word.length >= shortestGuess && word.length <= 14 && wordOnly.test(word),
  )
  const sounds = new Map<string, string>()
  if (language !== 'en')
    for (const word of listed) {
      const sound = soundOf(word, language)
      if (sound !== word && !known.has(sound) && !sounds.has(sound)) sounds.set(sound, word)
    }
  return {
    root,
    known,
    verbs,
    near: neighboursOf(listed),
    unlikely,
    rarest: weight * Math.log(often.length + 1),
    sounds,
  }
}
