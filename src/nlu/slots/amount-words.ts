import type { ReadingContext } from '../reading.ts'
import { phrases } from './token.ts'

/** What stands for a currency. `dollar`: the account's own where that is a dollar. */
export type CurrencyWord = {
  readonly currency?: string
  readonly kind?: 'dollar' | 'peso' | 'own'
  /** A hundredth: "50 cents". */
  readonly cents?: true
  /** One coin: "a toonie" is two dollars. */
  readonly worth?: number
  /** Means money only right after a figure ("p", "sous"). */
  readonly glued?: true
}

const list = (names: string, word: CurrencyWord): (readonly [string, CurrencyWord])[] =>
  names.split(',').map((name) => [name, word] as const)

/** Words and signs of currency in three languages; they mean the same in all of them. */
export const currencyWords = phrases<CurrencyWord>([
  ...list('$', { kind: 'dollar' }),
  ...list('dollar,dollars,dolar,dolares,dolaritos,dollares,dolla,dollas,doll,dollers', { kind: 'dollar' }),
  ...list('piastre,piastres,piasse,piasses,piass', { kind: 'dollar' }),
  ...list('buck,bucks,bux,varo,varos,balle,balles,smackers,baros,bolas', { kind: 'own' }),
  ...list(
    'usd,us dollars,us dollar,american dollars,dolares americanos,dollars americains,dollars us,dolares gringos',
    { currency: 'USD' },
  ),
  ...list('cad,canadian dollars,canadian dollar,dollars canadiens,dolares canadienses,dollar canadien', {
    currency: 'CAD',
  }),
  ...list('loonie,loonies', { currency: 'CAD' }),
  ...list('toonie,toonies', { currency: 'CAD', worth: 2 }),
  ...list('peso,pesos', { kind: 'peso' }),
  ...list('mxn,pesos mexicanos,mexican pesos', { currency: 'MXN' }),
  ...list('pesos colombianos', { currency: 'COP' }),
  ...list('pesos dominicanos', { currency: 'DOP' }),
  ...list('pesos argentinos', { currency: 'ARS' }),
  ...list('€,euro,euros,eur', { currency: 'EUR' }),
  ...list('£,pound,pounds,quid,gbp,sterling,pounds sterling,libras,libras esterlinas,livres sterling', {
    currency: 'GBP',
  }),
  ...list('yen,jpy', { currency: 'JPY' }),
  ...list('quetzales', { currency: 'GTQ' }),
  ...list('lempiras', { currency: 'HNL' }),
  ...list('¢,cent,cents,centavo,centavos,centimos,cennes,cenne,penny,pennies', {
    kind: 'dollar',
    cents: true,
  }),
  ...list('sou,sous', { kind: 'dollar', cents: true, glued: true }),
  ...list('pence', { currency: 'GBP', cents: true }),
])

const dollars = new Set(['USD', 'CAD', 'AUD', 'NZD', 'HKD', 'SGD', 'BZD', 'BSD', 'BBD', 'JMD', 'TTD'])
const pesos = new Set(['MXN', 'COP', 'ARS', 'CLP', 'DOP', 'CUP', 'UYU', 'PHP'])

/** The ISO 4217 code meant, in a house whose accounts are in `ctx.currency`; null: the account's own. */
export function currencyOf(word: CurrencyWord, ctx: ReadingContext): string | null {
  if (word.currency) return word.currency
  const own = ctx.currency
  if (word.kind === 'dollar')
    return own === null
      ? null
      : dollars.has(own) || (pesos.has(own) && !word.cents)
        ? own
        : word.cents
          ? own
          : 'USD'
  // To someone with dollars "pesos" are not dollars, whatever is said in some places: it must not move twenty times too much.
  if (word.kind === 'peso') return own !== null && pesos.has(own) ? own : 'MXN'
  return null
}

/** Verbs that move money, folded, without Spanish pronouns ("mándale" → "manda"). */
export const payVerbs = new Set(
  'send sent sending pay paying paid transfer transferring transfered transferred wire zelle venmo cashapp give lend loan move put deposit withdraw request ask charge split owe owes invoice remit topup drop shoot slide throw toss gift pon manda mandar mande enviar envia envie paga pagar page pague pagale transfiere transferir transfiera deposita depositar abona abonar dale dar da pasa pasar mueve mover saca sacar retira pide pedir cobra cobrar presta prestar gira girar envoie envoyer envoye envoi paie paye payer vire virer virement transfere transferer transfert donne donner mets mettre depose deposer retire retirer rembourse rembourser demande demander interac etransfer prete debo debe deben debes dois doit doivent mandes envies pagues transfieras spot venmoed zelled'.split(
    ' ',
  ),
)

const clitics = /(?:(?:se|me|te|nos)?(?:los?|las?|les?)|me|nos)$/

/** Whether a folded word is a verb that moves money; "mándaselos" and "envíame" are. */
export const movesMoney = (word: string): boolean =>
  payVerbs.has(word) || (word.length > 5 && clitics.test(word) && payVerbs.has(word.replace(clitics, '')))
