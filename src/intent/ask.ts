import { z } from 'zod'

/** A stretch of calendar days, inclusive, in the customer's zone. */
export const period = z.strictObject({ from: z.iso.date(), to: z.iso.date() })
export type Period = z.infer<typeof period>

/** How a customer named an account or card. */
export const accountHint = z.strictObject({
  lastFour: z
    .string()
    .regex(/^\d{4}$/)
    .optional(),
  type: z.enum(['checking', 'savings', 'credit-card']).optional(),
})
export type AccountHint = z.infer<typeof accountHint>

const about = { account: accountHint.optional(), institution: z.string().max(32).optional() }

/**
 * What a customer may ask at the counter. Kept (sealed) behind the handle of a button that may ask it again, hence a
 * schema: what is read back is checked like anything else.
 */
export const ask = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('balance'), ...about }),
  z.strictObject({
    kind: z.literal('transactions'),
    limit: z.int().min(1).max(10),
    merchant: z.string().max(80).optional(),
    period: period.optional(),
    ...about,
  }),
  z.strictObject({ kind: z.literal('spending'), merchant: z.string().max(80).optional(), period, ...about }),
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
  /** Keep figures out of this chat from now on. */
  z.strictObject({ kind: z.literal('hide') }),
  /** "Show it here, this once", and choices among accounts or banks: ask again what stands behind a handle. */
  z.strictObject({ kind: z.literal('again'), handle: z.string().max(40), once: z.boolean() }),
  z.strictObject({ kind: z.literal('unclear'), about: z.enum(['text', 'not-text']) }),
])
export type Ask = z.infer<typeof ask>
export type MoneyAsk = Extract<Ask, { kind: 'balance' | 'transactions' | 'spending' | 'account' }>

export const isMoneyAsk = (asked: Ask): asked is MoneyAsk =>
  asked.kind === 'balance' ||
  asked.kind === 'transactions' ||
  asked.kind === 'spending' ||
  asked.kind === 'account'
