import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BriefMap } from './brief-map.ts'

test('holds what a Map would hold, whatever the ids are called', () => {
  const id = fc.oneof(
    fc.constantFrom('__proto__', 'constructor', 'toString', '0', ''),
    fc.string({ maxLength: 3 }),
  )
  const step = fc.record({ do: fc.constantFrom('set', 'delete'), id, value: fc.nat() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const brief = new BriefMap<{ value: number }>()
      const map = new Map<string, { value: number }>()
      for (const { do: what, id: key, value: n } of steps) {
        const value = { value: n }
        if (what === 'set') {
          brief.set(key, value)
          map.set(key, value)
        } else assert.equal(brief.delete(key), map.delete(key))
        assert.equal(brief.size, map.size)
        assert.equal(brief.get(key), map.get(key))
        assert.equal(brief.has(key), map.has(key))
      }
      assert.deepEqual(brief.keys().sort(), [...map.keys()].sort())
      assert.deepEqual(new Set(brief.values()), new Set(map.values()))
    }),
  )
})
