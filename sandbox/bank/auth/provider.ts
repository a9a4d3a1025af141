import type { JWK } from 'oidc-provider'
import type {
  AccountClaims,
  ClientMetadata,
  Configuration,
  KoaContextWithOIDC,
  OIDCContext,
} from 'oidc-provider'
import Provider, { errors } from 'oidc-provider'
import type { Bank } from '../bank.ts'
import { clusterScopes } from '../consent.ts'
import type { openAdapter } from './adapter.ts'
import { chatCodePattern, intentClaim, intentOf, rarType, readDetail } from './request.ts'

export type BankClient = {
  readonly clientId: string
  /** Where the client publishes its keys, or the keys themselves. One of the two. */
  readonly jwksUri?: string
  readonly jwks?: { readonly keys: readonly JsonWebKey[] }
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris?: readonly string[]
  readonly name: string
}

export type Secrets = {
  /** Private ES256 key that signs access and ID tokens. */
  readonly jwk: JWK
  readonly cookieKey: string
  /** 32 bytes, base64url: the authorization server's nonces (RFC 9449 section 8). */
  readonly nonceSecret: string
}

export type Pages = {
  error(code: string, description: string | undefined): string
  signOut(form: string): string
  signedOut(): string
  readonly headers: Readonly<Record<string, string>>
}

const accessTokenSeconds = 600
const linkSeconds = 400 * 86_400

type Context = KoaContextWithOIDC
const scopesOf = (context: Context): readonly string[] => {
  const { scope } = context.oidc.params ?? {}
  return typeof scope === 'string' ? scope.split(' ') : []
}

/** Where this bank's API lives, as the audience of its access tokens (RFC 8707, RFC 9068). */
export const audienceOf = (issuer: string, bank: Bank): string =>
  issuer + (bank.institution.standard === 'fdx' ? '/fdx/v6' : '/open-banking/v4.0/aisp')

const metadataOf = (client: BankClient, fdx: boolean): ClientMetadata =>
  ({
    client_id: client.clientId,
    client_name: client.name,
    ...(client.jwksUri === undefined ? { jwks: client.jwks } : { jwks_uri: client.jwksUri }),
    redirect_uris: [...client.redirectUris],
    post_logout_redirect_uris: [...(client.postLogoutRedirectUris ?? [])],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types: ['code'],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    id_token_signed_response_alg: 'ES256',
    dpop_bound_access_tokens: true,
    require_pushed_authorization_requests: true,
    ...(fdx ? { authorization_details_types: [rarType] } : {}),
  }) as unknown as ClientMetadata

/**
 * A FAPI 2.0 Security Profile authorization server for one bank. `features.fapi` alone leaves pushed requests
 * optional and weak client authentication on offer, so every option it needs is set here by name.
 */
export function openProvider(options: {
  readonly bank: Bank
  readonly issuer: string
  readonly clients: readonly BankClient[]
  readonly secrets: Secrets
  readonly adapter: ReturnType<typeof openAdapter>
  readonly pages: Pages
}): Provider {
  const { bank, issuer, clients, secrets, pages } = options
  const { institution } = bank
  const fdx = institution.standard === 'fdx'
  const audience = audienceOf(issuer, bank)
  const apiScopes = fdx ? Object.values(clusterScopes) : ['accounts']
  const clientKeyUrls = new Set(clients.flatMap(({ jwksUri }) => (jwksUri === undefined ? [] : [jwksUri])))

  /** True when the request is to share data, not only to say who the customer is. */
  const asksForData = (context: Context): boolean => {
    const { params } = context.oidc
    return (
      params?.authorization_details !== undefined ||
      scopesOf(context).some((one) => apiScopes.includes(one as never))
    )
  }

  const show = (context: Context, html: string): void => {
    context.type = 'html'
    for (const [name, value] of Object.entries(pages.headers)) context.set(name, value)
    context.body = html
  }

  const configuration: Configuration = {
    adapter: options.adapter.factory,
    clients: clients.map((client) => metadataOf(client, fdx)),
    jwks: { keys: [secrets.jwk] },
    cookies: {
      keys: [secrets.cookieKey],
      names: {
        session: `${institution.key}_session`,
        interaction: `${institution.key}_interaction`,
        resume: `${institution.key}_resume`,
      },
    },
    scopes: ['openid', 'offline_access', 'profile'],
    claims: { openid: ['sub'], profile: ['name', 'given_name', 'locale', 'zoneinfo'], [intentClaim]: null },
    responseTypes: ['code'],
    clientAuthMethods: ['private_key_jwt'],
    enabledJWA: {
      clientAuthSigningAlgValues: ['ES256'],
      idTokenSigningAlgValues: ['ES256'],
      dPoPSigningAlgValues: ['ES256'],
    },
    pkce: { required: () => true },
    rotateRefreshToken: false,
    expiresWithSession: () => false,
    // Every link that lasts gets a refresh token, whether or not offline_access was asked; a mere login never does.
    issueRefreshToken: (_context, _client, source) => {
      const consent = source.grantId === undefined ? undefined : bank.consents.ofGrant(source.grantId)
      return Promise.resolve(consent !== undefined && consent.fdx?.durationType !== 'ONE_TIME')
    },
    ttl: {
      AccessToken: accessTokenSeconds,
      AuthorizationCode: 60,
      ClientCredentials: accessTokenSeconds,
      IdToken: 600,
      // Long enough to read the page in peace.
      Interaction: 1_800,
      Session: 3_600,
      // The default of 14 days would quietly end a 365-day consent; the consent decides, not this.
      Grant: linkSeconds,
      RefreshToken: linkSeconds,
    },
    features: {
      devInteractions: { enabled: false },
      fapi: { enabled: true, profile: '2.0' },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
      dPoP: {
        enabled: true,
        nonceSecret: Buffer.from(secrets.nonceSecret, 'base64url'),
        requireNonce: () => true,
      },
      clientCredentials: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: (_context, client, token) => Promise.resolve(client.clientId === token.clientId),
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => show(context, pages.signOut(form)),
        postLogoutSuccessSource: (context) => show(context, pages.signedOut()),
      },
      claimsParameter: {
        enabled: true,
        async assertClaimsParameter(_context, claims, client) {
          if (fdx) return
          const intent = intentOf(claims)
          if (intent === null) return
          const consent = bank.consents.find(intent)
          // One answer for "unknown", "another client's" and "already used": nothing to learn here.
          if (
            !consent?.uk ||
            consent.clientId !== client.clientId ||
            bank.consents.standing(consent) !== 'waiting'
          )
            throw new errors.InvalidRequest(
              `${intentClaim} does not name a consent that awaits authorisation`,
            )
        },
      },
      richAuthorizationRequests: fdx
        ? {
            enabled: true,
            types: {
              [rarType]: {
                validate(_context, detail) {
                  const read = readDetail(detail)
                  if (typeof read === 'string') throw new errors.InvalidAuthorizationDetails(read)
                },
              },
            },
            // What the customer chose is in the grant; the request itself is never granted as it came (RFC 9396).
            authorizationDetailsForGrantSource: (context) => context.oidc.entities.Grant?.rar,
            authorizationDetailsForAccessToken: (_context, _token, source) => source?.rar,
          }
        : { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: (context, _client, oneOf) => {
          if (oneOf) return Promise.resolve(audience)
          // A client's own token is always for the API; a customer's only when data is asked for.
          const own = context.oidc.params?.grant_type === 'client_credentials'
          return Promise.resolve(own || asksForData(context) ? audience : (undefined as unknown as string))
        },
        useGrantedResource: () => Promise.resolve(true),
        getResourceServerInfo(_context, resource) {
          if (resource !== audience) throw new errors.InvalidTarget()
          return Promise.resolve({
            scope: apiScopes.join(' '),
            audience,
            accessTokenTTL: accessTokenSeconds,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'ES256' } },
          })
        },
      },
    },
    extraParams: {
      // The short code of the chat that is being linked: shown to the customer, kept nowhere. The library calls this
      // on every request, with or without the parameter, so the rule "data only under a consent" sits here too.
      guichet_chat_code(context: Context, value: string | undefined) {
        if (value !== undefined && !chatCodePattern.test(value))
          throw new errors.InvalidRequest('guichet_chat_code is not a short code')
        if (!asksForData(context)) return
        const { params } = context.oidc
        if (fdx && params?.authorization_details === undefined)
          throw new errors.InvalidRequest(`data scopes need authorization_details of type ${rarType}`)
        if (!fdx && intentOf(params?.claims) === null)
          throw new errors.InvalidRequest(`the scope accounts needs ${intentClaim} in the claims parameter`)
        if (!scopesOf(context).includes('openid')) throw new errors.InvalidScope('openid is needed', 'openid')
      },
    },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    async findAccount(_context, sub, token) {
      const customer = bank.bySubject(sub)
      if (!customer) return undefined
      const grantId = (token as { grantId?: string } | undefined)?.grantId
      const consent = grantId === undefined ? undefined : bank.consents.ofGrant(grantId)
      // A consent that ended at the bank ends its refresh tokens with it.
      if (consent && bank.consents.standing(consent) !== 'active') return undefined
      const { person } = customer
      return {
        accountId: sub,
        claims(): AccountClaims {
          return {
            sub,
            name: person.name,
            given_name: person.firstName,
            locale: person.locale,
            zoneinfo: person.timeZone,
            ...(consent?.uk ? { [intentClaim]: consent.id } : {}),
          }
        },
      }
    },
    async loadExistingGrant(context) {
      // Each link is its own grant: nothing carries over from an earlier one.
      const grantId = context.oidc.result?.consent?.grantId
      return grantId === undefined ? undefined : context.oidc.provider.Grant.find(grantId)
    },
    async extraTokenClaims(_context, token) {
      const grantId = 'grantId' in token ? token.grantId : undefined
      const consent = grantId === undefined ? undefined : bank.consents.ofGrant(grantId)
      if (!consent) return undefined
      return fdx ? { fdxConsentId: consent.id } : { [intentClaim]: consent.id }
    },
    renderError(context, out) {
      show(context, pages.error(out.error, out.error_description))
    },
    // Clients' keys are fetched from this machine too, which the library's own protection refuses.
    fetch: (url, init) =>
      clientKeyUrls.has(url instanceof Request ? url.url : url.toString())
        ? fetch(url, { ...init, dispatcher: undefined } as RequestInit)
        : Promise.reject(new Error('not a known client key address')),
  }

  const provider = new Provider(issuer, configuration)
  provider.use(async (context, next) => {
    await next()
    // FDX: the token response names the consent as grant_id.
    const { oidc } = context as unknown as { oidc?: OIDCContext }
    const grantId = oidc?.route === 'token' ? oidc.entities.Grant?.jti : undefined
    const consent = grantId === undefined ? undefined : bank.consents.ofGrant(grantId)
    const body = context.body as Record<string, unknown> | undefined
    if (consent && body && typeof body === 'object' && 'access_token' in body) {
      body.grant_id = consent.id
      // Nothing was asked by scope, so nothing is said by scope: authorization_details carry it all.
      if (body.scope === '') delete body.scope
    }
  })
  provider.on('authorization.success', (context) => {
    // A bank asks for the password each time: the login does not outlive the request it was for.
    void context.oidc.session?.destroy()
  })
  provider.on('grant.revoked', (_context, grantId) => {
    const consent = bank.consents.ofGrant(grantId)
    if (consent?.fdx && bank.consents.standing(consent) === 'active')
      void bank.consents.change(consent.id, {
        standing: 'revoked',
        revocation: { reason: 'USER_ACTION', initiator: 'DATA_RECIPIENT' },
      })
  })
  return provider
}
