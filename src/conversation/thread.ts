import type { ThreadState } from '../channel/channel.ts'
import { isLanguageTag, type LanguageTag } from '../core/words.ts'

/** What is known of a thread. Written with every batch that touches it; the row is the truth, memory a copy. */
export type Thread = {
  lastUserAt: number | null
  /** When we last said that this is a bot. */
  botSaidAt: number | null
  flags: number
  /** How often in a row the person was not understood. */
  misses: number
  context: Context
}

/** True when nothing differs that would have to be written. */
export const sameThread = (a: Thread, b: Thread): boolean =>
  a.lastUserAt === b.lastUserAt &&
  a.botSaidAt === b.botSaidAt &&
  a.flags === b.flags &&
  a.misses === b.misses &&
  a.context === b.context

export const threadFlags = {
  /** Another app owns the thread: read, never answer. */
  standby: 1,
  /** An identity event happened: nothing above a nudge until the customer signs in again. */
  frozen: 2,
  /** The person blocked us or left. */
  closed: 4,
  /** The person said stop: nothing is sent that was not asked for. */
  stopped: 8,
  /** At least one bank is linked. */
  linked: 16,
  /** A person was asked for and the thread is not handed over yet: it is, once our last sentence is out. */
  calling: 32,
  /** What was linked has ended: a question about money is told why, and how to link again. */
  ended: 64,
} as const
export type ThreadFlag = keyof typeof threadFlags

export const has = (thread: Thread, flag: ThreadFlag): boolean => (thread.flags & threadFlags[flag]) !== 0
export function setFlag(thread: Thread, flag: ThreadFlag, on: boolean): void {
  thread.flags = on ? thread.flags | threadFlags[flag] : thread.flags & ~threadFlags[flag]
}

export const newThread = (): Thread => ({
  lastUserAt: null,
  botSaidAt: null,
  flags: 0,
  misses: 0,
  context: {},
})

/**
 * What the dialogue is about, kept sealed and only for a while: questions that a button may ask again ("show it here,
 * this once"), by a short random handle, so that a payload given to the platform says nothing.
 */
export type Context = {
  /** handle → the question, newest last, at most `contextQuestions`. */
  questions?: readonly { readonly handle: string; readonly ask: unknown; readonly at: number }[]
  /** The short code shown in chat and on the linking page. */
  linkCode?: { readonly code: string; readonly at: number }
  /** We gave the thread to the bank's people at this time, or are just doing so; until it is seen to be back. */
  handed?: { readonly at: number }
  /** The language this chat is spoken in, as heard or as chosen. Unlike the rest it is kept for good. */
  language?: { readonly tag: LanguageTag; readonly chosen: boolean }
  /** The last question about money, which "and last month?" refers to. */
  last?: Asked
  /** The one before it, which "in which of the two?" refers to as well. */
  earlier?: Asked
  /** What was last told in words alone, which "yes" and "what do I do" answer to. */
  told?: { readonly about: string; readonly at: number }
  /** Whom an order to pay named, which "how much have I sent her" refers to. */
  whom?: { readonly name: string; readonly at: number }
  /** Questions of ours under way (see intent/form.ts). */
  form?: OpenForm
}
/** `shop`: whose payment alone was shown for an answer. */
type Asked = { readonly ask: unknown; readonly at: number; readonly shop?: string }
export type OpenForm = {
  readonly name: string
  /** In the payload of its buttons, so that a button of another time does nothing. */
  readonly handle: string
  readonly filled: Readonly<Record<string, string>>
  readonly at: number
  /** How often something else was said meanwhile. */
  readonly asides: number
}
export const contextQuestions = 12
export const contextTtlMs = 3_600_000

/** Remembers a question under a fresh handle; the oldest fall away. */
export function remember(thread: Thread, handle: string, ask: unknown, at: number): void {
  const questions = (thread.context.questions ?? []).filter((q) => at - q.at < contextTtlMs)
  thread.context = {
    ...thread.context,
    questions: [...questions, { handle, ask, at }].slice(-contextQuestions),
  }
}

/** Forgets the question behind a handle: "this once" is once, and the same tap again shows nothing. */
export function forget(thread: Thread, handle: string): void {
  thread.context = {
    ...thread.context,
    questions: (thread.context.questions ?? []).filter((q) => q.handle !== handle),
  }
}

/** The question behind a handle, or null when it is unknown or too old. */
export function recall(thread: Thread, handle: string, at: number): unknown {
  const found = thread.context.questions?.find((q) => q.handle === handle)
  return found && at - found.at < contextTtlMs ? found.ask : null
}

/** How long "and last month?" is understood. */
const lastTtlMs = 900_000

export function setLast(thread: Thread, ask: unknown, at: number): void {
  const { last } = thread.context
  thread.context = { ...thread.context, last: { ask, at }, ...(last ? { earlier: last } : {}) }
}

/** The last question about money, or null when there is none or it is too long ago. */
export function lastAsked(thread: Thread, at: number): unknown {
  const { last } = thread.context
  return last && at - last.at < lastTtlMs ? last.ask : null
}

/** The question about money before the last one, while that is remembered. */
export function askedEarlier(thread: Thread, at: number): unknown {
  const { last, earlier } = thread.context
  return last && earlier && at - earlier.at < lastTtlMs ? earlier.ask : null
}

/** Notes whose payment alone was shown for the last question. */
export function setShop(thread: Thread, shop: string): void {
  const { last } = thread.context
  if (last) thread.context = { ...thread.context, last: { ...last, shop } }
}

/** What the last answer showed besides: the question before it in the same message, and whose payment it was. */
export function shownLast(thread: Thread, at: number): { beside: unknown; shop: string | null } {
  const { last, earlier } = thread.context
  if (!last || at - last.at >= lastTtlMs) return { beside: null, shop: null }
  return { beside: earlier?.at === last.at ? earlier.ask : null, shop: last.shop ?? null }
}

/** Notes what was told in words alone; `about` null: something else was said since. */
export function setTold(thread: Thread, about: string | null, at: number): void {
  if (about === null && thread.context.told === undefined) return
  const { told: _, ...rest } = thread.context
  thread.context = about === null ? rest : { ...rest, told: { about, at } }
}

/** What was told last, or null when something else was said since, or it is too long ago. */
export function toldBefore({ context: { told } }: Thread, at: number): string | null {
  return told && at - told.at < lastTtlMs ? told.about : null
}

export function speakOf(thread: Thread, name: string, at: number): void {
  thread.context = { ...thread.context, whom: { name, at } }
}
/** Who was named last beside an order to pay, while it is remembered. */
export function spokenOf({ context: { whom } }: Thread, at: number): Context['whom'] | null {
  return whom && at - whom.at < lastTtlMs ? whom : null
}

export const openForm = (thread: Thread): OpenForm | null => thread.context.form ?? null
export function setForm(thread: Thread, form: OpenForm | null): void {
  const { form: _, ...rest } = thread.context
  thread.context = form === null ? rest : { ...rest, form }
}

/** Notes that the thread is the bank's people's, by our own doing; `at` null: it is not, or no more. */
export function setHanded(thread: Thread, at: number | null): void {
  const { handed: _, ...rest } = thread.context
  thread.context = at === null ? rest : { ...rest, handed: { at } }
}

/**
 * The chat is spoken in this language from now on. What the person chose ("en français, s'il vous plaît") stands until
 * they choose again: a sentence heard in another language changes only what was heard before. True when it changed.
 */
export function speak(thread: Thread, tag: LanguageTag, chosen: boolean): boolean {
  const spoken = thread.context.language
  if (spoken?.chosen && !chosen) return false
  if (spoken?.tag === tag && spoken.chosen === chosen) return false
  thread.context = { ...thread.context, language: { tag, chosen } }
  return true
}

/** The language this chat is spoken in; null while none was heard, and then the bank's is spoken. */
export function languageOf({ context }: Thread): LanguageTag | null {
  const tag = context.language?.tag
  return isLanguageTag(tag) ? tag : null
}

/** Nothing is linked any more. */
export function endLinked(thread: Thread): void {
  setFlag(thread, 'linked', false)
  setFlag(thread, 'ended', true)
}

/** The channel's view of it. */
export const channelState = (thread: Thread): ThreadState => ({
  lastUserActionAt: thread.lastUserAt,
  standby: has(thread, 'standby'),
  closed: has(thread, 'closed'),
})

/** True when we must say (again) that this is a bot: at the start, after a day's silence, after a person leaves. */
export const mustSayBot = (thread: Thread, now: number): boolean =>
  thread.botSaidAt === null || now - thread.botSaidAt > 86_400_000
