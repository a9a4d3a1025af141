import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { channelKinds, type ChannelKind } from '../src/channel/channel.ts'
import { fieldNames, type Field } from '../src/consent/field.ts'
import type { GrantView } from '../src/consent/grant-view.ts'
import { purposeNames, type Purpose } from '../src/consent/purpose.ts'
import { isRefusal } from '../src/core/refusal.ts'
import { compilePolicy, type CompiledPolicy } from '../src/disclosure/compile.ts'
import { decide, type ChannelState, type Question } from '../src/disclosure/decide.ts'
import { readPolicy, type Policy } from '../src/disclosure/policy.ts'

/**
 * The gate is finite, so it is not sampled: every (field, purpose, channel, grant, policy, channel state, once) is put to
 * the code and to the evaluator below, which was written from DESIGN section 2 and knows nothing of the code.
 */

const folder = new URL('../policies/', import.meta.url)
const shipped = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'))

const ladder = ['withhold', 'nudge', 'mask', 'band', 'say']
type Raw = {
  institution: string
  purposes: Record<
    string,
    Record<string, string | object> & {
      clusters?: Record<string, Record<string, string>>
      fields?: Record<string, Record<string, string>>
    }
  >
  outsideText: Record<string, Record<string, string>>
}

// What the design says each purpose is about, and where each field belongs: written out again, on purpose.
const about: Record<string, string> = {
  balance: 'accounts balances cards',
  transactions: 'accounts transactions merchants memos counterparties cards',
  insights: 'accounts spending transactions merchants',
  receipts: 'transactions merchants cards',
  shipping: 'merchants',
  'fraud-alerts': 'accounts transactions merchants cards',
  'account-alerts': 'accounts balances transactions merchants cards',
  support: 'accounts balances transactions merchants cards',
  payments: 'accounts balances counterparties transactions',
  orders: 'cards transactions merchants',
}
const special: Record<string, string> = {
  'transaction.merchant': 'merchants',
  'transaction.memo': 'memos',
  'transaction.counterparty': 'counterparties',
}
const families: Record<string, string> = {
  account: 'accounts',
  balance: 'balances',
  transaction: 'transactions',
  spending: 'spending',
  income: 'spending',
  card: 'cards',
  number: 'numbers',
  identity: 'identity',
}
const clusterFor = (field: string): string =>
  special[field] ?? families[field.split('.')[0] ?? ''] ?? 'nowhere'
const writtenByOthers = new Set(['merchants', 'memos', 'counterparties', 'identity'])

/** The ceilings that apply to one tuple, each by the name of what sets it. The exposure is the lowest of them. */
function ceilings(raw: Raw, q: Question, withGrant: boolean): Record<string, string> {
  const cluster = clusterFor(q.field)
  const all: Record<string, string> = {}
  all['purpose'] = (about[q.purpose] ?? '').split(' ').includes(cluster) ? 'say' : 'withhold'
  const rule = raw.purposes[q.purpose] ?? {}
  const closest =
    rule.fields?.[q.field]?.[q.channel] ??
    rule.clusters?.[cluster]?.[q.channel] ??
    rule[q.channel] ??
    'withhold'
  all['policy'] = typeof closest === 'string' ? closest : 'withhold'
  if (writtenByOthers.has(cluster)) all['outside'] = raw.outsideText[cluster]?.[q.channel] ?? 'withhold'
  if (q.channel !== 'webchat' && (cluster === 'numbers' || cluster === 'identity')) all['floor'] = 'mask'
  if (withGrant) all['grant'] = grantCeiling(raw, q)
  all['state'] = {
    open: 'say',
    closed_window: 'mask',
    identity_changed: 'nudge',
    standby: 'withhold',
    blocked: 'withhold',
  }[q.state]
  return all
}

function grantCeiling(raw: Raw, { grant, channel, purpose, accountId, once, now }: Question): string {
  const agreed = grant?.items[purpose] ?? 'withhold'
  const live =
    grant !== null &&
    ['active', 'suspended'].includes(grant.state) &&
    now < grant.validUntil &&
    grant.channel === channel &&
    grant.institution === raw.institution &&
    (grant.accounts === 'all' || [...grant.accounts].includes(String(accountId)))
  if (!live || agreed === 'withhold') return 'withhold'
  const wanted = once ? 'say' : agreed
  return grant.state === 'suspended' ? lowest(['nudge', wanted]) : wanted
}

const lowest = (words: readonly string[]): string =>
  ladder[Math.min(...words.map((word) => ladder.indexOf(word)))] ?? 'withhold'

const now = Date.parse('2026-11-20T12:00:00Z')
const account = 'acc-1'
const states: ChannelState[] = ['open', 'closed_window', 'standby', 'identity_changed', 'blocked']

/** Every way a grant can stand towards a question, for one institution and channel. */
function* grantShapes(institution: string, channel: ChannelKind): Generator<GrantView | null> {
  yield null
  const other = channelKinds[(channelKinds.indexOf(channel) + 1) % channelKinds.length] ?? 'mcp'
  const covers: GrantView['accounts'][] = ['all', new Set([account, 'acc-2']), new Set(['acc-2']), new Set()]
  const make = (of: Partial<GrantView>, exposure: string | null): GrantView => ({
    grantId: 'grt_1',
    version: 1,
    state: 'active',
    channel,
    institution,
    validUntil: now + 1,
    accounts: 'all',
    items:
      exposure === null
        ? {}
        : (Object.fromEntries(purposeNames.map((p) => [p, exposure])) as GrantView['items']),
    ...of,
  })
  for (const exposure of [...ladder, null]) {
    for (const accounts of covers)
      for (const state of ['active', 'suspended'] as const) yield make({ accounts, state }, exposure)
    for (const state of ['withdrawn', 'revoked', 'expired'] as const) yield make({ state }, exposure)
    yield make({ validUntil: now }, exposure)
    yield make({ validUntil: now - 1, state: 'suspended' }, exposure)
    yield make({ channel: other }, exposure)
    yield make({ institution: 'another' }, exposure)
  }
}

/** Puts every tuple to both; returns how many there were, how often they differ, and the first difference. */
function compare(
  compiled: CompiledPolicy,
  raw: Raw,
  withGrant = true,
): { tuples: number; differ: number; first: string } {
  let tuples = 0
  let differ = 0
  let first = ''
  for (const channel of channelKinds)
    for (const grant of grantShapes(raw.institution, channel))
      for (const field of fieldNames)
        for (const purpose of purposeNames)
          for (const state of states)
            for (const once of [false, true]) {
              const q: Question = {
                field,
                purpose,
                channel,
                accountId: account,
                policy: compiled,
                grant,
                once,
                state,
                now,
              }
              const { exposure, bound } = decide(q)
              const expected = ceilings(raw, q, withGrant)
              tuples++
              if (
                exposure === lowest(Object.values(expected)) &&
                (!withGrant || holds(bound, exposure, expected))
              )
                continue
              if (differ++ === 0)
                first = JSON.stringify({ ...q, policy: raw.institution, exposure, bound, expected })
            }
  return { tuples, differ, first }
}

/** The reason given must be a ceiling that is really that low. */
function holds(bound: string, exposure: string, expected: Record<string, string>): boolean {
  if (bound === 'none') return exposure === 'say'
  const by = (...names: string[]): boolean => names.some((name) => expected[name] === exposure)
  if (bound === 'purpose') return by('purpose')
  if (bound === 'policy') return by('policy', 'outside')
  if (bound === 'floor') return by('floor')
  if (['window', 'identity', 'standby', 'blocked'].includes(bound)) return by('state')
  return by('grant')
}

const sound = (text: string): Policy => {
  const policy = readPolicy(text)
  if (isRefusal(policy)) assert.fail(JSON.stringify(policy.faults))
  return policy
}

test('every decision under every shipped policy is the lowest of its ceilings, and gives a true reason', () => {
  assert.equal(shipped.length, 4)
  for (const text of shipped) {
    const { tuples, differ, first } = compare(compilePolicy(sound(text)), JSON.parse(text) as Raw)
    assert.equal(differ, 0, first)
    assert.ok(tuples > 500_000, `only ${tuples} tuples`)
  }
})

test('twin: an evaluator that forgets the grant disagrees thousands of times', () => {
  const text = shipped.find((one) => one.includes('"harbor"')) ?? ''
  assert.ok(compare(compilePolicy(sound(text)), JSON.parse(text) as Raw, false).differ > 10_000)
})

const exposure = fc.constantFrom(...ladder)
const ceilingRule = (max: number): fc.Arbitrary<Record<string, string>> =>
  fc
    .dictionary(fc.constantFrom(...channelKinds), fc.constantFrom(...ladder.slice(0, max)), { maxKeys: 5 })
    .map((rule) => ({ ...rule }))
/** Policies of every kind that the reader must accept. Rules for others' text are mask at most, within their ceilings. */
const anyPolicy: fc.Arbitrary<Raw> = fc
  .record({
    purposes: fc.array(
      fc.record({
        purpose: fc.constantFrom(...purposeNames),
        rule: ceilingRule(5),
        cluster: fc.nat(),
        clusterRule: ceilingRule(3),
        field: fc.nat(),
        fieldRule: ceilingRule(3),
      }),
      { maxLength: 10 },
    ),
    outside: fc.array(fc.constantFrom('merchants', 'memos', 'counterparties')),
    outsideLevel: exposure.filter((level) => level === 'mask' || level === 'say'),
  })
  .map(({ purposes, outside, outsideLevel }) => ({
    format: 1,
    institution: 'harbor',
    version: 1,
    purposes: Object.fromEntries(
      purposes.map(({ purpose, rule, cluster, clusterRule, field, fieldRule }) => {
        const touched = (about[purpose] ?? '')
          .split(' ')
          .filter((name) => !writtenByOthers.has(name) || outside.some((one) => one === name))
        const named = touched[cluster % (touched.length || 1)]
        const its = fieldNames.filter((one) => touched.includes(clusterFor(one)))
        const one = its[field % (its.length || 1)]
        const every = Object.fromEntries(
          channelKinds.map((channel) => [channel, clusterRule[channel] ?? 'nudge']),
        )
        return [
          purpose,
          {
            ...rule,
            ...(named ? { clusters: { [named]: every } } : {}),
            ...(one ? { fields: { [one]: fieldRule } } : {}),
          },
        ]
      }),
    ),
    outsideText: Object.fromEntries(
      outside.map((name) => [name, Object.fromEntries(channelKinds.map((c) => [c, outsideLevel]))]),
    ),
    bandsMinor: {},
    lookbackDays: 30,
    grantDays: 30,
  }))

test('so is every decision under policies nobody wrote', () => {
  fc.assert(
    fc.property(anyPolicy, (raw) => {
      const { differ, first } = compare(compilePolicy(sound(JSON.stringify(raw))), raw)
      assert.equal(differ, 0, first)
    }),
    { numRuns: 6 },
  )
})

// ---------------------------------------------------------------- policies that must be refused

type Json = Record<string, unknown>
const base = (): Json => JSON.parse(shipped.find((one) => one.includes('"harbor"')) ?? '{}') as Json
/** Harbor's policy with one value set at a path. */
function planted(path: readonly string[], value: unknown): { text: string; path: string } {
  const doc = base()
  let at = doc
  for (const key of path.slice(0, -1)) at = (at[key] ??= {}) as Json
  at[path.at(-1) ?? ''] = value
  return { text: JSON.stringify(doc, null, 2), path: path.join('.') }
}

function* badPolicies(): Generator<{ text: string; path: string }> {
  for (const everything of ['*', '**', 'all', 'any', 'default', 'everything', 'else', '?']) {
    yield planted([everything], {})
    yield planted(['purposes', everything], { messenger: 'say' })
    yield planted(['purposes', 'balance', everything], 'say')
    yield planted(['purposes', 'balance', 'clusters', everything], { messenger: 'say' })
    yield planted(['purposes', 'balance', 'fields', everything], { messenger: 'say' })
    yield planted(['outsideText', everything], { messenger: 'say' })
    yield planted(['outsideText', 'merchants', everything], 'say')
  }
  for (const purpose of [
    'advertising',
    'ads',
    'marketing',
    'profiling',
    'cross-selling',
    'sale-of-data',
    'training',
    'third-party',
  ])
    yield planted(['purposes', purpose], { messenger: 'mask' })
  for (const purpose of ['Balance', 'balances', '__proto__x', 'constructor', 'toString'])
    yield planted(['purposes', purpose], {})
  for (const channel of ['sms', 'telegram', 'Messenger', 'facebook', 'email', 'webchat ', 'messenger.'])
    yield planted(['purposes', 'balance', channel], 'say')
  for (const word of ['SAY', 'allow', 'show', 'full', true, 1, null, [], 'say '])
    yield planted(['purposes', 'balance', 'messenger'], word)
  for (const channel of ['messenger', 'instagram', 'whatsapp', 'mcp'])
    for (const level of ['band', 'say']) {
      yield planted(['outsideText', 'identity', channel], level)
      yield planted(['purposes', 'support', 'clusters', 'numbers', channel], level)
      yield planted(['purposes', 'payments', 'fields', 'number.account', channel], level)
    }
  for (const [purpose, cluster] of [
    ['balance', 'transactions'],
    ['shipping', 'balances'],
    ['receipts', 'memos'],
    ['insights', 'identity'],
  ] as const)
    yield { ...planted(['purposes', purpose, 'clusters', cluster], { messenger: 'nudge' }) }
  yield planted(['outsideText', 'merchants', 'messenger'], 'band')
  yield planted(['purposes', 'transactions', 'fields', 'transaction.memo'], { messenger: 'say' })
  for (const days of [0, -1, 366, 1000, 1.5, '365', null]) yield planted(['grantDays'], days)
  for (const days of [0, 731, '730', 12.5]) yield planted(['lookbackDays'], days)
  for (const version of [0, 1.5, '1', null]) yield planted(['version'], version)
  for (const bands of [[], [100, 100], [200, 100], [-1], [0.5], ['100']])
    yield planted(['bandsMinor', 'USD'], bands)
  for (const currency of ['usd', 'US', '*']) yield planted(['bandsMinor', currency], [100])
  for (const grade of ['S0', 'S4', 's2', 2]) yield planted(['seal'], grade)
  for (const name of ['Harbor', '', 'a b', 'x'.repeat(33)]) yield planted(['institution'], name)
  yield planted(['format'], 2)
  yield planted(['expires'], 'never')
  const twice = '"messenger": "mask", "messenger": "say"'
  yield {
    text: JSON.stringify(base()).replace('"messenger":"say"', twice),
    path: 'purposes.balance.messenger',
  }
  yield { text: JSON.stringify(base()).replace('"harbor"', '"harbor", "version": 1'), path: 'version' }
  yield {
    text: JSON.stringify(base()).replace('"purposes":{', '"purposes":{"__proto__":{"messenger":"say"},'),
    path: 'purposes.__proto__',
  }
  for (const text of [
    '',
    '{',
    '[]',
    '7',
    'null',
    `${'['.repeat(60_000)}${']'.repeat(60_000)}`,
    ' '.repeat(300_000),
  ])
    yield { text, path: '' }
}

test('more than a hundred planted bad policies are refused, each at its place and with what to write', () => {
  let planted = 0
  for (const { text, path } of badPolicies()) {
    planted++
    const result = readPolicy(text)
    assert.ok(isRefusal(result), `accepted: ${path} in ${text.slice(0, 200)}`)
    // A fault deeper or shallower than the planted path still points at it.
    const at = result.faults.find((fault) => fault.path.startsWith(path) || path.startsWith(fault.path))
    assert.ok(at, `${path} not named among ${JSON.stringify(result.faults)}`)
    assert.ok(at.say.length > 10 && at.line >= 1)
  }
  assert.ok(planted > 100, `only ${planted}`)
})

test('all faults of a policy are told at once, in the order of its lines', () => {
  const result = readPolicy(
    '{\n "format": 1,\n "institution": "x",\n "purposes": {\n  "*": {},\n  "balanc": {}\n },\n "grantDays": 400\n}',
  )
  assert.ok(isRefusal(result))
  const lines = result.faults.map((fault) => fault.line)
  assert.deepEqual(
    lines,
    [...lines].sort((a, b) => a - b),
  )
  const named = new Map(result.faults.map((fault) => [fault.path, fault]))
  assert.deepEqual(
    [named.get('purposes.*')?.line, named.get('purposes.balanc')?.line, named.get('grantDays')?.line],
    [5, 6, 8],
  )
  assert.match(named.get('purposes.balanc')?.say ?? '', /did you mean balance/)
})

test('a word that is in no list is withheld, whatever it is', () => {
  const policy = compilePolicy(sound(shipped.find((one) => one.includes('"harbor"')) ?? ''))
  const [grant] = [...grantShapes('harbor', 'messenger')].filter(
    (g) => g?.items.balance === 'say' && g.state === 'active',
  )
  for (const word of ['constructor', '__proto__', 'toString', '', '*', 'number.account']) {
    const q = {
      field: 'balance.available',
      purpose: 'balance',
      channel: 'messenger',
      accountId: account,
      policy,
      grant: grant ?? null,
      once: true,
      state: 'open',
      now,
    } as const
    assert.equal(decide(q).exposure, 'say')
    assert.equal(decide({ ...q, field: word as Field }).exposure, 'withhold')
    assert.equal(decide({ ...q, purpose: word as Purpose }).exposure, 'withhold')
    assert.equal(decide({ ...q, channel: word as ChannelKind }).exposure, 'withhold')
    assert.equal(decide({ ...q, policy: null }).exposure, 'withhold')
  }
})
