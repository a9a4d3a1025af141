import type { Account, Transaction } from '../bank/bank.ts'
import { isRefusal } from '../core/refusal.ts'
import type { Answer } from '../disclosure/answer.ts'
import { fact } from '../disclosure/fact.ts'
import type { MoneyAsk, Period } from './ask.ts'
import { say, type Caller, type CounterDeps, type Say } from './caller.ts'
import { kindOf } from './category.ts'
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
import { detailLines, headline, lastPaid, more, noSuch, rowLine } from './payment-lines.ts'
import { atMost, lastDays } from './period.ts'
import { passing } from './query.ts'
import { askWhich, atShop, leftOut, withoutLoose } from './which.ts'

type Asked = Extract<MoneyAsk, { kind: 'transactions' }>

/** How far back "last payments" looks when no time is named; further where something must be found. */
const usualDays = 90
const findDays = 365

/** Does it ask for some payments among others, rather than for the newest? */
const picks = ({ merchant, category, amount, direction, pending }: Asked): boolean =>
  [merchant, category, amount, direction, pending].some((one) => one !== undefined)

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
    const looked =
      given.period ?? lastDays(given.merchant || given.amount ? findDays : usualDays, now, timeZone)
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
      picks(given) || given.period ? readMost + 1 : given.limit,
    )
    if (isRefusal(read)) return plainly(refusalOf(read, institution))
    const fitting = passing(read.items, { ...given, period: undefined }, timeZone)
    const asked = withoutLoose(given, fitting)
    const { merchant } = asked
    const shop = merchant
      ? atShop(fitting, merchant, bank, about, deps, (name) => ({ ...asked, merchant: name }))
      : null
    const partial = [
      ...(read.partial ? [{ key: 'transactions.incomplete' } as const] : []),
      ...leftOut(given, asked),
    ]
    const found = asked.account ? true : null
    if (shop && 'ask' in shop)
      return {
        say: say(askWhich(shop, { ...frame, ...named }, { lead, partial }), { once: once === true }),
        found,
      }
    const items = shop ? [...shop.items].sort((a, b) => b.at - a.at) : fitting
    const list = items.slice(0, asked.limit)
    const scope = { asked, range, shop: shop?.name ?? null, picks: picks(asked) }
    const said = {
      ...frame,
      ...named,
      ...(shop
        ? {
            card: {
              ...frame.card,
              search: shop.search,
              ...(isLastPaid(asked) ? { one: { nth: 1, of: 1 } } : {}),
            },
          }
        : {}),
    }
    const about_ = { list, items, chosen, scope }
    const answer: Answer = {
      ...said,
      ...(asked.nth === undefined ? listed(about_) : detailed(about_, asked.nth)),
    }
    return {
      say: say({ ...answer, lines: [...lead, ...answer.lines, ...partial] }, { once: once === true }),
      found,
    }
  })
}

/** "When did I last pay them?" */
const isLastPaid = ({ limit, merchant, nth }: Asked): boolean =>
  limit === 1 && merchant !== undefined && nth === undefined

type About = {
  readonly list: readonly Transaction[]
  /** All that fit, of which the list is the newest. */
  readonly items: readonly Transaction[]
  readonly chosen: readonly Account[]
  readonly scope: Parameters<typeof headline>[1]
}

function listed({ list, items, chosen, scope }: About): Pick<Answer, 'lines' | 'rows' | 'choices'> {
  const choices = [
    { title: 'button.balance', payload: 'BALANCE', when: 'said' },
    { title: 'button.hide', payload: 'HIDE', when: 'said' },
  ] as const
  const [only] = list
  const { asked } = scope
  if (only && isLastPaid(asked) && only.direction !== 'credit')
    return { lines: [lastPaid(only, scope)], choices }
  return {
    lines: [
      headline(list.length, scope),
      // That there are more is only known where all were read.
      ...(scope.picks || asked.period ? more(list.length, items.length) : []),
    ],
    // Four more digits leave only where they tell the rows of several accounts apart.
    rows: list.map((row) =>
      rowLine(row, list.some(({ accountId }) => accountId !== row.accountId) ? chosen : []),
    ),
    choices,
  }
}

/** One payment of the list that was just given, with all that is known of it. */
function detailed({ list, chosen, scope }: About, nth: number): Pick<Answer, 'lines' | 'choices'> {
  const item = nth < 0 ? list.at(nth) : list[nth - 1]
  const person = { title: 'button.agent', payload: 'PERSON', when: 'said' } as const
  if (!item)
    return {
      lines: [list.length === 0 ? headline(0, scope) : noSuch(list.length)],
      choices: [{ title: 'button.payments', payload: 'TRANSACTIONS', when: 'said' }, person],
    }
  return {
    lines: detailLines(item, chosen.find(({ id }) => id === item.accountId) ?? null, kindOf(item)),
    choices: [{ title: 'button.view-securely', link: 'card', when: 'said' }, person],
  }
}

/** What the sealed page needs to show the same payments. */
function searchOf(
  asked: Asked,
  period: Period | undefined,
): Omit<NonNullable<Answer['card']>, 'shows' | 'accountIds'> {
  const { merchant, loose, category, direction, amount, pending, nth, limit } = asked
  return {
    ...(period ? { from: period.from, to: period.to } : {}),
    ...(merchant && !loose ? { search: merchant } : {}),
    ...(category ? { category } : {}),
    ...(direction ? { direction } : {}),
    ...(amount?.min ? { min: amount.min } : {}),
    ...(amount?.max ? { max: amount.max } : {}),
    ...(amount?.currency ? { currency: amount.currency } : {}),
    ...(pending === undefined ? {} : { pending }),
    ...(nth === undefined ? {} : { one: { nth, of: limit } }),
  }
}

/** What a payment cannot be told without. */
const usual = [
  fact('transaction.date', { type: 'text', text: '' }),
  fact('transaction.amount', { type: 'text', text: '' }),
]
