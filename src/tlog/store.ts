import { invariant, type Refusal, refuse } from '../core/refusal.ts'
import { type Db, many, one, type Trx } from '../core/sql.ts'
import { decodeEntries, encodeEntries, type TileName } from './tile.ts'
import {
  consistencyRanges,
  inclusionRanges,
  type Range,
  rangeHash,
  type TileId,
  type Tiles,
  tileKey,
  tilesFor,
  tileWidth,
} from './tree.ts'

/** Reading and appending: the log's tables, as everyone but the sequencer sees them. */

/** A bigint column as the driver gives it; we never get near 2^53, and say so. */
export type BigText = string | number | bigint
export function safeCount(value: BigText): number {
  const count = Number(value)
  invariant(Number.isSafeInteger(count) && count >= 0, 'a count of the log is a whole number below 2^53')
  return count
}

/**
 * Appends entries in the caller's transaction: they are in the log if and only if it commits. Their place in the tree
 * comes later; until then (batchId, position) names them, position being the rank in `entries`.
 */
export async function append(trx: Trx, entries: readonly Uint8Array[]): Promise<{ batchId: number }> {
  invariant(entries.length > 0, 'appending needs at least one entry')
  const row = await one<{ batch_id: string }>(
    trx,
    'insert into tlog_batch (entry_count, entries) values ($1, $2) returning batch_id',
    [entries.length, encodeEntries(entries)],
  )
  return { batchId: safeCount((row as { batch_id: string }).batch_id) }
}

/** A signed tree head as stored: `note` is what the log signed, `cosignatures` the witnesses' lines to put after it. */
export type StoredCheckpoint = {
  readonly size: number
  readonly root: Buffer
  readonly note: string
  /** Epoch ms. */
  readonly signedAt: number
  readonly cosignatures: readonly string[]
}
/** The checkpoint as published: the log's signature, then the witnesses'. */
export const publishedNote = ({ note, cosignatures }: StoredCheckpoint): string =>
  note + cosignatures.join('')

type CheckpointRow = { size: string; root: Buffer; note: string; signed_at: Date; lines: string[] }
const checkpointColumns = `c.size, c.root, c.note, c.signed_at,
  array(select s.line from tlog_cosignature s where s.size = c.size order by s.vkey) as lines`
const readCheckpoint = (row: CheckpointRow | null): StoredCheckpoint | null =>
  row && {
    size: safeCount(row.size),
    root: row.root,
    note: row.note,
    signedAt: row.signed_at.getTime(),
    cosignatures: row.lines,
  }

/** The newest checkpoint; null before the first round. */
export const newestCheckpoint = async (db: Db): Promise<StoredCheckpoint | null> =>
  readCheckpoint(
    await one<CheckpointRow>(
      db,
      `select ${checkpointColumns} from tlog_checkpoint c order by c.size desc limit 1`,
    ),
  )

/** The newest checkpoint that a witness has cosigned. */
export const newestCosigned = async (db: Db): Promise<StoredCheckpoint | null> =>
  readCheckpoint(
    await one<CheckpointRow>(
      db,
      `select ${checkpointColumns} from tlog_checkpoint c
        where c.size = (select max(s.size) from tlog_cosignature s)`,
    ),
  )

/** An entry as the rest of the house names it: its batch, and its rank in it. */
export type EntryName = { readonly batchId: BigText; readonly position: number }
export type NotFound = Refusal<'not_logged_yet' | 'no_such_entry'>

/**
 * Places and bytes of entries, in the order asked for. `not_logged_yet`: the batch waits for the sequencer. One query:
 * ask for a few hundred at a time.
 */
export async function findEntries(
  db: Db,
  names: readonly EntryName[],
): Promise<({ readonly index: number; readonly entry: Buffer } | NotFound)[]> {
  const isId = (id: BigText) => /^\d{1,15}$/.test(String(id))
  const rows = await many<{ batch_id: string; first_index: string | null; entries: Buffer }>(
    db,
    'select batch_id, first_index, entries from tlog_batch where batch_id = any ($1::bigint[])',
    [[...new Set(names.map(({ batchId }) => String(batchId)).filter(isId))]],
  )
  const batches = new Map(
    rows.map((row) => [row.batch_id, { first: row.first_index, entries: decodeEntries(row.entries) }]),
  )
  return names.map(({ batchId, position }) => {
    const batch = batches.get(String(batchId))
    const entry = batch?.entries?.[position]
    if (!batch || !entry) return refuse('no_such_entry')
    return batch.first === null
      ? refuse('not_logged_yet')
      : { index: safeCount(batch.first) + position, entry }
  })
}

/** Where an entry lies in the tree. */
export async function indexOf(db: Db, batchId: BigText, position: number): Promise<number | NotFound> {
  const [found] = await findEntries(db, [{ batchId, position }])
  return found && 'index' in found ? found.index : (found ?? refuse('no_such_entry'))
}

/** The entries `from` ≤ i < `to`; null when the log does not (yet) hold all of them. */
export async function entriesIn(db: Db, { from, to }: Range): Promise<Buffer[] | null> {
  const rows = await many<{ first_index: string; entries: Buffer }>(
    db,
    `select first_index, entries from tlog_batch
      where first_index >= (select max(first_index) from tlog_batch where first_index <= $1)
        and first_index < $2
      order by first_index`,
    [from, to],
  )
  const found: Buffer[] = []
  for (const row of rows) {
    const entries = decodeEntries(row.entries)
    invariant(entries, 'a sequenced batch decodes')
    const first = safeCount(row.first_index)
    found.push(...entries.slice(Math.max(0, from - first), to - first))
  }
  return found.length === to - from ? found : null
}

export async function entryAt(db: Db, index: number): Promise<Buffer | null> {
  return (await entriesIn(db, { from: index, to: index + 1 }))?.[0] ?? null
}

/** Tiles by name, those that exist. */
export async function readTiles(db: Db, ids: readonly TileId[]): Promise<Tiles> {
  if (ids.length === 0) return new Map()
  const rows = await many<{ level: number; n: string; hashes: Buffer }>(
    db,
    `select t.level, t.n, t.hashes from unnest($1::smallint[], $2::bigint[]) as want (level, n)
       join tlog_tile t using (level, n)`,
    [ids.map(({ level }) => level), ids.map(({ n }) => n)],
  )
  return new Map(rows.map((row) => [tileKey({ level: row.level, n: safeCount(row.n) }), row.hashes]))
}

/**
 * A tile file's bytes: 32 · width bytes of hashes, or entries in bundle form. A partial tile is a prefix of the fuller
 * one that replaced it, so every width ever published can still be served. Null when the log is not that far.
 */
export async function tileBytes(db: Db, { level, n, width }: TileName): Promise<Buffer | null> {
  if (level === 'entries') {
    const from = n * tileWidth
    if (!Number.isSafeInteger(from + width)) return null
    const entries = await entriesIn(db, { from, to: from + width })
    return entries && encodeEntries(entries)
  }
  const row = await one<{ hashes: Buffer }>(
    db,
    'select substring(hashes for $4) as hashes from tlog_tile where level = $1 and n = $2 and width >= $3',
    [level, n, width, width * 32],
  )
  return row?.hashes ?? null
}

/** The hashes of ranges, in order. The ranges must lie within a signed tree: a missing tile is a damaged store. */
export async function rangeHashes(db: Db, ranges: readonly Range[]): Promise<Buffer[]> {
  const tiles = await readTiles(db, tilesFor(ranges))
  return ranges.map((range) => {
    const hash = rangeHash(tiles, range)
    invariant(hash, 'every tile of a signed tree is stored')
    return hash
  })
}

/** Inclusion proof of entry `index` in the tree of `size` entries (index < size ≤ the newest checkpoint's size). */
export const inclusionProof = (db: Db, index: number, size: number): Promise<Buffer[]> =>
  rangeHashes(db, inclusionRanges(index, { from: 0, to: size }))

/** Consistency proof between two sizes; empty from 0 (every tree extends the empty one) and between equals. */
export const consistencyProof = async (db: Db, oldSize: number, size: number): Promise<Buffer[]> =>
  oldSize === 0 || oldSize === size ? [] : rangeHashes(db, consistencyRanges({ from: 0, to: oldSize }, size))
