import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import fc from 'fast-check'
import { Hono } from 'hono'
import { newThread, speak } from '../conversation/thread.ts'
import { pageLocales } from './kit/words.ts'
import { addressOf, askedLanguage, isOwnAddress, pageForChat, pageIn, pageLocaleFor } from './language.ts'

test('a browser gets the best of what it asks for, in whatever country that is spoken', () => {
  const table = {
    'fr-CA': 'fr-CA',
    'fr-FR,fr;q=0.9,en;q=0.8': 'fr-CA',
    'es-MX': 'es-US',
    'es-419;q=0.7, en;q=0.3': 'es-US',
    'EN-gb': 'en-US',
    'de-DE, es;q=0.5, en;q=0.9': 'en-US',
    'de, ja': null,
    '*': null,
    'de, *;q=0.5, fr;q=0.1': null,
    'fr;q=0, es': 'es-US',
    'fr;q=0.8;level=1, es;q=0.2': 'es-US',
    '': null,
  }
  for (const [header, expected] of Object.entries(table))
    assert.equal(askedLanguage(header), expected, header)
  assert.equal(askedLanguage(undefined), null)
})

/** The locale of the page that answers one request. */
async function localeOf(options: {
  read?: string
  cookie?: string
  chat?: 'es-US' | 'fr-CA'
  accept?: string
  bank?: string
}): Promise<string> {
  let locale = ''
  const app = new Hono().get('/', (c) => {
    const thread = newThread()
    if (options.chat) speak(thread, options.chat, false)
    pageForChat(c, thread)
    if (options.read !== undefined) pageIn(c, options.read)
    locale = pageLocaleFor(c, options.cookie, options.bank ?? 'en-US')
    return c.body(null, 204)
  })
  await app.request('/', {
    headers: options.accept === undefined ? {} : { 'accept-language': options.accept },
  })
  return locale
}

test('the form that was read, then what was chosen, then the chat, then the browser, then the bank', async () => {
  const all = { read: 'es-US', cookie: 'fr-CA', chat: 'es-US', accept: 'en', bank: 'fr-CA' } as const
  assert.equal(await localeOf(all), 'es-US')
  assert.equal(await localeOf({ ...all, read: '' }), 'fr-CA')
  assert.equal(await localeOf({ chat: 'es-US', accept: 'fr' }), 'es-US')
  assert.equal(await localeOf({ accept: 'fr' }), 'fr-CA')
  assert.equal(await localeOf({ bank: 'fr-CA' }), 'fr-CA')
})

test('the language is the reader’s, the figures’ country the bank’s', async () => {
  assert.equal(await localeOf({ bank: 'fr-CA', accept: 'en' }), 'en-CA')
  assert.equal(await localeOf({ bank: 'en-GB', accept: 'en-US' }), 'en-GB')
  assert.equal(await localeOf({ bank: 'en-GB', cookie: 'fr-CA' }), 'fr-CA')
})

test('whatever stands in a cookie, a form or a header, the page is in a language that is written', async () => {
  const hostile = fc.oneof(
    fc.string({ maxLength: 600 }),
    fc.constantFrom(
      '../../etc/passwd',
      '__proto__',
      'constructor',
      'fr-CA\r\nx: y',
      'FR-ca',
      'xx-YY',
      'fr_CA',
      'a'.repeat(9_000),
    ),
  )
  await fc.assert(
    fc.asyncProperty(hostile, hostile, async (cookie, read) => {
      assert.ok(pageLocales.includes(await localeOf({ cookie, read })))
      assert.ok([null, ...pageLocales].includes(askedLanguage(cookie)))
    }),
  )
})

test('an address to come back to is one of ours', () => {
  for (const good of ['/', '/me', '/card/crd_00A?q=caf%C3%A9&page=2', '/link/bank?other'])
    assert.ok(isOwnAddress(good), good)
  for (const bad of [
    '',
    'me',
    '//evil.example',
    '/\\evil.example',
    '/a\\b',
    'https://evil.example',
    'javascript:alert(1)',
    '/\t/evil.example',
    '/ /evil.example',
    '/me\r\nset-cookie: a=b',
    `/${'a'.repeat(2_000)}`,
  ])
    assert.equal(isOwnAddress(bad), false, bad)
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), (rest) => {
      if (isOwnAddress(`/${rest}`))
        assert.equal(new URL(`/${rest}`, 'https://bank.example').host, 'bank.example')
    }),
  )
})

test('a page can be asked for again unless it answers a form, or a code that works once', async () => {
  const seen: Record<string, string | null> = {}
  const app = new Hono().all('*', (c) => {
    seen[`${c.req.method} ${c.req.path}`] = addressOf(c)
    return c.body(null, 204)
  })
  await app.request('/me/left?before=1')
  await app.request('/me/erase', { method: 'POST' })
  await app.request('/link/callback/harbor?code=1')
  await app.request('/session/callback/harbor?code=1')
  assert.deepEqual(seen, {
    'GET /me/left': '/me/left?before=1',
    'POST /me/erase': null,
    'GET /link/callback/harbor': null,
    'GET /session/callback/harbor': null,
  })
})
