import { Hono } from 'hono'
import { secondMs } from '../core/clock.ts'
import { errorCode, type Logger } from '../core/logger.ts'
import type { Metrics } from '../core/metrics.ts'

/** A thing without which we cannot serve. Resolves when it is there; throws or times out when not. */
export type ReadyCheck = () => Promise<void>

/** Answers within this time or counts as failed: an orchestrator's probe must not hang on a hanging database. */
const checkWaitMs = 2 * secondMs

async function passes(check: ReadyCheck): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), checkWaitMs)
  })
  try {
    return await Promise.race([check().then(() => null), late])
  } catch (error) {
    return error
  } finally {
    clearTimeout(timer)
  }
}

/**
 * `/healthz`: the process lives. `/readyz`: it can serve; names what fails (200 or 503, JSON). `/metrics`: Prometheus.
 * Nothing here tells of a customer; names of checks are ours.
 */
export function healthRoutes(options: {
  readonly checks: Readonly<Record<string, ReadyCheck>>
  readonly metrics: Metrics
  readonly log: Logger
  /** True while stopping: not ready, so that a balancer sends nobody here. */
  readonly stopping?: () => boolean
}): Hono {
  const app = new Hono()
  app.use(async (context, next) => {
    await next()
    context.header('cache-control', 'no-store')
  })
  app.get('/healthz', (context) => context.text('ok\n'))
  app.get('/readyz', async (context) => {
    const results = await Promise.all(
      Object.entries(options.checks).map(async ([name, check]) => {
        const failure = await passes(check)
        if (failure !== null && failure !== 'late')
          options.log.warn('ready.check_failed', { error: errorCode(failure) })
        return [name, failure === null ? 'ok' : failure === 'late' ? 'no answer' : 'failing'] as const
      }),
    )
    const stopping = options.stopping?.() ?? false
    const ready = !stopping && results.every(([, state]) => state === 'ok')
    return context.json(
      { ready, ...(stopping && { stopping }), checks: Object.fromEntries(results) },
      ready ? 200 : 503,
    )
  })
  app.get('/metrics', async (context) =>
    context.body(await options.metrics.text(), 200, { 'content-type': options.metrics.contentType }),
  )
  return app
}
