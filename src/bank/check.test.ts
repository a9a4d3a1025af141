import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { judgeMetadata } from './check.ts'
import { newDpopJwk } from './dpop.ts'
import { openBanks } from './open.ts'

const issuer = 'https://bank.example'
const good = {
  issuer,
  jwks_uri: `${issuer}/jwks`,
  pushed_authorization_request_endpoint: `${issuer}/par`,
  revocation_endpoint: `${issuer}/revoke`,
  require_pushed_authorization_requests: true,
  authorization_response_iss_parameter_supported: true,
  code_challenge_methods_supported: ['S256'],
  dpop_signing_alg_values_supported: ['ES256'],
  token_endpoint_auth_methods_supported: ['private_key_jwt'],
  token_endpoint_auth_signing_alg_values_supported: ['ES256'],
  id_token_signing_alg_values_supported: ['PS256'],
  authorization_details_types_supported: ['fdx_v1.0'],
}

test('metadata as FAPI 2.0 asks have nothing to find fault with', () => {
  assert.ok(judgeMetadata(good, issuer, 'fdx').every(({ level }) => level === 'ok'))
})

test('each thing that is missing is found alone, and says what to do', () => {
  const table: [Partial<typeof good>, string, RegExp][] = [
    [{ issuer: `${issuer}/` }, 'fail', /letter for letter/],
    [{ pushed_authorization_request_endpoint: undefined }, 'fail', /RFC 9126/],
    [{ require_pushed_authorization_requests: undefined }, 'warn', /require pushing/],
    [{ code_challenge_methods_supported: [] }, 'fail', /PKCE/],
    [{ dpop_signing_alg_values_supported: ['RS256'] }, 'fail', /RFC 9449/],
    [{ token_endpoint_auth_methods_supported: ['client_secret_basic'] }, 'fail', /private_key_jwt/],
    [{ token_endpoint_auth_signing_alg_values_supported: undefined }, 'warn', /ES256/],
    [{ authorization_response_iss_parameter_supported: false }, 'fail', /RFC 9207/],
    [{ id_token_signing_alg_values_supported: ['RS256'] }, 'fail', /PS256/],
    [{ revocation_endpoint: undefined }, 'warn', /RFC 7009/],
    [{ authorization_details_types_supported: undefined }, 'warn', /fdx_v1\.0/],
  ]
  for (const [change, level, say] of table) {
    const faults = judgeMetadata({ ...good, ...change }, issuer, 'fdx').filter(
      (finding) => finding.level !== 'ok',
    )
    assert.equal(faults.length, 1, JSON.stringify(change))
    assert.equal(faults[0]?.level, level)
    assert.match(faults[0]?.say ?? '', say)
  }
  const uk = judgeMetadata({ ...good, authorization_details_types_supported: undefined }, issuer, 'ukob')
  assert.ok(
    uk.every(({ level }) => level === 'ok'),
    'the UK has no authorization details',
  )
})

const log = { debug() {}, info() {}, warn() {}, error() {} }
const deps = { clientKey: { kid: 'k', jwk: newDpopJwk() }, log }

test('a bank that is not there is found out, with what to do', async () => {
  const at = 'http://127.0.0.1:1'
  const settings = {
    id: 'b',
    standard: 'fdx',
    issuer: at,
    resourceUrl: at,
    clientId: 'x',
    allowHttpLoopback: true,
  } as const
  await using banks = openBanks([settings], deps)
  const report = await banks.get('b')?.check()
  assert.equal(report?.ok, false)
  assert.match(JSON.stringify(report?.findings), /could not be reached \(bank_unavailable\)/)
})

test('an accounts API that needs no token, and a clock that is off, are found', async () => {
  const server = createServer((request, response) => {
    response.setHeader('date', new Date(Date.now() - 120_000).toUTCString())
    response.setHeader('content-type', 'application/json')
    if (request.url === '/.well-known/openid-configuration')
      response.end(JSON.stringify({ ...good, issuer: at }))
    else response.end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const settings = {
    id: 'b',
    standard: 'fdx',
    issuer: at,
    resourceUrl: at,
    clientId: 'x',
    allowHttpLoopback: true,
  } as const
  await using banks = openBanks([settings], deps)
  const report = await banks.get('b')?.check()
  server.closeAllConnections()
  server.close()
  const says = (pattern: RegExp) =>
    report?.findings.some(({ level, say }) => level === 'fail' && pattern.test(say))
  assert.ok(says(/ahead of the bank/))
  assert.ok(says(/answers without a token/))
})

test('settings that are wrong stop the start', () => {
  const settings = {
    id: 'b',
    standard: 'fdx',
    issuer,
    resourceUrl: `${issuer}/fdx/v6`,
    clientId: 'x',
  } as const
  const wrong = [
    { ...settings, issuer: 'http://bank.example' },
    { ...settings, issuer: 'http://127.0.0.1:7321' },
    { ...settings, resourceUrl: 'https://user:secret@bank.example' },
    { ...settings, resourceUrl: 'ftp://bank.example' },
    { ...settings, issuer: 'http://bank.example', allowHttpLoopback: true },
    { ...settings, id: 'Not An Id' },
    { ...settings, timeoutMs: 1 },
  ]
  for (const one of wrong) assert.throws(() => openBanks([one], deps), JSON.stringify(one))
  assert.throws(() => openBanks([settings, settings], deps), /same id/)
  assert.equal(openBanks([settings], deps).size, 1)
  assert.equal(
    openBanks([{ ...settings, issuer: 'http://localhost:7321', allowHttpLoopback: true }], deps).size,
    1,
  )
})
