import type { Account, Transaction } from '../bank/bank.ts'
import type { Answer, Choice } from '../disclosure/answer.ts'
import { remember } from '../conversation/thread.ts'
import type { CounterDeps } from './caller.ts'
import { kindOf } from './category.ts'
import type { Open } from './money.ts'
import type { Asking } from './named.ts'
import { isLastPaid, nextPage, skipped } from './page.ts'
import {
  detailLines,
  end,
  headline,
  lastPaid,
  more,
  noSuch,
  place,
  rowLine,
  type ListScope,
} from './payment-lines.ts'

type About = {
  /** All that fit, newest first, of which a page is listed. */
  readonly items: readonly Transaction[]
  readonly chosen: readonly Account[]
  readonly scope: ListScope
  readonly bank: Open
  readonly about: Asking
  readonly deps: CounterDeps
}

const pageOf = ({ items, scope: { asked } }: About): readonly Transaction[] =>
  items.slice(skipped(asked), skipped(asked) + asked.limit)

const payments: Choice = { title: 'button.payments', payload: 'TRANSACTIONS', when: 'said' }
const person: Choice = { title: 'button.agent', payload: 'PERSON', when: 'said' }
const balance: Choice = { title: 'button.balance', payload: 'BALANCE', when: 'said' }
const hide: Choice = { title: 'button.hide', payload: 'HIDE', when: 'said' }

/** A page of the list, with a way to the next where there is one. */
export function listed(of: About): Pick<Answer, 'lines' | 'rows' | 'choices'> {
  const { items, chosen, scope } = of
  const { asked } = scope
  const list = pageOf(of)
  const skip = skipped(asked)
  if (skip > 0 && list.length === 0) return { lines: [end(scope)], choices: [payments, person] }
  const [only] = list
  if (only && isLastPaid(asked) && only.direction !== 'credit')
    return { lines: [lastPaid(only, scope)], choices: [balance, hide] }
  const isMore = items.length > skip + list.length
  // How many there are is only known where all were read.
  const counted = scope.picks || asked.period
  return {
    lines: [
      headline(list.length, scope, isMore),
      ...(!counted
        ? []
        : skip > 0
          ? place(skip, list.length, items.length)
          : more(list.length, items.length)),
    ],
    // Four more digits leave only where they tell the rows of several accounts apart.
    rows: list.map((row) =>
      rowLine(row, list.some(({ accountId }) => accountId !== row.accountId) ? chosen : []),
    ),
    choices: [...(isMore ? [onward(of)] : []), balance, hide],
  }
}

/** "Show more": the next page of this very list, whatever is asked meanwhile. Shown once, the next is not shown with it. */
function onward({ scope: { asked }, bank, about: { caller, now }, deps }: About): Choice {
  const handle = deps.newHandle()
  remember(caller.thread, handle, { ...nextPage(asked), institution: bank.counter.id }, now)
  caller.touched = true
  return { title: 'button.more', payload: `ask:${handle}`, when: 'said' }
}

/** The one payment that is shown and no other; null where there are several, or none. */
export function shownAlone(of: About): Transaction | null {
  const { nth, alone } = of.scope.asked
  const list = pageOf(of)
  if (!alone && nth === undefined) return list.length === 1 ? (list[0] ?? null) : null
  const at = nth ?? 1
  return (at < 0 ? list.at(at) : list[at - 1]) ?? null
}

/** One payment of the list that was just given, or the one before it, with all that is known of it. */
export function detailed(of: About): Pick<Answer, 'lines' | 'choices'> {
  const { chosen, scope } = of
  const { nth = 1, alone } = scope.asked
  const list = pageOf(of)
  const item = nth < 0 ? list.at(nth) : list[nth - 1]
  if (!item)
    return {
      lines: [alone ? end(scope) : list.length === 0 ? headline(0, scope) : noSuch(list.length)],
      choices: [payments, person],
    }
  return {
    lines: detailLines(item, chosen.find(({ id }) => id === item.accountId) ?? null, kindOf(item)),
    choices: [{ title: 'button.view-securely', link: 'card', when: 'said' }, person],
  }
}
