import type { Transaction } from '../bank/bank.ts'
import { isRefusal } from '../core/refusal.ts'
import type { Answer, Line, Safe } from '../disclosure/answer.ts'
import { fact, type Fact } from '../disclosure/fact.ts'
import type { MoneyAsk, Period } from './ask.ts'
import { say, type Caller, type CounterDeps, type Say } from './caller.ts'
import { incomeOn, incomeRange, payFigure, usualIncome } from './income-figures.ts'
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
import { accountSettled, mayBeSilent, naming, noneIn, pickedBy, sharedIds } from './named.ts'
import { nameField } from './merchant.ts'
import { payerIn } from './pay.ts'
import { atMost } from './period.ts'
import { totalsOf } from './query.ts'
import { atShop } from './which.ts'

type Asked = Extract<MoneyAsk, { kind: 'income' }>

/** "How much came in this month", "did my pay land": money received, from the bank's own list. */
export async function answerIncome(
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
  return fromEach(open, caller, deps, question, quiet, async (bank): Promise<Told> => {
    const { id: institution, timeZone, lookbackDays } = bank.counter
    const pay = question.pay === true
    const period = atMost(question.period ?? usualIncome(pay, now, timeZone), lookbackDays, now, timeZone)
    if (period === null) return tooLongAgo(bank, now)
    const accounts = await accountsFor(caller, deps, bank, question.account)
    if (isRefusal(accounts)) return plainly(refusalOf(accounts, institution))
    const { shared, chosen } = accounts
    const { named, none } = naming(
      question.account,
      usual,
      pickedBy({ merchant: question.payer }, bank, about),
    )
    const asked = accountSettled(question, shared)
    const accountIds = (chosen.length > 0 ? chosen : shared).map(({ id }) => id)
    const lead = open.length > 1 ? [{ key: 'bank.named' } as const] : []
    const frame = {
      purpose: 'insights',
      institution,
      because: 'asked',
      accounts: chosen.length > 0 ? accountIds : sharedIds(bank.grant, shared),
      masked: { ...leadOf(open), ready: 'income.masked' },
      card: {
        shows: 'income',
        accountIds,
        from: period.from,
        to: period.to,
        ...(pay ? { pay } : {}),
        ...(question.refunds ? { refunds: true } : {}),
        ...(asked.payer ? { search: asked.payer } : {}),
      },
      ...(once === true ? {} : { once }),
    } as const satisfies Omit<Answer, 'lines'>
    if (chosen.length === 0)
      return noneIn(frame, none, { hint: asked.account, lead, partial: accounts.partial })
    const range = incomeRange(period, pay, lookbackDays, now, timeZone)
    const read = await readTransactions(caller, deps, bank, shared, range, readMost + 1)
    if (isRefusal(read)) return plainly(refusalOf(read, institution))
    const { received, refunds } = incomeOn(chosen, shared, read.items)
    const partial = read.partial ? [{ key: 'bank.incomplete' } as const] : []
    const found = asked.account ? true : null
    // A payer that was named may be a shop that gave money back.
    const payer = asked.payer
      ? atShop(
          asked.refunds ? refunds : [...received, ...refunds],
          asked.payer,
          bank,
          about,
          deps,
          (name) => ({
            ...asked,
            payer: name,
          }),
        )
      : null
    const card = payer && 'search' in payer ? { card: { ...frame.card, search: payer.search } } : {}
    const told = (rest: Pick<Answer, 'lines' | 'choices'>): Told => ({
      say: say(
        { ...frame, ...named, ...card, ...rest, lines: [...lead, ...rest.lines, ...partial] },
        { once: once === true },
      ),
      found,
    })
    if (payer && 'ask' in payer) return told(payer.ask)
    const scope: Scope = {
      asked,
      period,
      timeZone,
      payer: payer?.name ?? null,
      account: chosen.length === 1 ? (chosen[0]?.nickname ?? null) : null,
    }
    return told({
      lines: asked.pay
        ? payLines(payer ? payer.items : received, scope)
        : asked.refunds
          ? refundLines(payer ? payer.items : refunds, words(scope))
          : incomeLines(payer ? payer.items : received, payer ? [] : refunds, scope),
      choices: [
        { title: 'button.payments', payload: 'TRANSACTIONS', when: 'said' },
        { title: 'button.hide', payload: 'HIDE', when: 'said' },
      ],
    })
  })
}

/** What a question about income is over. */
type Scope = {
  readonly asked: Asked
  readonly period: Period
  readonly timeZone: string
  readonly payer: Fact | null
  readonly account: string | null
}

const money = (amountMinor: number, currency: string): Fact =>
  fact('income.total', { type: 'money', money: { amountMinor, currency } })
const nothing = { total: fact('income.total', { type: 'count', count: 0 }) }

const words = ({ asked, period }: Scope): Record<string, Safe> => ({
  period: { type: 'period', ...period },
  ...(asked.payer ? { payer: { type: 'asked', text: asked.payer } as const } : {}),
})

/** One line a currency, and what was given back beside it. */
function incomeLines(
  received: readonly Transaction[],
  refunds: readonly Transaction[],
  scope: Scope,
): readonly Line[] {
  const { account, payer } = scope
  const params = words(scope)
  const sums: Line[] =
    received.length === 0
      ? [{ key: 'income.none', needs: nothing, params }]
      : totalsOf(received).map(({ amountMinor, currency, count }) => ({
          key: 'income.said',
          band: 'income.band',
          needs: {
            total: money(amountMinor, currency),
            count: fact('spending.count', { type: 'count', count }),
          },
          may: {
            ...(payer ? { payer } : {}),
            ...(account ? { account: fact('account.nickname', { type: 'text', text: account }) } : {}),
          },
          params,
        }))
  return [
    ...sums,
    ...totalsOf(refunds).map(
      ({ amountMinor, currency }): Line => ({
        key: 'income.refunds',
        band: 'income.refunds',
        needs: { total: money(amountMinor, currency) },
      }),
    ),
  ]
}

/** "Any refunds this year?": what shops gave back alone, and no pay. */
const refundLines = (refunds: readonly Transaction[], params: Line['params']): readonly Line[] =>
  refunds.length === 0
    ? [{ key: 'income.given-back.none', needs: nothing, params: params ?? {} }]
    : totalsOf(refunds).map(
        ({ amountMinor, currency }): Line => ({
          key: 'income.given-back',
          band: 'income.given-back',
          needs: { total: money(amountMinor, currency) },
          params: params ?? {},
        }),
      )

/** The newest pay of the period asked for; else that none came, and which was the last before it. */
function payLines(received: readonly Transaction[], scope: Scope): readonly Line[] {
  const pay = payFigure(received, scope.period, scope.timeZone)
  if (pay.is === 'unseen') return [{ key: 'income.pay.unseen', needs: nothing, params: words(scope) }]
  if (pay.is === 'pay') return [payLine('income.pay', pay.payment)]
  return [
    { key: 'income.pay.none', needs: nothing, params: words(scope) },
    payLine('income.pay.before', pay.payment),
  ]
}

function payLine(key: 'income.pay' | 'income.pay.before', item: Transaction): Line {
  const { accountId: id } = item
  const payer = payerIn(item)
  return {
    key,
    band: key === 'income.pay' ? 'income.pay.band' : 'income.pay.before.band',
    needs: {
      amount: fact('income.total', { type: 'money', money: item.amount }, id),
      date: fact('transaction.date', { type: 'date', at: item.at, withTime: false }, id),
    },
    may: payer === '' ? {} : { payer: fact(nameField(item), { type: 'text', text: payer }, id) },
  }
}

/** What income cannot be told without. */
const usual = [
  fact('income.total', { type: 'text', text: '' }),
  fact('spending.count', { type: 'text', text: '' }),
]
