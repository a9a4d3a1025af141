import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../core/clock.ts'

import { OutsideError } from '../core/refusal.ts'
import type { Bank } from './bank.ts'
import { parseExact } from './exact-json.ts'
import { acceptableUrl } from './keys.ts'
import type { Authorization } from './oauth.ts'
import { type Answer, headerOf, type Transport } from './transport.ts'

type Level = 'ok' | 'warn' | 'fail'
type Findings = { level: Level; say: string }[]

const words = z.array(z.string().max(256)).max(200).optional().catch(undefined)
const address = z.string().max(2048).optional().catch(undefined)
const metadataShape = z.object({
  issuer: address,
  jwks_uri: address,
  pushed_authorization_request_endpoint: address,
  revocation_endpoint: address,
  require_pushed_authorization_requests: z.boolean().optional().catch(undefined),
  authorization_response_iss_parameter_supported: z.boolean().optional().catch(undefined),
  code_challenge_methods_supported: words,
  dpop_signing_alg_values_supported: words,
  token_endpoint_auth_methods_supported: words,
  token_endpoint_auth_signing_alg_values_supported: words,
  id_token_signing_alg_values_supported: words,
  authorization_details_types_supported: words,
})
type Metadata = z.infer<typeof metadataShape>

const why = (error: unknown): string => (error instanceof OutsideError ? error.code : 'unknown trouble')

/** What FAPI 2.0 asks of the server's metadata (Security Profile Final §5.3.2), each with what to do about it. */
export function judgeMetadata(metadata: Metadata, issuer: string, standard: 'fdx' | 'ukob'): Findings {
  const findings: Findings = []
  const judge = (good: boolean, level: Level, ok: string, otherwise: string): void => {
    findings.push(good ? { level: 'ok', say: ok } : { level, say: otherwise })
  }
  const has = (list: readonly string[] | undefined, ...wanted: string[]): boolean =>
    wanted.some((one) => list?.includes(one))
  judge(
    metadata.issuer === issuer,
    'fail',
    'The issuer in the metadata is the one in the settings.',
    'The issuer in the metadata is not, letter for letter, the one in the settings. Copy it from the metadata, with or without its last slash.',
  )
  judge(
    metadata.pushed_authorization_request_endpoint !== undefined,
    'fail',
    'Pushed authorization requests are offered.',
    'The server offers no pushed authorization requests (RFC 9126). FAPI 2.0 cannot do without: ask the bank to turn them on.',
  )
  judge(
    metadata.require_pushed_authorization_requests === true,
    'warn',
    'Pushed authorization requests are required.',
    'The server also accepts requests that were not pushed. Ask the bank to require pushing for our client.',
  )
  judge(
    has(metadata.code_challenge_methods_supported, 'S256'),
    'fail',
    'PKCE with S256 is supported.',
    'The metadata do not list S256 in code_challenge_methods_supported. Ask the bank to support PKCE (RFC 7636).',
  )
  judge(
    has(metadata.dpop_signing_alg_values_supported, 'ES256'),
    'fail',
    'DPoP with ES256 is supported.',
    'The server does not accept DPoP proofs signed with ES256 (RFC 9449), so tokens could not be bound to our keys. Ask the bank to add it.',
  )
  judge(
    has(metadata.token_endpoint_auth_methods_supported, 'private_key_jwt'),
    'fail',
    'Clients may sign in with private_key_jwt.',
    'The server does not list private_key_jwt. Ask the bank to allow it for our client (FAPI 2.0 §5.3.2.1).',
  )
  judge(
    has(metadata.token_endpoint_auth_signing_alg_values_supported, 'ES256'),
    'warn',
    'Client assertions may be signed with ES256.',
    'The server does not say that it accepts client assertions signed with ES256. Ask the bank; ours are.',
  )
  judge(
    metadata.authorization_response_iss_parameter_supported === true,
    'fail',
    'Answers name their issuer.',
    'The server does not promise `iss` in its answers (RFC 9207). We refuse answers without it: ask the bank to turn it on.',
  )
  judge(
    metadata.id_token_signing_alg_values_supported === undefined ||
      has(metadata.id_token_signing_alg_values_supported, 'PS256', 'ES256', 'EdDSA', 'Ed25519'),
    'fail',
    'ID tokens can be signed as FAPI 2.0 asks.',
    'The server signs ID tokens with none of PS256, ES256 or EdDSA. Ask the bank to set id_token_signed_response_alg of our client to PS256.',
  )
  judge(
    metadata.revocation_endpoint !== undefined,
    'warn',
    'Tokens can be given back.',
    'The server has no revocation endpoint (RFC 7009): after a withdrawal its refresh token lives until the consent is gone.',
  )
  if (standard === 'fdx')
    judge(
      has(metadata.authorization_details_types_supported, 'fdx_v1.0'),
      'warn',
      'FDX consents can be asked for.',
      'The server does not list fdx_v1.0 in authorization_details_types_supported (RFC 9396). Without it the bank cannot be told what to ask the customer for.',
    )
  return findings
}

function judgeClock(answer: Answer, at: number): Findings {
  const told = Date.parse(headerOf(answer, 'date') ?? '')
  if (Number.isNaN(told))
    return [{ level: 'warn', say: 'The server sends no date, so clocks could not be compared.' }]
  const seconds = Math.round((at - told) / 1000)
  if (Math.abs(seconds) <= 5) return [{ level: 'ok', say: 'Our clock and the bank’s agree.' }]
  return [
    {
      // FAPI 2.0 §5.3.2.1: servers take 0-10 s, and refuse more than 60 s into the future.
      level: Math.abs(seconds) > 30 ? 'fail' : 'warn',
      say: `Our clock is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} the bank’s. Synchronise it (NTP): proofs from more than a few seconds off are refused.`,
    },
  ]
}

/** `guichet bank check`: goes round the breaker, asks nothing about any customer, changes nothing at the bank. */
export function openCheck(deps: {
  readonly standard: 'fdx' | 'ukob'
  readonly issuer: string
  readonly clientId: string
  readonly resourceUrl: URL
  readonly allowHttpLoopback: boolean
  readonly transportFor: (origin: string) => Transport
  readonly authorization: Authorization
  readonly wallClock: Clock
}): Bank['check'] {
  const get = (url: URL): Promise<Answer> =>
    deps.transportFor(url.origin).send({
      method: 'GET',
      path: `${url.pathname}${url.search}`,
      // FDX banks refuse a request without an interaction id before they look for a token.
      headers: { accept: 'application/json', 'x-fapi-interaction-id': randomUUID() },
      probe: true,
    })

  const discovery = async (findings: Findings): Promise<Metadata | null> => {
    try {
      const base = acceptableUrl(deps.issuer, deps.allowHttpLoopback)
      const path = base.pathname.replace(/\/+$/, '')
      let answer = await get(new URL(`${path}/.well-known/openid-configuration`, base))
      if (answer.status === 404)
        answer = await get(new URL(`/.well-known/oauth-authorization-server${path}`, base))
      const read =
        answer.status === 200 ? metadataShape.safeParse(parseExact(answer.body.toString('utf8'))) : null
      if (!read?.success) {
        findings.push({
          level: 'fail',
          say: `The metadata could not be read (HTTP ${answer.status}). Check the issuer in the settings.`,
        })
        return null
      }
      findings.push({ level: 'ok', say: 'The authorization server’s metadata were read.' })
      findings.push(
        ...judgeMetadata(read.data, deps.issuer, deps.standard),
        ...judgeClock(answer, deps.wallClock()),
      )
      return read.data
    } catch (error) {
      findings.push({
        level: 'fail',
        say: `The authorization server could not be reached (${why(error)}). Check the issuer in the settings, the network and, for http, allowHttpLoopback.`,
      })
      return null
    }
  }

  const keys = async (findings: Findings, jwksUri: string | undefined): Promise<void> => {
    try {
      const answer = jwksUri === undefined ? null : await get(acceptableUrl(jwksUri, deps.allowHttpLoopback))
      const read = z
        .object({ keys: z.array(z.unknown()).min(1) })
        .safeParse(answer ? parseExact(answer.body.toString('utf8')) : null)
      findings.push(
        read.success
          ? {
              level: 'ok',
              say:
                read.data.keys.length === 1
                  ? 'The bank publishes its signing key.'
                  : `The bank publishes ${read.data.keys.length} signing keys.`,
            }
          : {
              level: 'fail',
              say: 'The bank publishes no signing keys (jwks_uri), so ID tokens cannot be verified. Ask the bank.',
            },
      )
    } catch (error) {
      findings.push({
        level: 'fail',
        say: `The bank’s signing keys could not be read (${why(error)}). Ask the bank.`,
      })
    }
  }

  /** A pushed request that must fail on its redirect address: how it fails tells whether the bank knows us. */
  const registration = async (findings: Findings): Promise<void> => {
    const unknown = `The bank does not accept our client \`${deps.clientId}\`. Register it there with private_key_jwt (ES256), DPoP-bound tokens and the address of our keys, /.well-known/jwks.json.`
    try {
      await deps.authorization.push({
        purpose: 'session',
        redirectUri: 'https://guichet.invalid/never-registered',
        scopes: ['openid'],
        consentId: null,
        extra: {},
      })
      findings.push({
        level: 'warn',
        say: 'The bank knows our client but accepts redirect addresses that were never registered. Ask the bank to compare them exactly.',
      })
    } catch (error) {
      const refused = error instanceof OutsideError && error.code === 'bank_client_refused'
      const known = error instanceof OutsideError && error.code === 'bank_login_failed'
      if (known) findings.push({ level: 'ok', say: 'The bank knows our client and accepts its signature.' })
      else if (refused) findings.push({ level: 'fail', say: unknown })
      else findings.push({ level: 'fail', say: `Signing in at the bank could not be tried (${why(error)}).` })
    }
  }

  const resources = async (findings: Findings): Promise<void> => {
    try {
      const base = deps.resourceUrl.href.replace(/\/+$/, '')
      const { status } = await get(new URL(`${base}/accounts`))
      findings.push(
        status === 401
          ? { level: 'ok', say: 'The accounts API answers and asks for a token.' }
          : status === 200
            ? {
                level: 'fail',
                say: 'The accounts API answers without a token. Tell the bank at once and do not use it.',
              }
            : {
                level: status === 404 || status >= 500 ? 'fail' : 'warn',
                say: `The accounts API answered HTTP ${status} to a request without a token, where 401 was expected. Check resourceUrl in the settings.`,
              },
      )
    } catch (error) {
      findings.push({
        level: 'fail',
        say: `The accounts API could not be reached (${why(error)}). Check resourceUrl in the settings and the network.`,
      })
    }
  }

  return async () => {
    const findings: Findings = []
    const metadata = await discovery(findings)
    if (metadata) {
      await keys(findings, metadata.jwks_uri)
      await registration(findings)
    }
    await resources(findings)
    return { ok: findings.every((finding) => finding.level !== 'fail'), findings }
  }
}
