import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as oauth from 'openid-client'
import { institutions } from './institution.ts'
import { html } from './page/html.ts'
import { framePage } from './page/frame.ts'
import type { RelyingParty } from './relying-party.ts'
import { fdxDetails, freePorts, link, push, redirectUri, relyingParty } from './relying-party.ts'
import type { RunningBanks } from './start.ts'
import { startBanks } from './start.ts'
import { visitBank } from './visit.ts'

let banks: RunningBanks
let party: RelyingParty

before(async () => {
  party = await relyingParty()
  banks = await startBanks({
    host: '127.0.0.1',
    ports: freePorts,
    clients: [{ ...party.client, name: 'Guichet <b>&' }],
    dataDir: null,
  })
})
after(() => banks[Symbol.asyncDispose]())

/** A browser without script: one cookie jar, redirects followed by hand. */
function browser() {
  const jar = new Map<string, string>()
  return async (url: string, form?: Record<string, string>, headers: Record<string, string> = {}) => {
    let target = url
    let body = form && new URLSearchParams(form)
    for (;;) {
      const response: Response = await fetch(target, {
        method: body ? 'POST' : 'GET',
        redirect: 'manual',
        headers: { cookie: [...jar].map((pair) => pair.join('=')).join('; '), ...headers },
        ...(body ? { body } : {}),
      })
      for (const cookie of response.headers.getSetCookie()) {
        const [name = '', value = ''] = cookie.split(';')[0]!.split('=')
        jar.set(name, value)
      }
      const location = response.headers.get('location')
      if (location === null)
        return {
          url: target,
          status: response.status,
          headers: response.headers,
          text: await response.text(),
        }
      assert.equal(response.status, 303, 'never a redirect that repeats a form')
      target = new URL(location, target).href
      body = undefined
      if (target.startsWith(redirectUri))
        return { url: target, status: 303, headers: response.headers, text: '' }
    }
  }
}

async function begin(bank: 'harbor' | 'erable', more: Record<string, string> = {}) {
  const config = await party.discover(banks.urls[bank])
  const dpop = oauth.getDPoPHandle(config, await oauth.randomDPoPKeyPair('ES256'))
  const { url } = await push(
    config,
    { authorization_details: fdxDetails(['ACCOUNT_BASIC', 'TRANSACTIONS']), ...more },
    dpop,
  )
  const go = browser()
  const page = await go(url.href)
  const action = new URL(
    /<form class="card" method="post" action="([^"]+)\/sign-in"/.exec(page.text)![1]!,
    url,
  ).href
  return { go, page, action, url: url.href }
}

const luminance = (colour: string): number => {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}
const contrast = (a: string, b: string): number => {
  const [high, low] = [luminance(a), luminance(b)].toSorted((x, y) => y - x)
  return (high! + 0.05) / (low! + 0.05)
}

test('every text colour of every bank stands out from what is behind it, in both themes', () => {
  for (const { key, light, dark } of Object.values(institutions))
    for (const palette of [light, dark]) {
      assert.ok(contrast(palette.accent, palette.onAccent) >= 4.5, `${key} button`)
      for (const ground of [palette.page, palette.surface, palette.wash])
        for (const ink of [palette.text, palette.quiet, palette.accent, palette.danger])
          assert.ok(
            contrast(ink, ground) >= 4.5,
            `${key}: ${ink} on ${ground} is ${contrast(ink, ground).toFixed(2)}`,
          )
    }
})

test('what others typed is text on the page, never markup', async () => {
  const { page } = await begin('harbor')
  assert.ok(page.text.includes('Guichet &lt;b&gt;&amp; asks to see'))
  assert.equal(page.text.includes('<b>&'), false)
  const made = framePage({
    institution: institutions.harbor,
    language: 'en',
    title: '"><script>',
    otherLanguage: null,
    body: html`<p title="${'" onload="x'}">${'<img src=x>'}</p>`,
  })
  assert.equal(/<script|<img|" onload/.test(made), false)
})

test('pages run nothing, fetch nothing, cannot be framed, and are kept nowhere', async () => {
  const { page } = await begin('harbor')
  const policy = page.headers.get('content-security-policy') ?? ''
  assert.match(
    policy,
    /^default-src 'none'; style-src 'sha256-[^']+'; img-src 'self'; form-action 'self' http:\/\/localhost:9; frame-ancestors 'none'; base-uri 'none'$/,
  )
  assert.equal(page.headers.get('cache-control'), 'no-store')
  assert.equal(page.text.includes('<script'), false)
})

test('a wrong password keeps the name, says so, and after five tries closes', async () => {
  const { go, action } = await begin('harbor')
  const wrong = () => go(`${action}/sign-in`, { username: 'ana"', password: 'secret-guess' })
  const first = await wrong()
  assert.equal(first.status, 401)
  assert.ok(first.text.includes('value="ana&quot;"'))
  assert.equal(first.text.includes('secret-guess'), false)
  assert.match(first.text, /role="alert"/)
  assert.equal((await go(`${action}/sign-in`, { username: '', password: '' })).status, 400)
  for (let more = 0; more < 4; more++) await wrong()
  const locked = await go(`${action}/sign-in`, { username: 'ana', password: 'sandbox' })
  assert.equal(locked.status, 429, 'even the right one')
  assert.match((await go(`${action}/cancel`, {})).url, /error=access_denied/)
})

test('cancel goes back with access_denied, from each step', async () => {
  const signIn = await begin('harbor')
  assert.match(
    (await signIn.go(`${signIn.action}/cancel`, {})).url,
    /error=access_denied.*iss=|iss=.*error=access_denied/,
  )
  const accounts = await begin('harbor')
  await accounts.go(`${accounts.action}/sign-in`, { username: 'ana', password: 'sandbox' })
  assert.match((await accounts.go(`${accounts.action}/cancel`, {})).url, /error=access_denied/)
})

test('at least one account must be ticked, and nothing can be confirmed before', async () => {
  const { go, action } = await begin('harbor')
  assert.ok(
    (await go(`${action}/confirm`, {})).text.includes('Sign in to Harbor Bank'),
    'not without a login',
  )
  const chosen = await go(`${action}/sign-in`, { username: 'ana', password: 'sandbox' })
  assert.doesNotMatch(chosen.text, /<input[^>]* checked/, 'nothing is ticked beforehand')
  const none = await go(`${action}/accounts`, {})
  assert.equal(none.status, 400)
  assert.ok(none.text.includes('Tick at least one account'))
  const skipped = await go(`${action}/confirm`, {})
  assert.ok(skipped.url.endsWith('/accounts'))
  const foreign = banks.control.harbor.people().find(({ person }) => person === 'ben')!.accounts[0]!.accountId
  assert.equal(
    (await go(`${action}/accounts`, { account: foreign })).status,
    400,
    'somebody else’s account is no choice',
  )
})

test('the pages say who asks, for what, for how long, and show the chat’s code', async () => {
  const { go, page, action } = await begin('harbor', { guichet_chat_code: '4821-KP' })
  assert.ok(page.text.includes('<b>4821-KP</b>'))
  await go(`${action}/sign-in`, { username: 'ana', password: 'sandbox' })
  const { accountId } = banks.control.harbor.people()[0]!.accounts[0]!
  const confirm = await go(`${action}/accounts`, { account: accountId })
  for (const words of [
    '4821-KP',
    'Payments: amount, date',
    'Payments up to 90 days back',
    '··4821',
    'It cannot move money',
    'Until ',
  ])
    assert.ok(confirm.text.includes(words), words)
  assert.equal(confirm.text.includes('··7730'), false)
})

test('Érable speaks French when asked, by the client, the browser or the link', async () => {
  const asked = await begin('erable', { ui_locales: 'fr-CA' })
  assert.ok(asked.page.text.includes('Ouvrez une session'))
  const english = await begin('erable')
  assert.ok(english.page.text.includes('Sign in to Banque Érable'))
  const switched = await english.go(`${english.action}?lang=fr`)
  assert.ok(switched.text.includes('lang="fr-CA"') && switched.text.includes('Mot de passe'))
  const next = await english.go(`${english.action}/sign-in`, { username: 'chloe', password: 'sandbox' })
  assert.ok(next.text.includes('Quels comptes'), 'and stays so')
})

test('a visit belongs to the browser that began it', async () => {
  const { action } = await begin('harbor')
  const stranger = browser()
  const page = await stranger(`${action}/sign-in`, { username: 'ana', password: 'sandbox' })
  assert.equal(page.status, 400)
  assert.ok(page.text.includes('This page has expired'))
})

test('a form that another site posts is refused', async () => {
  const { go, action } = await begin('harbor')
  const page = await go(
    `${action}/sign-in`,
    { username: 'ana', password: 'sandbox' },
    { origin: 'https://evil.example' },
  )
  assert.equal(page.status, 403)
})

test('a login is for one request: the next one asks for the password again', async () => {
  const { go, action } = await begin('harbor')
  await go(`${action}/sign-in`, { username: 'ana', password: 'sandbox' })
  await go(`${action}/accounts`, { account: banks.control.harbor.people()[0]!.accounts[0]!.accountId })
  assert.match((await go(`${action}/confirm`, {})).url, /code=/)
  const again = await begin('harbor')
  const page = await go(again.url)
  assert.ok(page.text.includes('Password') || page.text.includes('expired'))
})

test('a broken address gets a page that says what to do, without what was sent', async () => {
  const response = await fetch(`${banks.urls.harbor}/auth?client_id=%3Cscript%3E`, {
    headers: { accept: 'text/html' },
  })
  const text = await response.text()
  assert.equal(response.status, 400)
  assert.ok(text.includes('This didn’t work'))
  assert.equal(text.includes('<script'), false)
})

test('the start page names the people and has a button for each kind of trouble', async () => {
  for (const url of Object.values(banks.urls)) {
    const text = await (await fetch(`${url}/`)).text()
    assert.match(text, /signs in as <code>\w+<\/code> with <code>sandbox<\/code>/)
    assert.ok(text.includes('action="/sandbox/fault"'))
  }
})

test('the visitor helper says where a bank stopped', async () => {
  const config = await party.discover(banks.urls.harbor)
  const dpop = oauth.getDPoPHandle(config, await oauth.randomDPoPKeyPair('ES256'))
  const { url } = await push(config, { authorization_details: fdxDetails(['ACCOUNT_BASIC']) }, dpop)
  await assert.rejects(visitBank(url.href, { username: 'ana', password: 'wrong' }), /Sign in to Harbor Bank/)
  const linked = await link(
    party,
    banks.urls.harbor,
    { username: 'ana', password: 'sandbox' },
    { authorization_details: fdxDetails(['ACCOUNT_BASIC']) },
  )
  assert.ok(linked.tokens.access_token)
})
