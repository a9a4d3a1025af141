import * as client from 'openid-client'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../core/clock.ts'
import { hourMs } from '../core/clock.ts'
import { newSecret } from '../core/id.ts'
import type { Logger } from '../core/logger.ts'
import { code, errorCode } from '../core/logger.ts'
import type { Refusal } from '../core/refusal.ts'
import { OutsideError, refuse } from '../core/refusal.ts'
import type { BankTokens, InstitutionId, PendingAuthorization } from './bank.ts'
import { newDpopJwk } from './dpop.ts'
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

/** What a redeemed code brought. `claims` are the verified ID token's, `details` what was granted (RFC 9396 §7). */
export type Redeemed = {
  readonly subject: string
  readonly tokens: BankTokens
  readonly claims: Readonly<Record<string, unknown>>
  readonly details: unknown
  readonly grantId: string | null
}

export type Authorization = {
  /** The server's metadata, cached; throws OutsideError when it cannot be had or breaks a rule that protects customers. */
  metadata(): Promise<Readonly<client.ServerMetadata>>
  push(request: {
    readonly purpose: 'link' | 'session'
    readonly redirectUri: string
    /** `offline_access` is left out where the server says that it does not know it. */
    readonly scopes: readonly string[]
    readonly consentId: string | null
    /** Further parameters of the pushed request: authorization_details, claims, login_hint … */
    readonly extra: Readonly<Record<string, string>>
  }): Promise<{ readonly url: string; readonly pending: PendingAuthorization }>
  redeem(
    pending: PendingAuthorization,
    returned: URL,
  ): Promise<Redeemed | Refusal<'denied' | 'mixed_up' | 'expired'>>
  refresh(tokens: BankTokens): Promise<BankTokens | Refusal<'link_broken'>>
  /** A token of our own (no customer), for consents that are made before the customer is known. */
  clientCredentials(scope: string, dpopJwk: JsonWebKey): Promise<BankTokens>
  /** RFC 7009; a server without the endpoint, or a token it no longer knows, is fine. */
  revokeTokens(tokens: BankTokens): Promise<void>
}

/** FAPI 2.0 §5.4.1: nothing else may sign what we rely on. */
const goodAlgorithms = ['PS256', 'ES256', 'EdDSA', 'Ed25519']
const deniedErrors = new Set([
  'access_denied',
  'consent_required',
  'interaction_required',
  'login_required',
  'account_selection_required',
])
const expiredErrors = new Set(['invalid_request_uri', 'expired', 'session_expired'])

/** A FAPI 2.0 Security Profile client (Final, 2025) of one bank: PAR, PKCE, DPoP, private_key_jwt, `iss`, RAR. */
export function openAuthorization(deps: {
  readonly settings: AuthorizationSettings
  readonly clientKey: ClientKey
  readonly transportFor: (origin: string) => Transport
  readonly now: Clock
  readonly log: Logger
}): Authorization {
  const { settings, clientKey, now, log } = deps
  const institution = code(settings.id)
  const handles = new LRUCache<string, Promise<client.DPoPHandle>>({ max: 2_000 })
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
  const configuration = async (): Promise<client.Configuration> => {
    if (cached && now() < cached.until) return cached.config
    loading ??= load()
      .then((config) => {
        cached = { config, until: now() + hourMs }
        return config
      })
      .catch((error: unknown) => {
        const trouble = outsideOf(error)
        log.warn('bank.metadata', { institution, code: errorCode(trouble) })
        if (!cached || !trouble.retryable) throw trouble
        cached = { config: cached.config, until: now() + hourMs / 60 }
        return cached.config
      })
      .finally(() => {
        loading = null
      })
    return loading
  }

  const handleFor = (config: client.Configuration, jwk: JsonWebKey): Promise<client.DPoPHandle> => {
    const name = `${jwk.x}.${jwk.d}`
    const known = handles.get(name)
    if (known) return known
    const handle = Promise.resolve().then(async () => {
      const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
      const { kty, crv, x, y } = jwk
      const [privateKey, publicKey] = await Promise.all([
        crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']),
        crypto.subtle.importKey('jwk', { kty, crv, x, y }, algorithm, true, ['verify']),
      ])
      return client.getDPoPHandle(config, { privateKey, publicKey })
    })
    handles.set(name, handle)
    return handle
  }

  const tokensOf = (
    answer: client.TokenEndpointResponse,
    keep: Pick<BankTokens, 'dpopJwk' | 'consentId' | 'refreshToken'>,
  ): BankTokens => {
    // A bearer token would be worth something to whoever finds it: FAPI 2.0 §5.3.2.1 allows bound ones only.
    if (answer.token_type.toLowerCase() !== 'dpop')
      throw new OutsideError('bank_token_unbound', { retryable: false })
    const seconds = Math.min(Math.max(answer.expires_in ?? 300, 1), 86_400)
    return {
      accessToken: answer.access_token,
      refreshToken: answer.refresh_token ?? keep.refreshToken,
      expiresAt: now() + seconds * 1000,
      dpopJwk: keep.dpopJwk,
      consentId: keep.consentId,
    }
  }

  const trouble = (event: string, error: unknown): OutsideError => {
    const outside = outsideOf(error)
    log.warn(event, {
      institution,
      code: errorCode(outside),
      answer: error instanceof client.ResponseBodyError ? code(error.error) : undefined,
    })
    return outside
  }

  return {
    metadata: async () => (await configuration()).serverMetadata(),

    push: async (request) => {
      const config = await configuration()
      const dpopJwk = newDpopJwk()
      const codeVerifier = client.randomPKCECodeVerifier()
      const offline = config.serverMetadata().scopes_supported?.includes('offline_access') ?? true
      const pending: PendingAuthorization = {
        institution: settings.id,
        state: newSecret(),
        codeVerifier,
        dpopJwk,
        nonce: newSecret(),
        purpose: request.purpose,
        consentId: request.consentId,
        redirectUri: request.redirectUri,
      }
      try {
        const url = await client.buildAuthorizationUrlWithPAR(
          config,
          {
            ...request.extra,
            response_type: 'code',
            redirect_uri: request.redirectUri,
            scope: request.scopes.filter((scope) => scope !== 'offline_access' || offline).join(' '),
            state: pending.state,
            nonce: pending.nonce ?? '',
            code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
            code_challenge_method: 'S256',
            ...(settings.resource === undefined ? {} : { resource: settings.resource }),
          },
          // A proof at PAR binds the code itself to the customer's key (RFC 9449 §10.1).
          { DPoP: await handleFor(config, dpopJwk) },
        )
        return { url: url.href, pending }
      } catch (error) {
        throw trouble('bank.push', error)
      }
    },

    redeem: async (pending, returned) => {
      const config = await configuration()
      const { issuer } = config.serverMetadata()
      const parameters = returned.searchParams
      const only = (name: string): string | null => {
        const values = parameters.getAll(name)
        return values.length === 1 ? (values[0] ?? null) : null
      }
      // Another bank's answer, or another browser's, is recognised before the code is shown to anyone (RFC 9207 §2.4).
      if (pending.institution !== settings.id || only('state') !== pending.state || only('iss') !== issuer)
        return refuse('mixed_up')
      const failure = parameters.get('error')
      if (failure !== null) {
        if (deniedErrors.has(failure)) return refuse('denied')
        if (expiredErrors.has(failure)) return refuse('expired')
        log.warn('bank.login', { institution, answer: code(failure) })
        throw new OutsideError(
          /^(server_error|temporarily_unavailable)$/.test(failure) ? 'bank_unavailable' : 'bank_login_failed',
          {
            retryable: failure === 'server_error' || failure === 'temporarily_unavailable',
          },
        )
      }
      if (only('code') === null) return refuse('mixed_up')
      // The redirect URI is the one we sent, whatever a proxy made of the address the browser came back on.
      const landed = new URL(pending.redirectUri)
      if (landed.pathname !== returned.pathname) return refuse('mixed_up')
      for (const [name, value] of parameters) landed.searchParams.append(name, value)
      try {
        const answer = await client.authorizationCodeGrant(
          config,
          landed,
          {
            pkceCodeVerifier: pending.codeVerifier,
            expectedState: pending.state,
            expectedNonce: pending.nonce ?? undefined,
            idTokenExpected: true,
          },
          settings.resource === undefined ? undefined : { resource: settings.resource },
          { DPoP: await handleFor(config, pending.dpopJwk) },
        )
        const claims = answer.claims()
        if (!claims || claims.sub.length > 255)
          throw new OutsideError('bank_without_subject', { retryable: false })
        const grantId =
          typeof answer.grant_id === 'string' && answer.grant_id.length <= 256 ? answer.grant_id : null
        return {
          subject: claims.sub,
          claims,
          details: answer.authorization_details ?? null,
          grantId,
          tokens: tokensOf(answer, {
            dpopJwk: pending.dpopJwk,
            refreshToken: null,
            consentId: pending.consentId ?? grantId,
          }),
        }
      } catch (error) {
        // A code lives 60 seconds and works once (FAPI 2.0 §5.3.2.1): the customer starts again.
        if (error instanceof client.ResponseBodyError && error.error === 'invalid_grant')
          return refuse('expired')
        throw trouble('bank.redeem', error)
      }
    },

    refresh: async (tokens) => {
      if (tokens.refreshToken === null) return refuse('link_broken')
      try {
        const config = await configuration()
        const answer = await client.refreshTokenGrant(
          config,
          tokens.refreshToken,
          settings.resource === undefined ? undefined : { resource: settings.resource },
          { DPoP: await handleFor(config, tokens.dpopJwk) },
        )
        return tokensOf(answer, tokens)
      } catch (error) {
        if (error instanceof client.ResponseBodyError && error.error === 'invalid_grant')
          return refuse('link_broken')
        throw trouble('bank.refresh', error)
      }
    },

    clientCredentials: async (scope, dpopJwk) => {
      try {
        const config = await configuration()
        const answer = await client.clientCredentialsGrant(
          config,
          { scope, ...(settings.resource === undefined ? {} : { resource: settings.resource }) },
          { DPoP: await handleFor(config, dpopJwk) },
        )
        return { ...tokensOf(answer, { dpopJwk, consentId: null, refreshToken: null }), refreshToken: null }
      } catch (error) {
        throw trouble('bank.client_credentials', error)
      }
    },

    revokeTokens: async (tokens) => {
      try {
        const config = await configuration()
        if (config.serverMetadata().revocation_endpoint === undefined) return
        await client.tokenRevocation(config, tokens.refreshToken ?? tokens.accessToken)
      } catch (error) {
        if (error instanceof client.ResponseBodyError && error.error === 'invalid_token') return
        throw trouble('bank.revoke', error)
      }
    },
  }
}

function textOf(body: NonNullable<client.FetchBody>): string {
  if (typeof body === 'string') return body
  if (body instanceof URLSearchParams) return body.toString()
  if (body instanceof ArrayBuffer) return Buffer.from(body).toString()
  if (body instanceof Uint8Array) return Buffer.from(body).toString()
  throw new OutsideError('bank_request_unsupported', { retryable: false })
}
