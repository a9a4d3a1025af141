import { h, byId } from './dom.ts'
import { word } from './loose.ts'
import type {
  ChatMessage,
  Counters,
  Hello,
  HookView,
  LiveEvent,
  PageView,
  PersonView,
  Seen,
  Situation,
  ThreadView,
} from './wire.ts'

/** What this page knows: one chat of one customer, and everything the platform saw. Kept current by Server-Sent Events. */
export type Store = {
  pageId: string
  psid: string
  people: Map<string, PersonView>
  pages: Map<string, PageView>
  banks: readonly string[]
  bankEvents: Hello['bankEvents']
  thread: ThreadView
  messages: ChatMessage[]
  /** The last thing said in each chat of this person. */
  previews: Map<string, ChatMessage>
  /** Newest first. */
  seen: Seen[]
  hooks: HookView[]
  counters: Counters
  situation: Situation
  /** Server's clock minus this one. */
  skew: number
}

export const now = (store: Store): number => Date.now() + store.skew
export const person = (store: Store): PersonView =>
  store.people.get(store.psid) ?? {
    psid: store.psid,
    name: 'Customer',
    locale: 'en_US',
    timeZone: 'UTC',
    hint: '',
    banks: [],
  }
export const page = (store: Store): PageView => store.pages.get(store.pageId) as PageView
export const bankNames = (store: Store): string[] => [...store.pages.values()].map((one) => one.name)
export const bcp47 = (store: Store): string => person(store).locale.replace('_', '-')

export function fromHello(hello: Hello): Store {
  return {
    pageId: hello.thread.pageId,
    psid: hello.thread.psid,
    people: new Map(hello.people.map((one) => [one.psid, one])),
    pages: new Map(hello.pages.map((one) => [one.id, one])),
    banks: hello.banks,
    bankEvents: hello.bankEvents,
    thread: hello.thread,
    messages: [...hello.messages],
    previews: new Map(hello.previews.map((one) => [one.pageId, one.message])),
    seen: [...hello.seen],
    hooks: [...hello.hooks],
    counters: hello.counters,
    situation: hello.situation,
    skew: hello.now - Date.now(),
  }
}

const kept = 1500

/** Applies one event; says what of the page has to be drawn again. */
export function apply(
  store: Store,
  event: LiveEvent,
): 'message' | 'thread' | 'page' | 'people' | 'seen' | 'hook' | 'state' | null {
  switch (event.kind) {
    case 'message': {
      if (event.psid !== store.psid) return null
      if (event.message.from !== 'notice') store.previews.set(event.pageId, event.message)
      if (event.pageId !== store.pageId) return 'people'
      const index = store.messages.findIndex((one) => one.mid === event.message.mid)
      if (index === -1) store.messages.push(event.message)
      else store.messages[index] = event.message
      if (store.messages.length > 400) store.messages.shift()
      return 'message'
    }
    case 'thread':
      if (event.psid !== store.psid || event.pageId !== store.pageId) return null
      store.thread = event.thread
      return 'thread'
    case 'cleared':
      if (event.psid !== store.psid || event.pageId !== store.pageId) return null
      store.messages = []
      return 'page'
    case 'page':
      store.pages.set(event.page.id, event.page)
      return 'page'
    case 'person':
      store.people.set(event.person.psid, event.person)
      return 'people'
    case 'seen':
      store.seen.unshift(event.seen)
      if (store.seen.length > kept) store.seen.pop()
      return 'seen'
    case 'hook': {
      const index = store.hooks.findIndex((one) => one.seq === event.hook.seq)
      if (index === -1) store.hooks.unshift(event.hook)
      else store.hooks[index] = event.hook
      if (store.hooks.length > kept) store.hooks.pop()
      return 'hook'
    }
    case 'counters':
      store.counters = event.counters
      return 'state'
    case 'situation':
      store.situation = event.situation
      return 'state'
    default:
      return null
  }
}

/** Asks the platform for something; says in a toast when it could not be. */
export async function ask(
  path: string,
  body: Record<string, unknown>,
): Promise<Record<string, unknown> | null> {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch(() => null)
  const value =
    answer === null ? null : ((await answer.json().catch(() => null)) as Record<string, unknown> | null)
  if (answer?.ok) return value
  toast(word(value?.['said'] ?? value?.['error']) || 'The platform does not answer.')
  return null
}

export function toast(text: string): void {
  const line = h('div', { class: 'toast' }, text)
  byId('toasts').append(line)
  setTimeout(() => line.remove(), 5_000)
}

/** Said once to a screen reader, without moving anything. */
export function announce(text: string): void {
  byId('announcer').textContent = text
}
