import { setShop } from '../conversation/thread.ts'
import { isRefusal } from '../core/refusal.ts'
import type { Answer } from '../disclosure/answer.ts'
import { fact } from '../disclosure/fact.ts'
import type { MoneyAsk, Period } from './ask.ts'
import { say, type Caller, type CounterDeps, type Say } from './caller.ts'
import { nameField, shopIn } from './merchant.ts'
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
import { isLastPaid, isOne, onCard, skipped } from './page.ts'
import { detailed, listed, shownAlone } from './payment-list.ts'
import { atMost, lastDays } from './period.ts'
import { passing } from './query.ts'
import { searchesOf, severalOnCard } from './several.ts'
import { transfersIn } from './transfers.ts'
import { cardAt, whereOf } from './where.ts'
import { askWhich } from './which.ts'
import { bounded, isBound, leavingOut, limitsOnCard } from './without.ts'

type Asked = Extract<MoneyAsk, { kind: 'transactions' }>

/** How far back "last payments" looks when no time is named; further where something must be found. */
const usualDays = 90
const findDays = 365

/** Does it ask for some payments among others, rather than for the newest? */
const picks = ({
  merchant,
  category,
  several,
  without,
  amount,
  direction,
  pending,
  transfers,
}: Asked): boolean =>
  [merchant, category, several, without, amount, direction, pending, transfers].some(
    (one) => one !== undefined,
  )

/** "Last 5 transactions", "payments at Corner Market last week", "the 42.50 charge", "the second one". */
export async function answerTransactions(
  question: Asked,
  caller: Caller,
  deps: CounterDeps,
  now: number,
  once: string | true,
): Promise<Say[]> {
  const open = await openFor(caller, deps, 'transactions', now, question.institution)
  if (!Array.isArray(open)) return [open]
  const about = { purpose: 'transactions', caller, once: once === true, now } as const
  const quiet = (): boolean => mayBeSilent(open, question.account, about)
  const told = async (bank: Open, question: Asked): Promise<Told> => {
    const { id: institution, timeZone, lookbackDays } = bank.counter
    const finds = question.merchant || question.several || question.amount || skipped(question) > 0
    const looked = question.period ?? lastDays(finds ? findDays : usualDays, now, timeZone)
    const range = atMost(looked, lookbackDays, now, timeZone)
    if (range === null) return tooLongAgo(bank, now)
    const accounts = await accountsFor(caller, deps, bank, question.account)
    if (isRefusal(accounts)) return plainly(refusalOf(accounts, institution))
    const { shared, chosen } = accounts
    // Which of them are transfers is told by what the bank calls them, as a shop is.
    const { transfers } = question
    const kept = pickedBy(transfers ? { ...question, merchant: 'transfers' } : question, bank, about)
    const { named, none } = naming(question.account, usual, kept)
    const given = accountSettled(question, shared)
    // Where it is the pick that is kept back, a list would be given: the bank does not refuse those.
    const listsNone = kept.length === 0 || !maySay('transaction.amount', bank, { ...about, once: true })
    const accountIds = (chosen.length > 0 ? chosen : shared).map(({ id }) => id)
    const lead = open.length > 1 ? [{ key: 'bank.named' } as const] : []
    const frame = {
      purpose: 'transactions',
      institution,
      because: 'asked',
      accounts: chosen.length > 0 ? accountIds : sharedIds(bank.grant, shared),
      masked: {
        ...leadOf(open),
        ready: 'transactions.masked',
        several: true,
        ...(listsNone ? { bankKeeps: 'transactions.bank-says-no' } : {}),
      },
      card: { shows: 'transactions', accountIds, ...searchOf(given, picks(given) ? range : given.period) },
      ...(once === true ? {} : { once }),
    } as const satisfies Omit<Answer, 'lines'>
    if (chosen.length === 0)
      return noneIn(frame, none, { hint: given.account, lead, partial: accounts.partial })
    const read = await readTransactions(
      caller,
      deps,
      bank,
      chosen,
      range,
      // One more than is listed tells whether there are more.
      picks(given) || given.period ? readMost + 1 : skipped(given) + given.limit + 1,
    )
    if (isRefusal(read)) return plainly(refusalOf(read, institution))
    const { items: fitting, said: apart } = leavingOut(
      passing(transfers ? transfersIn(read.items) : read.items, { ...given, period: undefined }, timeZone),
      given.without,
    )
    const other = asAccount(question, fitting, shared)
    // Where the one may be said and the other not, which of them it is would be told.
    if (other && (kept.length === 0 || !maySay('account.nickname', bank, about))) return told(bank, other)
    const where = whereOf(given, fitting, bank, about, deps)
    const { asked } = where
    const partial = [
      ...(read.partial ? [{ key: 'transactions.incomplete' } as const] : []),
      ...where.notes,
      ...apart,
      ...(given.amount && isBound(given.amount) ? bounded(given) : []),
    ]
    const found = asked.account ? true : null
    if (where.which)
      return {
        say: say(askWhich(where.which, { ...frame, ...named }, { lead, partial }), { once: once === true }),
        found,
      }
    const items = where.search === null ? where.items : [...where.items].sort((a, b) => b.at - a.at)
    const account = asked.account && chosen.length === 1 ? (chosen[0]?.nickname ?? null) : null
    const scope = { asked, range, shop: where.shop, account, picks: picks(asked) }
    const page = { items, chosen, scope, bank, about, deps }
    const one = shownAlone(page)
    // What may not be said here is not kept for the next question either.
    if (one && maySay(nameField(one), bank, about)) {
      setShop(caller.thread, shopIn(one).slice(0, 80))
      caller.touched = true
    }
    const answer: Answer = {
      ...frame,
      ...named,
      card: { ...cardAt(frame.card, where), ...(isLastPaid(asked) ? { one: { nth: 1, of: 1 } } : {}) },
      ...(isOne(asked) ? detailed(page) : listed(page)),
    }
    return {
      say: say({ ...answer, lines: [...lead, ...answer.lines, ...partial] }, { once: once === true }),
      found,
    }
  }
  return fromEach(open, caller, deps, question, quiet, (bank) => told(bank, question))
}

/** What the sealed page needs to show the same payments. */
function searchOf(
  asked: Asked,
  period: Period | undefined,
): Omit<NonNullable<Answer['card']>, 'shows' | 'accountIds'> {
  const { merchant, loose, category, several, direction, pending } = asked
  return {
    ...(period ? { from: period.from, to: period.to } : {}),
    ...(merchant && !loose ? { search: merchant } : {}),
    ...(category ? { category } : {}),
    ...(direction ? { direction } : {}),
    ...limitsOnCard(asked),
    ...(pending === undefined ? {} : { pending }),
    ...(several ? { several: severalOnCard(several, searchesOf(several)) } : {}),
    ...onCard(asked),
  }
}

/** What a payment cannot be told without. */
const usual = [
  fact('transaction.date', { type: 'text', text: '' }),
  fact('transaction.amount', { type: 'text', text: '' }),
]
