import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { calculateJwkThumbprint, decodeProtectedHeader, EmbeddedJWK, jwtVerify, type JWK } from 'jose'
import { newDpopJwk, openProvers } from './dpop.ts'

const at = Math.floor(Date.UTC(2026, 10, 20, 10) / 1000)
const ask = {
  method: 'GET',
  htu: 'https://bank.example/fdx/v6/accounts',
  accessToken: 'token-1',
  nonce: null,
  atSeconds: at,
}

test('a proof verifies with an independent library and says what RFC 9449 asks', async () => {
  const jwk = newDpopJwk()
  const proof = openProvers(10)(jwk).proof({ ...ask, nonce: 'server-nonce' })
  const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
    typ: 'dpop+jwt',
    algorithms: ['ES256'],
  })
  assert.equal(
    await calculateJwkThumbprint(protectedHeader.jwk as JWK),
    await calculateJwkThumbprint(jwk as JWK),
  )
  assert.equal(protectedHeader.jwk && 'd' in protectedHeader.jwk, false, 'the private half must stay here')
  assert.equal(payload.htm, 'GET')
  assert.equal(payload.htu, ask.htu)
  assert.equal(payload.iat, at)
  assert.equal(payload.nonce, 'server-nonce')
  assert.equal(payload.ath, createHash('sha256').update('token-1').digest('base64url'))
})

test('no two proofs are alike, and another token has another hash', async () => {
  const prover = openProvers(10)(newDpopJwk())
  const first = await jwtVerify(prover.proof(ask), EmbeddedJWK)
  const second = await jwtVerify(prover.proof({ ...ask, accessToken: 'token-2' }), EmbeddedJWK)
  assert.notEqual(first.payload.jti, second.payload.jti)
  assert.notEqual(first.payload.ath, second.payload.ath)
  assert.equal('nonce' in first.payload, false)
})

test('a key is imported once and forgotten when others push it out', () => {
  const provers = openProvers(1)
  const [one, other] = [newDpopJwk(), newDpopJwk()]
  assert.equal(provers(one), provers({ ...one }))
  const before = provers(one)
  provers(other)
  assert.notEqual(provers(one), before)
  assert.equal(decodeProtectedHeader(provers(one).proof(ask)).alg, 'ES256')
})

test('every signature is r and s of 32 bytes each, also where DER writes them shorter or longer', async () => {
  const jwk = newDpopJwk()
  const prover = openProvers(10)(jwk)
  // One in 128 has a leading zero byte in r or s: a thousand hold several of each kind.
  for (let n = 0; n < 1_000; n++) {
    const proof = prover.proof({ ...ask, atSeconds: at + n })
    assert.equal(Buffer.from(proof.split('.')[2] ?? '', 'base64url').length, 64)
    await jwtVerify(proof, EmbeddedJWK, { typ: 'dpop+jwt', algorithms: ['ES256'] })
  }
})
