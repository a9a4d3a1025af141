import type { Transaction } from '../bank/bank.ts'
import type { Answer, Choice, Line } from '../disclosure/answer.ts'
import { fact, type Fact } from '../disclosure/fact.ts'
import { remember } from '../conversation/thread.ts'
import type { MoneyAsk } from './ask.ts'
import type { CounterDeps } from './caller.ts'
import { tellsByName } from './alike.ts'
import { findShop, nameField, type Shop } from './merchant.ts'
import type { Open } from './money.ts'
import { maySay, type Asking } from './named.ts'

/** Most names to pick from. */
const most = 3

/** The payments at what was named, or the question which of several was meant. */
export type AtShop =
  | {
      readonly items: readonly Transaction[]
      /** As the bank writes it, to be said with the answer; null where nothing fits or it may not be said. */
      readonly name: Fact | null
      /** What finds the same payments on the sealed card. */
      readonly search: string
    }
  | AskedWhich
export type AskedWhich = {
  readonly ask: { readonly lines: readonly Line[]; readonly choices: readonly Choice[] }
}

/**
 * Finds what the customer named among these payments. Where shops may not be said here, none is offered to pick from,
 * and the answer is over all that fit the customer's own words, however many: the platform cannot tell one from several.
 * `again`: the same question about a shop by its name.
 */
export function atShop(
  items: readonly Transaction[],
  said: string,
  bank: Open,
  about: Asking,
  deps: CounterDeps,
  again: (name: string) => MoneyAsk,
): AtShop {
  const found = findShop(items, said)
  if (found.found === 'none') return { items: [], name: null, search: said }
  if (found.found === 'one')
    return { items: found.shop.items, name: shopFact(found.shop), search: found.shop.name }
  // A kind of shop is all of them.
  if (tellsByName(said) || !found.shops.every((shop) => maySay(nameField(shop), bank, about)))
    return { items: found.shops.flatMap(({ items: its }) => its), name: null, search: said }
  const { caller, now, once } = about
  const shops = found.shops.slice(0, most)
  caller.touched = true
  return {
    ask: {
      lines: [
        {
          key: 'which.shop',
          needs: Object.fromEntries(shops.map((shop, at) => [`shop${at}`, shopFact(shop)])),
          params: { what: { type: 'asked', text: said } },
        },
      ],
      choices: shops.map((shop): Choice => {
        const { name } = shop
        const handle = deps.newHandle()
        remember(caller.thread, handle, { ...again(name.slice(0, 80)), institution: bank.counter.id }, now)
        // Whoever let this be shown once has not been shown it yet.
        return {
          name: { key: 'which.choice', needs: { shop: shopFact(shop) } },
          payload: `${once ? 'once' : 'ask'}:${handle}`,
        }
      }),
    },
  }
}

/** The question which shop was meant, as the answer for now: with what is said before and after it. */
export const askWhich = (
  { ask }: AskedWhich,
  frame: Omit<Answer, 'lines'>,
  around: { readonly lead: readonly Line[]; readonly partial: readonly Line[] },
): Answer => ({ ...frame, lines: [...around.lead, ...ask.lines, ...around.partial], choices: ask.choices })

/** A name that may have been none counts where a shop of theirs is like it, and then instead of the kind of shop. */
export function withoutLoose<
  Asked extends {
    readonly merchant?: string | undefined
    readonly loose?: boolean | undefined
    readonly category?: string | undefined
  },
>(asked: Asked, items: readonly Transaction[]): Asked {
  const { merchant, loose, ...rest } = asked
  if (!loose || merchant === undefined) return asked
  if (findShop(items, merchant).found === 'none') return rest as Asked
  return { ...asked, category: undefined }
}

/** Said where a name was left out, so that an answer over everything is never taken for one about that name. */
export const leftOut = (
  given: { readonly merchant?: string | undefined; readonly category?: string | undefined },
  asked: { readonly merchant?: string | undefined },
): Line[] =>
  given.merchant !== undefined && asked.merchant === undefined && given.category === undefined
    ? [{ key: 'note.no-such-name', params: { name: { type: 'asked', text: given.merchant } } }]
    : []

const shopFact = (shop: Shop): Fact => fact(nameField(shop), { type: 'text', text: shop.name })
