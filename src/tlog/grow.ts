import { foldHashes, hashBytes, rangeHash, type TileId, tileKey, tileWidth } from './tree.ts'
import { emptyRoot } from './verify.ts'

/** A tile as it now stands: `width` hashes. */
export type GrownTile = TileId & { readonly width: number; readonly hashes: Buffer }

/** The last tile of each level of a tree of this size, which is all that is needed to go on growing it. */
export function edgeTiles(size: number): (TileId & { readonly width: number })[] {
  const tiles = []
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / tileWidth)) {
    const width = count % tileWidth
    if (width > 0) tiles.push({ level, n: Math.floor(count / tileWidth), width })
  }
  return tiles
}

/**
 * A tree that grows at its right edge, in memory of a few tiles. `add` gives back tiles as they fill; `edge` the partial
 * ones; `root` the hash of the whole (RFC 9162 §2.1.1).
 */
export type GrowingTree = {
  readonly size: number
  add(leaf: Buffer): void
  /** The tiles filled since the last call. */
  takeFull(): GrownTile[]
  edge(): GrownTile[]
  root(): Buffer
}

/** Goes on from a tree of `size` entries, given its edge tiles (each at least as wide as `edgeTiles` says). */
export function growTree(size = 0, edge: ReadonlyMap<string, Buffer> = new Map()): GrowingTree {
  const levels: { n: number; width: number; hashes: Buffer }[] = []
  for (const { level, n, width } of edgeTiles(size)) {
    while (levels.length < level) levels.push(emptyLevel(size, levels.length))
    const hashes = Buffer.alloc(tileWidth * hashBytes)
    edge.get(tileKey({ level, n }))?.copy(hashes, 0, 0, width * hashBytes)
    levels.push({ n, width, hashes })
  }
  let entries = size
  let full: GrownTile[] = []

  function put(level: number, hash: Buffer): void {
    levels[level] ??= emptyLevel(0, level)
    const last = levels[level]
    hash.copy(last.hashes, last.width * hashBytes)
    last.width++
    if (last.width < tileWidth) return
    full.push({ level, n: last.n, width: tileWidth, hashes: last.hashes })
    // Only full tiles are hashed into the level above (C2SP tlog-tiles, "Partial Tiles").
    put(level + 1, foldHashes(last.hashes))
    levels[level] = { n: last.n + 1, width: 0, hashes: Buffer.alloc(tileWidth * hashBytes) }
  }

  const edgeNow = (): GrownTile[] =>
    levels.flatMap(({ n, width, hashes }, level) =>
      width === 0 ? [] : [{ level, n, width, hashes: Buffer.from(hashes.subarray(0, width * hashBytes)) }],
    )
  return {
    get size() {
      return entries
    },
    add(leaf) {
      put(0, leaf)
      entries++
    },
    takeFull() {
      const taken = full
      full = []
      return taken
    },
    edge: edgeNow,
    root() {
      if (entries === 0) return emptyRoot
      const tiles = new Map(
        levels.map(({ n, width, hashes }, level) => [
          tileKey({ level, n }),
          hashes.subarray(0, width * hashBytes),
        ]),
      )
      return rangeHash(tiles, { from: 0, to: entries }) as Buffer
    },
  }
}

const emptyLevel = (size: number, level: number) => ({
  n: Math.floor(size / tileWidth ** (level + 1)),
  width: 0,
  hashes: Buffer.alloc(tileWidth * hashBytes),
})
