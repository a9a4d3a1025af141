import type { Address } from '../channel/channel.ts'
import type { Bank, InstitutionId } from '../bank/bank.ts'
import type { ContactRef, CustomerKeys } from '../customer/contact.ts'
import type { Link } from '../customer/link.ts'
import type { Grant } from '../consent/grant.ts'
import type { Thread } from '../conversation/thread.ts'
import type { Answer } from '../disclosure/answer.ts'
import type { CompiledPolicy } from '../disclosure/compile.ts'
import type { Clause, Guess, Language, Reading, ReadingContext } from '../nlu/reading.ts'
import type { MoneyAsk } from './ask.ts'

/** What a contact's links and grants are, as last read. Thrown away whenever something about them changes. */
export type Money = { readonly links: readonly Link[]; readonly grants: readonly Grant[] }

/** Whoever stands at the counter. */
export type Caller = {
  readonly ref: ContactRef
  readonly address: Address
  readonly keys: CustomerKeys
  thread: Thread
  /** Set when the thread was changed and must be written. */
  touched: boolean
}

/** An answer, and the rights it is given with. */
export type Say = {
  readonly answer: Answer
  /** The person tapped "show it here, this once" for exactly this. */
  readonly once: boolean
  /** 0 fraud, 1 a person waits, 2 payments, 3 receipts, 4 digests. */
  readonly priority: number
}

/** An institution as the counter knows it. */
export type Counter = {
  readonly id: InstitutionId
  readonly name: string
  readonly timeZone: string
  /** How far back the bank's policy lets transactions be read. */
  readonly lookbackDays: number
  readonly policy: CompiledPolicy
  readonly bank: Bank
}

/** What the intents may ask of the rest of the house. */
export type CounterDeps = {
  readonly counters: ReadonlyMap<InstitutionId, Counter>
  /** Institutions served on a channel account. */
  readonly servedOn: (account: string) => readonly InstitutionId[]
  /** The platform's app in which the bank's people answer on a channel account; null where they do not. */
  readonly peopleOf: (account: string) => string | null
  readonly money: (caller: Caller) => Promise<Money>
  /** Reads and refreshes this link's tokens. */
  readonly tokens: (caller: Caller, link: Link) => import('../bank/bank.ts').TokenHolder
  /** Where things that change the house's records are done; each returns what to tell. */
  readonly acts: Acts
  /** Understands a message, on this machine, off this thread. Never fails: where nothing is understood, so it says. */
  readonly read: (text: string, context: ReadingContext) => Promise<Reading>
  /** What the model of the bank's own makes of a clause that ours did not understand; null: nothing, or there is none. */
  readonly second: (clause: Clause, language: Language) => Promise<Guess | null>
  /** An answer to small talk in the words of the bank's own model; null: ours are said. */
  readonly smallTalk: (clause: Clause, language: Language) => Promise<string | null>
  /** Notes that a clause was not understood, for `guichet nlu unclear`; never its figures or names. */
  readonly unclear: (clause: Clause, language: Language, how: 'offered' | 'missed') => void
  /** The bank's own answers, by the name of their intent or topic: from its file, in its words. */
  readonly ownAnswers: ReadonlyMap<string, OwnAnswer>
  /** Where the people of a channel account are at home. */
  readonly homeOf: (account: string) => Home
  readonly newHandle: () => string
  readonly newChatCode: () => string
}

/** A bank's own words for an intent of its own, or instead of ours for a topic. By language tag. */
export type OwnAnswer = {
  readonly title: Readonly<Record<string, string>>
  readonly say: Readonly<Record<string, string>>
  readonly next: readonly string[]
}

/** The zone in which "last week" is meant, the language before anything was written, the money amounts are in. */
export type Home = {
  readonly timeZone: string
  readonly language: Language
  /** ISO 4217; null where several could be meant. */
  readonly currency: string | null
}

/** What a customer can have done from the chat. Implemented above the counter, where all rooms meet. */
export type Acts = {
  /** The platform brought back our linking code: binds the chat, or says why not. */
  readonly completeLinking: (
    caller: Caller,
    code: string,
  ) => Promise<
    { institution: InstitutionId; things: number; until: number } | { refused: 'no_such_linking' | 'expired' }
  >
  /** Takes everything back in this chat. */
  readonly withdrawAll: (caller: Caller, why: 'asked' | 'unlinked') => Promise<readonly Withdrawn[]>
  /** Keeps figures out of this chat from now on. Returns how many purposes were lowered. */
  readonly hideFigures: (caller: Caller) => Promise<number>
  /** Asks the same again until the bank answers, at most for so many minutes; the customer is told either way. */
  readonly tryAgain: (caller: Caller, asked: MoneyAsk) => Promise<number>
  /** Asks the platform to forget the link too. */
  readonly unlinkAtPlatform: (caller: Caller) => Promise<void>
}

/** What became of a withdrawal, for telling the customer when each part was done. Times are epoch ms. */
export type Withdrawn = {
  readonly institution: InstitutionId
  readonly at: number
  readonly cancelled: number
  readonly keyReturnedAt: number | null
}

export const say = (answer: Answer, options: { once?: boolean; priority?: number } = {}): Say => ({
  answer,
  once: options.once ?? false,
  priority: options.priority ?? 1,
})
