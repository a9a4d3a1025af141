import { readdirSync, readFileSync } from 'node:fs'
import { IntlMessageFormat } from 'intl-messageformat'
import { invariant } from '../../core/refusal.ts'
import { spokenLocale } from '../../core/words.ts'
import { type Html, html, raw } from './html.ts'

export type WordParams = Readonly<Record<string, string | number>>
/** The sentence behind a key, in one language, as plain text (not markup). An unknown key is a bug. */
export type Words = (key: string, params?: WordParams) => string

const folder = new URL('../../../words/', import.meta.url)
const base = 'en-US'
const opened = new Map<string, Words>()
const catalogues = new Map<string, ReadonlyMap<string, string>>()

/** Locales that have a catalogue for pages, by the files that are there (`words/<locale>.pages.json`). */
export const pageLocales: readonly string[] = readdirSync(folder)
  .flatMap((name) => /^([a-z]{2}-[A-Z]{2})\.pages\.json$/.exec(name)?.[1] ?? [])
  .sort()

/** Every key and its ICU message in one locale's file, without the fallback. */
export function pageCatalogue(locale: string): ReadonlyMap<string, string> {
  invariant(pageLocales.includes(locale), 'a catalogue is asked for by a locale that has one')
  let found = catalogues.get(locale)
  if (!found) {
    const text = readFileSync(new URL(`${locale}.pages.json`, folder), 'utf8')
    found = new Map(Object.entries(JSON.parse(text) as Record<string, string>))
    catalogues.set(locale, found)
  }
  return found
}

/** The catalogue that serves a locale best: its own, else one of the same language, else English. */
export function catalogueFor(locale: string): string {
  if (pageLocales.includes(locale)) return locale
  const language = locale.split('-')[0]
  return pageLocales.find((name) => language !== 'en' && name.split('-')[0] === language) ?? base
}

/** The locale to put into a page's frame; `lang` must name the language that is read out. */
export const pageLocale = (locale: string): string => spokenLocale(locale, catalogueFor(locale))

/**
 * Opens the words of the pages for a BCP 47 locale (`en-GB` reads the English file and counts the British way). A key
 * that a translation lacks is said in English rather than left out.
 */
export function openPageWords(locale: string): Words {
  const known = opened.get(locale)
  if (known) return known
  const messages = new Map([...pageCatalogue(base), ...pageCatalogue(catalogueFor(locale))])
  const compiled = new Map<string, IntlMessageFormat>()
  const t: Words = (key, params = {}) => {
    let message = compiled.get(key)
    if (!message) {
      const text = messages.get(key)
      invariant(text !== undefined, `the words for ${key} exist`)
      message = new IntlMessageFormat(text, locale, undefined, { ignoreTag: true })
      compiled.set(key, message)
    }
    return String(message.format(params))
  }
  // A customer's locale comes from a platform: keep only as many as a bank could plausibly serve.
  if (opened.size < 64) opened.set(locale, t)
  return t
}

/** Like `t`, with pieces of markup among the parameters; everything else is escaped. */
export function rich(t: Words, key: string, params: Readonly<Record<string, string | number | Html>>): Html {
  const pieces: string[] = []
  const plain: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(params)) {
    if (typeof value === 'object') plain[name] = `\uE000${pieces.push(String(value)) - 1}\uE001`
    // Private-use marks in a plain value would be mistaken for ours.
    else plain[name] = typeof value === 'string' ? value.replace(/[\uE000\uE001]/g, '') : value
  }
  const escaped = String(html`${t(key, plain)}`)
  return raw(escaped.replace(/\uE000(\d+)\uE001/g, (_, index: string) => pieces[Number(index)] ?? ''))
}
