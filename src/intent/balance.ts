import { isRefusal } from '../core/refusal.ts'
import type { Answer, Line } from '../disclosure/answer.ts'
import { fact, type Fact } from '../disclosure/fact.ts'
import type { MoneyAsk } from './ask.ts'
import { say, type Caller, type CounterDeps, type Say } from './caller.ts'
import { fromEach, leadOf, matching, openFor, readBalances, refusalOf, type Statement } from './money.ts'
import { words } from './talk.ts'

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
  const answers = await fromEach(open, caller, deps, asked, async (bank): Promise<Say | null> => {
    const read = await readBalances(caller, deps, bank)
    const institution = bank.counter.id
    if (isRefusal(read)) return refusalOf(read, institution)
    const chosen = matching(
      read.statements.map(({ account }) => account),
      hint,
    )
    const statements = read.statements.filter(({ account }) => chosen.includes(account)).slice(0, most)
    if (statements.length === 0) {
      if (open.length > 1 && hint) return null
      return words([{ key: hint ? 'refused.no-such-account' : 'balance.none' }], [], institution)
    }
    const lead = leadOf(open)
    const answer: Answer = {
      purpose: 'balance',
      institution,
      because: 'asked',
      lines: [
        ...(open.length > 1 ? [{ key: 'bank.named' } as const] : []),
        ...statements.map(balanceLine),
        ...(read.partial ? [{ key: 'bank.incomplete' } as const] : []),
      ],
      masked:
        statements.length === 1
          ? {
              ...lead,
              ready: 'balance.masked',
              params: hint?.type ? { account: { type: 'term', key: `account-type.${hint.type}` } } : {},
            }
          : { ...lead, ready: 'balance.masked-many', several: true },
      choices: [
        { title: 'button.payments', payload: 'TRANSACTIONS', when: 'said' },
        { title: 'button.hide', payload: 'HIDE', when: 'said' },
      ],
      card: {
        shows: asked.kind === 'account' ? 'card' : 'balances',
        accountIds: statements.map(({ account }) => account.id),
      },
      ...(once === true ? {} : { once }),
    }
    return say(answer, { once: once === true })
  })
  const told = answers.filter((answer) => answer !== null)
  return told.length > 0
    ? told
    : [words([{ key: 'refused.no-such-account' }], [], open[0]?.counter.id ?? null)]
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
