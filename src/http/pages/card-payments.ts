import type { Account, Transaction } from '../../bank/bank.ts'
import type { Category } from '../kit/category.ts'
import type { Formats } from '../kit/format.ts'
import { type Html, html, outside } from '../kit/html.ts'
import { icon } from '../kit/icon.ts'
import { brandOf, formatsOf, type Frame } from '../kit/page.ts'
import { accountText, buttonLink, disclosure, empty, facts } from '../kit/parts.ts'
import { type CardSearch, searching, searchUrl } from './card-search.ts'

export type Payment = {
  readonly transaction: Transaction
  readonly account: Pick<Account, 'nickname' | 'lastFour'>
  readonly category: Category
}

/** Out with a minus, in with a plus; as it is when the bank does not say which. */
export function signedAmount(formats: Formats, { direction, amount }: Transaction): string {
  if (direction === 'credit') return formats.money(amount, 'plus')
  return formats.money(direction === 'debit' ? { ...amount, amountMinor: -amount.amountMinor } : amount)
}

/** The merchant's own name where there is one, else the bank's line, else its kind: never empty. */
export const paymentName = (frame: Frame, { transaction, category }: Payment): Html =>
  outside(transaction.merchant, 60) ??
  outside(transaction.description, 60) ??
  html`${frame.t(`category.${category}`)}`

export function paymentFacts(frame: Frame, payment: Payment): Html {
  const { t } = frame
  const formats = formatsOf(frame)
  const { transaction, account, category } = payment
  const bank = brandOf(frame).name
  return facts([
    [t('payment.when'), formats.capital(formats.moment(transaction.at))],
    [
      t('payment.status'),
      transaction.status === 'pending'
        ? t('payment.pending.say')
        : transaction.postedAt === null
          ? t('payment.posted')
          : t('payment.posted.on', { date: formats.date(transaction.postedAt) }),
    ],
    [t('payment.account'), accountText(account.nickname, account.lastFour)],
    [t('payment.category'), t(`category.${category}`)],
    [t('payment.description', { bank }), outside(transaction.description, 200)],
    [
      t('payment.direction'),
      transaction.direction === 'unknown' ? t('payment.direction.unknown', { bank }) : null,
    ],
  ])
}

function line(frame: Frame, payment: Payment): Html {
  const { t } = frame
  const { transaction, category, account } = payment
  const tone = transaction.direction === 'credit' ? ' in' : ''
  return html`<li>${disclosure(
    html`<span class="badge">${icon(category)}</span><span class="grow"><b>${paymentName(frame, payment)}</b><small>${accountText(t(`category.${category}`), account.lastFour)}</small></span><span class="amount${tone}">${signedAmount(formatsOf(frame), transaction)}${transaction.status === 'pending' && html`<small><em class="chip">${t('payment.pending')}</em></small>`}</span>`,
    paymentFacts(frame, payment),
    { look: 'payment' },
  )}</li>`
}

/** Payments under the day they happened on, in the order they come (newest first). */
export function paymentsByDay(frame: Frame, items: readonly Payment[], search: CardSearch): Html {
  const { t } = frame
  const formats = formatsOf(frame)
  if (items.length === 0)
    return searching(search)
      ? empty(
          t('payments.none-found'),
          t('payments.none-found.say'),
          html`<p>${buttonLink(t('search.clear'), searchUrl(search.actionUrl, {}), { look: 'quiet' })}</p>`,
        )
      : empty(t('payments.none'), t('payments.none.say'))
  const days = new Map<string, Payment[]>()
  for (const item of items) {
    const key = formats.calendarDay(item.transaction.at)
    const day = days.get(key)
    if (day) day.push(item)
    else days.set(key, [item])
  }
  return html`${[...days.values()].map(
    (day) =>
      html`<h3 class="day">${formats.capital(formats.day(day[0]?.transaction.at ?? 0))}</h3><ul class="list">${day.map((item) => line(frame, item))}</ul>`,
  )}`
}
