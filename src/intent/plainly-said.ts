import type { Ask, ToldName } from './ask.ts'
import { folded } from './sentence-words.ts'

/**
 * Sentences that say by their own words what they are about, and that a model of a few thousand examples takes for
 * their neighbours: asked before it is listened to.
 */
export function plainlySaid(text: string): Ask | null {
  const said = folded(text)
  const about = told.find(([words]) => words.test(said))?.[1]
  if (about) return { kind: 'told', about }
  if (closes.test(said)) return { kind: 'topic', topic: 'topic:terminate_account' }
  return opens.test(said) && !ofYoung.test(said) ? { kind: 'told', about: 'new-account' } : null
}

const told: readonly (readonly [RegExp, ToldName])[] = [
  [
    /\b(?:(?:are|r) (?:you|u) (?:a |an |really |even )*(?:real|human|bot|robot|person|machine|ai|computer)|am i (?:talking|speaking|chatting|writing) (?:to|with) (?:a |an )?(?:real |actual )?(?:bot|human|person|machine|robot|computer)|(?:eres|sos|es usted) (?:un |una )?(?:humano|humana|robot|bot|persona|maquina|ia|inteligencia|real)|(?:hablo|estoy hablando|chateo) con (?:un |una )?(?:human\w|persona|robot|bot|maquina)|(?:(?:t'es|es|etes|est)(?:[- ]tu|[- ]vous)?|tu es|vous etes|t es) (?:un |une )?(?:vraie? |vrai )?(?:robot|humaine?|bot|machine|personne|ia)|parle a (?:un |une )(?:vraie? )?(?:robot|humain|personne|machine))\b/i,
    'robot',
  ],
  [
    /\b(?:(?:sell|sold|selling) (?:my|our|people'?s|customers?'?|the)? ?(?:data|info\w*)|vend\w+ (?:mis|mes|nos|los|les|tus|sus)? ?(?:datos|donnees|renseignements|info\w*)|(?:do|who do|to whom do) you (?:share|give) (?:my|our) (?:data|info\w*)|(?:con quien|a quien) (?:compart\w+|dan|le dan) mis (?:datos|info\w*)|(?:partag\w+|donne\w+)[- ]vous mes (?:donnees|renseignements|info\w*))\b/i,
    'sold',
  ],
  [
    /^(?!.*\b(?:can'?t|cannot|unable|afford|broke|no puedo|no tengo|no me alcanza|peux pas|capable|pas d'argent)\b).*\b(?:(?:payments?|bills?|card|loan|rent|mortgage) (?:is |are )?due|when (?:do i|must i|should i|do we) (?:have to |need to )?pay|when (?:is|are) (?:my|the) .{0,30}\bdue|due dates?|payment date|cuando (?:tengo que|debo|hay que|me toca|tenemos que) pagar|(?:cuando|que dia) (?:vence|se vence)|fecha (?:limite )?(?:de |del )?(?:pago|corte|vencimiento)|quand (?:est-ce que )?(?:je )?dois[- ]?(?:je )?payer|quand (?:est-ce qu'il )?faut[- ](?:il |que je )?(?:payer|paye)|date (?:limite )?(?:de |du |d')(?:paiement|echeance))\b/i,
    'due',
  ],
]
const closes =
  /\b(?:cancel\w*|close|cierr\w+|cerrar|ferm\w+|annul\w+)(?: down)? (?:my |mi |mon |the |la |le )?(?:bank |banc\w+ )?(?:account|cuenta|compte)(?: bancaria| bancaire| de banco)?(?:\W+(?:please|por favor|svp|now|ya))*\W*$/i
const opens =
  /\b(?:open|opening|abrir|ouvrir)(?: (?!(?:my|mi|mon|the|la|le|this|esta|ce|page|app)\b)\w+){0,3} (?:account|cuenta|compte)\b/i
/** An account for a child is a topic of its own. */
const ofYoung =
  /\b(?:my|mi|mon|ma) (?:account|cuenta|compte)|child\w*|kids?|son|daughter|teen\w*|minor|hij[oa]s?|nin[oa]s?|menor|edad|enfants?|fils|fille|ado|age|ans|years|anos|1[0-9]\b/i

/** Small talk of a kind that has words of its own; only where the model takes it for small talk, or for nothing. */
export function smallTalkIn(text: string): ToldName | null {
  const said = folded(text)
  return kinds.find(([words]) => words.test(said))?.[1] ?? null
}
const kinds: readonly (readonly [RegExp, ToldName])[] = [
  [/\b(?:jokes?|chistes?|blagues?|make me laugh|hazme reir|fais[- ]moi rire|something funny)\b/i, 'joke'],
  [
    /\b(?:my birthday|birthday today|mi cumple\w*|es mi cumple\w*|cumplo anos|ma fete|mon anniversaire|c'est mon anniv\w*)\b/i,
    'birthday',
  ],
  [
    /\b(?:(?:i )?love (?:you|u)|te (?:amo|quiero|adoro)|je t'?(?: )?(?:aime|adore)|marry me|(?:you'?re|you are|ur) (?:so |the |very |really )*(?:best|great|awesome|amazing|cute|sweet|nice|funny|smart)|eres (?:lo |el |la |muy |tan )*(?:maximo|mejor|genial|lind[oa]|amable|inteligente|chistos[oa])|(?:t'es|tu es|vous etes) (?:vraiment |tellement |trop |tres |le |la )*(?:fine?|meilleure?|gentille?|geniale?|cute|smatte|drole|super))\b/i,
    'kind',
  ],
]

/** Danger, and not only want of money. */
export const isInDanger = (text: string): boolean =>
  /\b(?:danger\w*|peligro\w*|violen\w+|abus(?:e|ed|es|ive|ivo|iva|a|o)|hits|hitting|beats?|beating|afraid|scared|threat\w*|miedo|golpea\w*|pega|amenaz\w+|peur|frapp\w+|menac\w+)\b/i.test(
    folded(text),
  )
