import { z } from 'zod'
import type { Graph } from './graph.ts'
import { succeeded } from './wire.ts'

/** Who owns a thread (Conversation Routing, §14). All throw OutsideError; error 2018300 means another app holds it. */

/** The platform's own inbox, where a bank's staff may answer. */
export const pageInboxAppId = '263902037430900'

async function act(graph: Graph, path: string, body: Readonly<Record<string, unknown>>): Promise<boolean> {
  const { success } = await graph.call({ method: 'POST', path, body: JSON.stringify(body) }, succeeded)
  return success
}

/** `reference` is seen by the other app and by the platform: a ticket number at most. */
const note = (reference: string | undefined): { metadata?: string } =>
  reference === undefined ? {} : { metadata: reference.slice(0, 200) }

/** Gives the thread to another app. */
export const passThread = (
  graph: Graph,
  psid: string,
  targetAppId: string,
  reference?: string,
): Promise<boolean> =>
  act(graph, 'me/pass_thread_control', {
    recipient: { id: psid },
    target_app_id: targetAppId,
    ...note(reference),
  })

/** Takes the thread back; only the default app may. */
export const takeThread = (graph: Graph, psid: string, reference?: string): Promise<boolean> =>
  act(graph, 'me/take_thread_control', { recipient: { id: psid }, ...note(reference) })

/** Lets the thread go: it becomes idle, and the default app's. */
export const releaseThread = (graph: Graph, psid: string): Promise<boolean> =>
  act(graph, 'me/release_thread_control', { recipient: { id: psid } })

/** Asks the owner to pass the thread to us. */
export const requestThread = (graph: Graph, psid: string, reference?: string): Promise<boolean> =>
  act(graph, 'me/request_thread_control', { recipient: { id: psid }, ...note(reference) })

/** Keeps the thread beyond 24 quiet hours, at most 7 days. */
export const extendThread = (graph: Graph, psid: string, seconds: number): Promise<boolean> =>
  act(graph, 'me/extend_thread_control', {
    recipient: { id: psid },
    duration: Math.min(Math.max(1, Math.floor(seconds)), 604_800),
  })

/** The owner now, or null when the thread is idle. Only the owner and the default app may ask. `until` in epoch ms. */
export async function threadOwner(
  graph: Graph,
  psid: string,
): Promise<{ readonly appId: string; readonly ours: boolean; readonly until: number | null } | null> {
  const owner = z.looseObject({
    app_id: z.union([z.string(), z.number().int().transform(String)]),
    expiration: z.number().optional(),
  })
  const answer = await graph.call(
    { method: 'GET', path: 'me/thread_owner', query: { recipient: psid } },
    z.looseObject({ data: z.array(z.looseObject({ thread_owner: owner.nullish() })) }),
  )
  const found = answer.data[0]?.thread_owner
  if (!found) return null
  return {
    appId: found.app_id,
    ours: found.app_id === graph.settings.appId,
    until: found.expiration === undefined ? null : found.expiration * 1000,
  }
}
