import type { InstitutionId } from '../bank/bank.ts'
import type { Purpose } from '../consent/purpose.ts'
import type { WordKey } from '../core/words.ts'
import type { Fact } from './fact.ts'

/**
 * What an intent hands over: which sentences, with which facts. It holds no finished words, so nothing in it can leave
 * before the gate has decided each fact.
 */
export type Answer = {
  /** Null for words that carry no fact: help, greetings. An answer with facts must name its purpose. */
  readonly purpose: Purpose | null
  /** Null while no bank is chosen. An answer with facts must name whose they are. */
  readonly institution: InstitutionId | null
  /** `asked`: the person waits for a reply, so a refusal is worded. `event`: nobody asked, so silence is a reply. */
  readonly because: 'asked' | 'event'
  /**
   * The accounts that facts without an account of their own speak of (a sum over several). Every one of them must be
   * covered by the grant.
   */
  readonly accounts?: readonly string[]
  /**
   * What the person named an account by (`by`). Whatever is answered, the platform learns whether there is such an
   * account; where that may not be said, everything is kept back as an answer of `usual` facts would be, found or not,
   * so that the two cannot be told apart.
   */
  readonly named?: { readonly by: readonly Fact[]; readonly usual: readonly Fact[] }
  readonly lines: readonly Line[]
  /** A list, one line each; what does not fit is counted, never cut in the middle. */
  readonly rows?: readonly Line[]
  /** What is said when the facts are kept back but that they exist may be said. */
  readonly masked?: Masked
  readonly choices?: readonly Choice[]
  /** The page on which the facts can be seen whatever the platform may hear. */
  readonly card?: CardRequest
  /** Our payload that asks the same again with `once`. Without it, "Show here, this once" is not offered. */
  readonly once?: string
  /** The approved template to use outside the window; by default the one that only says that a message waits. */
  readonly template?: string
}

/**
 * One sentence of the catalogue. Its placeholders are filled by facts and by `params`, and by nothing else.
 * That nothing was found is a fact too: "no payments, last week" needs the period as a fact.
 */
export type Line = {
  /** How it is said when every needed fact may be said. */
  readonly key: WordKey
  /** Facts it cannot do without: the line is worded at the lowest exposure among them. */
  readonly needs?: Readonly<Record<string, Fact>>
  /** Facts it can do without: each is filled only when it may be said (`has_name` tells the sentence). */
  readonly may?: Readonly<Record<string, Fact>>
  readonly params?: Readonly<Record<string, Safe>>
  /** How it is said when the needed facts may only be told as bands. Without it they are masked. */
  readonly band?: WordKey
}

/**
 * `ready`: that it exists; `several`: it speaks of more than one thing. `bankKeeps`: the whole sentence where it is the
 * bank that keeps it to its own pages.
 */
export type Masked = {
  /** Said before it: whose it is, where several could be meant. */
  readonly lead?: WordKey
  readonly ready: WordKey
  readonly several?: true
  readonly params?: Readonly<Record<string, Safe>>
  readonly bankKeeps?: WordKey
}

/**
 * What may fill a placeholder without passing the gate, because it says nothing that the bank told us: a count of our
 * own, a time of our own, a word from the catalogue, what the person just asked in their own words.
 */
export type Safe =
  | { readonly type: 'count'; readonly count: number }
  | { readonly type: 'date' /** Epoch ms. */; readonly at: number; readonly withTime: boolean }
  /** The period asked for: calendar dates YYYY-MM-DD, inclusive. */
  | { readonly type: 'period'; readonly from: string; readonly to: string }
  | { readonly type: 'term'; readonly key: WordKey }
  /** The person's own words, made inert. */
  | { readonly type: 'asked'; readonly text: string }
  /** The bank's own words, by language tag: from its settings, made inert like all text that is not ours. */
  | { readonly type: 'own'; readonly texts: Readonly<Record<string, string>> }
  /** A short code of ours, to compare with a page: 4 to 12 of A-Z, 0-9 and hyphen. */
  | { readonly type: 'code'; readonly code: string }

export type LinkKind = 'card' | 'login' | 'permissions' | 'bank'
/** https addresses of our own pages (`bank`: the bank's). Opaque: nothing of a fact may be in them. */
export type Links = Partial<Readonly<Record<LinkKind, string>>>

/** A button or quick reply; titles are at most 20 characters. */
export type Choice = {
  /** `said`: only when something was said or told as a band. `kept`: only when something was not. */
  readonly when?: 'said' | 'kept'
} & (
  | { readonly title: WordKey; readonly payload: string }
  | { readonly title: WordKey; readonly link: LinkKind }
  | { readonly logout: true }
  /** An entry of a list to pick from, such as an account: its title is made of facts and passes the gate as a line does. */
  | { readonly name: Line; readonly payload: string }
)

/**
 * The question that the sealed card answers, as it was asked in the chat: the page works it out anew. Kept by us, sealed;
 * the platform sees an opaque address.
 */
export type CardRequest = {
  readonly shows: 'balances' | 'transactions' | 'spending' | 'income' | 'accounts' | 'card'
  readonly accountIds: readonly string[]
  /** Calendar dates YYYY-MM-DD, inclusive. */
  readonly from?: string
  readonly to?: string
  /** The shop or payer that was named, as the bank writes it where that is known. */
  readonly search?: string
  /** One of the counter's categories (see nlu/reading.ts). */
  readonly category?: string
  /** Several shops or kinds instead of one, in this order, and the words that they were asked for with. */
  readonly several?: {
    readonly said: string
    /** Held against each other. */
    readonly versus?: boolean
    readonly of: readonly ({ readonly search: string } | { readonly category: string })[]
  }
  /** What is left out, and the words that named it. */
  readonly without?: {
    readonly said: string
    readonly of: readonly ({ readonly search: string } | { readonly category: string })[]
  }
  readonly direction?: 'in' | 'out'
  /** Plain decimals, inclusive; of this currency alone where one was named. */
  readonly min?: string
  readonly max?: string
  readonly currency?: string
  readonly pending?: boolean
  /** One payment of the newest so many: the first is 1, the last -1. */
  readonly one?: { readonly nth: number; readonly of: number }
  /** Of spending: what is worked out, the sum unless said; in groups; beside another period. */
  readonly measure?: 'sum' | 'average' | 'count' | 'biggest'
  readonly by?: 'month' | 'category' | 'merchant'
  readonly against?: { readonly from: string; readonly to: string } | 'too-long-ago'
  /** Of income: only what looks like pay. */
  readonly pay?: boolean
  /** Of income: only what shops gave back, and nothing else. */
  readonly refunds?: boolean
}

/** Every fact of an answer, each once. */
export function factsOf(answer: Answer): ReadonlySet<Fact> {
  const all = new Set<Fact>()
  const collect = (line: Line): void => {
    if (line.needs) for (const fact of Object.values(line.needs)) all.add(fact)
    if (line.may) for (const fact of Object.values(line.may)) all.add(fact)
  }
  answer.lines.forEach(collect)
  answer.rows?.forEach(collect)
  if (answer.choices) for (const choice of answer.choices) if ('name' in choice) collect(choice.name)
  return all
}
