import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { dayMs, minuteMs } from '../../src/core/clock.ts'
import { isRefusal } from '../../src/core/refusal.ts'
import { openTestHouse, type TestHouse } from '../house.ts'
import { type PersonHandle, saying } from '../person.ts'
import { type Page, Visitor } from '../visitor.ts'

const ben = { username: 'ben', password: 'sandbox' }

let house: TestHouse
let person: PersonHandle
let card: string
before(async () => {
  house = await openTestHouse()
  person = house.person('ana')
  await person.link({ bank: 'harbor' })
  await person.say('checking balance')
  card = person.linkOf('View securely')
})
after(() => house[Symbol.asyncDispose]())

const dollars = (minor: number): string =>
  new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' }).format(minor / 100)
const checking = () =>
  house.banks.harbor
    .people()
    .find((one) => one.person === 'ana')
    ?.accounts.find(({ kind }) => kind === 'checking') ?? assert.fail('no checking account')
const money = /[$£]\s?\d|\d+\.\d\d\b/

/** A page with nothing of the customer's on it. */
function showsNothing(page: Page): void {
  assert.doesNotMatch(page.words, money)
  // Ports and card ids are chance: once in two thousand runs one of them holds the account's last four digits.
  const html = page.html.replace(/localhost:\d+/g, '').replace(/crd_[\w-]+/g, '')
  for (const secret of ['Ana', 'Moreno', checking().lastFour, checking().nickname])
    assert.equal(html.includes(secret), false, `${page.heading} says ${secret}`)
}

/** A browser in which Ana has signed in at her bank's own login. */
async function signedIn(): Promise<Visitor> {
  const visitor = new Visitor()
  const page = await visitor.open(card)
  assert.equal(page.status, 401)
  const opened = await person.signInAt(page)
  assert.equal(opened.status, 200)
  return visitor
}

/** Addresses of cards of every fate: open, run out, taken back, closed with its thing, replaced, erased, never made. */
type Fate =
  | 'open'
  | 'run out'
  | 'taken back'
  | 'its thing taken back'
  | 'linked anew'
  | 'erased'
  | 'never was'
let fates: Promise<Record<Fate, string>> | null = null
const everyFate = (): Promise<Record<Fate, string>> => (fates ??= makeFates())
async function makeFates(): Promise<Record<Fate, string>> {
  const one = async (login = ben) => {
    const chat = house.stranger()
    await chat.link({ bank: 'harbor', login })
    await chat.say('checking balance')
    return { chat, address: chat.linkOf('View securely') }
  }
  const ranOut = await one()
  await house.db.query(
    `update disclosure_card set expires_at = to_timestamp($2 / 1000.0) where card_id = $1`,
    [ranOut.address.split('/').at(-1), house.clock.now() - 1_000],
  )
  const takenBack = await one()
  await takenBack.chat.say('unlink my account')
  const narrowed = await one()
  const contact = (await narrowed.chat.contact()) ?? assert.fail()
  await house.engine.records.takeBack(contact, 'harbor', 'balance')
  const anew = await one()
  await anew.chat.link({ bank: 'harbor', login: ben })
  const erased = await one()
  await house.engine.records.erase((await erased.chat.contact()) ?? assert.fail())
  return {
    open: (await one()).address,
    'run out': ranOut.address,
    'taken back': takenBack.address,
    'its thing taken back': narrowed.address,
    'linked anew': anew.address,
    erased: erased.address,
    'never was': `${house.url}/card/crd_07${'Q'.repeat(22)}`,
  }
}

/** What each address answers to somebody who holds it and no more: all of it, but for the address itself and tokens. */
const asStranger = (addresses: Record<string, string>, userAgent?: string): Promise<string[]> =>
  Promise.all(
    Object.values(addresses).map(async (address) => {
      const page = await new Visitor(userAgent === undefined ? {} : { userAgent }).open(address)
      const headers = [...page.headers].filter(([name]) => !['date', 'set-cookie'].includes(name))
      const cookies = page.headers.getSetCookie().map((line) => line.replace(/=[A-Za-z0-9_-]{43};/, '=;'))
      return JSON.stringify([page.status, headers, cookies, page.html])
        .replaceAll(address.split('/').at(-1) ?? '', 'ID')
        .replace(/name=\\"csrf\\" value=\\"[^"]+"|data-csrf=\\"[^"]+"/g, 'csrf')
    }),
  )

describe('a link that was passed on tells nothing about its owner', () => {
  test('before anyone signs in, a card that is open, ran out, was taken back or never was gives the very same answer', async () => {
    const pages = await asStranger(await everyFate())
    assert.equal(pages.length, 7)
    for (const page of pages) assert.equal(page, pages[0])
    assert.match(pages[0] ?? '', /^\[401,/)
    assert.match(pages[0] ?? '', /Is it you\?/)
  })

  test('and so it does to somebody else who signed in: nothing there is theirs, whatever it is', async () => {
    const visitor = new Visitor()
    const addresses = await everyFate()
    await person.signInAt(await visitor.open(addresses.open))
    const pages = new Set<string>()
    for (const address of Object.values(addresses)) {
      const page = await visitor.open(address)
      showsNothing(page)
      pages.add(`${page.status} ${page.html.replaceAll(address.split('/').at(-1) ?? '', 'ID')}`)
    }
    assert.equal(pages.size, 1)
    assert.match([...pages][0] ?? '', /^404 /)
  })

  test('twin: behind the door they differ, so a door that let the address through would tell', async () => {
    const visitor = new Visitor()
    const addresses = await everyFate()
    await person.signInAt(await visitor.open(addresses.open), { as: ben })
    const told: Record<string, string> = {}
    for (const [fate, address] of Object.entries(addresses)) {
      const page = await visitor.open(address)
      told[fate] = page.status === 200 ? 'the card' : `${page.status} ${page.heading}`
    }
    assert.deepEqual(told, {
      open: 'the card',
      'run out': '410 This page has run out',
      'taken back': '410 You took this back',
      'its thing taken back': '410 You took this back',
      'linked anew': '410 This page has run out',
      erased: '404 Nothing here for you',
      'never was': '404 Nothing here for you',
    })
  })

  test('whoever was signed in as somebody else can sign in as the one it is for, at any bank here', async () => {
    const visitor = new Visitor()
    const { open } = await everyFate()
    const nothing = await person.signInAt(await visitor.open(open))
    assert.equal(nothing.status, 404)
    const door = await nothing.follow('Sign in as yourself')
    assert.equal(door.status, 401)
    const page = await person.signInAt(door, { as: ben })
    assert.equal(page.url.href, open)
    assert.equal(page.status, 200)
    assert.match(page.words, money)
  })

  test('a card that closed itself leads back to itself, and its closed door is the same for every address', async () => {
    const visitor = await signedIn()
    const page = await visitor.open(card)
    const closing = /data-close="([^"]+)"/.exec(page.html)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const closed = await visitor.open(new URL(closing, house.url).href)
    assert.equal(closed.status, 200)
    showsNothing(closed)
    assert.equal((await closed.follow('Open it again')).url.href, card)
    const byHand = await page.follow('Close now')
    assert.equal(byHand.heading, 'Closed')
  })
})

describe('the address alone shows nothing', () => {
  test('it asks who you are, and after the bank’s own login shows the bank’s own figure', async () => {
    const visitor = new Visitor()
    const door = await visitor.open(card)
    assert.equal(door.status, 401)
    showsNothing(door)
    const page = await person.signInAt(door)
    assert.equal(page.url.href, card)
    assert.ok(page.words.includes(dollars(checking().availableMinor)), page.words.slice(0, 400))
  })

  test('a forwarded address opened by somebody who signs in as themselves says only that nothing there is theirs', async () => {
    const visitor = new Visitor()
    const page = await person.signInAt(await visitor.open(card), { as: ben })
    assert.equal(page.status, 404)
    showsNothing(page)
  })

  test('a wrong password opens nothing', async () => {
    const visitor = new Visitor()
    const door = await (await visitor.open(card)).press('bank=harbor')
    const again = await door.press(/^Sign in/, { username: 'ana', password: 'guess' })
    assert.equal(again.status, 401)
    showsNothing(await visitor.open(card))
  })

  test('a preview robot or a browser that looks ahead gets an empty answer, and no code of ours runs for it', async () => {
    for (const [userAgent, headers] of [
      ['facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)', {}],
      ['Mozilla/5.0 (compatible; Googlebot/2.1)', {}],
      [undefined, { 'sec-purpose': 'prefetch' }],
      [undefined, { purpose: 'preview' }],
      [undefined, { 'x-moz': 'prefetch' }],
    ] as const) {
      const page = await new Visitor(userAgent === undefined ? {} : { userAgent }).open(card, { headers })
      assert.equal(page.status, 204)
      assert.equal(page.html, '')
    }
  })

  test('guessed and mistyped addresses say that there is nothing', async () => {
    const visitor = await signedIn()
    for (const id of ['crd_00AAAAAAAAAAAAAAAAAAAAAA', 'crd_zz!', '%00', '..%2f..%2fme', 'x'.repeat(5_000)]) {
      const page = await visitor.open(`${house.url}/card/${id}`)
      assert.ok(page.status === 404 || page.status === 414, `${id.slice(0, 20)}: ${page.status}`)
      showsNothing(page)
    }
  })

  test('a session ends after ten idle minutes, and after an hour whatever happens', async () => {
    await using later = await openTestHouse({ serves: ['harbor'] })
    const anaLater = later.person('ana')
    await anaLater.link({ bank: 'harbor' })
    await anaLater.say('balance')
    const address = anaLater.linkOf('View securely')
    assert.equal((await anaLater.visit(address)).status, 200)
    for (let minutes = 0; minutes < 55; minutes += 9) {
      later.clock.advance(9 * minuteMs)
      assert.equal((await anaLater.visit(address)).status, minutes + 9 < 60 ? 200 : 401)
    }
    later.clock.advance(9 * minuteMs)
    assert.equal((await anaLater.visit(address)).status, 401)
    await anaLater.signInAt(await anaLater.visit(address))
    later.clock.advance(11 * minuteMs)
    assert.equal((await anaLater.visit(address)).status, 401)
    later.clock.advance(dayMs)
    const old = await anaLater.signInAt(await anaLater.visit(address))
    assert.equal(old.status, 410)
    assert.match(old.heading, /run out/)
    assert.doesNotMatch(old.words, money)
  })
})

describe('inside a messenger’s own browser', () => {
  const agents = {
    'Messenger on iOS':
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/MessengerForiOS;FBAV/520.0.0;FBBV/1;FBDV/iPhone16,1]',
    'Messenger on Android':
      'Mozilla/5.0 (Linux; Android 15; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/137.0.0.0 Mobile Safari/537.36 [FB_IAB/Orca-Android;FBAV/511.0.0]',
    Instagram:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Instagram 380.0.0.0 (iPhone16,1; iOS 18_5)',
    'an Android webview':
      'Mozilla/5.0 (Linux; Android 14; SM-S911B Build/UP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36',
  }
  test('the page is the same whatever became of the card: it reads the address, and nothing behind it', async () => {
    for (const userAgent of [agents['Messenger on iOS'], agents['Messenger on Android']]) {
      const pages = await asStranger(await everyFate(), userAgent)
      assert.equal(new Set(pages).size, 1)
    }
  })

  for (const [name, userAgent] of Object.entries(agents)) {
    test(`${name} gets a page without a figure that leads out of it, and no login`, async () => {
      const page = await new Visitor({ userAgent }).open(card)
      assert.equal(page.status, 200)
      showsNothing(page)
      assert.deepEqual(
        page.forms.map(({ action }) => new URL(action).pathname),
        ['/language'],
      )
      assert.ok(page.html.includes(card), 'the address to copy')
    })
  }

  test('even with a session: what the app could read is never put on the page', async () => {
    const visitor = await signedIn()
    const cookie = visitor.cookiesOf('localhost')
    const page = await new Visitor({ userAgent: agents['Messenger on iOS'] }).open(card, {
      headers: { cookie },
    })
    showsNothing(page)
  })

  test('Android’s own word for who asks is heard as well', async () => {
    const page = await new Visitor().open(card, { headers: { 'x-requested-with': 'com.facebook.orca' } })
    assert.deepEqual(
      page.forms.map(({ action }) => new URL(action).pathname),
      ['/language'],
    )
    showsNothing(page)
  })
})

describe('the page itself', () => {
  test('is kept nowhere, framed by nobody, and asks nobody else for anything', async () => {
    const visitor = await signedIn()
    const page = await visitor.open(card)
    assert.equal(page.headers.get('cache-control'), 'no-store')
    assert.equal(page.headers.get('referrer-policy'), 'no-referrer')
    const policy = page.headers.get('content-security-policy') ?? ''
    assert.match(policy, /default-src 'none'/)
    assert.match(policy, /frame-ancestors 'none'/)
    for (const [, url = ''] of page.html.matchAll(/\b(?:src|href|action)="([^"]*)"/g)) {
      const { origin, protocol } = new URL(url, page.url)
      assert.ok(
        protocol === 'data:' || [house.url, house.platformUrl, house.bankUrls.harbor].includes(origin),
        url,
      )
    }
    assert.doesNotMatch(page.html, /<script(?![^>]*\bsrc="\/)/)
  })

  test('finds a payment by shop, by amount, by day and by direction', async () => {
    assert.equal(
      isRefusal(
        await house.banks.harbor.purchase({
          person: 'ana',
          amount: '77.13',
          merchant: 'Quince & Co',
          mcc: '5812',
        }),
      ),
      false,
    )
    assert.equal(isRefusal(await house.banks.harbor.salary({ person: 'ana', amount: '2222.22' })), false)
    const visitor = await signedIn()
    const listed = async (query: Record<string, string>): Promise<string> => {
      const page = await (await visitor.open(card)).submit(new URL(card).pathname, query)
      assert.equal(page.status, 200)
      return [...page.html.matchAll(/<details[^>]*class="[^"]*payment[^"]*"[\s\S]*?<\/summary>/g)]
        .map(([row]) => row)
        .join('\n')
    }
    assert.match(await listed({ q: 'quince' }), /77\.13/)
    assert.doesNotMatch(await listed({ q: 'quince' }), /2,222\.22/)
    assert.match(await listed({ min: '77.13', max: '77.13' }), /Quince/)
    assert.doesNotMatch(await listed({ min: '77.14', max: '100' }), /Quince/)
    const today = new Date(house.clock.now()).toLocaleDateString('en-CA', { timeZone: 'America/New_York' })
    assert.match(await listed({ from: today, to: today }), /Quince/)
    const before = new Date(Date.parse(`${today}T12:00:00Z`) - 40 * dayMs).toISOString().slice(0, 10)
    const old = await listed({ from: before, to: before })
    assert.doesNotMatch(old, /Quince/)
    const incoming = await listed({ direction: 'in' })
    assert.match(incoming, /2,222\.22/)
    assert.doesNotMatch(incoming, /Quince/)
    assert.doesNotMatch(await listed({ direction: 'out', q: 'payroll' }), /2,222\.22/)
  })

  test('a search that makes no sense is said so, beside what was typed', async () => {
    const visitor = await signedIn()
    const page = await visitor.open(
      `${card}?min=abc&from=31/12/2026&q=${encodeURIComponent('<script>alert(1)</script>')}`,
    )
    assert.equal(page.status, 200)
    assert.ok(page.html.includes('value="abc"'))
    assert.doesNotMatch(page.html, /<script>alert/)
  })

  test('when the bank does not answer, it says so and keeps no old figure', async () => {
    const visitor = await signedIn()
    house.banks.harbor.fault({ kind: 'maintenance', area: 'data', retryAfterSeconds: 1 })
    try {
      const page = await visitor.open(card)
      assert.equal(page.status, 200)
      assert.doesNotMatch(page.words, money)
    } finally {
      house.banks.harbor.clearFaults()
    }
  })
})

test('after the permission is taken back, the open card is closed and its address shows nothing', async () => {
  const visitor = await signedIn()
  assert.match((await visitor.open(card)).words, money)
  const replies = await person.say('unlink my account')
  assert.match(replies.at(-1)?.text ?? '', saying('link.undone'))
  const closed = await visitor.open(card)
  assert.equal(closed.status, 410)
  showsNothing(closed)
})
