import { IntlMessageFormat } from 'intl-messageformat'
import enUS from '../../words/en-US.json' with { type: 'json' }
import esUS from '../../words/es-US.json' with { type: 'json' }
import frCA from '../../words/fr-CA.json' with { type: 'json' }
import enTopics from '../../words/topics.en-US.json' with { type: 'json' }
import esTopics from '../../words/topics.es-US.json' with { type: 'json' }
import frTopics from '../../words/topics.fr-CA.json' with { type: 'json' }
import { invariant } from './refusal.ts'

/** The key of a sentence in the catalogue. English is written first, so its keys are the keys there are. */
export type WordKey = keyof typeof enUS
export type Params = Readonly<Record<string, string | number>>

/** The languages the bot speaks: one catalogue each (`words/<tag>.json`). */
export const languageTags = ['en-US', 'es-US', 'fr-CA'] as const
export type LanguageTag = (typeof languageTags)[number]
export const isLanguageTag = (tag: unknown): tag is LanguageTag => languageTags.some((known) => known === tag)

/** What Meta's platforms call them where they keep texts of ours: approved templates, in one language each. */
export const templateLanguages: Readonly<Record<LanguageTag, string>> = {
  'en-US': 'en_US',
  // They list Spanish as such and for some countries; the United States is not among them.
  'es-US': 'es',
  'fr-CA': 'fr_CA',
}

/** The catalogue of a language of which only the first subtag is known (`es`), as a reading names it. */
export const tagOf = (language: 'en' | 'es' | 'fr'): LanguageTag =>
  languageTags.find((tag) => tag.startsWith(language)) ?? fallback

export type Words = {
  /** How numbers, dates and money are written (see spokenLocale). */
  readonly locale: string
  /** Which catalogue speaks, e.g. `en-US`. */
  readonly catalogue: LanguageTag
  /**
   * The sentence, with its placeholders filled. A parameter is text, never a pattern. A placeholder `has_x` that is
   * not given is `no`.
   */
  t(key: WordKey, params?: Params): string
  /** True for a key of the catalogue. */
  has(key: string): key is WordKey
}

const catalogues: Readonly<Record<LanguageTag, Readonly<Record<WordKey, string>>>> = {
  'en-US': { ...enUS, ...topicWords(enTopics) },
  'es-US': { ...esUS, ...topicWords(esTopics) },
  'fr-CA': { ...frCA, ...topicWords(frTopics) },
}

/** Topics of general help are written apart, each with its title and its answer: `topic.<name>.title`, `….say`. */
function topicWords(
  topics: Readonly<Record<string, { title: string; say: string }>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(topics).flatMap(([name, { title, say }]) => [
      [`topic.${name}.title`, title],
      [`topic.${name}.say`, say],
    ]),
  )
}
const fallback = 'en-US'

const opened = new Map<string, Words>()
/** Locales come from outside (a platform's profile), so the cache of them has an end. */
const maxOpened = 64

/**
 * The words of a language as the country of another locale writes its figures: French at a bank of the United States,
 * English at one of Canada ("$", and not "CA$"). The locale itself where it already is of that language.
 */
export function wordsIn(tag: LanguageTag, country: string): Words {
  const language = tag.slice(0, 2)
  if (country.startsWith(`${language}-`)) return openWords(country)
  const region = /-([A-Z]{2})$/.exec(country)?.[1]
  return openWords(region === undefined ? tag : `${language}-${region}`)
}

/** The words of a locale (BCP 47): its own catalogue, else one of its language, else English. Opened once. */
export function openWords(locale: string): Words {
  const known = opened.get(locale)
  if (known) return known
  const words = open(locale)
  if (opened.size >= maxOpened) opened.clear()
  opened.set(locale, words)
  return words
}

function open(asked: string): Words {
  const language = asked.split(/[-_]/)[0]
  const catalogue = isLanguageTag(asked)
    ? asked
    : (languageTags.find((tag) => tag.split('-')[0] === language) ?? fallback)
  const locale = spokenLocale(asked, catalogue)
  const texts: Readonly<Record<string, string>> = catalogues[catalogue]
  const compiled = new Map<string, string | { format: IntlMessageFormat; optional: readonly string[] }>()

  const compile = (key: string): string | { format: IntlMessageFormat; optional: readonly string[] } => {
    const text = Object.hasOwn(texts, key) ? texts[key] : undefined
    invariant(text !== undefined, `no sentence ${key} in ${catalogue}`)
    const format = new IntlMessageFormat(text, locale, undefined, { ignoreTag: true })
    const names = placeholders(format.getAst())
    // A sentence without placeholders is formatted once, for good.
    return names.size === 0
      ? String(format.format())
      : { format, optional: [...names].filter((name) => name.startsWith('has_')) }
  }

  return {
    locale,
    catalogue,
    has: (key): key is WordKey => Object.hasOwn(texts, key),
    t: (key, params) => {
      let sentence = compiled.get(key)
      if (sentence === undefined) {
        sentence = compile(key)
        compiled.set(key, sentence)
      }
      if (typeof sentence === 'string') return sentence
      const values: Record<string, string | number> = { ...params }
      for (const name of sentence.optional) values[name] ??= 'no'
      return oneStop(String(sentence.format.format(values)))
    },
  }
}

/** A sentence that ends in "p.m." or "nov." ends in one full stop; three of them are somebody's dots and stay. */
const oneStop = (text: string): string =>
  text.includes('..') ? text.replace(/(?<!\.)\.\.(?!\.)/g, '.') : text

/** The names a sentence takes. `type` is 0 for text and 7 for the `#` of a plural (formatjs TYPE). */
function placeholders(ast: readonly unknown[], names = new Set<string>()): Set<string> {
  for (const part of ast) {
    const { type, value, options } = part as {
      type: number
      value?: string
      options?: Record<string, { value: readonly unknown[] }>
    }
    if (type === 0 || type === 7) continue
    if (value !== undefined) names.add(value)
    for (const option of Object.values(options ?? {})) placeholders(option.value, names)
  }
  return names
}

/**
 * The locale (BCP 47) that figures and dates are written in beside sentences of a catalogue. An English sentence with
 * French figures helps nobody, so the language is the sentence's; the country stays the one asked for, so that a
 * Canadian's dollars are "$" and not "CA$". Where nobody knows how that country writes that language (Spanish in
 * Canada would be written as in Spain, "1.234,50 CAD"), it is written the catalogue's way ("CAD 1,234.50").
 */
export function spokenLocale(asked: string, catalogue: string): string {
  const language = catalogue.split('-')[0] ?? catalogue
  try {
    const wanted = new Intl.Locale(asked)
    const there = wanted.language === language ? asked : `${language}-${wanted.region ?? ''}`
    return Intl.NumberFormat(there).resolvedOptions().locale === there ? there : catalogue
  } catch {
    return catalogue
  }
}
