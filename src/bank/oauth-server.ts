import * as client from 'openid-client'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../core/clock.ts'
import { hourMs } from '../core/clock.ts'
import type { Logger } from '../core/logger.ts'
import { code, errorCode } from '../core/logger.ts'
import { OutsideError } from '../core/refusal.ts'
import type { InstitutionId } from './bank.ts'
import { acceptableUrl, type ClientKey } from './keys.ts'
import { outsideOf } from './oauth-trouble.ts'
import { headerOf, retryAfterMs, type Transport } from './transport.ts'

export type AuthorizationSettings = {
  readonly id: InstitutionId
  readonly issuer: string
  readonly clientId: string
  /** RFC 8707, where the bank wants it. */
  readonly resource?: string
  readonly allowHttpLoopback: boolean
  readonly timeoutMs: number
}

/** FAPI 2.0 §5.4.1: nothing else may sign what we rely on. */
const goodAlgorithms = ['PS256', 'ES256', 'EdDSA', 'Ed25519']
/** What is known of a bank's authorization server, and our client at it, for openid-client. */
export function openConfiguration(deps: {
  readonly settings: AuthorizationSettings
  readonly clientKey: ClientKey
  readonly transportFor: (origin: string) => Pick<Transport, 'send'>
  readonly now: Clock
  readonly log: Logger
}): () => Promise<client.Configuration> {
  const { settings, clientKey, now, log } = deps
  let cached: { readonly config: client.Configuration; readonly until: number } | null = null
  let loading: Promise<client.Configuration> | null = null

  /** openid-client's requests go through our transport: one set of limits, one breaker, no redirects. */
  const fetchVia: client.CustomFetch = async (address, options) => {
    const url = acceptableUrl(address, settings.allowHttpLoopback)
    const answer = await deps.transportFor(url.origin).send({
      method: options.method,
      path: `${url.pathname}${url.search}`,
      headers: { ...options.headers },
      body: options.body === null || options.body === undefined ? undefined : textOf(options.body),
    })
    if (answer.status >= 500 || answer.status === 429)
      throw new OutsideError(answer.status === 429 ? 'bank_rate_limited' : 'bank_unavailable', {
        retryable: true,
        waitMs: retryAfterMs(answer, now()),
      })
    const headers = new Headers()
    for (const name of ['content-type', 'dpop-nonce', 'www-authenticate']) {
      const value = headerOf(answer, name)
      if (value !== null) headers.set(name, value)
    }
    const bodiless = answer.status === 204 || answer.status === 304 || answer.body.length === 0
    return new Response(bodiless ? null : new Uint8Array(answer.body), { status: answer.status, headers })
  }

  const load = async (): Promise<client.Configuration> => {
    const issuer = acceptableUrl(settings.issuer, settings.allowHttpLoopback)
    const key = await crypto.subtle.importKey(
      'jwk',
      clientKey.jwk,
      { name: 'ECDSA', namedCurve: 'P-256' },
      false,
      ['sign'],
    )
    const authentication = client.PrivateKeyJwt({ key, kid: clientKey.kid })
    const execute = settings.allowHttpLoopback ? [client.allowInsecureRequests] : []
    const options = { [client.customFetch]: fetchVia, timeout: settings.timeoutMs / 1000, execute }
    const discovered = await client
      .discovery(issuer, settings.clientId, undefined, authentication, options)
      .catch((error: unknown) => {
        const trouble = outsideOf(error)
        if (trouble.retryable) throw trouble
        return client.discovery(issuer, settings.clientId, undefined, authentication, {
          ...options,
          algorithm: 'oauth2',
        })
      })
    const found: client.ServerMetadata = discovered.serverMetadata()
    // The library compares as URLs; FAPI 2.0 §5.3.3.1 wants the very string, and it is what our assertions name as `aud`.
    if (found.issuer !== settings.issuer) throw new OutsideError('bank_issuer_mismatch', { retryable: false })
    for (const endpoint of [
      found.authorization_endpoint,
      found.token_endpoint,
      found.pushed_authorization_request_endpoint,
      found.jwks_uri,
      found.revocation_endpoint,
    ])
      if (endpoint !== undefined) acceptableUrl(endpoint, settings.allowHttpLoopback)
    if (found.pushed_authorization_request_endpoint === undefined)
      throw new OutsideError('bank_without_par', { retryable: false })
    const metadata: client.ServerMetadata = {
      ...found,
      // An answer without `iss` is refused even where the server forgets to promise one (RFC 9207, mix-up defence).
      authorization_response_iss_parameter_supported: true,
      id_token_signing_alg_values_supported: (
        found.id_token_signing_alg_values_supported ?? goodAlgorithms
      ).filter((algorithm) => goodAlgorithms.includes(algorithm)),
    }
    const config = new client.Configuration(metadata, settings.clientId, undefined, authentication)
    config.timeout = settings.timeoutMs / 1000
    config[client.customFetch] = fetchVia
    if (settings.allowHttpLoopback) client.allowInsecureRequests(config)
    client.enableNonRepudiationChecks(config)
    return config
  }

  /** Metadata is read again every hour; a bank whose metadata cannot be read just then goes on with what it said before. */
  return async (): Promise<client.Configuration> => {
    if (cached && now() < cached.until) return cached.config
    loading ??= load()
      .then((config) => {
        cached = { config, until: now() + hourMs }
        return config
      })
      .catch((error: unknown) => {
        const trouble = outsideOf(error)
        log.warn('bank.metadata', { institution: code(settings.id), code: errorCode(trouble) })
        if (!cached || !trouble.retryable) throw trouble
        cached = { config: cached.config, until: now() + hourMs / 60 }
        return cached.config
      })
      .finally(() => {
        loading = null
      })
    return loading
  }
}

/** openid-client's handles by key: each remembers the server's last nonce, so that a refresh is one request and not two. */
export function openHandles(): (config: client.Configuration, jwk: JsonWebKey) => Promise<client.DPoPHandle> {
  const handles = new LRUCache<string, client.DPoPHandle>({ max: 2_000 })
  return async (config, jwk) => {
    const name = `${jwk.x}.${jwk.d}`
    const known = handles.get(name)
    if (known) return known
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    const { kty, crv, x, y } = jwk
    const [privateKey, publicKey] = await Promise.all([
      crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']),
      crypto.subtle.importKey('jwk', { kty, crv, x, y }, algorithm, true, ['verify']),
    ])
    const handle = client.getDPoPHandle(config, { privateKey, publicKey })
    handles.set(name, handle)
    return handle
  }
}

function textOf(body: NonNullable<client.FetchBody>): string {
  if (typeof body === 'string') return body
  if (body instanceof URLSearchParams) return body.toString()
  if (body instanceof ArrayBuffer) return Buffer.from(body).toString()
  if (body instanceof Uint8Array) return Buffer.from(body).toString()
  throw new OutsideError('bank_request_unsupported', { retryable: false })
}
