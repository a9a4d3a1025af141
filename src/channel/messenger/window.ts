import { dayMs, hourMs } from '../../core/clock.ts'
import type { Inbound, Route, ThreadState, Window } from '../channel.ts'

export type WindowOptions = {
  readonly kind: 'messenger' | 'instagram'
  /** Whether Meta has approved the app feature "Human Agent". */
  readonly humanAgent: boolean
}

const standardMs = 24 * hourMs
const humanAgentMs = 7 * dayMs

/**
 * Which routes are open for this thread now (§7). Within 24 hours of the person's last action: anything. Until 7 days:
 * words written by a person. At any time: a utility template (Messenger only). Nothing while another app owns the
 * thread or the person has left. The window opens by the person's action, never by ours.
 */
export function messengerWindow(thread: ThreadState, now: number, options: WindowOptions): Window {
  if (thread.standby || thread.closed) return { routes: [], closesAt: null }
  const always: readonly Route[] = options.kind === 'messenger' ? ['utility'] : []
  if (thread.lastUserActionAt === null) return { routes: always, closesAt: null }
  // A clock that runs ahead elsewhere must not widen the window here.
  const last = Math.min(thread.lastUserActionAt, now)
  const human: readonly Route[] = options.humanAgent ? ['human_agent'] : []
  if (now - last < standardMs) {
    return { routes: ['response', 'update', ...human, ...always], closesAt: last + standardMs }
  }
  if (human.length > 0 && now - last < humanAgentMs) {
    return { routes: [...human, ...always], closesAt: last + humanAgentMs }
  }
  return { routes: always, closesAt: null }
}

/** Names of `unsupported` events in which the person sent something we cannot read. */
const unreadable: ReadonlySet<string> = new Set(['message', 'message_empty', 'message_malformed'])

/**
 * True when this event is an action of the person that opens the window: a message, a tap, a reaction, a return through
 * a link, a sign-up. Linking an account, receipts, and whatever the Page itself did are not.
 */
export function opensWindow(event: Inbound): boolean {
  if (event.user === null) return false
  switch (event.kind) {
    case 'text':
    case 'choice':
    case 'attachment':
    case 'referral':
    case 'optin':
      return true
    case 'reaction':
      return event.action === 'react'
    case 'unsupported':
      return unreadable.has(event.name)
    default:
      return false
  }
}
