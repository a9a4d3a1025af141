import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { OperatorError } from '../core/operator-error.ts'
import { packModel, readManifest, unpackModel } from './artifact.ts'
import { asWritten, openClassifier, type Model } from './classifier.ts'
import { countsOf, type Example } from './csv.ts'
import type { Encoder } from './encoder.ts'
import { foldText } from './features.ts'
import { reportPage } from './report.ts'
import { judgeAll, qualityOf } from './quality.ts'
import { drawn } from './score.ts'
import { seeded } from './random.ts'
import { trainModel } from './train.ts'

const words = {
  balance: ['balance', 'how much money', 'what is left', 'my funds', 'in my account'],
  pay: ['send money', 'pay my friend', 'transfer 20', 'pay Ana', 'wire it over'],
  stop: ['stop this', 'leave me alone', 'no more messages', 'unsubscribe', 'quit writing me'],
}
const random = seeded(4)
const examples: Example[] = Object.entries(words).flatMap(([label, says]) =>
  says.flatMap((text) =>
    Array.from({ length: 4 }, () => ({
      text: `${['please', 'hey', 'ok', 'so'][random.below(4)]} ${text}`,
      label,
    })),
  ),
)

/** Meaning, for a test: which letters occur. Quick, and the same for the same text. */
const letters: Encoder = {
  dimensions: 27,
  hash: 'letters',
  embed: async (texts) =>
    texts.map((text) => {
      const point = new Float32Array(27)
      for (const character of foldText(text))
        point[Math.min(26, Math.abs(character.charCodeAt(0) - 97))]! += 1
      const length = Math.hypot(...point) || 1
      return point.map((value) => value / length)
    }),
  async [Symbol.asyncDispose]() {},
}
const manifest = {
  date: '2026-01-01T00:00:00Z',
  seed: 1,
  preparation: 'as written',
  revision: '',
  datasets: [],
  counts: countsOf(examples),
}
const learnt = await trainModel(examples, letters)
const packed = packModel(learnt.model, { ...manifest, figures: learnt.figures })
const here = { encoder: 'letters', preparation: 'as written' }

const refusedWith = (bytes: Buffer, expected = here): string => {
  try {
    unpackModel(bytes, expected)
  } catch (error) {
    assert.ok(error instanceof OperatorError, String(error))
    return error.code
  }
  return 'accepted'
}

test('what was taught is understood, also in other words and with a typo', async () => {
  const { classify } = openClassifier(learnt.model, letters)
  for (const [text, label] of [
    ['whats my balnce', 'balance'],
    ['could you pay Ana for me', 'pay'],
    ['STOP THIS!!!', 'stop'],
  ] as const)
    assert.equal((await classify(text)).guesses[0]?.label, label, text)
  const { nearest } = await classify(examples[3]!.text)
  assert.ok(nearest && nearest.label === examples[3]!.label && nearest.cosine > 0.95)
})

test('what is like nothing taught looks more out of scope than what was taught', async () => {
  const { classify } = openClassifier(learnt.model, letters)
  const away = await classify('zzyzx quartz kiwi vexing jukebox')
  const near = await classify('please what is left')
  assert.ok(away.score < near.score && away.outOfScope > near.outOfScope)
})

test('without an encoder words and letters still do, and the same model read without one still answers', async () => {
  const bare = await trainModel(examples, null)
  assert.equal((await openClassifier(bare.model, null).classify('pay Ana')).guesses[0]?.label, 'pay')
  const { model } = unpackModel(packed, { ...here, encoder: null })
  assert.equal((await openClassifier(model, null).classify('no more messages')).guesses[0]?.label, 'stop')
})

test('the same sentences and seed give the same bytes; another seed does not', async () => {
  const again = await trainModel(examples, letters)
  assert.deepEqual(packModel(again.model, { ...manifest, figures: again.figures }), packed)
  const other = await trainModel(examples, letters, { seed: 2 })
  assert.notDeepEqual(packModel(other.model, { ...manifest, figures: other.figures }), packed)
})

test('a model packed and unpacked says the same', async () => {
  const { model, manifest: read } = unpackModel(packed, here)
  assert.deepEqual(read.counts, manifest.counts)
  assert.deepEqual(readManifest(packed), read)
  const [before, after] = [learnt.model, model].map((one: Model) => openClassifier(one, letters))
  for (const { text } of examples) {
    const [a, b] = [await before!.classify(text), await after!.classify(text)]
    assert.equal(a.guesses[0]?.label, b.guesses[0]?.label)
    assert.ok(Math.abs(a.guesses[0]!.p - b.guesses[0]!.p) < 0.01 && Math.abs(a.score - b.score) < 0.05)
  }
})

test('a file with any byte changed, or cut anywhere, is refused', () => {
  fc.assert(
    fc.property(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const bytes = Buffer.from(packed)
      bytes[at]! ^= by
      assert.ok(['model_damaged', 'model_version'].includes(refusedWith(bytes)))
      assert.equal(refusedWith(packed.subarray(0, at)), 'model_damaged')
    }),
    { numRuns: 60 },
  )
  assert.equal(refusedWith(packed), 'accepted')
})

test('a model of another encoder or another preparation is refused', () => {
  assert.equal(refusedWith(packed, { ...here, encoder: 'other' }), 'model_encoder')
  assert.equal(refusedWith(packed, { ...here, preparation: 'other' }), 'model_preparation')
})

test('too little to learn from is said, with the class', async () => {
  const alone = [...examples, { text: 'x', label: 'lonely' }]
  await assert.rejects(trainModel(alone, null), /"lonely" has one example/)
  await assert.rejects(
    trainModel(
      examples.filter(({ label }) => label === 'pay'),
      null,
    ),
    /only one class/,
  )
})

test('hostile texts are answered, in bounded time, and do no harm', async () => {
  const { classify } = openClassifier(learnt.model, letters)
  const texts = [
    '',
    ' ',
    '\0\0\0',
    '\ud800',
    '\udfff\ud800',
    '😀'.repeat(50_000),
    'a'.repeat(100_000),
    'a '.repeat(50_000),
    '__proto__',
    'constructor',
  ]
  for (const text of texts) {
    const { guesses, outOfScope } = await classify(text, { many: 3 })
    assert.equal(guesses.length, 3)
    assert.ok(guesses.every(({ p }) => p >= 0 && p <= 1) && outOfScope >= 0 && outOfScope <= 1)
  }
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
      const { guesses } = await classify(text, { many: 9 })
      assert.ok(Math.abs(guesses.reduce((sum, { p }) => sum + p, 0) - 1) < 1e-6)
    }),
  )
})

test('a draw takes so many of each class, and another seed takes others', () => {
  const three = drawn(examples, 3, 1)
  assert.deepEqual(countsOf(three), { balance: 3, pay: 3, stop: 3 })
  assert.notDeepEqual(drawn(examples, 3, 2), three)
})

test('the confusion page shows what was confused, and no text can become markup', async () => {
  const hostile = [{ text: '<script>alert(1)</script> "pay"', label: 'balance' }]
  const judged = await judgeAll(openClassifier(learnt.model, letters), [...examples, ...hostile])
  assert.ok(qualityOf(judged).accuracy > 0.9)
  const page = reportPage(judged, 'A & B')
  assert.ok(!/<script/i.test(page) && page.includes('&#60;script&#62;') && page.includes('A &#38; B'))
  assert.match(page, /<table>[\s\S]*<th scope="row">balance/)
})

test("of many sentences the encoder reads a part, but every one of a bank's own few examples", async () => {
  const read = new Set<string>()
  const listening: Encoder = {
    ...letters,
    embed: (texts) => {
      for (const text of texts) read.add(text)
      return letters.embed(texts)
    },
  }
  const many = Array.from({ length: 80 }, (_, n) => [
    { text: `how much is left ${'abcdefgh'[n % 8]} ${n}`, label: 'balance' },
    { text: `send it over ${'abcdefgh'[n % 8]} ${n}`, label: 'pay' },
    { text: `bake some bread ${n}`, label: 'away' },
  ]).flat()
  const own = ['opening hours', 'when do you open', 'are you open on sunday', 'closing time'].map((text) => ({
    text,
    label: 'own:hours',
  }))
  await trainModel([...many, ...own], listening, {
    preparation: {
      ...asWritten,
      learning: {
        judged: 100,
        learnt: 1000,
        embedded: { en: 60, es: 60, fr: 60 },
        away: (label) => label === 'away',
        oneAuthor: () => false,
      },
    },
  })
  assert.ok(own.every(({ text }) => read.has(text)))
  // The twin: of the others most were left out.
  assert.ok(many.filter(({ text }) => read.has(text)).length <= 60)
})
