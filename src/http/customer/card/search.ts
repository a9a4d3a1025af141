import type { Context } from 'hono'
import { Temporal } from 'temporal-polyfill'
import type { Transaction } from '../../../bank/bank.ts'
import { parseDecimal } from '../../../core/money.ts'
import { isAt } from '../../../intent/money.ts'
import { searchNames, type CardSearch } from '../../pages/card-search.ts'
import { inDays } from './summary.ts'

/** Reads the search from the address; what is not understood is shown again with a word about it. */
export function readSearch(c: Context, actionUrl: string): CardSearch {
  const values: Record<string, string> = {}
  for (const name of searchNames) {
    const value = c.req.query(name)?.trim().slice(0, 60)
    if (value) values[name] = value
  }
  const wrong: Record<string, 'not-an-amount' | 'not-a-date' | 'turned-around'> = {}
  for (const name of ['min', 'max'] as const)
    if (values[name] && amountOf(values[name]) === null) wrong[name] = 'not-an-amount'
  for (const name of ['from', 'to'] as const)
    if (values[name] && !isDate(values[name])) wrong[name] = 'not-a-date'
  if (
    !wrong.min &&
    !wrong.max &&
    values.min &&
    values.max &&
    (amountOf(values.min) ?? 0) > (amountOf(values.max) ?? 0)
  )
    wrong.max = 'turned-around'
  if (!wrong.from && !wrong.to && values.from && values.to && values.from > values.to)
    wrong.to = 'turned-around'
  return { actionUrl, values, wrong }
}

const amountOf = (text: string): number | null =>
  parseDecimal(text.replace(/[$£€,\s]/g, ''), 'USD')?.amountMinor ?? null
function isDate(text: string): boolean {
  try {
    return Temporal.PlainDate.from(text).toString() === text
  } catch {
    return false
  }
}

/** Is a transaction among those that are searched for? */
export function matches(item: Transaction, { values, wrong }: CardSearch, zone: string): boolean {
  const min = values.min && !wrong.min ? amountOf(values.min) : null
  const max = values.max && !wrong.max ? amountOf(values.max) : null
  return (
    (!values.q || isAt(item, values.q)) &&
    (min === null || item.amount.amountMinor >= min) &&
    (max === null || item.amount.amountMinor <= max) &&
    inDays(item, wrong.from ? undefined : values.from, wrong.to ? undefined : values.to, zone) &&
    (values.direction !== 'in' || item.direction === 'credit') &&
    (values.direction !== 'out' || item.direction === 'debit')
  )
}

export const olderQuery = ({ values }: CardSearch, page: number): string =>
  new URLSearchParams([...Object.entries(values), ['page', String(page)]]).toString()
