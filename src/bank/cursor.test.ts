import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { maxPages, nextCursor, readCursor } from './cursor.ts'

test('our cursor carries the bank’s through a browser and back', () => {
  const { next } = nextCursor(null, { kind: 'key', cursor: 'a+b/=?' })
  assert.match(next ?? '', /^[\w-]+$/)
  assert.deepEqual(readCursor(next ?? ''), { kind: 'key', cursor: 'a+b/=?', seen: [] })
})

test('a bank that leads in a circle is stopped after one round', () => {
  const circle = ['a', 'b', 'c']
  let here = null
  let steps = 0
  for (;;) {
    const step = nextCursor(here, { kind: 'key', cursor: circle[steps % 3] ?? '' })
    steps += 1
    if (step.next === null) {
      assert.ok(step.looped)
      break
    }
    here = readCursor(step.next)
  }
  assert.equal(steps, 4)
})

test('without the marks the circle has no end: the twin that shows the harm', () => {
  const circle: Record<string, string> = { a: 'b', b: 'c', c: 'a' }
  let at: string | undefined = 'a'
  let steps = 0
  while (at !== undefined && steps < 10_000) {
    at = circle[at]
    steps += 1
  }
  assert.equal(steps, 10_000)
})

test('a bank with ever new cursors is stopped too', () => {
  let here = null
  for (let i = 0; i <= maxPages; i++) {
    const step = nextCursor(here, { kind: 'offset', cursor: String(i) })
    if (step.next === null) return assert.ok(step.looped && i > maxPages / 2)
    here = readCursor(step.next)
  }
  assert.fail('never stopped')
})

test('what is not our cursor is no cursor', () => {
  fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => assert.equal(readCursor(text), null)))
  assert.equal(readCursor(Buffer.from('{"kind":"key","cursor":"","seen":[]}').toString('base64url')), null)
  assert.equal(readCursor('A'.repeat(10_000)), null)
})
