import type { Account, Transaction } from '../bank/bank.ts'
import type { Grant } from '../consent/grant.ts'
import { within, type Exposure } from '../consent/exposure.ts'
import type { Field } from '../consent/field.ts'
import type { Purpose } from '../consent/purpose.ts'
import { viewOf } from '../consent/view.ts'
import type { Answer, Choice, Line } from '../disclosure/answer.ts'
import { covers, decide } from '../disclosure/decide.ts'
import { fact, type Fact } from '../disclosure/fact.ts'
import type { Category } from '../nlu/reading.ts'
import { likeness, nameOf, plain, type Name } from './alike.ts'
import type { AccountHint } from './ask.ts'
import { say, type Caller } from './caller.ts'
import { findShop } from './merchant.ts'
import type { Open, Told } from './money.ts'

/** Accounts that may be spoken of here: open, and among those that the customer shares. */
export const sharedBy = (grant: Grant, accounts: readonly Account[]): Account[] =>
  accounts.filter((account) => account.status !== 'closed' && covers(viewOf(grant), account.id))

/** The ids of what is shared: a fact about all of them is decided for each. */
export const sharedIds = (grant: Grant, accounts: readonly Account[]): readonly string[] =>
  grant.body.accounts === 'all' ? accounts.map(({ id }) => id) : grant.body.accounts

/** Accounts that a hint names; all of them without one. Of names like the one said, the likest. */
export function matching(accounts: readonly Account[], hint: AccountHint | undefined): Account[] {
  const fitting = accounts.filter(
    (account) =>
      (!hint?.lastFour || account.lastFour === hint.lastFour) && (!hint?.type || account.type === hint.type),
  )
  if (!hint?.name) return fitting
  const said = nameOf(hint.name)
  const like = fitting.map((account) => likeness(said, nameOf(account.nickname)))
  const best = Math.max(0, ...like)
  // What may be no name at all must be surely like one: "main" is no slip of "Rainy".
  if (best === 0 || (hint.loose && !isSurely(best, said))) return hint.loose ? fitting : []
  return fitting.filter((_, at) => like[at] === best)
}

const isSurely = (like: number, said: Name): boolean => like >= 3 || (like > 0 && said.joined.length >= 6)

type Placed = {
  readonly account?: AccountHint | undefined
  readonly merchant?: string | undefined
  readonly payer?: string | undefined
}

/**
 * A question whose account was named by what may be no account's name: where one of theirs is called so, the words that
 * named it are no shop's; where none is, they are no account's.
 */
export function accountSettled<Asked extends Placed>(asked: Asked, accounts: readonly Account[]): Asked {
  const { account, merchant, payer } = asked
  if (!account?.loose || account.name === undefined) return asked
  const { name, loose: _, ...hint } = account
  const called = nameOf(name)
  const named = matching(accounts, { ...hint, name })
  if (!named.some(({ nickname }) => isSurely(likeness(called, nameOf(nickname)), called)))
    return { ...asked, account: Object.keys(hint).length > 0 ? hint : undefined }
  const said = plain(name)
  const isIt = (other: string | undefined): boolean =>
    other !== undefined && (said.includes(plain(other)) || plain(other).includes(said))
  return {
    ...asked,
    account: { ...hint, name },
    ...(isIt(merchant) ? { merchant: undefined } : {}),
    ...(isIt(payer) ? { payer: undefined } : {}),
  }
}

/**
 * The question about an account, where what was taken for a shop is none of theirs but what they call an account ("con
 * Gastos diarios"); null where it is not.
 */
export function asAccount<Asked extends Placed>(
  asked: Asked,
  shops: readonly Transaction[],
  accounts: readonly Account[],
): Asked | null {
  const { merchant, account } = asked
  if (merchant === undefined || account !== undefined || findShop(shops, merchant).found !== 'none')
    return null
  const said = nameOf(merchant)
  return accounts.some(({ nickname }) => likeness(said, nameOf(nickname)) >= 4)
    ? { ...asked, merchant: undefined, account: { name: merchant.slice(0, 40) } }
    : null
}

/** What a hint says of an account, as facts. Empty without a hint. */
function saidOf(hint: AccountHint | undefined): Record<string, Fact> {
  return {
    ...(hint?.lastFour ? { lastFour: fact('account.last-four', { type: 'text', text: hint.lastFour }) } : {}),
    ...(hint?.type ? { type: fact('account.type', { type: 'term', key: `account-type.${hint.type}` }) } : {}),
    ...(hint?.name ? { name: fact('account.nickname', { type: 'text', text: hint.name }) } : {}),
  }
}

export type Naming = {
  /** Goes with every answer to the question, found or not (see Answer.named). Absent where nothing was named. */
  readonly named: Pick<Answer, 'named'>
  /** How it is said that there is no such account: a fact like any other, so it passes the gate. */
  readonly none: Pick<Answer, 'named' | 'choices'> & { readonly line: Line }
}

/**
 * How a question named its account. `usual`: fields that such an answer cannot do without. `kept`: by what else the
 * question picks, where the platform may not hear it (see pickedBy).
 */
export function naming(
  hint: AccountHint | undefined,
  usual: readonly Fact[],
  kept: readonly Fact[] = [],
): Naming {
  const said = saidOf(hint)
  const by = [...Object.values(said), ...kept]
  const named = by.length > 0 ? { named: { by, usual } } : {}
  if (Object.keys(said).length > 0)
    return { named, none: { ...named, choices: otherwise, line: { key: 'account.none', needs: said } } }
  // Nothing was named and there is nothing at all.
  const count = fact('account.nickname', { type: 'count', count: 0 })
  return {
    named,
    none: {
      named: { by: [count, ...kept], usual },
      choices: [linkAgain],
      line: { key: 'balance.none', needs: { count } },
    },
  }
}

/** What a question picks payments by. An answer tells that of every payment in it, whatever else it says. */
export type Picks = {
  readonly merchant?: string | undefined
  readonly category?: Category | undefined
  readonly several?: { readonly of: readonly Pick<Picks, 'merchant' | 'category'>[] } | undefined
  readonly without?: Picks['several']
  readonly pending?: boolean | undefined
  readonly amount?: unknown
}

/**
 * The picks that the platform may not hear: a sum over a shop tells that the customer went there, so where shops are
 * kept back it is kept back too (see Answer.named), and the sealed card has it. An exact amount asked for is told by
 * any answer at all, so nothing less than saying amounts will do for it.
 */
export function pickedBy(
  { merchant, category, several, without, pending, amount }: Picks,
  bank: Open,
  about: Asking,
): Fact[] {
  const by = (pick: 'merchant' | 'category'): boolean =>
    [several, without].some((places) => places?.of.some((one) => one[pick] !== undefined))
  const text = (field: Field): Fact => fact(field, { type: 'text', text: '' })
  const held = (field: Field, needed: Exposure): Fact[] =>
    within(needed, exposureOf(field, bank, about)) ? [] : [text(field)]
  return [
    ...(merchant === undefined && !by('merchant') ? [] : held('transaction.merchant', 'band')),
    ...(category === undefined && !by('category') ? [] : held('transaction.category', 'band')),
    ...(pending === undefined ? [] : held('transaction.status', 'band')),
    ...(amount === undefined ? [] : held('transaction.amount', 'say')),
  ]
}

/** The answer to a question about payments whose account is not there, in the frame of that question. */
export function noneIn(
  frame: Omit<Answer, 'lines'>,
  { line, ...rest }: Naming['none'],
  about: {
    readonly hint: AccountHint | undefined
    readonly lead: readonly Line[]
    readonly partial: boolean
  },
): Told {
  const { hint, lead, partial } = about
  const answer: Answer = {
    ...frame,
    ...rest,
    // That there is no such account is said with the bank's name.
    lines: [...(hint ? [] : lead), line, ...(partial ? [{ key: 'bank.incomplete' } as const] : [])],
  }
  return { say: say(answer, { once: frame.once === undefined }), found: hint ? false : null }
}

const linkAgain: Choice = { title: 'button.link-again', payload: 'LINK', when: 'said' }
const otherwise: readonly Choice[] = [
  { title: 'button.balance', payload: 'BALANCE', when: 'said' },
  linkAgain,
]

/** Who asks, for what, and when. `once`: they tapped "show it here, this once". */
export type Asking = {
  readonly purpose: Purpose
  readonly caller: Caller
  readonly once: boolean
  readonly now: number
}

/**
 * With several banks, may those that lack what was named be silent, because another has it? Only where each of them
 * may say so: else the silence of one tells what another keeps back.
 */
export function mayBeSilent(open: readonly Open[], hint: AccountHint | undefined, about: Asking): boolean {
  return open.every((bank) => Object.values(saidOf(hint)).every(({ field }) => maySay(field, bank, about)))
}

/**
 * May this be said here, as far as bank and customer are concerned? Only to choose between two ways to answer: the gate
 * decides again, on its own, of everything that is then said.
 */
export const maySay = (field: Field, bank: Open, about: Asking): boolean =>
  exposureOf(field, bank, about) === 'say'

/** May it be told at least roughly? */
export const mayTell = (field: Field, bank: Open, about: Asking): boolean =>
  within('band', exposureOf(field, bank, about))

function exposureOf(field: Field, { counter: { policy }, grant }: Open, about: Asking): Exposure {
  const { purpose, caller, once, now } = about
  return decide({
    field,
    purpose,
    channel: caller.address.channel,
    accountId: grant.body.accounts === 'all' ? null : (grant.body.accounts[0] ?? null),
    policy,
    grant: viewOf(grant),
    once,
    state: 'open',
    now,
  }).exposure
}
