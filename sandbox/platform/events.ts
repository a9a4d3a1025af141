import type { Delivery } from './delivery.ts'
import type { JsonObject } from './phone/wire.ts'
import { mayAnswer } from './threads.ts'
import { type Page, type Thread, type WebhookField, type World } from './world.ts'

/** Sends webhook events to the apps of a Page. An event of a thread goes to `messaging` or `standby` by who has it. */
export type Events = {
  /** Something happened in a thread. Every subscribed app hears it; who may not answer hears it on standby. */
  inThread(
    thread: Thread,
    field: WebhookField,
    name: string,
    event: JsonObject,
    carried?: (answered: boolean) => void,
  ): void
  /** Straight to one app, whoever has the thread (routing, linking). */
  toApp(appId: string, page: Page, psid: string, field: WebhookField, name: string, event: JsonObject): void
  /** To every subscribed app of a Page, not about one person. */
  onPage(
    page: Page,
    field: WebhookField,
    name: string,
    event: JsonObject,
    slot?: 'messaging' | 'changes',
  ): void
}

/** Sender, recipient and time, as every event of a person begins. */
export const fromPerson = (thread: Thread, at: number, rest: JsonObject): JsonObject => ({
  sender: { id: thread.psid },
  recipient: { id: thread.page.id },
  timestamp: at,
  ...rest,
})

export function createEvents(world: World, deliveries: Map<string, Delivery>): Events {
  const toApp: Events['toApp'] = (appId, page, psid, field, name, event) => {
    if (!page.subscriptions.get(appId)?.has(field)) return
    deliveries.get(appId)?.push({ page, psid, slot: 'messaging', event, name, attempts: 0 })
  }
  return {
    toApp,
    inThread: (thread, field, name, event, carried) => {
      const { page, psid } = thread
      let first = carried
      for (const [appId, fields] of page.subscriptions) {
        if (!fields.has(field)) continue
        const standby = !mayAnswer(world, thread, appId)
        if (standby && !fields.has('standby')) continue
        const shown = standby ? withoutPayload(event) : event
        deliveries.get(appId)?.push({
          page,
          psid,
          slot: standby ? 'standby' : 'messaging',
          event: shown,
          name: standby ? `standby ${name}` : name,
          carried: first,
          attempts: 0,
        })
        first = undefined
      }
      // Nobody is subscribed: the message stays on the platform and no bot will ever hear of it.
      first?.(false)
    },
    onPage: (page, field, name, event, slot = 'messaging') => {
      for (const [appId, fields] of page.subscriptions) {
        if (fields.has(field)) deliveries.get(appId)?.push({ page, psid: '', slot, event, name, attempts: 0 })
      }
    },
  }
}

/** On standby a postback comes without the payload (reference §3). */
function withoutPayload(event: JsonObject): JsonObject {
  const postback = event['postback'] as JsonObject | undefined
  if (!postback) return event
  const { payload: _, ...rest } = postback
  return { ...event, postback: rest }
}
