import type { Line, Safe } from '../disclosure/answer.ts'
import { fact, type Fact } from '../disclosure/fact.ts'
import { categoryWords } from './category.ts'
import type { Groups, Total } from './query.ts'
import type { Placed } from './several.ts'
import type { MonthTotal, PlaceTotals } from './spending-figures.ts'
import type { Scope } from './spending-lines.ts'

/** Several shops or kinds: all together with what it covers (or how far two are apart), and a line for each. */
export function placeLines(
  lists: readonly PlaceTotals[],
  totals: readonly Total[],
  each: readonly Placed[],
  { asked, period, account }: Scope,
): readonly Line[] {
  const rest: Pick<Line, 'params' | 'may'> = {
    params: { period: { type: 'period', ...period } },
    ...(account ? { may: { account: fact('account.nickname', { type: 'text', text: account }) } } : {}),
  }
  const head = ({ amountMinor, currency, count }: Total, { differenceMinor }: PlaceTotals): Line =>
    asked.several?.versus
      ? {
          key: 'spending.versus',
          band: 'spending.versus.band',
          needs: { difference: money(differenceMinor, currency) },
          ...rest,
        }
      : {
          key: 'spending.together',
          band: 'spending.together.band',
          needs: { total: money(amountMinor, currency), count: counted(count) },
          ...rest,
        }
  const all = totals.reduce((sum, { count }) => sum + count, 0)
  return [
    ...totals.flatMap((total, at) => {
      const list = lists[at]
      return list ? [head(total, list), ...each.flatMap((one, i) => row(one, list.each[i] ?? null))] : []
    }),
    ...(each.reduce((sum, { items }) => sum + items.length, 0) > all ? [once(all)] : []),
  ]
}

function row({ place, name }: Placed, total: Total | null): Line[] {
  if (total === null) return []
  return [
    {
      key: total.count === 0 ? 'spending.row.none' : 'spending.row',
      band: 'spending.row.band',
      needs: { total: money(total.amountMinor, total.currency), count: counted(total.count) },
      params: { name: named(place) },
      may: name ? { name } : {},
    },
  ]
}

const named = ({ merchant, category }: Placed['place']): Safe =>
  category ? { type: 'term', key: categoryWords[category] } : { type: 'asked', text: merchant ?? '' }

/** What is at a shop and of a kind as well is in both lines, and once in the total. */
const once = (count: number): Line => ({
  key: 'spending.together.once',
  band: 'spending.together.once',
  needs: { count: counted(count) },
})

export const money = (amountMinor: number, currency: string): Fact =>
  fact('spending.total', { type: 'money', money: { amountMinor, currency } })
export const counted = (count: number): Fact => fact('spending.count', { type: 'count', count })

/** One line a month; up or down only between months that were both read in full. */
export const monthLine =
  (currency: string) =>
  ({ month, amountMinor, changeMinor }: MonthTotal): Line => ({
    key: changeMinor === 0 ? 'spending.month' : changeMinor > 0 ? 'spending.month.up' : 'spending.month.down',
    band: 'spending.month.band',
    needs: {
      total: money(amountMinor, currency),
      ...(changeMinor === 0 ? {} : { difference: money(Math.abs(changeMinor), currency) }),
    },
    params: { period: { type: 'period', from: month.from, to: month.to } },
  })

export function groupLines<Key>({ currency, groups, rest }: Groups<Key>, nameOf: (key: Key) => Fact): Line[] {
  return [
    ...groups.map(
      ({ key, total }): Line => ({
        key: 'spending.row',
        band: 'spending.row.band',
        needs: { name: nameOf(key), total: money(total.amountMinor, currency), count: counted(total.count) },
      }),
    ),
    ...(rest
      ? [
          {
            key: 'spending.row.rest',
            band: 'spending.row.rest.band',
            needs: { total: money(rest.amountMinor, currency), count: counted(rest.count) },
          } as const,
        ]
      : []),
  ]
}
