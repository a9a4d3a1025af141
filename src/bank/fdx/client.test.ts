import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRefusal, OutsideError, refuse } from '../../core/refusal.ts'
import type { Authorization } from '../oauth.ts'
import type { BankTokens, TokenHolder } from '../bank.ts'
import type { Resource, ResourceAsk } from '../resource.ts'
import type { Answer } from '../transport.ts'
import { openFdx } from './client.ts'

const now = Date.UTC(2026, 10, 20, 10)
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

/** A bank that answers what the test says, and keeps what it was asked. */
function bankOf(
  reply: (path: string, ask: ResourceAsk) => Answer | ReturnType<typeof refuse<'link_broken'>>,
) {
  const asked: { path: string; actor: string | undefined; json: unknown }[] = []
  const revoked: BankTokens[] = []
  const resource: Resource = {
    ask: async (_holder, ask) => {
      const search = ask.query?.toString() ?? ''
      const path = search === '' ? ask.path : `${ask.path}?${search}`
      asked.push({ path, actor: ask.headers?.['FDX-API-Actor-Type'], json: ask.json })
      return reply(path, ask)
    },
  }
  const authorization = {
    revokeTokens: async (given: BankTokens) => {
      revoked.push(given)
    },
  } as unknown as Authorization
  const settings = { id: 'harbor', scopes: undefined, signConvention: undefined, currency: undefined }
  const bank = openFdx({
    settings,
    authorization,
    resource,
    now: () => now,
    check: () => Promise.resolve({ ok: true, findings: [] }),
  })
  return { bank, asked, revoked }
}

const account = (id: string, more: object = {}) => ({
  accountCategory: 'DEPOSIT_ACCOUNT',
  accountId: id,
  currency: { currencyCode: 'USD' },
  currentBalance: 10.5,
  ...more,
})
const range = { accountId: 'a1', from: '2026-11-01', to: '2026-11-20' }

test('all balances come in one read, the customer being there', async () => {
  const { bank, asked } = bankOf(() => answer(200, { accounts: [account('a1'), account('a2')] }))
  const page = await bank.balances(holder, [])
  assert.ok(!isRefusal(page))
  assert.deepEqual(
    page.items.map((one) => [one.accountId, one.current?.amountMinor]),
    [
      ['a1', 1050],
      ['a2', 1050],
    ],
  )
  assert.deepEqual(asked, [
    { path: '/accounts?resultType=details&limit=100', actor: 'USER', json: undefined },
  ])
})

test('a poll says that it is one', async () => {
  const { bank, asked } = bankOf(() => answer(200, { accounts: [] }))
  await bank.accounts({ ...holder, present: false })
  assert.equal(asked[0]?.actor, 'BATCH')
})

test('what was not asked for is dropped though the bank sends it', async () => {
  const { bank, asked } = bankOf(() => answer(200, { accounts: [account('a1'), account('a2')] }))
  const page = await bank.balances(holder, ['a2'])
  assert.ok(!isRefusal(page))
  assert.deepEqual(
    page.items.map((one) => one.accountId),
    ['a2'],
  )
  assert.match(asked[0]?.path ?? '', /accountIds=a2/)
})

test('accounts listed without figures are read one by one, and one that fails costs only itself', async () => {
  const { bank } = bankOf((path) => {
    if (path.startsWith('/accounts?'))
      return answer(200, {
        accounts: ['a1', 'a2', 'a3'].map((id) => ({ ...account(id), currentBalance: undefined })),
      })
    if (path === '/accounts/a1') return answer(200, account('a1'))
    if (path === '/accounts/a2') return answer(200, { depositAccount: account('a2') })
    return answer(409, { code: 705, message: 'closed' })
  })
  const page = await bank.balances(holder, [])
  assert.ok(!isRefusal(page))
  assert.deepEqual(
    page.items.map((one) => one.accountId),
    ['a1', 'a2'],
  )
  assert.equal(page.partial, true)
})

test('206 is incomplete, and so is a row that could not be read', async () => {
  const partial = bankOf(() => answer(206, { accounts: [account('a1')] }))
  const page = await partial.bank.balances(holder, [])
  assert.ok(!isRefusal(page) && page.partial && page.items.length === 1)
  const unreadable = bankOf(() => answer(200, { accounts: [account('a1'), { nonsense: true }, 7] }))
  const rest = await unreadable.bank.accounts(holder)
  assert.ok(!isRefusal(rest) && rest.partial && rest.items.length === 1)
})

test('pages are followed by key, by offset or by link, whichever the bank has', async () => {
  const ways: [string, object, RegExp][] = [
    ['key', { page: { nextPageKey: 'K/2', nextOffset: 'ignored' } }, /pageKey=K%2F2/],
    ['offset', { page: { nextOffset: 2 } }, /offset=2/],
    ['link', { links: { next: { href: '/accounts?offSet=2&limit=10' } } }, /offset=2/],
    [
      'absolute link',
      { links: { next: { href: 'https://elsewhere.example/x?pageKey=K3' } } },
      /^\/accounts\?.*pageKey=K3/,
    ],
  ]
  for (const [name, more, expected] of ways) {
    const { bank, asked } = bankOf((path) =>
      /pageKey|offset/.test(path)
        ? answer(200, { accounts: [account('a2')] })
        : answer(200, { accounts: [account('a1')], ...more }),
    )
    const page = await bank.accounts(holder)
    assert.ok(!isRefusal(page), name)
    assert.equal(page.items.length, 2, name)
    assert.equal(page.partial, false, name)
    assert.match(asked[1]?.path ?? '', expected, name)
  }
})

test('a bank that repeats its cursor is not asked for ever', async () => {
  const { bank, asked } = bankOf(() =>
    answer(200, { accounts: [account('a1')], page: { nextPageKey: 'again' } }),
  )
  const page = await bank.accounts(holder)
  assert.ok(!isRefusal(page) && page.partial)
  assert.equal(asked.length, 2)
  let fresh = 0
  const endless = bankOf(() =>
    answer(200, { accounts: [account('a1')], page: { nextPageKey: `k${fresh++}` } }),
  )
  const bounded = await endless.bank.accounts(holder)
  assert.ok(!isRefusal(bounded) && bounded.partial)
  assert.ok(endless.asked.length <= 20)
})

test('transactions carry their account’s currency, newest first, page by page', async () => {
  const { bank, asked } = bankOf((path) => {
    if (path.startsWith('/accounts?'))
      return answer(200, { accounts: [account('a1', { currency: { currencyCode: 'CAD' } })] })
    const row = (id: string, day: string) => ({
      transactionId: id,
      status: 'POSTED',
      debitCreditMemo: 'DEBIT',
      amount: 1.25,
      postedTimestamp: day,
    })
    return /pageKey/.test(path)
      ? answer(200, { transactions: [row('t3', '2026-11-02')] })
      : answer(200, {
          transactions: [row('t1', '2026-11-03'), row('t2', '2026-11-19')],
          page: { nextPageKey: 'two' },
        })
  })
  const first = await bank.transactions(holder, { ...range, limit: 2 })
  assert.ok(!isRefusal(first))
  assert.deepEqual(
    first.items.map((one) => one.id),
    ['t2', 't1'],
  )
  assert.deepEqual(first.items[0]?.amount, { amountMinor: 125, currency: 'CAD' })
  const second = await bank.transactions(holder, { ...range, limit: 2, cursor: first.next ?? '' })
  assert.ok(!isRefusal(second) && second.next === null)
  assert.deepEqual(
    asked.map((one) => one.path.replace(/\?.*/, '')),
    ['/accounts', '/accounts/a1/transactions', '/accounts/a1/transactions'],
  )
  assert.match(asked[1]?.path ?? '', /startDate=2026-11-01&endDate=2026-11-20&limit=2/)
})

test('a range that is none is refused before the bank is asked', async () => {
  const { bank, asked } = bankOf(() => answer(200, {}))
  for (const [from, to] of [
    ['2026-11-21', '2026-11-20'],
    ['2026-02-30', '2026-11-20'],
    ['', ''],
  ] as const)
    assert.deepEqual(await bank.transactions(holder, { ...range, from, to }), { refused: 'bad_range' })
  assert.deepEqual(await bank.transactions(holder, { ...range, cursor: 'not ours' }), {
    refused: 'bad_range',
  })
  assert.deepEqual(await bank.transactions(holder, { ...range, accountId: '../consents' }), {
    refused: 'account_gone',
  })
  assert.equal(asked.length, 0)
})

test('every error of the standard has its one meaning', async () => {
  const meanings: [number, unknown, string][] = [
    [404, { code: '601' }, 'refused link_broken'],
    [403, { code: 602 }, 'refused link_broken'],
    [401, { code: 603 }, 'refused link_broken'],
    [404, { code: 701 }, 'refused account_gone'],
    [422, { code: 704 }, 'refused not_permitted'],
    [409, { code: 705 }, 'refused account_gone'],
    [403, { code: 706 }, 'refused not_permitted'],
    [400, { code: 702 }, 'refused bad_range'],
    [400, { code: '703', debugMessage: 'Limit: 4321.99' }, 'refused bad_range'],
    [404, { code: 1107 }, 'none'],
    [403, { code: 1205 }, 'refused not_permitted'],
    [429, { code: 1207 }, 'thrown bank_rate_limited true 7000'],
    [500, { code: 500 }, 'thrown bank_unavailable true'],
    [503, { code: 503 }, 'thrown bank_maintenance true 7000'],
    [501, { code: 1106 }, 'thrown bank_version_unsupported false'],
    [400, { code: 401 }, 'thrown bank_refused_request false'],
    [403, 'no json', 'refused not_permitted'],
    [404, '', 'refused account_gone'],
    [418, '', 'thrown bank_refused_request false'],
    [200, 'no json', 'thrown bank_answer_invalid true'],
    [200, '7', 'thrown bank_answer_invalid true'],
  ]
  for (const [status, body, expected] of meanings) {
    const { bank } = bankOf((path) =>
      path.startsWith('/accounts?')
        ? answer(200, { accounts: [account('a1')] })
        : answer(status, body, { 'retry-after': '7' }),
    )
    const got = await bank.transactions(holder, range).then(
      (result) =>
        isRefusal(result) ? `refused ${result.refused}` : result.items.length === 0 ? 'none' : 'items',
      (error: unknown) => {
        assert.ok(error instanceof OutsideError)
        const wait =
          error.code === 'bank_rate_limited' || error.code === 'bank_maintenance' ? ` ${error.waitMs}` : ''
        return `thrown ${error.code} ${error.retryable}${wait}`
      },
    )
    assert.equal(got, expected, `${status} ${JSON.stringify(body)}`)
  }
})

test('giving back revokes the consent, then the tokens, and may be done twice', async () => {
  for (const status of [204, 200, 404, 409]) {
    const { bank, asked, revoked } = bankOf(() => answer(status, ''))
    await bank.revoke(holder)
    assert.deepEqual(asked[0], {
      path: '/consents/cns-1/revocation',
      actor: undefined,
      json: { reason: 'USER_ACTION', initiator: 'INDIVIDUAL' },
    })
    assert.equal(revoked.length, 1)
  }
  const broken = bankOf(() => refuse('link_broken'))
  await broken.bank.revoke(holder)
  assert.equal(broken.revoked.length, 1)
  const down = bankOf(() => answer(500, ''))
  await assert.rejects(
    down.bank.revoke(holder),
    (error: unknown) => error instanceof OutsideError && error.retryable,
  )
  assert.equal(down.revoked.length, 0)
})
