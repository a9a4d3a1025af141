import { type Html, href, html, nothing } from '../kit/html.ts'
import { icon } from '../kit/icon.ts'
import { brandOf, csrfField, formatsOf, type Frame, page } from '../kit/page.ts'
import { button, buttonLink, card, notice } from '../kit/parts.ts'
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
