import type { Transaction } from '../bank/bank.ts'
import type { Answer, Line } from '../disclosure/answer.ts'
import type { Fact } from '../disclosure/fact.ts'
import { likeness, nameOf } from './alike.ts'
import type { MoneyAsk, Place, Several } from './ask.ts'
import { kindOf } from './category.ts'
import type { CounterDeps } from './caller.ts'
import { findShop, shopsOf } from './merchant.ts'
import type { Open } from './money.ts'
import type { Asking } from './named.ts'
import { atShop, type AskedWhich } from './which.ts'

type Asked = Extract<MoneyAsk, { kind: 'spending' | 'transactions' }>

/**
 * Several, or the one shop that is called so ("Barnes and Noble"): that is told by the customer's own list. Where none of
 * what was named is on it, it is one name as well, so that it is answered as one that is not there.
 */
export function settled<Given extends Asked>(given: Given, items: readonly Transaction[]): Given {
  const { several } = given
  if (several === undefined) return given
  const { said, of, loose } = several
  const called = nameOf(said)
  const isOne =
    of.every(({ merchant }) => merchant !== undefined) &&
    (shopsOf(items).some(({ name }) => likeness(called, nameOf(name)) >= 4) ||
      of.every(({ merchant = '' }) => findShop(items, merchant).found === 'none'))
  if (!isOne) return given
  const { several: _, ...rest } = given
  return { ...rest, merchant: said, ...(loose ? { loose } : {}) } as Given
}

/** One of several, with its payments. */
export type Placed = {
  readonly place: Place
  readonly items: readonly Transaction[]
  /** As the bank writes the shop, where that may be said; null for a kind. */
  readonly name: Fact | null
  /** What finds the same payments on the sealed card. */
  readonly search: { readonly search: string } | { readonly category: NonNullable<Place['category']> }
}

/** The payments of each, or the question which shop is meant by one of the names. */
export function atEach(
  items: readonly Transaction[],
  given: Asked & { readonly several: Several },
  bank: Open,
  about: Asking,
  deps: CounterDeps,
): { readonly each: readonly Placed[] } | AskedWhich {
  const each: Placed[] = []
  const { several } = given
  for (const [at, place] of several.of.entries()) {
    const { merchant, category } = place
    if (category !== undefined)
      each.push({ place, items: ofKind(items, category), name: null, search: { category } })
    if (merchant === undefined) continue
    const shop = atShop(items, merchant, bank, about, deps, (name) => ({
      ...given,
      several: { ...several, of: several.of.with(at, { merchant: name }) },
    }))
    if ('ask' in shop) return shop
    each.push({ place, items: shop.items, name: shop.name, search: { search: shop.search } })
  }
  return { each }
}

export const ofKind = (items: readonly Transaction[], category: Place['category']): Transaction[] =>
  items.filter((item) => kindOf(item) === category)

/** All that is at any of them, each payment once, in the order of the list. */
export function together(
  items: readonly Transaction[],
  each: readonly { readonly items: readonly Transaction[] }[],
): Transaction[] {
  const all = new Set(each.flatMap(({ items: its }) => its))
  return items.filter((item) => all.has(item))
}

/** Payments of which the bank says too little to tell whether they are of a kind that was named. */
export const untold = (
  items: readonly Transaction[],
  places: readonly Place[],
  counted: readonly Transaction[],
): number => {
  if (places.every(({ category }) => category === undefined)) return 0
  const known = new Set(counted)
  return items.filter((item) => kindOf(item) === null && !known.has(item)).length
}

/** For the sealed card: the same places, found the same way. */
export const severalOnCard = (
  { said, versus }: Several,
  each: readonly Pick<Placed, 'search'>[],
): NonNullable<NonNullable<Answer['card']>['several']> => ({
  said,
  ...(versus ? { versus } : {}),
  of: each.map(({ search }) => search),
})

/** Before the list is read: by the customer's own words. */
export const searchesOf = ({ of }: Pick<Several, 'of'>): Pick<Placed, 'search'>[] =>
  of.map(({ merchant, category }) => ({
    search: category === undefined ? { search: merchant ?? '' } : { category },
  }))

/** Said where more were named than are answered. */
export const onlySome = ({ several }: Asked): Line[] => (several?.more ? [{ key: 'note.first-three' }] : [])
