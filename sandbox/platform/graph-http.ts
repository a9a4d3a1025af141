import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Fault, Faults } from './faults.ts'
import { errorReply, fail, graphErrors, type Reply } from './graph-error.ts'
import type { Graph } from './graph.ts'
import {
  batchLimit,
  fillReferences,
  parse,
  readBatch,
  readMultipart,
  tokensIn,
  type BatchPart,
  type Parsed,
  type Request,
} from './graph-request.ts'
import { usageHeader } from './rate-limit.ts'
import type { Recorded, Recorder } from './recorder.ts'
import type { World } from './world.ts'

/** `/v25.0/…`, or the root for a batch. Everything else on this server is the phone page's. */
export const isGraphPath = (url: string): boolean => /^\/v\d+\.\d+(?:\/|\?|$)/.test(url)

export const graphBodyLimit = 30 * 1024 * 1024

export type GraphHttp = { handle(request: IncomingMessage, response: ServerResponse, body: Buffer): void }

/** The Graph API over HTTP: reads the forms it accepts, records, applies faults, answers. One pass, nothing awaited for a send. */
export function createGraphHttp(
  world: World,
  graph: Graph,
  recorder: Recorder,
  faults: Faults,
  noteRefusal: () => void,
): GraphHttp {
  const shuffle = (world.options.batchOrder ?? (world.headless ? 'as_given' : 'shuffled')) === 'shuffled'
  const hanging = new Set<NodeJS.Timeout>()

  const answer = (response: ServerResponse, reply: Reply, pageId: string | null): void => {
    if (response.destroyed) return
    const headers: Record<string, string | number> = {
      'content-type': 'application/json; charset=UTF-8',
      'content-length': Buffer.byteLength(reply.body),
      'facebook-api-version': 'v25.0',
    }
    const page = pageId === null ? undefined : world.pages.get(pageId)
    if (page && world.limits) {
      headers['x-business-use-case-usage'] = usageHeader(
        page.meter,
        page.id,
        page.threads.size + world.audience,
      )
      headers['x-app-usage'] = '{"call_count":1,"total_cputime":1,"total_time":1}'
    }
    if (reply.failed === 'bad_token' || reply.failed === 'no_token')
      headers['www-authenticate'] = 'OAuth "Facebook Platform" "invalid_token" "Invalid OAuth access token"'
    response.writeHead(reply.status, headers)
    response.end(reply.body)
  }

  /** Runs one call under whatever fault applies. `null` in `reply` = the bot gets no answer. */
  const run = (
    call: Parsed,
    pageId: string | null,
  ): { reply: Reply | Promise<Reply>; fault: Fault | null } => {
    if (world.outage) return { reply: errorReply(fail('temporary')), fault: null }
    const fault = faults.any ? faults.draw(call.segments.at(-1) ?? '', pageId) : null
    if (fault && !fault.accept)
      return {
        reply: errorReply(fail(typeof fault.answer === 'object' ? fault.answer.error : 'temporary')),
        fault,
      }
    return { reply: graph.call(call), fault }
  }
  const settle = (entry: Recorded, reply: Reply, pageId: string | null): void => {
    entry.status = reply.status
    entry.psid = reply.psid ?? null
    entry.pageId = pageId
    entry.refused = reply.failed === undefined ? null : refusedText(reply)
    if (reply.failed !== undefined) noteRefusal()
    recorder.settle(entry)
  }
  const finish = (
    response: ServerResponse,
    entry: Recorded,
    reply: Reply,
    fault: Fault | null,
    pageId: string | null,
  ): void => {
    settle(entry, reply, pageId)
    if (fault === null) return answer(response, reply, pageId)
    const shown = typeof fault.answer === 'object' ? errorReply(fail(fault.answer.error)) : reply
    const act = (): void => {
      if (fault.answer === 'drop' || fault.answer === 'hang') response.destroy()
      else answer(response, shown, pageId)
    }
    if (fault.delayMs === 0) return act()
    const timer = setTimeout(() => {
      hanging.delete(timer)
      act()
    }, fault.delayMs)
    timer.unref()
    hanging.add(timer)
  }

  const batch = async (
    response: ServerResponse,
    entry: Recorded,
    request: Request,
    outer: Parsed,
  ): Promise<void> => {
    const parts = readBatch(outer.params['batch'])
    const reply =
      parts === null
        ? errorReply(fail('parameter', `Param batch must be a JSON array of 1 to ${batchLimit} requests`))
        : outer.token === null || !world.tokens.has(outer.token)
          ? errorReply(fail(outer.token === null ? 'no_token' : 'bad_token'))
          : null
    if (reply || parts === null) {
      settle(entry, reply as Reply, null)
      return answer(response, reply as Reply, null)
    }
    const results: ({ code: number; headers: { name: string; value: string }[]; body: string } | null)[] =
      Array.from({ length: parts.length }, () => null)
    const done = new Map<string, unknown>()
    const runPart = async (index: number): Promise<void> => {
      const part = parts[index] as BatchPart
      const body = fillReferences(part.body, done)
      const inner: Request = {
        ...request,
        method: part.method,
        url: `/${fillReferences(part.relativeUrl, done).replace(/^\//, '')}`,
        type: 'application/x-www-form-urlencoded',
        body: Buffer.from(body),
      }
      const parsed = parse(inner, outer.token, outer.proof)
      const pageId = parsed.token === null ? null : (world.tokens.get(parsed.token)?.page.id ?? null)
      const recorded = recorder.record({
        at: world.clock(),
        method: part.method,
        path: inner.url,
        rawHeaders: [],
        body: inner.body,
        batch: true,
      })
      const { reply: pending, fault } = run(parsed, pageId)
      const result = await pending
      settle(recorded, result, pageId)
      if (part.name !== null) done.set(part.name, JSON.parse(result.body))
      if (fault && (fault.answer === 'hang' || fault.answer === 'drop')) return
      const shown = fault && typeof fault.answer === 'object' ? errorReply(fail(fault.answer.error)) : result
      const omitted = part.name !== null && part.omit && shown.status === 200
      if (!omitted)
        results[index] = {
          code: shown.status,
          headers: [{ name: 'Content-Type', value: 'application/json; charset=UTF-8' }],
          body: shown.body,
        }
    }
    const order = parts.map((_, index) => index)
    // What depends on another part runs after it; the rest in any order.
    if (shuffle && !parts.some((part) => part.name !== null || part.dependsOn !== null))
      world.random.shuffle(order)
    for (const index of order) await runPart(index)
    const pageId = world.tokens.get(outer.token ?? '')?.page.id ?? null
    entry.status = 200
    entry.pageId = pageId
    recorder.settle(entry)
    answer(response, { status: 200, body: JSON.stringify(results) }, pageId)
  }

  return {
    handle: (incoming, response, body) => {
      const request: Request = {
        method: incoming.method ?? 'GET',
        url: incoming.url ?? '/',
        authorization: incoming.headers.authorization,
        type: incoming.headers['content-type'] ?? '',
        body,
        rawHeaders: incoming.rawHeaders,
      }
      blankAuthorization(incoming.rawHeaders)
      const entry = recorder.record({
        at: world.clock(),
        method: request.method,
        path: request.url,
        rawHeaders: incoming.rawHeaders,
        body,
        batch: false,
      })
      const proceed = (call: Parsed): void => {
        if (call.problem) {
          const reply = errorReply(fail('parameter', call.problem))
          settle(entry, reply, null)
          return answer(response, reply, null)
        }
        if (call.segments.length === 0 && request.method === 'POST')
          return void batch(response, entry, request, call)
        const pageId = call.token === null ? null : (world.tokens.get(call.token)?.page.id ?? null)
        const { reply, fault } = run(call, pageId)
        if (reply instanceof Promise)
          void reply.then((value) => finish(response, entry, value, fault, pageId))
        else finish(response, entry, reply, fault, pageId)
      }
      if (request.type.startsWith('multipart/form-data')) {
        void readMultipart(request).then(
          (params) =>
            proceed({
              ...parse({ ...request, body: Buffer.alloc(0) }, null, null),
              ...tokensIn(request, params),
              params,
            }),
          () =>
            proceed({
              ...parse({ ...request, body: Buffer.alloc(0) }, null, null),
              problem: 'The multipart body could not be read',
            }),
        )
      } else proceed(parse(request, null, null))
    },
  }
}

/** The token never reaches the record. In place: the list is this request's own, and the header was read before. */
function blankAuthorization(rawHeaders: string[]): void {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    if (name.length === 13 && name.toLowerCase() === 'authorization') rawHeaders[index + 1] = '[token]'
  }
}

const refusedText = (reply: Reply): string => {
  const row: { code: number; subcode?: number } = graphErrors[reply.failed ?? 'unknown']
  return row.subcode === undefined ? String(row.code) : `${row.code}/${row.subcode}`
}
