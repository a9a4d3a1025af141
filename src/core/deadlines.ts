const togetherMs = 5

/** One deadline under way. */
export type Deadline = {
  /** It was kept: nothing happens. Idempotent. */
  end(): void
}

type Waiting = { readonly dueAt: number; cut: (() => void) | null }

/**
 * Deadlines of one length, thousands a second, of which nearly all are kept: with one timer for all of them. A timer of
 * Node's for each is a chain of objects that hold on to what they would have cut short, long after it is over.
 */
export function openDeadlines(afterMs: number): {
  /** Calls `cut` when the time is up and `end` was not called. */
  begin(cut: () => void): Deadline
} {
  /** In the order in which they are due. What was kept waits, emptied, until those before it are gone. */
  let waiting: Waiting[] = []
  let head = 0
  let armed = false

  function arm(delayMs: number): void {
    armed = true
    setTimeout(ring, Math.max(1, Math.ceil(delayMs))).unref()
  }

  function ring(): void {
    armed = false
    // What began together is cut together: cutting one may set free what another waited for.
    const now = performance.now() + togetherMs
    const due: Waiting[] = []
    for (let first = waiting[head]; first !== undefined; first = waiting[++head]) {
      if (first.cut === null) continue
      if (first.dueAt > now) {
        arm(first.dueAt + togetherMs - now)
        break
      }
      due.push(first)
    }
    forget()
    for (const one of due) {
      const { cut } = one
      one.cut = null
      cut?.()
    }
  }

  function forget(): void {
    while (waiting[head]?.cut === null) head++
    if (head < waiting.length && head < 1_024) return
    waiting = waiting.slice(head)
    head = 0
  }

  return {
    begin(cut) {
      const one: Waiting = { dueAt: performance.now() + afterMs, cut }
      waiting.push(one)
      if (!armed) arm(afterMs)
      return {
        end() {
          one.cut = null
          if (waiting[head] === one) forget()
        },
      }
    },
  }
}
