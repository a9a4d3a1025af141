/** The time, in epoch milliseconds. Passed in, so that a test can move it. */
export type Clock = () => number

export const systemClock: Clock = () => Date.now()

/** A clock for tests: stands still until moved. */
export function manualClock(start: number): {
  now: Clock
  advance(milliseconds: number): void
  set(at: number): void
} {
  let current = start
  return {
    now: () => current,
    advance: (milliseconds) => {
      current += milliseconds
    },
    set: (at) => {
      current = at
    },
  }
}

export const secondMs = 1_000
export const minuteMs = 60_000
export const hourMs = 3_600_000
export const dayMs = 86_400_000
