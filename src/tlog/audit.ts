import type { Pool, PoolClient } from 'pg'
import { many, one } from '../core/sql.ts'
import { growTree, type GrownTile } from './grow.ts'
import { readTiles, safeCount } from './store.ts'
import { decodeEntries } from './tile.ts'
import { tileKey } from './tree.ts'
import { leafHash, openNote, parseCheckpoint, parseVerifierKey, type VerifierKey } from './verify.ts'

/** What an audit found. `faults` are sentences, at most a hundred; `faultCount` says how many there were. */
export type Audit = {
  readonly ok: boolean
  readonly origin: string | null
  /** Entries in the signed tree. */
  readonly size: number
  readonly root: string | null
  readonly tiles: number
  readonly checkpoints: number
  /** Committed entries that still wait for their place. */
  readonly waiting: number
  readonly witnesses: readonly {
    readonly name: string
    readonly size: number | null
    readonly time: number | null
  }[]
  readonly faults: readonly string[]
  readonly faultCount: number
}

export type AuditOptions = {
  /** The log's keys: the present one and former ones. */
  readonly keys: readonly string[]
  /** Each of these must have cosigned. */
  readonly witnesses?: readonly string[]
  readonly onProgress?: (done: number, total: number) => void
}

/** Batches read at a time: bounds memory. */
const page = 32
const mostFaults = 100

/**
 * Verifies the whole log from its entries up: every entry hashed again, every tile rebuilt and compared, the root at
 * every stored checkpoint's size compared and its signatures checked. Reads one snapshot, in pages, so it may run beside
 * a busy sequencer and needs the memory of a few batches.
 */
export async function auditLog(pool: Pool, options: AuditOptions): Promise<Audit> {
  const client = await pool.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    // Long reading is the point here.
    await client.query('set local statement_timeout = 0')
    return await audit(client, options)
  } finally {
    await client.query('rollback').catch(() => {})
    client.release()
  }
}

async function audit(client: PoolClient, { keys, witnesses = [], onProgress }: AuditOptions): Promise<Audit> {
  const faults: string[] = []
  let faultCount = 0
  const fault = (says: string): void => {
    faultCount++
    if (faults.length < mostFaults) faults.push(says)
  }
  const readKey = (vkey: string): VerifierKey[] => {
    const key = parseVerifierKey(vkey)
    if (!('refused' in key)) return [key]
    fault(`A key cannot be used: ${key.detail}.`)
    return []
  }
  const logKeys = keys.flatMap(readKey)
  const seenBy = new Map(witnesses.flatMap(readKey).map((key) => [key.vkey, { key, size: -1, time: 0 }]))

  const newest = await one<{ size: string }>(
    client,
    'select max(size) as size from tlog_checkpoint having max(size) is not null',
  )
  const total = newest ? safeCount(newest.size) : 0
  const tree = growTree()
  const checkpoints = checkpointPages(client)
  let next = (await checkpoints.next()).value
  let checked = 0
  let tiles = 0
  let origin: string | null = null

  /** Compares the checkpoints that speak of the size the tree now has. */
  async function checkCheckpoints(): Promise<void> {
    while (next && safeCount(next.size) === tree.size) {
      checked++
      const at = `The checkpoint of size ${tree.size}`
      const opened = openNote(next.note, logKeys)
      const checkpoint = 'refused' in opened ? opened : parseCheckpoint(opened.text)
      if ('refused' in checkpoint) fault(`${at} does not verify: ${checkpoint.detail}.`)
      else {
        origin ??= checkpoint.origin
        if (
          checkpoint.size !== tree.size ||
          checkpoint.origin !== origin ||
          !logKeys.some(({ name }) => name === checkpoint.origin)
        )
          fault(`${at} speaks of another log or size.`)
        if (!checkpoint.root.equals(tree.root()) || !next.root.equals(checkpoint.root))
          fault(`${at} has a root that the entries do not have.`)
      }
      for (const { vkey, line } of next.cosignatures) checkCosignature(at, next.note, vkey, line)
      next = (await checkpoints.next()).value
    }
  }
  function checkCosignature(at: string, note: string, vkey: string, line: string): void {
    const key = parseVerifierKey(vkey)
    const opened = 'refused' in key ? key : openNote(note + line, [key])
    if ('refused' in opened) return fault(`${at} has a witness's signature that does not verify.`)
    const seen = seenBy.get(vkey)
    if (seen) Object.assign(seen, { size: tree.size, time: opened.signedBy[0]?.time ?? 0 })
  }
  async function checkTiles(built: readonly GrownTile[]): Promise<void> {
    const stored = await readTiles(client, built)
    for (const tile of built) {
      const found = stored.get(tileKey(tile))
      if (!found) fault(`Tile ${tileKey(tile)} is missing.`)
      else if (!found.equals(tile.hashes)) fault(`Tile ${tileKey(tile)} does not fit the entries below it.`)
    }
    tiles += built.length
  }

  await checkCheckpoints()
  for (let last = -1; ; ) {
    const rows = await many<{ batch_id: string; first_index: string; entry_count: number; entries: Buffer }>(
      client,
      `select batch_id, first_index, entry_count, entries from tlog_batch where first_index > $1 order by first_index limit ${page}`,
      [last],
    )
    for (const row of rows) {
      last = safeCount(row.first_index)
      if (last !== tree.size) {
        fault(`Batch ${row.batch_id} starts at ${last}, but the entries before it end at ${tree.size}.`)
        // Nothing after a gap or an overlap can be rebuilt.
        return conclude()
      }
      const entries = decodeEntries(row.entries)
      if (entries?.length !== row.entry_count) {
        fault(`Batch ${row.batch_id} does not hold the ${row.entry_count} entries it says.`)
        return conclude()
      }
      for (const entry of entries) {
        tree.add(leafHash(entry))
        if (next && safeCount(next.size) === tree.size) await checkCheckpoints()
      }
    }
    await checkTiles(tree.takeFull())
    onProgress?.(tree.size, total)
    if (rows.length < page) break
  }
  await checkTiles(tree.edge())
  if (tree.size > total)
    fault(`${tree.size - total} entries have a place but no signed checkpoint covers them.`)
  return conclude()

  /** How many entries wait; a batch that does not decode would wait for ever. */
  async function checkWaiting(): Promise<number> {
    let waiting = 0
    for (let last = '0'; ; ) {
      const rows = await many<{ batch_id: string; entry_count: number; entries: Buffer }>(
        client,
        `select batch_id, entry_count, entries from tlog_batch where first_index is null and batch_id > $1
          order by batch_id limit ${page}`,
        [last],
      )
      for (const { batch_id: id, entry_count: entryCount, entries } of rows) {
        last = id
        waiting += entryCount
        if (decodeEntries(entries)?.length !== entryCount)
          fault(`Batch ${id} cannot be logged: it does not hold the ${entryCount} entries it says.`)
      }
      if (rows.length < page) return waiting
    }
  }

  async function conclude(): Promise<Audit> {
    if (next)
      fault(
        `The checkpoint of size ${safeCount(next.size)} is of more entries than the log has (${tree.size}).`,
      )
    const { tile_count: stored } = (await one<{ tile_count: string }>(
      client,
      'select count(*) as tile_count from tlog_tile',
    )) as { tile_count: string }
    if (faultCount === 0 && safeCount(stored) !== tiles)
      fault(`${safeCount(stored) - tiles} tiles belong to no entries.`)
    const waiting = await checkWaiting()
    const seen = [...seenBy.values()]
    for (const { key, size } of seen)
      if (size < 0) fault(`The witness ${key.name} has cosigned none of the stored checkpoints.`)
    return {
      ok: faultCount === 0,
      origin,
      size: total,
      root: faultCount === 0 ? tree.root().toString('base64') : null,
      tiles,
      checkpoints: checked,
      waiting,
      witnesses: seen.map(({ key, size, time }) => ({
        name: key.name,
        size: size < 0 ? null : size,
        time: size < 0 ? null : time,
      })),
      faults,
      faultCount,
    }
  }
}

type CheckpointRow = {
  size: string
  root: Buffer
  note: string
  cosignatures: { vkey: string; line: string }[]
}
/** All stored checkpoints by size, read in pages. */
async function* checkpointPages(client: PoolClient): AsyncGenerator<CheckpointRow, undefined> {
  for (let last = -1; ; ) {
    const rows = await many<CheckpointRow>(
      client,
      `select c.size, c.root, c.note, coalesce((select json_agg(json_build_object('vkey', s.vkey, 'line', s.line))
                from tlog_cosignature s where s.size = c.size), '[]') as cosignatures
         from tlog_checkpoint c where c.size > $1 order by c.size limit 200`,
      [last],
    )
    yield* rows
    const end = rows.at(-1)
    if (!end) return
    last = safeCount(end.size)
  }
}
