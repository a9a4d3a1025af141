import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { hmacHex } from './hmac.ts'

test('the two hashes are HMAC-SHA256, for keys and texts of any length and script, and for bytes', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: 'grapheme', maxLength: 3_000 }),
      (bytes, text) => {
        const key = Buffer.from(bytes)
        const expected = createHmac('sha256', key).update(text).digest('hex')
        assert.equal(hmacHex(key, text), expected)
        assert.equal(hmacHex(key, Buffer.from(text)), expected)
      },
    ),
  )
  const long = 'é'.repeat(50_000)
  const key = Buffer.alloc(32, 7)
  assert.equal(hmacHex(key, long), createHmac('sha256', key).update(long).digest('hex'))
  assert.equal(hmacHex(key, 'a'), createHmac('sha256', key).update('a').digest('hex'))
})
