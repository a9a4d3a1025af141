import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Logger } from '../core/logger.ts'
import { OperatorError } from '../core/operator-error.ts'
import type { ReadingContext } from './reading.ts'
import { openUnderstanding, type UnderstandingOptions } from './understanding.ts'

const context: ReadingContext = { now: 0, timeZone: 'UTC', language: 'en', currency: 'USD' }

/** A thread that reads nothing, but dies, hangs or refuses to start when told to. */
const thread = (start = 'parentPort.postMessage({ ready: true, withoutEncoder: true })') =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { parentPort } from 'node:worker_threads'
      parentPort.on('message', (asked) => {
        for (const { text } of asked) {
          if (text === 'die') throw new Error('dead')
          if (text === 'hang') for (;;);
        }
        parentPort.postMessage({
          readings: asked.map(({ text }) => ({
            language: 'en',
            languageSure: true,
            clauses: [{ text, guesses: [{ name: 'hello', p: 1 }], among: asked.length }],
          })),
        })
      })
      ${start}
    `)}`,
  )

function openIt(options: Partial<UnderstandingOptions> = {}) {
  const said: string[] = []
  const log = Object.fromEntries(
    ['debug', 'info', 'warn', 'error'].map((level) => [level, (event: string) => said.push(event)]),
  ) as unknown as Logger
  const modelFile = new URL('file:///none')
  const opened = openUnderstanding({ modelFile, log, worker: thread(), restartMs: 1, ...options })
  return { said, opened }
}

test('a thread that dies is replaced, and only the text that killed it goes unread', async () => {
  const { said, opened } = openIt()
  await using one = await opened
  const texts = ['a', 'b', 'die', 'c', 'd']
  const readings = await Promise.all(texts.map((text) => one.read(text, context)))
  assert.deepEqual(
    readings.map(({ clauses }) => clauses[0]?.guesses.length),
    [1, 1, 0, 1, 1],
  )
  assert.equal((await one.read('after', context)).clauses[0]?.guesses[0]?.name, 'hello')
  assert.ok(said.includes('nlu_thread_failed') && said.includes('nlu_thread_restarts'))
})

test('a text that takes too long is answered without guesses, and its thread replaced', async () => {
  const { said, opened } = openIt({ deadlineMs: 150 })
  await using one = await opened
  const [stuck] = (await one.read('hang', context)).clauses
  assert.deepEqual([stuck?.text, stuck?.guesses], ['hang', []])
  // Its successor needs a moment: asked until it answers.
  for (let tries = 0; tries < 50; tries++)
    if ((await one.read('after', context)).clauses[0]!.guesses.length > 0) break
    else if (tries === 49) assert.fail('never read again')
  assert.ok(said.includes('nlu_reading_late'))
})

test('what arrives together is read together; too much at once is answered without guesses', async () => {
  const { opened } = openIt()
  await using one = await opened
  const readings = await Promise.all(Array.from({ length: 700 }, (_, i) => one.read(`${i}`, context)))
  const read = readings.filter(({ clauses }) => clauses[0]!.guesses.length > 0)
  assert.equal(read.length, 500)
  assert.ok(read.some(({ clauses }) => (clauses[0] as unknown as { among: number }).among === 32))
  assert.deepEqual(
    readings.map(({ clauses }) => clauses[0]!.text),
    readings.map((_, i) => `${i}`),
  )
})

test('that there is no encoder is said once, however often the thread starts', async () => {
  const { said, opened } = openIt()
  await using one = await opened
  await one.read('die', context)
  await one.read('x', context)
  assert.equal(said.filter((event) => event === 'nlu_without_encoder').length, 1)
})

test('a model that cannot be used stops the start, with what to do', async () => {
  const failed = `parentPort.postMessage({ failed: { code: 'model_damaged', faults: ['Train it again.'] } })`
  await assert.rejects(openIt({ worker: thread(failed) }).opened, (error) => {
    assert.ok(error instanceof OperatorError)
    assert.deepEqual([error.code, error.faults], ['model_damaged', ['Train it again.']])
    return true
  })
  await assert.rejects(openIt({ worker: thread('process.exit(3)') }).opened, OperatorError)
})

test('closing answers all who wait, and later ones too', async () => {
  const { opened } = openIt()
  const one = await opened
  const waiting = one.read('hang', context)
  const behind = one.read('behind', context)
  await one[Symbol.asyncDispose]()
  for (const reading of [await waiting, await behind, await one.read('late', context)])
    assert.deepEqual(reading.clauses[0]?.guesses, [])
})
