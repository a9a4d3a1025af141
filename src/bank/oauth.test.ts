import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { calculateJwkThumbprint, decodeJwt, exportJWK, generateKeyPair, type JWK } from 'jose'
import Provider, { type Configuration, type JWK as ProviderJwk } from 'oidc-provider'
import { manualClock } from '../core/clock.ts'
import { isRefusal, OutsideError } from '../core/refusal.ts'
import type { PendingAuthorization } from './bank.ts'
import { newDpopJwk } from './dpop.ts'
import { publicJwks } from './keys.ts'
import { type Authorization, openAuthorization } from './oauth.ts'
import { Transport } from './transport.ts'

/**
 * A FAPI 2.0 authorization server in this process. Its customer agrees at once, and to one account only, so that what is
 * tested is our side of the protocol.
 */
const redirectUri = 'https://guichet.example/link/back'
const clientKey = { kid: 'k1', jwk: newDpopJwk() }
const log = { debug() {}, info() {}, warn() {}, error() {} }
const detail = {
  type: 'fdx_v1.0',
  consentRequest: { resources: [{ resourceType: 'ACCOUNT', resourceId: 'a1' }] },
}

let issuer = ''
let requireNonce = false
let rotate = false
let refuseLogin = false
const pushed: Record<string, unknown>[] = []
const server = createServer()
const clock = manualClock(Date.now())
const transports = new Map<string, Transport>()
const transportFor = (origin: string): Transport => {
  const known = transports.get(origin)
  if (known) return known
  const made = new Transport(origin, {
    timeoutMs: 5_000,
    maxBytes: 1 << 20,
    connections: 8,
    queue: 64,
    now: clock.now,
  })
  transports.set(origin, made)
  return made
}

before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const signing = await exportJWK((await generateKeyPair('PS256', { extractable: true })).privateKey)
  const audience = `${issuer}/fdx/v6`
  const configuration: Configuration = {
    clients: ['guichet', 'stranger'].map((id) => ({
      client_id: id,
      redirect_uris: [redirectUri],
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      id_token_signed_response_alg: 'PS256',
      dpop_bound_access_tokens: id === 'guichet',
      require_pushed_authorization_requests: true,
      authorization_details_types: ['fdx_v1.0'],
      jwks: publicJwks([id === 'guichet' ? clientKey : { kid: 'k1', jwk: newDpopJwk() }]),
    })) as never,
    jwks: { keys: [{ ...signing, alg: 'PS256', use: 'sig' } as ProviderJwk] },
    responseTypes: ['code'],
    clientAuthMethods: ['private_key_jwt'],
    scopes: ['openid', 'offline_access'],
    pkce: { required: () => true },
    rotateRefreshToken: () => rotate,
    enabledJWA: {
      idTokenSigningAlgValues: ['PS256'],
      clientAuthSigningAlgValues: ['ES256'],
      dPoPSigningAlgValues: ['ES256'],
    },
    findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    interactions: { url: (_context, interaction) => `/agree/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      fapi: { enabled: true, profile: '2.0' },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
      dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => requireNonce },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      richAuthorizationRequests: {
        enabled: true,
        types: { 'fdx_v1.0': { validate: () => {} } },
        authorizationDetailsForGrantSource: (context) => context.oidc.entities.Grant?.rar,
        authorizationDetailsForAccessToken: (_context, _token, source) => source?.rar,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => Promise.resolve(audience),
        useGrantedResource: () => Promise.resolve(true),
        getResourceServerInfo: () =>
          Promise.resolve({
            scope: 'fdx:balances:read accounts',
            audience,
            accessTokenTTL: 600,
            accessTokenFormat: 'jwt' as const,
            jwt: { sign: { alg: 'PS256' as const } },
          }),
      },
    },
    extraParams: ['guichet_chat_code'],
  }
  const provider = new Provider(issuer, configuration)
  provider.on('server_error', () => {})
  const callback = provider.callback()
  server.on('request', (request, response) => {
    if (!request.url?.startsWith('/agree/')) {
      void callback(request, response)
      return
    }
    void (async () => {
      const { params, grantId } = await provider.interactionDetails(request, response)
      pushed.push(params)
      if (refuseLogin)
        return await provider.interactionFinished(request, response, { error: 'access_denied' })
      const grant = grantId ? await provider.Grant.find(grantId) : undefined
      const given = grant ?? new provider.Grant({ accountId: 'cus-1', clientId: 'guichet' })
      given.addOIDCScope('openid offline_access')
      given.addResourceScope(audience, 'fdx:balances:read')
      if (params.authorization_details) given.addRar(detail)
      await provider.interactionFinished(request, response, {
        login: { accountId: 'cus-1' },
        consent: { grantId: await given.save() },
      })
    })()
  })
})

after(async () => {
  await Promise.all([...transports.values()].map((transport) => transport[Symbol.asyncDispose]()))
  server.closeAllConnections()
  server.close()
})

const open = (
  change: Partial<{ clientId: string; issuer: string; allowHttpLoopback: boolean }> = {},
): Authorization =>
  openAuthorization({
    settings: {
      id: 'harbor',
      issuer,
      clientId: 'guichet',
      allowHttpLoopback: true,
      timeoutMs: 5_000,
      ...change,
    },
    clientKey,
    transportFor,
    now: clock.now,
    log,
  })

const push = (authorization: Authorization) =>
  authorization.push({
    purpose: 'link',
    redirectUri,
    scopes: ['openid', 'offline_access', 'fdx:balances:read'],
    consentId: null,
    extra: { prompt: 'consent', authorization_details: JSON.stringify([detail]), guichet_chat_code: 'K7-42' },
  })

/** The browser: follows redirects with its cookies until it would leave the bank. */
async function browse(url: string): Promise<URL> {
  const jar = new Map<string, string>()
  let at = new URL(url)
  for (let hops = 0; hops < 20; hops++) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(at, { redirect: 'manual', headers: { cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
    }
    const location = response.headers.get('location')
    assert.ok(location, `no redirect from ${at.pathname}: ${response.status}`)
    at = new URL(location, at)
    if (at.href.startsWith(redirectUri)) return at
  }
  return assert.fail('too many redirects')
}

async function linked(authorization: Authorization) {
  const { url, pending } = await push(authorization)
  const redeemed = await authorization.redeem(pending, await browse(url))
  assert.ok(!isRefusal(redeemed))
  return redeemed
}

test('a customer links: pushed, bound to a key, and only what was granted is kept', async () => {
  const authorization = open()
  const { url, pending } = await push(authorization)
  // Nothing of the request is in the address that the browser, its history and the app around it see.
  assert.deepEqual([...new URL(url).searchParams.keys()].toSorted(), ['client_id', 'request_uri'])
  const redeemed = await authorization.redeem(
    JSON.parse(JSON.stringify(pending)) as PendingAuthorization,
    await browse(url),
  )
  assert.ok(!isRefusal(redeemed))
  assert.equal(redeemed.subject, 'cus-1')
  assert.deepEqual(redeemed.details, [detail])
  const { accessToken, refreshToken, dpopJwk, expiresAt } = redeemed.tokens
  assert.ok(refreshToken)
  assert.equal(expiresAt, clock.now() + 600_000)
  const claims = decodeJwt(accessToken)
  assert.equal((claims.cnf as { jkt: string }).jkt, await calculateJwkThumbprint(dpopJwk as JWK))
  const request = pushed.at(-1)
  assert.equal(request?.guichet_chat_code, 'K7-42')
  assert.equal(request?.code_challenge_method, 'S256')
  assert.equal(
    request?.dpop_jkt,
    await calculateJwkThumbprint(dpopJwk as JWK),
    'the code is bound to the key too',
  )
})

test('each link has its own key, state and verifier', async () => {
  const authorization = open()
  const [one, other] = [(await push(authorization)).pending, (await push(authorization)).pending]
  for (const name of ['state', 'codeVerifier', 'nonce'] as const) assert.notEqual(one[name], other[name])
  assert.notEqual(one.dpopJwk.x, other.dpopJwk.x)
})

test('a server that insists on nonces is served, and it costs the customer nothing', async () => {
  requireNonce = true
  try {
    const { tokens } = await linked(open())
    const renewed = await open().refresh(tokens)
    assert.ok(!isRefusal(renewed) && renewed.accessToken !== tokens.accessToken)
  } finally {
    requireNonce = false
  }
})

test('a refresh keeps the refresh token, or takes the new one where the bank rotates', async () => {
  const authorization = open()
  const { tokens } = await linked(authorization)
  const kept = await authorization.refresh(tokens)
  assert.ok(!isRefusal(kept))
  assert.equal(kept.refreshToken, tokens.refreshToken)
  assert.equal(kept.dpopJwk, tokens.dpopJwk)
  rotate = true
  try {
    const rotated = await authorization.refresh(kept)
    assert.ok(!isRefusal(rotated))
    assert.notEqual(rotated.refreshToken, tokens.refreshToken)
  } finally {
    rotate = false
  }
})

test('after the tokens were given back the link is broken, and giving back again is fine', async () => {
  const authorization = open()
  const { tokens } = await linked(authorization)
  await authorization.revokeTokens(tokens)
  assert.deepEqual(await authorization.refresh(tokens), { refused: 'link_broken' })
  await authorization.revokeTokens(tokens)
})

test('another bank’s answer, another browser’s, or one without issuer is not redeemed', async () => {
  const authorization = open()
  const { url, pending } = await push(authorization)
  const returned = await browse(url)
  const changed = (change: (parameters: URLSearchParams) => void): URL => {
    const copy = new URL(returned)
    change(copy.searchParams)
    return copy
  }
  const mixedUp = [
    changed((parameters) => parameters.set('iss', 'https://attacker.example')),
    changed((parameters) => parameters.delete('iss')),
    changed((parameters) => parameters.append('iss', issuer)),
    changed((parameters) => parameters.set('state', 'another')),
    changed((parameters) => parameters.delete('state')),
    changed((parameters) => parameters.append('code', 'second')),
    changed((parameters) => parameters.delete('code')),
    new URL(`https://guichet.example/elsewhere${returned.search}`),
  ]
  for (const address of mixedUp)
    assert.deepEqual(await authorization.redeem(pending, address), { refused: 'mixed_up' }, address.search)
  assert.deepEqual(await authorization.redeem({ ...pending, institution: 'granite' }, returned), {
    refused: 'mixed_up',
  })
  // The code was shown to nobody by all that: it still works, for the one it is for. And only once.
  assert.ok(!isRefusal(await authorization.redeem(pending, returned)))
  assert.deepEqual(await authorization.redeem(pending, returned), { refused: 'expired' })
})

test('a stolen code is worth nothing without the verifier and the key', async () => {
  const authorization = open()
  const { url, pending } = await push(authorization)
  const returned = await browse(url)
  const thief = await push(authorization)
  const withOthers = { ...pending, codeVerifier: thief.pending.codeVerifier }
  assert.deepEqual(await authorization.redeem(withOthers, returned), { refused: 'expired' })
})

test('a customer who says no has said no', async () => {
  refuseLogin = true
  try {
    const authorization = open()
    const { url, pending } = await push(authorization)
    assert.deepEqual(await authorization.redeem(pending, await browse(url)), { refused: 'denied' })
  } finally {
    refuseLogin = false
  }
})

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise
    return 'nothing thrown'
  } catch (error) {
    assert.ok(error instanceof OutsideError, String(error))
    return `${error.code} ${error.retryable}`
  }
}

test('a client the bank does not know, an issuer that is not this one, an http address: refused with their reason', async () => {
  assert.equal(await codeOf(push(open({ clientId: 'nobody' }))), 'bank_client_refused false')
  assert.equal(await codeOf(push(open({ clientId: 'stranger' }))), 'bank_client_refused false')
  assert.equal(await codeOf(push(open({ issuer: `${issuer}/` }))), 'bank_issuer_mismatch false')
  assert.equal(await codeOf(push(open({ allowHttpLoopback: false }))), 'bank_address_refused false')
  assert.equal(await codeOf(push(open({ issuer: 'http://bank.example' }))), 'bank_address_refused false')
  assert.equal(await codeOf(push(open({ issuer: 'http://127.0.0.1:1' }))), 'bank_unavailable true')
})

test('a token of our own is bound to our own key', async () => {
  const jwk = newDpopJwk()
  const tokens = await open().clientCredentials('accounts', jwk)
  assert.equal(tokens.refreshToken, null)
  assert.equal(
    (decodeJwt(tokens.accessToken).cnf as { jkt: string }).jkt,
    await calculateJwkThumbprint(jwk as JWK),
  )
})

test('a bearer token is not taken', async () => {
  // The same server, the same client but for one setting: its tokens are bound only if it remembers to bind them.
  const unbound = openAuthorization({
    settings: { id: 'harbor', issuer, clientId: 'guichet', allowHttpLoopback: true, timeoutMs: 5_000 },
    clientKey,
    transportFor: (origin) =>
      ({
        send: async (ask: Parameters<Transport['send']>[0]) => {
          const answer = await transportFor(origin).send(ask)
          if (!ask.path.startsWith('/token')) return answer
          const body = answer.body.toString('utf8').replace('"token_type":"DPoP"', '"token_type":"Bearer"')
          return { ...answer, body: Buffer.from(body) }
        },
      }) as unknown as Transport,
    now: clock.now,
    log,
  })
  assert.equal(await codeOf(unbound.clientCredentials('accounts', newDpopJwk())), 'bank_token_unbound false')
})

test('our public keys say nothing of the private ones', () => {
  const jwks = publicJwks([clientKey])
  assert.equal(jwks.keys[0]?.kid, 'k1')
  assert.ok(!JSON.stringify(jwks).includes(String(clientKey.jwk.d)))
})
