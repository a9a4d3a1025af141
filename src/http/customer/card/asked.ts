import type { Transaction } from '../../../bank/bank.ts'
import type { CardRequest } from '../../../disclosure/answer.ts'
import type { Period } from '../../../intent/ask.ts'
import type { AccountWithBalance, Asked } from '../../pages/card.ts'
import type { Answer } from '../../pages/card-answer.ts'
import type { Payment } from '../../pages/card-payments.ts'
import type { Loaded } from '../../pages/loaded.ts'

/** The top of the card while what was asked for is not there. */
export const waitingFor = (
  { shows, pay, refunds }: CardRequest,
  of: Exclude<Loaded<never>, { state: 'ready' }>,
): Asked =>
  shows === 'spending' || shows === 'income'
    ? { kind: 'answer', subject: pay ? 'pay' : refunds ? 'refunds' : shows, of }
    : shows === 'transactions'
      ? { kind: 'payments', found: null }
      : { kind: 'balance', of, several: false }

/** What the top of the card is made of. */
export type Top = {
  /** The question of the chat, worked out, and the payments that fit it; null where it was over no days. */
  readonly told: { readonly answer: Answer | null; readonly made: readonly Transaction[] } | null
  readonly period: Period | null
  /** Newest first, of the accounts that were asked about. */
  readonly newest: readonly Transaction[]
  readonly row: (transaction: Transaction) => Payment
  /** The account that was asked about first. */
  readonly main: AccountWithBalance | null
  readonly partial: boolean
}

/** The one thing that was asked for in the chat, from what was read. */
export function askedOf(request: CardRequest, top: Top): Asked {
  const { told, period, newest, row, main, partial } = top
  if (told?.answer)
    return {
      kind: 'answer',
      subject: told.answer.subject,
      of: { state: 'ready', partial, value: told.answer },
    }
  const one = request.one && onePayment(newest, request.one)
  if (one) return { kind: 'payment', payment: row(one) }
  if (request.shows === 'transactions' || main === null)
    return { kind: 'payments', found: told && period ? { count: told.made.length, ...period } : null }
  return {
    kind: 'balance',
    of: { state: 'ready', partial, value: main },
    several: request.accountIds.length > 1,
  }
}

/** The one payment that was asked for among the newest so many; null where there is none such. */
export function onePayment(
  items: readonly Transaction[],
  { nth, of }: NonNullable<CardRequest['one']>,
): Transaction | null {
  const list = items.slice(0, of)
  return (nth < 0 ? list.at(nth) : list[nth - 1]) ?? null
}
