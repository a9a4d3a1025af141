import { createHmac, createSecretKey } from 'node:crypto'
import { Pool, type Dispatcher } from 'undici'
import type { z } from 'zod'
import type { Clock } from '../../core/clock.ts'
import { openDeadlines } from '../../core/deadlines.ts'
import { invariant, OutsideError } from '../../core/refusal.ts'
import { rowFor } from './errors.ts'
import { type Headers, readUsage, type Usage } from './usage.ts'
import { isAllowedUrl } from './url.ts'
import { graphError } from './wire.ts'

export type GraphSettings = {
  /** Our account: the Page id (Instagram: the professional account's id). */
  readonly account: string
  readonly appId: string
  /** `https://graph.facebook.com`, or the sandbox. */
  readonly graphUrl: string
  /** Such as `v25.0`: in settings only, never in code (§ head). */
  readonly apiVersion: string
  readonly pageToken: string
  /** For `appsecret_proof` (§16). */
  readonly appSecret: string
  readonly httpsOnly: boolean
  /** How long one call may take in all. */
  readonly timeoutMs?: number
  readonly connections?: number
}

/**
 * What became of one HTTP exchange.
 * - `not_left`: proven that no byte of the request was written.
 * - `lost`: it left, and no whole answer came.
 */
export type Exchange =
  | { readonly state: 'answered'; readonly status: number; readonly headers: Headers; readonly body: string }
  | { readonly state: 'not_left' }
  | { readonly state: 'lost' }

export type GraphCall = {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Below the version, such as `me/messenger_profile`; or with a leading `/` from the root. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** The exact bytes of a JSON body. */
  readonly body?: string
}

export type Graph = {
  readonly settings: GraphSettings
  readonly clock: Clock
  /** One exchange; never throws. */
  exchange(call: GraphCall): Promise<Exchange>
  /** A call whose answer must be of `schema`. Throws OutsideError (`graph_<code>…`, `not_connected`, `no_answer`, `answer_broken`). */
  call<Schema extends z.ZodType>(call: GraphCall, schema: Schema): Promise<z.infer<Schema>>
  /** The platform's limits as last seen. */
  usage(): Usage
  /** The platform's clock minus ours, in ms, by its last `Date` header; null before the first answer. */
  skewMs(): number | null
  [Symbol.asyncDispose](): Promise<void>
}

/** `appsecret_proof` of a token (§16): with it required, a stolen token alone is of no use. */
export const appsecretProof = (appSecret: string, token: string): string =>
  createHmac('sha256', createSecretKey(Buffer.from(appSecret)))
    .update(token)
    .digest('hex')

const longestAnswer = 4 * 1024 * 1024

/** A client for the Graph API over kept-alive connections. A passed dispatcher stays its owner's to close. */
export function openGraph(
  settings: GraphSettings,
  deps: { readonly clock: Clock; readonly dispatcher?: Dispatcher },
): Graph {
  const root = new URL(settings.graphUrl)
  invariant(
    isAllowedUrl(settings.graphUrl, settings.httpsOnly),
    'the graph url is https, or http to this machine',
  )
  invariant(/^v\d{1,3}\.\d{1,2}$/.test(settings.apiVersion), 'the api version is like v25.0')
  const proof = appsecretProof(settings.appSecret, settings.pageToken)
  const timeoutMs = settings.timeoutMs ?? 10_000
  const deadlines = openDeadlines(timeoutMs)
  const dispatcher =
    deps.dispatcher ??
    new Pool(root.origin, {
      connections: settings.connections ?? 32,
      pipelining: 1,
      // Over HTTP/2 "the request has not left" could not be told so surely.
      allowH2: false,
      keepAliveTimeout: 30_000,
      connect: { timeout: Math.min(5_000, timeoutMs) },
      maxResponseSize: longestAnswer,
    })
  const base = root.pathname.replace(/\/$/, '')
  let usage: Usage = { percent: 0, regainMs: 0 }
  let skewMs: number | null = null

  function pathOf({ path, query }: GraphCall): string {
    // The token travels in a header, never in an address: addresses are logged. The proof alone opens nothing.
    const search = new URLSearchParams({ ...query, appsecret_proof: proof })
    const full = path.startsWith('/') ? path : `/${settings.apiVersion}/${path}`
    return `${base}${full}?${search}`
  }

  function exchange(call: GraphCall): Promise<Exchange> {
    return new Promise((resolve) => {
      let left = false
      let over = false
      let controller: Dispatcher.DispatchController | undefined
      let status = 0
      let headers: Headers = {}
      const chunks: Buffer[] = []
      const end = (result: Exchange): void => {
        if (over) return
        over = true
        deadline.end()
        resolve(result)
      }
      const fail = (): void => end({ state: left ? 'lost' : 'not_left' })
      const deadline = deadlines.begin(() => {
        fail()
        controller?.abort(new Error('deadline'))
      })
      const handler: Dispatcher.DispatchHandler = {
        // Called just before the first byte is written; aborting here still keeps it from leaving.
        onRequestStart(started) {
          if (over) return started.abort(new Error('deadline'))
          controller = started
          left = true
        },
        onResponseStart(_controller, statusCode, responseHeaders) {
          status = statusCode
          headers = responseHeaders
        },
        onResponseData(_controller, chunk) {
          chunks.push(chunk)
        },
        onResponseEnd() {
          const date = typeof headers.date === 'string' ? Date.parse(headers.date) : Number.NaN
          if (!Number.isNaN(date)) skewMs = date - deps.clock()
          usage = readUsage(headers)
          end({ state: 'answered', status, headers, body: Buffer.concat(chunks).toString('utf8') })
        },
        onResponseError: fail,
      }
      try {
        dispatcher.dispatch(
          {
            origin: root.origin,
            path: pathOf(call),
            method: call.method,
            headers: {
              authorization: `Bearer ${settings.pageToken}`,
              accept: 'application/json',
              ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
            },
            body: call.body ?? null,
            headersTimeout: timeoutMs,
            bodyTimeout: timeoutMs,
          },
          handler,
        )
      } catch {
        fail()
      }
    })
  }

  return {
    settings,
    clock: deps.clock,
    exchange,
    async call(call, schema) {
      const reply = await exchange(call)
      if (reply.state === 'not_left') throw new OutsideError('not_connected', { retryable: true })
      if (reply.state === 'lost') throw new OutsideError('no_answer', { retryable: call.method === 'GET' })
      const body = parseJson(reply.body)
      const error = graphError.safeParse(body)
      if (error.success) {
        const { code, error_subcode: subcode } = error.data.error
        const row = rowFor(error.data.error, reply.status)
        throw new OutsideError(subcode === undefined ? `graph_${code}` : `graph_${code}_${subcode}`, {
          retryable: row.retryable,
          ...(row.waitMs === undefined ? {} : { waitMs: row.waitMs }),
        })
      }
      const answer = schema.safeParse(body)
      if (reply.status < 200 || reply.status > 299 || !answer.success) {
        throw new OutsideError('answer_broken', { retryable: reply.status >= 500 || reply.status === 429 })
      }
      return answer.data
    },
    usage: () => usage,
    skewMs: () => skewMs,
    async [Symbol.asyncDispose]() {
      if (deps.dispatcher === undefined) await dispatcher.destroy()
    },
  }
}

/** JSON or undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
