import { randomBytesPooled } from '../core/id.ts'
import { seal } from '../core/seal.ts'
import { boxContext } from '../customer/contact.ts'
import type { Batch, CardRow, OutboxRow } from '../disclosure/clear.ts'
import type { Contact } from './contacts.ts'
import { kindNumber } from './inbox.ts'
import type { EventJob, Work } from './work.ts'

/** What a batch writes, from what its turns led to. */
export function batchOf<Answer>({ shares, settled, touched }: Work<Answer>): Batch {
  const contacts = new Map<string, Contact>()
  const threads = new Map<string, Contact>()
  const batch = {
    inbox: [] as Batch['inbox'][number][],
    finished: [] as Batch['finished'][number][],
    outbox: [] as OutboxRow[],
    cards: [] as CardRow[],
  }
  const speaks = shares.some(({ drafts }) => drafts.length > 0)
  for (const { job, contact, state, drafts } of shares) {
    const id = contact.ref.contactId
    if (contact.created) contacts.set(id, contact)
    if (contact.touched) touched.add(contact)
    // Whoever touches it from here on touches it for the next batch.
    contact.touched = false
    if (touched.has(contact)) threads.set(id, contact)
    if (job.type === 'event') {
      batch.inbox.push({
        contact: contact.ref,
        eventId: job.eventId,
        kind: kindNumber(job.inbound.kind),
        state,
        // What is answered in the same commit is not kept. A batch that says nothing has random bytes instead, which
        // tell afterwards whether it was written (see askWritten).
        sealed: state === 0 ? sealedEvent(contact, job) : speaks ? null : randomBytesPooled(16),
      })
    } else if (job.eventId !== null) batch.finished.push({ contact: contact.ref, eventId: job.eventId })
    for (const draft of drafts) {
      batch.outbox.push({ ...draft.message, state: 1 })
      if (draft.card) batch.cards.push(draft.card)
    }
  }
  return {
    ...batch,
    contacts: [...contacts.values()].flatMap(({ ref, address, created }) =>
      created ? [{ contact: ref, address, ...created }] : [],
    ),
    threads: [...threads.values()].map(({ ref, thread, keys }) => ({
      contact: ref,
      lastUserAt: thread.lastUserAt,
      botSaidAt: thread.botSaidAt,
      flags: thread.flags,
      misses: thread.misses,
      sealed:
        Object.keys(thread.context).length === 0
          ? null
          : seal(keys.box, boxContext('conversation_thread', ref.contactId), JSON.stringify(thread.context)),
    })),
    settled: settled.rows,
  }
}

const sealedEvent = ({ keys, ref }: Contact, { eventId, inbound }: EventJob): Buffer =>
  seal(keys.box, boxContext('conversation_inbox', ref.contactId, eventId), JSON.stringify(inbound))
