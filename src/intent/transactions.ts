import { isRefusal } from '../core/refusal.ts'
import type { Answer } from '../disclosure/answer.ts'
import { fact } from '../disclosure/fact.ts'
import type { MoneyAsk, Period } from './ask.ts'
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
  type Told,
} from './money.ts'
import { maySay, mayBeSilent, naming, noneIn, pickedBy, sharedIds } from './named.ts'
import { isLastPaid, isOne, onCard, skipped } from './page.ts'
import { detailed, listed } from './payment-list.ts'
import { atMost, lastDays } from './period.ts'
import { passing } from './query.ts'
import { atEach, onlySome, searchesOf, settled, severalOnCard, together } from './several.ts'
import { askWhich, atShop, leftOut, withoutLoose } from './which.ts'

type Asked = Extract<MoneyAsk, { kind: 'transactions' }>

/** How far back "last payments" looks when no time is named; further where something must be found. */
const usualDays = 90
const findDays = 365

/** Does it ask for some payments among others, rather than for the newest? */
const picks = ({ merchant, category, several, amount, direction, pending }: Asked): boolean =>
  [merchant, category, several, amount, direction, pending].some((one) => one !== undefined)

/** "Last 5 transactions", "payments at Corner Market last week", "the 42.50 charge", "the second one". */
export async function answerTransactions(
  given: Asked,
  caller: Caller,
  deps: CounterDeps,
  now: number,
  once: string | true,
): Promise<Say[]> {
  const open = await openFor(caller, deps, 'transactions', now, given.institution)
  if (!Array.isArray(open)) return [open]
  const about = { purpose: 'transactions', caller, once: once === true, now } as const
  const quiet = (): boolean => mayBeSilent(open, given.account, about)
  return fromEach(open, caller, deps, given, quiet, async (bank): Promise<Told> => {
    const { id: institution, timeZone, lookbackDays } = bank.counter
    const finds = given.merchant || given.several || given.amount || skipped(given) > 0
    const looked = given.period ?? lastDays(finds ? findDays : usualDays, now, timeZone)
    const range = atMost(looked, lookbackDays, now, timeZone)
    if (range === null) return tooLongAgo(bank, now)
    const accounts = await accountsFor(caller, deps, bank, given.account)
    if (isRefusal(accounts)) return plainly(refusalOf(accounts, institution))
    const { shared, chosen } = accounts
    const kept = pickedBy(given, bank, about)
    const { named, none } = naming(given.account, usual, kept)
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
    const fitting = passing(read.items, { ...given, period: undefined }, timeZone)
    const settledOn = settled(given, fitting)
    const asked = withoutLoose(settledOn, fitting)
    const { merchant, several } = asked
    const shop = merchant
      ? atShop(fitting, merchant, bank, about, deps, (name) => ({ ...asked, merchant: name }))
      : null
    const places = several ? atEach(fitting, { ...asked, several }, bank, about, deps) : null
    const partial = [
      ...(read.partial ? [{ key: 'transactions.incomplete' } as const] : []),
      ...leftOut(settledOn, asked),
      ...onlySome(asked),
    ]
    const found = asked.account ? true : null
    for (const which of [shop, places])
      if (which && 'ask' in which)
        return {
          say: say(askWhich(which, { ...frame, ...named }, { lead, partial }), { once: once === true }),
          found,
        }
    const at = shop && 'items' in shop ? shop : null
    const each = places && 'each' in places ? places.each : null
    const items = at ? [...at.items].sort((a, b) => b.at - a.at) : each ? together(fitting, each) : fitting
    const scope = { asked, range, shop: at?.name ?? null, picks: picks(asked) }
    const { several: _, ...card } = frame.card
    const page = { items, chosen, scope, bank, about, deps }
    const answer: Answer = {
      ...frame,
      ...named,
      card: {
        ...card,
        ...(at ? { search: at.search } : {}),
        ...(several && each ? { several: severalOnCard(several, each) } : {}),
        ...(isLastPaid(asked) ? { one: { nth: 1, of: 1 } } : {}),
      },
      ...(isOne(asked) ? detailed(page) : listed(page)),
    }
    return {
      say: say({ ...answer, lines: [...lead, ...answer.lines, ...partial] }, { once: once === true }),
      found,
    }
  })
}

/** What the sealed page needs to show the same payments. */
function searchOf(
  asked: Asked,
  period: Period | undefined,
): Omit<NonNullable<Answer['card']>, 'shows' | 'accountIds'> {
  const { merchant, loose, category, several, direction, amount, pending } = asked
  return {
    ...(period ? { from: period.from, to: period.to } : {}),
    ...(merchant && !loose ? { search: merchant } : {}),
    ...(category ? { category } : {}),
    ...(direction ? { direction } : {}),
    ...(amount?.min ? { min: amount.min } : {}),
    ...(amount?.max ? { max: amount.max } : {}),
    ...(amount?.currency ? { currency: amount.currency } : {}),
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
