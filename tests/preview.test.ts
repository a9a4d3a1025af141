import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Channel } from '../src/channel/channel.ts'
import { encodeSend } from '../src/channel/messenger/encode.ts'
import { exposures } from '../src/consent/exposure.ts'
import type { GrantView } from '../src/consent/grant-view.ts'
import { purposeNames } from '../src/consent/purpose.ts'
import { isRefusal } from '../src/core/refusal.ts'
import { languageTags, openWords } from '../src/core/words.ts'
import { moneyText } from '../src/disclosure/wording.ts'
import type { Answer, Line } from '../src/disclosure/answer.ts'
import { compilePolicy, type CompiledPolicy } from '../src/disclosure/compile.ts'
import type { ChannelState } from '../src/disclosure/decide.ts'
import { fact, type Fact, type FactValue } from '../src/disclosure/fact.ts'
import { readPolicy } from '../src/disclosure/policy.ts'
import { prepare } from '../src/disclosure/prepare.ts'
import { preview } from '../src/disclosure/preview.ts'

const banks = ['harbor', 'granite', 'erable', 'thistle'] as const
const policies = Object.fromEntries(
  banks.map((bank) => {
    const policy = readPolicy(readFileSync(new URL(`../policies/${bank}.json`, import.meta.url), 'utf8'))
    if (isRefusal(policy)) assert.fail(bank)
    return [bank, compilePolicy(policy)]
  }),
) as Record<(typeof banks)[number], CompiledPolicy>

const channel: Pick<Channel, 'encode'> = {
  encode: (request) => encodeSend(request, { kind: 'messenger', httpsOnly: true }),
}
const subjectKey = Buffer.alloc(32, 7)

// ---------------------------------------------------------------- generated consents and facts

const accountIds = ['acc-1', 'acc-2', 'acc-3'] as const
const amount = fc.record({
  amountMinor: fc.integer({ min: -90_000_000, max: 900_000_000 }),
  currency: fc.constantFrom('USD', 'CAD', 'GBP', 'JPY'),
})
const money = amount.map((value): FactValue => ({ type: 'money', money: value }))
const words = fc.oneof(
  fc.constantFrom(
    'Corner Market',
    'Café Ürün',
    'שוק הפינה',
    'pay http://evil.example/x now',
    '4111 1111 1111 1111',
  ),
  fc.string({ maxLength: 60, unit: 'binary' }),
)
const text = words.map((value): FactValue => ({ type: 'text', text: value }))
const at = fc.integer({ min: Date.parse('2025-01-01'), max: Date.parse('2026-11-20') })

const balanceLine = fc
  .record({ money, pending: money, name: text, account: fc.constantFrom(...accountIds) })
  .map(
    ({ money, pending, name, account }): Line => ({
      key: 'balance.said',
      band: 'balance.band',
      needs: { available: fact('balance.available', money, account) },
      may: {
        account: fact('account.nickname', name, account),
        lastFour: fact('account.last-four', { type: 'text', text: '4821' }, account),
        current: fact('balance.current', pending, account),
      },
    }),
  )
const paymentRow = fc.record({ money, at, shop: text, account: fc.constantFrom(...accountIds) }).map(
  ({ money, at, shop, account }): Line => ({
    key: 'transactions.row.out',
    band: 'transactions.row.band',
    needs: {
      amount: fact('transaction.amount', money, account),
      date: fact('transaction.date', { type: 'date', at, withTime: false }, account),
    },
    may: { merchant: fact('transaction.merchant', shop, account) },
  }),
)
const choices: Answer['choices'] = [
  { title: 'button.payments', payload: 'transactions', when: 'said' },
  { title: 'button.agent', payload: 'agent' },
]
const answer: fc.Arbitrary<Answer> = fc
  .oneof(
    fc
      .array(balanceLine, { minLength: 1, maxLength: 3 })
      .map((lines) => ({ purpose: 'balance' as const, lines, masked: { ready: 'balance.masked' as const } })),
    fc.array(paymentRow, { minLength: 1, maxLength: 12 }).map((rows) => ({
      purpose: 'transactions' as const,
      lines: [{ key: 'transactions.head' as const }],
      rows,
      masked: { ready: 'transactions.masked' as const, bankKeeps: 'transactions.bank-says-no' as const },
    })),
    fc.record({ money, count: fc.nat(60) }).map(({ money, count }) => ({
      purpose: 'insights' as const,
      accounts: ['acc-1', 'acc-2'],
      lines: [
        {
          key: 'spending.said' as const,
          band: 'spending.band' as const,
          needs: {
            total: fact('spending.total', money),
            count: fact('spending.count', { type: 'count', count }),
            period: fact('spending.period', { type: 'period', from: '2026-11-09', to: '2026-11-15' }),
          },
        },
      ],
      masked: { ready: 'spending.masked' as const },
    })),
  )
  .chain((part) =>
    fc
      .record({
        because: fc.constantFrom('asked' as const, 'event' as const),
        once: fc.boolean(),
        bank: fc.constantFrom(...banks),
      })
      .map(
        ({ because, once, bank }): Answer => ({
          ...part,
          because,
          institution: bank,
          choices,
          ...(once ? { once: 'again:h1' } : {}),
        }),
      ),
  )

const consent = fc.record({
  answer,
  exposure: fc.constantFrom(...exposures),
  accounts: fc.oneof(
    fc.constant('all' as const),
    fc.subarray([...accountIds]).map((some) => new Set<string>(some)),
  ),
  others: fc.dictionary(fc.constantFrom(...purposeNames), fc.constantFrom(...exposures), { maxKeys: 3 }),
  state: fc.constantFrom<ChannelState>(
    'open',
    'open',
    'open',
    'identity_changed',
    'closed_window',
    'standby',
  ),
  once: fc.boolean(),
  timeZone: fc.constantFrom('America/New_York', 'America/Toronto', 'Europe/London', 'Pacific/Kiritimati'),
  now: fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2026-11-20') }),
  card: fc.boolean(),
  language: fc.constantFrom(...languageTags),
})
type Consent = typeof consent extends fc.Arbitrary<infer One> ? One : never

const validUntil = Date.parse('2027-01-01')
const shared = (of: Consent) => ({
  id: 'msg_0123456789ABCDEFGHJKMNPQRS',
  to: { channel: 'messenger', account: '100200', user: '7300000000000001' } as const,
  channel,
  route: of.state === 'closed_window' ? ('utility' as const) : ('response' as const),
  state: of.state,
  policy: policies[of.answer.institution as (typeof banks)[number]],
  once: of.once,
  now: of.now,
  words: openWords(of.language),
  timeZone: of.timeZone,
  institutionName: 'The Bank',
  links: of.card
    ? { card: 'https://gate.example/card/crd_1', login: 'https://gate.example/link/1' }
    : { permissions: 'https://gate.example/me' },
})
const granted = (of: Consent): GrantView => ({
  grantId: 'grt_live',
  version: 9,
  state: 'active',
  channel: 'messenger',
  institution: of.answer.institution ?? '',
  validUntil,
  accounts: of.accounts,
  items: { ...of.others, ...(of.answer.purpose ? { [of.answer.purpose]: of.exposure } : {}) },
})

test('what the consent page previews is, byte for byte, what is sent once the customer agrees', () => {
  let something = 0
  fc.assert(
    fc.property(consent, (of) => {
      const shown = preview(
        of.answer,
        { exposure: of.exposure, accounts: of.accounts, validUntil },
        shared(of),
      )
      const sent = prepare(of.answer, { ...shared(of), grant: granted(of), subjectKey })
      assert.equal(sent?.body ?? null, shown?.body ?? null)
      if (sent) something++
    }),
    { numRuns: 100_000 },
  )
  assert.ok(something > 50_000)
})

test('twin: a preview under another policy than the one in force shows other bytes', () => {
  let differ = 0
  fc.assert(
    fc.property(consent, (of) => {
      const institution = of.answer.institution
      const wrong = { ...policies.harbor, institution: institution ?? '' }
      const shown = preview(
        of.answer,
        { exposure: of.exposure, accounts: of.accounts, validUntil },
        { ...shared(of), policy: wrong },
      )
      const sent = prepare(of.answer, { ...shared(of), grant: granted(of), subjectKey })
      if ((sent?.body ?? null) !== (shown?.body ?? null)) differ++
    }),
    { numRuns: 1_000 },
  )
  assert.ok(differ > 50, `only ${differ} differ`)
})

// ---------------------------------------------------------------- nothing but what the log says

/** Every fact gets a value that occurs nowhere else: if it is in the bytes, this fact was told. */
function withCanaries(answer: Answer, locale: string): { answer: Answer; canaries: Map<Fact, string> } {
  const canaries = new Map<Fact, string>()
  let next = 7_310_411
  const mark = (fact: Fact): Fact => {
    const number = (next += 1_013)
    const marked: Fact =
      fact.value.type === 'money'
        ? { ...fact, value: { type: 'money', money: { amountMinor: number, currency: 'USD' } } }
        : fact.value.type === 'text'
          ? { ...fact, value: { type: 'text', text: `Zq${number.toString(36)}` } }
          : fact
    if (marked.value.type === 'money') canaries.set(marked, moneyText(marked.value.money, locale))
    if (marked.value.type === 'text') canaries.set(marked, marked.value.text)
    return marked
  }
  const line = (one: Line): Line => ({
    ...one,
    needs: Object.fromEntries(Object.entries(one.needs ?? {}).map(([name, fact]) => [name, mark(fact)])),
    may: Object.fromEntries(Object.entries(one.may ?? {}).map(([name, fact]) => [name, mark(fact)])),
  })
  return {
    answer: {
      ...answer,
      lines: answer.lines.map((one) => (one.needs ? line(one) : one)),
      rows: answer.rows?.map(line),
    },
    canaries,
  }
}

type Payload = { facts: { field: string; exposure: string }[] }

test('a value is in the bytes only when the log entry opens to "said"', () => {
  let said = 0
  fc.assert(
    fc.property(consent, (of) => {
      const { answer, canaries } = withCanaries(of.answer, of.language)
      const sent = prepare(answer, { ...shared(of), grant: granted(of), subjectKey })
      if (!sent) return
      const opened = JSON.parse(sent.opening.payload) as Payload
      for (const [{ field }, canary] of canaries) {
        if (!sent.body.includes(canary)) continue
        said++
        assert.ok(
          opened.facts.some((one) => one.field === field && one.exposure === 'say'),
          `${field} left unlogged`,
        )
        assert.ok(sent.disclosed && sent.grantId === 'grt_live' && sent.grantVersion === 9)
      }
      assert.ok(![...canaries.values()].some((canary) => sent.entry.toString().includes(canary)))
    }),
    { numRuns: 3_000 },
  )
  assert.ok(said > 1_000)
})

test('twin: with the grant left out of account, values leave that the customer never agreed to', () => {
  let leaked = 0
  fc.assert(
    fc.property(consent, (of) => {
      const { answer, canaries } = withCanaries(of.answer, of.language)
      const agreed = prepare(answer, { ...shared(of), once: false, grant: granted(of), subjectKey })
      const open = granted({ ...of, exposure: 'say', accounts: 'all' })
      const sent = prepare(answer, { ...shared(of), once: false, grant: open, subjectKey })
      for (const canary of canaries.values())
        if (sent?.body.includes(canary) && !agreed?.body.includes(canary)) leaked++
    }),
    { numRuns: 1_000 },
  )
  assert.ok(leaked > 500, `only ${leaked}`)
})
