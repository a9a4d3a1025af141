import { randomBytes } from 'node:crypto'
import { minuteMs } from '../../src/core/clock.ts'
import { fromPerson, type Events } from './events.ts'
import { errorReply, fail, ok, type Reply } from './graph-error.ts'
import { bounds } from './options.ts'
import { addNotice } from './threads.ts'
import { publishThread } from './views.ts'
import { type App, type Page, type Thread, type World } from './world.ts'

/** Account linking (reference §9). */
export const confirmPath = '/messenger_platform/account_linking'

/** How long a link token can be looked up (reference §9: about five minutes), and confirmed (ours: a slow sign-in is not an attack). */
export const linkTimes = { lookupMs: 5 * minuteMs, confirmMs: 30 * minuteMs } as const

/** A tap on Log in: the login page's address with a short-lived token and the way back. */
export function startLinking(world: World, app: App, thread: Thread, loginUrl: string): string {
  while (world.linkTokens.size >= bounds.linkTokens)
    world.linkTokens.delete(world.linkTokens.keys().next().value ?? '')
  const token = `ARQ${randomBytes(24).toString('base64url')}`
  world.linkTokens.set(token, {
    pageId: thread.page.id,
    psid: thread.psid,
    appId: app.appId,
    madeAt: world.clock(),
    used: false,
  })
  const back = new URL(confirmPath, world.publicUrl)
  back.searchParams.set('account_linking_token', token)
  const url = new URL(loginUrl)
  url.searchParams.set('redirect_uri', back.href)
  url.searchParams.set('account_linking_token', token)
  return url.href
}

/** `GET /me?fields=recipient&account_linking_token=…`: which chat is being linked. */
export function lookUpLinking(world: World, page: Page, token: string): Reply {
  const known = world.linkTokens.get(token)
  if (!known || known.pageId !== page.id) return errorReply(fail('link_invalid'))
  if (world.clock() - known.madeAt > linkTimes.lookupMs) return errorReply(fail('link_expired'))
  return { ...ok({ id: page.id, recipient: known.psid }), psid: known.psid }
}

export type LinkingEnd = {
  readonly end: 'linked' | 'not_linked' | 'expired' | 'unknown'
  readonly pageId?: string
  readonly psid?: string
  readonly pageName?: string
}

/** The browser comes back from the login page: with a code the chat is linked and the bot hears of it; once only. */
export function confirmLinking(
  world: World,
  events: Events,
  token: string | null,
  code: string | null,
): LinkingEnd {
  const known = token === null ? undefined : world.linkTokens.get(token)
  const page = known ? world.pages.get(known.pageId) : undefined
  const thread = known ? page?.threads.get(known.psid) : undefined
  if (!known || !page || !thread) return { end: 'unknown' }
  const where = { pageId: page.id, psid: thread.psid, pageName: page.name }
  if (known.used || world.clock() - known.madeAt > linkTimes.confirmMs) return { end: 'expired', ...where }
  known.used = true
  if (code === null || code === '' || code.length > 2000) return { end: 'not_linked', ...where }
  thread.linked = true
  publishThread(world, thread)
  addNotice(world, thread, `You connected your ${page.name} account.`)
  const event = fromPerson(thread, world.clock(), {
    account_linking: { status: 'linked', authorization_code: code },
  })
  events.toApp(known.appId, page, thread.psid, 'messaging_account_linking', 'account_linking linked', event)
  return { end: 'linked', ...where }
}

/** By the Log out button, or `POST /me/unlink_accounts`: the bot hears `unlinked`, without a code. */
export function unlink(world: World, events: Events, thread: Thread): void {
  thread.linked = false
  publishThread(world, thread)
  addNotice(world, thread, `You disconnected your ${thread.page.name} account.`)
  events.inThread(
    thread,
    'messaging_account_linking',
    'account_linking unlinked',
    fromPerson(thread, world.clock(), { account_linking: { status: 'unlinked' } }),
  )
}
