import { randomUUID } from 'node:crypto'
import * as oauth from 'openid-client'
import type { BankClient } from './auth/provider.ts'
import type { VisitPlan } from './visit.ts'
import { visitBank } from './visit.ts'

/** A small independent client of the banks, for their own tests: it shares no code with any connector. */
export type RelyingParty = {
  readonly client: BankClient
  /** The key behind its client assertions. */
  readonly privateKey: CryptoKey
  discover(url: string): Promise<oauth.Configuration>
}

export type Linked = {
  readonly config: oauth.Configuration
  readonly dpop: oauth.DPoPHandle
  readonly tokens: oauth.TokenEndpointResponse & oauth.TokenEndpointResponseHelpers
  /** Where the browser came back to. */
  readonly returned: URL
  readonly verifier: string
  /** A call to the bank's API, with a fresh proof and interaction id. */
  readonly call: (
    path: string,
    init?: { method?: string; body?: unknown; headers?: Record<string, string> },
  ) => Promise<Response>
  /** FDX: `grant_id` of the token response; empty at other banks. */
  readonly grantId: string
}

/** Nothing listens there: the tests read the address, no browser goes to it. */
export const redirectUri = 'http://localhost:9/return'

export async function relyingParty(clientId = 'guichet-trial'): Promise<RelyingParty> {
  const keys = (await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])) as CryptoKeyPair
  const kid = 'trial-1'
  const jwk = { ...(await crypto.subtle.exportKey('jwk', keys.publicKey)), kid, alg: 'ES256', use: 'sig' }
  return {
    privateKey: keys.privateKey,
    client: { clientId, name: 'Guichet', jwks: { keys: [jwk] }, redirectUris: [redirectUri] },
    async discover(url) {
      const config = await oauth.discovery(
        new URL(url),
        clientId,
        { dpop_bound_access_tokens: true },
        oauth.PrivateKeyJwt({ key: keys.privateKey, kid }),
        { execute: [oauth.allowInsecureRequests] },
      )
      return config
    },
  }
}

export const fdxDetails = (clusters: readonly string[], more: Record<string, unknown> = {}): string =>
  JSON.stringify([
    {
      type: 'fdx_v1.0',
      consentRequest: {
        durationType: 'TIME_BOUND',
        durationPeriod: 365,
        lookbackPeriod: 90,
        resources: [{ resourceType: 'ACCOUNT', dataClusters: clusters }],
        ...more,
      },
    },
  ])

/** Pushes a request; gives back the address for the browser and what is needed to finish. */
export async function push(
  config: oauth.Configuration,
  parameters: Record<string, string>,
  dpop: oauth.DPoPHandle,
): Promise<{ url: URL; verifier: string; state: string }> {
  const verifier = oauth.randomPKCECodeVerifier()
  const state = oauth.randomState()
  const url = await oauth.buildAuthorizationUrlWithPAR(
    config,
    {
      redirect_uri: redirectUri,
      scope: 'openid',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      ...parameters,
    },
    { DPoP: dpop },
  )
  return { url, verifier, state }
}

export function caller(
  config: oauth.Configuration,
  accessToken: string,
  dpop: oauth.DPoPHandle,
): Linked['call'] {
  const origin = config.serverMetadata().issuer
  return (path, init = {}) =>
    oauth.fetchProtectedResource(
      config,
      accessToken,
      new URL(origin + path),
      init.method ?? 'GET',
      init.body === undefined ? undefined : JSON.stringify(init.body),
      new Headers({
        'x-fapi-interaction-id': randomUUID(),
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...init.headers,
      }),
      { DPoP: dpop },
    )
}

/** The whole flow at a bank: pushed request, the customer's visit, code for tokens. */
export async function link(
  party: RelyingParty,
  url: string,
  plan: VisitPlan,
  parameters: Record<string, string>,
): Promise<Linked> {
  const config = await party.discover(url)
  const dpop = oauth.getDPoPHandle(config, await oauth.randomDPoPKeyPair('ES256'))
  const pushed = await push(config, parameters, dpop)
  const returned = new URL(await visitBank(pushed.url.href, plan))
  const tokens = await oauth.authorizationCodeGrant(
    config,
    returned,
    { pkceCodeVerifier: pushed.verifier, expectedState: pushed.state },
    undefined,
    { DPoP: dpop },
  )
  return {
    config,
    dpop,
    tokens,
    returned,
    verifier: pushed.verifier,
    call: caller(config, tokens.access_token, dpop),
    grantId: typeof tokens.grant_id === 'string' ? tokens.grant_id : '',
  }
}

/** UK Open Banking: the client's own token, a consent, and the customer's authorisation of it. */
export async function linkUk(
  party: RelyingParty,
  url: string,
  plan: VisitPlan,
  permissions: readonly string[],
): Promise<Linked & { readonly consentId: string; readonly own: Linked['call'] }> {
  const config = await party.discover(url)
  const dpop = oauth.getDPoPHandle(config, await oauth.randomDPoPKeyPair('ES256'))
  const ownToken = await oauth.clientCredentialsGrant(config, { scope: 'accounts' }, { DPoP: dpop })
  const own = caller(config, ownToken.access_token, dpop)
  const created = await own('/open-banking/v4.0/aisp/account-access-consents', {
    method: 'POST',
    body: { Data: { Permissions: permissions }, Risk: {} },
  })
  const { Data: data } = (await created.json()) as { Data: { ConsentId: string } }
  const linked = await link(party, url, plan, {
    scope: 'openid accounts',
    claims: JSON.stringify({
      id_token: { openbanking_intent_id: { value: data.ConsentId, essential: true } },
    }),
  })
  return { ...linked, consentId: data.ConsentId, own }
}

export const freePorts = { harbor: 0, granite: 0, erable: 0, thistle: 0 } as const
