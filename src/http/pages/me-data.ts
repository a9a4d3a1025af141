import { type Html, href, html, nothing } from '../kit/html.ts'
import { icon } from '../kit/icon.ts'
import { brandOf, csrfField, formatsOf, type Frame, heading, page } from '../kit/page.ts'
import { button, buttonLink, card, field, notice } from '../kit/parts.ts'
import { passkeyButton, type PasskeyUrls } from './door.ts'
import { type MeUrls, meHero, meTabs } from './me.ts'

export type PasskeyLine = {
  readonly id: string
  /** The customer's or the device's name for it (outside text, already bounded by us). */
  readonly name: string
  /** Epoch ms. */
  readonly addedAt: number
  readonly lastUsedAt: number | null
  /** Posts `csrf`. */
  readonly removeUrl: string
}

export type DataModel = {
  readonly frame: Frame
  readonly urls: MeUrls
  readonly downloadUrl: string
  readonly eraseUrl: string
  readonly passkeys: readonly PasskeyLine[]
  readonly addPasskey: PasskeyUrls
  /** Posts `csrf`. */
  readonly signOutUrl: string
  readonly done: 'passkey-added' | 'passkey-removed' | null
}

const passkeyLine = (frame: Frame, one: PasskeyLine): Html => {
  const { t } = frame
  const formats = formatsOf(frame)
  return html`<li class="line">${icon('key')}<span class="grow"><b><bdi>${one.name}</bdi></b><small>${t('passkeys.added', { date: formats.date(one.addedAt) })} · ${one.lastUsedAt === null ? t('passkeys.unused') : t('passkeys.used', { moment: formats.moment(one.lastUsedAt) })}</small></span><form method="post" action="${href(one.removeUrl)}">${csrfField(frame)}${button(html`${t('passkeys.remove')}<span class="unseen"> ${one.name}</span>`, { look: 'quiet' })}</form></li>`
}

/** My permissions, third tab: take everything along, keys, erase. */
export function dataPage(model: DataModel): string {
  const { frame, passkeys } = model
  const { t } = frame
  const bank = brandOf(frame).name
  return page({
    frame,
    title: t('me.tab.data'),
    hero: meHero(frame),
    scripts: ['passkey'],
    body: html`${meTabs(frame, model.urls, 'data')}
${model.done && notice('good', t(`data.done.${model.done}`), { live: true })}
${card(t('data.download'), html`<p>${t('data.download.say')}</p><p>${buttonLink(t('data.download.do'), model.downloadUrl, { icon: 'download' })}</p>`)}
${card(
  t('passkeys.title'),
  html`<p>${t('passkeys.say', { bank })}</p>${passkeys.length === 0 ? nothing : html`<ul class="list">${passkeys.map((one) => passkeyLine(frame, one))}</ul>`}${passkeyButton(frame, 'register', model.addPasskey, 'quiet')}`,
)}
${card(t('data.erase'), html`<p>${t('data.erase.say')}</p><p>${buttonLink(t('data.erase.do'), model.eraseUrl, { look: 'danger' })}</p>`)}
<form method="post" action="${href(model.signOutUrl)}">${csrfField(frame)}${button(t('data.sign-out'), { look: 'quiet' })}</form>`,
  })
}

/** Posts `csrf` and `typed` to `actionUrl`. The word to type is `erase.word` in the customer's language. */
export type EraseModel = {
  readonly frame: Frame
  readonly actionUrl: string
  readonly keepUrl: string
  /** What the law makes the bank keep, as the institution words it; at least one line where anything is kept. */
  readonly kept: readonly string[]
  readonly typed: string
  /** What was typed is not the word. */
  readonly wrong: boolean
}

/** What goes, what the law makes the bank keep, and a word to type. */
export function erasePage(model: EraseModel): string {
  const { frame } = model
  const { t } = frame
  const bank = brandOf(frame).name
  const word = t('erase.word')
  return page({
    frame,
    title: t('erase.title'),
    hero: heading(t('erase.title'), t('erase.lead')),
    body: html`${card(t('erase.goes'), html`<ul class="says">${['permissions', 'messages', 'links', 'key'].map((line) => html`<li>${t(`erase.goes.${line}`, { bank })}</li>`)}</ul>`)}
${card(t('erase.stays'), html`<ul class="says">${model.kept.map((line) => html`<li>${line}</li>`)}<li>${t('erase.stays.proofs')}</li><li>${t('erase.stays.platform')}</li></ul>`)}
${card(
  t('erase.confirm'),
  html`<form method="post" action="${href(model.actionUrl)}">${csrfField(frame)}${field({
    name: 'typed',
    label: t('erase.type', { word }),
    value: model.typed,
    required: true,
    spellcheck: false,
    maxlength: 40,
    ...(model.wrong ? { error: t('erase.wrong', { word }) } : {}),
  })}<div class="pair">${button(t('erase.do'), { look: 'danger' })}${buttonLink(t('erase.keep'), model.keepUrl, { look: 'quiet' })}</div></form>`,
)}`,
  })
}

export type ErasedModel = {
  readonly frame: Frame
  /** Epoch ms. */
  readonly at: number
  /** For questions to the bank; says nothing about the person. */
  readonly reference: string
  /** Was the bank's key returned, or is the bank still being asked? */
  readonly key: 'given' | 'waiting'
}

/** After erasing: what is gone, and when. */
export function erasedPage({ frame, at, reference, key }: ErasedModel): string {
  const { t } = frame
  const formats = formatsOf(frame)
  const bank = brandOf(frame).name
  return page({
    frame,
    title: t('erased.title'),
    hero: heading(t('erased.title'), t('erased.lead', { moment: formats.moment(at) })),
    body: card(
      t('taken-back.done'),
      html`<ul class="done"><li>${icon('check')}<span>${t('erased.rows')}</span></li><li>${icon('check')}<span>${t('erased.destroyed')}</span></li><li>${icon(key === 'given' ? 'check' : 'clock')}<span>${t(`erased.key.${key}`, { bank })}</span></li></ul><p class="soft">${t('erased.reference', { reference })}</p>`,
    ),
  })
}
