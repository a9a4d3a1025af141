import { z } from 'zod'
import { categoryNames } from '../nlu/reading.ts'

/** Intents that are answered with words alone (see told.ts). */
export const toldNames = [
  'abuse',
  'alerts-off',
  'alerts-on',
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
  'hardship',
  'order',
  'out-of-scope',
  'parcels',
  'pay',
  'receipts',
  'request-money',
  'smalltalk',
  'split-bill',
  'statements',
  'nothing-asked',
  'nothing-done',
  'payday',
  'ahead',
  'amount',
  'bereavement',
  'distress',
  'safe',
  'phishing',
  'other-code',
  'steps-card',
  'steps-phishing',
  'hardship-danger',
  'hardship-again',
  'showing',
  'robot',
  'joke',
  'kind',
  'birthday',
  'sold',
  'seen',
  'due',
  'new-account',
  'hours',
  'not-linking',
  'erase-what',
  'seen-hidden',
  'showing-bank',
  'whom',
] as const
export type ToldName = (typeof toldNames)[number]

/** A stretch of calendar days, inclusive, in the customer's zone. */
export const period = z.strictObject({ from: z.iso.date(), to: z.iso.date() })
export type Period = z.infer<typeof period>

/** How a customer named an account or card. */
export const accountHint = z.strictObject({
  lastFour: z
    .string()
    .regex(/^\d{4}$/)
    .optional(),
  type: z.enum(['checking', 'savings', 'credit-card', 'loan', 'investment', 'line-of-credit']).optional(),
  /** The customer's own name for it, as they wrote it. */
  name: z.string().max(40).optional(),
  /** The name may be no account's: where none of theirs is called so, it is left out. */
  loose: z.boolean().optional(),
})
export type AccountHint = z.infer<typeof accountHint>

/** Plain decimal amounts, inclusive; in the currency of each account unless one is named. */
const decimal = z.string().regex(/^\d{1,12}(\.\d{1,3})?$/)
export const amountRange = z.strictObject({
  min: decimal.optional(),
  max: decimal.optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
})
export type AmountRange = z.infer<typeof amountRange>

const merchant = z.string().max(80).optional()
/** The merchant may be no name at all ("how much dough did I spend"): where none of theirs is like it, it is left out. */
const loose = z.boolean().optional()
const category = z.enum(categoryNames).optional()

/** Most shops or kinds in one question; what was named beyond is left out, and said to be. */
export const mostPlaces = 3
/** One of several shops or kinds that a question names: one or the other, never both. */
export const place = z.strictObject({ merchant, category })
export type Place = z.infer<typeof place>
/** "groceries and restaurants": each of them, instead of one `merchant` or `category`. */
export const several = z.strictObject({
  /** The words that named them. As a whole they may be the name of one shop ("Barnes and Noble"). */
  said: z.string().max(80),
  of: z.array(place).min(2).max(mostPlaces),
  /** The words may be no names at all (see `loose`). */
  loose,
  /** More were named than are answered. */
  more: z.boolean().optional(),
  /** "groceries vs restaurants": one held against the other. */
  versus: z.boolean().optional(),
})
export type Several = z.infer<typeof several>

/** "without rent": what is left out of an answer. */
export const without = z.strictObject({
  /** The words that named it. */
  said: z.string().max(80),
  of: z.array(place).min(1).max(mostPlaces),
})
export type Without = z.infer<typeof without>

/** How far a list is leafed through. */
export const mostSkipped = 990

/** How far back pay is asked for, one by one. */
export const mostBack = 60
/** "Not counting transfers": it is said that what moves between their own accounts is never counted. */
const ownMoves = z.boolean().optional()

const about = {
  account: accountHint.optional(),
  institution: z.string().max(32).optional(),
  /** "The exact number please": where only a range may be told, it is said where the figure is. */
  exact: z.boolean().optional(),
}

/**
 * What a customer may ask at the counter. Kept (sealed) behind the handle of a button that may ask it again, hence a
 * schema: what is read back is checked like anything else.
 */
export const ask = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('balance'),
    /** "In total, across everything": what it comes to, behind the accounts. */
    total: z.boolean().optional(),
    ...about,
  }),
  z.strictObject({
    kind: z.literal('transactions'),
    limit: z.int().min(1).max(10),
    merchant,
    loose,
    category,
    several: several.optional(),
    without: without.optional(),
    period: period.optional(),
    amount: amountRange.optional(),
    direction: z.enum(['in', 'out']).optional(),
    pending: z.boolean().optional(),
    /** "My transfers": those alone. */
    transfers: z.boolean().optional(),
    /** "the second one" of the list just given: that payment alone, with what is known of it. From 1; -1 the last. */
    nth: z.int().min(-1).max(10).optional(),
    /** "more": how many newer ones were listed before, and are passed over. */
    skip: z.int().min(1).max(mostSkipped).optional(),
    /** "the one before that": the first that is not passed over, alone. */
    alone: z.boolean().optional(),
    ...about,
  }),
  z.strictObject({
    kind: z.literal('spending'),
    merchant,
    loose,
    category,
    several: several.optional(),
    without: without.optional(),
    period,
    amount: amountRange.optional(),
    /** "since payday": from the last pay on, wherever the period begins (see since-pay.ts). */
    sincePay: z.boolean().optional(),
    /** What is worked out; the sum unless said otherwise. */
    measure: z.enum(['sum', 'average', 'count', 'biggest']).optional(),
    /** "more than last month?": the same over another period, and the difference. */
    against: period.optional(),
    by: z.enum(['month', 'category', 'merchant']).optional(),
    /** What it comes to a week, beside the sum. */
    weekly: z.boolean().optional(),
    ownMoves,
    ...about,
  }),
  /** "did my paycheque land", "how much came in": money received. */
  z.strictObject({
    kind: z.literal('income'),
    period: period.optional(),
    payer: merchant,
    /** Only what looks like pay. */
    pay: z.boolean().optional(),
    /** Only what shops gave back. */
    refunds: z.boolean().optional(),
    /** "The one before that": so many pays before the newest one of the period. */
    back: z.int().min(1).max(mostBack).optional(),
    ownMoves,
    ...about,
  }),
  /** "show card ending 4821": the account's balance and its last payments. */
  z.strictObject({ kind: z.literal('account'), lastFour: z.string().regex(/^\d{4}$/), ...about }),
  z.strictObject({ kind: z.literal('help') }),
  z.strictObject({ kind: z.literal('hello') }),
  z.strictObject({ kind: z.literal('thanks') }),
  z.strictObject({ kind: z.literal('goodbye') }),
  z.strictObject({ kind: z.literal('person') }),
  z.strictObject({ kind: z.literal('stop') }),
  z.strictObject({ kind: z.literal('resume') }),
  z.strictObject({ kind: z.literal('link') }),
  z.strictObject({ kind: z.literal('unlink') }),
  z.strictObject({ kind: z.literal('permissions') }),
  /** The language to speak in this chat from now on, whatever is written. */
  z.strictObject({
    kind: z.literal('language'),
    tag: z.enum(['en-US', 'es-US', 'fr-CA']),
    /** "and in Spanish?": the last answer again, in that language. */
    again: z.boolean().optional(),
  }),
  /** Something is to be taken back; what, and whether really, is asked first. `one`: one kind of thing was named. */
  z.strictObject({
    kind: z.literal('withdraw'),
    everything: z.boolean().optional(),
    one: z.boolean().optional(),
  }),
  /** A payment is looked for and nothing is known of it yet. */
  z.strictObject({ kind: z.literal('find') }),
  /** "show it here": the last question about money again, with its figures, this once. */
  z.strictObject({ kind: z.literal('once') }),
  z.strictObject({ kind: z.literal('yes') }),
  z.strictObject({ kind: z.literal('no') }),
  /** A tap on one of a form's own buttons. */
  z.strictObject({ kind: z.literal('form'), handle: z.string().max(40), value: z.string().max(20) }),
  /** Understood, and answered with words alone: what is on our own pages, what cannot be done here, small talk. */
  z.strictObject({ kind: z.literal('told'), about: z.enum(toldNames) }),
  /** A question of general help, or one of the bank's own. */
  z.strictObject({ kind: z.literal('topic'), topic: z.string().max(60) }),
  /** Keep figures out of this chat from now on. */
  z.strictObject({
    kind: z.literal('hide'),
    /** One kind of thing was named; all figures go. */
    one: z.boolean().optional(),
  }),
  /** "Show it here, this once", and choices among accounts or banks: ask again what stands behind a handle. */
  z.strictObject({ kind: z.literal('again'), handle: z.string().max(40), once: z.boolean() }),
  z.strictObject({ kind: z.literal('unclear'), about: z.enum(['text', 'not-text']) }),
])
export type Ask = z.infer<typeof ask>
export type MoneyAsk = Extract<Ask, { kind: 'balance' | 'transactions' | 'spending' | 'income' | 'account' }>

export const isMoneyAsk = (asked: Ask): asked is MoneyAsk =>
  asked.kind === 'balance' ||
  asked.kind === 'transactions' ||
  asked.kind === 'spending' ||
  asked.kind === 'income' ||
  asked.kind === 'account'
