import { bare } from '../nlu/bare.ts'
import type { Clause } from '../nlu/reading.ts'
import type { Ask } from './ask.ts'

/** "show card ending 4821", "4821": the account itself, with its last payments. */
export function accountShown({ slots, guesses, text }: Clause): Ask | null {
  const lastFour =
    slots.account?.lastFour ?? (showWords.test(bare(text)) ? /\b\d{4}\b/.exec(text)?.[0] : undefined)
  if (lastFour && slots.account === null && slots.periods.length === 0) return { kind: 'account', lastFour }
  if (!lastFour || slots.amounts.length > 0 || slots.periods.length > 0 || slots.count !== null) return null
  if (showWords.test(bare(text))) return { kind: 'account', lastFour }
  const [best] = guesses
  return best === undefined || best.name === 'transactions' ? { kind: 'account', lastFour } : null
}
/** Nothing but an account, and that it is to be seen. */
const showWords =
  /^(?:(?:please|just|only|solo|nomas|juste|seulement|can you|could you|show|see|open|find|view|look up|pull up|me|my|the|a|card|cards|account|acct|ending|ends|in|with|number|tarjeta|cuenta|muestra\w*|muestrame|ver|ensename|la|el|mi|que|termina\w*|terminad\w+|en|de|con|numero|montre\w*|montrez|voir|moi|le|ma|mon|carte|compte|finissant|terminant|qui|finit|par|se|x+|\d{4}|acabad\w+) ?)+$/
