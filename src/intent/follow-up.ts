import type { Clause } from '../nlu/reading.ts'
import { pagingIn } from '../nlu/slots/paging.ts'
import type { MoneyAsk, Period } from './ask.ts'
import { isRight } from './evident.ts'
import { accountIn, amountOf, countIn } from './money-ask.ts'
import { nameMeant, narrows } from './name-meant.ts'
import { saidBesides, whereOf, withoutIn } from './names.ts'
import { fromNewest, pageAfter } from './page.ts'
import { referBack } from './refer-back.ts'
import {
  before,
  besideIt,
  corrects,
  isSincePay,
  isWholeYear,
  periodOf,
  rangeMeant,
  type AskContext,
} from './when.ts'

/**
 * "and last month?", "what about Target", "the second one", "make it 10", "no, I meant savings": the question before
 * this one with something changed. Null when the clause is a question of its own.
 */
export function followUp(clause: Clause, last: MoneyAsk, context: AskContext): MoneyAsk | null {
  const { follow, guesses, slots, text } = clause
  const [best] = guesses
  const paging = last.kind === 'transactions' ? pagingIn(text) : null
  if (last.kind === 'transactions' && paging) return pageAfter(last, paging)
  const back = referBack(clause, last, context)
  if (back) return back
  // A name by itself is like nothing that the model has read, whatever it takes "just Blue Heron" for.
  const only = saidBesides(clause, true) === '' && (narrows(clause) || nameMeant(clause) !== null)
  const refers = only || follow !== null || corrects(clause)
  if (!refers) {
    // Without a word that refers back, only what is nothing but slots is about the question before: "last month",
    // "the second one". A whole question inherits nothing, however few words it has.
    const leavesOut = withoutIn(clause) !== null && !(best && best.p >= 0.85 && isRight(best.name))
    if (saidBesides(clause, false) !== '' || !(hasSlots(slots) || leavesOut)) return null
    // "vs September" has no other side but the question before.
    const bar = isBareLimit(clause) && (!best || isMoney(best.name)) ? 1.1 : 0.85
    if (
      best &&
      !small.has(best.name) &&
      best.p >= bar &&
      slots.ordinal === null &&
      !leavesOut &&
      !heldAgainst.test(text)
    )
      return null
  } else if (!only && best && best.name !== 'no' && best.name !== 'yes' && best.name !== last.kind) {
    // Nor does one that begins with "and" and then clearly asks for something else.
    const bar = saidBesides(clause, true) === '' ? 0.995 : isMoney(best.name) ? 0.8 : 0.7
    if (best.p >= bar) return null
  }
  return changedBy(clause, last, context)
}

/** "last month", "over 50", and nothing else: limits what was asked before, whatever the model takes it for. */
const isBareLimit = ({ slots }: Clause): boolean =>
  (slots.periods.length > 0 || (slots.amounts.length > 0 && slots.comparison !== null)) &&
  [slots.account, slots.category, slots.count, slots.by, slots.measure].every((one) => one === null)

/** "Thanks! And last week?": what is asked is asked behind it. */
const small: ReadonlySet<string> = new Set(['thanks', 'hello', 'yes'])

const heldAgainst = /^\W*(?:vs|versus|against|contra|contre|compared? (?:to|with))\b/i

const hasSlots = ({
  periods,
  account,
  category,
  count,
  ordinal,
  amounts,
  by,
  measure,
}: Clause['slots']): boolean =>
  periods.length + amounts.length > 0 ||
  [account, category, count, ordinal, by].some((one) => one !== null) ||
  (measure !== null && measure !== 'sum')

const isMoney = (name: string): boolean =>
  name === 'balance' || name === 'transactions' || name === 'spending' || name === 'income'

function changedBy(clause: Clause, last: MoneyAsk, context: AskContext): MoneyAsk | null {
  const { slots } = clause
  const account = accountIn(clause)
  const period = periodOf(rangeMeant(clause), context)
  const where = namedIn(clause)
  const said = {
    account: 'account' in account,
    period: period !== null,
    where: 'merchant' in where || 'category' in where || 'several' in where,
    without: 'without' in where,
    amount: slots.amounts.length > 0,
  }
  switch (last.kind) {
    case 'balance':
    case 'account':
      if (said.period || 'category' in where) return null
      if (said.account) return { kind: 'balance', ...aboutOf(last), ...account }
      if (cardWords.test(clause.text))
        return { kind: 'balance', ...aboutOf(last), account: { type: 'credit-card' } }
      // "and the holiday pot?": an account by the customer's own name for it.
      return 'merchant' in where && where.merchant
        ? { kind: 'balance', ...aboutOf(last), account: { name: where.merchant.slice(0, 40) } }
        : null
    case 'transactions': {
      const nth = slots.ordinal
      const count = slots.count ?? countIn(clause.text) ?? (nth === null ? wholeNumber(clause) : null)
      if (
        !(
          said.account ||
          said.period ||
          said.where ||
          said.without ||
          said.amount ||
          nth !== null ||
          count !== null
        )
      )
        return null
      // Another place in the list just given keeps to its page; anything else is a list of its own.
      const { merchant: _m, loose: _l, category: _c, several: _s, nth: _n, alone, ...list } = last
      const samePage = nth !== null && !(said.account || said.period || said.where || said.amount) && !alone
      const rest = samePage ? list : fromNewest(list)
      return {
        ...rest,
        ...(said.where ? where : { ...whereBefore(last), ...where }),
        ...(period ? { period } : {}),
        ...(count === null ? amountOf(clause) : { limit: Math.min(10, Math.max(1, count)) }),
        ...(nth === null ? {} : { nth: Math.max(-1, Math.min(10, nth)) }),
        ...account,
      }
    }
    case 'spending': {
      const bounds = slots.comparison === null ? {} : amountOf(clause)
      if (
        !(
          said.account ||
          said.period ||
          said.where ||
          said.without ||
          'amount' in bounds ||
          slots.by ||
          slots.measure ||
          isSincePay(clause)
        )
      )
        return null
      const {
        merchant: _m,
        loose: _l,
        category: _c,
        several: _o,
        against: _a,
        sincePay: _s,
        by,
        ...rest
      } = last
      // "and with rent?": what was left out is asked about again.
      const back = where.without === undefined && namesLeftOut(last, where)
      if (back && withWords.test(clause.text)) {
        const { without: _w, ...all } = last
        return { ...all, ...(period ? { period } : {}), ...account }
      }
      const compares = slots.measure === 'compare'
      const pay = isSincePay(clause)
      return {
        ...rest,
        ...(back ? { without: undefined } : {}),
        ...(pay || (last.sincePay && !period && !compares) ? { sincePay: true } : {}),
        ...bounds,
        ...(said.where ? where : { ...whereBefore(last), ...where }),
        // "more than last month?" compares with it; "and last month?" asks about it.
        ...(compares ? heldAgainstSaid(last.period, period, context) : period ? { period } : {}),
        ...(slots.by ? { by: slots.by } : by && !said.where ? { by } : {}),
        ...(slots.measure && slots.measure !== 'compare' ? { measure: slots.measure } : {}),
        ...account,
      }
    }
    case 'income': {
      if (!(said.account || said.period || slots.names.length > 0)) return null
      const { payer: _, back: _b, pay, ...rest } = last
      const payer = slots.names[0] ?? last.payer
      // "Did I get paid?" and then "what about Tom": what he sent, which is no wages.
      const wages = pay && payer === last.payer
      return {
        ...rest,
        ...(wages ? { pay } : {}),
        ...(payer ? { payer } : {}),
        ...(period ? { period } : {}),
        ...account,
      }
    }
  }
}

/** What is named, or as much just before; of a whole year, the same days. */
const heldAgainstSaid = (mine: Period, named: Period | null, context: AskContext) =>
  named === null
    ? { against: before(mine) }
    : isWholeYear(named)
      ? besideIt(mine, named, context)
      : { against: named }

/** "what about Blue Heron" names something, so that it is never left out unsaid. */
function namedIn(clause: Clause): ReturnType<typeof whereOf> {
  const { loose, ...where } = whereOf(clause)
  return loose && where.category ? { ...where, loose } : where
}
const withWords =
  /^\W*(?:(?:and|y|et|pis|ahora|now|maintenant)\W+)?(?:with|including|con|incluyendo|avec|incluant)\b/iu
function namesLeftOut(
  last: Extract<MoneyAsk, { kind: 'spending' }>,
  where: ReturnType<typeof whereOf>,
): boolean {
  return (
    last.without?.of.some(
      ({ merchant, category }) =>
        (merchant !== undefined && merchant === where.merchant) ||
        (category !== undefined && category === where.category),
    ) ?? false
  )
}
const cardWords = /\b(card|tarjeta|carte)\b/i

const whereBefore = (last: Extract<MoneyAsk, { kind: 'transactions' | 'spending' }>) => ({
  ...(last.merchant ? { merchant: last.merchant, ...(last.loose ? { loose: true } : {}) } : {}),
  ...(last.category ? { category: last.category } : {}),
  ...(last.several ? { several: last.several } : {}),
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
