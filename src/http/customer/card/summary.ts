import type { Temporal } from 'temporal-polyfill'
import type { Account, Transaction } from '../../../bank/bank.ts'
import type { Money } from '../../../core/money.ts'
import { dayAt } from '../../../intent/period.ts'
import { spendingIn } from '../../../intent/spent.ts'
import { type Category, shownKind, spentOn } from '../../kit/category.ts'
import type { Payment } from '../../pages/card-payments.ts'
import type { Spending } from '../../pages/card-spending.ts'
import type { Loaded } from '../../pages/loaded.ts'

/** How many months the chart goes back, this one included. */
export const monthsOfSpending = 6

/** A payment as the page lists it. */
export const paymentOf = (
  transaction: Transaction,
  account: Account | undefined,
  isOwnMove: boolean,
): Payment => ({
  transaction,
  account: { nickname: account?.nickname ?? '', lastFour: account?.lastFour ?? '' },
  category: shownKind(transaction, isOwnMove),
})

const dayOf = (at: number, zone: string): string => dayAt(at, zone).toString()

/** What was spent in the last thirty days by kind, and by month; null where nothing was. */
export function spendingOf(
  items: readonly Transaction[],
  today: Temporal.PlainDate,
  zone: string,
  partial: boolean,
): Loaded<Spending> | null {
  const spent = spendingIn(items)
  const currency = spent[0]?.amount.currency
  if (!currency) return null
  const same = spent.filter((item) => item.amount.currency === currency)
  const from = today.subtract({ days: 29 }).toString()
  const recent = same.filter((item) => dayOf(item.at, zone) >= from)
  const add = <Key>(totals: Map<Key, number>, key: Key, item: Transaction): Map<Key, number> =>
    totals.set(key, (totals.get(key) ?? 0) + item.amount.amountMinor)
  const money = (amountMinor: number): Money => ({ amountMinor, currency })
  const byCategory = recent.reduce(
    (totals, item) => add(totals, spentOn(item), item),
    new Map<Category, number>(),
  )
  const months = Array.from({ length: monthsOfSpending }, (_, i) =>
    today
      .with({ day: 1 })
      .subtract({ months: monthsOfSpending - 1 - i })
      .toString()
      .slice(0, 7),
  )
  const byMonth = same.reduce(
    (totals, item) => add(totals, dayOf(item.at, zone).slice(0, 7), item),
    new Map<string, number>(),
  )
  return {
    state: 'ready',
    partial,
    value: {
      from,
      to: today.toString(),
      total: money(recent.reduce((total, item) => total + item.amount.amountMinor, 0)),
      byCategory: [...byCategory]
        .sort(([, a], [, b]) => b - a)
        .map(([category, total]) => ({ category, total: money(total) })),
      byMonth: months.map((month) => ({ month, total: money(byMonth.get(month) ?? 0) })),
    },
  }
}
