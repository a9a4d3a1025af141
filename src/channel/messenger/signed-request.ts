import { createHmac, hash, type KeyObject, timingSafeEqual } from 'node:crypto'
import { secondMs } from '../../core/clock.ts'
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts'
import { type Bag, bag, idOf, parseLongNumbers, timeOf } from './read.ts'

/** `signed_request` (§10, §15): `base64url(HMAC) . base64url(JSON)`, the MAC over the encoded second part. */

export type SignedRequestRefusal = Refusal<
  'malformed' | 'bad_signature' | 'wrong_algorithm' | 'expired' | 'wrong_page' | 'wrong_thread'
>

type Signed = { readonly payload: Bag; readonly issuedAt: number; readonly useKey: string }

const longest = 8_192

function verify(
  text: string,
  secrets: readonly KeyObject[],
  now: number,
  maxAgeMs: number,
): Signed | SignedRequestRefusal {
  const match = text.length <= longest ? /^([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]+)$/.exec(text) : null
  if (match === null) return refuse('malformed')
  const [, mac = '', encoded = ''] = match
  const given = Buffer.from(mac, 'base64url')
  let valid = false
  for (const secret of secrets) {
    const expected = createHmac('sha256', secret).update(encoded).digest()
    if (given.length === expected.length && timingSafeEqual(given, expected)) valid = true
  }
  if (!valid) return refuse('bad_signature')
  let payload: Bag | null = null
  try {
    // `page_id` is a JSON number: its digits are kept whatever its size.
    payload = bag(parseLongNumbers(Buffer.from(encoded, 'base64url').toString('utf8')))
  } catch {
    return refuse('malformed')
  }
  if (payload === null) return refuse('malformed')
  if (payload.algorithm !== 'HMAC-SHA256') return refuse('wrong_algorithm')
  const issuedAt = timeOf(payload.issued_at)
  if (issuedAt === null) return refuse('malformed')
  // It does not expire by itself; a time ahead of ours by more than a clock's error is no better than an old one.
  if (now - issuedAt > maxAgeMs || issuedAt - now > 60 * secondMs) return refuse('expired')
  return { payload, issuedAt, useKey: hash('sha256', text, 'hex') }
}

const contextMaxAgeMs = 300 * secondMs

/**
 * Who has the webview open, from the page's `getContext` (§10): checked for algorithm, signature, age (5 minutes), our
 * Page, and a thread between a person and the Page. `useKey` names this very request: the caller must accept it once.
 */
export function verifyContext(
  text: string,
  options: { readonly secrets: readonly KeyObject[]; readonly account: string; readonly now: number },
): { readonly psid: string; readonly issuedAt: number; readonly useKey: string } | SignedRequestRefusal {
  const signed = verify(text, options.secrets, options.now, contextMaxAgeMs)
  if (isRefusal(signed)) return signed
  const { payload, issuedAt, useKey } = signed
  const seen = { lossy: false }
  if (idOf(payload.page_id, seen) !== options.account) return refuse('wrong_page')
  if (payload.thread_type !== 'USER_TO_PAGE') return refuse('wrong_thread')
  const psid = idOf(payload.psid, seen)
  return psid === null ? refuse('malformed') : { psid, issuedAt, useKey }
}

const callbackMaxAgeMs = 24 * 3_600 * secondMs

/**
 * The person named by a data-deletion or deauthorise callback (§15): a form with the one field `signed_request`. The id
 * is the app-scoped one of Facebook Login, not a PSID: most people who only chat have none.
 */
export function parseUserCallback(
  form: string,
  options: { readonly secrets: readonly KeyObject[]; readonly now: number },
):
  | { readonly appScopedUser: string; readonly issuedAt: number; readonly useKey: string }
  | SignedRequestRefusal {
  if (form.length > longest + 100) return refuse('malformed')
  const fields = new URLSearchParams(form).getAll('signed_request')
  if (fields.length !== 1) return refuse('malformed')
  const signed = verify(fields[0] ?? '', options.secrets, options.now, callbackMaxAgeMs)
  if (isRefusal(signed)) return signed
  const user = idOf(signed.payload.user_id, { lossy: false })
  return user === null
    ? refuse('malformed')
    : { appScopedUser: user, issuedAt: signed.issuedAt, useKey: signed.useKey }
}

/** The answer to a data-deletion callback: where its state can be read, and an unguessable code that reveals nothing. */
export const deletionAnswer = (statusUrl: string, confirmationCode: string): string =>
  JSON.stringify({ url: statusUrl, confirmation_code: confirmationCode })
