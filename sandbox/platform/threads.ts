import { dayMs } from '../../src/core/clock.ts'
import { bounds } from './options.ts'
import type { ChatMessage } from './phone/wire.ts'
import { personView, publish, publishMessage, publishThread } from './views.ts'
import { newMid, newNumericId, ownerOf, type Page, type Person, type Thread, type World } from './world.ts'

/** The thread of this person with this Page, made when it is not there yet. */
export function openThread(world: World, page: Page, psid: string): Thread {
  const known = page.threads.get(psid)
  if (known) return known
  if (page.threads.size >= bounds.people) throw new Error('too many threads for a sandbox')
  const thread: Thread = {
    page,
    psid,
    messages: [],
    started: false,
    linked: false,
    blocked: false,
    lastUserActionAt: null,
    lastUserMessageAt: null,
    lastActSeq: 0,
    owner: null,
    ownerUntil: 0,
    typingUntil: 0,
    seenAt: 0,
    readAt: 0,
  }
  page.threads.set(psid, thread)
  if (!world.people.has(psid) && world.people.size < bounds.people && !world.headless)
    addPerson(world, { psid, firstName: 'Customer', lastName: psid.slice(-4) })
  return thread
}

export function addPerson(
  world: World,
  given: {
    psid?: string
    firstName: string
    lastName: string
    locale?: string
    timeZone?: string
    hint?: string
  },
): Person {
  const person: Person = {
    psid: given.psid ?? newNumericId(),
    firstName: given.firstName,
    lastName: given.lastName,
    locale: given.locale ?? 'en_US',
    timeZone: given.timeZone ?? 'America/New_York',
    hint: given.hint ?? 'new here',
    banks: [],
  }
  world.people.set(person.psid, person)
  publish(world, () => ({ kind: 'person', person: personView(person) }))
  return person
}

export function setOwner(world: World, thread: Thread, appId: string | null, forMs = dayMs): void {
  thread.owner = appId
  thread.ownerUntil = world.clock() + forMs
  publishThread(world, thread)
}

/** May this app answer in this thread, or is it on standby? Without a default app every app may. */
export function mayAnswer(world: World, thread: Thread, appId: string): boolean {
  const owner = ownerOf(world, thread)
  if (owner !== null) return owner === appId
  return thread.page.defaultAppId === null || thread.page.defaultAppId === appId
}

/** Puts a message into the transcript (bounded) and tells whoever watches. */
export function addMessage(world: World, thread: Thread, message: ChatMessage): ChatMessage {
  if (thread.messages.length >= world.transcriptLimit) thread.messages.shift()
  thread.messages.push(message)
  publishMessage(world, thread, message)
  return message
}

/** A notice is the platform's own line in a chat ("You blocked …"): nobody sent it. */
export function addNotice(world: World, thread: Thread, text: string): void {
  addMessage(world, thread, {
    seq: ++world.seq,
    mid: newMid(),
    from: 'notice',
    at: world.clock(),
    text,
    via: 'notice',
    edits: 0,
    deleted: false,
    carriage: 'sent',
  })
}
