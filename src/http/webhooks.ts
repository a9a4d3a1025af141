import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Inbound } from '../channel/channel.ts'
import { handshake, verifySignature, wellFormedSignature } from '../channel/messenger/receive.ts'
import { openDeadlines } from '../core/deadlines.ts'
import { code, count, errorCode, type Logger } from '../core/logger.ts'
import { isRefusal, type Refusal } from '../core/refusal.ts'

/** One callback address of a platform. The secret is chosen by the address, never by what the body says (§2). */
export type WebhookChannel = {
  /** The app secret, and the one before it while it is being replaced. Read anew for each request. */
  readonly secrets: readonly Buffer[]
  readonly verifyToken: string
  /** Reads a body whose signature was good. */
  parse(
    raw: Buffer,
  ):
    | { readonly events: readonly Inbound[]; readonly names: readonly string[] }
    | Refusal<'malformed' | 'unknown_object' | 'too_many_events'>
}

export type WebhookDoorOptions = {
  /** By path, such as `/webhooks/messenger`. */
  readonly channels: ReadonlyMap<string, WebhookChannel>
  /** Settles when every event is durably kept; a throw means it is not, and the platform shall deliver again. */
  accept(events: readonly Inbound[]): Promise<void>
  readonly log: Logger
  /** The largest body, in bytes (3 MB and more: §3). */
  readonly maxBytes: number
  /** Counts what came, also what is ignored. Names are from a closed form (letters, digits, `_ . -`). */
  named?(path: string, names: readonly string[]): void
  /** How long a body may take to arrive. */
  readonly bodyTimeoutMs?: number
  /** How many bytes of bodies may be held at once, in all requests; beyond it the answer is 503. */
  readonly maxHeldBytes?: number
}

const refusalStatus = { malformed: 400, unknown_object: 404, too_many_events: 413 } as const

/**
 * The door for platform webhooks, on plain node:http. GET is the handshake (§1); POST takes a signed body, and answers
 * 200 only after `accept` has resolved. It answers:
 * 400 not JSON · 401 no signature · 403 wrong signature · 404 no such address, or an object that is not ours ·
 * 405 another method · 408 too slow · 411 no length · 413 too large · 415 not JSON by its header · 503 cannot keep it now.
 * Nothing that a body says is logged.
 */
export function webhookDoor(
  options: WebhookDoorOptions,
): (req: IncomingMessage, res: ServerResponse) => void {
  const { channels, log, maxBytes } = options
  const bodyTimeoutMs = options.bodyTimeoutMs ?? 10_000
  const maxHeldBytes = options.maxHeldBytes ?? Math.max(16 * maxBytes, 64 * 1024 * 1024)
  let held = 0
  const bodies = openDeadlines(bodyTimeoutMs)
  const noticed = new Map<string, number>()

  /** Anyone can knock: the same complaint is logged the 1st, 2nd, 4th, 8th … time, so that a flood cannot fill the disk. */
  function complain(event: string): void {
    const times = (noticed.get(event) ?? 0) + 1
    noticed.set(event, times)
    if ((times & (times - 1)) === 0) log.warn(event, { times: count(times) })
  }

  return (req, res) => {
    const url = req.url ?? '/'
    const mark = url.indexOf('?')
    const path = mark < 0 ? url : url.slice(0, mark)
    const channel = channels.get(path)
    if (channel === undefined) return refuseRequest(req, res, 404)
    if (req.method === 'GET') {
      const { status, body } = handshake(
        new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
        channel.verifyToken,
      )
      if (status !== 200) complain('webhook.handshake_refused')
      return answer(res, status, body)
    }
    if (req.method !== 'POST') {
      res.setHeader('allow', 'GET, POST')
      return refuseRequest(req, res, 405)
    }
    // All that can be refused without the body is refused before it is read.
    const length = req.headers['content-length']
    if (length === undefined && req.headers['transfer-encoding'] === undefined)
      return refuseRequest(req, res, 411)
    if (length !== undefined && Number(length) > maxBytes) return refuseRequest(req, res, 413)
    if (
      !isJson(req.headers['content-type']) ||
      (req.headers['content-encoding'] ?? 'identity') !== 'identity'
    ) {
      return refuseRequest(req, res, 415)
    }
    const header = req.headers['x-hub-signature-256']
    const signature = typeof header === 'string' ? header : undefined
    if (!wellFormedSignature(signature)) {
      complain('webhook.unsigned')
      return refuseRequest(req, res, 401)
    }
    if (held >= maxHeldBytes) return refuseRequest(req, res, 503)

    const chunks: Buffer[] = []
    let size = 0
    let over = false
    const stop = (status: number): void => {
      if (over) return
      release()
      refuseRequest(req, res, status)
    }
    const deadline = bodies.begin(() => stop(408))
    const release = (): void => {
      over = true
      deadline.end()
      held -= size
      size = 0
      chunks.length = 0
    }
    req.on('data', (chunk: Buffer) => {
      if (over) return
      size += chunk.length
      held += chunk.length
      if (size > maxBytes) return stop(413)
      chunks.push(chunk)
    })
    req.on('error', () => {
      if (!over) release()
    })
    req.on('close', () => {
      if (!over && !req.complete) release()
    })
    req.on('end', () => {
      if (over) return
      const raw = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
      deadline.end()
      take(channel, path, raw, signature).then(
        (status) => {
          release()
          if (status === 200) acknowledge(res)
          else answer(res, status, '')
        },
        (error: unknown) => {
          // Not kept, so not acknowledged: the platform delivers it again.
          release()
          log.error('webhook.not_accepted', { error: errorCode(error) })
          res.setHeader('retry-after', '1')
          answer(res, 503, '')
        },
      )
    })
  }

  async function take(
    channel: WebhookChannel,
    path: string,
    raw: Buffer,
    signature: string,
  ): Promise<number> {
    if (!verifySignature(raw, signature, channel.secrets)) {
      complain('webhook.bad_signature')
      return 403
    }
    const parsed = channel.parse(raw)
    if (isRefusal(parsed)) {
      log.warn('webhook.refused', { why: code(parsed.refused), bytes: count(raw.length) })
      return refusalStatus[parsed.refused]
    }
    options.named?.(path, parsed.names)
    if (parsed.events.length > 0) await options.accept(parsed.events)
    return 200
  }
}

const isJson = (type: string | undefined): boolean =>
  type !== undefined && /^application\/json\s*(;|$)/i.test(type)

function answer(res: ServerResponse, status: number, body: string): void {
  if (res.headersSent || res.destroyed) return
  res.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  })
  res.end(body)
}

/** The answer to nearly every request, made once; a platform keeps and guesses nothing, so it bears no header for browsers. */
const received = 'EVENT_RECEIVED'
const receivedHeaders = [
  'content-type',
  'text/plain; charset=utf-8',
  'content-length',
  String(received.length),
]

function acknowledge(res: ServerResponse): void {
  if (res.headersSent || res.destroyed) return
  res.writeHead(200, receivedHeaders)
  res.end(received, 'latin1')
}

const drainMs = 1_000

/** Answers without having read the whole body; what is left of it is thrown away for a moment, then the connection ends. */
function refuseRequest(req: IncomingMessage, res: ServerResponse, status: number): void {
  if (!req.complete && req.method !== 'GET' && req.method !== 'HEAD') {
    res.setHeader('connection', 'close')
    // Closing at once would reset the connection and lose the answer on its way.
    const cut = setTimeout(() => req.destroy(), drainMs)
    cut.unref()
    req.once('close', () => clearTimeout(cut))
    req.resume()
  }
  answer(res, status, '')
}
