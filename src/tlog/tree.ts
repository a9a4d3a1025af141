import { nodeHash } from './verify.ts'

/**
 * The shape of the tree (RFC 9162 §2.1) in numbers alone: which ranges of entries a proof is made of, and which stored
 * tiles hold them. Plain arithmetic throughout, because JavaScript's shifts cut numbers to 32 bits.
 */

/** Entries `from` ≤ i < `to`. */
export type Range = { readonly from: number; readonly to: number }

/** The largest power of two smaller than n (n ≥ 2): where RFC 9162 splits a tree, never in two equal halves of n + 1. */
export function splitPoint(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

/** Ranges whose hashes prove entry `index` of the tree over `range`, the leaf's sibling first (RFC 9162 §2.1.3.1). */
export function inclusionRanges(index: number, range: Range): Range[] {
  const path: Range[] = []
  let { from, to } = range
  while (to - from > 1) {
    const middle = from + splitPoint(to - from)
    if (index < middle) {
      path.push({ from: middle, to })
      to = middle
    } else {
      path.push({ from, to: middle })
      from = middle
    }
  }
  return path.toReversed()
}

/**
 * Ranges whose hashes prove that `part` lies in the tree of `size` entries. With part.from = 0 this is the consistency
 * proof of RFC 9162 §2.1.4.1; with another start the subtree proof of draft-ietf-plants-merkle-tree-certs §4.4.
 */
export function consistencyRanges(part: Range, size: number): Range[] {
  const path: Range[] = []
  let { from, to } = { from: 0, to: size }
  let whole = true // whether the verifier already has the hash of what is left of `part`
  let start = part.from
  while (!(start === from && part.to === to)) {
    const middle = from + splitPoint(to - from)
    if (part.to <= middle) {
      path.push({ from: middle, to })
      to = middle
    } else {
      path.push({ from, to: middle })
      // Straddling happens only at a left-aligned part: its left half is common to both trees.
      if (start < middle) {
        whole = false
        start = middle
      }
      from = middle
    }
  }
  if (!whole) path.push({ from, to })
  return path.toReversed()
}

/** A full subtree of 2^level entries, the index-th of its kind from the left. */
export type Node = { readonly level: number; readonly index: number }

/** The full subtrees that make up a range, left to right; the range's hash is their fold from the right. */
export function fullNodes({ from, to }: Range): Node[] {
  const nodes: Node[] = []
  let at = from
  while (at < to) {
    let level = 0
    let width = 1
    while (at % (width * 2) === 0 && at + width * 2 <= to) {
      width *= 2
      level++
    }
    nodes.push({ level, index: at / width })
    at += width
  }
  return nodes
}

export const tileWidth = 256
export const hashBytes = 32

/** One tile: the `n`-th of its level; level 0 holds entry hashes, level L + 1 the roots of full tiles of level L. */
export type TileId = { readonly level: number; readonly n: number }
export const tileKey = ({ level, n }: TileId): string => `${level}/${n}`
/** Tiles at hand, by `tileKey`. A tile may hold more hashes than the size in question needs. */
export type Tiles = ReadonlyMap<string, Buffer>

/** Which tile holds a node, and where: `count` hashes from `first` make its root. */
function placeOf(node: Node): TileId & { first: number; count: number } {
  const level = Math.floor(node.level / 8)
  const count = 2 ** (node.level % 8)
  const first = node.index * count
  return { level, n: Math.floor(first / tileWidth), first: first % tileWidth, count }
}

/** The tiles needed to hash these ranges. */
export function tilesFor(ranges: readonly Range[]): TileId[] {
  const needed = new Map<string, TileId>()
  for (const range of ranges) {
    for (const node of fullNodes(range)) {
      const { level, n } = placeOf(node)
      needed.set(tileKey({ level, n }), { level, n })
    }
  }
  return [...needed.values()]
}

/** Folds a power-of-two run of hashes to their root. */
export function foldHashes(hashes: Buffer): Buffer {
  let row = hashes
  while (row.length > hashBytes) {
    const above = Buffer.allocUnsafe(row.length / 2)
    for (let at = 0; at < above.length; at += hashBytes) {
      const left = at * 2
      nodeHash(row.subarray(left, left + 32), row.subarray(left + 32, left + 64)).copy(above, at)
    }
    row = above
  }
  return row
}

/** The hash of a range from tiles; null when a tile is missing or too short (a damaged store, never a wrong hash). */
export function rangeHash(tiles: Tiles, range: Range): Buffer | null {
  let folded: Buffer | null = null
  for (const node of fullNodes(range).toReversed()) {
    const { level, n, first, count } = placeOf(node)
    const tile = tiles.get(tileKey({ level, n }))
    if (!tile || tile.length < (first + count) * hashBytes) return null
    const hashed = foldHashes(tile.subarray(first * hashBytes, (first + count) * hashBytes))
    folded = folded === null ? hashed : nodeHash(hashed, folded)
  }
  return folded
}
