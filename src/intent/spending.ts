import { isRefusal } from '../core/refusal.ts'
import type { Transaction } from '../bank/bank.ts'
import type { Answer, Line } from '../disclosure/answer.ts'
import { fact } from '../disclosure/fact.ts'
import type { MoneyAsk } from './ask.ts'
import { say, type Caller, type CounterDeps, type Say } from './caller.ts'
import {
  accountsFor,
  fromEach,
  isAt,
  leadOf,
  openFor,
  plainly,
  readMost,
  readTransactions,
  refusalOf,
  type Told,
} from './money.ts'
import { mayBeSilent, naming, noneIn, sharedIds } from './named.ts'
import { spendingIn } from './spent.ts'
import { atMost } from './period.ts'

/** "How much did I spend at Corner Market last week": a sum over the bank's own list, with what it covers. */
export async function answerSpending(
  asked: Extract<MoneyAsk, { kind: 'spending' }>,
  caller: Caller,
  deps: CounterDeps,
  now: number,
  once: string | true,
): Promise<Say[]> {
  const open = await openFor(caller, deps, 'insights', now, asked.institution)
  if (!Array.isArray(open)) return [open]
  const quiet = (): boolean =>
    mayBeSilent(open, asked.account, { purpose: 'insights', caller, once: once === true, now })
  return fromEach(open, caller, deps, asked, quiet, async (bank): Promise<Told> => {
    const institution = bank.counter.id
    const accounts = await accountsFor(caller, deps, bank, asked.account)
    if (isRefusal(accounts)) return plainly(refusalOf(accounts, institution))
    const { shared, chosen } = accounts
    const { named, none } = naming(asked.account, usual)
    const accountIds = (chosen.length > 0 ? chosen : shared).map(({ id }) => id)
    const period = atMost(asked.period, bank.counter.lookbackDays, now, bank.counter.timeZone)
    const merchant = asked.merchant
    const lead = open.length > 1 ? [{ key: 'bank.named' } as const] : []
    const frame = {
      purpose: 'insights',
      institution,
      because: 'asked',
      accounts: chosen.length > 0 ? accountIds : sharedIds(bank.grant, shared),
      masked: { ...leadOf(open), ready: 'spending.masked' },
      card: {
        shows: 'spending',
        accountIds,
        from: period.from,
        to: period.to,
        ...(merchant ? { search: merchant } : {}),
      },
      ...(once === true ? {} : { once }),
    } as const satisfies Omit<Answer, 'lines'>
    if (chosen.length === 0)
      return noneIn(frame, none, { hint: asked.account, lead, partial: accounts.partial })
    const read = await readTransactions(caller, deps, bank, chosen, period, readMost + 1)
    if (isRefusal(read)) return plainly(refusalOf(read, institution))
    const spent = spendingIn(read.items).filter((item) => !merchant || isAt(item, merchant))
    const answer: Answer = {
      ...frame,
      ...named,
      lines: [
        ...lead,
        ...sums(spent, { ...asked, period }, chosen.length === 1 ? chosen[0]?.nickname : undefined),
        ...(read.partial ? [{ key: 'bank.incomplete' } as const] : []),
      ],
      choices: [
        { title: 'button.payments', payload: 'TRANSACTIONS', when: 'said' },
        { title: 'button.hide', payload: 'HIDE', when: 'said' },
      ],
    }
    return { say: say(answer, { once: once === true }), found: asked.account ? true : null }
  })
}

/** What a sum cannot be told without. */
const usual = [
  fact('spending.total', { type: 'text', text: '' }),
  fact('spending.count', { type: 'text', text: '' }),
]

/** One line a currency: amounts of different currencies are never added. */
function sums(
  spent: readonly Transaction[],
  asked: { merchant?: string | undefined; period: { from: string; to: string } },
  account: string | undefined,
): Line[] {
  const period = { period: { type: 'period', ...asked.period } } as const
  if (spent.length === 0) {
    // That nothing was found is a fact as well.
    return [
      {
        key: 'spending.none',
        needs: { total: fact('spending.total', { type: 'count', count: 0 }) },
        params: {
          ...period,
          ...(asked.merchant ? { what: { type: 'asked', text: asked.merchant } as const } : {}),
        },
      },
    ]
  }
  const totals = new Map<string, { amountMinor: number; count: number }>()
  for (const { amount } of spent) {
    const total = totals.get(amount.currency) ?? { amountMinor: 0, count: 0 }
    totals.set(amount.currency, {
      amountMinor: total.amountMinor + amount.amountMinor,
      count: total.count + 1,
    })
  }
  // The shop is named in the customer's own words: a sum over one shop must never read as a sum over all.
  const params = {
    ...period,
    ...(asked.merchant ? { merchant: { type: 'asked', text: asked.merchant } as const } : {}),
  }
  return [...totals].map(([currency, total]) => ({
    key: 'spending.said',
    band: 'spending.band',
    needs: {
      total: fact('spending.total', { type: 'money', money: { amountMinor: total.amountMinor, currency } }),
      count: fact('spending.count', { type: 'count', count: total.count }),
    },
    ...(account ? { may: { account: fact('account.nickname', { type: 'text', text: account }) } } : {}),
    params,
  }))
}
