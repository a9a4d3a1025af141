import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import chromium from '@sparticuz/chromium'
import { chromium as playwright, type Browser, type Page } from 'playwright-core'
import { ana, openTestPlatform, pageId, type TestPlatform } from './fake-bot.ts'
import { object, word } from './phone/loose.ts'
import type { JsonObject } from './phone/wire.ts'

/** The phone page in a real browser, with a bot of five answers. */
let it: TestPlatform
let browser: Browser | null = null
let page: Page

const buttons = (text: string, list: JsonObject[]): JsonObject => ({
  attachment: { type: 'template', payload: { template_type: 'button', text, buttons: list } },
})

async function answerFor(psid: string, event: JsonObject): Promise<void> {
  const message = object(event['message'])
  if (message['is_echo'] === true) return
  const asked = word(
    object(event['postback'])['payload'] ?? object(message['quick_reply'])['payload'] ?? message['text'],
  )
  if (asked === 'START')
    await it.send(psid, buttons('Link your account.', [{ type: 'account_link', url: `${it.bot.url}?login` }]))
  if (asked === 'balance')
    await it.send(
      psid,
      buttons('Your balance is ready.', [
        { type: 'postback', title: 'Show here, this once', payload: 'SHOW' },
      ]),
    )
  if (asked === 'SHOW')
    await it.send(psid, {
      text: 'Checking: $2,340.18 available.',
      quick_replies: [{ content_type: 'text', title: 'Hide figures', payload: 'HIDE' }],
    })
  if (asked === 'HIDE') await it.send(psid, { text: 'Done. Figures are hidden from now on.' })
}

before(async () => {
  it = await openTestPlatform()
  it.bot.answer = ({ body }) => {
    for (const entry of (JSON.parse(body) as { entry: { messaging?: JsonObject[] }[] }).entry) {
      for (const event of entry.messaging ?? []) void answerFor(word(object(event['sender'])['id']), event)
    }
    return 200
  }
  await it.graph('me/messenger_profile', {
    get_started: { payload: 'START' },
    greeting: [{ locale: 'default', text: 'Hello {{user_first_name}}.' }],
  })
  browser = await playwright
    .launch({ args: chromium.args, executablePath: await chromium.executablePath() })
    .catch(() => null)
  if (browser === null) return
  page = await (
    await browser.newContext({ viewport: { width: 1280, height: 860 }, reducedMotion: 'reduce' })
  ).newPage()
  page.on('pageerror', (error) => assert.fail(error.message))
  await page.goto(`${it.platform.url}/#${pageId}/${ana}`)
})
after(async () => {
  await browser?.close()
  await it[Symbol.asyncDispose]()
})

const chat = (): ReturnType<Page['locator']> => page.locator('.log')
const clean = async (where: string): Promise<void> => {
  const { violations } = await new AxeBuilder({ page }).analyze()
  assert.deepEqual(
    violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`),
    [],
    where,
  )
}

describe('the phone page', { concurrency: false }, () => {
  test('a customer begins, asks, is shown a figure, and the panel counts it', async (t) => {
    if (browser === null) return t.skip('no browser can be started here')
    await page.getByText('Hello Ana.').waitFor()
    await clean('get started')
    await page.getByRole('button', { name: 'Get started' }).click()
    await chat().getByRole('button', { name: 'Log in' }).waitFor()
    const box = page.getByLabel('Write a message')
    await box.fill('balance')
    await box.press('Enter')
    await chat().getByText('Your balance is ready.').waitFor()
    assert.match(await page.locator('.hero').innerText(), /^0\s+figures seen in this chat/)
    await chat().getByRole('button', { name: 'Show here, this once' }).click()
    await chat().getByText('$2,340.18').waitFor()
    await page.locator('.hero.leaky').waitFor()
    assert.match(await page.locator('.hero').innerText(), /^1\s+figure seen in this chat/)
    assert.equal(await page.locator('#panel mark.figure').first().innerText(), '$2,340.18')
    await page.getByRole('button', { name: 'Hide figures' }).click()
    await chat().getByText('Figures are hidden').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Hide figures' }).count(), 0)
    await clean('conversation')
    await page.emulateMedia({ colorScheme: 'dark' })
    await clean('conversation in the dark')
    await page.emulateMedia({ colorScheme: 'light' })
  })

  test('words from outside are shown as words', async (t) => {
    if (browser === null) return t.skip('no browser can be started here')
    await it.send(ana, { text: '<img src=x onerror="document.title=1"> & <b>bold</b> مرحبا' })
    await chat().getByText('<b>bold</b>').waitFor()
    assert.equal(await chat().locator('b').count(), 0)
  })

  test('a link asks where to open; the in-app browser shows what the messenger could read', async (t) => {
    if (browser === null) return t.skip('no browser can be started here')
    await it.send(
      ana,
      buttons('Your card', [{ type: 'web_url', title: 'View securely', url: 'http://localhost:9/card' }]),
    )
    await chat().getByRole('button', { name: 'View securely' }).click()
    const sheet = page.getByRole('dialog')
    await sheet.getByRole('button', { name: 'In your browser' }).waitFor()
    await clean('the sheet')
    await sheet.getByRole('button', { name: 'In Messenger' }).click()
    await page.getByText('only opens pages of the bots').waitFor()
    await page.keyboard.press('Escape')
    assert.equal(await page.getByRole('dialog').count(), 0)
  })

  test('another customer has another phone, and a new one a fresh number', async (t) => {
    if (browser === null) return t.skip('no browser can be started here')
    await page.getByRole('button', { name: 'Ben Okafor' }).click()
    await page.getByText('Hello Ben.').waitFor()
    assert.match(await page.locator('.hero').innerText(), /^0\s/)
    await page.getByRole('button', { name: 'A new customer' }).click()
    await page.waitForFunction(
      (known) => !known.some((psid) => location.hash.endsWith(psid)),
      [ana, '7300000000000002'],
    )
    await page.getByRole('button', { name: 'Get started' }).waitFor()
  })

  test('on a narrow screen the chat fills it, and the panel is a tab away', async (t) => {
    if (browser === null) return t.skip('no browser can be started here')
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto(`${it.platform.url}/#${pageId}/${ana}`)
    await chat().getByText('Figures are hidden').waitFor()
    assert.equal(await page.locator('#panel').isVisible(), false)
    await clean('narrow chat')
    await page.getByRole('button', { name: /Platform/ }).click()
    assert.equal(await page.locator('#panel').isVisible(), true)
    await clean('narrow panel')
    await page.getByRole('button', { name: 'Events' }).click()
    await clean('narrow events')
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true)
  })
})

test('the page asks nobody but this machine', async () => {
  const answer = await fetch(`${it.platform.url}/`)
  assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'none'; script-src 'self'/)
  assert.doesNotMatch(await answer.text(), /(?:src|href)="https?:/)
})
