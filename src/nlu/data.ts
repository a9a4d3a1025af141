import { viewsOf, type Prepared } from './classifier.ts'
import type { Encoder } from './encoder.ts'
import { rowsOf } from './logistic.ts'
import { matrix, type Matrix } from './matrix.ts'
import { seeded } from './random.ts'

/** Sentences to learn from, one entry of each list a sentence. */
export type Data = {
  readonly prepared: readonly Prepared[]
  /** The same sentence with typing errors; undefined where there is none. */
  readonly again: readonly (Prepared | undefined)[]
  readonly points: Matrix | null
  readonly labels: Int32Array
  readonly texts: readonly string[]
}

/** The sentences numbered in `chosen`. */
export function part(data: Data, chosen: Int32Array): Data {
  return {
    prepared: Array.from(chosen, (i) => data.prepared[i]!),
    again: Array.from(chosen, (i) => data.again[i]),
    points: data.points && rowsOf(data.points, chosen),
    labels: chosen.map((i) => data.labels[i]!),
    texts: Array.from(chosen, (i) => data.texts[i]!),
  }
}

/** Both, one after the other. */
export function joined(one: Data, two: Data): Data {
  const points = one.points && two.points && matrix(one.points.rows + two.points.rows, one.points.columns)
  points?.data.set(one.points!.data)
  points?.data.set(two.points!.data, one.points!.data.length)
  return {
    prepared: [...one.prepared, ...two.prepared],
    again: [...one.again, ...two.again],
    points,
    labels: Int32Array.from([...one.labels, ...two.labels]),
    texts: [...one.texts, ...two.texts],
  }
}

/** What the words-and-letters head learns from: the views of each sentence, then of those with typing errors. */
export function wordsOf({ prepared, again, labels }: Data): {
  readonly views: readonly (readonly string[])[]
  readonly labels: Int32Array
} {
  const typed = Int32Array.from(labels.keys()).filter((i) => again[i] !== undefined)
  return {
    views: [...prepared.map(viewsOf), ...Array.from(typed, (i) => viewsOf(again[i]!))],
    labels: Int32Array.from([...labels, ...typed.map((i) => labels[i]!)]),
  }
}

/** What the encoder reads of a sentence, and what is judged: people type with errors, so do some of these. */
export const asRead = ({ prepared, again }: Pick<Data, 'prepared' | 'again'>, i: number): Prepared =>
  again[i] ?? prepared[i]!

/** The embedding of one sentence, null where there is no encoder. */
export const pointOf = ({ points }: Pick<Data, 'points'>, i: number): Float32Array | null =>
  points && points.data.subarray(i * points.columns, (i + 1) * points.columns)

/** Embeds each different text once. `progress` is told the share done, now and then. */
export async function embedAll(
  encoder: Encoder,
  prepared: readonly Prepared[],
  progress: (share: number) => void = () => {},
): Promise<Matrix> {
  const known = new Map<string, Float32Array>()
  const all = matrix(prepared.length, encoder.dimensions)
  for (const [i, { embedText }] of prepared.entries()) {
    let point = known.get(embedText)
    if (!point) {
      ;[point] = await encoder.embed([embedText])
      known.set(embedText, point!)
    }
    all.data.set(point!, i * encoder.dimensions)
    if (i % 5000 === 4999) progress((i + 1) / prepared.length)
  }
  return all
}

/** At most `most` of the numbers, at random, in their order. */
export function sampled(numbers: Int32Array, most: number, seed: number): Int32Array {
  if (numbers.length <= most) return numbers
  const order = Int32Array.from(numbers)
  seeded(seed).shuffle(order)
  return order.slice(0, most).sort()
}

/** Which fold each sentence is in: those of every class are dealt out evenly. */
export function deal(labels: Int32Array, many: number, seed: number): Int32Array {
  const order = Int32Array.from(labels.keys())
  seeded(seed).shuffle(order)
  order.sort((a, b) => labels[a]! - labels[b]!)
  const fold = new Int32Array(labels.length)
  order.forEach((i, place) => (fold[i] = place % many))
  return fold
}
