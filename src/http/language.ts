import type { Context } from 'hono'
import { languageOf, type Thread } from '../conversation/thread.ts'
import { spokenLocale } from '../core/words.ts'
import { catalogueFor, pageLocales } from './kit/words.ts'

/** A language that pages are written in, or null: whatever else stands in a cookie, a form or a header. */
export const written = (tag: unknown): string | null => pageLocales.find((known) => known === tag) ?? null

/**
 * The language that a browser asks for (RFC 9110 §12.5.4) and that pages are written in: French of any country gets the
 * French there is. Null when it asks for none of them, or for any ("*") before one of them.
 */
export function askedLanguage(header: string | undefined): string | null {
  const ranges = (header ?? '')
    .slice(0, 400)
    .split(',')
    .slice(0, 20)
    .flatMap((range) => {
      const [, tag = '', q = '1'] =
        /^\s*([a-z]{2,3}(?:-[a-z0-9]{1,8}){0,3}|\*)\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/i.exec(
          range,
        ) ?? []
      return tag !== '' && Number(q) > 0 ? [{ tag: tag.toLowerCase(), weight: Number(q) }] : []
    })
    .sort((a, b) => b.weight - a.weight)
  for (const { tag } of ranges) {
    if (tag === '*') return null
    const found =
      pageLocales.find((known) => known.toLowerCase() === tag) ??
      pageLocales.find((known) => known.split('-')[0] === tag.split('-')[0])
    if (found !== undefined) return found
  }
  return null
}

const inForce = 'page-language'
const inChat = 'chat-language'

/** The page that answers this request is for the owner of this chat: where they chose none, its language is the page's. */
export const pageForChat = (c: Context, thread: Thread): void => c.set(inChat, languageOf(thread))

/** The page that answers a form is in the language that the form was read in. */
export const pageIn = (c: Context, language: string): void => {
  if (written(language) !== null) c.set(inForce, language)
}

/**
 * The locale (BCP 47) of the page that answers this request: what the customer chose here, else what their chat is
 * spoken in, else what the browser asks for, else the bank's. Figures are written as in the bank's country. `cookie` is
 * what this browser brings along of an earlier choice.
 */
export function pageLocaleFor(c: Context, cookie: string | undefined, bankLocale: string): string {
  const language =
    written(c.get(inForce)) ??
    written(cookie) ??
    written(c.get(inChat)) ??
    askedLanguage(c.req.header('accept-language')) ??
    catalogueFor(bankLocale)
  return spokenLocale(bankLocale, language)
}

/** An address of ours, with no way to read it as another host's: what follows "/" is neither "/" nor "\". */
export const isOwnAddress = (text: string): boolean =>
  /^\/(?![/\\])[\x21-\x7e]{0,1500}$/.test(text) && !text.includes('\\')

/**
 * The address of this page, to come back to in another language; null where coming back would not show it again: it
 * answers a form, or the bank's login led to it with a code that works once.
 */
export function addressOf(c: Context): string | null {
  const { pathname, search } = new URL(c.req.url)
  const address = `${pathname}${search}`
  if (c.req.method !== 'GET' || /^\/(?:link|session)\/callback\//.test(pathname)) return null
  return isOwnAddress(address) ? address : null
}
