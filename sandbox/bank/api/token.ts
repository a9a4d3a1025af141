import type { KeyObject } from 'node:crypto'
import { createPublicKey, verify } from 'node:crypto'
import { z } from 'zod'
import { derOf } from './ecdsa.ts'

/** What the API needs of an access token, once its signature has been checked. */
export type Token = {
  readonly clientId: string
  readonly subject: string
  /** Null for a client's own token (client credentials). */
  readonly consentId: string | null
  readonly scopes: ReadonlySet<string>
  readonly thumbprint: string
  readonly expiresAtSeconds: number
}

const payloadShape = z.object({
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  sub: z.string(),
  client_id: z.string(),
  exp: z.number(),
  scope: z.string().optional(),
  cnf: z.object({ jkt: z.string() }),
  fdxConsentId: z.string().optional(),
  openbanking_intent_id: z.string().optional(),
})

const maxTokens = 10_000

/**
 * Verifies RFC 9068 access tokens of this bank's own issuer. A token's signature is checked once; afterwards its hash
 * finds the parsed claims. That a consent still stands is not this file's business and is never cached.
 */
export function openTokenCheck(options: {
  readonly issuer: string
  readonly audience: string
  readonly publicJwk: JsonWebKey
  readonly nowSeconds: () => number
}): (token: string, hash: string) => Token | null {
  const key: KeyObject = createPublicKey({ key: options.publicJwk as never, format: 'jwk' })
  const verified = new Map<string, Token>()

  function read(token: string): Token | null {
    const parts = token.split('.')
    if (parts.length !== 3 || token.length > 8_192) return null
    try {
      const header = JSON.parse(Buffer.from(parts[0]!, 'base64url').toString('utf8')) as {
        typ?: unknown
        alg?: unknown
      }
      if (header.typ !== 'at+jwt' || header.alg !== 'ES256') return null
      const signature = derOf(Buffer.from(parts[2]!, 'base64url'))
      if (!signature || !verify('sha256', Buffer.from(`${parts[0]}.${parts[1]}`), key, signature)) return null
      const payload = payloadShape.safeParse(JSON.parse(Buffer.from(parts[1]!, 'base64url').toString('utf8')))
      if (!payload.success) return null
      const { iss, aud, sub, client_id, exp, scope, cnf, fdxConsentId, openbanking_intent_id } = payload.data
      if (iss !== options.issuer || ![aud].flat().includes(options.audience)) return null
      return {
        clientId: client_id,
        subject: sub,
        consentId: fdxConsentId ?? openbanking_intent_id ?? null,
        scopes: new Set(scope?.split(' ')),
        thumbprint: cnf.jkt,
        expiresAtSeconds: exp,
      }
    } catch {
      return null
    }
  }

  return (token, hash) => {
    let known = verified.get(hash)
    if (!known) {
      const fresh = read(token)
      if (!fresh) return null
      if (verified.size >= maxTokens) verified.delete(verified.keys().next().value!)
      verified.set(hash, fresh)
      known = fresh
    }
    if (known.expiresAtSeconds <= options.nowSeconds()) {
      verified.delete(hash)
      return null
    }
    return known
  }
}
