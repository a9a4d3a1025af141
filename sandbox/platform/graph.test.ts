import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ana,
  codeOf,
  openTestPlatform,
  pageId,
  testSecret,
  testToken,
  type TestPlatform,
} from './fake-bot.ts'
import { list, object } from './phone/loose.ts'
import type { JsonObject } from './phone/wire.ts'
import { appsecretProof } from './world.ts'

const ben = '7300000000000002'
type Part = { code: number; headers: unknown; body: string } | null

const form = (fields: Record<string, unknown>): string =>
  new URLSearchParams(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  ).toString()
const sendBody = (psid: string, text: string): string =>
  form({ recipient: { id: psid }, messaging_type: 'RESPONSE', message: { text } })
const batch = async (
  it: TestPlatform,
  parts: unknown,
  path = '/',
): Promise<{ status: number; parts: Part[] }> => {
  const body = form({
    batch: parts,
    access_token: testToken,
    appsecret_proof: appsecretProof(testSecret, testToken),
  })
  const answer = await fetch(new URL(path, it.platform.url), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
  })
  return { status: answer.status, parts: (await answer.json()) as Part[] }
}

test('a form does as well as JSON', async () => {
  await using it = await openTestPlatform()
  it.control.sendText(ana, 'hi')
  const answer = await it.graph('me/messages', sendBody(ana, 'chèque'), 'POST', {
    type: 'application/x-www-form-urlencoded',
  })
  assert.equal(answer.body['recipient_id'], ana)
  assert.equal(it.control.transcript(ana).at(-1)?.text, 'chèque')
})

test('a batch answers in the order of the request, each part with its own code and a body that is text', async () => {
  for (const path of ['/', '/v25.0/']) {
    await using it = await openTestPlatform()
    it.control.sendText(ana, 'hi')
    const { status, parts } = await batch(
      it,
      [
        { method: 'POST', relative_url: 'v25.0/me/messages', body: sendBody(ana, 'one') },
        { method: 'POST', relative_url: `${pageId}/messages`, body: sendBody(ben, 'never wrote') },
        { method: 'GET', relative_url: `${ana}?fields=first_name` },
      ],
      path,
    )
    assert.equal(status, 200)
    assert.deepEqual(
      parts.map((part) => part?.code),
      [200, 400, 200],
    )
    assert.equal((JSON.parse(parts[0]?.body ?? '') as JsonObject)['recipient_id'], ana)
    assert.equal(
      ((JSON.parse(parts[1]?.body ?? '') as JsonObject)['error'] as JsonObject)['error_subcode'],
      2018001,
    )
    assert.equal((JSON.parse(parts[2]?.body ?? '') as JsonObject)['first_name'], 'Ana')
  }
})

test('a batch is refused whole when it is empty, has 51 parts, or no right token', async () => {
  await using it = await openTestPlatform()
  const part = { method: 'GET', relative_url: 'me' }
  assert.equal((await batch(it, [])).status, 400)
  assert.equal(
    (
      await batch(
        it,
        Array.from({ length: 51 }, () => part),
      )
    ).status,
    400,
  )
  assert.equal(
    (
      await batch(
        it,
        Array.from({ length: 50 }, () => part),
      )
    ).status,
    200,
  )
  const answer = await fetch(it.platform.url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form({ batch: [part], access_token: 'wrong' }),
  })
  assert.equal(answer.status, 401)
})

test('parts run in no certain order, unless one needs another’s answer', async () => {
  await using it = await openTestPlatform()
  it.control.sendText(ana, 'hi')
  await batch(
    it,
    Array.from({ length: 12 }, (_, index) => ({
      method: 'POST',
      relative_url: 'me/messages',
      body: sendBody(ana, `n${index}`),
    })),
  )
  const texts = it.control
    .transcript(ana)
    .slice(1)
    .map((message) => message.text)
  assert.notDeepEqual(
    texts,
    Array.from({ length: 12 }, (_, index) => `n${index}`),
  )
  assert.equal(new Set(texts).size, 12)
  const { parts } = await batch(it, [
    {
      method: 'POST',
      name: 'persona',
      relative_url: 'me/personas',
      body: form({ name: 'Sam', profile_picture_url: 'https://x.test/sam.png' }),
    },
    {
      method: 'POST',
      depends_on: 'persona',
      relative_url: 'me/messages',
      body: `${sendBody(ana, 'Hello from Sam')}&persona_id={result=persona:$.id}`,
    },
  ])
  // The answer of a part that others need is left out.
  assert.equal(parts[0], null)
  assert.equal(parts[1]?.code, 200)
  assert.equal(it.control.transcript(ana).at(-1)?.persona, 'Sam')
})

test('the Messenger profile is checked, kept, shown and removed', async () => {
  await using it = await openTestPlatform()
  const menu = [
    { locale: 'default', call_to_actions: [{ type: 'postback', title: 'Balance', payload: 'BALANCE' }] },
  ]
  const post = async (body: unknown): Promise<string> => codeOf(await it.graph('me/messenger_profile', body))
  assert.equal(await post({ persistent_menu: menu }), '100', 'a menu needs get_started')
  assert.equal(await post({ get_started: { payload: 'START' }, persistent_menu: menu }), '')
  assert.equal(
    await post({ greeting: [{ locale: 'en_US', text: 'Hi' }] }),
    '100',
    'a default locale is needed',
  )
  assert.equal(await post({ greeting: [{ locale: 'default', text: 'x'.repeat(161) }] }), '100')
  assert.equal(
    await post({ ice_breakers: Array.from({ length: 5 }, () => ({ question: 'Why?', payload: 'W' })) }),
    '100',
  )
  assert.equal(await post({ whitelisted_domains: ['http://bank.test'] }), '100')
  assert.equal(await post({ nonsense: 1 }), '100')
  const shown = await it.graph('me/messenger_profile?fields=get_started,persistent_menu')
  assert.deepEqual(shown.body['data'], [{ get_started: { payload: 'START' }, persistent_menu: menu }])
  assert.equal(
    codeOf(await it.graph('me/messenger_profile', { fields: ['get_started'] }, 'DELETE')),
    '100',
    'not while there is a menu',
  )
  assert.equal(
    codeOf(await it.graph('me/messenger_profile', { fields: ['persistent_menu', 'get_started'] }, 'DELETE')),
    '',
  )
  assert.deepEqual((await it.graph('me/messenger_profile?fields=get_started')).body['data'], [])
})

test('get started and the menu come to the bot as postbacks', async () => {
  await using it = await openTestPlatform()
  await it.graph('me/messenger_profile', {
    get_started: { payload: 'START' },
    persistent_menu: [
      { locale: 'default', call_to_actions: [{ type: 'postback', title: 'Balance', payload: 'BALANCE' }] },
    ],
  })
  it.control.getStarted(ana, { ref: 'poster' })
  it.control.menu(ana, 0)
  await it.control.settle()
  const postbacks = it.bot.events().map(({ event }) => event['postback'] as JsonObject)
  assert.deepEqual(
    postbacks.map((postback) => postback['payload']),
    ['START', 'BALANCE'],
  )
  assert.deepEqual(postbacks[0]?.['referral'], { ref: 'poster', source: 'SHORTLINK', type: 'OPEN_THREAD' })
})

test('a utility template is reviewed, then opens any window; parameters must fit', async () => {
  await using it = await openTestPlatform()
  it.control.sendText(ana, 'hi')
  it.control.closeWindow(ana)
  const create = async (name: string, text: string, more: JsonObject = {}): Promise<JsonObject> =>
    (
      await it.graph('me/message_templates', {
        name,
        language: 'en',
        category: 'UTILITY',
        components: [{ type: 'BODY', text }],
        ...more,
      })
    ).body
  assert.equal(
    (await create('notice', 'Hello, {{1}} has a notice waiting for you today.'))['status'],
    'APPROVED',
  )
  assert.equal((await create('first', '{{1}} has a notice for you.'))['rejected_reason'], 'INCORRECT_PARAMS')
  assert.equal(
    (await create('skips', 'Hello {{2}} there is a notice for you.'))['rejected_reason'],
    'INCORRECT_PARAMS',
  )
  assert.equal(
    (await create('dense', 'Hi {{1}} and {{2}} or {{3}} ok'))['rejected_reason'],
    'PARAMS_TO_WORD_RATIO_EXCEED_LIMIT',
  )
  assert.equal(
    (await create('promo', 'Hello {{1}}, a special offer waits for you today only.'))['rejected_reason'],
    'TAG_SHOULD_BE_MARKETING',
  )
  assert.equal(
    (await create('asks', 'Please reply with your card number, {{1}}, so that we can help.'))[
      'rejected_reason'
    ],
    'SENSITIVE_IDENTIFIER_REQUESTED',
  )

  const send = async (name: string, ...values: string[]): Promise<string> =>
    codeOf(
      await it.graph('me/messages', {
        recipient: { id: ana },
        messaging_type: 'UTILITY',
        message: {
          template: {
            name,
            language: { code: 'en' },
            components: [{ type: 'body', parameters: values.map((text) => ({ type: 'text', text })) }],
          },
        },
      }),
    )
  assert.equal(await send('notice', 'Harbor Bank'), '')
  assert.equal(
    it.control.transcript(ana).at(-1)?.filled?.body,
    'Hello, Harbor Bank has a notice waiting for you today.',
  )
  assert.equal(await send('notice'), '100')
  assert.equal(await send('notice', 'USD', 'two'), '100')
  assert.equal(await send('notice', '$12.30'), '100')
  assert.equal(await send('promo', 'x'), '100')
  assert.equal(await send('unknown', 'x'), '100')
  await it.control.settle()
  assert.equal(
    it.bot
      .events()
      .some(
        ({ slot, event }) => slot === 'changes' && (event['value'] as JsonObject)['event'] === 'REJECTED',
      ),
    true,
  )
  const library = (await it.graph('message_template_library?name_or_content=card&language=en')).body[
    'data'
  ] as JsonObject[]
  assert.equal(library.length > 0, true)
  assert.equal(
    (
      await it.graph('me/message_templates', {
        name: 'cloned',
        language: 'en',
        category: 'UTILITY',
        library_template_name: String(library[0]?.['name']),
      })
    ).body['status'],
    'APPROVED',
  )
})

test('an attachment is uploaded once and used by id', async () => {
  await using it = await openTestPlatform()
  it.control.sendText(ana, 'hi')
  const made = await it.graph('me/message_attachments', {
    message: { attachment: { type: 'image', payload: { url: 'https://x.test/a.png', is_reusable: true } } },
  })
  assert.equal(
    codeOf(
      await it.send(ana, {
        attachment: { type: 'image', payload: { attachment_id: made.body['attachment_id'] } },
      }),
    ),
    '',
  )
  const upload = new FormData()
  upload.set('message', JSON.stringify({ attachment: { type: 'file', payload: {} } }))
  upload.set('filedata', new Blob(['statement']), 'statement.pdf')
  const answer = await fetch(
    `${it.platform.url}/v25.0/me/message_attachments?access_token=${testToken}&appsecret_proof=${appsecretProof(testSecret, testToken)}`,
    { method: 'POST', body: upload },
  )
  assert.equal(typeof ((await answer.json()) as JsonObject)['attachment_id'], 'string')
})

test('on standby the bot hears without payload and is not to answer; staff in the inbox take the chat', async () => {
  await using it = await openTestPlatform()
  it.control.sendText(ana, 'hi')
  assert.equal(it.control.ownerOf(ana), '424242')
  it.control.staffReply(ana, 'Hello, this is Sam')
  it.control.tap(ana, 'BALANCE')
  it.control.sendText(ana, 'thanks')
  await it.control.settle()
  const seen = it.bot.events().map(({ slot, event }) => [slot, Object.keys(event).at(-1)])
  assert.deepEqual(seen, [
    ['messaging', 'message'],
    ['messaging', 'take_thread_control'],
    ['standby', 'message'],
    ['standby', 'postback'],
    ['standby', 'message'],
  ])
  const postback = it.bot.events()[3]?.event['postback'] as JsonObject
  assert.equal('payload' in postback, false)
  assert.equal(codeOf(await it.send(ana, { text: 'me too' })), '10/2018300')
  const owner = (await it.graph(`${pageId}/thread_owner?recipient=${ana}`)).body['data'] as JsonObject[]
  assert.equal(object(owner[0]?.['thread_owner'])['app_id'], '263902037430900')
  assert.equal(codeOf(await it.graph('me/take_thread_control', { recipient: { id: ana } })), '')
  assert.equal(codeOf(await it.send(ana, { text: 'now' })), '')
})

test('a send can hand the chat over in one call', async () => {
  await using it = await openTestPlatform()
  it.control.sendText(ana, 'hi')
  await it.send(
    ana,
    { text: 'A person will answer.' },
    { thread_control: { control_type: 'pass', app_id: '263902037430900' } },
  )
  assert.equal(it.control.ownerOf(ana), '263902037430900')
  it.control.returnThread(ana)
  await it.send(ana, { text: 'Bye.' }, { thread_control: { control_type: 'release' } })
  assert.equal(it.control.ownerOf(ana), null)
})

test('reactions, edits, deletions, attachments, stickers and referrals come in the platform’s shapes', async () => {
  await using it = await openTestPlatform({ lanes: 1 })
  const said = it.control.sendText(ana, 'helo')
  const answer = await it.send(ana, { text: 'Yes?' })
  it.control.edit(ana, said.mid, 'hello')
  it.control.react(ana, String(answer.body['message_id']), '👍')
  it.control.react(ana, String(answer.body['message_id']), null)
  it.control.remove(ana, said.mid)
  it.control.attach(ana, 'image')
  it.control.sticker(ana)
  it.control.referral(ana, 'poster')
  it.control.optIn(ana, 'x')
  await it.control.settle()
  const events = it.bot
    .events()
    .map(({ event }) => event)
    .filter(
      (event) => !('delivery' in event) && (event['message'] as JsonObject | undefined)?.['is_echo'] !== true,
    )
  assert.deepEqual(events[1]?.['message_edit'], { mid: said.mid, text: 'hello', num_edit: 1 })
  assert.deepEqual(events[2]?.['reaction'], {
    mid: answer.body['message_id'],
    action: 'react',
    emoji: '👍',
    reaction: 'like',
  })
  assert.deepEqual(events[3]?.['reaction'], { mid: answer.body['message_id'], action: 'unreact' })
  assert.deepEqual(events[4]?.['message'], { mid: said.mid, is_deleted: true })
  assert.equal(list(object(events[5]?.['message'])['attachments'])[0]?.['type'], 'image')
  assert.deepEqual(
    list(object(events[6]?.['message'])['attachments']).map((one) => one['type']),
    ['sticker'],
  )
  assert.deepEqual(events[7]?.['referral'], { ref: 'poster', source: 'SHORTLINK', type: 'OPEN_THREAD' })
  assert.deepEqual(events[8]?.['optin'], { ref: 'x' })
})
