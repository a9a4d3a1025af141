import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cases } from '../../../tests/wire/messenger-cases.ts'
import { isRefusal } from '../../core/refusal.ts'
import type { Inbound } from '../channel.ts'
import { handshake, type Parsed, parse, verifySignature } from './receive.ts'

const now = 1_790_000_000_500
const secret = Buffer.from('guichet-test-secret')
const other = Buffer.from('another-secret')

function read(body: unknown): Parsed {
  const parsed = parse(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), {
    appId: '42',
    now,
  })
  assert.ok(!isRefusal(parsed), 'refused')
  return parsed
}

const base = { sender: { id: 'PERSON' }, recipient: { id: 'PAGE' }, timestamp: 1_790_000_000_001 }
const wrap = (...messaging: unknown[]): object => ({
  object: 'page',
  entry: [{ id: 'PAGE', time: 1_790_000_000_123, messaging }],
})
const first = ({ events }: Parsed): Inbound => {
  assert.ok(events[0])
  return events[0]
}

// The published vector of the platform reference (§2): a body with escapes, and its signature.
const vectorBody = String.raw`{"object":"page","entry":[{"id":"1","time":1,"messaging":[{"sender":{"id":"2"},"recipient":{"id":"1"},"timestamp":1,"message":{"mid":"m_1","text":"ch\u00e8que \ud83d\udcb6 https:\/\/x.test"}}]}]}`
const vectorHeader = 'sha256=3dd4c8738f73773393a484b891fcfb0dc2de915ac9408ca901eb8a4c8e65a074'

test('the signature vector verifies over the raw bytes, with emoji and accents', () => {
  assert.equal(Buffer.byteLength(vectorBody), 195)
  assert.equal(verifySignature(Buffer.from(vectorBody), vectorHeader, [secret]), true)
  assert.equal(first(read(vectorBody)).kind, 'text')
})

test('the same content re-serialised is refused: only the bytes as received count', () => {
  const again = Buffer.from(JSON.stringify(JSON.parse(vectorBody)))
  assert.equal(again.length, 181)
  assert.equal(verifySignature(again, vectorHeader, [secret]), false)
  // The twin: a verifier that parses first would need this other signature, which nobody sends.
  const reserialised = 'sha256=4d81a12212a1e33287f6ba894cfacf189ce8d0a5280c66e07bf318c7c41a00e8'
  assert.equal(verifySignature(again, reserialised, [secret]), true)
})

test('two secrets are accepted while one replaces the other, none when there is none', () => {
  const raw = Buffer.from(vectorBody)
  assert.equal(verifySignature(raw, vectorHeader, [other, secret]), true)
  assert.equal(verifySignature(raw, vectorHeader, [secret, other]), true)
  assert.equal(verifySignature(raw, vectorHeader, [other]), false)
  assert.equal(verifySignature(raw, vectorHeader, []), false)
})

test('a header of any other form is refused', () => {
  const hex = vectorHeader.slice(7)
  for (const header of [
    undefined,
    '',
    hex,
    `sha1=${hex}`,
    `SHA256=${hex}`,
    `sha256=${hex.toUpperCase()}`,
    `sha256=${hex} `,
    `sha256=${hex}, sha256=${hex}`,
    `sha256=${hex.slice(1)}`,
    `sha256=${hex}00`,
    `sha256=${'g'.repeat(64)}`,
  ]) {
    assert.equal(verifySignature(Buffer.from(vectorBody), header, [secret]), false, String(header))
  }
})

test('the handshake gives the challenge for the right token and for nothing else', () => {
  const ask = (query: string) => handshake(new URLSearchParams(query), 'token')
  const good = 'hub.mode=subscribe&hub.verify_token=token&hub.challenge=1158201444'
  assert.deepEqual(ask(good), { status: 200, body: '1158201444' })
  assert.equal(ask(good.replace('=token', '=tokem')).status, 403)
  assert.equal(ask(good.replace('subscribe', 'unsubscribe')).status, 403)
  assert.equal(ask('').status, 400)
  assert.equal(ask('hub.mode=subscribe&hub.verify_token=token').status, 400)
  assert.equal(ask(`${good}&hub.verify_token=token`).status, 400)
  // The address must not reflect a page.
  assert.deepEqual(ask(good.replace('1158201444', '%3Cscript%3E')), { status: 400, body: '' })
  assert.equal(handshake(new URLSearchParams(good.replace('=token', '=')), '').status, 403)
})

for (const { says, event, name, becomes } of cases) {
  test(`in our words: ${says}`, () => {
    const parsed = read(wrap({ ...base, ...event }))
    assert.deepEqual(parsed.names, [name])
    const inbound = first(parsed)
    assert.deepEqual({ ...inbound, ...becomes }, inbound)
    assert.equal(inbound.account, 'PAGE')
    assert.equal(inbound.user, 'PERSON')
    assert.equal(inbound.at, 1_790_000_000_001)
    assert.ok(inbound.key.length > 0 && inbound.key.length <= 200)
  })

  test(`on standby: ${says}`, () => {
    const parsed = read({
      object: 'page',
      entry: [{ id: 'PAGE', time: 1, standby: [{ ...base, ...event }] }],
    })
    assert.deepEqual(parsed.names, [`standby.${name}`])
    assert.equal(first(parsed).standby, true)
  })
}

test('an echo is ours only by our app id and our kind of id; sender and recipient are swapped', () => {
  const echo = (message: object): Inbound =>
    first(
      read(
        wrap({
          sender: { id: 'PAGE' },
          recipient: { id: 'PERSON' },
          timestamp: 1_790_000_000_001,
          message: { mid: 'm_9', is_echo: true, text: 'Hello', ...message },
        }),
      ),
    )
  const ours = echo({ app_id: 42, metadata: 'out_01J9ZZZZZZZZZZZZZZZZZZZZZZ' })
  assert.equal(ours.user, 'PERSON')
  assert.equal(ours.key, 'echo:m_9')
  assert.ok(ours.kind === 'echo' && ours.ours && ours.metadata === 'out_01J9ZZZZZZZZZZZZZZZZZZZZZZ')
  for (const message of [
    { app_id: 42 },
    { app_id: 42, metadata: 'DEVELOPER_DEFINED' },
    { app_id: 263902037430900, metadata: 'out_01J9ZZZZZZZZZZZZZZZZZZZZZZ' },
    { metadata: 'out_01J9ZZZZZZZZZZZZZZZZZZZZZZ' },
    {},
  ]) {
    const event = echo(message)
    assert.ok(event.kind === 'echo' && !event.ours && event.metadata === null)
  }
})

test('ids written as large numbers keep every digit', () => {
  const body = JSON.stringify(wrap({ ...base, message: { mid: 'm_1', text: 'hi' } }))
    .replace('"PERSON"', '10156012345678901999')
    .replace('"id":"PAGE"', '"id":1895382890692545')
  const event = first(read(body))
  assert.equal(event.user, '10156012345678901999')
  assert.equal(event.account, '1895382890692545')
  // The twin: an ordinary parse gives another person.
  const ordinary = JSON.parse(body) as { entry: [{ messaging: [{ sender: { id: number } }] }] }
  assert.notEqual(BigInt(ordinary.entry[0].messaging[0].sender.id).toString(), '10156012345678901999')
})

test('an id that is a fraction, negative, a list or has odd characters is no id', () => {
  for (const id of [1.5, -3, [1], {}, null, true, '', 'a b', 'x'.repeat(129), '1\n2', 1e30]) {
    const parsed = read(wrap({ ...base, sender: { id }, message: { mid: 'm_1', text: 'hi' } }))
    assert.deepEqual(parsed.names, ['unsupported.no_person'], JSON.stringify(id))
  }
})

test('times in seconds, as text, missing or absurd', () => {
  const at = (timestamp: unknown): number =>
    first(read(wrap({ ...base, timestamp, message: { mid: 'm_1', text: 'hi' } }))).at
  assert.equal(at(1_789_999_000), 1_789_999_000_000)
  assert.equal(at('1789999000123'), 1_789_999_000_123)
  assert.equal(at(undefined), 1_790_000_000_123, 'the time of the batch')
  assert.equal(at('soon'), 1_790_000_000_123)
  assert.equal(at(-5), 1_790_000_000_123)
  assert.equal(at(1e300), 1_790_000_000_123)
  assert.equal(at(now + 3_600_000), now, 'a time in the future must not hold the window open')
})

test('delivered again later, an event has the same key', () => {
  for (const { event } of cases) {
    const body = Buffer.from(JSON.stringify(wrap({ ...base, ...event })))
    const once = parse(body, { appId: '42', now })
    const again = parse(body, { appId: '42', now: now + 3_600_000 })
    assert.ok(!isRefusal(once) && !isRefusal(again))
    assert.equal(first(once).key, first(again).key)
  }
})

test('different events have different keys', () => {
  const keys = cases
    .filter(({ event }) => event.message === undefined)
    .map(({ event }) => first(read(wrap({ ...base, ...event }))).key)
  assert.equal(new Set(keys).size, keys.length)
  const member = (order: object): string => first(read(wrap({ ...base, referral: order }))).key
  assert.equal(
    member({ ref: 'x', source: 'S' }),
    member({ source: 'S', ref: 'x' }),
    'order of members is no difference',
  )
})

test('a very long message id still gives a key of at most 200 characters', () => {
  const a = first(read(wrap({ ...base, message: { mid: 'a'.repeat(399), text: 'hi' } })))
  const b = first(read(wrap({ ...base, message: { mid: `${'a'.repeat(398)}b`, text: 'hi' } })))
  assert.ok(a.key.length <= 200 && a.key !== b.key)
})

test('one message in two entries of one post is one event, named twice', () => {
  const message = { ...base, message: { mid: 'm_1', text: 'once' } }
  const entry = { id: 'PAGE', time: 1, messaging: [message] }
  const parsed = read({ object: 'page', entry: [entry, entry] })
  assert.equal(parsed.events.length, 1)
  assert.deepEqual(parsed.names, ['text', 'text'])
})

test('a message both on standby and ours, while the thread changes hands, is ours', () => {
  const message = { ...base, message: { mid: 'm_1', text: 'once' } }
  for (const entry of [
    [{ id: 'PAGE', standby: [message], messaging: [message] }],
    [
      { id: 'PAGE', standby: [message] },
      { id: 'PAGE', messaging: [message] },
    ],
  ]) {
    const { events } = read({ object: 'page', entry })
    assert.equal(events.length, 1)
    assert.equal(events[0]?.standby, false)
  }
})

test('events come in order of time, whatever order they were posted in', () => {
  const at = (timestamp: number, mid: string) => ({ ...base, timestamp, message: { mid, text: mid } })
  const { events } = read(
    wrap(at(1_790_000_000_009, 'm_3'), at(1_790_000_000_001, 'm_1'), at(1_790_000_000_005, 'm_2')),
  )
  assert.deepEqual(
    events.map(({ key }) => key),
    ['m:m_1', 'm:m_2', 'm:m_3'],
  )
})

test('several pages, standby and changes in one post are all named', () => {
  const parsed = read({
    object: 'page',
    entry: [
      { id: 'P1', time: 1, messaging: [{ ...base, message: { mid: 'm_1', text: 'a' } }] },
      { id: 'P2', time: 1, standby: [{ ...base, postback: { title: 'Show' } }] },
      { id: 'P3', time: 1, changes: [{ field: 'feed', value: {} }, { field: 'messages', value: {} }, 7] },
      { id: 'P4', time: 1, messaging: [] },
      { id: 'P5', time: 1 },
      'odd',
    ],
  })
  assert.deepEqual(parsed.names, [
    'text',
    'standby.postback',
    'change.feed',
    'change.messages',
    'malformed',
    'entry.empty',
    'entry.empty',
    'malformed',
  ])
  assert.deepEqual(parsed.events.map(({ account }) => account).sort(), ['P1', 'P2'])
  const standby = parsed.events.find(({ account }) => account === 'P2')
  assert.ok(standby?.kind === 'choice' && standby.payload === null && standby.title === 'Show')
})

test("a template's status is also read from changes", () => {
  const parsed = read({
    object: 'page',
    entry: [
      {
        id: 'PAGE',
        time: 1_790_000_000,
        changes: [
          { field: 'message_template_status_update', value: { event: 'PAUSED', message_template_name: 'a' } },
        ],
      },
    ],
  })
  const event = first(parsed)
  assert.ok(event.kind === 'template_status' && event.status === 'PAUSED' && event.template === 'a')
  assert.equal(event.at, 1_790_000_000_000)
})

test('events that name no person: policy, a sign-up by reference, roles', () => {
  const anonymous = { recipient: { id: 'PAGE' }, timestamp: 1_790_000_000_001 }
  const parsed = read(
    wrap(
      { ...anonymous, policy_enforcement: { action: 'block' } },
      { ...anonymous, optin: { ref: 'r', user_ref: 'u' } },
      { ...anonymous, sender: { user_ref: 'v' }, optin: { ref: 'r' } },
      { ...anonymous, app_roles: {} },
    ),
  )
  assert.ok(parsed.events.every(({ user }) => user === null))
  assert.deepEqual(parsed.names, ['policy_enforcement', 'optin', 'optin', 'handover.roles'])
  assert.deepEqual(parsed.events.map((event) => String(event.kind === 'optin' ? event.userRef : '')).sort(), [
    '',
    '',
    'u',
    'v',
  ])
})

test('an entry without id takes the page from the event; with neither, the event is only named', () => {
  const feedback = { ...base, messaging_feedback: { feedback_screens: [] } }
  assert.equal(first(read({ object: 'page', entry: [{ time: 1, messaging: [feedback] }] })).account, 'PAGE')
  const nobody = read({ object: 'page', entry: [{ messaging: [{ message: { mid: 'm', text: 'x' } }] }] })
  assert.deepEqual(nobody, { events: [], names: ['malformed'] })
})

test('Instagram has the same form', () => {
  const parsed = read({
    object: 'instagram',
    entry: [
      {
        id: 'IG',
        time: 1_790_000_000_123,
        messaging: [
          { ...base, message: { mid: 'm_1', attachments: [{ type: 'unsupported_type', payload: {} }] } },
          { ...base, read: { mid: 'm_0' } },
        ],
      },
    ],
  })
  assert.ok(parsed.events.every(({ channel }) => channel === 'instagram'))
  assert.deepEqual(parsed.names, ['attachment', 'read'])
})

test('a text no database would take is made one it takes', () => {
  const event = first(read(wrap({ ...base, message: { mid: 'm_1', text: 'a\u0000b\ud800c' } })))
  assert.ok(event.kind === 'text')
  assert.equal(event.text, 'ab\ufffdc')
  const long = first(read(wrap({ ...base, message: { mid: 'm_1', text: '💶'.repeat(20_000) } })))
  assert.ok(long.kind === 'text' && long.text.length <= 20_000 && long.text.isWellFormed())
})

test('keys of the object prototype are data like any other', () => {
  const body = `{"object":"page","entry":[{"id":"PAGE","messaging":[{"__proto__":{"message":{"mid":"m","text":"x"}},
    "sender":{"id":"PERSON"},"recipient":{"id":"PAGE"},"constructor":{"prototype":{"polluted":1}}}]}]}`
  const parsed = read(body)
  assert.deepEqual(parsed.names, ['unsupported.unknown'])
  assert.equal(({} as Record<string, unknown>).polluted, undefined)
})

test('what is not ours to read is refused as a whole', () => {
  const refused = (body: string | Buffer): string => {
    const parsed = parse(Buffer.from(body as string), { appId: '42', now })
    return isRefusal(parsed) ? parsed.refused : 'read'
  }
  assert.equal(refused('{"object":"user","entry":[]}'), 'unknown_object')
  assert.equal(refused('{}'), 'unknown_object')
  assert.equal(refused(''), 'malformed')
  assert.equal(refused('[]'), 'malformed')
  assert.equal(refused('null'), 'malformed')
  assert.equal(refused('{"object":"page"'), 'malformed')
  assert.equal(refused(Buffer.from([0x22, 0xff, 0x22])), 'malformed')
  assert.equal(refused(`{"object":"page","entry":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), 'malformed')
  const many = JSON.stringify({ object: 'page', entry: Array.from({ length: 10_001 }, () => ({})) })
  assert.equal(refused(many), 'too_many_events')
})

test('one wrong event does not hurt its neighbours', () => {
  const parsed = read(
    wrap({ ...base, message: { mid: 'm_1', text: 'before' } }, 17, null, { ...base, reaction: 'x' }, [], {
      ...base,
      message: { mid: 'm_2', text: 'after' },
    }),
  )
  assert.deepEqual(
    parsed.events.filter(({ kind }) => kind === 'text').map(({ key }) => key),
    ['m:m_1', 'm:m_2'],
  )
  assert.equal(parsed.names.length, 6)
})
