/*
 * Writes what `teach.py` learns from: each training sentence as the encoder is to read it, as it stands and with typing
 * errors, in tokens. The last part of every class is marked as kept apart: `guichet nlu train` judges the heads by it
 * (src/nlu/cross.ts), so the encoder must not have learnt it by heart.
 *
 *   node scripts/encoder/sentences.ts OUT.jsonl [more topics .csv …]
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Tokenizer } from '@huggingface/tokenizers'
import { csvIn, examplesOf, folder } from '../../src/cli/nlu-files.ts'
import { generalEncoder } from '../../src/nlu/encoder.ts'
import { ownPreparation } from '../../src/nlu/prepare.ts'
import { withTypos } from '../../src/nlu/typos.ts'

const keptApart = 0.2
const mostTokens = 96
/** Copies with typing errors of each sentence; their seeds lie far from those of scoring and of the heads. */
const copies = 4
const seeds = 3_000_000

const [out, ...more] = process.argv.slice(2)
if (out === undefined) throw new Error('where to? node scripts/encoder/sentences.ts OUT.jsonl [topics.csv …]')

const tokenizer = new Tokenizer(JSON.parse(readFileSync(generalEncoder().tokenizer, 'utf8')) as object, {})
const tokens = (text: string): number[] => {
  const { ids } = tokenizer.encode(text.toWellFormed())
  if (ids.length > mostTokens) ids.splice(mostTokens - 1, ids.length - mostTokens)
  return ids
}

const renamed = JSON.parse(readFileSync(join(folder, 'topics', 'intents.json'), 'utf8')) as Record<
  string,
  string
>
const examples = [
  ...csvIn('own', '.train.csv').flatMap((file) => examplesOf(file, (category) => category)),
  ...[...csvIn('topics', '.csv'), ...more].flatMap((file) =>
    examplesOf(file, (category) => renamed[category] ?? `topic:${category}`),
  ),
]

const groupOf = ({ label, language }: (typeof examples)[number]): string => `${label} ${language}`
const sizes = new Map<string, number>()
for (const one of examples) sizes.set(groupOf(one), (sizes.get(groupOf(one)) ?? 0) + 1)
const met = new Map<string, number>()
const { prepare } = ownPreparation()

const lines = examples.map((one, n) => {
  const { text, label, language = 'en' } = one
  const group = groupOf(one)
  const place = met.get(group) ?? 0
  met.set(group, place + 1)
  const texts = [
    text,
    ...Array.from({ length: copies }, (_, c) => withTypos(text, seeds + n * copies + c, language)),
  ]
  const read = new Set(texts.map((typed) => prepare(typed, language).embedText))
  return JSON.stringify({
    label,
    language,
    // Topics are by one author: nothing is judged by them.
    apart: !label.startsWith('topic:') && place >= Math.floor((sizes.get(group) ?? 0) * (1 - keptApart)),
    tokens: [...read].map(tokens),
  })
})
writeFileSync(out, lines.join('\n'))
console.log(`${lines.length} sentences written to ${out}`)
