import { lead } from './whole.ts'

const places: Readonly<Record<string, number>> = {
  first: 1,
  primer: 1,
  primero: 1,
  primera: 1,
  premier: 1,
  premiere: 1,
  second: 2,
  segundo: 2,
  segunda: 2,
  deuxieme: 2,
  seconde: 2,
  third: 3,
  tercer: 3,
  tercero: 3,
  tercera: 3,
  troisieme: 3,
  fourth: 4,
  cuarto: 4,
  cuarta: 4,
  quatrieme: 4,
  fifth: 5,
  quinto: 5,
  quinta: 5,
  cinquieme: 5,
  last: -1,
  ultimo: -1,
  ultima: -1,
  derniere: -1,
  dernier: -1,
}
const placeWords = new RegExp(
  `^\\W*${lead}(?:(?:(?:what|and|who)(?:'s| is| was| about)?|que (?:es|fue)|c'est quoi|cual es) )?(?:the|la|le|el) (?:(\\d{1,2})(?:st|nd|rd|th|e|er|ere|re|eme|ieme|[aoªº])|(${Object.keys(places).join('|')}))(?: (?:one|payment|pago|compra|paiement|achat|de la lista|de la liste|on the list))?(?:\\W+(?:c'est (?:quoi|qui|combien|quand|ou)|c'etait (?:quoi|qui|combien|quand|ou|a qui)|que (?:es|fue)|what(?:'s| is| was) (?:it|that)|cuanto fue|cuando fue|de que es|de que fue|svp|please|por favor))?\\W*$`,
  'i',
)

/** "the 2nd one, what is it?" after a list: its place in the list, and no day of the month. Null: names none. */
export function placeIn(said: string): number | null {
  const found = placeWords.exec(said)
  if (!found) return null
  const nth = found[1] ? Number(found[1]) : (places[found[2]?.toLowerCase() ?? ''] ?? null)
  return nth !== null && nth >= -1 && nth <= 10 && nth !== 0 ? nth : null
}
