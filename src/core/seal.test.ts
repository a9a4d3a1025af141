import assert from 'node:assert/strict'
import { createSecretKey, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { fileKek } from './kek.ts'
import { OutsideError } from './refusal.ts'
import { deriveKey, seal, sealOverhead, unseal } from './seal.ts'

const key = createSecretKey(randomBytes(32))
const bytes = fc.uint8Array({ maxLength: 3000 }).map((array) => Buffer.from(array))

test('what is sealed comes back whole, and looks like nothing at rest', () => {
  fc.assert(
    fc.property(bytes, fc.string(), (plain, context) => {
      const box = seal(key, context, plain)
      assert.equal(box.length, plain.length + sealOverhead)
      assert.deepEqual(unseal(key, context, box), plain)
      if (plain.length >= 16) assert.equal(box.includes(plain), false)
    }),
  )
})

test('a box opens under no other key, for no other row, and not when a single bit is changed', () => {
  fc.assert(
    fc.property(bytes, fc.nat(), fc.integer({ min: 0, max: 7 }), (plain, at, bit) => {
      const box = seal(key, 'table/row', plain)
      assert.equal(unseal(createSecretKey(randomBytes(32)), 'table/row', box), null)
      assert.equal(unseal(key, 'table/other', box), null)
      const altered = Buffer.from(box)
      altered[at % box.length] = (altered[at % box.length] ?? 0) ^ (1 << bit)
      assert.equal(unseal(key, 'table/row', altered), null)
    }),
  )
})

test('any bytes at all are refused as a value, never thrown', () => {
  fc.assert(fc.property(bytes, (junk) => unseal(key, 'x', junk) === null))
})

test('the same text is never sealed to the same bytes twice', () => {
  assert.notDeepEqual(seal(key, 'x', 'balance'), seal(key, 'x', 'balance'))
})

test('a wrapped key opens under its own key-encryption key and under no other; without it the boxes stay shut', async () => {
  const kek = fileKek(randomBytes(32))
  const dataKey = randomBytes(32)
  const [wrapped] = await kek.wrap([dataKey])
  assert.ok(wrapped)
  assert.deepEqual((await kek.unwrap([wrapped]))[0], dataKey)
  const other = fileKek(randomBytes(32))
  assert.notEqual(other.fingerprint, kek.fingerprint)
  assert.throws(
    () => other.unwrap([wrapped]),
    (error) => error instanceof OutsideError && error.code === 'kek_refused',
  )
})

test('keys derived for different uses differ, and are the same each time', () => {
  assert.deepEqual(deriveKey(key, 'a').export(), deriveKey(key, 'a').export())
  assert.notDeepEqual(deriveKey(key, 'a').export(), deriveKey(key, 'b').export())
})
