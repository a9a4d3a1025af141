import { dayMs } from '../core/clock.ts'
import type { Transaction } from './bank.ts'

/** A transaction with what the bank said about its past; only the transaction leaves the room. */
export type Mapped = {
  readonly transaction: Transaction
  /** Epoch ms of the authorisation, when the bank tells it apart from the posting. */
  readonly authorisedAt: number | null
  /** FDX `referenceTransactionId`: the authorisation this settles, or what a reversal reverses. */
  readonly reference: string | null
}

/** Restaurants, bars, taxis, hotels, fuel, salons: the posted amount often differs from the authorised one. */
const tipped = new Set(['5811', '5812', '5813', '5814', '4121', '7011', '5541', '5542', '7230'])

/** "SQ *CORNER DELI #114" and "Corner Deli 0042" are one merchant: letters only, payment-provider prefixes dropped. */
export function merchantToken(transaction: Pick<Transaction, 'merchant' | 'description'>): string {
  return (transaction.merchant ?? transaction.description)
    .normalize('NFKD')
    .toUpperCase()
    .replace(/^(?:SQ|TST|PY|PP|PAYPAL|SP|IZ|CKE)\s?\*\s?/u, '')
    .replace(/[^\p{L}]+/gu, '')
    .slice(0, 12)
}

function settles(posted: Mapped, pending: Mapped): boolean {
  const [to, from] = [posted.transaction, pending.transaction]
  if (to.accountId !== from.accountId || to.amount.currency !== from.amount.currency) return false
  if (to.direction === 'unknown' || to.direction !== from.direction) return false
  const token = merchantToken(to)
  if (token === '' || token !== merchantToken(from)) return false
  // A date without a time is noon, so a posting may seem some hours older than its authorisation.
  const days = ((to.postedAt ?? to.at) - from.at) / dayMs
  if (days < -0.75 || days > 7) return false
  if (posted.authorisedAt !== null && Math.abs(posted.authorisedAt - from.at) > dayMs) return false
  const [paid, held] = [to.amount.amountMinor, from.amount.amountMinor]
  if (paid === held) return true
  const mcc = to.mcc ?? from.mcc
  // A tip is added to what was held (never taken off), up to a quarter of it.
  return mcc !== null && tipped.has(mcc) && paid > held && paid <= Math.round(held * 1.25)
}

/**
 * One id, one row: a row sent twice is kept once, and rows that only look alike (two coffees at a bank that gives no
 * ids) are told apart by their place.
 */
function distinct(rows: readonly Mapped[]): Mapped[] {
  const seen = new Map<string, { readonly first: string; count: number }>()
  return rows.flatMap((row) => {
    const { id } = row.transaction
    const content = JSON.stringify(row)
    const known = seen.get(id)
    if (!known) {
      seen.set(id, { first: content, count: 1 })
      return [row]
    }
    if (!id.startsWith('made_') && known.first === content) return []
    known.count += 1
    return [{ ...row, transaction: { ...row.transaction, id: `${id}.${known.count}` } }]
  })
}

/**
 * Joins pending and posted rows of one listing: pending and posted have different ids, and the bank's link is often
 * missing. The bank's own reference decides; else account, direction, merchant, amount (within a tip) and seven days,
 * when exactly one pair fits. Where several fit both are kept and marked `mayReplace`.
 */
export function settle(listed: readonly Mapped[]): Transaction[] {
  const rows = distinct(listed)
  const pending = rows.filter((row) => row.transaction.status === 'pending')
  const byId = new Map(rows.map((row) => [row.transaction.id, row]))
  const replaced = new Set<string>()
  const referenced = new Map<string, string>()
  for (const row of rows) {
    if (row.reference === null || row.transaction.status !== 'posted') continue
    // A reference to a posted row is a reversal's: it undoes the other, it does not settle it.
    if (byId.get(row.reference)?.transaction.status === 'posted') continue
    const opposite = byId.get(row.reference)?.transaction.direction
    if (opposite !== undefined && opposite !== row.transaction.direction) continue
    referenced.set(row.transaction.id, row.reference)
    replaced.add(row.reference)
  }
  const open = pending.filter((row) => !replaced.has(row.transaction.id))
  const posted = rows.filter(
    (row) => row.transaction.status === 'posted' && !referenced.has(row.transaction.id),
  )
  const fits = new Map(posted.map((row) => [row, open.filter((candidate) => settles(row, candidate))]))
  return rows.map((row) => {
    const reference = referenced.get(row.transaction.id)
    if (reference !== undefined) return { ...row.transaction, replaces: reference }
    const candidates = fits.get(row) ?? []
    const [only] = candidates
    if (only === undefined) return row.transaction
    const rivals = posted.filter((other) => fits.get(other)?.includes(only))
    return candidates.length === 1 && rivals.length === 1
      ? { ...row.transaction, replaces: only.transaction.id }
      : { ...row.transaction, mayReplace: only.transaction.id }
  })
}

/** Newest first; the bank's order is kept between equals. */
export const newestFirst = (transactions: readonly Transaction[]): Transaction[] =>
  transactions.toSorted((one, other) => other.at - one.at)
