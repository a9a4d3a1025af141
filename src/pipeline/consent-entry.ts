import type { ChannelKind } from '../channel/channel.ts'
import { hmacHex } from '../core/hmac.ts'
import { randomBytesPooled } from '../core/id.ts'
import { timeBucketSeconds } from '../disclosure/entry.ts'
import type { Contact } from './contacts.ts'

/**
 * The log entry of something that is no message: a grant given, changed or taken back; an erasure. Like a disclosure's
 * entry it names nobody: `commit` = HMAC-SHA256(salt, payload), `subject` = HMAC-SHA256(the customer's key, id).
 */
export function recordEntry(
  contact: Contact,
  of: {
    type: 'consent' | 'erasure'
    event: string
    id: string
    institution: string | null
    channel: ChannelKind
    payload: string
    now: number
  },
): { entry: Buffer; opening: { salt: Buffer; payload: string } } {
  const salt = randomBytesPooled(32)
  const entry = Buffer.from(
    JSON.stringify({
      channel: of.channel,
      commit: hmacHex(salt, of.payload),
      event: of.event,
      institution: of.institution,
      subject: hmacHex(contact.keys.subject, of.id),
      t: Math.floor(of.now / 1000 / timeBucketSeconds) * timeBucketSeconds,
      type: of.type,
      v: 1,
    }),
  )
  return { entry, opening: { salt, payload: of.payload } }
}
