import type { Clause } from '../nlu/reading.ts'
import type { MoneyAsk } from './ask.ts'
import { whereOf } from './names.ts'
import { folded } from './sentence-words.ts'

const bill = '(?:bill|facture|recibo|factura|bil)'
const newest = new RegExp(
  `\\b(?:last|latest|most recent|derniere|ultim[oa])(?: [\\w']+){0,3} ${bill}\\b|\\b${bill}(?: [\\w']+){0,3} (?:mas reciente|plus recente)\\b`,
  'i',
)
const comesTo = new RegExp(
  `\\b(?:how much|what)(?:'s| is| was) (?:my|the|our) (?:\\w+ ){1,2}${bill}\\b|\\b(?:c'?est|c'etait|etait|est) (?:de )?combien (?:ma|la|notre) (?:derniere )?${bill}\\b|\\bcombien (?:c'est |est |etait |est de )?(?:ma|la|notre) (?:derniere )?${bill}\\b|\\b${bill}\\b.{1,30}\\b(?:c'?est|est|etait|c'etait)(?: de)? combien|\\b(?:de )?cuanto (?:me )?(?:fue|es|salio|vino|llego) (?:de )?(?:el|la|mi) (?:ultim[oa] )?${bill}\\b`,
  'i',
)

/** "How much is my phone bill", and nothing it could be but that, whatever it sounds like. */
export const asksBill = (clause: Clause): Extract<MoneyAsk, { kind: 'transactions' }> | null =>
  comesTo.test(folded(clause.text)) ? lastBill(clause) : null

/**
 * "How much was my last phone bill": the newest payment of it, whenever that was, and no sum of the last thirty days.
 * Null where it asks for anything else.
 */
export function lastBill({ text, ...rest }: Clause): Extract<MoneyAsk, { kind: 'transactions' }> | null {
  const { periods, amounts, by, measure } = rest.slots
  if (periods.length + amounts.length > 0 || by !== null || (measure !== null && measure !== 'sum'))
    return null
  const said = folded(text)
  if (!newest.test(said) && !comesTo.test(said)) return null
  const { loose, ...where } = whereOf({ text, ...rest })
  if (where.several || (where.merchant === undefined && where.category === undefined)) return null
  // A name beside a bill is whose bill it is; a word for a kind may be told by its shops.
  const either = loose && where.category ? { loose } : {}
  return { kind: 'transactions', limit: 1, ...where, ...either, direction: 'out' }
}
