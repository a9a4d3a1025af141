import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { forbiddenIn, inert, outsideTextLimit } from './outside-text.ts'

const invisible = '\u200b\u200d\u2060\ufeff\u00ad\u202e\u2066\u0000\n\r\u2028\u0085\t'
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          'http://',
          'https://',
          'www.',
          'evil',
          '.example',
          '.',
          '。',
          '．',
          '@bank',
          'mailto:',
          'tel:',
          '#call',
          '/pay',
          '[here](',
          ')',
          '*',
          '`',
          '+1 (800) 555-0199',
          '4111 1111 1111 1111',
          'GB82 WEST 1234 5698 7654 32',
          'AB17-CDEF-GHIJ-KLMN',
          '078-05-1120',
          '{bank}',
          '<a href=x>',
          '✓',
          '🔒',
          'שלום',
          'مرحبا',
          '··4821',
        ),
        fc.constantFrom(...Array.from(invisible)),
        fc.string({ maxLength: 6 }),
        fc.integer({ min: 0, max: 99_999_999 }).map(String),
      ),
      { maxLength: 14 },
    )
    .map((parts) => parts.join('')),
)

/** What a messenger would turn into something to tap, read widely. */
const tappable = [
  /\p{L}[.\u3002]\p{L}/u,
  /:\/\//,
  /@/,
  /\b\w+:\S/,
  /\p{N}\.\p{N}+\.\p{N}/u,
  /#\p{L}/u,
  /(?:\p{Nd}[ ().,/+-]{0,3}){7,}/u,
  /[[\]<>*_~`{}]/,
]

test('text from outside never links, mentions, dials, breaks its line, turns it around or grows', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const out = inert(text)
      for (const pattern of tappable) assert.doesNotMatch(out, pattern)
      assert.ok(Array.from(out).length <= outsideTextLimit + 2)
      // The only control characters are a pair of isolates that we put around right-to-left text.
      const inside = out.startsWith('\u2068') && out.endsWith('\u2069') ? out.slice(1, -1) : out
      assert.doesNotMatch(inside, /[\p{Cc}\p{Cf}\u2028\u2029]/u)
      assert.equal(forbiddenIn(out), null)
      assert.ok(out.isWellFormed())
    }),
    { numRuns: 5_000 },
  )
})

test('what is taken out of a text does not bring another number forth', () => {
  for (const text of ['0GB82 WEST 1234 5698 7654 32AB17-CDEF-GHIJ-KLMN', 'AB17  CDEF  GHIJ  KLMN'])
    assert.equal(forbiddenIn(inert(text)), null, text)
})

test('twin: the same text left as it came does all of these', () => {
  let harmed = 0
  fc.assert(
    fc.property(hostile, (text) => {
      if (tappable.some((pattern) => pattern.test(text)) || /[\n\u202e]/.test(text) || text.length > 42)
        harmed++
    }),
    { numRuns: 1_000 },
  )
  assert.ok(harmed > 150)
})

test('what a shop is called stays readable', () => {
  assert.equal(inert('Corner Market'), 'Corner Market')
  assert.equal(inert("Chloé's Café & Söhne"), "Chloé's Café & Söhne")
  assert.equal(inert('SQ *JOE’S COFFEE #12'), 'SQ JOE’S COFFEE #12')
  assert.equal(inert('AMAZON.COM*1A2B3'), 'AMAZON COM 1A2B3')
  assert.equal(inert('東京駅 売店'), '東京駅 売店')
  assert.equal(inert('CALL 1-800-555-0199 NOW'), 'CALL … NOW')
  assert.equal(inert('PAID 4111 1111 1111 1111'), 'PAID …')
  assert.equal(inert('‮evil​.example/pay'), 'evil example/pay')
  assert.equal(inert('\u0000\n\t '), '')
})

const luhnDigit = (digits: string): string => {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i])
    sum += i % 2 === 1 ? digit : digit * 2 > 9 ? digit * 2 - 9 : digit * 2
  }
  return String((10 - (sum % 10)) % 10)
}
const cardNumber = fc
  .tuple(
    fc.constantFrom('4', '5', '34', '37', '2221', '6011'),
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 11, maxLength: 15 }),
  )
  .map(([start, rest]) => {
    const body = (start + rest.join('')).slice(0, 18)
    return body + luhnDigit(body)
  })
const spelling = fc.constantFrom<(digits: string) => string>(
  (digits) => digits,
  (digits) => digits.replace(/(.{4})(?=.)/g, '$1 '),
  (digits) => digits.replace(/(.{4})(?=.)/g, '$1-'),
  (digits) => digits.replace(/(.{4})(?=.)/g, '$1\u00a0'),
  (digits) => Array.from(digits).join('\u200b'),
  (digits) => Array.from(digits).join('.'),
  (digits) => digits.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
  (digits) => digits.replace(/\d/g, (digit) => String.fromCodePoint(0x0660 + Number(digit))),
)

test('no card number leaves, however it is spaced or spelled', () => {
  fc.assert(
    fc.property(cardNumber, spelling, fc.constantFrom('', 'card ', 'MEMO', '$'), (digits, spell, before) => {
      assert.equal(forbiddenIn(`${before}${spell(digits)} thanks`), 'card_number')
    }),
    { numRuns: 2_000 },
  )
})

test('no account number of a bank and no social security number leaves', () => {
  for (const iban of [
    'GB82WEST12345698765432',
    'GB82 WEST 1234 5698 7654 32',
    'de89 3704 0044 0532 0130 00',
    'FR1420041010050500013M02606',
    'xx GB82-WEST-1234-5698-7654-32.',
  ])
    assert.equal(forbiddenIn(iban), 'iban', iban)
  for (const ssn of ['078-05-1120', '219 09 9999', 'ssn:219\u201109\u20119999'])
    assert.equal(forbiddenIn(ssn), 'social_security_number', ssn)
})

test('amounts, dates, last four digits and our own ids pass', () => {
  for (const text of [
    'Checking ··4821: $2,340.18 available ($2,390.18 before pending payments).',
    'You spent $1,234,567.89 from Mon 9 Nov to Sun 15 Nov, in 4 payments.',
    'Nov 9, 2026 · Corner Market · $12.50\nNov 8, 2026 · Corner Market · $1,112.50\nNov 7, 2026 · a payment · $11.50',
    '2 340,18 $ CA le 9 nov. 2026, 14 h 02',
    'Your code is 48213377.',
    '000-00-0000',
    '666-12-3456, 900-12-3456',
    'GB82 WEST 1234 5698 7654 33',
  ])
    assert.equal(forbiddenIn(text), null, text)
})

test('what was made inert holds no number that may never be in a chat, however its pieces come together', () => {
  const words = 'AB17 CDEF GHIJ KLMN GB82 WEST 4111 1111 078 05 1120 1 23 1000000 ＡＢ１７ ٣ é'.split(' ')
  const signs = Array.from(' -.#/*_·()+,’&%$–\u200b')
  const piece = fc.constantFrom(...words, ...signs)
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 16 }), (pieces) => {
      assert.equal(forbiddenIn(inert(pieces.join(''))), null)
    }),
    { numRuns: 5_000 },
  )
})
