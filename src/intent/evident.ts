import type { Clause, Guess } from '../nlu/reading.ts'
import { lastBill } from './last-bill.ts'
import { isName, saidBesides, severalIn } from './names.ts'
import {
  folded,
  goesOut,
  incomeWords,
  listWords,
  moneyWords,
  paidWords,
  spendWords,
} from './sentence-words.ts'

/**
 * From these probabilities on. What only reads may be answered at once, for a wrong guess costs a sentence; what changes
 * something is asked again by its form whatever the probability, so the bar is for being asked at all.
 */
export const bars = {
  read: 0.6,
  offer: 0.2,
  outOfScope: 0.6,
  away: 0.5,
  sure: 0.9,
  topic: 0.45,
  together: 0.4,
} as const

export const isMoneyRead = (name: Guess['name']): boolean =>
  name === 'balance' || name === 'transactions' || name === 'spending' || name === 'income'

/** What nobody may lose to a question about money that is somewhat like it. */
export const isRight = (name: Guess['name']): boolean => rights.has(name)
const rights: ReadonlySet<string> = new Set([
  'erase',
  'export',
  'withdraw',
  'unlink',
  'permissions',
  'stop',
  'person',
])

/** Nothing but several shops or kinds. */
export const isBareList = (clause: Clause): boolean =>
  saidBesides(clause, true) === '' && severalIn(clause) !== null

/** Something was found that only a question about money has. */
function hasEvidence({ text, slots }: Clause): boolean {
  const { periods, category, count, account, by, measure, names, amounts, comparison } = slots
  return (
    periods.length > 0 ||
    category !== null ||
    count !== null ||
    account !== null ||
    by !== null ||
    (measure !== null && measure !== 'sum') ||
    (amounts.length > 0 && comparison !== null) ||
    names.some((name) => isName(name, text))
  )
}

/**
 * What a clause is about where the model wavers between questions about money, or names none of them surely: then its
 * own words and slots tell. Only ever a question that reads; null where they tell nothing.
 */
export function evident(clause: Clause, best: Guess): Guess['name'] | null {
  const { slots } = clause
  const said = folded(clause.text)
  if (
    best.name.startsWith('topic:pending') &&
    listWords.test(said) &&
    !/\b(why|how long|pourquoi|por que)\b/i.test(said)
  )
    return 'transactions'
  // "mes paiements", "pagos a Priya": the payments there are, and none to be made or that weighs on somebody.
  if ((best.name === 'pay' || best.name === 'hardship') && headedByPayments.test(said)) return 'transactions'
  if (
    best.name !== 'fees' &&
    refundWhether.test(said) &&
    !/\b(?:not|never|no|n't|pas|jamais|pero|but|mais|why)\b|n't/i.test(said)
  )
    return 'income'
  // "La dernière facture d'hydro", and nothing else: that payment, for papers are not here.
  if (lastOne.test(said) && lastBill(clause)) return 'spending'
  // "Show me the last 3 from Parcelway": payments, whatever comes from there.
  if (best.name === 'parcels' && listOfLast.test(said)) return 'transactions'
  const reads = isMoneyRead(best.name)
  if (goesOut(said) && (slots.names.length > 0 || slots.category !== null)) return 'transactions'
  if ((reads || best.name === 'pay') && paidWords.test(said)) return 'income'
  // "On the card this month", and nothing else: what went over it.
  if (best.p < bars.sure && slots.periods.length > 0 && bareCard.test(said)) return 'spending'
  if (reads && best.name !== 'income' && best.p < 0.95 && incomeWords.test(said)) return 'income'
  const worksOut = slots.measure !== null && slots.measure !== 'sum'
  if (best.name === 'transactions' && best.p < 0.98 && (worksOut || spendWords.test(said))) return 'spending'
  // "pagos en Walmart y Target": two shops sound like a sum; who says payments wants them listed.
  if (best.name === 'spending' && best.p < 0.95 && slots.measure === null && !spendWords.test(said))
    if (moneyWords[1][0].test(said) && severalIn(clause)) return 'transactions'
  // "Netflix, Spotify and Disney", and no word of payments: what they come to.
  const comesTo = reads || (best.p < bars.sure && (slots.periods.length > 0 || slots.category !== null))
  if (comesTo && isBareList(clause)) return 'spending'
  if (best.p >= bars.sure) return null
  const named = moneyWords.find(([words]) => words.test(said))?.[1] ?? null
  if (!hasEvidence(clause)) return named && slots.names.length > 0 && best.p < bars.read ? named : null
  if (reads && best.p >= bars.read) return best.name
  const money = clause.guesses.filter((guess) => isMoneyRead(guess.name))
  if (money[0] && money.reduce((sum, { p }) => sum + p, 0) >= bars.together) return money[0].name
  return best.p >= bars.read ? null : named
}

const lastOne =
  /^\W*(?:(?:and|y|et|pis|also|aussi|the|my|our|la|ma|mi|el|notre)\W+)*(?:last|latest|derniere|ultim[oa])\b/i
/** Whether anything was given back, and not that it should be. */
const refundWhether =
  /\b(?:(?:did|have|has) (?:i|they|any\w*|some\w*) (?:\w+ ){0,4}refund\w*|(?:any|have|got) refunds? (?:lately|recently|yet|this|come|came|in)|me (?:h?an|h?a) (?:devuelto|reembolsado|regresado)|me (?:devolvieron|reembolsaron|regresaron) (?:algo|dinero|plata|lana|el dinero|nada)|(?:on )?m'?(?:a|ont)(?:[- ](?:t-)?(?:tu|on|ils?))? rembours\w+|(?:j'?ai|ai-je)(?:[- ]tu)? (?:eu|recu) (?:un |des |une )?rembours\w+)/i

const listOfLast =
  /\b(?:show|list|give me|see|muestra\w*|ensena\w*|dame|ver|montre\w*|affiche\w*|donne\w*)\b.{0,12}\b(?:(?:last|latest|ultim[oa]s|dernier\w*) \d|\d{1,2} (?:ultim[oa]s|dernier\w*))/i

const bareCard =
  /^\W*(?:(?:how much|cuanto|combien|and|y|et|so|just|only|solo|juste|all|todo|tout)\W+)*(?:on|with|con|en|sur|avec) (?:the|my|la|mi|ma)(?: credit)? (?:card|tarjeta|carte)\b(?!.*\b(?:owe|debo|dois|balance|saldo|solde|payments?|pagos|paiements?)\b)/i

const headedByPayments =
  /^\W*(?:(?:my|the|all|last|latest|recent|mis|los|las|todos|ultim[oa]s|mes|les|tous|derniers?) )*(?:payments|transactions|purchases|pagos|compras|transacciones|movimientos|paiements|achats)\b(?!.*\b(?:due|late|owe|can'?t|cannot|afford|miss\w*|behind|debo|atras\w*|puedo|vencid\w+|retard|dois|capable|arrive|peux)\b)/i
