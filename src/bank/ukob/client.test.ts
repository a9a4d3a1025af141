import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRefusal, OutsideError } from '../../core/refusal.ts'
import type { BankTokens, TokenHolder } from '../bank.ts'
import type { Authorization } from '../oauth.ts'
import type { Resource } from '../resource.ts'
import type { Answer } from '../transport.ts'
import { followable, openUkOpenBanking } from './client.ts'
import { type ConsentState, openConsents } from './consent.ts'

const now = Date.UTC(2026, 10, 20, 10)
const base = new URL('https://bank.example/open-banking/v4.0/aisp')
const tokens: BankTokens = {
  accessToken: 'a',
  refreshToken: 'r',
  expiresAt: now + 600_000,
  dpopJwk: { x: 'x' },
  consentId: 'cns-1',
}
const holder: TokenHolder = { current: () => tokens, save: async () => {} }
const answer = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  headers,
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
})

function bankOf(reply: (path: string) => Answer, consent: ConsentState['state'] = 'live') {
  const asked: string[] = []
  const given: string[] = []
  const resource: Resource = {
    ask: async (_holder, ask) => {
      const search = ask.query?.toString() ?? ''
      const path = search === '' ? ask.path : `${ask.path}?${search}`
      asked.push(path)
      return reply(path)
    },
  }
  const bank = openUkOpenBanking({
    settings: { id: 'thistle', scopes: undefined },
    base,
    authorization: { revokeTokens: async () => void given.push('tokens') } as unknown as Authorization,
    resource,
    consents: {
      create: () => Promise.resolve('cns-1'),
      read: () => Promise.resolve({ state: consent, expiresAt: null }),
      remove: async (id) => void given.push(id),
    },
    now: () => now,
    check: () => Promise.resolve({ ok: true, findings: [] }),
  })
  return { bank, asked, given }
}

const accounts = {
  Data: {
    Account: [
      { AccountId: 'a1', Currency: 'GBP', AccountTypeCode: 'CACC', Nickname: 'Bills' },
      { AccountId: 'a2', Currency: 'GBP', AccountTypeCode: 'CARD', Nickname: 'Card' },
    ],
  },
}
const balance = (AccountId: string, indicator = 'Debit') => ({
  AccountId,
  CreditDebitIndicator: indicator,
  Type: 'ITBD',
  DateTime: '2026-11-20T09:00:00Z',
  Amount: { Amount: '12.50', Currency: 'GBP' },
})
const range = { accountId: 'a1', from: '2026-11-01', to: '2026-11-20' }

test('all balances come in one read, a card’s as what is owed', async () => {
  const { bank, asked } = bankOf((path) =>
    path === '/accounts'
      ? answer(200, accounts)
      : answer(200, { Data: { Balance: [balance('a1'), balance('a2')] } }),
  )
  const page = await bank.balances(holder, [])
  assert.ok(!isRefusal(page))
  assert.deepEqual(
    page.items.map((one) => one.current?.amountMinor),
    [-1250, 1250],
  )
  assert.deepEqual(asked, ['/accounts', '/balances'])
  await bank.balances(holder, ['a1', 'a2'])
  assert.deepEqual(asked.slice(2), ['/balances'], 'which side an account is on is read once')
})

test('a bank without the common list is asked account by account, and for the list only once', async () => {
  const { bank, asked } = bankOf((path) => {
    if (path === '/accounts') return answer(200, accounts)
    if (path === '/balances') return answer(404, '')
    return answer(200, { Data: { Balance: [balance(path.includes('a1') ? 'a1' : 'a2')] } })
  })
  for (let i = 0; i < 2; i++) {
    const page = await bank.balances(holder, ['a1', 'a2'])
    assert.ok(!isRefusal(page) && page.items.length === 2 && !page.partial)
  }
  assert.equal(asked.filter((path) => path === '/balances').length, 1)
})

test('dates are asked for without a zone, and the bank’s link is followed as it stands', async () => {
  const row = (id: string) => ({
    TransactionId: id,
    CreditDebitIndicator: 'Debit',
    Status: 'BOOK',
    BookingDateTime: '2026-11-19T10:00:00Z',
    Amount: { Amount: '5', Currency: 'GBP' },
  })
  const { bank, asked } = bankOf((path) =>
    path.includes('page=2')
      ? answer(200, { Data: { Transaction: [row('t2')] } })
      : answer(200, {
          Data: { Transaction: [row('t1')] },
          Links: { Next: `${base.href}/accounts/a1/transactions?page=2&x=a%20b` },
        }),
  )
  const first = await bank.transactions(holder, range)
  assert.ok(!isRefusal(first) && first.next !== null)
  const second = await bank.transactions(holder, { ...range, cursor: first.next })
  assert.ok(!isRefusal(second) && second.next === null)
  assert.deepEqual(asked, [
    '/accounts/a1/transactions?fromBookingDateTime=2026-11-01T00%3A00%3A00&toBookingDateTime=2026-11-20T23%3A59%3A59',
    '/accounts/a1/transactions?page=2&x=a%20b',
  ])
  assert.deepEqual(await bank.transactions(holder, { ...range, accountId: 'a2', cursor: first.next }), {
    refused: 'bad_range',
  })
})

test('a link that leads elsewhere is not followed: the token would go with it', async () => {
  const path = '/accounts/a1/transactions'
  const table: [string | null, unknown][] = [
    [null, null],
    [`${base.href}${path}?page=2`, { kind: 'link', cursor: `${path}?page=2` }],
    [`/open-banking/v4.0/aisp${path}?page=2`, { kind: 'link', cursor: `${path}?page=2` }],
    ['?page=2', { kind: 'link', cursor: `${path}?page=2` }],
    [`https://thief.example/open-banking/v4.0/aisp${path}?page=2`, 'astray'],
    [`http://bank.example/open-banking/v4.0/aisp${path}`, 'astray'],
    [`https://user@bank.example/open-banking/v4.0/aisp${path}`, 'astray'],
    [`${base.href}/accounts/a2/transactions`, 'astray'],
    [`${base.href}${path}/../../../account-access-consents`, 'astray'],
    ['//thief.example/x', 'astray'],
    ['javascript:alert(1)', 'astray'],
  ]
  for (const [next, expected] of table) assert.deepEqual(followable(next, base, path), expected, String(next))
  const { bank, asked } = bankOf(() =>
    answer(200, { Data: { Transaction: [] }, Links: { Next: 'https://thief.example/' } }),
  )
  const page = await bank.transactions(holder, range)
  assert.ok(!isRefusal(page) && page.next === null && page.partial)
  assert.equal(asked.length, 1)
})

test('every error has its one meaning, and a 403 asks the consent', async () => {
  const meanings: [number, unknown, ConsentState['state'], string][] = [
    [400, { Errors: [{ ErrorCode: 'U011', Path: 'AccountId' }] }, 'live', 'refused account_gone'],
    [400, { Errors: [{ ErrorCode: 'U002', Path: 'fromBookingDateTime' }] }, 'live', 'refused bad_range'],
    [400, { Errors: [{ ErrorCode: 'UK.OBIE.Field.InvalidDate' }] }, 'live', 'refused bad_range'],
    [400, 'no json', 'live', 'refused account_gone'],
    [401, '', 'live', 'refused link_broken'],
    [403, { Errors: [{ ErrorCode: 'U028' }] }, 'live', 'refused not_permitted'],
    [403, { Errors: [{ ErrorCode: 'U028' }] }, 'dead', 'refused link_broken'],
    [403, { Errors: [{ ErrorCode: 'UK.OBIE.Reauthenticate' }] }, 'live', 'refused link_broken'],
    [404, '', 'live', 'thrown bank_address_wrong false'],
    [429, '', 'live', 'thrown bank_rate_limited true'],
    [500, '', 'live', 'thrown bank_unavailable true'],
    [503, '', 'live', 'thrown bank_maintenance true'],
    [200, '{}', 'live', 'thrown bank_answer_invalid true'],
    [200, { Data: {} }, 'live', 'none'],
  ]
  for (const [status, body, state, expected] of meanings) {
    const { bank } = bankOf(() => answer(status, body, { 'retry-after': '7' }), state)
    const got = await bank.transactions(holder, range).then(
      (result) => (isRefusal(result) ? `refused ${result.refused}` : 'none'),
      (error: unknown) => {
        assert.ok(error instanceof OutsideError)
        return `thrown ${error.code} ${error.retryable}`
      },
    )
    assert.equal(got, expected, `${status} ${JSON.stringify(body)} ${state}`)
  }
})

test('giving back deletes the consent, then revokes the tokens', async () => {
  const { bank, given } = bankOf(() => answer(200, ''))
  await bank.revoke(holder)
  assert.deepEqual(given, ['cns-1', 'tokens'])
})

test('a consent asks for the least and reads its state in both versions’ words', async () => {
  const sent: unknown[] = []
  let reply = answer(201, { Data: { ConsentId: 'cns-9' } })
  const consents = openConsents(
    {
      ask: async (_holder, ask) => {
        sent.push({ method: ask.method ?? 'GET', path: ask.path, json: ask.json })
        return reply
      },
    },
    holder,
  )
  assert.equal(await consents.create(365, 90, now), 'cns-9')
  assert.deepEqual(sent[0], {
    method: 'POST',
    path: '/account-access-consents',
    json: {
      Data: {
        Permissions: [
          'ReadAccountsDetail',
          'ReadBalances',
          'ReadTransactionsDetail',
          'ReadTransactionsCredits',
          'ReadTransactionsDebits',
        ],
        ExpirationDateTime: '2027-11-20T10:00:00.000Z',
        TransactionFromDateTime: '2026-08-22T10:00:00.000Z',
      },
      Risk: {},
    },
  })
  for (const [Status, state] of [
    ['AUTH', 'live'],
    ['Authorised', 'live'],
    ['AWAU', 'awaiting'],
    ['CANC', 'dead'],
    ['Revoked', 'dead'],
    ['EXPD', 'dead'],
    ['NEWW', 'unknown'],
  ]) {
    reply = answer(200, { Data: { Status, ExpirationDateTime: '2027-01-01T10:00:00Z' } })
    assert.deepEqual(await consents.read('cns-9', now), { state, expiresAt: Date.UTC(2027, 0, 1, 10) })
  }
  for (const status of [204, 400, 404]) {
    reply = answer(status, '')
    await consents.remove('cns-9', now)
  }
  reply = answer(500, '')
  await assert.rejects(consents.remove('cns-9', now), OutsideError)
})
