import type { ToldName } from './ask.ts'
import { folded } from './sentence-words.ts'

const words = (...parts: readonly string[]): RegExp => new RegExp(`\\b(?:${parts.join('|')})`, 'i')
/** Behind it comes no thing that is given up, ended or carried on: "give up my card" is a wish like any other. */
const alone =
  '(?=\\W*$|\\s*[,.!?;:…]|\\s+(?:and|but|any ?more|now|y|pero|ya|et|mais|pis|la|on (?:life|everything))\\b)'

/** Said of one's own life and nothing else, wherever it stands in the message. */
const life = [
  words(
    '(?:kill|hurt|harm|cut) (?:my ?self|me)\\b|kms\\b|unalive\\b|suicid\\w*|end(?:ing)? (?:my (?:own )?life|it all|things for good)\\b|tak(?:e|ing) my (?:own )?life|(?:want to|wanna) (?:die|be dead|disappear forever)\\b|wish i (?:was|were) (?:dead|never born)|better off (?:dead|without me)|(?:no|any) (?:reason|point) (?:to|in|of) (?:liv\\w+|going on)|nothing (?:left )?to live for',
    "(?:don'?t|do not) (?:want to|wanna) (?:live\\b(?! (?:in|at|on|there|here|near|with)\\b)|be (?:alive|on this (?:earth|planet)|(?:here|around) (?:any ?more|any longer|no more))|wake up\\b)",
  ),
  words(
    'matarme\\b|(?:me (?:quiero|voy a|pienso) matar)\\b|me mato\\b|quitarme la vida|quiero morir\\w*|me quiero morir|ganas de (?:morir\\w*|desaparecer|matarme)|hacerme dano|no quiero (?:vivir|seguir viviendo|despertar)\\b|acabar con (?:todo|mi vida)\\b|mejor muert[oa]\\b|no tiene sentido vivir|no quiero (?:estar|seguir) (?:viv[oa]|en este mundo)\\b|ya no quiero (?:estar|seguir) aqui\\b|no quiero (?:estar|seguir) (?:mas aqui|aqui mas)\\b',
  ),
  words(
    "en finir(?! (?:avec|de) (?!la vie|ma vie|tout))|me (?:tuer|suicider)\\b|(?:veux|voudrais|envie de) (?:mourir|crever)\\b|(?:plus|pus?) (?:le gout de |envie de |gout a )(?:vivre|la vie)|me faire (?:du )?mal\\b|m'enlever la vie|mieux morte?s?\\b|(?:veux|voudrais) disparaitre\\b|(?:veux|voudrais) (?:plus|pus?) (?:etre|rester) (?:la\\b|ici|icitte|en vie|vivante?|de ce monde)|(?:plus|pus?) (?:aucune )?raison de vivre|veux (?:plus|pus?) vivre",
  ),
]
/** Somebody at the end of their strength. Of this chat or a fee, it may be anger: then it is not taken for this. */
const strength = [
  words(
    `(?:want|wish|need) (?:it|this|everything|it all|all (?:of )?(?:it|this)) (?:just )?(?:to )?(?:end|be over)${alone}`,
    `(?:feel|feeling|felt) like (?:just )?giving up${alone}`,
    `(?:want to|wanna) (?:just )?(?:give up|end it)${alone}`,
    `(?:can'?t|cannot|can not) (?:go|keep|carry) (?:on|going)(?: (?:like this|this way|living(?: like this)?|any ?more|any longer|with (?:life|this|my life)))*${alone}`,
    `(?:can'?t|cannot|can not) (?:take|bear|do|live) (?:it|this|life|like this)(?: any ?more| any longer)${alone}`,
    `(?:can'?t|cannot|can not) live (?:like this|this way)${alone}`,
  ),
  words(
    `quiero que (?:ya )?(?:(?:todo |esto |todo esto )?(?:se )?(?:acabe|termine)(?: ya| todo| esto| todo esto| de una vez)*)${alone}`,
    `(?:siento que |creo que |quiero |ganas de |pienso en )(?:ya )?(?:me (?:doy por vencid[oa]|rindo|voy a rendir)|rendirme|darme por vencid[oa]|tirar la toalla|no seguir)${alone}`,
    `me quiero rendir${alone}`,
    `no (?:puedo|aguanto|soporto)(?: mas| seguir)+(?: (?:asi|viviendo(?: asi)?|adelante))*${alone}`,
    `no quiero seguir(?: asi)?${alone}`,
  ),
  words(
    `veux (?:juste |seulement |simplement )?que (?:(?:tout )?ca|cela|tout(?: ca)?) (?:finisse|se termine|se finisse|soit fini|prenne fin)${alone}`,
    `(?:envie d'|envie de |gout d'|gout de |prete? a )(?:tout )?(?:abandonner|lacher|laisser tomber|baisser les bras|disparaitre)${alone}`,
    `(?:peux|puis|capable) (?:vraiment )?(?:plus|pus?)(?: (?:continuer|vivre|tenir))?(?: (?:comme ca|ainsi|de meme|de cette facon))?${alone}`,
    `(?:plus|pus?) capable(?: de (?:continuer|vivre|tenir))?(?: (?:comme ca|ainsi|de meme))?${alone}`,
    `(?:peux|capable) (?:pas )?(?:de )?(?:continuer|vivre) (?:pas )?(?:comme ca|ainsi|de meme)${alone}`,
  ),
]
const ofThings =
  /\b(?:apps?|appli\w*|sites?|website|pages?|pagina|bots?|robot|chat\w*|messag\w*|mensajes?|messenger|fees?|frais|cargos|comision\w*|service|servicio|cards?|tarjeta|carte|subscri\w*|suscri\w*|abonnement|contrat\w*|atm|wait\w*|espera\w*|attend\w*|login|netflix|gym|banks?|banco|banque|you|ustedes|vous)\b/i

/** A life may be in danger: told before anything else, with the number to call, whatever else was asked. */
export function isCrisis(text: string): boolean {
  const said = folded(text).replaceAll(/\s+/g, ' ')
  return (
    life.some((one) => one.test(said)) || (strength.some((one) => one.test(said)) && !ofThings.test(said))
  )
}

/** What goes before anything else that a sentence may sound like: danger, a death, whether this is safe. */
export function toldBeforeAll(text: string): ToldName | null {
  if (isCrisis(text)) return 'distress'
  const said = folded(text)
  return before.find(([words]) => words.test(said))?.[1] ?? null
}
const before = [
  [
    /\b(passed away|(my|our) (\w+ )?(just )?died|is (dead|deceased)|(falleci|muri)[oó]|se (me )?muri[oó]|ha muerto|est (d[eé]c[eé]d[eé]e?|morte?)|d[eé]c[eè]s de)\b/iu,
    'bereavement',
  ],
  [
    /\b(is (this|it|that|all this) (even |really )?(safe|secure|legit|a scam)|how safe|es(to)? (es )?(seguro|confiable|una estafa)|s[eé]curitaire|c'est (tu |-tu )?s[uû]r)\b/iu,
    'safe',
  ],
  [
    /\b(when (do|will|am) i (get(ting)? paid|be paid)|next pay(day|check|cheque)?|cu[aá]ndo (me pagan|me van a pagar|cobro)|pr[oó]xim[ao] (pago|quincena|n[oó]mina)|quand (est-ce que )?(je )?(serai|vais|suis)\b.*pay|prochaine paye?)\b/iu,
    'ahead',
  ],
] as const
