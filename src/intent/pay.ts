import type { Transaction } from '../bank/bank.ts'
import { dayMs } from '../core/clock.ts'
import { nameOf, plain } from './alike.ts'
import { shopIn } from './merchant.ts'
import { isPurchase, ownMoves, soundsLikeOwnMove } from './spent.ts'

/** What came in, told apart from what only came back. */
export type Income = {
  /** Each once, newest first; not what moved between the customer's own accounts, nor paid off their own card. */
  readonly received: readonly Transaction[]
  /** What shops gave back: not income. */
  readonly refunds: readonly Transaction[]
}

/**
 * Money received, each payment counted once. `owed`: accounts on which money that comes in pays a debt off (cards,
 * loans): only a refund there is anything else.
 */
export function incomeIn(items: readonly Transaction[], owed: ReadonlySet<string>): Income {
  const settled = new Set(items.flatMap((item) => [item.replaces ?? [], item.mayReplace ?? []].flat()))
  const moved = ownMoves(items)
  const paidAt = new Set(
    items.flatMap(({ direction, merchant }) => (direction === 'debit' && merchant ? merchant : [])),
  )
  /** A shop's code; or a name without one that the customer also pays at: an employer has a name too. */
  const isRefund = (item: Transaction): boolean =>
    isPurchase(item) &&
    !wages.test(plain(item.description)) &&
    (item.mcc !== null || (item.merchant !== null && paidAt.has(item.merchant)))
  const credits = items.filter(
    (item) =>
      item.direction === 'credit' &&
      !(item.status === 'pending' && settled.has(item.id)) &&
      !moved.has(item) &&
      (isRefund(item) || (!soundsLikeOwnMove(item) && !owed.has(item.accountId))),
  )
  return {
    received: credits.filter((item) => !isRefund(item)).sort(newest),
    refunds: credits.filter(isRefund).sort(newest),
  }
}
const newest = (a: Transaction, b: Transaction): number => b.at - a.at || (a.id < b.id ? -1 : 1)

/** A bank's words for wages (English, French, Spanish). */
const wages =
  /\b(payroll|salary|wages?|paycheck|paycheque|dir(ect)? dep(osit)?|dirdep|paie|salaire|paye|nomina|salario|sueldo|quincena)\b/

/** Days between two pays: weekly, fortnightly, twice a month, monthly. */
const rhythms: readonly (readonly [from: number, to: number])[] = [
  [6, 8],
  [12, 17],
  [26, 35],
]

/**
 * Of what came in, what looks like pay, newest first: the bank's line says so, or the same payer pays about as much at
 * least three times in the rhythm of wages.
 */
export function payIn(received: readonly Transaction[]): Transaction[] {
  const said = received.filter(({ description }) => wages.test(plain(description)))
  if (said.length > 0) return said.sort(newest)
  const payers = new Map<string, Transaction[]>()
  for (const item of received) {
    if (item.mcc !== null) continue
    const payer = `${item.amount.currency} ${nameOf(payerIn(item)).joined}`
    payers.set(payer, [...(payers.get(payer) ?? []), item])
  }
  return [...payers.values()].filter(isRegular).flat().sort(newest)
}

/** Three in a row, each near the one before in amount and in the same rhythm; interest and small change are no pay. */
function isRegular(items: readonly Transaction[]): boolean {
  if (items.length < 3) return false
  const inOrder = [...items].sort(newest)
  return rhythms.some(([from, to]) =>
    inOrder.every((item, at) => {
      const next = inOrder[at + 1]
      if (next === undefined) return true
      const days = Math.round((item.at - next.at) / dayMs)
      const [less, more] = [item.amount.amountMinor, next.amount.amountMinor].sort((a, b) => a - b) as [
        number,
        number,
      ]
      return days >= from && days <= to && less >= 10_000 && less * 4 >= more * 3
    }),
  )
}

/** Who paid, as the bank writes it: outside text, without the word for wages where something else is left. */
export function payerIn(item: Transaction): string {
  const rest = shopIn(item)
    .split(' ')
    .filter((word) => !wages.test(plain(word)) && !/^(dir|dep|direct|deposit|ppd|id)$/i.test(word))
    .join(' ')
  return rest.replace(/^[\s*:-]+|[\s*:-]+$/g, '')
}
