import type {
  ChatMessage,
  JsonObject,
  LiveEvent,
  MenuItem,
  PageView,
  PersonView,
  ThreadView,
} from './phone/wire.ts'
import { ownerOf, pageInboxAppId, type Page, type Person, type Thread, type World } from './world.ts'
import { dayMs } from '../../src/core/clock.ts'

/** The event is only built when somebody listens: the send path pays nothing for the phone page. */
export function publish(world: World, make: () => LiveEvent): void {
  if (world.watchers.size === 0) return
  const event = make()
  for (const watcher of world.watchers) watcher(event)
}

export const publishMessage = (world: World, thread: Thread, message: ChatMessage): void =>
  publish(world, () => ({ kind: 'message', pageId: thread.page.id, psid: thread.psid, message }))
export const publishThread = (world: World, thread: Thread): void =>
  publish(world, () => ({
    kind: 'thread',
    pageId: thread.page.id,
    psid: thread.psid,
    thread: threadView(world, thread),
  }))
export const publishPage = (world: World, page: Page): void =>
  publish(world, () => ({ kind: 'page', page: pageView(world, page) }))

export const personView = (person: Person): PersonView => ({
  psid: person.psid,
  name: `${person.firstName} ${person.lastName}`.trim(),
  locale: person.locale,
  timeZone: person.timeZone,
  hint: person.hint,
  banks: person.banks,
})

export function threadView(world: World, thread: Thread): ThreadView {
  const owner = ownerOf(world, thread)
  return {
    pageId: thread.page.id,
    psid: thread.psid,
    started: thread.started,
    linked: thread.linked,
    blocked: thread.blocked,
    windowUntil: thread.lastUserActionAt === null ? null : thread.lastUserActionAt + dayMs,
    owner:
      owner === null
        ? 'nobody'
        : owner === pageInboxAppId
          ? 'inbox'
          : world.apps.has(owner)
            ? 'bot'
            : 'other',
    typing: thread.typingUntil > world.clock(),
    seenAt: thread.seenAt,
  }
}

const localised = (list: unknown, locale: string): JsonObject | null => {
  const entries = Array.isArray(list) ? (list as JsonObject[]) : []
  return (
    entries.find((entry) => entry['locale'] === locale) ??
    entries.find((entry) => entry['locale'] === 'default') ??
    null
  )
}

/** What the phone shows of a Page's Messenger profile. With several apps, the default app's profile. */
export function pageView(world: World, page: Page, locale = 'default'): PageView {
  const profile = page.profiles.get(page.defaultAppId ?? '') ?? page.profiles.values().next().value ?? {}
  const menu = localised(profile['persistent_menu'], locale)
  const commands = localised(profile['commands'], locale)
  const ice = profile['ice_breakers'] as JsonObject[] | undefined
  const iceItems = ice?.[0]?.['call_to_actions']
    ? (localised(ice, locale)?.['call_to_actions'] as JsonObject[])
    : ice
  return {
    id: page.id,
    name: page.name,
    greeting: (localised(profile['greeting'], locale)?.['text'] as string | undefined) ?? null,
    getStarted: profile['get_started'] !== undefined,
    composerDisabled: menu?.['composer_input_disabled'] === true,
    // Commands, once set, take the menu's place (reference §8).
    menu: commands ? [] : ((menu?.['call_to_actions'] as MenuItem[] | undefined) ?? []),
    iceBreakers: (iceItems as { question: string; payload: string }[] | undefined) ?? [],
    commands: (commands?.['commands'] as { name: string; description: string }[] | undefined) ?? [],
    restricted: page.restricted,
  }
}
