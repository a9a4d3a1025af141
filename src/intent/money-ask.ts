import type { Amount, Clause, Slots } from '../nlu/reading.ts'
import type { AccountHint, AmountRange, MoneyAsk } from './ask.ts'
import { accountNamed, isName, kindWords, isPayer, whereOf } from './names.ts'
import { lastBill } from './last-bill.ts'
import { periodFor } from './no-time-said.ts'
import {
  folded,
  incomeWords,
  goesOut,
  leavesOwnMoves,
  paidWords,
  spendWords,
  goesWhere,
} from './sentence-words.ts'
import { comparedIn, isSincePay, periodOf, rangeMeant, type AskContext } from './when.ts'

type Wanted = 'balance' | 'transactions' | 'spending' | 'income'

/** A money question from an intent and the slots found in its clause. What is not said keeps its usual value. */
export function moneyAsk(named: Wanted, clause: Clause, context: AskContext): MoneyAsk {
  const { slots } = clause
  const wanted =
    named === 'spending' && isBalance(clause)
      ? 'balance'
      : named === 'income' && isVisits(clause)
        ? 'spending'
        : (named === 'income' && isGiven(clause)) || isSpentOnCard(named, clause)
          ? 'spending'
          : named
  const account = accountIn(clause)
  const bill = wanted === 'spending' || named === 'income' ? lastBill(clause) : null
  if (bill) return { ...bill, ...account }
  const period = periodOf(rangeMeant(clause), context)
  const name = slots.names.find(
    (one) => isName(one, clause.text) || (wanted === 'income' && isPayer(one, clause.text)),
  )
  switch (wanted) {
    case 'balance': {
      const called = slots.names[0] ?? kindWords(clause)
      // "saldo de Rainy day": what else is named is an account, perhaps. "How much do I owe on the card": cards alone.
      return {
        kind: 'balance',
        ...(inAllWords.test(folded(clause.text)) && !('account' in account) ? { total: true } : {}),
        ...('account' in account
          ? account
          : called !== undefined && called !== null
            ? { account: { name: called.slice(0, 40), loose: true } }
            : onCard.test(folded(clause.text)) && !leavesAccountOut.test(folded(clause.text))
              ? { account: { type: 'credit-card' } }
              : {}),
      }
    }
    case 'income':
      return {
        kind: 'income',
        ...(period ? { period } : {}),
        ...(name ? { payer: name.slice(0, 80) } : {}),
        ...((name && isPayer(name, clause.text) ? wagesWords : payWords).test(folded(clause.text)) ||
        (!name && paidWords.test(folded(clause.text)))
          ? { pay: true }
          : {}),
        ...(leavesOwnMoves(clause.text) ? { ownMoves: true } : {}),
        ...(!name && refundWords.test(folded(clause.text)) ? { refunds: true } : {}),
        ...account,
      }
    case 'transactions':
      return {
        kind: 'transactions',
        limit: limitOf(clause),
        ...whereOf(clause),
        ...(period ? { period } : {}),
        ...amountOf(clause),
        ...(pendingWords.test(folded(clause.text)) ? { pending: true } : {}),
        ...directionOf(clause),
        ...(isTransfers(clause) ? { transfers: true } : {}),
        ...(slots.ordinal === null ? {} : { nth: within(slots.ordinal) }),
        ...account,
      }
    case 'spending': {
      const { loose, ...rest } = whereOf(clause)
      // "I sent tom money": to him, or nothing is told.
      const sent =
        (named === 'income' || sentWords.test(folded(clause.text))) &&
        rest.merchant !== undefined &&
        rest.category === undefined
      const where = sent || loose === undefined ? rest : { ...rest, loose }
      const weekly = slots.by === null && !compares(slots) && weekWords.test(folded(clause.text))
      const isPlaced = 'merchant' in where || 'category' in where || 'several' in where
      const by = slots.by ?? (!isPlaced && goesWhere.test(folded(clause.text)) ? 'category' : null)
      // "groceries vs restaurants" is held against each other, not against another time.
      const compared = where.several?.versus ? null : comparedIn(clause, context)
      return {
        kind: 'spending',
        ...where,
        ...(isSincePay(clause) ? { sincePay: true } : {}),
        ...(compared ?? { period: period ?? periodFor(clause, context) }),
        ...(by ? { by } : {}),
        ...(where.several?.versus ? {} : weekly ? { weekly } : measureIn(clause)),
        // A bare figure is no bound: "how much of the 400 did I spend".
        ...(slots.comparison === null ? {} : amountOf(clause)),
        ...(leavesOwnMoves(clause.text) ? { ownMoves: true } : {}),
        ...account,
      }
    }
  }
}

export const inAllWords =
  /\b(?:(?:in|the) total|total (?:balance|money)|(?:saldo|solde) total|altogether|all together|all in all|combined|across (?:everything|all(?: of them)?|(?:all )?my accounts)|add (?:them|it|those) (?:all )?up|en total|en todo|todo junto|sumando todo|sumal[oa]s|au total|en tout|toute? ensemble|additionn\w+)\b/i

/** "dime el saldo de Gastos diarios": an account that is called like spending. */
const isBalance = ({ text, slots }: Clause): boolean =>
  /\b(?:saldo|solde|balance)\b/i.test(text) &&
  !spendWords.test(text) &&
  slots.periods.length + slots.amounts.length === 0 &&
  slots.by === null

/** "combien de fois chu allée au marché": nobody is paid by a kind of shop. */
const isVisits = ({ text, slots }: Clause): boolean =>
  slots.measure === 'count' &&
  slots.category !== null &&
  !payWords.test(folded(text)) &&
  !incomingWords.test(folded(text)) &&
  !incomeWords.test(folded(text))

/** "i sent tom money, how much": it went out, whatever else money in a sentence sounds like. */
const isGiven = ({ text }: Clause): boolean => gaveWords.test(folded(text)) && !paidWords.test(folded(text))
const gaveWords =
  /\b(?:i(?:'ve| have)? (?:just |already )?(?:sent|gave|given|paid|transferred|wired|zelled|venmoed|e-?transferred)|(?:did|have) i (?:send|sent|give|given|transfer\w*|wire\w*)|(?:yo )?(?:le |les )(?:mande|envie|di|pague|transferi|deposite|he (?:mandado|enviado|dado))|(?:mande|envie|transferi) (?:dinero|plata|lana) a|(?:j'ai|j'y ai|ai-je|je (?:lui|leur) ai) (?:envoye|donne|vire|transfere|verse|paye))\b/i

/** "How much on the card this month": what went over it, and not what there is or is owed. */
const isSpentOnCard = (named: Wanted, { text, slots }: Clause): boolean =>
  named === 'balance' &&
  slots.periods.length > 0 &&
  onTheCard.test(folded(text)) &&
  !onCard.test(folded(text))

const sentWords =
  /\b(?:sent|send|transferred|wired|zelled|venmoed|e-?transferred|mand(?:e|ado|amos)|envi(?:e|ado|amos)|transfer(?:i|ido)|envoye|vire|transfere)\b/i

/** "All my transfers to savings": those, and nothing else that moved there. */
const isTransfers = ({ text, slots }: Clause): boolean =>
  slots.names.length === 0 &&
  slots.category === null &&
  !leavesOwnMoves(text) &&
  /\b(?:transfers|transferencias|traspasos|virements)\b/i.test(folded(text))

const refundWords =
  /\b(?:refund\w*|money back|reimburs\w*|g[ai]ve(?:n)? back|reembols\w*|devoluci\w+|devolvieron|devuelto|rembours\w*)\b/i

/** Only a sum or an average is told by the week. */
const compares = ({ measure }: Slots): boolean =>
  measure !== null && measure !== 'sum' && measure !== 'average'
const weekWords =
  /\b(?:(?:per|each|every|a) week(?! (?:ago|before|from|later|earlier|or|and|in))|weekly|por semana|a la semana|cada semana|semanalmente|par semaine|chaque semaine)\b/i

const onCard =
  /\b(?:owe|debo|debe|dois|left|spend|gastar|queda|reste|d[eé]penser|balance|saldo|solde)\b.*\b(?:card|tarjeta|carte)\b|\b(?:card|tarjeta|carte)\b.*\b(?:owe|debo|debe|dois|doit|balance|saldo|solde)\b/i
const payWords =
  /\b(pay ?(check|cheque|day|slip)?s?|cheque|payroll|salary|wages?|direct deposit|sueldo|salario|n[oó]mina|quincena|aguinaldo|paie|paye|salaire)\b/i
/** "Did Priya pay me back" is no question about wages, though it has a word of theirs. */
const wagesWords =
  /\b(pay ?(?:checks?|cheques?|day|slips?)|payroll|salary|wages?|direct deposit|sueldo|salario|nomina|quincena|aguinaldo|(?:ma|sa|la) pay?e|salaire)\b/i
const pendingWords = /\b(pending|still processing|pendientes?|en attente)\b/i

const lastTimeWords =
  /\b(last time|when did i (last )?(pay|buy|go|use|get)|when was (the|my) last|[uú]ltima vez|cu[aá]ndo (le )?pagu[eé]|derni[eè]re fois|quand (est-ce que )?(j'ai|ai-je) pay[eé])/i
const incomingWords =
  /\b(deposits?|incoming|money in|dep[oó]sitos?|entradas?|d[eé]p[oô]ts?|entr[eé]es? d'argent)\b/i

const boughtWords = /\b(purchases?|charges|charged|cargos|compras|achats|bought|spent)\b/i

/** "when did I last pay X" wants one payment; "the second one" a list that is long enough. */
function limitOf({ text, slots }: Clause): number {
  const count = slots.count ?? countIn(text)
  if (count !== null) return Math.min(10, Math.max(1, count))
  if (slots.ordinal !== null) return 10
  return slots.names.length > 0 && (lastTimeWords.test(folded(text)) || goesOut(text)) ? 1 : 5
}

/** "the last 3 from Parcelway": a count without the word for what is counted. */
export function countIn(text: string): number | null {
  const found =
    /\b(?:last|latest|past|recent|previous|[uú]ltim[oa]s|derni[eè]re?s)\s+(\d{1,2})\b(?!\s*(?:day|week|month|year|d[ií]a|semana|mes|a[nñ]o|jour|semaine|mois|an))/i.exec(
      text,
    )?.[1] ?? /\b(\d{1,2})\s+(?:derni[eè]re?s|[uú]ltim[oa]s)\b/i.exec(text)?.[1]
  return found === undefined ? null : Number(found)
}

function directionOf({ text, slots }: Clause): { direction?: 'in' | 'out' } {
  if (incomingWords.test(folded(text))) return { direction: 'in' }
  if (slots.comparison !== null && slots.amounts.length > 0 && boughtWords.test(folded(text)))
    return { direction: 'out' }
  return slots.names.length > 0 && (lastTimeWords.test(folded(text)) || goesOut(text))
    ? { direction: 'out' }
    : {}
}

/** What is worked out; "my biggest purchase" in words that no slot has. */
function measureIn({ slots: { measure }, text }: Clause): {
  measure?: 'sum' | 'average' | 'count' | 'biggest'
} {
  if (biggestWords.test(folded(text))) return { measure: 'biggest' }
  return measure && measure !== 'compare' ? { measure } : {}
}
const biggestWords =
  /\b(biggest|largest|most expensive|highest|m[aá]s (?:grande|car[oa]|alt[oa])|mayor (?:gasto|compra)|plus (?:gros|grosse|ch[eè]re?|[eé]lev[eé]e?|grand))\b/iu

/** The account that was named; also "last 5 on 9034", where four figures after "on" are an account's and no sum. */
export function accountIn(clause: Clause): { account?: AccountHint } {
  const { slots, text } = clause
  const called = accountNamed(clause)
  const name = called ? { name: called.name.slice(0, 40), loose: true } : {}
  // "without the savings": all of them, and never that one alone.
  if (slots.account && !leavesAccountOut.test(folded(text)))
    return { account: { ...accountOf(slots.account), ...name } }
  const lastFour = accountFigures.exec(text)?.[1]
  // "under 20 on 9034": the first figure is the sum.
  const sums = slots.comparison === null ? 0 : slots.comparison === 'between' ? 2 : 1
  if (lastFour && slots.amounts.length <= sums + 1 && (sums === 0 || slots.amounts.length === sums + 1))
    return { account: { lastFour } }
  if (called) return { account: name }
  return onTheCard.test(folded(text)) ? { account: { type: 'credit-card' } } : {}
}
/** A card by itself is the one that is owed on. */
const onTheCard =
  /\b(?:on (?:credit )?card|(?:on|with|con|en|sur|avec) (?:the|my|la|mi|ma)(?: credit)? (?:card|tarjeta|carte))\b(?! (?:ending|number|de debit|debit|terminad|termina|qui|que|numero|x?\d))/i
const leavesAccountOut =
  /\b(?:without|except(?: for)?|excluding|but not|other than|(?:not|without|sin|sans) (?:counting|contar|compter)|sin|excepto|salvo|menos|sans|sauf|hormis) (?:(?:the|my|la|el|mi|mis|las|los|ma|mon|mes|les|le) |l')*(?:savings?|checking|chequing|current|visa|mastercard|amex|credit|debit|card|account|ahorros?|corriente|cheques?|tarjeta|cuenta|epargne|compte|carte|loan|mortgage|prestamo|pret)\b/i
const accountFigures = /\b(?:on|from|of|for|en la|de la|con la|sur la|sur le|avec la) (\d{4})$/i

export const accountOf = ({ lastFour, type }: NonNullable<Slots['account']>) => ({
  ...(lastFour ? { lastFour } : {}),
  ...(type ? { type } : {}),
})

/** "over 50", "about 30", "between 10 and 20". An amount that reads two ways is asked about elsewhere. */
export function amountOf({ text, slots: { amounts, comparison } }: Clause): { amount?: AmountRange } {
  if (comparison === null && accountFigures.test(text)) return {}
  const money = amounts.filter(
    (amount): amount is Extract<Amount, { type: 'money' }> => amount.type === 'money',
  )
  const [first, second] = money
  if (!first) return {}
  const currency = first.currency ? { currency: first.currency } : {}
  switch (comparison) {
    case 'more':
      return { amount: { min: first.decimal, ...currency } }
    case 'less':
      return { amount: { max: first.decimal, ...currency } }
    case 'between':
      return second ? { amount: { ...inOrder(first.decimal, second.decimal), ...currency } } : {}
    case 'about':
      return { amount: { ...around(first.decimal), ...currency } }
    default:
      // "the $428 one" may be $428.49.
      return {
        amount: {
          min: first.decimal,
          max: first.decimal.includes('.') ? first.decimal : `${first.decimal}.99`,
          ...currency,
        },
      }
  }
}

const inOrder = (a: string, b: string): { min: string; max: string } =>
  Number(a) <= Number(b) ? { min: a, max: b } : { min: b, max: a }

/** A tenth to either side, and never less than one whole unit. */
function around(decimal: string): { min: string; max: string } {
  const value = Number(decimal)
  const by = Math.max(1, value / 10)
  return { min: Math.max(0, value - by).toFixed(2), max: (value + by).toFixed(2) }
}

const within = (ordinal: number): number => Math.max(-1, Math.min(10, ordinal))
