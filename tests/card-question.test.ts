/** What the chat would say of a list of payments, and what the sealed card shows of the same question and list. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Account, Bank, Transaction } from '../src/bank/bank.ts'
import type { Grant } from '../src/consent/grant.ts'
import { newThread } from '../src/conversation/thread.ts'
import { dayMs } from '../src/core/clock.ts'
import { isRefusal } from '../src/core/refusal.ts'
import { compilePolicy } from '../src/disclosure/compile.ts'
import { type CardRequest, factsOf } from '../src/disclosure/answer.ts'
import { readPolicy } from '../src/disclosure/policy.ts'
import { moneyText } from '../src/disclosure/wording.ts'
import { questionOf, answerTo } from '../src/http/customer/card/question.ts'
import { answered, breakdown } from '../src/http/pages/card-answer.ts'
import { ask, type MoneyAsk } from '../src/intent/ask.ts'
import type { Caller, Counter, CounterDeps } from '../src/intent/caller.ts'
import { answerMoney } from '../src/intent/money-turn.ts'
import type { Category } from '../src/nlu/reading.ts'
import { frame, now } from './gallery-models.ts'
import { textOf } from './visitor.ts'

const timeZone = 'UTC'
const lookbackDays = 365
const accounts = (['chk', 'sav', 'crd'] as const).map((id) => ({
  id,
  institution: 'harbor',
  type: id === 'crd' ? 'credit-card' : id === 'sav' ? 'savings' : 'checking',
  nickname: id,
  lastFour: '',
  currency: 'USD',
  status: 'open',
  side: id === 'crd' ? 'liability' : 'asset',
})) as readonly Account[]

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)
const among = (items: readonly Transaction[], ids: ReadonlySet<string>, from: string, to: string) =>
  items
    .filter(({ accountId, at }) => ids.has(accountId) && dayOf(at) >= from && dayOf(at) <= to)
    .sort((a, b) => b.at - a.at)

const policy = readPolicy(readFileSync(new URL('../policies/harbor.json', import.meta.url), 'utf8'))
const harbor = isRefusal(policy) ? assert.fail('harbor’s policy') : compilePolicy(policy)
const grant = {
  grantId: 'grt_1',
  version: 1,
  state: 'active',
  validUntil: now + dayMs,
  body: {
    institution: 'harbor',
    channel: 'messenger',
    accounts: 'all',
    accountNames: [],
    items: { balance: 'say', transactions: 'say', insights: 'say' },
    validUntil: now + dayMs,
  },
} as unknown as Grant

/** What the counter hands over for a question: every amount that its sentences need, and the request of its card. */
async function chat(asked: MoneyAsk, items: readonly Transaction[]) {
  const bank = {
    accounts: async () => ({ items: accounts, next: null, partial: false }),
    transactions: async (_: unknown, request: { accountId: string; from: string; to: string }) => ({
      items: among(items, new Set([request.accountId]), request.from, request.to),
      next: null,
      partial: false,
    }),
  } as unknown as Bank
  const counter: Counter = { id: 'harbor', name: 'Harbor', timeZone, lookbackDays, policy: harbor, bank }
  const [first] = await answerMoney(
    ask.parse(asked) as MoneyAsk,
    { address: {}, thread: newThread(), touched: false } as unknown as Caller,
    {
      counters: new Map([['harbor', counter]]),
      money: async () => ({ links: [{ institution: 'harbor', subject: 's', tokens: {} }], grants: [grant] }),
      tokens: () => ({}),
      newHandle: () => 'handle',
    } as unknown as CounterDeps,
    now,
    true,
  )
  assert.ok(first)
  const { answer } = first
  const amounts = [...factsOf(answer)].flatMap(({ value }) =>
    value.type === 'money' ? moneyText(value.money, 'en-US') : [],
  )
  const keys = [...answer.lines, ...(answer.rows ?? [])].map(({ key }) => key)
  return {
    amounts,
    keys,
    request: answer.card ?? assert.fail('no card'),
    asksWhich: keys.includes('which.shop'),
  }
}

/** What the card shows large and in its table, of the same bank. */
function card(request: CardRequest, items: readonly Transaction[]) {
  const question = questionOf(request, lookbackDays, now, timeZone) ?? assert.fail('no question')
  const chosen = accounts.filter(({ id }) => request.accountIds.includes(id))
  const read = question.reads === 'all' ? accounts : chosen
  const { answer, made } = answerTo(request, question, {
    items: among(items, new Set(read.map(({ id }) => id)), question.range.from, question.range.to),
    all: accounts,
    chosen,
    timeZone,
  })
  const page = answer
    ? `${answered(frame(), answer, false)}${answer.subject === 'spending' ? breakdown(frame(), answer) : ''}`
    : ''
  return { text: textOf(page), made }
}
const amountsIn = (text: string): string[] => text.match(/(?:CA)?\$\d[\d,]*\.\d\d/g) ?? []

const shops = [
  ['Corner Market', '5411'],
  ['Corner Bakery', '5462'],
  ['Blue Door Coffee', '5814'],
  ['Pier Fuel', '5541'],
  ['Farm Stand', null],
] as const
const row = fc.record({
  daysAgo: fc.integer({ min: 0, max: 150 }),
  minor: fc.integer({ min: 1, max: 900_000 }),
  shop: fc.option(fc.constantFrom(...shops), { freq: 3 }),
  description: fc.constantFrom('PAYROLL ACME', 'TO SAVINGS 55', 'ATM WITHDRAWAL', 'OTHER'),
  direction: fc.constantFrom('debit', 'debit', 'debit', 'credit'),
  accountId: fc.constantFrom('chk', 'chk', 'sav', 'crd'),
  currency: fc.constantFrom('USD', 'USD', 'USD', 'USD', 'CAD'),
  pending: fc.boolean(),
})
const history = fc.array(row, { minLength: 5, maxLength: 40, size: 'max' }).map((rows) =>
  rows.map(
    (one, i): Transaction => ({
      id: `t${i}`,
      accountId: one.accountId,
      status: one.pending ? 'pending' : 'posted',
      direction: one.direction as 'debit' | 'credit',
      directionRule: '',
      amount: { amountMinor: one.minor, currency: one.currency },
      at: now - one.daysAgo * dayMs - i * 1_000,
      postedAt: null,
      description: one.shop?.[0].toUpperCase() ?? one.description,
      merchant: one.shop?.[0] ?? null,
      mcc: one.shop?.[1] ?? null,
      replaces: null,
    }),
  ),
)
const days = fc
  .tuple(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 150 }))
  .map(([ago, long]) => ({ from: dayOf(now - (ago + long) * dayMs), to: dayOf(now - ago * dayMs) }))
const maybe = <Value>(of: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: of })
const account = maybe(fc.constant({ type: 'checking' as const }))
const kinds = ['groceries', 'coffee', 'fuel', 'cash', 'education'] as const satisfies readonly Category[]
/** Two or three shops or kinds; the names of these shops begin with words of others. */
const several = fc
  .record({
    of: fc.uniqueArray(
      fc.oneof(
        fc.constantFrom('corner market', 'blue door', 'pier', 'unicorn').map((merchant) => ({ merchant })),
        fc.constantFrom(...kinds).map((category) => ({ category })),
      ),
      { minLength: 2, maxLength: 3, selector: (one) => JSON.stringify(one) },
    ),
    versus: maybe(fc.constant(true)),
  })
  .map(({ of, versus }) => ({
    said: of.map((one) => ('merchant' in one ? one.merchant : one.category)).join(' and '),
    of,
    ...(versus && of.length === 2 ? { versus } : {}),
  }))
/** A question names one shop or kind (or a shop that may be one), or several. */
const oneOrSeveral = <Asked extends { several?: unknown; merchant?: unknown; category?: unknown }>(
  asked: Asked,
): Asked => (asked.several === undefined ? asked : { ...asked, merchant: undefined, category: undefined })
const spending = fc
  .record({
    kind: fc.constant('spending' as const),
    period: days,
    merchant: maybe(fc.constantFrom('corner market', 'blue door', 'pier', 'unicorn')),
    category: maybe(fc.constantFrom(...kinds)),
    measure: fc.constantFrom(undefined, 'sum', 'average', 'count', 'biggest'),
    against: maybe(days),
    several: maybe(several),
    without: maybe(several.map(({ said, of }) => ({ said, of }))),
    amount: maybe(
      fc.constantFrom({ min: '50' }, { max: '2000.50' }, { min: '10', max: '900', currency: 'USD' }),
    ),
    by: fc.constantFrom(undefined, 'month', 'category', 'merchant'),
    account,
  })
  .map(oneOrSeveral)
const income = fc.record({
  kind: fc.constant('income' as const),
  period: maybe(days),
  payer: maybe(fc.constantFrom('acme', 'corner market')),
  pay: maybe(fc.boolean()),
  refunds: maybe(fc.constant(true)),
  back: maybe(fc.integer({ min: 1, max: 3 })),
  account,
})

test('whatever is asked of whatever list, the card shows every amount that the chat would say, and no other', async () => {
  let said = 0
  await fc.assert(
    fc.asyncProperty(fc.oneof(spending, income), history, async (asked, items) => {
      const { amounts, request, asksWhich } = await chat(asked as MoneyAsk, items)
      if (asksWhich) return
      if (amounts.length > 0) said += 1
      assert.deepEqual(amountsIn(card(request, items).text).sort(), [...amounts].sort())
    }),
    { numRuns: 400 },
  )
  assert.ok(said > 100, `${said} questions had an amount for an answer`)
})

test('and the payments listed under a sum come to it', async () => {
  await fc.assert(
    fc.asyncProperty(spending, history, async (asked, items) => {
      const { request, asksWhich } = await chat(
        {
          ...asked,
          measure: 'sum',
          by: undefined,
          ...(asked.several ? { several: { ...asked.several, versus: undefined } } : {}),
        } as MoneyAsk,
        items,
      )
      if (asksWhich) return
      const { text, made } = card(request, items)
      const dollars = made.filter(({ amount }) => amount.currency === 'USD')
      const sum = dollars.reduce((total, { amount }) => total + amount.amountMinor, 0)
      if (dollars.length > 0)
        assert.ok(text.includes(moneyText({ amountMinor: sum, currency: 'USD' }, 'en-US')))
    }),
    { numRuns: 150 },
  )
})

const list = fc
  .record({
    kind: fc.constant('transactions' as const),
    several: maybe(several),
    limit: fc.constant(10),
    period: days,
    merchant: maybe(fc.constantFrom('corner market', 'blue door', 'unicorn')),
    category: maybe(fc.constantFrom(...kinds)),
    amount: maybe(
      fc.record({
        min: maybe(fc.constantFrom('10', '99.50', '1000')),
        max: maybe(fc.constantFrom('2000', '5000.01')),
        currency: maybe(fc.constantFrom('USD', 'CAD')),
      }),
    ),
    direction: maybe(fc.constantFrom('in', 'out')),
    pending: maybe(fc.boolean()),
    account,
  })
  .map(oneOrSeveral)
test('a list opens with the payments that the chat lists, in its order', async () => {
  await fc.assert(
    fc.asyncProperty(list, history, async (asked, items) => {
      const { amounts, keys, request, asksWhich } = await chat(asked as MoneyAsk, items)
      if (asksWhich) return
      const { made } = card(request, items)
      const shown = made.slice(0, asked.limit).map(({ amount }) => moneyText(amount, 'en-US'))
      assert.deepEqual(keys.includes('transactions.none') ? [] : shown, amounts)
      assert.equal(keys.includes('transactions.none'), shown.length === 0)
    }),
    { numRuns: 300 },
  )
})

test('twin: a card that knew only the shop and the days would show another sum', async () => {
  const items = fc.sample(history, { seed: 7, numRuns: 20 }).flat()
  const asked = {
    kind: 'spending',
    period: { from: dayOf(now - 200 * dayMs), to: dayOf(now) },
    category: 'groceries',
    account: { type: 'checking' },
  } as const
  const { amounts, request } = await chat(asked, items)
  const { category: _, ...less } = request
  assert.deepEqual(amountsIn(card(request, items).text).sort(), [...amounts].sort())
  assert.notDeepEqual(amountsIn(card(less, items).text).sort(), [...amounts].sort())
  assert.notDeepEqual(
    amountsIn(card({ ...request, accountIds: ['chk', 'sav', 'crd'] }, items).text).sort(),
    [...amounts].sort(),
  )
})
