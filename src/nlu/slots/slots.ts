import type { Amount, Follow, Language, ReadingContext, Slots } from '../reading.ts'
import { accountIn } from './account.ts'
import { namedAmounts } from './amount.ts'
import { askedOf, comparisonOf } from './asked.ts'
import { bareAmounts, sharesIn } from './bare-amount.ts'
import { categoryIn, isCategoryWord } from './category.ts'
import { datesIn } from './date.ts'
import { excludedIn } from './excluded.ts'
import { followOf, negatedIn } from './follow.ts'
import { functionWords } from './function-words.ts'
import { namesIn } from './name.ts'
import { type Token, tokensOf } from './token.ts'

/** A clause holds few of each; what is beyond is noise. */
const mostAmounts = 6
const mostPeriods = 4

/**
 * Reads the slots of one clause. The order decides who gets a figure: a currency first, then an account's last four, then
 * dates and times, then counts and places in a list; what is left may be an amount.
 */
export function slotsOf(
  text: string,
  language: Language,
  ctx: ReadingContext,
): { slots: Slots; follow: Follow | null; negated: boolean } {
  const tokens = tokensOf(text)
  const taken = new Uint8Array(tokens.length)
  const busy = (at: number): boolean => taken[at] === 1
  const use = (from: number, next: number): void => {
    taken.fill(1, Math.max(0, from), next)
  }
  const amounts = namedAmounts(tokens, language, ctx)
  for (const one of amounts) use(one.from, one.next)
  const dates = datesIn(tokens, language, ctx, busy)
  // Years and days are no last four, unless words of accounts say so: those are read before the dates are taken.
  const account = accountIn(tokens, (from, next) => {
    for (let at = from; at < next; at += 1) if (busy(at)) return
    use(from, next)
  })
  const periods = dates.filter((date) => !overlaps(date, busy))
  for (const date of periods) use(date.from, date.next)
  const asked = askedOf(tokens, language, busy, use)
  const bare = bareAmounts(tokens, language, ctx, busy)
  for (const one of bare) use(one.from, one.next)
  const shares = sharesIn(tokens, busy)
  for (const one of shares) use(one.from, one.next)
  const all = [...amounts, ...bare, ...shares].sort((a, b) => a.from - b.from).slice(0, mostAmounts)
  const compared = comparisonOf(
    tokens,
    all.filter((one) => one.amount.type !== 'share'),
  )
  if (compared) use(compared.from, compared.next)
  const comparison = compared?.is ?? null
  const excluded = excludedIn(text, [
    ...periods.flatMap(({ range }) => (range ? [range.at] : [])),
    ...all.map(({ amount }) => amount.at),
  ])
  // What is to be left out is no place that is asked about.
  if (excluded)
    for (const [at, token] of tokens.entries())
      if (token.start >= excluded.at[0] && token.end <= excluded.at[1]) use(at, at + 1)
  const category = categoryIn(tokens, busy)
  if (category) use(category.from, category.next)
  const names = namesIn(tokens, text, (at) => busy(at) || (category !== null && isCategoryWord(tokens, at)))
  const left = tokens.filter(
    (token, at) =>
      !busy(at) &&
      token.kind !== 'mark' &&
      token.kind !== 'sign' &&
      !functionWords.has(token.word) &&
      !(comparison !== null && comparing.test(token.word)),
  )
  const slots: Slots = {
    amounts: spread(all, comparison),
    comparison,
    periods: periods.flatMap((date) => (date.range ? [date.range] : [])).slice(0, mostPeriods),
    account,
    category: category?.category ?? null,
    ...asked,
    measure: measureOf(asked.measure, periods.filter((date) => date.range).length, tokens),
    names,
    rest: left.map((token) => token.raw).join(' '),
  }
  const any =
    all.length > 0 ||
    slots.periods.length > 0 ||
    account !== null ||
    excluded !== null ||
    category !== null ||
    asked.count !== null ||
    asked.ordinal !== null
  const negated = negatedIn(tokens)
  return {
    slots,
    follow: negated ? null : followOf(tokens, language, { slot: any, names, rest: left.length }),
    negated,
  }
}

const overlaps = (date: { from: number; next: number }, busy: (at: number) => boolean): boolean => {
  for (let at = date.from; at < date.next; at += 1) if (busy(at)) return true
  return false
}

const comparing =
  /^(?:more|less|greater|bigger|higher|lower|mas|menos|mayor|mayores|menor|menores|plus|moins|least|most)$/

/** Two periods side by side are compared, whatever the words: "more in March or in April". */
function measureOf(said: Slots['measure'], periods: number, tokens: readonly Token[]): Slots['measure'] {
  if (periods !== 2 || said === 'average' || said === 'count') return said
  return tokens.some((token) =>
    /^(?:vs|versus|or|o|ou|than|que|more|less|mas|menos|plus|moins|contra|contre)$/.test(token.word),
  )
    ? 'compare'
    : said
}

/** "between 10 and 20 dollars": the currency is said once and meant twice. */
function spread(found: readonly { amount: Amount }[], comparison: Slots['comparison']): Amount[] {
  const amounts = found.map((one) => one.amount)
  const named = amounts.find((amount) => amount.type === 'money' && amount.currency !== null)
  if (comparison !== 'between' || named?.type !== 'money') return amounts
  return amounts.map((amount) =>
    amount.type === 'money' && amount.currency === null ? { ...amount, currency: named.currency } : amount,
  )
}
