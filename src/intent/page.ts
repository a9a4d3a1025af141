import type { Paging } from '../nlu/slots/paging.ts'
import { mostSkipped, type MoneyAsk } from './ask.ts'

type List = Extract<MoneyAsk, { kind: 'transactions' }>

/** How many payments are newer than what a question shows. */
export const skipped = ({ skip = 0 }: List): number => skip

/** "the second one", "the one before that": one payment, with all that is known of it. */
export const isOne = ({ nth, alone }: List): boolean => nth !== undefined || alone === true

/** "When did I last pay them?" */
export const isLastPaid = (asked: List): boolean =>
  asked.limit === 1 && asked.merchant !== undefined && !isOne(asked) && skipped(asked) === 0

/** The next page of a list, as long as the list was unless a number is said; or the payment before what was shown. */
export function pageAfter(last: List, paging: Paging): List {
  const { nth: _n, alone: _a, skip: _s, ...list } = last
  if (paging.go === 'before' || (paging.single && isOne(last)))
    return { ...list, skip: within(skipped(last) + positionOf(last)), alone: true }
  const limit = paging.count === null ? last.limit : Math.min(10, Math.max(1, paging.count))
  return { ...list, limit, skip: within(endOf(last)) }
}

/** The next page after a list that was just given. */
export const nextPage = (last: List): List => pageAfter(last, { go: 'on', count: null, single: false })

const within = (skip: number): number => Math.min(mostSkipped, skip)

/** Where what was shown ends: a payment picked out of a list ("the second one") was shown with its list. */
const endOf = (last: List): number => skipped(last) + (last.alone ? 1 : last.limit)

const positionOf = ({ nth, alone, limit }: List): number =>
  alone ? 1 : nth === undefined || nth < 0 ? limit : nth

/** The same one payment among the newest so many, for the sealed card. */
export function onCard(asked: List): { one?: { nth: number; of: number } } {
  const { nth, alone, limit } = asked
  const skip = skipped(asked)
  if (alone) return { one: { nth: skip + 1, of: skip + 1 } }
  if (nth === undefined) return {}
  return { one: { nth: nth < 0 ? nth : skip + nth, of: skip + limit } }
}

/** The list with something else asked of it begins at its newest again. */
export function fromNewest(last: List): List {
  const { skip: _, alone: _a, ...list } = last
  return list
}
