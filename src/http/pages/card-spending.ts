import type { Money } from '../../core/money.ts'
import type { Category } from '../kit/category.ts'
import { barChart, columnChart } from '../kit/chart.ts'
import { type Html, html } from '../kit/html.ts'
import { icon } from '../kit/icon.ts'
import { formatsOf, type Frame } from '../kit/page.ts'
import { empty } from '../kit/parts.ts'

/** Money that went out. Every figure names its period; all in one currency. */
export type Spending = {
  /** Calendar dates YYYY-MM-DD, inclusive, of the split by category. */
  readonly from: string
  readonly to: string
  readonly total: Money
  /** Largest first. */
  readonly byCategory: readonly { readonly category: Category; readonly total: Money }[]
  /** Oldest first, `month` as YYYY-MM; the last one is the present, unfinished month. */
  readonly byMonth: readonly { readonly month: string; readonly total: Money }[]
}

/** Where the money went, by kind and by month, each readable as a table. */
export function spendingCharts(frame: Frame, spending: Spending): Html {
  const { t } = frame
  const formats = formatsOf(frame)
  if (spending.byCategory.length === 0) return empty(t('spending.none'), t('spending.none.say'))
  const top = spending.byCategory[0]
  const period = t('spending.period', {
    from: formats.calendarDate(spending.from),
    to: formats.calendarDate(spending.to),
  })
  const months = spending.byMonth
  const last = months.at(-1)
  return html`${barChart({
    caption: t('spending.by-category'),
    summary: t('spending.by-category.summary', {
      total: formats.money(spending.total),
      period,
      category: top ? t(`category.${top.category}`) : '',
      top: top ? formats.money(top.total) : '',
    }),
    head: [t('spending.category'), t('spending.amount')],
    marks: spending.byCategory.map((one) => ({
      label: t(`category.${one.category}`),
      amount: formats.money(one.total),
      size: one.total.amountMinor,
      icon: icon(one.category),
    })),
  })}${columnChart({
    caption: t('spending.by-month'),
    summary: t('spending.by-month.summary', {
      amount: last ? formats.money(last.total) : '',
      month: last ? formats.month(last.month) : '',
      average: formats.money({
        amountMinor: Math.round(
          months.slice(0, -1).reduce((total, one) => total + one.total.amountMinor, 0) /
            Math.max(1, months.length - 1),
        ),
        currency: spending.total.currency,
      }),
      count: months.length - 1,
    }),
    tableLabel: t('spending.table'),
    head: [t('spending.month'), t('spending.amount')],
    marks: months.map((one) => ({
      label: formats.month(one.month, 'short'),
      fullLabel: formats.month(one.month),
      amount: formats.money(one.total),
      size: one.total.amountMinor,
      strong: one === last,
    })),
  })}`
}
