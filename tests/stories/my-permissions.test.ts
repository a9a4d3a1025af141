import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { verifyFile } from '../../src/tlog/verify.ts'
import { openTestHouse, type TestHouse, until } from '../house.ts'
import { type PersonHandle, saying } from '../person.ts'
import { type Page, Visitor } from '../visitor.ts'

const ana = { username: 'ana', password: 'sandbox' }
const ben = { username: 'ben', password: 'sandbox' }

let house: TestHouse
before(async () => {
  house = await openTestHouse({ serves: ['harbor', 'granite'] })
})
after(() => house[Symbol.asyncDispose]())

/** A chat linked as Elena, whom no other test of this file touches; or as somebody else. */
async function linked(
  key: 'ana' | 'ben' | 'elena',
  choices: Parameters<PersonHandle['link']>[0]['choices'] = {},
): Promise<PersonHandle> {
  const person = house.person(key)
  await person.link({ bank: 'harbor', choices })
  return person
}
const card = (page: Page, thing: string): string =>
  page.html.split(/<section class="card permission/).find((part) => part.includes(`>${thing}<`)) ??
  assert.fail(`no card for ${thing}`)
const pressed = (part: string): string | undefined =>
  /value="(say|mask|withhold)"[^>]*aria-pressed="true"/.exec(part)?.[1]
const changeUrl = (page: Page, purpose: string): string =>
  page.forms
    .map(({ action }) => new URL(action).pathname)
    .find((path) => path.startsWith('/me/change/') && path.endsWith(`/${purpose}`)) ??
  assert.fail(`no switch for ${purpose}`)

type Download = {
  chats: { left: { id: string; said: string | null; state: string; opening: { payload: string } }[] }[]
}

describe('what is allowed', () => {
  test('is listed thing by thing, with what it is for, when it was last used and until when', async () => {
    const person = await linked('ana', { balance: 'say', insights: 'withhold' })
    await person.say('balance')
    const page = await person.visit('/me?bank=harbor')
    assert.equal(page.status, 200)
    assert.equal(pressed(card(page, 'Balances')), 'say')
    assert.equal(pressed(card(page, 'Payments')), 'mask')
    assert.equal(pressed(card(page, 'Spending')), 'withhold')
    assert.doesNotMatch(card(page, 'Balances'), /Not yet/)
    assert.match(card(page, 'Payments'), /Not yet/)
    assert.match(page.words, /Until 20\d\d|Until .* 20\d\d/)
  })

  test('one tap changes it, and the very next answer follows', async () => {
    const person = house.person('ana')
    const page = await person.visit('/me?bank=harbor')
    const done = await page.submit(changeUrl(page, 'balance'), { choice: 'mask' })
    assert.equal(done.status, 200)
    assert.equal(pressed(card(done, 'Balances')), 'mask')
    assert.match((await person.say('balance')).at(-1)?.text ?? '', saying('balance.masked-many'))
    const again = await done.submit(changeUrl(done, 'balance'), { choice: 'say' })
    assert.equal(pressed(card(again, 'Balances')), 'say')
    assert.match((await person.say('balance')).at(-1)?.text ?? '', /\$/)
  })

  test('taking one thing back states the effect first and does nothing yet; then it is done, and only that', async () => {
    const person = house.person('ana')
    const page = await person.visit('/me?bank=harbor')
    const link = page.links.find(({ url }) => /\/me\/take-back\/[^/]+\/transactions$/.test(url))
    assert.ok(link)
    const effect = await person.browser.open(link.url)
    assert.match(effect.words, /Nothing has changed yet/)
    assert.equal((await person.grants())[0]?.body.items.transactions, 'mask')
    const since = person.replies().length
    const done = await effect.press('Take it back')
    assert.equal(done.status, 200)
    await house.settle()
    assert.equal((await person.grants())[0]?.body.items.transactions, undefined)
    assert.match(
      person
        .replies()
        .slice(since)
        .map(({ text }) => text)
        .join('\n'),
      saying('grant.narrowed'),
    )
    assert.match((await person.say('last 3 payments')).at(-1)?.text ?? '', saying('refused.off'))
    assert.match((await person.say('balance')).at(-1)?.text ?? '', /\$/)
  })

  test('what was taken back can be given again in one tap', async () => {
    const person = house.person('ana')
    const page = await person.visit('/me?bank=harbor')
    await page.submit(changeUrl(page, 'transactions'), { choice: 'say' })
    assert.match((await person.say('last 1 payments')).at(-1)?.text ?? '', /\$/)
  })
})

describe('what left', () => {
  test('is the platform’s own record, one to one: every message about money, and no other', async () => {
    const person = await linked('elena', { balance: 'say' })
    await person.say('hello')
    await person.say('balance')
    await person.say('last 2 payments')
    await person.tap('Show here, this once')
    await person.say('help')
    await person.say('how much did I spend this month')
    const download = await person.visit('/me/download')
    const { chats } = JSON.parse(download.html) as Download
    assert.equal(chats.length, 1)
    const diary = (chats[0]?.left ?? []).map(
      ({ opening }) => (JSON.parse(opening.payload) as { body: string }).body,
    )
    const heard = house
      .sends()
      .filter(({ psid, status }) => psid === person.psid && status === 200)
      .map(({ body }) => body)
    assert.equal(diary.length, 4)
    // Byte for byte, in order; what the diary does not have says nothing of money.
    const about = heard.filter((body) => diary.includes(body))
    assert.deepEqual(about, diary.toReversed())
    assert.equal(new Set(diary).size, diary.length)
    for (const body of heard) if (!diary.includes(body)) assert.doesNotMatch(body, /\$|\/card\//)
    // And in words on the page.
    const page = await person.visit('/me/left?bank=harbor')
    for (const { said } of chats[0]?.left ?? []) {
      const first = (said ?? '').split('\n')[0] ?? ''
      assert.ok(page.words.includes(first.replace(/\s+/g, ' ')), first)
    }
    assert.match(page.words, /the available balance|the amount|the sum spent/)
  })

  test('each line has a proof that anyone can check offline, and that no longer holds when one byte is changed', async () => {
    const person = house.person('elena')
    const left = await person.visit('/me/left?bank=harbor')
    const proofs = left.links.filter(({ url }) => /\/me\/proof\/msg_/.test(url))
    assert.equal(proofs.length, 4)
    for (const { url } of proofs) {
      const page = await person.browser.open(url)
      assert.equal(page.status, 200)
      const file = (await person.browser.open(`${url}/file`)).html
      assert.ok(verifyFile(file, { keys: [house.logKey] }).ok)
    }
    const file = (await person.browser.open(`${proofs[0]?.url ?? ''}/file`)).html
    const statement = JSON.parse(file) as {
      checkpoint: string
      entries: { index: number; entry: string; proof: string[]; opening: { salt: string; payload: string } }[]
    }
    const [entry] = statement.entries
    assert.ok(entry)
    const flip = (text: string): string => {
      const bytes = Buffer.from(text, 'base64')
      const at = Math.floor(bytes.length / 2)
      bytes[at] = (bytes[at] ?? 0) ^ 1
      return bytes.toString('base64')
    }
    const altered = {
      'the words it speaks of': {
        ...statement,
        entries: [{ ...entry, opening: { ...entry.opening, payload: flip(entry.opening.payload) } }],
      },
      'the salt': {
        ...statement,
        entries: [{ ...entry, opening: { ...entry.opening, salt: flip(entry.opening.salt) } }],
      },
      'the entry': { ...statement, entries: [{ ...entry, entry: flip(entry.entry) }] },
      'its place': { ...statement, entries: [{ ...entry, index: entry.index + 1 }] },
      'the way to the root': { ...statement, entries: [{ ...entry, proof: entry.proof.map(flip) }] },
      'the signed root': {
        ...statement,
        checkpoint: statement.checkpoint.replace(/\n(\d+)\n/, (_, size: string) => `\n${Number(size) + 1}\n`),
      },
    }
    for (const [what, changed] of Object.entries(altered))
      assert.equal(verifyFile(JSON.stringify(changed), { keys: [house.logKey] }).ok, false, what)
    // Checked against another log's key it is nobody's proof.
    await using other = await openTestHouse({ serves: ['harbor'] })
    assert.equal(verifyFile(file, { keys: [other.logKey] }).ok, false)
  })

  test('a message that never left says so', async () => {
    const person = house.person('elena')
    house.platform.fault({ kind: '10/2018278', count: 1 })
    house.platform.sendText(person.psid, 'balance')
    await house.settle()
    house.platform.clearFaults()
    const { chats } = JSON.parse((await person.visit('/me/download')).html) as Download
    assert.equal(chats[0]?.left[0]?.state, 'failed')
  })
})

describe('whose page this is', () => {
  test('a stranger is asked who they are, with the bank that they name', async () => {
    const stranger = new Visitor()
    const banks = await stranger.open(`${house.url}/me`)
    assert.equal(banks.status, 401)
    assert.ok(banks.forms.length > 1, 'every bank here is one tap away')
    assert.doesNotMatch(banks.words, /\$|··/)
    const door = await stranger.open(`${house.url}/me?bank=harbor`)
    assert.equal(door.status, 401)
    for (const path of ['/me/left', '/me/data', '/me/download', '/me/erase']) {
      const page = await stranger.open(`${house.url}${path}?bank=harbor`)
      assert.equal(page.status, 401)
      assert.doesNotMatch(page.words, /\$|··/)
    }
  })

  test('somebody else’s session changes, reads and takes back nothing of mine', async () => {
    const mine = house.person('elena')
    const me = await mine.visit('/me?bank=harbor')
    const my = changeUrl(me, 'balance')
    const contactId = my.split('/')[3] ?? ''
    const intruder = house.stranger()
    await intruder.link({ bank: 'harbor', login: ben })
    const theirs = await intruder.visit('/me?bank=harbor')
    const form = theirs.forms.find(({ action }) => action.includes('/me/change/'))
    const csrf = form?.fields.find(({ name }) => name === 'csrf')?.value ?? ''
    const post = (path: string, fields: Record<string, string>) =>
      intruder.browser.open(`${house.url}${path}`, {
        method: 'POST',
        body: new URLSearchParams({ csrf, ...fields }).toString(),
      })
    assert.equal((await post(my, { choice: 'say' })).status, 404)
    assert.equal((await post(`/me/take-back/${contactId}`, {})).status, 404)
    assert.equal((await post(`/me/step-up/${contactId}`, {})).status, 404)
    assert.equal((await intruder.visit(`/me/take-back/${contactId}`)).status, 404)
    const left = await mine.visit('/me/left?bank=harbor')
    const proof = left.links.find(({ url }) => /\/me\/proof\/msg_/.test(url))?.url ?? ''
    assert.equal((await intruder.browser.open(proof)).status, 404)
    assert.equal((await intruder.browser.open(`${proof}/file`)).status, 404)
    assert.equal((await mine.grants())[0]?.state, 'active')
  })

  test('a form from elsewhere, without this browser’s token, changes nothing', async () => {
    const mine = house.person('elena')
    const me = await mine.visit('/me?bank=harbor')
    const refused = await me.submit(changeUrl(me, 'balance'), { choice: 'withhold', csrf: 'A'.repeat(43) })
    assert.equal(refused.status, 403)
    assert.match(refused.words, /Nothing was changed/)
    assert.equal((await mine.grants())[0]?.body.items.balance, 'say')
  })

  test('a switch cannot be pushed over the bank’s ceiling', async () => {
    const person = house.stranger()
    await person.link({ bank: 'granite', login: ben })
    const me = await person.visit('/me?bank=granite')
    const refused = await me.submit(changeUrl(me, 'transactions'), { choice: 'say' })
    assert.equal(refused.status, 404)
    assert.equal((await person.grants())[0]?.body.items.transactions, 'mask')
  })

  test('two chats of one customer are told apart, and each can be taken back', async () => {
    const one = house.stranger()
    const two = house.stranger()
    await one.link({ bank: 'harbor', login: ana })
    await two.link({ bank: 'harbor', login: ana })
    const page = await one.visit('/me?bank=harbor')
    const all = page.links
      .filter(({ url }) => /\/me\/take-back\/[^/]+$/.test(url))
      .map(({ url }) => url.split('/').at(-1))
    for (const person of [one, two, house.person('ana')])
      assert.ok(
        all.includes((await person.contact())?.ref.contactId),
        'each chat has its own way to be taken back',
      )
    const headings = [...page.html.matchAll(/<h2 class="group">([^<]*)/g)].map(([, text]) => text)
    assert.equal(headings.length, 3)
    assert.equal(new Set(headings).size, 3)
  })
})

test('a chat that another customer links later does not tell them what the first was told', async () => {
  const chat = house.stranger()
  await chat.link({ bank: 'harbor', login: ana, choices: { balance: 'say' } })
  const [said] = await chat.say('balance')
  const figures = said?.text.match(/\$[\d,]+\.\d\d/g) ?? []
  assert.ok(figures.length > 0)
  const old = (await chat.visit('/me/left')).links.find(({ url }) => /\/me\/proof\/msg_/.test(url))?.url ?? ''
  await chat.say('last 3 payments')
  const card = chat.linkOf('Open my payments')
  chat.browser.forgetCookies()
  await chat.link({ bank: 'harbor', login: ben, choices: { balance: 'mask' } })
  await chat.say('balance')
  const left = await chat.visit('/me/left')
  assert.equal(left.status, 200)
  const download = await chat.visit('/me/download')
  for (const figure of figures) {
    assert.equal(left.words.includes(figure), false)
    assert.equal(download.html.includes(figure), false)
  }
  assert.equal(left.links.filter(({ url }) => /\/me\/proof\/msg_/.test(url)).length, 1)
  assert.equal((await chat.browser.open(old)).status, 404)
  const stale = await chat.visit(card)
  assert.equal(stale.status, 410)
  assert.doesNotMatch(stale.words, /\$|··/)
})

test('linking again as the same customer keeps the diary', async () => {
  const chat = house.stranger()
  await chat.link({ bank: 'harbor', login: ben, choices: { balance: 'say' } })
  await chat.say('balance')
  await chat.link({ bank: 'harbor', login: ben, choices: { balance: 'mask' } })
  const left = await chat.visit('/me/left')
  assert.match(left.words, /\$\d/)
})

test('a form that was left open until the session ended asks to sign in again, and does nothing meanwhile', async () => {
  const person = house.person('elena')
  const page = await person.visit('/me/data?bank=harbor')
  const erase = await page.follow('Erase my data')
  await house.db.query(`update customer_session set seen_at = seen_at - interval '11 minutes'`)
  const asked = await erase.press('Erase everything', { typed: 'erase' })
  assert.equal(asked.status, 401)
  assert.equal(asked.heading, 'Is it you?')
  assert.ok(await person.contact())
  const back = await person.signInAt(asked, { bank: 'harbor' })
  assert.equal(back.url.pathname, '/me/erase')
})

test('signing out closes the browser, and everything asks again', async () => {
  const person = house.person('elena')
  const data = await person.visit('/me/data?bank=harbor')
  const out = await data.submit('/session/end')
  assert.equal(out.status, 200)
  await until(
    async () => (await person.visit('/me?bank=harbor')).status === 401,
    () => 'the session to end',
  )
})
