import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { growTree } from '../src/tlog/grow.ts'
import { verifyConsistency, verifySubtreeConsistency, verifySubtreeInclusion } from '../src/tlog/proof.ts'
import { decodeEntries, encodeEntries, parseTilePath, partialWidth, tilePath } from '../src/tlog/tile.ts'
import {
  consistencyRanges,
  inclusionRanges,
  type Range,
  rangeHash,
  tileKey,
  tilesFor,
} from '../src/tlog/tree.ts'
import { runVectors } from '../src/tlog/vectors.ts'
import { emptyRoot, leafHash, nodeHash, verifyInclusion } from '../src/tlog/verify.ts'

/** The definition, word for word (RFC 9162 §2.1.1): MTH(D[n]) = H(1 ‖ MTH(D[0:k]) ‖ MTH(D[k:n])). */
function naiveRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return emptyRoot
  if (leaves.length === 1) return leaves[0] as Buffer
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return nodeHash(naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)))
}
const leavesOf = (size: number) => Array.from({ length: size }, (_, i) => leafHash(Buffer.from(`entry ${i}`)))
const of = (leaves: readonly Buffer[]) => (range: Range) => naiveRoot(leaves.slice(range.from, range.to))
const flip = (bytes: Buffer, bit: number): Buffer => {
  const copy = Buffer.from(bytes)
  copy[Math.floor(bit / 8) % copy.length] =
    (copy[Math.floor(bit / 8) % copy.length] as number) ^ (1 << (bit % 8))
  return copy
}
/** All tiles of a tree, by growing it in one go. */
function grown(leaves: readonly Buffer[]) {
  const tree = growTree()
  for (const leaf of leaves) tree.add(leaf)
  return {
    tree,
    tiles: new Map([...tree.takeFull(), ...tree.edge()].map((tile) => [tileKey(tile), tile.hashes])),
  }
}

const shared = join(import.meta.dirname, '..', '..', 'shared', 'data', 'transparency-log')

describe('the Merkle tree of the disclosure log', () => {
  test('every published vector comes out as published', {
    skip: existsSync(shared) ? false : 'no folder of vectors here',
  }, () => {
    const results = runVectors(shared)
    assert.deepEqual(
      results.filter(({ outcome }) => outcome !== 'passed'),
      [],
    )
    assert.ok(results.length > 250)
  })

  test('the hashes of RFC 6962 come out: nothing, an empty entry, two nodes', () => {
    assert.equal(
      emptyRoot.toString('hex'),
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    )
    assert.equal(
      leafHash(Buffer.alloc(0)).toString('hex'),
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    )
  })

  test('a proof made for any entry of any tree verifies, and flipped anywhere it does not', () => {
    const sizes = fc.integer({ min: 1, max: 70 })
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), fc.nat(), (size, pick, where, bit) => {
        const leaves = leavesOf(size)
        const index = pick % size
        const leaf = leaves[index] as Buffer
        const root = naiveRoot(leaves)
        const proof = inclusionRanges(index, { from: 0, to: size }).map(of(leaves))
        assert.ok(verifyInclusion({ index, size, leaf, proof, root }))
        assert.ok(!verifyInclusion({ index, size, leaf: flip(leaf, bit), proof, root }))
        assert.ok(!verifyInclusion({ index, size, leaf, proof, root: flip(root, bit) }))
        assert.ok(!verifyInclusion({ index, size, leaf, proof: [...proof, root], root }))
        // Right edges can share paths between sizes, never between indices.
        assert.ok(!verifyInclusion({ index: (index + 1) % size, size, leaf, proof, root }) || size === 1)
        if (proof.length === 0) return
        const at = where % proof.length
        const other = proof.map((hash, i) => (i === at ? flip(hash, bit) : hash))
        assert.ok(!verifyInclusion({ index, size, leaf, proof: other, root }))
        assert.ok(!verifyInclusion({ index, size, leaf, proof: proof.toSpliced(at, 1), root }))
      }),
      { numRuns: 300 },
    )
  })

  test('growth between any two sizes can be proved, and a rewritten past cannot', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), fc.nat(), (size, pick, where, bit) => {
        const leaves = leavesOf(size)
        const oldSize = 1 + (pick % size)
        const oldRoot = naiveRoot(leaves.slice(0, oldSize))
        const root = naiveRoot(leaves)
        const proof =
          oldSize === size ? [] : consistencyRanges({ from: 0, to: oldSize }, size).map(of(leaves))
        assert.ok(verifyConsistency({ oldSize, size, oldRoot, root, proof }))
        assert.ok(!verifyConsistency({ oldSize, size, oldRoot: flip(oldRoot, bit), root, proof }))
        assert.ok(!verifyConsistency({ oldSize, size, oldRoot, root: flip(root, bit), proof }))
        assert.ok(!verifyConsistency({ oldSize, size, oldRoot, root, proof: [...proof, root] }))
        if (proof.length === 0) return
        const at = where % proof.length
        const other = proof.map((hash, i) => (i === at ? flip(hash, bit) : hash))
        assert.ok(!verifyConsistency({ oldSize, size, oldRoot, root, proof: other }))
      }),
      { numRuns: 300 },
    )
  })

  test('subtrees of any tree can be proved both ways', () => {
    for (let size = 1; size <= 33; size++) {
      const leaves = leavesOf(size)
      const root = naiveRoot(leaves)
      for (let from = 0; from < size; from++) {
        for (let to = from + 1; to <= size; to++) {
          let cover = 1
          while (cover < to - from) cover *= 2
          const partRoot = naiveRoot(leaves.slice(from, to))
          if (from % cover !== 0) {
            assert.ok(!verifySubtreeConsistency({ from, to, size, partRoot, root, proof: [] }))
            continue
          }
          const proof = consistencyRanges({ from, to }, size).map(of(leaves))
          assert.ok(
            verifySubtreeConsistency({ from, to, size, partRoot, root, proof }),
            `${from}-${to} of ${size}`,
          )
          const leaf = leaves[from] as Buffer
          const path = inclusionRanges(from, { from, to }).map(of(leaves))
          assert.ok(verifySubtreeInclusion({ index: from, from, to, leaf, root: partRoot, proof: path }))
        }
      }
    }
  })

  test('an old size of 0 proves nothing and is refused, whatever comes with it', () => {
    for (const size of [0, 1, 5])
      for (const proof of [[], [emptyRoot]])
        assert.ok(!verifyConsistency({ oldSize: 0, size, oldRoot: emptyRoot, root: emptyRoot, proof }))
  })

  test('numbers beyond 32 bits are not cut: a proof at five thousand million entries verifies', () => {
    // A tree of 2^33 equal entries: one hash per level says it all.
    const leaf = leafHash(Buffer.from('same'))
    const levels = [leaf]
    for (let level = 0; level < 33; level++)
      levels.push(nodeHash(levels[level] as Buffer, levels[level] as Buffer))
    const claim = { size: 2 ** 33, leaf, root: levels[33] as Buffer, proof: levels.slice(0, 33) }
    assert.ok(verifyInclusion({ ...claim, index: 5_000_000_000 }))
    assert.ok(!verifyInclusion({ ...claim, size: 2 ** 33 - 2 ** 32, index: 5_000_000_000 }))
    assert.equal(inclusionRanges(5_000_000_000, { from: 0, to: 2 ** 33 }).length, 33)
  })

  test('nonsense is answered with no, never with an exception', () => {
    const anything = fc.anything() as fc.Arbitrary<never>
    fc.assert(
      fc.property(
        anything,
        anything,
        anything,
        fc.array(fc.uint8Array({ maxLength: 40 })),
        (index, size, hash, proof) => {
          const bytes = Buffer.alloc(32)
          assert.equal(verifyInclusion({ index, size, leaf: bytes, root: bytes, proof }), false)
          assert.equal(verifyInclusion({ index: 0, size: 1, leaf: hash, root: bytes, proof }), false)
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('tiles', () => {
  test('a tree grown in any steps has the root of the definition, and its tiles give every proof', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 }),
        fc.nat(),
        (steps, pick) => {
          const size = steps.reduce((a, b) => a + b)
          const leaves = leavesOf(size)
          const stored = new Map<string, Buffer>()
          let done = 0
          for (const step of steps) {
            // As the sequencer does: forget everything, read the last tiles, go on.
            const tree = growTree(done, stored)
            for (const leaf of leaves.slice(done, done + step)) tree.add(leaf)
            done += step
            for (const tile of [...tree.takeFull(), ...tree.edge()]) {
              const before = stored.get(tileKey(tile))
              assert.ok(!before || tile.hashes.subarray(0, before.length).equals(before), 'tiles only widen')
              stored.set(tileKey(tile), tile.hashes)
            }
            assert.deepEqual(tree.root(), naiveRoot(leaves.slice(0, done)))
          }
          assert.deepEqual(stored, grown(leaves).tiles)
          const index = pick % size
          for (const range of inclusionRanges(index, { from: 0, to: size }))
            assert.deepEqual(rangeHash(stored, range), of(leaves)(range))
        },
      ),
      { numRuns: 40 },
    )
  })

  test('a tree of 70,000 is 273 full tiles, a partial one of 112, and 1 + 17 + 1 above', () => {
    const tree = growTree()
    const leaf = leafHash(Buffer.from('x'))
    for (let i = 0; i < 70_000; i++) tree.add(leaf)
    const full = tree.takeFull()
    assert.equal(full.filter(({ level }) => level === 0).length, 273)
    assert.equal(full.filter(({ level }) => level === 1).length, 1)
    assert.deepEqual(
      tree.edge().map(({ level, n, width }) => ({ level, n, width })),
      [
        { level: 0, n: 273, width: 112 },
        { level: 1, n: 1, width: 17 },
        { level: 2, n: 0, width: 1 },
      ],
    )
    assert.deepEqual(
      [0, 1, 2, 3].map((level) => partialWidth(70_000, level)),
      [112, 17, 1, 0],
    )
  })

  test('a missing or short tile gives no hash rather than a wrong one', () => {
    const { tiles } = grown(leavesOf(300))
    const range = { from: 0, to: 300 }
    assert.ok(rangeHash(tiles, range))
    for (const key of tilesFor([range]).map(tileKey)) {
      const without = new Map(tiles)
      without.delete(key)
      assert.equal(rangeHash(without, range), null)
      without.set(key, (tiles.get(key) as Buffer).subarray(0, -32))
      assert.equal(rangeHash(without, range), null)
    }
  })

  test('a path is read back as it was written, and only in that spelling', () => {
    assert.equal(tilePath({ level: 0, n: 1234067, width: 256 }), 'tile/0/x001/x234/067')
    assert.equal(tilePath({ level: 'entries', n: 0, width: 44 }), 'tile/entries/000.p/44')
    const names = fc.record({
      level: fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 })),
      n: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
      width: fc.integer({ min: 1, max: 256 }),
    })
    fc.assert(fc.property(names, (name) => assert.deepEqual(parseTilePath(tilePath(name)), { ...name })))
    for (const bad of [
      'tile/0/1',
      'tile/0/0001',
      'tile/00/000',
      'tile/64/000',
      'tile/-1/000',
      'tile/0/x000/001',
      'tile/0/001/002',
      'tile/0/000.p/0',
      'tile/0/000.p/256',
      'tile/0/000.p/01',
      'tile/0/000.p/',
      'tile/0/000/',
      'tile//000',
      'tile/0/000.p/1/2',
      'tile/entries',
      'tile/data/000',
      'tile/0/../0/000',
      'tile/0/000%2ep/1',
      'tile/0/x999/x999/x999/x999/x999/x999/999',
      ' tile/0/000',
    ])
      assert.equal(parseTilePath(bad), null, bad)
  })

  test('a bundle gives its entries back, and a damaged one gives nothing', () => {
    const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 })
    fc.assert(
      fc.property(entries, (list) => {
        assert.deepEqual(
          decodeEntries(encodeEntries(list)),
          list.map((entry) => Buffer.from(entry)),
        )
      }),
    )
    const longest = Buffer.alloc(65_535, 7)
    assert.deepEqual(decodeEntries(encodeEntries([longest])), [longest])
    assert.throws(() => encodeEntries([Buffer.alloc(65_536)]))
    const bundle = encodeEntries([Buffer.from('abc'), Buffer.from('defg')])
    for (const cut of [1, 4, 6, bundle.length - 1]) assert.equal(decodeEntries(bundle.subarray(0, cut)), null)
  })
})
