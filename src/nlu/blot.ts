import { readFileSync } from 'node:fs'
import { bare } from './bare.ts'
import type { Clause, Span } from './reading.ts'

/**
 * A clause without anything that is somebody's: amounts, dates, names and digits are marks, and of what is left only
 * words stay that many different people's sentences share. What is lost is worth less than one name that is kept.
 */
export function blot({ text, slots }: Pick<Clause, 'text' | 'slots'>, common: ReadonlySet<string>): string {
  const marks: { readonly at: Span; readonly mark: string }[] = [
    ...slots.amounts.map(({ at }) => ({ at, mark: '‹amount›' })),
    ...slots.periods.map(({ at }) => ({ at, mark: '‹time›' })),
    ...slots.names.flatMap((name) => {
      const start = text.toLowerCase().indexOf(name.toLowerCase())
      return start < 0 ? [] : [{ at: [start, start + name.length] as const, mark: '‹name›' }]
    }),
  ].sort((a, b) => a.at[0] - b.at[0])
  let out = ''
  let from = 0
  for (const { at, mark } of marks) {
    if (at[0] < from) continue
    out += `${commonOnly(text.slice(from, at[0]), common)} ${mark} `
    from = at[1]
  }
  return `${out}${commonOnly(text.slice(from), common)}`.replace(/\s+/g, ' ').trim().slice(0, 300)
}

function commonOnly(text: string, common: ReadonlySet<string>): string {
  return text
    .split(/\s+/)
    .map((word) => {
      if (word === '') return ''
      if (/\d/.test(word)) return '‹number›'
      const parts = bare(word).split(' ')
      return parts.every((part) => part === '' || common.has(part)) ? word.toLowerCase() : '‹word›'
    })
    .join(' ')
}

/** Words that stand in at least so many of our own lines, under at least so many intents: nobody's name does. */
const linesAtLeast = 6
const intentsAtLeast = 6

/** Words common enough to be nobody's, from labelled files (`text,category`). */
export function commonWords(files: readonly string[]): Set<string> {
  const lines = new Map<string, number>()
  const intents = new Map<string, Set<string>>()
  for (const file of files)
    for (const line of readFileSync(file, 'utf8').split('\n').slice(1)) {
      const comma = line.lastIndexOf(',')
      const intent = line.slice(comma + 1)
      for (const word of new Set(bare(line.slice(0, comma)).split(' '))) {
        lines.set(word, (lines.get(word) ?? 0) + 1)
        const of = intents.get(word) ?? new Set()
        intents.set(word, of.add(intent))
      }
    }
  return new Set(
    [...lines].flatMap(([word, count]) =>
      count >= linesAtLeast && (intents.get(word)?.size ?? 0) >= intentsAtLeast ? [word] : [],
    ),
  )
}
