/*
 * Writes what `teach.py` learns from: each training sentence as the encoder is to read it, as it stands and with typing
 * errors, in tokens. The last part of every class is marked as kept apart: `guichet nlu train` judges the heads by it
 * (src/nlu/cross.ts), so the encoder must not have learnt it by heart.
 *
 *   node scripts/encoder/sentences.ts OUT.jsonl [more topics .csv …]
 */
import { writeFileSync } from 'node:fs'
import { csvIn, ownExamples } from '../../src/cli/nlu-files.ts'
import { lastApart } from '../../src/nlu/cross.ts'
import { generalEncoder, openTokenizer } from '../../src/nlu/encoder.ts'
import { ownPreparation } from '../../src/nlu/prepare.ts'
import { withTypos } from '../../src/nlu/typos.ts'

/** Copies with typing errors of each sentence; their seeds lie far from those of scoring and of the heads. */
const copies = 8
const seeds = 3_000_000

const [out, ...more] = process.argv.slice(2)
if (out === undefined) throw new Error('where to? node scripts/encoder/sentences.ts OUT.jsonl [topics.csv …]')

const tokens = await openTokenizer(generalEncoder())
const { prepare } = ownPreparation()
const examples = ownExamples([...csvIn('topics', '.csv'), ...more])
const { judge } = lastApart(examples.map(({ label, language = 'en' }) => `${label} ${language}`))
const apart = new Set(judge)

const lines = examples.map(({ text, label, language = 'en' }, n) => {
  const typed = Array.from({ length: copies }, (_, c) => withTypos(text, seeds + n * copies + c, language))
  const read = new Set([text, ...typed].map((one) => prepare(one, language).embedText))
  return JSON.stringify({
    label,
    language,
    // Topics are by one author: nothing is judged by them.
    apart: !label.startsWith('topic:') && apart.has(n),
    tokens: [...read].map(tokens),
  })
})
writeFileSync(out, lines.join('\n'))
console.log(`${lines.length} sentences written to ${out}`)
