import { randomUUID } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import type { Logger } from '../core/logger.ts'
import { code, count } from '../core/logger.ts'
import type { Refusal } from '../core/refusal.ts'
import { isRefusal, OutsideError, refuse } from '../core/refusal.ts'
import type { BankTokens, InstitutionId, TokenHolder } from './bank.ts'
import type { Prover } from './dpop.ts'
import type { Tokens } from './tokens.ts'
import type { Answer, Transport } from './transport.ts'
import { headerOf } from './transport.ts'

export type ResourceAsk = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the resource URL, starting with a slash; its parts already escaped. */
  readonly path: string
  /** A text is sent as it stands (a link the bank gave). */
  readonly query?: URLSearchParams | string
  readonly headers?: Record<string, string>
  /** Sent as JSON. */
  readonly json?: unknown
}

/** A bank's resource API, called with one customer's sender-constrained token. */
export type Resource = {
  ask(holder: TokenHolder, ask: ResourceAsk): Promise<Answer | Refusal<'link_broken'>>
}

const nonceWanted = (answer: Answer): boolean =>
  answer.status === 401 && /\buse_dpop_nonce\b/.test(headerOf(answer, 'www-authenticate') ?? '')

/**
 * Sends a DPoP-bound request (RFC 9449 §7), coping with the two 401s that are not the end: "use this nonce" (asked once,
 * then remembered for the origin) and an access token that died early (refreshed once). Any other 401 is `link_broken`.
 */
export function openResource(deps: {
  readonly institution: InstitutionId
  readonly base: URL
  readonly transport: Pick<Transport, 'send'>
  readonly provers: (jwk: JsonWebKey) => Prover
  readonly tokens: Tokens
  /** Real time: what a proof says is compared with the bank's clock. */
  readonly wallClock: Clock
  readonly log: Logger
}): Resource {
  const { base, transport, provers, wallClock } = deps
  const prefix = base.pathname.replace(/\/+$/, '')
  let nonce: string | null = null

  const send = async (tokens: BankTokens, ask: ResourceAsk): Promise<Answer> => {
    const method = ask.method ?? 'GET'
    const path = `${prefix}${ask.path}`
    const interaction = randomUUID()
    const headers: Record<string, string> = {
      accept: 'application/json',
      authorization: `DPoP ${tokens.accessToken}`,
      dpop: provers(tokens.dpopJwk).proof({
        method,
        htu: `${base.origin}${path}`,
        accessToken: tokens.accessToken,
        nonce,
        atSeconds: Math.floor(wallClock() / 1000),
      }),
      'x-fapi-interaction-id': interaction,
      ...ask.headers,
    }
    if (ask.json !== undefined) headers['content-type'] = 'application/json'
    const search = ask.query?.toString() ?? ''
    const query = search === '' ? '' : `?${search}`
    const body = ask.json === undefined ? undefined : JSON.stringify(ask.json)
    try {
      const answer = await transport.send({ method, path: `${path}${query}`, headers, body })
      const offered = headerOf(answer, 'dpop-nonce')
      if (offered !== null && offered.length <= 512) nonce = offered
      if (answer.status >= 500)
        deps.log.warn('bank.trouble', {
          institution: code(deps.institution),
          status: count(answer.status),
          interaction: code(interaction),
        })
      return answer
    } catch (error) {
      deps.log.warn('bank.trouble', {
        institution: code(deps.institution),
        code: code(error instanceof OutsideError ? error.code : 'unknown'),
        interaction: code(interaction),
      })
      throw error
    }
  }

  return {
    ask: async (holder, ask) => {
      let tokens = await deps.tokens.fresh(holder)
      if (isRefusal(tokens)) return tokens
      let nonceTried = false
      let refreshTried = false
      for (;;) {
        const answer = await send(tokens, ask)
        if (answer.status >= 300 && answer.status < 400)
          // Following would carry the token to a place that nobody configured.
          throw new OutsideError('bank_redirected', { retryable: false })
        if (answer.status !== 401) return answer
        if (nonceWanted(answer) && !nonceTried) {
          nonceTried = true
          continue
        }
        if (refreshTried) return refuse('link_broken')
        refreshTried = true
        const renewed = await deps.tokens.fresh(holder, tokens.accessToken)
        if (isRefusal(renewed)) return renewed
        tokens = renewed
      }
    },
  }
}
