import type { Inbound } from '../channel/channel.ts'
import { code, errorCode, type Logger } from '../core/logger.ts'
import type { Contact } from './contacts.ts'
import type { Drafted, Job, Share, Turn } from './work.ts'

/** What a turn at the counter needs. */
export type TurnDeps<Answer> = {
  /** Pure but for the thread it may change: event → what to say. */
  readonly turn: (contact: Contact, inbound: Inbound, now: number) => Turn<Answer>
  /** Decides, renders and encodes. Null when nothing may be said at all. */
  readonly draft: (contact: Contact, answer: Answer, now: number) => Drafted | null
  /** What to say when a turn failed: its outside work, or by a bug of ours. */
  readonly trouble: () => readonly Answer[]
  readonly log: Logger
}

/** One job's turn: what it says now, and what it still has to find out. */
export function shareOf<Answer>(
  job: Job<Answer>,
  contact: Contact,
  now: number,
  deps: TurnDeps<Answer>,
): Share<Answer> {
  if (job.type === 'reply') {
    const { answers } = job
    return {
      job,
      contact,
      state: 1,
      waits: false,
      answers,
      later: null,
      drafts: draftsOf(contact, answers, now, deps),
    }
  }
  if (contact.reading || contact.waiting.length > 0)
    return { job, contact, state: 0, waits: true, answers: [], later: null, drafts: [] }
  const { answers, later } = turnOf(contact, job.inbound, now, deps)
  if (later) contact.reading = true
  return {
    job,
    contact,
    state: later ? 0 : 1,
    waits: false,
    answers,
    later,
    drafts: draftsOf(contact, answers, now, deps),
  }
}

/** A turn that fails by a bug of ours says so; it must not take its neighbours in the batch along. */
function turnOf<Answer>(
  contact: Contact,
  inbound: Inbound,
  now: number,
  deps: TurnDeps<Answer>,
): Turn<Answer> {
  try {
    return deps.turn(contact, inbound, now)
  } catch (error) {
    deps.log.error('turn.bug', { code: errorCode(error), kind: code(inbound.kind) })
    return { answers: deps.trouble(), later: null }
  }
}

/** Drafts what is said; a draft that fails by a bug of ours becomes words that say so. */
export function draftsOf<Answer>(
  contact: Contact,
  answers: readonly Answer[],
  now: number,
  deps: TurnDeps<Answer>,
): Drafted[] {
  try {
    return answers.flatMap((answer) => deps.draft(contact, answer, now) ?? [])
  } catch (error) {
    deps.log.error('draft.bug', { code: errorCode(error) })
    return deps.trouble().flatMap((answer) => deps.draft(contact, answer, now) ?? [])
  }
}
