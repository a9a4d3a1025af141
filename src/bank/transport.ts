import type { IncomingHttpHeaders } from 'node:http'
import { Pool } from 'undici'
import type { Clock } from '../core/clock.ts'
import { OutsideError } from '../core/refusal.ts'
import { type Breaker, openBreaker } from './breaker.ts'

export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export type Ask = {
  readonly method: string
  /** Path with its query, on the transport's origin. */
  readonly path: string
  readonly headers: Record<string, string>
  readonly body?: string
  /** Goes out even when the breaker is open (an operator's check). */
  readonly probe?: boolean
}

export type TransportSettings = {
  /** From the first byte out to the last byte in. */
  readonly timeoutMs: number
  readonly maxBytes: number
  /** Requests under way at once; as many more as `queue` wait, at most `timeoutMs`. */
  readonly connections: number
  readonly queue: number
  readonly now: Clock
}

/** Closed keep-alive connections: the bank never saw the request, so a read may be sent again at once. */
const stale = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])
const timeouts = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
])

class Stopped extends Error {
  readonly reason: 'too_large' | 'too_slow'
  constructor(reason: 'too_large' | 'too_slow') {
    super(reason)
    this.reason = reason
  }
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : 'unknown'
}

/** What went wrong on the line, as ours. The library's error may quote the answer, so only its code goes along. */
function outside(error: unknown): OutsideError {
  if (error instanceof OutsideError) return error
  const code = codeOf(error)
  if (error instanceof Stopped)
    return error.reason === 'too_large'
      ? new OutsideError('bank_answer_too_large', { retryable: false })
      : new OutsideError('bank_timeout', { retryable: true })
  if (timeouts.has(code)) return new OutsideError('bank_timeout', { retryable: true, cause: code })
  if (
    code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' ||
    code === 'UND_ERR_HEADERS_OVERFLOW' ||
    code === 'HPE_HEADER_OVERFLOW'
  )
    return new OutsideError('bank_answer_too_large', { retryable: false, cause: code })
  if (code.startsWith('HPE_') || (error as Error).name === 'HTTPParserError')
    return new OutsideError('bank_answer_invalid', { retryable: true, cause: code })
  return new OutsideError('bank_unavailable', { retryable: true, cause: code })
}

function once(
  pool: Pool,
  ask: Ask,
  settings: TransportSettings,
  started: { answer: boolean },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const chunks: Buffer[] = []
    let size = 0
    let status = 0
    let headers: IncomingHttpHeaders = {}
    pool.dispatch(
      {
        method: ask.method as 'GET',
        path: ask.path,
        headers: ask.headers,
        body: ask.body ?? null,
        headersTimeout: settings.timeoutMs,
        bodyTimeout: settings.timeoutMs,
      },
      {
        onRequestStart: () => {},
        onResponseStart: (controller, statusCode, answerHeaders) => {
          if (statusCode < 200) return
          started.answer = true
          status = statusCode
          headers = answerHeaders
          if (Number(answerHeaders['content-length'] ?? 0) > settings.maxBytes)
            controller.abort(new Stopped('too_large'))
        },
        onResponseData: (controller, chunk) => {
          size += chunk.length
          if (size > settings.maxBytes) controller.abort(new Stopped('too_large'))
          // A body that drips keeps the library's own timer happy for ever; ours counts from the start.
          else if (performance.now() - startedAt > settings.timeoutMs)
            controller.abort(new Stopped('too_slow'))
          else chunks.push(chunk)
        },
        onResponseEnd: () => {
          const first = chunks[0]
          const body = chunks.length === 1 && first ? first : Buffer.concat(chunks)
          resolve({ status, headers, body })
        },
        onResponseError: (_controller, error) => reject(error),
      },
    )
  })
}

/**
 * One origin of a bank: kept-alive connections, a bound on how many requests are out, a size and a time limit, no
 * redirects, and a breaker. Every failure is an OutsideError; an answer of any status is an answer.
 */
export class Transport implements AsyncDisposable {
  readonly origin: string
  readonly breaker: Breaker
  readonly #pool: Pool
  readonly #settings: TransportSettings
  readonly #waiting: { admit(): void }[] = []
  #active = 0

  constructor(origin: string, settings: TransportSettings) {
    this.origin = origin
    this.#settings = settings
    this.breaker = openBreaker(settings.now, { threshold: 5, openMs: 5_000, maxOpenMs: 60_000 })
    this.#pool = new Pool(origin, {
      connections: settings.connections,
      pipelining: 1,
      allowH2: false,
      connectTimeout: Math.min(settings.timeoutMs, 5_000),
      keepAliveTimeout: 30_000,
      keepAliveMaxTimeout: 60_000,
      maxHeaderSize: 32_768,
    })
  }

  async send(ask: Ask): Promise<Answer> {
    if (ask.probe !== true && this.breaker.state() === 'open') this.#admit()
    if (this.#active >= this.#settings.connections) await this.#turn()
    else this.#active += 1
    try {
      if (ask.probe !== true) this.#admit()
      return await this.#measured(ask)
    } finally {
      const next = this.#waiting.shift()
      if (next) next.admit()
      else this.#active -= 1
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy()
  }

  #admit(): void {
    const admitted = this.breaker.admit()
    if (!admitted.go)
      throw new OutsideError('bank_unavailable', {
        retryable: true,
        waitMs: admitted.waitMs,
        cause: 'breaker_open',
      })
  }

  async #measured(ask: Ask): Promise<Answer> {
    try {
      const answer = await this.#sendFresh(ask)
      // 501 says "never", not "not now".
      if (answer.status >= 500 && answer.status !== 501) this.breaker.failed()
      else this.breaker.succeeded()
      return answer
    } catch (error) {
      const trouble = outside(error)
      if (trouble.retryable) this.breaker.failed()
      else this.breaker.succeeded()
      throw trouble
    }
  }

  async #sendFresh(ask: Ask): Promise<Answer> {
    const started = { answer: false }
    try {
      return await once(this.#pool, ask, this.#settings, started)
    } catch (error) {
      if (ask.method !== 'GET' || started.answer || !stale.has(codeOf(error))) throw error
      return await once(this.#pool, ask, this.#settings, started)
    }
  }

  /** Waits for a place; the place of the one who leaves is handed over, so `#active` stays as it is. */
  #turn(): Promise<void> {
    if (this.#waiting.length >= this.#settings.queue) throw new OutsideError('bank_busy', { retryable: true })
    return new Promise((resolve, reject) => {
      const waiter = {
        admit: () => {
          clearTimeout(timer)
          resolve()
        },
      }
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        reject(new OutsideError('bank_busy', { retryable: true }))
      }, this.#settings.timeoutMs)
      this.#waiting.push(waiter)
    })
  }
}

/** A header's first value, or null. */
export function headerOf(answer: Pick<Answer, 'headers'>, name: string): string | null {
  const value = answer.headers[name]
  return (Array.isArray(value) ? value[0] : value) ?? null
}

/** `Retry-After` (RFC 9110 §10.2.3) in ms: seconds or a date, at most an hour. */
export function retryAfterMs(answer: Pick<Answer, 'headers'>, now: number): number | undefined {
  const text = headerOf(answer, 'retry-after')
  if (text === null) return undefined
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), 3_600_000) : undefined
}
