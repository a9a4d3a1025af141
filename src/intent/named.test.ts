import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { grantOf, now, shipped, type World } from '../../tests/counter.ts'
import type { Account, Bank } from '../bank/bank.ts'
import { encodeSend } from '../channel/messenger/encode.ts'
import { exposures, type Exposure } from '../consent/exposure.ts'
import { viewOf } from '../consent/view.ts'
import { newThread } from '../conversation/thread.ts'
import { openWords } from '../core/words.ts'
import type { Answer } from '../disclosure/answer.ts'
import { compilePolicy, type CompiledPolicy } from '../disclosure/compile.ts'
import { compose } from '../disclosure/compose.ts'
import { decide, type ChannelState } from '../disclosure/decide.ts'
import type { AccountHint, MoneyAsk } from './ask.ts'
import type { Caller, Counter, CounterDeps } from './caller.ts'
import { answerMoney } from './turn.ts'

const account = (id: string, lastFour: string, type: Account['type']): Account => ({
  id,
  institution: 'harbor',
  type,
  nickname: 'Everyday',
  lastFour,
  currency: 'USD',
  status: 'open',
  side: type === 'credit-card' ? 'liability' : 'asset',
})
const accounts = [
  account('acc-1', '4821', 'checking'),
  account('acc-2', '7777', 'credit-card'),
  account('acc-3', '5555', 'savings'),
]
const money = (amountMinor: number) => ({ amountMinor, currency: 'USD' })

/** A bank of these accounts, with one payment in each. */
const bankOf = (items: readonly Account[]): Bank =>
  ({
    accounts: async () => ({ items, next: null, partial: false }),
    statements: async () => ({
      accounts: { items, next: null, partial: false },
      balances: {
        items: items.map(({ id }) => ({
          accountId: id,
          available: money(123_456),
          current: money(120_000),
          creditLimit: null,
          asOf: now,
        })),
        next: null,
        partial: false,
      },
    }),
    transactions: async (_: unknown, { accountId }: { accountId: string }) => ({
      items: [
        {
          id: `t-${accountId}`,
          accountId,
          status: 'posted',
          direction: 'debit',
          directionRule: '',
          amount: money(1_250),
          at: now,
          postedAt: now,
          description: 'CORNER MARKET',
          merchant: 'Corner Market',
          mcc: '5411',
          replaces: null,
        },
      ],
      next: null,
      partial: false,
    }),
  }) as unknown as Bank

const purposeOf = {
  balance: 'balance',
  account: 'balance',
  transactions: 'transactions',
  spending: 'insights',
  income: 'insights',
} as const
const period = { from: '2026-11-01', to: '2026-11-20' }
const asking = (kind: MoneyAsk['kind'], hint: AccountHint): MoneyAsk =>
  kind === 'account' && hint.lastFour
    ? { kind, lastFour: hint.lastFour }
    : kind === 'transactions'
      ? { kind, limit: 5, account: hint }
      : kind === 'spending' || kind === 'income'
        ? { kind, period, account: hint }
        : { kind: 'balance', account: hint }

/** What the counter answers of the banks of these worlds, before the gate. */
async function answers(worlds: readonly World[], asked: MoneyAsk, once = false): Promise<readonly Answer[]> {
  const says = await answerMoney(
    asked,
    {
      address: { channel: 'messenger', account: 'page', user: 'ana' },
      thread: newThread(),
      touched: false,
    } as unknown as Caller,
    {
      counters: new Map(
        worlds.map(({ policy }, at) => [
          policy.institution,
          {
            id: policy.institution,
            name: policy.institution,
            timeZone: 'UTC',
            lookbackDays: 90,
            policy,
            // The first bank has all accounts, any other one has only the savings.
            bank: bankOf(at === 0 ? accounts : accounts.slice(2)),
          } satisfies Counter,
        ]),
      ),
      money: async () => ({
        links: worlds.map(({ policy }) => ({
          institution: policy.institution,
          subject: 's',
          tokens: {} as never,
        })),
        grants: worlds.map(grantOf),
      }),
      tokens: () => ({}) as never,
    } as unknown as CounterDeps,
    now,
    once ? true : 'once:aaaaaaaaaaaa',
  )
  return says.map(({ answer }) => answer)
}

/** The exact bytes that the platform would get; null: nothing. */
function bytes(answer: Answer, world: World, state: ChannelState = 'open', once = false): string | null {
  const composed = compose(answer, {
    id: 'msg_1',
    to: { channel: 'messenger', account: 'page', user: 'ana' },
    channel: { encode: (request) => encodeSend(request, { kind: 'messenger', httpsOnly: true }) },
    route: state === 'closed_window' ? 'utility' : 'response',
    state,
    policy: world.policy,
    grant: viewOf(grantOf(world)),
    once,
    now,
    words: openWords('en-US'),
    timeZone: 'UTC',
    institutionName: 'Harbor Bank',
    links: {
      card: 'https://gate.example/card/crd_1',
      permissions: 'https://gate.example/me',
      bank: 'https://bank.example/',
    },
  })
  return composed?.body ?? null
}
const textOf = (body: string | null): string => /"text":"((?:[^"\\]|\\.)*)"/.exec(body ?? '')?.[1] ?? ''

const kinds = ['balance', 'account', 'transactions', 'spending', 'income'] as const
const harbor = shipped('harbor')

describe('whether there is an account that ends so', () => {
  test('is not to be told from what the platform gets, wherever the digits may not be said', async () => {
    for (const bank of ['harbor', 'granite', 'erable', 'thistle'])
      for (const kind of kinds) {
        const world: World = { policy: shipped(bank), item: 'mask' }
        for (const hints of [
          [{ lastFour: '4821' }, { lastFour: '7777' }, { lastFour: '0000' }],
          [{ type: 'savings' as const }],
        ]) {
          const got = new Set<string | null>()
          for (const hint of hints)
            for (const one of await answers([world], asking(kind, hint))) got.add(bytes(one, world))
          assert.equal(got.size, 1, `${bank}, ${kind}: ${[...got].join('\n')}`)
        }
        const [savings] = await answers([world], asking(kind, { type: 'savings' }))
        const [none] = await answers([{ ...world, shared: ['acc-1'] }], asking(kind, { type: 'savings' }))
        assert.ok(savings && none)
        assert.equal(bytes(none, { ...world, shared: ['acc-1'] }), bytes(savings, world), `${bank}, ${kind}`)
      }
  })

  test('whatever a bank’s policy, the customer’s choice and the chat’s state are', async () => {
    const exposure = fc.constantFrom<Exposure>(...exposures)
    const maybe = fc.option(exposure, { nil: undefined })
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          purpose: exposure,
          accounts: maybe,
          money: maybe,
          lastFour: maybe,
          nickname: maybe,
          item: exposure,
          once: fc.boolean(),
          kind: fc.constantFrom(...kinds),
          found: fc.constantFrom('4821', '7777'),
          state: fc.constantFrom<ChannelState>(
            'open',
            'closed_window',
            'identity_changed',
            'standby',
            'blocked',
          ),
          shared: fc.constantFrom<'all' | string[]>('all', ['acc-1', 'acc-2']),
        }),
        async ({
          purpose,
          accounts: cluster,
          money: sums,
          lastFour,
          nickname,
          item,
          once,
          kind,
          found,
          state,
          shared,
        }) => {
          const at = (ceiling: Exposure | undefined) => (ceiling === undefined ? {} : { messenger: ceiling })
          const cents = { balance: 'balances', transactions: 'transactions', insights: 'spending' } as const
          const about = purposeOf[kind]
          const world: World = {
            policy: compilePolicy({
              ...harbor.policy,
              purposes: {
                [about]: {
                  messenger: purpose,
                  clusters: { accounts: at(cluster), [cents[about]]: at(sums) },
                  fields: { 'account.last-four': at(lastFour), 'account.nickname': at(nickname) },
                },
              },
            }),
            item,
            shared,
          }
          const one = async (digits: string): Promise<(string | null)[]> =>
            (await answers([world], asking(kind, { lastFour: digits }), once)).map((answer) =>
              bytes(answer, world, state, once),
            )
          const [there, missing] = [await one(found), await one('0000')]
          const { exposure: told } = decide({
            field: 'account.last-four',
            purpose: about,
            channel: 'messenger',
            accountId: 'acc-1',
            policy: world.policy,
            grant: viewOf(grantOf(world)),
            once,
            state,
            now,
          })
          if (told !== 'say') assert.deepEqual(missing, there)
          else assert.match(textOf(missing[0] ?? null), /I find no account or card ending in 0000/)
        },
      ),
      { numRuns: 400 },
    )
  })

  test('twin: without it, a button more or less tells the platform that there is no such account', async () => {
    const world: World = { policy: shipped('granite'), item: 'mask' }
    const [there] = await answers([world], asking('account', { lastFour: '4821' }))
    const [missing] = await answers([world], asking('account', { lastFour: '0000' }))
    assert.ok(there && missing)
    assert.equal(bytes(there, world), bytes(missing, world))
    const blind = ({ named: _named, ...answer }: Answer): string | null => bytes(answer, world)
    assert.notEqual(blind(there), blind(missing))
  })

  test('where it may be said, it is said kindly, with what to do next', async () => {
    const world: World = { policy: harbor, item: 'say' }
    for (const kind of kinds) {
      const [none] = await answers([world], asking(kind, { lastFour: '0000' }))
      assert.ok(none)
      const body = bytes(none, world)
      assert.match(
        textOf(body),
        /^I find no account or card ending in 0000 among the Harbor Bank accounts you share here\./,
      )
      for (const title of ['Balance', 'Link again']) assert.ok(body?.includes(`"title":"${title}"`), title)
    }
    const only = { ...world, shared: ['acc-1'] }
    const [savings] = await answers([only], asking('balance', { type: 'savings' }))
    assert.ok(savings)
    assert.match(textOf(bytes(savings, only)), /^I find no savings account among/)
  })

  test('an account that the customer does not share here is as good as none', async () => {
    const world: World = { policy: harbor, item: 'say', shared: ['acc-1'] }
    for (const kind of kinds) {
      const [hidden] = await answers([world], asking(kind, { lastFour: '7777' }))
      const [none] = await answers([world], asking(kind, { lastFour: '0000' }))
      assert.ok(hidden && none)
      assert.equal(bytes(hidden, world)?.replaceAll('7777', '0000'), bytes(none, world))
    }
  })

  test('an account is found by the customer’s own name for it, and where that may not be said, nobody is told', async () => {
    for (const bank of ['harbor', 'granite', 'erable', 'thistle'])
      for (const kind of kinds) {
        if (kind === 'account') continue
        const world: World = { policy: shipped(bank), item: 'mask' }
        const got = new Set<string | null>()
        for (const name of ['everyday', 'evryday', 'holiday pot'])
          for (const one of await answers([world], asking(kind, { name }))) got.add(bytes(one, world))
        assert.equal(got.size, 1, `${bank}, ${kind}: ${[...got].join('\n')}`)
      }
    const world: World = { policy: harbor, item: 'say' }
    const [there] = await answers([world], asking('balance', { name: 'my everyday' }))
    const [typo] = await answers([world], asking('balance', { name: 'evryday' }))
    const [none] = await answers([world], asking('balance', { name: 'holiday pot' }))
    assert.ok(there && typo && none)
    assert.match(textOf(bytes(typo, world)), /Everyday ··4821/)
    assert.match(textOf(bytes(there, world)), /Everyday ··4821/)
    assert.match(textOf(bytes(none, world)), /^I find no account or card called “holiday pot” among/)
  })

  test('the sealed card behind a masked answer shows what is shared', async () => {
    const [none] = await answers([{ policy: harbor, item: 'mask' }], asking('account', { lastFour: '0000' }))
    assert.deepEqual(none?.card, { shows: 'balances', accountIds: ['acc-1', 'acc-2', 'acc-3'] })
  })
})

describe('with two banks, of which one has the account', () => {
  const renamed = (policy: CompiledPolicy, institution: string): CompiledPolicy =>
    compilePolicy({ ...policy.policy, institution })
  const other = renamed(harbor, 'other')
  const of = async (
    first: Exposure,
    second: Exposure,
    lastFour: string,
  ): Promise<readonly (string | null)[]> => {
    const worlds: World[] = [
      { policy: harbor, item: first },
      { policy: other, item: second },
    ]
    const given = await answers(worlds, asking('account', { lastFour }))
    return given.map((answer) => {
      const world = worlds.find(({ policy }) => policy.institution === answer.institution)
      assert.ok(world)
      return bytes(answer, world)
    })
  }

  test('only that bank answers, where both may say what they have', async () => {
    const [only, ...more] = await of('say', 'say', '4821')
    assert.match(textOf(only ?? null), /4821: \$1,234\.56/)
    assert.deepEqual(more, [])
    assert.equal((await of('say', 'say', '0000')).length, 2)
  })

  test('where one of them may not, silence would tell: each answers', async () => {
    for (const second of ['mask', 'say'] as const) {
      const there = await of('mask', second, '4821')
      assert.equal(there.length, 2)
      assert.deepEqual(
        there.map((body) => body?.replaceAll('4821', '0000')),
        await of('mask', second, '0000'),
      )
    }
  })
})
