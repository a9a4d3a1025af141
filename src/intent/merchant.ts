import type { Transaction } from '../bank/bank.ts'
import { likeness, nameOf, plain, soldAs, type Likeness, type Name } from './alike.ts'

/** A shop (or whoever pays in) of the customer's own list, with what was paid there. */
export type Shop = {
  /** As the bank writes it most often: outside text. */
  readonly name: string
  readonly items: readonly Transaction[]
  /** The name is cut out of what people wrote to each other. */
  readonly free: boolean
}

/** What a payment's name is to the gate: a shop's, or what people wrote to each other. */
export const nameField = ({
  free,
}: {
  readonly free?: boolean
}): 'transaction.merchant' | 'transaction.memo' => (free ? 'transaction.memo' : 'transaction.merchant')

/** What the customer's words may mean among their own shops. */
export type Found =
  | { readonly found: 'one'; readonly shop: Shop }
  /** Equally like what was said, the most paid at first. */
  | { readonly found: 'several'; readonly shops: readonly Shop[] }
  | { readonly found: 'none' }

type Known = Shop & { readonly like: Name; readonly named: boolean }

/** What card readers and banks put before the name. */
const before =
  /^(sq|sqc|sent to|from|transfer to|transfer from|received from|envoi a|recu de|tst|sp|pp|paypal|pos|ach|debit|interac|purchase|payment|achat|compra|paiement|pago|recurring|eft)\b[ *:-]*/i

/** The shop's name as the bank gives it, else as its line has it: without a reader's marks and the shop's own number. */
export function shopIn({ merchant, description }: Transaction): string {
  const whole = (merchant ?? description).trim()
  let name = whole
  if (merchant === null)
    for (let left = 3; left > 0 && before.test(name); left--)
      name = name.replace(before, '').replace(/^[ *]+/, '')
  name = name
    .split(' ')
    .filter((word) => !/^(#\d+|\d{3,}|\d+[/-]\d+([/-]\d+)?|[x*]+\d+)$/i.test(word))
    .join(' ')
    .trim()
  return name === '' ? whole : name
}

/** The shops of a list, each payment in exactly one, the most paid at first. */
export function shopsOf(items: readonly Transaction[]): readonly Shop[] {
  return known(items).map(({ name, items: its, free }) => ({ name, items: its, free }))
}

function known(items: readonly Transaction[]): Known[] {
  type Seen = { names: Map<string, number>; items: Transaction[]; like: Name; named: boolean; free: boolean }
  const shops = new Map<string, Seen>()
  for (const item of items) {
    const name = shopIn(item)
    const like = nameOf(name)
    const shop: Seen = shops.get(like.joined) ?? {
      names: new Map(),
      items: [],
      like,
      named: false,
      free: false,
    }
    shops.set(like.joined, shop)
    shop.items.push(item)
    shop.named ||= item.merchant !== null
    shop.free ||= item.free === true
    // The bank's own name for it is better than one cut out of a line.
    shop.names.set(name, (shop.names.get(name) ?? 0) + (item.merchant === null ? 1 : 1_000_000))
  }
  return [...shops.values()]
    .map(({ names, ...shop }) => ({
      ...shop,
      name: [...names].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))[0]?.[0] ?? '',
    }))
    .sort((a, b) => b.items.length - a.items.length || (a.like.joined < b.like.joined ? -1 : 1))
}

/**
 * Which of the customer's own shops they named. Only the best likeness counts: where something is called exactly so, a
 * longer name is another shop; but a bank's line without a shop's name that begins with it is the same one.
 */
export function findShop(items: readonly Transaction[], said: string): Found {
  const wanted = nameOf(said)
  let best: Likeness = 0
  let like: Known[] = []
  const all = known(items)
  for (const shop of all) {
    const alike = likeness(wanted, shop.like)
    const now = alike < 3 && soldAs(wanted, shop.items[0]?.mcc ?? null) ? 3 : alike
    if (now < best || now === 0) continue
    if (now > best) like = []
    best = now
    like.push(shop)
  }
  const kept: Known[] = []
  // The shortest name first: what begins with it may be the same.
  for (const shop of [...like].sort((a, b) => a.like.joined.length - b.like.joined.length))
    if (!kept.some((other) => isSame(other, shop))) kept.push(shop)
  const whole = kept.map((shop): Shop => {
    const more = all.filter((other) => other !== shop && !kept.includes(other) && isSame(shop, other))
    return { name: shop.name, items: [shop, ...more].flatMap(({ items: its }) => its), free: shop.free }
  })
  const [only, ...others] = whole.sort(
    (a, b) => b.items.length - a.items.length || (a.name < b.name ? -1 : 1),
  )
  if (only === undefined) return { found: 'none' }
  return others.length === 0 ? { found: 'one', shop: only } : { found: 'several', shops: whole }
}

/** The payments at what the customer named, whichever of their shops that may be. */
export function paymentsAt(items: readonly Transaction[], said: string): readonly Transaction[] {
  const found = findShop(items, said)
  if (found.found === 'none') return []
  return found.found === 'one' ? found.shop.items : found.shops.flatMap(({ items: its }) => its)
}

/** A line that names no shop of its own and begins as this one is called. */
const isSame = (shop: Known, other: Known): boolean =>
  !other.named &&
  shop.like.words.length <= other.like.words.length &&
  shop.like.words.every((word, at) => word === other.like.words[at])

/**
 * Does a payment have these words in it? For a search box, which lists whatever fits: every word typed begins a word
 * of the payment's.
 */
export function isAt(transaction: Transaction, typed: string): boolean {
  const have = plain(`${transaction.merchant ?? ''} ${transaction.description}`).split(' ')
  return plain(typed)
    .split(' ')
    .every((word) => word !== '' && have.some((candidate) => candidate.startsWith(word)))
}
