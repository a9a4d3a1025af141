import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { minuteMs } from '../../src/core/clock.ts'
import { openTestHouse, pageId, type TestHouse, until } from '../house.ts'
import { atBank, type PersonHandle, saying } from '../person.ts'
import { Visitor } from '../visitor.ts'

const ana = { username: 'ana', password: 'sandbox' }

let house: TestHouse
before(async () => {
  house = await openTestHouse()
})
after(() => house[Symbol.asyncDispose]())

/** What the house has bound to this chat. */
async function boundTo({ psid }: PersonHandle): Promise<{ links: number; grants: number; records: number }> {
  const { lane, contactId } = house.engine.contacts.refOf({
    channel: 'messenger',
    account: pageId,
    user: psid,
  })
  const count = async (table: string): Promise<number> =>
    (await house.db.query(`select 1 from ${table} where lane = $1 and contact_id = $2`, [lane, contactId]))
      .rowCount ?? 0
  return {
    links: await count('customer_link'),
    grants: await count('consent_grant'),
    records: await count('consent_record'),
  }
}
const nothing = { links: 0, grants: 0, records: 0 }

async function staysUnlinked(person: PersonHandle): Promise<void> {
  assert.deepEqual(await boundTo(person), nothing)
  const [reply] = await person.say('balance')
  assert.match(reply?.text ?? '', saying('refused.not-linked'))
}

describe('the first hello', () => {
  test('says that it is a bot, what it can do and how to begin', async () => {
    const person = house.stranger()
    const [hello, ...more] = await person.getStarted()
    assert.match(hello?.text ?? '', saying('bot.hello-any-bank'))
    assert.match(hello?.text ?? '', /\(a bot\)/)
    assert.deepEqual(hello?.buttons, ['Link my account', 'Talk to someone', 'What can you do?'])
    assert.deepEqual(more, [])
  })

  test('asking for money before linking gets a kind refusal with a way on, and asks no bank', async () => {
    const person = house.stranger()
    const replies = await person.say('how much is on my checking account?')
    assert.match(replies.at(-1)?.text ?? '', saying('refused.not-linked'))
    assert.deepEqual(replies.at(-1)?.buttons, ['Link my account', 'Talk to someone'])
  })
})

describe('linking', () => {
  test('takes a code to compare, the bank’s own login and a choice, and is bound when the platform confirms the same chat', async () => {
    const person = house.stranger()
    const said = await person.link({ bank: 'harbor', login: ana })
    assert.equal(said.length, 1)
    assert.match(said[0]?.text ?? '', saying('link.done'))
    assert.deepEqual(await boundTo(person), { links: 1, grants: 1, records: 1 })
    const [reply] = await person.say('balance')
    assert.match(reply?.text ?? '', saying('balance.masked-many'))
  })

  test('binds nothing until the platform’s webhook comes: the bank’s yes and the customer’s yes are not enough', async () => {
    const person = house.stranger()
    const consent = await person.untilConsent({ bank: 'harbor', login: ana })
    // The form is sent, and the browser never goes on to the platform.
    const form = consent.forms.find(({ buttons }) => buttons.some(({ value }) => value === 'agree'))
    assert.ok(form)
    const body = new URLSearchParams([
      ...form.fields.map(({ name, value }) => [name, value]),
      ['do', 'agree'],
    ])
    const sent = await person.browser.open(form.action, {
      method: 'POST',
      body: body.toString(),
      redirects: 0,
    })
    assert.equal(sent.status, 303)
    const way = new URL(sent.headers.get('location') ?? '')
    assert.equal(way.origin, house.platformUrl)
    await staysUnlinked(person)
    // The platform confirms: now it is bound.
    await person.browser.open(way.href)
    await house.settle()
    assert.deepEqual(await boundTo(person), { links: 1, grants: 1, records: 1 })

    // The same code again, from the same chat: nothing is bound a second time.
    const code = way.searchParams.get('authorization_code')
    house.platform.raw(person.psid, { account_linking: { status: 'linked', authorization_code: code } })
    await house.settle()
    assert.deepEqual(await boundTo(person), { links: 1, grants: 1, records: 1 })
  })

  test('a code that comes back from another chat binds neither', async () => {
    const person = house.stranger()
    const thief = house.stranger()
    await thief.say('hello')
    const consent = await person.untilConsent({ bank: 'harbor', login: ana })
    const form = consent.forms.find(({ buttons }) => buttons.some(({ value }) => value === 'agree'))
    assert.ok(form)
    const body = new URLSearchParams([
      ...form.fields.map(({ name, value }) => [name, value]),
      ['do', 'agree'],
    ])
    const sent = await person.browser.open(form.action, {
      method: 'POST',
      body: body.toString(),
      redirects: 0,
    })
    const code = new URL(sent.headers.get('location') ?? '').searchParams.get('authorization_code')
    house.platform.raw(thief.psid, { account_linking: { status: 'linked', authorization_code: code } })
    await house.settle()
    assert.match(thief.replies().at(-1)?.text ?? '', saying('link.elsewhere'))
    await staysUnlinked(thief)
    await staysUnlinked(person)
  })

  test('a code used once does not bring back what was taken back since', async () => {
    const person = house.stranger()
    await person.link({ bank: 'harbor', login: ana })
    const code = new URL(
      person.browser.trail.findLast((url) => url.includes('authorization_code')) ?? '',
    ).searchParams.get('authorization_code')
    await person.say('unlink my account')
    house.platform.raw(person.psid, { account_linking: { status: 'linked', authorization_code: code } })
    await house.settle()
    assert.deepEqual((await boundTo(person)).records, 2)
    const [reply] = await person.say('balance')
    assert.match(reply?.text ?? '', saying('refused.withdrawn'))
    assert.deepEqual(reply?.buttons, ['Link again'])
  })

  test('an invented code binds nothing', async () => {
    const person = house.stranger()
    await person.say('hello')
    house.platform.raw(person.psid, {
      account_linking: { status: 'linked', authorization_code: 'x'.repeat(43) },
    })
    await house.settle()
    assert.match(person.replies().at(-1)?.text ?? '', saying('link.elsewhere'))
    await staysUnlinked(person)
  })
})

describe('a linking that must not happen', () => {
  test('whoever has no code in their chat, or another one, says so and nothing is linked', async () => {
    const person = house.stranger()
    const victim = new Visitor()
    const { page, code } = await person.untilCode({ bank: 'harbor', visitor: victim })
    assert.ok(page.words.includes(code))
    const refused = await page.press('do=differ')
    assert.equal(refused.status, 400)
    assert.match(refused.words, /nothing (was|is) linked/i)
    // Going back in the browser does not revive it.
    assert.equal((await victim.open(`${house.url}/link/bank`)).status, 400)
    await staysUnlinked(person)
  })

  test('an address copied into another browser on the way opens nothing', async () => {
    const person = house.stranger()
    const consent = await person.untilConsent({ bank: 'harbor', login: ana })
    const other = await new Visitor().open(consent.url.href)
    assert.equal(other.status, 400)
    assert.doesNotMatch(other.html, /name="accounts"/)
    await staysUnlinked(person)
  })

  test('the bank’s answer brought to another browser binds nothing', async () => {
    const person = house.stranger()
    const victim = new Visitor()
    const { page } = await person.untilCode({ bank: 'harbor' })
    const login = await page.press('do=match')
    await atBank(login, { login: ana })
    const callback = person.browser.trail.findLast((url) => url.includes('/link/callback/'))
    assert.ok(callback)
    assert.equal((await victim.open(callback)).status, 400)
    // Nor a second time in the right one.
    assert.equal((await person.browser.open(callback)).status, 400)
    await staysUnlinked(person)
  })

  test('the customer’s no at the bank ends it, and they may try again', async () => {
    const person = house.stranger()
    const { page } = await person.untilCode({ bank: 'harbor' })
    const login = await page.press('do=match')
    const back = await login.press(/^Cancel/)
    assert.equal(back.status, 400)
    assert.equal(back.url.origin, house.url)
    await staysUnlinked(person)
    const again = await back.follow(/again/i)
    assert.equal(again.url.pathname, '/link/bank')
  })

  test('a linking left open for half an hour has ended', async () => {
    const person = house.stranger()
    const { page } = await person.untilCode({ bank: 'harbor' })
    house.clock.advance(31 * minuteMs)
    const late = await page.press('do=match')
    assert.equal(late.status, 400)
    await staysUnlinked(person)
  })

  test('a code that the platform brings too late is no code', async () => {
    const person = house.stranger()
    const consent = await person.untilConsent({ bank: 'harbor', login: ana })
    const form = consent.forms.find(({ buttons }) => buttons.some(({ value }) => value === 'agree'))
    assert.ok(form)
    const body = new URLSearchParams([
      ...form.fields.map(({ name, value }) => [name, value]),
      ['do', 'agree'],
    ])
    const sent = await person.browser.open(form.action, {
      method: 'POST',
      body: body.toString(),
      redirects: 0,
    })
    house.clock.advance(6 * minuteMs)
    const code = new URL(sent.headers.get('location') ?? '').searchParams.get('authorization_code')
    house.platform.raw(person.psid, { account_linking: { status: 'linked', authorization_code: code } })
    await house.settle()
    await staysUnlinked(person)
  })

  test('only the platform’s own address is a way back: another redirect_uri is refused before anything else', async () => {
    const person = house.stranger()
    await person.say('link my account')
    const login = new URL(house.platform.login(person.psid))
    for (const redirect of [
      'https://evil.example/messenger_platform/account_linking',
      `${house.platformUrl}.evil.example/x`,
      `${house.platformUrl}/elsewhere`,
      'javascript:alert(1)',
      '',
    ]) {
      login.searchParams.set('redirect_uri', redirect)
      const page = await person.browser.open(login.href)
      assert.equal(page.status, 400, redirect)
      assert.equal(page.url.origin, house.url)
    }
    assert.equal(person.browser.cookiesOf('localhost').includes('guichet_linking'), false)
  })

  test('a link without a token, with a made-up one, or fetched ahead of a tap starts nothing', async () => {
    const person = house.stranger()
    await person.say('link my account')
    const login = new URL(house.platform.login(person.psid))
    const count = async (): Promise<number> =>
      (await house.db.query('select 1 from customer_linking')).rowCount ?? 0
    const before = await count()
    const ahead = await person.browser.open(login.href, { headers: { 'sec-purpose': 'prefetch;prerender' } })
    assert.equal(ahead.status, 204)
    assert.equal((await new Visitor({ userAgent: 'facebookexternalhit/1.1' }).open(login.href)).status, 204)
    login.searchParams.set('account_linking_token', 'ARQinvented')
    assert.equal((await person.browser.open(login.href)).status, 400)
    login.searchParams.delete('account_linking_token')
    assert.equal((await person.browser.open(login.href)).status, 400)
    assert.equal(await count(), before)
  })

  test('“not now” gives the bank its key back and leaves nothing', async () => {
    const person = house.stranger()
    const before = house.banks.harbor.consents().filter(({ standing }) => standing === 'active').length
    const consent = await person.untilConsent({ bank: 'harbor', login: ana })
    assert.equal(
      house.banks.harbor.consents().filter(({ standing }) => standing === 'active').length,
      before + 1,
    )
    const end = await consent.press('do=not-now')
    assert.equal(end.url.origin, house.platformUrl)
    await house.settle()
    await until(
      () => house.banks.harbor.consents().filter(({ standing }) => standing === 'active').length === before,
      () => 'the bank’s key',
    )
    await staysUnlinked(person)
  })
})
