import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findFigures, readableBody, tallyOf } from './figures.ts'

const found = (text: string): string[] =>
  findFigures(text, ['Harbor Bank']).map((span) => text.slice(span.start, span.end))

/** What a reader at the platform would learn from each sentence. */
const sentences: readonly (readonly [string, readonly string[]])[] = [
  ['Your checking balance is ready.', []],
  ['You have a message from Harbor Bank', []],
  ['Checking ··4821: $2,340.18 available ($2,390.18 with pending).', ['··4821', '$2,340.18', '$2,390.18']],
  [
    'You spent $186.40 at Corner Market last week, in 4 visits (Mon 9 to Sun 15 Nov, all accounts).',
    ['$186.40', 'Corner Market'],
  ],
  ['Votre solde : 1 234,56 $', ['1 234,56 $']],
  ['Solde : 1 234,56 €', ['1 234,56 €']],
  ['USD 12.30 to Noor Haddad: payment sent', ['USD 12.30', 'Noor Haddad']],
  ['£45', ['£45']],
  ['It is above $1,000', ['$1,000']],
  ['That makes 1,234,567 in all', ['1,234,567']],
  ['20 dollars', ['20 dollars']],
  ['Card ending in 4821', ['ending in 4821']],
  ['Account 000123456789', ['000123456789']],
  ['IBAN GB29 NWBK 6016 1331 9268 19', ['GB29 NWBK 6016 1331 9268 19']],
  ['The key was returned at 14:02 on 20 Nov 2027.', []],
  ['Your code is 482 913', []],
  ['I will message you within 10 minutes', []],
  ['Your payment from Harbor Bank', []],
  ['', []],
]
for (const [sentence, expected] of sentences) {
  test(`in “${sentence.slice(0, 50)}” a reader finds ${expected.length === 0 ? 'nothing' : expected.join(', ')}`, () => {
    assert.deepEqual(found(sentence), expected)
  })
}

test('ids, metadata and random addresses are no figures; prices and merchants are', () => {
  assert.deepEqual(
    tallyOf({
      recipient: { id: '7300000000000001' },
      message: { metadata: 'out_123456789012', text: 'Ready' },
    }),
    { figures: 0, names: 0 },
  )
  assert.deepEqual(tallyOf({ url: 'http://localhost:7300/card/9f2c77120045812' }), { figures: 0, names: 0 })
  assert.deepEqual(tallyOf({ url: 'https://bank.test/pay?amount=12.50' }), { figures: 1, names: 0 })
  assert.deepEqual(
    tallyOf({
      merchant_name: 'Blue Door',
      elements: [{ title: 'Tea', price: 3, quantity: 2 }],
      summary: { total_cost: 3 },
    }),
    { figures: 2, names: 2 },
  )
})

test('a form is read like JSON', () => {
  assert.deepEqual(
    readableBody('recipient=%7B%22id%22%3A%221%22%7D&message=%7B%22text%22%3A%22%2412%22%7D'),
    { recipient: { id: '1' }, message: { text: '$12' } },
  )
})
