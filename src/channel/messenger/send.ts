import type { Dispatcher } from 'undici'
import { type Clock, minuteMs, secondMs } from '../../core/clock.ts'
import { code, count, type Logger } from '../../core/logger.ts'
import { invariant } from '../../core/refusal.ts'
import type { Channel, Cleared, Outcome } from '../channel.ts'
import { encodeSend } from './encode.ts'
import { outcomeOf, rowFor } from './errors.ts'
import { type Exchange, type Graph, type GraphSettings, openGraph, parseJson } from './graph.ts'
import { bag, list } from './read.ts'
import { backOffPercent, type Headers, type Usage } from './usage.ts'
import { messengerWindow } from './window.ts'
import { graphError } from './wire.ts'

export type MessengerSettings = GraphSettings & {
  readonly kind?: 'messenger' | 'instagram'
  /** Whether Meta approved the app feature "Human Agent". */
  readonly humanAgent?: boolean
  /** The persona that messages written by a person bear (`personas.ts`). */
  readonly humanPersonaId?: string
}

/** The platform told us to slow down: at 75 % of a limit (`usage`), or by an error (`limited`: nothing is sent until then). */
export type Pressure =
  | { readonly kind: 'usage'; readonly usage: Usage }
  | { readonly kind: 'limited'; readonly until: number; readonly code: string }

export type Messenger = Channel & {
  /** For the account's own affairs: profile, routing, templates, linking, subscription. */
  readonly graph: Graph
  [Symbol.asyncDispose](): Promise<void>
}

const mostPerBatch = 50

/** The Messenger (or Instagram) account as a channel. */
export function openMessenger(
  settings: MessengerSettings,
  deps: {
    readonly clock: Clock
    readonly log: Logger
    readonly dispatcher?: Dispatcher
    /** Called when the platform is under pressure, so that the pacer can slow down or pause. */
    readonly onPressure?: (pressure: Pressure) => void
  },
): Messenger {
  const graph = openGraph(settings, deps)
  const kind = settings.kind ?? 'messenger'
  const encodeOptions = {
    kind,
    httpsOnly: settings.httpsOnly,
    ...(settings.humanPersonaId === undefined ? {} : { humanPersonaId: settings.humanPersonaId }),
  }
  let heldUntil = 0

  /** Sends a message alone: its body goes out byte for byte as it was logged. */
  async function sendOne({ body }: Cleared): Promise<Outcome> {
    const reply = await graph.exchange({ method: 'POST', path: 'me/messages', body })
    noticeUsage(reply)
    return reply.state === 'answered'
      ? judge(reply.status, reply.body, reply.headers)
      : outcomeOfLoss(reply.state)
  }

  /** Up to 50 in one call (§12). They run side by side at the platform, so no two may be for one person. */
  async function sendBatch(messages: readonly Cleared[]): Promise<Outcome[]> {
    // Form-encoded text has neither quotes nor backslashes, so it is JSON text as it stands.
    const batch = messages.map(
      ({ body }) =>
        `{"method":"POST","relative_url":"${settings.apiVersion}/me/messages","body":"${formOf(body)}"}`,
    )
    const reply = await graph.exchange({
      method: 'POST',
      path: '/',
      body: `{"batch":[${batch.join(',')}],"include_headers":false}`,
    })
    noticeUsage(reply)
    if (reply.state !== 'answered') return messages.map(() => outcomeOfLoss(reply.state))
    const { status, headers } = reply
    const answers = list(parseJson(reply.body))
    if (answers === null) {
      // Not an answer to a batch: an error for the whole call, or something broken.
      const outcome = judge(status, reply.body, headers)
      return messages.map(() => outcome)
    }
    return messages.map((_message, i) => {
      const answer = bag(answers[i])
      // An element is null when the platform ran out of time with it: it may have been sent.
      if (answer === null || typeof answer.code !== 'number' || typeof answer.body !== 'string') {
        return { state: 'unknown', code: 'no_answer' }
      }
      return judge(answer.code, answer.body, headers)
    })
  }

  /** An answer to one send → its outcome (§13). What proves nothing is `unknown`. */
  function judge(status: number, text: string, headers: Headers): Outcome {
    const body = bag(parseJson(text))
    const good = status >= 200 && status < 300
    if (good && typeof body?.message_id === 'string' && body.message_id !== '') {
      return { state: 'sent', mid: body.message_id }
    }
    const error = graphError.safeParse(body)
    if (error.success) {
      const row = rowFor(error.data.error, status)
      const regainMs = graph.usage().regainMs
      const waitMs = row.limited && regainMs > 0 ? regainMs : row.waitMs
      if (row.limited) hold(waitMs ?? minuteMs, row.name)
      const fields = {
        code: code(row.name),
        http: count(status),
        ...(error.data.error.fbtrace_id === undefined ? {} : { trace: code(error.data.error.fbtrace_id) }),
      }
      if (row.alert) deps.log.error('messenger.send_refused', fields)
      else deps.log.warn('messenger.send_refused', fields)
      return outcomeOf(row, waitMs)
    }
    if (status === 429) {
      const waitMs = retryAfterMs(headers) ?? minuteMs
      hold(waitMs, 'too_many_requests')
      return { state: 'not_sent', code: 'too_many_requests', retryable: true, waitMs }
    }
    deps.log.warn('messenger.answer_broken', { http: count(status) })
    // A refusal without the platform's own words comes from something before it, which passed nothing on.
    return status >= 300 && status < 500 && status !== 408
      ? { state: 'not_sent', code: `http_${status}`, retryable: false }
      : { state: 'unknown', code: 'answer_broken' }
  }

  function hold(waitMs: number, reason: string): void {
    const until = deps.clock() + waitMs
    if (until <= heldUntil) return
    heldUntil = until
    deps.onPressure?.({ kind: 'limited', until, code: reason })
  }

  function noticeUsage(reply: Exchange): void {
    if (reply.state !== 'answered') return
    const usage = graph.usage()
    if (usage.percent >= backOffPercent) deps.onPressure?.({ kind: 'usage', usage })
    if (usage.percent >= 100 && usage.regainMs > 0) hold(usage.regainMs, 'usage_exhausted')
  }

  return {
    kind,
    graph,
    window: (thread, now) => messengerWindow(thread, now, { kind, humanAgent: settings.humanAgent ?? true }),
    encode: (request) => encodeSend(request, encodeOptions),
    async send(messages) {
      const outcomes: (Outcome | undefined)[] = messages.map(({ to }) =>
        to.account === settings.account && to.channel === kind
          ? undefined
          : { state: 'not_sent', code: 'wrong_account', retryable: false },
      )
      const waitMs = heldUntil - deps.clock()
      if (waitMs > 0) {
        return outcomes.map(
          (outcome) => outcome ?? { state: 'not_sent', code: 'held_by_platform', retryable: true, waitMs },
        )
      }
      const batched: number[] = []
      const alone: number[] = []
      const people = new Set<string>()
      for (const [i, message] of messages.entries()) {
        if (outcomes[i] !== undefined) continue
        invariant(!people.has(message.to.user), 'never two messages of one person in one call')
        people.add(message.to.user)
        // §12: what concerns money is not batched; its amounts also keep their digits only in the body as it stands.
        ;(message.body.includes('"template_type":"receipt"') ? alone : batched).push(i)
      }
      if (batched.length === 1) alone.push(...batched.splice(0))
      const work = alone.map(async (i) => {
        outcomes[i] = await sendOne(messages[i] as Cleared)
      })
      for (let start = 0; start < batched.length; start += mostPerBatch) {
        const part = batched.slice(start, start + mostPerBatch)
        work.push(
          sendBatch(part.map((i) => messages[i] as Cleared)).then((results) => {
            for (const [n, i] of part.entries()) outcomes[i] = results[n]
          }),
        )
      }
      await Promise.all(work)
      return outcomes as Outcome[]
    },
    async act(to, act) {
      const body = JSON.stringify({ recipient: { id: to.user }, sender_action: act })
      const reply = await graph.exchange({ method: 'POST', path: 'me/messages', body })
      noticeUsage(reply)
      if (reply.state !== 'answered' || reply.status !== 200) {
        deps.log.debug('messenger.act_failed', { act: code(act) })
      }
    },
    [Symbol.asyncDispose]: () => graph[Symbol.asyncDispose](),
  }
}

const outcomeOfLoss = (state: 'not_left' | 'lost'): Outcome =>
  state === 'not_left'
    ? { state: 'not_sent', code: 'not_connected', retryable: true, waitMs: secondMs }
    : { state: 'unknown', code: 'no_answer' }

/** A JSON body as the form-encoded text that an element of a batch must have: objects stay JSON inside their field. */
function formOf(body: string): string {
  let form = ''
  for (const [name, value] of membersOf(body)) {
    const text = value.startsWith('"') ? (JSON.parse(value) as string) : value
    form += `${form === '' ? '' : '&'}${name}=${encodeURIComponent(text)}`
  }
  return form
}

/** The members of a body of ours as they stand in it, digit for digit: an object without spaces, names without escapes. */
function membersOf(body: string): [name: string, value: string][] {
  const members: [string, string][] = []
  let name = ''
  let from = 1
  let depth = 0
  for (let at = 0; at < body.length; at++) {
    const unit = body.charCodeAt(at)
    if (unit === quote) at = endOfString(body, at)
    else if (unit === openBrace || unit === openBracket) depth++
    else if (unit === colon && depth === 1) {
      name = body.slice(from + 1, at - 1)
      from = at + 1
    } else if (unit === closeBrace || unit === closeBracket) depth--
    if ((unit === comma && depth === 1) || (unit === closeBrace && depth === 0)) {
      members.push([name, body.slice(from, at)])
      from = at + 1
    }
  }
  return members
}

/** Where the string that begins here ends: at the first quote with an even number of backslashes before it. */
function endOfString(body: string, start: number): number {
  for (let at = start; ; ) {
    at = body.indexOf('"', at + 1)
    invariant(at > 0, 'a body of ours is whole JSON')
    let slashes = 0
    while (body.charCodeAt(at - 1 - slashes) === backslash) slashes++
    if (slashes % 2 === 0) return at
  }
}

const [quote, comma, colon, backslash] = [0x22, 0x2c, 0x3a, 0x5c] as const
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d] as const

function retryAfterMs(headers: Headers): number | null {
  const value = headers['retry-after']
  return typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) * secondMs : null
}
