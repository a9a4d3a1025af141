import type { Language, ReadingContext } from '../reading.ts'
import { amountOf, countAt, type FoundAmount, spanOf } from './amount.ts'
import { movesMoney } from './amount-words.ts'
import type { Token } from './token.ts'

type Busy = (at: number) => boolean

const comparing =
  /^(?:over|under|above|below|than|least|most|about|around|roughly|exactly|between|exceeding|up|de|que|sobre|menos|mas|como|unos|entre|plus|moins|environ|depasse|minimum|maximum|only|just|for|it|por|pour|a|to|by|is|was|like)$/
/** Where a figure ends a thought, or a word that is no noun follows: "send 30 to", "450 cleared". */
const passing =
  /^(?:to|for|from|on|in|at|of|and|or|by|via|with|into|please|pls|plz|now|asap|instead|back|over|more|less|each|cleared|posted|went|that|today|tomorrow|right|via|using|using|through|a|al|por|para|de|del|en|con|y|o|porfa|favor|desde|que|ya|mas|menos|hoy|cada|d|au|aux|pour|sur|dans|chez|et|ou|svp|stp|par|avec|qui|chaque|depuis|du|le|la|el|los|les|my|mi|mon|ma|mis|mes|the|his|her|as|cuz|because|pcq|pq|x|xfa|lol|vs|i|he|she|they|we|you|tell|j|tu|il|elle|is|was|es|est|if|si|but|pero|mais)$/
const numbering =
  /^(?:number|no|nbr|num|numero|numeros|check|cheque|cheques|checks|order|orden|commande|confirmation|conf|ref|reference|code|codigo|room|apt|apartment|unit|suite|route|ruta|highway|hwy|zip|postal|account|acct|cuenta|compte|card|tarjeta|carte|ending|ends|terminada|termina|terminant|finissant|section|form|formulario|class|top|last|past|next|first|ultimos|ultimas|derniers|dernieres|primeros|iphone|ps|xbox|windows|version|step|option|opcion|page|pagina|invoice|factura|facture|year|level|age|aged|motel|studio|forever|channel|flight|vuelo|vol|bus|line|grade|size)$/

/** Figures and number words without a currency that stand where an amount stands. */
export function bareAmounts(
  tokens: readonly Token[],
  language: Language,
  ctx: ReadingContext,
  busy: Busy,
): FoundAmount[] {
  const found: FoundAmount[] = []
  const content = tokens.filter((token) => token.kind !== 'mark')
  const sharing = tokens.some((token) =>
    /^(?:split|splitter|divid|divis|repart|separ|vaca|entre|chacun|partag)/.test(token.word),
  )
  let moving = false
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at] as Token
    if (token.kind === 'word' && movesMoney(token.word)) moving = true
    const count = busy(at) || token.kind === 'mark' ? null : countAt(tokens, at, language, ctx.currency)
    if (!count || count.article || anyBusy(at, count.next, busy)) {
      at += 1
      continue
    }
    const digits = tokens[at]?.raw ?? ''
    const before = tokens[at - 1]
    const after = tokens[count.next]
    const factor = count.next > at + 1 || /[.,]\d\d$/.test(digits)
    const alone = content.length === count.next - at
    const wrong =
      (before?.kind === 'mark' && before.raw === '#') ||
      (before?.glued === false && before.kind === 'word' && numbering.test(before.word) && !moving) ||
      (before?.kind === 'word' &&
        /^(?:number|check|cheque|order|size|talla|taille|age|anos|among|top|last|past|next|route|apt|room|unit|zip|code|ref|version|level)$/.test(
          before.word,
        )) ||
      (token.glued && before && before.kind !== 'mark') ||
      (token.glued && /^[-:/.]$/.test(before?.raw ?? '')) ||
      (after?.glued === true &&
        (after.kind === 'word' ||
          (/^[-:%]$/.test(after.raw) && !(after.raw === '-' && busy(count.next + 1))) ||
          (after.raw === '/' && tokens[count.next + 1]?.kind !== 'word')) &&
        !factor) ||
      after?.raw === '%' ||
      (/^\d{6,}$/.test(digits) && !factor && !moving) ||
      (/^0\d/.test(digits) && !/^0[.,]/.test(digits)) ||
      // Years, tax forms, people to split between.
      (!moving &&
        /^(?:19[89]\d|20[0-3]\d|1099|1098|1040)$/.test(digits) &&
        !(before && comparing.test(before.word) && before.word !== 'for' && before.word !== 'de')) ||
      (Number(count.readings[0]) <= 20 &&
        !/[.,]/.test(digits) &&
        sharing &&
        /^(?:entre|los|les|a|en|par|by|nous|between|among)$/.test(before?.word ?? '') &&
        !/^(?:and|y|et)$/.test(after?.word ?? '')) ||
      Number(count.readings[0]) === 0 ||
      // "one" points at things more often than it counts money.
      (count.spelled && count.readings[0] === '1')
    const follows = !after || after.kind === 'mark' || passing.test(after.word) || busy(count.next)
    const asked = before?.kind === 'word' && comparing.test(before.word)
    const stands =
      alone ||
      (moving && (follows || !count.spelled)) ||
      (asked && follows) ||
      (factor && !count.spelled) ||
      (follows && !count.spelled && Number(count.readings[0]) >= 20) ||
      (asked && !count.spelled && Number(count.readings[0]) >= 100)
    const counted = moving && !follows && isCountable(after?.word ?? '')
    if (!wrong && stands && !counted)
      found.push({
        amount: amountOf(count.readings, null, spanOf(tokens, at, count.next)),
        from: at,
        next: count.next,
        named: false,
      })
    at = count.next
  }
  return found
}

const isCountable = (word: string): boolean =>
  /^(?:payments?|times?|transactions?|charges?|cards?|accounts?|people|persons?|friends|kids|days?|weeks?|months?|years?|hours?|standing|bills?|checks?|orders?|pagos|veces|tarjetas|cuentas|personas|amigos|paiements|fois|cartes|comptes|personnes|amis|ways?|things|items|installments|more|new|of|different|separate|percent|pct|por|pour)$/.test(
    word,
  )

function anyBusy(from: number, next: number, busy: Busy): boolean {
  for (let at = from; at < next; at += 1) if (busy(at)) return true
  return false
}

const halves = /^(?:half|mitad|moitie)$/
const wholes = /^(?:all|everything|todo|toda|tout|toute|max|maximum)$/

/** "half", "la mitad", "tout", "all of it": a share, where money is moved or nothing else is said. */
export function sharesIn(tokens: readonly Token[], busy: Busy): FoundAmount[] {
  const verb = tokens.findIndex((token) => movesMoney(token.word))
  const words = tokens.filter((token) => token.kind === 'word')
  const found: FoundAmount[] = []
  for (const [at, token] of tokens.entries()) {
    if (busy(at) || token.kind !== 'word') continue
    const moving = verb >= 0 && verb < at
    const share = halves.test(token.word) ? 'half' : wholes.test(token.word) ? 'all' : null
    if (!share) continue
    const after = tokens[at + 1]?.word ?? ''
    // "everything you know about me", "todo lo que tienen": papers, not money.
    if (
      share === 'all' &&
      /^(?:you|yall|info|information|informacion|data|datos)$/.test(
        tokens[at + (/^(?:my|mi|the|of)$/.test(after) ? 2 : 1)]?.word ?? '',
      )
    )
      continue
    if (
      share === 'all' &&
      /^(?:lo|ce|el|le|l|la|toute?)$/.test(after) &&
      !tokens
        .slice(at + 1, at + 5)
        .some((one) => /^(?:tengo|queda|ai|reste|dinero|saldo|argent|solde)$/.test(one.word))
    )
      continue
    if (found.some((one) => one.amount.type === 'share' && one.amount.share === share)) continue
    if (/^(?:past|hour|year|day|month|an|times?)$/.test(after)) continue
    if (share === 'all') {
      // "all my payments", "todo lo de walmart" ask for a list; money goes with a verb, or it is an answer by itself.
      if (words.length > 4 && !moving) continue
      if (!moving && !/^(?:all|everything|todo|toda|tout|toute)$/.test(words[0]?.word ?? '')) continue
      if (
        !moving &&
        words
          .slice(1)
          .some(
            (word) =>
              !/^(?:of|it|the|my|money|lo|que|tengo|el|mi|dinero|l|argent|ce|j|ai|mon|please|svp|porfa|balance|saldo|solde|amount)$/.test(
                word.word,
              ),
          )
      )
        continue
      if (
        /^(?:my|the|mis|mes|les|los|las|of|le|la)$/.test(after) &&
        !/^(?:money|balance|it|cash|dinero|saldo|argent|solde|amount|savings|that|this)$/.test(
          tokens[at + 2]?.word ?? '',
        ) &&
        !/^(?:money|balance|it|solde|saldo)$/.test(tokens[at + 3]?.word ?? '')
      )
        continue
      if (/^(?:payments?|bills?|cards?|transactions?|accounts?|charges?|people)$/.test(after)) continue
    } else if (!moving && words.length > 4) continue
    found.push({
      amount: { type: 'share', share, at: [token.start, token.end] },
      from: at,
      next: at + 1,
      named: false,
    })
  }
  return found
}
