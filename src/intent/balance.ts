import { isRefusal } from '../core/refusal.ts'
import type { Answer, Line } from '../disclosure/answer.ts'
import { fact, type Fact } from '../disclosure/fact.ts'
import type { MoneyAsk } from './ask.ts'
import { say, type Caller, type CounterDeps, type Say } from './caller.ts'
import {
  fromEach,
  leadOf,
  openFor,
  plainly,
  readBalances,
  refusalOf,
  type Statement,
  type Told,
} from './money.ts'
import { matching, mayBeSilent, naming, sharedBy, sharedIds } from './named.ts'

/** Most accounts named in one message; the rest are on the sealed card. */
const most = 5

/** "What's my balance", "show card ending 4821": one answer for each linked bank. */
export async function answerBalance(
  asked: Extract<MoneyAsk, { kind: 'balance' | 'account' }>,
  caller: Caller,
  deps: CounterDeps,
  now: number,
  once: string | true,
): Promise<Say[]> {
  const open = await openFor(caller, deps, 'balance', now, asked.institution)
  if (!Array.isArray(open)) return [open]
  const hint = asked.kind === 'account' ? { lastFour: asked.lastFour } : asked.account
  const quiet = (): boolean =>
    mayBeSilent(open, hint, { purpose: 'balance', caller, once: once === true, now })
  return fromEach(open, caller, deps, asked, quiet, async (bank): Promise<Told> => {
    const read = await readBalances(caller, deps, bank)
    const institution = bank.counter.id
    if (isRefusal(read)) return plainly(refusalOf(read, institution))
    const accounts = read.statements.map(({ account }) => account)
    const shared = sharedBy(bank.grant, accounts)
    const chosen = matching(shared, hint)
    const statements = read.statements.filter(({ account }) => chosen.includes(account)).slice(0, most)
    const found = statements.length > 0
    const { named, none } = naming(hint, usual)
    const lead = leadOf(open)
    const answer: Answer = {
      purpose: 'balance',
      institution,
      because: 'asked',
      accounts: sharedIds(bank.grant, accounts),
      ...(found ? named : { named: none.named }),
      lines: [
        // That there is no such account is said with the bank's name.
        ...(open.length > 1 && (found || !hint) ? [{ key: 'bank.named' } as const] : []),
        ...(found ? statements.map(balanceLine) : [none.line]),
        ...(asked.kind === 'balance' && asked.total && !read.partial
          ? totalLines(read.statements.filter(({ account }) => chosen.includes(account)))
          : []),
        ...(read.partial ? [{ key: 'bank.incomplete' } as const] : []),
      ],
      // What was named is one thing, whether there is one of it, or two, or none.
      masked:
        hint || statements.length === 1
          ? {
              ...lead,
              ready: 'balance.masked',
              params: hint?.type ? { account: { type: 'term', key: `account-type.${hint.type}` } } : {},
            }
          : { ...lead, ready: 'balance.masked-many', several: true },
      choices: found
        ? [
            { title: 'button.payments', payload: 'TRANSACTIONS', when: 'said' },
            { title: 'button.hide', payload: 'HIDE', when: 'said' },
          ]
        : none.choices,
      card: found
        ? {
            shows: asked.kind === 'account' ? 'card' : 'balances',
            accountIds: statements.map(({ account }) => account.id),
          }
        : { shows: 'balances', accountIds: shared.map(({ id }) => id) },
      ...(once === true ? {} : { once }),
    }
    return { say: say(answer, { once: once === true }), found: hint ? found : null }
  })
}

/** What a balance cannot be told without. */
const usual = [
  fact('account.nickname', { type: 'text', text: '' }),
  fact('balance.available', { type: 'text', text: '' }),
]

/**
 * What the accounts come to, each currency by itself: what there is, and beside it what is owed, for one is not taken
 * from the other. None where there is but one account, or the bank left a balance out.
 */
function totalLines(statements: readonly Statement[]): Line[] {
  if (statements.length < 2) return []
  const sums = new Map<string, { available: number; owed: number }>()
  for (const { account, balance } of statements) {
    const owes = account.side === 'liability'
    const money = owes ? balance?.current : (balance?.available ?? balance?.current)
    if (!money) return []
    const sum = sums.get(money.currency) ?? { available: 0, owed: 0 }
    if (owes) sum.owed += money.amountMinor
    else sum.available += money.amountMinor
    sums.set(money.currency, sum)
  }
  return [...sums].map(([currency, { available, owed }]): Line => {
    const money = (amountMinor: number) => ({ type: 'money', money: { amountMinor, currency } }) as const
    return {
      key: 'balance.total',
      band: 'balance.total.band',
      needs: { available: fact('balance.available', money(available)) },
      may: owed > 0 ? { owed: fact('balance.current', money(owed)) } : {},
    }
  })
}

function balanceLine({ account, balance }: Statement): Line {
  const { id } = account
  const name = fact('account.nickname', { type: 'text', text: account.nickname }, id)
  const lastFour: Record<string, Fact> = account.lastFour
    ? { lastFour: fact('account.last-four', { type: 'text', text: account.lastFour }, id) }
    : {}
  const current = balance?.current
    ? fact('balance.current', { type: 'money', money: balance.current }, id)
    : null
  const available = balance?.available
    ? fact('balance.available', { type: 'money', money: balance.available }, id)
    : null
  if (account.side === 'liability' && current) {
    return {
      key: 'balance.owed.said',
      band: 'balance.owed.band',
      needs: { account: name, current },
      may: {
        ...lastFour,
        ...(balance?.available
          ? {
              creditAvailable: fact(
                'balance.credit-available',
                { type: 'money', money: balance.available },
                id,
              ),
            }
          : {}),
      },
    }
  }
  if (available) {
    const differs = balance?.current && balance.current.amountMinor !== balance.available?.amountMinor
    return {
      key: 'balance.said',
      band: 'balance.band',
      needs: { account: name, available },
      may: { ...lastFour, ...(current && differs ? { current } : {}) },
    }
  }
  if (current)
    return {
      key: 'balance.current.said',
      band: 'balance.current.band',
      needs: { account: name, current },
      may: lastFour,
    }
  return { key: 'balance.unknown' }
}
