import {
  forget,
  has,
  lastAsked,
  recall,
  remember,
  setFlag,
  setForm,
  setLast,
  setTold,
  speak,
  toldBefore,
} from '../conversation/thread.ts'
import { ask as askSchema, isMoneyAsk, toldNames, type Ask, type ToldName } from './ask.ts'
import type { Caller, CounterDeps, Say } from './caller.ts'
import { linkCode, lookedUp, moneyTurn, said, type Turn } from './money-turn.ts'
import { begin, formUnderWay, tapped, type Progress } from './form.ts'
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
import { bankOf, letGo, offeredBy, tell, toldAgain } from './told.ts'
import { topicAnswer } from './topic.ts'
import { bankKeeps, seenBy } from './why-kept.ts'

/** What is asked → what is answered. Changes the thread. */
export function respond(caller: Caller, asked: Ask, deps: CounterDeps, now: number): Turn {
  const { thread } = caller
  const before = toldBefore(thread, now)
  if (!keepsTold.has(asked.kind)) setTold(thread, null, now)
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
      return asked.again ? repeated(caller, before, deps, now) : said(words([{ key: 'language.set' }]))
    case 'permissions':
      return said(permissionsPage())
    case 'link':
      return said(linkOffer(linkCode(caller, deps, now)))
    case 'withdraw':
      return has(thread, 'linked')
        ? said(
            begin(
              caller,
              'withdraw',
              deps,
              now,
              asked.everything ? { what: 'everything' } : asked.one ? { one: 'yes' } : {},
            ),
          )
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
      setTold(thread, 'hide', now)
      return lookedUp(() => hidden(caller, deps, asked.one === true))
    case 'once': {
      const last = askSchema.safeParse(lastAsked(thread, now))
      return last.success && isMoneyAsk(last.data)
        ? moneyTurn(caller, last.data, deps, now, true)
        : said(askAgain(caller))
    }
    case 'yes': {
      const offered = offeredBy(before)
      if (offered) return respond(caller, offered, deps, now)
      return has(thread, 'linked')
        ? said(tell('nothing-asked', null))
        : said(linkOffer(linkCode(caller, deps, now)))
    }
    case 'no':
      if (!has(thread, 'linked') && before === null) return said(tell('not-linking', null))
      return said(tell(letGo(before) ? 'nothing-done' : 'nothing-asked', null))
    case 'form': {
      const progress = tapped(caller, asked.handle, asked.value, now)
      const anew = progress === null ? beganAnew[asked.value] : undefined
      return anew ? respond(caller, anew, deps, now) : progressed(caller, progress, deps, now)
    }
    case 'told':
      // "Since payday": the date that comes next belongs to a question about spending.
      if (asked.about === 'payday')
        setLast(
          thread,
          { kind: 'spending', period: usualPeriod(now, deps.homeOf(caller.address.account).timeZone) },
          now,
        )
      return told(caller, toldAgain(asked.about, before), deps, now)
    case 'topic':
      return lookedUp(async () => [topicAnswer(asked.topic, await bankOf(caller, deps), deps)])
    case 'again': {
      const used = asked.once ? askSchema.safeParse(recall(thread, usedUp(asked.handle), now)) : null
      // Shown once, and tapped once more: kept back like any answer, with a fresh button.
      if (used?.success && isMoneyAsk(used.data)) return moneyTurn(caller, used.data, deps, now, false)
      const again = askSchema.safeParse(recall(thread, asked.handle, now))
      if (!again.success || again.data.kind === 'again')
        return said(has(thread, 'linked') ? askAgain(caller) : notLinked(linkCode(caller, deps, now)))
      if (!isMoneyAsk(again.data)) return respond(caller, again.data, deps, now)
      if (asked.once) {
        forget(thread, asked.handle)
        remember(thread, usedUp(asked.handle), again.data, now)
      }
      return moneyTurn(caller, again.data, deps, now, asked.once)
    }
    default:
      return moneyTurn(caller, asked, deps, now, false)
  }
}

const usedUp = (handle: string): string => `used:${handle}`

/** After these, "yes" and "what do I do" still speak of what was told. */
const keepsTold: ReadonlySet<Ask['kind']> = new Set(['told', 'unclear', 'form', 'language', 'thanks', 'link'])

/** Buttons of a form that was let go: what only asks, or only shows less, needs no form under way. */
const beganAnew: Readonly<Record<string, Ask>> = {
  everything: { kind: 'withdraw', everything: true },
  figures: { kind: 'hide' },
}

/** What is told in words alone; where it says how to see figures, with the button that shows the last answer. */
function told(caller: Caller, about: ToldName, deps: CounterDeps, now: number): Turn {
  const { thread } = caller
  setTold(thread, about, now)
  const last = about === 'showing' ? askSchema.safeParse(lastAsked(thread, now)) : null
  const asked = last?.success && isMoneyAsk(last.data) ? last.data : null
  const handle = asked ? deps.newHandle() : null
  if (handle !== null) remember(thread, handle, asked, now)
  return lookedUp(async () => {
    const kept = await bankKeeps(asked, caller, deps, now)
    if (kept) return [kept]
    const here = about === 'seen' ? await seenBy(caller, deps, now) : about
    const one = tell(here, await bankOf(caller, deps))
    if (handle === null) return [one]
    const choices = [
      ...(one.answer.choices ?? []),
      { title: 'button.show-once', payload: `once:${handle}` } as const,
    ]
    return [{ ...one, answer: { ...one.answer, choices } }]
  })
}

/** The last answer again, in the language just chosen. */
function repeated(caller: Caller, before: string | null, deps: CounterDeps, now: number): Turn {
  const about = toldNames.find((name) => name === before)
  if (about) return told(caller, about, deps, now)
  const last = askSchema.safeParse(lastAsked(caller.thread, now))
  return last.success && isMoneyAsk(last.data)
    ? moneyTurn(caller, last.data, deps, now, false)
    : said(words([{ key: 'language.set' }]))
}

/** A step of a form: its next question, or what it was for. A button of another time says so. */
export function progressed(caller: Caller, progress: Progress | null, deps: CounterDeps, now: number): Turn {
  if (progress === null) return said(askAgain(caller))
  return 'say' in progress ? said(progress.say) : respond(caller, progress.ask, deps, now)
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

async function hidden(caller: Caller, deps: CounterDeps, one: boolean): Promise<Say[]> {
  const lowered = await deps.acts.hideFigures(caller)
  // Nothing was left to lower: said so, and how to see figures again.
  const key = lowered === 0 ? 'hide.already' : 'hide.done'
  return [
    words(
      [{ key }, ...(one && lowered > 0 ? [{ key: 'hide.one' } as const] : [])],
      [{ title: 'button.permissions', link: 'permissions' }],
    ),
  ]
}

export function changeFlag(caller: Caller, flag: Parameters<typeof setFlag>[1], on: boolean): void {
  if (has(caller.thread, flag) === on) return
  setFlag(caller.thread, flag, on)
  caller.touched = true
}
