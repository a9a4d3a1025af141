import { z } from 'zod'
import { OutsideError, type Refusal, refuse } from '../../core/refusal.ts'
import type { Graph } from './graph.ts'
import { succeeded } from './wire.ts'
import { isLoopback } from './url.ts'

/**
 * Account linking (§9), the platform's half. The person's half (session, code, confirmation) is the customer room's; it
 * must resolve the token before the login and accept the webhook's code only from the same PSID.
 */

/**
 * Whose chat opened the login page: the PSID behind `account_linking_token` (§9 step 3), asked server to server.
 * `expired` and `invalid` both call for a new button. Throws OutsideError when the platform does not answer.
 */
export async function resolveLinkingToken(
  graph: Graph,
  token: string,
): Promise<{ readonly psid: string } | Refusal<'expired' | 'invalid'>> {
  if (!/^[\x21-\x7e]{1,1000}$/.test(token)) return refuse('invalid')
  const answer = z.looseObject({
    id: z.string(),
    recipient: z.string().regex(/^[\x21-\x7e]{1,128}$/),
  })
  try {
    const { id, recipient } = await graph.call(
      { method: 'GET', path: 'me', query: { fields: 'recipient', account_linking_token: token } },
      answer,
    )
    // A token of another Page must bind nothing here.
    return id === graph.settings.account ? { psid: recipient } : refuse('invalid')
  } catch (error) {
    if (error instanceof OutsideError) {
      if (/_10301(_|$)/.test(error.code)) return refuse('expired')
      if (/_10303(_|$)/.test(error.code)) return refuse('invalid')
    }
    throw error
  }
}

/**
 * The `redirect_uri` the login page was opened with, if it leads back to the messenger and nowhere else: exact host
 * (with port, when not the usual one) and exact path, https, no credentials, no fragment. Plain http only to a loopback
 * host that is listed.
 */
export function checkRedirectUri(
  uri: string,
  allowedHosts: readonly string[],
  allowedPath: string,
): URL | Refusal<'bad_redirect'> {
  const url = uri.length <= 2_000 ? URL.parse(uri) : null
  if (url === null) return refuse('bad_redirect', 'not an address')
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
  if (!secure) return refuse('bad_redirect', 'not https')
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    return refuse('bad_redirect', 'credentials or fragment')
  if (!allowedHosts.includes(url.host)) return refuse('bad_redirect', 'host')
  if (url.pathname !== allowedPath) return refuse('bad_redirect', 'path')
  if (url.searchParams.has('authorization_code')) return refuse('bad_redirect', 'a code is already in it')
  return url
}

/** Where to send the person after consent: the checked address with our code (§9 step 5). Without a code = cancelled. */
export function redirectWithCode(checked: URL, authorizationCode: string): string {
  const separator = checked.search === '' ? '?' : '&'
  return `${checked.href}${separator}authorization_code=${encodeURIComponent(authorizationCode)}`
}

/** Ends the link at the platform (§9 step 7). The webhook `unlinked` follows. Throws OutsideError. */
export async function unlink(graph: Graph, psid: string): Promise<void> {
  await graph.call(
    { method: 'POST', path: 'me/unlink_accounts', body: JSON.stringify({ psid }) },
    z.union([succeeded, z.looseObject({ result: z.string() })]),
  )
}
