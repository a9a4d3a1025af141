import type { Inbound } from '../channel/channel.ts'
import { minuteMs } from '../core/clock.ts'
import { has, mustSayBot, sameThread, setFlag, setHanded, speak } from '../conversation/thread.ts'
import type { Caller, CounterDeps, Say } from './caller.ts'
import type { Line } from '../disclosure/answer.ts'
import { isUrgent } from './danger.ts'
import { formUnderWay, plainly, putAgain } from './form.ts'
import { hear } from './hear.ts'
import { nothing, said, type Turn } from './money-turn.ts'
import { changeFlag, respond, unlinked } from './respond.ts'
import { tagOf } from '../core/words.ts'
import { fixedWords } from './rights.ts'
import { hello, saysHello, words } from './talk.ts'
import { askOf } from './understand.ts'

export { answerMoney, type Turn } from './money-turn.ts'

/** A person's turn at the counter. Changes the thread (and marks it touched); everything else is in what it returns. */
export function turn(caller: Caller, inbound: Inbound, deps: CounterDeps, now: number): Turn {
  const { thread } = caller
  if (inbound.standby) {
    // Another app owns this thread: nothing is said, and nothing is shown here until the customer signs in again. The
    // platform's word that it was taken may be lost or late, so this alone is enough; unless we gave it away ourselves.
    if (!has(thread, 'standby') && !thread.context.handed && has(thread, 'linked'))
      changeFlag(caller, 'frozen', true)
    changeFlag(caller, 'standby', true)
    return nothing
  }
  switch (inbound.kind) {
    case 'linked':
      return { answers: [], later: () => linked(caller, inbound.code, deps) }
    case 'unlinked':
      return has(thread, 'linked')
        ? { answers: [], later: () => unlinked(caller, deps, 'unlinked') }
        : nothing
    case 'handover':
      return handover(caller, inbound, deps, now)
    case 'text':
    case 'choice':
    case 'attachment':
    case 'unsupported':
      break
    default:
      return nothing
  }
  if (has(thread, 'standby')) changeFlag(caller, 'standby', false)
  if (has(thread, 'closed')) changeFlag(caller, 'closed', false)
  // Written to us, and not just before we gave the thread away: it is ours again.
  if (thread.context.handed && inbound.at > thread.context.handed.at + minuteMs) {
    setHanded(thread, null)
    caller.touched = true
  }
  const asked = askOf(inbound)
  if (asked === null) return nothing
  const before = { ...thread }
  // Kept to the minute: most messages of a conversation then change nothing that must be written, and a window that
  // closes a minute early harms nobody.
  if (inbound.at - (thread.lastUserAt ?? 0) >= minuteMs) thread.lastUserAt = inbound.at
  const language = inbound.kind === 'text' ? fixedWords(inbound.text)?.language : null
  if (language) speak(thread, tagOf(language), false)
  // What is written is read first: who speaks here is then said in its language.
  if (asked.kind === 'text') {
    if (!sameThread(before, thread)) caller.touched = true
    return {
      answers: [],
      later: async () => {
        const says = await hear(caller, asked.text, deps, now)
        return withBotNotice(caller, asked.kind, { answers: says, later: null }, deps, now).answers
      },
    }
  }
  const reply =
    isOnlyASign(inbound, asked.kind) && formUnderWay(caller, now)
      ? said(plainly(caller, now))
      : besideForm(caller, () => respond(caller, asked, deps, now), now)
  const whole = withBotNotice(caller, asked.kind, reply, deps, now)
  if (!sameThread(before, thread)) caller.touched = true
  return whole
}

/** A thumbs-up: no thanks and no yes while a question of ours waits. */
const isOnlyASign = (inbound: Inbound, asked: string): boolean =>
  asked === 'thanks' && (inbound.kind !== 'text' || !/\p{L}/u.test(inbound.text))

/** Something else is said while a form waits for an answer: its question is put again after the reply. */
function besideForm(caller: Caller, reply: () => Turn, now: number): Turn {
  const open = formUnderWay(caller, now)
  const { answers, later } = reply()
  if (open === null || formUnderWay(caller, now)?.state !== open.state) return { answers, later }
  const again = putAgain(caller, now)
  if (again === null) return { answers, later }
  return later
    ? { answers, later: async () => [...(await later()), again] }
    : { answers: [...answers, again], later }
}

/** Says (again) that this is a bot where that is due, before anything else. */
function withBotNotice(caller: Caller, asked: string, reply: Turn, deps: CounterDeps, now: number): Turn {
  const { thread } = caller
  if (!mustSayBot(thread, now)) return reply
  const first = thread.botSaidAt === null
  thread.botSaidAt = now
  // "Hi, who is this": the greeting that was asked for says it.
  if (asked === 'hello' || reply.answers.some(({ answer }) => saysHello(answer.lines[0]?.key))) return reply
  const [earliest, ...rest] = reply.answers
  if (first && earliest && isUrgent(earliest.answer.lines[0]?.key))
    return { ...reply, answers: [signed(earliest), ...rest] }
  if (first) return { ...reply, answers: [hello(caller, deps, null), ...reply.answers] }
  const served = deps.servedOn(caller.address.account)
  const only = served.length === 1 ? (served[0] ?? null) : null
  return {
    ...reply,
    answers: [
      words([{ key: only === null ? 'bot.reminder-any-bank' : 'bot.reminder' }], [], only),
      ...reply.answers,
    ],
  }
}

/** What cannot wait goes before any greeting: who speaks is then said behind it. */
function signed(one: Say): Say {
  const who: Line = { key: one.answer.institution === null ? 'bot.who-any-bank' : 'bot.who' }
  return { ...one, answer: { ...one.answer, lines: [...one.answer.lines, who] } }
}

async function linked(caller: Caller, code: string, deps: CounterDeps): Promise<Say[]> {
  const outcome = await deps.acts.completeLinking(caller, code)
  if ('refused' in outcome)
    return [words([{ key: 'link.elsewhere' }], [{ title: 'button.link', payload: 'LINK' }])]
  changeFlag(caller, 'linked', true)
  changeFlag(caller, 'ended', false)
  changeFlag(caller, 'frozen', false)
  return [
    words(
      [
        {
          key: 'link.done',
          params: {
            count: { type: 'count', count: outcome.things },
            until: { type: 'date', at: outcome.until, withTime: false },
          },
        },
      ],
      [
        { title: 'button.balance', payload: 'BALANCE' },
        { title: 'button.payments', payload: 'TRANSACTIONS' },
        { title: 'button.permissions', link: 'permissions' },
      ],
      outcome.institution,
    ),
  ]
}

/**
 * The thread changed hands. Whoever else had it may have been shown to be somebody: until step-up only nudges. Only the
 * bank's people, when the customer called them, are no strangers.
 */
function handover(
  caller: Caller,
  { change, owner, ours }: Extract<Inbound, { kind: 'handover' }>,
  deps: CounterDeps,
  now: number,
): Turn {
  if (change === 'requested' || change === 'roles') return nothing
  const { thread } = caller
  const { handed } = thread.context
  caller.touched = true
  if (change === 'passed' && ours === true) {
    setFlag(thread, 'standby', false)
    setHanded(thread, null)
    // A person or another app spoke here: what follows is a bot again, and says so.
    thread.botSaidAt = null
    return nothing
  }
  const called = has(thread, 'calling') || handed !== undefined
  const toPeople =
    owner === null ? handed !== undefined : called && owner === deps.peopleOf(caller.address.account)
  setFlag(thread, 'standby', true)
  setFlag(thread, 'calling', false)
  if (toPeople) setHanded(thread, handed?.at ?? now)
  else {
    setHanded(thread, null)
    if (has(thread, 'linked')) setFlag(thread, 'frozen', true)
  }
  return nothing
}

/** What to say when something of ours failed while answering: that it did, and what to do. */
export const trouble = (): Say[] => [
  words([{ key: 'trouble.ours' }], [{ title: 'button.agent', payload: 'PERSON' }]),
]
