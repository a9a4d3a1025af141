import { OperatorError } from '../core/operator-error.ts'
import { calibrationError, fitScales, type Votes } from './calibrate.ts'
import {
  asWritten,
  viewsOf,
  votesOf,
  weigh,
  type Model,
  type Preparation,
  type Prepared,
} from './classifier.ts'
import type { Example } from './csv.ts'
import type { Encoder } from './encoder.ts'
import { fitFeatures, rowOf, type FeatureOptions } from './features.ts'
import { rowsOf, softmax, trainNetwork, type NetworkOptions } from './logistic.ts'
import { matrix, openProducts, type Matrix, type Products } from './matrix.ts'
import {
  areaUnder,
  centresOf,
  fitOutOfScope,
  quantised,
  scoreOf,
  type Examples,
  type Signs,
} from './out-of-scope.ts'
import { seeded } from './random.ts'
import { trainSvm } from './svm.ts'

/** Figures from the training sentences alone: each was judged by heads that had not seen it. */
export type TrainFigures = {
  readonly accuracy: number
  readonly ece: number
  /** How well sentences of classes left out of training were told from those of classes in it. */
  readonly leftOutAuroc: number
  readonly folds: number
}

export type TrainOptions = {
  readonly preparation?: Preparation
  readonly seed?: number
  /** Told what is being done, for a person who waits. */
  readonly progress?: (says: string) => void
}

const featureOptions: FeatureOptions = { least: 1, words: 1 }
/** Guards against a file that is no training set. */
const mostClasses = 2000
/** Sentences a class, on average, under which there is too little to learn a hidden layer from alone. */
const few = 30
/** Classes are left out in so many turns. */
const turns = 3

type Data = {
  readonly prepared: readonly Prepared[]
  readonly points: Matrix | null
  readonly labels: Int32Array
  readonly texts: readonly string[]
}

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
  const prepared = sorted.map(({ text, language = 'en' }) => preparation.prepare(text, language))
  const labels = Int32Array.from(sorted, ({ label }) => at.get(label)!)
  progress(`reading ${sorted.length} sentences of ${classes.length} classes`)
  const data: Data = {
    prepared,
    points: encoder && (await embedAll(encoder, prepared)),
    labels,
    texts: sorted.map(({ text }) => text),
  }
  const named = await namesOf(classes, encoder, preparation)
  await using products = encoder ? await openProducts() : null
  const school: School = { classes: classes.length, named, products, seed }

  // A few sentences are soon learnt again: more folds, so that the heads judged are nearly those that will be used. Of
  // very many, a part says enough.
  const folds = sorted.length > 4000 ? 3 : 6
  const judgedFolds = sorted.length > 12_000 ? 1 : folds
  progress(`judging by heads that have not seen the sentence (${judgedFolds} of ${folds} parts)`)
  const crossed = await crossVotes(data, school, folds, judgedFolds)
  const scales = fitScales(crossed.votes, crossed.labels, classes.length)
  const served = crossed.signs(scales)

  progress('learning when not to answer')
  const away = await leftOut(data, school, scales)
  const outOfScope = fitOutOfScope(served, away)

  progress('learning from all')
  const heads = await trainHeads(data, school)
  const score = (signs: readonly Signs[]) => signs.map((one) => scoreOf(outOfScope.line, one))
  return {
    model: { classes, ...heads, scales, outOfScope, encoder: encoder?.hash ?? null },
    figures: {
      ...figuresOf(crossed.votes, crossed.labels, classes.length, scales),
      leftOutAuroc: areaUnder(score(served), score(away)),
      folds,
    },
  }
}

type School = {
  readonly classes: number
  /** The classes' own names, read as a sentence each: a bank calls its intents what they are about. */
  readonly named: Data
  readonly products: Products | null
  readonly seed: number
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

async function embedAll(encoder: Encoder, prepared: readonly Prepared[]): Promise<Matrix> {
  const known = new Map<string, Float32Array>()
  const all = matrix(prepared.length, encoder.dimensions)
  for (const [i, { embedText }] of prepared.entries()) {
    let point = known.get(embedText)
    if (!point) {
      ;[point] = await encoder.embed([embedText])
      known.set(embedText, point!)
    }
    all.data.set(point!, i * encoder.dimensions)
  }
  return all
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
  return { prepared, points: encoder && (await embedAll(encoder, prepared)), labels, texts }
}

/** The sentences numbered in `chosen`. */
function part(data: Data, chosen: Int32Array): Data {
  return {
    prepared: Array.from(chosen, (i) => data.prepared[i]!),
    points: data.points && rowsOf(data.points, chosen),
    labels: chosen.map((i) => data.labels[i]!),
    texts: Array.from(chosen, (i) => data.texts[i]!),
  }
}

/** Both, one after the other. */
function joined(one: Data, two: Data): Data {
  const points = one.points && two.points && matrix(one.points.rows + two.points.rows, one.points.columns)
  points?.data.set(one.points!.data)
  points?.data.set(two.points!.data, one.points!.data.length)
  return {
    prepared: [...one.prepared, ...two.prepared],
    points,
    labels: Int32Array.from([...one.labels, ...two.labels]),
    texts: [...one.texts, ...two.texts],
  }
}

/** All that is learnt from sentences, save how far to trust it. */
async function trainHeads(given: Data, { classes, named, products, seed }: School) {
  const present = new Set(given.labels)
  const data = joined(
    given,
    part(
      named,
      Int32Array.from(named.labels.keys()).filter((i) => present.has(named.labels[i]!)),
    ),
  )
  const views = data.prepared.map(viewsOf)
  const features = fitFeatures(views, featureOptions)
  const svm = trainSvm(
    views.map((one) => rowOf(features, one, featureOptions)),
    data.labels,
    classes,
    features.hashes.length,
    { cost: 1, epochs: 30, tolerance: 0.1, random: seeded(seed) },
  )
  const networks = []
  if (products && data.points)
    for (const options of recipe(given.labels.length / present.size))
      networks.push(
        await trainNetwork(products, data.points, data.labels, classes, {
          ...options,
          random: seeded(seed + 1 + networks.length),
        }),
      )
  return { options: featureOptions, features, svm, networks, examples: examplesOf(given, classes) }
}

/**
 * The heads over the embedding. With plenty of sentences some labels are wrong, and smoothing keeps them from being
 * learnt by heart; with few, each counts, and plain regression steadies the hidden layer.
 */
function recipe(examplesAClass: number): Omit<NetworkOptions, 'random'>[] {
  const hidden = { hidden: 512, dropout: 0.3, decay: 1e-5 }
  if (examplesAClass >= few) return [{ ...hidden, epochs: 12, batch: 256, rate: 0.012, smoothing: 0.1 }]
  return [
    { ...hidden, epochs: 40, batch: 32, rate: 0.004, smoothing: 0 },
    { hidden: 0, dropout: 0, decay: 3e-5, epochs: 60, batch: 32, rate: 0.1, smoothing: 0 },
  ]
}

/** Examples kept to find the nearest: all, up to so many of a class. */
const mostKept = 150

function examplesOf(given: Data, classes: number): Examples {
  const taken = new Int32Array(classes)
  // Spread over the class: its sentences may be in the order of their languages.
  const order = Int32Array.from(given.labels.keys())
  seeded(1).shuffle(order)
  const kept = order.filter((i) => taken[given.labels[i]!]!++ < mostKept).sort()
  const { points, labels, texts } = part(given, kept)
  const dimensions = points?.columns ?? 0
  const starts = new Int32Array(classes + 1)
  for (const label of labels) starts[label + 1]!++
  for (let c = 0; c < classes; c++) starts[c + 1]! += starts[c]!
  const known = { dimensions, ...quantised(points ? points.data : new Float32Array()), starts }
  return { ...known, texts, centres: centresOf(known) }
}

/** Which fold each sentence is judged in: the sentences of every class are dealt out evenly. */
function deal(labels: Int32Array, many: number, seed: number): Int32Array {
  const order = Int32Array.from(labels.keys())
  seeded(seed).shuffle(order)
  order.sort((a, b) => labels[a]! - labels[b]!)
  const fold = new Int32Array(labels.length)
  order.forEach((i, place) => (fold[i] = place % many))
  return fold
}

type Heads = Awaited<ReturnType<typeof trainHeads>>
const pointOf = ({ points }: Data, i: number) =>
  points && points.data.subarray(i * points.columns, (i + 1) * points.columns)

/**
 * Votes for each sentence of the first `judgedFolds` folds by heads trained on the other folds; and, once their scales
 * are known, its signs.
 */
async function crossVotes(data: Data, school: School, folds: number, judgedFolds: number) {
  const { classes } = school
  const fold = deal(data.labels, folds, school.seed)
  const numbers = Int32Array.from(data.labels.keys())
  const judged = numbers.filter((i) => fold[i]! < judgedFolds)
  const place = new Int32Array(numbers.length)
  judged.forEach((i, at) => (place[i] = at))
  const schooled: Heads[] = []
  let votes: Votes[] = []
  for (let k = 0; k < judgedFolds; k++) {
    const heads = await trainHeads(
      part(
        data,
        numbers.filter((i) => fold[i] !== k),
      ),
      school,
    )
    schooled.push(heads)
    for (const i of numbers.filter((i) => fold[i] === k)) {
      const one = votesOf(heads, data.prepared[i]!, pointOf(data, i))
      if (votes.length === 0) votes = one.map(() => new Float32Array(judged.length * classes))
      one.forEach((head, h) => votes[h]!.set(head, place[i]! * classes))
    }
  }
  const signs = (scales: readonly number[]) =>
    Array.from(judged, (i, at) => {
      const own = votes.map((head) => head.subarray(at * classes, (at + 1) * classes))
      return weigh({ ...schooled[fold[i]!]!, scales }, own, pointOf(data, i)).signs
    })
  return { votes, signs, labels: judged.map((i) => data.labels[i]!) }
}

/** Signs of sentences whose class was left out of training: what out of scope looks like, without an example of it. */
async function leftOut(data: Data, school: School, scales: readonly number[]): Promise<Signs[]> {
  const group = deal(new Int32Array(school.classes), Math.min(turns, school.classes), school.seed + 9)
  const numbers = Int32Array.from(data.labels.keys())
  const signs: Signs[] = []
  for (let k = 0; k < (numbers.length > 12_000 ? 1 : turns); k++) {
    const seen = numbers.filter((i) => group[data.labels[i]!] !== k)
    const heads = await trainHeads(part(data, seen), school)
    for (const i of numbers.filter((i) => group[data.labels[i]!] === k)) {
      const point = pointOf(data, i)
      signs.push(weigh({ ...heads, scales }, votesOf(heads, data.prepared[i]!, point), point).signs)
    }
  }
  return signs
}

function figuresOf(votes: readonly Votes[], labels: Int32Array, classes: number, scales: readonly number[]) {
  const stated: number[] = []
  const right: boolean[] = []
  const row = new Float64Array(classes)
  for (let i = 0; i < labels.length; i++) {
    row.fill(0)
    votes.forEach((head, h) => {
      for (let c = 0; c < classes; c++) row[c]! += scales[h]! * head[i * classes + c]!
    })
    softmax(row)
    const best = row.indexOf(Math.max(...row))
    stated.push(row[best]!)
    right.push(best === labels[i])
  }
  return {
    accuracy: right.filter(Boolean).length / Math.max(right.length, 1),
    ece: calibrationError(stated, right),
  }
}
