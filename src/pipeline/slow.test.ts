import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slowAfterMs, whenSlow } from './slow.ts'

test('a bank that takes its time is shown as typing, once', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const tell = t.mock.fn()
  const { promise, resolve } = Promise.withResolvers<string>()
  const answer = whenSlow(promise, slowAfterMs, tell)
  t.mock.timers.tick(slowAfterMs - 1)
  assert.equal(tell.mock.callCount(), 0)
  t.mock.timers.tick(10 * slowAfterMs)
  resolve('here')
  assert.equal(await answer, 'here')
  assert.equal(tell.mock.callCount(), 1)
})

test('a fast answer, and a fast failure, show nothing', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const tell = t.mock.fn()
  assert.equal(await whenSlow(Promise.resolve('here'), slowAfterMs, tell), 'here')
  await assert.rejects(whenSlow(Promise.reject(new Error('down')), slowAfterMs, tell), /down/)
  t.mock.timers.tick(10 * slowAfterMs)
  assert.equal(tell.mock.callCount(), 0)
})
