import type { Account, Balance } from '../../bank/bank.ts'
import { type Html, html, nothing } from '../kit/html.ts'
import { icon } from '../kit/icon.ts'
import { formatsOf, type Frame, page } from '../kit/page.ts'
import { accountText, buttonLink, card } from '../kit/parts.ts'
import { answered, breakdown, periodText, type Answer } from './card-answer.ts'
import { type Payment, paymentFacts, paymentName, paymentsByDay, signedAmount } from './card-payments.ts'
import { type CardSearch, searchForm, searching } from './card-search.ts'
import { type Spending, spendingCharts } from './card-spending.ts'
import { type Loaded, whenLoaded } from './loaded.ts'

/**
 * Who else could read this page. S1: opened inside the app. S2: the system browser or the bank's app. S3: another
 * device.
 */
export type SealGrade = 'S1' | 'S2' | 'S3'

export type AccountWithBalance = { readonly account: Account; readonly balance: Balance | null }

/** The one thing that was asked for in the chat. */
export type Asked =
  /** `several`: more accounts were asked about, so they come before the payments. */
  | { readonly kind: 'balance'; readonly of: Loaded<AccountWithBalance>; readonly several: boolean }
  /** `found`: how many fit what was asked for, and in which days (YYYY-MM-DD); null for simply the newest. */
  | {
      readonly kind: 'payments'
      readonly found: { readonly count: number; readonly from: string; readonly to: string } | null
    }
  | { readonly kind: 'payment'; readonly payment: Payment }
  | { readonly kind: 'answer'; readonly subject: Answer['subject']; readonly of: Loaded<Answer> }

export type CardModel = {
  readonly frame: Frame
  readonly channel: string
  readonly seal: SealGrade
  readonly asked: Asked
  /** The customer's other accounts under this grant. */
  readonly accounts: Loaded<readonly AccountWithBalance[]>
  readonly payments: Loaded<{ readonly items: readonly Payment[]; readonly olderUrl: string | null }>
  readonly search: CardSearch
  /** null where the bank does not give enough to say. */
  readonly spending: Loaded<Spending> | null
  /** Closes itself: seconds without a touch, how long before it warns, where it then goes, and where if sent away. */
  readonly idle: {
    readonly afterSeconds: number
    readonly warnSeconds: number
    readonly closeUrl: string
    readonly leaveUrl: string
  }
}

/** The figure that answers "how much": what can be spent, or for a debt what is owed. */
function figures(
  frame: Frame,
  { account, balance }: AccountWithBalance,
): { main: string; label: string; beside: string | null } | null {
  const { t } = frame
  const formats = formatsOf(frame)
  if (balance === null) return null
  if (account.side === 'liability') {
    const owed = balance.current
    if (owed === null) return null
    const left = balance.available
    return {
      main: formats.money(owed),
      label: t('balance.owed'),
      beside: left && t('balance.credit-left', { amount: formats.money(left) }),
    }
  }
  const main = balance.available ?? balance.current
  if (main === null) return null
  const posted = balance.available === null ? null : balance.current
  return {
    main: formats.money(main),
    label: t(balance.available === null ? 'balance.current' : 'balance.available'),
    beside:
      posted !== null && posted.amountMinor !== main.amountMinor
        ? t('balance.posted', { amount: formats.money(posted) })
        : null,
  }
}

function asked(model: CardModel): Html {
  const { frame } = model
  const { t } = frame
  const formats = formatsOf(frame)
  const about = model.asked
  if (about.kind === 'balance') {
    if (about.of.state !== 'ready')
      return html`<h1>${t('card.balance')}</h1>${whenLoaded(frame, about.of, 1, () => nothing)}`
    const { account, balance } = about.of.value
    const figure = figures(frame, about.of.value)
    return html`<h1 class="small">${accountText(account.nickname, account.lastFour)}</h1>${
      figure
        ? html`<p class="figure">${figure.main}</p><p class="beside">${figure.label}${figure.beside && html` · ${figure.beside}`}</p>`
        : html`<p class="figure none">${t('balance.unknown')}</p>`
    }${balance && html`<p class="as-of">${t('balance.as-of', { moment: formats.moment(balance.asOf) })}</p>`}`
  }
  if (about.kind === 'payment') {
    const { transaction } = about.payment
    return html`<h1 class="small">${paymentName(frame, about.payment)}</h1><p class="figure">${signedAmount(formats, transaction)}</p><p class="beside">${formats.capital(formats.moment(transaction.at))}</p>`
  }
  if (about.kind === 'answer') {
    if (about.of.state === 'ready') return answered(frame, about.of.value, about.of.partial)
    const title = {
      spending: 'spending.title',
      income: 'category.income',
      pay: 'answer.pay',
      refunds: 'answer.given-back',
    } as const
    return html`<h1>${t(title[about.subject])}</h1>${whenLoaded(frame, about.of, 1, () => nothing)}`
  }
  if (about.found)
    return html`<h1>${t('card.payments.title')}</h1><p class="lead">${t('spending.in-payments', { count: about.found.count })} · ${periodText(frame, about.found.from, about.found.to)}</p>`
  return html`<h1>${t('card.payments.title')}</h1>`
}

const accountLine = (frame: Frame, one: AccountWithBalance): Html => {
  const figure = figures(frame, one)
  return html`<li class="line"><span class="grow"><b>${one.account.nickname}</b><small>${accountText(frame.t(`account.${one.account.type}`), one.account.lastFour)}</small></span><span class="amount">${figure ? html`${figure.main}<small>${figure.label}</small>` : html`<small>${frame.t('balance.unknown')}</small>`}</span></li>`
}

/** The sealed card: the bank's own page, with the figures that the chat did not get. */
export function cardPage(model: CardModel): string {
  const { frame, channel, idle } = model
  const { t } = frame
  const single = model.asked.kind === 'payment' ? model.asked.payment : null
  const payments = card(
    t(searching(model.search) ? 'card.payments.found' : 'card.payments'),
    html`${searchForm(frame, model.search)}${whenLoaded(frame, model.payments, 5, (value) => html`${paymentsByDay(frame, value.items, model.search)}${value.olderUrl ? html`<p>${buttonLink(t('card.older'), value.olderUrl, { look: 'quiet' })}</p>` : nothing}`)}`,
    { id: 'payments' },
  )
  const accounts = card(
    t(model.asked.kind === 'balance' ? 'card.accounts' : 'card.jump.accounts'),
    whenLoaded(frame, model.accounts, 3, (others) =>
      others.length === 0
        ? html`<p class="soft">${t('card.no-other-accounts')}</p>`
        : html`<ul class="list">${others.map((one) => accountLine(frame, one))}</ul>`,
    ),
    { id: 'accounts' },
  )
  const accountsFirst = model.asked.kind === 'balance' && model.asked.several
  const sections = [...(accountsFirst ? ['accounts', 'payments'] : ['payments', 'accounts']), 'spending']
  // Many payments stand between the first screen and the chart.
  const jump = html`<nav aria-label="${t('card.jump')}"><ul class="chips">${sections.map((part) => html`<li><a href="#${part}">${t(`card.jump.${part}`)}</a></li>`)}</ul></nav>`
  const parted =
    model.asked.kind === 'answer' &&
    model.asked.of.state === 'ready' &&
    model.asked.of.value.subject === 'spending'
      ? breakdown(frame, model.asked.of.value)
      : nothing
  const body = html`${model.spending ? jump : nothing}${parted}${single ? card(t('card.this-payment'), paymentFacts(frame, single)) : nothing}
${accountsFirst ? [accounts, payments] : [payments, accounts]}
${
  model.spending &&
  card(
    t('spending.title'),
    whenLoaded(frame, model.spending, 4, (spending) => spendingCharts(frame, spending)),
    { id: 'spending' },
  )
}
<p class="soft scripted">${t('idle.say', { minutes: Math.max(1, Math.round(idle.afterSeconds / 60)) })}</p>
<dialog id="idle" aria-labelledby="idle-title" data-after="${idle.afterSeconds}" data-warn="${idle.warnSeconds}" data-close="${idle.closeUrl}"><h2 id="idle-title">${t('idle.title')}</h2><p>${t('idle.closing')} <b class="count" data-left></b></p><form method="dialog" class="pair"><button class="button main" value="stay">${t('idle.stay')}</button><a class="button quiet" href="${idle.leaveUrl}">${t('idle.close')}</a></form></dialog>`

  return page({
    frame,
    title: t('card.title'),
    hero: html`<p class="seal ${model.seal}">${icon(model.seal === 'S1' ? 'unlock' : model.seal === 'S3' ? 'device' : 'lock')}<span>${t(`seal.${model.seal}`, { channel })}</span></p>${asked(model)}`,
    body,
    scripts: ['card'],
  })
}
