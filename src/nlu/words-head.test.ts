import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rowOf } from './features.ts'
import { margins } from './svm.ts'
import { trainWords } from './words-head.ts'

const said = (many: number) => ({
  views: Array.from({ length: many }, (_, n) => [n % 2 === 0 ? `saldo ${n % 7}` : `pagar ${n % 5}`]),
  labels: Int32Array.from({ length: many }, (_, n) => n % 2),
  classes: 2,
  seed: 1,
})
const best = ({ features, svm }: Awaited<ReturnType<typeof trainWords>>, text: string) => {
  const votes = margins(svm, rowOf(features, [text], { least: 1, words: 1 }))
  return votes.indexOf(Math.max(...votes))
}

test('much is learnt in a thread of its own, and comes back whole', async () => {
  const head = await trainWords({ ...said(5000), options: { least: 1, words: 1 } })
  assert.deepEqual([best(head, 'mi saldo'), best(head, 'quiero pagar')], [0, 1])
})

test('shortened to the features that say most, it still tells them apart', async () => {
  const whole = await trainWords({ ...said(60), options: { least: 1, words: 1 } })
  const short = await trainWords({ ...said(60), options: { least: 1, words: 1, most: 12 } })
  assert.ok(whole.features.hashes.length > 12)
  assert.equal(short.features.hashes.length, 12)
  assert.equal(short.svm.weights.length, 24)
  assert.deepEqual([best(short, 'mi saldo'), best(short, 'quiero pagar')], [0, 1])
})
