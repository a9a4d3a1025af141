import { html as template, raw as trusted } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import { invariant } from '../../core/refusal.ts'

/** Markup that is already safe to send. */
export type Html = HtmlEscapedString
type Value = string | number | boolean | null | undefined | Html | readonly Value[]

/**
 * A piece of markup. Every value put in is escaped unless it is itself `Html`; `false`, `null` and `undefined` print
 * nothing; lists are joined.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  const out = template(strings, ...values)
  invariant(!(out instanceof Promise), 'a view never waits')
  return out
}

/** Markup written by us, letter for letter. Never call it on anything that came from outside. */
export const raw = (markup: string): Html => trusted(markup) as Html

export const nothing: Html = raw('')

/** ` name="value"` with the value escaped; ` name` for true; nothing for false, null or undefined. */
export function attr(name: string, value: string | number | boolean | null | undefined): Html {
  if (value === false || value === null || value === undefined) return nothing
  return value === true ? raw(` ${name}`) : html`${raw(` ${name}="`)}${value}"`
}

/**
 * An address that may stand in a link or a form. The two non-web schemes are how a phone's in-app browser is asked to
 * hand a page to the real browser. Anything else (`javascript:`, `data:`) is a bug of the caller.
 */
export function href(url: string): string {
  invariant(
    /^(?:\/(?![/\\])|https?:\/\/|[?#]|intent:\/\/|x-safari-https?:\/\/)/.test(url),
    'a link leads to a page',
  )
  return url
}

/* Controls, bidirectional overrides and other invisible characters; the two joiners stay, scripts need them. */
const invisible =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]+/gu

/**
 * Text that somebody outside the bank wrote (a merchant, a memo), fit to be shown: no control or direction characters,
 * no pile of accents, at most `limit` characters, isolated so that it cannot turn its surroundings around. Gives null
 * when nothing visible is left.
 */
export function outside(text: string | null, limit = 80): Html | null {
  if (text === null) return null
  const plain = text
    .slice(0, limit * 8)
    .toWellFormed()
    .replace(invisible, ' ')
    .replace(/(\p{M}{2})\p{M}+/gu, '$1')
    .replace(/\s+/g, ' ')
    .trim()
  if (plain === '') return null
  const characters = Array.from(plain)
  return html`<bdi>${characters.length > limit ? `${characters.slice(0, limit - 1).join('')}…` : plain}</bdi>`
}
