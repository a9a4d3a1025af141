import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Asked, openFakeGraph, type Reply } from '../../../tests/wire/fake-graph.ts'
import { isRefusal, OutsideError } from '../../core/refusal.ts'
import { checkMessenger } from './check.ts'
import { type Graph, openGraph } from './graph.ts'
import { checkRedirectUri, redirectWithCode, resolveLinkingToken, unlink } from './linking.ts'
import { deletePersona, ensurePersona } from './personas.ts'
import { applyProfile, type DesiredProfile, diffProfile, profileBody } from './profile.ts'
import { extendThread, passThread, releaseThread, requestThread, takeThread, threadOwner } from './routing.ts'
import { keepSubscribed, messengerFields, readSubscription } from './subscription.ts'
import { createTemplate, draftFault, listTemplates, parameterFault, templateStatus } from './templates.ts'

const now = 1_790_000_000_000

async function withGraph(
  answer: (asked: Asked) => Reply,
  run: (graph: Graph, asked: Asked[]) => Promise<void>,
): Promise<void> {
  await using fake = await openFakeGraph(answer)
  await using graph = openGraph(
    {
      account: 'PAGE',
      appId: '42',
      graphUrl: fake.url,
      apiVersion: 'v25.0',
      pageToken: 'PAGE_TOKEN',
      appSecret: 'guichet-test-secret',
      httpsOnly: false,
      timeoutMs: 500,
    },
    { clock: () => now },
  )
  await run(graph, fake.asked)
}
const fails = (code: number, subcode?: number): Reply => ({
  status: 400,
  body: { error: { code, error_subcode: subcode } },
})
const ok: Reply = { body: { success: true } }

test('a linking token tells whose chat opened the login page, before any login', async () => {
  await withGraph(
    ({ path, query }) => {
      assert.equal(path, '/v25.0/me')
      assert.equal(query.get('fields'), 'recipient')
      switch (query.get('account_linking_token')) {
        case 'good':
          return { body: { id: 'PAGE', recipient: 'PSID' } }
        case 'old':
          return fails(10301)
        case 'foreign':
          return { body: { id: 'OTHER', recipient: 'PSID' } }
        case 'broken':
          return { status: 500, body: '' }
        default:
          return fails(10303)
      }
    },
    async (graph, asked) => {
      assert.deepEqual(await resolveLinkingToken(graph, 'good'), { psid: 'PSID' })
      assert.deepEqual(await resolveLinkingToken(graph, 'old'), { refused: 'expired' })
      assert.deepEqual(await resolveLinkingToken(graph, 'bad'), { refused: 'invalid' })
      assert.deepEqual(await resolveLinkingToken(graph, 'foreign'), { refused: 'invalid' })
      const before = asked.length
      assert.deepEqual(await resolveLinkingToken(graph, 'with space'), { refused: 'invalid' })
      assert.equal(asked.length, before, 'not asked')
      await assert.rejects(
        resolveLinkingToken(graph, 'broken'),
        (error: unknown) => error instanceof OutsideError && error.retryable,
      )
    },
  )
})

test('the way back leads to the messenger and nowhere else', () => {
  const hosts = ['www.facebook.com', 'localhost:7310', 'localhost']
  const path = '/messenger_platform/account_linking'
  const check = (uri: string) => checkRedirectUri(uri, hosts, path)
  const good = check(`https://www.facebook.com${path}?account_linking_token=t`)
  assert.ok(!isRefusal(good))
  assert.equal(
    redirectWithCode(good, 'a+b'),
    `https://www.facebook.com${path}?account_linking_token=t&authorization_code=a%2Bb`,
  )
  assert.ok(!isRefusal(check(`http://localhost:7310${path}?x=1`)))
  for (const uri of [
    `https://www.facebook.com.evil.test${path}`,
    `https://evil.test/${path}`,
    `https://www.facebook.com@evil.test${path}`,
    `https://www.facebook.com:444${path}`,
    `http://www.facebook.com${path}`,
    `https://www.facebook.com${path}/../other`,
    `https://www.facebook.com${path}/`,
    `https://www.facebook.com${path}#x`,
    `https://www.facebook.com${path}?authorization_code=mine`,
    `javascript:alert(1)//www.facebook.com${path}`,
    '',
    `https://www.facebook.com${path}?${'x'.repeat(2_001)}`,
  ]) {
    assert.ok(isRefusal(check(uri)), uri)
  }
})

test('a link is ended at the platform', async () => {
  await withGraph(
    () => ({ body: { result: 'unlink account success' } }),
    async (graph, asked) => {
      await unlink(graph, 'PSID')
      assert.equal(asked[0]?.path, '/v25.0/me/unlink_accounts')
      assert.deepEqual(JSON.parse(asked[0]?.body ?? ''), { psid: 'PSID' })
    },
  )
})

test('threads are passed, taken, released, asked for, kept, and their owner read', async () => {
  await withGraph(
    ({ method }) =>
      method === 'GET'
        ? { body: { data: [{ thread_owner: { app_id: 263902037430900, expiration: 1_790_000_100 } }] } }
        : ok,
    async (graph, asked) => {
      assert.equal(await passThread(graph, 'PSID', '263902037430900', 'T-1'), true)
      assert.equal(await takeThread(graph, 'PSID'), true)
      assert.equal(await releaseThread(graph, 'PSID'), true)
      assert.equal(await requestThread(graph, 'PSID'), true)
      assert.equal(await extendThread(graph, 'PSID', 1e9), true)
      assert.deepEqual(await threadOwner(graph, 'PSID'), {
        appId: '263902037430900',
        ours: false,
        until: 1_790_000_100_000,
      })
      assert.deepEqual(
        asked.map(({ path }) => path.replace('/v25.0/me/', '')),
        [
          'pass_thread_control',
          'take_thread_control',
          'release_thread_control',
          'request_thread_control',
          'extend_thread_control',
          'thread_owner',
        ],
      )
      assert.deepEqual(JSON.parse(asked[0]?.body ?? ''), {
        recipient: { id: 'PSID' },
        target_app_id: '263902037430900',
        metadata: 'T-1',
      })
      assert.match(asked[4]?.body ?? '', /"duration":604800/)
    },
  )
  await withGraph(
    () => ({ body: { data: [] } }),
    async (graph) => assert.equal(await threadOwner(graph, 'PSID'), null),
  )
  await withGraph(
    () => fails(2018300),
    async (graph) => {
      await assert.rejects(takeThread(graph, 'PSID'), { code: 'graph_2018300' })
    },
  )
})

const desired: DesiredProfile = {
  getStarted: 'START',
  greeting: { default: 'Hello', es_US: 'Hola' },
  menu: {
    default: [
      { kind: 'choice', title: 'Balance', payload: 'BALANCE' },
      { kind: 'url', title: 'My permissions', url: 'https://bank.test/me' },
    ],
  },
  iceBreakers: { default: [{ question: 'What is my balance?', payload: 'BALANCE' }] },
  whitelistedDomains: ['https://bank.test'],
  accountLinkingUrl: 'https://bank.test/link',
}

test('only what differs in the profile is written, and what is no longer wanted is taken away', async () => {
  let stored: Record<string, unknown> = { greeting: [{ locale: 'default', text: 'Old' }], commands: [] }
  await withGraph(
    ({ method, body, query }) => {
      if (method === 'GET') {
        assert.match(query.get('fields') ?? '', /persistent_menu/)
        return { body: { data: [stored] } }
      }
      if (method === 'DELETE') {
        for (const field of (JSON.parse(body) as { fields: string[] }).fields) delete stored[field]
      } else stored = { ...stored, ...(JSON.parse(body) as object) }
      return { body: { result: 'success' } }
    },
    async (graph, asked) => {
      const first = await applyProfile(graph, desired)
      assert.ok(!isRefusal(first))
      assert.equal(first.set.length, 6)
      assert.deepEqual(await applyProfile(graph, desired), { set: [], removed: [] })
      const writes = asked.filter(({ method }) => method !== 'GET').length
      assert.equal(writes, 1, 'the second time nothing is written')
      const less = await applyProfile(graph, { getStarted: 'START' })
      assert.ok(!isRefusal(less))
      assert.deepEqual([...less.removed].sort(), [
        'account_linking_url',
        'greeting',
        'ice_breakers',
        'persistent_menu',
        'whitelisted_domains',
      ])
    },
  )
})

test('order of locales, a trailing slash and a default of the platform are no difference', () => {
  const body = profileBody(desired, true)
  assert.ok(!isRefusal(body))
  const menu = body.persistent_menu?.map(({ composer_input_disabled: _disabled, ...rest }) => rest)
  const same = {
    ...body,
    greeting: (body.greeting ?? []).toReversed(),
    whitelisted_domains: ['https://bank.test/'],
    persistent_menu: menu,
  }
  assert.deepEqual(diffProfile(same, body), { set: {}, remove: [] })
})

test('a profile the platform would refuse is refused before it is asked', () => {
  const why = (part: DesiredProfile): string | undefined => {
    const body = profileBody(part, true)
    return isRefusal(body) ? body.detail : undefined
  }
  const menu = desired.menu as NonNullable<DesiredProfile['menu']>
  assert.match(why({ greeting: { es_US: 'Hola' } }) ?? '', /locale default/)
  assert.match(why({ greeting: { default: 'x'.repeat(161) } }) ?? '', /160/)
  assert.match(why({ menu }) ?? '', /getStarted/)
  assert.match(why({ getStarted: 'S', menu: { default: [] } }) ?? '', /1 to 20/)
  assert.match(
    why({ getStarted: 'S', menu: { default: [{ kind: 'url', title: 'x', url: 'http://bank.test' }] } }) ?? '',
    /https/,
  )
  assert.match(
    why({ getStarted: 'S', menu: { default: [{ kind: 'choice', title: 'x'.repeat(31), payload: 'p' }] } }) ??
      '',
    /30/,
  )
  const five = Array.from({ length: 5 }, () => ({ question: 'Q?', payload: 'p' }))
  assert.match(why({ iceBreakers: { default: five } }) ?? '', /4/)
  assert.match(why({ accountLinkingUrl: 'http://bank.test' }) ?? '', /https/)
})

test('a persona is made once', async () => {
  const personas: { id: string; name: string }[] = []
  await withGraph(
    ({ method, body }) => {
      if (method === 'GET') return { body: { data: personas } }
      if (method === 'DELETE') return ok
      const { name } = JSON.parse(body) as { name: string }
      personas.push({ id: '77', name })
      return { body: { id: '77' } }
    },
    async (graph, asked) => {
      assert.deepEqual(await ensurePersona(graph, 'Maria', 'https://bank.test/m.png'), {
        id: '77',
        name: 'Maria',
      })
      assert.deepEqual(await ensurePersona(graph, 'Maria', 'https://bank.test/m.png'), {
        id: '77',
        name: 'Maria',
      })
      assert.equal(asked.filter(({ method }) => method === 'POST').length, 1)
      await deletePersona(graph, '77')
      assert.equal(asked.at(-1)?.path, '/v25.0/77')
    },
  )
})

const draft = {
  name: 'card_alert',
  language: 'en_US',
  body: 'Your card ending {{1}} was used for {{2}} at a shop today, was it you?',
  examples: ['4821', 'USD 12.30'],
  buttons: [{ kind: 'choice', title: 'Yes, mine' } as const],
}

test('a template is submitted as utility, and its answer read', async () => {
  await withGraph(
    () => ({ body: { id: '9', status: 'APPROVED', category: 'UTILITY' } }),
    async (graph, asked) => {
      const made = await createTemplate(graph, draft)
      assert.deepEqual(made, {
        id: '9',
        name: 'card_alert',
        language: 'en_US',
        status: 'APPROVED',
        category: 'UTILITY',
        reason: null,
      })
      const body = JSON.parse(asked[0]?.body ?? '') as Record<string, unknown>
      assert.equal(body.category, 'UTILITY')
      assert.deepEqual(body.components, [
        { type: 'BODY', text: draft.body, example: { body_text: [['4821', 'USD 12.30']] } },
        { type: 'BUTTONS', buttons: [{ type: 'POSTBACK', text: 'Yes, mine' }] },
      ])
    },
  )
})

test('a draft that would be turned down is turned down here, with the reason', () => {
  assert.equal(draftFault(draft), null)
  const fault = (part: Partial<typeof draft>): string => draftFault({ ...draft, ...part }) ?? ''
  assert.match(fault({ name: 'Card Alert' }), /a-z/)
  assert.match(fault({ body: '{{1}} was used for {{2}} at a shop in your town today' }), /first nor last/)
  assert.match(
    fault({ body: 'Your card ending in these digits {{1}} was used for {{2}}.' }),
    /first nor last/,
  )
  assert.match(fault({ body: 'Your card {{2}} was used for {{1}} at a shop today' }), /in order/)
  assert.match(fault({ examples: ['4821'] }), /example/)
  assert.match(fault({ examples: ['4821', '$12.30'] }), /no #/)
  assert.match(fault({ body: 'Card {{1}} and {{2}} now' }), /too few words/)
  assert.equal(parameterFault('USD 12.30'), null)
  assert.equal(parameterFault('12 %'), 'forbidden_character')
})

test('all pages of the template list are read', async () => {
  await withGraph(
    ({ query }) =>
      query.get('after') === 'A'
        ? {
            body: {
              data: [{ id: '2', name: 'b', language: 'fr_CA', status: 'REJECTED', rejected_reason: 'X' }],
            },
          }
        : {
            body: {
              data: [{ id: '1', name: 'a', language: 'en_US', status: 'APPROVED' }],
              paging: { cursors: { after: 'A' }, next: 'https://x' },
            },
          },
    async (graph) => {
      assert.deepEqual(
        (await listTemplates(graph)).map(({ id }) => id),
        ['1', '2'],
      )
      assert.equal((await templateStatus(graph, 'b', 'fr_CA'))?.reason, 'X')
      assert.equal(await templateStatus(graph, 'b', 'en_US'), null)
    },
  )
})

test('the watchdog subscribes again when the platform has unsubscribed us', async () => {
  let fields: string[] | null = null
  await withGraph(
    ({ method, body, path }) => {
      assert.equal(path, '/v25.0/PAGE/subscribed_apps')
      if (method === 'POST') {
        fields = (JSON.parse(body) as { subscribed_fields: string }).subscribed_fields.split(',')
        return ok
      }
      return {
        body: { data: [{ id: '7' }, ...(fields === null ? [] : [{ id: '42', subscribed_fields: fields }])] },
      }
    },
    async (graph) => {
      assert.equal((await readSubscription(graph)).subscribed, false)
      assert.equal(await keepSubscribed(graph), true)
      assert.deepEqual(fields, [...messengerFields])
      assert.equal(await keepSubscribed(graph), false)
      fields = ['messages', 'response_feedback']
      const { missing, surplus } = await readSubscription(graph)
      assert.ok(missing.includes('message_echoes'))
      assert.deepEqual(surplus, ['response_feedback'])
    },
  )
})

test('a check of a healthy account finds nothing to do', async () => {
  await withGraph(
    ({ path }) => {
      const headers = { date: new Date(now).toUTCString() }
      if (path.endsWith('/subscribed_apps'))
        return { headers, body: { data: [{ id: '42', subscribed_fields: messengerFields }] } }
      if (path.endsWith('/messenger_profile'))
        return { headers, body: { data: [profileBody(desired, true)] } }
      if (path.endsWith('/message_templates'))
        return {
          headers,
          body: { data: [{ id: '1', name: 'card_alert', language: 'en_US', status: 'APPROVED' }] },
        }
      return { headers, body: { id: 'PAGE' } }
    },
    async (graph) => {
      const findings = await checkMessenger(graph, { profile: desired, templates: ['card_alert'] })
      assert.deepEqual(
        findings.map(({ level, code }) => `${level} ${code}`),
        ['ok token', 'ok clock', 'ok subscription', 'ok profile', 'ok templates', 'ok limits'],
      )
    },
  )
})

test('a check says what is wrong and what to do', async () => {
  const levels = async (answer: (asked: Asked) => Reply): Promise<string[]> => {
    let found: string[] = []
    await withGraph(answer, async (graph) => {
      const findings = await checkMessenger(graph, { profile: desired, templates: ['card_alert'] })
      assert.ok(findings.every(({ level, todo }) => (level === 'ok') === (todo === '')))
      found = findings.map(({ level, code }) => `${level} ${code}`)
    })
    return found
  }
  assert.deepEqual(await levels(() => fails(190)), ['fault token'])
  assert.deepEqual(await levels(() => fails(100)), ['fault token'])
  assert.deepEqual(await levels(() => 'cut'), ['fault token'])
  assert.deepEqual(await levels(() => ({ body: { id: 'OTHER' } })), ['fault token'])
  const unwell = await levels(({ path }) => {
    const headers = {
      date: new Date(now + 600_000).toUTCString(),
      'x-app-usage': '{"call_count":90}',
    }
    if (path.endsWith('/me')) return { headers, body: { id: 'PAGE' } }
    return { headers, body: { data: [] } }
  })
  assert.deepEqual(unwell, [
    'ok token',
    'fault clock',
    'fault subscription',
    'warning profile',
    'warning templates',
    'warning limits',
  ])
})
