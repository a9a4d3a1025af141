import { strict as assert } from 'node:assert'
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { openBrowser } from '../gallery.ts'

/*
 * The whole first story as a person lives it: a phone-sized browser, and the processes that `npm start` starts, in a
 * data folder of their own. GUICHET_SHOTS=FOLDER keeps pictures of every page on the way.
 */
const root = join(import.meta.dirname, '..', '..')
const shots = process.env.GUICHET_SHOTS
const phone = { width: 390, height: 844 }

type Box = { readonly gateway: string; readonly platform: string; stop(): Promise<void> }

/** A stretch of ports that are all free: the four banks stand side by side. */
async function freePorts(many: number): Promise<number> {
  const isFree = (port: number): Promise<boolean> =>
    new Promise((resolve) => {
      const server = createServer()
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
  for (let tries = 0; tries < 50; tries++) {
    const first = 20_000 + Math.floor(Math.random() * 10_000)
    const free = await Promise.all(Array.from({ length: many }, (_, index) => isFree(first + index)))
    if (free.every(Boolean)) return first
  }
  throw new Error(`no ${many} free ports side by side`)
}

/** Starts everything as `npm start` does; resolves with what its ready line says. */
async function startBox(): Promise<Box> {
  const first = await freePorts(6)
  const folder = mkdtempSync(join(tmpdir(), 'guichet-browser-'))
  chmodSync(folder, 0o755)
  const child: ChildProcess = spawn(process.execPath, [join(root, 'scripts', 'start.ts'), '--json'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      GUICHET_DATA_DIR: folder,
      GUICHET_PORT: String(first),
      GUICHET_SANDBOX_PLATFORM_PORT: String(first + 1),
      GUICHET_SANDBOX_BANK_PORT: String(first + 2),
    },
  })
  let said = ''
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('"ready"')) resolve()
    })
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
    void gone.then(() => reject(new Error(`npm start ended before it was ready: ${said.slice(-2_000)}`)))
  })
  return {
    gateway: `http://localhost:${first}`,
    platform: `http://localhost:${first + 1}`,
    async stop() {
      child.kill('SIGTERM')
      await gone
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const browser = await openBrowser()
const skip = typeof browser === 'string' ? browser : false
let box: Box
before(async () => {
  if (skip === false) box = await startBox()
})
after(async () => {
  await (browser as Browser).close?.()
  await box?.stop()
})

/** A page of the story must be usable by everyone, by day and by night. */
async function look(page: Page, name: string): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    const builder = new AxeBuilder({ page }).setLegacyMode(true)
    // Only how it looks differs at night.
    const { violations } = await (theme === 'light'
      ? builder
      : builder.withRules(['color-contrast', 'link-in-text-block'])
    ).analyze()
    assert.deepEqual(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
      [],
      `${name}, ${theme}`,
    )
    if (shots !== undefined) {
      mkdirSync(shots, { recursive: true })
      await page.screenshot({ path: join(shots, `${name}-${theme}.png`), fullPage: true })
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  assert.ok(sideways <= 0, `${name} scrolls sideways by ${sideways} px`)
}

/** The page a click opens in a tab of its own. */
async function newTab(context: BrowserContext, click: () => Promise<unknown>): Promise<Page> {
  const [tab] = await Promise.all([context.waitForEvent('page'), click()])
  await tab.waitForLoadState()
  return tab
}

/** Tabs on until the focus is there. */
async function tabTo(page: Page, selector: string, most = 60): Promise<void> {
  for (let presses = 0; presses < most; presses++) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return
    await page.keyboard.press('Tab')
  }
  assert.fail(`the keyboard never reaches ${selector}`)
}

const figure = /\$\d[\d,]*\.\d\d/

test('the whole first story, on a phone', { skip, timeout: 120_000 }, async () => {
  const context = await (browser as Browser).newContext({
    viewport: phone,
    hasTouch: true,
    isMobile: true,
    locale: 'en-US',
  })
  context.setDefaultTimeout(15_000)
  const faults: string[] = []
  context.on('weberror', (fault) => faults.push(String(fault.error())))
  const chat = await context.newPage()
  await chat.goto(box.platform)

  const log = chat.getByRole('log', { name: 'Conversation' })
  /** What the Page said last. */
  const said = async (words: RegExp | string): Promise<string> => {
    const bubble = log.locator('.row, .message, li, .card, .bubble').filter({ hasText: words }).last()
    await bubble.waitFor()
    return bubble.innerText()
  }
  const write = async (words: string): Promise<void> => {
    await chat.getByRole('textbox', { name: 'Write a message' }).fill(words)
    await chat.keyboard.press('Enter')
  }

  // ---------------------------------------------------------------- hello
  await chat.getByRole('button', { name: 'Get started' }).click()
  const offer = await said(/\(a bot\)/)
  const code = /\d{4}-[A-Z]{2}/.exec(offer)?.[0]
  assert.ok(code, offer)

  // ---------------------------------------------------------------- linking
  const tab = await newTab(context, () => chat.getByRole('button', { name: 'Log in' }).last().click())
  await look(tab, '01-which-bank')
  await tab.getByRole('button', { name: 'Harbor Bank' }).click()
  await tab.getByText(code).waitFor()
  await look(tab, '02-code')
  await tab.getByRole('button', { name: 'The codes match' }).click()
  await tab.getByLabel(/user/i).fill('ana')
  await tab.getByLabel(/password/i).fill('sandbox')
  await look(tab, '03-bank-sign-in')
  await tab.getByRole('button', { name: /^Sign in/ }).click()
  for (const tick of await tab.getByRole('checkbox').all()) await tick.check()
  await look(tab, '04-bank-accounts')
  await tab.locator('form button[type=submit]:not(.plain)').first().click()
  await tab.waitForURL('**/confirm')
  await look(tab, '05-bank-confirm')
  await tab.locator('form button[type=submit]:not(.plain)').first().click()

  // ---------------------------------------------------------------- consent, by keyboard alone
  await tab.waitForURL('**/link/consent')
  await look(tab, '06-consent')
  const promise = tab.locator('.promise').first()
  const least = await promise.innerText()
  assert.match(least, /Never for advertising/)
  await tabTo(tab, '[name="choice.insights"]')
  await tab.keyboard.press('ArrowLeft')
  assert.equal(await tab.locator('[name="choice.insights"]:checked').inputValue(), 'say')
  assert.notEqual(await promise.innerText(), least)
  await tabTo(tab, '[name=do][value=agree]')
  assert.match(await tab.locator('[name=do][value=agree]').innerText(), /Agree to 3 things/)
  await tab.keyboard.press('Enter')
  await tab.waitForURL(`${box.platform}/**`)
  await tab
    .getByText(/connected/i)
    .first()
    .waitFor()
  await look(tab, '07-connected')
  await tab.close()

  // ---------------------------------------------------------------- four questions
  await said(/Linked\. You allowed 3 things here/)
  await write('balance')
  assert.doesNotMatch(await said(/balances are ready/), figure)
  await write('last 5 payments')
  assert.doesNotMatch(await said(/payments you asked for are ready/), figure)
  await write('how much did I spend this month')
  assert.match(await said(/You spent/), figure)
  await write('checking balance')
  assert.doesNotMatch(await said(/checking balance is ready/), figure)
  await look(chat, '08-chat')

  // ---------------------------------------------------------------- this once
  await chat.getByRole('button', { name: 'Show here, this once' }).last().click()
  assert.match(await said(/··4821/), figure)

  // ---------------------------------------------------------------- the messenger's own browser gets nothing
  await write('last 5 payments')
  await chat.getByRole('button', { name: 'Open my payments' }).last().waitFor()
  await chat.getByRole('button', { name: 'Open my payments' }).last().click()
  await chat
    .getByRole('dialog')
    .getByRole('button', { name: /^In Messenger/ })
    .click()
  await chat.getByText('Messenger can read this page: no figure on it').waitFor()
  const inApp = chat.frameLocator('iframe')
  await inApp.getByRole('heading', { level: 1 }).waitFor()
  assert.doesNotMatch(await inApp.locator('body').innerText(), figure)
  await look(chat, '09-in-app')

  // ---------------------------------------------------------------- the sealed card, in a tab of its own
  const card = await newTab(context, () => chat.getByRole('button', { name: 'Open in your browser' }).click())
  await card.waitForURL('**/card/crd_*')
  const address = card.url()
  assert.match(await card.locator('main').innerText(), figure)
  await look(card, '10-card')

  // A passkey, made and used. The authenticator is the browser's own test device.
  const device = await context.newCDPSession(card)
  await device.send('WebAuthn.enable')
  await device.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  await card.goto(`${box.gateway}/me/data`)
  await look(card, '11-my-data')
  await card.getByRole('button', { name: 'Add a passkey' }).click()
  await card.waitForURL('**/me/data?done=passkey-added')
  await card.getByRole('button', { name: 'Sign out' }).click()
  await card.goto(address)
  assert.doesNotMatch(await card.locator('main').innerText(), figure)
  await look(card, '12-is-it-you')
  await card.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await card.waitForFunction(() => document.querySelector('.payment') !== null)
  assert.equal(card.url(), address)

  // Search, and the chart with its table behind it.
  await card.getByText('Search payments').click()
  const first = (await card.locator('.payment b').first().innerText()).split(' ')[0] ?? ''
  await card.getByLabel('Shop or text').fill(first)
  await card.getByRole('button', { name: 'Search', exact: true }).click()
  await card.waitForURL('**?*q=*')
  const found = await card.locator('.payment summary b').allInnerTexts()
  assert.ok(
    found.length > 0 && found.every((name) => name.toLowerCase().includes(first.toLowerCase())),
    found.join(', '),
  )
  await look(card, '13-search')
  await card.goto(address)
  assert.ok((await card.locator('figure.chart').count()) >= 1)
  assert.ok((await card.locator('figure.chart table').count()) >= 1)

  // ---------------------------------------------------------------- my permissions, and taking it back
  await card.goto(`${box.gateway}/me/left`)
  assert.match(await card.locator('main').innerText(), /··4821/)
  await look(card, '14-what-left')
  await card.locator('a[href^="/me/proof/"]').first().click()
  await card.getByRole('heading', { level: 1 }).waitFor()
  await look(card, '15-proof')
  await card.goto(`${box.gateway}/me`)
  await look(card, '16-my-permissions')
  await card.getByRole('link', { name: /Take back everything/ }).click()
  await look(card, '17-take-back')
  await card.getByRole('button', { name: 'Take it back' }).click()
  await card.getByText(/key/i).first().waitFor()
  await look(card, '18-taken-back')
  await card.goto(address)
  assert.doesNotMatch(await card.locator('main').innerText(), figure)
  await look(card, '19-closed')

  // ---------------------------------------------------------------- and the chat knows
  await chat.bringToFront()
  await chat.keyboard.press('Escape')
  await said(/no longer shows anything in Messenger/)
  await write('balance')
  await said(/You took back this permission/)
  await chat.getByRole('button', { name: 'Link again' }).last().waitFor()
  await look(chat, '20-refused')
  assert.deepEqual(faults, [], 'no script of any page failed')
  await context.close()
})
