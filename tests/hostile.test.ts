import { strict as assert } from 'node:assert'
import { after, afterEach, before, describe, test } from 'node:test'
import fc from 'fast-check'
import type { BankKey } from '../sandbox/people/people.ts'
import { minuteMs } from '../src/core/clock.ts'
import { isReturnPath } from '../src/http/customer/sign-in.ts'
import { contactOf } from './leaks/audit.ts'
import { knock, shout, type Answer, type Knock } from './hostile/knock.ts'
import { openTestHouse, pageId, until, type TestHouse } from './house.ts'
import type { PersonHandle } from './person.ts'
import { Visitor } from './visitor.ts'

/** Hostile input at every door: the right status, no crash, nothing of it in the log, nobody else disturbed. */
let house: TestHouse
let ana: PersonHandle
let ben: PersonHandle
let probe: PersonHandle
before(async () => {
  house = await openTestHouse()
  ;[ana, ben, probe] = [house.person('ana'), house.person('ben'), house.person('elena')]
  await ana.link({ bank: 'harbor', choices: { balance: 'say', transactions: 'say' } })
  await ben.link({ bank: 'harbor', choices: { balance: 'mask' } })
  await probe.link({ bank: 'harbor', choices: { balance: 'say' } })
})
after(() => house?.[Symbol.asyncDispose]())

// Whatever was done in a test, the next customer is served as before.
afterEach(async () => {
  const [reply] = await probe.say('balance')
  assert.match(reply?.text ?? '', /\$[\d,]+\.\d\d available/)
  assert.equal((await knock(house.url, { method: 'GET', path: '/readyz' })).status, 200)
})

/** Part of everything hostile, so that it is recognised in an answer and in the log. */
const mark = 'zqmark'
const markup = `${mark}"'><img src=x onerror=alert(1)>`
const good = new Set([200, 204, 303, 304, 400, 401, 403, 404, 405, 410, 413, 414, 415, 429, 431])

const cookieOf = (person: PersonHandle): string => person.browser.cookiesOf('localhost')
const csrfOf = (person: PersonHandle): string =>
  /guichet_csrf=([^;]+)/.exec(cookieOf(person))?.[1] ?? assert.fail('no form token')

/** What must hold of any answer to anything. */
function sound(sent: Knock, { status, headers, body }: Answer): void {
  const what = `${sent.method} ${JSON.stringify(sent.path)} → ${status}`
  assert.ok(good.has(status), what)
  assert.ok(
    !body.includes('onerror=alert(1)>') && !body.includes(`${mark}"'`),
    `${what} writes back what was sent`,
  )
  for (const [name, value] of Object.entries(headers))
    assert.ok(
      !/[<>"]?onerror=|^\s*set-cookie:/im.test(String(value)) || name === 'x',
      `${what} has it in ${name}`,
    )
  const type = String(headers['content-type'] ?? '')
  if (type.startsWith('text/html')) {
    assert.match(
      String(headers['content-security-policy']),
      /default-src 'none'.*frame-ancestors 'none'.*base-uri 'none'/,
      what,
    )
    assert.equal(headers['x-content-type-options'], 'nosniff', what)
    assert.equal(headers['referrer-policy'], 'no-referrer', what)
    assert.match(String(headers['cache-control']), /no-store/, what)
  }
  if (status === 303) {
    const to = new URL(String(headers['location']), house.url)
    const ours = [house.url, house.platformUrl, ...Object.values(house.bankUrls)].map(
      (one) => new URL(one).origin,
    )
    assert.ok(ours.includes(to.origin), `${what} leads to ${to.origin}`)
  }
}

/** Runs hostile requests and then looks at the log: no line holds the mark, and none says that we failed. */
async function hostile(requests: fc.Arbitrary<Knock>, numRuns: number): Promise<void> {
  const since = house.log.length
  await fc.assert(
    fc.asyncProperty(requests, async (sent) => {
      sound(sent, await knock(house.url, sent))
    }),
    { numRuns },
  )
  const lines = house.log.slice(since)
  assert.deepEqual(
    lines.filter((line) => line.toLowerCase().includes(mark)),
    [],
  )
  assert.deepEqual(
    lines.filter((line) => /"http\.(failed|unhandled)"/.test(line)),
    [],
  )
}

// ------------------------------------------------------------ what is sent
const nasties = [
  markup,
  '__proto__',
  'constructor',
  'toString',
  '..',
  '../../etc/passwd',
  '%00',
  '%2e%2e%2f',
  '%E0%A4%A',
  '%',
  '%zz',
  '%u0041',
  '\\..\\',
  '//evil.example',
  'https://evil.example/',
  'javascript:alert(1)',
  ' ',
  '+',
  '&',
  '=',
  ';',
  '#',
  '?',
  "' or 1=1 --",
  '{{7*7}}',
  '${7*7}',
  '{x, select, other {}}',
  '-1',
  '0',
  '1e9',
  '1e400',
  '-0',
  'NaN',
  'Infinity',
  '9223372036854775808',
  '0x10',
  '1.5',
  '2026-02-30',
  '-271821-04-19',
  '+275760-09-13',
  '9999-12-31',
  'null',
  'undefined',
  'true',
  '[]',
  '{}',
  'a'.repeat(3_000),
  '\u202eabc',
  'é'.repeat(43),
  '😀',
  '\ud800',
  '\r\nSet-Cookie: a=b',
  '\u0000',
]
const nasty = fc.oneof(
  fc.constantFrom(...nasties),
  fc.string({ unit: 'binary', maxLength: 60 }).map((text) => text + mark),
  fc.string({ maxLength: 60 }).map((text) => text + mark),
)
/** As one part of a path or query: usually escaped, sometimes as it is, as far as a request line can hold it. */
const part = fc
  .tuple(nasty, fc.boolean())
  .map(([text, escaped]) =>
    (escaped
      ? encodeURIComponent(text.toWellFormed())
      : text.replace(/[^\x21-\x7e]/g, (c) => encodeURIComponent(c.toWellFormed()))
    ).slice(0, 4_000),
  )
const names = [
  'page',
  'q',
  'min',
  'max',
  'from',
  'to',
  'direction',
  'before',
  'done',
  'changed',
  'bank',
  'code',
  'state',
  'iss',
  'error',
  'account_linking_token',
  'redirect_uri',
  'choice',
  'days',
  'accounts',
  'language',
  'back',
  'read-in',
  'csrf',
  'do',
  'typed',
  'choice.balance',
  '__proto__',
  'constructor[prototype][x]',
  'page[]',
]
const query = fc
  .array(fc.tuple(fc.constantFrom(...names), part), { maxLength: 5 })
  .map((pairs) =>
    pairs.length === 0
      ? ''
      : `?${pairs.map(([name, value]) => `${name}=${value.replaceAll('#', '%23')}`).join('&')}`,
  )

const doors = [
  '/',
  '/X',
  '/me',
  '/me/left',
  '/me/data',
  '/me/erase',
  '/me/download',
  '/me/X',
  '/me/proof/X',
  '/me/proof/X/file',
  '/me/proof/record/X',
  '/me/take-back/X',
  '/me/take-back/X/X',
  '/me/change/X/X',
  '/me/passkey',
  '/me/passkey/options',
  '/me/passkey/remove/X',
  '/me/step-up/X',
  '/card/X',
  '/card/closed',
  '/link/bank',
  '/language',
  '/link/continue',
  '/link/consent',
  '/link/callback/X',
  '/link/callback/harbor',
  `/link/messenger/${pageId}`,
  '/link/messenger/X',
  '/session/bank',
  '/session/callback/X',
  '/session/callback/harbor',
  '/session/passkey',
  '/session/passkey/options',
  '/session/end',
  '/assets/X',
  '/log/checkpoint',
  '/log/tile/X/X',
  '/log/tile/entries/X',
  '/log/tile/0/000.p/X',
  '/.well-known/jwks.json',
  '/robots.txt',
  '/healthz',
  '/webhooks/X',
  '/webhooks/messenger',
  '/X/X/X',
]
const path = fc
  .tuple(fc.constantFrom(...doors), fc.array(part, { minLength: 3, maxLength: 3 }), query)
  .map(([door, parts, asked]) => {
    let at = 0
    return (
      door.replaceAll('X', () => parts[at++]?.replaceAll('#', '%23').replaceAll('?', '%3f') ?? '') + asked
    )
  })
const cookies = fc.oneof(
  fc.constantFrom(
    'guichet_session=',
    'guichet_session=x; guichet_session=y',
    '=;=;;',
    `guichet_linking=1.lnk_${'0'.repeat(26)}.${'a'.repeat(43)}`,
    `guichet_linking=9999.lnk_${'Z'.repeat(26)}.${'-'.repeat(43)}`,
    'guichet_csrf=%E0%A4%A',
    'guichet_language=../X',
    '__proto__=1',
    `guichet_signin=${'a'.repeat(99)}`,
    `guichet_session=${'a'.repeat(5_000)}`,
  ),
  fc
    .string({ maxLength: 80 })
    .map(
      (text) =>
        `guichet_session=${text.replace(/[^\x21-\x7e]/g, '')}${mark}; guichet_csrf=${text.replace(/[^\x21-\x7e]/g, '')}`,
    ),
)
const formBody = fc
  .array(fc.tuple(fc.constantFrom(...names), nasty), { maxLength: 8 })
  .map((pairs) =>
    pairs
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value.toWellFormed())}`)
      .join('&'),
  )
const bodies = fc.oneof(
  fc.tuple(fc.constant('application/x-www-form-urlencoded'), fc.oneof(formBody, nasty)),
  fc.tuple(
    fc.constantFrom('application/json', 'application/json; charset=utf-7'),
    fc.oneof(
      fc.constantFrom(
        'null',
        '{}',
        '[]',
        '5',
        '"x"',
        '{"response":null}',
        '{"response":{"id":5}}',
        `{"__proto__":{"response":1},"response":{"id":"${mark}","response":{}}}`,
        '{"response":{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"},"clientExtensionResults":{}}}',
        '{',
        '\ufeff{}',
        '['.repeat(5_000),
      ),
      fc.json(),
    ),
  ),
  fc.tuple(
    fc.constantFrom(
      'multipart/form-data; boundary=x',
      'text/xml',
      'application/octet-stream',
      '',
      'a/b; charset="',
    ),
    fc.constantFrom(
      `--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n${mark}\r\n--x--`,
      '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
      '',
    ),
  ),
)
const agents = fc.constantFrom(
  'Mozilla/5.0',
  'facebookexternalhit/1.1',
  'x [FB_IAB/MESSENGER;FBAN/x] iPhone',
  `${mark}<script>`,
  '',
)

describe('strangers', () => {
  test('ask for anything, by any method, with any cookie', { timeout: 120_000 }, () =>
    hostile(
      fc.record({
        method: fc.constantFrom(
          'GET',
          'GET',
          'GET',
          'HEAD',
          'POST',
          'PUT',
          'DELETE',
          'PATCH',
          'OPTIONS',
          'TRACE',
          'PROPFIND',
        ),
        path,
        headers: fc.record({
          cookie: cookies,
          'user-agent': agents,
          accept: fc.constantFrom('*/*', 'application/json', 'text/html'),
          'accept-encoding': fc.constantFrom('gzip', 'br', 'zz, *;q=9', ''),
        }),
      }),
      1_000,
    ),
  )

  test('send anything', { timeout: 120_000 }, () =>
    hostile(
      fc
        .record({ path, body: bodies, cookie: cookies, csrf: nasty })
        .map(({ path: to, body: [type, text], cookie, csrf }) => ({
          method: 'POST',
          path: to,
          headers: {
            cookie,
            ...(type === '' ? {} : { 'content-type': type }),
            'x-csrf-token': encodeURIComponent(csrf.toWellFormed()),
          },
          body: text,
        })),
      1_000,
    ),
  )

  test('send more than a door takes, announced or not: 413, and the connection is not kept', async () => {
    const body = `typed=${'x'.repeat(2 << 20)}`
    const lengths: Record<string, string>[] = [
      { 'content-length': String(body.length) },
      { 'transfer-encoding': 'chunked' },
    ]
    for (const headers of lengths) {
      const answer = await knock(house.url, {
        method: 'POST',
        path: '/me/erase',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body,
      }).catch((error: NodeJS.ErrnoException) => error.code)
      assert.ok(
        typeof answer === 'string' || (answer?.status === 413 && answer.headers['connection'] === 'close'),
        JSON.stringify(answer),
      )
    }
  })

  test('do not speak HTTP, or speak it wrongly: a 4xx or a closed door, and no line in the log for each', {
    timeout: 60_000,
  }, async () => {
    const host = new URL(house.url).host
    const since = house.log.length
    const shouts = [
      'hello\r\n\r\n',
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      `GET /me HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example\r\n\r\n`,
      `GET /me HTTP/1.1\r\n\r\n`,
      `GET /me HTTP/9.9\r\nHost: ${host}\r\n\r\n`,
      `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: ${host}\r\n${Array.from({ length: 3_000 }, (_, i) => `X-${i}: ${mark}\r\n`).join('')}\r\n`,
      `GET / HTTP/1.1\r\nHost: ${host}\r\nCookie: ${'a=b; '.repeat(5_000)}\r\n\r\n`,
      `POST /me/erase HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /me HTTP/1.1\r\n\r\n`,
      `POST /me/erase HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`,
      `POST /me/erase HTTP/1.1\r\nHost: ${host}\r\nContent-Length: -1\r\n\r\n`,
      `POST /me/erase HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n${mark}\r\n`,
      `GET /me HTTP/1.1\r\nHost: ${host}\r\nX: a\nb: c\r\n d\r\n\r\n`,
      `CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n`,
      `GET http://evil.example/me HTTP/1.1\r\nHost: evil.example\r\n\r\n`,
      `GET /me HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
      ...[
        'a b',
        '[::1',
        'x:1:2',
        '<x>',
        'http://x/',
        'localhost@evil',
        '',
        '..',
        `${mark}.example`,
        '\xff',
      ].map((name) => `GET /me HTTP/1.1\r\nHost: ${name}\r\n\r\n`),
    ]
    const answers = await Promise.all(shouts.map((bytes) => shout(house.url, Buffer.from(bytes, 'latin1'))))
    for (const [i, heard] of answers.entries()) {
      const first = heard.split('\r\n')[0] ?? ''
      assert.ok(
        heard === '' || /^HTTP\/1\.1 (200|4\d\d) /.test(first),
        `${JSON.stringify(shouts[i]?.slice(0, 60))} → ${first}`,
      )
      assert.ok(
        !heard.includes('evil.example') && !heard.includes(mark),
        `${JSON.stringify(shouts[i]?.slice(0, 60))} is written back`,
      )
    }
    assert.deepEqual(
      house.log.slice(since).filter((line) => /"level":"(error|warn)"/.test(line) || line.includes(mark)),
      [],
    )
  })
})

describe('a customer who is signed in', () => {
  test('asks for anything of their own with values that make no sense', { timeout: 120_000 }, async () => {
    const card = await cardOf(ana)
    const own = [
      '/me',
      '/me/left',
      '/me/data',
      '/me/erase',
      '/me/proof/X',
      '/me/proof/X/file',
      '/me/proof/record/X',
      '/me/take-back/X',
      '/me/take-back/X/X',
      card,
      card,
      card,
    ]
    await hostile(
      fc
        .record({ door: fc.constantFrom(...own), value: part, query })
        .map(({ door, value, query: asked }) => ({
          method: 'GET',
          path: door.replaceAll('X', () => value.replaceAll('?', '%3f').replaceAll('#', '%23')) + asked,
          headers: { cookie: cookieOf(ana) },
        })),
      400,
    )
  })

  test('sends forms, with the right token, that no page of ours holds', { timeout: 120_000 }, async () => {
    const forms = [
      '/me/change/X/X',
      '/me/change/X/balance',
      '/me/take-back/X',
      '/me/take-back/X/balance',
      '/me/passkey/remove/X',
      '/me/step-up/X',
      '/me/erase',
      '/link/bank',
      '/link/continue',
      '/link/consent',
      '/session/bank?bank=X&to=X',
    ]
    await hostile(
      fc
        .record({ door: fc.constantFrom(...forms), value: part, fields: formBody })
        .map(({ door, value, fields }) => ({
          method: 'POST',
          path: door.replaceAll('X', () => value.replaceAll('?', '%3f').replaceAll('#', '%23')),
          headers: { cookie: cookieOf(ana), 'content-type': 'application/x-www-form-urlencoded' },
          body: `csrf=${csrfOf(ana)}&${fields}`,
        })),
      400,
    )
    assert.equal((await ana.visit('/me')).status, 200)
  })

  test('answers a passkey challenge with anything', { timeout: 60_000 }, async () => {
    for (const [options, verify] of [
      ['/session/passkey/options', '/session/passkey?bank=harbor&to=/me'],
      ['/me/passkey/options', '/me/passkey'],
    ] as const)
      await fc.assert(
        fc.asyncProperty(bodies, async ([type, body]) => {
          const headers = { 'x-csrf-token': csrfOf(ana), 'content-type': type || 'application/json' }
          const challenge = await knock(house.url, {
            method: 'POST',
            path: options,
            headers: { ...headers, cookie: cookieOf(ana) },
          })
          assert.equal(challenge.status, 200)
          const signin = String(challenge.headers['set-cookie']).split(';')[0]
          const answer = await knock(house.url, {
            method: 'POST',
            path: verify,
            headers: { ...headers, cookie: `${cookieOf(ana)}; ${signin}` },
            body,
          })
          assert.ok([400, 403].includes(answer.status), `${body.slice(0, 80)} → ${answer.status}`)
        }),
        { numRuns: 40 },
      )
  })

  test('a form without this browser’s own token does nothing', async () => {
    const { contactId } = (await contactOf(house, ana.psid))?.ref ?? assert.fail()
    const before = await grantVersion(ana)
    for (const token of ['', 'x', csrfOf(ben), csrfOf(ana).toUpperCase(), `${csrfOf(ana)}x`, 'é'.repeat(43)])
      for (const path of [
        `/me/change/${contactId}/balance`,
        `/me/take-back/${contactId}`,
        `/me/take-back/${contactId}/balance`,
        '/me/erase',
        '/session/end',
      ]) {
        const answer = await knock(house.url, {
          method: 'POST',
          path,
          headers: { cookie: cookieOf(ana), 'content-type': 'application/x-www-form-urlencoded' },
          body: `csrf=${encodeURIComponent(token)}&choice=mask&typed=erase`,
        })
        assert.equal(answer.status, path === '/session/end' ? 404 : 403, path)
      }
    assert.equal(await grantVersion(ana), before)
    assert.equal((await ana.visit('/me')).status, 200)
  })
})

describe('somebody in the middle of linking', () => {
  test('sends a consent form that no page of ours holds: it is shown again, or refused, and nothing is agreed or bound', {
    timeout: 60_000,
  }, async () => {
    const person = house.stranger()
    await person.untilConsent({ bank: 'harbor', login: { username: 'ana', password: 'sandbox' } })
    const cookie = cookieOf(person)
    const csrf = csrfOf(person)
    const send = (rest: string) => ({
      method: 'POST',
      path: '/link/consent',
      headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
      body: `csrf=${csrf}&${rest}`,
    })
    await hostile(
      formBody.map((fields) => send(fields)),
      120,
    )
    for (const rest of ['', 'do=', 'do=AGREE', 'do=review', 'choice.balance=say'])
      assert.equal((await knock(house.url, send(rest))).status, 200, rest)
    await hostile(
      fc
        .record({
          path: fc.constantFrom(
            '/link/bank',
            '/link/continue',
            '/link/callback/harbor',
            '/link/callback/granite',
            '/link/consent',
          ),
          query,
          method: fc.constantFrom('GET', 'POST'),
        })
        .map(({ path: to, query: asked, method }) => ({ method, path: to + asked, headers: { cookie } })),
      80,
    )
    const ref = house.engine.contacts.refOf({ channel: 'messenger', account: pageId, user: person.psid })
    assert.equal(
      (
        await house.db.query('select 1 from customer_link where lane = $1 and contact_id = $2', [
          ref.lane,
          ref.contactId,
        ])
      ).rowCount,
      0,
    )
    const { rows } = await house.db.query<{ step: string }>(
      'select step from customer_linking where lane = $1 and contact_id = $2',
      [ref.lane, ref.contactId],
    )
    assert.deepEqual(
      rows.map(({ step }) => step),
      ['consent'],
    )
  })

  test('a linking that is somebody else’s, by its id alone, is not theirs to go on with', async () => {
    const person = house.stranger()
    await person.untilConsent({ bank: 'harbor', login: { username: 'ana', password: 'sandbox' } })
    const linking = /guichet_linking=([^;]+)/.exec(cookieOf(person))?.[1] ?? assert.fail()
    const forged = linking.replace(/\.[^.]+$/, `.${'A'.repeat(43)}`)
    for (const path of ['/link/bank', '/link/consent']) {
      const answer = await knock(house.url, {
        method: 'GET',
        path,
        headers: { cookie: `guichet_linking=${forged}` },
      })
      assert.equal(answer.status, 400)
      assert.equal(
        (
          await knock(house.url, {
            method: 'GET',
            path: '/link/consent',
            headers: { cookie: `guichet_linking=${linking}` },
          })
        ).status,
        200,
      )
    }
  })
})

describe('what belongs to somebody else', () => {
  test('another customer’s card shows nothing, and is as if it were not there', async () => {
    await ana.say('last payments')
    const card = await cardOf(ana)
    const mine = await ana.visit(card)
    assert.equal(mine.status, 200)
    const theirs = await ben.visit(card)
    assert.equal(theirs.status, 404)
    assert.ok(!/[$£€]\s?\d/.test(theirs.html))
  })

  test('nor does the session of another bank open it, be it the same person’s', async () => {
    const again = new Visitor()
    const card = await cardOf(ben, 'balance')
    const page = await signedIn(again, 'granite', 'ben')
    assert.equal(page.status, 200)
    assert.equal((await again.open(`${house.url}${card}`)).status, 404)
  })

  test('their proofs, files and records are not found', async () => {
    const left = await ana.visit('/me/left')
    const proofs = [...left.html.matchAll(/\/me\/proof\/(msg_[0-9A-Z]{26})/g)].map(([, id]) => id ?? '')
    assert.ok(proofs.length > 0)
    const { lane, contactId } = (await contactOf(house, ana.psid))?.ref ?? assert.fail()
    const { rows } = await house.db.query<{ batch_id: string }>(
      'select batch_id from consent_record where lane = $1 and contact_id = $2',
      [lane, contactId],
    )
    for (const path of [
      ...proofs.flatMap((id) => [`/me/proof/${id}`, `/me/proof/${id}/file`]),
      ...rows.map((row) => `/me/proof/record/${row.batch_id}`),
    ]) {
      assert.equal((await ana.visit(path)).status, 200, path)
      assert.equal((await ben.visit(path)).status, 404, path)
    }
  })

  test('their chat in a form of one’s own changes nothing', async () => {
    const { contactId } = (await contactOf(house, ana.psid))?.ref ?? assert.fail()
    const before = await grantVersion(ana)
    for (const path of [
      `/me/change/${contactId}/balance`,
      `/me/take-back/${contactId}`,
      `/me/take-back/${contactId}/balance`,
      `/me/step-up/${contactId}`,
    ]) {
      const answer = await knock(house.url, {
        method: 'POST',
        path,
        headers: { cookie: cookieOf(ben), 'content-type': 'application/x-www-form-urlencoded' },
        body: `csrf=${csrfOf(ben)}&choice=mask`,
      })
      assert.equal(answer.status, 404, path)
      assert.notEqual((await ben.visit(path)).status, 200, path)
    }
    assert.equal(await grantVersion(ana), before)
    const download = JSON.parse((await ben.visit('/me/download')).html) as {
      chats: { left: { id: string }[] }[]
    }
    const own = (await contactOf(house, ben.psid))?.ref ?? assert.fail()
    for (const { id } of download.chats.flatMap(({ left }) => left))
      assert.equal(
        (
          await house.db.query(
            'select 1 from disclosure_outbox where lane = $1 and contact_id = $2 and message_id = $3',
            [own.lane, own.contactId, id],
          )
        ).rowCount,
        1,
      )
  })
})

describe('signing in', () => {
  test('leads back to our own pages and nowhere else', () => {
    const base = 'https://guichet.example'
    fc.assert(
      fc.property(
        fc.oneof(
          nasty,
          nasty.map((text) => `/me${text}`),
          nasty.map((text) => `/card/${text}`),
          nasty.map((text) => `/card/crd_00aaaaaaaaaaaa?${text}`),
        ),
        (to) => {
          if (!isReturnPath(to)) return
          const url = new URL(to, base)
          assert.ok(url.origin === base && /^\/(card|me)(\/|$)/.test(url.pathname), to)
          assert.ok(!/[\s\\<>"]/.test(to), to)
        },
      ),
      { numRuns: 3_000 },
    )
    for (const to of [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example',
      '/me/../..//evil.example',
      '/me?to=//evil\r\nx',
      '/card/../me',
      '/link/bank',
    ])
      assert.equal(isReturnPath(to), false, to)
  })

  test('asked for with another way back is not begun; nor does the Log-in button’s page lead away from the messenger', async () => {
    const page = await new Visitor().open(`${house.url}/me?bank=harbor`)
    assert.equal(page.status, 401)
    for (const to of [
      '//evil.example',
      'https://evil.example/',
      '/\\evil.example',
      '',
      '/link/bank',
      'javascript:alert(1)',
    ]) {
      const answer = await knock(house.url, {
        method: 'POST',
        path: `/session/bank?bank=harbor&to=${encodeURIComponent(to)}`,
        headers: { cookie: cookieOf(ana), 'content-type': 'application/x-www-form-urlencoded' },
        body: `csrf=${csrfOf(ana)}`,
      })
      assert.equal(answer.status, 404, to)
      const linking = await knock(house.url, {
        method: 'GET',
        path: `/link/messenger/${pageId}?account_linking_token=x&redirect_uri=${encodeURIComponent(to)}`,
      })
      assert.equal(linking.status, 400, to)
      assert.equal(linking.headers['location'], undefined)
    }
  })

  test('an answer of the bank that this browser did not ask for signs nobody in (login CSRF), and works once', async () => {
    const thief = new Visitor()
    const callback = await untilCallback(thief, 'harbor', 'ben')
    const victim = new Visitor()
    const planted = await victim.open(callback)
    assert.equal(planted.status, 404)
    assert.ok(!victim.cookiesOf('localhost').includes('guichet_session'))
    // Somebody with a sign-in of their own under way is not given another's either.
    const other = new Visitor()
    await untilCallback(other, 'harbor', 'ana')
    const mixed = await other.open(callback)
    assert.equal(mixed.status, 401)
    assert.ok(!other.cookiesOf('localhost').includes('guichet_session'))
    assert.equal((await thief.open(callback)).status, 200)
    assert.equal((await thief.open(callback)).status, 404)
    // Nor does it begin a linking.
    assert.equal((await victim.open(callback.replace('/session/', '/link/'))).status, 400)
  })

  test('does not take over a session secret that was planted before', async () => {
    const planted = 'A'.repeat(43)
    const victim = new Visitor()
    const callback = await untilCallback(victim, 'harbor', 'ana')
    await victim.open(callback, {
      headers: { cookie: `guichet_session=${planted}; ${victim.cookiesOf('localhost')}` },
    })
    assert.equal((await victim.open(`${house.url}/me?bank=harbor`)).status, 200)
    assert.match(victim.cookiesOf('localhost'), /guichet_session=(?!A{43})/)
    const withPlanted = await knock(house.url, {
      method: 'GET',
      path: '/me?bank=harbor',
      headers: { cookie: `guichet_session=${planted}` },
    })
    assert.equal(withPlanted.status, 401)
  })
})

describe('a bank’s words', () => {
  test('become neither markup on our pages nor links in the chat, whoever wrote them', async () => {
    const merchants = [
      markup,
      '</td></tr><script>alert(1)</script>',
      'http://evil.example/x',
      'evil.example',
      '[tap](https://evil.example)',
      '@evil',
      `" autofocus onfocus="alert(1)`,
      '{{7*7}}',
      '‮evil‬',
      '\u0000\u0001\u001b[2J',
      'Invoice\n\nTotal: $0.00',
      "'; drop table x; --",
      '&lt;b&gt;',
      'x'.repeat(99),
      'AB17-CDEF-GHIJ-KLMN',
    ]
    const since = house.log.length
    for (const [i, merchant] of merchants.entries())
      await house.banks.harbor.purchase({
        person: 'ana',
        amount: `${i + 1}.07`,
        merchant: merchant.slice(0, 100),
        memo: markup,
        postAfterSeconds: 0,
      })
    const replies = await ana.say('last 10 transactions')
    const text = replies.map((reply) => reply.text).join('\n')
    assert.ok(text.includes('$15.07'), text)
    assert.ok(!/:\/\/|evil\.example|\]\(|@|[<>]|\u202e/u.test(text), text)
    for (const path of ['', '?q=evil', '?page=1']) {
      const card = await ana.visit(`${await cardOf(ana)}${path}`)
      assert.equal(card.status, 200)
      const tags = card.html.replace(/="[^"]*"/g, '=""').match(/<[a-z][^>]*>/gi) ?? []
      assert.ok(tags.length > 50)
      assert.deepEqual(
        tags.filter((tag) =>
          /\son\w+\s*=|\sstyle=|\ssrcdoc=|^<(?:img|iframe|object|embed|base|svg onload)/i.test(tag),
        ),
        [],
      )
      for (const { url } of card.links)
        assert.ok(
          [house.url, house.platformUrl, house.bankUrls.harbor].some((one) => url.startsWith(one)),
          url,
        )
      assert.equal(
        [...card.html.matchAll(/<script\b/g)].length,
        [...card.html.matchAll(/<script type="module" src="\/assets\//g)].length,
      )
    }
    assert.deepEqual(
      house.log.slice(since).filter((line) => /evil|zqmark|onerror/.test(line)),
      [],
    )
  })
})

// Last: it moves the clock.
describe('a session', () => {
  test('ends by itself after ten idle minutes, and after an hour however busy it is', async () => {
    const visitor = new Visitor()
    assert.equal((await signedIn(visitor, 'harbor', 'ana')).status, 200)
    house.clock.advance(11 * minuteMs)
    assert.notEqual((await visitor.open(`${house.url}/me?bank=harbor`)).status, 200)
    assert.equal((await signedIn(visitor, 'harbor', 'ana')).status, 200)
    for (let minutes = 0; minutes < 54; minutes += 9) {
      house.clock.advance(9 * minuteMs)
      assert.equal(
        (await visitor.open(`${house.url}/me?bank=harbor`)).status,
        200,
        `after ${minutes + 9} minutes`,
      )
    }
    house.clock.advance(7 * minuteMs)
    assert.equal((await visitor.open(`${house.url}/me?bank=harbor`)).status, 401)
    const form = await knock(house.url, {
      method: 'POST',
      path: '/me/erase',
      headers: {
        cookie: visitor.cookiesOf('localhost'),
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: `csrf=${/guichet_csrf=([^;]+)/.exec(visitor.cookiesOf('localhost'))?.[1]}&typed=erase`,
    })
    assert.equal(form.status, 401)
    assert.equal((await contactOf(house, ana.psid)) !== null, true)
  })

  test('asked for from deeper than a sign-in leads back to, begins at the start of one’s own pages', async () => {
    const page = await new Visitor().open(`${house.url}/me/take-back/x/balance?bank=harbor`)
    assert.equal(page.status, 401)
    assert.equal((await ana.signInAt(page, { as: { username: 'ana', password: 'sandbox' } })).status, 200)
  })
})

// ------------------------------------------------------------ ways there
/** The path of a fresh sealed card of this person. */
async function cardOf(person: PersonHandle, question = 'how much did I spend last month'): Promise<string> {
  await person.say(question)
  const { lane, contactId } = (await contactOf(house, person.psid))?.ref ?? assert.fail()
  const find = async (): Promise<string | undefined> =>
    (
      await house.db.query<{ card_id: string }>(
        'select card_id from disclosure_card where lane = $1 and contact_id = $2 order by expires_at desc limit 1',
        [lane, contactId],
      )
    ).rows[0]?.card_id
  await until(
    async () => (await find()) !== undefined,
    () => 'a card',
  )
  return `/card/${await find()}`
}

async function grantVersion(person: PersonHandle): Promise<number | undefined> {
  const { lane, contactId } = (await contactOf(house, person.psid))?.ref ?? assert.fail()
  return (
    await house.db.query<{ version: number }>(
      'select version from consent_grant where lane = $1 and contact_id = $2',
      [lane, contactId],
    )
  ).rows[0]?.version
}

/** A sign-in at the bank up to the address that leads back to us, which is not opened. */
async function untilCallback(visitor: Visitor, bank: BankKey, username: string): Promise<string> {
  let page = await visitor.open(`${house.url}/me?bank=${bank}`)
  assert.equal(page.status, 401)
  const login = await page.press(/^Sign in at /, {})
  const form = login.forms.find((one) => one.action.endsWith('/sign-in')) ?? assert.fail('no login form')
  const body = new URLSearchParams([
    ...form.fields
      .filter(({ name }) => name !== 'username' && name !== 'password')
      .map(({ name, value }) => [name, value]),
    ['username', username],
    ['password', 'sandbox'],
  ]).toString()
  page = await visitor.open(form.action, { method: 'POST', body, redirects: 0 })
  for (let hops = 0; hops < 6; hops++) {
    const to = new URL(
      page.headers.get('location') ?? assert.fail(`no way on from ${page.url.href}`),
      page.url,
    )
    if (to.origin === new URL(house.url).origin) return to.href
    page = await visitor.open(to.href, { redirects: 0 })
  }
  return assert.fail('the bank never led back')
}

async function signedIn(visitor: Visitor, bank: BankKey, username: string): Promise<{ status: number }> {
  return visitor.open(await untilCallback(visitor, bank, username))
}
