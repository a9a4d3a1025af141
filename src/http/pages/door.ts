import { attr, html, href, nothing } from '../kit/html.ts'
import { icon } from '../kit/icon.ts'
import { brandOf, csrfField, type Frame, heading, page, withoutScript } from '../kit/page.ts'
import { button, buttonLink, card, notice } from '../kit/parts.ts'

export type HandOffModel = {
  readonly frame: Frame
  /** The app whose built-in browser this is. */
  readonly channel: string
  /** Which menu to describe. */
  readonly device: 'ios' | 'android' | 'other'
  /** Asks the phone to open the real browser (`x-safari-https://…`, `intent://…`); null where there is no such way. */
  readonly openUrl: string | null
  /** The page's own https address, to copy. */
  readonly pageUrl: string
}

/** Shown inside an app's built-in browser instead of the card: no figure, and how to get to a page the app can't read. */
export function handOffPage(model: HandOffModel): string {
  const { frame, channel, openUrl } = model
  const { t } = frame
  const bank = brandOf(frame).name
  return page({
    frame,
    title: t('handoff.title'),
    hero: heading(t('handoff.title'), t('handoff.lead', { channel, bank })),
    body: html`${openUrl ? html`<p>${buttonLink(t('handoff.open'), openUrl, { icon: 'open' })}</p>` : nothing}
${card(
  t(openUrl ? 'handoff.otherwise' : 'handoff.how'),
  html`<ol class="numbered">${['menu', 'choose', 'sign-in'].map((step) => html`<li>${t(`handoff.${step}.${step === 'sign-in' ? 'say' : model.device}`, { channel, bank })}</li>`)}</ol>
<div class="field"><label for="f-address">${t('handoff.address')}</label><input id="f-address" class="mono" readonly value="${model.pageUrl}"></div>`,
)}<p class="soft">${t('handoff.safe', { bank })}</p>`,
  })
}

/**
 * The passkey button's contract (web/passkey.js): POST `optionsUrl` → the options JSON; the browser's answer is POSTed
 * to `verifyUrl` as `{ response }`, with the CSRF token in `x-csrf-token` both times → `{ next: "/path" }`.
 */
export type PasskeyUrls = { readonly optionsUrl: string; readonly verifyUrl: string }

export type SignInModel = {
  readonly frame: Frame
  readonly channel: string
  /** What waits behind: a sealed card, my permissions, or a step-up after the chat's owner may have changed. */
  readonly why: 'card' | 'me' | 'step-up'
  /** null when this customer has no passkey yet. */
  readonly passkey: PasskeyUrls | null
  /** Posts `csrf`; starts the bank's own login. */
  readonly bankLoginUrl: string
  readonly error: 'failed' | 'other-person' | 'bank-down' | null
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
  const { frame, passkey } = model
  const { t } = frame
  const words = { bank: brandOf(frame).name, channel: model.channel }
  return page({
    frame,
    title: t('sign-in.title'),
    hero: heading(t('sign-in.title'), t(`sign-in.${model.why}`, words)),
    scripts: passkey ? ['passkey'] : [],
    body: html`${model.error && notice('bad', t(`sign-in.error.${model.error}`, words), { live: true })}
${card(
  null,
  html`<div class="stack">${passkey ? html`${passkeyButton(frame, 'sign-in', passkey)}<p class="or"><span>${t('sign-in.or')}</span></p>` : nothing}
<form method="post" action="${href(model.bankLoginUrl)}">${csrfField(frame)}${button(t('sign-in.bank', words), { look: passkey ? 'quiet' : 'main' })}</form></div>`,
)}<p class="soft">${t('sign-in.why', words)}</p>`,
  })
}

/** Why there is nothing to see at this address. */
export type ClosedDoor =
  | 'someone-else'
  | 'expired'
  | 'nothing'
  | 'idle'
  | 'closed'
  | 'withdrawn'
  | 'signed-out'
export type ClosedDoorModel = {
  readonly frame: Frame
  readonly channel: string
  readonly reason: ClosedDoor
  /** Sign in as the right person, or open again; null when only the chat can help. */
  readonly againUrl: string | null
}

/** A page without any figure for links that open nothing (any more). */
export function closedDoorPage({ frame, channel, reason, againUrl }: ClosedDoorModel): string {
  const { t } = frame
  const words = { channel, bank: brandOf(frame).name }
  return page({
    frame,
    title: t(`closed.${reason}.title`, words),
    hero: heading(t(`closed.${reason}.title`, words), t(`closed.${reason}.lead`, words)),
    body: html`${card(
      t('link.next'),
      html`<p>${t(`closed.${reason}.next`, words)}</p>${againUrl ? html`<p>${buttonLink(t(`closed.again`), againUrl)}</p>` : nothing}`,
    )}<p class="soft"${attr('id', 'safe')}>${t('closed.safe', words)}</p>`,
  })
}
