import { people } from '../../sandbox/people/people.ts'
import { buttonsOf, quickRepliesOf } from '../../sandbox/platform/person.ts'
import type { ChatMessage } from '../../sandbox/platform/phone/wire.ts'
import { ask as askSchema, isMoneyAsk, type MoneyAsk } from '../../src/intent/ask.ts'
import type { TestHouse } from '../house.ts'
import { openPerson, type PersonHandle, replyOf, type Reply } from '../person.ts'
import { type Outcome, saidIn, shows } from './marks.ts'
import type { Act, Script, ScriptTurn, Understood } from './script.ts'
import { titlesOf } from './sentences.ts'

export type Played = {
  readonly script: Script
  readonly reached: boolean
  /** What the customer wrote or tapped, rephrasings included. */
  readonly acts: number
  /** Where it failed, in words for whoever mends it; null when the goal was reached. */
  readonly failure: string | null
}

/** A customer in the middle of a conversation. */
type Playing = {
  readonly script: Script
  readonly person: PersonHandle
  at: number
  next: Act
  elses: number
  helped: number
  acts: number
  seen: ReadonlySet<string>
  since: number
  tapped: string | null
  failure: string | null
  done: boolean
}

/** At most so many people link at once: each goes through a dozen pages. */
const linkingAtOnce = 6
/** And so many speak at once: a busy machine must be done with them within the house's deadline. */
const speakingAtOnce = 24

/**
 * Plays conversations in one house, each with a new customer in a chat of their own. They speak in turn: everybody's
 * next turn goes out, then all answers are waited for together.
 */
export async function playAll(house: TestHouse, scripts: readonly Script[]): Promise<Played[]> {
  const playing: Playing[] = []
  for (let i = 0; i < scripts.length; i += linkingAtOnce)
    playing.push(...(await Promise.all(scripts.slice(i, i + linkingAtOnce).map((one) => enter(house, one)))))
  for (;;) {
    const speaking = playing.filter(({ done }) => !done)
    if (speaking.length === 0) break
    for (let i = 0; i < speaking.length; i += speakingAtOnce) {
      const some = speaking.slice(i, i + speakingAtOnce)
      for (const one of some) await speakUp(house, one)
      await house.settle()
      for (const one of some) listen(house, one, await outcomeOf(house, one))
    }
  }
  return playing.map(({ script, acts, failure }) => ({ script, acts, failure, reached: failure === null }))
}

async function enter(house: TestHouse, script: Script): Promise<Playing> {
  const { psid } = house.platform.newPerson({ locale: script.locale.replace('-', '_') })
  const person = openPerson(house, psid)
  if (script.grant !== 'none') {
    const login = people
      .find(({ key }) => key === script.who)
      ?.logins.find(({ bank }) => bank === script.bank)
    if (!login) throw new Error(`${script.id}: ${script.who} has no login at ${script.bank}`)
    const { grant } = script
    await person.link({
      bank: script.bank,
      login,
      choices: { balance: grant, transactions: grant, insights: grant },
    })
  }
  const first = script.turns[0]
  if (!first) throw new Error(`${script.id} has no turns`)
  return {
    script,
    person,
    at: 0,
    next: actOf(first),
    elses: 0,
    helped: 0,
    acts: 0,
    seen: new Set(),
    since: 0,
    tapped: null,
    failure: null,
    done: false,
  }
}

const actOf = (turn: ScriptTurn): Act => ('say' in turn ? { say: turn.say } : { tap: turn.tap })
const turnOf = ({ script, at }: Playing): ScriptTurn => {
  const turn = script.turns[at]
  if (!turn) throw new Error(`${script.id} has no turn ${at}`)
  return turn
}

async function speakUp(house: TestHouse, one: Playing): Promise<void> {
  const { person, next } = one
  const context = (await person.contact())?.thread.context
  one.seen = new Set(context?.questions?.map(({ handle }) => handle))
  one.since = house.clock.now()
  one.acts += 1
  if ('say' in next) {
    one.tapped = null
    house.platform.sendText(person.psid, next.say)
    return
  }
  const title = next.tap
    .split('|')
    .map((name) => titleOn(house, person.psid, name))
    .find((found) => found !== null)
  one.tapped = title ?? null
  if (title) press(house, person.psid, title)
}

const titlesIn = (message: ChatMessage): string[] =>
  [...buttonsOf(message), ...quickRepliesOf(message)].map((button) => String(button['title'] ?? ''))

/** The title on the screen that this names: a key of the catalogue or a pattern; newest message first. */
function titleOn(house: TestHouse, psid: string, name: string): string | null {
  const regex = /^\/(.*)\/([a-z]*)$/.exec(name)
  const fits = (title: string): boolean =>
    regex ? new RegExp(regex[1] ?? '', regex[2]).test(title) : titlesOf(name).includes(title)
  const shown = house.platform
    .transcript(psid)
    .filter(({ from }) => from === 'page')
    .slice(-4)
  return shown.toReversed().flatMap(titlesIn).find(fits) ?? null
}

function press(house: TestHouse, psid: string, title: string): void {
  const newest = house.platform.transcript(psid).findLast((message) => titlesIn(message).includes(title))
  const quick = newest !== undefined && quickRepliesOf(newest).some((one) => one['title'] === title)
  if (quick) house.platform.quickReply(psid, title)
  else house.platform.tap(psid, title)
}

/** What this turn was answered, and what it was taken for. */
async function outcomeOf(house: TestHouse, one: Playing): Promise<Outcome> {
  const { person, script } = one
  const transcript = house.platform.transcript(person.psid)
  const mine = transcript.findLastIndex(({ from }) => from === 'person')
  const replies: Reply[] = transcript
    .slice(mine + 1)
    .filter(({ from, via }) => from === 'page' && via === 'send_api')
    .map(replyOf)
  const context = (await person.contact())?.thread.context as
    | { questions?: readonly Kept[]; last?: Omit<Kept, 'handle'> }
    | undefined
  const kept = [
    ...(context?.questions ?? []).filter(({ handle }) => !one.seen.has(handle)),
    ...(context?.last && context.last.at >= one.since ? [context.last] : []),
  ]
  return {
    replies: one.tapped === null && 'tap' in one.next ? [] : replies,
    said: one.tapped === null && 'tap' in one.next ? [] : saidIn(replies),
    asks: kept.flatMap(({ ask }): MoneyAsk[] => {
      const read = askSchema.safeParse(ask)
      return read.success && isMoneyAsk(read.data) ? [read.data] : []
    }),
    now: house.clock.now(),
    timeZone: homes[script.bank],
    grant: script.grant,
  }
}
type Kept = { readonly handle: string; readonly ask: unknown; readonly at: number }

/** Where the banks are at home: "last week" is meant there. */
const homes = {
  harbor: 'America/New_York',
  granite: 'America/Chicago',
  erable: 'America/Toronto',
  thistle: 'Europe/London',
} as const

function listen(house: TestHouse, one: Playing, outcome: Outcome): void {
  const turn = turnOf(one)
  const missing = turn.expect.filter((mark) => !shows(mark, outcome))
  const wrong = (turn.not ?? []).filter((mark) => shows(mark, outcome))
  if (missing.length === 0 && wrong.length === 0) {
    one.at += 1
    one.elses = 0
    one.helped = 0
    if (one.at === one.script.turns.length) one.done = true
    else one.next = actOf(turnOf(one))
    return
  }
  // What must not happen cannot be mended; anything else the customer tries once more, as people do.
  const other = wrong.length > 0 ? null : (turn.else?.[one.elses++] ?? helpOneself(house, one, turn))
  if (other) {
    one.next = other
    return
  }
  one.done = true
  one.failure = failureOf(one, outcome, missing, wrong)
}

/** A customer who is offered what they meant taps it. */
function helpOneself(house: TestHouse, one: Playing, { expect }: ScriptTurn): Act | null {
  if (one.helped++ > 0) return null
  const wanted = expect.flatMap((mark): Understood[] =>
    typeof mark === 'string'
      ? [...mark.matchAll(/answer:([a-z]+)/g)].map(([, kind]) => ({ answer: kind as Understood['answer'] }))
      : 'any' in mark
        ? mark.any.filter((any) => typeof any !== 'string')
        : [mark],
  )
  const names = wanted.flatMap(({ answer, merchant }) => [
    ...(merchant === undefined ? [] : [`/${merchant.replace(/[^a-z ]/gi, '.')}/i`]),
    `offer.${answer}`,
  ])
  const tap = names.find((name) => titleOn(house, one.person.psid, name) !== null)
  return tap === undefined ? null : { tap }
}

const failureOf = (
  one: Playing,
  { replies, asks, said }: Outcome,
  missing: unknown,
  wrong: unknown,
): string =>
  [
    `${one.script.id} (${one.script.grant}), turn ${one.at + 1}: ${JSON.stringify(one.next)}`,
    `  came back: ${replies.length === 0 ? 'nothing' : replies.map(({ text, buttons }) => JSON.stringify([text, ...buttons])).join(' ')}`,
    `  said: ${[...new Set(said.map(({ key, tag }) => `${key}(${tag.slice(0, 2)})`))].join(' ') || '-'}; understood: ${JSON.stringify(asks)}`,
    `  missing: ${JSON.stringify(missing)}; should not be: ${JSON.stringify(wrong)}`,
  ].join('\n')
