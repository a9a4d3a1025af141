import type { Institution } from '../institution.ts'
import type { Holding } from '../ledger/ledger.ts'
import { framePage, steps } from './frame.ts'
import { html } from './html.ts'
import type { Language } from './words.ts'
import { say } from './words.ts'

type View = {
  readonly institution: Institution
  readonly language: Language
  readonly app: string
  readonly action: string
}

const switchTo = (view: View, path: string): string | null =>
  view.institution.languages.length > 1
    ? `${view.action}/${path}?lang=${view.language === 'en' ? 'fr' : 'en'}`
    : null

const cancelButton = (view: View) =>
  html`<button class="plain" type="submit" formaction="${view.action}/cancel">${say(view.language, 'cancel')}</button>`

/** Which accounts? Nothing is ticked beforehand. */
export function accountsPage(
  view: View & {
    readonly firstName: string
    readonly holdings: readonly Holding[]
    readonly ticked: readonly string[]
    readonly wrong: boolean
  },
): string {
  const { institution, language, app, action } = view
  const title = say(language, 'accountsTitle', { app })
  return framePage({
    institution,
    language,
    title,
    otherLanguage: switchTo(view, 'accounts'),
    body: html`
${steps(language, 2, 'stepAccounts')}
<h1>${title}</h1>
<p>${say(language, 'accountsHelp', { name: view.firstName, app })}</p>
${view.wrong && html`<p class="wrong" role="alert"><b>${say(language, 'accountsNone')}</b></p>`}
<form method="post" action="${action}/accounts">
<input type="hidden" name="lang" value="${language}">
<fieldset><legend>${say(language, 'accountsLegend')}</legend>
${view.holdings.map(
  (holding) => html`<label class="pick"><input type="checkbox" name="account" value="${holding.id}"${
    view.ticked.includes(holding.id) && html` checked`
  }><span><b>${holding.nickname}</b><small>${holding.product}</small></span><span class="four">··${holding.lastFour}</span></label>
`,
)}</fieldset>
<div class="do"><button type="submit">${say(language, 'next')}</button>${cancelButton(view)}</div>
</form>`,
  })
}

/** The last look: what, where, how long; then one button. */
export function confirmPage(
  view: View & {
    readonly chatCode: string | null
    readonly things: readonly string[]
    readonly holdings: readonly Holding[]
    readonly until: Date | null
    readonly zone: string
    readonly lookbackDays: number | null
  },
): string {
  const { institution, language, app, action } = view
  const title = say(language, 'confirmTitle', { app })
  const locale = language === 'fr' ? 'fr-CA' : institution.country === 'GB' ? 'en-GB' : 'en-US'
  const until =
    view.until === null
      ? say(language, 'untilOpen')
      : say(language, 'until', {
          date: new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: view.zone }).format(
            view.until,
          ),
        })
  return framePage({
    institution,
    language,
    title,
    otherLanguage: switchTo(view, 'confirm'),
    body: html`
${steps(language, 3, 'stepConfirm')}
<h1>${title}</h1>
${
  view.chatCode !== null &&
  html`<div class="code"><b>${view.chatCode}</b><span>${say(language, 'chatCode')}</span></div>`
}
<div class="card">
<h2>${say(language, 'mayTitle', { app })}</h2>
<ul class="list">${view.things.map((thing) => html`<li>${thing}</li>`)}
${view.lookbackDays !== null && html`<li>${say(language, 'back', { days: view.lookbackDays })}</li>`}
<li class="no">${say(language, 'cannot')}</li></ul>
<h2>${say(language, 'accountsTitleShort')}</h2>
<ul class="list">${view.holdings.map(
      (holding) => html`<li>${holding.nickname} <span class="four quiet">··${holding.lastFour}</span></li>`,
    )}</ul>
<p><b>${until}.</b> ${say(language, 'takeBack')}</p>
<p><a href="${action}/accounts?lang=${language}">${say(language, 'change')}</a></p>
<form method="post" action="${action}/confirm">
<input type="hidden" name="lang" value="${language}">
<div class="do"><button type="submit">${say(language, 'allow')}</button>${cancelButton(view)}</div>
</form>
</div>`,
  })
}

/** Plain pages: something expired or failed, signing out. `code` is a word from the protocol, never free text. */
export function messagePage(
  institution: Institution,
  language: Language,
  title: string,
  text: string,
  more: ReturnType<typeof html> | null = null,
): string {
  return framePage({
    institution,
    language,
    title,
    otherLanguage: null,
    body: html`<h1>${title}</h1><p>${text}</p>${more}`,
  })
}
