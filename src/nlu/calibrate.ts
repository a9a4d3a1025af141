import { softmax } from './logistic.ts'

/** What one head (a classifier of its own) said of each sentence: rows after one another, one column a class. */
export type Votes = Float32Array

/**
 * How much to trust each head, and how sure to be: the scales s for which softmax(Σ sₕ·votesₕ) gives the true classes
 * of sentences that no head was trained on the highest probability. Adding scaled votes is adding log-probabilities;
 * the common factor is the temperature. `prior`: log-odds of each class before anything is read. Convex, solved by Newton's steps. Scales never fall below zero.
 */
export function fitScales(
  heads: readonly Votes[],
  labels: Int32Array,
  classes: number,
  prior: readonly number[] = [],
): number[] {
  const many = heads.length
  let scales = heads.map(() => 1 / many)
  let loss = lossOf(heads, labels, classes, scales, prior)
  for (let round = 0; round < 40; round++) {
    const { slope, curve } = bend(heads, labels, classes, scales, prior)
    for (let h = 0; h < many; h++) curve[h]![h]! += 1e-6
    const step = solve(curve, slope)
    let better: number[] | null = null
    for (let part = 1; part > 1e-4; part /= 2) {
      const next = scales.map((scale, h) => Math.max(scale - part * step[h]!, 0))
      const lossNext = lossOf(heads, labels, classes, next, prior)
      if (lossNext < loss - 1e-9) {
        better = next
        loss = lossNext
        break
      }
    }
    if (!better) break
    scales = better
  }
  return scales
}

/** Mean negative log-probability of the true class. */
export function lossOf(
  heads: readonly Votes[],
  labels: Int32Array,
  classes: number,
  scales: readonly number[],
  prior: readonly number[] = [],
): number {
  let sum = 0
  const row = new Float64Array(classes)
  for (let i = 0; i < labels.length; i++) {
    pooled(heads, i, scales, prior, row)
    softmax(row)
    sum -= Math.log(Math.max(row[labels[i]!]!, 1e-12))
  }
  return sum / Math.max(labels.length, 1)
}

function pooled(
  heads: readonly Votes[],
  i: number,
  scales: readonly number[],
  prior: readonly number[],
  row: Float64Array,
): void {
  const classes = row.length
  for (let c = 0; c < classes; c++) row[c] = prior[c] ?? 0
  heads.forEach((votes, h) => {
    const scale = scales[h]!
    for (let c = 0; c < classes; c++) row[c]! += scale * votes[i * classes + c]!
  })
}

/** Slope and curvature of the loss by the scales. */
function bend(
  heads: readonly Votes[],
  labels: Int32Array,
  classes: number,
  scales: readonly number[],
  prior: readonly number[],
) {
  const many = heads.length
  const slope = heads.map(() => 0)
  const curve = heads.map(() => heads.map(() => 0))
  const row = new Float64Array(classes)
  for (let i = 0; i < labels.length; i++) {
    pooled(heads, i, scales, prior, row)
    softmax(row)
    const means = heads.map((votes) => {
      let mean = 0
      for (let c = 0; c < classes; c++) mean += row[c]! * votes[i * classes + c]!
      return mean
    })
    for (let g = 0; g < many; g++) {
      slope[g]! += (means[g]! - heads[g]![i * classes + labels[i]!]!) / labels.length
      for (let h = 0; h <= g; h++) {
        let both = 0
        for (let c = 0; c < classes; c++)
          both += row[c]! * heads[g]![i * classes + c]! * heads[h]![i * classes + c]!
        const value = (both - means[g]! * means[h]!) / labels.length
        curve[g]![h]! += value
        if (g !== h) curve[h]![g]! += value
      }
    }
  }
  return { slope, curve }
}

/** Solves a small system by elimination. */
export function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!])
  const many = rows.length
  for (let p = 0; p < many; p++) {
    let best = p
    for (let r = p + 1; r < many; r++) if (Math.abs(rows[r]![p]!) > Math.abs(rows[best]![p]!)) best = r
    ;[rows[p], rows[best]] = [rows[best]!, rows[p]!]
    const pivot = rows[p]![p]! || 1e-12
    for (let r = 0; r < many; r++) {
      if (r === p) continue
      const factor = rows[r]![p]! / pivot
      for (let c = p; c <= many; c++) rows[r]![c]! -= factor * rows[p]![c]!
    }
  }
  return rows.map((row, i) => row[many]! / (row[i]! || 1e-12))
}

/**
 * Expected calibration error: how far, on average, the stated probability of the best guess lies from the share that was
 * right, over `bins` equal bands of probability.
 */
export function calibrationError(stated: readonly number[], right: readonly boolean[], bins = 15): number {
  const sums = Array.from({ length: bins }, () => ({ many: 0, stated: 0, right: 0 }))
  stated.forEach((p, i) => {
    const bin = sums[Math.min(bins - 1, Math.floor(p * bins))]!
    bin.many++
    bin.stated += p
    if (right[i]) bin.right++
  })
  return sums.reduce((sum, bin) => sum + Math.abs(bin.stated - bin.right), 0) / Math.max(stated.length, 1)
}

/** Log-odds as a weighted sum. */
export type Line = { readonly weights: readonly number[]; readonly from: number }

export const probabilityBy = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds))

/** Logistic regression of a few numbers: tells `yes` rows from `no` rows, both sides counting the same. Newton's steps. */
export function fitLine(yes: readonly (readonly number[])[], no: readonly (readonly number[])[]): Line {
  const width = (yes[0] ?? no[0] ?? []).length
  // On a scale of their own spread, so that the small price of weights is the same for all.
  const all = [...yes, ...no]
  const mean = Array.from(
    { length: width },
    (_, d) => all.reduce((sum, row) => sum + row[d]!, 0) / Math.max(all.length, 1),
  )
  const spread = mean.map(
    (middle, d) =>
      Math.sqrt(all.reduce((sum, row) => sum + (row[d]! - middle) ** 2, 0) / Math.max(all.length, 1)) || 1,
  )
  const w = Array.from({ length: width + 1 }, () => 0)
  const scaled = w.map(() => 1)
  for (let round = 0; round < 40; round++) {
    const slope = w.map((value, d) => (d < width ? 1e-3 * value : 0))
    const curve = w.map((_, d) => w.map((_, e) => (d === e ? 1e-3 : 0)))
    for (const [rows, target] of [
      [yes, 1],
      [no, 0],
    ] as const)
      for (const row of rows) {
        let odds = w[width]!
        for (let d = 0; d < width; d++) odds += w[d]! * (scaled[d] = (row[d]! - mean[d]!) / spread[d]!)
        const p = probabilityBy(odds)
        const bend = Math.max(p * (1 - p), 1e-6) / rows.length
        for (let d = 0; d <= width; d++) {
          slope[d]! += ((p - target) * scaled[d]!) / rows.length
          for (let e = 0; e <= width; e++) curve[d]![e]! += bend * scaled[d]! * scaled[e]!
        }
      }
    const step = solve(curve, slope)
    step.forEach((by, d) => (w[d]! -= by))
    if (step.every((by) => Math.abs(by) < 1e-8)) break
  }
  const weights = mean.map((_, d) => w[d]! / spread[d]!)
  return { weights, from: w[width]! - weights.reduce((sum, weight, d) => sum + weight * mean[d]!, 0) }
}
