import type { Transaction } from '../bank/bank.ts'
import { dayMs } from '../core/clock.ts'
import { plain } from './alike.ts'

/**
 * What was spent, each payment counted once: a pending row that a posted one settles (or may settle, where several fit)
 * is the same money. What only moved between the customer's own accounts, or paid their own card, was not spent.
 */
export function spendingIn(items: readonly Transaction[]): Transaction[] {
  const settled = new Set(items.flatMap((item) => [item.replaces ?? [], item.mayReplace ?? []].flat()))
  const moved = ownMoves(items)
  return items.filter(
    (item) =>
      item.direction === 'debit' &&
      !(item.status === 'pending' && settled.has(item.id)) &&
      !moved.has(item) &&
      (isPurchase(item) || !soundsLikeOwnMove(item)),
  )
}

/** A shop's own code or name beside a row: somebody sold something. 4829, 6012 and 653x are codes for moving money. */
export const isPurchase = ({ merchant, mcc }: Transaction): boolean =>
  mcc === null ? merchant !== null : !/^(4829|6012|65(3[6-9]|40))$/.test(mcc)

/** Days between the two ends of a move: over a weekend, no longer. */
const moveDays = 4

/**
 * Both ends of money that left one account and came in on another, to the cent: the same in every language and at every
 * bank.
 */
export function ownMoves(items: readonly Transaction[]): ReadonlySet<Transaction> {
  const arrived = new Map<string, Transaction[]>()
  const keyOf = ({ amount }: Transaction): string => `${amount.currency} ${amount.amountMinor}`
  for (const item of items)
    if (item.direction === 'credit' && !isPurchase(item))
      arrived.set(keyOf(item), [...(arrived.get(keyOf(item)) ?? []), item])
  const moves = new Set<Transaction>()
  for (const item of items) {
    if (item.direction !== 'debit' || isPurchase(item)) continue
    const ends = arrived.get(keyOf(item)) ?? []
    const at = ends.findIndex(
      (end) => end.accountId !== item.accountId && Math.abs(end.at - item.at) <= moveDays * dayMs,
    )
    if (at < 0) continue
    // One arrival answers for one departure.
    for (const end of ends.splice(at, 1)) moves.add(end)
    moves.add(item)
  }
  return moves
}

/** Where the other account is not among those allowed, only the bank's own line can tell (English, French, Spanish). */
export const soundsLikeOwnMove = ({ description }: Transaction): boolean =>
  /\b(transfer (to|from)|own transfer|card payment|autopay|paiement( de)? carte|virement (vers|de l) ?epargne|transferencia a ahorro|pago( de)? tarjeta)/.test(
    plain(description),
  )
