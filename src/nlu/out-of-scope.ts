import { fitLine, probabilityBy, type Line } from './calibrate.ts'

/** Knowing when not to answer: how a sentence's likeness to what was learnt is judged. */
export type OutOfScope = {
  /** From the signs of a sentence to the log-odds that it is something served. */
  readonly line: Line
  /** At or above this score 95 % of what is served is kept. */
  readonly threshold: number
}

/** The signs that a sentence is like what was learnt, each rising with likeness. */
export type Signs = readonly [
  /** Best margin of the support vector machine. */
  margin: number,
  /** Log-probability of the best guess. */
  sureness: number,
  /** Cosine to the nearest learnt example, among the best guesses. */
  nearest: number,
  /** Cosine to the nearest centre of a class. */
  centre: number,
]

/** Learnt examples as whole numbers, to find the nearest. Those of one class follow one another. */
export type Examples = {
  readonly dimensions: number
  /** `points[example * dimensions + d] / scale`. */
  readonly points: Int8Array
  readonly scale: number
  /** Where each class begins, and where the last ends. */
  readonly starts: Int32Array
  readonly texts: readonly string[]
  /** Mean of each class's points, of length one: `centres[class * dimensions + d]`. */
  readonly centres: Float32Array
}

export type Nearest = { readonly cosine: number; readonly example: number }

/** Embeddings as bytes, to a scale that the largest part of any just fits. */
export function quantised(points: Float32Array): Pick<Examples, 'points' | 'scale'> {
  let most = 0
  for (const value of points) if (Math.abs(value) > most) most = Math.abs(value)
  const scale = 127 / (most || 1)
  return { points: Int8Array.from(points, (value) => Math.round(value * scale)), scale }
}

/** The centres of the classes, from their examples. */
export function centresOf({
  dimensions,
  points,
  starts,
}: Pick<Examples, 'dimensions' | 'points' | 'starts'>): Float32Array {
  const classes = starts.length - 1
  const centres = new Float32Array(classes * dimensions)
  for (let c = 0; c < classes; c++) {
    const centre = centres.subarray(c * dimensions, (c + 1) * dimensions)
    for (let at = starts[c]! * dimensions; at < starts[c + 1]! * dimensions; ) {
      for (let d = 0; d < dimensions; d++, at++) centre[d]! += points[at]!
    }
    let square = 0
    for (const value of centre) square += value * value
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0
    for (let d = 0; d < dimensions; d++) centre[d]! *= scale
  }
  return centres
}

/** The nearest example within some classes (those that the heads think likeliest: the rest is not looked through). */
export function nearest(examples: Examples, point: Float32Array, classes: Iterable<number>): Nearest {
  const { dimensions, points, scale, starts } = examples
  let best = { cosine: -1, example: -1 }
  for (const c of classes)
    for (let example = starts[c]!; example < starts[c + 1]!; example++) {
      const from = example * dimensions
      let dot = 0
      for (let d = 0; d < dimensions; d++) dot += point[d]! * points[from + d]!
      if (dot / scale > best.cosine) best = { cosine: dot / scale, example }
    }
  return best
}

/** Cosine to the nearest centre. */
export function nearestCentre({ dimensions, centres }: Examples, point: Float32Array): number {
  let best = -1
  for (let from = 0; from < centres.length; from += dimensions) {
    let dot = 0
    for (let d = 0; d < dimensions; d++) dot += point[d]! * centres[from + d]!
    if (dot > best) best = dot
  }
  return best
}

/**
 * Learns to tell the signs of sentences served (`served`, each judged by heads that had not seen it) from those of
 * sentences whose class was left out of training (`away`): what out of scope looks like, without an example of it.
 */
export function fitOutOfScope(served: readonly Signs[], away: readonly Signs[]): OutOfScope {
  const line = fitLine(served, away)
  return { line, threshold: scoreKeeping(served.map((signs) => scoreOf(line, signs))) }
}

/** Higher: more like what was learnt. */
export const scoreOf = ({ weights, from }: Line, signs: Signs): number =>
  signs.reduce((sum, sign, at) => sum + sign * weights[at]!, from)

export const outOfScopeBy = (line: Line, signs: Signs): number => 1 - probabilityBy(scoreOf(line, signs))

/** Area under the curve of recall: the chance that something served scores above something not served. */
export function areaUnder(served: readonly number[], not: readonly number[]): number {
  const all = [
    ...served.map((score) => ({ score, served: 1 })),
    ...not.map((score) => ({ score, served: 0 })),
  ]
  all.sort((a, b) => a.score - b.score)
  let ranks = 0
  for (let i = 0; i < all.length; ) {
    let j = i
    while (j < all.length && all[j]!.score === all[i]!.score) j++
    for (let k = i; k < j; k++) if (all[k]!.served) ranks += (i + j + 1) / 2
    i = j
  }
  const n = served.length
  return n === 0 || not.length === 0 ? Number.NaN : (ranks - (n * (n + 1)) / 2) / (n * not.length)
}

/** The score that `share` of the served reach. */
export function scoreKeeping(served: readonly number[], share = 0.95): number {
  const sorted = [...served].sort((a, b) => a - b)
  return sorted[Math.floor((1 - share) * sorted.length)] ?? -Infinity
}
