import { bare } from '../nlu/bare.ts'
import type { Clause, Guess, IntentName } from '../nlu/reading.ts'
import { accountShown } from './account-shown.ts'
import { atThatPlace, takenUp } from './carried.ts'
import { toldNames, type Ask, type MoneyAsk, type ToldName } from './ask.ts'
import { isOutraged } from './asked-about.ts'
import { bars, evident, isBareList, isMoneyRead } from './evident.ts'
import { dangerIn } from './danger.ts'
import { followUp } from './follow-up.ts'
import { asksBill } from './last-bill.ts'
import { isPlainNo, isPlainYes } from './form.ts'
import { isInDanger, plainlySaid, smallTalkIn } from './plainly-said.ts'
import { moneyAsk } from './money-ask.ts'
import { isSincePay, type AskContext } from './when.ts'
import { toldBeforeAll } from './crisis.ts'
import { speaksOfMessages } from './sentence-words.ts'
import { showingAsk, takeBackAsk } from './showing.ts'

/** What a clause leads to: one thing to do, a few things it could be, or neither. */
export type Wish =
  | { readonly band: 'act'; readonly ask: Ask }
  | { readonly band: 'offer'; readonly offers: readonly Offer[] }
  | { readonly band: 'none' }
/** A possible meaning, with what it is called on a button. */
export type Offer = { readonly name: Guess['name']; readonly ask: Ask }

/** Text → wish. `last` is the money question before this one, while it is remembered. */
export function wishOf(clause: Clause, last: MoneyAsk | null, context: AskContext): Wish {
  const wish = wishBy(clause, last, context)
  return wish.band === 'act' ? { ...wish, ask: atThatPlace(wish.ask, clause, last, context) } : wish
}

function wishBy(clause: Clause, last: MoneyAsk | null, context: AskContext): Wish {
  const first = toldBeforeAll(clause.text)
  const told = first === 'distress' ? first : (dangerIn(clause.text) ?? first)
  if (told) return { band: 'act', ask: { kind: 'told', about: told } }
  const taken = last === null ? null : takenUp(clause, last, context)
  if (taken) return { band: 'act', ask: taken }
  const plain = showingAsk(clause.text) ?? plainlySaid(clause.text)
  if (plain) return { band: 'act', ask: plain }
  if (isPlainYes(clause.text)) return { band: 'act', ask: { kind: 'yes' } }
  if (isPlainNo(clause.text)) return { band: 'act', ask: { kind: 'no' } }
  const bill = asksBill(clause)
  if (bill) return { band: 'act', ask: bill }
  const [best] = clause.guesses
  if (best && (best.name === 'smalltalk' || best.name === 'out-of-scope')) {
    const kind = smallTalkIn(clause.text)
    if (kind) return { band: 'act', ask: { kind: 'told', about: kind } }
  }
  // "Third time I was charged a fee, you thieves": whoever is angry about a price wants to be heard.
  if (best && (best.name === 'fees' || /^topic:.*(?:fee|charge)/.test(best.name)) && isOutraged(clause.text))
    return { band: 'act', ask: { kind: 'told', about: 'complaint' } }
  const follow = last === null ? null : followUp(clause, last, context)
  if (follow) return { band: 'act', ask: follow }
  const shown = accountShown(clause, context)
  if (shown) return { band: 'act', ask: shown }
  const back = takeBackAsk(clause.text)
  if (back) return { band: 'act', ask: back }
  if (clause.negated && best && isAct(best.name))
    return { band: 'act', ask: { kind: 'told', about: 'nothing-done' } }
  if (!best) return bareSlots(clause, context)
  // Messages stop at a word that always works; from other words only where they speak of messages.
  if (best.name === 'stop' && !speaksOfMessages(clause.text))
    return { band: 'offer', offers: offersOf(clause, context) }
  if (isSincePay(clause) && isMoneyRead(best.name))
    return { band: 'act', ask: moneyAsk('spending', clause, context) }
  // An amount by itself asks for nothing.
  if (
    clause.slots.rest === '' &&
    clause.slots.amounts.length > 0 &&
    best.p < bars.sure &&
    !isMoneyRead(best.name)
  )
    return { band: 'none' }
  // "1.250" in a house of dollars and euros: asked, never guessed.
  if (clause.slots.amounts.some(({ type }) => type === 'ambiguous') && isMoneyRead(best.name))
    return { band: 'act', ask: { kind: 'told', about: 'amount' } }
  const evidence = evident(clause, best)
  if (evidence) {
    const ask = askFor(evidence, clause, context)
    if (ask) return { band: 'act', ask }
  }
  const ask = askFor(best.name, clause, context)
  const away = clause.guesses.find((guess) => guess.name === 'out-of-scope')?.p ?? 0
  if (clause.outOfScope >= bars.outOfScope && best.p < bars.sure) {
    // Like nothing that is served: said where it is like something that is not, else it was only not understood.
    if (away >= bars.away && !isBrief(clause) && !isBareList(clause))
      return { band: 'act', ask: { kind: 'told', about: 'out-of-scope' } }
    if (best.p < bars.read || best.name === 'out-of-scope') return bareList(clause, context)
    return { band: 'offer', offers: offersOf(clause, context) }
  }
  if (best.name === 'out-of-scope' && best.p >= bars.read)
    return isBareList(clause)
      ? bareList(clause, context)
      : isBrief(clause)
        ? { band: 'none' }
        : { band: 'act', ask: { kind: 'told', about: 'out-of-scope' } }
  if (ask && best.p >= barOf(best.name)) return { band: 'act', ask }
  const offers = offersOf(clause, context)
  return offers.length > 0 ? { band: 'offer', offers } : { band: 'none' }
}

/** "lidl y aldi", and nothing else: what of them is asked. */
function bareList(clause: Clause, context: AskContext): Wish {
  if (!isBareList(clause)) return { band: 'none' }
  const asks = (['spending', 'transactions'] as const).map((name) => ({
    name,
    ask: moneyAsk(name, clause, context),
  }))
  return { band: 'offer', offers: asks }
}

/** A word or two are too little to say that they are none of our business: it may be a slip of the finger. */
const isBrief = ({ text }: Clause): boolean => bare(text).split(' ').length < 3

/** General help harms nobody when it is a little beside the point; it has a way to a person on it. */
const barOf = (name: Guess['name']): number => (name.startsWith('topic:') ? bars.topic : bars.read)

/** Up to three meanings that lead to different things. */
function offersOf(clause: Clause, context: AskContext): Offer[] {
  const offers: Offer[] = []
  for (const { name, p } of clause.guesses) {
    const ask = p >= bars.offer || offers.length === 0 ? askFor(name, clause, context) : null
    if (ask && !(idle as readonly string[]).includes(name)) offers.push({ name, ask })
  }
  return offers.slice(0, 3)
}

/** Nobody means these when asked what they meant. */
const idle: readonly IntentName[] = [
  'out-of-scope',
  'yes',
  'no',
  'hello',
  'thanks',
  'goodbye',
  'abuse',
  'smalltalk',
]

/** No model, or no idea, but an account or a stretch of time that stands alone: "4821", "savings". */
function bareSlots(clause: Clause, context: AskContext): Wish {
  const { account, rest } = clause.slots
  return account && rest === ''
    ? { band: 'act', ask: moneyAsk('balance', clause, context) }
    : { band: 'none' }
}

/** Changes something, or moves money. */
const isAct = (name: Guess['name']): boolean => (acts as readonly string[]).includes(name)
const acts: readonly IntentName[] = [
  'pay',
  'request-money',
  'split-bill',
  'cancel-payment',
  'order',
  'card-freeze',
  'card-unfreeze',
  'withdraw',
  'unlink',
  'erase',
  'stop',
  'alerts-off',
  'alerts-on',
  'link',
  'yes',
]

const isTold = (name: string): name is ToldName => (toldNames as readonly string[]).includes(name)

/** What an intent asks for, with the slots of its clause. */
export function askFor(name: Guess['name'], clause: Clause, context: AskContext): Ask | null {
  switch (name) {
    case 'balance':
    case 'spending':
    case 'income':
      return moneyAsk(name, clause, context)
    case 'transactions':
      return isVague(clause) ? { kind: 'find' } : moneyAsk(name, clause, context)
    case 'unlink':
      return { kind: 'withdraw', everything: true }
    case 'withdraw':
      return { kind: 'withdraw' }
    case 'goodbye':
    case 'hello':
    case 'help':
    case 'link':
    case 'no':
    case 'permissions':
    case 'person':
    case 'resume':
    case 'stop':
    case 'thanks':
    case 'yes':
      return { kind: name }
    default:
      if (name === 'hardship' && isInDanger(clause.text)) return { kind: 'told', about: 'hardship-danger' }
      if (isTold(name)) return { kind: 'told', about: name }
      return name.includes(':') ? { kind: 'topic', topic: name } : null
  }
}

/** "I can't find a payment": looked for, and nothing is known of it. */
function isVague({ text, slots }: Clause): boolean {
  const { amounts, periods, names, category, count, ordinal, account } = slots
  const known =
    amounts.length + periods.length + names.length > 0 ||
    category !== null ||
    count !== null ||
    ordinal !== null ||
    account !== null
  return !known && /\b(find|looking for|look for|search|locate|busc|encontr|cherch|trouv)/i.test(text)
}
