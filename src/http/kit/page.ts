import { type AssetPaths, type Brand, houseBrand, type ScriptName } from './assets.ts'
import { tones } from './accent.ts'
import { type Formats, openFormats } from './format.ts'
import { attr, type Html, href, html, nothing, raw } from './html.ts'
import { icon } from './icon.ts'
import { catalogueFor, openPageWords, pageLocales, type Words } from './words.ts'

/** What every page is told besides its own matter. */
export type Frame = {
  readonly t: Words
  /** BCP 47: the reader's language and the bank's country. Decides the page's language, its amounts and its dates. */
  readonly locale: string
  /** Where this page can be asked for again, in another language; null where it cannot. */
  readonly address: string | null
  /** IANA zone of the customer. */
  readonly timeZone: string
  /** Epoch ms. */
  readonly now: number
  /** The bank whose page this is; null for pages of no bank. */
  readonly bank: Brand | null
  readonly assets: AssetPaths
  /**
   * Through which chat the signed-in customer is here (null: none is linked any more); null on pages for strangers.
   * There is no name to show: we hold none.
   */
  readonly who: { readonly channel: string | null } | null
  /** The way back to the chat; null when there is none. */
  readonly back: { readonly url: string; readonly channel: string } | null
  /** Double-submit token for every form on the page. Empty where the page has no form. */
  readonly csrf: string
}

export const brandOf = (frame: Frame): Brand => frame.bank ?? houseBrand
export const formatsOf = (frame: Frame): Formats => openFormats(frame)

/** The square with a bank's letters. Decorative: the name always stands beside it. */
export const mark = (brand: Brand): Html =>
  html`<span class="mark" data-brand="${brand.id}" aria-hidden="true">${brand.letters.slice(0, 2)}</span>`

export const csrfField = (frame: Frame): Html => html`<input type="hidden" name="csrf" value="${frame.csrf}">`

export type PageParts = {
  readonly frame: Frame
  /** The browser's title, without the bank's name. */
  readonly title: string
  /** The coloured top: the page's heading (one h1) and what belongs to it. */
  readonly hero: Html
  readonly body: Html
  /** `wide` gives the two sides of a counter room on a large screen; reading text stays within its measure. */
  readonly width?: 'reading' | 'wide'
  /** Small modules of web/; every page but those with a passkey works without. */
  readonly scripts?: readonly ScriptName[]
  /** A form whose fields must outlive a change of language: it is what the switch sends, by its `id`. */
  readonly keeps?: string
}

/**
 * Every language there is, each by its own name. Without `keeps` a form of its own, which leads back here; with it the
 * buttons send that form, whose handler shows it again.
 */
function languageSwitch(frame: Frame, keeps: string | undefined): Html {
  if (frame.address === null && keeps === undefined) return nothing
  const current = catalogueFor(frame.locale)
  const names = pageLocales.map((tag) => {
    const name = openPageWords(tag)('frame.language.name')
    return tag === current
      ? html`<b lang="${tag}" aria-current="true">${name}</b>`
      : html`<button class="button text" name="language" value="${tag}" lang="${tag}" formnovalidate${attr('form', keeps)}>${name}</button>`
  })
  const label = frame.t('frame.language')
  return keeps === undefined
    ? html`<form method="post" action="/language" aria-label="${label}"><input type="hidden" name="back" value="${frame.address}"><div class="row languages">${names}</div></form>`
    : html`<div class="row languages" role="group" aria-label="${label}">${names}</div>`
}

/** A whole document. Pure: the same parts give the same bytes. Send it with `securityHeaders`. */
export function page({
  frame,
  title,
  hero,
  body,
  width = 'reading',
  scripts = [],
  keeps,
}: PageParts): string {
  const { t, assets, who, back } = frame
  const brand = brandOf(frame)
  const band = (theme: 'light' | 'dark'): string => tones(brand.accent, theme).band
  return String(html`<!doctype html>
<html lang="${frame.locale}" data-brand="${brand.id}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover">
<title>${title} · ${brand.name}</title>
<meta name="robots" content="noindex,nofollow">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no">
<meta name="theme-color" content="${band('light')}" media="(prefers-color-scheme:light)">
<meta name="theme-color" content="${band('dark')}" media="(prefers-color-scheme:dark)">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${assets.css}">
${scripts.map((name) => html`<script type="module" src="${assets.scripts[name]}"></script>`)}
</head>
<body${attr('class', width === 'wide' && 'wide')}>
<a class="skip" href="#main">${t('frame.skip')}</a>
<header class="bar"><div class="col">
<span class="bank">${mark(brand)}<span>${brand.name}</span></span>
${who && html`<span class="who">${who.channel === null ? t('frame.who') : t('frame.who-through', { channel: who.channel })}</span>`}
</div></header>
<main id="main" tabindex="-1">
<div class="hero"><div class="col">${hero}</div></div>
<div class="sheet"><div class="col">${body}</div></div>
</main>
<footer class="foot"><div class="col">${
    back
      ? html`<a class="button quiet" href="${href(back.url)}">${icon('back')}${t('frame.back', { channel: back.channel })}</a>`
      : nothing
  }${languageSwitch(frame, keeps)}</div></footer>
</body>
</html>`)
}

/** The usual hero: heading, one line under it. */
export const heading = (
  title: string | Html,
  lead: string | Html | null = null,
  above: Html = nothing,
): Html => html`${above}<h1>${title}</h1>${lead === null ? nothing : html`<p class="lead">${lead}</p>`}`

export type HeaderOptions = {
  /** True when the request came over https (also behind a proxy): then browsers are told to stay there. */
  readonly https: boolean
  /** Origins that a form of this page may end up at by redirect: the bank's login (`https://login.bank.example`). */
  readonly formOrigins?: readonly string[]
}

/**
 * The headers of every page. Nothing is cached, referred, framed, or fetched from elsewhere. Note for handlers: under
 * `no-referrer` browsers send `Origin: null` with a form, so forms are proven by their token, not by Origin.
 */
export function securityHeaders({ https, formOrigins = [] }: HeaderOptions): Record<string, string> {
  const formAction = ["'self'", ...formOrigins.map((origin) => new URL(origin).origin)].join(' ')
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': [
      "default-src 'none'",
      "style-src 'self'",
      "script-src 'self'",
      "connect-src 'self'",
      "img-src 'self' data:",
      `form-action ${formAction}`,
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ].join('; '),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'permissions-policy': [
      'accelerometer=()',
      'browsing-topics=()',
      'camera=()',
      'display-capture=()',
      'geolocation=()',
      'gyroscope=()',
      'microphone=()',
      'payment=()',
      'publickey-credentials-create=(self)',
      'publickey-credentials-get=(self)',
      'usb=()',
    ].join(', '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'x-robots-tag': 'noindex, nofollow, noarchive',
    ...(https ? { 'strict-transport-security': 'max-age=63072000; includeSubDomains' } : {}),
  }
}

/** Markup that only people without script see. */
export const withoutScript = (content: Html): Html =>
  html`${raw('<noscript>')}${content}${raw('</noscript>')}`
