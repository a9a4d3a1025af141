import { languageOf } from './language.ts'
import { normalise } from './normalise.ts'
import type { Clause, Language, ReadingContext } from './reading.ts'
import { movesMoney } from './slots/amount-words.ts'
import { withElisions } from './slots/elision.ts'
import { readClause } from './slots/put-right.ts'
import { type Token, tokensOf } from './slots/token.ts'

/** A clause before the model has said what it means. */
export type BareClause = Omit<Clause, 'guesses' | 'outOfScope'>
/** Everything of a reading that needs no model. */
export type ClausesRead = {
  readonly language: Language
  readonly languageSure: boolean
  readonly clauses: readonly BareClause[]
}

const mostClauses = 3

/**
 * Reads language, clauses and slots of a message. Any text gives at least one clause; spans are offsets in the clause's
 * own text, which is normalised ({@link normalise}, {@link withElisions}). Never throws for a text; `ctx.timeZone` must be a zone.
 */
export function clausesOf(text: string, ctx: ReadingContext): ClausesRead {
  const normal = withElisions(normalise(text).text)
  const said = languageOf(normal)
  const language = said.sure ? said.language : ctx.language
  const clauses = splitClauses(normal).map((part): BareClause => readClause(part, language, ctx))
  return { language, languageSure: said.sure, clauses }
}

const set = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/))

/** Verbs and question words that open a request; verbs that move money do too. */
const openers =
  set(`show tell check list find see freeze unfreeze block unblock lock unlock cancel stop turn dispute report order
buy link unlink disconnect connect whats what how where when who which did does has have is are can could remind download export
delete erase raise lower close open resume pause
muestrame ensename dime revisa busca congela bloquea desbloquea cancela apaga activa desactiva prende reporta ordena compra
conecta desconecta vincula cual cuanto cuanta cuantos donde cuando borra exporta baja sube quien
montre affiche dis verifie cherche trouve gele bloque debloque annule arrete desactive conteste signale commande achete lie delie
connecte deconnecte quel quelle combien ou quand efface exporte baisse augmente qui`)

/** What a request is about, by kind: "balance and transactions" asks for two things, "deposits and withdrawals" for one. */
const subjects: ReadonlyMap<string, number> = new Map(
  [
    'balance balances bal saldo saldos solde soldes',
    'transactions transaction payments purchases charges history activity movimientos transacciones pagos compras historial mouvements paiements achats historique',
    'statement statements extracto releve releves',
    'receipt receipts recibo recibos recu recus',
    'spending gastos depenses',
    'limits limit limites plafond',
    'fees comisiones frais',
    'paycheck paycheque income nomina ingresos pagaron depositaron revenus salaire payee paye',
  ].flatMap((words, kind) => words.split(' ').map((word) => [word, kind] as const)),
)

const links = /^(?:and|then|also|plus|y|luego|despues|tambien|et|puis|pis|ensuite|aussi|&|\+)$/
const little =
  /^(?:quiero|necesito|quisiera|veux|jveux|voudrais|aimerais|want|need|wanna|would|like|i|j|je|d|id|then|also|please|pls|can|could|you|to|just|luego|despues|tambien|porfa|favor|por|me|puedes|puis|ensuite|aussi|svp|peux|tu|the|my|mi|mis|mon|ma|mes|el|la|los|las|le|les|l|last|ultimos|dernieres|derniers|recent|se|lo)$/
/** "and how much is left": two words that ask for something of their own. */
const ownQuestion = /^(?:tengo|queda|quedan|reste|left)$/
const pointing = /^(?:it|that|this|there|they|he|she|ca|cela|eso|esto|il|elle|c)$/
const asking = /^(?:did|does|has|have|is|are|can|could|est|tu|ya)$/
/** Where one request comes to its verb only in the second half, or the halves belong together. */
const nouns =
  /^(?:order|check|block|report|limit|charge|link|request|split|deposit|transfer|wire|invoice|cash|card|stop|shop|go|pay|para|baja|sube|compra|ou|qui)$/

/** At most three requests, each with the words that belong to it; one where there is no telling. */
export function splitClauses(text: string): string[] {
  const tokens = tokensOf(text)
  const cuts: { end: number; start: number }[] = []
  let from = 0
  for (let at = 1; at < tokens.length - 1 && cuts.length < mostClauses - 1; at += 1) {
    const token = tokens[at] as Token
    const hard = token.kind === 'mark' && /^[.;?!\n]$/.test(token.raw) && !(tokens[at + 1]?.glued === true)
    const soft = token.raw === ',' && !tokens[at + 1]?.glued
    if (!hard && !soft && !links.test(token.word) && token.raw !== '+') continue
    let right = at + 1
    while (
      right < tokens.length &&
      (links.test(tokens[right]?.word ?? '') || /^[,.;?!¿¡]$/.test(tokens[right]?.raw ?? ''))
    )
      right += 1
    const opening = opensRequest(tokens, right, hard)
    if (opening && !(opening.verb && pointsBack(tokens, right)) && holdsRequest(tokens, from, at, opening)) {
      cuts.push({ end: (tokens[at - 1] as Token).end, start: (tokens[right] as Token).start })
      from = right
      at = right
    }
  }
  if (cuts.length === 0) return [text]
  const parts: string[] = []
  let start = 0
  for (const cut of cuts) {
    parts.push(text.slice(start, cut.end))
    start = cut.start
  }
  parts.push(text.slice(start))
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

type Opening = {
  readonly verb: boolean
  readonly subject: number | null
  /** "how much …": asks for something of its own, whatever stands before. */
  readonly howMuch?: boolean
  /** "my balance", "ma paye": is asked for beside a sum, and no part of one. */
  readonly mine?: boolean
  /** No order: behind one it is its condition ("send 20, and if I got paid 30"). */
  readonly asksOnly?: boolean
}
const amounts = /^(?:how|cuanto|cuanta|combien)$/

/** Whether a request begins at token `at`: a verb to begin with, a question, or something asked for by name. */
function opensRequest(tokens: readonly Token[], at: number, hard: boolean): Opening | null {
  if (asksWhether(tokens, at) || asksForLast(tokens, at))
    return { verb: true, subject: null, howMuch: true, asksOnly: true }
  let next = at
  while (
    next < tokens.length - 1 &&
    (little.test(tokens[next]?.word ?? '') || (tokens[next]?.kind === 'number' && next > at)) &&
    next < at + 5
  ) {
    if (subjects.has(tokens[next]?.word ?? '')) break
    next += 1
  }
  const token = tokens[next]
  if (token?.kind !== 'word') return null
  const subject = subjects.get(token.word)
  if (subject !== undefined)
    return {
      verb: false,
      subject,
      mine: ownSums.has(token.word) && /^(?:my|mi|mon|ma)$/.test(tokens[next - 1]?.word ?? ''),
    }
  const after = tokens[next + 1]
  if (
    next > at &&
    /^(?:my|mi|mis|mon|ma|mes|the|el|la|los|las|le|les|l)$/.test(tokens[next - 1]?.word ?? '') &&
    !/^(?:me|te|se|lo|le)$/.test(tokens[next - 1]?.word ?? '')
  )
    return null
  const verb = openers.has(token.word) || movesMoney(token.word)
  if (!verb) return null
  // A capital inside a sentence is a name ("Stop and Shop"), a word that is as often a noun wants an object.
  if (!hard && /^\p{Lu}\p{Ll}/u.test(token.raw)) return null
  if (nouns.test(token.word) && (!after || after.kind === 'mark' || links.test(after.word))) return null
  if (asking.test(token.word) && (!after || pointing.test(after.word))) return null
  if (!after && !/^(?:freeze|congela|gele|bloquea|bloque)$/.test(token.word)) return null
  return { verb: true, subject: null, howMuch: amounts.test(token.word) }
}

/** "… and if my paycheck came in", "y si ya entró mi cheque": asked without a question mark. */
function asksWhether(tokens: readonly Token[], at: number): boolean {
  if (!/^(?:si|if|whether)$/.test(tokens[at]?.word ?? '')) return false
  const words = tokens.slice(at + 1, at + 7).map(({ word }) => word)
  return (
    words.some((word) => arrived.test(word)) &&
    words.some((word) => /^(?:my|mi|mis|mon|ma|mes|me|m|i|j|je|the|el|la|le)$/.test(word))
  )
}
const arrived =
  /^(?:came|come|arrived|landed|posted|cleared|hit|paid|deposited|entro|entraron|cayo|llego|llegaron|depositaron|pagaron|entrado|caido|llegado|rentre|rentree|arrive|arrivee|tombe|tombee|depose|deposee|paye|payee|recu)$/
const ownSums = set('balance saldo solde paycheck paycheque paye payee nomina salaire')

/** "… and my last phone bill": the newest of something, and no part of a sum. */
const asksForLast = (tokens: readonly Token[], at: number): boolean => {
  const words = tokens.slice(at, at + 6).map(({ word }) => word)
  const last = words.findIndex((word) => /^(?:last|latest|derniere|dernier|ultima|ultimo)$/.test(word))
  return (
    (last === 0 || (last === 1 && /^(?:my|the|mi|la|el|ma|mon|le)$/.test(words[0] ?? ''))) &&
    words
      .slice(last + 1, last + 4)
      .some((word) =>
        /^(?:bill|factura|recibo|facture|paiement|payment|pago|deposit|deposito|depot)$/.test(word),
      )
  )
}

/** "disconnect it", "where is it?", "mándaselos": only takes up what stands before. */
function pointsBack(tokens: readonly Token[], at: number): boolean {
  let words = 0
  let points = false
  for (let next = at; next < tokens.length; next += 1) {
    const token = tokens[next] as Token
    if (token.kind === 'number' || token.kind === 'sign' || ownQuestion.test(token.word)) return false
    if (token.kind === 'mark' && /^[.;?!]$/.test(token.raw)) break
    if (token.kind !== 'word') continue
    if (links.test(token.word) && words > 2) break
    words += 1
    if (
      pointing.test(token.word) ||
      /^(?:them|him|lui|leur|lo|los)$/.test(token.word) ||
      /[aei](?:lo|los|la|las|le|les)$/.test(token.word)
    )
      points = true
  }
  return words <= 2 || (points && words <= 5)
}

/** Whether what stands before is a request of its own: it begins as one, or names what it is about. */
function holdsRequest(tokens: readonly Token[], from: number, next: number, opening: Opening): boolean {
  let first = from
  while (
    first < next &&
    (tokens[first]?.kind === 'mark' ||
      little.test(tokens[first]?.word ?? '') ||
      greetings.test(tokens[first]?.word ?? ''))
  )
    first += 1
  let subject: number | null = null
  let content = 0
  for (let at = from; at < next; at += 1) {
    const token = tokens[at] as Token
    if (token.kind === 'mark') continue
    content += 1
    subject ??= subjects.get(token.word) ?? null
  }
  // "I prefer paper statements", "se me perdió el recibo": something told, not asked.
  const told =
    /^(?:my|mi|mon|ma|se|me|he|she|they|il|elle|on|c|it|its|this|ya|no|ive|im|yo)$/.test(
      tokens[from]?.word ?? '',
    ) ||
    (tokens[from]?.word === 'i' && !/^(?:want|need|wanna|would|d)$/.test(tokens[from + 1]?.word ?? ''))
  const start = tokens[first]
  if (opening.asksOnly && start && movesMoney(start.word)) return false
  if (opening.mine && content >= 3 && amounts.test(start?.word ?? '') && subject === null) return true
  if (!opening.verb) return subject !== null && subject !== opening.subject && (!told || content <= 2)
  if (opening.howMuch && subject !== null) return true
  const asked = start !== undefined && first < next && (openers.has(start.word) || movesMoney(start.word))
  if (subject !== null && (!told || content <= 2)) return true
  // "go and check", "try and send": a verb alone is no request yet.
  return asked && content >= 2 && first + 1 < next && !told
}
const greetings = /^(?:hi|hey|hello|hola|bonjour|allo|salut|please|ok|so|yo|bueno|oye|estimados?)$/
