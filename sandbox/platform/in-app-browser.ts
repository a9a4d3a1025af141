import { isObject } from './phone/loose.ts'

/**
 * Messenger's in-app browser, emulated: the platform itself fetches the page, saying it is the app's webview, and shows
 * what it got. What the sheet shows is what Messenger could read. Only allow-listed origins (the bot's own pages).
 */
export const webviewUserAgent =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/MessengerForiOS;FBAV/528.0.0.31.101;FBBV/785512345;FBDV/iPhone16,2;FBMD/iPhone;FBSN/iOS;FBSV/18.6;FBSS/3;FBCR/;FBID/phone;FBLC/en_US;FBOP/80]'
const webviewHeaders = {
  'user-agent': webviewUserAgent,
  'x-requested-with': 'com.facebook.orca',
  accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.5',
}

const pageLimit = 1_000_000
const deadlineMs = 8_000

export type WebviewPage = {
  readonly url: string
  readonly status: number
  readonly title: string
  readonly html: string
  readonly text: string
}
export type WebviewAnswer =
  | WebviewPage
  | { readonly refused: 'not_allowed' | 'unreachable' | 'not_a_page' | 'too_many_redirects' }

/** `localhost` and `127.0.0.1` of one port are one origin here. */
const normalise = (origin: string): string => origin.replace('//127.0.0.1', '//localhost')

export function createInAppBrowser(origins: readonly string[]): {
  allowed(url: string): boolean
  open(url: string): Promise<WebviewAnswer>
  readonly origins: readonly string[]
} {
  const list = [
    ...new Set(
      origins.filter((origin) => URL.canParse(origin)).map((origin) => normalise(new URL(origin).origin)),
    ),
  ]
  const allowed = (url: string): boolean => URL.canParse(url) && list.includes(normalise(new URL(url).origin))

  const get = async (url: string): Promise<Response | 'not_allowed' | 'too_many_redirects'> => {
    let target = url
    for (let hop = 0; hop < 5; hop++) {
      if (!allowed(target)) return 'not_allowed'
      const answer = await fetch(target, {
        headers: webviewHeaders,
        redirect: 'manual',
        signal: AbortSignal.timeout(deadlineMs),
      })
      const location = answer.headers.get('location')
      if (answer.status < 300 || answer.status >= 400 || location === null) return answer
      target = new URL(location, target).href
    }
    return 'too_many_redirects'
  }

  return {
    allowed,
    origins: list,
    open: async (url) => {
      try {
        const answer = await get(url)
        if (typeof answer === 'string') return { refused: answer }
        if (!(answer.headers.get('content-type') ?? '').includes('html')) return { refused: 'not_a_page' }
        const html = (await answer.text()).slice(0, pageLimit)
        const base = answer.url === '' ? url : answer.url
        const styled = await inlineStyles(html, base, get)
        return {
          url: base,
          status: answer.status,
          title: plainText(/<title[^>]*>([\s\S]*?)<\/title>/i.exec(html)?.[1] ?? '').slice(0, 200),
          html: withBase(styled, base),
          text: plainText(html.replace(/<(script|style|head)[\s>][\s\S]*?<\/\1>/gi, ' ')),
        }
      } catch {
        return { refused: 'unreachable' }
      }
    },
  }
}

/** Style sheets are put into the page, so that the reader's browser asks nobody for anything. */
async function inlineStyles(
  html: string,
  base: string,
  get: (url: string) => Promise<unknown>,
): Promise<string> {
  let result = html
  for (const [tag] of [...html.matchAll(/<link\b[^>]*>/gi)].slice(0, 8)) {
    const href = /\bhref\s*=\s*["']?([^"'\s>]+)/i.exec(tag)?.[1]
    if (!/\brel\s*=\s*["']?stylesheet/i.test(tag) || href === undefined) continue
    const answer = await get(new URL(href.replaceAll('&amp;', '&'), base).href)
    const css = answer instanceof Response && answer.ok ? (await answer.text()).slice(0, pageLimit) : ''
    result = result.replace(tag, () => `<style>${css.replaceAll('</', '<\\/')}</style>`)
  }
  return result
}

/** Links keep their place and open outside, in the person's own browser. */
function withBase(html: string, base: string): string {
  const tag = `<base href="${base.replaceAll('"', '%22').replaceAll('<', '%3C')}" target="_blank">`
  const opened = html.replace(/<base\b[^>]*>/gi, '')
  return /<head[^>]*>/i.test(opened) ? opened.replace(/<head[^>]*>/i, (head) => head + tag) : tag + opened
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  nbsp: ' ',
  euro: '€',
  pound: '£',
}
const plainText = (html: string): string =>
  html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(
      /&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));/gi,
      (whole, decimal?: string, hex?: string, name?: string) => {
        const point =
          decimal === undefined ? (hex === undefined ? null : Number.parseInt(hex, 16)) : Number(decimal)
        if (point !== null) return point > 0 && point < 0x110000 ? String.fromCodePoint(point) : whole
        return entities[name ?? ''] ?? whole
      },
    )
    .replaceAll(/\s+/g, ' ')
    .trim()

export const isRefusedPage = (
  answer: WebviewAnswer,
): answer is { refused: 'not_allowed' | 'unreachable' | 'not_a_page' | 'too_many_redirects' } =>
  isObject(answer) && 'refused' in answer
