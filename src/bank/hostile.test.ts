import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { test } from 'node:test'
import fc from 'fast-check'
import { openLogger } from '../core/logger.ts'
import { isRefusal, OutsideError } from '../core/refusal.ts'
import type { Bank, BankTokens, TokenHolder } from './bank.ts'
import { newDpopJwk, openProvers } from './dpop.ts'
import { openFdx } from './fdx/client.ts'
import type { Authorization } from './oauth.ts'
import { openResource } from './resource.ts'
import { openTokens } from './tokens.ts'
import type { Answer } from './transport.ts'
import { openUkOpenBanking } from './ukob/client.ts'
import { openConsents } from './ukob/consent.ts'

/**
 * A bank may answer anything: broken, changed, or taken over. Whatever it is, we answer with a page, a refusal or an
 * OutsideError, and no figure of it is in an error or a log line.
 */
const now = Date.UTC(2026, 10, 20, 10)
const tokens: BankTokens = {
  accessToken: 'a',
  refreshToken: null,
  expiresAt: now + 1e9,
  dpopJwk: newDpopJwk(),
  consentId: 'cns-1',
}
const holder: TokenHolder = { current: () => tokens, save: async () => {} }
const canary = '73194682.55'

const lines: string[] = []
const log = openLogger('debug', { write: (line) => void lines.push(line) })
let next: () => Answer
const resource = openResource({
  institution: 'harbor',
  base: new URL('https://bank.example/base'),
  transport: { send: async () => next() },
  provers: openProvers(10),
  tokens: openTokens(() => assert.fail('no refresh token'), { now: () => now }),
  wallClock: () => now,
  log,
})
const authorization = { revokeTokens: () => Promise.resolve() } as unknown as Authorization
const check: Bank['check'] = () => Promise.resolve({ ok: true, findings: [] })
const banks: Bank[] = [
  openFdx({
    settings: { id: 'harbor', scopes: undefined, signConvention: 'positive-is-credit', currency: 'USD' },
    authorization,
    resource,
    now: () => now,
    check,
  }),
  openUkOpenBanking({
    settings: { id: 'thistle', scopes: undefined },
    base: new URL('https://bank.example/base'),
    authorization,
    resource,
    consents: openConsents(resource, holder),
    now: () => now,
    check,
  }),
]

async function endure(bank: Bank): Promise<void> {
  const range = { accountId: 'a1', from: '2026-11-01', to: '2026-11-20' }
  for (const call of [
    () => bank.accounts(holder),
    () => bank.balances(holder, []),
    () => bank.balances(holder, ['a1', 'a2']),
    () => bank.transactions(holder, range),
    () => bank.revoke(holder),
  ])
    try {
      const result = await call()
      if (result === undefined || isRefusal(result)) continue
      for (const item of result.items) {
        if ('amount' in item)
          assert.ok(Number.isSafeInteger(item.amount.amountMinor) && item.amount.amountMinor >= 0)
        if ('current' in item)
          assert.ok(item.current === null || Number.isSafeInteger(item.current.amountMinor))
        if ('nickname' in item) assert.doesNotMatch(item.nickname, /[\p{Cc}\p{Cf}]/u)
        if ('description' in item) assert.ok(item.description.length <= 280)
      }
      assert.ok(result.next === null || result.next.length <= 8192)
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      assert.match(error.code, /^bank_[a-z_]+$/)
      assert.ok(!inspect(error, { depth: 10 }).includes(canary.slice(0, 8)), 'a figure in an error')
    }
}

/** Values a bank might put anywhere, the canary among them, and the standard's own field names as keys. */
const names = (
  'accounts transactions page links next href nextPageKey nextOffset code accountId accountCategory depositAccount ' +
  'currentBalance currency currencyCode amount status Data Account Balance Transaction AccountId Amount Currency ' +
  'CreditDebitIndicator CreditLine Links Next Errors ErrorCode description postedTimestamp BookingDateTime Type ' +
  'Included __proto__ constructor toString resources transactionId referenceTransactionId'
).split(' ')
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, depthSize: 'large' },
    fc.constantFrom<unknown>(
      canary,
      Number(canary),
      'a1',
      'USD',
      'GBP',
      'DEPOSIT_ACCOUNT',
      'ITAV',
      'Credit',
      'POSTED',
      'BOOK',
    ),
    fc.constantFrom<unknown>(
      null,
      true,
      1e308,
      -0,
      12.5,
      '12.50',
      '2026-11-19',
      '2026-11-19T10:00:00Z',
      '..',
      '\u202e',
      '\ud800',
    ),
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 8, noNullPrototype: true }),
  ),
}))
const status = fc.constantFrom(
  200,
  200,
  200,
  200,
  206,
  204,
  201,
  302,
  400,
  401,
  403,
  404,
  409,
  418,
  429,
  500,
  501,
  503,
  599,
)

test('any JSON of any shape', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(status, tree), { minLength: 1, maxLength: 4 }), async (answers) => {
      let at = 0
      next = () => {
        const [code, value] = answers[at++ % answers.length] ?? [200, null]
        return { status: code, headers: { 'retry-after': canary }, body: Buffer.from(JSON.stringify(value)) }
      }
      for (const bank of banks) await endure(bank)
    }),
    { numRuns: 400 },
  )
})

const good: Record<string, unknown> = {
  accounts: [
    {
      accountCategory: 'DEPOSIT_ACCOUNT',
      accountId: 'a1',
      currency: { currencyCode: 'USD' },
      currentBalance: 1,
    },
  ],
  transactions: [
    {
      transactionId: 't1',
      status: 'POSTED',
      amount: 1,
      postedTimestamp: '2026-11-19',
      debitCreditMemo: 'DEBIT',
    },
  ],
  Data: {
    Account: [{ AccountId: 'a1', Currency: 'GBP', AccountTypeCode: 'CACC' }],
    Balance: [
      {
        AccountId: 'a1',
        Type: 'ITAV',
        CreditDebitIndicator: 'Credit',
        Amount: { Amount: '1', Currency: 'GBP' },
      },
    ],
    Transaction: [
      {
        TransactionId: 't1',
        Status: 'BOOK',
        CreditDebitIndicator: 'Debit',
        BookingDateTime: '2026-11-19T10:00:00Z',
        Amount: { Amount: '1', Currency: 'GBP' },
      },
    ],
  },
}

test('a good answer with one thing changed', async () => {
  const paths: (string | number)[][] = []
  const walk = (value: unknown, path: (string | number)[]): void => {
    if (path.length > 0) paths.push(path)
    if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key])
  }
  walk(good, [])
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), tree, async (path, value) => {
      const copy = structuredClone(good)
      let here: Record<string, unknown> = copy
      for (const step of path.slice(0, -1)) here = here[step] as Record<string, unknown>
      here[String(path.at(-1))] = value
      next = () => ({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(copy)) })
      for (const bank of banks) await endure(bank)
    }),
    { numRuns: 400 },
  )
})

test('any bytes', async () => {
  await fc.assert(
    fc.asyncProperty(status, fc.uint8Array({ maxLength: 200 }), async (code, bytes) => {
      next = () => ({
        status: code,
        headers: { 'www-authenticate': 'DPoP error="x"' },
        body: Buffer.from(bytes),
      })
      for (const bank of banks) await endure(bank)
    }),
    { numRuns: 150 },
  )
})

test('and no figure of it all was logged', () => {
  assert.ok(lines.length > 0, 'trouble was logged')
  assert.ok(!lines.some((line) => line.includes(canary.slice(0, 8))))
})
