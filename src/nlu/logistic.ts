import { matrix, type Matrix, type Products } from './matrix.ts'
import type { Random } from './random.ts'

/** One dense step: `weights[input * outputs + output]`. */
export type Layer = {
  readonly inputs: number
  readonly outputs: number
  readonly weights: Float32Array<ArrayBuffer>
  readonly bias: Float32Array<ArrayBuffer>
}

/** Multinomial logistic regression (one layer), or with one hidden layer of rectified units in between (two). */
export type Network = { readonly layers: readonly Layer[] }

export type NetworkOptions = {
  readonly epochs: number
  readonly batch: number
  readonly rate: number
  /** Price of large weights. */
  readonly decay: number
  /** Hidden units; 0: plain logistic regression. */
  readonly hidden: number
  /** Share of hidden units left out at each step, against learning by heart. */
  readonly dropout: number
  /** Share of certainty spread over all classes: some labels are wrong. */
  readonly smoothing: number
  readonly random: Random
}

/** Trains on `points` (one row a sentence) by Adam with a falling rate (Kingma and Ba, 2015). */
export async function trainNetwork(
  products: Products,
  points: Matrix,
  labels: Int32Array,
  classes: number,
  options: NetworkOptions,
): Promise<Network> {
  const { random, hidden, batch } = options
  const widths = hidden > 0 ? [points.columns, hidden, classes] : [points.columns, classes]
  const layers = widths.slice(1).map((outputs, at) => {
    const inputs = widths[at]!
    const weights = new Float32Array(inputs * outputs)
    // A hidden layer must not start the same everywhere. Points have length one, so their parts are about 1/√inputs.
    if (at < widths.length - 2)
      for (let i = 0; i < weights.length; i++) weights[i] = normal(random) * 3 * Math.sqrt(2 / inputs)
    return { inputs, outputs, weights, bias: new Float32Array(outputs) }
  })
  const parts = layers.flatMap(({ weights, bias }) => [weights, bias])
  const moments = parts.map(({ length }) => ({
    first: new Float32Array(length),
    second: new Float32Array(length),
  }))
  const order = Int32Array.from(labels.keys())
  const steps = options.epochs * Math.ceil(labels.length / batch)
  let step = 0
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    random.shuffle(order)
    for (let from = 0; from < order.length; from += batch) {
      const chosen = order.subarray(from, from + batch)
      const slopes = await slopesOf(products, layers, points, labels, chosen, options)
      step++
      const rate = options.rate * (1 - (step - 1) / steps)
      const one = rate / (1 - 0.9 ** step)
      const two = 1 / (1 - 0.99 ** step)
      parts.forEach((part, at) => {
        const slope = slopes[at]!
        const { first, second } = moments[at]!
        const decay = at % 2 === 0 ? options.decay : 0
        for (let i = 0; i < part.length; i++) {
          const g = slope[i]! + decay * part[i]!
          const m = (first[i] = 0.9 * first[i]! + 0.1 * g)
          const v = (second[i] = 0.99 * second[i]! + 0.01 * g * g)
          part[i]! -= (one * m) / (Math.sqrt(v * two) + 1e-8)
        }
      })
    }
  }
  return { layers }
}

/** How the loss of a batch rises with each weight and bias, in the order of the layers. */
async function slopesOf(
  products: Products,
  layers: readonly Layer[],
  points: Matrix,
  labels: Int32Array,
  chosen: Int32Array,
  { dropout, smoothing, random }: NetworkOptions,
): Promise<Float32Array[]> {
  const input = rowsOf(points, chosen)
  const inputs = [input]
  const first = layers[0]!
  if (layers.length === 2) {
    const units = await products.multiply(input, matrix(first.inputs, first.outputs, first.weights))
    const keep = 1 / (1 - dropout)
    const limit = dropout * 1024
    for (let r = 0, at = 0; r < units.rows; r++)
      for (let u = 0; u < units.columns; u++, at++) {
        const value = units.data[at]! + first.bias[u]!
        units.data[at] = value > 0 && random.below(1024) >= limit ? value * keep : 0
      }
    inputs.push(units)
  }
  const last = layers.at(-1)!
  const seen = inputs.at(-1)!
  const delta = await products.multiply(seen, matrix(last.inputs, last.outputs, last.weights))
  const lastBias = new Float32Array(last.outputs)
  for (let r = 0; r < delta.rows; r++) {
    const row = delta.data.subarray(r * delta.columns, (r + 1) * delta.columns)
    for (let c = 0; c < row.length; c++) row[c]! += last.bias[c]!
    softmax(row)
    row[labels[chosen[r]!]!]! -= 1 - smoothing
    for (let c = 0; c < row.length; c++) {
      row[c] = (row[c]! - smoothing / row.length) / delta.rows
      lastBias[c]! += row[c]!
    }
  }
  const lastSlope = (await products.multiply(seen, delta, { a: true })).data
  if (layers.length === 1) return [lastSlope, lastBias]
  const back = await products.multiply(delta, matrix(last.inputs, last.outputs, last.weights), { b: true })
  const keep = 1 / (1 - dropout)
  const bias = new Float32Array(first.outputs)
  for (let at = 0; at < back.data.length; at++) {
    back.data[at] = seen.data[at]! > 0 ? back.data[at]! * keep : 0
    bias[at % first.outputs]! += back.data[at]!
  }
  const slope = (await products.multiply(input, back, { a: true })).data
  return [slope, bias, lastSlope, lastBias]
}

/** The chosen rows of a matrix, as one. */
export function rowsOf(from: Matrix, chosen: Int32Array): Matrix {
  const { columns } = from
  const data = new Float32Array(chosen.length * columns)
  for (let r = 0; r < chosen.length; r++)
    data.set(from.data.subarray(chosen[r]! * columns, (chosen[r]! + 1) * columns), r * columns)
  return matrix(chosen.length, columns, data)
}

/** What the network says of one point: a log-odds for each class, up to a constant. */
export function outputs({ layers }: Network, point: Float32Array): Float32Array {
  let values = point
  layers.forEach(({ weights, bias, outputs }, at) => {
    const next = Float32Array.from(bias)
    for (let i = 0; i < values.length; i++) {
      const v = values[i]!
      if (v === 0) continue
      const from = i * outputs
      for (let o = 0; o < outputs; o++) next[o]! += v * weights[from + o]!
    }
    if (at < layers.length - 1) for (let o = 0; o < outputs; o++) if (next[o]! < 0) next[o] = 0
    values = next
  })
  return values
}

/** Log-odds to probabilities, in place. */
export function softmax(row: Float32Array | Float64Array): void {
  let most = -Infinity
  for (const value of row) if (value > most) most = value
  let sum = 0
  for (let i = 0; i < row.length; i++) sum += row[i] = Math.exp(row[i]! - most)
  for (let i = 0; i < row.length; i++) row[i]! /= sum
}

/** Box and Muller. */
function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log((random.below(1e9) + 1) / 1e9))
  return radius * Math.cos((2 * Math.PI * random.below(1e9)) / 1e9)
}
