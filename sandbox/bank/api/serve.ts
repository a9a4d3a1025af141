import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Bank } from '../bank.ts'
import type { Consent } from '../consent.ts'
import type { Fault, Faults } from '../fault.ts'
import { readText } from '../form.ts'
import type { Access, AccessFault } from './access.ts'
import { accessOf } from './access.ts'
import type { Answer, Ask } from './answer.ts'
import { fail } from './answer.ts'
import type { ProofCheck } from './dpop.ts'
import type { Failure } from './failure.ts'
import { failureBody } from './failure.ts'
import { answerFdx, fdxBase, openEndpoints } from './fdx.ts'
import type { Token } from './token.ts'
import { answerUk } from './ukob.ts'
import { ukBase } from './ukob-shape.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const maxBody = 64 * 1024
const nothing = new URLSearchParams()

export type Api = {
  /** True when the path is this API's. */
  owns(path: string): boolean
  handle(request: IncomingMessage, response: ServerResponse, path: string, query: string): void
}

/** Reads at most 64 KiB; undefined for an empty body, null for one that is not JSON or too long. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = await readText(request, maxBody)
  if (text === null || text === '') return text === null ? null : undefined
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const faultFailure = {
  'rate-limit': 'too_many',
  error: 'internal',
  maintenance: 'maintenance',
  expired: 'consent_ended',
} as const satisfies Partial<Record<Fault['kind'], Failure>>

/**
 * A bank's resource server. Plain node:http and synchronous checks, because a balance read is the most frequent thing
 * anyone asks of a bank: a request with a warm token costs one signature check and one JSON.stringify.
 */
export function openApi(options: {
  readonly bank: Bank
  readonly origin: string
  readonly faults: Faults
  readonly checkToken: (token: string, hash: string) => Token | null
  readonly proofs: ProofCheck
  readonly clientName: (clientId: string) => string
  readonly endTokens: (consent: Consent) => Promise<void>
}): Api {
  const { bank, origin, faults, checkToken, proofs } = options
  const { institution } = bank
  const fdx = institution.standard === 'fdx'
  const base = fdx ? fdxBase : ukBase
  // FDX requires the header; UK Open Banking has it optional and the server makes one up.
  const idRequired = fdx

  function send(
    response: ServerResponse,
    interactionId: string,
    answer: Answer,
    extra: Record<string, string> = {},
  ): void {
    let status: number
    let body: string | Buffer = ''
    let type = 'application/json; charset=utf-8'
    if ('failure' in answer) {
      const failed = failureBody(institution, answer.failure, answer.debug, interactionId)
      status = failed.status
      body = JSON.stringify(failed.json)
    } else if ('json' in answer) {
      status = answer.status
      body = JSON.stringify(answer.json)
    } else if ('pdf' in answer) {
      status = answer.status
      body = answer.pdf
      type = 'application/pdf'
    } else status = answer.status
    response.writeHead(status, {
      'x-fapi-interaction-id': interactionId,
      'cache-control': 'no-store',
      ...(status === 204 ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
      ...extra,
    })
    response.end(body)
  }

  function refuse(response: ServerResponse, interactionId: string, fault: AccessFault): void {
    const headers: Record<string, string> = {}
    const failed = failureBody(institution, fault.failure, fault.debug, interactionId)
    if (failed.status === 401)
      headers['www-authenticate'] = `DPoP algs="ES256", error="${fault.challenge ?? 'invalid_token'}"`
    if (fault.challenge === 'use_dpop_nonce') headers['dpop-nonce'] = proofs.nonce()
    send(response, interactionId, fail(fault.failure, fault.debug), headers)
  }

  async function troubled(
    hits: readonly Fault[],
    request: IncomingMessage,
    response: ServerResponse,
    interactionId: string,
  ): Promise<{ answered: boolean; partial: boolean }> {
    let partial = false
    for (const fault of hits) {
      if (fault.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.ms))
      else if (fault.kind === 'drop') {
        request.socket.destroy()
        return { answered: true, partial }
      } else if (fault.kind === 'partial') partial = true
      else {
        const failure = faultFailure[fault.kind]
        if (failure === 'consent_ended')
          refuse(response, interactionId, { failure, debug: 'expired', challenge: 'invalid_token' })
        else
          send(
            response,
            interactionId,
            fail(failure),
            failure === 'internal' ? {} : { 'retry-after': String(fault.retryAfterSeconds) },
          )
        return { answered: true, partial }
      }
    }
    return { answered: false, partial }
  }

  async function carefully(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    query: string,
    interactionId: string,
    hits: readonly Fault[],
  ): Promise<void> {
    const { answered, partial } = await troubled(hits, request, response, interactionId)
    if (answered) return
    const method = request.method ?? 'GET'
    const access = allow(request, response, path, interactionId)
    if (access === undefined) return
    const body = method === 'GET' || method === 'DELETE' ? undefined : await readJson(request)
    const ask: Ask = { method, path, query: new URLSearchParams(query), body, access, partial, origin }
    send(response, interactionId, await route(ask), nonceHeader())
  }

  const route = (ask: Ask): Answer | Promise<Answer> =>
    fdx ? answerFdx(bank, ask, options.endTokens) : answerUk(bank, ask, options.clientName, options.endTokens)

  const nonceHeader = (): Record<string, string> | undefined =>
    proofs.stalest ? { 'dpop-nonce': proofs.nonce() } : undefined

  /** Undefined when the request was already answered. */
  function allow(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    interactionId: string,
  ): Access | null | undefined {
    if (openEndpoints.has(path) && fdx) return null
    const access = accessOf(request, origin + path, bank, checkToken, proofs)
    if ('failure' in access) {
      refuse(response, interactionId, access)
      return undefined
    }
    return access
  }

  return {
    owns: (path) => path.startsWith(`${base}/`) || path === base,
    handle(request, response, path, query) {
      const given = request.headers['x-fapi-interaction-id']
      const good = typeof given === 'string' && uuid.test(given)
      const interactionId = good ? given : randomUUID()
      const broken = (error: unknown): void => {
        if (response.headersSent) {
          response.destroy()
          return
        }
        send(response, interactionId, fail('internal'))
        // A bug of the sandbox, not of the caller: say where, without what was asked.
        if (error instanceof Error) process.stderr.write(`sandbox bank: ${error.stack ?? error.name}\n`)
      }
      try {
        if (!good && (idRequired || given !== undefined) && !openEndpoints.has(path)) {
          const failure = given === undefined ? 'missing_header' : 'bad_header'
          send(response, interactionId, fail(failure, 'x-fapi-interaction-id must be a UUID'))
          return
        }
        const method = request.method ?? 'GET'
        const hits = faults.take('data', path)
        if (hits.length > 0 || method !== 'GET') {
          carefully(request, response, path, query, interactionId, hits).catch(broken)
          return
        }
        const access = allow(request, response, path, interactionId)
        if (access === undefined) return
        const answer = route({
          method,
          path,
          query: query === '' ? nothing : new URLSearchParams(query),
          body: undefined,
          access,
          partial: false,
          origin,
        })
        if (answer instanceof Promise)
          answer.then((late) => send(response, interactionId, late, nonceHeader())).catch(broken)
        else send(response, interactionId, answer, nonceHeader())
      } catch (error) {
        broken(error)
      }
    },
  }
}
