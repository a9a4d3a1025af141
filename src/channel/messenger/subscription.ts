import { z } from 'zod'
import type { Graph } from './graph.ts'
import { succeeded } from './wire.ts'

/**
 * The fields this house reads (§1). Not `response_feedback`: subscribing to it puts thumbs under every message we send.
 * Not `send_cart` and games.
 */
export const messengerFields = [
  'messages',
  'messaging_postbacks',
  'message_deliveries',
  'message_reads',
  'message_echoes',
  'message_edits',
  'message_reactions',
  'messaging_account_linking',
  'messaging_feedback',
  'messaging_handovers',
  'messaging_optins',
  'messaging_policy_enforcement',
  'messaging_referrals',
  'messenger_template_status_update',
  'standby',
] as const

export type Subscription = {
  readonly subscribed: boolean
  /** Wanted and not subscribed. Without `message_echoes` unknown sends cannot be settled. */
  readonly missing: readonly string[]
  /** Subscribed and not wanted. */
  readonly surplus: readonly string[]
}

/** What our app is subscribed to on this Page. Throws OutsideError. */
export async function readSubscription(
  graph: Graph,
  wanted: readonly string[] = messengerFields,
): Promise<Subscription> {
  const app = z.looseObject({
    id: z.union([z.string(), z.number().int().transform(String)]),
    subscribed_fields: z.array(z.string()).optional(),
  })
  const { data } = await graph.call(
    { method: 'GET', path: `${encodeURIComponent(graph.settings.account)}/subscribed_apps` },
    z.looseObject({ data: z.array(app) }),
  )
  const ours = data.find(({ id }) => id === graph.settings.appId)
  const fields = new Set(ours?.subscribed_fields)
  return {
    subscribed: ours !== undefined,
    missing: wanted.filter((field) => !fields.has(field)),
    surplus: [...fields].filter((field) => !wanted.includes(field)),
  }
}

export async function subscribe(graph: Graph, wanted: readonly string[] = messengerFields): Promise<boolean> {
  const { success } = await graph.call(
    {
      method: 'POST',
      path: `${encodeURIComponent(graph.settings.account)}/subscribed_apps`,
      body: JSON.stringify({ subscribed_fields: wanted.join() }),
    },
    succeeded,
  )
  return success
}

/**
 * The watchdog (§5): after an hour of failed deliveries the platform unsubscribes the app from the Page and tells nobody
 * who is asleep. Call it every few minutes; true when it had to subscribe again (events may have been missed: there is
 * no replay).
 */
export async function keepSubscribed(
  graph: Graph,
  wanted: readonly string[] = messengerFields,
): Promise<boolean> {
  const { missing } = await readSubscription(graph, wanted)
  if (missing.length === 0) return false
  await subscribe(graph, wanted)
  return true
}
