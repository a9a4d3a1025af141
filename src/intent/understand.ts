import type { Inbound } from '../channel/channel.ts'
import type { Ask } from './ask.ts'
import { fixedWords } from './rights.ts'

/**
 * What an event asks, where that is clear without the model: a button, one of the words that always work. `text` is left
 * to be read (see hear.ts). Null: nobody said anything.
 */
export function askOf(inbound: Inbound): Ask | { readonly kind: 'text'; readonly text: string } | null {
  switch (inbound.kind) {
    case 'text':
      return fixedWords(inbound.text)?.ask ?? { kind: 'text', text: inbound.text }
    case 'choice':
      return inbound.payload === null ? null : understandPayload(inbound.payload)
    case 'attachment':
      // The messenger's own thumbs-up is a sticker.
      return inbound.types.includes('sticker') ? { kind: 'thanks' } : { kind: 'unclear', about: 'not-text' }
    case 'unsupported':
      return inbound.name === 'message' ? { kind: 'unclear', about: 'not-text' } : null
    default:
      return null
  }
}

/** A tapped choice → what is asked. Our own payloads only; anything else is unclear. */
export function understandPayload(payload: string): Ask {
  const fixed = payloads.get(payload)
  if (fixed) return fixed
  const again = /^(once|ask):([A-Za-z0-9_-]{6,40})$/.exec(payload)
  if (again?.[2]) return { kind: 'again', handle: again[2], once: again[1] === 'once' }
  const form = /^form:([A-Za-z0-9_-]{6,40}):([a-z-]{1,20})$/.exec(payload)
  if (form?.[1] && form[2]) return { kind: 'form', handle: form[1], value: form[2] }
  return { kind: 'unclear', about: 'text' }
}

/** Payloads of our fixed buttons and menu items. */
export const payloads: ReadonlyMap<string, Ask> = new Map<string, Ask>([
  ['GET_STARTED', { kind: 'hello' }],
  ['HELP', { kind: 'help' }],
  ['BALANCE', { kind: 'balance' }],
  ['TRANSACTIONS', { kind: 'transactions', limit: 5 }],
  ['INCOME', { kind: 'income', pay: true }],
  ['PERSON', { kind: 'person' }],
  ['STOP', { kind: 'stop' }],
  ['RESUME', { kind: 'resume' }],
  ['LINK', { kind: 'link' }],
  ['UNLINK', { kind: 'unlink' }],
  ['WITHDRAW', { kind: 'withdraw' }],
  ['PERMISSIONS', { kind: 'permissions' }],
  ['HIDE', { kind: 'hide' }],
  ['CARD_LOST', { kind: 'told', about: 'card-lost' }],
])
