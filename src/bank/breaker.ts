import type { Clock } from '../core/clock.ts'

/** Stops asking a bank that has just failed several times in a row: it gets air, and our customers an answer at once. */
export type Breaker = {
  /** May a request go out now? When not: how many ms to wait. A half-open breaker lets one request through. */
  admit(): { readonly go: true } | { readonly go: false; readonly waitMs: number }
  succeeded(): void
  failed(): void
  state(): 'closed' | 'open' | 'half-open'
}

/** Opens after `threshold` failures in a row, for `openMs`, doubling at each failed probe up to `maxOpenMs`. */
export function openBreaker(
  now: Clock,
  settings: { readonly threshold: number; readonly openMs: number; readonly maxOpenMs: number },
): Breaker {
  let failures = 0
  let pauseMs = settings.openMs
  let openUntil: number | null = null
  let probeSince: number | null = null
  const state = (): 'closed' | 'open' | 'half-open' =>
    openUntil === null ? 'closed' : now() < openUntil ? 'open' : 'half-open'
  return {
    state,
    admit: () => {
      if (openUntil === null) return { go: true }
      const at = now()
      if (at < openUntil) return { go: false, waitMs: openUntil - at }
      // A probe that never reported back must not close the door for ever.
      if (probeSince !== null && at - probeSince < settings.maxOpenMs)
        return { go: false, waitMs: settings.openMs }
      probeSince = at
      return { go: true }
    },
    succeeded: () => {
      failures = 0
      pauseMs = settings.openMs
      openUntil = null
      probeSince = null
    },
    failed: () => {
      failures += 1
      if (openUntil !== null && probeSince !== null) pauseMs = Math.min(pauseMs * 2, settings.maxOpenMs)
      else if (failures < settings.threshold) return
      openUntil = now() + pauseMs
      probeSince = null
    },
  }
}
