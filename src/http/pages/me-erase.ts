import type { Brand } from '../kit/assets.ts'
import { type Html, href, html, nothing } from '../kit/html.ts'
import { icon } from '../kit/icon.ts'
import { brandOf, csrfField, formatsOf, type Frame, heading, mark, page } from '../kit/page.ts'
import { button, buttonLink, card, empty, field, notice } from '../kit/parts.ts'

/** A bank whose link goes with the chats that are erased. */
export type ForgottenBank = Brand & {
  /** The chats' names as people say them, at least one. */
  readonly channels: readonly string[]
  /** May it show something now? If not, the link was taken back or ran out, and its diary goes. */
  readonly live: boolean
  /** The one that the customer is signed in at. */
  readonly here: boolean
}

/**
 * Posts `csrf`, `named` and `typed` to `actionUrl`, and `language` when it only is to be shown in that one.
 * The word to type is `erase.word` in the page's language.
 */
export type EraseModel = {
  readonly frame: Frame
  readonly actionUrl: string
  readonly keepUrl: string
  /** Takes back everything at this bank alone; null when nothing is allowed there. */
  readonly takeBackUrl: string | null
  /** What the law makes the bank keep, as the institution words it; at least one line where anything is kept. */
  readonly kept: readonly string[]
  /** Every bank that is forgotten; none when no chat is linked, and then there is nothing to erase. */
  readonly banks: readonly ForgottenBank[]
  /** Those banks as the form repeats them. */
  readonly named: string
  readonly typed: string
  /** `wrong`: what was typed is not the word; `changed`: other banks are linked than the page named. */
  readonly error: 'wrong' | 'changed' | null
}

const bankLine = (frame: Frame, bank: ForgottenBank): Html => {
  const { t } = frame
  const words = { bank: bank.name, channels: formatsOf(frame).list(bank.channels) }
  return html`<li class="line">${mark(bank)}<span class="grow"><b>${bank.name}</b><small>${t(`erase.bank.${bank.live ? 'live' : 'over'}`, words)}</small></span></li>`
}

/** What goes, what the law makes the bank keep, what is narrower, the banks by name, and a word to type. */
export function erasePage(model: EraseModel): string {
  const { frame, banks, error } = model
  const { t } = frame
  const bank = brandOf(frame).name
  const word = t('erase.word')
  if (banks.length === 0)
    return page({
      frame,
      title: t('erase.title'),
      hero: heading(t('erase.title')),
      body: empty(
        t('erase.none'),
        t('erase.none.say'),
        html`<p>${buttonLink(t('taken-back.back'), model.keepUrl, { look: 'quiet' })}</p>`,
      ),
    })
  const others = banks.filter(({ here }) => !here).map(({ name }) => name)
  return page({
    frame,
    title: t('erase.title'),
    hero: heading(t('erase.title'), t('erase.lead')),
    keeps: 'erase',
    body: html`${error === 'changed' ? notice('bad', t('erase.changed'), { live: true }) : nothing}
${card(t('erase.goes'), html`<ul class="says">${['permissions', 'messages', 'links', 'key'].map((line) => html`<li>${t(`erase.goes.${line}`)}</li>`)}</ul>`)}
${card(t('erase.stays'), html`<ul class="says">${model.kept.map((line) => html`<li>${line}</li>`)}<li>${t('erase.stays.proofs')}</li><li>${t('erase.stays.platform')}</li></ul>`)}
${
  model.takeBackUrl
    ? card(
        t('erase.less', { bank }),
        html`<p>${t('erase.less.say', { bank })}${others.length > 0 ? html` ${t('erase.less.others', { others: formatsOf(frame).list(others), count: others.length })}` : nothing}</p><p>${buttonLink(t('erase.less.do', { bank }), model.takeBackUrl, { look: 'quiet' })}</p>`,
      )
    : nothing
}
${card(
  t('erase.confirm'),
  html`<p id="forgotten">${t('erase.banks', { count: banks.length })}</p><ul class="list" aria-labelledby="forgotten">${banks.map((one) => bankLine(frame, one))}</ul>${others.length > 0 ? notice('warn', t('erase.whole', { others: formatsOf(frame).list(others), count: others.length })) : nothing}
<form method="post" action="${href(model.actionUrl)}" id="erase">${csrfField(frame)}<input type="hidden" name="named" value="${model.named}">${field(
    {
      name: 'typed',
      label: t('erase.type', { word }),
      value: model.typed,
      required: true,
      spellcheck: false,
      maxlength: 40,
      ...(error === 'wrong' ? { error: t('erase.wrong', { word }) } : {}),
    },
  )}<div class="pair">${button(t('erase.do', { count: banks.length }), { look: 'danger' })}${buttonLink(t('erase.keep'), model.keepUrl, { look: 'quiet' })}</div></form>`,
)}`,
  })
}

export type ErasedModel = {
  readonly frame: Frame
  /** Epoch ms. */
  readonly at: number
  /** Names of the banks whose links are forgotten. */
  readonly banks: readonly string[]
  /** For questions to the bank; says nothing about the person. */
  readonly reference: string
  /** Were all the banks' keys returned, or is one of them still being asked? */
  readonly key: 'given' | 'waiting'
}

/** After erasing: what is gone, and when. */
export function erasedPage({ frame, at, banks, reference, key }: ErasedModel): string {
  const { t } = frame
  const formats = formatsOf(frame)
  const words = { banks: formats.list(banks), count: banks.length }
  return page({
    frame,
    title: t('erased.title'),
    hero: heading(t('erased.title'), t('erased.lead', { moment: formats.moment(at) })),
    body: card(
      t('taken-back.done'),
      html`<ul class="done"><li>${icon('check')}<span>${t('erased.rows', words)}</span></li><li>${icon('check')}<span>${t('erased.destroyed')}</span></li><li>${icon(key === 'given' ? 'check' : 'clock')}<span>${t(`erased.key.${key}`, words)}</span></li></ul><p class="soft">${t('erased.reference', { reference })}</p>`,
    ),
  })
}
