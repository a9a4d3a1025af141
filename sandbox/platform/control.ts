import { randomBytes } from 'node:crypto'
import type { Delivery } from './delivery.ts'
import type { FaultRequest, Faults } from './faults.ts'
import type { Acts } from './person.ts'
import { word } from './phone/loose.ts'
import type { ChatMessage, JsonObject } from './phone/wire.ts'
import type { Recorded, Recorder } from './recorder.ts'
import { addPerson } from './threads.ts'
import { publishThread } from './views.ts'
import { ownerOf, type Accepted, type Page, type Person, type Thread, type World } from './world.ts'

/** Acts name the person by PSID; `page` is needed only when there are several (the first otherwise). */
export type At = { readonly page?: string }

export type Counters = {
  readonly sends: number
  readonly refused: number
  readonly requests: number
  readonly webhooks: {
    readonly posts: number
    readonly events: number
    readonly answered: number
    readonly failed: number
    readonly timedOut: number
    readonly retries: number
    readonly lost: number
    readonly doubled: number
    readonly waiting: number
  }
}

/** Drives the platform from a test or a script. Every act is synchronous up to the webhook; `settle()` waits for those. */
export type PlatformControl = ReturnType<typeof createControl>

export function createControl(
  world: World,
  acts: Acts,
  deliveries: Map<string, Delivery>,
  recorder: Recorder,
  faults: Faults,
) {
  const pageOf = (at?: At): Page => {
    const page = at?.page === undefined ? world.pages.values().next().value : world.pages.get(at.page)
    if (!page) throw new Error(`no page ${at?.page ?? ''} on this platform`)
    return page
  }
  const threadOf = (psid: string, at?: At): Thread => acts.thread(pageOf(at), psid)
  const required = <Value>(value: Value | null, what: string): Value => {
    if (value === null) throw new Error(what)
    return value
  }
  const waiters = new Set<() => void>()
  const watcher = (): void => {
    for (const waiter of waiters) waiter()
  }
  const total = (pick: (delivery: Delivery) => number): number =>
    deliveries.values().reduce((sum, delivery) => sum + pick(delivery), 0)

  return {
    // ------------------------------------------------ what a person does
    sendText: (psid: string, text: string, at?: At): ChatMessage => acts.text(threadOf(psid, at), text),
    /** Presses the newest button with this payload or title; without one, a postback with this payload is sent as it is. */
    tap: (psid: string, payloadOrTitle: string, at?: At): ChatMessage => {
      const thread = threadOf(psid, at)
      const found = acts.findButton(thread, payloadOrTitle)
      if (found && found.button['type'] !== 'postback')
        throw new Error(`the button ${payloadOrTitle} is a ${word(found.button['type'])}, not a postback`)
      return acts.postback(
        thread,
        word(found?.button['title'] ?? payloadOrTitle),
        word(found?.button['payload'] ?? payloadOrTitle),
      )
    },
    quickReply: (psid: string, payloadOrTitle: string, at?: At): ChatMessage => {
      const thread = threadOf(psid, at)
      const found = required(
        acts.findQuickReply(thread, payloadOrTitle),
        `no quick reply ${payloadOrTitle} on the screen`,
      )
      return acts.quickReply(thread, found.title, found.payload)
    },
    getStarted: (psid: string, at?: At & { ref?: string }): ChatMessage =>
      required(acts.getStarted(threadOf(psid, at), at?.ref), 'the page has no Get Started button'),
    menu: (psid: string, index: number, at?: At) =>
      required(acts.menu(threadOf(psid, at), index), 'no such menu item'),
    iceBreaker: (psid: string, index: number, at?: At): ChatMessage =>
      required(acts.iceBreaker(threadOf(psid, at), index), 'no such question'),
    attach: (
      psid: string,
      type: Parameters<Acts['attachment']>[1],
      at?: At & { url?: string },
    ): ChatMessage => acts.attachment(threadOf(psid, at), type, at?.url),
    sticker: (psid: string, at?: At): ChatMessage => acts.sticker(threadOf(psid, at)),
    react: (psid: string, mid: string, emoji: string | null, at?: At): ChatMessage =>
      required(acts.react(threadOf(psid, at), mid, emoji), 'no such message'),
    edit: (psid: string, mid: string, text: string, at?: At): ChatMessage =>
      required(acts.edit(threadOf(psid, at), mid, text), 'no such message'),
    remove: (psid: string, mid: string, at?: At): ChatMessage =>
      required(acts.remove(threadOf(psid, at), mid), 'no such message'),
    read: (psid: string, at?: At): void => acts.read(threadOf(psid, at)),
    referral: (psid: string, ref: string, at?: At): void => acts.referral(threadOf(psid, at), ref),
    optIn: (psid: string, ref: string, at?: At & { userRef?: string }): void =>
      acts.optIn(threadOf(psid, at), ref, at?.userRef),
    feedback: (psid: string, questionId: string, score: string, at?: At & { words?: string }): void =>
      acts.feedback(threadOf(psid, at), questionId, score, at?.words),
    /** The address the newest Log in button opens, with a fresh token: fetch it as the person's browser would. */
    login: (psid: string, at?: At): string =>
      required(acts.login(threadOf(psid, at)), 'no Log in button in this chat'),
    logout: (psid: string, at?: At): void => acts.logout(threadOf(psid, at)),
    /** The url button with this title or kind, newest first. */
    linkOf: (psid: string, title: string, at?: At): string =>
      word(required(acts.findButton(threadOf(psid, at), title), `no button ${title}`).button['url']),

    // ------------------------------------------------ what happens to a chat
    block: (psid: string, at?: At): void => acts.block(threadOf(psid, at), true),
    unblock: (psid: string, at?: At): void => acts.block(threadOf(psid, at), false),
    closeWindow: (psid: string, at?: At & { how?: 'day' | 'week' }): void =>
      acts.closeWindow(threadOf(psid, at), at?.how),
    openWindow: (psid: string, at?: At): void => acts.openWindow(threadOf(psid, at)),
    passThread: (psid: string, at?: At & { to?: string }): void => acts.handOver(threadOf(psid, at), at?.to),
    returnThread: (psid: string, at?: At): void => acts.handBack(threadOf(psid, at)),
    staffReply: (psid: string, text: string, at?: At): ChatMessage =>
      acts.staffReply(threadOf(psid, at), text),
    ownerOf: (psid: string, at?: At): string | null => ownerOf(world, threadOf(psid, at)),
    enforce: (action: 'warning' | 'block' | 'unblock', at?: At): void => acts.enforce(pageOf(at), action),
    resetChat: (psid: string, at?: At): void => acts.reset(threadOf(psid, at)),
    raw: (psid: string, event: JsonObject, at?: At): void => acts.raw(threadOf(psid, at), event),
    newPerson: (
      given: {
        firstName?: string
        lastName?: string
        locale?: string
        timeZone?: string
        psid?: string
      } = {},
    ): Person => {
      const made = names[randomBytes(1).readUInt8() % names.length] as readonly [string, string]
      return addPerson(world, {
        ...given,
        firstName: given.firstName ?? made[0],
        lastName: given.lastName ?? made[1],
      })
    },
    /** Gives many PSIDs an open window at once, for load. */
    admit: (psids: Iterable<string>, at?: At): void => {
      const page = pageOf(at)
      for (const psid of psids) {
        const thread = acts.thread(page, psid)
        thread.started = true
        thread.lastUserActionAt = world.clock()
        thread.lastUserMessageAt = thread.lastUserActionAt
      }
    },
    setLinked: (psid: string, linked: boolean, at?: At): void => {
      const thread = threadOf(psid, at)
      thread.linked = linked
      publishThread(world, thread)
    },

    // ------------------------------------------------ what the bot did
    /** Oldest first, bounded. */
    transcript: (psid: string, at?: At): ChatMessage[] => [...threadOf(psid, at).messages],
    /**
     * The first message of the page that answers the person's last act (or comes after `since`, a message's `seq`) and
     * satisfies the predicate. Rejects after the deadline with what was there instead.
     */
    waitForReply: (
      psid: string,
      predicate: (message: ChatMessage) => boolean = () => true,
      timeoutMs = 5_000,
      at?: At & { since?: number },
    ): Promise<ChatMessage> => {
      const thread = threadOf(psid, at)
      const since = at?.since ?? thread.lastActSeq
      const find = (): ChatMessage | undefined =>
        thread.messages.find(
          (message) => message.from === 'page' && message.seq > since && predicate(message),
        )
      return waitUntil(
        world,
        waiters,
        watcher,
        find,
        timeoutMs,
        () =>
          `no such reply; since then: ${JSON.stringify(thread.messages.filter((message) => message.from === 'page' && message.seq > since).map((message) => message.content)).slice(0, 600)}`,
      )
    },
    /** Called for every message taken from a bot, at once: the truth about what was sent, whatever the bot was told. */
    onAccepted: (listener: (accepted: Accepted) => void): (() => void) => {
      world.acceptedListeners.add(listener)
      return () => world.acceptedListeners.delete(listener)
    },
    recorded: (since?: number): Recorded[] => recorder.entries(since),
    onRecorded: (listener: (entry: Recorded) => void): (() => void) => {
      recorder.listeners.add(listener)
      return () => recorder.listeners.delete(listener)
    },
    clearRecorded: (): void => recorder.clear(),
    counters: (): Counters => ({
      sends: world.sends,
      refused: world.refusedSends,
      requests: recorder.total,
      webhooks: {
        posts: total((delivery) => delivery.counters.posts),
        events: total((delivery) => delivery.counters.events),
        answered: total((delivery) => delivery.counters.answered),
        failed: total((delivery) => delivery.counters.failed),
        timedOut: total((delivery) => delivery.counters.timedOut),
        retries: total((delivery) => delivery.counters.retries),
        lost: total((delivery) => delivery.counters.lost),
        doubled: total((delivery) => delivery.counters.doubled),
        waiting: total((delivery) => delivery.waiting),
      },
    }),

    // ------------------------------------------------ trouble
    /** Adds a failure (see FaultRequest); throws for a kind that does not exist. */
    fault: (request: FaultRequest): { id: number } =>
      required(faults.add(request), `no fault ${request.kind}`),
    clearFaults: (id?: number): void => faults.remove(id),
    /** While on, every Graph call fails with 500/2 and nothing is sent. */
    outage: (on: boolean): void => {
      world.outage = on
    },
    doubleDeliver: (count = 1, how: 'again' | 'same_post' = 'again'): void => {
      for (const delivery of deliveries.values()) delivery.doubleNext(count, how)
    },
    /** Does the GET handshake now with every app's callback. */
    subscribe: async (): Promise<boolean> =>
      (await Promise.all(deliveries.values().map((delivery) => delivery.verify()))).every(Boolean),
    /** Resolves when every webhook was answered or given up. */
    settle: async (): Promise<void> => {
      await Promise.all(deliveries.values().map((delivery) => delivery.idle()))
    },
  }
}

const names = [
  ['Noor', 'Haddad'],
  ['Marcus', 'Bell'],
  ['Yuki', 'Tanaka'],
  ['Leila', 'Brandt'],
  ['Tomás', 'Vidal'],
  ['Grace', 'Mbeki'],
  ['Oskar', 'Lind'],
  ['Priya', 'Raman'],
] as const

/** Waits on a condition that changes only with platform events; checked at each, never by polling. */
function waitUntil<Value>(
  world: World,
  waiters: Set<() => void>,
  watcher: () => void,
  find: () => Value | undefined,
  timeoutMs: number,
  why: () => string,
): Promise<Value> {
  const now = find()
  if (now !== undefined) return Promise.resolve(now)
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer)
      waiters.delete(check)
      if (waiters.size === 0) world.watchers.delete(watcher)
    }
    const check = (): void => {
      const value = find()
      if (value === undefined) return
      end()
      resolve(value)
    }
    const timer = setTimeout(() => {
      end()
      reject(new Error(why()))
    }, timeoutMs)
    waiters.add(check)
    world.watchers.add(watcher)
  })
}
