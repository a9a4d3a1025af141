import type { Person } from '../../people/people.ts'
import type { Institution } from '../institution.ts'
import { framePage, steps } from './frame.ts'
import { html } from './html.ts'
import type { Language } from './words.ts'
import { say } from './words.ts'

export type SignInView = {
  readonly institution: Institution
  readonly language: Language
  readonly app: string
  readonly purpose: 'link' | 'who'
  readonly chatCode: string | null
  /** `/interaction/<uid>`. */
  readonly action: string
  readonly username: string
  readonly password: string
  readonly wrong: 'wrong' | 'empty' | 'locked' | null
  readonly people: readonly {
    readonly person: Person
    readonly username: string
    readonly password: string
  }[]
}

/** The bank's own login. What was typed stays, except the password after a wrong one. */
export function signInPage(view: SignInView): string {
  const { institution, language, app, action, wrong } = view
  const bank = institution.name
  const title = say(language, 'signInTitle', { bank })
  const other = institution.languages.length > 1 ? `${action}?lang=${language === 'en' ? 'fr' : 'en'}` : null
  const cancel = html`<button class="plain" type="submit" formaction="${action}/cancel" formnovalidate>${say(language, 'cancel')}</button>`
  return framePage({
    institution,
    language,
    title,
    otherLanguage: other,
    body: html`
${view.purpose === 'link' && steps(language, 1, 'stepSignIn')}
<h1>${title}</h1>
<p>${say(language, view.purpose === 'link' ? 'asksLink' : 'asksWho', { app, bank })}</p>
${
  view.chatCode !== null &&
  html`<div class="code"><b>${view.chatCode}</b><span>${say(language, 'chatCode')}</span></div>`
}
${wrong !== null && html`<p class="wrong" role="alert" id="wrong"><b>${say(language, wrong)}</b></p>`}
<form class="card" method="post" action="${action}/sign-in">
<input type="hidden" name="lang" value="${language}">
${
  wrong !== 'locked' &&
  html`<label class="field">${say(language, 'username')}
<input name="username" value="${view.username}" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="64"></label>
<label class="field">${say(language, 'password')}
<input name="password" type="password" value="${view.password}" autocomplete="current-password" required maxlength="128"></label>`
}
<div class="do">${wrong !== 'locked' && html`<button type="submit">${say(language, 'signIn')}</button>`}${cancel}</div>
</form>
${
  wrong !== 'locked' &&
  html`<section aria-labelledby="people"><h2 id="people">${say(language, 'people')}</h2>
<p class="quiet small">${say(language, 'peopleHelp')}</p>
<ul class="people">${view.people.map(
    ({ person, username, password }) =>
      html`<li><a href="${action}?as=${username}&lang=${language}"><b>${person.name}</b> <code>${username} / ${password}</code></a></li>`,
  )}</ul></section>`
}`,
  })
}
