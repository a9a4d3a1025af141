import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import * as oauth from 'openid-client'
import { isRefusal } from '../../src/core/refusal.ts'
import { manualClock } from '../../src/core/clock.ts'
import type { BankKey } from '../people/people.ts'
import type { Linked, RelyingParty } from './relying-party.ts'
import { caller, fdxDetails, freePorts, link, relyingParty } from './relying-party.ts'
import type { RunningBanks } from './start.ts'
import { startBanks } from './start.ts'

const clock = manualClock(Date.parse('2026-11-20T17:00:00Z'))
const details = { authorization_details: fdxDetails(['ACCOUNT_BASIC', 'BALANCES', 'TRANSACTIONS']) }
const ana = { username: 'ana', password: 'sandbox' }
let banks: RunningBanks
let party: RelyingParty
let linked: Linked

before(async () => {
  party = await relyingParty()
  banks = await startBanks({
    host: '127.0.0.1',
    ports: freePorts,
    clients: [party.client],
    dataDir: null,
    clock: clock.now,
  })
  linked = await link(party, banks.urls.harbor, ana, details)
})
after(() => banks[Symbol.asyncDispose]())
beforeEach(() => banks.control.harbor.clearFaults())

const control = () => banks.control.harbor
const accountOf = (bank: BankKey, kind: string, running = banks) =>
  running.control[bank].people()[0]!.accounts.find((one) => one.kind === kind)!
const post = (act: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${banks.urls.harbor}/sandbox/${act}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

test('a purchase is pending at once, and booked later under a new id', async () => {
  const before = accountOf('harbor', 'checking')
  const made = await control().purchase({
    person: 'ana',
    amount: '12.50',
    merchant: 'Corner Market',
    mcc: '5411',
    postAfterSeconds: 60,
  })
  assert.ok(!isRefusal(made))
  assert.equal(made.amount, '-12.50')
  const during = accountOf('harbor', 'checking')
  assert.equal(during.availableMinor, before.availableMinor - 1_250)
  assert.equal(during.postedMinor, before.postedMinor)
  const list = async () => {
    const response = await linked.call(`/fdx/v6/accounts/${made.accountId}/transactions`)
    return (
      (await response.json()) as {
        transactions: { transactionId: string; status: string; referenceTransactionId?: string }[]
      }
    ).transactions
  }
  assert.equal((await list()).find((row) => row.transactionId === made.transactionId)?.status, 'PENDING')
  clock.advance(61_000)
  const booked = (await list()).find((row) => row.transactionId === made.bookedId)
  assert.equal(booked?.status, 'POSTED')
  assert.equal(booked?.referenceTransactionId, made.transactionId)
  assert.equal(
    (await list()).some((row) => row.transactionId === made.transactionId),
    false,
  )
})

test('salary, payments both ways, and a suspicious card payment arrive', async () => {
  const before = accountOf('harbor', 'checking').postedMinor
  await control().salary({ person: 'ana', amount: '1000' })
  await control().payment({
    person: 'ana',
    amount: '-25.10',
    counterparty: 'Marcus Lee',
    memo: '<b>pizza</b>',
  })
  await control().payment({ person: 'ana', amount: '5', counterparty: 'Priya Nair' })
  assert.equal(accountOf('harbor', 'checking').postedMinor, before + 100_000 - 2_510 + 500)
  const card = accountOf('harbor', 'card')
  const odd = await control().suspicious({ person: 'ana' })
  assert.ok(!isRefusal(odd) && odd.accountId === card.accountId && odd.pending)
  assert.equal(accountOf('harbor', 'card').availableMinor, card.availableMinor - 84_999)
})

test('a frozen card declines, shows itself restricted, and works again when thawed', async () => {
  const buy = () => control().purchase({ person: 'ana', account: 'card', amount: '9', merchant: 'X' })
  await control().freeze({ person: 'ana' })
  assert.deepEqual(await buy(), { refused: 'frozen' })
  const listed = (await (await linked.call('/fdx/v6/accounts')).json()) as {
    accounts: { accountType: string; status: string }[]
  }
  assert.equal(listed.accounts.find((one) => one.accountType === 'CREDITCARD')?.status, 'RESTRICTED')
  await control().freeze({ person: 'ana', frozen: false })
  assert.ok(!isRefusal(await buy()))
})

test('who and what is not there is refused in words', async () => {
  const buy = { amount: '1', merchant: 'X' }
  assert.deepEqual(await control().purchase({ ...buy, person: 'nobody' }), { refused: 'unknown_person' })
  assert.deepEqual(await control().purchase({ ...buy, person: 'ana', account: '0000' }), {
    refused: 'unknown_account',
  })
  for (const amount of ['x', '1.234', '0', '99999999999'])
    assert.deepEqual(await control().purchase({ ...buy, person: 'ana', amount }), { refused: 'bad_amount' })
})

test('faults: each kind answers as a bank in that trouble, for as many calls as asked', async () => {
  const status = async () =>
    (await linked.call('/fdx/v6/accounts').catch((error: { status: number }) => error)).status
  for (const [kind, expected] of [
    ['rate-limit', 429],
    ['error', 500],
    ['maintenance', 503],
    ['expired', 401],
    ['partial', 206],
  ] as const) {
    control().fault({ kind, times: 1 })
    assert.equal(await status(), expected, kind)
    assert.equal(await status(), 200, `${kind} is over`)
  }
  control().fault({ kind: 'rate-limit', retryAfterSeconds: 7 })
  const limited = await linked.call('/fdx/v6/accounts')
  assert.equal(limited.headers.get('retry-after'), '7')
  assert.equal(((await limited.json()) as { code: number }).code, 1207)
  assert.ok(limited.headers.get('x-fapi-interaction-id'))
  assert.equal(await status(), 429, 'until cleared')
  control().clearFaults()
  control().fault({ kind: 'drop', times: 1 })
  await assert.rejects(linked.call('/fdx/v6/accounts'))
  assert.equal(await status(), 200)
})

test('a fault can be for some paths only, or for the login side', async () => {
  control().fault({ kind: 'error', path: '/transactions' })
  assert.equal((await linked.call('/fdx/v6/accounts')).status, 200)
  assert.equal(
    (await linked.call(`/fdx/v6/accounts/${accountOf('harbor', 'checking').accountId}/transactions`)).status,
    500,
  )
  control().clearFaults()
  control().fault({ kind: 'expired', area: 'auth', times: 1, path: '/token' })
  const refreshing = oauth.refreshTokenGrant(linked.config, linked.tokens.refresh_token!, undefined, {
    DPoP: linked.dpop,
  })
  await assert.rejects(refreshing, { error: 'invalid_grant' })
})

test('an incomplete answer leaves something out', async () => {
  const count = async () =>
    ((await (await linked.call('/fdx/v6/accounts')).json()) as { accounts: unknown[] }).accounts.length
  const whole = await count()
  control().fault({ kind: 'partial', times: 1 })
  assert.equal(await count(), whole - 1)
})

test('a slow bank answers late, and right', async () => {
  control().fault({ kind: 'slow', ms: 60, times: 1 })
  const start = performance.now()
  assert.equal((await linked.call('/fdx/v6/accounts')).status, 200)
  assert.ok(performance.now() - start >= 55)
})

test('links can be ended as the bank would end them', async () => {
  const mine = await link(party, banks.urls.harbor, { username: 'ben', password: 'sandbox' }, details)
  assert.equal(await control().endConsents('expired', 'ben'), 1)
  await assert.rejects(mine.call('/fdx/v6/accounts'), { status: 401 })
  await assert.rejects(
    oauth.refreshTokenGrant(mine.config, mine.tokens.refresh_token!, undefined, { DPoP: mine.dpop }),
    { error: 'invalid_grant' },
  )
  assert.equal((await linked.call('/fdx/v6/accounts')).status, 200, 'Ana’s stands')
})

test('the same over HTTP, and every wrong call gets a clear answer', async () => {
  const people = (await (await fetch(`${banks.urls.harbor}/sandbox/people`)).json()) as {
    people: { person: string }[]
  }
  assert.deepEqual(
    people.people.map(({ person }) => person),
    ['ana', 'ben', 'elena'],
  )
  const made = await post('purchase', { person: 'ana', amount: 4.2, merchant: 'Blue Heron Coffee' })
  assert.equal(made.status, 200)
  assert.equal(((await made.json()) as { amount: string }).amount, '-4.20')
  assert.equal((await post('purchase', { person: 'ana' })).status, 422)
  assert.equal((await post('purchase', { person: 'zoe', amount: '1', merchant: 'x' })).status, 404)
  assert.equal((await post('fault', { kind: 'earthquake' })).status, 422)
  assert.equal((await post('nothing', {})).status, 404)
  assert.equal((await fetch(`${banks.urls.harbor}/sandbox/purchase`)).status, 405)
})

test('another site cannot pull the strings', async () => {
  const form = (origin?: string) =>
    fetch(`${banks.urls.harbor}/sandbox/salary`, {
      method: 'POST',
      redirect: 'manual',
      headers: origin === undefined ? {} : { origin },
      body: new URLSearchParams({ person: 'ana' }),
    })
  assert.equal((await form('https://evil.example')).status, 403)
  assert.equal((await form()).status, 403)
  assert.equal((await form(banks.urls.harbor)).status, 303, 'the start page’s own button can')
  const plain = await fetch(`${banks.urls.harbor}/sandbox/reset`, { method: 'POST', body: '{}' })
  assert.equal(plain.status, 415)
})

test('a restart keeps links, money made by hand and frozen cards; a reset forgets them', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'sandbox-banks-'))
  try {
    const options = { host: '127.0.0.1', clients: [party.client], dataDir, clock: clock.now }
    let ports: Record<BankKey, number> = { ...freePorts }
    let mine: Linked
    let before: number
    {
      await using first = await startBanks({ ...options, ports })
      ports = Object.fromEntries(
        Object.entries(first.urls).map(([key, url]) => [key, Number(new URL(url).port)]),
      ) as Record<BankKey, number>
      mine = await link(party, first.urls.harbor, ana, details)
      await first.control.harbor.purchase({ person: 'ana', amount: '77.07', merchant: 'Kept' })
      await first.control.harbor.freeze({ person: 'ana' })
      before = accountOf('harbor', 'checking', first).availableMinor
    }
    {
      await using second = await startBanks({ ...options, ports })
      assert.equal((await mine.call('/fdx/v6/accounts')).status, 200, 'the same access token')
      const renewed = await oauth.refreshTokenGrant(mine.config, mine.tokens.refresh_token!, undefined, {
        DPoP: mine.dpop,
      })
      assert.equal(
        (await caller(mine.config, renewed.access_token, mine.dpop)('/fdx/v6/accounts')).status,
        200,
      )
      assert.equal(accountOf('harbor', 'checking', second).availableMinor, before)
      assert.equal(accountOf('harbor', 'card', second).frozen, true)
      await second.control.harbor.reset()
      await assert.rejects(mine.call('/fdx/v6/accounts'), { status: 401 })
    }
    await using third = await startBanks({ ...options, ports })
    assert.equal(accountOf('harbor', 'checking', third).availableMinor, 234_018)
    assert.equal(accountOf('harbor', 'card', third).frozen, false)
    await assert.rejects(mine.call('/fdx/v6/accounts'), { status: 401 })
  } finally {
    await rm(dataDir, { recursive: true })
  }
})

test('a port that is taken stops the start and leaves nothing running', async () => {
  const taken = Number(new URL(banks.urls.harbor).port)
  const start = startBanks({
    host: '127.0.0.1',
    ports: { ...freePorts, erable: taken },
    clients: [],
    dataDir: null,
  })
  await assert.rejects(start, { code: 'EADDRINUSE' })
})
