import type { Institution } from '../institution.ts'
import type { Html } from './html.ts'
import { html, raw } from './html.ts'
import { markOf, styleOf } from './style.ts'
import type { Language } from './words.ts'
import { say } from './words.ts'

export type Frame = {
  readonly institution: Institution
  readonly language: Language
  readonly title: string
  /** Where "Français / English" leads; null where there is nothing to switch. */
  readonly otherLanguage: string | null
  readonly wide?: boolean
  readonly body: Html
}

/** A whole page in the bank's own clothes. */
export function framePage({ institution, language, title, otherLanguage, wide, body }: Frame): string {
  const other = language === 'en' ? 'fr' : 'en'
  return html`${raw('<!doctype html>')}
<html lang="${language === 'fr' ? 'fr-CA' : institution.country === 'GB' ? 'en-GB' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · ${institution.name}</title>
<link rel="icon" href="/mark.svg" type="image/svg+xml">
<style>${raw(styleOf(institution))}</style>
</head>
<body${wide ? raw(' class="wide"') : ''}>
<header class="top"><div>
${raw(markOf(institution))}<span class="name">${institution.name}</span>
${otherLanguage !== null && html`<a class="lang" href="${otherLanguage}" lang="${other}" hreflang="${other}">${say(language, 'other')}</a>`}
</div></header>
<main>
${body}
</main>
<footer>${say(language, 'footer', { legal: institution.legalName })}</footer>
</body>
</html>`.markup
}

/** Which step of three this is, in words and as bars. */
export function steps(
  language: Language,
  n: 1 | 2 | 3,
  what: 'stepSignIn' | 'stepAccounts' | 'stepConfirm',
): Html {
  return html`<ol class="steps" aria-hidden="true">${[1, 2, 3].map((one) =>
    one <= n ? html`<li class="done"></li>` : html`<li></li>`,
  )}</ol>
<p class="step">${say(language, 'step', { n, total: 3, what: say(language, what) })}</p>`
}
