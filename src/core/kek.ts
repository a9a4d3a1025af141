import { createHash, createSecretKey, type KeyObject } from 'node:crypto'
import { randomBytesPooled } from './id.ts'
import { OutsideError } from './refusal.ts'
import { deriveKey, seal, unseal } from './seal.ts'

/**
 * The key-encryption key: wraps the data key of each customer. A file key by default; a key-management service is the
 * same four members (it takes batches, because each call to it costs a round trip). Destroying a wrapped key, or the
 * KEK's version it was wrapped under, erases what was sealed under it wherever copies lie.
 */
export interface Kek {
  /** Names the key; stored with the database so that a start with another key is refused instead of garbling. */
  readonly fingerprint: string
  wrap(dataKeys: readonly Buffer[]): Promise<Buffer[]> | Buffer[]
  /** Throws OutsideError('kek_refused') when a wrapped key is not this key's. */
  unwrap(wrapped: readonly Buffer[]): Promise<Buffer[]> | Buffer[]
  /** A key of the house for a use that is no one customer's (session references, short-lived web state). */
  derive(use: string): KeyObject
}

const wrapContext = 'kek/data-key'

/** A KEK from 32 bytes held in a file (base64url or hex text), readable by the gateway's user alone. */
export function fileKek(bytes: Buffer): Kek {
  if (bytes.length !== 32) throw new OutsideError('kek_length', { retryable: false })
  const key = createSecretKey(bytes)
  const wrapping = deriveKey(key, 'guichet/wrap')
  return {
    fingerprint: createHash('sha256')
      .update('guichet kek')
      .update(deriveKey(key, 'guichet/fingerprint').export())
      .digest('hex')
      .slice(0, 16),
    wrap: (dataKeys) => dataKeys.map((dataKey) => seal(wrapping, wrapContext, dataKey)),
    unwrap: (wrapped) =>
      wrapped.map((box) => {
        const dataKey = unseal(wrapping, wrapContext, box)
        if (dataKey === null) throw new OutsideError('kek_refused', { retryable: false })
        return dataKey
      }),
    derive: (use) => deriveKey(key, `guichet/${use}`),
  }
}

/** The text of a fresh key file. */
export const newKek = (): string => `${randomBytesPooled(32).toString('base64url')}\n`
