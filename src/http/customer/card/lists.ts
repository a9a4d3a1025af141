import type { Account, Bank, Transaction } from '../../../bank/bank.ts'
import { isRefusal } from '../../../core/refusal.ts'
import type { Period } from '../../../intent/ask.ts'
import { ownMoves } from '../../../intent/spent.ts'

/** Most payments that are read of one account. */
const readMost = 1_500

/** Payments of several accounts, newest first. */
export type Listed = { readonly items: readonly Transaction[]; readonly partial: boolean }
/** Whoever holds the customer's tokens: one for each list, as a list may renew them. */
type Holder = Parameters<Bank['transactions']>[0]

/** Reads some accounts over some days; what the bank leaves out or refuses makes it partial. */
export async function readLists(
  bank: Bank,
  holder: () => Holder,
  accounts: readonly Account[],
  days: Period,
): Promise<Listed> {
  const lists = await Promise.all(accounts.map((account) => readList(bank, holder(), account.id, days)))
  return {
    items: lists.flatMap((list) => list.items).sort((a, b) => b.at - a.at),
    partial: lists.some((list) => list.partial),
  }
}

async function readList(bank: Bank, holder: Holder, accountId: string, days: Period): Promise<Listed> {
  const items: Transaction[] = []
  let cursor: string | undefined
  let partial = false
  do {
    const page = await bank.transactions(holder, {
      accountId,
      ...days,
      limit: 250,
      ...(cursor === undefined ? {} : { cursor }),
    })
    if (isRefusal(page)) return { items, partial: true }
    items.push(...page.items)
    partial ||= page.partial
    cursor = page.next ?? undefined
  } while (cursor !== undefined && items.length < readMost)
  return { items, partial: partial || cursor !== undefined }
}

/** What tells a payment from all others, whichever reading it came from. */
export const keyOf = ({ accountId, id }: Transaction): string => `${accountId} ${id}`

/** Payments that only went between the customer's own accounts, by any of these readings. */
export const movesIn = (readings: readonly (readonly Transaction[])[]): ReadonlySet<string> =>
  new Set(readings.flatMap((items) => [...ownMoves(items)].map(keyOf)))
