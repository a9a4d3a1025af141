import type { Row } from './features.ts'
import type { Random } from './random.ts'

/** A margin for each class: `weights[feature * classes + class] * scales[feature]`, and a bias. */
export type LinearModel = {
  readonly classes: number
  /** Whole numbers: a byte a weight costs no accuracy that could be measured. */
  readonly weights: Int8Array
  readonly scales: Float32Array
  readonly bias: Float32Array
}

export type SvmOptions = {
  /** Price of a sentence on the wrong side. */
  readonly cost: number
  readonly epochs: number
  /** Stops when no step would change more than this. */
  readonly tolerance: number
  readonly random: Random
  /** The sentences that each class is learnt from; all where not told. */
  readonly rivals?: readonly Int32Array[]
}

/**
 * One linear support vector machine per class against all others (squared hinge loss), by dual coordinate descent with
 * shrinking: Hsieh et al., "A Dual Coordinate Descent Method for Large-scale Linear SVM", ICML 2008, algorithm 3.
 */
export function trainSvm(
  rows: readonly Row[],
  labels: Int32Array,
  classes: number,
  features: number,
  options: SvmOptions,
): LinearModel {
  const data = flat(rows)
  const all = Int32Array.from(rows.keys())
  const weights = new Float32Array(classes * features)
  const bias = new Float32Array(classes)
  const w = new Float64Array(features + 1)
  for (let one = 0; one < classes; one++) {
    separate(data, labels, one, w, options.rivals?.[one] ?? all, options)
    for (let f = 0; f < features; f++) weights[f * classes + one] = w[f]!
    bias[one] = w[features]!
  }
  return { classes, ...rounded(weights, classes, features), bias }
}

/** Weights as bytes, each feature to its own scale. */
function rounded(weights: Float32Array, classes: number, features: number) {
  const bytes = new Int8Array(weights.length)
  const scales = new Float32Array(features)
  for (let f = 0; f < features; f++) {
    let most = 0
    for (let at = f * classes; at < (f + 1) * classes; at++) most = Math.max(most, Math.abs(weights[at]!))
    scales[f] = most / 127
    if (most > 0)
      for (let at = f * classes; at < (f + 1) * classes; at++)
        bytes[at] = Math.round(weights[at]! / scales[f]!)
  }
  return { weights: bytes, scales }
}

type Flat = { starts: Int32Array; index: Int32Array; value: Float32Array; square: Float64Array }

function flat(rows: readonly Row[]): Flat {
  const starts = new Int32Array(rows.length + 1)
  for (let i = 0; i < rows.length; i++) starts[i + 1] = starts[i]! + rows[i]!.index.length
  const index = new Int32Array(starts[rows.length]!)
  const value = new Float32Array(index.length)
  const square = new Float64Array(rows.length)
  rows.forEach((row, i) => {
    index.set(row.index, starts[i])
    value.set(row.value, starts[i])
    // The bias is a feature that is always 1.
    for (const v of row.value) square[i]! += v * v
    square[i]! += 1
  })
  return { starts, index, value, square }
}

/** Solves class `one` against the rest of `among` into `w` (its last entry is the bias). */
function separate(
  data: Flat,
  labels: Int32Array,
  one: number,
  w: Float64Array,
  among: Int32Array,
  options: SvmOptions,
): void {
  const { starts, index, value, square } = data
  const many = among.length
  const diagonal = 0.5 / options.cost
  const alpha = new Float64Array(labels.length)
  const order = among.slice()
  const at = w.length - 1
  w.fill(0)
  let active = many
  let highest = Infinity
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    let most = -Infinity
    let least = Infinity
    for (let i = active - 1; i > 0; i--) {
      const j = options.random.below(i + 1)
      const swap = order[i]!
      order[i] = order[j]!
      order[j] = swap
    }
    for (let s = 0; s < active; s++) {
      const i = order[s]!
      const y = labels[i] === one ? 1 : -1
      const from = starts[i]!
      const to = starts[i + 1]!
      let dot = w[at]!
      for (let p = from; p < to; p++) dot += w[index[p]!]! * value[p]!
      const a = alpha[i]!
      const slope = y * dot - 1 + diagonal * a
      if (a === 0) {
        if (slope > highest) {
          active--
          order[s] = order[active]!
          order[active] = i
          s--
          continue
        }
        if (slope >= 0) {
          if (slope > 0) least = Math.min(least, 0)
          continue
        }
      }
      if (slope > most) most = slope
      if (slope < least) least = slope
      if (Math.abs(slope) < 1e-12) continue
      const next = Math.max(a - slope / (square[i]! + diagonal), 0)
      alpha[i] = next
      const step = (next - a) * y
      if (step === 0) continue
      w[at]! += step
      for (let p = from; p < to; p++) w[index[p]!]! += step * value[p]!
    }
    if (most - least <= options.tolerance) {
      if (active === many) break
      active = many
      highest = Infinity
      continue
    }
    highest = most > 0 ? most : Infinity
  }
}

/** The margin of each class for one sentence. */
export function margins(model: LinearModel, row: Row, into = new Float32Array(model.classes)): Float32Array {
  const { classes, weights, scales, bias } = model
  for (let c = 0; c < classes; c++) into[c] = bias[c]!
  for (let p = 0; p < row.index.length; p++) {
    const v = row.value[p]! * scales[row.index[p]!]!
    const from = row.index[p]! * classes
    for (let c = 0; c < classes; c++) into[c]! += v * weights[from + c]!
  }
  return into
}
