import { minorDigits } from '../../core/money.ts'
import type { Amount, Language, ReadingContext } from '../reading.ts'
import { type CurrencyWord, currencyOf, currencyWords } from './amount-words.ts'
import { factorOf, figureAt, spelledAt } from './number.ts'
import { phraseAt, type Token } from './token.ts'

export type FoundAmount = {
  readonly amount: Amount
  readonly from: number
  readonly next: number
  readonly named: boolean
}

/** Amounts whose currency is said, in the order said: such a figure cannot be anything else. */
export function namedAmounts(
  tokens: readonly Token[],
  language: Language,
  ctx: ReadingContext,
): FoundAmount[] {
  const found: FoundAmount[] = []
  for (let at = 0; at < tokens.length; ) {
    const one = namedAt(tokens, at, language, ctx)
    if (one) {
      found.push(one)
      at = one.next
    } else at += 1
  }
  return found
}

export type Count = {
  readonly readings: readonly string[]
  readonly next: number
  readonly spelled: boolean
  readonly article: boolean
}

/** Digits before the decimal sign; no one has more money. */
const longestWhole = 12

/** A number from token `at`: digits with "k", "grand", "mil" behind, or words. */
export function countAt(
  tokens: readonly Token[],
  at: number,
  language: Language,
  currency: string | null,
): Count | null {
  const figure = figureAt(tokens, at, language, currency)
  if (figure) {
    const tail = tokens[figure.next]
    const factor =
      tail?.kind === 'word' && (tail.word !== 'k' || tail.glued) ? factorOf(tail.word, language) : 0
    if (!factor || factor === 100) return { ...figure, spelled: false, article: false }
    const readings = figure.readings.map((reading) => times(reading, factor))
    if (readings.some((reading) => (reading.split('.')[0] ?? '').length > longestWhole)) return null
    // "2 mil quinientos"
    const rest = spelledAt(tokens, figure.next + 1, language)
    if (rest && factor === 1000 && rest.value < 1000 && !rest.article && readings.length === 1)
      return {
        readings: [String(Number(readings[0]) + rest.value)],
        next: rest.next,
        spelled: false,
        article: false,
      }
    return { readings: [...new Set(readings)], next: figure.next + 1, spelled: false, article: false }
  }
  // "k" by itself is "ok".
  const spelled = tokens[at]?.word === 'k' ? null : spelledAt(tokens, at, language)
  if (spelled)
    return { readings: [String(spelled.value)], next: spelled.next, spelled: true, article: spelled.article }
  const said = tokens[at]?.word
  if (/^(?:an?|una?|une|un)$/.test(said ?? ''))
    return { readings: ['1'], next: at + 1, spelled: true, article: true }
  return null
}

/** Exact: the decimal sign moves, nothing is multiplied. */
function times(decimal: string, factor: number): string {
  const zeros = String(factor).length - 1
  const [whole = '', fraction = ''] = decimal.split('.')
  const digits = (whole + fraction.slice(0, zeros).padEnd(zeros, '0')).replace(/^0+(?=\d)/, '')
  const left = fraction.slice(zeros)
  return left ? `${digits}.${left}` : digits
}

export const spanOf = (tokens: readonly Token[], from: number, next: number): [number, number] => [
  tokens[from]?.start ?? 0,
  tokens[next - 1]?.end ?? 0,
]

function namedAt(
  tokens: readonly Token[],
  at: number,
  language: Language,
  ctx: ReadingContext,
): FoundAmount | null {
  // The sign before: "$20", "US$ 20", "€1.250,00", "CAD 40".
  let before = phraseAt(currencyWords, tokens, at)
  let figures = at
  let word: CurrencyWord | null = null
  if (
    before &&
    !before.value.cents &&
    (tokens[at]?.kind === 'sign' || /^(?:usd|cad|eur|gbp|mxn|jpy)$/.test(tokens[at]?.word ?? ''))
  ) {
    word = before.value
    figures = at + before.size
  } else if (
    /^(?:us|ca|c|cdn|a|mx)$/.test(tokens[at]?.word ?? '') &&
    tokens[at + 1]?.raw === '$' &&
    tokens[at + 1]?.glued
  ) {
    const country = tokens[at]?.word ?? ''
    word = { currency: country === 'us' ? 'USD' : country === 'a' ? 'AUD' : country === 'mx' ? 'MXN' : 'CAD' }
    figures = at + 2
  } else before = null
  const hint = word ? currencyOf(word, ctx) : ctx.currency
  if (word && tokens[figures]?.kind !== 'number') {
    // "$ twenty" is nobody's spelling, but "$1k" and "$ 20" are.
    return null
  }
  let count = countAt(tokens, figures, language, hint)
  if (!count) return null
  let next = count.next
  if (!word) {
    const joined = tokens[next]?.raw === '-' && tokens[next]?.glued ? next + 1 : next
    const linked =
      /^(?:de|d|of)$/.test(tokens[joined]?.word ?? '') && count.readings[0]?.endsWith('000')
        ? joined + 1
        : joined
    const after = phraseAt(currencyWords, tokens, linked)
    if (!after) return null
    // "a $52.36 charge": the sign belongs to what follows.
    if (
      tokens[linked]?.kind === 'sign' &&
      tokens[linked + 1]?.kind === 'number' &&
      (count.article || tokens[linked + 1]?.glued)
    )
      return null
    // "pound for pound", "a dollar store": an article with a coin counts only by itself.
    if (
      count.article &&
      !after.value.worth &&
      tokens[linked + 1]?.kind === 'word' &&
      /^(?:store|tree|general|menu|amount|value|sign|bill|cost)$/.test(tokens[linked + 1]?.word ?? '')
    )
      return null
    word = after.value
    next = linked + after.size
    const own = currencyOf(word, ctx)
    if (own !== hint && !count.spelled) count = countAt(tokens, figures, language, own) ?? count
    // "20 $ US", "20 $CA", "25 dollars canadiens"
    const tail = tokens[next]?.word
    if (word.kind === 'dollar' && !word.cents && /^(?:us|usd|ca|cad|can|cdn)$/.test(tail ?? '')) {
      word = { currency: /^us/.test(tail ?? '') ? 'USD' : 'CAD' }
      next += 1
    }
  } else {
    const tail = phraseAt(currencyWords, tokens, next)
    // "$20 dollars", "$20 CAD"
    if (tail && tail.value.currency && !tail.value.cents) {
      word = tail.value
      next += tail.size
    } else if (tail && !tail.value.cents && tail.value.kind !== undefined && tokens[next]?.kind === 'word')
      next += tail.size
  }
  const currency = currencyOf(word, ctx)
  let readings = count.readings
  if (word.cents) readings = readings.map(hundredth)
  if (word.worth) readings = readings.map((reading) => String(Number(reading) * (word?.worth ?? 1)))
  if (!word.cents && readings.length === 1 && !readings[0]?.includes('.')) {
    const cents = centsAfter(tokens, next, language, ctx)
    if (cents) {
      readings = [`${readings[0]}.${cents.cents}`]
      next = cents.next
    }
  }
  return { amount: amountOf(readings, currency, spanOf(tokens, at, next)), from: at, next, named: true }
}

function hundredth(decimal: string): string {
  const [whole = '0', fraction = ''] = decimal.split('.')
  const padded = whole.padStart(3, '0')
  return `${padded.slice(0, -2)}.${padded.slice(-2)}${fraction}`
}

/** "25 dollars and 50 cents", "3 bucks 20", "vingt piastres et quart" is not read. */
function centsAfter(
  tokens: readonly Token[],
  at: number,
  language: Language,
  ctx: ReadingContext,
): { cents: string; next: number } | null {
  const linked = /^(?:and|y|con|et)$/.test(tokens[at]?.word ?? '')
  const start = linked ? at + 1 : at
  const count = countAt(tokens, start, language, ctx.currency)
  const value = count?.readings.length === 1 ? (count.readings[0] as string) : ''
  if (!count || count.article || !/^\d{1,2}$/.test(value)) return null
  const coin = phraseAt(currencyWords, tokens, count.next)
  if (coin?.value.cents) return { cents: value.padStart(2, '0'), next: count.next + coin.size }
  // "3 dollars 20": two digits right behind, and nothing counted after them.
  const bare =
    !linked &&
    value.length === 2 &&
    !count.spelled &&
    (count.next === tokens.length || tokens[count.next]?.kind === 'mark')
  return bare && tokens[start - 1]?.kind === 'word' ? { cents: value, next: count.next } : null
}

export function amountOf(
  readings: readonly string[],
  currency: string | null,
  at: readonly [number, number],
): Amount {
  const fits = readings.filter(
    (reading) => (reading.split('.')[1] ?? '').length <= Math.max(2, minorDigits(currency ?? 'USD')),
  )
  const able = fits.length > 0 ? fits : readings
  if (readings.length > 1) return { type: 'ambiguous', readings: readings.map((reading) => reading), at }
  return { type: 'money', decimal: able[0] as string, currency, at }
}
