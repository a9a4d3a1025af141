/** A counter with one bank and one customer: what a question about money is answered, byte for byte, behind the gate. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Account, Bank, Transaction } from '../src/bank/bank.ts'
import { encodeSend } from '../src/channel/messenger/encode.ts'
import type { Exposure } from '../src/consent/exposure.ts'
import type { Grant } from '../src/consent/grant.ts'
import { viewOf } from '../src/consent/view.ts'
import { newThread } from '../src/conversation/thread.ts'
import { isRefusal } from '../src/core/refusal.ts'
import { openWords } from '../src/core/words.ts'
import type { Answer } from '../src/disclosure/answer.ts'
import { compilePolicy, type CompiledPolicy } from '../src/disclosure/compile.ts'
import { compose } from '../src/disclosure/compose.ts'
import { readPolicy } from '../src/disclosure/policy.ts'
import { ask, type MoneyAsk } from '../src/intent/ask.ts'
import type { Caller, Counter, CounterDeps } from '../src/intent/caller.ts'
import { answerMoney } from '../src/intent/turn.ts'

// Friday.
export const now = Date.parse('2026-11-20T19:02:00Z')
const accounts: readonly Account[] = [
  { id: 'chk', type: 'checking', nickname: 'Everyday', lastFour: '4821', side: 'asset' },
  { id: 'sav', type: 'savings', nickname: 'Rainy days', lastFour: '5555', side: 'asset' },
  { id: 'crd', type: 'credit-card', nickname: 'Blue card', lastFour: '7777', side: 'liability' },
].map((one) => ({ institution: 'harbor', currency: 'USD', status: 'open', ...one }) as Account)

let made = 0
export const row = (
  day: string,
  amountMinor: number,
  merchant: string | null,
  of: Partial<Transaction> = {},
): Transaction => ({
  id: `t${made++}`,
  accountId: 'chk',
  status: 'posted',
  direction: 'debit',
  directionRule: '',
  amount: { amountMinor, currency: 'USD' },
  at: Date.parse(`${day}T12:00:00Z`),
  postedAt: null,
  description: (merchant ?? 'ROW').toUpperCase(),
  merchant,
  mcc: merchant === null ? null : '5411',
  replaces: null,
  ...of,
})
export const pay = (day: string, description = 'PAYROLL ACME CORP'): Transaction =>
  row(day, 241_000, null, { direction: 'credit', description })
export const history: readonly Transaction[] = [
  row('2026-11-19', 1_250, 'Corner Market', { id: 'held', status: 'pending' }),
  row('2026-11-18', 4_250, 'McDonald’s', { mcc: '5814' }),
  row('2026-11-16', 3_000, 'Corner Market'),
  row('2026-11-15', 900, 'Corner Bakery', { mcc: '5462' }),
  pay('2026-11-13'),
  row('2026-11-12', 2_000, 'Tim Hortons', { mcc: '5814' }),
  row('2026-11-10', 700, 'Farm Stand', { mcc: null }),
  row('2026-11-09', 50_000, null, { description: 'TO SAVINGS 55' }),
  row('2026-11-09', 50_000, null, { accountId: 'sav', direction: 'credit', description: 'FROM CHECKING 21' }),
  row('2026-11-06', 1_000, 'Book Harbor', { mcc: '5942', direction: 'credit' }),
  pay('2026-10-30'),
  row('2026-10-20', 10_000, 'Corner Market'),
  row('2026-10-18', 5_000, 'Book Harbor', { mcc: '5942' }),
  row('2026-10-05', 30_000, null, { accountId: 'crd', direction: 'credit', description: 'THANK YOU' }),
  row('2026-09-15', 8_000, 'Corner Market'),
  row('2026-09-14', 1_500, 'Chez Nous', { amount: { amountMinor: 1_500, currency: 'CAD' }, mcc: '5812' }),
]

const bankOf = (items: readonly Transaction[]): Bank =>
  ({
    accounts: async () => ({ items: accounts, next: null, partial: false }),
    transactions: async (
      _: unknown,
      { accountId, from, to }: { accountId: string; from: string; to: string },
    ) => ({
      items: items.filter(
        (item) =>
          item.accountId === accountId &&
          new Date(item.at).toISOString().slice(0, 10) >= from &&
          new Date(item.at).toISOString().slice(0, 10) <= to,
      ),
      next: null,
      partial: false,
    }),
  }) as unknown as Bank

export const shipped = (bank: string): CompiledPolicy => {
  const policy = readPolicy(readFileSync(new URL(`../policies/${bank}.json`, import.meta.url), 'utf8'))
  if (isRefusal(policy)) assert.fail(bank)
  return compilePolicy(policy)
}
export const harbor = shipped('harbor')

export type World = {
  readonly policy: CompiledPolicy
  readonly item: Exposure
  readonly language?: string
  readonly shared?: 'all' | readonly string[]
}
export const open: World = { policy: harbor, item: 'say' }
export const grantOf = ({ policy, item, shared = 'all' }: World): Grant => ({
  grantId: 'grt_1',
  version: 1,
  state: 'active',
  validUntil: now + 1_000,
  body: {
    institution: policy.institution,
    channel: 'messenger',
    language: 'en-US',
    accounts: shared === 'all' ? 'all' : [...shared],
    accountNames: [],
    items: { balance: item, transactions: item, insights: item },
    givenAt: now,
    validUntil: now + 1_000,
    disclosureHash: '',
    method: 'linking-page',
    policyVersion: 1,
    bankConsentId: null,
  },
})

type Heard = {
  readonly text: string
  readonly body: string
  readonly answer: Answer
  readonly caller: Caller
}

/** Puts a question to the counter and the gate: what the platform gets. */
export async function put(
  asked: MoneyAsk,
  world: World = open,
  options: { items?: readonly Transaction[]; once?: boolean } = {},
): Promise<Heard> {
  const { items = history, once = false } = options
  const { policy } = world
  const caller = {
    address: { channel: 'messenger', account: 'page', user: 'ana' },
    thread: newThread(),
    touched: false,
  } as unknown as Caller
  let handles = 0
  const [first, ...more] = await answerMoney(
    ask.parse(asked) as MoneyAsk,
    caller,
    {
      counters: new Map([
        [
          policy.institution,
          {
            id: policy.institution,
            name: 'Harbor Bank',
            timeZone: 'UTC',
            lookbackDays: 365,
            policy,
            bank: bankOf(items),
          } satisfies Counter,
        ],
      ]),
      money: async () => ({
        links: [{ institution: policy.institution, subject: 's', tokens: {} as never }],
        grants: [grantOf(world)],
      }),
      tokens: () => ({}) as never,
      newHandle: () => `handle${handles++}`,
    } as unknown as CounterDeps,
    now,
    once ? true : 'once:aaaaaaaaaaaa',
  )
  assert.ok(first)
  assert.equal(more.length, 0)
  const { answer } = first
  const composed = compose(answer, {
    id: 'msg_1',
    to: { channel: 'messenger', account: 'page', user: 'ana' },
    channel: { encode: (request) => encodeSend(request, { kind: 'messenger', httpsOnly: true }) },
    route: 'response',
    state: 'open',
    policy,
    grant: viewOf(grantOf(world)),
    once,
    now,
    words: openWords(world.language ?? 'en-US'),
    timeZone: 'UTC',
    institutionName: 'Harbor Bank',
    links: { card: 'https://gate.example/card/crd_1', permissions: 'https://gate.example/me' },
  })
  const body = composed?.body ?? ''
  const text = composed && 'text' in composed.content ? composed.content.text : ''
  return { text, body, answer, caller }
}

export const november = { from: '2026-11-01', to: '2026-11-20' }
export const october = { from: '2026-10-01', to: '2026-10-31' }
export const autumn = { from: '2026-09-01', to: '2026-11-20' }
export const spending = (of: Partial<Extract<MoneyAsk, { kind: 'spending' }>> = {}): MoneyAsk => ({
  kind: 'spending',
  period: november,
  ...of,
})
export const payments = (of: Partial<Extract<MoneyAsk, { kind: 'transactions' }>> = {}): MoneyAsk => ({
  kind: 'transactions',
  limit: 5,
  ...of,
})
