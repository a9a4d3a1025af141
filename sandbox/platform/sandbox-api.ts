import type { IncomingMessage, ServerResponse } from 'node:http'
import * as z from 'zod'
import { bankEvents, callBank } from './bank-events.ts'
import type { PlatformControl } from './control.ts'
import type { Faults } from './faults.ts'
import { json } from './http.ts'
import { isRefusedPage, type createInAppBrowser } from './in-app-browser.ts'
import type { Live } from './live.ts'
import type { Acts } from './person.ts'
import { recordedJson } from './recorder.ts'
import { personView, threadView } from './views.ts'
import { type World } from './world.ts'

const text = (max: number) => z.string().max(max)
const who = { page: text(80).optional(), psid: text(80) }

/** What the phone page, or any script, may ask for: one small form each. */
const actShape = z.discriminatedUnion('act', [
  z.object({ act: z.literal('text'), ...who, text: text(20_000), replyTo: text(200).optional() }),
  z.object({ act: z.literal('quick_reply'), ...who, title: text(200), payload: text(2_000) }),
  z.object({ act: z.literal('postback'), ...who, title: text(200), payload: text(2_000) }),
  z.object({ act: z.literal('get_started'), ...who, ref: text(500).optional() }),
  z.object({ act: z.literal('ice_breaker'), ...who, index: z.int().min(0).max(10) }),
  z.object({ act: z.literal('menu'), ...who, index: z.int().min(0).max(30) }),
  z.object({
    act: z.literal('attachment'),
    ...who,
    type: z.enum(['image', 'audio', 'video', 'file', 'location', 'fallback']),
  }),
  z.object({ act: z.literal('sticker'), ...who }),
  z.object({ act: z.literal('react'), ...who, mid: text(200), emoji: text(16).nullable() }),
  z.object({ act: z.literal('edit'), ...who, mid: text(200), text: text(20_000) }),
  z.object({ act: z.literal('remove'), ...who, mid: text(200) }),
  z.object({ act: z.literal('read'), ...who }),
  z.object({ act: z.literal('referral'), ...who, ref: text(500) }),
  z.object({
    act: z.literal('feedback'),
    ...who,
    question: text(80),
    score: text(10),
    words: text(400).optional(),
  }),
  z.object({ act: z.literal('logout'), ...who }),
  z.object({ act: z.literal('block'), ...who, on: z.boolean() }),
  z.object({ act: z.literal('close_window'), ...who, how: z.enum(['day', 'week']).optional() }),
  z.object({ act: z.literal('open_window'), ...who }),
  z.object({ act: z.literal('hand_over'), ...who, to: text(80).optional() }),
  z.object({ act: z.literal('hand_back'), ...who }),
  z.object({ act: z.literal('staff_reply'), ...who, text: text(2_000) }),
  z.object({ act: z.literal('reset'), ...who }),
  z.object({
    act: z.literal('enforce'),
    page: text(80).optional(),
    action: z.enum(['warning', 'block', 'unblock']),
  }),
  z.object({ act: z.literal('outage'), on: z.boolean() }),
  z.object({
    act: z.literal('double'),
    count: z.int().min(0).max(1000),
    how: z.enum(['again', 'same_post']).optional(),
  }),
  z.object({
    act: z.literal('new_person'),
    firstName: text(60).optional(),
    lastName: text(60).optional(),
    locale: text(10).optional(),
  }),
  z.object({ act: z.literal('subscribe') }),
])
export type Act = z.infer<typeof actShape>

const faultShape = z.object({
  kind: text(40),
  rate: z.number().min(0).max(1).optional(),
  count: z.int().min(1).max(1_000_000).optional(),
  page: text(80).optional(),
  edge: text(60).optional(),
  delayMs: z.int().min(0).max(600_000).optional(),
  seed: z.int().optional(),
})

type Parts = {
  world: World
  acts: Acts
  control: PlatformControl
  faults: Faults
  live: Live
  browser: ReturnType<typeof createInAppBrowser>
}

/** `/sandbox/…`: for the phone page, scripts and other people's tests. Never part of what a bot may call in earnest. */
export function createSandboxApi({ world, acts, control, faults, live, browser }: Parts) {
  const perform = async (given: Act): Promise<unknown> => {
    if (given.act === 'outage') return control.outage(given.on)
    if (given.act === 'double') return control.doubleDeliver(given.count, given.how)
    if (given.act === 'new_person') return personView(control.newPerson(given))
    if (given.act === 'subscribe') return { verified: await control.subscribe() }
    const page = given.page === undefined ? [...world.pages.values()][0] : world.pages.get(given.page)
    if (!page) return null
    if (given.act === 'enforce') return acts.enforce(page, given.action)
    const thread = acts.thread(page, given.psid)
    switch (given.act) {
      case 'text':
        return acts.text(thread, given.text, given.replyTo)
      case 'quick_reply':
        return acts.quickReply(thread, given.title, given.payload)
      case 'postback':
        return acts.postback(thread, given.title, given.payload)
      case 'get_started':
        return acts.getStarted(thread, given.ref)
      case 'ice_breaker':
        return acts.iceBreaker(thread, given.index)
      case 'menu':
        return acts.menu(thread, given.index)
      case 'attachment':
        return acts.attachment(thread, given.type)
      case 'sticker':
        return acts.sticker(thread)
      case 'react':
        return acts.react(thread, given.mid, given.emoji)
      case 'edit':
        return acts.edit(thread, given.mid, given.text)
      case 'remove':
        return acts.remove(thread, given.mid)
      case 'read':
        return acts.read(thread)
      case 'referral':
        return acts.referral(thread, given.ref)
      case 'feedback':
        return acts.feedback(thread, given.question, given.score, given.words)
      case 'logout':
        return acts.logout(thread)
      case 'block':
        return acts.block(thread, given.on)
      case 'close_window':
        return acts.closeWindow(thread, given.how)
      case 'open_window':
        return acts.openWindow(thread)
      case 'hand_over':
        return acts.handOver(thread, given.to)
      case 'hand_back':
        return acts.handBack(thread)
      case 'staff_reply':
        return acts.staffReply(thread, given.text)
      case 'reset':
        return acts.reset(thread)
      default:
        return null
    }
  }

  const post = async (path: string, body: unknown, response: ServerResponse): Promise<void> => {
    if (path === '/sandbox/act') {
      const given = actShape.safeParse(body)
      if (!given.success)
        return json(response, 400, {
          error: 'not an act',
          where: given.error.issues[0]?.path.join('.') ?? '',
        })
      const result = await perform(given.data)
      live.changed()
      return result === null
        ? json(response, 404, { error: 'nothing there to act on' })
        : json(response, 200, { ok: true, result: result ?? null })
    }
    if (path === '/sandbox/faults') {
      const given = faultShape.safeParse(body)
      const added = given.success ? faults.add(given.data) : null
      return added
        ? json(response, 201, added)
        : json(response, 400, { error: 'not a fault this platform knows' })
    }
    if (path === '/sandbox/bank') {
      const given = z.object({ bank: text(40), event: text(40), psid: text(80) }).safeParse(body)
      const answer = given.success ? await callBank(world, given.data) : null
      return answer
        ? json(response, answer.done ? 200 : 502, answer)
        : json(response, 400, { error: 'not an event of a bank here' })
    }
    if (path === '/sandbox/webview') {
      const given = z.object({ url: text(4_000) }).safeParse(body)
      if (!given.success) return json(response, 400, { error: 'no url' })
      const page = await browser.open(given.data.url)
      return json(response, isRefusedPage(page) && page.refused === 'not_allowed' ? 403 : 200, page)
    }
    json(response, 404, { error: 'no such door' })
  }

  const get = (url: URL, response: ServerResponse): void => {
    const since = Number(url.searchParams.get('since') ?? 0) || 0
    const limit = Math.min(Math.max(Number(url.searchParams.get('limit') ?? 1000) || 1000, 1), 10_000)
    switch (url.pathname) {
      case '/sandbox/recorded': {
        const psid = url.searchParams.get('psid')
        const entries = control.recorded(since).filter((entry) => psid === null || entry.psid === psid)
        return json(response, 200, {
          entries: entries.slice(0, limit).map(recordedJson),
          more: entries.length > limit,
        })
      }
      case '/sandbox/faults':
        return json(response, 200, { faults: faults.list() })
      case '/sandbox/counters':
        return json(response, 200, control.counters())
      case '/sandbox/events':
        return json(response, 200, { events: bankEvents })
      case '/sandbox/transcript': {
        const page = url.searchParams.get('page') ?? undefined
        const psid = url.searchParams.get('psid') ?? ''
        if (page !== undefined && !world.pages.has(page))
          return json(response, 404, { error: 'no such page' })
        const thread = (
          page === undefined ? [...world.pages.values()][0] : world.pages.get(page)
        )?.threads.get(psid)
        return thread
          ? json(response, 200, {
              thread: threadView(world, thread),
              messages: thread.messages.filter((message) => message.seq > since),
            })
          : json(response, 404, { error: 'no such chat' })
      }
      case '/sandbox/people':
        return json(response, 200, { people: [...world.people.values()].slice(0, limit).map(personView) })
      default:
        return json(response, 404, { error: 'no such door' })
    }
  }

  return {
    handle: (request: IncomingMessage, response: ServerResponse, body: Buffer): void => {
      // A page of another origin has no business here; scripts send no Origin.
      const origin = request.headers.origin
      const site = request.headers['sec-fetch-site']
      if (
        (origin !== undefined && URL.canParse(origin) && new URL(origin).host !== request.headers.host) ||
        site === 'cross-site'
      )
        return json(response, 403, { error: 'another site' })
      const url = new URL(request.url ?? '/', 'http://platform')
      if (request.method === 'GET') return get(url, response)
      if (request.method === 'DELETE' && url.pathname === '/sandbox/faults') {
        const id = url.searchParams.get('id')
        faults.remove(id === null ? undefined : Number(id))
        return json(response, 200, { ok: true })
      }
      if (request.method === 'DELETE' && url.pathname === '/sandbox/recorded') {
        control.clearRecorded()
        return json(response, 200, { ok: true })
      }
      if (request.method !== 'POST') return json(response, 405, { error: 'not this way' })
      if (!(request.headers['content-type'] ?? '').startsWith('application/json'))
        return json(response, 415, { error: 'send JSON' })
      let value: unknown
      try {
        value = JSON.parse(body.toString('utf8'))
      } catch {
        return json(response, 400, { error: 'not JSON' })
      }
      post(url.pathname, value, response).catch(() => json(response, 500, { error: 'the sandbox failed' }))
    },
  }
}
