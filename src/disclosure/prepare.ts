import type { Address, Route } from '../channel/channel.ts'
import type { InstitutionId } from '../bank/bank.ts'
import { exposureRank } from '../consent/exposure.ts'
import type { Purpose } from '../consent/purpose.ts'
import { newId } from '../core/id.ts'
import type { Answer } from './answer.ts'
import { compose, type ComposeContext } from './compose.ts'
import { diaryOf, entryOf, type Diary, type Opening } from './entry.ts'

export type PrepareContext = Omit<ComposeContext, 'id'> & {
  readonly id?: string
  /** Key of the entry's subject reference: one customer's own. */
  readonly subjectKey: Buffer
}

/** A message as it would be sent, with all that must be written in the same commit. Not yet cleared. */
export type Draft = {
  readonly id: string
  readonly to: Address
  readonly body: string
  readonly route: Route
  readonly purpose: Purpose | null
  readonly institution: InstitutionId | null
  /** The grant it relies on, to be re-read when it is cleared; null when it tells nothing under a grant. */
  readonly grantId: string | null
  readonly grantVersion: number | null
  readonly policyVersion: number | null
  /** The log entry's bytes. */
  readonly entry: Buffer
  /** What opens the entry's commitment. To be sealed under the customer's key. */
  readonly opening: Opening
  /** What the customer's diary says of it, as keys. To be sealed likewise. */
  readonly diary: Diary
  /** True when the platform learns something of a fact, be it only that it exists. */
  readonly disclosed: boolean
  /** True when the message carries the sealed card's address, so that the card must be stored with it. */
  readonly card: boolean
}

/**
 * From an answer to everything that clearing needs. Pure but for the message's id and the salt. Null when nothing may
 * be said: another app owns the thread, the person blocked us, or all is withheld and nobody asked.
 */
export function prepare(answer: Answer, context: PrepareContext): Draft | null {
  const id = context.id ?? newId('msg', context.now)
  const composed = compose(answer, { ...context, id })
  if (composed === null) return null
  const { rendered, decisions, body } = composed
  const { policy, grant, now, once, subjectKey, to } = context
  let most = 0
  for (const exposure of rendered.told.values()) most = Math.max(most, exposureRank(exposure))
  const under = most >= exposureRank('nudge') ? grant : null
  const facts = decisions.size > 0
  const { entry, opening } = entryOf({
    id,
    at: now,
    because: answer.because,
    body,
    channel: to.channel,
    purpose: answer.purpose,
    institution: answer.institution,
    grant: under,
    policy: facts ? policy : null,
    once: facts && once,
    decisions,
    rendered,
    subjectKey,
  })
  return {
    id,
    to,
    body,
    route: context.route,
    purpose: answer.purpose,
    institution: answer.institution,
    grantId: under?.grantId ?? null,
    grantVersion: under?.version ?? null,
    policyVersion: facts ? (policy?.version ?? null) : null,
    entry,
    opening,
    diary: diaryOf({
      at: now,
      because: answer.because,
      once: facts && once,
      channel: to.channel,
      decisions,
      rendered,
    }),
    disclosed: most >= exposureRank('mask'),
    card: rendered.card,
  }
}
