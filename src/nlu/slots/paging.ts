import { spelledAt } from './number.ts'
import { type Token, tokensOf } from './token.ts'

/** Where to go in a list, newest first, from what was just shown of it. */
export type Paging =
  /** "more", "the next five". `single`: "the next one", which after one payment is the next one alone. */
  | { readonly go: 'on'; readonly count: number | null; readonly single: boolean }
  /** "the one before that": one payment, the next older */
  | { readonly go: 'before' }

const set = (words: string): ReadonlySet<string> => new Set(words.split(/[|\s]+/))
const phrases = (list: string): ReadonlySet<string> => new Set(list.split('|'))

/** Politeness, verbs of showing, articles: they change nothing here. */
const small =
  set(`please pls plz ok okay yes and then just some any a few the me us moi can could i you let want to see show
give get list load view what about is was are there up it
y de d pues bueno porfa favor por si dame ver muestra muestrame ensename quiero puedo me el la lo algunos cual que es fue era hay
et pis puis svp sil s vous te plait stp oui voir montre montrez donne donnez affiche je j veux peux tu le l m t en c est etait quoi
anything something else algo quelque chose autre`)
/** More than one: los, las, les with nothing behind them are as good as a noun. */
const several = set(`ones payments transactions purchases charges results entries them those few bunch batch
pagos movimientos transacciones compras cargos paiements achats resultats mouvements
los las les ceux celles`)
const single =
  set(`one payment transaction purchase charge time pago compra cargo transaccion movimiento vez paiement achat fois
celle celui`)

const on = phrases(
  'more|next|next page|older|earlier|rest|others|other|keep going|go on|continue|mas|siguiente|siguientes|proximo|proximos|proximas|siguiente pagina|pagina siguiente|anteriores|otros|otras|mas viejos|mas antiguos|mas antiguas|mas anteriores|resto|demas|sigue|continua|plus|suivant|suivante|suivants|suivantes|prochain|prochains|prochaines|page suivante|suite|autres|encore|encore plus|reste|precedents|precedentes|plus vieux|plus anciens|plus anciennes|plus vieilles',
)
const next = phrases('next|siguiente|proximo|suivant|suivante|prochain')
const before = phrases(
  'before|before that|before this|previous|prior|earlier|older|anterior|anterior a esa|anterior a ese|anterior a eso|anterior a esta|anterior a este|antes|antes esa|antes ese|antes eso|previa|previo|avant|juste avant|avant ca|avant cela|avant la|precedent|precedente',
)

/** Whether a text asks for nothing but the next payments of a list, or the one before; null where it asks anything else. */
export function pagingIn(text: string): Paging | null {
  if (text.length > 80) return null
  const tokens = tokensOf(text).filter(({ kind }) => kind !== 'mark')
  const left: string[] = []
  let count: number | null = null
  let named: 'one' | 'several' | null = null
  for (const [at, { word }] of tokens.entries()) {
    const number = numberAt(tokens, at)
    if (number !== null && count === null) count = number
    else if (several.has(word)) named = 'several'
    else if (single.has(word)) named = 'one'
    // "la anterior a esa": the lists know the small words that follow.
    else if (!small.has(word) || (left.length > 0 && /^(?:a|it|la)$/.test(word))) left.push(word)
  }
  const said = left.join(' ').replace(/ it$/, '')
  const isOne = named === 'one' || !on.has(said)
  if (count === null && named !== 'several' && isOne && before.has(said)) return { go: 'before' }
  // "the ones before", "los de antes"
  if (named === 'several' && before.has(said)) return { go: 'on', count, single: false }
  if (!on.has(said) || (named === 'one' && !next.has(said) && said !== 'more')) return null
  return { go: 'on', count, single: count === null && named !== 'several' && next.has(said) }
}

/** A number of payments: "5", "five", "cinco". "One" is a pronoun here. */
function numberAt(tokens: readonly Token[], at: number): number | null {
  const token = tokens[at]
  if (token?.kind === 'number') return /^\d{1,2}$/.test(token.raw) ? Number(token.raw) : null
  for (const language of ['en', 'es', 'fr'] as const) {
    const spelled = spelledAt(tokens, at, language)
    if (spelled && spelled.next === at + 1 && spelled.value > 1) return spelled.value
  }
  return null
}
