import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseExact } from '../exact-json.ts'
import { mapAccount, mapBalance, mapTransaction, readBalance } from './map.ts'

const now = Date.UTC(2026, 10, 20, 10)
const sent = (value: unknown): unknown => parseExact(JSON.stringify(value))
const gbp = (amountMinor: number) => ({ amountMinor, currency: 'GBP' })
const amount = (text: string) => ({ Amount: text, Currency: 'GBP' })
const row = (Type: string, CreditDebitIndicator: string, text: string, more: object = {}) => ({
  AccountId: 'a1',
  Type,
  CreditDebitIndicator,
  Amount: amount(text),
  DateTime: '2026-11-20T09:00:00Z',
  ...more,
})
const balanceOf = (rows: object[], side: 'asset' | 'liability' = 'asset') =>
  mapBalance(
    'a1',
    rows.map((one) => readBalance(sent(one))).filter((one) => one !== null),
    { side, currency: 'GBP' },
    now,
  )

test('accounts of v4.0 and v3.1', () => {
  const table: [object, string, string, string][] = [
    [{ AccountTypeCode: 'CACC', Status: 'Enabled' }, 'checking', 'asset', 'open'],
    [{ AccountTypeCode: 'SVGS', Status: 'Disabled' }, 'savings', 'asset', 'closed'],
    [{ AccountTypeCode: 'CARD', Status: 'Pending' }, 'credit-card', 'liability', 'restricted'],
    [{ AccountTypeCode: 'MORT', Status: 'Deleted' }, 'loan', 'liability', 'closed'],
    [{ AccountType: 'Personal', AccountSubType: 'CurrentAccount' }, 'checking', 'asset', 'open'],
    [{ AccountType: 'Personal', AccountSubType: 'CreditCard' }, 'credit-card', 'liability', 'open'],
    [{ AccountTypeCode: 'NEWC', Status: 'NewWord' }, 'other', 'asset', 'open'],
  ]
  for (const [value, type, side, status] of table) {
    const account = mapAccount(sent({ AccountId: 'a1', Currency: 'GBP', ...value }), 'thistle')
    assert.deepEqual(
      [account?.type, account?.side, account?.status],
      [type, side, status],
      JSON.stringify(value),
    )
  }
})

test('a sort code and account number leave four digits, the holder’s name nothing', () => {
  const account = mapAccount(
    sent({
      AccountId: 'a1',
      Currency: 'GBP',
      Description: 'Classic',
      Account: [
        {
          SchemeName: 'UK.OBIE.SortCodeAccountNumber',
          Identification: '20409912345678',
          Name: 'Davina Shah',
        },
      ],
    }),
    'thistle',
  )
  assert.equal(account?.lastFour, '5678')
  assert.equal(account?.nickname, 'Classic')
  assert.doesNotMatch(JSON.stringify(account), /2040|Davina/)
})

test('unsigned figures take their sign from the indicator, and what is owed from the side', () => {
  assert.deepEqual(balanceOf([row('ITAV', 'Credit', '1200.5'), row('ITBD', 'Debit', '50')]), {
    accountId: 'a1',
    available: gbp(120050),
    current: gbp(-5000),
    creditLimit: null,
    asOf: Date.UTC(2026, 10, 20, 9),
  })
  assert.deepEqual(balanceOf([row('ITBD', 'Debit', '310.00')], 'liability')?.current, gbp(31000))
  assert.deepEqual(balanceOf([row('ITBD', 'Credit', '5.00')], 'liability')?.current, gbp(-500))
  assert.deepEqual(balanceOf([row('ITBD', 'Credit', '0.00')])?.current, gbp(0))
  assert.equal(balanceOf([row('ITBD', 'Sideways', '5.00')]), null, 'a figure without a sign is no figure')
  assert.deepEqual(
    balanceOf([row('InterimAvailable', 'Credit', '7'), row('ClosingBooked', 'Credit', '8')])?.available,
    gbp(700),
  )
})

test('the best kind of balance wins, then the newest', () => {
  const rows = [
    row('CLAV', 'Credit', '1'),
    row('ITAV', 'Credit', '2', { DateTime: '2026-11-19T09:00:00Z' }),
    row('ITAV', 'Credit', '3'),
    row('XPCD', 'Credit', '4'),
  ]
  assert.deepEqual(balanceOf(rows)?.available, gbp(300))
  assert.equal(balanceOf([row('XPCD', 'Credit', '4')]), null)
})

test('what can be spent depends on whether the overdraft is inside the figure', () => {
  const line = (Included: unknown, Type: string, text: string) => ({
    CreditLine: [{ Included, Type, Amount: amount(text) }],
  })
  const table: [object, number, number | null][] = [
    [row('ITAV', 'Credit', '1700', line(true, 'Pre-Agreed', '500')), 170000, 50000],
    [row('ITAV', 'Credit', '1200', line(false, 'Pre-Agreed', '500')), 170000, 50000],
    [row('ITAV', 'Debit', '50', line(false, 'Pre-Agreed', '500')), 45000, 50000],
    [row('ITAV', 'Debit', '50', line(false, 'Available', '450')), 45000, null],
    [row('ITAV', 'Credit', '100', line(false, 'Available', '500')), 60000, null],
    [row('ITAV', 'Credit', '100', line(false, 'Emergency', '500')), 10000, null],
    [row('ITAV', 'Credit', '100', line('maybe', 'Pre-Agreed', '500')), 10000, 50000],
  ]
  for (const [value, available, limit] of table) {
    const balance = balanceOf([value])
    assert.equal(balance?.available?.amountMinor, available, JSON.stringify(value))
    assert.equal(balance?.creditLimit?.amountMinor ?? null, limit)
  }
})

const transaction = (value: object) => mapTransaction(sent(value), 'a1')
const booked = {
  TransactionId: 't1',
  CreditDebitIndicator: 'Debit',
  Status: 'BOOK',
  BookingDateTime: '2026-11-19T10:00:00+00:00',
  Amount: amount('43.25'),
  TransactionInformation: 'TESCO STORES 2040 99 12345678',
  MerchantDetails: { MerchantName: 'Tesco', MerchantCategoryCode: '5411' },
}

test('a transaction of either version', () => {
  const mapped = transaction(booked)
  assert.ok(mapped && mapped !== 'not_money')
  assert.deepEqual(mapped.transaction, {
    id: 't1',
    accountId: 'a1',
    status: 'posted',
    direction: 'debit',
    directionRule: 'CreditDebitIndicator',
    amount: gbp(4325),
    at: Date.UTC(2026, 10, 19, 10),
    postedAt: Date.UTC(2026, 10, 19, 10),
    description: 'TESCO STORES 2040 99 ··5678',
    merchant: 'Tesco',
    mcc: '5411',
    replaces: null,
  })
  // A card's line is a shop's; without a merchant it is what people wrote to each other.
  const { MerchantDetails: _, ...transfer } = booked
  for (const [row, free] of [
    [booked, undefined],
    [transfer, true],
    [{ ...transfer, MerchantDetails: { MerchantCategoryCode: '5411' } }, undefined],
  ] as const) {
    const one = transaction(row)
    assert.ok(one && one !== 'not_money')
    assert.equal(one.transaction.free, free)
  }
  const table: [string, string][] = [
    ['BOOK', 'posted'],
    ['Booked', 'posted'],
    ['PDNG', 'pending'],
    ['Pending', 'pending'],
    ['FUTR', 'pending'],
    ['NEWW', 'pending'],
    ['RJCT', 'not_money'],
    ['Rejected', 'not_money'],
    ['INFO', 'not_money'],
  ]
  for (const [Status, expected] of table) {
    const one = transaction({ ...booked, Status })
    assert.equal(one === 'not_money' || one === null ? one : one.transaction.status, expected, Status)
  }
})

test('no id, no sign, no figure', () => {
  const bare = transaction({ ...booked, TransactionId: undefined })
  assert.ok(bare && bare !== 'not_money' && bare.transaction.id.startsWith('made_'))
  const unsigned = transaction({ ...booked, CreditDebitIndicator: undefined })
  assert.ok(unsigned && unsigned !== 'not_money' && unsigned.transaction.direction === 'unknown')
  for (const bad of [
    { Amount: null },
    { Amount: amount('1.005') },
    { Amount: { Amount: '5' } },
    { BookingDateTime: 'soon' },
  ])
    assert.equal(transaction({ ...booked, ...bad }), null)
})
