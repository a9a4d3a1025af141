import { OperatorError } from '../core/operator-error.ts'
import { asWritten, type Model, type Preparation } from './classifier.ts'
import { crossVotes, figuresOf, leftOutSplits, scalesOf, splitsOf, type Split } from './cross.ts'
import { countsOf, type Example } from './csv.ts'
import { asRead, embedAll, part, sampled, type Data } from './data.ts'
import type { Encoder } from './encoder.ts'
import { startWords, trainHeads, type School } from './heads.ts'
import { openProducts } from './matrix.ts'
import { languages } from './reading.ts'
import type { WordsHead } from './words-head.ts'
import { areaUnder, fitOutOfScope, scoreOf, type Signs } from './out-of-scope.ts'

/** Figures from the training sentences alone: each was judged by heads that had not seen it. */
export type TrainFigures = {
  readonly accuracy: number
  readonly ece: number
  /** How well sentences of classes left out of training were told from those of classes in it. */
  readonly leftOutAuroc: number
  /** Sentences judged so. */
  readonly judged: number
}

export type TrainOptions = {
  readonly preparation?: Preparation
  readonly seed?: number
  /** Told what is being done, for a person who waits. */
  readonly progress?: (says: string) => void
}

/** Guards against a file that is no training set. */
const mostClasses = 2000

/**
 * Learns from labelled sentences. The same sentences, seed and machine give the same model. `encoder` null: TF-IDF
 * alone. Throws OperatorError `too_few_examples` where a class has fewer than two, or there is but one class.
 */
export async function trainModel(
  examples: readonly Example[],
  encoder: Encoder | null,
  { preparation = asWritten, seed = 1, progress = () => {} }: TrainOptions = {},
): Promise<{ model: Model; figures: TrainFigures }> {
  const classes = checked(examples)
  const at = new Map(classes.map((name, c) => [name, c]))
  const sorted = [...examples].sort((a, b) => at.get(a.label)! - at.get(b.label)!)
  const labels = Int32Array.from(sorted, ({ label }) => at.get(label)!)
  progress(`reading ${sorted.length} sentences of ${classes.length} classes`)
  const { prepare, again } = preparation
  const given: Data = {
    prepared: sorted.map(({ text, language = 'en' }) => prepare(text, language)),
    again: sorted.map(({ text, language = 'en' }, n) => {
      const typed = again?.(text, n, language)
      return typed === undefined ? undefined : prepare(typed, language)
    }),
    points: null,
    labels,
    texts: sorted.map(({ text }) => text),
  }
  await using products = encoder ? await openProducts() : null
  const school: School = {
    classes: classes.length,
    named: await namesOf(classes, encoder, preparation),
    products,
    features: preparation.features,
    prior: classes.map((name) => preparation.prior?.(name) ?? 0),
    seed,
  }
  const embedded = part(given, chosenOf(sorted, preparation.learning, seed))
  const { learning } = preparation
  const splits = splitsOf(embedded, seed, learning)
  const leaving = leftOutSplits(embedded, classes, seed, learning)
  // Words and letters are learnt in threads of their own while the encoder reads.
  const words = inTurn([...splits, ...leaving], embedded, given, school)
  const data: Data = {
    ...embedded,
    points:
      encoder &&
      (await embedAll(
        encoder,
        embedded.prepared.map((_, i) => asRead(embedded, i)),
        (share) => progress(`meaning of ${Math.round(share * 100)} % of ${embedded.texts.length} sentences`),
      )),
  }

  const judges = splits.reduce((sum, { judge }) => sum + judge.length, 0)
  progress(`judging ${judges} sentences by heads that have not seen them`)
  const crossed = await crossVotes(data, school, splits, words)
  const scales = scalesOf(crossed, school, learning && ((c) => learning.oneAuthor(classes[c]!)))
  const served = crossed.signs(scales).filter((_, at) => !learning?.away(classes[crossed.labels[at]!]!))

  progress('learning when not to answer')
  const away: Signs[] = []
  for (const [n, split] of leaving.entries())
    away.push(...(await crossVotes(data, school, [split], words.slice(splits.length + n))).signs(scales))
  const outOfScope = fitOutOfScope(served, away)

  progress('learning from all')
  const heads = await trainHeads(data, school, words.at(-1)!)
  const score = (signs: readonly Signs[]) => signs.map((one) => scoreOf(outOfScope.line, one))
  return {
    model: { classes, ...heads, scales, prior: school.prior, outOfScope, encoder: encoder?.hash ?? null },
    figures: {
      ...figuresOf(crossed, school, scales),
      leftOutAuroc: areaUnder(score(served), score(away)),
      judged: judges,
    },
  }
}

/** The words-and-letters head of each split, one after the other, and last that of all sentences, beside them. */
function inTurn(splits: readonly Split[], data: Data, all: Data, school: School): Promise<WordsHead>[] {
  const whole = startWords(all, school)
  let last: Promise<unknown> = Promise.resolve()
  const parts = splits.map(({ learn }) => {
    const next = last.then(async () => await startWords(part(data, learn), school))
    last = next
    return next
  })
  // Awaited where they are needed; a fault before that must not end the process.
  for (const one of [...parts, whole]) one.catch(() => {})
  return [...parts, whole]
}

/** Classes of so few sentences are read whole: a bank's own intents, of which every example counts. */
const few = 60

/** The sentences that the encoder is to read: all, or so many of each language. */
function chosenOf(sorted: readonly Example[], learning: Preparation['learning'], seed: number): Int32Array {
  const numbers = Int32Array.from(sorted.keys())
  if (!learning) return numbers
  const counts = countsOf(sorted)
  const rare = (i: number): boolean => (counts[sorted[i]!.label] ?? 0) <= few
  return Int32Array.from([
    ...numbers.filter(rare),
    ...languages.flatMap((one) => {
      const spoken = numbers.filter((i) => !rare(i) && (sorted[i]!.language ?? 'en') === one)
      return [...sampled(spoken, learning.embedded[one], seed)]
    }),
  ]).sort()
}

function checked(examples: readonly Example[]): string[] {
  const counts = new Map<string, number>()
  for (const { label } of examples) counts.set(label, (counts.get(label) ?? 0) + 1)
  const alone = [...counts].filter(([, many]) => many < 2).map(([label]) => label)
  if (alone.length > 0)
    throw new OperatorError(
      'too_few_examples',
      alone
        .slice(0, 10)
        .map((label) => `The class "${label}" has one example: add at least one more, better twenty.`),
    )
  if (counts.size < 2)
    throw new OperatorError('too_few_examples', 'There is only one class: nothing can be told apart.')
  if (counts.size > mostClasses)
    throw new OperatorError(
      'too_many_classes',
      `${counts.size} different categories: at most ${mostClasses}. Is the column "category" the right one?`,
    )
  return [...counts.keys()].sort()
}

/** `topic:card_arrival` → "card arrival". A name without a word in it ("c17") says nothing and is passed over. */
async function namesOf(
  classes: readonly string[],
  encoder: Encoder | null,
  { prepare }: Preparation,
): Promise<Data> {
  const said = classes.map((name) =>
    name
      .replace(/^(?:topic|own):/, '')
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim(),
  )
  const labels = Int32Array.from(classes.keys()).filter((c) => /\p{L}{3}/u.test(said[c]!))
  const texts = Array.from(labels, (c) => said[c]!)
  const prepared = texts.map((text) => prepare(text, 'en'))
  return {
    prepared,
    again: texts.map(() => undefined),
    points: encoder && (await embedAll(encoder, prepared)),
    labels,
    texts,
  }
}
