import type { Pool } from 'pg'
import { pageId } from '../../scripts/development.ts'
import { newDpopJwk } from '../../src/bank/dpop.ts'
import { newGrantId, writeGrant } from '../../src/consent/grant.ts'
import type { Kek } from '../../src/core/kek.ts'
import { seal } from '../../src/core/seal.ts'
import { transaction } from '../../src/core/sql.ts'
import { boxContext, contactRef, customerKeys, newDataKey } from '../../src/customer/contact.ts'
import { writeLink } from '../../src/customer/link.ts'
import { append } from '../../src/tlog/store.ts'

const harbor = 'harbor'

/** The rows that a linking leaves, written as it writes them. The access token names the person to the bank. */
export async function linkDirectly(pool: Pool, kek: Kek, lanes: number, psid: string): Promise<void> {
  const contact = contactRef({ channel: 'messenger', account: pageId, user: psid }, lanes)
  const dataKey = newDataKey()
  const { box } = customerKeys(dataKey)
  const [wrapped] = await kek.wrap([dataKey])
  const now = Date.now()
  const salt = Buffer.alloc(32, 7)
  await transaction(pool, async (trx) => {
    await trx.query(
      'insert into customer_contact (lane, contact_id, channel, account, wrapped_key, sealed_user) values ($1, $2, $3, $4, $5, $6)',
      [
        contact.lane,
        contact.contactId,
        'messenger',
        pageId,
        wrapped,
        seal(box, boxContext('customer_contact', contact.contactId), psid),
      ],
    )
    // 16: linked.
    await trx.query(
      'insert into conversation_thread (lane, contact_id, last_user_at, bot_said_at, flags) values ($1, $2, $3, $3, 16)',
      [contact.lane, contact.contactId, now],
    )
    await writeLink(
      trx,
      contact,
      box,
      kek.derive('subjects'),
      {
        institution: harbor,
        subject: `customer ${psid}`,
        tokens: {
          accessToken: psid,
          refreshToken: null,
          expiresAt: now + 86_400_000,
          dpopJwk: newDpopJwk(),
          consentId: null,
        },
      },
      now,
    )
    const { batchId } = await append(trx, [Buffer.from(JSON.stringify({ type: 'consent', v: 1 }))])
    await writeGrant(trx, contact, box, {
      grantId: newGrantId(now),
      version: 1,
      state: 'active',
      event: 'given',
      opening: { salt, payload: '{}' },
      batchId,
      body: {
        institution: harbor,
        channel: 'messenger',
        language: 'en-US',
        accounts: 'all',
        accountNames: [],
        items: { balance: 'say' },
        givenAt: now,
        validUntil: now + 86_400_000,
        disclosureHash: '00'.repeat(32),
        method: 'linking-page',
        policyVersion: 1,
        bankConsentId: null,
      },
    })
  })
}
