import { invariant } from '../core/refusal.ts'
import { tileWidth } from './tree.ts'
import { parseCount } from './verify.ts'

/** Names and contents of the files a tiled log is made of (C2SP tlog-tiles). */

/** A tile of hashes (`level` 0 … 63) or a bundle of entries; `width` 256 is full, 1 … 255 partial. */
export type TileName = { readonly level: number | 'entries'; readonly n: number; readonly width: number }

/** How many hashes the last, partial tile of a level holds in a tree of this size; 0 = there is none. */
export const partialWidth = (size: number, level: number): number =>
  Math.floor(size / tileWidth ** level) % tileWidth

/** `tile/0/x001/x234/067` or `tile/entries/000.p/44`: the index in groups of three digits, all but the last with an x. */
export function tilePath({ level, n, width }: TileName): string {
  const digits = String(n)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) as string[]
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/')
  return `tile/${level}/${path}${width === tileWidth ? '' : `.p/${width}`}`
}

/** Reads a path as `tilePath` writes it; any other spelling (leading zeros, wrong groups, width 0 or 256) is null. */
export function parseTilePath(path: string): TileName | null {
  if (path.length > 60) return null
  const match = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path)
  if (!match) return null
  const level = match[1] === 'entries' ? ('entries' as const) : parseCount(match[1] as string)
  const n = Number((match[2] as string).replace(/[x/]/g, ''))
  const width = match[3] === undefined ? tileWidth : parseCount(match[3])
  if (level === null || width === null || !Number.isSafeInteger(n)) return null
  if (level !== 'entries' && level > 63) return null
  const name: TileName = { level, n, width }
  return tilePath(name) === path && width >= 1 && width <= tileWidth ? name : null
}

/** The longest entry a bundle can hold: its length is written in 16 bits. */
export const maxEntryBytes = 65_535

/**
 * Entries in bundle form: for each, its length as uint16 big-endian, then its bytes. This is what a row of `tlog_batch`
 * holds. An entry that is too long is a bug of whoever made it.
 */
export function encodeEntries(entries: readonly Uint8Array[]): Buffer {
  let length = 0
  for (const entry of entries) {
    invariant(entry.length <= maxEntryBytes, 'a log entry is longer than 65535 bytes')
    length += 2 + entry.length
  }
  const bundle = Buffer.allocUnsafe(length)
  let at = 0
  for (const entry of entries) {
    bundle.writeUInt16BE(entry.length, at)
    bundle.set(entry, at + 2)
    at += 2 + entry.length
  }
  return bundle
}

/** The entries of a bundle (views into it), or null when the bytes do not come out even. */
export function decodeEntries(bundle: Buffer): Buffer[] | null {
  const entries: Buffer[] = []
  let at = 0
  while (at < bundle.length) {
    if (at + 2 > bundle.length) return null
    const end = at + 2 + bundle.readUInt16BE(at)
    if (end > bundle.length) return null
    entries.push(bundle.subarray(at + 2, end))
    at = end
  }
  return entries
}
