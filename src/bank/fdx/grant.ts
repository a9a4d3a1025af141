import { z } from 'zod'
import { isRefusal, OutsideError } from '../../core/refusal.ts'
import type { Authorized, BankRefusal, TokenHolder } from '../bank.ts'
import type { Redeemed } from '../oauth.ts'
import { wireId } from '../wire.ts'
import { grantedAccounts, grantedUntil } from './consent.ts'

/** A claim of a JWT access token, unverified: used only to name the consent to the bank that made it. */
function claimOfToken(token: string, name: string): string | null {
  const payload = token.split('.')[1]
  if (payload === undefined || token.length > 16_384) return null
  try {
    const claims = z
      .record(z.string(), z.unknown())
      .parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')))
    return wireId.parse(claims[name])
  } catch {
    return null
  }
}

/**
 * What was really granted (it may be less than was asked, RFC 9396 §7): the token answer's details, and where those say
 * too little the bank's own record of the consent. `readConsent` is GET /consents/{id}.
 */
export async function authorizedOf(
  redeemed: Redeemed,
  readConsent: (
    holder: TokenHolder,
    consentId: string,
  ) => Promise<{ readonly body: unknown; readonly partial: boolean } | BankRefusal>,
  now: number,
): Promise<Authorized> {
  const { subject, details } = redeemed
  const consentId = redeemed.tokens.consentId ?? claimOfToken(redeemed.tokens.accessToken, 'fdxConsentId')
  let tokens = { ...redeemed.tokens, consentId }
  let accountIds = grantedAccounts(details)
  let expiresAt = grantedUntil(details, now)
  if (consentId === null || (accountIds !== null && expiresAt !== null))
    return { subject, tokens, accountIds, expiresAt }
  const holder: TokenHolder = {
    current: () => tokens,
    save: async (renewed) => {
      tokens = { ...renewed, consentId }
    },
  }
  const record = await readConsent(holder, consentId).catch((error: unknown) => {
    // The customer has just logged in; a bank whose consent API is missing or down does not spoil that.
    if (error instanceof OutsideError) return null
    throw error
  })
  if (record !== null && !isRefusal(record)) {
    accountIds ??= grantedAccounts(record.body)
    expiresAt ??= grantedUntil(record.body, now)
  }
  return { subject, tokens, accountIds, expiresAt }
}
