import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { longestText, normalise } from './normalise.ts'

test('what phones and word processors write reads as what a keyboard writes', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['  “hi”  ’tis – 5 ', '"hi" \'tis - 5'],
    ['１２５０ ﬁn', '1250 fin'],
    ['bal\u200ban\u00adce\u202e', 'balance'],
    ['1\u202f250,00\u00a0$', '1 250,00 $'],
    ['sooooo??!!!', 'soo?!'],
    ['100000', '100000'],
    ['Noe\u0308l E\u0301', 'Noël É'],
    ['a\nb\tc', 'a b c'],
  ]
  for (const [given, wanted] of cases) assert.equal(normalise(given).text, wanted)
})

test('the normal form is bounded, idempotent and visible, whatever is sent', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 1500 }),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc
      .array(
        fc.constantFrom(
          'a',
          'e\u0301',
          '\u0301',
          '\u200b',
          ' ',
          'ﬁ',
          '\ufdfa',
          '\ud83d',
          '😀',
          '¨',
          'ﾞ',
          'か',
          '1',
          '`',
        ),
        { maxLength: 900 },
      )
      .map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(hostile, (given) => {
      const { text, offsets } = normalise(given)
      assert.ok(text.length <= longestText)
      assert.equal(offsets.length, text.length)
      assert.equal(normalise(text).text, text)
      assert.doesNotMatch(text, /[\p{Cc}\u200b-\u200f\u202a-\u202e]/u)
      for (const [at, from] of offsets.entries())
        assert.ok(from < given.length && from >= (offsets[at - 1] ?? 0))
    }),
    { numRuns: 300 },
  )
})

test('the map leads back to what was written', () => {
  const given = 'pay\u200b  “Ana” ２０'
  const { text, offsets } = normalise(given)
  assert.equal(given[offsets[text.indexOf('A')] as number], 'A')
  assert.equal(given[offsets[text.indexOf('2')] as number], '２')
})
