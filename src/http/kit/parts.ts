import { attr, type Html, href, html, nothing, raw } from './html.ts'
import { icon, type IconName } from './icon.ts'
import type { Words } from './words.ts'

type Text = string | Html

/** A button that sends its form. `even` marks a pair of choices of equal weight. */
export const button = (
  label: Text,
  options: {
    look?: 'main' | 'even' | 'quiet' | 'danger'
    name?: string
    value?: string
    icon?: IconName
    id?: string
    form?: string
  } = {},
): Html =>
  html`<button class="button ${options.look ?? 'main'}"${attr('id', options.id)}${attr('name', options.name)}${attr('value', options.value)}${attr('form', options.form)}>${options.icon ? icon(options.icon) : nothing}${label}</button>`

/** A link that looks like a button: leads somewhere, changes nothing. */
export const buttonLink = (
  label: Text,
  url: string,
  options: { look?: 'main' | 'even' | 'quiet' | 'danger'; icon?: IconName } = {},
): Html =>
  html`<a class="button ${options.look ?? 'main'}" href="${href(url)}">${options.icon ? icon(options.icon) : nothing}${label}</a>`

/** A labelled input. An error keeps what was typed and is read out with the field. */
export const field = (options: {
  name: string
  label: string
  value: string
  type?: 'text' | 'search' | 'date'
  hint?: string
  error?: string
  inputmode?: 'decimal' | 'text' | 'search'
  autocomplete?: string
  required?: boolean
  maxlength?: number
  spellcheck?: boolean
}): Html => {
  const id = `f-${options.name}`
  const describedBy = [options.hint && `${id}-hint`, options.error && `${id}-error`].filter(Boolean).join(' ')
  return html`<div class="field${options.error ? ' wrong' : ''}"><label for="${id}">${options.label}</label>${
    options.hint ? html`<p class="hint" id="${id}-hint">${options.hint}</p>` : nothing
  }<input id="${id}" name="${options.name}" type="${options.type ?? 'text'}" value="${options.value}"${attr('inputmode', options.inputmode)}${attr('autocomplete', options.autocomplete ?? 'off')}${attr('required', options.required)}${attr('maxlength', options.maxlength ?? 100)}${attr('spellcheck', options.spellcheck === false ? 'false' : null)}${attr('aria-describedby', describedBy || null)}${attr('aria-invalid', options.error ? 'true' : null)}>${
    options.error ? html`<p class="error" id="${id}-error">${icon('alert')}${options.error}</p>` : nothing
  }</div>`
}

/** One choice out of a few, drawn as a switch with as many positions. Plain radio buttons underneath. */
export const radioSwitch = (options: {
  name: string
  labelledBy: string
  describedBy?: string
  choices: readonly { value: string; label: string; checked: boolean; disabled?: boolean }[]
}): Html =>
  html`<div class="switch" role="radiogroup" aria-labelledby="${options.labelledBy}"${attr('aria-describedby', options.describedBy)}>${options.choices.map(
    (choice) =>
      html`<label><input type="radio" name="${options.name}" value="${choice.value}"${attr('checked', choice.checked)}${attr('disabled', choice.disabled)}><span>${choice.disabled ? icon('lock') : nothing}${choice.label}</span></label>`,
  )}</div>`

/** Something to know, set apart. `tone` has its own icon, so that colour is never alone. */
export const notice = (
  tone: 'info' | 'good' | 'warn' | 'bad',
  content: Text,
  options: { title?: string; live?: boolean; actions?: Html } = {},
): Html =>
  html`<div class="notice ${tone}"${attr('role', options.live && (tone === 'bad' ? 'alert' : 'status'))}>${icon(tone === 'good' ? 'check' : tone === 'info' ? 'info' : 'alert')}<div>${
    options.title ? html`<p class="strong">${options.title}</p>` : nothing
  }<p>${content}</p>${options.actions ? html`<p class="row">${options.actions}</p>` : nothing}</div></div>`

/** A white card with a heading. */
export const card = (
  title: Text | null,
  content: Html,
  options: { id?: string; level?: 2 | 3; look?: string } = {},
): Html =>
  html`<section class="card${options.look ? ` ${options.look}` : ''}"${attr('id', options.id)}>${
    title === null ? nothing : options.level === 3 ? html`<h3>${title}</h3>` : html`<h2>${title}</h2>`
  }${content}</section>`

/** Tabs that are pages: links, so that they work without script and can be kept as bookmarks. */
export const tabs = (
  label: string,
  items: readonly { label: string; url: string; current: boolean }[],
): Html =>
  html`<nav class="tabs" aria-label="${label}"><ul>${items.map(
    (item) =>
      html`<li><a href="${href(item.url)}"${attr('aria-current', item.current && 'page')}>${item.label}</a></li>`,
  )}</ul></nav>`

/** An account by its name and last four digits, which never part at the end of a line. */
export const accountText = (name: string, lastFour: string): string =>
  lastFour === '' ? name : `${name}\u00A0··${lastFour}`

/** Names and what they are, in two columns. Rows without a value are left out. */
export const facts = (rows: readonly (readonly [name: string, value: Text | null])[]): Html =>
  html`<dl class="facts">${rows.map(([name, value]) => (value === null ? nothing : html`<div><dt>${name}</dt><dd>${value}</dd></div>`))}</dl>`

/** Grey bars in the shape of what is coming, with words for those who cannot see them. */
export const skeleton = (t: Words, rows: number): Html =>
  html`<div class="skeleton" role="status"><span class="unseen">${t('state.loading')}</span>${Array.from({ length: Math.min(rows, 8) }, () => raw('<i></i>'))}</div>`

/** Nothing here yet, and what would put something here. */
export const empty = (title: string, say: Text, actions: Html = nothing): Html =>
  html`<div class="empty"><p class="strong">${title}</p><p>${say}</p>${actions}</div>`

/** A chat bubble as the platform would draw it: words, then its buttons (drawn, not working). */
export const bubble = (
  text: Text,
  buttons: readonly string[],
  buttonsLabel: string,
  lang: string | null = null,
): Html =>
  html`<div class="bubble"><p${attr('lang', lang)}>${text}</p>${
    buttons.length > 0
      ? html`<ul aria-label="${buttonsLabel}">${buttons.map((title) => html`<li${attr('lang', lang)}>${title}</li>`)}</ul>`
      : nothing
  }</div>`

/** More, in place. */
export const disclosure = (
  summary: Text,
  content: Html,
  options: { open?: boolean; look?: string } = {},
): Html =>
  html`<details${attr('class', options.look)}${attr('open', options.open)}><summary>${summary}${icon('chevron')}</summary><div class="inside">${content}</div></details>`
