import type { IncomingMessage } from 'node:http'
import type { Bank } from '../bank.ts'
import type { Consent } from '../consent.ts'
import type { Customer } from '../bank.ts'
import type { ProofCheck, ProofFault } from './dpop.ts'
import { tokenHash } from './dpop.ts'
import type { Failure } from './failure.ts'
import type { Token } from './token.ts'

/** Who asks: a client for a customer under a consent that stands, or a client for itself. */
export type Access =
  | {
      readonly as: 'customer'
      readonly token: Token
      readonly consent: Consent
      readonly customer: Customer
    }
  | { readonly as: 'client'; readonly token: Token }

export type AccessFault = {
  readonly failure: Failure
  readonly debug: string
  /** RFC 9449 / RFC 6750 `error` of the WWW-Authenticate header. */
  readonly challenge: 'invalid_token' | 'invalid_dpop_proof' | 'use_dpop_nonce' | null
}

const proofWords: Readonly<Record<ProofFault, string>> = {
  missing: 'no DPoP proof',
  malformed: 'DPoP proof is malformed',
  signature: 'DPoP proof signature is wrong',
  binding: 'DPoP proof is not for this request or this token',
  stale: 'DPoP proof is too old or too new',
  replayed: 'DPoP proof was used before',
  nonce: 'use the given DPoP nonce',
}

const no = (
  challenge: AccessFault['challenge'],
  debug: string,
  failure: Failure = 'unauthenticated',
): AccessFault => ({ failure, debug, challenge })

/**
 * Decides who a request comes from (FAPI 2.0 Security Profile, section 5.3.3): token in the header only, its
 * signature and expiry, its binding to the DPoP key, and then the consent itself, read afresh on every request,
 * because a JWT outlives a withdrawal.
 */
export function accessOf(
  request: IncomingMessage,
  url: string,
  bank: Bank,
  checkToken: (token: string, hash: string) => Token | null,
  proofs: ProofCheck,
): Access | AccessFault {
  const header = request.headers.authorization
  if (header === undefined) return no('invalid_token', 'no access token')
  if (!/^DPoP /i.test(header)) return no('invalid_token', 'the token must be presented with the DPoP scheme')
  const token = header.slice(5).trim()
  const hash = tokenHash(token)
  const known = checkToken(token, hash)
  if (!known) return no('invalid_token', 'the access token is invalid or has expired')

  const proof = request.headers.dpop
  const fault = proofs.check(typeof proof === 'string' ? proof : undefined, {
    method: request.method ?? 'GET',
    url,
    tokenHash: hash,
    thumbprint: known.thumbprint,
  })
  if (fault !== null)
    return no(fault === 'nonce' ? 'use_dpop_nonce' : 'invalid_dpop_proof', proofWords[fault])

  if (known.consentId === null) {
    // A customer's token without a consent is for "who are you" only and opens nothing here.
    return known.subject === known.clientId
      ? { as: 'client', token: known }
      : no(null, 'this token carries no consent', 'not_permitted')
  }
  const consent = bank.consents.find(known.consentId)
  if (!consent || bank.consents.standing(consent) !== 'active')
    return no('invalid_token', 'the consent was withdrawn or has expired', 'consent_ended')
  const customer = consent.person === null ? undefined : bank.customer(consent.person)
  if (!customer || customer.subject !== known.subject || consent.clientId !== known.clientId)
    return no('invalid_token', 'the consent is not of this customer', 'consent_ended')
  return { as: 'customer', token: known, consent, customer }
}
