import type { KeyObject } from 'node:crypto'
import { createPrivateKey, generateKeyPairSync, hash, sign } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { randomBytesPooled } from '../core/id.ts'

/** Signs DPoP proofs (RFC 9449) of one key without leaving the calling turn: a WebCrypto signature costs several. */
export type Prover = {
  /** `htu` is the target without query and fragment; `nonce` the server's last one; `atSeconds` real time. */
  proof(request: {
    readonly method: string
    readonly htu: string
    readonly accessToken: string | null
    readonly nonce: string | null
    readonly atSeconds: number
  }): string
}

/** A fresh private key (ES256) as a JWK: one for each customer at each bank. */
export function newDpopJwk(): JsonWebKey {
  const { kty, crv, x, y, d } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    format: 'jwk',
  })
  return { kty, crv, x, y, d } as JsonWebKey
}

const base64url = (text: string): string => Buffer.from(text).toString('base64url')

function openProver(jwk: JsonWebKey): Prover {
  const key: KeyObject = createPrivateKey({ key: { ...jwk }, format: 'jwk' })
  const { kty, crv, x, y } = jwk
  const header = base64url(JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } }))
  // The hash of the token in use is kept: one token serves many reads.
  let hashed: { readonly token: string; readonly ath: string } | null = null
  return {
    proof: ({ method, htu, accessToken, nonce, atSeconds }) => {
      if (accessToken !== null && hashed?.token !== accessToken)
        hashed = { token: accessToken, ath: hash('sha256', accessToken, 'base64url') }
      const payload = {
        jti: randomBytesPooled(16).toString('base64url'),
        htm: method,
        htu,
        iat: atSeconds,
        ath: accessToken === null ? undefined : hashed?.ath,
        nonce: nonce ?? undefined,
      }
      const input = `${header}.${base64url(JSON.stringify(payload))}`
      return `${input}.${fixedLength(sign('sha256', Buffer.from(input), key)).toString('base64url')}`
    },
  }
}

/**
 * An ECDSA signature on P-256 as JWS wants it, r and s of 32 bytes each (RFC 7518 §3.4), from DER (RFC 3279 §2.2.3).
 * Node can do it too, but takes as long over the option that asks for it as over the signature.
 */
function fixedLength(der: Buffer): Buffer {
  const signature = Buffer.alloc(64)
  // 30 <length> 02 <length> r 02 <length> s: shorter than 128 bytes, so every length is one byte.
  let at = 2
  for (const end of [32, 64]) {
    const length = der[at + 1] ?? 0
    const value = der.subarray(at + 2, at + 2 + length)
    // DER puts a zero before a high bit, and leaves leading zeros out.
    const digits = length > 32 ? value.subarray(length - 32) : value
    digits.copy(signature, end - digits.length)
    at += 2 + length
  }
  return signature
}

/** Provers by key, the most recently used kept (importing a key costs more than signing with it). */
export function openProvers(max: number): (jwk: JsonWebKey) => Prover {
  const cache = new LRUCache<string, Prover>({ max })
  return (jwk) => {
    const name = `${jwk.x}.${jwk.d}`
    const known = cache.get(name)
    if (known) return known
    const prover = openProver(jwk)
    cache.set(name, prover)
    return prover
  }
}
