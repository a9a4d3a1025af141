import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { hourMs, manualClock } from '../../src/core/clock.ts'
import { ana, appId, openTestPlatform, pageId, testSecret, testToken } from './fake-bot.ts'
import { object } from './phone/loose.ts'
import type { JsonObject } from './phone/wire.ts'

const ben = '7300000000000002'

test('the callback is greeted before it gets anything, and must answer the challenge', async () => {
  await using it = await openTestPlatform()
  assert.equal(await it.control.subscribe(), true)
  it.bot.handshake = () => ({ status: 200, body: 'something else' })
  assert.equal(await it.control.subscribe(), false)
  it.bot.handshake = () => ({ status: 403, body: '' })
  assert.equal(await it.control.subscribe(), false)
  assert.equal(it.bot.got.length, 0)
})

test('a webhook is signed over the very bytes that travel', async () => {
  await using it = await openTestPlatform()
  it.control.sendText(ana, 'Solde du chèque 💶 https://x.test')
  await it.control.settle()
  const { body, headers } = it.bot.got[0] ?? assert.fail('no webhook')
  assert.match(body, /ch\\u00e8que \\ud83d\\udcb6 https:\\\/\\\/x\.test/)
  assert.equal(
    headers['x-hub-signature-256'],
    `sha256=${createHmac('sha256', testSecret).update(body).digest('hex')}`,
  )
})

test('with escaping off the same words travel as UTF-8', async () => {
  await using it = await openTestPlatform({ escapeBodies: false })
  it.control.sendText(ana, 'chèque https://x.test')
  await it.control.settle()
  assert.match(it.bot.got[0]?.body ?? '', /chèque https:\/\/x\.test/)
})

test('a webhook that is not answered 200 comes again: at once, then later, and others overtake it', async () => {
  await using it = await openTestPlatform({ retry: { immediate: 2, backoffMs: [40] } })
  let failures = 3
  it.bot.answer = ({ body }) => (body.includes('first') && failures-- > 0 ? 500 : 200)
  it.control.sendText(ana, 'first')
  it.control.sendText(ana, 'second')
  await it.control.settle()
  const texts = it.bot.events().map(({ event }) => (event['message'] as JsonObject)['text'])
  assert.deepEqual(texts, ['first', 'first', 'first', 'second', 'first'])
  assert.equal(it.control.counters().webhooks.failed, 3)
  assert.equal(it.control.counters().webhooks.answered, 2)
})

test('no answer within the deadline counts as failure', async () => {
  await using it = await openTestPlatform({ deadlineMs: 60, retry: { immediate: 0, backoffMs: [1] } })
  let silent = 1
  it.bot.answer = () => (silent-- > 0 ? 'silence' : 200)
  it.control.sendText(ana, 'hello')
  await it.control.settle()
  assert.equal(it.control.counters().webhooks.timedOut, 1)
  assert.equal(it.bot.got.length, 2)
  assert.equal(it.control.transcript(ana)[0]?.carriage, 'delivered')
})

test('anything but 200 is failure: 201, 204, 302', async () => {
  await using it = await openTestPlatform({ retry: { immediate: 3, backoffMs: [1] } })
  const answers = [201, 204, 302, 200]
  it.bot.answer = () => answers.shift() ?? 200
  it.control.sendText(ana, 'hello')
  await it.control.settle()
  assert.equal(it.bot.got.length, 4)
})

test('after an hour of failure the app loses the page, and what waited is lost', async () => {
  const clock = manualClock(1_795_000_000_000)
  await using it = await openTestPlatform({ clock: clock.now, retry: { immediate: 0, backoffMs: [1] } })
  it.bot.answer = () => {
    clock.advance(hourMs / 2)
    return 500
  }
  it.control.sendText(ana, 'hello')
  await it.control.settle()
  assert.equal(it.control.transcript(ana)[0]?.carriage, 'failed')
  assert.deepEqual((await it.graph('me/subscribed_apps')).body['data'], [])
  it.bot.answer = () => 200
  const before = it.bot.got.length
  it.control.sendText(ana, 'is anybody there?')
  await it.control.settle()
  assert.equal(it.bot.got.length, before)

  // Subscribing again brings the webhooks back; the lost ones stay lost.
  await it.graph(`${pageId}/subscribed_apps`, { subscribed_fields: ['messages', 'standby'] })
  it.control.sendText(ana, 'back')
  await it.control.settle()
  assert.equal(it.bot.got.length, before + 1)
})

test('nothing is delivered to an app that did not subscribe', async () => {
  await using it = await openTestPlatform({ subscribed: 'by_call' })
  it.control.sendText(ana, 'hello')
  await it.control.settle()
  assert.equal(it.bot.got.length, 0)
  assert.equal((await it.graph('me/subscribed_apps', { subscribed_fields: 'messages' })).status, 200)
  it.control.sendText(ana, 'hello')
  it.control.tap(ana, 'NOT_SUBSCRIBED_TO_POSTBACKS')
  await it.control.settle()
  assert.equal(it.bot.got.length, 1)
})

test('the callback can be set by the Graph API, with an app token, after a handshake', async () => {
  await using it = await openTestPlatform({ subscribed: 'by_call' })
  const params = { object: 'page', callback_url: it.bot.url, verify_token: 'verify-me', fields: 'messages' }
  const call = (token: string, body: unknown): ReturnType<typeof it.graph> =>
    it.graph(`${appId}/subscriptions`, body, 'POST', { token, proof: null })
  assert.equal((await call(`${appId}|${testSecret}`, params)).status, 200)
  assert.equal(
    (
      (await call(`${appId}|${testSecret}`, { ...params, verify_token: 'wrong' })).body['error'] as JsonObject
    )['code'],
    2200,
  )
  assert.equal((await call(testToken, params)).status, 401)
})

test('a webhook can be delivered twice, or hold the same event twice', async () => {
  await using it = await openTestPlatform()
  it.control.doubleDeliver(1)
  it.control.sendText(ana, 'again')
  await it.control.settle()
  assert.equal(it.bot.got.length, 2)
  assert.equal(it.bot.got[0]?.body, it.bot.got[1]?.body)
  it.control.doubleDeliver(1, 'same_post')
  it.control.sendText(ana, 'twice in one')
  await it.control.settle()
  assert.equal(it.bot.got.length, 3)
  assert.equal(it.bot.events().length, 4)
})

test('events that wait together may travel together', async () => {
  await using it = await openTestPlatform({ eventsPerPost: 10, lanes: 1 })
  let release = (): void => {}
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  await it.control.subscribe()
  it.bot.answer = async () => {
    await gate
    return 200
  }
  for (const text of ['1', '2', '3', '4']) it.control.sendText(ana, text)
  it.control.sendText(ben, '5')
  release()
  await it.control.settle()
  assert.equal(it.bot.events().length, 5)
  assert.equal(it.bot.got.length, 2)
})

test('every send is echoed with our app id and metadata, and delivered; reading gives a watermark without mids', async () => {
  await using it = await openTestPlatform()
  it.control.sendText(ana, 'hello')
  const { body } = await it.send(ana, { text: 'Good day', metadata: 'outbox-7' })
  it.control.read(ana)
  await it.control.settle()
  const [, echo, delivery, read] = it.bot.events().map(({ event }) => event)
  assert.deepEqual(echo?.['sender'], { id: pageId })
  assert.deepEqual(echo?.['message'], {
    mid: body['message_id'],
    is_echo: true,
    app_id: Number(appId),
    metadata: 'outbox-7',
    text: 'Good day',
  })
  assert.deepEqual(object(delivery?.['delivery'])['mids'], [body['message_id']])
  assert.deepEqual(Object.keys(read?.['read'] as JsonObject), ['watermark'])
})

test('echoes can be switched off', async () => {
  await using it = await openTestPlatform({ echoes: false, receipts: 'off' })
  it.control.sendText(ana, 'hello')
  await it.send(ana, { text: 'Good day' })
  await it.control.settle()
  assert.equal(it.bot.events().length, 1)
})

test('with user_ref there is no recipient_id and no echo', async () => {
  await using it = await openTestPlatform()
  it.control.optIn(ana, 'newsletter', { userRef: 'checkbox-1' })
  it.control.openWindow(ana)
  const answer = await it.graph('me/messages', {
    recipient: { user_ref: 'checkbox-1' },
    message: { text: 'Hello' },
  })
  assert.deepEqual(Object.keys(answer.body), ['message_id'])
  await it.control.settle()
  assert.deepEqual(
    it.bot.events().map(({ event }) => Object.keys(event).at(-1)),
    ['optin'],
  )
  assert.equal('sender' in (it.bot.events()[0]?.event ?? {}), false)
})
