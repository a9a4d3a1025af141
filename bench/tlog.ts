import type { Pool } from 'pg'
import { systemClock } from '../src/core/clock.ts'
import { transaction } from '../src/core/sql.ts'
import { newLogKey } from '../src/tlog/note.ts'
import { roundLimits, sequenceRound } from '../src/tlog/sequence.ts'
import { append, inclusionProof } from '../src/tlog/store.ts'
import { encodeEntries } from '../src/tlog/tile.ts'
import { leafHash } from '../src/tlog/verify.ts'

const batchSize = 200
const entryBytes = 220
const seconds = 4

/** Entries of the size that clearing makes. */
const someEntries = (many: number): Buffer[] =>
  Array.from({ length: many }, (_, i) =>
    Buffer.from(`${i} `.padEnd(entryBytes, 'abcdefghijklmnopqrstuvwxyz0123456789')),
  )

/**
 * The disclosure log, measured on a database whose log belongs to nobody else: durable leaves a second (batches of 200
 * committed by two appenders while a sequencer gives them places, folds tiles and signs checkpoints), the same for the
 * sequencer alone on a backlog, the in-process append path, and proofs.
 */
export async function benchTlog(pool: Pool): Promise<Record<string, number>> {
  const entries = someEntries(batchSize)
  const key = newLogKey('bench.example/log')
  const signing = { origin: key.origin, signer: key.signer, clock: systemClock }
  const { rows } = await pool.query<{ used: boolean }>('select exists (select from tlog_checkpoint) as used')
  if (rows[0]?.used) throw new Error('benchTlog needs a database with an empty log')

  const round = async () => {
    const client = await pool.connect()
    try {
      return await sequenceRound(client, signing, { wait: true })
    } finally {
      client.release()
    }
  }
  const drain = async (): Promise<number> => {
    let last = await round()
    while (last?.more) last = await round()
    return last?.size ?? 0
  }
  const appendFor = async (until: number) => {
    while (performance.now() < until) await transaction(pool, (trx) => append(trx, entries))
  }

  // In process: encoding a batch and hashing its leaves.
  const inProcess = rate(() => {
    encodeEntries(entries)
    for (const entry of entries) leafHash(entry)
    return batchSize
  })

  // Everything at once, until the last committed entry is under a signed root.
  const began = performance.now()
  const until = began + seconds * 1000
  const done = new AbortController()
  const sequencing = (async () => {
    while (!done.signal.aborted)
      if (!(await round())?.batches) await new Promise((resolve) => setTimeout(resolve, 5))
    return drain()
  })()
  await Promise.all([appendFor(until), appendFor(until)])
  const appended = performance.now()
  done.abort()
  const size = await sequencing
  const covered = performance.now()

  // The sequencer alone, on a backlog.
  await Promise.all([appendFor(performance.now() + 1500), appendFor(performance.now() + 1500)])
  const backlogBegan = performance.now()
  const backlog = (await drain()) - size
  const backlogSeconds = (performance.now() - backlogBegan) / 1000

  const proofsBegan = performance.now()
  const proofs = 300
  for (let i = 0; i < proofs; i++) await inclusionProof(pool, Math.floor((size * i) / proofs), size)
  const proofMs = (performance.now() - proofsBegan) / proofs

  return {
    'encode and hash, entries/s in process': inProcess,
    'durable leaves/s, appended, sequenced and checkpointed': Math.round(size / ((covered - began) / 1000)),
    'wait of the last entry for its signed root, ms': Math.round(covered - appended),
    'sequencer alone on a backlog, leaves/s': Math.round(backlog / backlogSeconds),
    'backlog round limit, batches': roundLimits.batches,
    'inclusion proof, ms': Math.round(proofMs * 100) / 100,
    'log size': size + backlog,
  }
}

/** Runs `work` for half a second; it says how many it did. */
function rate(work: () => number): number {
  let done = 0
  const began = performance.now()
  while (performance.now() - began < 500) done += work()
  return Math.round(done / ((performance.now() - began) / 1000))
}
