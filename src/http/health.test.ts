import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLogger } from '../core/logger.ts'
import { openMetrics } from '../core/metrics.ts'
import { healthRoutes, type ReadyCheck } from './health.ts'

function open(checks: Record<string, ReadyCheck>, stopping = false) {
  const lines: string[] = []
  const app = healthRoutes({
    checks,
    metrics: openMetrics({ processMetrics: false }),
    log: openLogger('info', { write: (line) => lines.push(line) }),
    stopping: () => stopping,
  })
  return { app, lines }
}

test('alive and ready are different questions', async () => {
  const { app, lines } = open({
    database: async () => {
      throw Object.assign(new Error('password of ana is wrong'), { code: '28P01' })
    },
    log: async () => {},
  })
  assert.equal((await app.request('/healthz')).status, 200)
  const ready = await app.request('/readyz')
  assert.equal(ready.status, 503)
  assert.deepEqual(await ready.json(), { ready: false, checks: { database: 'failing', log: 'ok' } })
  assert.match(lines.join(), /28P01/)
  assert.doesNotMatch(lines.join(), /ana/)
})

test('ready when all is well; not while stopping', async () => {
  assert.equal((await open({ database: async () => {} }).app.request('/readyz')).status, 200)
  const stopping = await open({ database: async () => {} }, true).app.request('/readyz')
  assert.equal(stopping.status, 503)
  assert.deepEqual(await stopping.json(), { ready: false, stopping: true, checks: { database: 'ok' } })
})

test('a check that hangs does not hang the probe', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { app } = open({ bank: () => new Promise(() => {}) })
  const answer = app.request('/readyz')
  await Promise.resolve()
  t.mock.timers.tick(2_000)
  assert.deepEqual(await (await answer).json(), { ready: false, checks: { bank: 'no answer' } })
})

test('metrics are in the Prometheus text form', async () => {
  const answer = await open({}).app.request('/metrics')
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/)
})
