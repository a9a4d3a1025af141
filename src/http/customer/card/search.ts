import type { Context } from 'hono'
import { Temporal } from 'temporal-polyfill'
import type { Account, Transaction } from '../../../bank/bank.ts'
import { decimalText, parseDecimal } from '../../../core/money.ts'
import type { CardRequest } from '../../../disclosure/answer.ts'
import { incomeOn } from '../../../intent/income-figures.ts'
import { isAt, paymentsAt } from '../../../intent/merchant.ts'
import { payIn } from '../../../intent/pay.ts'
import { passing } from '../../../intent/query.ts'
import { spendingIn } from '../../../intent/spent.ts'
import { type Category as Spent, categoryNames } from '../../../nlu/reading.ts'
import {
  askedNames,
  type CardSearch,
  countedNames,
  searchNames,
  searchUrl,
  type SearchName,
} from '../../pages/card-search.ts'

type Values = Partial<Record<SearchName, string>>
/** Values that are not typed: anything else in the address is nobody's search. */
const known: Readonly<Record<(typeof askedNames)[number], readonly string[]>> = {
  category: categoryNames,
  counted: countedNames,
  account: ['asked'],
  state: ['pending', 'posted'],
}

/**
 * Reads the search from the address; what is not understood is shown again with a word about it. An address without any
 * search opens the list as it was asked for in the chat.
 */
export function readSearch(c: Context, actionUrl: string, request: CardRequest): CardSearch {
  const names = [...searchNames, ...askedNames]
  const asAsked = names.every((name) => c.req.query(name) === undefined)
  if (asAsked) return { actionUrl, values: askedValues(request), wrong: {}, asAsked, accounts: null }
  const values: Values = {}
  for (const name of searchNames) {
    const value = c.req.query(name)?.trim().slice(0, 60)
    if (value) values[name] = value
  }
  for (const name of askedNames) {
    const value = c.req.query(name)
    if (value && known[name].includes(value)) values[name] = value
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
  return { actionUrl, values, wrong, asAsked, accounts: null }
}

/** The question from the chat as a search. */
function askedValues(request: CardRequest): Values {
  const { shows, search, category, direction, min, max, from, to, pending, pay, refunds } = request
  if (shows === 'card') return { account: 'asked' }
  if (shows !== 'transactions' && shows !== 'spending' && shows !== 'income') return {}
  return {
    account: 'asked',
    ...(shows === 'transactions' ? {} : { counted: pay ? 'pay' : refunds ? 'refunds' : shows }),
    ...(search ? { q: search } : {}),
    ...(category && known.category.includes(category) ? { category } : {}),
    ...(direction ? { direction } : {}),
    ...(min ? { min } : {}),
    ...(max ? { max } : {}),
    // Where no pay came in the days asked for, the last one before them is the answer.
    ...(from && !pay ? { from } : {}),
    ...(to && !pay ? { to } : {}),
    ...(pending === undefined ? {} : { state: pending ? 'pending' : 'posted' }),
  }
}

/** Without the accounts, where it is all of them; else with their names. */
export function withAccounts(search: CardSearch, chosen: readonly Account[], all: number): CardSearch {
  const { account: _, ...values } = search.values
  if (search.values.account === undefined) return search
  return chosen.length === all
    ? { ...search, values }
    : {
        ...search,
        accounts: chosen
          .map(({ nickname, lastFour }) => (lastFour ? `${nickname} ··${lastFour}` : nickname))
          .join(', '),
      }
}

/** An amount as people write it, "1,234.50" or "1 234,50 $", in minor units; null for what could be read two ways. */
export function amountOf(text: string): number | null {
  const plain = text.replace(/[$£€\s]/g, '')
  const [, whole, decimals = ''] =
    /^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{0,2}))?$/.exec(plain) ?? /^(\d+),(\d{1,2})$/.exec(plain) ?? []
  if (whole === undefined) return null
  return parseDecimal(`${whole.replaceAll(',', '')}.${decimals}`, 'USD')?.amountMinor ?? null
}
const plainOf = (text: string | undefined): string | undefined => {
  const amountMinor = text === undefined ? null : amountOf(text)
  return amountMinor === null ? undefined : decimalText({ amountMinor, currency: 'USD' })
}
/** A day as a date field sends it. Years beyond 9999 are no day of any list, and may be none that a clock can tell. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  try {
    return Temporal.PlainDate.from(text).toString() === text
  } catch {
    return false
  }
}

/** What a search is made in. `named`: the shop of the question, found as the chat finds it. */
export type Searched = {
  readonly timeZone: string
  readonly all: readonly Account[]
  readonly chosen: readonly Account[]
  readonly named: string | undefined
}

/** The payments that are searched for, in the order they came. */
export function found(
  items: readonly Transaction[],
  { values, wrong }: CardSearch,
  { timeZone, all, chosen, named }: Searched,
): readonly Transaction[] {
  const accounts = values.account === 'asked' ? chosen : all
  const ids = new Set(accounts.map(({ id }) => id))
  const here = items.filter(({ accountId }) => ids.has(accountId))
  const counts =
    values.counted === undefined ? null : new Set(countedAs(values.counted, here, items, accounts, all))
  const fitting = passing(
    counts ? here.filter((item) => counts.has(item)) : here,
    {
      category: values.category as Spent | undefined,
      amount: {
        min: wrong.min ? undefined : plainOf(values.min),
        max: wrong.max ? undefined : plainOf(values.max),
      },
      direction: values.direction === 'in' || values.direction === 'out' ? values.direction : undefined,
      pending: values.state === undefined ? undefined : values.state === 'pending',
      period: {
        from: wrong.from ? '' : (values.from ?? ''),
        to: wrong.to ? '9' : (values.to ?? '9'),
      },
    },
    timeZone,
  )
  const { q } = values
  if (q === undefined) return fitting
  const there = q === named ? new Set(paymentsAt(fitting, q)) : null
  return there && there.size > 0
    ? fitting.filter((item) => there.has(item))
    : fitting.filter((item) => isAt(item, q))
}

function countedAs(
  counted: string,
  here: readonly Transaction[],
  items: readonly Transaction[],
  accounts: readonly Account[],
  all: readonly Account[],
): readonly Transaction[] {
  if (counted === 'spending') return spendingIn(here)
  const { received, refunds } = incomeOn(accounts, all, items)
  if (counted === 'refunds') return refunds
  return counted === 'pay' ? payIn(received) : received
}

/** The next page of the same list. */
export const olderUrl = ({ actionUrl, values, asAsked }: CardSearch, page: number): string =>
  asAsked ? `${actionUrl}?page=${page}` : searchUrl(actionUrl, values, { page: String(page) })

/** The same page, asked for again while its figures are on their way. */
export const lookUrl = ({ actionUrl, values, asAsked }: CardSearch, page: string | undefined): string => {
  const more = { ...(page ? { page } : {}), look: '1' }
  return asAsked ? `${actionUrl}?${new URLSearchParams(more)}` : searchUrl(actionUrl, values, more)
}
