import * as client from 'openid-client'
import { code, type LogSafe } from '../core/logger.ts'
import { OutsideError } from '../core/refusal.ts'

/** Our transport's trouble travels through openid-client as a cause. */
function wrapped(error: unknown): OutsideError | null {
  let at: unknown = error
  for (let depth = 0; depth < 5 && at instanceof Error; depth++) {
    if (at instanceof OutsideError) return at
    at = at.cause
  }
  return null
}

/**
 * What openid-client threw, as ours. Its errors carry whole answers in `cause`; only a code from a closed list (or, for
 * an OAuth error, our own word for it) goes further.
 */
export function outsideOf(error: unknown): OutsideError {
  const known = wrapped(error)
  if (known) return known
  if (error instanceof client.ResponseBodyError) {
    if (error.error === 'invalid_client' || error.error === 'unauthorized_client')
      return new OutsideError('bank_client_refused', { retryable: false })
    const later = error.error === 'server_error' || error.error === 'temporarily_unavailable'
    return new OutsideError(later ? 'bank_unavailable' : 'bank_login_failed', { retryable: later })
  }
  if (error instanceof client.WWWAuthenticateChallengeError)
    return new OutsideError('bank_client_refused', { retryable: false })
  const libraryCode = error instanceof client.ClientError ? error.code : undefined
  if (libraryCode === 'OAUTH_TIMEOUT' || libraryCode === 'OAUTH_ABORT')
    return new OutsideError('bank_timeout', { retryable: true })
  if (error instanceof client.ClientError || error instanceof client.AuthorizationResponseError)
    return new OutsideError('bank_login_invalid', { retryable: false, cause: libraryCode })
  return new OutsideError('bank_login_invalid', { retryable: false })
}

/** OAuth's own error words (RFC 6749, 8707, 9126, 9396, 9449; OpenID Connect Core). */
const words = new Set(
  (
    'access_denied account_selection_required consent_required interaction_required invalid_authorization_details ' +
    'invalid_client invalid_dpop_proof invalid_grant invalid_request invalid_request_object invalid_request_uri ' +
    'invalid_redirect_uri invalid_scope invalid_target invalid_token login_required server_error ' +
    'temporarily_unavailable unauthorized_client unsupported_grant_type unsupported_response_type use_dpop_nonce'
  ).split(' '),
)

/** An OAuth error as a log field: only a word of the standards, since the bank (or a browser) wrote it. */
export const oauthWord = (error: string): LogSafe => code(words.has(error) ? error : 'other')
