import type { Trx } from '../core/sql.ts'
import type { ContactRef } from '../customer/contact.ts'

/** Every table of this room that holds something of a contact. A test compares this list with the schema. */
export const personalTables = ['disclosure_outbox', 'disclosure_card'] as const

/** Deletes all of a contact's rows in this room; returns how many, by table. */
export async function forgetDisclosure(trx: Trx, contact: ContactRef): Promise<Record<string, number>> {
  const rows: Record<string, number> = {}
  for (const table of personalTables) {
    const result = await trx.query(`delete from ${table} where lane = $1 and contact_id = $2`, [
      contact.lane,
      contact.contactId,
    ])
    rows[table] = result.rowCount ?? 0
  }
  return rows
}
