import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { randomBytesPooled } from './id.ts'

/**
 * Boxes for data at rest: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce.
 *
 * Layout: 1 byte version (1) · 12 bytes nonce · ciphertext · 16 bytes tag. The `context` (table and row) is
 * authenticated with it, so that a box moved to another row does not open. A key is one customer's: far fewer boxes
 * than the 2^32 for which random nonces are safe.
 */
const version = 1
const nonceLength = 12
const tagLength = 16
export const sealOverhead = 1 + nonceLength + tagLength

/** Seals bytes or UTF-8 text under a key. */
export function seal(key: KeyObject, context: string, plain: Buffer | string): Buffer {
  const nonce = randomBytesPooled(nonceLength)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(context))
  const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain)
  cipher.final()
  const box = Buffer.allocUnsafe(sealOverhead + body.length)
  box[0] = version
  nonce.copy(box, 1)
  body.copy(box, 1 + nonceLength)
  cipher.getAuthTag().copy(box, 1 + nonceLength + body.length)
  return box
}

/** Opens a box, or gives null when it was made for another key or row, or was altered. */
export function unseal(key: KeyObject, context: string, box: Buffer): Buffer | null {
  if (box.length < sealOverhead || box[0] !== version) return null
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(1, 1 + nonceLength))
  decipher.setAAD(Buffer.from(context))
  decipher.setAuthTag(box.subarray(box.length - tagLength))
  try {
    const plain = decipher.update(box.subarray(1 + nonceLength, box.length - tagLength))
    return Buffer.concat([plain, decipher.final()])
  } catch {
    return null
  }
}

/** A key for one use, derived from another by HMAC-SHA256 (one block of HKDF-Expand, RFC 5869 §2.3). 32 bytes. */
export const deriveBytes = (key: KeyObject, use: string): Buffer => mac(key, `${use}\x01`)

export const deriveKey = (key: KeyObject, use: string): KeyObject => createSecretKey(deriveBytes(key, use))

/** HMAC-SHA256 as bytes. */
export const mac = (key: KeyObject, data: string | Buffer): Buffer =>
  createHmac('sha256', key).update(data).digest()
