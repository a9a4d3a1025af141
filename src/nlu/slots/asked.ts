import type { Language, Slots } from '../reading.ts'
import { ordinalWord } from './ordinal.ts'
import { spelledAt } from './number.ts'
import { type Phrases, phraseAt, phrases, type Token } from './token.ts'

/** What is asked about the payments: how many, which one, compared how, broken down by what. */
export type Asked = Pick<Slots, 'comparison' | 'count' | 'ordinal' | 'by' | 'measure'>

const table = <T extends string>(lists: Readonly<Record<T, string>>): Phrases<{ is: T }> =>
  phrases(
    (Object.entries(lists) as [T, string][]).flatMap(([is, list]) =>
      list.split(',').map((phrase): [string, { is: T }] => [phrase, { is }]),
    ),
  )

const comparisons = table({
  more: 'over,above,more than,greater than,bigger than,larger than,higher than,at least,minimum of,upwards of,exceeding,or more,or over,and up,and above,north of,mas de,mas que,mayor a,mayor que,mayores a,mayores de,mayores que,por encima de,superior a,superiores a,arriba de,al menos,minimo,o mas,plus de,plus que,plus grand que,superieur a,superieurs a,superieures a,au dessus de,depassant,depasse,depassent,au moins,ou plus,et plus,pasa de,pasan de',
  less: 'under,below,less than,smaller than,lower than,fewer than,at most,no more than,maximum of,up to,or less,or under,south of,menos de,menos que,menor a,menor que,menores a,menores de,menores que,por debajo de,inferior a,inferiores a,abajo de,como maximo,o menos,moins de,moins que,plus petit que,inferieur a,inferieurs a,inferieures a,en dessous de,en bas de,au plus,ou moins',
  about:
    'about,around,roughly,approximately,approx,somewhere around,something like,close to,near,ish,como unos,como,unos,unas,alrededor de,cerca de,aproximadamente,mas o menos,tipo,environ,autour de,a peu pres,pres de,dans les,genre,aux alentours de',
  between: 'between,from,entre',
})

/** How amounts compare, and the tokens that say so. */
export type Compared = {
  readonly is: NonNullable<Slots['comparison']>
  readonly from: number
  readonly next: number
}

/** What stands before a figure and compares it. `second`: the figure after it, to which "between" reaches. */
function comparedBefore(
  tokens: readonly Token[],
  amount: { from: number; next: number },
  second: { from: number; next: number } | undefined,
): Compared | null {
  for (let back = 4; back >= 1; back -= 1) {
    const at = amount.from - back
    const found = at < 0 ? null : phraseAt(comparisons, tokens, at)
    if (!found) continue
    // A word may stand between: "over the $50", "about a 20".
    const gap = back - found.size
    if (
      gap < 0 ||
      (gap > 0 &&
        !(gap === 1 && /^(?:the|a|el|los|le|les|\$|of|de)$/.test(tokens[amount.from - 1]?.word ?? '')))
    )
      continue
    if (found.value.is === 'between') {
      const joint =
        second &&
        /^(?:and|to|y|a|et|-)$/.test(tokens[amount.next]?.word ?? '') &&
        second.from <= amount.next + 2
      if (!joint) continue
    }
    return { is: found.value.is, from: at, next: at + found.size }
  }
  return null
}

/** How amounts compare, by what stands before each figure ("over 50") or after it ("50 or more"). `at`: token places. */
export function comparisonOf(
  tokens: readonly Token[],
  amounts: readonly { from: number; next: number }[],
): Compared | null {
  const [first, second] = amounts
  if (!first) return null
  if (second && second.from === first.next + 1 && tokens[first.next]?.raw === '-')
    return { is: 'between', from: first.next, next: second.from }
  const before = comparedBefore(tokens, first, second)
  if (before) {
    const other = second ? comparedBefore(tokens, second, undefined)?.is : undefined
    const both = `${before.is} ${other}`
    // "over 20 and under 50"
    return both === 'more less' || both === 'less more' ? { ...before, is: 'between' } : before
  }
  const after = phraseAt(comparisons, tokens, first.next)
  const word = tokens[first.next]?.word ?? ''
  if (after && /^(?:or|and|o|ou|et|ish)$/.test(word))
    return { is: after.value.is, from: first.next, next: first.next + after.size }
  return null
}

const by = table({
  month:
    'per month,by month,each month,every month,a month,monthly,month by month,month over month,al mes,por mes,cada mes,mensual,mensuales,mensualmente,mes por mes,mes a mes,par mois,chaque mois,mensuel,mensuelle,mensuellement,mois par mois,au mois',
  category:
    'by category,per category,which category,what category,breakdown,categories,each category,por categoria,cada categoria,que categoria,cual categoria,categorias,desglose,par categorie,quelle categorie,categories de depenses,chaque categorie,ventilation',
  merchant:
    'by merchant,by store,per store,by shop,per merchant,which store,which shop,which merchant,what store,what stores,which stores,which place,which places,where do i spend,where did i spend,each store,por tienda,por comercio,que tienda,cual tienda,que tiendas,donde gasto,donde gaste,donde gasto mas,en donde gasto,cada tienda,par magasin,par marchand,par commerce,quel magasin,quels magasins,quel commerce,ou je depense,ou est ce que je depense,ou ai je depense,ou j ai depense,places ou je depense',
})

const measures = table({
  average:
    'average,avg,on average,mean,typical,typically,usually spend,normally spend,usually pay,normally pay,promedio,en promedio,media,por lo general,normalmente,en moyenne,moyenne,moyen,moyene,normalement,habituellement,d habitude,d ordinaire',
  count:
    'how many times,how many,how often,number of times,number of payments,count of,how frequently,cuantas veces,cuantos,cuantas,que tan seguido,cada cuanto,numero de veces,combien de fois,combien de transactions,combien de paiements,combien d achats,a quelle frequence,nombre de fois',
  biggest:
    'biggest,largest,highest,most expensive,priciest,top,greatest,the most,mas grande,mas grandes,mas alto,mas alta,mas caro,mas cara,mayor gasto,mayor compra,mayor,mas gasto,gasto mas,gaste mas,plus gros,plus grosse,plus gros achat,plus grosses,plus grand,plus grande,plus cher,plus chere,plus eleve,plus elevee,depense le plus,le plus',
  compare:
    'compared to,compared with,compare,compared,comparison,vs,versus,difference,more than last,less than last,more than usual,less than usual,more than the last,comparado con,comparado,comparada con,compara,comparar,en comparacion,contra,diferencia,mas que el,menos que el,mas que la,menos que la,que lo normal,que antes,compare a,par rapport a,par rapport au,comparer,compare avec,comparaison,contre,plus que le mois,moins que le mois,plus que d habitude,que d habitude,difference,than last month,than last week,than last year,than usual',
  sum: 'total,in total,altogether,all together,sum,add up,adds up,combined,how much,en total,suma,en conjunto,juntos,cuanto,cuanta,au total,en tout,somme,ensemble,combien',
})
const strength = ['compare', 'count', 'average', 'biggest', 'sum'] as const

const countable =
  /^(?:payments?|transactions?|charges?|purchases?|deposits?|withdrawals?|transfers?|debits?|credits?|orders?|movements?|swipes?|things?|entries|items?|ones|pagos?|transacciones|movimientos?|cargos?|compras?|depositos?|retiros?|transferencias?|gastos?|cobros|envios|paiements?|mouvements?|achats?|depots?|retraits?|virements?|depenses?|frais|places|stores|expenses?)$/
const lastWords =
  /^(?:last|latest|recent|past|previous|top|first|biggest|ultimos|ultimas|recientes|primeros|dernieres|derniers|premiers|recents|recentes|mayores)$/

/** Reads what is asked; `use` marks tokens that are spoken for. */
export function askedOf(
  tokens: readonly Token[],
  language: Language,
  busy: (at: number) => boolean,
  use: (from: number, next: number) => void,
): Omit<Asked, 'comparison'> {
  let count: number | null = null
  let ordinal: number | null = null
  let broken: Slots['by'] = null
  let measure: Slots['measure'] = null
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] as Token
    const measured = phraseAt(measures, tokens, at)
    if (measured) {
      const { is } = measured.value
      if (measure === null || strength.indexOf(is) < strength.indexOf(measure)) measure = is
      use(at, at + measured.size)
    }
    const split = phraseAt(by, tokens, at)
    if (split && broken === null) {
      broken = split.value.is
      use(at, at + split.size)
    }
    if (busy(at)) continue
    if (count === null) {
      const many = countedAt(tokens, at, language)
      if (many) {
        count = many.value
        use(many.from, many.next)
      }
    }
    if (ordinal === null && token.kind !== 'mark') {
      const nth = nthAt(tokens, at, language)
      if (nth) {
        ordinal = nth.value
        use(at, nth.next)
      }
    }
  }
  return { count, ordinal, by: broken, measure }
}

/** "last 5 payments", "5 last transactions", "mis últimos cinco pagos", "top 10". */
function countedAt(
  tokens: readonly Token[],
  at: number,
  language: Language,
): { value: number; from: number; next: number } | null {
  const token = tokens[at] as Token
  const number =
    token.kind === 'number' && /^\d{1,3}$/.test(token.raw)
      ? { value: Number(token.raw), next: at + 1 }
      : spelledAt(tokens, at, language)
  if (!number || ('article' in number && number.article) || number.value < 1 || number.value > 500)
    return null
  const before = tokens[at - 1]?.word ?? ''
  const [after, second] = [tokens[number.next]?.word ?? '', tokens[number.next + 1]?.word ?? '']
  const led = lastWords.test(before) && !tokens[number.next]?.glued
  const counted = countable.test(after) || (countable.test(second) && /^(?:[a-z]{3,}|de|mas)$/.test(after))
  if (led && (counted || number.next === tokens.length || before === 'top'))
    return { value: number.value, from: at - 1, next: number.next }
  if (lastWords.test(after) && /^(?:the|my|mis?|mes|les|los|las)$/.test(before))
    return { value: number.value, from: at, next: number.next }
  if (counted && (lastWords.test(after) || countable.test(after)))
    return { value: number.value, from: at, next: number.next }
  return null
}

const things =
  /^(?:one|payment|transaction|charge|purchase|option|item|card|account|deposit|pago|cargo|opcion|compra|transaccion|movimiento|cuenta|tarjeta|paiement|option|achat|carte|compte|depot)$/
const lastOne = /^(?:last|ultim[oa]|dernier|derniere)$/

/** "the second one", "number 2", "#3", "el primero", "la dernière". */
function nthAt(
  tokens: readonly Token[],
  at: number,
  language: Language,
): { value: number; next: number } | null {
  const token = tokens[at] as Token
  const [before, after] = [tokens[at - 1]?.word ?? '', tokens[at + 1]?.word ?? '']
  const article = /^(?:the|el|la|le|l|los|las)$/.test(before)
  const ends = !tokens[at + 1] || tokens[at + 1]?.kind === 'mark' || /^(?:please|pls|porfa|svp)$/.test(after)
  if (token.kind === 'word') {
    const value = lastOne.test(token.word) ? -1 : ordinalWord(token.word, language)
    if (value === 0 || value > 10) return null
    if (things.test(after) && (value > 0 || after === 'one'))
      return article || value > 1 || after === 'one' ? { value, next: at + 2 } : null
    return (article || tokens.length === 1) && ends ? { value, next: at + 1 } : null
  }
  if (token.kind !== 'number' || !/^(?:10|[1-9])$/.test(token.raw)) return null
  const suffix = tokens[at + 1]?.glued && /^(?:st|nd|rd|th|er|e|eme|o|a|do|ra)$/.test(after)
  if (suffix && things.test(tokens[at + 2]?.word ?? '')) return { value: Number(token.raw), next: at + 3 }
  if (
    /^(?:number|option|numero|opcion|#)$/.test(before) &&
    !(before === '#' && /^(?:check|order)$/.test(tokens[at - 2]?.word ?? ''))
  )
    return ends ? { value: Number(token.raw), next: at + 1 } : null
  return null
}
