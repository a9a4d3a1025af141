import { has, remember, setLast } from '../conversation/thread.ts'
import { minuteMs } from '../core/clock.ts'
import type { MoneyAsk } from './ask.ts'
import { answerBalance } from './balance.ts'
import type { Caller, CounterDeps, Say } from './caller.ts'
import { answerIncome } from './income.ts'
import { answerSpending } from './spending.ts'
import { notLinked, words } from './talk.ts'
import { answerTransactions } from './transactions.ts'

/** What one event leads to: words at once, and work that must look something up first. */
export type Turn = {
  readonly answers: readonly Say[]
  readonly later: (() => Promise<readonly Say[]>) | null
}
export const nothing: Turn = { answers: [], later: null }
export const said = (...answers: readonly Say[]): Turn => ({ answers, later: null })
export const lookedUp = (later: () => Promise<readonly Say[]>): Turn => ({ answers: [], later })

/** A question about money: looked up, and remembered for what refers back to it. */
export function moneyTurn(
  caller: Caller,
  asked: MoneyAsk,
  deps: CounterDeps,
  now: number,
  once: boolean,
): Turn {
  const { thread } = caller
  const frozen = has(thread, 'frozen')
  // Where what was linked has ended, openFor says why; but not to whoever may hold a chat that changed hands.
  if (!has(thread, 'linked') && (frozen || !has(thread, 'ended')))
    return said(notLinked(linkCode(caller, deps, now)))
  if (frozen) {
    return said(words([{ key: 'identity.frozen' }], [{ title: 'button.sign-in', link: 'permissions' }]))
  }
  // "Exactly" was asked of this answer alone.
  const { exact: _, ...remembered } = asked
  setLast(thread, remembered, now)
  // The button "show it here, this once" carries a handle; the question stays with us.
  const handle = deps.newHandle()
  if (!once) remember(thread, handle, asked, now)
  return lookedUp(() => answerMoney(asked, caller, deps, now, once ? true : `once:${handle}`))
}

/** The code to compare, kept while a Log-in button with it may still be on the screen. */
export function linkCode({ thread }: Caller, deps: CounterDeps, now: number): string {
  const held = thread.context.linkCode
  const code = held && now - held.at < linkCodeMs ? held.code : deps.newChatCode()
  thread.context = { ...thread.context, linkCode: { code, at: now } }
  return code
}
export const linkCodeMs = 30 * minuteMs

export async function answerMoney(
  asked: MoneyAsk,
  caller: Caller,
  deps: CounterDeps,
  now: number,
  once: string | true,
): Promise<Say[]> {
  const says = await answered(asked, caller, deps, now, once)
  return asked.exact ? says.map(withExact) : says
}

/** "The exact number please": said to be exact, or where it is; the gate decides which, by the figure itself. */
function withExact(one: Say): Say {
  const { lines } = one.answer
  const needs = lines.find(({ band }) => band !== undefined)?.needs
  if (!needs) return one
  return {
    ...one,
    answer: { ...one.answer, lines: [...lines, { key: 'note.exact', band: 'note.exact.band', needs }] },
  }
}

function answered(
  asked: MoneyAsk,
  caller: Caller,
  deps: CounterDeps,
  now: number,
  once: string | true,
): Promise<Say[]> {
  switch (asked.kind) {
    case 'balance':
    case 'account':
      return answerBalance(asked, caller, deps, now, once)
    case 'transactions':
      return answerTransactions(asked, caller, deps, now, once)
    case 'spending':
      return answerSpending(asked, caller, deps, now, once)
    case 'income':
      return answerIncome(asked, caller, deps, now, once)
  }
}
