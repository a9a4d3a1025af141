import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { link, linkUk, freePorts, relyingParty } from './relying-party.ts'
import type { RelyingParty } from './relying-party.ts'
import type { RunningBanks } from './start.ts'
import { startBanks } from './start.ts'

const base = '/open-banking/v4.0/aisp'
const davina = { username: 'davina', password: 'sandbox' }
const permissions = [
  'ReadAccountsDetail',
  'ReadBalances',
  'ReadTransactionsDetail',
  'ReadTransactionsCredits',
  'ReadTransactionsDebits',
]
let banks: RunningBanks
let party: RelyingParty

before(async () => {
  party = await relyingParty()
  banks = await startBanks({ host: '127.0.0.1', ports: freePorts, clients: [party.client], dataDir: null })
})
after(() => banks[Symbol.asyncDispose]())

const json = async <Body>(response: Response): Promise<Body> => (await response.json()) as Body
const codes = async (response: Response): Promise<[number, ...string[]]> => [
  response.status,
  ...(await json<{ Errors: { ErrorCode: string }[] }>(response)).Errors.map(({ ErrorCode }) => ErrorCode),
]

test('an account-access consent is made, authorised by the customer, read and used', async () => {
  const linked = await linkUk(party, banks.urls.thistle, { ...davina, accounts: ['5093'] }, permissions)
  assert.equal(linked.tokens.claims()?.openbanking_intent_id, linked.consentId)
  const consent = await json<{ Data: { Status: string } }>(
    await linked.own(`${base}/account-access-consents/${linked.consentId}`),
  )
  assert.equal(consent.Data.Status, 'AUTH')
  const { Data: data } = await json<{ Data: { Account: Record<string, unknown>[] } }>(
    await linked.call(`${base}/accounts`),
  )
  assert.equal(data.Account.length, 1)
  assert.equal(data.Account[0]?.AccountTypeCode, 'CACC')
})

test('amounts are unsigned text with the side beside them', async () => {
  const { call } = await linkUk(party, banks.urls.thistle, davina, permissions)
  const { Data: balances } = await json<{
    Data: {
      Balance: { Amount: { Amount: string; Currency: string }; CreditDebitIndicator: string; Type: string }[]
    }
  }>(await call(`${base}/balances`))
  for (const { Amount: amount, CreditDebitIndicator: side, Type: type } of balances.Balance) {
    assert.match(amount.Amount, /^\d{1,13}\.\d{2}$/)
    assert.equal(amount.Currency, 'GBP')
    assert.match(side, /^(Credit|Debit)$/)
    assert.match(type, /^(ITAV|ITBD)$/)
  }
  type Page = {
    Data: {
      Transaction: {
        Status: string
        TransactionMutability: string
        TransactionId: string
        CreditDebitIndicator: string
      }[]
    }
    Links: { Next?: string; Self: string }
    Meta: { TotalPages: number }
  }
  let next: string | undefined = `${base}/transactions`
  const ids = new Set<string>()
  let pages = 0
  let total = 0
  while (next !== undefined) {
    const page: Page = await json<Page>(await call(next))
    for (const row of page.Data.Transaction) {
      ids.add(row.TransactionId)
      total++
      assert.equal(row.TransactionMutability, row.Status === 'PDNG' ? 'Mutable' : 'Immutable')
    }
    pages++
    assert.equal(page.Meta.TotalPages >= pages, true)
    next = page.Links.Next && page.Links.Next.slice(banks.urls.thistle.length)
  }
  assert.ok(pages > 5)
  assert.equal(ids.size, total, 'no row twice')
})

test('only the sides and the detail that were asked are shown', async () => {
  const { call } = await linkUk(party, banks.urls.thistle, davina, [
    'ReadAccountsBasic',
    'ReadTransactionsBasic',
    'ReadTransactionsCredits',
  ])
  const page = await json<{ Data: { Transaction: { CreditDebitIndicator: string }[] } }>(
    await call(`${base}/transactions`),
  )
  assert.ok(page.Data.Transaction.length > 0)
  assert.ok(
    page.Data.Transaction.every(
      (row) => row.CreditDebitIndicator === 'Credit' && !('TransactionInformation' in row),
    ),
  )
  assert.deepEqual(await codes(await call(`${base}/balances`)), [403, 'U008'])
  const { Data: data } = await json<{ Data: { Account: object[] } }>(await call(`${base}/accounts`))
  assert.ok(
    data.Account.every((account) => !('Account' in account)),
    'no numbers with ReadAccountsBasic',
  )
})

test('query dates are read as UTC and a zone is ignored; nonsense is 400', async () => {
  const { call } = await linkUk(party, banks.urls.thistle, davina, permissions)
  const count = async (query: string) =>
    (await json<{ Data: { Transaction: unknown[] } }>(await call(`${base}/transactions?${query}`))).Data
      .Transaction.length
  const from = new Date(Date.now() - 20 * 86_400_000).toISOString().slice(0, 10)
  const plain = await count(`fromBookingDateTime=${from}T00:00:00`)
  assert.ok(plain > 5)
  assert.equal(await count(`fromBookingDateTime=${from}T00:00:00%2B05:00`), plain)
  assert.equal(await count('fromBookingDateTime=2199-01-01'), 0, 'nothing is 200 with an empty list')
  assert.deepEqual(await codes(await call(`${base}/transactions?fromBookingDateTime=yesterday`)), [
    400,
    'U003',
  ])
})

test('an unknown account is 400, an endpoint that is not there is 404', async () => {
  const { call } = await linkUk(party, banks.urls.thistle, davina, permissions)
  assert.deepEqual(await codes(await call(`${base}/accounts/none/balances`)), [400, 'U011'])
  assert.equal((await call(`${base}/standing-orders`)).status, 404)
})

test('permissions must make sense together', async () => {
  const { own } = await linkUk(party, banks.urls.thistle, davina, permissions)
  const ask = (asked: readonly string[], more: object = {}) =>
    own(`${base}/account-access-consents`, {
      method: 'POST',
      body: { Data: { Permissions: asked, ...more }, Risk: {} },
    })
  assert.deepEqual(await codes(await ask(['ReadBalances'])), [400, 'U002'])
  assert.deepEqual(await codes(await ask(['ReadAccountsBasic', 'ReadTransactionsDetail'])), [400, 'U002'])
  assert.deepEqual(await codes(await ask(['ReadEverything'])), [400, 'U002'])
  assert.deepEqual(
    await codes(await ask(['ReadAccountsBasic'], { ExpirationDateTime: '2027-01-01T00:00:00' })),
    [400, 'U002'],
  )
  assert.deepEqual(
    await codes(await ask(['ReadAccountsBasic'], { ExpirationDateTime: '2020-01-01T00:00:00Z' })),
    [400, 'U003'],
  )
  assert.equal(
    (await ask(['ReadAccountsBasic'], { ExpirationDateTime: '2199-01-01T00:00:00+01:00' })).status,
    201,
  )
})

test('deleting the consent closes the accounts at once', async () => {
  const linked = await linkUk(party, banks.urls.thistle, davina, permissions)
  assert.equal(
    (await linked.own(`${base}/account-access-consents/${linked.consentId}`, { method: 'DELETE' })).status,
    204,
  )
  assert.deepEqual(await codes(await linked.call(`${base}/accounts`)), [403, 'U009'])
})

test('an intent is authorised once; a customer who cancels leaves it rejected', async () => {
  const linked = await linkUk(party, banks.urls.thistle, davina, permissions)
  const again = link(party, banks.urls.thistle, davina, {
    scope: 'openid accounts',
    claims: JSON.stringify({
      id_token: { openbanking_intent_id: { value: linked.consentId, essential: true } },
    }),
  })
  await assert.rejects(again, { error: 'invalid_request' })
  await assert.rejects(linkUk(party, banks.urls.thistle, { ...davina, decision: 'cancel' }, permissions), {
    error: 'access_denied',
  })
  assert.ok(banks.control.thistle.consents().some(({ standing }) => standing === 'rejected'))
})

test('the scope accounts without an intent is refused, and a client’s own token opens no account', async () => {
  await assert.rejects(link(party, banks.urls.thistle, davina, { scope: 'openid accounts' }), {
    error: 'invalid_request',
  })
  const { own } = await linkUk(party, banks.urls.thistle, davina, permissions)
  assert.equal((await own(`${base}/accounts`)).status, 403)
})
