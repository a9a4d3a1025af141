import { Temporal } from 'temporal-polyfill'
import type { Account, Transaction } from '../bank/bank.ts'
import type { Period } from './ask.ts'
import { incomeIn, payIn, type Income } from './pay.ts'
import { atMost, dayAt, lastDays } from './period.ts'
import { passing } from './query.ts'

/** How far back money received is looked at when no time is named; pay is looked for at least as far. */
const usualDays = 30
const payDays = 100
/** For the pay before the last, and the one before that. */
export const earlierPayDays = 365

/** The days that income is asked about when no time is named. */
export const usualIncome = (pay: boolean, now: number, timeZone: string): Period =>
  lastDays(pay ? payDays : usualDays, now, timeZone)

/** What has to be read: pay is looked for further back, so that "none this week" can name the last, or one before. */
export function incomeRange(
  period: Period,
  pay: boolean,
  lookbackDays: number,
  now: number,
  timeZone: string,
  days = payDays,
): Period {
  const looked = pay ? atMost(lastDays(days, now, timeZone), lookbackDays, now, timeZone) : null
  return looked && looked.from < period.from ? { from: looked.from, to: period.to } : period
}

/**
 * What came in on some of the accounts that were read. All that are shared have to be read, so that money from the
 * customer's own other account is seen to be that.
 */
export function incomeOn(
  chosen: readonly Account[],
  all: readonly Account[],
  items: readonly Transaction[],
): Income {
  const owed = new Set(all.flatMap(({ id, side }) => (side === 'liability' ? id : [])))
  const ids = new Set(chosen.map(({ id }) => id))
  const here = ({ accountId }: Transaction): boolean => ids.has(accountId)
  const { received, refunds } = incomeIn(items, owed)
  return { received: received.filter(here), refunds: refunds.filter(here) }
}

/** The newest pay of the period asked for; else the last one before it; else nothing that looks like pay. */
export type PayFigure =
  | { readonly is: 'pay' | 'before'; readonly payment: Transaction }
  | { readonly is: 'unseen' }

export function payFigure(received: readonly Transaction[], period: Period, timeZone: string): PayFigure {
  const pays = payIn(received)
  const [latest] = pays
  if (!latest) return { is: 'unseen' }
  const [within] = passing(pays, { period }, timeZone)
  // Nothing after the period was read, so the newest is the one before it.
  return within ? { is: 'pay', payment: within } : { is: 'before', payment: latest }
}

/**
 * The pay that came so many days of pay before the newest one of the period; null where the list shows none. `until`: the
 * last day on which it, or none, is the newest.
 */
export function payBefore(
  received: readonly Transaction[],
  period: Period,
  timeZone: string,
  back: number,
): { readonly payment: Transaction | null; readonly until: string | null } {
  const newest = payFigure(received, period, timeZone)
  if (newest.is === 'unseen') return { payment: null, until: null }
  const dayOf = ({ at }: Transaction): string => dayAt(at, timeZone).toString()
  const all = payIn(received)
  // Two on one day are told as one pay: by the day the page finds it again.
  const days = [...new Map(all.toReversed().map((item) => [dayOf(item), item])).values()].toReversed()
  const at = days.findIndex((item) => dayOf(item) === dayOf(newest.payment))
  const payment = days[at + back] ?? null
  const oldest = days.at(-1) ?? newest.payment
  return {
    payment,
    until: payment ? dayOf(payment) : Temporal.PlainDate.from(dayOf(oldest)).subtract({ days: 1 }).toString(),
  }
}
