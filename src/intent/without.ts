import type { Transaction } from '../bank/bank.ts'
import type { CardRequest, Line, Safe } from '../disclosure/answer.ts'
import type { AmountRange, Without } from './ask.ts'
import { paymentsAt } from './merchant.ts'
import { ofKind, searchesOf } from './several.ts'

/**
 * Payments without what is to be left out, and how that is said: an answer without something must never read as one
 * over everything, nor one over everything as one without it.
 */
export function leavingOut(
  items: readonly Transaction[],
  without: Without | undefined,
): {
  readonly items: readonly Transaction[]
  readonly said: readonly Line[]
  /** Something was left out. */
  readonly left: boolean
} {
  if (without === undefined) return { items, said: [], left: false }
  const out = new Set(
    without.of.flatMap(({ merchant, category }) =>
      category === undefined ? paymentsAt(items, merchant ?? '') : ofKind(items, category),
    ),
  )
  const what = { type: 'asked', text: without.said } as const
  return {
    items: items.filter((item) => !out.has(item)),
    left: out.size > 0,
    said: [{ key: out.size > 0 ? 'note.left-out' : 'note.nothing-left-out', params: { what } }],
  }
}

/** For the sealed card: the same left out, and the same bounds. */
export const limitsOnCard = ({
  without,
  amount,
}: {
  readonly without?: Without | undefined
  readonly amount?: AmountRange | undefined
}): Pick<CardRequest, 'without' | 'min' | 'max' | 'currency'> => ({
  ...(without
    ? { without: { said: without.said, of: searchesOf(without).map(({ search }) => search) } }
    : {}),
  ...(amount?.min ? { min: amount.min } : {}),
  ...(amount?.max ? { max: amount.max } : {}),
  ...(amount?.currency ? { currency: amount.currency } : {}),
})

/** Bounds, and not one figure with its cents. */
export const isBound = ({ min, max }: AmountRange): boolean => !(min && max && max.startsWith(min))

/** "Only payments over 50": bounds of a sum, in the figures that were said. */
export function bounded({ amount }: { readonly amount?: AmountRange | undefined }): Line[] {
  if (amount === undefined) return []
  const said = (text: string | undefined, name: string): Record<string, Safe> =>
    text === undefined ? {} : { [name]: { type: 'asked', text } }
  return [{ key: 'note.bounds', params: { ...said(amount.min, 'min'), ...said(amount.max, 'max') } }]
}
