/**
 * A JWS signature of ES256 (r and s, 32 bytes each, RFC 7518 §3.4) as DER (RFC 3279 §2.2.3), which Node verifies
 * without more ado: its own option for the fixed form costs half a verification. Null when it has another length.
 */
export function derOf(signature: Buffer): Buffer | null {
  if (signature.length !== 64) return null
  const integers = [signature.subarray(0, 32), signature.subarray(32)].map((bytes) => {
    let from = 0
    while (from < 31 && bytes[from] === 0) from++
    const digits = bytes.subarray(from)
    // A high bit would make it negative.
    const sign = (digits[0] ?? 0) > 127 ? [0] : []
    return Buffer.from([0x02, sign.length + digits.length, ...sign, ...digits])
  })
  const body = Buffer.concat(integers)
  return Buffer.concat([Buffer.from([0x30, body.length]), body])
}
