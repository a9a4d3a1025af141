import assert from 'node:assert/strict'
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { test } from 'node:test'
import { derOf } from './ecdsa.ts'

test('a signature of fixed length verifies as DER, also with leading zeros and high bits', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  for (let n = 0; n < 1_000; n++) {
    const data = Buffer.from(`proof ${n}`)
    const der = derOf(sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' }))
    assert.ok(der && verify('sha256', data, publicKey, der))
  }
  assert.equal(derOf(Buffer.alloc(63)), null)
  const nothing = derOf(Buffer.alloc(64))
  assert.equal(nothing && verify('sha256', Buffer.from('x'), publicKey, nothing), false)
})
