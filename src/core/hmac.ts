import { hash } from 'node:crypto'

const block = 64
/** Keys in their two pads, and what is hashed behind them. Nothing here waits, so one of each serves everyone. */
let inner = Buffer.allocUnsafe(4096)
const outer = Buffer.allocUnsafe(block + 32)

/**
 * HMAC-SHA256 (RFC 2104) in hex, of bytes or UTF-8 text. Spelled out as its two hashes because createHmac makes objects
 * that take several times as long as the hashing.
 */
export function hmacHex(key: Buffer, data: Buffer | string): string {
  if (key.length > block) return hmacHex(hash('sha256', key, 'buffer'), data)
  const most = block + (typeof data === 'string' ? data.length * 3 : data.length)
  if (inner.length < most) inner = Buffer.allocUnsafe(most * 2)
  inner.fill(0x36, 0, block)
  outer.fill(0x5c, 0, block)
  for (let i = 0; i < key.length; i++) {
    const byte = key[i] as number
    inner[i] = byte ^ 0x36
    outer[i] = byte ^ 0x5c
  }
  const length = block + (typeof data === 'string' ? inner.write(data, block) : data.copy(inner, block))
  outer.write(hash('sha256', inner.subarray(0, length), 'hex'), block, 'hex')
  return hash('sha256', outer, 'hex')
}
