import type { Clause } from '../nlu/reading.ts'
import type { MoneyAsk } from './ask.ts'
import { fromNewest, isOne } from './page.ts'
import { lastDays } from './period.ts'
import { folded } from './sentence-words.ts'
import type { AskContext } from './when.ts'

type Spending = Extract<MoneyAsk, { kind: 'spending' }>
type List = Extract<MoneyAsk, { kind: 'transactions' }>

const lead =
  '(?:(?:and|so|ok|okay|y|pues|et|pis|puis|mais|but|oui|yes|si|no|then|bon|ben|please|porfa|por favor|svp)\\W+)*'
const tail =
  '(?:\\W+(?:please|pls|por favor|porfa|svp|then|there|entonces|alors|exactly|exactamente|exactement|in all|in total|en total|en tout|altogether|together|juntos|ensemble|ca|la|donc|now|ya|all|todos|todas|tous|toutes|again|otra vez|encore))*\\W*'
const whole = (...of: readonly string[]): RegExp => new RegExp(`^\\W*${lead}(?:${of.join('|')})${tail}$`, 'i')

const amountWords = whole(
  "how much(?: (?:was|is|were|are) (?:it|that|this|they|those|these)(?: one)?| (?:did|does|do) (?:it|they|that|those) (?:cost|come to|add up to))?|what(?:'s| is| was) the (?:total|sum|amount)|(?:the )?(?:total|sum|amount)|in total|add (?:them|it|those) up|sum (?:them|it) up|total (?:them|it)(?: up)?",
  'cuanto (?:fue|es|era|son|fueron|costo|suma|suman|da|hacen?|sale)|(?:cual es |dame )?(?:el |la )?(?:suma|total|monto)|(?:suma|sumar|sumame|sumalos|sumalas|sumamelos)|en total|cuanto (?:es|seria)?',
  "(?:c'est|c'etait|ca fait|ca faisait) combien|combien(?: (?:c'est|c'etait|ca fait|ca coute|que ca fait))?|(?:le |la )?(?:total|somme|montant)|au total|additionne[zr]?(?:[- ]les)?|en tout|quel (?:est|etait) le (?:total|montant)",
)
const countWords = whole(
  'how (?:many|often)(?: (?:times|payments|purchases|charges|transactions|of them|is that|are there|was that|were there))*|(?:the )?number of (?:payments|times)',
  'cuant[oa]s(?: (?:veces|pagos|compras|cargos|son|fueron|hubo|hay))*',
  "combien (?:de (?:fois|paiements|achats)|d'achats)|(?:ca fait |c'est )?combien de (?:fois|paiements|achats)",
)
const listWords = whole(
  '(?:can (?:you|i) )?(?:show|list|see|give)(?: me)? (?:them|those|these|the list|the payments|which|which ones)|(?:the )?list|which ones(?: (?:are|were) they)?|what (?:are|were) they|which (?:payments|were they)|what payments',
  '(?:ensena|muestra|pasa|da|di)(?:me)?l[oa]s|(?:ensename|muestrame|muestra|dame|ver|quiero ver) (?:l[oa]s(?: (?:pagos|compras))?|la lista|cuales)|(?:quiero )?verl[oa]s|la lista|cuales(?: (?:son|fueron|pagos))?|que pagos(?: (?:son|fueron))?',
  "(?:montre|montrez|affiche|affichez|donne|donnez|liste|listez)(?:[- ](?:les|moi les|les moi|moi la liste|la liste))|(?:je (?:veux|peux) )?(?:les voir|voir les|voir la liste)|la liste|lesquels?|lesquelles?|quels paiements|c'est lesquels",
)
const biggestWords = whole(
  "(?:which|what)(?: one)?(?: (?:was|is|were)|'s)? (?:the |my )?(?:biggest|largest|highest|most expensive)(?: (?:one|payment|purchase|charge))?|(?:the |my )?(?:biggest|largest|highest|most expensive)(?: (?:one|payment|purchase|charge))?",
  'cual (?:es|fue|era)? ?(?:el |la )?(?:pago |compra |cargo |gasto )?(?:mas (?:car[oa]|grande|alt[oa])|mayor)|(?:el |la )?(?:pago |compra |cargo |gasto )?(?:mas (?:car[oa]|grande|alt[oa])|mayor)',
  "(?:lequel|laquelle|quel|c'est (?:lequel|quoi|laquelle))(?: (?:est|etait|a ete))? (?:le |la )?(?:plus (?:cher|chere|gros|grosse|grand|grande|eleve|elevee))(?: (?:paiement|achat))?|(?:le |la )?plus (?:cher|chere|gros|grosse|eleve|elevee)(?: (?:paiement|achat))?",
)
const detailWords = whole(
  "when(?: (?:was|is) (?:that|it|this)(?: one)?|'s that)?|where(?: (?:was|is) (?:that|it|this)(?: one)?)?|(?:who|what)(?: (?:was|is)|'s) (?:it|that|this)(?: one)?(?: (?:to|for|from|with))?|(?:to|from|with) (?:who|whom)|which (?:shop|store|account|card)(?: was (?:it|that))?|(?:who|what) for",
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

const places: Readonly<Record<string, number>> = {
  first: 1,
  primer: 1,
  primero: 1,
  primera: 1,
  premier: 1,
  premiere: 1,
  second: 2,
  segundo: 2,
  segunda: 2,
  deuxieme: 2,
  seconde: 2,
  third: 3,
  tercer: 3,
  tercero: 3,
  tercera: 3,
  troisieme: 3,
  fourth: 4,
  cuarto: 4,
  cuarta: 4,
  quatrieme: 4,
  fifth: 5,
  quinto: 5,
  quinta: 5,
  cinquieme: 5,
  last: -1,
  ultimo: -1,
  ultima: -1,
  derniere: -1,
  dernier: -1,
}
const placeWords = new RegExp(
  `^\\W*${lead}(?:(?:(?:what|and|who)(?:'s| is| was| about)?|que (?:es|fue)|c'est quoi|cual es) )?(?:the|la|le|el) (?:(\\d{1,2})(?:st|nd|rd|th|e|er|ere|re|eme|ieme|[aoªº])|(${Object.keys(places).join('|')}))(?: (?:one|payment|pago|compra|paiement|achat|de la lista|de la liste|on the list))?(?:\\W+(?:c'est (?:quoi|qui|combien|quand|ou)|c'etait (?:quoi|qui|combien|quand|ou|a qui)|que (?:es|fue)|what(?:'s| is| was) (?:it|that)|cuanto fue|cuando fue|de que es|de que fue|svp|please|por favor))?\\W*$`,
  'i',
)

/** "the 2nd one, what is it?" after a list: its place in the list, and no day of the month. Null: names none. */
function placeIn(said: string): number | null {
  const found = placeWords.exec(said)
  if (!found) return null
  const nth = found[1] ? Number(found[1]) : (places[found[2]?.toLowerCase() ?? ''] ?? null)
  return nth !== null && nth >= -1 && nth <= 10 && nth !== 0 ? nth : null
}

/**
 * What only means something after a question about money: "how many?", "show them", "the total", "which was the
 * biggest", "and on the card", "who was that to". Null when the words are more than that.
 */
export function referBack(clause: Clause, last: MoneyAsk, context: AskContext): MoneyAsk | null {
  if (clause.text.length > 80) return null
  const said = folded(clause.text)
  switch (last.kind) {
    case 'transactions':
      return ofList(last, said, context)
    case 'spending':
      return ofSum(last, said)
    case 'income':
      if (listWords.test(said))
        return {
          kind: 'transactions',
          limit: 10,
          direction: 'in',
          ...(last.payer ? { merchant: last.payer } : {}),
          ...(last.period ? { period: last.period } : {}),
          ...same(last),
        }
      return amountWords.test(said) || detailWords.test(said) ? last : null
    case 'balance':
    case 'account':
      return null
  }
}

function ofSum(last: Spending, said: string): MoneyAsk | null {
  const { measure, by: _, ...rest } = last
  if (countWords.test(said)) return { ...rest, measure: 'count' }
  if (biggestWords.test(said)) return { ...rest, measure: 'biggest' }
  if (measure === 'biggest' && (amountWords.test(said) || detailWords.test(said))) return last
  if (amountWords.test(said)) return { ...last, measure: 'sum' }
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
