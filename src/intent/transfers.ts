import type { Transaction } from '../bank/bank.ts'
import { plain } from './alike.ts'
import { isPurchase, ownMoves } from './spent.ts'

/** "My transfers": of a list what was moved and not bought, in its order; what paid a card off is no transfer. */
export function transfersIn(items: readonly Transaction[]): readonly Transaction[] {
  const moved = ownMoves(items)
  return items.filter((item) => {
    const line = plain(item.description)
    return !isPurchase(item) && (transfer.test(line) || (moved.has(item) && !card.test(line)))
  })
}

/** A bank's words for money that is moved (English, French, Spanish), and for a card that is paid off. */
const transfer = /\b(?:transfers?|xfer|virements?|transferencias?|traspasos?)\b/
const card = /\b(?:card|carte|tarjeta|thank you|merci|gracias)\b/
