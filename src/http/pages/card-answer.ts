import type { Account } from '../../bank/bank.ts'
import type { PayFigure } from '../../intent/income-figures.ts'
import { payerIn } from '../../intent/pay.ts'
import type { Groups, Total } from '../../intent/query.ts'
import type { SpendingFigures } from '../../intent/spending-figures.ts'
import type { Category } from '../kit/category.ts'
import { barTable, type Mark } from '../kit/chart.ts'
import { type Html, html, nothing, outside } from '../kit/html.ts'
import { icon } from '../kit/icon.ts'
import { brandOf, formatsOf, type Frame } from '../kit/page.ts'
import { accountText, card } from '../kit/parts.ts'
import { rich } from '../kit/words.ts'

/** The question from the chat, worked out: the very figures that the chat would say. */
export type Answer = {
  /** Calendar dates YYYY-MM-DD, inclusive, of what was read. */
  readonly from: string
  readonly to: string
  /** A shop or payer as it was asked for (outside text), or null for all. */
  readonly merchant: string | null
  readonly category: Category | null
  /** The account, where it is one. */
  readonly account: Pick<Account, 'nickname' | 'lastFour'> | null
  /** What was to be left out, in the words that named it (outside text), and whether there was any. */
  readonly without?: { readonly said: string; readonly found: boolean }
  /** Bounds of each payment, as plain decimals. */
  readonly min?: string
  readonly max?: string
} & (
  | {
      readonly subject: 'spending'
      readonly figures: SpendingFigures
      /** Several shops or kinds: the words they were asked for with, and each in the order of its figures (outside text). */
      readonly several: {
        readonly said: string
        readonly of: readonly { readonly merchant?: string; readonly category?: Category }[]
      } | null
      /** How many payments were left out because the bank does not say what they were for. */
      readonly uncategorised: number
    }
  | { readonly subject: 'income'; readonly totals: readonly Total[]; readonly refunds: readonly Total[] }
  | { readonly subject: 'refunds'; readonly totals: readonly Total[] }
  | { readonly subject: 'pay'; readonly pay: PayFigure }
)

/** A stretch of days, as short as it can be said without being read two ways. */
export function periodText(frame: Frame, from: string, to: string): string {
  const formats = formatsOf(frame)
  if (from === to) return formats.calendarDate(from)
  const next = new Date(Date.parse(`${to}T12:00:00Z`) + 86_400_000).toISOString().slice(8, 10)
  if (from.endsWith('-01') && next === '01' && from.slice(0, 7) === to.slice(0, 7))
    return formats.month(from.slice(0, 7))
  return frame.t('spending.period', { from: formats.calendarDate(from), to: formats.calendarDate(to) })
}

const amountIn = (frame: Frame, amountMinor: number, currency: string): string =>
  formatsOf(frame).money({ amountMinor, currency })
const payments = (frame: Frame, count: number): string => frame.t('spending.in-payments', { count })
/** Facts side by side on one line. */
const beside = (...parts: readonly (string | Html | null)[]): Html =>
  html`<p class="beside">${parts.filter((part) => part !== null).map((part, i) => (i > 0 ? html` · ${part}` : part))}</p>`
const large = (text: string): Html => html`<p class="figure">${text}</p>`

function whatOf(answer: Answer, atShop: boolean): string {
  switch (answer.subject) {
    case 'pay':
      return 'answer.pay'
    case 'income':
      return 'category.income'
    case 'refunds':
      return 'answer.given-back'
    default:
      if (answer.figures.result.is === 'biggest') return 'answer.biggest'
      return atShop ? 'spending.at' : 'spending.title'
  }
}

function title(frame: Frame, answer: Answer): Html {
  const { t } = frame
  const { merchant, category, account, subject } = answer
  const several = subject === 'spending' ? (answer.several?.said ?? null) : null
  const named = outside(merchant ?? several, 60)
  const what = t(whatOf(answer, named !== null && several === null))
  const isPlace = several === null && subject === 'spending' && answer.figures.result.is !== 'biggest'
  return html`<h1 class="small">${what}${named && html`${isPlace ? ' ' : ' · '}${named}`}${category && ` · ${t(`category.${category}`)}`}${account && ` · ${accountText(account.nickname, account.lastFour)}`}</h1>`
}

/** What was asked for, large, with what it covers. */
export function answered(frame: Frame, answer: Answer, partial: boolean): Html {
  return html`${title(frame, answer)}${figures(frame, answer)}${limits(frame, answer)}${partial ? html`<p class="as-of">${frame.t('state.partial', { bank: brandOf(frame).name })}</p>` : nothing}`
}

function figures(frame: Frame, answer: Answer): Html {
  switch (answer.subject) {
    case 'pay':
      return pay(frame, answer, answer.pay)
    case 'income':
      return income(frame, answer)
    case 'refunds':
      return cameIn(frame, answer, 'answer.none.refunds')
    default:
      return html`${spent(frame, answer)}${answer.uncategorised > 0 ? html`<p class="as-of">${frame.t('answer.uncategorised', { count: answer.uncategorised })}</p>` : nothing}`
  }
}

/** What the figure is without, and between: never left unsaid. */
function limits({ t }: Frame, { without, min, max }: Answer): Html {
  const what = without && outside(without.said, 60)
  const note = without?.found ? 'answer.left-out' : 'answer.nothing-left-out'
  const bounds = [min && t('search.chip.min', { value: min }), max && t('search.chip.max', { value: max })]
  return html`${what ? html`<p class="as-of">${rich(t, note, { what })}</p>` : nothing}${bounds.some(Boolean) ? html`<p class="as-of">${bounds.filter(Boolean).join(' · ')}</p>` : nothing}`
}

const none = (frame: Frame, key: string, { from, to }: Pick<Answer, 'from' | 'to'>): Html =>
  html`<p class="figure none">${frame.t(key)}</p>${beside(periodText(frame, from, to))}`

function spent(frame: Frame, answer: Extract<Answer, { subject: 'spending' }>): Html {
  const { t } = frame
  const formats = formatsOf(frame)
  const { totals, result } = answer.figures
  const period = periodText(frame, answer.from, answer.to)
  const sums = (all: readonly Total[]): Html =>
    all.length === 0
      ? none(frame, 'answer.none.spending', answer)
      : html`${all.map(
          (one) =>
            html`${large(amountIn(frame, one.amountMinor, one.currency))}${beside(payments(frame, one.count), period)}`,
        )}`
  if (result.is === 'compared') return compared(frame, answer, result, sums)
  if (result.is === 'too-long-ago')
    return html`${sums(totals)}<p class="as-of">${t('answer.too-long-ago')}</p>`
  if (totals.length === 0) return sums(totals)
  if (result.is === 'by-place' && result.versus)
    return html`${result.lists.map((one) => html`${large(t('answer.apart', { difference: amountIn(frame, one.differenceMinor, one.currency) }))}${beside(period)}`)}`
  switch (result.is) {
    case 'count':
      return html`${totals.map((one) => html`${large(payments(frame, one.count))}${beside(t('answer.in-all', { total: amountIn(frame, one.amountMinor, one.currency) }), period)}`)}`
    case 'biggest':
      return html`${result.payments.map((one) => html`${large(formats.money(one.amount))}${beside(outside(one.merchant ?? one.description, 60), formats.capital(formats.day(one.at)), period)}`)}`
    case 'average':
      return html`${result.payment.map((one) => html`${large(amountIn(frame, one.averageMinor, one.currency))}${beside(t('answer.average.payment', { count: one.over }), period)}`)}${
        result.month &&
        result.month.averages.map(
          (one) =>
            html`${large(amountIn(frame, one.averageMinor, one.currency))}${beside(t('answer.average.month', { months: one.over }), result.month && periodText(frame, result.month.period.from, result.month.period.to))}`,
        )
      }`
    default:
      return sums(totals)
  }
}

function compared(
  frame: Frame,
  answer: Extract<Answer, { subject: 'spending' }>,
  { against, comparisons, days }: Extract<SpendingFigures['result'], { is: 'compared' }>,
  sums: (totals: readonly Total[]) => Html,
): Html {
  const { t } = frame
  if (comparisons.length === 0)
    return html`${none(frame, 'answer.none.spending', answer)}${none(frame, 'answer.none.spending', against)}`
  const period = periodText(frame, against.from, against.to)
  return html`${comparisons.map(({ currency, now, before, differenceMinor }) => {
    const key = differenceMinor === 0 ? 'answer.same' : differenceMinor > 0 ? 'answer.more' : 'answer.less'
    return html`${sums([now])}${beside(
      t(key, {
        ...(differenceMinor === 0
          ? {}
          : { difference: amountIn(frame, Math.abs(differenceMinor), currency) }),
        before: amountIn(frame, before.amountMinor, currency),
        period,
      }),
    )}`
  })}${days && html`<p class="as-of">${t('answer.days', { days: days[0], others: days[1] })}</p>`}`
}

/** A sum a currency, or that there is nothing. */
function cameIn(
  frame: Frame,
  answer: Extract<Answer, { subject: 'income' | 'refunds' }>,
  nothingKey: string,
): Html {
  const period = periodText(frame, answer.from, answer.to)
  return answer.totals.length === 0
    ? none(frame, nothingKey, answer)
    : html`${answer.totals.map(
        (one) =>
          html`${large(amountIn(frame, one.amountMinor, one.currency))}${beside(payments(frame, one.count), period)}`,
      )}`
}

function income(frame: Frame, answer: Extract<Answer, { subject: 'income' }>): Html {
  return html`${cameIn(frame, answer, 'answer.none.income')}${answer.refunds.map(
    (one) =>
      html`<p class="as-of">${frame.t('answer.refunds', { total: amountIn(frame, one.amountMinor, one.currency) })}</p>`,
  )}`
}

function pay(frame: Frame, answer: Answer, found: PayFigure): Html {
  const { t } = frame
  if (found.is === 'unseen') return none(frame, 'answer.pay.unseen', answer)
  const formats = formatsOf(frame)
  const who = outside(payerIn(found.payment), 60)
  return html`${found.is === 'before' ? beside(t('answer.pay.before', { period: periodText(frame, answer.from, answer.to) })) : nothing}${large(formats.money(found.payment.amount))}${beside(
    who && rich(t, 'answer.pay.from', { payer: who }),
    formats.capital(formats.day(found.payment.at)),
  )}`
}

/** The same figure in its parts, where it was asked for by month, by kind or by shop; one table a currency. */
export function breakdown(
  frame: Frame,
  { figures, several: places }: Extract<Answer, { subject: 'spending' }>,
): Html {
  const { t } = frame
  const { result } = figures
  const several = figures.totals.length > 1
  const table = (caption: string, head: string, currency: string, marks: readonly Mark[]): Html =>
    html`${several && html`<h3>${currency}</h3>`}${barTable({ caption: several ? `${caption} (${currency})` : caption, head: [head, t('spending.amount')], marks })}`
  switch (result.is) {
    case 'by-month': {
      const caption = t('spending.by-month')
      return card(
        caption,
        html`${result.lists.map(({ currency, months }) =>
          table(
            caption,
            t('spending.month'),
            currency,
            months.map(
              ({ month, amountMinor, changeMinor }): Mark => ({
                label: periodText(frame, month.from, month.to),
                amount: amountIn(frame, amountMinor, currency),
                size: amountMinor,
                note:
                  changeMinor === 0
                    ? null
                    : t(changeMinor > 0 ? 'answer.up' : 'answer.down', {
                        difference: amountIn(frame, Math.abs(changeMinor), currency),
                      }),
              }),
            ),
          ),
        )}`,
        { id: 'parts' },
      )
    }
    case 'by-category':
      return groups(frame, 'spending.by-category', 'spending.category', result.lists, table, (kind) => ({
        label: t(`category.${kind ?? 'none'}`),
        icon: icon(kind ?? 'none'),
      }))
    case 'by-place': {
      const caption = t('answer.together')
      const nameOf = ({
        merchant,
        category,
      }: NonNullable<typeof places>['of'][number]): Pick<Mark, 'label'> => ({
        label: category ? t(`category.${category}`) : (outside(merchant ?? null, 60) ?? t('category.other')),
      })
      return card(
        caption,
        html`${result.lists.map(({ currency, each }) =>
          table(
            caption,
            t('answer.shop-or-kind'),
            currency,
            (places?.of ?? []).flatMap((place, i): Mark[] => {
              const total = each[i]
              return !total
                ? []
                : [
                    {
                      ...nameOf(place),
                      amount: amountIn(frame, total.amountMinor, currency),
                      size: total.amountMinor,
                      note: payments(frame, total.count),
                    },
                  ]
            }),
          ),
        )}`,
        { id: 'parts' },
      )
    }
    case 'by-merchant':
      return groups(frame, 'answer.by-merchant', 'answer.merchant', result.lists, table, (name) => ({
        label: outside(name, 60) ?? t('category.other'),
      }))
    default:
      return nothing
  }
}

function groups<Key>(
  frame: Frame,
  captionKey: string,
  headKey: string,
  lists: readonly Groups<Key>[],
  table: (caption: string, head: string, currency: string, marks: readonly Mark[]) => Html,
  named: (key: Key) => Pick<Mark, 'label' | 'icon'>,
): Html {
  const { t } = frame
  const caption = t(captionKey)
  return card(
    caption,
    html`${lists.map(({ currency, groups: all, rest }) => {
      const mark = (of: Pick<Mark, 'label' | 'icon'>, { amountMinor, count }: Total): Mark => ({
        ...of,
        amount: amountIn(frame, amountMinor, currency),
        size: amountMinor,
        note: payments(frame, count),
      })
      return table(caption, t(headKey), currency, [
        ...all.map(({ key, total }) => mark(named(key), total)),
        ...(rest ? [mark({ label: t('answer.rest') }, rest)] : []),
      ])
    })}`,
    { id: 'parts' },
  )
}
