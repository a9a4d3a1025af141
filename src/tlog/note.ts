import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { OperatorError } from '../core/operator-error.ts'
import { invariant } from '../core/refusal.ts'
import { cosignedMessage, fromBase64, keyId } from './verify.ts'

/** Making what verify.ts reads: keys, signed notes, checkpoints, cosignatures (C2SP signed-note, tlog-cosignature). */

const ed25519 = 0x01
const cosignature = 0x04
/** PKCS #8 around a bare Ed25519 seed (RFC 8410 §7). */
const seedPrefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The 32 bytes of an Ed25519 public key (of either half of the pair). */
function publicBytes(key: KeyObject): Buffer {
  invariant(key.asymmetricKeyType === 'ed25519', 'a log is signed with an Ed25519 key')
  const half = key.type === 'private' ? createPublicKey(key) : key
  return half.export({ format: 'der', type: 'spki' }).subarray(-32)
}
const typed = (type: number, key: KeyObject) => Buffer.concat([Buffer.from([type]), publicBytes(key)])

/** The text by which others know a key: `name+hex8+base64`. For a witness's key pass its type, 4. */
export function verifierKeyText(name: string, key: KeyObject, type: 1 | 4 = ed25519): string {
  const bytes = typed(type, key)
  return `${name}+${keyId(name, bytes).toString('hex')}+${bytes.toString('base64')}`
}

/** One signature line for a note's text. */
const signatureLine = (name: string, id: Buffer, signature: Buffer): string =>
  `\u2014 ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`

/** Signs a text (ending in a newline) as `name`: the whole note. */
export function signNote(text: string, name: string, key: KeyObject): string {
  const id = keyId(name, typed(ed25519, key))
  return `${text}\n${signatureLine(name, id, sign(null, Buffer.from(text), key))}`
}

/** The text of a checkpoint: origin, size, root. */
export const checkpointText = (origin: string, size: number, root: Buffer): string =>
  `${origin}\n${size}\n${root.toString('base64')}\n`

/** A witness's cosignature/v1 line over a checkpoint's text, at this time (epoch seconds). */
export function cosignatureLine(text: string, name: string, key: KeyObject, seconds: number): string {
  const time = BigInt(seconds)
  const stamp = Buffer.alloc(8)
  stamp.writeBigUInt64BE(time)
  const message = cosignedMessage({ name, type: cosignature }, time, text) as Buffer
  return signatureLine(
    name,
    keyId(name, typed(cosignature, key)),
    Buffer.concat([stamp, sign(null, message, key)]),
  )
}

/** A log's identity: its origin (also the key's name) and the private key that signs its checkpoints. */
export type LogKey = { readonly origin: string; readonly signer: KeyObject; readonly vkey: string }

/** Is this a name a key can have: not empty, no spaces, no plus, no control characters. */
export const isOrigin = (origin: string): boolean => /^[^\s+\p{C}\p{White_Space}]{1,200}$/u.test(origin)

/**
 * A new log key. `text` is what to keep in a file, in the signer form of golang.org/x/mod/sumdb/note:
 * `PRIVATE+KEY+name+hex8+base64(type ‖ seed)`.
 */
export function newLogKey(origin: string): LogKey & { readonly text: string } {
  invariant(isOrigin(origin), 'a log origin is a name without spaces or plus')
  const { privateKey } = generateKeyPairSync('ed25519')
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32)
  const secret = Buffer.concat([Buffer.from([ed25519]), seed]).toString('base64')
  const vkey = verifierKeyText(origin, privateKey)
  const id = keyId(origin, typed(ed25519, privateKey)).toString('hex')
  return { origin, signer: privateKey, vkey, text: `PRIVATE+KEY+${origin}+${id}+${secret}\n` }
}

/** Reads a log key's text; null when it is not one, or was altered (its checksum covers name and public key). */
export function parseLogKey(text: string): LogKey | null {
  const match = /^PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text.trim())
  const secret = match && fromBase64(match[3] as string)
  if (!match || secret?.length !== 33 || secret[0] !== ed25519) return null
  const origin = match[1] as string
  if (!isOrigin(origin)) return null
  const signer = createPrivateKey({
    key: Buffer.concat([seedPrefix, secret.subarray(1)]),
    format: 'der',
    type: 'pkcs8',
  })
  if (keyId(origin, typed(ed25519, signer)).toString('hex') !== match[2]) return null
  return { origin, signer, vkey: verifierKeyText(origin, signer) }
}

/** Reads the key file of a log. Throws OperatorError when it is missing or no such key. */
export function loadLogKey(path: string): LogKey {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new OperatorError('log_key_missing', `The log's key file ${path} cannot be read.`, { cause: error })
  }
  const key = parseLogKey(text)
  if (!key)
    throw new OperatorError(
      'log_key_bad',
      `${path} is not a log key (PRIVATE+KEY+name+…), or it was altered.`,
    )
  return key
}

/** Writes a new key file, readable by its owner alone; never over an existing one. */
export function writeLogKey(path: string, origin: string): LogKey {
  const { text, ...key } = newLogKey(origin)
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' })
  return key
}
