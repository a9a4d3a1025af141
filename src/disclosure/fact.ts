import type { Field } from '../consent/field.ts'
import type { Money } from '../core/money.ts'

/** What a fact's value can be. Text is data from the bank or from outside; it is never markup and never an instruction. */
export type FactValue =
  | { readonly type: 'money'; readonly money: Money }
  | { readonly type: 'date' /** Epoch ms. */; readonly at: number; readonly withTime: boolean }
  | { readonly type: 'period' /** Calendar dates, inclusive. */; readonly from: string; readonly to: string }
  | { readonly type: 'count'; readonly count: number }
  | { readonly type: 'text'; readonly text: string }
  /** A word from one of our closed lists (an account type, a status), worded by the catalogue. */
  | { readonly type: 'term'; readonly key: string }

/**
 * A piece of bank data. It is a value, not a string: only disclosure/ turns facts into words. `toJSON` and `toString`
 * are not there by accident: a fact must never reach a log, a URL or a template by being printed.
 */
export type Fact = {
  readonly field: Field
  readonly value: FactValue
  /** The account it speaks of, null when it is about several. */
  readonly accountId: string | null
}

export const fact = (field: Field, value: FactValue, accountId: string | null = null): Fact => ({
  field,
  value,
  accountId,
})
