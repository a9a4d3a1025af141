import type { KeyObject } from 'node:crypto'
import type { Pool } from 'pg'
import { type Clock, secondMs } from '../core/clock.ts'
import { code, count, errorCode, type Logger, ms } from '../core/logger.ts'
import { OperatorError } from '../core/operator-error.ts'
import { invariant, isRefusal, type Refusal } from '../core/refusal.ts'
import type { Trx } from '../core/sql.ts'
import { isOrigin, verifierKeyText } from './note.ts'
import { leavesOf, type RoundLimits, roundLimits, sequenceRound } from './sequence.ts'
import { type EntryProof, makeStatement, proveEntry, type StatementItem } from './statement.ts'
import {
  append,
  type BigText,
  consistencyProof,
  entryAt,
  findEntries,
  inclusionProof,
  indexOf,
  newestCheckpoint,
  type NotFound,
  publishedNote,
  safeCount,
  type StoredCheckpoint,
  tileBytes,
} from './store.ts'
import type { TileName } from './tile.ts'
import { parseCheckpoint, parseNote, type Statement } from './verify.ts'
import { witnessRounds } from './witness-rounds.ts'
import type { Witness } from './witness.ts'

export type TlogOptions = {
  readonly pool: Pool
  /** The log's name for good, without spaces or plus: `bank.example/disclosures`. */
  readonly origin: string
  /** Ed25519 private key (loadLogKey(path).signer). */
  readonly signer: KeyObject
  readonly clock: Clock
  readonly log: Logger
  readonly witnesses?: readonly Witness[]
  /** Least time between rounds: an entry has its place and a signed root within about this long. */
  readonly paceMs?: number
  /** How often to look for work nobody poked us for (another process's, a crashed one's). 0 = only when poked. */
  readonly idleMs?: number
  /** Least time between asking witnesses. */
  readonly witnessPaceMs?: number
  readonly fetch?: typeof globalThis.fetch
}

/** Batches whose leaf hashes are remembered until they have their place: at 250 ms a round far more than come. */
const mostKnown = 500

/** The disclosure log, open. */
export type Tlog = AsyncDisposable & {
  readonly origin: string
  /** The key by which others verify the log; publish it. */
  readonly vkey: string
  /** Appends in the caller's transaction; poke after it commits. */
  append(trx: Trx, entries: readonly Uint8Array[]): Promise<{ batchId: number }>
  /** Says that there is something to sequence. Cheap; call it after each commit. */
  poke(): void
  /** As `poke`, for a batch that this process has just committed: its bytes need not be read back to be hashed. */
  appended(batchId: BigText, entries: readonly Uint8Array[]): void
  /** Sequences everything committed before the call, and gives the size of the signed tree. */
  sequenceNow(): Promise<{ size: number }>
  latestCheckpoint(): Promise<StoredCheckpoint | null>
  /** The newest checkpoint with its cosignatures, as served. */
  checkpointNote(): Promise<string | null>
  tile(name: TileName): Promise<Buffer | null>
  indexOf(batchId: BigText, position: number): Promise<number | NotFound>
  entryAt(index: number): Promise<Buffer | null>
  inclusionProof(index: number, size: number): Promise<Buffer[]>
  consistencyProof(oldSize: number, size: number): Promise<Buffer[]>
  prove(batchId: BigText, position: number): Promise<EntryProof | NotFound>
  proveIndex(index: number): Promise<EntryProof | Refusal<'no_such_entry'>>
  /** A statement over these entries; what still waits is sequenced first. */
  buildStatement(items: readonly StatementItem[]): Promise<Statement | NotFound>
  /** Asks the witnesses about the newest checkpoint now; how many cosigned. */
  cosignNow(): Promise<number>
}

/**
 * Opens the log and starts sequencing in the background. Any number of processes may do so on one database: rounds take
 * turns. Throws OperatorError when the database holds a log of another name.
 */
export async function openTlog(options: TlogOptions): Promise<Tlog> {
  const { pool, origin, signer, clock, log } = options
  const paceMs = options.paceMs ?? 250
  const idleMs = options.idleMs ?? secondMs
  if (!isOrigin(origin))
    throw new OperatorError('log_origin_bad', `"${origin}" cannot name a log: no spaces, no plus.`)
  const vkey = verifierKeyText(origin, signer)
  await refuseOtherLog(pool, origin)
  const witnesses = witnessRounds(options)

  const closing = new AbortController()
  let poked = false
  let failures = 0
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let dueAt = Number.POSITIVE_INFINITY
  let lastRoundAt = Number.NEGATIVE_INFINITY
  /** Leaf hashes of what was committed here and waits for its place. Bounded: what falls out is read back. */
  const known = new Map<number, Buffer>()
  /** Batches that do not decode: a bug elsewhere. They are left out, loudly, so that they cannot stop the log. */
  const bad = new Set<number>()

  function wakeIn(delayMs: number): void {
    const at = performance.now() + delayMs
    if (closing.signal.aborted || at >= dueAt) return
    clearTimeout(timer)
    dueAt = at
    timer = setTimeout(background, delayMs)
    timer.unref()
  }
  function background(): void {
    dueAt = Number.POSITIVE_INFINITY
    if (closing.signal.aborted || running) return
    poked = false
    running = rounds(false)
      .then(
        () => {
          failures = 0
        },
        (error: unknown) => {
          failures++
          log.error('tlog.sequence_failed', { code: errorCode(error), failures: count(failures) })
        },
      )
      .finally(() => {
        running = undefined
        if (failures > 0) wakeIn(Math.min(10 * secondMs, paceMs * 2 ** Math.min(failures, 8)))
        else if (poked) wakeIn(paceMs)
        else if (idleMs > 0) wakeIn(idleMs)
      })
  }

  /** Rounds until nothing is waiting, or another process is at it. */
  async function rounds(wait: boolean): Promise<void> {
    for (let more = true; more && !closing.signal.aborted; ) more = await oneRound(wait, roundLimits)
  }
  /** One round on a connection of its own; is there more to do? */
  async function oneRound(wait: boolean, limits: RoundLimits): Promise<boolean> {
    const began = performance.now()
    const client = await pool.connect()
    let broken = true
    try {
      const mine = new Map(known)
      const round = await sequenceRound(
        client,
        { origin, signer, clock },
        { wait, limits, skip: [...bad], known: mine },
      )
      broken = false
      // Those that this round did not come to are read back by the next: a rare thing, and nothing is kept for good.
      if (round) for (const batchId of mine.keys()) known.delete(batchId)
      lastRoundAt = performance.now()
      if (!round) return false
      for (const batchId of round.bad) bad.add(batchId)
      if (round.bad.length > 0) log.error('tlog.batch_malformed', { batches: count(bad.size) })
      if (round.batches > 0) {
        log.debug('tlog.sequenced', {
          size: count(round.size),
          entries: count(round.entries),
          took: ms(performance.now() - began),
        })
        witnesses.poke()
      }
      return round.more || round.bad.length > 0
    } finally {
      client.release(broken)
    }
  }
  function poke(): void {
    poked = true
    if (!running) wakeIn(Math.max(0, lastRoundAt + paceMs - performance.now()))
  }
  async function sequenceNow(): Promise<{ size: number }> {
    invariant(!closing.signal.aborted, 'the log is open')
    await rounds(true)
    const newest = await newestCheckpoint(pool)
    return { size: newest?.size ?? 0 }
  }

  // A first checkpoint, of nothing, so that the log can be followed from its start; what a crash left waiting, however
  // much that is, does not delay opening.
  await oneRound(true, { ...roundLimits, batches: 0 })
  if (idleMs > 0) wakeIn(0)
  return {
    origin,
    vkey,
    append,
    poke,
    appended(batchId, entries) {
      if (known.size < mostKnown) known.set(safeCount(batchId), leavesOf(entries))
      poke()
    },
    sequenceNow,
    latestCheckpoint: () => newestCheckpoint(pool),
    checkpointNote: async () => {
      const newest = await newestCheckpoint(pool)
      return newest && publishedNote(newest)
    },
    tile: (name) => tileBytes(pool, name),
    indexOf: (batchId, position) => indexOf(pool, batchId, position),
    entryAt: (index) => entryAt(pool, index),
    inclusionProof: (index, size) => inclusionProof(pool, index, size),
    consistencyProof: (oldSize, size) => consistencyProof(pool, oldSize, size),
    async prove(batchId, position) {
      const [found] = await findEntries(pool, [{ batchId, position }])
      invariant(found, 'each entry asked for is answered')
      return isRefusal(found) ? found : proveEntry(pool, found.index, found.entry)
    },
    async proveIndex(index) {
      const entry = await entryAt(pool, index)
      return entry ? proveEntry(pool, index, entry) : { refused: 'no_such_entry' }
    },
    async buildStatement(items) {
      const statement = await makeStatement(pool, { origin, vkey }, items)
      if (!isRefusal(statement) || statement.refused !== 'not_logged_yet') return statement
      await sequenceNow()
      return makeStatement(pool, { origin, vkey }, items)
    },
    cosignNow: () => witnesses.askNow(),
    async [Symbol.asyncDispose]() {
      closing.abort()
      clearTimeout(timer)
      await running
      await witnesses[Symbol.asyncDispose]()
      log.debug('tlog.closed', { origin: code(origin) })
    },
  }
}

/** One database, one log: a changed origin would fork what was already published. */
async function refuseOtherLog(pool: Pool, origin: string): Promise<void> {
  const newest = await newestCheckpoint(pool)
  const note = newest && parseNote(newest.note)
  const checkpoint = note && !('refused' in note) ? parseCheckpoint(note.text) : null
  if (newest && (!checkpoint || 'refused' in checkpoint || checkpoint.origin !== origin))
    throw new OperatorError(
      'log_origin_changed',
      `The database holds the log of another origin than "${origin}". The origin is for good: set it back.`,
    )
}
