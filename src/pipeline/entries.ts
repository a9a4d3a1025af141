import type { Pool } from 'pg'
import { invariant } from '../core/refusal.ts'
import { unseal } from '../core/seal.ts'
import { many } from '../core/sql.ts'
import { boxContext } from '../customer/contact.ts'
import type { StatementItem } from '../tlog/statement.ts'
import type { Contact } from './contacts.ts'
import { outboxBox } from './outbox.ts'

type Entry = {
  batch_id: string
  position: number
  message_id: string | null
  record: string | null
  sealed: Buffer
}

/** Every log entry about a contact, in the order of the log, each with what opens its commitment. */
export async function entriesOf(pool: Pool, contact: Contact): Promise<StatementItem[]> {
  const { ref, keys } = contact
  const rows = await many<Entry>(
    pool,
    `select batch_id, "position", message_id, null as record, sealed from disclosure_outbox where lane = $1 and contact_id = $2
     union all
     select batch_id, "position", null, grant_id || '/' || version, sealed from consent_record
      where lane = $1 and contact_id = $2 and batch_id is not null
     order by batch_id, "position"`,
    [ref.lane, ref.contactId],
  )
  return rows.map((row) => {
    const at = { batchId: row.batch_id, position: row.position }
    if (row.message_id !== null) {
      const { opening } = outboxBox.open(keys.box, ref.contactId, row.message_id, row.sealed)
      return { ...at, opening: { salt: opening.salt, payload: Buffer.from(opening.payload) } }
    }
    const plain = unseal(keys.box, boxContext('consent_record', ref.contactId, row.record ?? ''), row.sealed)
    invariant(plain !== null, 'a record opens under its own customer key')
    const record = JSON.parse(plain.toString('utf8')) as { salt: string; payload: string }
    return {
      ...at,
      opening: { salt: Buffer.from(record.salt, 'base64url'), payload: Buffer.from(record.payload) },
    }
  })
}
