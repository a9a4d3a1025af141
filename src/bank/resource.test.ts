import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EmbeddedJWK, jwtVerify } from 'jose'
import { isRefusal, OutsideError, refuse } from '../core/refusal.ts'
import type { BankTokens, TokenHolder } from './bank.ts'
import { newDpopJwk, openProvers } from './dpop.ts'
import { openResource } from './resource.ts'
import { openTokens } from './tokens.ts'
import type { Answer, Ask } from './transport.ts'

const now = Date.UTC(2026, 10, 20, 10)
const jwk = newDpopJwk()
const tokensOf = (accessToken: string): BankTokens => ({
  accessToken,
  refreshToken: 'r',
  expiresAt: now + 600_000,
  dpopJwk: jwk,
  consentId: null,
})
const reply = (status: number, headers: Record<string, string> = {}): Answer => ({
  status,
  headers,
  body: Buffer.alloc(0),
})

function resourceOf(
  bank: (ask: Ask, count: number) => Answer,
  refresh: () => BankTokens | null = () => null,
) {
  const sent: Ask[] = []
  let kept = tokensOf('t1')
  const holder: TokenHolder = {
    current: () => kept,
    save: async (next) => {
      kept = next
    },
  }
  const resource = openResource({
    institution: 'harbor',
    base: new URL('https://bank.example/fdx/v6/'),
    transport: {
      send: async (ask) => {
        sent.push(ask)
        return bank(ask, sent.length)
      },
    },
    provers: openProvers(10),
    tokens: openTokens(async () => refresh() ?? refuse('link_broken'), { now: () => now }),
    wallClock: () => now,
    log: { debug() {}, info() {}, warn() {}, error() {} },
  })
  return { resource, holder, sent }
}

const proofOf = async (ask: Ask | undefined) =>
  (await jwtVerify(ask?.headers.dpop ?? '', EmbeddedJWK, { currentDate: new Date(now) })).payload

test('a request carries the token, a proof of the key for exactly this target, and an interaction id', async () => {
  const { resource, holder, sent } = resourceOf(() => reply(200))
  await resource.ask(holder, { path: '/accounts', query: new URLSearchParams({ limit: '5' }) })
  const [ask] = sent
  assert.equal(ask?.path, '/fdx/v6/accounts?limit=5')
  assert.equal(ask?.headers.authorization, 'DPoP t1')
  assert.match(ask?.headers['x-fapi-interaction-id'] ?? '', /^[0-9a-f-]{36}$/)
  const proof = await proofOf(ask)
  assert.equal(proof.htu, 'https://bank.example/fdx/v6/accounts', 'without the query')
  assert.equal(proof.htm, 'GET')
})

test('a nonce challenge is answered once, and the nonce is remembered for the next request', async () => {
  const { resource, holder, sent } = resourceOf((_ask, count) =>
    count === 1
      ? reply(401, { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': 'n1' })
      : reply(200, { 'dpop-nonce': 'n2' }),
  )
  const answer = await resource.ask(holder, { path: '/accounts' })
  assert.ok(!isRefusal(answer) && answer.status === 200)
  await resource.ask(holder, { path: '/accounts' })
  const nonces = await Promise.all(sent.map(async (ask) => (await proofOf(ask)).nonce))
  assert.deepEqual(nonces, [undefined, 'n1', 'n2'])
})

test('a bank that challenges for ever is not asked for ever', async () => {
  const { resource, holder, sent } = resourceOf(() =>
    reply(401, { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': 'n' }),
  )
  assert.deepEqual(await resource.ask(holder, { path: '/accounts' }), { refused: 'link_broken' })
  assert.ok(sent.length <= 3)
})

test('a token that died early is refreshed once and the request repeated', async () => {
  const { resource, holder, sent } = resourceOf(
    (ask) => (ask.headers.authorization === 'DPoP t2' ? reply(200) : reply(401)),
    () => tokensOf('t2'),
  )
  const answer = await resource.ask(holder, { path: '/accounts' })
  assert.ok(!isRefusal(answer) && answer.status === 200)
  assert.equal(sent.length, 2)
  assert.equal(holder.current().accessToken, 't2')
})

test('a bank that refuses the new token too has broken the link', async () => {
  let refreshes = 0
  const { resource, holder } = resourceOf(
    () => reply(401),
    () => tokensOf(`t${++refreshes + 1}`),
  )
  assert.deepEqual(await resource.ask(holder, { path: '/accounts' }), { refused: 'link_broken' })
  assert.equal(refreshes, 1)
})

test('a redirect is refused: the token does not travel', async () => {
  const { resource, holder, sent } = resourceOf(() => reply(302, { location: 'https://thief.example/' }))
  await assert.rejects(
    resource.ask(holder, { path: '/accounts' }),
    (error: unknown) => error instanceof OutsideError && error.code === 'bank_redirected' && !error.retryable,
  )
  assert.equal(sent.length, 1)
})
