import type { Clause } from '../nlu/reading.ts'
import type { Ask, MoneyAsk } from './ask.ts'
import { inAllWords } from './money-ask.ts'
import { placeIn } from './place-in-list.ts'
import { folded } from './sentence-words.ts'
import type { AskContext } from './when.ts'
import { whole } from './whole.ts'

/**
 * What a sentence takes over from the answer just given, and not only from the question before it: the list that was
 * shown, the shop of a payment, a debt, a range. Null where it takes over nothing of the kind.
 */
export function takenUp({ text, slots }: Clause, last: MoneyAsk, { list }: AskContext): Ask | null {
  if (text.length > 80) return null
  const said = folded(text)
  // "Balance, last 3 payments and eating out", then "the second one": of the list, for a sum has no second.
  const nth = list && last.kind !== 'transactions' ? placeIn(said) : null
  if (list && nth !== null) {
    const { alone: _, ...shown } = list
    return { ...shown, nth }
  }
  if (dueWords.test(said)) return { kind: 'told', about: last.kind === 'income' ? 'ahead' : 'due' }
  if (exactWords.test(said)) return { ...last, exact: true }
  if (last.kind === 'balance' && inAllWords.test(said)) {
    const { account: _, ...all } = last
    return { ...all, total: true }
  }
  // Of the one biggest payment there are no parts: "what was it for" asks about it.
  if (
    last.kind !== 'spending' ||
    last.measure === 'biggest' ||
    slots.periods.length > 0 ||
    slots.category !== null
  )
    return null
  return breakdownWords.test(said) ? inParts(last) : null
}

const dueWords = whole(
  "(?:when(?:'?s| is| are| will)|is|are) (?:it|that|this|they|those|the (?:card|payment|bill|next one))(?: be)?(?: all)? due(?: (?:date|by))?|when do i (?:have|need) to pay (?:it|that|this)(?: off| by)?|when does (?:it|that) have to be paid",
  '(?:para )?(?:cuando|que dia) (?:se |me )?(?:vence|hay que pagar(?:lo|la)?|tengo que pagar(?:lo|la)|toca(?: pagar(?:lo|la)?)?|cae)|(?:y )?para cuando (?:es|seria)|(?:ya )?se vence|vence',
  "(?:est-ce que )?c'?est (?:du|pour)(?: pour)? quand(?: (?:a payer|le paiement))?|(?:quand|pour quand) (?:est-ce que )?c'?est du|c'?est du(?: pour)?(?: quand)?|(?:je )?dois(?:-je)? (?:le |la |ca )?payer (?:ca )?quand",
)
const exactWords = whole(
  "(?:(?:can|could) (?:you|i) )?(?:(?:give|tell|show|see|get|have|i (?:want|need)|what(?:'?s| is))(?: me)? )?(?:the |an? |my )?exact (?:number|amount|figure|balance|total|sum)|how much exactly|exactly how much|to the (?:cent|penny)",
  '(?:(?:dame|dime|quiero|cual es) )?(?:el |la |un )?(?:saldo|monto|numero|total|cifra|cantidad) exact[oa]|cuanto exactamente|exactamente cuanto',
  '(?:(?:donne|dis|je veux|quel est)(?:[- ]moi)? )?(?:le |un )?(?:solde|montant|chiffre|total) exact|combien exactement|exactement combien',
)
const breakdownWords = whole(
  '(?:can you )?(?:break|split) (?:it|that|this|them) (?:down|up)(?: for me)?|(?:give me |show me |can i (?:get|have|see) )?(?:a |the )?(?:break ?down|details?)|(?:on|for) what(?: exactly)?|what (?:was|is) (?:it|that) (?:on|for|made (?:up )?of)',
  '(?:desglosa|detalla)(?:me)?l[oa]s?|(?:dame |ensename |muestrame )?(?:el |un )?(?:desglose|detalle)s?|en que(?: fue| cosas)?',
  '(?:detaille|decompose|separe)s?(?:[- ]moi)?(?:[- ](?:le|la|les|ca))|(?:donne[- ]moi |montre[- ]moi )?(?:le |les |un )?details?|(?:la |une )?ventilation|dans quoi(?: au juste)?',
)

/** A sum in its parts: of everything by kind, of a kind by shop, of one shop payment by payment. */
function inParts(last: Extract<MoneyAsk, { kind: 'spending' }>): MoneyAsk {
  const { measure: _m, against: _a, weekly: _w, by: _b, ownMoves: _o, ...rest } = last
  if (rest.several || rest.category) return { ...rest, by: 'merchant' }
  if (!rest.merchant) return { ...rest, by: 'category' }
  const { kind: _k, sincePay: _s, ...list } = rest
  return { kind: 'transactions', limit: 10, direction: 'out', ...list }
}

/**
 * "When was the last time I went there", "anything else from them": at the shop that was just spoken of. Where the
 * question names a place of its own, or none was spoken of, it stays as it is.
 */
export function atThatPlace(asked: Ask, { text }: Clause, last: MoneyAsk | null, { shop }: AskContext): Ask {
  if ((asked.kind !== 'spending' && asked.kind !== 'transactions') || last === null) return asked
  if ((asked.merchant !== undefined && !asked.loose) || asked.category || asked.several) return asked
  const said = folded(text)
  if (!pointing.test(said) && !/(?<!\p{L})là(?!\p{L})/iu.test(text)) return asked
  const before = last.kind === 'spending' || last.kind === 'transactions' ? last : null
  const { merchant: _, loose: _l, ...rest } = asked
  const once =
    asked.kind === 'transactions' && lastTime.test(said) ? { limit: 1, direction: 'out' as const } : {}
  if (before?.several) return { ...rest, ...once, several: before.several }
  const name = before?.merchant ?? shop
  if (name !== undefined) return { ...rest, ...once, merchant: name }
  return before?.category ? { ...rest, ...once, category: before.category } : asked
}
const bought =
  '(?:went|go|goes|gone|going|been|spen[dt]\\w*|buy|buying|bought|paid|pay|shop\\w*|ate|eat|visit\\w*|stopp?\\w*|purchas\\w*|charg\\w*|get|got|order\\w*|anything|something|payments?|fui|ir|voy|ido|compr\\w+|gast\\w+|pag\\w+|comi\\w*|algo|alle|vais|achet\\w+|depens\\w+|paye\\w*|mange\\w*|command\\w+|autre)'
const thatPlace =
  "(?:there(?! (?:is|are|was|were|has|have)\\b)|(?:from|with|at|to|by) (?:them|those (?:guys|people)|(?:that|the same) (?:place|shop|store|one|company|merchant))|ahi|alli|alla|(?:a|con|de) ellos|en (?:es[ea]|el mism[oa]|la misma) (?:mism[oa] )?(?:lugar|tienda|sitio|comercio)|la-bas|chez eux|d'eux|(?:a|dans|de) ce(?:tte|t)? (?:meme )?(?:endroit|magasin|place|commerce))"
const pointing = new RegExp(
  `\\b${bought}\\b.{0,25}\\b${thatPlace}\\b|\\b(?:ahi|alli)\\b.{0,15}\\b(?:gaste|compre|fui|pague)\\b|\\bj'y (?:suis|vais|ai|depense)\\b|\\by (?:suis|etais|ai|allais)[- ]?(?:je|tu)?\\b`,
  'i',
)
const lastTime = /\b(?:last time|when did i last|when was (?:the|my) last|ultima vez|derniere fois)\b/i
