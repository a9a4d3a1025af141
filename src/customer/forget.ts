import type { Trx } from '../core/sql.ts'
import type { ContactRef } from './contact.ts'

/** Every table of this room that holds something of a contact. A test compares these lists with the schema. */
export const personalTables = ['customer_link', 'customer_linking', 'customer_contact'] as const

/** Deletes a contact's rows in these tables; returns how many, by table. Each room calls it with its own. */
export async function forgetRows(
  trx: Trx,
  tables: readonly string[],
  contact: ContactRef,
): Promise<Record<string, number>> {
  const rows: Record<string, number> = {}
  for (const table of tables) {
    const result = await trx.query(`delete from ${table} where lane = $1 and contact_id = $2`, [
      contact.lane,
      contact.contactId,
    ])
    rows[table] = result.rowCount ?? 0
  }
  return rows
}

export const forgetCustomer = (trx: Trx, contact: ContactRef): Promise<Record<string, number>> =>
  forgetRows(trx, personalTables, contact)
