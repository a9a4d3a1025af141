import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { IntlMessageFormat } from 'intl-messageformat'

const folder = join(import.meta.dirname, '..', '..', 'words')
export const tags = ['en-US', 'es-US', 'fr-CA'] as const
export type Tag = (typeof tags)[number]

/** A sentence of a catalogue found in something that was said. */
export type Said = { readonly key: string; readonly tag: Tag; readonly length: number }

type Sentence = { readonly key: string; readonly tag: Tag; readonly pattern: RegExp }
type Part = {
  readonly type: number
  readonly value?: string
  readonly options?: Record<string, { value: readonly Part[] }>
}

/** A sentence with fewer letters of its own than this could be found in anything. */
const fewestLetters = 6

/** Whatever fills a blank: within one line, as short as can be. */
const blank = '[^\\n]+?'
const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+')

/** ICU AST → a pattern in which every blank is anything and every choice one of its texts; with its fewest letters. */
function patternOf(parts: readonly Part[]): { pattern: string; letters: number } {
  let pattern = ''
  let letters = 0
  for (const { type, value = '', options } of parts)
    if (type === 0) {
      pattern += literal(value)
      letters += value.match(/\p{L}/gu)?.length ?? 0
    } else if (options === undefined) pattern += blank
    else {
      const all = Object.values(options).map(({ value: its }) => patternOf(its))
      pattern += `(?:${all.map((one) => one.pattern).join('|')})`
      letters += Math.min(...all.map((one) => one.letters))
    }
  return { pattern, letters }
}

function catalogueOf(tag: Tag): Record<string, string> {
  const read = (name: string): unknown => {
    const file = join(folder, `${name}.json`)
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  }
  const topics = read(`topics.${tag}`) as Record<string, { say: string }>
  return {
    ...Object.fromEntries(Object.entries(topics).map(([name, { say }]) => [`topic.${name}`, say])),
    ...(read(tag) as Record<string, string>),
  }
}

const catalogues = new Map(tags.map((tag) => [tag, catalogueOf(tag)]))
const ends = '(?=$|\\s)'
const sentences: readonly Sentence[] = tags.flatMap((tag) =>
  Object.entries(catalogues.get(tag) ?? {}).flatMap(([key, text]) => {
    if (
      /^(button|field|purpose|platform|offer|topic-title|account-type|transaction-status|category|ice|profile)\./.test(
        key,
      )
    )
      return []
    const ast = new IntlMessageFormat(text, tag, undefined, { ignoreTag: true }).getAst()
    const { pattern, letters } = patternOf(ast as readonly Part[])
    return letters < fewestLetters
      ? []
      : [{ key, tag, pattern: new RegExp(`(?:^|[\\s])${pattern}${ends}`, 'mu') }]
  }),
)

/** The sentences of the catalogues that something said consists of; in every language in which they read alike. */
export const sentencesIn = (text: string): Said[] =>
  sentences.flatMap(({ key, tag, pattern }) => {
    const found = pattern.exec(text)
    return found ? [{ key, tag, length: found[0].length }] : []
  })

/** Is there such a sentence, in every language? */
export const isSentence = (key: string): boolean =>
  tags.every((tag) => Object.hasOwn(catalogues.get(tag) ?? {}, key))

/** What a button is called, in every language that has a name for it. */
export const titlesOf = (key: string): string[] => tags.flatMap((tag) => catalogues.get(tag)?.[key] ?? [])
