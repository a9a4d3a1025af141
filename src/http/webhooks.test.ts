import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { Pool } from 'undici'
import { cases } from '../../tests/wire/messenger-cases.ts'
import type { Inbound } from '../channel/channel.ts'
import { parse } from '../channel/messenger/receive.ts'
import { openLogger } from '../core/logger.ts'
import { OutsideError } from '../core/refusal.ts'
import { webhookDoor, type WebhookDoorOptions } from './webhooks.ts'

const path = '/webhooks/messenger'
const now = 1_790_000_000_500
const sign = (body: string | Buffer, secret = 'app-secret'): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`

async function openDoor(options: Partial<WebhookDoorOptions> = {}) {
  const events: Inbound[] = []
  const names: string[] = []
  const lines: string[] = []
  const door = webhookDoor({
    channels: new Map([
      [
        path,
        {
          secrets: [Buffer.from('app-secret')],
          verifyToken: 'verify-me',
          parse: (raw) => parse(raw, { appId: '42', now }),
        },
      ],
    ]),
    accept: (accepted) => {
      events.push(...accepted)
      return Promise.resolve()
    },
    named: (_path, found) => void names.push(...found),
    log: openLogger('debug', { write: (line) => void lines.push(line) }),
    maxBytes: 64 * 1024,
    ...options,
  })
  const server = createServer(door)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 8 })
  type Sent = { method?: 'POST' | 'GET' | 'PUT' | 'DELETE'; path?: string; headers?: Record<string, string> }
  return {
    port,
    events,
    names,
    log: () => lines.join(''),
    async send(body: string | Buffer, { method = 'POST', headers, path: to = path }: Sent = {}) {
      const response = await pool.request({
        method,
        path: to,
        headers: { 'content-type': 'application/json', 'x-hub-signature-256': sign(body), ...headers },
        body: method === 'GET' ? null : body,
      })
      return { status: response.statusCode, text: await response.body.text(), headers: response.headers }
    },
    /** Writes bytes as they are and gives back what the server said before it closed. */
    raw(bytes: string): Promise<string> {
      return new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
        let said = ''
        socket.on('data', (chunk) => {
          said += chunk.toString()
        })
        socket.on('close', () => resolve(said))
        socket.on('error', reject)
      })
    },
    async [Symbol.asyncDispose]() {
      await pool.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const base = { sender: { id: 'PERSON' }, recipient: { id: 'PAGE' }, timestamp: 1_790_000_000_001 }
const post = (...messaging: unknown[]): string =>
  JSON.stringify({ object: 'page', entry: [{ id: 'PAGE', time: 1_790_000_000_123, messaging }] })
const hello = post({ ...base, message: { mid: 'm_1', text: 'hello' } })

test('a signed event is accepted, and only then acknowledged', async () => {
  let release = (): void => undefined
  const kept = new Promise<void>((resolve) => {
    release = resolve
  })
  let arrived = (): void => undefined
  const waiting = new Promise<void>((resolve) => {
    arrived = resolve
  })
  await using door = await openDoor({
    accept: () => {
      arrived()
      return kept
    },
  })
  let answered = false
  const answer = door.send(hello).then((response) => {
    answered = true
    return response
  })
  await waiting
  assert.equal(answered, false, 'not before it is kept')
  release()
  assert.equal((await answer).status, 200)
})

test('what cannot be kept is not acknowledged, so that it is delivered again', async () => {
  let full = true
  await using door = await openDoor({
    accept: () =>
      full ? Promise.reject(new OutsideError('overloaded', { retryable: true })) : Promise.resolve(),
  })
  const refused = await door.send(hello)
  assert.equal(refused.status, 503)
  assert.equal(refused.headers['retry-after'], '1')
  full = false
  assert.equal((await door.send(hello)).status, 200)
  assert.match(door.log(), /overloaded/)
})

test('the handshake is answered with the challenge alone', async () => {
  await using door = await openDoor()
  const ask = (query: string) => door.send('', { method: 'GET', path: `${path}?${query}` })
  const good = await ask('hub.mode=subscribe&hub.verify_token=verify-me&hub.challenge=1158201444')
  assert.deepEqual([good.status, good.text], [200, '1158201444'])
  assert.match(String(good.headers['content-type']), /^text\/plain/)
  assert.equal((await ask('hub.mode=subscribe&hub.verify_token=no&hub.challenge=1')).status, 403)
  assert.equal((await ask('')).status, 400)
})

test('every way of being wrong has its own answer', async () => {
  await using door = await openDoor()
  const status = async (...sent: Parameters<typeof door.send>): Promise<number> =>
    (await door.send(...sent)).status
  assert.equal(await status(hello), 200)
  assert.equal(await status(hello, { path: '/webhooks/other' }), 404)
  assert.equal(await status(hello, { path: `${path}/` }), 404)
  assert.equal(await status(hello, { method: 'PUT' }), 405)
  assert.equal(await status(hello, { method: 'DELETE' }), 405)
  assert.equal(await status(hello, { headers: { 'content-type': 'text/plain' } }), 415)
  assert.equal(await status(hello, { headers: { 'content-type': 'application/json-seq' } }), 415)
  assert.equal(await status(hello, { headers: { 'content-encoding': 'gzip' } }), 415)
  assert.equal(await status(hello, { headers: { 'content-type': 'application/json; charset=utf-8' } }), 200)
  assert.equal(await status(hello, { headers: { 'x-hub-signature-256': '' } }), 401)
  assert.equal(await status(hello, { headers: { 'x-hub-signature-256': 'sha256=abc' } }), 401)
  assert.equal(await status(hello, { headers: { 'x-hub-signature-256': sign(`${hello} `) } }), 403)
  assert.equal(await status(hello, { headers: { 'x-hub-signature-256': sign(hello, 'other') } }), 403)
  assert.equal(await status('{"object":"page"'), 400)
  assert.equal(await status(''), 400)
  assert.equal(await status('{"object":"permissions","entry":[]}'), 404)
  assert.equal(
    await status(JSON.stringify({ object: 'page', entry: Array.from({ length: 10_001 }, () => 0) })),
    413,
  )
  assert.equal(await status('x'.repeat(64 * 1024 + 1)), 413)
  assert.equal(door.events.length, 2)
  assert.match(
    await door.raw(`POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`),
    /^HTTP\/1.1 411 /,
  )
})

test('a body that grows beyond the limit without saying so is cut off', async () => {
  await using door = await openDoor()
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const outgoing = request(
      {
        port: door.port,
        path,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-hub-signature-256': sign('x') },
      },
      (response) => {
        response.resume()
        resolve(response.statusCode)
      },
    )
    outgoing.on('error', reject)
    for (let i = 0; i < 70; i++) outgoing.write('x'.repeat(1_024))
  })
  assert.equal(status, 413)
})

test('a body that does not come is given up, and the memory for it too', async () => {
  await using door = await openDoor({ bodyTimeoutMs: 50, maxHeldBytes: 8 })
  const head = `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-hub-signature-256: ${sign('x')}\r\ncontent-length: 500\r\n\r\n`
  assert.match(await door.raw(`${head}0123456789`), /^HTTP\/1.1 408 /)
  assert.equal((await door.send(hello)).status, 200)
})

test('when too many bytes are held the next is asked to come again', async () => {
  let release = (): void => undefined
  const kept = new Promise<void>((resolve) => {
    release = resolve
  })
  let arrived = (): void => undefined
  const waiting = new Promise<void>((resolve) => {
    arrived = resolve
  })
  await using door = await openDoor({
    maxHeldBytes: 8,
    accept: () => {
      arrived()
      return kept
    },
  })
  const first = door.send(hello)
  await waiting
  assert.equal((await door.send(hello)).status, 503)
  release()
  assert.equal((await first).status, 200)
  assert.equal((await door.send(hello)).status, 200)
})

test('a flood of unsigned posts leaves a handful of lines', async () => {
  await using door = await openDoor()
  for (let i = 0; i < 100; i++) await door.send(hello, { headers: { 'x-hub-signature-256': 'sha256=no' } })
  assert.equal(
    door
      .log()
      .split('\n')
      .filter((line) => line.includes('webhook.unsigned')).length,
    7,
  )
})

const canary = 'CANARY-7731'
const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => canary + text),
  fc.constantFrom(
    '',
    '\u0000',
    '\ud800',
    '\u202e',
    '__proto__',
    `${canary}'; drop table x`,
    canary.repeat(500),
  ),
)
const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  hostileText,
  fc.constantFrom(null, true, -1, 1e308, 2 ** 53 + 2, [], {}, [[]], { id: canary }, { __proto__: null }),
  fc
    .integer({ min: 200, max: 3_000 })
    .map((depth) => ({ deep: JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as unknown })),
)

/** Puts a value somewhere into a payload: each number picks a member on the way down. */
function mutate(target: unknown, way: readonly number[], value: unknown): unknown {
  const [turn, ...rest] = way
  if (turn === undefined || typeof target !== 'object' || target === null) return value
  const keys = Object.keys(target)
  const key = keys[turn % (keys.length + 1)] ?? 'extra'
  const copy = (Array.isArray(target) ? [...(target as unknown[])] : { ...target }) as Record<string, unknown>
  copy[key] = mutate(copy[key], rest, value)
  return copy
}

const mutated = fc
  .record({
    which: fc.nat({ max: cases.length - 1 }),
    changes: fc.array(
      fc.record({ way: fc.array(fc.nat({ max: 7 }), { maxLength: 4 }), value: hostileValue }),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map(({ which, changes }) =>
    changes.reduce<unknown>((event, { way, value }) => mutate(event, way, value), {
      ...base,
      ...cases[which]?.event,
    }),
  )

test('a hostile event is answered 200 and named, its neighbours arrive, and nothing of it is logged', async () => {
  await using door = await openDoor({ maxBytes: 4 * 1024 * 1024 })
  let n = 0
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(mutated, hostileValue), { maxLength: 4 }), async (hostile) => {
      door.events.length = 0
      door.names.length = 0
      const neighbours = [`before_${n}`, `after_${n}`]
      n++
      const body = post({ ...base, message: { mid: neighbours[0], text: 'I am well' } }, ...hostile, {
        ...base,
        sender: { id: 'OTHER' },
        message: { mid: neighbours[1], text: 'I am well' },
      })
      const { status } = await door.send(body)
      // Beyond a depth that no platform uses, the whole body is refused.
      if (status === 400) return assert.ok(body.includes('['.repeat(90)))
      assert.equal(status, 200)
      assert.equal(door.names.length, hostile.length + 2)
      assert.ok(door.names.every((name) => /^[A-Za-z0-9_.-]{1,80}$/.test(name)))
      const mids = door.events.map((event) => ('mid' in event ? event.mid : null))
      assert.ok(neighbours.every((mid) => mids.includes(mid)))
      for (const event of door.events) {
        const text = JSON.stringify(event)
        assert.ok(event.key.length > 0 && event.key.length <= 200 && Number.isSafeInteger(event.at))
        assert.ok(text.isWellFormed() && !text.includes('\\u0000'), 'fit for a database')
        assert.equal(event.account, 'PAGE')
      }
    }),
    { numRuns: 400 },
  )
  assert.doesNotMatch(door.log(), /CANARY|I am well|PERSON/)
})

test('a hostile envelope gets its status and never brings the door down', async () => {
  await using door = await openDoor({ maxBytes: 4 * 1024 * 1024 })
  const envelope = fc
    .record({ way: fc.array(fc.nat({ max: 4 }), { maxLength: 4 }), value: hostileValue })
    .map(({ way, value }) => JSON.stringify(mutate(JSON.parse(hello), way, value)))
  const bodies = fc.oneof(
    envelope,
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(fc.nat({ max: hello.length }), fc.uint8Array({ maxLength: 4 }))
      .map(([at, bytes]) =>
        Buffer.concat([
          Buffer.from(hello.slice(0, at)),
          Buffer.from(bytes),
          Buffer.from(hello.slice(at + 1)),
        ]),
      ),
  )
  await fc.assert(
    fc.asyncProperty(bodies, fc.boolean(), async (body, signed) => {
      const { status } = await door.send(
        body,
        signed ? {} : { headers: { 'x-hub-signature-256': sign('other') } },
      )
      assert.ok(signed ? [200, 400, 404].includes(status) : status === 403, String(status))
    }),
    { numRuns: 400 },
  )
  assert.equal((await door.send(hello)).status, 200)
  assert.doesNotMatch(door.log(), /CANARY/)
})
