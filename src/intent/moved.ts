import type { Clause } from '../nlu/reading.ts'
import type { MoneyAsk } from './ask.ts'
import { folded } from './sentence-words.ts'
import { before, besideIt, periodOf, rangeMeant, withoutPeriods, type AskContext } from './when.ts'

type Spending = Extract<MoneyAsk, { kind: 'spending' }>

const lead = '(?:(?:and|so|ok|y|pues|et|pis|puis|mais|but|pero|est-ce que)\\W+)*'
const up = [
  "(?:did|has|have|is|was)? ?(?:it|that|this)?(?:'s)? ?(?:go(?:ne|ing)?|went)? ?(?:up|down)(?: or (?:up|down))?|(?:did|has) (?:it|that) (?:increase|decrease|change)d?|(?:is|was) (?:it|that) (?:more|less|higher|lower)",
  '(?:eso |esto )?(?:me )?(?:ha )?(?:subi[od]o?|baj[oa]d?o?|aument(?:o|ado)|disminu(?:yo|ido)|cambi(?:o|ado))(?: o (?:ha )?(?:subio|bajo|subido|bajado|no|disminuyo))?|(?:eso )?(?:es|fue|gaste) (?:mas|menos)(?: (?:o|y) (?:mas|menos))?',
  "(?:c'?est|ca|ca a|c'?a|a)?[- ]?(?:tu )?(?:monte|baisse|augmente|diminue|change)e?r?(?:[- ]tu)?(?: ou (?:ca )?(?:a )?(?:monte|baisse|augmente|diminue)e?)?|(?:c'?est|c'etait)(?:[- ]tu)? (?:plus|moins)(?: ou (?:plus|moins))?(?: (?:haut|eleve|cher))?",
]
const than =
  "(?: (?:than|compared|compared (?:to|with)|from|since|versus|vs|against|comparad[oa](?: con)?|en comparacion(?: con)?|respecto(?: a| al| de| del)?|que|contra|desde|de|compare(?: a| au| avec)?|comparativement(?: a| au)?|par rapport(?: a| au)?|depuis|contre|qu'))?"
const moved = new RegExp(`^\\W*${lead}(?:${up.join('|')})${than}\\W*$`, 'i')

/** Asks whether something before went up or down, and nothing else but since when. */
export const isMoved = (clause: Clause): boolean =>
  clause.slots.category === null &&
  clause.slots.amounts.length === 0 &&
  moved.test(folded(withoutPeriods(clause)).trim())

/**
 * "Did it go up compared with last year?": what was asked before, held against what was named, else against as much just
 * before; over stretches that are as long. Null where the words are more than that.
 */
export function movedSince(clause: Clause, last: Spending, context: AskContext): Spending | null {
  if (last.sincePay || !isMoved(clause)) return null
  const { measure: _m, by: _b, weekly: _w, against: _a, ...rest } = last
  const named = periodOf(rangeMeant(clause), context)
  return { ...rest, ...(named ? besideIt(last.period, named, context) : { against: before(last.period) }) }
}
