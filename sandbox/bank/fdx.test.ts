import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { dayMs, manualClock } from '../../src/core/clock.ts'
import type { Linked, RelyingParty } from './relying-party.ts'
import { fdxDetails, freePorts, link, relyingParty } from './relying-party.ts'
import type { RunningBanks } from './start.ts'
import { startBanks } from './start.ts'
import type { BankKey } from '../people/people.ts'

type Row = {
  transactionId: string
  status: string
  amount: number
  debitCreditMemo?: string
  postedTimestamp?: string
  referenceTransactionId?: string
  description: string
}
type List = {
  page: { nextPageKey?: string; nextOffset?: string; totalElements: number }
  links?: { next: { href: string } }
  transactions: Row[]
}

const allClusters = [
  'ACCOUNT_BASIC',
  'ACCOUNT_DETAILED',
  'BALANCES',
  'TRANSACTIONS',
  'STATEMENTS',
  'PAYMENT_SUPPORT',
]
const clock = manualClock(Date.parse('2026-11-20T17:00:00Z'))
let banks: RunningBanks
let party: RelyingParty

before(async () => {
  party = await relyingParty()
  banks = await startBanks({
    host: '127.0.0.1',
    ports: freePorts,
    clients: [party.client],
    dataDir: null,
    clock: clock.now,
  })
})
after(() => banks[Symbol.asyncDispose]())

const usernames = { harbor: 'ana', granite: 'ben', erable: 'chloe' } as const
const linkTo = (
  bank: keyof typeof usernames,
  clusters: readonly string[] = allClusters,
  more: Record<string, unknown> = {},
  scope = 'openid',
): Promise<Linked> =>
  link(
    party,
    banks.urls[bank],
    { username: usernames[bank], password: 'sandbox' },
    { authorization_details: fdxDetails(clusters, { lookbackPeriod: 730, ...more }), scope },
  )
const accountOf = (bank: BankKey, lastFour: string): string =>
  banks.control[bank]
    .people()
    .flatMap(({ accounts }) => accounts)
    .find((one) => one.lastFour === lastFour)!.accountId
const json = async <Body>(response: Response): Promise<Body> => (await response.json()) as Body
const error = async (response: Response): Promise<[number, unknown]> => [
  response.status,
  (await json<{ code: unknown }>(response)).code,
]
const checking = (query: string): string =>
  `/fdx/v6/accounts/${accountOf('harbor', '4821')}/transactions${query}`

test('accounts come as descriptors, and with figures when details are asked', async () => {
  const { call } = await linkTo('harbor')
  const light = await json<{ accounts: Record<string, unknown>[] }>(await call('/fdx/v6/accounts'))
  assert.equal(light.accounts.length, 3)
  for (const account of light.accounts) {
    for (const field of ['accountCategory', 'accountId', 'accountType', 'productName', 'status', 'currency'])
      assert.ok(field in account, field)
    assert.match(String(account.accountNumberDisplay), /^\d{4}$/)
    assert.equal('currentBalance' in account, false)
  }
  const full = await json<{ accounts: Record<string, unknown>[] }>(
    await call('/fdx/v6/accounts?resultType=details'),
  )
  const [deposit, , card] = full.accounts
  assert.equal(deposit?.availableBalance, 2_340.18)
  assert.equal(deposit?.balanceType, 'ASSET')
  assert.equal(card?.accountCategory, 'LOC_ACCOUNT')
  assert.ok((card!.bills as { statementBalance: number }[])[0]!.statementBalance <= 0, 'negative while owed')
  const one = await call(`/fdx/v6/accounts/${String(deposit?.accountId)}`)
  assert.equal((await json<{ availableBalance: number }>(one)).availableBalance, 2_340.18)
  const some = `/fdx/v6/accounts?accountIds=${String(card?.accountId)}`
  assert.equal((await json<{ accounts: unknown[] }>(await call(some))).accounts.length, 1)
})

test('every answer repeats the interaction id, errors too; without one there is no answer', async () => {
  const { call } = await linkTo('harbor')
  const id = randomUUID()
  for (const path of ['/fdx/v6/accounts', '/fdx/v6/accounts/nothing', '/fdx/v6/nowhere'])
    assert.equal(
      (await call(path, { headers: { 'x-fapi-interaction-id': id } })).headers.get('x-fapi-interaction-id'),
      id,
    )
  const without = await call('/fdx/v6/accounts', { headers: { 'x-fapi-interaction-id': '' } })
  assert.deepEqual(await error(without), [400, 401])
  const open = await fetch(`${banks.urls.harbor}/fdx/v6/availability`)
  assert.equal(open.status, 200)
  assert.ok(open.headers.get('x-fapi-interaction-id'))
})

test('only what was consented is open, cluster by cluster', async () => {
  const { call } = await linkTo('harbor', ['ACCOUNT_BASIC'])
  const account = `/fdx/v6/accounts/${accountOf('harbor', '4821')}`
  assert.equal((await call('/fdx/v6/accounts')).status, 200)
  for (const path of [
    account,
    `${account}/transactions`,
    `${account}/statements`,
    `${account}/payment-networks`,
    `${account}/contact`,
    '/fdx/v6/customers/current',
  ])
    assert.deepEqual(await error(await call(path)), [403, 1205], path)
  const light = await json<{ accounts: object[] }>(await call('/fdx/v6/accounts?resultType=details'))
  assert.ok(
    light.accounts.every((one) => !('currentBalance' in one)),
    'no figure by the back door',
  )
})

test('scopes, when they are named, narrow further', async () => {
  const { call, tokens } = await linkTo('harbor', allClusters, {}, 'openid fdx:accountbasic:read')
  assert.equal(tokens.scope, 'fdx:accountbasic:read')
  assert.equal((await call('/fdx/v6/accounts')).status, 200)
  assert.equal((await call(`/fdx/v6/accounts/${accountOf('harbor', '4821')}`)).status, 403)
})

test('who the customer is, when it was asked', async () => {
  const { call } = await linkTo('harbor', ['ACCOUNT_BASIC'], {
    resources: [
      { resourceType: 'ACCOUNT', dataClusters: ['ACCOUNT_BASIC'] },
      { resourceType: 'CUSTOMER', dataClusters: ['CUSTOMER_CONTACT'] },
    ],
  })
  const who = await json<{ name: object; dateOfBirth?: string }>(await call('/fdx/v6/customers/current'))
  assert.deepEqual(who.name, { first: 'Ana', last: 'Moreno' })
  assert.equal(who.dateOfBirth, undefined, 'that is another cluster')
})

test('transactions: newest first, pending without a booking time, direction said once', async () => {
  const { call } = await linkTo('harbor')
  const list = await json<List>(await call(checking('?startDate=2026-11-01&endDate=2026-11-20&limit=250')))
  assert.equal(list.transactions.length, list.page.totalElements)
  const pending = list.transactions.filter((row) => row.status === 'PENDING')
  assert.ok(pending.length > 0)
  assert.ok(pending.every((row) => row.postedTimestamp === undefined))
  assert.ok(
    list.transactions.every((row) => row.amount > 0 && /^(DEBIT|CREDIT)$/.test(row.debitCreditMemo ?? '')),
  )
  const posted = list.transactions.filter((row) => row.status === 'POSTED').map((row) => row.postedTimestamp!)
  assert.deepEqual(posted, posted.toSorted().toReversed())
  assert.ok(
    list.transactions.some((row) => row.referenceTransactionId),
    'some name their authorisation',
  )
})

test('pages join without a gap or a repeat, also when a payment arrives between them', async () => {
  const { call } = await linkTo('harbor')
  const range = '?startDate=2026-09-01&endDate=2026-11-20'
  const whole = await json<List>(await call(checking(`${range}&limit=250`)))
  const ids: string[] = []
  let next: string | undefined = checking(`${range}&limit=17`)
  let pages = 0
  while (next !== undefined) {
    const list: List = await json<List>(await call(next))
    ids.push(...list.transactions.map((row) => row.transactionId))
    if (pages++ === 0)
      await banks.control.harbor.purchase({ person: 'ana', amount: '3.10', merchant: 'Pier 9 Espresso' })
    next = list.page.nextPageKey && checking(`${range}&limit=17&pageKey=${list.page.nextPageKey}`)
    if (list.links) assert.ok(list.links.next.href.startsWith(`${banks.urls.harbor}/fdx/v6/`))
  }
  assert.deepEqual(
    ids,
    whole.transactions.map((row) => row.transactionId),
  )
  assert.deepEqual(await error(await call(checking(`${range}&pageKey=nonsense`))), [400, 401])
  assert.deepEqual(await error(await call(checking(`${range}&limit=0`))), [400, 401])
})

test('dates: both or neither, real, in order, not before what the bank keeps; nothing found is 404 with 1107', async () => {
  const { call } = await linkTo('harbor')
  for (const query of [
    '?startDate=2026-11-01',
    '?startDate=2026-02-30&endDate=2026-11-20',
    '?startDate=2026-11-20&endDate=2026-11-01',
    '?startDate=2020-01-01&endDate=2026-11-20',
  ])
    assert.deepEqual(await error(await call(checking(query))), [400, 703], query)
  const week = await json<List>(await call(checking('')))
  const first = week.transactions.filter((row) => row.postedTimestamp).at(-1)!
  assert.ok(Date.parse(first.postedTimestamp!) > clock.now() - 9 * dayMs, 'the last seven days')
  assert.deepEqual(await error(await call(checking('?startDate=2026-12-24&endDate=2026-12-25'))), [404, 1107])
})

test('what lies before the lookback is left out, and the answer says that it is incomplete', async () => {
  const { call } = await linkTo('harbor', allClusters, { lookbackPeriod: 30 })
  const response = await call(checking('?startDate=2026-06-01&endDate=2026-11-20&limit=250'))
  assert.equal(response.status, 206)
  const oldest = (await json<List>(response)).transactions.at(-1)!
  assert.ok(Date.parse(oldest.postedTimestamp!) > clock.now() - 33 * dayMs)
  assert.equal((await call(checking('?startDate=2026-11-01&endDate=2026-11-20'))).status, 200)
})

test('statements are listed and come as PDF; account numbers are only given as stand-ins', async () => {
  const { call } = await linkTo('harbor')
  const account = `/fdx/v6/accounts/${accountOf('harbor', '4821')}`
  const list = await json<{ statements: { statementId: string; links: { href: string }[] }[] }>(
    await call(`${account}/statements`),
  )
  assert.ok(list.statements.length >= 23)
  const pdf = await call(new URL(list.statements[0]!.links[0]!.href).pathname)
  assert.equal(pdf.headers.get('content-type'), 'application/pdf')
  const text = Buffer.from(await pdf.arrayBuffer()).toString('latin1')
  assert.match(text, /^%PDF-1\.4[\s\S]+%%EOF\s*$/)
  assert.deepEqual(await error(await call(`${account}/statements/none`)), [404, 1108])
  const networks = await json<{ paymentNetworks: { identifierType: string }[] }>(
    await call(`${account}/payment-networks`),
  )
  assert.ok(networks.paymentNetworks.every((one) => one.identifierType === 'TOKENIZED_ACCOUNT_NUMBER'))
})

test('the consent can be read, ended once, and says who ended it', async () => {
  const { call, grantId } = await linkTo('harbor')
  const path = `/fdx/v6/consents/${grantId}`
  const grant = await json<{ status: string; durationType: string; resources: object[] }>(await call(path))
  assert.deepEqual([grant.status, grant.durationType, grant.resources.length], ['ACTIVE', 'TIME_BOUND', 3])
  assert.deepEqual(await json(await call(`${path}/revocation`)), [])
  assert.deepEqual(
    await error(await call(`${path}/revocation`, { method: 'PUT', body: { reason: 'BORED' } })),
    [400, 401],
  )
  const end = { method: 'PUT', body: { reason: 'USER_ACTION', initiator: 'INDIVIDUAL' } }
  assert.equal((await call(`${path}/revocation`, end)).status, 204)
  assert.equal(banks.control.harbor.consents().find(({ id }) => id === grantId)?.standing, 'revoked')
})

test('a consent that has run out closes by itself', async () => {
  const { call } = await linkTo('harbor', allClusters, { durationPeriod: 2 })
  const start = clock.now()
  try {
    clock.advance(2 * dayMs)
    await assert.rejects(call('/fdx/v6/accounts'), { status: 401 })
  } finally {
    clock.set(start)
  }
})

test('habit of Granite: signed amounts, no debitCreditMemo, offsets, and an empty list for nothing', async () => {
  const { call } = await linkTo('granite')
  const path = `/fdx/v6/accounts/${accountOf('granite', '3046')}/transactions`
  const list = await json<List>(await call(`${path}?startDate=2026-10-01&endDate=2026-11-20&limit=20`))
  assert.ok(list.transactions.every((row) => row.debitCreditMemo === undefined))
  assert.ok(list.transactions.some((row) => row.amount < 0) && list.page.nextOffset === '20')
  const rest = await json<List>(
    await call(`${path}?startDate=2026-10-01&endDate=2026-11-20&limit=20&offset=20`),
  )
  assert.notEqual(rest.transactions[0]?.transactionId, list.transactions[0]?.transactionId)
  const none = await call(`${path}?startDate=2026-12-24&endDate=2026-12-25`)
  assert.equal(none.status, 200)
  assert.deepEqual((await json<List>(none)).transactions, [])
})

test('habit of Érable: wrapped accounts, error codes as text, a nonce of its own, French words in CAD', async () => {
  const { call } = await linkTo('erable')
  const list = await json<{
    accounts: { depositAccount?: { currency: object; nickname: string }; locAccount?: object }[]
  }>(await call('/fdx/v6/accounts'))
  assert.deepEqual(list.accounts[0]?.depositAccount?.currency, { currencyCode: 'CAD' })
  assert.equal(list.accounts[0]?.depositAccount?.nickname, 'Compte chèques')
  assert.ok(list.accounts[2]?.locAccount)
  assert.deepEqual(await error(await call('/fdx/v6/accounts/none')), [404, '701'])
})

test('what is not served, and how it may not be called', async () => {
  const { call } = await linkTo('harbor')
  assert.equal((await call('/fdx/v6/rewards')).status, 404)
  assert.deepEqual(await error(await call('/fdx/v6/accounts', { method: 'POST', body: {} })), [405, 1206])
  for (const path of [
    '/fdx/v6/accounts/%00',
    '/fdx/v6/accounts/..%2f..',
    `/fdx/v6/accounts/${'a'.repeat(900)}`,
  ])
    assert.equal((await call(path)).status, 404)
})
