import { bare } from '../nlu/bare.ts'
import type { Ask } from './ask.ts'
import { folded, isStopShowing } from './sentence-words.ts'

/**
 * What is said of figures in this chat and of permissions, in plain words: rights, so they are told by their words and
 * not by the model. Whatever is done at once shows less; to show more, for good, takes the permissions page.
 */
export function showingAsk(text: string): Ask | null {
  if (isTakeAll(text)) return { kind: 'withdraw', everything: true }
  if (isAboutShowing(folded(text))) return { kind: 'told', about: 'showing' }
  return isHide(text) ? { kind: 'hide' } : null
}

/** "Stop showing my payments", "take away the permission to see them": something is to be taken back, what is asked. */
export function takeBackAsk(text: string): Ask | null {
  const said = folded(text)
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
/** Asked, told of somebody else, or the other way round. */
const notAWish =
  /\b(?:why|pourquoi|por que|how|comment|como|when|cuando|quand|who|quien|qui|did|was|were|don'?t hide|(?:no|ne|not|never|stop|quit|arret\w*|deja\w*) (?:\w+ )?(?:hid|mask|ocult|escond|quit|cach|masqu)\w*|cach\w+ pas|masqu\w+ pas)\b/i

/** "Hide the amounts", "montre pu rien icitte": figures are to be kept out. */
export function isHide(text: string): boolean {
  const said = folded(text)
  return said.split(/\s+/).length <= 12 && (hide.test(said) || showNothing.test(said)) && !notAWish.test(said)
}

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

const hereWords = new Set(['here', 'aqui', 'aca', 'ici', 'icitte'])
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
    said.some((word) => hereWords.has(word)) &&
    said.every((word) => hereWords.has(word) || small.has(word))
  )
}
