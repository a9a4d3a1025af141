import type { Pool } from 'pg'
import type { Inbound } from '../channel/channel.ts'
import type { Clock } from '../core/clock.ts'
import { count, type Logger } from '../core/logger.ts'
import { invariant } from '../core/refusal.ts'
import { unseal } from '../core/seal.ts'
import { many, one } from '../core/sql.ts'
import { threadFlags } from '../conversation/thread.ts'
import { boxContext } from '../customer/contact.ts'
import { asCleared, outboxStates } from '../disclosure/clear.ts'
import type { Deliverer } from '../disclosure/deliver.ts'
import type { Contact, Contacts } from './contacts.ts'
import { bodyOf, outboxBox } from './outbox.ts'

const mark = 'outbox_settled_before'

type Unsettled = {
  lane: number
  contact_id: string
  message_id: string
  state: number
  priority: number
  attempts: number
  sealed: Buffer
}
type Unanswered = { lane: number; contact_id: string; event_id: string; sealed: Buffer }

/**
 * Takes up what an earlier process left: messages that wait go on; messages that it may have sent wait for their echo;
 * events that were accepted and not answered are answered. Order within each contact is kept.
 */
export async function recover(deps: {
  pool: Pool
  contacts: Contacts
  deliverer: Deliverer
  resume: (contact: NonNullable<ReturnType<Contacts['cached']>>, inbound: Inbound, eventId: string) => void
  clock: Clock
  log: Logger
}): Promise<{ messages: number; inDoubt: number; events: number }> {
  const { pool, contacts, deliverer, clock } = deps
  const since = await one<{ value: string }>(pool, 'select value from pipeline_state where name = $1', [mark])
  const messages = await many<Unsettled>(
    pool,
    `select lane, contact_id, message_id, state, priority, attempts, sealed from disclosure_outbox
      where created_at >= $1 and state in (${outboxStates.queued}, ${outboxStates.sending}, ${outboxStates.unknown})
      order by batch_id, "position"`,
    [Number(since?.value ?? 0)],
  )
  // What the earlier process may have sent is no longer being sent: a withdrawal must not call it cancelled.
  await pool.query(
    `update disclosure_outbox set state = ${outboxStates.unknown} where created_at >= $1 and state = ${outboxStates.sending}`,
    [Number(since?.value ?? 0)],
  )
  const now = clock()
  let inDoubt = 0
  for (let at = 0; at < messages.length; at += 1_000) {
    const chunk = messages.slice(at, at + 1_000)
    const open = await contacts.open(chunk.map((row) => ({ lane: row.lane, contactId: row.contact_id })))
    deliverer.add(
      chunk.flatMap((row) => {
        const contact = open.get(row.contact_id)
        // Its contact was erased: there is nobody to send it to.
        if (!contact) return []
        const doubtful = row.state !== outboxStates.queued
        if (doubtful) inDoubt++
        const body = bodyOf(outboxBox.open(contact.keys.box, row.contact_id, row.message_id, row.sealed))
        return [
          {
            cleared: asCleared({ id: row.message_id, to: contact.address, body }),
            contact: contact.ref,
            priority: row.priority,
            attempts: row.attempts,
            inDoubtSince: doubtful ? now : null,
            mustAsk: true,
          },
        ]
      }),
    )
  }
  const events = await many<Unanswered>(
    pool,
    'select lane, contact_id, event_id, sealed from conversation_inbox where state = 0 order by ord',
  )
  for (let at = 0; at < events.length; at += 1_000) {
    const chunk = events.slice(at, at + 1_000)
    const open = await contacts.open(chunk.map((row) => ({ lane: row.lane, contactId: row.contact_id })))
    for (const row of chunk) {
      const contact = open.get(row.contact_id)
      if (!contact) continue
      const plain = unseal(
        contact.keys.box,
        boxContext('conversation_inbox', row.contact_id, row.event_id),
        row.sealed,
      )
      invariant(plain !== null, 'an event opens under its own customer key')
      deps.resume(contact, JSON.parse(plain.toString('utf8')) as Inbound, row.event_id)
    }
  }
  const found = { messages: messages.length, inDoubt, events: events.length }
  deps.log.info('pipeline.recovered', {
    messages: count(found.messages),
    in_doubt: count(found.inDoubt),
    events: count(found.events),
  })
  return found
}

/**
 * Who asked for a person, was told that one is coming, and may not have been handed over: the process that said so was
 * killed in between.
 */
export async function stillCalling(pool: Pool, contacts: Contacts): Promise<Contact[]> {
  const rows = await many<{ lane: number; contact_id: string }>(
    pool,
    `select distinct lane, contact_id from disclosure_outbox o join conversation_thread t using (lane, contact_id)
      where o.created_at >= coalesce((select value::bigint from pipeline_state where name = $1), 0)
        and t.flags & ${threadFlags.calling} <> 0 and t.flags & ${threadFlags.standby} = 0`,
    [mark],
  )
  return [
    ...(await contacts.open(rows.map((row) => ({ lane: row.lane, contactId: row.contact_id })))).values(),
  ]
}

/**
 * Notes up to where everything is settled (epoch ms), so that the next start need not look at what is older. Only by the
 * process that owns the lanes.
 */
export async function moveMark(pool: Pool, owner: string, settledBefore: number): Promise<void> {
  await pool.query(
    `insert into pipeline_state as s (name, value)
       select $1, $2::bigint::text where exists (select 1 from pipeline_lease where owner = $3)
     on conflict (name) do update set value = greatest(s.value::bigint, excluded.value::bigint)::text`,
    [mark, settledBefore, owner],
  )
}
