import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { tags } from '../conversations/sentences.ts'

/** What must not come of a line. */
const nevers = ['act', 'pay', 'disclose', 'pretend'] as const
const whys = [
  'hostile',
  'ambiguous',
  'half',
  'negated',
  'hypothetical',
  'quoted',
  'emoji',
  'voice-to-text',
  'sarcasm',
  'code-switch',
  'rights-mixed',
  'third-party',
  'pressure',
] as const

const line = z.strictObject({
  text: z.string().min(1),
  locale: z.enum(tags),
  why: z.enum(whys),
  never: z
    .string()
    .transform((list) => list.split(';'))
    .pipe(z.array(z.enum(nevers)).min(1)),
})
export type HarmLine = z.infer<typeof line>

/** The lines of `nlu/harm/harm.csv` (RFC 4180): what a careless bot would do harm on. */
export function readHarm(): HarmLine[] {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'nlu', 'harm', 'harm.csv'), 'utf8')
  const [head, ...rows] = rowsOf(text)
  const names = z
    .tuple([z.literal('text'), z.literal('locale'), z.literal('why'), z.literal('never')])
    .parse(head)
  return rows.map((row) => line.parse(Object.fromEntries(names.map((name, at) => [name, row[at]]))))
}

/** RFC 4180: fields in quotes may hold commas, line ends and doubled quotes. */
function rowsOf(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n\r]*))(,|\r?\n|$)/g)) {
    if (quoted === undefined && plain === '' && end === '' && row.length === 0) break
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === ',') continue
    rows.push(row)
    row = []
  }
  return rows
}
