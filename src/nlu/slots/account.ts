import type { AccountWords } from '../reading.ts'
import { phraseAt, phrases, type Token } from './token.ts'

type Type = NonNullable<AccountWords['type']>
const types: Readonly<Record<Type, string>> = {
  checking:
    'checking,checking account,chequing,chequing account,checkings,chequings,current account,checking acct,cheking,cuenta corriente,corriente,cuenta de cheques,cheques,checkin account,compte cheque,compte cheques,compte courant,compte de cheques',
  savings:
    'savings,saving,savings account,saving account,saving accounts,cuenta de ahorro,cuenta de ahorros,ahorros,ahorro,epargne,compte epargne,compte d epargne,celi,tfsa',
  'credit-card':
    'credit card,credit cards,visa,mastercard,master card,amex,tarjeta de credito,tarjeta credito,mi credito,carte de credit,carte credit,cc',
  loan: 'loan,loans,car loan,auto loan,student loan,mortgage,prestamo,hipoteca,prestamo del carro,pret,pret auto,hypotheque,pret etudiant',
  investment:
    'investment,investments,investment account,brokerage,brokerage account,inversion,inversiones,placement,placements,compte de placement,investissements,reer,rrsp,ira',
  'line-of-credit':
    'line of credit,heloc,loc,credit line,linea de credito,marge de credit,marge,ligne de credit',
}
const table = phrases<{ type: Type }>(
  (Object.entries(types) as [Type, string][]).flatMap(([type, list]) =>
    list.split(',').map((phrase): [string, { type: Type }] => [phrase, { type }]),
  ),
)

const nouns =
  /^(?:card|cards|account|acct|visa|mastercard|amex|debit|credit|checking|savings|chequing|tarjeta|cuenta|debito|credito|carte|compte|cheque|epargne|cc)$/
/** What is asked of an account right before its figures: "saldo 7730". */
const asked = /^(?:saldo|solde|balance|bal)$/
const ends =
  /^(?:ending|ends|end|finishing|number|no|num|terminacion|terminaison|terminada|terminado|termina|terminan|acaba|que|en|numero|terminant|termine|finissant|finit|finissent|par|with|in|de|con|last|four|4|digits|is|are|ultimos|cuatro|digitos|derniers|quatre|chiffres|the|of|x|xx|xxxx|#|\.|\*|-|:)$/

/**
 * Four digits beside words of accounts ("card ending 4821", "la tarjeta terminada en 4821", "my 4821 card", "x4821"), and
 * the kind of account. Four digits elsewhere are an amount or a year.
 */
export function accountIn(
  tokens: readonly Token[],
  use: (from: number, next: number) => void,
): AccountWords | null {
  let lastFour: string | undefined
  let type: Type | undefined
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] as Token
    if (token.kind === 'number' && lastFour === undefined && /^\d{4}$/.test(token.raw)) {
      const from = endingFrom(tokens, at)
      if (from !== null) {
        lastFour = token.raw
        use(from, at + 1)
      }
    }
    const found = phraseAt(table, tokens, at)
    if (found) {
      type ??= found.value.type
      use(at, at + found.size)
      at += found.size - 1
    }
  }
  if (lastFour === undefined && type === undefined) return null
  return { ...(lastFour !== undefined && { lastFour }), ...(type !== undefined && { type }) }
}

function endingFrom(tokens: readonly Token[], at: number): number | null {
  const before = tokens[at - 1]
  const after = tokens[at + 1]
  const money =
    after?.kind === 'sign' ||
    before?.kind === 'sign' ||
    /^(?:dollars?|bucks?|pounds?|euros?|dolares|pesos|piasses?|piastres?|k)$/.test(after?.word ?? '')
  if (money || (after?.glued && after.kind !== 'mark') || (after?.glued && /^[-/:]$/.test(after.raw)))
    return null
  // "x4821", "*4821", "...4821"
  if (before && token(before, /^(?:x+|\*|#)$/) && tokens[at]?.glued) return at - 1
  if (
    before?.raw === '.' &&
    tokens[at]?.glued &&
    !/^\d/.test(tokens[at - 2]?.raw ?? '') &&
    (at === 1 || !before.glued)
  )
    return at - 1
  if (after && nouns.test(after.word) && !/^(?:to|for|of|de|a)$/.test(before?.word ?? '')) return at
  // "con la 9034", "sur la 4821": an article of hers has a card behind it, never a sum. "with the 9034" at the end.
  const article = tokens[at - 1]?.word
  const ended =
    !after ||
    after.kind === 'mark' ||
    /^(?:please|pls|this|last|in|for|since|today|yesterday)$/.test(after.word)
  if (
    article === 'la' ||
    (article === 'the' && ended && /^(?:on|with|from|in|of|for)$/.test(tokens[at - 2]?.word ?? ''))
  )
    return at - 1
  if (asked.test(before?.word ?? '')) return at
  // Back over "ending in", "terminada en", "number" to a word of accounts.
  let back = at - 1
  let ending = false
  while (back >= 0 && at - back <= 7 && ends.test(tokens[back]?.word ?? '')) {
    if (/^(?:end|fini|termin|acaba|last|ultimos|derniers)/.test(tokens[back]?.word ?? '')) ending = true
    back -= 1
  }
  if (
    back >= 0 &&
    nouns.test(tokens[back]?.word ?? '') &&
    (back === at - 1 || ending || /^(?:number|no|num|numero|#|x+|\*)$/.test(before?.word ?? ''))
  ) {
    // "pay my visa 1200" moves money; "my visa 1200" names a card. Ask nothing of a figure that a verb wants.
    const plainly = /^(?:card|account|acct|tarjeta|cuenta|carte|compte)$/.test(tokens[back]?.word ?? '')
    return plainly ||
      ending ||
      back < at - 1 ||
      !tokens
        .slice(0, back)
        .some((one) =>
          /^(?:pay|paga|pagar|paye|payer|send|put|move|transfer|mets|pon|abona|abonar)$/.test(one.word),
        )
      ? back + 1
      : null
  }
  return ending ? back + 1 : null
}
const token = (one: Token, pattern: RegExp): boolean => pattern.test(one.word)
