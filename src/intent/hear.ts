import {
  askedEarlier,
  has,
  languageOf,
  lastAsked,
  remember,
  shownLast,
  speak,
  speakOf,
  toldBefore,
} from '../conversation/thread.ts'
import { tagOf } from '../core/words.ts'
import { languages, type Clause, type Language, type Reading } from '../nlu/reading.ts'
import type { Choice } from '../disclosure/answer.ts'
import { ask as askSchema, isMoneyAsk, type Ask, type MoneyAsk } from './ask.ts'
import type { Caller, CounterDeps, Say } from './caller.ts'
import { bars, isMoneyRead } from './evident.ts'
import { toldBeforeAll } from './crisis.ts'
import { asksWhatNow, dangerIn, ofThatCard, saysOtherCode, saysWhichCard, stepsFor } from './danger.ts'
import { asksWhatThen } from './asked-about.ts'
import { formUnderWay, putAgain, worded } from './form.ts'
import type { AskContext } from './when.ts'
import { linkCodeMs, type Turn } from './money-turn.ts'
import { progressed, respond } from './respond.ts'
import { words } from './talk.ts'
import { isPutBack } from './showing.ts'
import { offerChoice } from './topic.ts'
import { named, payeeIn } from './whom.ts'
import { onPutBack } from './why-kept.ts'
import { askFor, wishOf, type Offer, type Wish } from './wish.ts'

/**
 * Text that is none of the fixed words: read by the model, off this thread, and answered clause by clause. What is said
 * of a clause that is not understood, and of a form under way, comes last.
 */
export async function hear(
  caller: Caller,
  written: string,
  deps: CounterDeps,
  now: number,
): Promise<readonly Say[]> {
  const { thread } = caller
  const { text, whom } = named(written, thread, now)
  const home = deps.homeOf(caller.address.account)
  const spoken = languageOf(thread)?.slice(0, 2)
  const context: AskContext = { now, timeZone: home.timeZone }
  const reading = await deps.read(text, {
    ...context,
    language: languages.find((one) => one === spoken) ?? home.language,
    currency: home.currency,
  })
  if (reading.languageSure) speak(thread, tagOf(reading.language), false)
  caller.touched = true

  const whole = reading.clauses.length === 1 ? (reading.clauses[0] ?? null) : null
  const urgent = urgencyOf(text)
  // "No reconozco ese pago" is no "no" to a question of ours.
  const progress = urgent === null ? worded(caller, text, whole, context) : null
  if (progress) return inFull(progressed(caller, progress, deps, now))
  if (whom && whole && urgent === null && has(thread, 'linked'))
    return inFull(respond(caller, { kind: 'told', about: 'whom' }, deps, now))
  const asideFrom = formUnderWay(caller, now)?.state.handle

  const shown = shownBefore(caller, now)
  const says: Say[] = []
  let missed: Clause | null = null
  for (const clause of answeredOf(reading, text, urgent)) {
    const wish =
      onWhatWasTold(caller, clause, now) ??
      (await onPutBack(caller, clause.text, moneyIn(lastAsked(thread, now)), deps, now)) ??
      (await wishFor(
        clause,
        reading.language,
        moneyIn(lastAsked(thread, now)),
        { ...context, earlier: moneyIn(askedEarlier(thread, now)), ...shown },
        deps,
      ))
    if (wish.band === 'act') {
      const payee = payeeIn(wish.ask, clause)
      if (payee !== null) speakOf(thread, payee, now)
      const answer = await inFull(respond(caller, wish.ask, deps, now))
      says.push(
        ...(isSmallTalk(wish.ask) ? await inTheirWords(answer, clause, reading.language, deps) : answer),
      )
      // "Hide the numbers and tell me my balance": figures are out by now, and the rest is answered without them.
      const rest = wish.ask.kind === 'hide' ? askedBeside(clause, context) : null
      if (rest) says.push(...(await inFull(respond(caller, rest, deps, now))))
    } else if (wish.band === 'offer') {
      deps.unclear(clause, reading.language, 'offered')
      says.push(offer(caller, wish.offers, deps, now))
    } else {
      deps.unclear(clause, reading.language, 'missed')
      missed ??= clause
    }
  }
  if (missed !== null)
    says.push(
      ...(says.length === 0
        ? await inFull(respond(caller, { kind: 'unclear', about: 'text' }, deps, now))
        : [words([{ key: 'unclear.part', params: { part: { type: 'asked', text: missed.text } } }])]),
    )
  // The same form is still open: something else was said in between.
  if (urgent !== 'crisis' && asideFrom !== undefined && formUnderWay(caller, now)?.state.handle === asideFrom)
    says.push(...[putAgain(caller, now) ?? []].flat())
  return says
}

/** What goes before everything else that a message says. */
type Urgency = 'crisis' | 'danger' | 'told-first'

function urgencyOf(text: string): Urgency | null {
  const first = toldBeforeAll(text)
  if (first === 'distress') return 'crisis'
  if (dangerIn(text) !== null) return 'danger'
  return first === null ? null : 'told-first'
}

/** The clauses that are answered. Where a life may be in danger, nothing else that was said with it is. */
function answeredOf(reading: Reading, text: string, urgent: Urgency | null): readonly Clause[] {
  if (urgent === 'crisis')
    return clausesIn(reading)
      .slice(0, 1)
      .map((clause) => ({ ...clause, text }))
  return urgent === 'danger' ? inOne(reading, text) : sharingPeriod(clausesIn(reading))
}

/** A danger is read in one piece, for who called and what they wanted may be in two sentences; else clause by clause. */
function inOne(reading: Reading, text: string): readonly Clause[] {
  const clauses = clausesIn(reading)
  const [first] = clauses
  return first && clauses.every((clause) => dangerIn(clause.text) === null) ? [{ ...first, text }] : clauses
}

function askedBeside(clause: Clause, context: AskContext): Ask | null {
  const [best] = clause.guesses
  return best &&
    best.p >= bars.read &&
    isMoneyRead(best.name) &&
    /\b(?:and|then|y|et|pis|puis)\b/i.test(clause.text)
    ? askFor(best.name, clause, context)
    : null
}

/**
 * "OK, what do I do?" and "the credit one" after a danger; "put them back" after figures were hidden; a code that is not
 * the same while an account is being linked.
 */
function onWhatWasTold({ thread }: Caller, { text }: Clause, now: number): Wish | null {
  const told = toldBefore(thread, now)
  const steps = asksWhatNow(text) ? stepsFor(told) : saysWhichCard(text) ? ofThatCard(told) : null
  if (steps) return { band: 'act', ask: { kind: 'told', about: steps } }
  if (told === 'hide' && isPutBack(text)) return { band: 'act', ask: { kind: 'told', about: 'showing' } }
  if (told === 'erase' && asksWhatThen(text))
    return { band: 'act', ask: { kind: 'told', about: 'erase-what' } }
  const { linkCode } = thread.context
  return linkCode && now - linkCode.at < linkCodeMs && saysOtherCode(text)
    ? { band: 'act', ask: { kind: 'told', about: 'other-code' } }
    : null
}

const isSmallTalk = (asked: Ask): boolean => asked.kind === 'told' && chatted.has(asked.about)
const chatted: ReadonlySet<string> = new Set(['smalltalk', 'joke', 'kind', 'birthday'])

/** Small talk in the words of the bank's own model, where there is one that may; its buttons stay ours. */
async function inTheirWords(
  says: readonly Say[],
  clause: Clause,
  language: Language,
  deps: CounterDeps,
): Promise<readonly Say[]> {
  const text = await deps.smallTalk(clause, language)
  if (text === null) return says
  const line = {
    key: 'own.answer',
    params: { text: { type: 'own', texts: { [tagOf(language)]: text } } },
  } as const
  return says.map((one) => ({ ...one, answer: { ...one.answer, lines: [line] } }))
}

/** What our own model makes of it; where that is little, what the bank's own model makes of it, if there is one. */
async function wishFor(
  clause: Clause,
  language: Language,
  last: MoneyAsk | null,
  context: AskContext,
  deps: CounterDeps,
): Promise<Wish> {
  const wish = wishOf(clause, last, context)
  if (wish.band === 'act') return wish
  const guess = await deps.second(clause, language)
  return guess ? wishOf({ ...clause, guesses: [guess], outOfScope: 0 }, last, context) : wish
}

/** A small word at the beginning ("thanks", "hi") beside a real question is politeness, not a second question. */
function clausesIn({ clauses }: Reading): readonly Clause[] {
  const polite = ({ guesses: [best] }: Clause): boolean =>
    best !== undefined && best.p >= 0.6 && (best.name === 'hello' || best.name === 'thanks')
  const rest = clauses.filter((clause) => !polite(clause))
  return rest.length > 0 ? rest : clauses.slice(0, 1)
}

/** "how much on groceries and how much on restaurants last month": the time that one names is the time of both. */
function sharingPeriod(clauses: readonly Clause[]): readonly Clause[] {
  const periods = clauses.findLast(({ slots }) => slots.periods.length > 0)?.slots.periods
  const [first] = clauses
  if (!periods || !first || clauses.length < 2 || first.slots.periods.length > 0) return clauses
  const [best] = first.guesses
  if (best?.name !== 'spending' || !clauses.slice(1).some(({ guesses }) => guesses[0]?.name === 'spending'))
    return clauses
  return clauses.map((clause) =>
    clause === first ? { ...clause, slots: { ...clause.slots, periods } } : clause,
  )
}

function moneyIn(remembered: unknown): MoneyAsk | null {
  const asked = askSchema.safeParse(remembered)
  return asked.success && isMoneyAsk(asked.data) ? asked.data : null
}

/** What the answers to the message before this one showed besides the last of them. */
function shownBefore({ thread }: Caller, now: number): Pick<AskContext, 'list' | 'shop'> {
  const { beside, shop } = shownLast(thread, now)
  const list = moneyIn(beside)
  return { ...(list?.kind === 'transactions' ? { list } : {}), ...(shop === null ? {} : { shop }) }
}

/** "Did you mean": each button asks exactly what was understood, with everything that was found in the sentence. */
function offer(caller: Caller, offers: readonly Offer[], deps: CounterDeps, now: number): Say {
  const { thread } = caller
  thread.misses += 1
  const choices: Choice[] = offers.map(({ name, ask }) => {
    const handle = deps.newHandle()
    remember(thread, handle, ask, now)
    return offerChoice(name, `ask:${handle}`, deps)
  })
  return words(
    [{ key: thread.misses > 1 ? 'unclear.again' : 'unclear.choices' }],
    [...choices, { title: 'button.agent', payload: 'PERSON' }],
  )
}

async function inFull({ answers, later }: Turn): Promise<readonly Say[]> {
  return later ? [...answers, ...(await later())] : answers
}
