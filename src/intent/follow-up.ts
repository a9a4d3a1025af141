import type { Clause } from '../nlu/reading.ts'
import type { MoneyAsk } from './ask.ts'
import {
  accountIn,
  amountOf,
  before,
  countIn,
  periodOf,
  rangeMeant,
  saidBesides,
  whereOf,
  type AskContext,
} from './money-ask.ts'

/**
 * "and last month?", "what about Target", "the second one", "make it 10", "no, I meant savings": the question before
 * this one with something changed. Null when the clause is a question of its own.
 */
export function followUp(clause: Clause, last: MoneyAsk, context: AskContext): MoneyAsk | null {
  const { follow, guesses } = clause
  const [best] = guesses
  const alone = saidBesides(clause) === ''
  // A full sentence that refers to nothing before it is a question of its own.
  if (follow === null && !alone) return null
  const changed = changedBy(clause, last, context)
  if (changed === null || !best) return changed
  // "No, I meant Target" is no no.
  if (best.name === 'no' || best.name === 'yes') return changed
  // So is one that clearly asks for something else; the less there is besides slots, the clearer that must be.
  const bar = alone
    ? follow === 'also'
      ? 0.995
      : isMoney(best.name)
        ? 0.8
        : 0.97
    : isMoney(best.name)
      ? 0.8
      : 0.6
  return best.p >= bar && best.name !== last.kind ? null : changed
}

const isMoney = (name: string): boolean =>
  name === 'balance' || name === 'transactions' || name === 'spending' || name === 'income'

function changedBy(clause: Clause, last: MoneyAsk, context: AskContext): MoneyAsk | null {
  const { slots } = clause
  const account = accountIn(clause)
  const period = periodOf(rangeMeant(clause), context)
  const where = whereOf(clause)
  const said = {
    account: 'account' in account,
    period: period !== null,
    where: 'merchant' in where || 'category' in where,
    amount: slots.amounts.length > 0,
  }
  switch (last.kind) {
    case 'balance':
    case 'account':
      return said.account && !said.period && !said.where
        ? { kind: 'balance', ...aboutOf(last), ...account }
        : null
    case 'transactions': {
      const nth = slots.ordinal
      const count = slots.count ?? countIn(clause.text) ?? (nth === null ? wholeNumber(clause) : null)
      if (!(said.account || said.period || said.where || said.amount || nth !== null || count !== null))
        return null
      const { merchant: _m, loose: _l, category: _c, nth: _n, ...rest } = last
      return {
        ...rest,
        ...(said.where ? where : whereBefore(last)),
        ...(period ? { period } : {}),
        ...(count === null ? amountOf(clause) : { limit: Math.min(10, Math.max(1, count)) }),
        ...(nth === null ? {} : { nth: Math.max(-1, Math.min(10, nth)) }),
        ...account,
      }
    }
    case 'spending': {
      if (!(said.account || said.period || said.where || slots.by || slots.measure)) return null
      const { merchant: _m, loose: _l, category: _c, against: _a, by, ...rest } = last
      const compares = slots.measure === 'compare'
      return {
        ...rest,
        ...(said.where ? where : whereBefore(last)),
        // "more than last month?" compares with it; "and last month?" asks about it.
        ...(compares ? { against: period ?? before(last.period) } : period ? { period } : {}),
        ...(slots.by ? { by: slots.by } : by && !said.where ? { by } : {}),
        ...(slots.measure && slots.measure !== 'compare' ? { measure: slots.measure } : {}),
        ...account,
      }
    }
    case 'income': {
      if (!(said.account || said.period || slots.names.length > 0)) return null
      const { payer: _, ...rest } = last
      const payer = slots.names[0] ?? last.payer
      return { ...rest, ...(payer ? { payer } : {}), ...(period ? { period } : {}), ...account }
    }
  }
}

const whereBefore = (last: Extract<MoneyAsk, { kind: 'transactions' | 'spending' }>) => ({
  ...(last.merchant ? { merchant: last.merchant, ...(last.loose ? { loose: true } : {}) } : {}),
  ...(last.category ? { category: last.category } : {}),
})

const aboutOf = ({ institution }: MoneyAsk) => (institution ? { institution } : {})

/** "make it 10", "I meant 6" after a list is a number of payments, not a sum of money. */
function wholeNumber({ slots: { amounts, comparison }, text }: Clause): number | null {
  const [only, more] = amounts
  if (more || comparison !== null || (only && (only.type !== 'money' || only.currency !== null))) return null
  const figures = text.match(/\d+(?:[.,]\d+)?/g) ?? []
  const value = Number(figures[0])
  return figures.length === 1 && Number.isInteger(value) && value >= 1 && value <= 10 ? value : null
}
