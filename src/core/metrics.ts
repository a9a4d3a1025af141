import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/**
 * Measurements for Prometheus. A label can only take a value from a list given when the metric is made: a name, a
 * memo or an amount cannot become a label, and the number of series is bounded by the lists. Where a list is only
 * known at run time (ids of institutions) a value outside it counts as `other`.
 */
export type Labels = Readonly<Record<string, readonly string[]>>
export type LabelValues<L extends Labels> = { readonly [Name in keyof L]: L[Name][number] }

export type Count<L extends Labels> = { add(labels: LabelValues<L>, by?: number): void }
export type Level<L extends Labels> = { set(labels: LabelValues<L>, value: number): void }
/** Observes durations in milliseconds; Prometheus sees seconds. */
export type Timing<L extends Labels> = { observe(labels: LabelValues<L>, milliseconds: number): void }

export type Metrics = {
  /** Counts things that happen. `name` without prefix; `guichet_` and `_total` are added. */
  count<const L extends Labels>(name: string, help: string, labels: L): Count<L>
  /** How things stand: set when they change, or asked for by `read` at each scrape. */
  level<const L extends Labels>(
    name: string,
    help: string,
    labels: L,
    read?: (level: Level<L>) => void | Promise<void>,
  ): Level<L>
  timing<const L extends Labels>(name: string, help: string, labels: L): Timing<L>
  /** The exposition text, and its content type. */
  text(): Promise<string>
  readonly contentType: string
}

const namePattern = /^[a-z][a-z0-9_]{1,60}$/
const valuePattern = /^[A-Za-z0-9_.:/-]{1,64}$/
/** From half a millisecond to half a minute. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Makes a registry. `processMetrics` adds memory, event loop and file descriptors of the process. */
export function openMetrics(options: { processMetrics?: boolean } = {}): Metrics {
  const registry = new Registry()
  if (options.processMetrics ?? true) collectDefaultMetrics({ register: registry, prefix: 'guichet_' })

  const check = (name: string, labels: Labels) => {
    if (!namePattern.test(name)) throw new Error(`invariant: metric name ${name}`)
    for (const [label, values] of Object.entries(labels))
      for (const value of values)
        if (!valuePattern.test(value))
          throw new Error(`invariant: a value of label ${label} of ${name} is not a word`)
  }
  const only = <L extends Labels>(labels: L): ((values: LabelValues<L>) => Record<string, string>) => {
    const allowed = new Map(Object.entries(labels).map(([label, values]) => [label, new Set(values)]))
    return (values) => {
      const kept: Record<string, string> = {}
      for (const [label, set] of allowed) {
        const value = values[label]
        kept[label] = value !== undefined && set.has(value) ? value : 'other'
      }
      return kept
    }
  }

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    count: (name, help, labels) => {
      check(name, labels)
      const keep = only(labels)
      const counter = new Counter({
        name: `guichet_${name}_total`,
        help,
        labelNames: Object.keys(labels),
        registers: [registry],
      })
      return { add: (values, by = 1) => counter.inc(keep(values), by) }
    },
    level: (name, help, labels, read) => {
      check(name, labels)
      const keep = only(labels)
      const gauge = new Gauge({
        name: `guichet_${name}`,
        help,
        labelNames: Object.keys(labels),
        registers: [registry],
        ...(read && { collect: () => read(face) }),
      })
      const face: Level<typeof labels> = { set: (values, value) => gauge.set(keep(values), value) }
      return face
    },
    timing: (name, help, labels) => {
      check(name, labels)
      const keep = only(labels)
      const histogram = new Histogram({
        name: `guichet_${name}_seconds`,
        help,
        labelNames: Object.keys(labels),
        buckets,
        registers: [registry],
      })
      return { observe: (values, milliseconds) => histogram.observe(keep(values), milliseconds / 1_000) }
    },
  }
}
