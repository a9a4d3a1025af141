import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { dayMs, manualClock } from '../../src/core/clock.ts'
import { ana, codeOf, openTestPlatform, pageId, type Answer, type TestPlatform } from './fake-bot.ts'
import type { JsonObject } from './phone/wire.ts'

const clock = manualClock(1_795_000_000_000)
let it: TestPlatform
before(async () => {
  it = await openTestPlatform({ clock: clock.now, rateLimits: false })
  it.control.sendText(ana, 'hello')
})
after(async () => it[Symbol.asyncDispose]())

const template = (payload: JsonObject): JsonObject => ({ attachment: { type: 'template', payload } })
const buttons = (...list: JsonObject[]): JsonObject =>
  template({ template_type: 'button', text: 'Choose', buttons: list })
const url = (address: string): JsonObject => ({ type: 'web_url', title: 'Open', url: address })
const replies = (count: number, more: JsonObject = {}): JsonObject => ({
  text: 'Choose',
  quick_replies: Array.from({ length: count }, (_, index) => ({
    content_type: 'text',
    title: `Choice ${index}`,
    payload: 'P',
    ...more,
  })),
})
const receipt = (order: string, more: JsonObject = {}): JsonObject =>
  template({
    template_type: 'receipt',
    recipient_name: 'Ana',
    order_number: order,
    currency: 'USD',
    payment_method: 'Visa 4821',
    elements: [{ title: 'Tea', price: 3.5 }],
    summary: { total_cost: 3.5 },
    ...more,
  })
const element = (more: JsonObject = {}): JsonObject => ({ title: 'One', subtitle: 'More', ...more })
const cards = (...elements: JsonObject[]): JsonObject => template({ template_type: 'generic', elements })

/** What is wrong with a message, and the error it gets; '' = it is sent. */
const messages: readonly (readonly [string, unknown, string])[] = [
  ['a plain text is sent', { text: 'Hello' }, ''],
  ['2000 characters are sent', { text: 'x'.repeat(2000) }, ''],
  ['2001 characters are not', { text: 'x'.repeat(2001) }, '100'],
  ['an empty text', { text: '' }, '100'],
  ['a text of spaces', { text: '   ' }, '100'],
  ['no message at all', undefined, '100'],
  ['an empty message', {}, '100'],
  [
    'text and attachment together',
    { text: 'a', attachment: { type: 'image', payload: { url: 'https://x.test/a.png' } } },
    '100',
  ],
  ['metadata that is too long', { text: 'a', metadata: 'm'.repeat(1001) }, '100'],
  ['13 quick replies are sent', replies(13), ''],
  ['14 quick replies', replies(14), '100'],
  ['no quick replies in the list', { text: 'a', quick_replies: [] }, '100'],
  ['a quick reply title of 21', replies(1, { title: 't'.repeat(21) }), '100'],
  ['a quick reply without payload', replies(1, { payload: undefined }), '100'],
  ['a quick reply payload of 1001', replies(1, { payload: 'p'.repeat(1001) }), '100'],
  [
    'a location quick reply, which is dead',
    { text: 'a', quick_replies: [{ content_type: 'location' }] },
    '100',
  ],
  [
    'three buttons are sent',
    buttons(
      url('https://x.test'),
      { type: 'postback', title: 'Yes', payload: 'Y' },
      { type: 'account_link', url: 'https://x.test/login' },
    ),
    '',
  ],
  ['four buttons', buttons(...Array.from({ length: 4 }, () => url('https://x.test'))), '100'],
  ['no buttons', buttons(), '100'],
  ['a button title of 21', buttons({ type: 'postback', title: 't'.repeat(21), payload: 'P' }), '100'],
  [
    'a postback payload of 1001',
    buttons({ type: 'postback', title: 'Yes', payload: 'p'.repeat(1001) }),
    '100',
  ],
  [
    'a button text of 641',
    template({ template_type: 'button', text: 'x'.repeat(641), buttons: [url('https://x.test')] }),
    '100',
  ],
  ['an http address', buttons(url('http://bank.test/card')), '100'],
  ['http on this machine is let through', buttons(url('http://localhost:7300/card/x')), ''],
  ['a javascript address', buttons(url('javascript:alert(1)')), '100'],
  [
    'a Log in button with a title',
    buttons({ type: 'account_link', title: 'Log in', url: 'https://x.test' }),
    '100',
  ],
  ['a Log out button with a url', buttons({ type: 'account_unlink', url: 'https://x.test' }), '100'],
  ['a phone button without +', buttons({ type: 'phone_number', title: 'Call', payload: '5550100' }), '100'],
  [
    'webview extensions on a domain that is not listed',
    buttons({ ...url('https://x.test'), messenger_extensions: true }),
    '100',
  ],
  ['ten cards are sent', cards(...Array.from({ length: 10 }, () => element())), ''],
  ['eleven cards', cards(...Array.from({ length: 11 }, () => element())), '100'],
  ['a card with a title alone', cards({ title: 'One' }), '100'],
  ['a card title of 81', cards(element({ title: 't'.repeat(81) })), '100'],
  [
    'a default action with a title',
    cards(element({ default_action: { ...url('https://x.test'), title: 'x' } })),
    '100',
  ],
  ['a receipt is sent', receipt('R-1'), ''],
  ['the same order number again', receipt('R-1'), '100'],
  ['a receipt without total', receipt('R-2', { summary: {} }), '100'],
  ['a receipt with buttons', receipt('R-3', { buttons: [url('https://x.test')] }), '100'],
  ['a receipt in an unknown currency', receipt('R-4', { currency: 'dollars' }), '100'],
  ['a receipt timed in milliseconds', receipt('R-5', { timestamp: '1795000000000' }), '100'],
  [
    'an airline template, which is gone',
    template({ template_type: 'airline_itinerary', intro_message: 'Hi' }),
    '100',
  ],
  ['a list template, which is gone', template({ template_type: 'list', elements: [element()] }), '100'],
  [
    'somebody else’s attachment',
    { attachment: { type: 'image', payload: { attachment_id: '999' } } },
    '100/2018074',
  ],
  [
    '31 images',
    {
      attachments: Array.from({ length: 31 }, () => ({
        type: 'image',
        payload: { url: 'https://x.test/a.png' },
      })),
    },
    '100',
  ],
  ['a template without the UTILITY type', { template: { name: 'x', language: { code: 'en' } } }, '100'],
]

describe('what the Send API refuses, by code', () => {
  for (const [name, message, code] of messages) {
    test(name, async () => {
      assert.equal(codeOf(await it.send(ana, message)), code)
    })
  }
})

const requests: readonly (readonly [string, () => Promise<Answer>, string])[] = [
  [
    'a message and an action together',
    () => it.send(ana, { text: 'a' }, { sender_action: 'typing_on' }),
    '100/2018014',
  ],
  [
    'an action that does not exist',
    () => it.graph('me/messages', { recipient: { id: ana }, sender_action: 'wave' }),
    '100',
  ],
  ['a person who never wrote', () => it.send('7300000000000002', { text: 'a' }), '100/2018001'],
  ['a person who does not exist', () => it.send('1', { text: 'a' }), '100/2018001'],
  ['no recipient', () => it.graph('me/messages', { message: { text: 'a' } }), '100'],
  [
    'a tag that died: CONFIRMED_EVENT_UPDATE',
    () => it.send(ana, { text: 'a' }, { messaging_type: 'MESSAGE_TAG', tag: 'CONFIRMED_EVENT_UPDATE' }),
    '100',
  ],
  [
    'a tag that died: ACCOUNT_UPDATE',
    () => it.send(ana, { text: 'a' }, { messaging_type: 'MESSAGE_TAG', tag: 'ACCOUNT_UPDATE' }),
    '100',
  ],
  [
    'a tag that died: POST_PURCHASE_UPDATE',
    () => it.send(ana, { text: 'a' }, { messaging_type: 'MESSAGE_TAG', tag: 'POST_PURCHASE_UPDATE' }),
    '100',
  ],
  [
    'CUSTOMER_FEEDBACK without its template',
    () => it.send(ana, { text: 'a' }, { messaging_type: 'MESSAGE_TAG', tag: 'CUSTOMER_FEEDBACK' }),
    '100',
  ],
  [
    'a messaging type that does not exist',
    () => it.send(ana, { text: 'a' }, { messaging_type: 'SHOUT' }),
    '100',
  ],
  ['a persona nobody made', () => it.send(ana, { text: 'a' }, { persona_id: '5' }), '100'],
  [
    'no token',
    () =>
      it.graph('me/messages', { recipient: { id: ana }, message: { text: 'a' } }, 'POST', { token: null }),
    '104',
  ],
  [
    'a wrong token',
    () =>
      it.graph('me/messages', { recipient: { id: ana }, message: { text: 'a' } }, 'POST', {
        token: 'nonsense',
      }),
    '190',
  ],
  [
    'no appsecret_proof',
    () =>
      it.graph('me/messages', { recipient: { id: ana }, message: { text: 'a' } }, 'POST', { proof: null }),
    '100',
  ],
  [
    'a wrong appsecret_proof',
    () =>
      it.graph('me/messages', { recipient: { id: ana }, message: { text: 'a' } }, 'POST', { proof: 'ab' }),
    '100',
  ],
  [
    'a page that is not ours',
    () => it.graph('555/messages', { recipient: { id: ana }, message: { text: 'a' } }),
    '100/33',
  ],
  ['an edge that does not exist', () => it.graph('me/broadcast', {}), '100/33'],
  ['a body that is not JSON', () => it.graph('me/messages', '{"recipient":', 'POST'), '100'],
  ['a body that is a list', () => it.graph('me/messages', '[]', 'POST'), '100'],
  [
    'passing a thread to nobody',
    () => it.graph('me/pass_thread_control', { recipient: { id: ana }, target_app_id: '1' }),
    '100/2018164',
  ],
]
describe('what the Graph API refuses, by code', () => {
  for (const [name, call, code] of requests) {
    test(name, async () => {
      assert.equal(codeOf(await call()), code)
    })
  }
})

describe('the state of a chat decides', () => {
  test('after 24 hours of silence the window is closed, and only then', async () => {
    it.control.sendText(ana, 'hello again')
    clock.advance(dayMs - 1)
    assert.equal(codeOf(await it.send(ana, { text: 'in time' })), '')
    clock.advance(1)
    assert.equal(codeOf(await it.send(ana, { text: 'late' })), '10/2018278')
    assert.equal(codeOf(await it.send(ana, { text: 'late' }, { messaging_type: 'UPDATE' })), '10/2018278')
    assert.equal(
      codeOf(await it.graph('me/messages', { recipient: { id: ana }, sender_action: 'typing_on' })),
      '10/2018278',
    )
  })
  test('a person at the bank may still write for seven days', async () => {
    const tagged = (): Promise<Answer> =>
      it.send(ana, { text: 'From Sam' }, { messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' })
    assert.equal(codeOf(await tagged()), '')
    clock.advance(6 * dayMs)
    assert.equal(codeOf(await tagged()), '10/2018278')
  })
  test('a tap opens the window again; linking an account does not', async () => {
    it.control.tap(ana, 'ANYTHING')
    assert.equal(codeOf(await it.send(ana, { text: 'a' })), '')
    it.control.closeWindow(ana)
    it.control.logout(ana)
    assert.equal(codeOf(await it.send(ana, { text: 'a' })), '10/2018278')
    it.control.openWindow(ana)
  })
  test('who blocked the page hears nothing', async () => {
    it.control.block(ana)
    assert.equal(codeOf(await it.send(ana, { text: 'a' })), '551/1545041')
    it.control.unblock(ana)
    assert.equal(codeOf(await it.send(ana, { text: 'a' })), '')
  })
  test('a restricted page cannot send, and is told so', async () => {
    it.control.enforce('block')
    assert.equal(codeOf(await it.send(ana, { text: 'a' })), '10/1893063')
    it.control.enforce('unblock')
    assert.equal(codeOf(await it.send(ana, { text: 'a' })), '')
    await it.control.settle()
    const events = it.bot.events().filter(({ event }) => 'policy_enforcement' in event)
    assert.deepEqual(
      events.map(({ event }) => (event['policy_enforcement'] as JsonObject)['action']),
      ['block', 'unblock'],
    )
    assert.equal('sender' in (events[0]?.event ?? {}), false)
  })
  test('when another app has the chat: 2018300; when nobody has and we are not the default app: 2534037', async () => {
    it.control.passThread(ana)
    assert.equal(codeOf(await it.send(ana, { text: 'a' })), '10/2018300')
    assert.equal(
      codeOf(await it.graph(`${pageId}/release_thread_control`, { recipient: { id: ana } })),
      '100/2534037',
    )
    it.control.returnThread(ana)
    assert.equal(codeOf(await it.send(ana, { text: 'a' })), '')
  })
})

test('300 texts a second for each page, then 613; ten videos', async () => {
  await using limited = await openTestPlatform({ clock: clock.now })
  limited.control.sendText(ana, 'hi')
  const many = await Promise.all(
    Array.from({ length: 301 }, () =>
      limited.graph('me/messages', { recipient: { id: ana }, sender_action: 'mark_seen' }),
    ),
  )
  assert.deepEqual(many.filter((answer) => answer.status !== 200).map(codeOf), ['613'])
  const videos = await Promise.all(
    Array.from({ length: 11 }, () =>
      limited.send(ana, { attachment: { type: 'video', payload: { url: 'https://x.test/v.mp4' } } }),
    ),
  )
  assert.deepEqual(videos.filter((answer) => answer.status !== 200).map(codeOf), ['613'])
  const usage = JSON.parse(many[0]?.headers.get('x-business-use-case-usage') ?? '{}') as Record<
    string,
    JsonObject[]
  >
  assert.equal(usage[pageId]?.[0]?.['type'], 'messenger')
})

test('200 calls a day for each person, then 80006 until a day has passed', async () => {
  const time = manualClock(1_795_000_000_000)
  await using limited = await openTestPlatform({ clock: time.now, audience: 0 })
  limited.control.sendText(ana, 'hi')
  const call = (): Promise<Answer> =>
    limited.graph('me/messages', { recipient: { id: ana }, sender_action: 'mark_seen' })
  await Promise.all(Array.from({ length: 200 }, call))
  time.advance(1000)
  assert.equal(codeOf(await call()), '80006')
  time.advance(dayMs + 3_600_000)
  limited.control.sendText(ana, 'hi')
  assert.equal(codeOf(await call()), '')
})

test('without the protection, what is refused goes through: proof and limits switched off', async () => {
  await using open = await openTestPlatform({ requireProof: false, rateLimits: false })
  open.control.sendText(ana, 'hi')
  const many = await Promise.all(
    Array.from({ length: 310 }, () =>
      open.graph('me/messages', { recipient: { id: ana }, sender_action: 'mark_seen' }, 'POST', {
        proof: null,
      }),
    ),
  )
  assert.equal(
    many.every((answer) => answer.status === 200),
    true,
  )
})
