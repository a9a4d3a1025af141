import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leftOutSplits, splitsOf } from './cross.ts'
import type { Data } from './data.ts'

const learning = {
  judged: 1000,
  learnt: 1000,
  embedded: { en: 1000, es: 1000, fr: 1000 },
  away: (label: string) => label === 'away',
  oneAuthor: () => false,
}
const classes = ['served', 'away']
/** Two classes in two languages, twenty sentences each, in the order they stand in their files. */
const data = (): Data => {
  const rows = [0, 1].flatMap((label) =>
    (['en', 'es'] as const).flatMap((language) =>
      Array.from({ length: 20 }, (_, n) => ({ label, language, text: `${n}` })),
    ),
  )
  return {
    prepared: rows.map(({ text, language }) => ({ plain: text, embedText: text, language })),
    again: rows.map(() => undefined),
    points: null,
    labels: Int32Array.from(rows, ({ label }) => label),
    texts: rows.map(({ text }) => text),
  }
}

test('who wrote last in a file is judged by heads that read only those before', () => {
  const all = data()
  const [split, ...more] = splitsOf(all, 1, learning)
  assert.ok(split && more.length === 0)
  assert.deepEqual([split.learn.length, split.judge.length], [72, 8])
  assert.ok([...split.learn].every((i) => Number(all.texts[i]) < 18))
  assert.ok([...split.judge].every((i) => Number(all.texts[i]) >= 18))
})

test('no sentence is judged by what learnt from it, however the parts are made', () => {
  const all = data()
  for (const splits of [
    splitsOf(all, 1),
    splitsOf(all, 1, { ...learning, judged: 5, learnt: 9 }),
    leftOutSplits(all, classes, 1),
    leftOutSplits(all, classes, 1, learning),
  ]) {
    for (const { learn, judge } of splits) {
      const learnt = new Set(learn)
      assert.ok(judge.every((i) => !learnt.has(i)))
    }
  }
  assert.ok(leftOutSplits(all, classes, 1).some(({ judge }) => judge.length > 0))
})

test('a class left out is left out whole', () => {
  const all = data()
  for (const learnt of [undefined, learning])
    for (const { learn, judge } of leftOutSplits(all, classes, 1, learnt)) {
      const seen = new Set(Array.from(learn, (i) => all.labels[i]))
      assert.ok(judge.every((i) => !seen.has(all.labels[i])))
    }
})

test('where the encoder was taught every class, only what is not served is left out, and its last authors judged', () => {
  const all = data()
  const [split] = leftOutSplits(all, classes, 1, learning)
  assert.equal(split?.judge.length, 4)
  assert.ok([...split.judge].every((i) => all.labels[i] === 1 && Number(all.texts[i]) >= 18))
})
