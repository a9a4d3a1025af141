import type { ToldName } from './ask.ts'
import { folded } from './sentence-words.ts'

const secret =
  '(?:pins?|nips?|passcodes?|passwords?|codes?|codigos?|claves?|contrasenas?|cvv|otp|mots? de passe|(?:card|account) (?:numbers?|details|info\\w*)|numero de (?:mi |la |ma )?(?:tarjeta|carte|cuenta|compte))'
const words = (...parts: readonly string[]): RegExp => new RegExp(`\\b(?:${parts.join('|')})\\b`, 'i')

/** Somebody wants the code, has it, or sent a link: nobody from the bank does that. */
const phished = [
  words(
    `(?:call(?:ed|s)?|phoned|texte?d?|sms|e-?mail(?:ed|s)?|messag\\w*|some(?:one|body)|they|llam(?:aron|o|an|ada)|mensaje\\w*|correo|alguien|escrib\\w+|textos?|courriel|appel\\w*|telephon\\w+|quelqu'un)\\b.{0,60}\\b(?:ask\\w*|wants?|wanted|request\\w*|demand\\w*|needs|needed|pid\\w+|piden|qu(?:ier|er)\\w+|solicit\\w+|ve(?:u|ul)(?:t|ent)|voulai\\w+|reclam\\w+)\\b.{0,40}\\b${secret}`,
  ),
  words(
    `(?:asks?|asked|asking) me .{0,25}${secret}`,
    `(?:me (?:esta |estan )?(?:pid\\w+|solicit\\w+)|pidiendome) .{0,25}${secret}`,
    `m(?:e |'a |'ont )demand\\w* .{0,20}${secret}`,
  ),
  words(
    `i(?:'ve| have)?(?: just| already)? (?:gave|given|told|sent|shared) .{0,20}\\b(?:my|the|a) .{0,10}${secret}`,
    `(?:di|dije|mande|envie|comparti) (?:mi|mis|el|la|los) .{0,10}${secret}`,
    `ai (?:\\w+ )?(?:donne|envoye|partage|dit) (?:mon|ma|mes|le|les) .{0,10}${secret}`,
  ),
  words(
    'is (?:this|that) (?:text|e-?mail|call|message|sms|link)\\b.{0,30}\\b(?:you|yours|real|legit|fake)',
    "(?:texto|sms|courriel|message|lien|appel)\\b.{0,60}\\b(?:c'est|est-ce|etait-ce|ca vient) (?:bien )?(?:vous|toi|de vous)",
    '(?:mensaje|sms|correo|llamada|enlace|texto)\\b.{0,60}\\b(?:son ustedes|eres tu|es de ustedes|es real|es falso|fueron ustedes)',
    'phish\\w*|hamecon\\w*|smishing|scammers?|estafador\\w*|fraudeurs?|arnaqueurs?',
    "i (?:got|was|have been|'ve been) (?:scammed|conned|phished)|me (?:estafaron|timaron)|(?:suis fait|on m'a) (?:arnaqu\\w+|fraud\\w+|hamecon\\w+)",
  ),
]
const clicked = words(
  '(?:click\\w*|tapped|opened|hice clic|di clic|abri|pinche|clique|ouvert|appuye)\\b.{0,25}\\b(?:link|enlace|liga|lien)',
)
/** A link that does not open, a machine that asks for the code, a code that is wanted new: nothing of the kind. */
const ordinary = words(
  'app|appli\\w*|atm|cajero|guichet|terminal|machine|register|caisse|tienda|magasin|checkout',
  'new|nuev[oa]|nouveau|nouvelle|chang\\w+|cambi\\w+|forg[eo]t\\w*|olvid\\w+|oubli\\w+',
  "i'?m calling|i called|i want|i need|je veux|quiero|llamo|j'appelle",
)
const broken = words(
  'load\\w*|work\\w*|error|erreur|expired|marche|charge|fonctionne|funciona|carga|abre|nothing|nada|rien',
)

const fraud = words(
  "(?:c'est|ce sont|es|it'?s|this is|esto es|son) (?:de la |du |des |un |una |a )?(?:fraudes?|fraud|robo|vol)",
)
/** "I don't recognize it", and nothing after it. */
const unknown =
  /\b(?:reconnais (?:vraiment )?(?:pas|pus|plus)(?: ca| cela| celui-la| ce paiement| cet achat)?|no (?:lo|la|los|las) (?:reconozco|conozco)|no reconozco (?:eso|esto|ese (?:pago|cargo)|este (?:pago|cargo)|esa compra|esta compra)|(?:don'?t|do not|didn'?t) recogni[sz]e (?:it|that|this|them|(?:that|this) (?:one|payment|charge))(?: at all)?)\W*$/i

/** What is told at once, before any greeting, where somebody's money may be going right now. */
export function dangerIn(text: string): ToldName | null {
  const said = folded(text)
  if (phished.some((one) => one.test(said)) && !ordinary.test(said)) return 'phishing'
  if (clicked.test(said) && !broken.test(said)) return 'phishing'
  return fraud.test(said) || unknown.test(said) ? 'fraud-not-mine' : null
}

/** "The code isn't the same": while an account is being linked, somebody else's page. */
export const saysOtherCode = (text: string): boolean =>
  /\b(?:codes? (?:is|are|does|do|did)(?:n'?t| not) (?:the )?(?:same|match|right)|codes? (?:is|are|looks?) (?:different|not the same)|(?:different|another) code|codigos? no (?:es el mismo|es igual|son iguales|coinciden?)|codigo es (?:otro|diferente|distinto)|(?:otro|diferente|distinto) codigo|codes? (?:(?:n'?est|est|sont|c'est) )?pas (?:le meme|les memes|pareils?|identiques?|bon)|codes? (?:ne )?(?:correspond\w*|concorde\w*) pas|code est (?:different|autre)|pas le meme code|autre code)\b/i.test(
    folded(text),
  )

/** "OK, what do I do now?" and nothing else. */
export const asksWhatNow = (text: string): boolean =>
  /^\W*(?:(?:ok|okay|bon|ben|pues|y|and|so|et|alors|donc|entonces|pis|but|pero|mais|oh no|mon dieu|dios mio)\W+)*(?:what (?:do|should|can|must) (?:i|we) do|what now|now what|what next|what'?s next|que hago|que (?:debo|puedo|tengo que) hacer|ahora que|que sigue|que faire|quoi faire|je fais quoi|(?:qu'est-ce que|que) je (?:fais|dois faire)|que dois-je faire|c'est quoi la suite)(?:\W+(?:now|then|next|ahora|entonces|hago|maintenant|la|alors|svp|please|por favor|asap|first|primero))*\W*$/i.test(
    folded(text),
  )

/** What is told again, shorter, to whoever asks what to do after it. */
const stepsAfter: Readonly<Partial<Record<string, ToldName>>> = {
  'card-lost': 'steps-card',
  'fraud-not-mine': 'steps-card',
  'steps-card': 'steps-card',
  phishing: 'steps-phishing',
  'steps-phishing': 'steps-phishing',
  'other-code': 'other-code',
}
export const stepsFor = (told: string | null): ToldName | null =>
  told === null ? null : (stepsAfter[told] ?? null)

/** "La de crédito", "it's my debit card", and nothing else: which card is meant. */
export const saysWhichCard = (text: string): boolean =>
  /^\W*(?:(?:ok|oh|y|and|et|pis|bueno|pues|ben|no|non|es|era|fue|it'?s|it was|that'?s|c'?est|c'?etait)\W+)*(?:(?:la|mi|the|my|ma|celle|tarjeta|carte|card|one) )*(?:de )?(?:credito?|debito?|credit|debit|visa|mastercard|amex)(?: (?:card|one|tarjeta|carte))?(?:\W+(?:please|por favor|svp))?\W*$/i.test(
    folded(text),
  )

/** What is told of a card once it is said which. */
export const ofThatCard = (told: string | null): ToldName | null =>
  told === null ? null : (afterCard[told] ?? null)
const afterCard: Readonly<Partial<Record<string, ToldName>>> = {
  'card-lost': 'steps-card',
  'steps-card': 'steps-card',
  'fraud-not-mine': 'steps-card',
  'card-freeze': 'card-freeze',
  'card-unfreeze': 'card-unfreeze',
  'card-limits': 'card-limits',
}

/** Sentences that go before the greeting. */
const urgent: ReadonlySet<string> = new Set(
  (['phishing', 'other-code', 'card-lost', 'fraud-not-mine', 'distress', 'hardship-danger'] as const).map(
    (name) => `told.${name}`,
  ),
)
export const isUrgent = (key: string | undefined): boolean => key !== undefined && urgent.has(key)
