import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitFeatures, rowOf } from './features.ts'
import { rivalsOf } from './rivals.ts'

const options = { least: 1, words: 1 }
const texts = ['my balance', 'what balance', 'my card balance', 'lost card', 'my card lost', 'send money']
const labels = Int32Array.from([0, 0, 0, 1, 1, 2])

test('a class is learnt from its own sentences and from those of classes that are like it', () => {
  const features = fitFeatures(
    texts.map((text) => [text]),
    options,
  )
  const rows = texts.map((text) => rowOf(features, [text], options))
  const rivals = rivalsOf(rows, labels, 3, features.hashes.length, 2)
  const own = (c: number): number[] => [...labels.keys()].filter((i) => labels[i] === c)
  for (const c of [0, 1, 2]) for (const i of own(c)) assert.ok(rivals[c]?.includes(i))
  assert.ok(rivals[0]?.includes(4), '"my card lost" has words of a balance')
  assert.ok(!rivals[2]?.includes(0), '"my balance" has nothing of sending')
  assert.equal(
    rivals.reduce((sum, { length }) => sum + length, 0),
    texts.length * 2,
    'each sentence is compared with its own class and one more',
  )
})
