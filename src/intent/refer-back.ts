import type { Clause } from '../nlu/reading.ts'
import { pagingIn } from '../nlu/slots/paging.ts'
import { mostBack, type MoneyAsk } from './ask.ts'
import { isMoved, movedSince } from './moved.ts'
import { fromNewest, isOne } from './page.ts'
import { lastDays, usualPeriod } from './period.ts'
import { placeIn } from './place-in-list.ts'
import { referInTime } from './refer-time.ts'
import { folded, leavesOwnMoves } from './sentence-words.ts'
import { before, besideIt, periodOf, rangeMeant, withoutPeriods, type AskContext } from './when.ts'
import { whole } from './whole.ts'

type Spending = Extract<MoneyAsk, { kind: 'spending' }>
type List = Extract<MoneyAsk, { kind: 'transactions' }>
type Income = Extract<MoneyAsk, { kind: 'income' }>

const amountWords = whole(
  "how much(?: (?:was|is|were|are) (?:it|that|this|they|those|these)(?: one)?| (?:did|does|do) (?:it|they|that|those) (?:cost|come to|add up to))?|what(?:'s| is| was) the (?:total|sum|amount)|(?:the )?(?:total|sum|amount)|in total|add (?:them|it|those) up|sum (?:them|it) up|total (?:them|it)(?: up)?|(?:in total |altogether )?what does (?:it|that) (?:come to|add up to|make)",
  '(?:de |por |en total )?cuanto (?:fue|es|era|son|seria|fueron|costo|suma|suman|da|hacen?|sale)|(?:cual es |dame )?(?:el |la )?(?:suma|total|monto)|(?:suma|sumar|sumame|sumalos|sumalas|sumamelos)|en total|cuanto (?:es|seria)?',
  "(?:c'est|c'etait|ca fait|ca faisait) combien|combien(?: (?:c'est|c'etait|ca fait|ca coute|que ca fait))?|(?:le |la )?(?:total|somme|montant)|au total|(?:au total |en tout )?ca (?:donne|fait|monte a|revient a) (?:quoi|combien)|combien ca (?:donne|fait)|additionne[zr]?(?:[- ]les)?|en tout|quel (?:est|etait) le (?:total|montant)",
)
const countWords = whole(
  'how (?:many|often)(?: (?:times|payments|purchases|charges|transactions|of them|is that|are there|was that|were there))*|(?:the )?number of (?:payments|times)',
  'cuant[oa]s(?: (?:veces|pagos|compras|cargos|son|fueron|hubo|hay))*',
  "combien (?:de (?:fois|paiements|achats)|d'achats)|(?:ca fait |c'est )?combien de (?:fois|paiements|achats)",
)
const listWords = whole(
  '(?:can (?:you|i) )?(?:show|list|see|give|send|pull up)(?: me)? (?:them|those|these|the list|the payments|which|which ones)|(?:the )?list|which ones(?: (?:are|were) they)?|what (?:are|were) they|which (?:payments|were they)|what payments',
  '(?:ensena|muestra|pasa|manda|saca|da|di)(?:me)?l[oa]s|(?:ensename|muestrame|muestra|dame|pasame|mandame|sacame|ponme|ver|quiero ver) (?:l[oa]s(?: (?:pagos|compras))?|la lista(?: de (?:los |esos )?pagos)?|cuales)|(?:quiero )?verl[oa]s|la lista|cuales(?: (?:son|fueron|pagos))?|que pagos(?: (?:son|fueron))?',
  "(?:montre|montrez|affiche|affichez|donne|donnez|envoie|envoyez|passe|passez|sors|sortez|liste|listez)(?:[- ](?:les|moi les|les moi|moi la liste|la liste))|(?:je (?:veux|peux) )?(?:les voir|voir les|voir la liste)|la liste|lesquels?|lesquelles?|quels paiements|c'est lesquels",
)
const biggestWords = whole(
  "(?:which|what)(?: one)?(?: (?:was|is|were)|'s)? (?:the |my )?(?:biggest|largest|highest|most expensive)(?: (?:one|payment|purchase|charge|amount|expense))?|(?:the |my )?(?:biggest|largest|highest|most expensive)(?: (?:one|payment|purchase|charge|amount|expense))?",
  'cual (?:es|fue|era)? ?(?:el |la )?(?:pago |compra |cargo |gasto |monto |cantidad )?(?:mas (?:car[oa]|grande|alt[oa])|mayor(?: (?:pago|compra|cargo|gasto|monto|cantidad))?)|(?:el |la )?(?:pago |compra |cargo |gasto |monto |cantidad )?(?:mas (?:car[oa]|grande|alt[oa])|mayor(?: (?:pago|compra|cargo|gasto|monto|cantidad))?)',
  "(?:lequel|laquelle|quel|c'est (?:lequel|quoi|laquelle))(?: (?:est|etait|a ete))? (?:le |la )?(?:(?:paiement|achat|montant|depense) (?:le |la )?)?(?:plus (?:cher|chere|gros|grosse|grand|grande|eleve|elevee))(?: (?:paiement|achat|montant|depense))?|(?:le |la )?(?:(?:paiement|achat|montant|depense) (?:le |la )?)?plus (?:cher|chere|gros|grosse|eleve|elevee)(?: (?:paiement|achat|montant|depense))?",
)
const each = '(?: (?:visit|time|payment|purchase|trip|transaction|go|one))'
const averageWords = whole(
  `(?:(?:and )?what(?:'s| is| was) )?(?:the |my |on |an |in )*(?:average|avg|mean)(?: (?:payment|purchase|amount|spend))?(?: (?:a|an|per|each|every|by|of a)${each})?|how much (?:is (?:it|that) |was (?:it|that) )?(?:on average|(?:a|per|each|every)${each})(?: on average)?|(?:per|each|every)${each}`,
  '(?:(?:cual|cuanto) (?:es|fue|seria) )?(?:el |la |mi |en |un |de )*(?:promedio|media)(?: (?:por|de|al|a|de cada|cada) (?:la |el )?(?:visita|vez|pago|compra))?|(?:cuanto )?(?:es |fue )?(?:por|cada) (?:visita|vez|pago|compra)',
  "(?:(?:quelle est|c'est quoi|c'est combien|combien) )?(?:la |une |ma |en )*moyenne?(?: (?:par|de|de chaque|chaque) (?:visite|fois|paiement|achat))?|(?:(?:ca fait |c'est )?combien )?(?:par|chaque) (?:visite|fois|paiement|achat)(?: en moyenne)?",
)
const weeklyWords = whole(
  "(?:(?:and )?(?:how much|what)(?:'s| is| was)? ?(?:is |was )?(?:it |that )?)?(?:the |my |on )*(?:average )?(?:a|per|each|every|by) week(?: on average)?|weekly(?: average)?|(?:average )?weekly",
  '(?:cuanto )?(?:es |seria |fue |son |sale )?(?:en |el )*(?:promedio )?(?:por semana|a la semana|cada semana|semanal(?:es|mente)?)(?: en promedio)?',
  "(?:(?:ca fait |c'est )?combien )?(?:en moyenne |la moyenne )?(?:par semaine|chaque semaine|a la semaine)(?: en moyenne)?",
)
const comparedWords = whole(
  '(?:is|was|were) (?:that|it|this|those) (?:a lot |much |way )?(?:more or less|more|less|higher|lower) than (?:usual|normal|i usually (?:do|spend)|before|the (?:month|week|time) before)|(?:more|less|higher|lower) than (?:usual|normal|before)|(?:is|was) (?:that|it|this) (?:normal|usual)',
  '(?:y )?(?:eso )?(?:es |fue |esta |gaste )?(?:mucho )?(?:mas o menos|mas|menos) (?:de lo|que lo|que|que de) (?:normal|usual|habitual|costumbre|siempre|de siempre|de costumbre|antes)|(?:eso )?es (?:normal|lo normal|lo de siempre)',
  "(?:(?:est-ce que )?c'est(?:[- ]tu)? |est-ce )?(?:beaucoup |pas mal )?(?:plus ou moins|plus|moins|plus eleve) (?:que |qu')(?:d'habitude|a l'habitude|l'habitude|la normale|normal|avant|d'ordinaire)|(?:est-ce que )?c'est(?:[- ]tu)? normal",
)
const byShopWords = whole(
  '(?:and )?(?:at |in |to )?(?:which|what) (?:shops?|stores?|places?|merchants?)(?: (?:did|does|do|was|were|is|got|took|has|had))?(?: (?:i (?:spend|pay)))?(?: (?:the |it )?(?:most|mostly|biggest part))?(?: of (?:it|that|this|them|the money))?(?: (?:all|mostly))?(?: (?:go|goes|went|gone|come from|spent|at|to|in|on))*|where did (?:most of )?(?:it|that|this)(?: all)?(?: mostly)? go(?: to)?|(?:by|per|for each) (?:shop|store|merchant|place)',
  '(?:en |a )?(?:que|cual|cuales) (?:tiendas?|comercios?|lugar(?:es)?)(?: (?:fue|gaste|se fue|se llevo|gasto))*(?: (?:la mayor parte|la mayoria|lo mas|mas))?|(?:a |en )?(?:donde|adonde) (?:se )?(?:fue|gaste) (?:la mayor parte|la mayoria|lo mas|mas|casi todo)|por (?:tienda|comercio|lugar)|(?:la mayor parte|la mayoria) (?:en|a) (?:que|cual) (?:tienda|comercio)',
  "(?:dans |a |chez )?quels? (?:magasins?|commerces?|marchands?|endroits?)(?: (?:est|a|ont|j'ai|ai-je|en a|a eu|depense|pris|recu|alle))*(?: (?:le plus|la plus grande partie|la majorite))?(?: (?:d'argent|de ca))?|ou est(?:-ce que c'est)? (?:alle|passe)e? (?:la plus grande partie|la majorite|le plus|tout ca)|c'est alle ou surtout|par (?:magasin|commerce|marchand)",
)
const detailWords = whole(
  "when(?: (?:was|is) (?:that|it|this)(?: one)?|'s that)?|where(?: (?:was|is) (?:that|it|this)(?: one)?)?|(?:who|what)(?: (?:was|is)|'s) (?:it|that|this)(?: one)?(?: (?:to|for|from|with))?|(?:to|from|with) (?:who|whom)|who(?: (?:was|is) (?:it|that|this|they))? from|which (?:shop|store|account|card)(?: was (?:it|that))?|(?:who|what) for",
  '(?:cuando|de cuando|de que|donde|de quien|a quien|con quien|en donde|que|que dia|en que (?:tienda|cuenta|tarjeta)|con que (?:cuenta|tarjeta))(?: (?:fue|es|era|lo pague))?(?: (?:eso|ese|esa|esto))?',
  "(?:c'est|c'etait) (?:quand|ou|a qui|de qui|quoi|qui|pour qui|pour quoi|chez qui)|(?:quand|ou) (?:ca|c'etait|c'est|etait-ce)|(?:de|a|chez|avec|pour) qui(?: (?:ca|c'etait|c'est))?|quand|c'est quel (?:magasin|compte)|dans quel (?:magasin|compte)",
)
/** "y con la de débito", "sur ma carte": another account, and nobody's card is lost. */
const accountWords = whole(
  '(?:what about |how about )?(?:just |only )?(?:on|with|from|for) (?:my |the )?(?:(?:debit|credit|bank) )?(?:card|one)|(?:on|with) (?:debit|credit)',
  '(?:y )?(?:que tal )?(?:solo )?(?:con|en|de|por) (?:la|mi|el)(?: tarjeta)?(?: de)?(?: (?:debito|credito))?',
  '(?:et )?(?:juste |seulement )?(?:sur|avec|de|par) (?:ma|la|le)(?: carte)?(?: de)?(?: (?:debit|credit))?',
)
const cardSaid = /\b(?:card|tarjeta|carte|debit[oe]?|credit[oe]?)\b/i
const ofDebit = /\bdebit[oe]?\b/i

/**
 * What only means something after a question about money: "how many?", "show them", "the total", "which was the
 * biggest", "and on the card", "who was that to". Null when the words are more than that.
 */
export function referBack(clause: Clause, last: MoneyAsk, context: AskContext): MoneyAsk | null {
  if (clause.text.length > 80) return null
  // "cest", "whats": as it is thumbed.
  const said = folded(clause.text)
    .replace(/\bc(?=e(?:st|tait)\b)/gi, "c'")
    .replace(/\b(what|that|who|where|when|how)s\b/gi, "$1's")
  const inTime = referInTime(said, clause, last, context)
  if (inTime) return inTime
  if ((last.kind === 'income' || last.kind === 'spending') && isWithoutOwnMoves(said))
    return { ...last, ownMoves: true }
  switch (last.kind) {
    case 'transactions':
      return (isMoved(clause) ? listMoved(last, clause, context) : null) ?? ofList(last, said, context)
    case 'spending':
      return movedSince(clause, last, context) ?? ofSum(last, said, clause)
    case 'income':
      if (pagingIn(clause.text)?.go === 'before')
        return last.pay
          ? { ...last, back: Math.min(mostBack, (last.back ?? 0) + 1) }
          : { ...last, period: before(last.period ?? usualPeriod(context.now, context.timeZone)) }
      if (listWords.test(said))
        return {
          kind: 'transactions',
          limit: 10,
          direction: 'in',
          ...(last.payer ? { merchant: last.payer } : {}),
          ...(last.period ? { period: last.period } : {}),
          ...same(last),
        }
      if (isMoved(clause)) return asBefore(last, clause, context)
      return (
        comesTo(last, clause, context) ?? (amountWords.test(said) || detailWords.test(said) ? last : null)
      )
    case 'balance':
    case 'account':
      return null
  }
}

/** "Not counting transfers", and nothing else. */
const isWithoutOwnMoves = (said: string): boolean => leavesOwnMoves(said) && said.split(/\s+/).length <= 8

/** "What does it come to this year": of all that came in, for one pay is no sum. Null where no time and no sum is said. */
function comesTo(last: Income, clause: Clause, context: AskContext): Income | null {
  const period = periodOf(rangeMeant(clause), context)
  const said = folded(withoutPeriods(clause)).trim()
  if (!amountWords.test(said) || (period === null && !inAll.test(said))) return null
  const { pay: _p, back: _b, ...rest } = last
  return { ...rest, ...(period ? { period } : {}) }
}

/** "Did it go up from last year": what came in then, for the two are not held against each other. */
function asBefore(last: Income, clause: Clause, context: AskContext): Income {
  const { pay: _p, back: _b, ...rest } = last
  const named = periodOf(rangeMeant(clause), context)
  const mine = last.period ?? usualPeriod(context.now, context.timeZone)
  return { ...rest, period: named ? besideIt(mine, named, context).against : before(mine) }
}
const inAll = /\b(?:total|all|altogether|together|suma\w*|tout|somme|additionne\w*|add)\b/i

function ofSum(last: Spending, said: string, { slots }: Clause): MoneyAsk | null {
  const { measure, by: _, ...rest } = last
  // Another time or kind makes it a question with more in it than how it is worked out.
  if (slots.periods.length === 0 && slots.category === null) {
    if (weeklyWords.test(said)) return { ...once(rest), weekly: true }
    if (averageWords.test(said)) return { ...once(rest), measure: 'average' }
    if (comparedWords.test(said) && !last.sincePay) return { ...rest, against: before(last.period) }
    if (measure !== 'biggest' && byShopWords.test(said)) return { ...once(rest), by: 'merchant' }
  }
  if (countWords.test(said)) return { ...once(rest), measure: 'count' }
  if (biggestWords.test(said)) return { ...once(rest), measure: 'biggest' }
  if (measure === 'biggest' && (amountWords.test(said) || detailWords.test(said))) return last
  if (amountWords.test(said)) return { ...once(last), measure: 'sum' }
  const account = accountOf(said)
  if (account) return { ...last, account }
  const nth = placeIn(said)
  if (nth === null && !listWords.test(said)) return null
  return {
    kind: 'transactions',
    limit: 10,
    ...where(last),
    period: last.period,
    direction: 'out',
    ...(nth === null ? {} : { nth }),
    ...same(last),
  }
}

/** Without what it was held against, or told beside it. */
function once(asked: Spending): Spending {
  const { against: _, weekly: _w, ...rest } = asked
  return rest
}

/** "Did it go up", after payments to one place: what went there, against before. */
function listMoved(last: List, clause: Clause, context: AskContext): MoneyAsk | null {
  if (last.direction === 'in' || !(last.merchant || last.category)) return null
  const period = last.period ?? usualPeriod(context.now, context.timeZone)
  return movedSince(clause, { kind: 'spending', ...where(last), period, ...same(last) }, context)
}

function ofList(last: List, said: string, context: AskContext): MoneyAsk | null {
  const nth = placeIn(said)
  if (nth !== null) {
    const { alone: _, ...list } = last
    return { ...list, nth }
  }
  const account = accountOf(said)
  if (account) {
    const { nth: _, ...list } = fromNewest(last)
    return { ...list, account }
  }
  if (isOne(last) || last.limit === 1) {
    const one: List = isOne(last) ? last : { ...last, nth: 1 }
    if (amountWords.test(said) || detailWords.test(said)) return one
  }
  if (last.direction === 'in')
    return amountWords.test(said) && !last.amount
      ? {
          kind: 'income',
          ...(last.merchant ? { payer: last.merchant } : {}),
          ...(last.period ? { period: last.period } : {}),
          ...same(last),
        }
      : null
  const measure = countWords.test(said)
    ? 'count'
    : biggestWords.test(said)
      ? 'biggest'
      : amountWords.test(said)
        ? 'sum'
        : null
  // A sum does not know what is pending: such a list is not added up as something else.
  if (measure === null || last.pending) return null
  return {
    kind: 'spending',
    ...where(last),
    period: last.period ?? spanOf(last, context),
    ...(measure === 'sum' ? {} : { measure }),
    ...same(last),
  }
}

/** As far back as a list of its kind looks: all of a shop's payments of a year; the newest of all, thirty days. */
const spanOf = (last: List, { now, timeZone }: AskContext): Spending['period'] =>
  lastDays(last.merchant || last.several || last.amount ? 365 : last.category ? 90 : 30, now, timeZone)

function accountOf(said: string): { type: 'checking' | 'credit-card' } | null {
  if (!accountWords.test(said) || !cardSaid.test(said)) return null
  return { type: ofDebit.test(said) ? 'checking' : 'credit-card' }
}

const where = ({ merchant, loose, category, several, without, amount }: Spending | List) => ({
  ...(without ? { without } : {}),
  ...(amount ? { amount } : {}),
  ...(merchant ? { merchant, ...(loose ? { loose: true } : {}) } : {}),
  ...(category ? { category } : {}),
  ...(several ? { several } : {}),
})
const same = ({ account, institution }: MoneyAsk) => ({
  ...(account ? { account } : {}),
  ...(institution ? { institution } : {}),
})
