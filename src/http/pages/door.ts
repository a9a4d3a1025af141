import type { Brand } from '../kit/assets.ts'
import { attr, html, href, nothing } from '../kit/html.ts'
import { icon } from '../kit/icon.ts'
import { brandOf, csrfField, type Frame, heading, mark, page, withoutScript } from '../kit/page.ts'
import { button, buttonLink, card, notice } from '../kit/parts.ts'

export type HandOffModel = {
  readonly frame: Frame
  /** The app whose built-in browser this is, or that is on this phone; null when it could be one of several. */
  readonly channel: string | null
  /** Which menu to describe; `elsewhere` when no browser of this device will do. */
  readonly device: 'ios' | 'android' | 'other' | 'elsewhere'
  /** Asks the phone to open the real browser (`x-safari-https://…`, `intent://…`); null where there is no such way. */
  readonly openUrl: string | null
  /** The page's own https address, to copy. */
  readonly pageUrl: string
}

/** Shown inside an app's built-in browser instead of the card: no figure, and how to get to a page the app can't read. */
export function handOffPage(model: HandOffModel): string {
  const { frame, device, openUrl } = model
  const { t } = frame
  const words = { channel: model.channel ?? t('sign-in.some-chat'), bank: brandOf(frame).name }
  const kind = device === 'elsewhere' ? 'handoff.elsewhere' : 'handoff'
  return page({
    frame,
    title: t(`${kind}.title`),
    hero: heading(t(`${kind}.title`), t(`${kind}.lead`, words)),
    body: html`${openUrl ? html`<p>${buttonLink(t('handoff.open'), openUrl, { icon: 'open' })}</p>` : nothing}
${card(
  t(openUrl ? 'handoff.otherwise' : 'handoff.how'),
  html`<ol class="numbered">${['menu', 'choose', 'sign-in'].map((step) => html`<li>${t(`handoff.${step}.${step === 'sign-in' ? 'say' : device}`, words)}</li>`)}</ol>
<div class="field"><label for="f-address">${t(device === 'elsewhere' ? 'handoff.elsewhere.address' : 'handoff.address')}</label><input id="f-address" class="mono" readonly value="${model.pageUrl}"></div>`,
)}<p class="soft">${t('handoff.safe', words)}</p>`,
  })
}

/**
 * The passkey button's contract (web/passkey.js): POST `optionsUrl` → the options JSON; the browser's answer is POSTed
 * to `verifyUrl` as `{ response }`, with the CSRF token in `x-csrf-token` both times → `{ next: "/path" }`.
 */
export type PasskeyUrls = { readonly optionsUrl: string; readonly verifyUrl: string }

export type SignInModel = {
  readonly frame: Frame
  /** The chat's name as people say it; null when it could be one of several. */
  readonly channel: string | null
  /** What waits behind: a sealed card, my permissions, or a step-up after the chat's owner may have changed. */
  readonly why: 'card' | 'me' | 'step-up'
  readonly passkey: PasskeyUrls
  /** This browser has had a passkey here: that button comes first. */
  readonly passkeyFirst: boolean
  /** Where one can sign in, at least one; `loginUrl` posts `csrf` and starts the bank's own login. */
  readonly banks: readonly (Brand & { readonly loginUrl: string })[]
  /** The same page with every bank on it; null when they are all here. */
  readonly otherUrl: string | null
  readonly error: 'failed' | 'bank-down' | null
}

/** The button that starts a passkey ceremony, with the sentences its script may need. */
export const passkeyButton = (
  frame: Frame,
  kind: 'sign-in' | 'register',
  urls: PasskeyUrls,
  look: 'main' | 'quiet' = 'main',
) => {
  const { t } = frame
  return html`<div class="passkey"><button type="button" class="button ${look} scripted" data-passkey="${kind}" data-options="${href(urls.optionsUrl)}" data-verify="${href(urls.verifyUrl)}" data-csrf="${frame.csrf}" data-unsupported="${t('passkey.unsupported')}" data-cancelled="${t('passkey.cancelled')}" data-failed="${t('passkey.failed')}">${icon('key')}${t(`passkey.${kind}`)}</button><p class="error" role="alert" hidden></p>${withoutScript(html`<p class="soft">${t('passkey.no-script')}</p>`)}</div>`
}

/** Who is there? A passkey, or the bank's own login. Nothing of what waits behind is on the page. */
export function signInPage(model: SignInModel): string {
  const { frame, banks, passkeyFirst } = model
  const { t } = frame
  const words = { bank: brandOf(frame).name, channel: model.channel ?? t('sign-in.some-chat') }
  const [one] = banks
  const passkey = passkeyButton(frame, 'sign-in', model.passkey, passkeyFirst ? 'main' : 'quiet')
  const login =
    one && banks.length === 1
      ? html`<form method="post" action="${href(one.loginUrl)}">${csrfField(frame)}${button(t('sign-in.bank', { bank: one.name }), { look: passkeyFirst ? 'quiet' : 'main' })}</form>`
      : html`<section><h2 id="banks">${t('sign-in.banks')}</h2><ul class="list" aria-labelledby="banks">${banks.map(
          (bank) =>
            html`<li><form method="post" action="${href(bank.loginUrl)}">${csrfField(frame)}<button class="line" name="bank" value="${bank.id}">${mark(bank)}<b class="grow">${bank.name}</b>${icon('chevron')}</button></form></li>`,
        )}</ul></section>`
  const or = html`<p class="or"><span>${t('sign-in.or')}</span></p>`
  return page({
    frame,
    title: t('sign-in.title'),
    hero: heading(t('sign-in.title'), t(`sign-in.${model.why}`, words)),
    scripts: ['passkey'],
    body: html`${model.error && notice('bad', t(`sign-in.error.${model.error}`, words), { live: true })}
${card(null, html`<div class="stack">${passkeyFirst ? [passkey, or, login] : [login, or, passkey]}</div>`)}<p class="soft">${t('sign-in.why', words)}</p>${model.otherUrl ? html`<p><a href="${href(model.otherUrl)}">${t('continue.other')}</a></p>` : nothing}`,
  })
}

/** Why there is nothing to see at this address. `not-yours` says as little of a page that is not there at all. */
export type ClosedDoor = 'not-yours' | 'expired' | 'nothing' | 'idle' | 'closed' | 'withdrawn' | 'signed-out'
export type ClosedDoorModel = {
  readonly frame: Frame
  /** null when it could be one of several. */
  readonly channel: string | null
  readonly reason: ClosedDoor
  /** Sign in as the right person, or open again; null when only the chat can help. */
  readonly againUrl: string | null
}

/** A page without any figure for links that open nothing (any more). */
export function closedDoorPage({ frame, channel, reason, againUrl }: ClosedDoorModel): string {
  const { t } = frame
  const words = { channel: channel ?? t('sign-in.some-chat'), bank: brandOf(frame).name }
  const again =
    reason === 'idle' || reason === 'closed'
      ? 'closed.open-again'
      : reason === 'not-yours'
        ? 'closed.again-other'
        : 'closed.again'
  return page({
    frame,
    title: t(`closed.${reason}.title`, words),
    hero: heading(t(`closed.${reason}.title`, words), t(`closed.${reason}.lead`, words)),
    body: html`${card(
      t('link.next'),
      html`<p>${t(`closed.${reason}.next`, words)}</p>${againUrl ? html`<p>${buttonLink(t(again), againUrl)}</p>` : nothing}`,
    )}<p class="soft"${attr('id', 'safe')}>${t('closed.safe', words)}</p>`,
  })
}
