import type { Trx } from '../core/sql.ts'
import type { ContactRef } from '../customer/contact.ts'
import { forgetRows } from '../customer/forget.ts'

/** Every table of this room that holds something of a contact. */
export const personalTables = ['consent_grant', 'consent_record'] as const

export const forgetConsent = (trx: Trx, contact: ContactRef): Promise<Record<string, number>> =>
  forgetRows(trx, personalTables, contact)
