import { setTimeout } from 'node:timers/promises'
import type { Clock } from '../core/clock.ts'
import type { HealthState } from './pages/start.ts'

const waitMs = 1_500

/**
 * Is something outside there? Asked at most every ten seconds and never waited for longer than a second and a half: the
 * start page must open at once whatever is down.
 */
export function reachability(
  clock: Clock,
): (name: string, ask: (signal: AbortSignal) => Promise<unknown>) => Promise<HealthState> {
  const known = new Map<string, { at: number; state: Promise<HealthState> }>()
  return (name, ask) => {
    const before = known.get(name)
    if (before && clock() - before.at < 10_000) return before.state
    const state = Promise.race([
      ask(AbortSignal.timeout(waitMs)).then(
        () => 'ok' as const,
        () => 'trouble' as const,
      ),
      // Not everything that is asked heeds the signal.
      setTimeout(waitMs, 'trouble' as const, { ref: false }),
    ])
    known.set(name, { at: clock(), state })
    return state
  }
}
