import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import type { Transaction } from '../../bank/bank.ts'
import { categoryWords, kindOf } from '../../intent/category.ts'
import { categories, shownKind, spentOn } from './category.ts'
import { icon } from './icon.ts'
import { pageCatalogue, pageLocales } from './words.ts'

const payment = (of: Partial<Transaction>): Transaction => ({
  id: 't1',
  accountId: 'a1',
  status: 'posted',
  direction: 'debit',
  directionRule: '',
  amount: { amountMinor: 1_000, currency: 'USD' },
  at: 0,
  postedAt: null,
  description: '',
  merchant: null,
  mcc: null,
  replaces: null,
  ...of,
})

test('the page sorts by the chat’s own table, so that both say the same of every payment', () => {
  for (const mcc of ['5411', '5812', '5814', '4900', '5541', '8220', '4829', '9999', null])
    for (const merchant of ['Blue Door Coffee', 'Northside', null]) {
      const item = payment({ mcc, merchant })
      assert.equal(spentOn(item), kindOf(item) ?? 'none', `${mcc} ${merchant}`)
      assert.equal(shownKind(item, false), spentOn(item), `${mcc} ${merchant}`)
    }
})

test('what is no purchase is told apart: between own accounts, and money that came in', () => {
  assert.equal(shownKind(payment({ description: 'TO SAVINGS' }), true), 'transfer')
  assert.equal(shownKind(payment({ direction: 'credit', description: 'ACME CORP' }), false), 'income')
  // A refund is of the kind of what was bought.
  assert.equal(
    shownKind(payment({ direction: 'credit', mcc: '5411', merchant: 'Corner' }), false),
    'groceries',
  )
})

test('a code that is none is not guessed at', () => {
  for (const mcc of ['', '99999', 'abcd', '-001']) assert.equal(spentOn(payment({ mcc })), 'none', mcc)
})

test('every kind that the chat can name has a drawing here, and a word in every language', () => {
  for (const name of Object.keys(categoryWords))
    assert.ok((categories as readonly string[]).includes(name), name)
  for (const name of categories) {
    assert.match(String(icon(name)), /<(path|rect|circle)/, name)
    for (const locale of pageLocales)
      assert.ok(pageCatalogue(locale).has(`category.${name}`), `${locale} ${name}`)
  }
})
