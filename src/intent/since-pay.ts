import { isRefusal } from '../core/refusal.ts'
import type { MoneyAsk } from './ask.ts'
import type { CounterDeps } from './caller.ts'
import { incomeOn, payFigure, usualIncome } from './income-figures.ts'
import { accountsFor, readMost, readTransactions, type Open } from './money.ts'
import { maySay, mayTell, type Asking } from './named.ts'
import { atMost, dayAt, lastDays } from './period.ts'

type Asked = Extract<MoneyAsk, { kind: 'spending' }>

/**
 * "Since payday": the question with the days since the last pay, as the bank's list has it. Null where that day may not
 * be told though the sum may: the answer names its period, and would tell it. Where the sum is kept back as well, nothing
 * of the period leaves, whether a pay was found or not.
 */
export async function sincePay(
  asked: Asked,
  bank: Open,
  about: Asking,
  deps: CounterDeps,
): Promise<Asked | null> {
  const { timeZone, lookbackDays } = bank.counter
  const { caller, now } = about
  const kept = !mayTell('spending.total', bank, about)
  if (!kept && !maySay('transaction.date', bank, about)) return null
  const range = atMost(usualIncome(true, now, timeZone), lookbackDays, now, timeZone)
  const accounts = await accountsFor(caller, deps, bank, undefined)
  if (range === null || isRefusal(accounts)) return null
  const { shared } = accounts
  const read = await readTransactions(caller, deps, bank, shared, range, readMost + 1)
  if (isRefusal(read)) return null
  const figure = payFigure(incomeOn(shared, shared, read.items).received, range, timeZone)
  if (figure.is === 'unseen') return kept ? asked : null
  const { to } = lastDays(1, now, timeZone)
  return { ...asked, period: { from: dayAt(figure.payment.at, timeZone).toString(), to } }
}
