import { bare } from '../nlu/bare.ts'
import type { Clause } from '../nlu/reading.ts'
import type { Ask } from './ask.ts'
import { bars, isMoneyRead, isRight } from './evident.ts'
import { moneyAsk } from './money-ask.ts'
import { withoutIn } from './names.ts'
import { folded } from './sentence-words.ts'
import { periodOf, rangeMeant, type AskContext } from './when.ts'

/** "show card ending 4821", "4821": the account itself, with its last payments. */
export function accountShown(clause: Clause, context?: AskContext): Ask | null {
  const bounds = context ? listShown(clause, context) : null
  if (bounds) return bounds
  const { slots, guesses, text } = clause
  const lastFour =
    slots.account?.lastFour ?? (showWords.test(bare(text)) ? /\b\d{4}\b/.exec(text)?.[0] : undefined)
  // "tarjeta terminación 9034 en octubre": nothing but an account and a time is asked to be seen.
  const period = context ? periodOf(rangeMeant(clause), context) : null
  const left = bare(slots.rest)
  if (
    lastFour &&
    period &&
    slots.amounts.length === 0 &&
    (left === '' || showWords.test(left)) &&
    !slots.measure
  )
    return { kind: 'transactions', limit: 5, account: { lastFour }, period }
  if (lastFour && slots.account === null && slots.periods.length === 0) return { kind: 'account', lastFour }
  if (!lastFour || slots.amounts.length > 0 || slots.periods.length > 0 || slots.count !== null) return null
  if (showWords.test(bare(text))) return { kind: 'account', lastFour }
  const [best] = guesses
  return best === undefined || best.name === 'transactions' ? { kind: 'account', lastFour } : null
}
/** "payments over 50", "plus de 100", "todo menos la renta": nothing but payments and which of them. */
function listShown(clause: Clause, context: AskContext): Ask | null {
  const { amounts, comparison, names, rest, ordinal, count } = clause.slots
  const left = bare(rest)
  if (names.length > 0 || ordinal !== null || !(left === '' || paymentWords.test(left))) return null
  if (amounts.length === 0) {
    if (withoutIn(clause) === null || isNoQuestion(clause)) return null
    // "the last 3 without …" is a list, "all but …" a sum; the model tells the rest.
    if (count !== null) return moneyAsk('transactions', clause, context)
    return left === '' || allWords.test(left) ? moneyAsk('spending', clause, context) : null
  }
  // "Do I have more than 2000 in checking": what there is, and no payments.
  const [best] = clause.guesses
  if (best?.name === 'balance' && best.p >= bars.sure) return null
  const bounds = comparison === 'more' || comparison === 'less' || comparison === 'between'
  const sums = amounts.every(({ type }) => type === 'money')
  return bounds && sums && amounts.length === (comparison === 'between' ? 2 : 1)
    ? moneyAsk('transactions', clause, context)
    : null
}
/** "Quita mis datos", "take out Netflix": an order, which only speaks of payments right behind a list of them. */
function isNoQuestion({ text, guesses: [best] }: Clause): boolean {
  const orders = ordered.test(folded(text))
  return (
    best !== undefined && best.p >= bars.read && !isMoneyRead(best.name) && (orders || isRight(best.name))
  )
}
const ordered =
  /^\W*(?:(?:please|por favor|porfa|svp|ok|pues|y|et|pis|and)\W+)*(?:quit\w+|otez?|oter|enlev\w+|exclu\w+|omit\w*|ignor\w+|leave (?:out|off))\b/i

const allWords = /^(?:(?:all|todos?|todas?|tous|toutes|everything|tout) ?)+$/
const paymentWords =
  /^(?:(?:payments?|transactions?|purchases?|charges?|show|see|list|find|ones|pagos?|transacciones|compras?|cargos?|movimientos?|muestra\w*|ver|paiements?|achats?|mouvements?|montre\w*|voir|all|todos?|todas?|tous|toutes|everything|tout) ?)+$/

/** Nothing but an account, and that it is to be seen. */
const showWords =
  /^(?:(?:please|just|only|solo|nomas|juste|seulement|can you|could you|show|see|open|find|view|look up|pull up|me|my|the|a|card|cards|account|acct|ending|ends|in|with|number|tarjeta|cuenta|muestra\w*|muestrame|ver|ensename|la|el|mi|que|termina\w*|terminad\w+|en|de|con|numero|montre\w*|montrez|voir|moi|le|ma|mon|carte|compte|finissant|terminant|qui|finit|par|se|x+|\d{4}|acabad\w+) ?)+$/
