import { IntlMessageFormat } from 'intl-messageformat'
import enUS from '../../words/en-US.json' with { type: 'json' }
import { invariant } from './refusal.ts'

/** The key of a sentence in the catalogue. English is written first, so its keys are the keys there are. */
export type WordKey = keyof typeof enUS
export type Params = Readonly<Record<string, string | number>>

export type Words = {
  /** How numbers, dates and money are written (see spokenLocale). */
  readonly locale: string
  /** Which catalogue speaks, e.g. `en-US`. */
  readonly catalogue: string
  /**
   * The sentence, with its placeholders filled. A parameter is text, never a pattern. A placeholder `has_x` that is
   * not given is `no`.
   */
  t(key: WordKey, params?: Params): string
  /** True for a key of the catalogue. */
  has(key: string): key is WordKey
}

const catalogues: Readonly<Record<string, Readonly<Record<WordKey, string>>>> = { 'en-US': enUS }
const fallback = 'en-US'

const opened = new Map<string, Words>()
/** Locales come from outside (a platform's profile), so the cache of them has an end. */
const maxOpened = 64

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
  const catalogue = Object.hasOwn(catalogues, asked)
    ? asked
    : (Object.keys(catalogues).find((name) => name.split('-')[0] === language) ?? fallback)
  const locale = spokenLocale(asked, catalogue)
  const texts: Readonly<Record<string, string>> = catalogues[catalogue] ?? enUS
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
      return String(sentence.format.format(values))
    },
  }
}

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
 * French figures helps nobody, so the language is the sentence's; but the country stays the customer's, so that a
 * Canadian's dollars are "$" and not "CA$".
 */
export function spokenLocale(asked: string, catalogue: string): string {
  const language = catalogue.split('-')[0] ?? catalogue
  try {
    const wanted = new Intl.Locale(asked)
    if (wanted.language === language) return asked
    const there = `${language}-${wanted.region ?? ''}`
    return Intl.NumberFormat(there).resolvedOptions().locale === there ? there : catalogue
  } catch {
    return catalogue
  }
}
