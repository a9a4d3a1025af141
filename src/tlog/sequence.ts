import type { KeyObject } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import { invariant } from '../core/refusal.ts'
import { type Db, many, one } from '../core/sql.ts'
import { edgeTiles, type GrownTile, growTree } from './grow.ts'
import { checkpointText, signNote, verifierKeyText } from './note.ts'
import { readTiles, safeCount } from './store.ts'
import { decodeEntries } from './tile.ts'
import { hashBytes, tileKey } from './tree.ts'
import { leafHash, openNote, parseVerifierKey } from './verify.ts'

/** How much one round takes at most: bounds its memory and the length of its transaction. */
export type RoundLimits = { readonly batches: number; readonly bytes: number }
export const roundLimits: RoundLimits = { batches: 500, bytes: 8_000_000 }

/** How many checkpoints that no witness cosigned stay in the table. */
const checkpointsKept = 64

export type Signing = { readonly origin: string; readonly signer: KeyObject; readonly clock: Clock }

/** What a round did. `more`: there may be more waiting. `bad`: batches that do not decode, left where they are. */
export type Round = {
  readonly size: number
  readonly batches: number
  readonly entries: number
  readonly more: boolean
  readonly bad: readonly number[]
}

/** Leaf hashes of batches, end to end, by id: known from when they were committed, their bytes need not be read again. */
export type KnownLeaves = ReadonlyMap<number, Buffer>
const nothingKnown: KnownLeaves = new Map()

/**
 * One round of the sequencer, on a client that the caller began no transaction on: takes waiting batches in the order
 * of their ids, gives them the next places, folds their hashes into tiles and signs the new root, all in one
 * transaction, so that a crash at any point leaves either the old tree or the new one.
 *
 * The advisory lock admits one round at a time in the whole database and ends with the transaction. Under it everything
 * is read afresh, so there is no leader to elect, no state to lose and none to be stale. `wait` = false gives null at
 * once when another process is at it.
 *
 * A lower id may become visible after a higher one has its place: it is then simply among the waiting.
 */
export async function sequenceRound(
  client: Db,
  { origin, signer, clock }: Signing,
  options: {
    readonly wait: boolean
    readonly limits?: RoundLimits
    readonly skip?: readonly number[]
    readonly known?: KnownLeaves
  },
): Promise<Round | null> {
  const limits = options.limits ?? roundLimits
  const known = options.known ?? nothingKnown
  await client.query('begin')
  try {
    const round = await inTransaction()
    await client.query(round ? 'commit' : 'rollback')
    return round
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  }

  async function inTransaction(): Promise<Round | null> {
    const lock = `'guichet.tlog.sequence', 0`
    if (options.wait) await client.query(`select pg_advisory_xact_lock(hashtextextended(${lock}))`)
    else {
      const got = await one<{ got: boolean }>(
        client,
        `select pg_try_advisory_xact_lock(hashtextextended(${lock})) as got`,
      )
      if (!got?.got) return null
    }
    const head = await one<{ size: string; root: Buffer; note: string }>(
      client,
      'select size, root, note from tlog_checkpoint order by size desc limit 1',
    )
    const oldSize = head ? safeCount(head.size) : 0
    const waiting = await takeWaiting(client, limits, options.skip ?? [], known)
    const more = waiting.length === limits.batches || waiting.some((batch) => batch.more)
    const keyChanged = head !== null && !isSignedBy(head.note, origin, signer)
    if (waiting.length === 0 && head && !keyChanged)
      return { size: oldSize, batches: 0, entries: 0, more, bad: [] }

    const edge = edgeTiles(oldSize)
    const tiles = await readTiles(client, edge)
    for (const { level, n, width } of edge)
      invariant(
        (tiles.get(tileKey({ level, n }))?.length ?? 0) === width * 32,
        'the last tiles fit the checkpoint',
      )
    const tree = growTree(oldSize, tiles)
    // We never sign on top of a tree that is not the one we signed before.
    invariant(!head || tree.root().equals(head.root), 'the stored tree has the root of its checkpoint')

    const places: { batchId: number; first: number }[] = []
    const bad: number[] = []
    for (const batch of waiting) {
      const entries = batch.entries && decodeEntries(batch.entries)
      const leaves = entries ? leavesOf(entries) : known.get(batch.batchId)
      if (leaves?.length !== batch.entryCount * hashBytes) {
        bad.push(batch.batchId)
        continue
      }
      places.push({ batchId: batch.batchId, first: tree.size })
      for (let at = 0; at < leaves.length; at += hashBytes) tree.add(leaves.subarray(at, at + hashBytes))
    }
    if (places.length > 0) {
      await givePlaces(client, places)
      await writeTiles(client, [...tree.takeFull(), ...tree.edge()])
    }
    if (places.length > 0 || !head || keyChanged)
      await writeCheckpoint(
        client,
        tree.size,
        tree.root(),
        signNote(checkpointText(origin, tree.size, tree.root()), origin, signer),
        clock(),
      )
    return { size: tree.size, batches: places.length, entries: tree.size - oldSize, more, bad }
  }
}

/** The leaf hashes of entries (RFC 9162 §2.1.1), end to end. */
export function leavesOf(entries: readonly Uint8Array[]): Buffer {
  const leaves = Buffer.allocUnsafeSlow(entries.length * hashBytes)
  for (const [n, entry] of entries.entries()) leafHash(entry).copy(leaves, n * hashBytes)
  return leaves
}

const isSignedBy = (note: string, origin: string, signer: KeyObject): boolean => {
  const key = parseVerifierKey(verifierKeyText(origin, signer))
  return !('refused' in key) && !('refused' in openNote(note, [key]))
}

type Waiting = { batchId: number; entryCount: number; entries: Buffer | null; more: boolean }

/**
 * The first waiting batches, up to the limits but at least one. Sizes are known without reading the bytes, and the bytes
 * of those whose leaves are known are not read at all.
 */
async function takeWaiting(
  db: Db,
  limits: RoundLimits,
  skip: readonly number[],
  known: KnownLeaves,
): Promise<Waiting[]> {
  const rows = await many<{
    batch_id: string
    entry_count: number
    entries: Buffer | null
    left_over: boolean
  }>(
    db,
    `with first as (
       select batch_id, entry_count, octet_length(entries) as bytes from tlog_batch
        where first_index is null and batch_id <> all ($3::bigint[]) order by batch_id limit $1
     ), fitting as (
       select batch_id, sum(bytes) over (order by batch_id) - bytes < $2 as fits from first
     )
     select batch_id, entry_count, case when batch_id <> all ($4::bigint[]) then entries end as entries,
            exists (select from fitting where not fits) as left_over
       from fitting join tlog_batch using (batch_id) where fits order by batch_id`,
    [limits.batches, limits.bytes, skip, [...known.keys()]],
  )
  return rows.map((row) => ({
    batchId: safeCount(row.batch_id),
    entryCount: row.entry_count,
    entries: row.entries,
    more: row.left_over,
  }))
}

async function givePlaces(db: Db, places: readonly { batchId: number; first: number }[]): Promise<void> {
  const { rowCount } = await db.query(
    `update tlog_batch b set first_index = place.first
       from unnest($1::bigint[], $2::bigint[]) as place (batch_id, first)
      where b.batch_id = place.batch_id and b.first_index is null`,
    [places.map(({ batchId }) => batchId), places.map(({ first }) => first)],
  )
  invariant(rowCount === places.length, 'every waiting batch gets its place once')
}

/** Tiles only widen: what is stored is a prefix of what replaces it. */
async function writeTiles(db: Db, tiles: readonly GrownTile[]): Promise<void> {
  await db.query(
    `insert into tlog_tile (level, n, width, hashes)
     select * from unnest($1::smallint[], $2::bigint[], $3::smallint[], $4::bytea[])
     on conflict (level, n) do update set width = excluded.width, hashes = excluded.hashes
      where tlog_tile.width < excluded.width`,
    [
      tiles.map(({ level }) => level),
      tiles.map(({ n }) => n),
      tiles.map(({ width }) => width),
      tiles.map(({ hashes }) => hashes),
    ],
  )
}

/** Stores the checkpoint, and lets go of the one that falls out of the window unless a witness has cosigned it. */
async function writeCheckpoint(db: Db, size: number, root: Buffer, note: string, now: number): Promise<void> {
  await db.query(
    `with old as (
       delete from tlog_checkpoint c
        where c.size = (select size from tlog_checkpoint where size <> $1 order by size desc offset $5 limit 1)
          and not exists (select from tlog_cosignature s where s.size = c.size)
     )
     insert into tlog_checkpoint (size, root, note, signed_at) values ($1, $2, $3, to_timestamp($4 / 1000.0))
     on conflict (size) do update set note = excluded.note, signed_at = excluded.signed_at`,
    [size, root, note, now, checkpointsKept],
  )
}
