import { isRefusal } from '../core/refusal.ts'
import type { Answer } from '../disclosure/answer.ts'
import { fact } from '../disclosure/fact.ts'
import type { MoneyAsk } from './ask.ts'
import { say, type Caller, type CounterDeps, type Say } from './caller.ts'
import {
  accountsFor,
  fromEach,
  leadOf,
  openFor,
  plainly,
  readMost,
  readTransactions,
  refusalOf,
  tooLongAgo,
  type Open,
  type Told,
} from './money.ts'
import {
  accountSettled,
  asAccount,
  maySay,
  mayBeSilent,
  naming,
  noneIn,
  pickedBy,
  sharedIds,
} from './named.ts'
import { searchesOf, severalOnCard, untold } from './several.ts'
import { ofCategory, spendingRange, spentIn } from './spending-figures.ts'
import { spentLines, type Scope } from './spending-lines.ts'
import { atMost } from './period.ts'
import { passing } from './query.ts'
import { sincePay } from './since-pay.ts'
import { tell } from './told.ts'
import { cardAt, whereOf } from './where.ts'
import { askWhich } from './which.ts'
import { bounded, leavingOut, limitsOnCard } from './without.ts'

type Asked = Extract<MoneyAsk, { kind: 'spending' }>

/** "How much did I spend at Corner Market last week": worked out over the bank's own list, with what it covers. */
export async function answerSpending(
  question: Asked,
  caller: Caller,
  deps: CounterDeps,
  now: number,
  once: string | true,
): Promise<Say[]> {
  const open = await openFor(caller, deps, 'insights', now, question.institution)
  if (!Array.isArray(open)) return [open]
  const about = { purpose: 'insights', caller, once: once === true, now } as const
  const quiet = (): boolean => mayBeSilent(open, question.account, about)
  const told = async (bank: Open, question: Asked): Promise<Told> => {
    const { id: institution, timeZone, lookbackDays } = bank.counter
    const dated = question.sincePay ? await sincePay(question, bank, about, deps) : question
    if (dated === null) return plainly(tell('payday', institution))
    const period = atMost(dated.period, lookbackDays, now, timeZone)
    if (period === null) return tooLongAgo(bank, now)
    const accounts = await accountsFor(caller, deps, bank, dated.account)
    if (isRefusal(accounts)) return plainly(refusalOf(accounts, institution))
    const { shared, chosen } = accounts
    const kept = pickedBy(dated, bank, about)
    const { named, none } = naming(dated.account, usual, kept)
    const given = accountSettled(dated, shared)
    const accountIds = (chosen.length > 0 ? chosen : shared).map(({ id }) => id)
    const { category, measure, by } = given
    const against = given.against
      ? (atMost(given.against, lookbackDays, now, timeZone) ?? ('too-long-ago' as const))
      : null
    const lead = open.length > 1 ? [{ key: 'bank.named' } as const] : []
    const frame = {
      purpose: 'insights',
      institution,
      because: 'asked',
      accounts: chosen.length > 0 ? accountIds : sharedIds(bank.grant, shared),
      masked: { ...leadOf(open), ready: 'spending.masked' },
      card: {
        shows: 'spending',
        accountIds,
        from: period.from,
        to: period.to,
        ...(given.merchant && !given.loose ? { search: given.merchant } : {}),
        ...(category ? { category } : {}),
        ...(given.several ? { several: severalOnCard(given.several, searchesOf(given.several)) } : {}),
        ...(measure ? { measure } : {}),
        ...(by ? { by } : {}),
        ...(against ? { against } : {}),
        ...limitsOnCard(given),
      },
      ...(once === true ? {} : { once }),
    } as const satisfies Omit<Answer, 'lines'>
    if (chosen.length === 0)
      return noneIn(frame, none, { hint: given.account, lead, partial: accounts.partial })

    const range = spendingRange(period, against)
    const read = await readTransactions(caller, deps, bank, chosen, range, readMost + 1)
    if (isRefusal(read)) return plainly(refusalOf(read, institution))
    const spent = passing(
      spentIn(read.items, period, against, timeZone),
      given.amount ? { amount: given.amount } : {},
      timeZone,
    )
    const { items: inEither, said: apart } = leavingOut(spent, given.without)
    const other = asAccount(question, inEither, shared)
    // Where the one may be said and the other not, which of them it is would be told.
    if (other && (kept.length === 0 || !maySay('account.nickname', bank, about))) return told(bank, other)
    const where = whereOf(given, inEither, bank, about, deps)
    const { asked } = where
    const partial = [
      ...(read.partial ? [{ key: 'bank.incomplete' } as const] : []),
      ...where.notes,
      ...apart,
      ...bounded(given),
      ...(given.ownMoves ? [{ key: 'note.own-moves' } as const] : []),
    ]
    const found = asked.account ? true : null
    if (where.which)
      return {
        say: say(askWhich(where.which, { ...frame, ...named }, { lead, partial }), { once: once === true }),
        found,
      }
    const { each } = where
    const { items: wanted, uncategorised } = each
      ? { items: where.items, uncategorised: untold(inEither, asked.several?.of ?? [], where.items) }
      : ofCategory(where.items, asked.category)
    const scope: Scope = {
      asked,
      period,
      timeZone,
      shop: where.shop,
      account: chosen.length === 1 ? (chosen[0]?.nickname ?? null) : null,
      uncategorised,
      against,
      each,
    }
    const { lines, rows } = spentLines(wanted, scope)
    const answer: Answer = {
      ...frame,
      ...named,
      card: cardAt(frame.card, where),
      lines: [...lead, ...lines, ...partial],
      ...(rows.length > 0 ? { rows } : {}),
      choices: [
        { title: 'button.payments', payload: 'TRANSACTIONS', when: 'said' },
        { title: 'button.hide', payload: 'HIDE', when: 'said' },
      ],
    }
    return { say: say(answer, { once: once === true }), found }
  }
  return fromEach(open, caller, deps, question, quiet, (bank) => told(bank, question))
}

/** What a sum cannot be told without. */
const usual = [
  fact('spending.total', { type: 'text', text: '' }),
  fact('spending.count', { type: 'text', text: '' }),
]
