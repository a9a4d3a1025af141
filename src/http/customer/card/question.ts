import type { Account, Transaction } from '../../../bank/bank.ts'
import type { CardRequest } from '../../../disclosure/answer.ts'
import type { Period } from '../../../intent/ask.ts'
import { incomeOn, incomeRange, payFigure } from '../../../intent/income-figures.ts'
import { paymentsAt } from '../../../intent/merchant.ts'
import { payIn } from '../../../intent/pay.ts'
import { passing, totalsOf } from '../../../intent/query.ts'
import { ofKind, together, untold } from '../../../intent/several.ts'
import { ofCategory, spendingFigures, spendingRange, spentIn } from '../../../intent/spending-figures.ts'
import { leavingOut } from '../../../intent/without.ts'
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
  const each = (list: readonly Transaction[]): Each | null => request.several?.of.map(placedIn(list)) ?? null
  if (shows === 'spending') {
    const { measure, by, against = null } = request
    const spentAll = passing(spentIn(items, period, against, timeZone), amountIn(request), timeZone)
    const left = leavingOut(spentAll, withoutIn(request))
    const inEither = left.items
    const places = each(inEither)
    const all = places && together(inEither, places)
    const { items: spent, uncategorised } = all
      ? { items: all, uncategorised: untold(inEither, places, all) }
      : ofCategory(at(inEither), category)
    return {
      answer: {
        ...common,
        ...limitsOf(request, left.left),
        subject: 'spending',
        figures: spendingFigures(spent, {
          measure,
          by,
          against,
          period,
          timeZone,
          ...(places ? { places: places.map(({ items: its }) => its), versus: request.several?.versus } : {}),
        }),
        several: places && { said: request.several?.said ?? '', of: places },
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
    if (request.refunds) {
      const back = at(refunds)
      return { answer: { ...common, subject: 'refunds', totals: totalsOf(back) }, made: newest(back) }
    }
    const given = search === undefined ? refunds : []
    return {
      answer: { ...common, subject: 'income', totals: totalsOf(from), refunds: totalsOf(given) },
      made: newest(from),
    }
  }
  const { items: fitting } = leavingOut(
    passing(items, filterOf(request, category), timeZone),
    withoutIn(request),
  )
  const places = each(fitting)
  return { answer: null, made: newest(places ? together(fitting, places) : at(fitting)) }
}

type Each = readonly {
  readonly items: readonly Transaction[]
  /** A shop as it was asked for (outside text). */
  readonly merchant?: string
  readonly category?: Spent
}[]

/** One of several shops or kinds, found as the chat finds it. */
const placedIn =
  (list: readonly Transaction[]) =>
  (one: NonNullable<CardRequest['several']>['of'][number]): Each[number] => {
    if ('search' in one) return { items: paymentsAt(list, one.search), merchant: one.search }
    const category = categoryNames.find((name) => name === one.category)
    return { items: ofKind(list, category), ...(category ? { category } : {}) }
  }

const filterOf = (request: CardRequest, category: Spent | undefined): Parameters<typeof passing>[1] => ({
  category,
  direction: request.direction,
  pending: request.pending,
  ...amountIn(request),
})

const amountIn = ({ min, max, currency }: CardRequest): Pick<Parameters<typeof passing>[1], 'amount'> => ({
  amount: { min, max, currency },
})

/** What the chat was asked to leave out, as it leaves it out. */
const withoutIn = ({ without }: CardRequest): Parameters<typeof leavingOut>[1] =>
  without && {
    said: without.said,
    of: without.of.map((one) =>
      'search' in one
        ? { merchant: one.search }
        : { category: categoryNames.find((name) => name === one.category) },
    ),
  }

/** What the figure is said to be without, and between. */
const limitsOf = (
  { without, min, max }: CardRequest,
  found: boolean,
): Pick<Answer, 'without' | 'min' | 'max'> => ({
  ...(without ? { without: { said: without.said, found } } : {}),
  ...(min ? { min } : {}),
  ...(max ? { max } : {}),
})

const newest = (items: readonly Transaction[]): readonly Transaction[] =>
  [...items].sort((a, b) => b.at - a.at)
