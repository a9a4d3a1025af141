import type { Metrics } from '../core/metrics.ts'
import type { Engine } from './engine.ts'

/** The dials of the pipeline. Counts are read from its own counters at each scrape. */
export function measure(metrics: Metrics, engine: Engine, accounts: readonly string[]) {
  const accepted = metrics.timing('webhook_accept', 'From a webhook read to its events committed.', {
    outcome: ['kept', 'refused'],
  })
  const events = metrics.count('webhook_events', 'Events by kind, as the platforms named them.', {
    kind: eventKinds,
  })
  const { counters } = engine.pipeline
  for (const name of ['events', 'repeats', 'replies', 'batches', 'stale', 'failures'] as const)
    metrics.level(`pipeline_${name}`, `Pipeline: ${name} since start.`, {}, (level) =>
      level.set({}, counters[name]),
    )
  metrics.level('pipeline_waiting', 'Jobs that wait for a commit.', {}, (level) =>
    level.set({}, engine.pipeline.load.waiting),
  )
  metrics.level('pipeline_reading', 'Turns that read from a bank.', {}, (level) =>
    level.set({}, engine.pipeline.load.reading),
  )
  metrics.level('sends_outstanding', 'Messages cleared and not settled.', {}, (level) =>
    level.set({}, engine.deliverer.outstanding),
  )
  metrics.level('contacts_in_memory', 'Contacts held in memory.', {}, (level) =>
    level.set({}, engine.contacts.size),
  )
  metrics.level(
    'account_paused',
    '1 while nothing is sent for an account.',
    { account: accounts },
    (level) => {
      for (const account of accounts)
        level.set({ account }, engine.deliverer.paceOf(account)?.paused() ? 1 : 0)
    },
  )

  return {
    async accepting(work: () => Promise<void>): Promise<void> {
      const began = performance.now()
      try {
        await work()
        accepted.observe({ outcome: 'kept' }, performance.now() - began)
      } catch (error) {
        accepted.observe({ outcome: 'refused' }, performance.now() - began)
        throw error
      }
    },
    named(_path: string, names: readonly string[]): void {
      for (const name of names) events.add({ kind: name as (typeof eventKinds)[number] })
    },
  }
}

/** What is not in this list is counted as `other`. */
const eventKinds = [
  'message',
  'quick_reply',
  'postback',
  'attachment',
  'echo',
  'delivery',
  'read',
  'reaction',
  'edit',
  'deleted',
  'referral',
  'account_linking',
  'optin',
  'handover',
  'standby',
  'policy_enforcement',
  'feedback',
  'template_status',
  'unsupported',
] as const
