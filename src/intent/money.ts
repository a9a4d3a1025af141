import type { Account, Balance, BankRefusal, Page, Transaction } from '../bank/bank.ts'
import type { Purpose } from '../consent/purpose.ts'
import { isLive, type Grant } from '../consent/grant.ts'
import { isRefusal, OutsideError } from '../core/refusal.ts'
import type { Link } from '../customer/link.ts'
import type { AccountHint, MoneyAsk } from './ask.ts'
import type { Caller, Counter, CounterDeps, Say } from './caller.ts'
import { matching, sharedBy } from './named.ts'
import { lastDays } from './period.ts'
import { words } from './talk.ts'

/** One linked bank of a caller, ready to be read for a purpose. */
export type Open = { readonly counter: Counter; readonly link: Link; readonly grant: Grant }

/**
 * The banks a caller may be answered from for a purpose, or what to say instead. This only spares a read that could not
 * be told: the gate decides again, on its own, when a message is cleared.
 */
export async function openFor(
  caller: Caller,
  deps: CounterDeps,
  purpose: Purpose,
  now: number,
  institution?: string,
): Promise<Open[] | Say> {
  const { links, grants } = await deps.money(caller)
  const open: Open[] = []
  let reason: Say | null = null
  for (const link of links) {
    if (institution !== undefined && link.institution !== institution) continue
    const counter = deps.counters.get(link.institution)
    const grant = grants.find((candidate) => candidate.body.institution === link.institution)
    if (!counter || !grant) continue
    if (!isLive(grant, now)) {
      const key =
        grant.state === 'withdrawn'
          ? 'refused.withdrawn'
          : grant.state === 'revoked'
            ? 'refused.revoked'
            : 'refused.expired'
      reason = words([{ key }], [{ title: 'button.link-again', payload: 'LINK' }], link.institution)
    } else if ((grant.body.items[purpose] ?? 'withhold') === 'withhold') {
      reason = words(
        [{ key: 'refused.off' }],
        [{ title: 'button.permissions', link: 'permissions' }],
        link.institution,
      )
    } else if (link.tokens === null) {
      reason = words(
        [{ key: 'bank.link-broken' }],
        [{ title: 'button.link-again', payload: 'LINK' }],
        link.institution,
      )
    } else open.push({ counter, link, grant })
  }
  if (open.length > 0) return open
  return (
    reason ??
    words(
      [{ key: 'refused.not-linked' }],
      [
        { title: 'button.link', payload: 'LINK' },
        { title: 'button.agent', payload: 'PERSON' },
      ],
    )
  )
}

/** One bank's answer. `found`: whether it has the account that was named; null where none was, or it cannot be told. */
export type Told = { readonly say: Say; readonly found: boolean | null }

/**
 * Answers from each bank on its own: one that is down does not silence another. A bank that could not be reached is
 * asked again in the background, and the customer is told so. `quiet`: those without the account that another has need
 * not say so.
 */
export async function fromEach(
  open: readonly Open[],
  caller: Caller,
  deps: CounterDeps,
  asked: MoneyAsk,
  quiet: () => boolean,
  answer: (bank: Open) => Promise<Told>,
): Promise<Say[]> {
  const told = await Promise.all(
    open.map(async (bank): Promise<Told> => {
      try {
        return await answer(bank)
      } catch (error) {
        if (!(error instanceof OutsideError)) throw error
        const minutes = await deps.acts.tryAgain(caller, { ...asked, institution: bank.counter.id })
        return plainly(
          words(
            [{ key: 'bank.trouble', params: { minutes: { type: 'count', count: minutes } } }],
            [{ title: 'button.bank-page', link: 'bank' }],
            bank.counter.id,
          ),
        )
      }
    }),
  )
  const silent =
    told.some(({ found }) => found === true) && told.some(({ found }) => found === false) && quiet()
  return told.filter(({ found }) => found !== false || !silent).map(({ say }) => say)
}

/** An answer that says nothing of whether the account that was named is there. */
export const plainly = (say: Say): Told => ({ say, found: null })

/** What was asked for lies wholly before what the bank's policy lets us read: said with the first day that may be read. */
export function tooLongAgo({ counter: { id, lookbackDays, timeZone } }: Open, now: number): Told {
  const { from } = lastDays(lookbackDays, now, timeZone)
  return plainly(
    words(
      [{ key: 'period.too-long-ago', params: { since: { type: 'period', from, to: from } } }],
      [{ title: 'button.bank-page', link: 'bank' }],
      id,
    ),
  )
}

/** With several banks answering, each answer begins with its bank's name. */
export const leadOf = (open: readonly Open[]): { readonly lead?: 'bank.named' } =>
  open.length > 1 ? { lead: 'bank.named' } : {}

/** What to say when a bank refuses a read. */
export function refusalOf(refusal: BankRefusal, institution: string): Say {
  switch (refusal.refused) {
    case 'link_broken':
      return words(
        [{ key: 'bank.link-broken' }],
        [{ title: 'button.link-again', payload: 'LINK' }],
        institution,
      )
    case 'not_permitted':
      return words(
        [{ key: 'bank.not-permitted' }],
        [{ title: 'button.link-again', payload: 'LINK' }],
        institution,
      )
    case 'account_gone':
    case 'bad_range':
      return words([{ key: 'balance.none' }], [], institution)
  }
}

/** The accounts a question may speak of, and those it is about, read from the bank. */
export async function accountsFor(
  caller: Caller,
  deps: CounterDeps,
  open: Open,
  hint: AccountHint | undefined,
): Promise<
  | { readonly shared: readonly Account[]; readonly chosen: readonly Account[]; readonly partial: boolean }
  | BankRefusal
> {
  const accounts = await open.counter.bank.accounts(deps.tokens(caller, open.link))
  if (isRefusal(accounts)) return accounts
  const shared = sharedBy(open.grant, accounts.items)
  return { shared, chosen: matching(shared, hint), partial: accounts.partial }
}

export type Statement = { readonly account: Account; readonly balance: Balance | null }

/** Accounts with their balances. */
export async function readBalances(
  caller: Caller,
  deps: CounterDeps,
  open: Open,
): Promise<{ statements: Statement[]; partial: boolean } | BankRefusal> {
  const holder = deps.tokens(caller, open.link)
  const read = await open.counter.bank.statements(holder)
  if (isRefusal(read)) return read
  const { accounts, balances } = read
  const byAccount = new Map(balances.items.map((balance) => [balance.accountId, balance]))
  return {
    statements: accounts.items.map((account) => ({ account, balance: byAccount.get(account.id) ?? null })),
    partial: accounts.partial || balances.partial,
  }
}

/** Most transactions read for one question, per account: beyond it the answer says that it is incomplete. */
export const readMost = 1_000

/** Transactions of several accounts in a stretch of days, newest first. `wanted` stops early when only the newest count. */
export async function readTransactions(
  caller: Caller,
  deps: CounterDeps,
  open: Open,
  accounts: readonly Account[],
  range: { from: string; to: string },
  wanted: number,
): Promise<{ items: Transaction[]; partial: boolean } | BankRefusal> {
  const holder = deps.tokens(caller, open.link)
  let partial = false
  const lists = await Promise.all(
    accounts.map(async (account) => {
      const items: Transaction[] = []
      let cursor: string | undefined
      do {
        const page: Page<Transaction> | BankRefusal = await open.counter.bank.transactions(holder, {
          accountId: account.id,
          ...range,
          limit: Math.min(100, wanted),
          ...(cursor === undefined ? {} : { cursor }),
        })
        if (isRefusal(page)) {
          // One account that fell away must not hide the others.
          if (page.refused === 'account_gone') {
            partial = true
            return items
          }
          return page
        }
        items.push(...page.items)
        partial ||= page.partial
        cursor = page.next ?? undefined
      } while (cursor !== undefined && items.length < Math.min(wanted, readMost))
      if (cursor !== undefined && wanted > readMost) partial = true
      return items
    }),
  )
  const items: Transaction[] = []
  for (const list of lists) {
    if (isRefusal(list)) return list
    items.push(...list)
  }
  return { items: items.sort((a, b) => b.at - a.at), partial }
}
