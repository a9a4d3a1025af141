import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openMetrics } from './metrics.ts'

test('counts, levels and timings are exposed with labels from closed lists', async () => {
  const metrics = openMetrics({ processMetrics: false })
  const sends = metrics.count('sends', 'Sends by outcome', { outcome: ['sent', 'not_sent', 'unknown'] })
  sends.add({ outcome: 'sent' })
  sends.add({ outcome: 'sent' }, 2)
  metrics.level('queue', 'Waiting', {}, (level) => level.set({}, 7))
  metrics.timing('commit', 'Commit', {}).observe({}, 4)
  const text = await metrics.text()
  assert.match(text, /guichet_sends_total\{outcome="sent"\} 3/)
  assert.match(text, /guichet_queue 7/)
  assert.match(text, /guichet_commit_seconds_bucket\{le="0\.005"\} 1/)
})

test("a customer's data cannot become a label, whatever the code does", async () => {
  const metrics = openMetrics({ processMetrics: false })
  const asked = metrics.count('asked', 'Asked', { institution: ['harbor'] as readonly string[] })
  asked.add({ institution: 'Ana Moreno owes $2,340.18' })
  asked.add({ institution: 'harbor' })
  // @ts-expect-error a value outside the closed list does not compile
  metrics.count('closed', 'Closed', { state: ['open'] }).add({ state: 'Ana' })
  const text = await metrics.text()
  assert.doesNotMatch(text, /Ana|2,340/)
  assert.match(text, /institution="other"\} 1/)
  assert.throws(() => metrics.count('bad', 'Bad', { who: ['Ana Moreno'] }), /is not a word/)
})

test('the series of a label are bounded by its list', async () => {
  const metrics = openMetrics({ processMetrics: false })
  const asked = metrics.count('asked', 'Asked', { institution: ['harbor'] as readonly string[] })
  for (let i = 0; i < 1_000; i++) asked.add({ institution: `bank-${i}` })
  assert.equal(
    (await metrics.text()).split('\n').filter((line) => line.startsWith('guichet_asked')).length,
    1,
  )
})
