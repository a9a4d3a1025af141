import { many, type Db } from '../core/sql.ts'
import type { Contact } from './contacts.ts'
import { outboxBox, type Kept } from './outbox.ts'

/** One message about money, as it stands in the outbox, opened for the customer it is about. */
export type DiaryLine = {
  readonly id: string
  /** By number, as in disclosure/clear.ts. */
  readonly state: number
  /** Epoch ms. */
  readonly at: number
  readonly purpose: string
  readonly batchId: string
  readonly position: number
  readonly mid: string | null
  readonly kept: Kept
}

export const isMessageId = (text: string): boolean => /^msg_[0-9A-Z]{26}$/.test(text)

/**
 * A contact's diary at one institution, newest first: since the chat was linked by who reads it, before a message, or
 * one message alone. Ids sort by time; several messages of one commit share their time, so pages are cut by id.
 */
export async function diaryOf(
  db: Db,
  { ref, keys }: Contact,
  asked: { institution: string; since: number; before?: string | null; id?: string; limit: number },
): Promise<DiaryLine[]> {
  const rows = await many<{
    message_id: string
    state: number
    created_at: string
    purpose: string
    batch_id: string
    position: number
    mid: string | null
    sealed: Buffer
  }>(
    db,
    `select message_id, state, created_at, purpose, batch_id, "position", mid, sealed from disclosure_outbox
      where lane = $1 and contact_id = $2 and institution = $3 and purpose is not null
        and ($4::text is null or message_id < $4) and ($5::text is null or message_id = $5) and created_at >= $6
      order by message_id desc limit $7`,
    [
      ref.lane,
      ref.contactId,
      asked.institution,
      asked.before ?? null,
      asked.id ?? null,
      asked.since,
      asked.limit,
    ],
  )
  return rows.map((row) => ({
    id: row.message_id,
    state: row.state,
    at: Number(row.created_at),
    purpose: row.purpose,
    batchId: row.batch_id,
    position: row.position,
    mid: row.mid,
    kept: outboxBox.open(keys.box, ref.contactId, row.message_id, row.sealed),
  }))
}

/** The words and buttons of a message as the platform received them, read from its own bytes. */
export function messageOf(kept: Kept): { text: string | null; buttons: string[] } {
  const { body } = JSON.parse(kept.opening.payload) as { body: string }
  const { message } = JSON.parse(body) as {
    message?: {
      text?: string
      quick_replies?: { title?: string }[]
      attachment?: { payload?: { text?: string; buttons?: { title?: string }[] } }
    }
  }
  const text = message?.text ?? message?.attachment?.payload?.text ?? null
  const titles = [...(message?.attachment?.payload?.buttons ?? []), ...(message?.quick_replies ?? [])]
  return { text, buttons: titles.flatMap(({ title }) => title ?? []) }
}
