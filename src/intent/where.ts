import type { Transaction } from '../bank/bank.ts'
import type { CardRequest, Line } from '../disclosure/answer.ts'
import type { Fact } from '../disclosure/fact.ts'
import type { MoneyAsk } from './ask.ts'
import type { CounterDeps } from './caller.ts'
import type { Open } from './money.ts'
import type { Asking } from './named.ts'
import { atEach, ofKind, onlySome, settled, severalOnCard, together, type Placed } from './several.ts'
import { atShop, leftOut, withoutLoose, type AskedWhich } from './which.ts'

type Asked = Extract<MoneyAsk, { kind: 'spending' | 'transactions' }>

/** Where a question's payments were made: at the shop or the places that it names, found among these payments. */
export type Where<Given extends Asked> =
  | { readonly which: AskedWhich; readonly notes: readonly Line[]; readonly asked: Given }
  | {
      readonly which?: undefined
      /** The question as its names turned out: of what might have been a name, what is one. */
      readonly asked: Given
      /** Those at the shop or the places; all of them where neither was named. */
      readonly items: readonly Transaction[]
      /** The shop as the bank writes it; null where none is named or it may not be said. */
      readonly shop: Fact | null
      /** What finds the same payments on the sealed card, where a shop is named. */
      readonly search: string | null
      readonly each: readonly Placed[] | null
      /** What of the question was not followed, to be said with the answer. */
      readonly notes: readonly Line[]
    }

/** Finds what a question names among the customer's own payments, or asks which of several shops is meant. */
export function whereOf<Given extends Asked>(
  given: Given,
  items: readonly Transaction[],
  bank: Open,
  about: Asking,
  deps: CounterDeps,
): Where<Given> {
  const settledOn = settled(given, items)
  const { category } = settledOn
  // What may be the kind's name and a shop's is looked for among the shops of that kind.
  const asked = withoutLoose(settledOn, category === undefined ? items : ofKind(items, category))
  const { merchant, several } = asked
  const notes = [...leftOut(settledOn, asked), ...onlySome(asked)]
  const plain = { asked, items, shop: null, search: null, each: null, notes }
  if (several) {
    const places = atEach(items, { ...asked, several }, bank, about, deps)
    if ('ask' in places) return { which: places, notes, asked }
    return { ...plain, items: together(items, places.each), each: places.each }
  }
  if (merchant === undefined) return plain
  const at = atShop(items, merchant, bank, about, deps, (name) => ({ ...asked, merchant: name }))
  if ('ask' in at) return { which: at, notes, asked }
  return { ...plain, items: at.items, shop: at.name, search: at.search }
}

/** The sealed card of the question as its names turned out. */
export function cardAt(
  { several: _several, category: _category, ...card }: CardRequest,
  {
    asked: { category, several },
    search,
    each,
  }: {
    readonly asked: Asked
    readonly search: string | null
    readonly each: readonly Placed[] | null
  },
): CardRequest {
  return {
    ...card,
    ...(category ? { category } : {}),
    ...(search === null ? {} : { search }),
    ...(several && each ? { several: severalOnCard(several, each) } : {}),
  }
}
