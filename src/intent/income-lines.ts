import type { Transaction } from '../bank/bank.ts'
import type { Line, Safe } from '../disclosure/answer.ts'
import { fact, type Fact } from '../disclosure/fact.ts'
import type { MoneyAsk, Period } from './ask.ts'
import { payFigure } from './income-figures.ts'
import { nameField, shopsOf } from './merchant.ts'
import { payerIn } from './pay.ts'
import { totalsOf } from './query.ts'

type Asked = Extract<MoneyAsk, { kind: 'income' }>

/** What a question about income is over. */
export type Scope = {
  readonly asked: Asked
  readonly period: Period
  readonly timeZone: string
  readonly payer: Fact | null
  readonly account: string | null
}

const money = (amountMinor: number, currency: string): Fact =>
  fact('income.total', { type: 'money', money: { amountMinor, currency } })
const nothing = { total: fact('income.total', { type: 'count', count: 0 }) }

/** What they said, and the days that are looked at. */
export const words = ({ asked, period }: Scope): Record<string, Safe> => ({
  period: { type: 'period', ...period },
  ...(asked.payer ? { payer: { type: 'asked', text: asked.payer } as const } : {}),
})

/** One line a currency, and what was given back beside it. */
export function incomeLines(
  received: readonly Transaction[],
  refunds: readonly Transaction[],
  scope: Scope,
): readonly Line[] {
  const { account, payer } = scope
  const params = words(scope)
  const sums: Line[] =
    received.length === 0
      ? [{ key: 'income.none', needs: nothing, params }]
      : totalsOf(received).map(({ amountMinor, currency, count }) => ({
          key: 'income.said',
          band: 'income.band',
          needs: {
            total: money(amountMinor, currency),
            count: fact('spending.count', { type: 'count', count }),
          },
          may: {
            ...(payer ? { payer } : {}),
            ...(account ? { account: fact('account.nickname', { type: 'text', text: account }) } : {}),
          },
          params,
        }))
  return [
    ...sums,
    ...totalsOf(refunds).map(
      ({ amountMinor, currency }): Line => ({
        key: 'income.refunds',
        band: 'income.refunds',
        needs: { total: money(amountMinor, currency) },
      }),
    ),
  ]
}

/** "Any refunds this year?": what shops gave back alone, and no pay; and which shops, where that may be said. */
export const refundLines = (refunds: readonly Transaction[], params: Line['params']): readonly Line[] =>
  refunds.length === 0
    ? [{ key: 'income.given-back.none', needs: nothing, params: params ?? {} }]
    : totalsOf(refunds).map(
        ({ amountMinor, currency }): Line => ({
          key: 'income.given-back',
          band: 'income.given-back',
          needs: { total: money(amountMinor, currency) },
          may: givenBackBy(refunds.filter(({ amount }) => amount.currency === currency)),
          params: params ?? {},
        }),
      )

/** The three shops with the most refunds, how many more there are, and the day where it is one refund. */
function givenBackBy(refunds: readonly Transaction[]): Record<string, Fact> {
  const shops = shopsOf(refunds)
  const [only, ...others] = refunds
  const named = ['shop', 'shop2', 'shop3'].flatMap((name, at) => {
    const shop = shops[at]
    return shop ? [[name, fact(nameField(shop), { type: 'text', text: shop.name })] as const] : []
  })
  return {
    ...Object.fromEntries(named),
    ...(shops.length > 3 ? { more: fact('spending.count', { type: 'count', count: shops.length - 3 }) } : {}),
    ...(only && others.length === 0
      ? { date: fact('transaction.date', { type: 'date', at: only.at, withTime: false }, only.accountId) }
      : {}),
  }
}

/** The newest pay of the period asked for; else that none came, and which was the last before it. */
export function payLines(received: readonly Transaction[], scope: Scope): readonly Line[] {
  const pay = payFigure(received, scope.period, scope.timeZone)
  if (pay.is === 'unseen') return [{ key: 'income.pay.unseen', needs: nothing, params: words(scope) }]
  if (pay.is === 'pay') return [payLine('income.pay', pay.payment)]
  return [
    { key: 'income.pay.none', needs: nothing, params: words(scope) },
    payLine('income.pay.before', pay.payment),
  ]
}

/** The pay before the one just told of, or that none came before it. */
export const earlierPay = (item: Transaction | null, scope: Scope): Line =>
  item
    ? payLine('income.pay.earlier', item)
    : { key: 'income.pay.earliest', needs: nothing, params: words(scope) }

/** Each sentence, and the one that is said where its figure may only be told roughly. */
const roughly = {
  'income.pay': 'income.pay.band',
  'income.pay.before': 'income.pay.before.band',
  'income.pay.earlier': 'income.pay.earlier.band',
} as const
type PayLine = keyof typeof roughly
function payLine(key: PayLine, item: Transaction): Line {
  const { accountId: id } = item
  const payer = payerIn(item)
  return {
    key,
    band: roughly[key],
    needs: {
      amount: fact('income.total', { type: 'money', money: item.amount }, id),
      date: fact('transaction.date', { type: 'date', at: item.at, withTime: false }, id),
    },
    may: payer === '' ? {} : { payer: fact(nameField(item), { type: 'text', text: payer }, id) },
  }
}
