import { bare } from '../nlu/bare.ts'
import type { Language } from '../nlu/reading.ts'
import type { Ask } from './ask.ts'
import { isShowHere, isTakeAll } from './showing.ts'

/**
 * Words that always work, in every state, in every language, whether or not the model is there: help, a person, stop,
 * the balance, taking things back, and the choice of language. They are whole messages, not parts of sentences, so that
 * "stop and send 20 to Ana" is not taken for one of them.
 */
export type Fixed = { readonly ask: Ask; readonly language: Language | null }

type Said = Partial<Record<Language | 'any', string>>

const lists: readonly (readonly [Ask, Said])[] = [
  [
    { kind: 'help' },
    {
      any: 'menu',
      en: 'help|help me|what can you do|options|commands',
      es: 'ayuda|ayudame|que puedes hacer|opciones',
      fr: 'aide|aidez moi|aide moi|que pouvez vous faire|que peux tu faire',
    },
  ],
  [
    { kind: 'person' },
    {
      any: 'agent',
      en: 'human|person|representative|operator|rep|real person|a person|a human|talk to a person|talk to a human|talk to someone|speak to someone|talk to an agent|speak to a human|speak to a person|i want a human|i want to talk to a person|i want to talk to a real person|i need a human|customer service',
      es: 'agente|persona|humano|representante|operador|una persona|hablar con alguien|hablar con una persona|quiero hablar con una persona|quiero hablar con alguien|un humano|un agente',
      fr: 'une personne|humain|representant|conseiller|conseillere|un humain|un agent|parler a quelquun|parler a une personne|je veux parler a quelquun|je veux parler a une personne|un conseiller',
    },
  ],
  [
    { kind: 'stop' },
    {
      any: 'stop',
      en: 'unsubscribe|stop messages|stop all|quit|stop messaging me|stop texting me|stop sending me messages|please stop sending me things|please stop messaging me',
      es: 'para|parar|alto|basta|cancelar suscripcion|no mas mensajes|deja de escribirme|dejen de escribirme|deja de mandarme mensajes',
      fr: 'arret|arretez|arrete|desabonner|plus de messages|arretez de mecrire|cessez de mecrire',
    },
  ],
  [
    { kind: 'resume' },
    { en: 'start|resume|unstop', es: 'empezar|iniciar|reanudar', fr: 'reprendre|recommencer' },
  ],
  [
    { kind: 'balance' },
    {
      en: 'balance|bal|val|balances|my balance|whats my balance|what is my balance|check balance',
      es: 'saldo|saldos|mi saldo|cual es mi saldo|ver saldo|cuanto tengo',
      fr: 'solde|soldes|mon solde|quel est mon solde|combien jai',
    },
  ],
  [
    { kind: 'transactions', limit: 5 },
    {
      any: 'transactions',
      en: 'payments|my payments|last payments|my last payments|recent payments|my transactions',
      es: 'pagos|mis pagos|ultimos pagos|mis ultimos pagos|movimientos|mis movimientos|transacciones|mis transacciones',
      fr: 'paiements|mes paiements|derniers paiements|mes derniers paiements|mes transactions',
    },
  ],
  [
    { kind: 'unlink' },
    {
      en: 'unlink|unlink my account|unlink account|unlink my accounts|disconnect my account|log out|logout|sign out|signout',
      es: 'desvincular|desvincula mi cuenta|desvincular mi cuenta|desconectar mi cuenta|cerrar sesion',
      fr: 'dissocier|dissocier mon compte|deconnecter mon compte|me deconnecter',
    },
  ],
  [
    { kind: 'hide' },
    {
      en: 'hide|hide figures|hide figures here|hide my balance|stop showing figures|dont show figures',
      es: 'ocultar|oculta las cifras|ocultar cifras|no muestres cifras|no mostrar cifras',
      fr: 'masquer|masquer les montants|masquez les montants|cacher les montants|cachez les montants',
    },
  ],
  [
    { kind: 'once' },
    {
      en: 'show it here|show here|show me here|show it here this once|show it here once|just show me here|show it|just tell me here',
      es: 'muestralo aqui|mostrar aqui|muestramelo aqui|ensenamelo aqui|ver aqui|ver aqui esta vez|dimelo aqui',
      fr: 'montre le ici|montrez le ici|montrer ici|affiche le ici|affichez le ici|voir ici|voir ici cette fois|dis le moi ici',
    },
  ],
  [
    { kind: 'permissions' },
    {
      en: 'permissions|my permissions|privacy',
      es: 'permisos|mis permisos|privacidad',
      fr: 'permissions|mes permissions|autorisations|mes autorisations|confidentialite',
    },
  ],
  [
    { kind: 'link' },
    {
      en: 'link|link my account|link account|link my bank|sign in|log in|login',
      es: 'vincular|vincular mi cuenta|vincula mi cuenta|conectar mi cuenta|iniciar sesion',
      fr: 'lier|lier mon compte|associer mon compte|connecter mon compte|me connecter|se connecter',
    },
  ],
  [
    { kind: 'hello' },
    {
      en: 'hi|hello|hey|hi there|hello there|hiya|good morning|good afternoon|good evening|get started',
      es: 'hola|holaa|hola buenas|buenas|buenos dias|buenas tardes|buenas noches',
      fr: 'bonjour|bonsoir|salut|allo|coucou|allo bonjour',
    },
  ],
  [
    { kind: 'thanks' },
    {
      en: 'thanks|thank you|ty|thx|cheers|thanks a lot|thank you so much',
      es: 'gracias|muchas gracias|mil gracias',
      fr: 'merci|merci beaucoup|un gros merci',
    },
  ],
  [
    { kind: 'goodbye' },
    {
      en: 'bye|goodbye|see you|bye bye',
      es: 'adios|chao|hasta luego|nos vemos',
      fr: 'au revoir|bye|a bientot|bonne journee',
    },
  ],
  [
    { kind: 'language', tag: 'en-US' },
    {
      en: 'english|in english|english please|speak english|in english please',
      es: 'ingles|en ingles',
      fr: 'anglais|en anglais',
    },
  ],
  [
    { kind: 'language', tag: 'es-US' },
    {
      en: 'spanish|in spanish',
      es: 'espanol|en espanol|en espanol por favor|habla espanol|hablas espanol|castellano',
      fr: 'espagnol|en espagnol',
    },
  ],
  [
    { kind: 'language', tag: 'fr-CA' },
    {
      en: 'french|in french',
      es: 'frances|en frances',
      fr: 'francais|en francais|en francais svp|en francais sil vous plait|parlez vous francais',
    },
  ],
]

const byWords: ReadonlyMap<string, Fixed> = collect()

/** A word that two languages share says nothing of the language. */
function collect(): Map<string, Fixed> {
  const found = new Map<string, Fixed>()
  for (const [ask, said] of lists)
    for (const [of, words] of Object.entries(said))
      for (const word of words.split('|')) {
        const known = found.get(word)
        const language = of === 'any' || (known && known.language !== of) ? null : (of as Language)
        found.set(word, { ask: known?.ask ?? ask, language })
      }
  return found
}

/** A little politeness around a word does not hide it. */
const polite =
  /^(?:please|por favor|svp|sil vous plait|hey|hi|ok|okay) | (?:please|pls|plz|por favor|porfa|svp|sil vous plait|now|ya|maintenant)$/g

/** Text that is one of the words that always work, or null. */
export function fixedWords(text: string): Fixed | null {
  const said = bare(text)
  if (said === '') return withoutWords(text.trim())
  return byWords.get(said) ?? byWords.get(said.replace(polite, '')) ?? languageWish(said) ?? shownHere(text)
}

/** The words of our own buttons, as people vary them. */
function shownHere(text: string): Fixed | null {
  const ask: Ask | null = isTakeAll(text)
    ? { kind: 'withdraw', everything: true }
    : isShowHere(text)
      ? { kind: 'once' }
      : null
  if (ask === null) return null
  const said = bare(text)
  return { ask, language: ownWords.find(([words]) => words.test(said))?.[1] ?? null }
}
const ownWords = [
  [/\b(?:here|everything|permissions?|access|take|back)\b/, 'en'],
  [/\b(?:aqui|aca|todo|todos|todas|permisos)\b/, 'es'],
  [/\b(?:ici|icitte|tout|toutes|tous|mes)\b/, 'fr'],
] as const

/** "can you speak French", "¿se puede en inglés?": a language by its name, and not much else. */
function languageWish(said: string): Fixed | null {
  const named = languageNames.filter(([names]) => names.test(said))
  // "I don't speak French" is said in the language that is spoken.
  const spoken = named.length > 0 ? unspoken.find(([words]) => words.test(said)) : undefined
  if (spoken) return { ask: { kind: 'language', tag: spoken[1] }, language: null }
  const [only] = named
  if (!only || named.length > 1 || said.split(' ').length > 6 || !aboutSpeaking.test(said)) return null
  const again = /^(?:y|et|and|pis)\b|\b(?:again|repeat|otra vez|repit\w+|de nuevo|encore|repet\w+)\b/.test(
    said,
  )
  return { ask: { kind: 'language', tag: only[1], ...(again ? { again } : {}) }, language: null }
}
const unspoken = [
  [/\b(?:dont|do not|cant|cannot|not) (?:speak|understand|read|write|know)\b/, 'en-US'],
  [/\bno (?:hablo|entiendo|se|leo|escribo|comprendo)\b/, 'es-US'],
  [/\b(?:parle|comprends|lis|ecris) (?:pas|pus)\b/, 'fr-CA'],
] as const
const languageNames = [
  [/\b(english|ingles|anglais)\b/, 'en-US'],
  [/\b(spanish|espanol|espagnol|castellano)\b/, 'es-US'],
  [/\b(french|frances|francais)\b/, 'fr-CA'],
] as const
const aboutSpeaking =
  /\b(again|now|please|nuevo|otra|vez|mejor|ahora|favor|encore|maintenant|svp|in|speak|talk|write|switch|change|language|en|hab\w+|escrib\w+|cambi\w+|idioma|parl\w+|ecri\w+|chang\w+|langue)\b/

/** Signs alone: a question mark asks for help, a thumbs-up is a thank-you, anything else could mean anything. */
function withoutWords(signs: string): Fixed {
  if (signs.startsWith('?') || signs.startsWith('¿')) return { ask: { kind: 'help' }, language: null }
  const kind = /^(?:[👍🙏❤💙💚😀😊🙂👌🎉✅]|\p{Emoji_Modifier}|\ufe0f|\s)+$/u.test(signs)
  return { ask: kind ? { kind: 'thanks' } : { kind: 'unclear', about: 'text' }, language: null }
}
