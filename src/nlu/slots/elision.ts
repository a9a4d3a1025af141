import { fold } from './token.ts'

/**
 * Words of the trade that begin with a vowel, and are written in one with the article before them as often as not:
 * "lepargne", "dhydro", "davant". Only these: "later" and "dinner" begin like that as well.
 */
const behind = new Set(
  'epargne epargnes epicerie hydro electricite essence eau internet argent auto assurance assurances hypotheque annee annees avant hier habitude ordinaire octobre avril aout abonnement abonnements achat achats interet interets amazon uber autre autres ecole'.split(
    ' ',
  ),
)
const word = /(?<!')[\p{L}\p{M}]+/gu
/** "ce moisci", "cette semaineci" */
const thisOne = /(?<!\p{L})(ce ?mois|cette ?semaine|cette ?ann[eé]e)[- ]?ci(?!\p{L})/giu
/** "yen a", which is no currency */
const thereIs = /(?<!\p{L})yen(?= (?:a|avait|aura)(?!\p{L}))/giu

/** French as it is thumbed, with its apostrophes and hyphens back: "lepargne" → "l'epargne", "ce moisci" → "ce mois-ci". */
export const withElisions = (text: string): string =>
  text
    .replace(word, (said) =>
      /^[ld]/i.test(said) && behind.has(fold(said.slice(1))) ? `${said.slice(0, 1)}'${said.slice(1)}` : said,
    )
    .replace(thisOne, (_, what: string) => `${what.replace(/^(cette|ce) ?/i, '$1 ')}-ci`)
    .replace(thereIs, 'y en')
