import { minuteMs } from '../../core/clock.ts'
import { bag, list } from './read.ts'

/** How much of the platform's limits is used, 0–100 and above, and how long it says the way back takes (§11). */
export type Usage = { readonly percent: number; readonly regainMs: number }

export type Headers = { readonly [name: string]: string | string[] | undefined }

const unused: Usage = { percent: 0, regainMs: 0 }

/** The worst of `X-App-Usage`, `X-Page-Usage` and `X-Business-Use-Case-Usage`; unreadable headers count as nothing. */
export function readUsage(headers: Headers): Usage {
  let worst = unused
  for (const name of ['x-app-usage', 'x-page-usage', 'x-business-use-case-usage']) {
    const value = headers[name]
    if (typeof value !== 'string' || value.length > 10_000) continue
    try {
      worst = maximum(worst, measure(JSON.parse(value), 0))
    } catch {
      // A header we cannot read is no reason to fail a send that succeeded.
    }
  }
  return worst
}

const maximum = (a: Usage, b: Usage): Usage => ({
  percent: Math.max(a.percent, b.percent),
  regainMs: Math.max(a.regainMs, b.regainMs),
})

function measure(value: unknown, depth: number): Usage {
  const items = list(value)
  if (items !== null)
    return items.slice(0, 50).reduce<Usage>((worst, item) => maximum(worst, measure(item, depth + 1)), unused)
  const object = bag(value)
  if (object === null || depth > 2) return unused
  const percent = Math.max(amount(object.call_count), amount(object.total_cputime), amount(object.total_time))
  const here = { percent, regainMs: amount(object.estimated_time_to_regain_access) * minuteMs }
  return Object.values(object)
    .slice(0, 50)
    .reduce<Usage>((worst, item) => maximum(worst, measure(item, depth + 1)), here)
}

const amount = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.min(value, 100_000) : 0

/** Above this share of a limit we slow down before the platform makes us. */
export const backOffPercent = 75

/**
 * The rate to send at, given the full rate: all of it below 75 % used, then falling in a straight line to a twentieth
 * at 100 %.
 */
export function rateFor(usage: Usage, fullPerSecond: number): number {
  if (usage.percent < backOffPercent) return fullPerSecond
  const left = Math.max(0, 100 - usage.percent) / (100 - backOffPercent)
  return Math.max(1, Math.floor(fullPerSecond * Math.max(0.05, left)))
}
