import { invariant, isRefusal, type Refusal, refuse } from '../core/refusal.ts'
import type { Db } from '../core/sql.ts'
import { formatTlogProof } from './proof.ts'
import {
  type EntryName,
  findEntries,
  inclusionProof,
  newestCheckpoint,
  newestCosigned,
  type NotFound,
  publishedNote,
  rangeHashes,
  type StoredCheckpoint,
} from './store.ts'
import { inclusionRanges } from './tree.ts'
import { type Statement, type StatementEntry, statementFormat } from './verify.ts'

/** Making the files that verify.ts checks. */

/** One entry's way to a signed root. `file` is the same as a C2SP tlog-proof file, with the entry in its extra line. */
export type EntryProof = {
  readonly index: number
  readonly size: number
  readonly entry: Buffer
  readonly proof: readonly Buffer[]
  readonly checkpoint: string
  readonly file: string
}

/** The checkpoint to prove against: one that a witness cosigned, if it reaches far enough, else the newest. */
async function checkpointOver(db: Db, lastIndex: number): Promise<StoredCheckpoint | null> {
  const cosigned = await newestCosigned(db)
  if (cosigned && cosigned.size > lastIndex) return cosigned
  const newest = await newestCheckpoint(db)
  return newest && newest.size > lastIndex ? newest : null
}

/** The proof of the entry at `index`. */
export async function proveEntry(
  db: Db,
  index: number,
  entry: Buffer,
): Promise<EntryProof | Refusal<'no_such_entry'>> {
  const over = await checkpointOver(db, index)
  if (!over) return refuse('no_such_entry')
  const proof = await inclusionProof(db, index, over.size)
  const checkpoint = publishedNote(over)
  return {
    index,
    size: over.size,
    entry,
    proof,
    checkpoint,
    file: formatTlogProof({ index, proof, checkpoint, extra: entry }),
  }
}

/** What a statement is made of: an entry's name and, for its owner, what opens it (absent once erased). */
export type StatementItem = EntryName & {
  readonly opening?: { readonly salt: Uint8Array; readonly payload: Uint8Array } | undefined
}

/** Entries are worked on in parts: each needs a tile or two of 8 kB while its proof is made. */
const part = 200

/** A statement over these entries, all under one checkpoint, in the order given. Refuses the first that has no place. */
export async function makeStatement(
  db: Db,
  log: { readonly origin: string; readonly vkey: string },
  items: readonly StatementItem[],
): Promise<Statement | NotFound> {
  const placed: { index: number; entry: Buffer; item: StatementItem }[] = []
  for (let at = 0; at < items.length; at += part) {
    const slice = items.slice(at, at + part)
    const found = await findEntries(db, slice)
    for (const [rank, one] of found.entries()) {
      if (isRefusal(one)) return one
      placed.push({ ...one, item: slice[rank] as StatementItem })
    }
  }
  const over = await checkpointOver(db, Math.max(-1, ...placed.map(({ index }) => index)))
  if (!over) return refuse('not_logged_yet')
  const entries: StatementEntry[] = []
  for (let at = 0; at < placed.length; at += part) {
    const slice = placed.slice(at, at + part)
    const paths = slice.map(({ index }) => inclusionRanges(index, { from: 0, to: over.size }))
    const hashes = await rangeHashes(db, paths.flat())
    let used = 0
    for (const [rank, { index, entry, item }] of slice.entries()) {
      const length = (paths[rank] as unknown[]).length
      const proof = hashes.slice(used, used + length).map((hash) => hash.toString('base64'))
      used += length
      const opening = item.opening && {
        salt: base64(item.opening.salt),
        payload: base64(item.opening.payload),
      }
      entries.push({ index, entry: entry.toString('base64'), proof, ...(opening && { opening }) })
    }
    invariant(used === hashes.length, 'each proof takes its own hashes')
  }
  return {
    format: statementFormat,
    log: { origin: log.origin, vkey: log.vkey },
    checkpoint: publishedNote(over),
    entries,
  }
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
