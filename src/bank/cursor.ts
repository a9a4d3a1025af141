import { hash } from 'node:crypto'
import { z } from 'zod'

/** At most so many pages of one listing, however many the bank offers. */
export const maxPages = 100

/** How far a listing has come: the bank's own cursor, and marks of all before it, so that a loop is noticed. */
const shape = z.object({
  kind: z.enum(['key', 'offset', 'link']),
  cursor: z.string().min(1).max(2048),
  seen: z.array(z.string().max(8)).max(maxPages),
})
export type Cursor = z.infer<typeof shape>
export type BankCursor = Pick<Cursor, 'kind' | 'cursor'>

const mark = (cursor: BankCursor): string =>
  hash('sha256', `${cursor.kind}:${cursor.cursor}`, 'base64url').slice(0, 8)

/** Our cursor for the page after this one: opaque, kept by nobody on our side. Null when there is no honest next page. */
export function nextCursor(
  here: Cursor | null,
  bank: BankCursor | null,
): { readonly next: string | null; readonly looped: boolean } {
  if (bank === null) return { next: null, looped: false }
  if (bank.cursor.length > 2048) return { next: null, looped: true }
  const seen = here === null ? [] : [...here.seen, mark(here)]
  if (seen.includes(mark(bank)) || seen.length >= maxPages) return { next: null, looped: true }
  return { next: Buffer.from(JSON.stringify({ ...bank, seen })).toString('base64url'), looped: false }
}

/** Reads our own cursor back; it may have travelled through a browser. Null when it is not one of ours. */
export function readCursor(text: string): Cursor | null {
  if (text.length > 8192) return null
  try {
    const read = shape.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
    return read.success ? read.data : null
  } catch {
    return null
  }
}
