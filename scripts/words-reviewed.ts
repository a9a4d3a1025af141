import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { IntlMessageFormat } from 'intl-messageformat'
import { languageTags } from '../src/core/words.ts'

/**
 * npm run -s words:reviewed             lists the translations nobody has read since they, or their English, changed
 * npm run -s words:reviewed -- --record notes them as read
 *
 * What was read is `words/reviewed.json`: language → kind of catalogue → key → a short hash of the English and the
 * translation together. `tests/words.test.ts` fails while anything is left to read.
 */

/** Kinds of catalogue, and the file of each in a language. English is written first, in all of them. */
export const kinds = {
  bot: (tag: string) => `${tag}.json`,
  pages: (tag: string) => `${tag}.pages.json`,
  topics: (tag: string) => `topics.${tag}.json`,
} as const
export type Kind = keyof typeof kinds
export const kindNames = Object.keys(kinds) as Kind[]

/** Key → ICU message. */
export type Catalogue = Readonly<Record<string, string>>
export type Reviewed = Readonly<Record<string, Readonly<Partial<Record<Kind, Catalogue>>>>>

export const english = 'en-US'
/** Languages that have to say all that English says. */
export const translations = languageTags.filter((tag) => tag !== english)

const folder = new URL('../words/', import.meta.url)
const reviewedFile = new URL('reviewed.json', folder)

/** A catalogue as it is on disk; empty where there is no file. Texts inside an entry are keyed `entry/name`. */
export function readCatalogue(kind: Kind, tag: string): Catalogue {
  const file = new URL(kinds[kind](tag), folder)
  if (!existsSync(file)) return {}
  const found: Record<string, string> = {}
  for (const [key, value] of Object.entries(
    JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>,
  )) {
    if (typeof value === 'string') found[key] = value
    else if (typeof value === 'object' && value !== null)
      for (const [name, text] of Object.entries(value))
        if (typeof text === 'string') found[`${key}/${name}`] = text
  }
  return found
}

export const readReviewed = (): Reviewed =>
  existsSync(reviewedFile) ? (JSON.parse(readFileSync(reviewedFile, 'utf8')) as Reviewed) : {}

const hashOf = (original: string, translation: string): string =>
  createHash('sha256').update(`${original}\n${translation}`).digest('hex').slice(0, 12)

/** The keys whose translation must be read: never read, or either text changed since. */
export const unread = (original: Catalogue, translated: Catalogue, read: Catalogue = {}): string[] =>
  Object.entries(translated)
    .filter(([key, text]) => original[key] !== undefined && read[key] !== hashOf(original[key], text))
    .map(([key]) => key)

export const readAll = (original: Catalogue, translated: Catalogue): Catalogue =>
  Object.fromEntries(
    Object.entries(translated)
      .filter(([key]) => original[key] !== undefined)
      .map(([key, text]) => [key, hashOf(original[key] ?? '', text)]),
  )

// ---------------------------------------------------------------- faults that need no reader

type Part = {
  /** formatjs TYPE: 0 text, 1 argument, 2 number, 5 select, 6 plural, 7 the `#` of a plural. */
  readonly type: number
  readonly value?: string
  readonly options?: Readonly<Record<string, { readonly value: readonly Part[] }>>
}
export type Shape = {
  readonly names: ReadonlySet<string>
  /** Name → its options, sorted. */
  readonly selects: ReadonlyMap<string, string>
  readonly plurals: ReadonlyMap<string, readonly string[]>
  /** What is said between the blanks. */
  readonly text: string
}

/** What a message takes, and how it chooses. Throws where it is no ICU message. */
export function shapeOf(message: string, locale: string): Shape {
  const names = new Set<string>()
  const selects = new Map<string, string>()
  const plurals = new Map<string, readonly string[]>()
  let said = ''
  const walk = (parts: readonly Part[]): void => {
    for (const { type, value, options } of parts) {
      if (type === 0) said += ` ${value ?? ''}`
      if (type !== 0 && type !== 7 && value !== undefined) names.add(value)
      if (type === 5 && value !== undefined)
        selects.set(
          value,
          Object.keys(options ?? {})
            .sort()
            .join(),
        )
      if (type === 6 && value !== undefined) plurals.set(value, Object.keys(options ?? {}))
      for (const option of Object.values(options ?? {})) walk(option.value)
    }
  }
  const format = new IntlMessageFormat(message, locale, undefined, { ignoreTag: true })
  walk(format.getAst() as unknown as readonly Part[])
  return { names, selects, plurals, text: said.trim() }
}

/** What is wrong with a translation beside its English, as `key: what`. */
export function faultsOf(original: Catalogue, translated: Catalogue, tag: string): string[] {
  const faults: string[] = []
  for (const key of Object.keys(original))
    if (translated[key] === undefined) faults.push(`${key}: is missing`)
  for (const [key, text] of Object.entries(translated)) {
    const source = original[key]
    if (source === undefined) faults.push(`${key}: English has no such key`)
    else faults.push(...faultsOfOne(source, text, tag).map((fault) => `${key}: ${fault}`))
  }
  return faults
}

function faultsOfOne(source: string, text: string, tag: string): string[] {
  const faults: string[] = []
  const from = shapeOf(source, english)
  const to = shapeOf(text, tag)
  for (const name of from.names) if (!to.names.has(name)) faults.push(`does not use {${name}}`)
  for (const name of to.names) if (!from.names.has(name)) faults.push(`uses {${name}}, which English has not`)
  for (const [name, options] of from.selects)
    if (to.selects.get(name) !== options) faults.push(`chooses otherwise by {${name}}`)
  for (const name of from.plurals.keys())
    if (!to.plurals.has(name)) faults.push(`does not count {${name}} in the plural`)
  const rules = new Intl.PluralRules(tag)
  const wanted = rules.resolvedOptions().pluralCategories
  for (const [name, categories] of to.plurals)
    for (const category of wanted)
      if (
        !categories.includes(category) &&
        !(category === 'one' && rules.select(0) !== 'one' && categories.includes('=1'))
      )
        faults.push(`{${name}} lacks the plural "${category}"`)
  if (text === source && /\p{L}{2}/u.test(to.text) && !sameEverywhere.test(to.text))
    faults.push('is still English')
  return faults
}
/** Names, and words that are the same in two languages. */
const sameEverywhere =
  /^(?:No|transport|restaurants|Messenger|Instagram|WhatsApp|Guichet|JSON|Service|Services|Transport|Version)$/

// ---------------------------------------------------------------- the command

function main(): void {
  const { values } = parseArgs({ options: { record: { type: 'boolean', default: false } } })
  const before = readReviewed()
  const after: Record<string, Partial<Record<Kind, Catalogue>>> = {}
  let count = 0
  for (const tag of translations)
    for (const kind of kindNames) {
      const original = readCatalogue(kind, english)
      const translated = readCatalogue(kind, tag)
      if (Object.keys(translated).length === 0) continue
      for (const key of unread(original, translated, before[tag]?.[kind])) {
        count++
        if (!values.record)
          process.stdout.write(`${tag} ${kind} ${key}\n  ${original[key]}\n  ${translated[key]}\n`)
      }
      after[tag] = { ...after[tag], [kind]: readAll(original, translated) }
    }
  if (values.record) {
    writeFileSync(reviewedFile, `${JSON.stringify(after, null, 2)}\n`)
    process.stdout.write(`✓ ${count} noted as read\n`)
    return
  }
  process.stdout.write(
    count === 0
      ? '✓ everything is read\n'
      : `${count} to read; then: npm run -s words:reviewed -- --record\n`,
  )
  process.exitCode = count === 0 ? 0 : 1
}
if (import.meta.main) main()
