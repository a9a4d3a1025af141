import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { calibrationError, fitLine, fitScales, lossOf, solve } from './calibrate.ts'
import { softmax } from './logistic.ts'
import { areaUnder, scoreKeeping, scoreOf } from './out-of-scope.ts'
import { seeded } from './random.ts'

/** Sentences whose true class is drawn from the votes' own softmax: votes that mean what they say. */
function honest(many: number, classes: number) {
  const random = seeded(5)
  const votes = Float32Array.from({ length: many * classes }, () => random.below(600) / 100)
  const labels = new Int32Array(many)
  for (let i = 0; i < many; i++) {
    const row = Float64Array.from(votes.subarray(i * classes, (i + 1) * classes))
    softmax(row)
    let rest = random.below(1e6) / 1e6
    while ((rest -= row[labels[i]!]!) > 0 && labels[i]! < classes - 1) labels[i]!++
  }
  return { votes, labels }
}

test('votes that boast are toned down to what they are worth', () => {
  const { votes, labels } = honest(6000, 4)
  const loud = votes.map((vote) => vote * 5)
  const [scale] = fitScales([loud], labels, 4)
  assert.ok(Math.abs(scale! - 0.2) < 0.02, `scale ${scale}`)
})

test('a head that only makes noise is not trusted', () => {
  const { votes, labels } = honest(4000, 4)
  const random = seeded(8)
  const noise = votes.map(() => random.below(600) / 100)
  const scales = fitScales([votes, noise], labels, 4)
  assert.ok(scales[0]! > 0.9 && scales[1]! < 0.05, String(scales))
  assert.ok(lossOf([votes, noise], labels, 4, scales) <= lossOf([votes, noise], labels, 4, [1, 0]))
})

test('calibration error: none where what is stated comes true, the distance where it does not', () => {
  const stated = Array.from({ length: 1000 }, () => 0.8)
  assert.ok(
    calibrationError(
      stated,
      stated.map((_, i) => i % 5 !== 0),
    ) < 1e-9,
  )
  assert.ok(
    Math.abs(
      calibrationError(
        stated,
        stated.map((_, i) => i % 2 === 0),
      ) - 0.3,
    ) < 1e-9,
  )
})

test('a system of equations is solved', () => {
  const number = fc.double({ min: -5, max: 5, noNaN: true })
  const three = fc.array(number, { minLength: 3, maxLength: 3 })
  fc.assert(
    fc.property(fc.array(three, { minLength: 3, maxLength: 3 }), three, (m, x) => {
      // Made diagonally heavy, so that there is one solution.
      const matrix = m.map((row, i) => row.map((value, j) => (i === j ? value + 20 : value)))
      const right = matrix.map((row) => row.reduce((sum, value, j) => sum + value * x[j]!, 0))
      solve(matrix, right).forEach((value, i) => assert.ok(Math.abs(value - x[i]!) < 1e-8))
    }),
  )
})

test('a line learns which number tells, and the threshold keeps what it says it keeps', () => {
  const random = seeded(3)
  const draw = (shift: number) =>
    Array.from({ length: 2000 }, () => [shift + random.below(1000) / 500, random.below(1000) / 500, 7])
  const [served, away] = [draw(1), draw(0)]
  const line = fitLine(served, away)
  assert.ok(line.weights[0]! > 10 * Math.abs(line.weights[1]!), String(line.weights))
  const scores = served.map((row) => scoreOf(line, row as never))
  const kept = scores.filter((score) => score >= scoreKeeping(scores)).length / scores.length
  assert.ok(Math.abs(kept - 0.95) < 0.002)
})

test('area under the curve is the share of pairs in the right order, ties counting half', () => {
  const scores = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(scores, scores, (served, away) => {
      let right = 0
      for (const a of served) for (const b of away) right += a > b ? 1 : a === b ? 0.5 : 0
      assert.ok(Math.abs(areaUnder(served, away) - right / served.length / away.length) < 1e-12)
    }),
  )
})
