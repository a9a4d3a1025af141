import { bare } from '../nlu/bare.ts'
import type { Ask } from './ask.ts'
import { folded, isStopShowing } from './sentence-words.ts'

/**
 * What is said of figures in this chat and of permissions, in plain words: rights, so they are told by their words and
 * not by the model. Whatever is done at once shows less; to show more, for good, takes the permissions page.
 */
export function showingAsk(text: string): Ask | null {
  if (isTakeAll(text)) return { kind: 'withdraw', everything: true }
  if (isAboutShowing(folded(text)) || (isPutBack(text) && figuresSaid.test(folded(text))))
    return { kind: 'told', about: 'showing' }
  return isHide(text) ? { kind: 'hide' } : null
}

/** "Stop showing my balance here": shown no more at once, with the page where the rest may be let show again. */
const stopsShowing = new RegExp(
  `^[\\s¡!]*(?:(?:ok|okay|please|pls|hey|can you|could you|i want you to|porfa|por favor|oye|quiero que|svp|je veux que tu|je veux que vous)[\\s,]+)*(?:(?:stop|quit) (?:showing|displaying)|(?:don'?t|do not) (?:show|display)|(?:deja|dejen|deje|dejar) de (?:mostrar|ensenar)(?:me)?|ya no (?:me )?(?:muestr|ensen)\\w+|(?:arret|cess)\\w+ (?:de |d')(?:montrer|afficher)|(?:ne )?(?:montre|montrez|affiche|affichez) (?:plus|pus|pas))(?: (?:me|nous))?(?: (?:all|any|of|my|the|mis?|los?|las?|el|mes|mon|ma|les?))+ (?:(?:account|bank|de|cuenta) )?(?:balances?|payments?|transactions|spending|saldos?|pagos|movimientos|gastos|soldes?|paiements|transactions|depenses|money|dinero|argent)(?:\\W+(?:here|in|on|this|the|chat|messenger|facebook|fb|any ?more|please|pls|now|from now on|aqui|aca|en|el|este|por favor|porfa|ya|mas|ici|icitte|dans|le|ce|sur|svp|stp|maintenant))*\\W*$`,
  'i',
)
const restKept =
  /\b(?:just|only|keep|leave|except|but|solo|solamente|nomas|conserv\w+|mant\w+|excepto|pero|juste|seulement|gard\w+|sauf|laiss\w+|mais)\b/i

/** "Take back payments only": a permission, for no payment is taken back alone and the rest of them kept. */
const takeOneBack =
  /^[\s¡!]*(?:(?:ok|okay|yes|please|i want to|then|y|si|quiero|bueno|oui|je veux|et|alors)[\s,]+)*(?:(?:just |only )?take back|revoke|withdraw|(?:solo |solamente )?(?:retir(?:a|ar|en|e)|revoc(?:a|ar))|(?:retir(?:e|er|ez)|revoqu(?:e|er|ez)))\b/i

/** "Stop showing my payments", "take away the permission to see them": something is to be taken back, what is asked. */
export function takeBackAsk(text: string): Ask | null {
  const said = folded(text)
  if (stopsShowing.test(said) && !restKept.test(said) && !notAWish.test(said))
    return { kind: 'hide', one: true }
  if (takeOneBack.test(said) && isOneAlone(text)) return { kind: 'withdraw', one: true }
  if (!isStopShowing(text) && !(takeBack.test(said) && !notAWish.test(said) && !not.test(said))) return null
  return { kind: 'withdraw', ...(namesOne.test(said) ? { one: true } : {}) }
}

/** "Just the balance, keep payments": one kind of thing is to be taken back, and the rest kept. */
export const isOneAlone = (text: string): boolean => {
  const said = folded(text)
  return namesOne.test(said) && onlyOne.test(said) && !asksToSee.test(said) && said.split(/\s+/).length <= 12
}
const onlyOne =
  /\b(?:just|only|keep|leave|except|but not|not|solo|solamente|nomas|nada mas|menos|deja\w*|conserv\w+|mant\w+|excepto|pero no|juste|seulement|rien que|gard\w+|sauf|laiss\w+|pas)\b/i
const asksToSee =
  /\b(?:what|how|show|see|tell|cuanto|cual|muestra\w*|ver|dime|combien|quel|montre\w*|voir|dis)\b|\?/i

const polite =
  /^(?:(?:please|pls|ok|okay|yes|si|oui|por favor|svp|i want to|i want you to|i would like to|can you|quiero|je veux|je voudrais|puedes) )+| (?:please|pls|now|por favor|porfa|ya|svp|sil vous plait|stp|maintenant)$/g
const takeAll =
  /^(?:(?:take|takes) (?:it all|everything|all of it|all of them|all|all (?:my |the )?permissions) back|take back (?:it all|everything|all|all of it|all (?:my |the )?permissions)|(?:revoke|withdraw|remove) (?:everything|it all|all (?:my |the )?(?:permissions|access))|(?:retir|quit|revoc)(?:a|ar|ame|arme|alo|enme|en|e|eme)? (?:todo|todo lo que permiti|tod[oa]s (?:los |mis |las )?(?:permisos|autorizaciones)|mis permisos)|(?:me |nous )?(?:retir|enlev|revoqu)(?:e|ez|er|es)(?: moi)? (?:tout|le tout|tou(?:te)?s (?:mes |les )?(?:autorisations|permissions|acces)|mes (?:autorisations|permissions))|tout (?:retirer|enlever|revoquer))$/

/** The words of our own button "take it all back", and others as plain. */
export const isTakeAll = (text: string): boolean => {
  const said = bare(text)
  return takeAll.test(said) || takeAll.test(said.replace(polite, '').replace(polite, ''))
}

const takeBack =
  /\b(?:(?:take|taking) (?:back|away)|revoke|withdraw|remove|retir\w+|quit(?:a|ar|en|e)\w*|enlev\w+|revoc\w+|revoqu\w+)\b.{0,30}\b(?:permissions?|permisos?|access|acces|consent\w*|autori[sz]a\w+)\b/i
const not = /\b(?:not|don'?t|no|ne|pas|never|nunca|jamais)\b/i
const namesOne =
  /\b(?:balance|saldos?|soldes?|payments?|pagos|paiements?|transac\w+|purchases|compras|achats|spending|gastos|depenses|movimientos)\b/i

const things = '(?:figures|numbers|amounts|sums|cifras|montos|numeros|cantidades|importes|montants|chiffres)'
const places = '(?:here|chat|messenger|facebook|fb|aqui|aca|aki|ici|icitte)'
const figuresSaid = new RegExp(`\\b${things}\\b`, 'i')
/** A wish begins with it: "can one hide the amounts" and "what if I type 'hide'" are only asked about. */
const wished =
  "^[\\s¡!]*(?:(?:please|pls|plz|ok|okay|yes|and|now|just|hey|no|i want to|i want you to|por favor|porfa|pues|ya|y|si|mejor|quiero|quiero que|alors|bon|ben|oui|et|pis|svp|je veux|je voudrais|stp|s'il (?:vous|te) plait)[\\s,.!]+)*"
const hide = new RegExp(
  `${wished}(?:hide|conceal|mask|cover up|blur|cach(?:e|er|ez|es)|masqu(?:e|er|ez|es)|ocult(?:a|ar|en|e|es|ame|alos|as)|escond(?:e|er|an|a|eme|elos)|tap(?:a|ar|en|ame)|quit(?:a|ar|en|e|ame|ale|ales)|enlev(?:e|er|ez)|remove)\\b.{0,25}\\b${things}\\b`,
  'i',
)
const showNothing = new RegExp(
  `${wished}(?:(?:don'?t|do not) (?:show|display)(?: me)? (?:any |the |my |more )*(?:${things}|anything)|show nothing|no (?:me )?(?:muestr|ensen)\\w+ (?:mas )?(?:las |los |mis |ningun\\w* )*(?:${things}|nada)|(?:ne |n')?(?:montr|affich)\\w+ (?:plus|pus?|pas) (?:les |de |des |mes |aucun )*(?:${things}|rien))\\b`,
  'i',
)
/** "Ya no quiero que salgan mis saldos aquí", "I don't want my balance to come up in Messenger". */
const mine = `(?:${things}|balances?|money|saldos?|dinero|pagos|payments|soldes?|argent|paiements)`
const appears =
  "(?:show(?:s|n|ing)?(?: up)?|appear\\w*|displayed|seen|visible|com(?:e|es|ing) up|pop(?:s|ping)? up|sal(?:ga|gan|en|iendo|ir)|apare(?:z|c)\\w+|muestr\\w+|se vean?|vean|apparai\\w+|s'affich\\w+|affich\\w+|montr\\w+|sort(?:e|ent)|voi(?:t|ent)|voie|voir)"
const unwanted = new RegExp(
  `${wished}(?:i (?:don'?t|do not) (?:want|wanna|need|like)|i'?d rather not|(?:ya )?no (?:quiero|quisiera|me gusta)(?: que)?|(?:je |j')?(?:ne )?(?:veux|voudrais|aime) (?:pas|pus?|plus)(?: que| de)?)\\b(?=.{0,40}\\b${mine}\\b)(?=.{0,40}\\b${appears})(?=.{0,60}\\b${places}\\b)`,
  'i',
)
/** Asked, told of somebody else, or the other way round. */
const notAWish =
  /\b(?:why|pourquoi|por que|how|comment|como|when|cuando|quand|who|quien|qui|did|was|were|don'?t hide|(?:no|ne|not|never|stop|quit|arret\w*|deja\w*) (?:\w+ )?(?:que )?(?:hid|mask|ocult|escond|quit|cach|masqu)\w*|cach\w+ pas|masqu\w+ pas)\b/i

/** "Hide the amounts", "montre pu rien icitte": figures are to be kept out. */
export function isHide(text: string): boolean {
  const said = folded(text)
  return (
    said.split(/\s+/).length <= 14 &&
    (((hide.test(said) || showNothing.test(said)) && !notAWish.test(said)) ||
      (unwanted.test(said) && !notToHide.test(said) && !namesCompany.test(said)))
  )
}

/** "I don't want my balance hidden here" wants the other thing. */
const notToHide = /\b(?:hid\w*|mask\w*|ocult\w*|escond\w*|cach\w*|masqu\w*|why|pourquoi|por que)\b/i
/** "I don't want Facebook to see my balance": more than figures, perhaps, so what is taken back is asked. */
const namesCompany =
  /\b(?:facebook|fb|meta|messenger)\b.{0,15}\b(?:to )?(?:see|know|have|vea|sepa|tenga|voie|sache|ait)\b/i

const why = /\b(?:why|how come|pourquoi|por que|porque|comment ca se fait|como que)\b/i
const unseen = new RegExp(
  `\\b(?:not|never|can'?t|cannot|don'?t|do(?:es)?n'?t|won'?t|aren'?t|no|nunca|jamais|pas|pus?|plus)\\b.{0,30}\\b(?:see|show\\w*|told|veo|ver|muestr\\w+|sal\\w+|aparec\\w+|montr\\w+|affich\\w+|vois|voir|dis)\\b.{0,30}\\b(?:${things}|balance|saldo|solde|aqui|ici|here)\\b|\\b(?:see|show\\w*|montr\\w+|affich\\w+|vois|voir)\\b.{0,12}\\b(?:jamais|pas|pus?|plus)\\b.{0,20}\\b(?:${things}|solde|ici)\\b|\\b(?:hid\\w*|mask\\w*|ocult\\w*|escond\\w*|cach\\w*|masqu\\w*)\\b.{0,25}\\b${things}\\b|\\b${things}\\b.{0,25}\\b(?:hid\\w*|mask\\w*|ocult\\w*|escond\\w*|cach\\w*|masqu\\w*)\\b`,
  'i',
)
const hiddenBalance =
  /\b(?:balances?|saldos?|soldes?)\b.{0,12}\b(?:hidden|masked|ocult\w+|escondid\w+|cache|caches|masques?)\b/i
const always =
  /\b(?:always|siempre|toujours|from now on|a partir de (?:maintenant|ahora|la)|de ahora en adelante|desde ahora|every time|cada vez|chaque fois|dorenavant|desormais)\b/i
const show = /\b(?:show|display|see|muestr\w*|mostr\w*|ensen\w*|ver|montr\w*|affich\w*|voir)\b/i
const here = new RegExp(`\\b(?:here|aqui|aca|ici|icitte|${things})\\b`, 'i')
const unhide =
  /\b(?:unhide|unmask|(?:stop|quit|don'?t|do not) (?:hid(?:e|ing)|mask(?:ing)?)|deja\w* de (?:ocultar|esconder)|no (?:ocultes|escondas)|arret\w+ de (?:cacher|masquer)|(?:cach|masqu)\w+ pas)\b/i

/** "Why don't I see the numbers", "always show it here": the customer's own choice, and where it is changed. */
const isAboutShowing = (said: string): boolean =>
  (why.test(said) && (unseen.test(said) || hiddenBalance.test(said))) ||
  (always.test(said) &&
    show.test(said) &&
    here.test(said) &&
    !isStopShowing(said) &&
    !showNothing.test(said)) ||
  (unhide.test(said) && here.test(said))

const hereWords = new Set(['here', 'aqui', 'aki', 'aca', 'ici', 'icitte', 'icite'])
const showWords =
  /^(?:show|display|muestra\w*|ensena\w*|dame\w*|dime\w*|montre\w*|affiche\w*|dis|donne|ver|voir)$/
const onceWords = /\b(?:this once|this time|just once|only once|esta vez|una vez|cette fois|une fois)\b/
const small = new Set(
  `ok okay yes si oui ouais and y et then so pues bueno well please plz pls por favor porfa svp stp sil vous te plait
can could you peux tu pouvez puedes just only mejor solo juste seulement nomas show tell give display put see let me it them that
this the both two all of muestra muestralo muestralos muestramelo muestramelos muestrame ensename ensenamelo ensenamelos mostrar
dame damelo dimelo dimelos ponlo ponlos ver verlo verlos lo los las la el dos ambos ambas esta bien vez una va montre montrez
montrer affiche affichez afficher dis dites voir donne donnez mets mettez le les moi deux tous tout c est cest correct is fine good
right once cette fois une alors donc entonces in chat messenger dans en pis les puis`.split(/\s+/),
)
/** "Show it here then", "les deux ici svp": the last answer with its figures, this once. */
export function isShowHere(text: string): boolean {
  const said = bare(text).split(' ')
  return (
    said.length > 1 &&
    (said.some((word) => hereWords.has(word)) ||
      (said.some((word) => showWords.test(word)) && onceWords.test(said.join(' ')))) &&
    said.every((word) => hereWords.has(word) || small.has(word))
  )
}

/** "OK, put them back", "bueno ya ponlo otra vez", "remets les": what was just hidden, or was about to be. */
export const isPutBack = (text: string): boolean => putBack.test(bare(text))
const putBack = new RegExp(
  `^(?:(?:ok|okay|well|no|actually|sorry|wait|fine|good|bueno|ya|pues|si|mejor|perdon|no mejor|espera|bon|ben|oui|finalement|en fait|non|attends|c ?est (?:beau|bon|correct)|and|y|et|pis|can you|please|por favor|svp) )*(?:${[
    '(?:put|bring|turn|switch|get|have|show|display|give me|let me see) (?:it|them|that|those|everything|(?:the |my )?(?:figures|numbers|amounts|balances?))(?: (?:back|back on|on|again|like before|here|now))+',
    '(?:unhide|unmask)(?: (?:it|them|that|everything|the figures|the numbers|the amounts))?',
    '(?:pon|muestra|ensena)(?:me|nos)?l[oa]s?(?: (?:aqui|ya))?(?: (?:otra vez|de nuevo|de vuelta|como antes|como estaban?|como estaba antes))+',
    '(?:regresa|devuelve|vuelve a (?:poner|mostrar|ensenar)|vuelvel[oa]s? a (?:poner|mostrar|ensenar))(?:me)?(?:l[oa]s?)?(?: (?:las cifras|los montos|los numeros|mis saldos|los saldos|como estaban?|como antes))?',
    '(?:remets?|remettez|remettre|ramene|ramenez)(?: (?:moi|nous))?(?: (?:les|le|la|ca|tout|mes|montants|soldes|chiffres|comme avant|comme c ?etait))+',
    '(?:montre|montrez|affiche|affichez|reaffiche|reaffichez)(?: (?:moi|nous))?(?: (?:les|le|la|ca|tout|mes|montants|soldes|chiffres))+ (?:encore|de nouveau|a nouveau|comme avant)',
  ].join('|')})(?: (?:please|now|por favor|porfa|ya|svp|stp|la|donc|ici|here|aqui|maintenant|ahora))*$`,
)
