import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import * as jose from 'jose'
import * as oauth from 'openid-client'
import { openProofCheck } from './api/dpop.ts'
import { openTokenCheck } from './api/token.ts'
import type { Linked, RelyingParty } from './relying-party.ts'
import { fdxDetails, freePorts, link, push, redirectUri, relyingParty } from './relying-party.ts'
import type { RunningBanks } from './start.ts'
import { startBanks } from './start.ts'
import { visitBank } from './visit.ts'

const ana = { username: 'ana', password: 'sandbox' }
const clusters = ['ACCOUNT_BASIC', 'BALANCES', 'TRANSACTIONS']
let banks: RunningBanks
let party: RelyingParty
let other: RelyingParty

before(async () => {
  party = await relyingParty()
  other = await relyingParty('somebody-else')
  banks = await startBanks({
    host: '127.0.0.1',
    ports: freePorts,
    clients: [party.client, { ...other.client, name: 'Somebody else' }],
    dataDir: null,
  })
})
after(() => banks[Symbol.asyncDispose]())

const linkAna = (
  accounts: readonly string[] = ['4821'],
  more: Record<string, string> = {},
): Promise<Linked> =>
  link(
    party,
    banks.urls.harbor,
    { ...ana, accounts },
    { authorization_details: fdxDetails(clusters), ...more },
  )
const claimsOf = (token: string) => jose.decodeJwt<Record<string, unknown>>(token)
const refusal = (promise: Promise<unknown>): Promise<{ error?: string; status?: number }> =>
  promise.then(
    () => assert.fail('it was accepted'),
    (error: unknown) => error as { error?: string; status?: number },
  )
async function setUp() {
  const config = await party.discover(banks.urls.harbor)
  const keys = await oauth.randomDPoPKeyPair('ES256')
  return { config, keys, dpop: oauth.getDPoPHandle(config, keys) }
}

test('a customer links one account: the whole flow, as FAPI 2.0 has it', async () => {
  const linked = await linkAna()
  assert.equal(linked.returned.searchParams.get('iss'), banks.urls.harbor)
  const { tokens } = linked
  assert.equal(tokens.token_type.toLowerCase(), 'dpop')
  assert.equal(tokens.expires_in, 600)
  assert.ok(tokens.refresh_token)
  const claims = claimsOf(tokens.access_token)
  assert.equal((claims.cnf as { jkt: string }).jkt.length, 43)
  assert.equal(claims.fdxConsentId, tokens.grant_id)
  assert.equal(claims.aud, `${banks.urls.harbor}/fdx/v6`)
  const [detail] = tokens.authorization_details as unknown as {
    consentRequest: { resources: { resourceId: string }[] }
  }[]
  assert.equal(detail?.consentRequest.resources.length, 1, 'narrowed to the one account that was ticked')
  const listed = (await (await linked.call('/fdx/v6/accounts')).json()) as {
    accounts: { accountId: string }[]
  }
  assert.deepEqual(
    listed.accounts.map(({ accountId }) => accountId),
    detail?.consentRequest.resources.map(({ resourceId }) => resourceId),
  )
  assert.equal(tokens.claims()?.sub, claims.sub)
})

test('the metadata offers what FAPI 2.0 allows and nothing weaker', async () => {
  for (const url of Object.values(banks.urls)) {
    const meta = (await (await fetch(`${url}/.well-known/openid-configuration`)).json()) as Record<
      string,
      unknown
    >
    assert.equal(meta.issuer, url)
    assert.equal(meta.require_pushed_authorization_requests, true)
    assert.deepEqual(meta.token_endpoint_auth_methods_supported, ['private_key_jwt'])
    assert.deepEqual(meta.token_endpoint_auth_signing_alg_values_supported, ['ES256'])
    assert.deepEqual(meta.code_challenge_methods_supported, ['S256'])
    assert.deepEqual(meta.response_types_supported, ['code'])
    assert.deepEqual(meta.dpop_signing_alg_values_supported, ['ES256'])
    assert.equal(meta.authorization_response_iss_parameter_supported, true)
  }
})

test('a refresh keeps the refresh token and the narrowed details', async () => {
  const linked = await linkAna()
  const renewed = await oauth.refreshTokenGrant(linked.config, linked.tokens.refresh_token!, undefined, {
    DPoP: linked.dpop,
  })
  assert.ok(renewed.refresh_token === undefined || renewed.refresh_token === linked.tokens.refresh_token)
  assert.deepEqual(renewed.authorization_details, linked.tokens.authorization_details)
  assert.equal(renewed.grant_id, linked.tokens.grant_id)
})

test('a mere login says who the customer is and opens no account', async () => {
  const linked = await link(party, banks.urls.harbor, ana, { scope: 'openid' })
  assert.equal(linked.tokens.refresh_token, undefined)
  assert.match(linked.tokens.claims()?.sub ?? '', /^cus-/)
  const error = await refusal(linked.call('/fdx/v6/accounts'))
  assert.equal(error.status, 401)
  const again = await linkAna()
  assert.equal(again.tokens.claims()?.sub, linked.tokens.claims()?.sub, 'the same person, the same sub')
})

test('a request that was not pushed is refused', async () => {
  const { config } = await setUp()
  const url = oauth.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid',
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
  })
  const response = await fetch(url, { redirect: 'manual' })
  const where = new URL(response.headers.get('location') ?? 'http://nowhere/')
  assert.equal(where.searchParams.get('error'), 'invalid_request')
  assert.equal(where.searchParams.get('code'), null)
})

test('a pushed request without PKCE, or with an unknown kind of detail, or data without details, is refused', async () => {
  const { config, dpop } = await setUp()
  const bare = (parameters: Record<string, string>) =>
    refusal(
      oauth.buildAuthorizationUrlWithPAR(
        config,
        { redirect_uri: redirectUri, scope: 'openid', ...parameters },
        { DPoP: dpop },
      ),
    )
  assert.equal((await bare({ authorization_details: fdxDetails(clusters) })).error, 'invalid_request')
  const refused = async (parameters: Record<string, string>) =>
    (await refusal(push(config, parameters, dpop))).error
  assert.equal(
    await refused({ authorization_details: '[{"type":"payment"}]' }),
    'invalid_authorization_details',
  )
  assert.equal(
    await refused({ authorization_details: fdxDetails(['EVERYTHING']) }),
    'invalid_authorization_details',
  )
  assert.equal(
    await refused({ authorization_details: fdxDetails(clusters, { durationPeriod: 366 }) }),
    'invalid_authorization_details',
  )
  assert.equal(await refused({ scope: 'openid fdx:balances:read' }), 'invalid_request')
  assert.equal(await refused({ redirect_uri: 'http://localhost:9/elsewhere' }), 'invalid_request')
  assert.equal(await refused({ guichet_chat_code: '<script>' }), 'invalid_request')
})

test('a client assertion for the token endpoint, or for a list, is refused: only the issuer as a string', async () => {
  const { config } = await setUp()
  const { privateKey } = await jose.generateKeyPair('ES256')
  const assertion = (aud: string | string[], key: jose.CryptoKey) =>
    new jose.SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', kid: 'trial-1' })
      .setIssuer(party.client.clientId)
      .setSubject(party.client.clientId)
      .setAudience(aud)
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(key)
  const push = async (aud: string | string[], key: jose.CryptoKey): Promise<string> => {
    const response = await fetch(config.serverMetadata().pushed_authorization_request_endpoint!, {
      method: 'POST',
      body: new URLSearchParams({
        client_id: party.client.clientId,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await assertion(aud, key),
        redirect_uri: redirectUri,
        scope: 'openid',
        response_type: 'code',
        code_challenge: 'x'.repeat(43),
        code_challenge_method: 'S256',
      }),
    })
    return ((await response.json()) as { error?: string }).error ?? 'accepted'
  }
  const good = party.privateKey
  assert.equal(await push(banks.urls.harbor, good), 'accepted')
  assert.equal(await push(config.serverMetadata().token_endpoint!, good), 'invalid_client')
  assert.equal(await push([banks.urls.harbor], good), 'invalid_client')
  assert.equal(await push(banks.urls.harbor, privateKey), 'invalid_client', 'and not with another key')
})

test('a code works once; using it again ends everything that came of it', async () => {
  const linked = await linkAna()
  const again = await refusal(
    oauth.authorizationCodeGrant(
      linked.config,
      linked.returned,
      { pkceCodeVerifier: linked.verifier, expectedState: linked.returned.searchParams.get('state')! },
      undefined,
      { DPoP: linked.dpop },
    ),
  )
  assert.equal(again.error, 'invalid_grant')
  const after = await refusal(linked.call('/fdx/v6/accounts'))
  assert.equal(after.status, 401)
  assert.equal(
    (
      await refusal(
        oauth.refreshTokenGrant(linked.config, linked.tokens.refresh_token!, undefined, {
          DPoP: linked.dpop,
        }),
      )
    ).error,
    'invalid_grant',
  )
})

test('a code redeemed with the wrong verifier is refused', async () => {
  const { config, dpop } = await setUp()
  const pushed = await push(config, { authorization_details: fdxDetails(clusters) }, dpop)
  const returned = new URL(await visitBank(pushed.url.href, ana))
  const wrong = oauth.authorizationCodeGrant(
    config,
    returned,
    { pkceCodeVerifier: oauth.randomPKCECodeVerifier(), expectedState: pushed.state },
    undefined,
    { DPoP: dpop },
  )
  assert.equal((await refusal(wrong)).error, 'invalid_grant')
})

test('a pushed request serves one visit', async () => {
  const { config, dpop } = await setUp()
  const pushed = await push(config, { authorization_details: fdxDetails(clusters) }, dpop)
  await visitBank(pushed.url.href, ana)
  await assert.rejects(visitBank(pushed.url.href, ana), /stopped/)
})

/** A hand-made proof, so that each part can be wrong. */
async function proofFor(
  keys: oauth.DPoPHandle | CryptoKeyPair,
  token: string,
  url: string,
  change: Record<string, unknown> = {},
): Promise<string> {
  const pair = keys as CryptoKeyPair
  const jwk = await jose.exportJWK(pair.publicKey)
  return new jose.SignJWT({
    jti: randomUUID(),
    htm: 'GET',
    htu: url,
    iat: Math.floor(Date.now() / 1000),
    ath: createHash('sha256').update(token).digest('base64url'),
    ...change,
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
    .sign(pair.privateKey)
}

test('a stolen token, a copied proof, a proof for another call: none of them opens anything', async () => {
  const { config, keys, dpop } = await setUp()
  const pushed = await push(config, { authorization_details: fdxDetails(clusters) }, dpop)
  const returned = new URL(await visitBank(pushed.url.href, ana))
  const tokens = await oauth.authorizationCodeGrant(
    config,
    returned,
    { pkceCodeVerifier: pushed.verifier, expectedState: pushed.state },
    undefined,
    { DPoP: dpop },
  )
  const token = tokens.access_token
  const url = `${banks.urls.harbor}/fdx/v6/accounts`
  const get = async (headers: Record<string, string>): Promise<number> =>
    (await fetch(url, { headers: { 'x-fapi-interaction-id': randomUUID(), ...headers } })).status
  const dpopHeaders = (proof: string) => ({ authorization: `DPoP ${token}`, dpop: proof })

  const good = await proofFor(keys, token, url)
  assert.equal(await get(dpopHeaders(good)), 200)
  assert.equal(await get(dpopHeaders(good)), 401, 'the same proof again')
  assert.equal(await get({ authorization: `Bearer ${token}` }), 401, 'without the binding')
  assert.equal(await get({ authorization: `DPoP ${token}` }), 401, 'without a proof')
  assert.equal(await get({}), 401)
  const thief = await oauth.randomDPoPKeyPair('ES256')
  assert.equal(await get(dpopHeaders(await proofFor(thief, token, url))), 401, 'another key')
  for (const [what, change] of [
    ['another method', { htm: 'POST' }],
    ['another address', { htu: `${banks.urls.harbor}/fdx/v6/customers/current` }],
    ['another token', { ath: 'x'.repeat(43) }],
    ['an old proof', { iat: Math.floor(Date.now() / 1000) - 120 }],
    ['a proof from the future', { iat: Math.floor(Date.now() / 1000) + 120 }],
    ['no id', { jti: '' }],
  ] as const)
    assert.equal(await get(dpopHeaders(await proofFor(keys, token, url, change))), 401, what)
  const forged = `${token.slice(0, -6)}AAAAAA`
  assert.equal(await get({ authorization: `DPoP ${forged}`, dpop: await proofFor(keys, forged, url) }), 401)
})

test('twin: a check that forgets the proofs it saw would take the copied one', async () => {
  const keys = await oauth.randomDPoPKeyPair('ES256')
  const url = 'http://localhost/x'
  const proof = await proofFor(keys, 'token', url)
  const expect = {
    method: 'GET',
    url,
    tokenHash: createHash('sha256').update('token').digest('base64url'),
    thumbprint: await jose.calculateJwkThumbprint(await jose.exportJWK(keys.publicKey)),
  }
  const open = () =>
    openProofCheck({
      nonceRequired: false,
      secret: Buffer.alloc(32),
      nowSeconds: () => Math.floor(Date.now() / 1000),
    })
  const remembering = open()
  assert.equal(remembering.check(proof, expect), null)
  assert.equal(remembering.check(proof, expect), 'replayed')
  assert.equal(open().check(proof, expect), null, 'no memory, no protection')
})

test('a withdrawn consent closes the account at once, though its token is still valid by itself', async () => {
  const linked = await linkAna()
  const id = linked.grantId
  const revoked = await linked.call(`/fdx/v6/consents/${id}/revocation`, {
    method: 'PUT',
    body: { reason: 'USER_ACTION', initiator: 'INDIVIDUAL' },
  })
  assert.equal(revoked.status, 204)
  const error = await refusal(linked.call('/fdx/v6/accounts'))
  assert.equal(error.status, 401)
  assert.equal(
    (
      await refusal(
        oauth.refreshTokenGrant(linked.config, linked.tokens.refresh_token!, undefined, {
          DPoP: linked.dpop,
        }),
      )
    ).error,
    'invalid_grant',
  )
  // Twin: the token alone, without the look-up of its consent, would still have been good.
  const { keys } = (await (await fetch(`${banks.urls.harbor}/jwks`)).json()) as { keys: JsonWebKey[] }
  const checkToken = openTokenCheck({
    issuer: banks.urls.harbor,
    audience: `${banks.urls.harbor}/fdx/v6`,
    publicJwk: keys[0]!,
    nowSeconds: () => Math.floor(Date.now() / 1000),
  })
  assert.equal(checkToken(linked.tokens.access_token, 'any')?.consentId, id)
})

test('returning the refresh token ends the consent too', async () => {
  const linked = await linkAna()
  await oauth.tokenRevocation(linked.config, linked.tokens.refresh_token!)
  assert.equal((await refusal(linked.call('/fdx/v6/accounts'))).status, 401)
  const consent = banks.control.harbor.consents().find(({ id }) => id === linked.tokens.grant_id)
  assert.equal(consent?.standing, 'revoked')
})

test('one client cannot see, nor end, the consent of another', async () => {
  const linked = await linkAna()
  const theirs = await link(
    other,
    banks.urls.harbor,
    { ...ana, accounts: ['4821'] },
    { authorization_details: fdxDetails(clusters) },
  )
  const path = `/fdx/v6/consents/${linked.grantId}`
  assert.equal((await theirs.call(path)).status, 404)
  const end = await theirs.call(`${path}/revocation`, {
    method: 'PUT',
    body: { reason: 'USER_ACTION', initiator: 'INDIVIDUAL' },
  })
  assert.equal(end.status, 404)
  assert.equal((await linked.call(path)).status, 200)
})

test('an account that was not ticked does not exist for the client, nor does another person’s', async () => {
  const linked = await linkAna(['4821'])
  const all = banks.control.harbor.people().flatMap(({ accounts }) => accounts)
  for (const lastFour of ['7730', '1187']) {
    const { accountId } = all.find((account) => account.lastFour === lastFour)!
    const response = await linked.call(`/fdx/v6/accounts/${accountId}`)
    assert.equal(response.status, 404)
    assert.equal(((await response.json()) as { code: number }).code, 701)
  }
})

test('a token of one bank is nothing at another', async () => {
  const linked = await linkAna()
  const { keys } = await setUp()
  const url = `${banks.urls.granite}/fdx/v6/accounts`
  const response = await fetch(url, {
    headers: {
      'x-fapi-interaction-id': randomUUID(),
      authorization: `DPoP ${linked.tokens.access_token}`,
      dpop: await proofFor(keys, linked.tokens.access_token, url),
    },
  })
  assert.equal(response.status, 401)
})

test('a client may publish its keys at an address of its own, on this machine too', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(party.client.jwks))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  try {
    const { port } = server.address() as AddressInfo
    const { jwks: _inline, ...client } = party.client
    await using published = await startBanks({
      host: '127.0.0.1',
      ports: freePorts,
      clients: [{ ...client, jwksUri: `http://localhost:${port}/jwks.json` }],
      dataDir: null,
    })
    const linked = await link(party, published.urls.harbor, ana, {
      authorization_details: fdxDetails(clusters),
    })
    assert.equal((await linked.call('/fdx/v6/accounts')).status, 200)
  } finally {
    server.close()
  }
})
