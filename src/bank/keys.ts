import { OutsideError } from '../core/refusal.ts'

/** Our own signing key (private_key_jwt, ES256): registered at each bank by the address of our public keys. */
export type ClientKey = { readonly kid: string; readonly jwk: JsonWebKey }

export type PublicJwks = { readonly keys: readonly Readonly<Record<string, string>>[] }

/**
 * The document to serve at `/.well-known/jwks.json`: public halves only, newest first. While a key is being replaced,
 * pass both.
 */
export function publicJwks(keys: readonly ClientKey[]): PublicJwks {
  return {
    keys: keys.map(({ kid, jwk }) => ({
      kty: 'EC',
      crv: 'P-256',
      x: String(jwk.x),
      y: String(jwk.y),
      kid,
      use: 'sig',
      alg: 'ES256',
    })),
  }
}

/** `localhost`, `*.localhost`, 127.0.0.0/8 or ::1. */
export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' ||
  hostname.endsWith('.localhost') ||
  /^127(?:\.\d{1,3}){3}$/.test(hostname) ||
  hostname === '[::1]'

/** A bank's address must be https; http only to this machine, and only where the setting allows it (a sandbox). */
export function isAcceptable(url: URL, allowHttpLoopback: boolean): boolean {
  if (url.username !== '' || url.password !== '') return false
  return (
    url.protocol === 'https:' || (url.protocol === 'http:' && allowHttpLoopback && isLoopback(url.hostname))
  )
}

/** `text` as an acceptable URL, else OutsideError `bank_address_refused`. */
export function acceptableUrl(text: string, allowHttpLoopback: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !isAcceptable(url, allowHttpLoopback))
    throw new OutsideError('bank_address_refused', { retryable: false })
  return url
}
