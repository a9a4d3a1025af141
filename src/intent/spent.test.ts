import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Transaction } from '../bank/bank.ts'
import { dayMs } from '../core/clock.ts'
import { spendingIn } from './spent.ts'

let made = 0
const noon = Date.UTC(2026, 10, 18, 12)
const row = (over: Partial<Transaction> = {}): Transaction => ({
  id: `txn-${made++}`,
  accountId: 'checking',
  status: 'posted',
  direction: 'debit',
  directionRule: 'debitCreditMemo',
  amount: { amountMinor: 42_849, currency: 'USD' },
  at: noon,
  postedAt: noon,
  description: 'ROW',
  merchant: null,
  mcc: null,
  replaces: null,
  ...over,
})
const spent = (...items: Transaction[]): string[] => spendingIn(items).map(({ description }) => description)

test("paying one's own card is not spending, in whatever language the bank writes", () => {
  for (const description of ['CREDIT CARD PAYMENT', 'PAIEMENT CARTE DE CRÉDIT', 'ÜBERWEISUNG 8832'])
    assert.deepEqual(
      spent(
        row({ description }),
        row({ description: 'THANK YOU', accountId: 'card', direction: 'credit', at: noon + dayMs }),
      ),
      [],
      description,
    )
})

test('one arrival answers for one departure, and only near it, to the cent, on another account', () => {
  const arrival = row({ accountId: 'savings', direction: 'credit' })
  assert.equal(spent(row(), row(), arrival).length, 1)
  assert.equal(spent(row({ at: noon - 9 * dayMs }), arrival).length, 1)
  assert.equal(spent(row({ amount: { amountMinor: 42_850, currency: 'USD' } }), arrival).length, 1)
  assert.equal(spent(row(), row({ direction: 'credit' })).length, 1)
})

test('a purchase stays a purchase when the same sum comes in elsewhere, or its shop is called Transfer', () => {
  const arrival = row({ accountId: 'savings', direction: 'credit' })
  assert.deepEqual(spent(row({ description: 'BOOKS', merchant: 'Book Harbor', mcc: '5942' }), arrival), [
    'BOOKS',
  ])
  assert.deepEqual(spent(row({ description: 'TRANSFER TO AIRPORT', merchant: 'Transfer Co', mcc: '4121' })), [
    'TRANSFER TO AIRPORT',
  ])
})

test("where the other account is not seen, the bank's line tells; money to a person was spent", () => {
  assert.deepEqual(
    spent(row({ description: 'TRANSFER TO SAVINGS' }), row({ description: 'VIREMENT VERS ÉPARGNE' })),
    [],
  )
  assert.deepEqual(
    spent(row({ description: 'VIREMENT À LÉA ROY' }), row({ description: 'SENT TO PRIYA NAIR' })),
    ['VIREMENT À LÉA ROY', 'SENT TO PRIYA NAIR'],
  )
})

test('a pending payment and the posted one that settles it are one', () => {
  const held = row({ id: 'held', status: 'pending', description: 'HELD', merchant: 'Noodle Wharf' })
  assert.deepEqual(spent(held, row({ description: 'PAID', merchant: 'Noodle Wharf', replaces: 'held' })), [
    'PAID',
  ])
})
