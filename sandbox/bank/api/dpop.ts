import type { KeyObject } from 'node:crypto'
import { createHash, createHmac, createPublicKey, hash, timingSafeEqual, verify } from 'node:crypto'
import { derOf } from './ecdsa.ts'

/** Why a proof was refused; `nonce` asks the client to try again with the nonce it is given. */
export type ProofFault = 'missing' | 'malformed' | 'signature' | 'binding' | 'stale' | 'replayed' | 'nonce'

export type ProofCheck = {
  /** Null when the proof is good. */
  check(proof: string | undefined, expect: ProofOf): ProofFault | null
  /** The nonce a client should use from now on. */
  nonce(): string
  /** True when the proof just checked used an older nonce (or none), so that a new one should be handed out. */
  readonly stalest: boolean
}

export type ProofOf = {
  readonly method: string
  /** The URL without query and fragment. */
  readonly url: string
  /** base64url SHA-256 of the access token. */
  readonly tokenHash: string
  /** RFC 7638 thumbprint that the token is bound to (`cnf.jkt`). */
  readonly thumbprint: string
}

type ProofKey = { readonly key: KeyObject; readonly thumbprint: string }
type Claims = {
  jti?: unknown
  htm?: unknown
  htu?: unknown
  iat?: unknown
  ath?: unknown
  nonce?: unknown
}

const windowSeconds = 60
const nonceSeconds = 120
const maxKeys = 5_000
const maxIds = 400_000

/** Reads a DPoP header (RFC 9449 section 4.2): ES256 only, an embedded public key, no private parts. */
function readKey(encoded: string): ProofKey | null {
  try {
    const header = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8')) as {
      typ?: unknown
      alg?: unknown
      jwk?: Record<string, unknown>
    }
    const { typ, alg, jwk } = header
    if (typ !== 'dpop+jwt' || alg !== 'ES256' || typeof jwk !== 'object' || jwk === null) return null
    const { kty, crv, x, y } = jwk
    if (kty !== 'EC' || crv !== 'P-256' || typeof x !== 'string' || typeof y !== 'string' || 'd' in jwk)
      return null
    return {
      key: createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' }),
      thumbprint: createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url'),
    }
  } catch {
    return null
  }
}

const sameUrl = (given: string, expected: string): boolean => {
  if (given === expected) return true
  const url = URL.parse(given)
  if (!url) return false
  url.hash = ''
  url.search = ''
  return url.href === new URL(expected).href
}

/**
 * Checks DPoP proofs synchronously: at this rate a promise per request costs more than the elliptic curve. A client's
 * header is the same on every proof, so its parsed key is kept.
 */
export function openProofCheck(options: {
  readonly nonceRequired: boolean
  readonly secret: Buffer
  readonly nowSeconds: () => number
}): ProofCheck {
  const keys = new Map<string, ProofKey>()
  let ids = [new Set<string>(), new Set<string>(), new Set<string>()]
  let idsSince = options.nowSeconds()
  let stalest = false

  const nonceAt = (step: number) =>
    createHmac('sha256', options.secret).update(`dpop-nonce:${step}`).digest('base64url').slice(0, 22)
  let nonceStep = Number.NaN
  let nonces: readonly string[] = []
  const currentNonces = (): readonly string[] => {
    const step = Math.floor(options.nowSeconds() / nonceSeconds)
    if (step !== nonceStep) {
      nonceStep = step
      nonces = [nonceAt(step), nonceAt(step - 1)]
    }
    return nonces
  }

  /** True when this id was not seen while any proof carrying it could still be valid. */
  function firstSight(id: string): boolean {
    const now = options.nowSeconds()
    if (now - idsSince > windowSeconds || ids[0]!.size > maxIds) {
      ids = [new Set<string>(), ids[0]!, ids[1]!]
      idsSince = now
    }
    if (ids.some((seen) => seen.has(id))) return false
    ids[0]!.add(id)
    return true
  }

  function check(proof: string | undefined, expect: ProofOf): ProofFault | null {
    stalest = false
    if (proof === undefined || proof === '') return 'missing'
    if (proof.length > 4_096) return 'malformed'
    const first = proof.indexOf('.')
    const second = proof.indexOf('.', first + 1)
    if (first <= 0 || second < 0 || proof.indexOf('.', second + 1) >= 0) return 'malformed'
    const header = proof.slice(0, first)

    let known = keys.get(header)
    if (!known) {
      const read = readKey(header)
      if (!read) return 'malformed'
      if (keys.size >= maxKeys) keys.delete(keys.keys().next().value!)
      keys.set(header, read)
      known = read
    }
    // The binding first: it is a string comparison, the signature is not.
    if (known.thumbprint !== expect.thumbprint) return 'binding'

    let claims: Claims
    try {
      claims = JSON.parse(Buffer.from(proof.slice(first + 1, second), 'base64url').toString('utf8')) as Claims
    } catch {
      return 'malformed'
    }
    const { jti, htm, htu, iat, ath, nonce } = claims
    if (typeof jti !== 'string' || jti.length < 8 || jti.length > 128 || typeof iat !== 'number')
      return 'malformed'
    if (htm !== expect.method || ath !== expect.tokenHash) return 'binding'
    if (typeof htu !== 'string' || !sameUrl(htu, expect.url)) return 'binding'
    if (Math.abs(options.nowSeconds() - iat) > windowSeconds) return 'stale'
    const signature = derOf(Buffer.from(proof.slice(second + 1), 'base64url'))
    if (!signature || !verify('sha256', Buffer.from(proof.slice(0, second)), known.key, signature))
      return 'signature'
    if (nonce !== undefined || options.nonceRequired) {
      const accepted = currentNonces()
      stalest = nonce !== accepted[0]
      if (!accepted.some((one) => typeof nonce === 'string' && sameText(nonce, one))) return 'nonce'
    }
    return firstSight(jti) ? null : 'replayed'
  }

  return {
    check,
    nonce: () => currentNonces()[0]!,
    get stalest() {
      return stalest
    },
  }
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** The `ath` of a token: base64url SHA-256 of its characters. */
export const tokenHash = (token: string): string => hash('sha256', token, 'base64url')
