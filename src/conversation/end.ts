import type { Trx } from '../core/sql.ts'
import type { ContactRef } from '../customer/contact.ts'
import { threadFlags } from './thread.ts'

/** Notes in the thread's row that nothing is linked any more (see endLinked), with the transaction that ends it. */
export async function endThread(trx: Trx, contact: ContactRef): Promise<void> {
  await trx.query(
    `update conversation_thread set flags = (flags & (~${threadFlags.linked})) | ${threadFlags.ended}
      where lane = $1 and contact_id = $2 and flags & ${threadFlags.linked} <> 0`,
    [contact.lane, contact.contactId],
  )
}
