import type { Content } from '../channel/channel.ts'
import type { Exposure } from '../consent/exposure.ts'
import type { GrantView } from '../consent/grant-view.ts'
import { clusterOf, type Cluster } from '../consent/field.ts'
import { invariant } from '../core/refusal.ts'
import type { Answer } from './answer.ts'
import { compose, type ComposeContext } from './compose.ts'

/** A choice on the consent page, not yet agreed: how far one purpose may go, for which accounts, until when. */
export type Choosing = {
  readonly exposure: Exposure
  readonly accounts: GrantView['accounts']
  /** Epoch ms. */
  readonly validUntil: number
}

export type Preview = {
  /** What the bubble shows. */
  readonly content: Content
  /** Every byte the platform would be sent. */
  readonly body: string
  /** How far each cluster that the answer speaks of would be told, at most. */
  readonly told: Partial<Readonly<Record<Cluster, Exposure>>>
}

/**
 * What the platform would receive for this very answer if the customer agreed to this: the same deciding, wording and
 * encoding as a message that is sent, so the same bytes. Null: nothing would be sent.
 */
export function preview(
  answer: Answer,
  choosing: Choosing,
  context: Omit<ComposeContext, 'grant'>,
): Preview | null {
  invariant(answer.purpose !== null && answer.institution !== null, 'a preview is of an answer with facts')
  const grant: GrantView = {
    grantId: 'grt_preview',
    version: 1,
    state: 'active',
    channel: context.to.channel,
    institution: answer.institution,
    validUntil: choosing.validUntil,
    accounts: choosing.accounts,
    items: { [answer.purpose]: choosing.exposure },
  }
  const composed = compose(answer, { ...context, grant })
  if (composed === null) return null
  const told: Partial<Record<Cluster, Exposure>> = {}
  for (const fact of composed.decisions.keys()) told[clusterOf(fact.field)] ??= 'withhold'
  for (const exposure of ['nudge', 'mask', 'band', 'say'] as const)
    for (const [fact, at] of composed.rendered.told)
      if (at === exposure) told[clusterOf(fact.field)] = exposure
  return { content: composed.content, body: composed.body, told }
}
