import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { test } from 'node:test'
import fc from 'fast-check'
import { openLogger } from '../core/logger.ts'
import { isRefusal, OutsideError } from '../core/refusal.ts'
import { newDpopJwk } from './dpop.ts'
import { openAuthorization } from './oauth.ts'
import type { Answer, Transport } from './transport.ts'

/** An authorization server may answer anything too; what it says reaches no error, no log and no decision by accident. */
const canary = 'canary73194682'
const issuer = 'https://bank.example'
const lines: string[] = []
const log = openLogger('debug', { write: (line) => void lines.push(line) })
const json = { 'content-type': 'application/json' }
const metadata = {
  issuer,
  authorization_endpoint: `${issuer}/auth`,
  token_endpoint: `${issuer}/token`,
  pushed_authorization_request_endpoint: `${issuer}/par`,
  revocation_endpoint: `${issuer}/revoke`,
  jwks_uri: `${issuer}/jwks`,
}
const good = (value: unknown): Answer => ({
  status: 200,
  headers: json,
  body: Buffer.from(JSON.stringify(value)),
})

const openWith = (reply: (path: string) => Answer) =>
  openAuthorization({
    settings: { id: 'harbor', issuer, clientId: 'guichet', allowHttpLoopback: false, timeoutMs: 1_000 },
    clientKey: { kid: 'k', jwk: newDpopJwk() },
    transportFor: () => ({ send: async ({ path }: { path: string }) => reply(path) }) as unknown as Transport,
    now: () => Date.now(),
    log,
  })

const dpopJwk = newDpopJwk()
const tokens = { accessToken: 'a', refreshToken: 'r', expiresAt: 0, dpopJwk, consentId: null }

async function endure(reply: (path: string) => Answer): Promise<void> {
  const authorization = openWith(reply)
  const ask = {
    purpose: 'link',
    redirectUri: 'https://g.example/back',
    scopes: ['openid'],
    consentId: null,
    extra: {},
  } as const
  const pending = {
    institution: 'harbor',
    state: 's',
    codeVerifier: 'v'.repeat(43),
    dpopJwk,
    nonce: 'n',
    purpose: 'link',
    consentId: null,
    redirectUri: ask.redirectUri,
  } as const
  for (const call of [
    () => authorization.push(ask),
    () => authorization.redeem(pending, new URL(`${ask.redirectUri}?code=c&state=s&iss=${issuer}`)),
    () => authorization.refresh(tokens),
    () => authorization.clientCredentials('accounts', dpopJwk),
    () => authorization.revokeTokens(tokens),
  ])
    try {
      const result = await call()
      if (result === undefined || isRefusal(result)) continue
      if ('accessToken' in result) assert.equal(typeof result.accessToken, 'string')
      if ('subject' in result) assert.fail('nobody signed that')
    } catch (error) {
      assert.ok(error instanceof OutsideError, inspect(error))
      assert.match(error.code, /^bank_[a-z_]+$/)
      assert.ok(!inspect(error, { depth: 10 }).includes(canary), 'an answer in an error')
    }
}

const names =
  'issuer token_endpoint jwks_uri access_token token_type expires_in id_token refresh_token request_uri error error_description keys authorization_details grant_id'
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom<unknown>(
      canary,
      issuer,
      'DPoP',
      'Bearer',
      'invalid_grant',
      `a.${canary}.b`,
      null,
      true,
      -1,
      1e308,
      600,
    ),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names.split(' ')), tie('tree'), { maxKeys: 6, noNullPrototype: true }),
  ),
}))
const status = fc.constantFrom(200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 429, 500, 503)
const type = fc.constantFrom('application/json', 'application/jwt', 'text/html', '')

test('whatever the metadata are', async () => {
  await fc.assert(
    fc.asyncProperty(status, type, tree, async (code, contentType, value) => {
      const body = Buffer.from(JSON.stringify(value))
      await endure(() => ({ status: code, headers: { 'content-type': contentType }, body }))
    }),
    { numRuns: 60 },
  )
})

test('whatever is answered at the endpoints of good metadata', async () => {
  await fc.assert(
    fc.asyncProperty(status, type, tree, async (code, contentType, value) => {
      const headers = {
        'content-type': contentType,
        'www-authenticate': `DPoP error="${canary}"`,
        'dpop-nonce': canary,
      }
      const body = Buffer.from(JSON.stringify(value))
      await endure((path) =>
        path.startsWith('/.well-known/') ? good(metadata) : { status: code, headers, body },
      )
    }),
    { numRuns: 150 },
  )
})

test('metadata that lead to another place over http, or to none, are refused', async () => {
  for (const change of [
    { token_endpoint: 'http://thief.example/token' },
    { token_endpoint: 'http://127.0.0.1/token' },
    { jwks_uri: 'file:///etc/passwd' },
    { pushed_authorization_request_endpoint: undefined },
    { issuer: 'https://thief.example' },
  ])
    await assert.rejects(
      openWith(() => good({ ...metadata, ...change })).metadata(),
      (error: unknown) => error instanceof OutsideError && !error.retryable,
      JSON.stringify(change),
    )
})

test('a bank whose metadata cannot be read for a while goes on with what it said before', async () => {
  let at = Date.now()
  let asked = 0
  let down = false
  const authorization = openAuthorization({
    settings: { id: 'harbor', issuer, clientId: 'guichet', allowHttpLoopback: false, timeoutMs: 1_000 },
    clientKey: { kid: 'k', jwk: newDpopJwk() },
    transportFor: () =>
      ({
        send: async () => {
          asked += 1
          return down ? { status: 503, headers: {}, body: Buffer.alloc(0) } : good(metadata)
        },
      }) as unknown as Transport,
    now: () => at,
    log,
  })
  await Promise.all([authorization.metadata(), authorization.metadata()])
  await authorization.metadata()
  assert.equal(asked, 1)
  at += 2 * 3_600_000
  down = true
  assert.equal((await authorization.metadata()).issuer, issuer)
  assert.equal(asked, 2)
})

test('and nothing of it all was logged', () => {
  assert.ok(lines.length > 0)
  assert.ok(!lines.some((line) => line.includes(canary)))
})
