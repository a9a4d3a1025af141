import type { Span } from '../reading.ts'
import { functionWords, requestWords } from './function-words.ts'
import { type Token, tokensOf } from './token.ts'

/** The customer's own name for an account, perhaps: only their accounts can tell. */
export type AccountName = {
  readonly name: string
  readonly at: Span
  /** Nothing but a word of accounts stands beside it ("compte voyage"), so it is no kind of shop. */
  readonly plain: boolean
}

const before = /^(?:compte|comptes|cuenta|cuentas|carte|tarjeta|bolsillo|alcancia)$/
const behind = /^(?:account|acct|card|pot|cuenta|tarjeta|checking|chequing|savings|visa|mastercard|amex)$/
const types =
  /^(?:checking|chequing|savings?|cheques?|epargne|courant|ahorros?|corriente|credit|credito|debit|debito|visa|mastercard|amex|cc|bank|banco|bancaria|bancaire|number|numero)$/
const between = /^(?:de|d|du|del|called|named|llamada|nomme|appele)$/
const most = 3

/**
 * What stands beside a word of accounts: "compte voyage", "ma carte Érable", "rainy day account", "Everyday checking".
 * `spoken`: what other slots speak for.
 */
export function accountNameIn(text: string, spoken: readonly Span[]): AccountName | null {
  const tokens = tokensOf(text)
  const content = (at: number): boolean => {
    const token = tokens[at]
    return (
      token?.kind === 'word' &&
      !functionWords.has(token.word) &&
      !types.test(token.word) &&
      !spoken.some(([from, to]) => token.start < to && token.end > from)
    )
  }
  const asks = (at: number): boolean => {
    const { raw = '', word = '' } = tokens[at] ?? {}
    return requestWords.has(word) && !(at > 0 && /^\p{Lu}\p{Ll}/u.test(raw))
  }
  for (const [at, token] of tokens.entries()) {
    if (before.test(token.word)) {
      const from = between.test(tokens[at + 1]?.word ?? '') ? at + 2 : at + 1
      let next = from
      while (content(next) && next - from < most) next += 1
      while (next > from && asks(next - 1)) next -= 1
      if (next > from && !asks(from)) return named(tokens, text, from, next, true)
    }
    if (behind.test(token.word)) {
      let from = at
      while (content(from - 1) && at - from < most) from -= 1
      while (from < at && asks(from)) from += 1
      // "rainy day account" ends in a word of time, "gas card" in one of its own.
      if (from < at) return named(tokens, text, from, at, !types.test(token.word))
    }
  }
  return null
}

const named = (
  tokens: readonly Token[],
  text: string,
  from: number,
  next: number,
  plain: boolean,
): AccountName => {
  const at = [tokens[from]?.start ?? 0, tokens[next - 1]?.end ?? 0] as const
  return { name: text.slice(...at), at, plain }
}
