import type { Account, Transaction } from '../../../bank/bank.ts'
import type { CardRequest } from '../../../disclosure/answer.ts'
import type { Period } from '../../../intent/ask.ts'
import { incomeOn, incomeRange, payFigure } from '../../../intent/income-figures.ts'
import { paymentsAt } from '../../../intent/merchant.ts'
import { payIn } from '../../../intent/pay.ts'
import { passing, totalsOf } from '../../../intent/query.ts'
import { ofCategory, spendingFigures, spendingRange, spentIn } from '../../../intent/spending-figures.ts'
import { type Category as Spent, categoryNames } from '../../../nlu/reading.ts'
import type { Answer } from '../../pages/card-answer.ts'

/** A question from the chat that is over some days: what the chat reads to answer it, and so does the card. */
export type Question = {
  readonly period: Period
  readonly range: Period
  /** Money between the customer's own accounts is seen only where all of them are read. */
  readonly reads: 'chosen' | 'all'
}

/** Null where no days are named: then it is about what stands on the card anyway. */
export function questionOf(
  request: CardRequest,
  lookbackDays: number,
  now: number,
  timeZone: string,
): Question | null {
  const { shows, from, to, against = null, pay = false } = request
  if (from === undefined || to === undefined) return null
  const period = { from, to }
  switch (shows) {
    case 'spending':
      return { period, range: spendingRange(period, against), reads: 'chosen' }
    case 'income':
      return { period, range: incomeRange(period, pay, lookbackDays, now, timeZone), reads: 'all' }
    case 'transactions':
      return { period, range: period, reads: 'chosen' }
    default:
      return null
  }
}

export type Read = {
  /** Newest first. */
  readonly items: readonly Transaction[]
  readonly all: readonly Account[]
  readonly chosen: readonly Account[]
  readonly timeZone: string
}

/**
 * The answer, by the functions that the chat answers with, and the payments it is made of, newest first. No answer where
 * payments themselves were asked for.
 */
export function answerTo(
  request: CardRequest,
  { period }: Question,
  { items, all, chosen, timeZone }: Read,
): { readonly answer: Answer | null; readonly made: readonly Transaction[] } {
  const { search, shows } = request
  const category = categoryNames.find((name) => name === request.category)
  const common = {
    ...period,
    merchant: search ?? null,
    category: category ?? null,
    account: chosen.length === 1 ? (chosen[0] ?? null) : null,
  }
  const at = (list: readonly Transaction[]): readonly Transaction[] =>
    search === undefined ? list : paymentsAt(list, search)
  if (shows === 'spending') {
    const { measure, by, against = null } = request
    const { items: spent, uncategorised } = ofCategory(
      at(spentIn(items, period, against, timeZone)),
      category,
    )
    return {
      answer: {
        ...common,
        subject: 'spending',
        figures: spendingFigures(spent, { measure, by, against, period, timeZone }),
        uncategorised,
      },
      made: newest(against === null ? spent : passing(spent, { period }, timeZone)),
    }
  }
  if (shows === 'income') {
    const { received, refunds } = incomeOn(chosen, all, items)
    // A payer that was named may be a shop that gave money back.
    const from = search === undefined ? received : at([...received, ...refunds])
    if (request.pay)
      return {
        answer: { ...common, subject: 'pay', pay: payFigure(from, period, timeZone) },
        made: newest(payIn(from)),
      }
    const given = search === undefined ? refunds : []
    return {
      answer: { ...common, subject: 'income', totals: totalsOf(from), refunds: totalsOf(given) },
      made: newest(from),
    }
  }
  return { answer: null, made: newest(at(passing(items, filterOf(request, category), timeZone))) }
}

const filterOf = (
  { direction, pending, min, max, currency }: CardRequest,
  category: Spent | undefined,
): Parameters<typeof passing>[1] => ({ category, direction, pending, amount: { min, max, currency } })

const newest = (items: readonly Transaction[]): readonly Transaction[] =>
  [...items].sort((a, b) => b.at - a.at)
