import type { Pool } from 'pg'
import type { Kek } from '../../src/core/kek.ts'
import { invariant } from '../../src/core/refusal.ts'
import { unseal } from '../../src/core/seal.ts'
import { many } from '../../src/core/sql.ts'
import { boxContext, customerKeys, type CustomerKeys } from '../../src/customer/contact.ts'
import { outboxBox } from '../../src/pipeline/outbox.ts'
import { auditLog } from '../../src/tlog/audit.ts'
import { findEntries } from '../../src/tlog/store.ts'
import { decodeEntries } from '../../src/tlog/tile.ts'
import type { Evidence, OutboxRow } from './check.ts'

/** What the database and the log say after a run, every box opened. */
export async function gather(
  pool: Pool,
  of: {
    kek: Kek
    vkey: string
    /** What people wrote, by the id its event has in the inbox: of an answered event only the id is kept. */
    texts: ReadonlyMap<string, string>
  },
): Promise<Pick<Evidence, 'inbox' | 'outbox' | 'logged' | 'audit'>> {
  const { kek } = of
  const people = new Map<string, { psid: string; keys: CustomerKeys }>()
  for (const row of await many<{ contact_id: string; wrapped_key: Buffer; sealed_user: Buffer }>(
    pool,
    'select contact_id, wrapped_key, sealed_user from customer_contact',
  )) {
    const [dataKey] = await kek.unwrap([row.wrapped_key])
    invariant(dataKey, 'a key is unwrapped')
    const keys = customerKeys(dataKey)
    people.set(row.contact_id, {
      keys,
      psid: opened(keys, 'customer_contact', row.contact_id, '', row.sealed_user),
    })
  }
  const owner = (contactId: string): { psid: string; keys: CustomerKeys } => {
    const found = people.get(contactId)
    invariant(found, 'every row has its contact')
    return found
  }
  const inbox = (
    await many<{ contact_id: string; event_id: string; state: number }>(
      pool,
      'select contact_id, event_id, state from conversation_inbox order by ord',
    )
  ).map(({ contact_id: id, event_id: event, state }) => ({
    psid: owner(id).psid,
    text: of.texts.get(event) ?? `event ${event}`,
    state,
  }))
  const stored = await many<{
    contact_id: string
    message_id: string
    state: number
    mid: string | null
    batch_id: string
    position: number
    sealed: Buffer
  }>(
    pool,
    'select contact_id, message_id, state, mid, batch_id, "position", sealed from disclosure_outbox order by batch_id, "position"',
  )
  const outbox: OutboxRow[] = []
  for (let at = 0; at < stored.length; at += 300) {
    const part = stored.slice(at, at + 300)
    const entries = await findEntries(
      pool,
      part.map((row) => ({ batchId: row.batch_id, position: row.position })),
    )
    part.forEach((row, index) => {
      const { psid, keys } = owner(row.contact_id)
      const { opening } = outboxBox.open(keys.box, row.contact_id, row.message_id, row.sealed)
      const found = entries[index]
      outbox.push({
        id: row.message_id,
        psid,
        state: row.state,
        mid: row.mid,
        salt: opening.salt,
        payload: opening.payload,
        entry: found && 'entry' in found ? found.entry.toString('utf8') : null,
      })
    })
  }
  const logged: string[] = []
  for (const { entries } of await many<{ entries: Buffer }>(pool, 'select entries from tlog_batch')) {
    for (const entry of decodeEntries(entries) ?? []) {
      const { type, commit } = JSON.parse(entry.toString('utf8')) as { type: string; commit: string }
      if (type === 'disclosure') logged.push(commit)
    }
  }
  const audit = await auditLog(pool, { keys: [of.vkey] })
  return {
    inbox,
    outbox,
    logged,
    audit: [...audit.faults, ...(audit.waiting > 0 ? [`${audit.waiting} entries have no place yet`] : [])],
  }
}

function opened(keys: CustomerKeys, table: string, contactId: string, row: string, sealed: Buffer): string {
  const plain = unseal(keys.box, boxContext(table, contactId, row), sealed)
  invariant(plain !== null, 'what is stored opens under its own customer key')
  return plain.toString('utf8')
}
