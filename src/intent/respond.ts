import { minuteMs } from '../core/clock.ts'
import {
  forget,
  has,
  lastAsked,
  recall,
  remember,
  setFlag,
  setForm,
  setLast,
  speak,
} from '../conversation/thread.ts'
import { ask as askSchema, isMoneyAsk, type Ask, type MoneyAsk } from './ask.ts'
import { answerBalance } from './balance.ts'
import type { Caller, CounterDeps, Say } from './caller.ts'
import { begin, formUnderWay, tapped, type Progress } from './form.ts'
import { answerIncome } from './income.ts'
import { answerSpending } from './spending.ts'
import {
  askAgain,
  goodbye,
  hello,
  helpText,
  linkOffer,
  notLinked,
  permissionsPage,
  personComing,
  resumed,
  stopped,
  thanks,
  unclear,
  words,
} from './talk.ts'
import { usualPeriod } from './period.ts'
import { bankOf, tell } from './told.ts'
import { topicAnswer } from './topic.ts'
import { answerTransactions } from './transactions.ts'

/** What one event leads to: words at once, and work that must look something up first. */
export type Turn = {
  readonly answers: readonly Say[]
  readonly later: (() => Promise<readonly Say[]>) | null
}
export const nothing: Turn = { answers: [], later: null }
export const said = (...answers: readonly Say[]): Turn => ({ answers, later: null })
const lookedUp = (later: () => Promise<readonly Say[]>): Turn => ({ answers: [], later })

/** What is asked → what is answered. Changes the thread. */
export function respond(caller: Caller, asked: Ask, deps: CounterDeps, now: number): Turn {
  const { thread } = caller
  if (asked.kind === 'unclear') {
    thread.misses += 1
    // Never a third time the same: whoever was not understood twice is offered a person, in one question.
    return thread.misses > 2 && !formUnderWay(caller, now)
      ? said(begin(caller, 'person', deps, now))
      : said(unclear(caller, asked.about))
  }
  thread.misses = 0
  switch (asked.kind) {
    case 'help':
      return said(helpText(caller))
    case 'hello':
      return said(hello(caller, deps, has(thread, 'linked') ? null : linkCode(caller, deps, now)))
    case 'thanks':
      return said(thanks())
    case 'goodbye':
      return said(goodbye())
    case 'person':
      setForm(thread, null)
      // The thread is handed over once this sentence has gone out (see pipeline/handover.ts).
      setFlag(thread, 'calling', true)
      return said(personComing())
    case 'stop': {
      setForm(thread, null)
      const already = has(thread, 'stopped')
      setFlag(thread, 'stopped', true)
      return said(stopped(already))
    }
    case 'resume':
      setFlag(thread, 'stopped', false)
      return said(resumed())
    case 'language':
      speak(thread, asked.tag, true)
      return said(words([{ key: 'language.set' }]))
    case 'permissions':
      return said(permissionsPage())
    case 'link':
      return said(linkOffer(linkCode(caller, deps, now)))
    case 'withdraw':
      return has(thread, 'linked')
        ? said(begin(caller, 'withdraw', deps, now, asked.everything ? { what: 'everything' } : {}))
        : lookedUp(() => unlinked(caller, deps, 'asked'))
    case 'find':
      return has(thread, 'linked')
        ? said(begin(caller, 'find', deps, now))
        : said(notLinked(linkCode(caller, deps, now)))
    case 'unlink':
      setForm(thread, null)
      return lookedUp(() => unlinked(caller, deps, 'asked'))
    case 'hide':
      setForm(thread, null)
      return lookedUp(() => hidden(caller, deps))
    case 'once': {
      const last = askSchema.safeParse(lastAsked(thread, now))
      return last.success && isMoneyAsk(last.data)
        ? moneyTurn(caller, last.data, deps, now, true)
        : said(askAgain(caller))
    }
    case 'yes':
    case 'no':
      return said(tell('nothing-asked', null))
    case 'form':
      return progressed(caller, tapped(caller, asked.handle, asked.value, now), deps, now)
    case 'told':
      // "Since payday": the date that comes next belongs to a question about spending.
      if (asked.about === 'payday')
        setLast(
          thread,
          { kind: 'spending', period: usualPeriod(now, deps.homeOf(caller.address.account).timeZone) },
          now,
        )
      return lookedUp(async () => [tell(asked.about, await bankOf(caller, deps))])
    case 'topic':
      return lookedUp(async () => [topicAnswer(asked.topic, await bankOf(caller, deps), deps)])
    case 'again': {
      const again = askSchema.safeParse(recall(thread, asked.handle, now))
      if (!again.success || again.data.kind === 'again')
        return said(has(thread, 'linked') ? askAgain(caller) : notLinked(linkCode(caller, deps, now)))
      if (!isMoneyAsk(again.data)) return respond(caller, again.data, deps, now)
      if (asked.once) forget(thread, asked.handle)
      return moneyTurn(caller, again.data, deps, now, asked.once)
    }
    default:
      return moneyTurn(caller, asked, deps, now, false)
  }
}

/** A step of a form: its next question, or what it was for. A button of another time says so. */
export function progressed(caller: Caller, progress: Progress | null, deps: CounterDeps, now: number): Turn {
  if (progress === null) return said(askAgain(caller))
  return 'say' in progress ? said(progress.say) : respond(caller, progress.ask, deps, now)
}

function moneyTurn(caller: Caller, asked: MoneyAsk, deps: CounterDeps, now: number, once: boolean): Turn {
  const { thread } = caller
  const frozen = has(thread, 'frozen')
  // Where what was linked has ended, openFor says why; but not to whoever may hold a chat that changed hands.
  if (!has(thread, 'linked') && (frozen || !has(thread, 'ended')))
    return said(notLinked(linkCode(caller, deps, now)))
  if (frozen) {
    return said(words([{ key: 'identity.frozen' }], [{ title: 'button.sign-in', link: 'permissions' }]))
  }
  setLast(thread, asked, now)
  // The button "show it here, this once" carries a handle; the question stays with us.
  const handle = deps.newHandle()
  if (!once) remember(thread, handle, asked, now)
  return lookedUp(() => answerMoney(asked, caller, deps, now, once ? true : `once:${handle}`))
}

/** The code to compare, kept while a Log-in button with it may still be on the screen. */
function linkCode({ thread }: Caller, deps: CounterDeps, now: number): string {
  const held = thread.context.linkCode
  const code = held && now - held.at < linkCodeMs ? held.code : deps.newChatCode()
  thread.context = { ...thread.context, linkCode: { code, at: now } }
  return code
}
const linkCodeMs = 30 * minuteMs

export function answerMoney(
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

export async function unlinked(caller: Caller, deps: CounterDeps, why: 'asked' | 'unlinked'): Promise<Say[]> {
  const done = await deps.acts.withdrawAll(caller, why)
  changeFlag(caller, 'linked', false)
  if (why === 'asked') await deps.acts.unlinkAtPlatform(caller)
  if (done.length === 0) return [words([{ key: 'grant.none' }], [{ title: 'button.link', payload: 'LINK' }])]
  return done.map((each) =>
    words(
      [
        { key: 'link.undone' },
        ...(each.cancelled > 0
          ? [{ key: 'grant.cancelled', params: { count: { type: 'count', count: each.cancelled } } } as const]
          : []),
        each.keyReturnedAt === null
          ? { key: 'grant.key-pending' }
          : {
              key: 'grant.key-returned',
              params: { at: { type: 'date', at: each.keyReturnedAt, withTime: true } },
            },
      ],
      [{ title: 'button.link-again', payload: 'LINK' }],
      each.institution,
    ),
  )
}

async function hidden(caller: Caller, deps: CounterDeps): Promise<Say[]> {
  await deps.acts.hideFigures(caller)
  return [words([{ key: 'hide.done' }], [{ title: 'button.permissions', link: 'permissions' }])]
}

export function changeFlag(caller: Caller, flag: Parameters<typeof setFlag>[1], on: boolean): void {
  if (has(caller.thread, flag) === on) return
  setFlag(caller.thread, flag, on)
  caller.touched = true
}
