import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decimalText, parseDecimal } from '../core/money.ts'
import { OutsideError } from '../core/refusal.ts'
import { parseExact, plainDecimal } from './exact-json.ts'

test('an amount keeps the digits the bank wrote', () => {
  const parsed = parseExact('{"a":1234567890123.10,"b":0.1,"c":[-12.50,{"d":9007199254740993}],"e":"7"}')
  assert.deepEqual(parsed, {
    a: '1234567890123.10',
    b: '0.1',
    c: ['-12.50', { d: '9007199254740993' }],
    e: '7',
  })
})

test('a binary float in between would lose a cent: the twin that shows the harm', () => {
  const text = '{"amount":90071992547409.93}'
  const exact = (parseExact(text) as { amount: string }).amount
  assert.equal(exact, '90071992547409.93')
  const float = (JSON.parse(text) as { amount: number }).amount
  assert.notEqual(float.toString(), exact)
})

test('every amount comes back to the minor unit, however the bank writes its number', () => {
  fc.assert(
    fc.property(fc.integer({ min: -99_999_999_999_999, max: 99_999_999_999_999 }), (amountMinor) => {
      const text = decimalText({ amountMinor, currency: 'USD' })
      const { amount } = parseExact(`{"amount":${text}}`) as { amount: string }
      const plain = plainDecimal(amount)
      assert.deepEqual(plain === null ? null : parseDecimal(plain, 'USD'), { amountMinor, currency: 'USD' })
    }),
  )
})

test('exponents are undone exactly', () => {
  const table: [string, string | null][] = [
    ['1.25e2', '125'],
    ['1.5E+1', '15'],
    ['12345e-2', '123.45'],
    ['5e-3', '0.005'],
    ['-2E0', '-2'],
    ['1e400', null],
    ['0x10', null],
    ['', null],
    ['1.2.3', null],
    ['NaN', null],
  ]
  for (const [given, expected] of table) assert.equal(plainDecimal(given), expected, given)
})

test('an unreadable answer is trouble without a word of the answer', () => {
  for (const text of [
    '',
    '<html>balance 4321.99</html>',
    '{"balance":4321.99',
    `${'['.repeat(50_000)}4321.99${']'.repeat(50_000)}`,
  ])
    assert.throws(
      () => parseExact(text),
      (error: unknown) =>
        error instanceof OutsideError &&
        error.code === 'bank_answer_invalid' &&
        !`${error.message}${error.stack}${String(error.cause)}`.includes('4321'),
    )
})
