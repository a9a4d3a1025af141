import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lately } from './lately.ts'

test('the last ids are remembered, older ones are forgotten, and it never grows beyond twice as many', () => {
  const lately = new Lately(100)
  const remembered = (upTo: number): number[] =>
    Array.from({ length: upTo + 1 }, (_, n) => n).filter((n) => lately.has(`id ${n}`))
  for (let n = 0; n < 1_000; n++) {
    lately.add(`id ${n}`)
    if (n % 50 !== 0) continue
    const known = remembered(n)
    for (let last = Math.max(0, n - 99); last <= n; last++)
      assert.ok(known.includes(last), `${last} after ${n}`)
    assert.ok(known.length <= 200)
  }
  assert.equal(lately.has('id 0'), false)
})
