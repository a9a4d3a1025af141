import type { Account } from '../bank/bank.ts'
import type { Grant } from '../consent/grant.ts'
import type { Purpose } from '../consent/purpose.ts'
import { viewOf } from '../consent/view.ts'
import type { Answer, Choice, Line } from '../disclosure/answer.ts'
import { covers, decide } from '../disclosure/decide.ts'
import { fact, type Fact } from '../disclosure/fact.ts'
import type { AccountHint } from './ask.ts'
import { say, type Caller } from './caller.ts'
import type { Open, Told } from './money.ts'

/** Accounts that may be spoken of here: open, and among those that the customer shares. */
export const sharedBy = (grant: Grant, accounts: readonly Account[]): Account[] =>
  accounts.filter((account) => account.status !== 'closed' && covers(viewOf(grant), account.id))

/** The ids of what is shared: a fact about all of them is decided for each. */
export const sharedIds = (grant: Grant, accounts: readonly Account[]): readonly string[] =>
  grant.body.accounts === 'all' ? accounts.map(({ id }) => id) : grant.body.accounts

/** Accounts that a hint names; all of them without one. */
export const matching = (accounts: readonly Account[], hint: AccountHint | undefined): Account[] =>
  accounts.filter(
    (account) =>
      (!hint?.lastFour || account.lastFour === hint.lastFour) && (!hint?.type || account.type === hint.type),
  )

/** What a hint says of an account, as facts. Empty without a hint. */
function saidOf(hint: AccountHint | undefined): Record<string, Fact> {
  return {
    ...(hint?.lastFour ? { lastFour: fact('account.last-four', { type: 'text', text: hint.lastFour }) } : {}),
    ...(hint?.type ? { type: fact('account.type', { type: 'term', key: `account-type.${hint.type}` }) } : {}),
  }
}

export type Naming = {
  /** Goes with every answer to the question, found or not (see Answer.named). Absent where nothing was named. */
  readonly named: Pick<Answer, 'named'>
  /** How it is said that there is no such account: a fact like any other, so it passes the gate. */
  readonly none: Pick<Answer, 'named' | 'choices'> & { readonly line: Line }
}

/** How a question named its account. `usual`: fields that such an answer cannot do without. */
export function naming(hint: AccountHint | undefined, usual: readonly Fact[]): Naming {
  const said = saidOf(hint)
  const by = Object.values(said)
  if (by.length > 0) {
    const named = { by, usual }
    return {
      named: { named },
      none: { named, choices: otherwise, line: { key: 'account.none', needs: said } },
    }
  }
  // Nothing was named and there is nothing at all.
  const count = fact('account.nickname', { type: 'count', count: 0 })
  return {
    named: {},
    none: {
      named: { by: [count], usual },
      choices: [linkAgain],
      line: { key: 'balance.none', needs: { count } },
    },
  }
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

/**
 * With several banks, may those that lack what was named be silent, because another has it? Only where each of them
 * may say so: else the silence of one tells what another keeps back.
 */
export function mayBeSilent(
  open: readonly Open[],
  hint: AccountHint | undefined,
  about: { readonly purpose: Purpose; readonly caller: Caller; readonly once: boolean; readonly now: number },
): boolean {
  const { purpose, caller, once, now } = about
  const channel = caller.address.channel
  return open.every(({ counter: { policy }, grant }) => {
    const accountId = grant.body.accounts === 'all' ? null : (grant.body.accounts[0] ?? null)
    const question = {
      purpose,
      channel,
      accountId,
      policy,
      grant: viewOf(grant),
      once,
      state: 'open',
      now,
    } as const
    return Object.values(saidOf(hint)).every(({ field }) => decide({ ...question, field }).exposure === 'say')
  })
}
