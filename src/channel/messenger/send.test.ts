import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Asked, openFakeGraph, type Reply } from '../../../tests/wire/fake-graph.ts'
import { manualClock } from '../../core/clock.ts'
import { openLogger } from '../../core/logger.ts'
import { isRefusal } from '../../core/refusal.ts'
import type { Cleared, Content } from '../channel.ts'
import { appsecretProof } from './graph.ts'
import { type MessengerSettings, openMessenger, type Pressure } from './send.ts'
import { rateFor, readUsage } from './usage.ts'

const settings = (graphUrl: string): MessengerSettings => ({
  account: 'PAGE',
  appId: '42',
  graphUrl,
  apiVersion: 'v25.0',
  pageToken: 'PAGE_TOKEN',
  appSecret: 'guichet-test-secret',
  httpsOnly: false,
  timeoutMs: 300,
})
const start = 1_790_000_000_000

async function open(answer: (asked: Asked) => Reply, url?: string) {
  const graph = await openFakeGraph(answer)
  const clock = manualClock(start)
  const lines: string[] = []
  const pressures: Pressure[] = []
  const messenger = openMessenger(settings(url ?? graph.url), {
    clock: clock.now,
    log: openLogger('debug', { write: (line) => void lines.push(line) }),
    onPressure: (pressure) => void pressures.push(pressure),
  })
  /** Only disclosure/ makes a Cleared; a test of the last step must forge one. */
  const cleared = (user: string, content: Content = { kind: 'text', text: 'Hello' }): Cleared => {
    const to = { channel: 'messenger', account: 'PAGE', user } as const
    const id = `out_${user.padEnd(8, '0')}`
    const encoded = messenger.encode({ to, id, content, route: 'response' })
    assert.ok(!isRefusal(encoded))
    return { id, to, body: encoded.body } as unknown as Cleared
  }
  return {
    graph,
    clock,
    lines,
    pressures,
    messenger,
    cleared,
    async [Symbol.asyncDispose]() {
      await messenger[Symbol.asyncDispose]()
      await graph[Symbol.asyncDispose]()
    },
  }
}
const good = (): Reply => ({ body: { recipient_id: 'ANA', message_id: 'm_1' } })
const graphError = (code: number, subcode?: number, status = 400, headers = {}): Reply => ({
  status,
  headers,
  body: {
    error: {
      message: 'secret words',
      type: 'OAuthException',
      code,
      error_subcode: subcode,
      fbtrace_id: 'Abc1',
    },
  },
})

test('the appsecret_proof vector', () => {
  assert.equal(
    appsecretProof('guichet-test-secret', 'PAGE_TOKEN'),
    '655acbfbcb0c3012568bbc1dae4454bda61a45a677e6408d2991c44eb3c94f82',
  )
})

test('one message goes out byte for byte as it was logged, the token in the header only', async () => {
  await using room = await open(good)
  const message = room.cleared('ANA')
  assert.deepEqual(await room.messenger.send([message]), [{ state: 'sent', mid: 'm_1' }])
  const [asked] = room.graph.asked
  assert.equal(asked?.body, message.body)
  assert.equal(asked?.path, '/v25.0/me/messages')
  assert.equal(asked?.headers.authorization, 'Bearer PAGE_TOKEN')
  assert.equal(asked?.query.get('appsecret_proof'), appsecretProof('guichet-test-secret', 'PAGE_TOKEN'))
  assert.equal([...(asked?.query.values() ?? [])].includes('PAGE_TOKEN'), false)
})

const answerBatch =
  (each: (recipient: string) => unknown) =>
  ({ body }: Asked): Reply => {
    const { batch } = JSON.parse(body) as { batch: { body: string; relative_url: string; method: string }[] }
    return {
      body: batch.map((item) => {
        assert.equal(item.relative_url, 'v25.0/me/messages')
        assert.equal(item.method, 'POST')
        const { id } = JSON.parse(new URLSearchParams(item.body).get('recipient') ?? '') as { id: string }
        return each(id)
      }),
    }
  }
const item = (code: number, body: unknown) => ({ code, body: JSON.stringify(body) })

test('several go in calls of at most 50, and each outcome finds its message', async () => {
  await using room = await open(answerBatch((id) => item(200, { recipient_id: id, message_id: `m_${id}` })))
  const people = Array.from({ length: 120 }, (_, i) => `P${i}`)
  const outcomes = await room.messenger.send(people.map((user) => room.cleared(user)))
  assert.deepEqual(
    outcomes,
    people.map((user) => ({ state: 'sent', mid: `m_${user}` })),
  )
  assert.deepEqual(
    room.graph.asked
      .map(({ body }) => (JSON.parse(body) as { batch: unknown[] }).batch.length)
      .sort((a, b) => a - b),
    [20, 50, 50],
  )
})

test('in a batch each message carries the same fields as its logged body, whatever its text holds', async () => {
  await using room = await open(answerBatch((id) => item(200, { message_id: id })))
  await fc.assert(
    fc.asyncProperty(fc.array(spoken, { minLength: 2, maxLength: 6 }), async (texts) => {
      room.graph.asked.length = 0
      const messages = texts.map((text, n) => room.cleared(`ANA${n}`, text))
      await room.messenger.send(messages)
      const { batch } = JSON.parse(room.graph.asked[0]?.body ?? '') as { batch: { body: string }[] }
      assert.equal(batch.length, messages.length)
      for (const [i, { body }] of batch.entries()) {
        const fields = Object.fromEntries(
          [...new URLSearchParams(body)].map(([name, value]) => [
            name,
            name === 'messaging_type' ? value : (JSON.parse(value) as unknown),
          ]),
        )
        assert.deepEqual(fields, JSON.parse(messages[i]?.body ?? ''))
      }
    }),
    { numRuns: 60 },
  )
})
const tricky = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.stringMatching(/^[\\"{}[\],:&=%+é💶 a]{1,40}$/u),
)
const spoken: fc.Arbitrary<Content> = tricky
  .filter((text) => text.trim() !== '')
  .map((text) => ({ kind: 'text', text, quickReplies: [{ title: 'Yes', payload: text }] }))

test('in a batch one may fail, one be forgotten and one succeed', async () => {
  await using room = await open(
    answerBatch((id) => {
      if (id === 'BEN') return item(400, { error: { code: 551 } })
      if (id === 'CYD') return null
      if (id === 'DEE') return { code: 200, body: '{"mess' }
      return item(200, { message_id: 'm_1' })
    }),
  )
  const outcomes = await room.messenger.send(['ANA', 'BEN', 'CYD', 'DEE'].map((user) => room.cleared(user)))
  assert.deepEqual(outcomes, [
    { state: 'sent', mid: 'm_1' },
    { state: 'not_sent', code: 'person_unavailable', retryable: false, effect: 'close_contact' },
    { state: 'unknown', code: 'no_answer' },
    { state: 'unknown', code: 'answer_broken' },
  ])
})

test('an answer that is too short leaves the rest unknown, an error for the whole call is everybody’s', async () => {
  await using room = await open(() => ({ body: [item(200, { message_id: 'm_1' })] }))
  const two = () => ['ANA', 'BEN'].map((user) => room.cleared(user))
  assert.deepEqual(await room.messenger.send(two()), [
    { state: 'sent', mid: 'm_1' },
    { state: 'unknown', code: 'no_answer' },
  ])
  room.graph.answerWith(() => graphError(190))
  const outcomes = await room.messenger.send(two())
  assert.ok(outcomes.every((one) => one.state === 'not_sent' && one.effect === 'pause_account'))
})

test('a receipt is never batched: its decimals go as logged', async () => {
  await using room = await open(({ path, body }) =>
    path === '/' ? answerBatch((id) => item(200, { message_id: id }))({ body } as Asked) : good(),
  )
  const receipt: Content = {
    kind: 'receipt',
    receipt: {
      recipientName: 'Ana',
      orderNumber: '1',
      currency: 'USD',
      paymentMethod: 'Visa 4821',
      lines: [],
      totalMinor: 1_230,
    },
  }
  const messages = [room.cleared('ANA', receipt), room.cleared('BEN'), room.cleared('CYD')]
  assert.deepEqual(
    (await room.messenger.send(messages)).map(({ state }) => state),
    ['sent', 'sent', 'sent'],
  )
  assert.ok(
    room.graph.asked.some(({ path, body }) => path === '/v25.0/me/messages' && body === messages[0]?.body),
  )
})

test('what may have gone out is unknown: silence, a cut line, half an answer, nonsense, a broken server', async () => {
  await using room = await open(good)
  const replies: Reply[] = [
    'silent',
    'cut',
    'half',
    { body: 'It works!' },
    { body: {} },
    { status: 500, body: '' },
    { status: 503, body: '<html>' },
    graphError(1, 1357046),
    graphError(1, undefined, 500),
  ]
  for (const reply of replies) {
    room.graph.answerWith(() => reply)
    const [outcome] = await room.messenger.send([room.cleared('ANA')])
    assert.equal(outcome?.state, 'unknown', JSON.stringify(reply))
    room.graph.answerWith(() => reply)
    const both = await room.messenger.send([room.cleared('ANA'), room.cleared('BEN')])
    assert.ok(
      both.every(({ state }) => state === 'unknown'),
      JSON.stringify(reply),
    )
  }
})

test('what provably did not go out may be tried again: nobody there', async () => {
  const closed = createServer()
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
  const { port } = closed.address() as AddressInfo
  await new Promise((resolve) => closed.close(resolve))
  await using room = await open(good, `http://127.0.0.1:${port}`)
  assert.deepEqual(await room.messenger.send([room.cleared('ANA')]), [
    { state: 'not_sent', code: 'not_connected', retryable: true, waitMs: 1_000 },
  ])
})

test('a message still waiting for a connection when its time is up has not left, and never will', async () => {
  await using graph = await openFakeGraph(() => 'silent')
  await using messenger = openMessenger(
    { ...settings(graph.url), connections: 1 },
    { clock: () => start, log: openLogger('silent') },
  )
  const forge = (user: string): Cleared =>
    ({
      id: 'out_00000000',
      to: { channel: 'messenger', account: 'PAGE', user },
      body: '{}',
    }) as unknown as Cleared
  const outcomes = await Promise.all([messenger.send([forge('ANA')]), messenger.send([forge('BEN')])])
  assert.deepEqual(
    outcomes.flat().map(({ state }) => state),
    ['unknown', 'not_sent'],
  )
  assert.equal(graph.asked.length, 1)
})

test('refused before it reached the platform', async () => {
  await using room = await open(() => ({ status: 403, body: '<html>proxy</html>' }))
  assert.deepEqual(await room.messenger.send([room.cleared('ANA')]), [
    { state: 'not_sent', code: 'http_403', retryable: false },
  ])
})

test('after a rate limit nothing is sent until its time is over', async () => {
  await using room = await open(() =>
    graphError(80006, undefined, 400, {
      'x-business-use-case-usage': JSON.stringify({
        7: [{ type: 'messenger', call_count: 99, estimated_time_to_regain_access: 19 }],
      }),
    }),
  )
  const wait = 19 * 60_000
  assert.deepEqual(await room.messenger.send([room.cleared('ANA')]), [
    { state: 'not_sent', code: 'messenger_rate_limit', retryable: true, waitMs: wait },
  ])
  assert.deepEqual(room.pressures[0], { kind: 'usage', usage: { percent: 99, regainMs: wait } })
  assert.ok(room.pressures.some((one) => one.kind === 'limited' && one.until === start + wait))
  room.graph.answerWith(good)
  const asked = room.graph.asked.length
  const [held] = await room.messenger.send([room.cleared('BEN')])
  assert.ok(
    held?.state === 'not_sent' && held.code === 'held_by_platform' && held.retryable && held.waitMs === wait,
  )
  assert.equal(room.graph.asked.length, asked, 'not even tried')
  room.clock.advance(wait)
  assert.deepEqual(await room.messenger.send([room.cleared('BEN')]), [{ state: 'sent', mid: 'm_1' }])
})

test('a plain 429 is believed, and its Retry-After kept', async () => {
  await using room = await open(() => ({ status: 429, headers: { 'retry-after': '7' }, body: '' }))
  assert.deepEqual(await room.messenger.send([room.cleared('ANA')]), [
    { state: 'not_sent', code: 'too_many_requests', retryable: true, waitMs: 7_000 },
  ])
})

test('usage headers: the worst counts, and from 75 % the pace falls', () => {
  const usage = readUsage({
    'x-app-usage': '{"call_count":28,"total_cputime":25,"total_time":25}',
    'x-business-use-case-usage':
      '{"9":[{"type":"messenger","call_count":80,"total_time":20,"estimated_time_to_regain_access":0}]}',
  })
  assert.deepEqual(usage, { percent: 80, regainMs: 0 })
  assert.equal(rateFor({ percent: 74, regainMs: 0 }, 300), 300)
  assert.equal(rateFor(usage, 300), 240)
  assert.equal(rateFor({ percent: 100, regainMs: 0 }, 300), 15)
  for (const odd of [
    '{',
    '[]',
    'null',
    '{"call_count":"9"}',
    '{"a":{"a":{"a":{"call_count":99}}}}',
    '[[[[[]]]]]',
  ]) {
    assert.deepEqual(readUsage({ 'x-app-usage': odd }), { percent: 0, regainMs: 0 }, odd)
  }
})

test('a message for another account or channel is not sent from this one', async () => {
  await using room = await open(good)
  const message = room.cleared('ANA')
  const wrong = [
    { ...message, to: { ...message.to, account: 'OTHER' } },
    { ...message, to: { ...message.to, channel: 'instagram', user: 'BEN' } },
  ] as unknown as Cleared[]
  assert.deepEqual(
    (await room.messenger.send(wrong)).map((one) => (one.state === 'not_sent' ? one.code : one.state)),
    ['wrong_account', 'wrong_account'],
  )
  assert.equal(room.graph.asked.length, 0)
})

test('two messages of one person in one call are a bug, said aloud', async () => {
  await using room = await open(good)
  await assert.rejects(room.messenger.send([room.cleared('ANA'), room.cleared('ANA')]), /invariant/)
})

test('typing and seen are sent, and their failure troubles nobody', async () => {
  await using room = await open(good)
  const to = { channel: 'messenger', account: 'PAGE', user: 'ANA' } as const
  await room.messenger.act(to, 'typing_on')
  assert.deepEqual(JSON.parse(room.graph.asked[0]?.body ?? ''), {
    recipient: { id: 'ANA' },
    sender_action: 'typing_on',
  })
  room.graph.answerWith(() => 'cut')
  await room.messenger.act(to, 'mark_seen')
})

test('the log of a failure has the platform’s code and trace, and no words', async () => {
  await using room = await open(() => graphError(10, 2018278))
  await room.messenger.send([room.cleared('ANA', { kind: 'text', text: 'Balance 2340.18' })])
  const log = room.lines.join('')
  assert.match(log, /outside_window/)
  assert.match(log, /Abc1/)
  assert.doesNotMatch(log, /secret words|2340|ANA|PAGE_TOKEN/)
})

test('a plain address to anywhere but this machine is refused at the start', () => {
  const bad = (graphUrl: string) => () =>
    openMessenger(settings(graphUrl), { clock: () => start, log: openLogger('silent') })
  assert.throws(bad('http://graph.facebook.test'), /invariant/)
  assert.throws(bad('https://user:pw@graph.facebook.test'), /invariant/)
})
