import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { newId, timeOfId } from './id.ts'

test('an id tells when it was made, and sorts by it', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 47 }), fc.nat({ max: 2 ** 47 }), (a, b) => {
      const [first, second] = [newId('msg', a), newId('msg', b)]
      assert.equal(timeOfId(first), a)
      if (a !== b) assert.equal(first < second, a < b)
    }),
  )
})
