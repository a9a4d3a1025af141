import { randomFillSync } from 'node:crypto'

/** Random bytes are drawn in blocks: one call to the system serves many ids. */
const pool = Buffer.allocUnsafe(8192)
let used = pool.length

function refill(): void {
  randomFillSync(pool)
  used = 0
}

/** `length` fresh random bytes (a copy, safe to keep). */
export function randomBytesPooled(length: number): Buffer {
  if (used + length > pool.length) refill()
  const bytes = Buffer.from(pool.subarray(used, used + length))
  pool.fill(0, used, used + length)
  used += length
  return bytes
}

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

const codes = Buffer.from(alphabet)
/** An id being written: ten signs of time, sixteen of chance. Thousands a second share their millisecond. */
const signs = Buffer.alloc(26)
let writtenTime = -1

/** An id that sorts by time: prefix, 48 bits of milliseconds, 80 random bits, in Crockford base 32 (as ULID). */
export function newId(prefix: string, now: number): string {
  if (now !== writtenTime) {
    let time = now
    for (let i = 9; i >= 0; i--) {
      signs[i] = codes[time % 32] as number
      time = Math.floor(time / 32)
    }
    writtenTime = now
  }
  if (used + 16 > pool.length) refill()
  for (let i = 0; i < 16; i++) signs[10 + i] = codes[(pool[used + i] as number) & 31] as number
  pool.fill(0, used, used + 16)
  used += 16
  return `${prefix}_${signs.toString('latin1')}`
}

/** When an id of `newId` was made, epoch ms. */
export function timeOfId(id: string): number {
  let time = 0
  for (const sign of id.slice(id.lastIndexOf('_') + 1).slice(0, 10)) time = time * 32 + alphabet.indexOf(sign)
  return time
}

/** An unguessable token: 256 random bits, base64url. For links, codes and sessions. */
export const newSecret = (): string => randomBytesPooled(32).toString('base64url')
