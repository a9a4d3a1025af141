import { dayMs } from '../../src/core/clock.ts'
import { fromPerson, type Events } from './events.ts'
import { fail, isFailure, ok, errorReply, type Failure, type Reply } from './graph-error.ts'
import { isObject, word } from './phone/loose.ts'
import type { JsonObject } from './phone/wire.ts'
import { setOwner } from './threads.ts'
import { ownerOf, pageInboxAppId, type App, type Page, type Thread, type World } from './world.ts'

/** Conversation routing (reference §14): who has a thread, and how it changes hands. */

const knownApp = (world: World, appId: string): boolean => appId === pageInboxAppId || world.apps.has(appId)

/** The owner, or with nobody the default app, passes the thread on. The new owner hears of it in `messaging`. */
export function handOver(
  world: World,
  events: Events,
  app: App,
  thread: Thread,
  target: string,
  metadata: string,
): Failure | null {
  const owner = ownerOf(world, thread)
  const holder = owner ?? thread.page.defaultAppId
  if (holder !== null && holder !== app.appId) return fail('not_owner')
  if (!knownApp(world, target)) return fail('bad_app_id')
  passTo(world, events, thread, target, metadata)
  return null
}

/** Moves the thread and tells both sides, as after a pass. */
export function passTo(world: World, events: Events, thread: Thread, target: string, metadata: string): void {
  const previous = ownerOf(world, thread)
  setOwner(world, thread, target)
  const event = fromPerson(thread, world.clock(), {
    pass_thread_control: { previous_owner_app_id: previous, new_owner_app_id: target, metadata },
  })
  const told = new Set([target, previous ?? thread.page.defaultAppId ?? ''])
  for (const appId of told)
    events.toApp(appId, thread.page, thread.psid, 'messaging_handovers', 'pass_thread_control', event)
}

/** Somebody seizes the thread (the inbox when staff reply); the one who loses it hears `take_thread_control`. */
export function takeFor(world: World, events: Events, thread: Thread, taker: string, metadata: string): void {
  const previous = ownerOf(world, thread)
  if (previous === taker) return
  setOwner(world, thread, taker)
  const event = fromPerson(thread, world.clock(), {
    take_thread_control: { previous_owner_app_id: previous, new_owner_app_id: taker, metadata },
  })
  for (const appId of new Set([previous ?? thread.page.defaultAppId ?? '']))
    events.toApp(appId, thread.page, thread.psid, 'messaging_handovers', 'take_thread_control', event)
}

/** `POST /{page}/{pass,take,request,release,extend}_thread_control`. */
export function threadControlCall(
  world: World,
  events: Events,
  app: App,
  page: Page,
  edge: string,
  params: JsonObject,
): Reply {
  const recipient = params['recipient']
  const thread = isObject(recipient) ? page.threads.get(word(recipient['id'])) : undefined
  if (!thread) return errorReply(fail('no_user'))
  const metadata = params['metadata'] === undefined ? '' : word(params['metadata']).slice(0, 1000)
  const owner = ownerOf(world, thread)
  const success: Reply = { ...ok({ success: true }), psid: thread.psid }
  switch (edge) {
    case 'pass_thread_control': {
      const failure = handOver(world, events, app, thread, word(params['target_app_id']), metadata)
      return isFailure(failure) ? errorReply(failure) : success
    }
    case 'take_thread_control':
      // Blocked without a default app; otherwise the default app's right.
      if (page.defaultAppId !== app.appId) return errorReply(fail('not_owner'))
      takeFor(world, events, thread, app.appId, metadata)
      return success
    case 'request_thread_control': {
      const event = fromPerson(thread, world.clock(), {
        request_thread_control: { requested_owner_app_id: app.appId, metadata },
      })
      const holder = owner ?? page.defaultAppId
      if (holder !== null)
        events.toApp(holder, page, thread.psid, 'messaging_handovers', 'request_thread_control', event)
      return success
    }
    case 'release_thread_control':
      if (owner !== app.appId) return errorReply(fail('not_owner'))
      setOwner(world, thread, null)
      return success
    case 'extend_thread_control': {
      const seconds = Number(params['duration'])
      if (owner !== app.appId) return errorReply(fail('not_owner'))
      if (!(seconds > 0) || seconds * 1000 > 7 * dayMs)
        return errorReply(fail('parameter', 'Param duration must be up to 7 days, in seconds'))
      setOwner(world, thread, app.appId, seconds * 1000)
      return success
    }
    default:
      return errorReply(fail('no_object'))
  }
}

/** `GET /{page}/thread_owner?recipient=PSID`: for the owner and the default app only. */
export function threadOwnerCall(world: World, app: App, page: Page, psid: string): Reply {
  const thread = page.threads.get(psid)
  if (!thread) return errorReply(fail('no_user'))
  const owner = ownerOf(world, thread)
  if (app.appId !== owner && app.appId !== page.defaultAppId) return errorReply(fail('not_owner'))
  if (owner === null) return ok({ data: [] })
  return ok({ data: [{ thread_owner: { app_id: owner, expiration: Math.floor(thread.ownerUntil / 1000) } }] })
}
