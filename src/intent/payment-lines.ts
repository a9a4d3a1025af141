import type { Account, Transaction } from '../bank/bank.ts'
import type { Line, Safe } from '../disclosure/answer.ts'
import { fact, type Fact } from '../disclosure/fact.ts'
import type { MoneyAsk, Period } from './ask.ts'
import { categoryWords, type Kind } from './category.ts'
import { nameField } from './merchant.ts'

/** Which payments a list is of: every list says it. */
export type ListScope = {
  readonly asked: Extract<MoneyAsk, { kind: 'transactions' }>
  /** What was really read. */
  readonly range: Period
  /** The shop's name, where it may be known. */
  readonly shop: Fact | null
  /** The name of the one account that was named. */
  readonly account: string | null
  /** Some payments among others, not simply the newest. */
  readonly picks: boolean
}

const periodOf = (range: Period) => ({ type: 'period', ...range }) as const
const paidIn = (item: Transaction): boolean => item.direction === 'credit'

/**
 * What a list is of. That nothing was found is a fact as well: it passes the gate like the rows would. `isMore`: a page
 * further on is not the last.
 */
export function headline(rows: number, scope: ListScope, isMore = false): Line {
  const { asked, range, shop, account, picks } = scope
  const { merchant, category, several, pending, direction } = asked
  const period = periodOf(range)
  if (rows === 0)
    return {
      key: 'transactions.none',
      needs: { count: fact('transaction.amount', { type: 'count', count: 0 }) },
      // On which account: there may be some on another.
      ...(account ? { may: { account: fact('account.nickname', { type: 'text', text: account }) } } : {}),
      params: { period, ...(merchant ? { what: { type: 'asked', text: merchant } as const } : {}) },
    }
  if (!picks) {
    if (asked.period) return { key: 'transactions.head-period', params: { period } }
    if (asked.skip === undefined) return { key: 'transactions.head' }
    return isMore ? { key: 'transactions.head-older' } : { key: 'transactions.head-rest', params: { period } }
  }
  if (asked.transfers) return { key: 'transactions.head-transfers', params: { period } }
  const params: Record<string, Safe> = {
    period,
    ...(merchant ? { merchant: { type: 'asked', text: merchant } } : {}),
    ...(category ? { category: { type: 'term', key: categoryWords[category] } } : {}),
    ...(several ? { what: { type: 'asked', text: several.said } } : {}),
    ...(pending === true ? { pending: { type: 'term', key: 'transaction-status.pending' } } : {}),
  }
  return {
    key:
      direction === 'in'
        ? 'transactions.head-in'
        : several
          ? 'transactions.head-several'
          : 'transactions.head-found',
    ...(shop ? { may: { merchant: shop } } : {}),
    params,
  }
}

/** How many more fit than are listed. */
export const more = (listed: number, all: number): Line[] =>
  all > listed && listed > 0
    ? [
        {
          key: 'transactions.some',
          band: 'transactions.some.band',
          needs: { count: fact('transaction.amount', { type: 'count', count: all }) },
          params: { listed: { type: 'count', count: listed } },
        },
      ]
    : []

/** Which of those that fit a later page lists. */
export const place = (skip: number, listed: number, all: number): Line[] =>
  listed === 0
    ? []
    : [
        {
          key: 'transactions.page',
          band: 'transactions.page.band',
          needs: { count: fact('transaction.amount', { type: 'count', count: all }) },
          params: {
            from: { type: 'count', count: skip + 1 },
            to: { type: 'count', count: skip + listed },
          },
        },
      ]

/** That there are no older ones: a fact like that there are none. */
export const end = ({ range }: ListScope): Line => ({
  key: 'transactions.end',
  needs: { count: fact('transaction.amount', { type: 'count', count: 0 }) },
  params: { period: periodOf(range) },
})

/** Whose it was, and whether it is still pending, where that may be said. */
function particulars(item: Transaction): Record<string, Fact> {
  const id = item.accountId
  const name = item.merchant ?? item.description
  return {
    ...(name === '' ? {} : { merchant: fact(nameField(item), { type: 'text', text: name }, id) }),
    ...(item.status === 'pending'
      ? { status: fact('transaction.status', { type: 'term', key: 'transaction-status.pending' }, id) }
      : {}),
  }
}
const dated = (item: Transaction): Record<string, Fact> => ({
  date: fact('transaction.date', { type: 'date', at: item.at, withTime: false }, item.accountId),
  amount: fact('transaction.amount', { type: 'money', money: item.amount }, item.accountId),
})

/** One payment of a list. `named`: the accounts to tell apart by their last four; none where there is one. */
export function rowLine(item: Transaction, named: readonly Account[]): Line {
  const lastFour = named.find(({ id }) => id === item.accountId)?.lastFour
  return {
    key: paidIn(item) ? 'transactions.row.in' : 'transactions.row.out',
    band: 'transactions.row.band',
    needs: dated(item),
    may: {
      ...particulars(item),
      ...(lastFour
        ? { lastFour: fact('account.last-four', { type: 'text', text: lastFour }, item.accountId) }
        : {}),
    },
  }
}

/** "You last paid Corner Market …". */
export const lastPaid = (item: Transaction, { asked, shop }: ListScope): Line => ({
  key: 'transactions.last-paid',
  band: 'transactions.last-paid.band',
  needs: dated(item),
  may: { ...particulars(item), ...(shop ? { merchant: shop } : {}) },
  params: asked.merchant ? { merchant: { type: 'asked', text: asked.merchant } } : {},
})

/** All that is known of one payment, each thing as far as it may be said. */
export function detailLines(item: Transaction, account: Account | null, kind: Kind): Line[] {
  const id = item.accountId
  const lines: Line[] = [
    {
      key: paidIn(item) ? 'transactions.one.in' : 'transactions.one.out',
      band: 'transactions.row.band',
      needs: dated(item),
      may: {
        ...particulars(item),
        status: fact('transaction.status', { type: 'term', key: `transaction-status.${item.status}` }, id),
      },
    },
  ]
  if (account)
    lines.push({
      key: 'transactions.one.account',
      needs: { account: fact('account.nickname', { type: 'text', text: account.nickname }, id) },
      may: account.lastFour
        ? { lastFour: fact('account.last-four', { type: 'text', text: account.lastFour }, id) }
        : {},
    })
  if (kind !== null && !paidIn(item))
    lines.push({
      key: 'transactions.one.category',
      needs: { category: fact('transaction.category', { type: 'term', key: categoryWords[kind] }, id) },
    })
  return lines
}

/** "The eighth one" of a list of five. */
export const noSuch = (listed: number): Line => ({
  key: 'transactions.no-such',
  needs: { count: fact('transaction.amount', { type: 'count', count: listed }) },
})
