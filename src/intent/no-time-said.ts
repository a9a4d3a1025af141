import { Temporal } from 'temporal-polyfill'
import type { Clause } from '../nlu/reading.ts'
import type { Period } from './ask.ts'
import { lastDays, usualPeriod } from './period.ts'
import { folded } from './sentence-words.ts'
import type { AskContext } from './when.ts'

/** Where no time was named: thirty days; for months side by side, the last half year; for an average of them, whole months. */
export function periodFor(
  { slots: { by, measure, category }, text }: Clause,
  { now, timeZone }: AskContext,
): Period {
  const { to } = lastDays(1, now, timeZone)
  const thisMonth = Temporal.PlainDate.from(to).with({ day: 1 })
  if (by === 'month' && measure === 'average')
    return {
      from: thisMonth.subtract({ months: 6 }).toString(),
      to: thisMonth.subtract({ days: 1 }).toString(),
    }
  if (by === 'month') return { from: thisMonth.subtract({ months: 5 }).toString(), to }
  // A bill comes once a month, or every other: what it is on average takes a year of them.
  if (measure === 'average' && (category !== null ? comesRarely.has(category) : usually.test(folded(text))))
    return lastDays(365, now, timeZone)
  return usualPeriod(now, timeZone)
}
const comesRarely: ReadonlySet<string> = new Set(['utilities', 'subscriptions', 'home', 'education', 'fees'])
const usually =
  /\b(?:usually|normally|typically|normalmente|por lo general|normalement|d'habitude|d'ordinaire)\b/i
