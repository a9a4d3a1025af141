import type { Transaction } from '../../bank/bank.ts'
import { kindOf } from '../../intent/category.ts'
import { categoryNames } from '../../nlu/reading.ts'

/**
 * Kinds of payment as the card shows them: the counter's own categories, so that the page says what the chat says, and
 * what is neither bought nor paid for. `none`: the bank gave nothing to tell it by. Each has an icon and a word
 * `category.<name>`.
 */
export const categories = [...categoryNames, 'other', 'none', 'income', 'transfer'] as const
export type Category = (typeof categories)[number]

/** What something was spent on. */
export const spentOn = (item: Transaction): Category => kindOf(item) ?? 'none'

/** What a payment of a list was. `isOwnMove`: it only went from one of the customer's accounts to another. */
export function shownKind(item: Transaction, isOwnMove: boolean): Category {
  if (isOwnMove) return 'transfer'
  const kind = kindOf(item)
  return kind === null && item.direction === 'credit' ? 'income' : (kind ?? 'none')
}
