import { z } from 'zod'

/** Trouble on request. `times` absent = until cleared; `area` says which face of the bank has it. */
export const faultShape = z.strictObject({
  kind: z.enum(['slow', 'rate-limit', 'error', 'maintenance', 'expired', 'drop', 'partial']),
  area: z.enum(['data', 'auth', 'all']).default('data'),
  times: z.coerce.number().int().min(1).max(1_000_000).optional(),
  /** For `slow`. */
  ms: z.coerce.number().int().min(1).max(120_000).default(3_000),
  /** For `rate-limit` and `maintenance`: the Retry-After header. */
  retryAfterSeconds: z.coerce.number().int().min(0).max(86_400).default(5),
  /** Only requests whose path contains this. */
  path: z.string().max(200).optional(),
})
export type Fault = z.infer<typeof faultShape>
export type FaultRequest = z.input<typeof faultShape>

export type Faults = {
  add(fault: Fault): void
  clear(): void
  list(): readonly (Fault & { readonly left: number | null })[]
  /** The faults that hit this request; each use is counted. */
  take(area: 'data' | 'auth', path: string): readonly Fault[]
}

const none: readonly Fault[] = []

export function openFaults(): Faults {
  let active: { fault: Fault; left: number }[] = []
  return {
    add(fault) {
      if (active.length >= 50) active.shift()
      active.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY })
    },
    clear() {
      active = []
    },
    list: () => active.map(({ fault, left }) => ({ ...fault, left: Number.isFinite(left) ? left : null })),
    take(area, path) {
      if (active.length === 0) return none
      const hits: Fault[] = []
      for (const one of active) {
        const { fault } = one
        if (fault.area !== 'all' && fault.area !== area) continue
        if (fault.path !== undefined && !path.includes(fault.path)) continue
        one.left--
        hits.push(fault)
      }
      if (hits.length > 0) active = active.filter(({ left }) => left > 0)
      return hits
    },
  }
}
