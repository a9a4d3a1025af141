import type { Transaction } from '../bank/bank.ts'
import type { Line, Safe } from '../disclosure/answer.ts'
import { fact, type Fact } from '../disclosure/fact.ts'
import type { MoneyAsk, Period } from './ask.ts'
import { categoryWords } from './category.ts'
import { nameField, shopsOf } from './merchant.ts'
import type { Placed } from './several.ts'
import { averageOf, daysIn, type Comparison, type Total } from './query.ts'
import { spendingFigures, type Average, type SpendingFigures } from './spending-figures.ts'
import { counted as count, groupLines, money, monthLine, placeLines } from './spending-rows.ts'

/** What a question about spending is over: every answer says it. */
export type Scope = {
  readonly asked: Extract<MoneyAsk, { kind: 'spending' }>
  /** What was really read, in days of this zone. */
  readonly period: Period
  readonly timeZone: string
  /** The shop's name, where it may be known. */
  readonly shop: Fact | null
  /** The account's name, where it is one. */
  readonly account: string | null
  /** Payments that may or may not be of the category asked for. */
  readonly uncategorised: number
  readonly against: Period | 'too-long-ago' | null
  /** The several shops or kinds that were asked for, in that order; null where it is one, or all. */
  readonly each: readonly Placed[] | null
}
type Lines = { readonly lines: readonly Line[]; readonly rows: readonly Line[] }

/** What was spent, in sentences: one for each currency, because amounts of different currencies are never added. */
export function spentLines(spent: readonly Transaction[], scope: Scope): Lines {
  const { asked, against, period, timeZone, each } = scope
  const { measure, by } = asked
  const { totals, result } = spendingFigures(spent, {
    measure,
    by,
    against,
    period,
    timeZone,
    ...(each ? { places: each.map(({ items }) => items), versus: asked.several?.versus } : {}),
  })
  const sums = totals.map(sum(scope))
  // What is worked out over several at once is said to be of them: their own words stand before it.
  const of: Line[] = asked.several
    ? [{ key: 'spending.of-several', params: { what: { type: 'asked', text: asked.several.said } } }]
    : []
  const listed = (rows: readonly Line[]): Lines => ({
    lines: [...of, ...sums, ...uncategorised(scope)],
    rows,
  })
  const only = (lines: readonly Line[]): Lines => ({
    lines: [...of, ...lines, ...uncategorised(scope)],
    rows: [],
  })
  if (result.is === 'compared') return only(comparison(result, scope))
  if (result.is === 'too-long-ago')
    return only([...(sums.length === 0 ? [nothing(scope)] : sums), { key: 'spending.compare.too-long-ago' }])
  // That nothing was found is told or kept back by itself: a note about the rest would stand there without a head.
  if (totals.length === 0) return { lines: each ? each.map(nothingAt(scope)) : [nothing(scope)], rows: [] }
  if (result.is === 'by-place' && each)
    return { lines: [...placeLines(result.lists, totals, each, scope), ...uncategorised(scope)], rows: [] }
  switch (result.is) {
    case 'by-month':
      return listed(result.lists.flatMap(({ currency, months }) => months.map(monthLine(currency))))
    case 'by-category':
      return listed(
        result.lists.flatMap((one) =>
          groupLines(one, (kind) =>
            fact('transaction.category', {
              type: 'term',
              key: kind === null ? 'category.none' : categoryWords[kind],
            }),
          ),
        ),
      )
    case 'by-merchant': {
      const free = new Set(shopsOf(spent).flatMap((shop) => (shop.free ? [shop.name] : [])))
      return listed(
        result.lists.flatMap((one) =>
          groupLines(one, (name) => fact(nameField({ free: free.has(name) }), { type: 'text', text: name })),
        ),
      )
    }
    case 'average':
      return only([
        ...result.payment.map(average(scope)),
        ...(result.month ? result.month.averages.map(monthly(scope, result.month.period)) : []),
      ])
    case 'biggest':
      return only(result.payments.map(biggest(scope)))
    default:
      return result.is === 'count'
        ? only(totals.map(counted(scope)))
        : only(asked.weekly ? [...sums, ...weekly(totals, period)] : sums)
  }
}

/** What was asked, in the customer's own words: a sum over one shop must never read as a sum over all. */
function words({ asked, period }: Scope, over: Period = period): Record<string, Safe> {
  return {
    period: { type: 'period', ...over },
    ...(asked.merchant ? { merchant: { type: 'asked', text: asked.merchant } as const } : {}),
    ...(asked.category ? { category: { type: 'term', key: categoryWords[asked.category] } as const } : {}),
  }
}
/** The names that go with it where they may be said: the shop as the bank has it, so that a wrong guess is seen. */
const names = ({ shop, account }: Scope): Record<string, Fact> => ({
  ...(shop ? { merchant: shop } : {}),
  ...(account ? { account: fact('account.nickname', { type: 'text', text: account }) } : {}),
})

const sum =
  (scope: Scope) =>
  ({ amountMinor, currency, count: payments }: Total): Line => ({
    key: 'spending.said',
    band: 'spending.band',
    needs: { total: money(amountMinor, currency), count: count(payments) },
    may: names(scope),
    params: words(scope),
  })

/** That nothing was found is a fact as well. */
function nothing(scope: Scope): Line {
  const { asked, account } = scope
  const { merchant: _, ...params } = words(scope)
  return {
    key: 'spending.none',
    needs: { total: fact('spending.total', { type: 'count', count: 0 }) },
    // On which account, where one was named: there may be some on another.
    ...(asked.account && account
      ? { may: { account: fact('account.nickname', { type: 'text', text: account }) } }
      : {}),
    params: {
      ...params,
      ...(asked.merchant ? { what: { type: 'asked', text: asked.merchant } as const } : {}),
    },
  }
}

const nothingAt =
  (scope: Scope) =>
  ({ place: { merchant, category } }: Placed): Line =>
    nothing({ ...scope, asked: { ...scope.asked, merchant, category } })

const counted =
  (scope: Scope) =>
  ({ amountMinor, currency, count: payments }: Total): Line => ({
    key: 'spending.counted',
    band: 'spending.counted.band',
    needs: { count: count(payments), total: money(amountMinor, currency) },
    may: names(scope),
    params: words(scope),
  })

const biggest =
  (scope: Scope) =>
  (item: Transaction): Line => {
    const { accountId: id } = item
    const name = item.merchant ?? item.description
    return {
      key: 'spending.biggest',
      band: 'spending.biggest.band',
      needs: {
        amount: fact('transaction.amount', { type: 'money', money: item.amount }, id),
        date: fact('transaction.date', { type: 'date', at: item.at, withTime: false }, id),
      },
      may: {
        ...names(scope),
        ...(name === '' ? {} : { shop: fact(nameField(item), { type: 'text', text: name }, id) }),
      },
      params: words(scope),
    }
  }

const average =
  (scope: Scope) =>
  ({ averageMinor, currency, over }: Average): Line => ({
    key: 'spending.average',
    band: 'spending.average.band',
    needs: { average: money(averageMinor, currency), count: count(over) },
    may: names(scope),
    params: words(scope),
  })

const monthly =
  (scope: Scope, over: Period) =>
  ({ averageMinor, currency, over: months }: Average): Line => ({
    key: 'spending.average.month',
    band: 'spending.average.month.band',
    needs: { average: money(averageMinor, currency) },
    may: names(scope),
    params: { ...words(scope, over), months: { type: 'count', count: months } },
  })

/** "Per week?": of less than one week there is none to tell. */
const weekly = (totals: readonly Total[], period: Period): readonly Line[] =>
  totals.flatMap(({ amountMinor, currency }): Line[] => {
    const days = daysIn(period)
    const average = days < 7 ? null : averageOf(amountMinor * 7, days)
    return average === null
      ? []
      : [
          {
            key: 'spending.average.week',
            band: 'spending.average.week',
            needs: { average: money(average, currency) },
          },
        ]
  })

/** "More than last month?": both sums and the difference, said in words. */
function comparison(
  { against, comparisons, days }: Extract<SpendingFigures['result'], { is: 'compared' }>,
  scope: Scope,
): readonly Line[] {
  if (comparisons.length === 0) return [nothing(scope), nothing({ ...scope, period: against })]
  return [
    ...comparisons.flatMap((one) => [sum(scope)(one.now), difference(one, against)]),
    ...(days
      ? [
          {
            key: 'spending.compare.days',
            params: { days: { type: 'count', count: days[0] }, others: { type: 'count', count: days[1] } },
          } as const,
        ]
      : []),
  ]
}

function difference({ currency, before: earlier, differenceMinor }: Comparison, against: Period): Line {
  const rest = {
    band: 'spending.compare.band',
    params: { period: { type: 'period', ...against } },
  } as const
  const before = money(earlier.amountMinor, currency)
  if (differenceMinor === 0) return { key: 'spending.compare.same', needs: { before }, ...rest }
  return {
    key: differenceMinor > 0 ? 'spending.compare.more' : 'spending.compare.less',
    needs: { before, difference: money(Math.abs(differenceMinor), currency) },
    ...rest,
  }
}

/** What cannot be told to be of the category, or not, is left out, and said to be. */
const uncategorised = ({ uncategorised: left }: Scope): Line[] =>
  left === 0
    ? []
    : [{ key: 'spending.uncategorised', band: 'spending.uncategorised.band', needs: { count: count(left) } }]
