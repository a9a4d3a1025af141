import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dayMs, hourMs } from '../core/clock.ts'
import type { Transaction } from './bank.ts'
import { type Mapped, merchantToken, settle } from './settle.ts'

const monday = Date.UTC(2026, 10, 16, 17)

function row(
  id: string,
  status: Transaction['status'],
  amountMinor: number,
  change: Partial<Transaction> & { reference?: string; authorisedAt?: number } = {},
): Mapped {
  const { reference = null, authorisedAt = null, ...rest } = change
  const at = rest.at ?? (status === 'pending' ? monday : monday + 2 * dayMs)
  return {
    transaction: {
      id,
      accountId: 'acc',
      status,
      direction: 'debit',
      directionRule: 'debitCreditMemo',
      amount: { amountMinor, currency: 'USD' },
      at,
      postedAt: status === 'posted' ? at : null,
      description: 'SQ *CORNER DELI #114',
      merchant: 'Corner Deli',
      mcc: '5812',
      replaces: null,
      ...rest,
    },
    authorisedAt,
    reference,
  }
}

const links = (rows: Mapped[]): Record<string, string | null> =>
  Object.fromEntries(
    settle(rows).map((one) => [one.id, one.replaces ?? (one.mayReplace ? `?${one.mayReplace}` : null)]),
  )

test('the bank’s own reference joins a posted row to its authorisation', () => {
  assert.deepEqual(links([row('p1', 'pending', 4325), row('t1', 'posted', 9999, { reference: 'p1' })]), {
    p1: null,
    t1: 'p1',
  })
  assert.deepEqual(
    links([row('t1', 'posted', 4325, { reference: 'gone' })]),
    { t1: 'gone' },
    'the pending row has left',
  )
})

test('a reversal’s reference settles nothing', () => {
  assert.deepEqual(
    links([row('t1', 'posted', 4325), row('t2', 'posted', 4325, { direction: 'credit', reference: 't1' })]),
    { t1: null, t2: null },
  )
  assert.deepEqual(
    links([row('p1', 'pending', 4325), row('t2', 'posted', 4325, { direction: 'credit', reference: 'p1' })]),
    { p1: null, t2: null },
  )
})

test('without a reference, rows that can only be each other are joined', () => {
  const pending = row('p1', 'pending', 4325)
  const table: [string, Mapped, boolean][] = [
    ['same amount', row('t1', 'posted', 4325), true],
    ['a tip of a fifth', row('t1', 'posted', 5190), true],
    ['a tip of a half', row('t1', 'posted', 6500), false],
    ['less than was held', row('t1', 'posted', 4000), false],
    ['a tip where none is given', row('t1', 'posted', 5190, { mcc: '5411' }), false],
    ['another merchant', row('t1', 'posted', 4325, { merchant: 'Corner Market', description: 'x' }), false],
    ['written otherwise', row('t1', 'posted', 4325, { merchant: 'CORNER DELI 0042' }), true],
    ['the other direction', row('t1', 'posted', 4325, { direction: 'credit' }), false],
    ['no direction', row('t1', 'posted', 4325, { direction: 'unknown' }), false],
    ['eight days later', row('t1', 'posted', 4325, { at: monday + 8 * dayMs }), false],
    ['the day before', row('t1', 'posted', 4325, { at: monday - dayMs }), false],
    ['a date of the same day', row('t1', 'posted', 4325, { at: monday - 5 * hourMs }), true],
    ['authorised two days before', row('t1', 'posted', 4325, { authorisedAt: monday - 2 * dayMs }), false],
    ['another account', row('t1', 'posted', 4325, { accountId: 'other' }), false],
  ]
  for (const [name, posted, joined] of table)
    assert.equal(links([pending, posted]).t1, joined ? 'p1' : null, name)
})

test('where several fit both are kept and marked, never silently joined', () => {
  assert.deepEqual(links([row('p1', 'pending', 500), row('p2', 'pending', 500), row('t1', 'posted', 500)]), {
    p1: null,
    p2: null,
    t1: '?p1',
  })
  assert.deepEqual(links([row('p1', 'pending', 500), row('t1', 'posted', 500), row('t2', 'posted', 500)]), {
    p1: null,
    t1: '?p1',
    t2: '?p1',
  })
})

test('a week’s spending counts a settled payment once; without joining it counts twice', () => {
  const listed = settle([row('p1', 'pending', 4325), row('t1', 'posted', 5190)])
  const replaced = new Set(listed.map((one) => one.replaces))
  const spent = (rows: readonly Transaction[]): number =>
    rows.reduce((sum, one) => sum + one.amount.amountMinor, 0)
  assert.equal(spent(listed.filter((one) => !replaced.has(one.id))), 5190)
  assert.equal(spent(listed), 9515, 'the twin that shows the harm')
})

test('a row sent twice is kept once; two coffees without ids stay two', () => {
  assert.deepEqual(Object.keys(links([row('t1', 'posted', 500), row('t1', 'posted', 500)])), ['t1'])
  assert.deepEqual(Object.keys(links([row('t1', 'posted', 500), row('t1', 'posted', 700)])), ['t1', 't1.2'])
  assert.deepEqual(Object.keys(links([row('made_x', 'posted', 500), row('made_x', 'posted', 500)])), [
    'made_x',
    'made_x.2',
  ])
})

test('a merchant is one merchant however it is spelt', () => {
  for (const merchant of ['SQ *CORNER DELI #114', 'Corner Deli', 'TST* Corner  Deli 0042'])
    assert.equal(merchantToken({ merchant, description: '' }), 'CORNERDELI')
})
