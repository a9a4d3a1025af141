import { timingSafeEqual } from 'node:crypto'
import type { Context } from 'hono'
import { getCookie, setCookie, deleteCookie } from 'hono/cookie'
import type { InstitutionId } from '../bank/bank.ts'
import type { Messenger } from '../channel/messenger/send.ts'
import type { Clock } from '../core/clock.ts'
import type { Config, InstitutionConfig, ChannelConfig } from '../core/config-schema.ts'
import { newSecret } from '../core/id.ts'
import type { Logger } from '../core/logger.ts'
import type { Pool } from 'pg'
import { readSession, type Session } from '../customer/session.ts'
import type { Voice } from '../pipeline/draft.ts'
import type { Engine } from '../pipeline/engine.ts'
import type { Bank } from '../bank/bank.ts'
import type { Tlog } from '../tlog/tlog.ts'
import { houseBrand, type Assets, type Brand } from './kit/assets.ts'
import { securityHeaders, type Frame } from './kit/page.ts'
import { openPageWords } from './kit/words.ts'
import { addressOf, pageLocaleFor } from './language.ts'

/** What every door of the web needs. */
export type Web = {
  readonly config: Config
  readonly pool: Pool
  readonly engine: Engine
  readonly tlog: Tlog
  readonly banks: ReadonlyMap<InstitutionId, Bank>
  readonly institutions: ReadonlyMap<InstitutionId, InstitutionConfig>
  readonly voices: ReadonlyMap<InstitutionId, Voice>
  readonly channels: ReadonlyMap<string, { readonly config: ChannelConfig; readonly messenger: Messenger }>
  readonly assets: Assets
  readonly clock: Clock
  readonly log: Logger
}

export const channelNames: Readonly<Record<string, string>> = {
  messenger: 'Messenger',
  instagram: 'Instagram',
  whatsapp: 'WhatsApp',
  webchat: 'the bank’s chat',
  mcp: 'your assistant',
}

/** Names of our cookies. On https they carry the prefix that pins them to this host. */
const cookieNames = {
  session: 'guichet_session',
  linking: 'guichet_linking',
  csrf: 'guichet_csrf',
  signin: 'guichet_signin',
  // Says only that this browser has had a passkey here, so that the sign-in page puts that button first.
  passkey: 'guichet_passkey',
  // The language that pages were asked for in; see language.ts.
  language: 'guichet_language',
} as const
export type CookieName = keyof typeof cookieNames

const isHttps = (web: Web): boolean => web.config.publicUrl.startsWith('https:')
const nameOf = (web: Web, cookie: CookieName): string =>
  `${isHttps(web) ? '__Host-' : ''}${cookieNames[cookie]}`

export const readCookie = (web: Web, c: Context, cookie: CookieName): string | undefined =>
  getCookie(c, nameOf(web, cookie))
export function writeCookie(
  web: Web,
  c: Context,
  cookie: CookieName,
  value: string,
  maxAgeSeconds: number,
): void {
  setCookie(c, nameOf(web, cookie), value, {
    httpOnly: true,
    sameSite: 'Lax',
    secure: isHttps(web),
    path: '/',
    maxAge: maxAgeSeconds,
  })
}
export const dropCookie = (web: Web, c: Context, cookie: CookieName): void => {
  deleteCookie(c, nameOf(web, cookie), { path: '/', secure: isHttps(web) })
}

/** The browser's form token, made when it has none: forms repeat it, other sites cannot read it. */
export function csrfOf(web: Web, c: Context): string {
  const held = readCookie(web, c, 'csrf')
  if (held && /^[A-Za-z0-9_-]{43}$/.test(held)) return held
  const made = newSecret()
  writeCookie(web, c, 'csrf', made, 7_200)
  return made
}

/** Does a form repeat this browser's token? */
export function csrfGood(web: Web, c: Context, given: unknown): boolean {
  const held = readCookie(web, c, 'csrf')
  if (!held || typeof given !== 'string') return false
  // By bytes: letters of several bytes can make texts of one length unequal, which the comparison does not take.
  const [ours, theirs] = [Buffer.from(held), Buffer.from(given)]
  return ours.length === theirs.length && timingSafeEqual(ours, theirs)
}

function lettersOf(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== '')
  const letters = words.length > 1 ? `${words[0]?.[0] ?? ''}${words[1]?.[0] ?? ''}` : name.slice(0, 1)
  return letters.toUpperCase()
}
export const brandOf = ({ id, name, accent }: InstitutionConfig): Brand => ({
  id,
  name,
  letters: lettersOf(name),
  accent,
})

/** The one institution or channel that everything here is about; null where there are several. */
const only = <Item>(items: Iterable<Item>): Item | null => {
  const [first, second] = items
  return first === undefined || second !== undefined ? null : first
}
/** The channel behind an address that says of none; null where it could be one of several. */
export const onlyChannel = (web: Web): ChannelConfig | null => only(web.channels.values())?.config ?? null

/** The way back to the chat: the Page's own address at the platform. */
export const chatUrlOf = (channel: ChannelConfig): string =>
  channel.chatUrl ?? `https://m.me/${channel.account}`

/**
 * What every page is told, in the reader's language and the institution's zone. A page of no institution is the only institution's
 * where there is one, else it bears the name that customers know from their chat list.
 */
export function frameFor(
  web: Web,
  c: Context,
  options: {
    institution?: InstitutionConfig | null
    channel?: ChannelConfig | null
    csrf?: boolean
    signedIn?: boolean
  } = {},
): Frame {
  const { channel = null } = options
  const institution = options.institution ?? only(web.institutions.values())
  const page = channel ?? onlyChannel(web)
  const channelName = channel && (channelNames[channel.kind] ?? channel.name)
  const locale = pageLocaleFor(c, readCookie(web, c, 'language'), institution?.locale ?? 'en-US')
  return {
    t: openPageWords(locale),
    locale,
    address: addressOf(c),
    timeZone: institution?.timeZone ?? 'UTC',
    now: web.clock(),
    bank:
      institution === null
        ? page && { ...houseBrand, name: page.name, letters: lettersOf(page.name) }
        : brandOf(institution),
    assets: web.assets.paths,
    who: options.signedIn ? { channel: channelName } : null,
    back: channel && channelName ? { url: chatUrlOf(channel), channel: channelName } : null,
    csrf: options.csrf === false ? '' : csrfOf(web, c),
  }
}

/** Sends a page with its headers. `formOrigins`: where its forms may end up by redirect. */
export function send(
  web: Web,
  c: Context,
  html: string,
  options: {
    status?: 200 | 400 | 401 | 403 | 404 | 410 | 429 | 500 | 503
    formOrigins?: readonly string[]
  } = {},
): Response {
  const headers = securityHeaders({ https: isHttps(web), formOrigins: options.formOrigins })
  for (const [name, value] of Object.entries(headers)) c.header(name, value)
  return c.body(html, options.status ?? 200)
}

/** A redirect after a form: always 303, never kept (FAPI 2.0 §5.3.2.2: not 307). */
export function seeOther(c: Context, url: string): Response {
  c.header('cache-control', 'no-store')
  c.header('referrer-policy', 'no-referrer')
  return c.redirect(url, 303)
}

export const sessionOf = (web: Web, c: Context): Promise<Session | null> =>
  readSession(web.pool, readCookie(web, c, 'session'), web.clock())

/** Origins that a login form may end up at. */
export const bankOrigins = (institutions: Iterable<InstitutionConfig>): string[] => [
  ...new Set([...institutions].map(({ issuer }) => new URL(issuer).origin)),
]

/** Is this a messenger's own browser, which could read the page? Known by its user agent, or by who asks on Android. */
export function inAppBrowser(c: Context): 'ios' | 'android' | 'other' | null {
  const agent = c.req.header('user-agent') ?? ''
  const asker = c.req.header('x-requested-with') ?? ''
  const inApp =
    /\bFB(AN|AV|_IAB|IOS)\b|\[FB|Messenger|Instagram|WhatsApp\/|Line\/|MicroMessenger|Snapchat|Twitter|TikTok|; wv\)/i.test(
      agent,
    ) || /^com\.(facebook|instagram|whatsapp)/.test(asker)
  if (!inApp) return null
  return /iPhone|iPad|iPod/.test(agent) ? 'ios' : /Android/.test(agent) ? 'android' : 'other'
}

/** Was this asked for ahead of a tap, by a browser or by a service that draws link previews? */
export const isPrefetch = (c: Context): boolean =>
  /prefetch|prerender|preview/i.test(
    `${c.req.header('sec-purpose') ?? ''} ${c.req.header('purpose') ?? ''} ${c.req.header('x-purpose') ?? ''} ${c.req.header('x-moz') ?? ''}`,
  ) ||
  /facebookexternalhit|facebookcatalog|meta-externalagent|WhatsApp\/.*(?:A|N|I)$|bot\b|crawler|spider/i.test(
    c.req.header('user-agent') ?? '',
  )

/** A form's fields, each a string, repeated ones as lists. */
export async function formOf(
  c: Context,
): Promise<{ one(name: string): string; all(name: string): string[] }> {
  const type = c.req.header('content-type') ?? ''
  if (!type.startsWith('application/x-www-form-urlencoded')) return { one: () => '', all: () => [] }
  const form = new URLSearchParams(await c.req.text())
  return {
    one: (name) => (form.get(name) ?? '').slice(0, 2_000),
    all: (name) => form.getAll(name).slice(0, 300),
  }
}
