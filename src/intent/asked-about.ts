import { folded } from './sentence-words.ts'

/** "Wait, what happens if I do that?", said of what was just told. */
export const asksWhatThen = (text: string): boolean => {
  const said = folded(text)
  return said.length <= 90 && whatThen.test(said)
}
const whatThen =
  /\b(?:what (?:happens|will happen|would happen|goes|stays|do i lose|will i lose|does (?:that|it) (?:do|mean|delete|erase)|exactly (?:happens|goes|is (?:deleted|erased)))|what (?:gets|is|will be|do you) (?:deleted?|erased?|removed?|gone|lost|kept|keep)|and then what|then what|is (?:it|that) (?:permanent|final|forever)|can i (?:undo|get it back)|que (?:pasa|pasaria|pasara|sucede|ocurre|se borra|se borraria|se pierde|pierdo|queda|guardan)|y luego que|es (?:permanente|definitivo|para siempre)|(?:qu'est-ce qui|qu'est-ce que|que|ce qui|quoi|c'est quoi qui) (?:(?:se|ca) )?(?:se )?(?:passe\w*|arrive\w*|part|disparait|s'efface|reste|fait|efface\w*|perds?|va (?:se passer|arriver|partir|rester))|je perds quoi|il (?:se passe|arrive|reste|part) quoi|ca fait quoi|c'est (?:permanent|definitif|pour toujours))\b/i

/** Calls the bank names, or has had enough: the price list is no answer to that. */
export const isOutraged = (text: string): boolean => outraged.test(folded(text))
const outraged =
  /\b(?:thie(?:f|ves)|crooks?|robbers?|robbery|robbing|ripp?(?:ing|ed)?[- ]?(?:me |us )?off|rip-?offs?|ridiculous|outrageous|unacceptable|disgusting|disgrace\w*|shame on you|fed up|sick (?:and tired )?of|had (?:it|enough)|(?:2nd|3rd|4th|second|third|fourth|fifth) time|ladron\w*|rateros?|robo|robando|roban|atraco|sinverguenzas?|inaceptable|ridicul[oa]|indignante|verguenza|colmo|hart[oa]|(?:segunda|tercera|cuarta) vez|voleurs?|bandits?|c'est du vol|arnaque\w*|inacceptable|ridicule|scandaleux|honte|tannee?|ecoeure\w*|ras[- ]le[- ]bol|ca suffit|(?:deuxieme|troisieme|quatrieme|[234]e) fois)\b/i
