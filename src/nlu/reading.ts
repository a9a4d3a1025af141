/**
 * What the counter understands of one message. Text goes in, this comes out, and nothing else: no answer, no figure, no
 * customer's data. The words of the field: intent, slot, utterance, clause.
 */

/** Languages understood and spoken. Each has one catalogue: en-US, es-US, fr-CA. */
export const languages = ['en', 'es', 'fr'] as const
export type Language = (typeof languages)[number]

/** What a customer may want. Written in `nlu/own/*.csv` under the same names; the model can say no other. */
export const intentNames = [
  'abuse',
  'alerts-off',
  'alerts-on',
  'balance',
  'cancel-payment',
  'card-freeze',
  'card-limits',
  'card-lost',
  'card-unfreeze',
  'complaint',
  'disclosed',
  'dispute',
  'erase',
  'export',
  'fees',
  'fraud-mine',
  'fraud-not-mine',
  'goodbye',
  'hardship',
  'hello',
  'help',
  'income',
  'link',
  'no',
  'order',
  'out-of-scope',
  'parcels',
  'pay',
  'permissions',
  'person',
  'receipts',
  'request-money',
  'resume',
  'smalltalk',
  'spending',
  'split-bill',
  'statements',
  'stop',
  'thanks',
  'transactions',
  'unlink',
  'withdraw',
  'yes',
] as const
export type IntentName = (typeof intentNames)[number]

/**
 * One possible meaning. `topic:…` is a question of general help (one of the 77 topics of Banking77), `own:…` an intent
 * that the bank added.
 */
export type Guess = {
  readonly name: IntentName | `topic:${string}` | `own:${string}`
  /** Calibrated probability, 0 to 1. */
  readonly p: number
}

/** Where something stands in the clause's text: UTF-16 offsets, half-open. */
export type Span = readonly [start: number, end: number]

export type Amount =
  /** `decimal`: plain, with a point and no grouping ("1250.00"). `currency`: ISO 4217, null where none was named. */
  | {
      readonly type: 'money'
      readonly decimal: string
      readonly currency: string | null
      readonly at: Span
    }
  | { readonly type: 'share'; readonly share: 'half' | 'all'; readonly at: Span }
  /** Reads two ways ("1.250" in a house of dollars and euros): ask, never guess. */
  | { readonly type: 'ambiguous'; readonly readings: readonly string[]; readonly at: Span }

/** A stretch of calendar days, inclusive, in the customer's zone. Null: open at that end. */
export type DateRange = {
  readonly from: string | null
  readonly to: string | null
  readonly at: Span
  /**
   * `payday`: "since payday" — `from` is unknown until the bank's list is read. `history`: read against the past
   * (statements), `future`: against what is to come (payments); `sure` where there is only one reading.
   */
  readonly kind: 'sure' | 'history' | 'future' | 'payday'
}

/** Category words of spending; the codes behind them are ISO 18245 merchant categories. */
export const categoryNames = [
  'groceries',
  'restaurants',
  'coffee',
  'transport',
  'fuel',
  'travel',
  'shopping',
  'entertainment',
  'health',
  'home',
  'utilities',
  'subscriptions',
  'education',
  'cash',
  'fees',
] as const
export type Category = (typeof categoryNames)[number]

export type AccountWords = {
  readonly lastFour?: string
  readonly type?: 'checking' | 'savings' | 'credit-card' | 'loan' | 'investment' | 'line-of-credit'
}

export type Slots = {
  readonly amounts: readonly Amount[]
  /** How the amounts compare: "over 50", "under 20", "about 30", "between 10 and 20" (two amounts). */
  readonly comparison: 'more' | 'less' | 'about' | 'between' | null
  /** In the order said; two where two periods are compared. */
  readonly periods: readonly DateRange[]
  readonly account: AccountWords | null
  readonly category: Category | null
  /** "last 5 payments" */
  readonly count: number | null
  /** "the second one" = 2, "the last one" = -1 */
  readonly ordinal: number | null
  /** "per month", "by category", "which shop": how an answer is to be broken down. */
  readonly by: 'month' | 'category' | 'merchant' | null
  /** "average", "how many times", "biggest", "compared with": what is to be worked out. */
  readonly measure: 'sum' | 'average' | 'count' | 'biggest' | 'compare' | null
  /** What may name a merchant or a person, best first, as written: matched against the customer's own lists only. */
  readonly names: readonly string[]
  /** What is left when slots and function words are cut out. Empty: nothing but slots was said. */
  readonly rest: string
}

/** Nothing was found: all that was said is left. */
export const noSlots = (rest: string): Slots => ({
  amounts: [],
  comparison: null,
  periods: [],
  account: null,
  category: null,
  count: null,
  ordinal: null,
  by: null,
  measure: null,
  names: [],
  rest,
})

/** How a clause refers to what was said before. */
export type Follow =
  /** "and last month?", "what about Target" */
  | 'also'
  /** "make it 30", "no, I meant Corner Market" */
  | 'instead'

export type Clause = {
  readonly text: string
  /** Best first, at most three. Empty when the model was not asked or did not answer. */
  readonly guesses: readonly Guess[]
  /** Probability that it is nothing a counter serves, 0 to 1. */
  readonly outOfScope: number
  readonly slots: Slots
  readonly follow: Follow | null
  /** "don't", "not that": the intent is negated. */
  readonly negated: boolean
}

export type Reading = {
  readonly language: Language
  /** False where the text could be several languages ("balance", "ok", "500"): keep the language spoken so far. */
  readonly languageSure: boolean
  /** At least one, at most three: "balance and send Ana 20" is two. */
  readonly clauses: readonly Clause[]
}

/** What a reading depends on besides the text. */
export type ReadingContext = {
  /** Epoch ms, and the zone in which "yesterday" is meant. */
  readonly now: number
  readonly timeZone: string
  /** The language spoken so far. */
  readonly language: Language
  /** Currency of the customer's accounts: decides how "1.250" is read. ISO 4217, null if unknown. */
  readonly currency: string | null
  /** Country of the bank: order of day and month, holidays. By currency where it is not told. */
  readonly region?: 'US' | 'CA' | 'GB'
}
