import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Canary } from './canary.ts'
import { openSearch } from './search.ts'

const canary = (sign: string): Canary => ({
  customer: 'c',
  institution: 'i',
  accountId: null,
  fields: [],
  sign,
  what: 'x',
})
const word = canary('zqabcdefgh')
const large = canary('12345678901')
const small = canary('2340187')
const number = canary('123456789012')
const search = openSearch([word, large, small, number])

const dollars = (minor: string, locale: string): string =>
  new Intl.NumberFormat(locale, { style: 'currency', currency: 'USD' }).format(Number(minor) / 100)
const plainWords = [
  'zqabcdefgh',
  'ZQABCDEFGH',
  'Zqábçdëfgh',
  'z q a b c d e f g h',
  'zq-ab.cd_ef/gh',
  'hgfedcbaqz',
  'z\u200bqabcdefgh',
]
const figures = (minor: string): string[] => [
  ...['en-US', 'de-DE', 'fr-CA', 'en-IN', 'de-CH', 'ar-EG'].map((locale) => dollars(minor, locale)),
  minor,
  `${minor.slice(0, -2)}.${minor.slice(-2)}`,
]
const escapes: readonly ((text: string) => string)[] = [
  (text) => text,
  encodeURIComponent,
  (text) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  (text) => new URLSearchParams({ text }).toString(),
  (text) => JSON.stringify({ text }),
  (text) =>
    [...text]
      .map((c) => (c.length === 1 ? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}` : c))
      .join(''),
  (text) => [...text].map((c) => `&#${c.codePointAt(0)};`).join(''),
  (text) => [...text].map((c) => `&#x${c.codePointAt(0)?.toString(16)};`).join(''),
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(`ab${text}`).toString('base64url'),
  (text) => Buffer.from(text).toString('hex'),
  (text) => Buffer.from(text, 'utf16le').toString('base64'),
]

test('a canary is found in every spelling and through any two layers of encoding', () => {
  const spelled: readonly (readonly [Canary, string])[] = [
    ...plainWords.map((text) => [word, text] as const),
    ...figures(large.sign).map((text) => [large, text] as const),
    ...figures(small.sign).map((text) => [small, text] as const),
    [number, number.sign],
    [number, '1234 5678 9012'],
    [number, [...number.sign].reverse().join('')],
  ]
  fc.assert(
    fc.property(
      fc.constantFrom(...spelled),
      fc.array(fc.constantFrom(...escapes), { maxLength: 2 }),
      ([sought, text], layers) => {
        const bytes = layers.reduce((inner, escape) => escape(inner), `say: "${text}" end`)
        assert.ok(search.find(bytes).has(sought), bytes)
      },
    ),
    { numRuns: 3_000 },
  )
})

test('and in bytes, also of a two-byte alphabet', () => {
  for (const [sought, text] of [
    [word, 'zqabcdefgh'],
    [large, '12345678901'],
    [small, '23,401.87'],
    [number, '123456789012'],
  ] as const)
    for (const encoding of ['latin1', 'utf16le'] as const)
      assert.ok(
        search.findInBytes(Buffer.from(`\u0001${text}\u0002`, encoding)).has(sought),
        `${text} ${encoding}`,
      )
})

test('what is no canary is not found: ids, times, keys, other figures', () => {
  const texts = [
    '7300000000000001',
    'msg_01JD2340187ABCDEFGHJKM',
    '$2,340.18',
    '%2340187-AB',
    '2026-11-20T07:23:11.234Z',
    'zqabcdefgi',
    'a'.repeat(64),
    '123456789',
  ]
  for (const text of texts)
    assert.deepEqual([...search.find(text)], text === '123456789' ? [large] : [], text)
})
