import type { Inbound } from '../channel/channel.ts'
import { minuteMs } from '../core/clock.ts'
import {
  forget,
  has,
  mustSayBot,
  recall,
  remember,
  sameThread,
  setFlag,
  setHanded,
} from '../conversation/thread.ts'
import { ask as askSchema, isMoneyAsk, type Ask, type MoneyAsk } from './ask.ts'
import { answerBalance } from './balance.ts'
import type { Caller, CounterDeps, Say } from './caller.ts'
import {
  goodbye,
  askAgain,
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
import { answerSpending } from './spending.ts'
import { answerTransactions } from './transactions.ts'
import { askOf } from './understand.ts'

/** What one event leads to: words at once, and work that must look something up first. */
export type Turn = {
  readonly answers: readonly Say[]
  readonly later: (() => Promise<readonly Say[]>) | null
}
const nothing: Turn = { answers: [], later: null }
const now_ = (...answers: readonly Say[]): Turn => ({ answers, later: null })

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
  const zone = zoneOf(caller, deps)
  const asked = askOf(inbound, now, zone)
  if (asked === null) return nothing
  const before = { ...thread }
  // Kept to the minute: most messages of a conversation then change nothing that must be written, and a window that
  // closes a minute early harms nobody.
  if (inbound.at - (thread.lastUserAt ?? 0) >= minuteMs) thread.lastUserAt = inbound.at
  const reply = withBotNotice(caller, asked, answer(caller, asked, deps, now), deps, now)
  if (!sameThread(before, thread)) caller.touched = true
  return reply
}

/** Says (again) that this is a bot where that is due, before anything else. */
function withBotNotice(caller: Caller, asked: Ask, reply: Turn, deps: CounterDeps, now: number): Turn {
  const { thread } = caller
  if (!mustSayBot(thread, now)) return reply
  const first = thread.botSaidAt === null
  thread.botSaidAt = now
  if (asked.kind === 'hello') return reply
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

function answer(caller: Caller, asked: Ask, deps: CounterDeps, now: number): Turn {
  const { thread } = caller
  if (asked.kind === 'unclear') {
    thread.misses += 1
    return now_(unclear(caller, asked.about))
  }
  thread.misses = 0
  switch (asked.kind) {
    case 'help':
      return now_(helpText(caller))
    case 'hello':
      return now_(hello(caller, deps, has(thread, 'linked') ? null : linkCode(caller, deps, now)))
    case 'thanks':
      return now_(thanks())
    case 'goodbye':
      return now_(goodbye())
    case 'person':
      // The thread is handed over once this sentence has gone out (see pipeline/handover.ts).
      setFlag(thread, 'calling', true)
      return now_(personComing())
    case 'stop': {
      const already = has(thread, 'stopped')
      setFlag(thread, 'stopped', true)
      return now_(stopped(already))
    }
    case 'resume':
      setFlag(thread, 'stopped', false)
      return now_(resumed())
    case 'permissions':
      return now_(permissionsPage())
    case 'link':
      return now_(linkOffer(linkCode(caller, deps, now)))
    case 'unlink':
      return { answers: [], later: () => unlinked(caller, deps, 'asked') }
    case 'hide':
      return { answers: [], later: () => hidden(caller, deps) }
    case 'again': {
      const again = askSchema.safeParse(recall(thread, asked.handle, now))
      if (!again.success || !isMoneyAsk(again.data))
        return now_(has(thread, 'linked') ? askAgain(caller) : notLinked(linkCode(caller, deps, now)))
      if (asked.once) forget(thread, asked.handle)
      return moneyTurn(caller, again.data, deps, now, asked.once)
    }
    default:
      return moneyTurn(caller, asked, deps, now, false)
  }
}

function moneyTurn(caller: Caller, asked: MoneyAsk, deps: CounterDeps, now: number, once: boolean): Turn {
  const { thread } = caller
  const frozen = has(thread, 'frozen')
  // Where what was linked has ended, openFor says why; but not to whoever may hold a chat that changed hands.
  if (!has(thread, 'linked') && (frozen || !has(thread, 'ended')))
    return now_(notLinked(linkCode(caller, deps, now)))
  if (frozen) {
    return now_(words([{ key: 'identity.frozen' }], [{ title: 'button.sign-in', link: 'permissions' }]))
  }
  // The button "show it here, this once" carries a handle; the question stays with us.
  const handle = deps.newHandle()
  if (!once) remember(thread, handle, asked, now)
  return { answers: [], later: () => answerMoney(asked, caller, deps, now, once ? true : `once:${handle}`) }
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
  }
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

async function unlinked(caller: Caller, deps: CounterDeps, why: 'asked' | 'unlinked'): Promise<Say[]> {
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

function changeFlag(caller: Caller, flag: Parameters<typeof setFlag>[1], on: boolean): void {
  if (has(caller.thread, flag) === on) return
  setFlag(caller.thread, flag, on)
  caller.touched = true
}

/** The zone in which "last week" is meant: that of the first institution served here. */
function zoneOf(caller: Caller, deps: CounterDeps): string {
  const first = deps.servedOn(caller.address.account)[0]
  return (first === undefined ? undefined : deps.counters.get(first)?.timeZone) ?? 'UTC'
}

/** What to say when something of ours failed while answering: that it did, and what to do. */
export const trouble = (): Say[] => [
  words([{ key: 'trouble.ours' }], [{ title: 'button.agent', payload: 'PERSON' }]),
]
