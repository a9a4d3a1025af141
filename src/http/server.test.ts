import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { Hono } from 'hono'
import { openLogger } from '../core/logger.ts'
import { OperatorError } from '../core/operator-error.ts'
import { type ServeOptions, serve } from './server.ts'

const lines: string[] = []
const log = openLogger('info', { write: (line) => lines.push(line) })
const open = (options: Partial<ServeOptions> = {}) =>
  serve({ host: '127.0.0.1', port: 0, app: new Hono().get('/', (c) => c.text('hello')), log, ...options })

/** Sends raw bytes and gives back all that came until the other side closed. */
const raw = (port: number, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.on('data', (chunk) => (text += chunk.toString()))
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })

test('webhooks go to the bare door, everything else to the app', async () => {
  await using server = await open({
    webhook: (request, response) => {
      if (request.url === '/webhooks/none') return false
      response.end('door')
      return true
    },
  })
  const get = async (path: string) => (await fetch(`${server.url}${path}`)).text()
  assert.equal(await get('/webhooks/messenger'), 'door')
  assert.equal(await get('/'), 'hello')
  assert.equal((await fetch(`${server.url}/webhooks/none`)).status, 404)
})

test('a door that throws answers 500 without a word of why', async () => {
  await using server = await open({
    webhook: () => {
      throw new Error('balance 2340.18')
    },
    app: {
      fetch: () => {
        throw new Error('balance 2340.18')
      },
    },
  })
  for (const path of ['/webhooks/x', '/']) {
    const answer = await fetch(`${server.url}${path}`)
    assert.equal(answer.status, 500)
    assert.doesNotMatch(await answer.text(), /2340/)
  }
  assert.doesNotMatch(lines.join(), /2340/)
})

test('a body that is too large is refused, announced or not', async () => {
  let taken = 0
  const app = new Hono().post('/', async (c) => {
    taken = (await c.req.arrayBuffer()).byteLength
    return c.text('ok')
  })
  await using server = await open({ app, maxBodyBytes: 1_000 })
  assert.equal((await fetch(server.url, { method: 'POST', body: 'x'.repeat(1_000) })).status, 200)
  assert.equal((await fetch(server.url, { method: 'POST', body: 'x'.repeat(1_001) })).status, 413)
  const chunked = (size: number) =>
    new Promise<number | undefined>((resolve, reject) => {
      const sent = httpRequest(server.url, { method: 'POST' }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
      sent.on('error', reject)
      for (let i = 0; i < size; i += 100) sent.write('x'.repeat(100))
      sent.end()
    })
  taken = 0
  assert.equal(await chunked(900), 200)
  assert.equal(taken, 900)
  assert.equal(await chunked(5_000), 413)
  assert.equal(taken, 900)
  assert.equal((await fetch(server.url, { method: 'POST', body: 'after' })).status, 200)
})

test('garbage and giant headers get a short answer', async () => {
  await using server = await open()
  assert.match(await raw(server.port, 'garbage\r\n\r\n'), /^HTTP\/1\.1 400 /)
  assert.match(
    await raw(server.port, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`),
    /^HTTP\/1\.1 431 /,
  )
  assert.equal((await fetch(server.url)).status, 200)
})

test('stopping lets a request in flight finish and takes no new one', async () => {
  let release: () => void = () => {}
  let entered: () => void = () => {}
  const inside = new Promise<void>((resolve) => (entered = resolve))
  const held = new Promise<void>((resolve) => (release = resolve))
  const app = new Hono().get('/', async (c) => {
    entered()
    await held
    return c.text('finished')
  })
  const server = await open({ app })
  const answer = fetch(server.url)
  await inside
  const stopped = server.stop()
  await assert.rejects(fetch(server.url))
  release()
  assert.equal(await (await answer).text(), 'finished')
  await stopped
})

test('a request that never ends does not keep us from stopping', async () => {
  let entered: () => void = () => {}
  const inside = new Promise<void>((resolve) => (entered = resolve))
  const app = new Hono().get('/', () => {
    entered()
    return new Promise<Response>(() => {})
  })
  const server = await open({ app, stopWaitMs: 20 })
  const answer = fetch(server.url).catch(() => 'cut')
  await inside
  await server.stop()
  assert.equal(await answer, 'cut')
})

test('a port that is taken is named, with the setting', async () => {
  await using server = await open()
  await assert.rejects(open({ port: server.port }), (error) => {
    assert.ok(error instanceof OperatorError)
    assert.match(error.message, new RegExp(`Port ${server.port} on 127\\.0\\.0\\.1 is in use.*GUICHET_PORT`))
    return true
  })
})
