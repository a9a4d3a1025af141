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
  const signing = { key, dsaEncoding: 'ieee-p1363' as const }
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
      return `${input}.${sign('sha256', Buffer.from(input), signing).toString('base64url')}`
    },
  }
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
