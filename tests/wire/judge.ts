import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import type { Inbound } from '../../src/channel/channel.ts'
import { decodeSend } from '../../src/channel/messenger/decode.ts'
import { encodeSend } from '../../src/channel/messenger/encode.ts'
import { rowFor } from '../../src/channel/messenger/errors.ts'
import { parse } from '../../src/channel/messenger/receive.ts'
import {
  attachmentUpload,
  graphError,
  profileRequest,
  profileResponse,
  sendRequest,
  sendResponse,
} from '../../src/channel/messenger/wire.ts'
import { openLogger } from '../../src/core/logger.ts'
import { isRefusal } from '../../src/core/refusal.ts'
import { webhookDoor } from '../../src/http/webhooks.ts'
import { escaped, type Sample } from './samples.ts'

export type Verdict =
  | { readonly result: 'passed'; readonly note: string }
  | { readonly result: 'failed'; readonly why: string }
  | { readonly result: 'skipped'; readonly why: string }

const passed = (note: string): Verdict => ({ result: 'passed', note })
const failed = (why: string): Verdict => ({ result: 'failed', why })
const skipped = (why: string): Verdict => ({ result: 'skipped', why })

const appSecret = 'wire-test-secret'
const path = '/webhooks/messenger'

/** A gateway's door for Messenger and Instagram on a free port of this machine, and a judge that posts samples to it. */
export async function openJudge(): Promise<{
  judge(sample: Sample): Promise<Verdict>
  [Symbol.asyncDispose](): Promise<void>
}> {
  let names: readonly string[] = []
  let events: readonly Inbound[] = []
  const server = createServer(
    webhookDoor({
      channels: new Map([
        [
          path,
          {
            secrets: [Buffer.from(appSecret)],
            verifyToken: 'wire-test-token',
            parse: (raw) => parse(raw, { appId: '1', now: Date.now() }),
          },
        ],
      ]),
      accept: (accepted) => {
        events = accepted
        return Promise.resolve()
      },
      named: (_path, found) => {
        names = found
      },
      log: openLogger('silent'),
      maxBytes: 4 * 1024 * 1024,
    }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  async function post(body: string): Promise<number> {
    names = []
    events = []
    const signature = createHmac('sha256', appSecret).update(body).digest('hex')
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
      body,
    })
    await response.arrayBuffer()
    return response.status
  }

  /** Through the door in both spellings a platform uses; both must be understood alike. */
  async function judgeWebhook(sample: Sample): Promise<Verdict> {
    const object = (sample.payload as { object?: unknown } | null)?.object
    const ours = object === 'page' || object === 'instagram'
    const seen: string[] = []
    for (const body of [escaped(sample.text), sample.text]) {
      const status = await post(body)
      if (!ours) {
        // What is not about a Page or an Instagram account does not belong at this address.
        if (status !== 404)
          return failed(`object "${String(object)}" is not ours, yet answered ${status} instead of 404`)
        seen.push('')
        continue
      }
      if (status !== 200) return failed(`answered ${status} instead of 200`)
      const expected = countEvents(sample.payload)
      if (names.length !== expected)
        return failed(`${expected} events, but ${names.length} named (${names.join(', ')})`)
      if (events.some(({ key }) => key.length === 0 || key.length > 200))
        return failed('an event without a proper key')
      seen.push(JSON.stringify([names, events]))
    }
    if (!ours) return passed(`404: object "${String(object)}" is not a Page's nor an Instagram account's`)
    return seen[0] === seen[1]
      ? passed(names.join(', '))
      : failed('escaped and plain bodies were read differently')
  }

  return {
    async judge(sample) {
      if (sample.platform !== 'messenger' && sample.platform !== 'instagram') {
        return skipped(`no adapter for ${sample.platform} yet`)
      }
      const { kind, payload } = sample
      if (kind.startsWith('webhook')) return judgeWebhook(sample)
      if (kind.startsWith('send/request')) return judgeSend(sample)
      if (kind.startsWith('send/response')) return judgeSchema(sendResponse, payload)
      if (kind.startsWith('error')) return judgeError(payload)
      if (kind.startsWith('profile/request')) return judgeSchema(profileRequest, payload)
      if (kind.startsWith('profile/response')) return judgeSchema(profileResponse, payload)
      if (kind.startsWith('attachment-upload/request')) return judgeSchema(attachmentUpload, payload)
      if (kind.startsWith('attachment-upload/response')) return judgeSchema(sendResponse, payload)
      return skipped(`no type for ${kind}`)
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** How many things a body holds, counted without the adapter: each event and change, and each entry that has none. */
function countEvents(payload: unknown): number {
  const entries = (payload as { entry?: unknown }).entry
  if (!Array.isArray(entries) || entries.length === 0) return 1
  return entries.reduce<number>((sum, entry: unknown) => {
    const { messaging, standby, changes } = (entry ?? {}) as Record<string, unknown>
    const inside = [messaging, standby, changes].reduce<number>(
      (n, part) => n + (Array.isArray(part) ? part.length : 0),
      0,
    )
    return sum + Math.max(1, inside)
  }, 0)
}

function judgeSchema(schema: z.ZodType, payload: unknown): Verdict {
  const result = schema.safeParse(payload)
  if (result.success) return passed('of the adapter’s type')
  const issue = result.error.issues[0]
  return failed(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not of the adapter’s type'}`)
}

/** A request we could have made must survive the way into our words and back. */
function judgeSend(sample: Sample): Verdict {
  const shape = judgeSchema(sendRequest, sample.payload)
  if (shape.result !== 'passed') return shape
  const decoded = decodeSend(sample.payload)
  if (isRefusal(decoded)) return passed('valid, but nothing this house says')
  const { user, route, content } = decoded
  const to = { channel: 'messenger', account: '1', user } as const
  const encoded = encodeSend(
    { to, id: 'out_00000000', content, route },
    { kind: 'messenger', httpsOnly: true },
  )
  if (isRefusal(encoded)) return passed(`valid, but refused here: ${encoded.refused}`)
  const again = decodeSend(JSON.parse(encoded.body))
  if (isRefusal(again) || !isDeepStrictEqual(again.content, content) || again.route !== route) {
    return failed('the content changed on its way out and back')
  }
  return passed(content.kind)
}

function judgeError(payload: unknown): Verdict {
  const shape = judgeSchema(graphError, payload)
  if (shape.result !== 'passed') return shape
  const { error } = graphError.parse(payload)
  const row = rowFor(error, 400)
  return row.sentence === '' ? failed('an error without a sentence') : passed(row.name)
}
