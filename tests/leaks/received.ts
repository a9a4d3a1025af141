import type { Recorded } from '../../sandbox/platform/recorder.ts'

/** A message as the platform received it, alone or as a part of a batch. */
export type Received = {
  readonly at: number
  readonly psid: string
  /** Our own id, from its metadata; '' when it has none. */
  readonly id: string
  /** The bytes of the call or of the batch's part. */
  readonly raw: string
  /** All that a person would read of it. */
  readonly text: string
  /** Are these the bytes of this request body, sent as it stands or form-encoded as a batch wants it? */
  carries(body: string): boolean
}

/** A typing indicator or a seen mark: it carries no words, and nothing but these. */
const actOnly = /^\{"recipient":\{"id":"\d+"\},"sender_action":"(?:typing_on|typing_off|mark_seen)"\}$/

type Message = { recipient?: { id?: string }; message?: { metadata?: string } }

/** Splits what was received into messages and everything else: addresses, headers, profile calls, batch envelopes. */
export function receivedOf(recorded: readonly Recorded[]): {
  messages: Received[]
  others: { where: string; text: string }[]
} {
  const messages: Received[] = []
  const others: { where: string; text: string }[] = []
  for (const entry of recorded) {
    // The parts are read from the envelope: a platform that fails early knows no parts.
    if (entry.batch) continue
    const path = entry.path.split('?')[0] ?? ''
    const body = entry.body?.toString('utf8') ?? ''
    others.push({
      where: `the head of ${entry.method} ${path}`,
      text: `${entry.path}\n${entry.rawHeaders.join('\n')}`,
    })
    if (entry.method === 'POST' && /^\/v[\d.]+\/me\/messages$/.test(path) && !actOnly.test(body))
      messages.push(messageOf(entry.at, body, JSON.parse(body) as Message, (logged) => logged === body))
    else if (entry.method === 'POST' && path === '/') {
      const envelope = JSON.parse(body) as {
        batch?: { method: string; relative_url: string; body: string }[]
      }
      for (const part of envelope.batch ?? []) {
        const fields = Object.fromEntries(
          [...new URLSearchParams(part.body)].map(([name, value]) => [
            name,
            /^[{[]/.test(value) ? (JSON.parse(value) as unknown) : value,
          ]),
        )
        messages.push(
          messageOf(entry.at, part.body, fields as Message, (logged) => formOf(logged) === part.body),
        )
      }
      others.push({
        where: 'a batch envelope',
        text: JSON.stringify({ ...envelope, batch: envelope.batch?.map((part) => ({ ...part, body: '' })) }),
      })
    } else others.push({ where: `${entry.method} ${path}`, text: body })
  }
  return { messages, others }
}

function messageOf(at: number, raw: string, message: Message, carries: (body: string) => boolean): Received {
  const texts: string[] = []
  const collect = (value: unknown, key = ''): void => {
    if (typeof value === 'string') {
      if (/^(text|title|subtitle)$/.test(key)) texts.push(value)
    } else if (typeof value === 'object' && value !== null)
      for (const [name, inner] of Object.entries(value)) collect(inner, name)
  }
  collect(message.message)
  return {
    at,
    psid: message.recipient?.id ?? '',
    id: message.message?.metadata ?? '',
    raw,
    text: texts.join('\n'),
    carries,
  }
}

/** Form encoding of a JSON body, written again from the platform's rules: objects stay JSON in their field. */
const formOf = (body: string): string =>
  Object.entries(JSON.parse(body) as Record<string, unknown>)
    .map(
      ([name, value]) =>
        `${name}=${encodeURIComponent(typeof value === 'string' ? value : JSON.stringify(value))}`,
    )
    .join('&')
