import assert from 'node:assert/strict'
import { test } from 'node:test'
import { manualClock } from '../core/clock.ts'
import { openBreaker } from './breaker.ts'

const settings = { threshold: 3, openMs: 1_000, maxOpenMs: 4_000 }

test('after three failures in a row the bank is left alone, then tried once', () => {
  const clock = manualClock(0)
  const breaker = openBreaker(clock.now, settings)
  breaker.failed()
  breaker.failed()
  breaker.succeeded()
  breaker.failed()
  breaker.failed()
  assert.deepEqual(breaker.admit(), { go: true })
  breaker.failed()
  assert.deepEqual(breaker.admit(), { go: false, waitMs: 1_000 })
  clock.advance(1_000)
  assert.equal(breaker.state(), 'half-open')
  assert.deepEqual(breaker.admit(), { go: true })
  assert.equal(breaker.admit().go, false, 'one probe at a time')
  breaker.succeeded()
  assert.equal(breaker.state(), 'closed')
  assert.deepEqual(breaker.admit(), { go: true })
})

test('each failed probe doubles the pause, up to a limit', () => {
  const clock = manualClock(0)
  const breaker = openBreaker(clock.now, settings)
  for (let i = 0; i < 3; i++) breaker.failed()
  const pauses: number[] = []
  for (let i = 0; i < 4; i++) {
    const admitted = breaker.admit()
    assert.ok(!admitted.go)
    pauses.push(admitted.waitMs)
    clock.advance(admitted.waitMs)
    assert.ok(breaker.admit().go)
    breaker.failed()
  }
  assert.deepEqual(pauses, [1_000, 2_000, 4_000, 4_000])
})

test('a probe that never comes back does not close the door for ever', () => {
  const clock = manualClock(0)
  const breaker = openBreaker(clock.now, settings)
  for (let i = 0; i < 3; i++) breaker.failed()
  clock.advance(1_000)
  assert.ok(breaker.admit().go)
  clock.advance(4_000)
  assert.ok(breaker.admit().go)
})
