import type { Account, Transaction } from '../bank/bank.ts'
import { isRefusal } from '../core/refusal.ts'
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
import { atMost, lastDays } from './period.ts'

/** How far back "last payments" looks when no time is named. */
const usualDays = 90

/** "Last 5 transactions", "payments at Corner Market last week". */
export async function answerTransactions(
  asked: Extract<MoneyAsk, { kind: 'transactions' }>,
  caller: Caller,
  deps: CounterDeps,
  now: number,
  once: string | true,
): Promise<Say[]> {
  const open = await openFor(caller, deps, 'transactions', now, asked.institution)
  if (!Array.isArray(open)) return [open]
  const quiet = (): boolean =>
    mayBeSilent(open, asked.account, { purpose: 'transactions', caller, once: once === true, now })
  return fromEach(open, caller, deps, asked, quiet, async (bank): Promise<Told> => {
    const institution = bank.counter.id
    const accounts = await accountsFor(caller, deps, bank, asked.account)
    if (isRefusal(accounts)) return plainly(refusalOf(accounts, institution))
    const { shared, chosen } = accounts
    const { timeZone, lookbackDays } = bank.counter
    const { named, none } = naming(asked.account, usual)
    const accountIds = (chosen.length > 0 ? chosen : shared).map(({ id }) => id)
    const merchant = asked.merchant
    const lead = open.length > 1 ? [{ key: 'bank.named' } as const] : []
    const frame = {
      purpose: 'transactions',
      institution,
      because: 'asked',
      accounts: chosen.length > 0 ? accountIds : sharedIds(bank.grant, shared),
      masked: {
        ...leadOf(open),
        ready: 'transactions.masked',
        several: true,
        bankKeeps: 'transactions.bank-says-no',
      },
      card: {
        shows: 'transactions',
        accountIds,
        ...(asked.period ? { from: asked.period.from, to: asked.period.to } : {}),
        ...(merchant ? { search: merchant } : {}),
      },
      ...(once === true ? {} : { once }),
    } as const satisfies Omit<Answer, 'lines'>
    if (chosen.length === 0)
      return noneIn(frame, none, { hint: asked.account, lead, partial: accounts.partial })
    const range = atMost(asked.period ?? lastDays(usualDays, now, timeZone), lookbackDays, now, timeZone)
    const read = await readTransactions(
      caller,
      deps,
      bank,
      chosen,
      range,
      merchant || asked.period ? readMost + 1 : asked.limit,
    )
    if (isRefusal(read)) return plainly(refusalOf(read, institution))
    const found = merchant ? read.items.filter((item) => isAt(item, merchant)) : read.items
    const rows = found.slice(0, asked.limit)
    const answer: Answer = {
      ...frame,
      ...named,
      lines: [
        ...lead,
        headline(rows.length, asked, range),
        ...(read.partial ? [{ key: 'transactions.incomplete' } as const] : []),
      ],
      // Four more digits leave only where they tell the rows of several accounts apart.
      rows: rows.map((row) =>
        rowLine(row, rows.some(({ accountId }) => accountId !== row.accountId) ? chosen : []),
      ),
      choices: [
        { title: 'button.balance', payload: 'BALANCE', when: 'said' },
        { title: 'button.hide', payload: 'HIDE', when: 'said' },
      ],
    }
    return { say: say(answer, { once: once === true }), found: asked.account ? true : null }
  })
}

/** What a payment cannot be told without. */
const usual = [
  fact('transaction.date', { type: 'text', text: '' }),
  fact('transaction.amount', { type: 'text', text: '' }),
]

function headline(
  rows: number,
  asked: { period?: { from: string; to: string } | undefined; merchant?: string | undefined },
  range: { from: string; to: string },
): Line {
  // That nothing was found is a fact as well: it passes the gate like the rows would.
  if (rows === 0) {
    return {
      key: 'transactions.none',
      needs: { count: fact('transaction.amount', { type: 'count', count: 0 }) },
      params: { period: { type: 'period', ...range } },
    }
  }
  if (asked.period)
    return { key: 'transactions.head-period', params: { period: { type: 'period', ...range } } }
  return { key: 'transactions.head' }
}

function rowLine(transaction: Transaction, named: readonly Account[]): Line {
  const id = transaction.accountId
  const lastFour = named.find((account) => account.id === id)?.lastFour
  const name = transaction.merchant ?? transaction.description
  return {
    key: transaction.direction === 'credit' ? 'transactions.row.in' : 'transactions.row.out',
    band: 'transactions.row.band',
    needs: {
      date: fact('transaction.date', { type: 'date', at: transaction.at, withTime: false }, id),
      amount: fact('transaction.amount', { type: 'money', money: transaction.amount }, id),
    },
    may: {
      ...(name === '' ? {} : { merchant: fact('transaction.merchant', { type: 'text', text: name }, id) }),
      ...(transaction.status === 'pending'
        ? { status: fact('transaction.status', { type: 'term', key: 'transaction-status.pending' }, id) }
        : {}),
      ...(lastFour ? { lastFour: fact('account.last-four', { type: 'text', text: lastFour }, id) } : {}),
    },
  }
}
