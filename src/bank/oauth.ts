import * as client from 'openid-client'
import type { Clock } from '../core/clock.ts'
import { newSecret } from '../core/id.ts'
import type { Logger } from '../core/logger.ts'
import { code, errorCode } from '../core/logger.ts'
import type { Refusal } from '../core/refusal.ts'
import { OutsideError, refuse } from '../core/refusal.ts'
import type { BankTokens, PendingAuthorization } from './bank.ts'
import { newDpopJwk } from './dpop.ts'
import type { ClientKey } from './keys.ts'
import { type AuthorizationSettings, openConfiguration, openHandles } from './oauth-server.ts'
import { oauthWord, outsideOf } from './oauth-trouble.ts'
import type { Transport } from './transport.ts'
import { wireId } from './wire.ts'

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
  readonly transportFor: (origin: string) => Pick<Transport, 'send'>
  readonly now: Clock
  readonly log: Logger
}): Authorization {
  const { settings, now, log } = deps
  const institution = code(settings.id)
  const handleFor = openHandles()
  const configuration = openConfiguration(deps)

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
      answer: error instanceof client.ResponseBodyError ? oauthWord(error.error) : undefined,
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
        log.warn('bank.login', { institution, answer: oauthWord(failure) })
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
        const grantId = wireId.parse(answer.grant_id)
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
