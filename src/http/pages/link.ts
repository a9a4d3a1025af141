import type { Brand } from '../kit/assets.ts'
import { html, nothing } from '../kit/html.ts'
import { icon } from '../kit/icon.ts'
import { brandOf, csrfField, type Frame, heading, mark, page } from '../kit/page.ts'
import { button, buttonLink, card, empty, notice } from '../kit/parts.ts'
import { steps } from './steps.ts'

/** Posts `csrf` and `bank` (an institution id) to `actionUrl`; the search comes back as `?q=`. */
export type PickBankModel = {
  readonly frame: Frame
  readonly channel: string
  readonly actionUrl: string
  readonly searchUrl: string
  /** What was typed. */
  readonly query: string
  /** Those that match the query. `place` is one line: the country, or what the bank is. */
  readonly banks: readonly (Brand & { readonly place: string })[]
}

/** Step 1: which bank? */
export function pickBankPage(model: PickBankModel): string {
  const { frame, query } = model
  const { t } = frame
  return page({
    frame,
    title: t('pick.title'),
    hero: heading(t('pick.title'), t('pick.lead', { channel: model.channel }), steps(t, 1)),
    scripts: ['filter'],
    body: html`<form class="search" role="search" method="get" action="${model.searchUrl}"><label for="f-q">${t('pick.search')}</label><div class="joined"><input id="f-q" type="search" name="q" value="${query}" maxlength="60" autocomplete="off" data-filter="banks">${button(t('pick.find'), { look: 'quiet', icon: 'search' })}</div></form>
<p class="unseen" role="status" id="banks-count" data-none="${t('pick.none')}"></p>
${
  model.banks.length === 0
    ? empty(
        t('pick.none'),
        t('pick.none.say', { query }),
        html`<p>${buttonLink(t('pick.all'), model.searchUrl, { look: 'quiet' })}</p>`,
      )
    : html`<form method="post" action="${model.actionUrl}">${csrfField(frame)}<ul class="list card" id="banks">${model.banks.map(
        (bank) =>
          html`<li><button class="line" name="bank" value="${bank.id}">${mark(bank)}<span class="grow"><b>${bank.name}</b><small>${bank.place}</small></span>${icon('chevron')}</button></li>`,
      )}</ul></form>`
}
<p class="soft">${t('pick.after')}</p>`,
  })
}

/** Posts `csrf` and `do`: `match` or `differ`, to `actionUrl`; `match` goes on to the bank's login. */
export type ContinueModel = {
  readonly frame: Frame
  readonly channel: string
  readonly actionUrl: string
  /** The short code that the chat was told, e.g. "K7 42". */
  readonly code: string
  /** The Page's name in the chat list. */
  readonly chatName: string
  /** Where another bank is picked; null where there is only one. */
  readonly otherUrl: string | null
}

/** Step 2: compare the code with the chat, then on to the bank's own login. */
export function continueAtBankPage(model: ContinueModel): string {
  const { frame, channel } = model
  const { t } = frame
  const bank = brandOf(frame).name
  return page({
    frame,
    title: t('continue.title', { bank }),
    hero: heading(t('continue.title', { bank }), t('continue.lead', { bank }), steps(t, 2)),
    body: html`${card(
      t('continue.compare', { channel }),
      html`<p class="code" id="code"><span class="unseen">${t('continue.code')} </span>${model.code}</p><p>${t('continue.compare.say', { channel, chat: model.chatName })}</p>
<form method="post" action="${model.actionUrl}">${csrfField(frame)}<div class="pair">${button(t('continue.match'), { name: 'do', value: 'match', look: 'main' })}${button(t('continue.differ'), { name: 'do', value: 'differ', look: 'quiet' })}</div></form>`,
      { look: 'centre' },
    )}<p class="soft">${t('continue.why')}</p>${model.otherUrl ? html`<p><a href="${model.otherUrl}">${t('continue.other')}</a></p>` : nothing}`,
  })
}

/** Why a link could not be finished. */
export type LinkProblem =
  | 'forwarded'
  | 'expired'
  | 'used'
  | 'differ'
  | 'mixed-up'
  | 'denied'
  | 'bank-down'
  | 'not-now'
export type LinkProblemModel = {
  readonly frame: Frame
  readonly channel: string
  readonly problem: LinkProblem
  /** Where trying again starts, when trying again from this page makes sense; for `used`, my permissions. */
  readonly againUrl: string | null
}

const grave: readonly LinkProblem[] = ['forwarded', 'differ', 'mixed-up']

/** A page for every way in which linking does not end in a link: what happened, what it means, what to do. */
export function linkProblemPage({ frame, channel, problem, againUrl }: LinkProblemModel): string {
  const { t } = frame
  const words = { channel, bank: brandOf(frame).name }
  const key = `link.${problem}`
  return page({
    frame,
    title: t(`${key}.title`, words),
    hero: heading(t(`${key}.title`, words), t(`${key}.lead`, words)),
    // A link that has been used may well have bound a chat: by the person who reads this.
    body: html`${problem === 'used' ? nothing : notice(grave.includes(problem) ? 'warn' : 'info', t('link.bound-nothing', words), { title: t('link.bound-nothing.title') })}
${card(t('link.next'), html`<p>${t(`${key}.next`, words)}</p>${againUrl ? html`<p>${buttonLink(t(problem === 'used' ? 'me.title' : 'link.again'), againUrl)}</p>` : nothing}`)}`,
  })
}
