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
  // Asked whether, and not told that it should not.
  [
    /^(?!.*\b(?:don'?t|do not|stop|never|no(?!\W*$)|pas|plus|pus|arret\w*|cess\w*|why|por que|pourquoi|want|quiero|veux|hide|cach\w*|ocult\w*)\b).*\b(?:facebook|fb|meta|messenger|zuckerberg)\b.{0,25}\b(?:see|sees|seeing|read|reads|know|knows|look at|access|ven?|ver|vea|viendo|lee|leen|leer|sabe|saben|mira|miran|voi(?:t|ent)|voir|lit|lisent|lire|sait|savent|acces)\b.{0,30}\b(?:my|mis?|mon|ma|mes|what i|lo que|ce que)\b.{0,20}\b(?:balances?|saldos?|soldes?|money|dinero|argent|figures|numbers|amounts|cifras|montos|numeros|montants|chiffres|payments?|pagos?|paiements?|transac\w+|accounts?|cuentas?|comptes?|infos?|informacion|information|data|datos|donnees|stuff|cosas|affaires|spend|gasto|gastos|depense|depenses)\b/i,
    'seen',
  ],
  [
    /^\W*(?:(?:so|and|but|wait|ok|then|y|pero|entonces|et|mais|alors|est-ce que)\W+)*(?:does|do|can|did|will|could|has|have)? ?(?:facebook|fb|meta|messenger|zuck\w*)(?: (?:puede|va a|peut|va|pueden))? (?:see|sees|seen|saw|read|reads|get|gets|know|knows|ve|ven|ver|vio|lee|leer|sabe|saber|voit|voir|vu|lit|lire|sait|savoir)(?: (?:about|de|du))? ?(?:that|it|this|those|them|all of (?:it|that|this)|everything|eso|esto|esa|ese|todo(?: eso| esto)?|ca|cela|tout(?: ca)?)?(?: (?:now|too|as well|here|then|ahora|aqui|tambien|maintenant|aussi|la|ici))*\W*$/i,
    'seen',
  ],
  [
    /^\W*(?:(?:so|and|but|wait|ok|y|pero|et|mais|est-ce que)\W+)*(?:(?:eso|esto|todo eso) )?(?:lo|la|los|las) (?:ve|ven|puede ver|lee)(?: (?:facebook|fb|meta|messenger))(?: (?:now|ahora|tambien))*\W*$/i,
    'seen',
  ],
  // "What time are you open", "a qué hora abren"; of the bank, and of no account.
  [
    /\b(?:(?:opening|business|branch|banking|office) hours|hours of operation|(?:your|ur) hours|(?:what time|when|till when|how late) (?:do|does|are|is) (?:you|u|the (?:bank|branch|office)|your (?:bank|branch|office))(?: guys)? (?:open|close|closing|opening)|are you (?:guys )?open (?:today|tomorrow|now|on \w+|right now)|horarios?(?: de (?:atencion|apertura|la sucursal|el banco|oficina))?|(?:a )?que hora(?:s)? (?:abren?|cierran?)|(?:abren|cierran) a que hora|(?:ouvr\w+|ferm\w+) (?:a quelle heure|jusqu'a quelle heure)|hasta que hora (?:abren|atienden|estan)|estan abiertos|heures? d'ouverture|vos heures|(?:a )?quelle heure (?:est-ce que )?(?:vous )?(?:ouvr\w+|ferm\w+|la (?:banque|succursale) (?:ouvre|ferme))|(?:etes|vous etes)(?:-vous)? ouverts?)\b(?!.{0,20}\b(?:gasto|spend|spent|depens\w*)\b)/i,
    'hours',
  ],
  // Of Guichet itself, and of nothing bought or sent.
  [
    /^\W*(?:(?:hey|hi|so|but|and|pero|y|mais|et|pis|ok|bon|hola|allo)\W+)*(?:(?:is|are|r) (?:(?:it|this|that|u|you)(?: (?:thing|app|bot|chat|bank|page|service))?|messenger) (?:even |really |actually |all )*(?:safe|secure|legit|trustworthy|for real)|(?:es|son|sera) (?:esto |este (?:bot|chat) |de verdad )?(?:muy |bien )?(?:segur[oa]s?|confiables?)(?: (?:esto|este (?:bot|chat)|usar esto|hablar aqui|su pagina|tu pagina))|(?:esto|este (?:bot|chat)|tu (?:cosa|pagina)|su (?:pagina|servicio)) (?:si )?es (?:segur[oa]|confiable)|(?:est[- ]ce que )?(?:c'?est|c|est-ce|ce chat est|ca c'?est|votre (?:affaire|patente|service|site) (?:est|c'?est))(?:[- ]?tu|[- ]vraiment)? ?(?:vraiment |ben |assez )*(?:safe|sure?|securitaires?|fiables?|legit|secure)(?: (?:votre|ton|cette|ta|ce|ici|icitte|ca|la) ?\w*)*)(?:\W+(?:to use|for banking|for this|(?:for|with) my (?:money|bank|info|data)|para mi (?:banco|dinero)|pour (?:ma banque|mon argent)|here|though|or what|o que|svp|please|pour vrai|au moins|donc|hein))*\W*$/i,
    'safe',
  ],
  [
    /^(?!.*\b(?:can'?t|cannot|unable|afford|broke|no puedo|no tengo|no me alcanza|peux pas|capable|pas d'argent)\b).*\b(?:(?:payments?|bills?|card|loan|rent|mortgage) (?:is |are )?due|when (?:do i|must i|should i|do we) (?:have to |need to )?pay|when (?:is|are) (?:my|the) .{0,30}\bdue|due dates?|payment date|cuando (?:tengo que|debo|hay que|me toca|tenemos que) pagar|(?:cuando|que dia) (?:vence|se vence)|fecha (?:limite )?(?:de |del )?(?:pago|corte|vencimiento)|quand (?:est-ce que )?(?:je )?dois[- ]?(?:je )?payer|quand (?:est-ce qu'il )?faut[- ](?:il |que je )?(?:payer|paye)|date (?:limite )?(?:de |du |d')(?:paiement|echeance))\b/i,
    'due',
  ],
  // What is yet to be taken, and not what was: that is a list of payments.
  [
    /\b(?:(?:direct debits?|standing orders?|bills?|payments?|charges|subscriptions?|autopays?)\b.{0,30}\b(?:(?:coming|going) (?:out|up)|scheduled|upcoming|to come)\b(?!.{0,20}\b(?:last|yesterday|ago)\b)|(?:upcoming|scheduled|planned|future) (?:payments?|bills?|charges?|direct debits?|standing orders?|transfers?)|what(?:'?s| is) (?:coming|going) out (?:this|next|tomorrow|on|of|soon)|(?:pagos?|cargos?|cobros?|recibos?|facturas?|domiciliaciones) (?:\w+ )?(?:programad[oa]s?|por venir|proxim[oa]s|que (?:vienen|me van a cobrar|me cobraran|estan por salir|salen (?:manana|esta semana)))|proxim[oa]s (?:pagos|cargos|cobros|recibos|facturas|domiciliaciones)|(?:paiements?|prelevements?|factures?|debits?) (?:\w+ )?(?:a venir|prevue?s?|programmee?s?|qui (?:s'en viennent|vont (?:sortir|passer)|sortent))|prochaine?s (?:paiements|prelevements|factures))\b/i,
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
