import { errorByCode, type GraphErrorKey } from './graph-error.ts'
import { createRandom, type Random } from './random.ts'

/**
 * A failure asked for. `kind` is one of the words below, or an error code of the platform ('613', '10/2018278', '551' …),
 * which is then answered without doing anything.
 */
export type FaultRequest = {
  readonly kind: string
  /** Share of calls that fail, 0 to 1 (default 1 when there is no count). */
  readonly rate?: number
  /** Only so many times. */
  readonly count?: number
  readonly page?: string
  /** Only calls to this edge, e.g. `messages` (default); `*` = every call. */
  readonly edge?: string
  /** How long a hanging or slow call takes (default 30 000; `slow`: 1 000). */
  readonly delayMs?: number
  readonly seed?: number
}

/**
 * What happens to the call. `accept`: whether the message is really taken. `answer`: what the bot then sees.
 * Within a batch, a part that would hang comes back as `null`, as at the real platform (reference §12).
 */
export type Fault = {
  readonly accept: boolean
  readonly answer: { readonly error: GraphErrorKey } | 'hang' | 'drop' | 'normal'
  readonly delayMs: number
}

export const faultWords: Readonly<
  Record<string, { accept: boolean; answer: Fault['answer']; delayMs?: number }>
> = {
  '500': { accept: false, answer: { error: 'temporary' } },
  '503': { accept: false, answer: { error: 'temporary' } },
  '429': { accept: false, answer: { error: 'too_many_requests' } },
  timeout_after_accept: { accept: true, answer: 'hang', delayMs: 30_000 },
  timeout_before_accept: { accept: false, answer: 'hang', delayMs: 30_000 },
  drop: { accept: false, answer: 'drop' },
  drop_after_accept: { accept: true, answer: 'drop' },
  '1357046': { accept: true, answer: { error: 'sent_but_garbled' } },
  slow: { accept: true, answer: 'normal', delayMs: 1_000 },
}

type Standing = {
  readonly id: number
  readonly request: FaultRequest
  readonly fault: Fault
  readonly random: Random
  left: number
  hits: number
}

export type Faults = {
  /** Adds a failure; null when the kind is not known. */
  add(request: FaultRequest): { id: number } | null
  remove(id?: number): void
  list(): { id: number; kind: string; left: number | null; hits: number; request: FaultRequest }[]
  draw(edge: string, pageId: string | null): Fault | null
  readonly any: boolean
}

/** Failures on request. The same seed and the same calls give the same failures. */
export function createFaults(seed: number): Faults {
  let standing: Standing[] = []
  let ids = 0
  return {
    add: (request) => {
      const word = faultWords[request.kind]
      const code = word ? null : errorByCode(request.kind)
      if (!word && !code) return null
      const fault: Fault = word
        ? { accept: word.accept, answer: word.answer, delayMs: request.delayMs ?? word.delayMs ?? 0 }
        : { accept: false, answer: { error: code as GraphErrorKey }, delayMs: request.delayMs ?? 0 }
      if (standing.length >= 100) standing.shift()
      const id = ++ids
      standing.push({
        id,
        request,
        fault,
        random: createRandom(request.seed ?? seed + id),
        left: request.count ?? Number.POSITIVE_INFINITY,
        hits: 0,
      })
      return { id }
    },
    remove: (id) => {
      standing = id === undefined ? [] : standing.filter((one) => one.id !== id)
    },
    list: () =>
      standing.map((one) => ({
        id: one.id,
        kind: one.request.kind,
        left: Number.isFinite(one.left) ? one.left : null,
        hits: one.hits,
        request: one.request,
      })),
    draw: (edge, pageId) => {
      for (const one of standing) {
        const { request } = one
        if (one.left <= 0) continue
        if ((request.edge ?? 'messages') !== '*' && (request.edge ?? 'messages') !== edge) continue
        if (request.page !== undefined && request.page !== pageId) continue
        if (one.random.next() >= (request.rate ?? 1)) continue
        one.left--
        one.hits++
        return one.fault
      }
      return null
    },
    get any() {
      return standing.length > 0
    },
  }
}
