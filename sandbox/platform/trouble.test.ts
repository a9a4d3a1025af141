import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ana, codeOf, openTestPlatform, testSecret, testToken, type TestPlatform } from './fake-bot.ts'
import { object, word } from './phone/loose.ts'
import type { JsonObject } from './phone/wire.ts'
import { appsecretProof } from './world.ts'

const open = async (): Promise<TestPlatform> => {
  const it = await openTestPlatform()
  it.control.sendText(ana, 'hi')
  return it
}
const said = (it: TestPlatform): (string | undefined)[] =>
  it.control
    .transcript(ana)
    .filter((message) => message.from === 'page')
    .map((message) => message.metadata)
const echoed = async (it: TestPlatform): Promise<unknown[]> => {
  await it.control.settle()
  return it.bot
    .events()
    .map(({ event }) => event['message'] as JsonObject | undefined)
    .filter((message) => message?.['is_echo'] === true)
    .map((message) => message?.['metadata'])
}

test('accepted but timed out: the bot gets nothing, the message was really sent and echoed', async () => {
  await using it = await open()
  it.control.fault({ kind: 'timeout_after_accept', count: 1, delayMs: 20 })
  await assert.rejects(it.send(ana, { text: 'a', metadata: 'out_1' }))
  assert.deepEqual(said(it), ['out_1'])
  assert.deepEqual(await echoed(it), ['out_1'])
})

test('timed out before: nothing was sent', async () => {
  await using it = await open()
  it.control.fault({ kind: 'timeout_before_accept', count: 1, delayMs: 20 })
  it.control.fault({ kind: 'drop', count: 1 })
  await assert.rejects(it.send(ana, { text: 'a', metadata: 'out_1' }))
  await assert.rejects(it.send(ana, { text: 'b', metadata: 'out_2' }))
  assert.deepEqual(said(it), [])
  assert.deepEqual(await echoed(it), [])
})

test('1/1357046 says failure though the messages were sent', async () => {
  await using it = await open()
  it.control.fault({ kind: '1357046', count: 1 })
  assert.equal(codeOf(await it.send(ana, { text: 'a', metadata: 'out_1' })), '1/1357046')
  assert.deepEqual(await echoed(it), ['out_1'])
})

test('errors on request, by word or by code, send nothing', async () => {
  await using it = await open()
  for (const [kind, status, code] of [
    ['500', 500, '2'],
    ['429', 429, '613'],
    ['613', 400, '613'],
    ['10/2018278', 403, '10/2018278'],
    ['551', 400, '551/1545041'],
    ['190', 401, '190'],
  ] as const) {
    it.control.fault({ kind, count: 1 })
    const answer = await it.send(ana, { text: 'a' })
    assert.deepEqual([answer.status, codeOf(answer)], [status, code], kind)
  }
  assert.deepEqual(said(it), [])
  assert.equal(codeOf(await it.send(ana, { text: 'a' })), '')
  assert.throws(() => it.control.fault({ kind: 'meteor' }))
})

test('the same seed gives the same failures', async () => {
  const run = async (seed: number): Promise<string[]> => {
    await using it = await open()
    it.control.fault({ kind: '500', rate: 0.4, seed })
    const codes: string[] = []
    for (let index = 0; index < 30; index++) codes.push(codeOf(await it.send(ana, { text: 'a' })))
    return codes
  }
  const first = await run(7)
  assert.deepEqual(await run(7), first)
  assert.notDeepEqual(await run(8), first)
  assert.equal(first.includes('2') && first.includes(''), true)
})

test('within a batch, a part that would hang comes back as null, and may have been sent', async () => {
  await using it = await open()
  it.control.fault({ kind: 'timeout_after_accept', count: 1 })
  const part = {
    method: 'POST',
    relative_url: 'me/messages',
    body: new URLSearchParams({
      recipient: JSON.stringify({ id: ana }),
      message: JSON.stringify({ text: 'a', metadata: 'out_1' }),
    }).toString(),
  }
  const answer = await fetch(it.platform.url, {
    method: 'POST',
    body: new URLSearchParams({
      batch: JSON.stringify([part]),
      access_token: testToken,
      appsecret_proof: appsecretProof(testSecret, testToken),
    }),
  })
  assert.deepEqual(await answer.json(), [null])
  assert.deepEqual(said(it), ['out_1'])
})

test('during an outage every call fails and nothing is sent', async () => {
  await using it = await open()
  it.control.outage(true)
  assert.equal((await it.send(ana, { text: 'a' })).status, 500)
  it.control.outage(false)
  assert.equal((await it.send(ana, { text: 'a' })).status, 200)
  assert.equal(said(it).length, 1)
})

test('faults can be asked for over HTTP, listed and lifted; only by this machine’s own pages and scripts', async () => {
  await using it = await open()
  const door = `${it.platform.url}/sandbox/faults`
  const post = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(door, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  assert.equal((await post({ kind: 'meteor' })).status, 400)
  assert.equal((await post({ kind: '500' }, { origin: 'https://elsewhere.test' })).status, 403)
  assert.equal((await post({ kind: '500', rate: 1 })).status, 201)
  assert.equal((await it.send(ana, { text: 'a' })).status, 500)
  assert.equal(((await (await fetch(door)).json()) as { faults: JsonObject[] }).faults[0]?.['hits'], 1)
  assert.equal((await fetch(door, { method: 'DELETE' })).status, 200)
  assert.equal((await it.send(ana, { text: 'a' })).status, 200)
  assert.equal((await fetch(door, { method: 'POST', body: 'kind=500' })).status, 415)
})

test('every byte from the bot is kept, and its token is not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'platform-'))
  const file = join(folder, 'recorded.jsonl')
  try {
    {
      await using it = await openTestPlatform({ recorder: { file } })
      it.control.sendText(ana, 'hi')
      await it.send(ana, { text: 'Bonjour, chèque 💶' })
      await it.graph(
        'me/messages',
        new URLSearchParams({
          access_token: testToken,
          recipient: JSON.stringify({ id: ana }),
          message: '{"text":"form"}',
        }).toString(),
        'POST',
        { type: 'application/x-www-form-urlencoded', token: testToken },
      )
      const answer = await fetch(`${it.platform.url}/sandbox/recorded?psid=${ana}`)
      const text = await answer.text()
      const { entries } = JSON.parse(text) as { entries: JsonObject[] }
      assert.equal(entries.length, 2)
      assert.match(word(entries[0]?.['body']), /Bonjour, chèque 💶/)
      assert.equal(object(entries[0]?.['headers'])['authorization'], '[token]')
      assert.equal(text.includes(testToken), false)
      assert.equal(text.includes(appsecretProof(testSecret, testToken)), false)
      assert.equal(
        JSON.stringify(it.control.recorded().map((entry) => entry.rawHeaders)).includes(testToken),
        false,
      )
    }
    const lines = (await readFile(file, 'utf8')).trim().split('\n')
    assert.equal(lines.length, 2)
    assert.equal(lines.join().includes(testToken), false)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('the record is bounded by number and by size', async () => {
  await using it = await openTestPlatform({ recorder: { entries: 5 } })
  it.control.sendText(ana, 'hi')
  for (let index = 0; index < 9; index++) await it.send(ana, { text: `n${index}` })
  const kept = it.control
    .recorded()
    .map(
      (entry) => (JSON.parse(entry.body?.toString() ?? '{}') as { message: { text: string } }).message.text,
    )
  assert.deepEqual(kept, ['n4', 'n5', 'n6', 'n7', 'n8'])
  await using small = await openTestPlatform({ recorder: { bytes: 400 } })
  small.control.sendText(ana, 'hi')
  for (let index = 0; index < 9; index++) await small.send(ana, { text: 'x'.repeat(100) })
  assert.equal(
    small.control.recorded().reduce((sum, entry) => sum + (entry.body?.length ?? 0), 0) <= 400,
    true,
  )
})

test('a reply is waited for by what it says, never by time', async () => {
  await using it = await openTestPlatform()
  it.bot.answer = ({ body }) => {
    if (body.includes('"text":"balance"')) void it.send(ana, { text: 'Your balance is ready.' })
    return 200
  }
  it.control.sendText(ana, 'balance')
  const reply = await it.control.waitForReply(ana, (message) => message.text.includes('ready'))
  assert.equal(reply.text, 'Your balance is ready.')
  await it.control.settle()
  it.control.sendText(ana, 'anything else')
  await assert.rejects(
    it.control.waitForReply(ana, () => true, 30),
    /no such reply/,
  )
})

test('the headless platform takes unknown people and keeps the truth of what was sent', async () => {
  await using it = await openTestPlatform({ headless: true })
  const truth: (string | undefined)[] = []
  it.control.onAccepted((accepted) => truth.push(accepted.metadata))
  await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      it.send(`load-${index}`, { text: 'a', metadata: `out_${index}` }),
    ),
  )
  assert.equal(new Set(truth).size, 50)
  assert.equal(it.control.counters().sends, 50)
})

test('hostile requests get an answer and stop nothing', async () => {
  await using it = await open()
  for (const path of [
    '/%ff',
    '/v25.0/%E0%A4%A',
    '/v25.0/',
    '/phone/../start.ts',
    '/phone/%2e%2e/start.ts',
    '/sandbox/act',
    '/sandbox/../etc',
    '/v25.0/me/messages?access_token=%',
  ]) {
    const answer = await fetch(`${it.platform.url}${path}`)
    assert.equal(answer.status >= 400 && answer.status < 500, true, `${path}: ${answer.status}`)
  }
  const deep = `{"recipient":{"id":"${ana}"},"message":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`
  assert.equal(codeOf(await it.graph('me/messages', deep)), '100')
  assert.equal(
    codeOf(await it.graph('me/messages', { recipient: { id: { $ne: '' } }, message: { text: 'a' } })),
    '100',
  )
  assert.equal(codeOf(await it.send('__proto__', { text: 'a' })), '100/2018001')
  assert.equal(codeOf(await it.send(ana, { text: 'still here' })), '')
})
