import type { Follow, Language } from '../reading.ts'
import { movesMoney } from './amount-words.ts'
import type { Token } from './token.ts'

const start = (words: readonly string[], pattern: RegExp): boolean =>
  pattern.test(words.slice(0, 6).join(' '))

const instead =
  /^(?:(?:no|nope|nah|wait|sorry|oops|non|perdon|espera|attends|desole|ah|oh|actually|well|ok) )*(?:make (?:it|that)|i meant?|i mean|change (?:it|that) to|instead|rather|mejor|quise decir|quiero decir|digo|que sean?|cambialo a|je voulais dire|je veux dire|plutot|mets (?:en )?|fais (?:en )?plutot|en fait|change(?:z)? (?:le|la|ca) (?:a|pour)|actually|correction)(?: |$)/
const told =
  /^(?:(?:no|nope|nah|wait|sorry|oops|non|perdon|espera|attends|desole) )*(?:i meant?|quise decir|je voulais dire|digo) /
const also =
  /^(?:(?:ok|okay|yes|and|adn|y|et|pis|so) )*(?:and|adn|y|et|pis|also|what about|how about|wbt|hbu|same (?:for|with|thing)|tambien|que tal|que hay de|lo mismo|y que|qu en est il|pareil|meme chose|aussi)(?: |$)/

/** What a clause carries besides its words. */
export type Carried = {
  /** An amount, a period, an account, a category, a count or a place in a list. */
  readonly slot: boolean
  readonly names: readonly string[]
  /** Words left beside slots. */
  readonly rest: number
}

/**
 * How a clause takes up what was said before. A bare "no", a whole new request that begins with "and", or a "no" that
 * starts a sentence of its own ("no reconozco este cargo") takes up nothing.
 */
export function followOf(tokens: readonly Token[], language: Language, carried: Carried): Follow | null {
  const words = tokens.filter((token) => token.kind === 'word').map((token) => token.word)
  if (words.length === 0 || !(carried.slot || carried.names.length > 0)) return null
  const { slot, rest } = carried
  if (start(words, instead)) {
    if (start(words, told)) return 'instead'
    if (
      slot
        ? rest <= 4
        : rest <= 3 &&
          !start(words, /^(?:make|change|fais|mets)/) &&
          !/^(?:no|not|pas)$/.test(words.at(-1) ?? '')
    )
      return 'instead'
  }
  const no = /^(?:no|nope|nah|non|wait|espera|attends)$/.test(words[0] ?? '')
  const comma = tokens[1]?.raw === ','
  if (no && tokens.length > 1 && slot && rest <= (comma ? 2 : 0) && !/^(?:pas|not|no)$/.test(words[1] ?? ''))
    return 'instead'
  // "no, Corner Market": nothing but a name; "no, cancélalo" is an order.
  if (
    no &&
    comma &&
    words.length <= 5 &&
    rest <= 3 &&
    carried.names.length === 1 &&
    /^\p{Lu}/u.test(carried.names[0] ?? '') &&
    !/[aei]l[aoe]s?$/.test(words.at(-1) ?? '')
  )
    return 'instead'
  if ((words.at(-1) === 'instead' || words.at(-1) === 'plutot') && rest <= 4) return 'instead'
  const opened = start(words, also) && !(words[0] === 'y' && language !== 'es')
  if (opened && rest <= 3 && words.length <= 8) return 'also'
  if (/^(?:too|aussi|tambien)$/.test(words.at(-1) ?? '') && rest <= carried.names.length && words.length <= 6)
    return 'also'
  return null
}

const acting =
  /^(?:cancel|freeze|unfreeze|block|unblock|lock|unlock|order|buy|link|unlink|delete|erase|close|dispute|do|split|go|canceles|cancela|bloquees|congeles|hagas|borres|compres|mandes|mande|envies|envie|pagues|pague|transfieras|transfiera|deposites|muevas|cobres|cancelar|bloquear|congelar|hacer|borrar|comprar|annule|annuler|bloque|bloquer|gele|geler|fais|faire|efface|effacer|achete|acheter)$/
const aboutNews =
  /^(?:alerts?|notifications?|texts?|messages?|emails?|updates|alertas?|notificaciones|avisos|mensajes|correos|alertes?|avis|courriels?|textos?|facebook|messenger|meta|whatsapp|telegram|nada|anything|rien|info|information|informacion|data|datos|donnees|permiso|permission)$/

/** Whether an act is called off: "don't send it", "no le mandes", "envoie pas". A question with "not" in it is no such thing. */
export function negatedIn(tokens: readonly Token[]): boolean {
  const words = tokens.filter((token) => token.kind === 'word').map((token) => token.word)
  const act = (word: string | undefined): boolean =>
    word !== undefined && (movesMoney(word) || acting.test(word))
  // "Don't send me alerts", "no me mandes nada": wishes of their own, said with a "not".
  if (words.some((word) => aboutNews.test(word))) return false
  if (
    /^(?:(?:no|nope|please|wait|ok|hey|pls) )*(?:not (?:that|this|it)|not the|never ?mind|nevermind|(?:ese|eso|esa) no$|pas (?:ca|celui|celle|lui|elle))(?: |$)/.test(
      words.slice(0, 6).join(' '),
    )
  )
    return true
  for (let at = 0; at < Math.min(words.length, 8); at += 1) {
    const [word, next, third] = [words[at], words[at + 1], words[at + 2]]
    const before = words[at - 1]
    if (/^(?:dont|never)$/.test(word ?? '') && act(next) && !/^(?:i|you|they|we|why)$/.test(before ?? ''))
      return true
    if (word === 'do' && next === 'not' && act(third) && !/^(?:i|you|they|we|why)$/.test(before ?? ''))
      return true
    // "I don't want to send it", "no quiero pagar", "je veux pas payer"
    if (
      word === 'dont' &&
      /^(?:want|wanna|need)$/.test(next ?? '') &&
      (act(third === 'to' ? words[at + 3] : third) || (next === 'wanna' && act(third)))
    )
      return true
    if (
      word === 'no' &&
      /^(?:quiero|quisiera|hay)$/.test(next ?? '') &&
      (act(third) || (third === 'que' && act(words[at + 3])))
    )
      return true
    // Spanish commands not to: the verb in the subjunctive, with pronouns before it.
    if (word === 'no' && at <= 2) {
      const verb = /^(?:le|les|lo|la|los|las|me|se)$/.test(next ?? '')
        ? /^(?:le|les|lo|la|los|las|me)$/.test(third ?? '')
          ? words[at + 3]
          : third
        : next
      if (
        /^(?:mandes|envies|pagues|transfieras|deposites|hagas|canceles|bloquees|congeles|muevas|cobres|borres|compres|mande|envie|pague|haga)$/.test(
          verb ?? '',
        ) &&
        tokens.length > 1
      )
        return true
    }
    if (
      /^(?:pas|plus)$/.test(word ?? '') &&
      act(before) &&
      (at <= 2 || /^(?:ne|n)$/.test(words[at - 2] ?? ''))
    )
      return true
    if (/^(?:veux|voudrais)$/.test(word ?? '') && /^(?:pas|plus)$/.test(next ?? '') && act(third)) return true
  }
  return false
}
