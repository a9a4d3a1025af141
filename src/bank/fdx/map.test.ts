import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseExact } from '../exact-json.ts'
import { directionOf, mapAccount, mapBalance, mapTransaction, readAccount } from './map.ts'
import { listShape } from './shape.ts'

const now = Date.UTC(2026, 10, 20, 10)
const accountOf = (value: object) => {
  const read = readAccount(parseExact(JSON.stringify(value)))
  assert.ok(read)
  return read
}
const account = (value: object) => mapAccount(accountOf(value), 'harbor', null)
const balance = (value: object, fallback: string | null = null) => mapBalance(accountOf(value), fallback, now)

const checking = {
  accountCategory: 'DEPOSIT_ACCOUNT',
  accountId: 'acc-1',
  accountType: 'CHECKING',
  productName: 'Everyday Checking',
  nickname: 'Bills',
  status: 'OPEN',
  balanceType: 'ASSET',
  currency: { currencyCode: 'USD' },
  accountNumberDisplay: '...4821',
  accountNumber: '7000004821',
  balanceAsOf: '2026-11-20T09:00:00Z',
  currentBalance: 2390.18,
  availableBalance: 2340.18,
}

test('an account is what the bank says, its number only four digits of it', () => {
  assert.deepEqual(account(checking), {
    id: 'acc-1',
    institution: 'harbor',
    type: 'checking',
    nickname: 'Bills',
    lastFour: '4821',
    currency: 'USD',
    status: 'open',
    side: 'asset',
  })
  assert.ok(!JSON.stringify([account(checking), balance(checking)]).includes('7000'))
})

test('the kind of an account, by discriminator or by the older wrapper key', () => {
  const table: [object, string, string][] = [
    [{ accountCategory: 'DEPOSIT_ACCOUNT', accountType: 'MONEYMARKET' }, 'savings', 'asset'],
    [{ accountCategory: 'LOC_ACCOUNT', accountType: 'CREDITCARD' }, 'credit-card', 'liability'],
    [{ accountCategory: 'LOC_ACCOUNT', accountType: 'SOMETHING_NEW' }, 'line-of-credit', 'liability'],
    [{ accountCategory: 'LOC_ACCOUNT', accountType: 'CHARGE', balanceType: 'ASSET' }, 'credit-card', 'asset'],
    [{ accountCategory: 'LOAN_ACCOUNT', accountType: 'MORTGAGE' }, 'loan', 'liability'],
    [{ accountCategory: 'INVESTMENT_ACCOUNT', accountType: '401K' }, 'investment', 'asset'],
    [{ accountCategory: 'INSURANCE_ACCOUNT' }, 'other', 'asset'],
    [{ accountCategory: 'constructor', accountType: 'toString' }, 'other', 'asset'],
    [{}, 'other', 'asset'],
  ]
  for (const [value, type, side] of table) {
    const mapped = account({ accountId: 'x', ...value })
    assert.deepEqual([mapped?.type, mapped?.side], [type, side], JSON.stringify(value))
  }
  const wrapped: [string, string][] = [
    ['depositAccount', 'other'],
    ['locAccount', 'line-of-credit'],
    ['loanAccount', 'loan'],
    ['investmentAccount', 'investment'],
  ]
  for (const [key, type] of wrapped) assert.equal(account({ [key]: { accountId: 'x' } })?.type, type, key)
})

test('status words that are new are data, not errors', () => {
  const table: [unknown, string][] = [
    ['OPEN', 'open'],
    ['NEGATIVECURRENTBALANCE', 'open'],
    ['DELINQUENT', 'open'],
    ['CLOSED', 'closed'],
    ['PAID', 'closed'],
    ['RESTRICTED', 'restricted'],
    ['PENDINGOPEN', 'restricted'],
    ['SOMETHING_NEW', 'open'],
    [17, 'open'],
    [undefined, 'open'],
  ]
  for (const [status, expected] of table) assert.equal(account({ accountId: 'x', status })?.status, expected)
})

test('an account without an id, or with a path for one, is no account', () => {
  for (const accountId of [undefined, null, '', '..', '.', 'a b', 'a\u0000', 'x'.repeat(300), {}])
    assert.equal(account({ accountId }), null)
  assert.equal(account({ accountId: 3746272 })?.id, '3746272', 'a number is a fine id')
})

test('balances by kind of account', () => {
  const usd = (amountMinor: number) => ({ amountMinor, currency: 'USD' })
  const base = { accountId: 'x', currency: { currencyCode: 'USD' }, balanceAsOf: '2026-11-20T09:00:00Z' }
  const table: [object, { available: unknown; current: unknown; creditLimit: unknown } | null][] = [
    [checking, { available: usd(234018), current: usd(239018), creditLimit: null }],
    [
      {
        ...base,
        accountCategory: 'LOC_ACCOUNT',
        currentBalance: 390.18,
        availableCredit: 2609.82,
        creditLine: 3000,
      },
      { available: usd(260982), current: usd(39018), creditLimit: usd(300000) },
    ],
    [
      { ...base, accountCategory: 'LOC_ACCOUNT', currentBalance: '102.5', creditLine: '200000' },
      { available: null, current: usd(10250), creditLimit: usd(20000000) },
    ],
    [
      { ...base, accountCategory: 'LOAN_ACCOUNT', principalBalance: 133000.35 },
      { available: null, current: usd(13300035), creditLimit: null },
    ],
    [
      { ...base, accountCategory: 'INVESTMENT_ACCOUNT', currentValue: 10, availableCashBalance: 3 },
      { available: usd(300), current: usd(1000), creditLimit: null },
    ],
    [
      { ...base, accountCategory: 'DEPOSIT_ACCOUNT', currentBalance: -12.5 },
      { available: null, current: usd(-1250), creditLimit: null },
    ],
    [{ ...base, accountCategory: 'DEPOSIT_ACCOUNT' }, null],
    [{ ...base, accountCategory: 'DEPOSIT_ACCOUNT', currentBalance: 12.345 }, null],
    [{ ...base, accountCategory: 'DEPOSIT_ACCOUNT', currentBalance: 'twelve' }, null],
  ]
  for (const [value, expected] of table) {
    const mapped = balance(value)
    if (expected === null) assert.equal(mapped, null, JSON.stringify(value))
    else
      assert.deepEqual(mapped, {
        accountId: accountOf(value).accountId,
        ...expected,
        asOf: Date.UTC(2026, 10, 20, 9),
      })
  }
})

test('a currency is told, set for the bank, or not known; never assumed', () => {
  const value = { accountId: 'x', accountCategory: 'DEPOSIT_ACCOUNT', currentBalance: 5 }
  assert.equal(balance(value), null)
  assert.deepEqual(balance(value, 'CAD')?.current, { amountMinor: 500, currency: 'CAD' })
  assert.equal(account(value)?.currency, 'XXX')
  const yen = { ...value, currency: { currencyCode: 'JPY' }, currentBalance: 500 }
  assert.deepEqual(balance(yen)?.current, { amountMinor: 500, currency: 'JPY' })
  assert.equal(balance(value)?.asOf ?? now, now)
})

test('the sign rules fire in order and the one that fired is kept', () => {
  const table: [
    Record<string, string>,
    string | null,
    'positive-is-credit' | 'positive-is-debit' | undefined,
    string,
    string,
  ][] = [
    [
      { debitCreditMemo: 'DEBIT', amount: '5', transactionType: 'POSCREDIT' },
      null,
      undefined,
      'debit',
      'debitCreditMemo',
    ],
    [{ debitCreditMemo: 'CREDIT', amount: '-5' }, null, 'positive-is-credit', 'credit', 'debitCreditMemo'],
    [{ debitCreditMemo: 'MEMO', amount: '5' }, null, undefined, 'unknown', 'none'],
    [
      { debitCreditMemo: 'MEMO', amount: '5', transactionType: 'FEE' },
      null,
      undefined,
      'debit',
      'transactionType',
    ],
    [{ amount: '137.91', transactionType: 'FEE' }, 'LOC_ACCOUNT', undefined, 'debit', 'transactionType'],
    [
      { amount: '5', transactionType: 'PURCHASE' },
      'LOC_ACCOUNT',
      'positive-is-credit',
      'debit',
      'transactionType',
    ],
    [{ amount: '-300', transactionType: 'POSDEBIT' }, null, undefined, 'debit', 'transactionType'],
    [{ amount: '0.01', transactionType: 'POSCREDIT' }, null, undefined, 'credit', 'transactionType'],
    [{ amount: '5', transactionType: 'PAYMENT' }, 'LOC_ACCOUNT', undefined, 'credit', 'transactionType'],
    [{ amount: '5', transactionType: 'PAYMENT' }, 'DEPOSIT_ACCOUNT', undefined, 'unknown', 'none'],
    [
      { amount: '5', transactionType: 'ADJUSTMENT' },
      null,
      'positive-is-credit',
      'credit',
      'signConvention:positive-is-credit',
    ],
    [{ amount: '-5' }, null, 'positive-is-credit', 'debit', 'signConvention:positive-is-credit'],
    [{ amount: '5' }, null, 'positive-is-debit', 'debit', 'signConvention:positive-is-debit'],
    [{ amount: '0.00' }, null, 'positive-is-credit', 'unknown', 'none'],
    [{ amount: '-5' }, null, undefined, 'unknown', 'none'],
    [{ amount: '5', debitCreditMemo: 'SIDEWAYS' }, null, undefined, 'unknown', 'none'],
  ]
  for (const [value, category, convention, direction, directionRule] of table) {
    const transaction = { debitCreditMemo: null, transactionType: null, amount: null, ...value }
    assert.deepEqual(
      directionOf(transaction, category, convention),
      { direction, directionRule },
      JSON.stringify(value),
    )
  }
})

const context = {
  accountId: 'acc-1',
  accountCategory: 'DEPOSIT_ACCOUNT',
  currency: 'USD',
  signConvention: undefined,
  now,
}
const transaction = (value: object) => mapTransaction(parseExact(JSON.stringify(value)), context)

test('a transaction keeps its magnitude, its times and its merchant', () => {
  const mapped = transaction({
    accountCategory: 'DEPOSIT_ACCOUNT',
    transactionId: 't1',
    referenceTransactionId: 'p1',
    status: 'POSTED',
    debitCreditMemo: 'DEBIT',
    amount: -43.25,
    postedTimestamp: '2026-11-19T23:00:00Z',
    transactionTimestamp: '2026-11-18T17:02:11Z',
    description: 'CORNER DELI \u202e114 4111111111111111',
    category: '5812',
    subCategory: 'MCC',
    transactionPayee: { merchantName: 'Corner Deli' },
  })
  assert.deepEqual(mapped, {
    transaction: {
      id: 't1',
      accountId: 'acc-1',
      status: 'posted',
      direction: 'debit',
      directionRule: 'debitCreditMemo',
      amount: { amountMinor: 4325, currency: 'USD' },
      at: Date.UTC(2026, 10, 19, 23),
      postedAt: Date.UTC(2026, 10, 19, 23),
      description: 'CORNER DELI 114 ··1111',
      merchant: 'Corner Deli',
      mcc: '5812',
      replaces: null,
    },
    authorisedAt: Date.UTC(2026, 10, 18, 17, 2, 11),
    reference: 'p1',
  })
})

test('pending, memo and authorised rows are pending; a posting time posts the rest', () => {
  const table: [object, string][] = [
    [{ status: 'PENDING' }, 'pending'],
    [{ status: 'MEMO' }, 'pending'],
    [{ status: 'AUTHORIZATION' }, 'pending'],
    [{ status: 'POSTED', debitCreditMemo: 'MEMO' }, 'pending'],
    [{ status: 'NEWWORD' }, 'pending'],
    [{ status: 'NEWWORD', postedTimestamp: '2026-11-19' }, 'posted'],
    [{ postedTimestamp: '2026-11-19' }, 'posted'],
    [{ status: 'POSTED', postedTimestamp: '2026-11-19' }, 'posted'],
  ]
  for (const [value, status] of table)
    assert.equal(transaction({ transactionId: 't', amount: 1, ...value })?.transaction.status, status)
  assert.equal(transaction({ transactionId: 't', amount: 1, status: 'POSTED' }), null, 'posted, but when?')
  assert.equal(transaction({ transactionId: 't', amount: 1, status: 'PENDING' })?.transaction.at, now)
})

test('older and wrapped transactions are read; rows without an exact amount are not', () => {
  const wrapped = transaction({
    locTransaction: {
      transactionId: 't1',
      transactionType: 'PAYMENT',
      amount: '142.50',
      postedTimestamp: '2019-11-25',
      payee: 'Old Payee',
    },
  })
  assert.equal(wrapped?.transaction.direction, 'credit')
  assert.equal(wrapped?.transaction.merchant, 'Old Payee')
  for (const amount of [undefined, null, 'ten', 1.005, 1e40, {}, [], true])
    assert.equal(transaction({ transactionId: 't', postedTimestamp: '2019-11-25', amount }), null)
})

test('a category is a merchant code unless the bank says SIC', () => {
  const mcc = (value: object) =>
    transaction({ transactionId: 't', amount: 1, status: 'PENDING', ...value })?.transaction.mcc
  assert.equal(mcc({ category: '5812' }), '5812')
  assert.equal(mcc({ category: '5812', subCategory: 'SIC' }), null)
  assert.equal(mcc({ category: 'Dining' }), null)
})

test('a row without an id has the same one each time it is listed', () => {
  const value = {
    status: 'PENDING',
    amount: 3,
    transactionTimestamp: '2026-11-19T10:00:00Z',
    description: 'Coffee',
  }
  const [first, again, other] = [transaction(value), transaction(value), transaction({ ...value, amount: 4 })]
  assert.equal(first?.transaction.id, again?.transaction.id)
  assert.notEqual(first?.transaction.id, other?.transaction.id)
})

const samples = new URL('../../../../shared/data/openapi/fdx-samples/mastercard-mock/', import.meta.url)

test('the mock server’s messy samples are read without losing a row', {
  skip: existsSync(samples) ? false : 'no sample folder beside the repository',
}, () => {
  let rows = 0
  for (const file of readdirSync(samples).filter((name) => /transaction\d?\.json$/i.test(name))) {
    const read = listShape.safeParse(parseExact(readFileSync(new URL(file, samples), 'utf8')))
    for (const item of read.data?.transactions ?? []) {
      const mapped = mapTransaction(item, { ...context, signConvention: undefined })
      assert.ok(mapped, `${file}: a row was lost`)
      assert.ok(mapped.transaction.amount.amountMinor >= 0)
      assert.ok(mapped.transaction.direction !== 'unknown' || mapped.transaction.directionRule === 'none')
      rows += 1
    }
  }
  assert.ok(rows > 20)
  for (const file of readdirSync(samples).filter((name) => /_acc_details\d?\.json$/.test(name))) {
    const text = readFileSync(new URL(file, samples), 'utf8')
    const value = readAccount(parseExact(text))
    assert.ok(value)
    const mapped = mapAccount(value, 'mock', null)
    assert.match(mapped?.lastFour ?? '', /^\d{4}$/, file)
    const full = /"accountNumber": *"(\d+)"/.exec(text)?.[1]
    assert.ok(
      full && !JSON.stringify([mapped, mapBalance(value, null, now)]).includes(full),
      `${file}: account number kept`,
    )
    if (!file.includes('investment')) assert.ok(mapBalance(value, null, now), file)
  }
})
