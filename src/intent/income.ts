import { isRefusal } from '../core/refusal.ts'
import type { Answer } from '../disclosure/answer.ts'
import { fact } from '../disclosure/fact.ts'
import type { MoneyAsk } from './ask.ts'
import { say, type Caller, type CounterDeps, type Say } from './caller.ts'
import { earlierPayDays, incomeOn, incomeRange, payBefore, usualIncome } from './income-figures.ts'
import { earlierPay, incomeLines, payLines, refundLines, words, type Scope } from './income-lines.ts'
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
import { atMost } from './period.ts'
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
    const { back = 0 } = question
    const range = incomeRange(
      period,
      pay,
      lookbackDays,
      now,
      timeZone,
      pay && back > 0 ? earlierPayDays : undefined,
    )
    const read = await readTransactions(caller, deps, bank, shared, range, readMost + 1)
    if (isRefusal(read)) return plainly(refusalOf(read, institution))
    const { received, refunds } = incomeOn(chosen, shared, read.items)
    const partial = read.partial ? [{ key: 'bank.incomplete' } as const] : []
    const beside = question.ownMoves ? [{ key: 'note.own-moves' } as const] : []
    const found = asked.account ? true : null
    // A payer that was named may be a shop that gave money back.
    const payer = asked.payer
      ? atShop(
          asked.refunds && !pay ? refunds : [...received, ...refunds],
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
    const items = payer && 'items' in payer ? payer.items : received
    const earlier = pay && back > 0 ? payBefore(items, period, timeZone, back) : null
    const card = {
      card: {
        ...frame.card,
        ...(payer && 'search' in payer ? { search: payer.search } : {}),
        // The page shows the same: the newest pay up to that day.
        ...(earlier?.until
          ? { from: earlier.until < range.from ? earlier.until : range.from, to: earlier.until }
          : {}),
      },
    }
    const told = (rest: Pick<Answer, 'lines' | 'choices'>): Told => ({
      say: say(
        { ...frame, ...named, ...card, ...rest, lines: [...lead, ...rest.lines, ...beside, ...partial] },
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
        ? back > 0
          ? [earlierPay(earlier?.payment ?? null, { ...scope, period: range })]
          : payLines(items, scope)
        : asked.refunds
          ? refundLines(payer ? payer.items : refunds, words(scope))
          : incomeLines(items, payer ? [] : refunds, scope),
      choices: [
        { title: 'button.payments', payload: 'TRANSACTIONS', when: 'said' },
        { title: 'button.hide', payload: 'HIDE', when: 'said' },
      ],
    })
  })
}

/** What income cannot be told without. */
const usual = [
  fact('income.total', { type: 'text', text: '' }),
  fact('spending.count', { type: 'text', text: '' }),
]
