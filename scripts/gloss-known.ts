/*
 * Writes the words that are spelled right (`known` of nlu/gloss/*.json, the most said first) anew, from the training
 * sentences: what a dictionary has, and what is said often and is no slip of something said far more often (slang, shops).
 * Done by hand when the sentences have changed a lot; needs hunspell with its dictionaries (Debian: hunspell,
 * hunspell-en-us, hunspell-es, hunspell-fr). Train anew afterwards.
 *
 *   node scripts/gloss-known.ts
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { csvIn, folder, ownExamples } from '../src/cli/nlu-files.ts'
import { foldWords, withElision } from '../src/nlu/gloss.ts'
import { languages } from '../src/nlu/reading.ts'
import { farApart, near, neighboursOf, slip, soundOf } from '../src/nlu/slips.ts'

const dictionaries = { en: 'en_US', es: 'es_MX', fr: 'fr_FR' }
/** Times that a word must be said: one of the dictionary, and any other. */
const leastOfDictionary = 2
const least = 3
/** A word of no dictionary is a slip of a like one that is said so many times as often. */
const slipOf = 6

const examples = ownExamples(csvIn('topics', '.csv'))
for (const language of languages) {
  const said = new Map<string, number>()
  /** As they were written, accents and all: a dictionary knows no others. */
  const written = new Map<string, Set<string>>()
  for (const { text, language: its = 'en' } of examples) {
    if (its !== language) continue
    for (const raw of text.match(/[\p{L}\p{M}]+/gu) ?? []) {
      const word = foldWords(raw)
      if (!/^[a-z]{2,24}$/.test(word)) continue
      said.set(word, (said.get(word) ?? 0) + 1)
      const forms = written.get(word) ?? new Set()
      written.set(word, forms.add(raw.toLowerCase()).add(raw[0]!.toUpperCase() + raw.slice(1).toLowerCase()))
    }
  }
  const wrong = misspelled(
    [...written.values()].flatMap((forms) => [...forms]),
    dictionaries[language],
  )
  const inDictionary = (word: string): boolean =>
    [...(written.get(word) ?? [])].some((form) => !wrong.has(form))
  const often = [...said]
    .filter(([word, times]) => times >= (inDictionary(word) ? leastOfDictionary : least))
    .sort(([, a], [, b]) => b - a)
    .map(([word]) => word)
  const index = neighboursOf(often.filter((word) => word.length >= 3))
  const bySound = Map.groupBy(often, (word) => soundOf(word, language))
  const isSlip = (word: string): boolean => {
    if (language === 'fr' && withElision(word, (rest) => (said.get(rest) ?? 0) > 2)) return true
    const like = [
      ...near(index, word, -1),
      ...Array.from(word, (_, at) => [
        word.slice(0, at) + word.slice(at + 1),
        ...near(index, word, at),
      ]).flat(),
      ...(language === 'en' ? [] : (bySound.get(soundOf(word, language)) ?? [])),
    ]
    return like.some(
      (other) =>
        other !== word &&
        (said.get(other) ?? 0) >= slipOf * said.get(word)! &&
        (slip(word, other) < farApart || other.length > 4),
    )
  }
  const known = often.filter((word) => inDictionary(word) || !isSlip(word))
  const file = join(folder, 'gloss', `${language}.json`)
  const book = JSON.parse(readFileSync(file, 'utf8')) as object
  writeFileSync(file, `${JSON.stringify({ ...book, known: known.join(' ') }, null, 2)}\n`)
  console.log(`${language}: ${known.length} words, ${often.length - known.length} slips left out`)
}

/** Of these words, those that are in no dictionary. */
function misspelled(words: readonly string[], dictionary: string): Set<string> {
  const { stdout, status } = spawnSync('hunspell', ['-i', 'utf-8', '-d', dictionary, '-l'], {
    input: words.join('\n'),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status !== 0) throw new Error(`hunspell with the dictionary ${dictionary} is needed`)
  return new Set(stdout.split('\n'))
}
