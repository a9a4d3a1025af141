import type { KeyObject } from 'node:crypto'
import { invariant } from '../core/refusal.ts'
import { seal, unseal } from '../core/seal.ts'
import { boxContext } from '../customer/contact.ts'
import type { Diary, Opening } from '../disclosure/entry.ts'

/** What is kept, sealed, of a message: what opens its log entry (the exact body is in it), and its diary line. */
export type Kept = { readonly opening: Opening; readonly diary: Diary }

/** Three lines: salt, payload, diary. JSON has no line breaks of its own, so nothing needs escaping twice. */
export const outboxBox = {
  seal(box: KeyObject, contactId: string, messageId: string, kept: Kept): Buffer {
    const text = `${kept.opening.salt.toString('base64url')}\n${kept.opening.payload}\n${JSON.stringify(kept.diary)}`
    return seal(box, boxContext('disclosure_outbox', contactId, messageId), text)
  },
  open(box: KeyObject, contactId: string, messageId: string, sealed: Buffer): Kept {
    const plain = unseal(box, boxContext('disclosure_outbox', contactId, messageId), sealed)
    invariant(plain !== null, 'a message opens under its own customer key')
    const [salt, payload, diary] = plain.toString('utf8').split('\n')
    invariant(
      salt !== undefined && payload !== undefined && diary !== undefined,
      'a kept message has three lines',
    )
    return { opening: { salt: Buffer.from(salt, 'base64url'), payload }, diary: JSON.parse(diary) as Diary }
  },
}

/** The exact request body of a kept message. */
export const bodyOf = (kept: Kept): string => (JSON.parse(kept.opening.payload) as { body: string }).body
