import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createRaw } from 'node:net'
import { test } from 'node:test'
import { manualClock } from '../core/clock.ts'
import { OutsideError } from '../core/refusal.ts'
import { headerOf, retryAfterMs, Transport } from './transport.ts'

const ask = { method: 'GET', path: '/x', headers: {} }

async function serving(
  handler: RequestListener,
  change: Partial<ConstructorParameters<typeof Transport>[1]> = {},
) {
  const server = createServer(handler)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const clock = manualClock(0)
  const transport = new Transport(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    timeoutMs: 2_000,
    maxBytes: 1_000,
    connections: 2,
    queue: 2,
    now: clock.now,
    ...change,
  })
  return {
    transport,
    clock,
    server,
    [Symbol.asyncDispose]: async () => {
      await transport[Symbol.asyncDispose]()
      server.closeAllConnections()
      server.close()
    },
  }
}

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise
    return 'nothing thrown'
  } catch (error) {
    assert.ok(error instanceof OutsideError, String(error))
    assert.ok(
      !`${error.message} ${String(error.cause)} ${error.stack}`.includes('4321'),
      'content in an error',
    )
    return error.code
  }
}

test('an answer of any status is an answer, a redirect too, and nobody follows it', async () => {
  let asked = 0
  await using bank = await serving((_request, response) => {
    asked += 1
    response.writeHead(302, { location: 'http://127.0.0.1:1/thief', 'x-a': ['1', '2'] }).end('moved')
  })
  const answer = await bank.transport.send(ask)
  assert.equal(answer.status, 302)
  assert.equal(headerOf(answer, 'x-a')?.split(',')[0], '1')
  assert.equal(asked, 1)
})

test('an answer without end is cut off, by its announced size and by its real one', async () => {
  await using bank = await serving((request, response) => {
    if (request.url === '/announced') response.writeHead(200, { 'content-length': '4321000' }).write('x')
    else {
      response.writeHead(200)
      const more = (): void => {
        if (response.write('4321'.repeat(100))) setImmediate(more)
        else response.once('drain', more)
      }
      response.on('error', () => {})
      more()
    }
  })
  assert.equal(await codeOf(bank.transport.send({ ...ask, path: '/announced' })), 'bank_answer_too_large')
  assert.equal(await codeOf(bank.transport.send({ ...ask, path: '/endless' })), 'bank_answer_too_large')
})

test('silence and dripping both end at the time limit', async () => {
  await using bank = await serving(
    (request, response) => {
      if (request.url === '/silent') return
      response.writeHead(200)
      const drip = setInterval(() => response.write('.'), 50)
      response.on('close', () => clearInterval(drip))
    },
    { timeoutMs: 400, maxBytes: 1_000_000 },
  )
  assert.equal(await codeOf(bank.transport.send({ ...ask, path: '/silent' })), 'bank_timeout')
  assert.equal(await codeOf(bank.transport.send({ ...ask, path: '/drip' })), 'bank_timeout')
})

test('what is not HTTP is trouble without content', async () => {
  const raw = createRaw((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.write('4321 no http at all\r\n\r\n'))
  })
  raw.listen(0, '127.0.0.1')
  await once(raw, 'listening')
  const transport = new Transport(`http://127.0.0.1:${(raw.address() as AddressInfo).port}`, {
    timeoutMs: 1_000,
    maxBytes: 100,
    connections: 1,
    queue: 1,
    now: () => 0,
  })
  try {
    assert.equal(await codeOf(transport.send(ask)), 'bank_answer_invalid')
  } finally {
    await transport[Symbol.asyncDispose]()
    raw.close()
  }
})

test('a read on a connection that had gone stale is sent again; a write is not', async () => {
  let asked = 0
  await using bank = await serving((request, response) => {
    asked += 1
    if (asked % 2 === 1) request.socket.destroy()
    else response.end('ok')
  })
  assert.equal((await bank.transport.send(ask)).status, 200)
  assert.equal(asked, 2)
  assert.equal(await codeOf(bank.transport.send({ ...ask, method: 'POST', body: '{}' })), 'bank_unavailable')
  assert.equal(asked, 3)
})

test('only so many requests are out at once, only so many wait, and all are served in turn', async () => {
  const seen = { under: 0, most: 0, served: 0 }
  const held: (() => void)[] = []
  let arrived = Promise.withResolvers<void>()
  await using bank = await serving((_request, response) => {
    seen.most = Math.max(seen.most, ++seen.under)
    held.push(() => {
      seen.under -= 1
      seen.served += 1
      response.end('ok')
    })
    arrived.resolve()
  })
  const sent = Array.from({ length: 4 }, () => bank.transport.send(ask))
  assert.equal(await codeOf(bank.transport.send(ask)), 'bank_busy')
  while (seen.served < 4) {
    // Two are out as long as two are left.
    while (seen.under < Math.min(2, 4 - seen.served)) {
      await arrived.promise
      arrived = Promise.withResolvers<void>()
    }
    for (const release of held.splice(0)) release()
  }
  for (const answer of await Promise.all(sent)) assert.equal(answer.status, 200)
  assert.equal(seen.most, 2)
})

test('a bank that keeps failing is left alone, then tried once, then trusted again', async () => {
  let asked = 0
  let down = true
  await using bank = await serving((_request, response) => {
    asked += 1
    response.writeHead(down ? 502 : 200).end()
  })
  for (let i = 0; i < 5; i++) assert.equal((await bank.transport.send(ask)).status, 502)
  await assert.rejects(
    bank.transport.send(ask),
    (error: unknown) =>
      error instanceof OutsideError &&
      error.code === 'bank_unavailable' &&
      error.retryable &&
      error.waitMs === 5_000,
  )
  assert.equal(asked, 5, 'the bank was not asked')
  assert.equal(
    (await bank.transport.send({ ...ask, probe: true })).status,
    502,
    'an operator’s check goes through',
  )
  bank.clock.advance(10_000)
  down = false
  assert.equal((await bank.transport.send(ask)).status, 200)
  assert.equal((await bank.transport.send(ask)).status, 200)
})

test('a wait is read as seconds or as a date, and bounded', () => {
  const at = Date.UTC(2026, 10, 20, 10)
  const table: [string | undefined, number | undefined][] = [
    ['7', 7_000],
    ['999999', 3_600_000],
    ['Fri, 20 Nov 2026 10:00:30 GMT', 30_000],
    ['Fri, 20 Nov 2026 09:00:00 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ]
  for (const [text, expected] of table)
    assert.equal(retryAfterMs({ headers: { 'retry-after': text } }, at), expected, text)
})
