import { randomFillSync } from 'node:crypto'

/** Random bytes are drawn in blocks: one call to the system serves many ids. */
const pool = Buffer.allocUnsafe(8192)
let used = pool.length

/** `length` fresh random bytes (a copy, safe to keep). */
export function randomBytesPooled(length: number): Buffer {
  if (used + length > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const bytes = Buffer.from(pool.subarray(used, used + length))
  pool.fill(0, used, used + length)
  used += length
  return bytes
}

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** An id that sorts by time: prefix, 48 bits of milliseconds, 80 random bits, in Crockford base 32 (as ULID). */
export function newId(prefix: string, now: number): string {
  let text = ''
  let time = now
  for (let i = 0; i < 10; i++) {
    text = alphabet[time % 32] + text
    time = Math.floor(time / 32)
  }
  const random = randomBytesPooled(16)
  for (const byte of random) text += alphabet[byte & 31]
  return `${prefix}_${text}`
}

/** When an id of `newId` was made, epoch ms. */
export function timeOfId(id: string): number {
  let time = 0
  for (const sign of id.slice(id.lastIndexOf('_') + 1).slice(0, 10)) time = time * 32 + alphabet.indexOf(sign)
  return time
}

/** An unguessable token: 256 random bits, base64url. For links, codes and sessions. */
export const newSecret = (): string => randomBytesPooled(32).toString('base64url')
