import { emptyRoot, nodeHash, tlogProofHeader, verifyInclusion } from './verify.ts'

/** Proofs beyond plain inclusion (which is in verify.ts): consistency, subtrees, and the proof file's text. */

const isHash = (value: Uint8Array): boolean => value instanceof Uint8Array && value.length === 32
const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

export type ConsistencyClaim = {
  readonly oldSize: number
  readonly size: number
  readonly oldRoot: Uint8Array
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/**
 * Is the tree of `size` entries an extension of the tree of `oldSize` entries? RFC 9162 §2.1.4.2: equal sizes need equal
 * roots and no proof; otherwise both roots are rebuilt from the same hashes. An old size of 0 is always refused here:
 * every tree extends the empty one, so there is nothing to prove, and a protocol that allows it (C2SP tlog-witness,
 * "old 0") must say so itself. Nonsense is `false`.
 */
export function verifyConsistency({ oldSize, size, oldRoot, root, proof }: ConsistencyClaim): boolean {
  return (
    oldSize > 0 && verifySubtreeConsistency({ from: 0, to: oldSize, size, partRoot: oldRoot, root, proof })
  )
}

/**
 * Inclusion of entry `index` in the subtree over entries `from` ≤ i < `to`
 * (draft-ietf-plants-merkle-tree-certs §4.3.2): inclusion in a tree that starts at `from`.
 */
export function verifySubtreeInclusion(claim: {
  readonly index: number
  readonly from: number
  readonly to: number
  readonly leaf: Uint8Array
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}): boolean {
  const { index, from, to, leaf, root, proof } = claim
  if (!isSubtree(from, to) || from === to || !isCount(index) || index < from) return false
  return verifyInclusion({ index: index - from, size: to - from, leaf, root, proof })
}

/** A subtree starts at a multiple of the power of two that covers it (draft §4.1); an empty one may be anywhere. */
function isSubtree(from: number, to: number): boolean {
  if (!isCount(from) || !isCount(to) || from > to) return false
  let cover = 1
  while (cover < to - from) cover *= 2
  return from % cover === 0
}

/**
 * Is the subtree over `from` ≤ i < `to` part of the tree of `size` entries? Draft §4.4.3; with `from` = 0 it is the
 * consistency check of RFC 9162 §2.1.4.2. `fn`, `sn`, `tn` are the positions of the subtree's first, its last and the
 * tree's last node on the current level.
 */
export function verifySubtreeConsistency(claim: {
  readonly from: number
  readonly to: number
  readonly size: number
  readonly partRoot: Uint8Array
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}): boolean {
  const { from, to, size, partRoot, root, proof } = claim
  if (!isSubtree(from, to) || !isCount(size) || to > size) return false
  if (from === to) return proof.length === 0 && same(partRoot, emptyRoot)
  // The same tree twice: equal is equal, and nothing is hashed.
  if (from === 0 && to === size) return proof.length === 0 && same(partRoot, root)
  if (![partRoot, root, ...proof].every(isHash)) return false
  let fn = from
  let sn = to - 1
  let tn = size - 1
  // Halving keeps sn < tn as long as sn is odd, so the first test stays true or false throughout.
  while (fn !== sn && (sn === tn || sn % 2 === 1)) [fn, sn, tn] = halved(fn, sn, tn)
  let rest = proof
  let seed = partRoot
  if (fn !== sn) {
    if (proof.length === 0) return false
    seed = proof[0] as Uint8Array
    rest = proof.slice(1)
  }
  let fr = seed
  let sr = seed
  for (const p of rest) {
    if (tn === 0) return false
    if (sn % 2 === 1 || sn === tn) {
      if (fn < sn) fr = nodeHash(p, fr)
      sr = nodeHash(p, sr)
      while (sn % 2 === 0 && sn !== 0) [fn, sn, tn] = halved(fn, sn, tn)
    } else {
      sr = nodeHash(sr, p)
    }
    ;[fn, sn, tn] = halved(fn, sn, tn)
  }
  return tn === 0 && same(fr, partRoot) && same(sr, root)
}

const halved = (...positions: [number, number, number]): [number, number, number] =>
  positions.map((position) => Math.floor(position / 2)) as [number, number, number]

/** A tlog-proof file's text (C2SP tlog-proof). `extra` carries the entry's bytes, so that the file stands alone. */
export function formatTlogProof(file: {
  readonly index: number
  readonly proof: readonly Uint8Array[]
  readonly checkpoint: string
  readonly extra?: Uint8Array
}): string {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
  return [
    tlogProofHeader,
    ...(file.extra ? [`extra ${base64(file.extra)}`] : []),
    `index ${file.index}`,
    ...file.proof.map(base64),
    '',
    file.checkpoint,
  ].join('\n')
}
