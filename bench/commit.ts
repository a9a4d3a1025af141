import { createSecretKey, randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { plainArray } from '../src/core/pg-array.ts'
import { newId, randomBytesPooled } from '../src/core/id.ts'
import { seal } from '../src/core/seal.ts'
import { boxContext, contactRef, eventId } from '../src/customer/contact.ts'
import { commit, outboxStates, type Batch, type SettleRow } from '../src/disclosure/clear.ts'
import { cpuOfTree } from './rig/cpu.ts'
import { lanes } from './rig/gateway.ts'
import { pageId, userOf } from './rig/webhook.ts'

export type CommitRates = {
  /** Commits a second of one row of 1 kB, with so many clients. */
  readonly oneRow: Readonly<Record<'1' | '8', number>>
  /** Rows a second in commits of 200 rows of 1 kB, one client. */
  readonly rowsOf200: number
  /** Turns a second through `counter_commit` alone, in batches of so many, and the database's CPU a turn in µs. */
  readonly turns: Readonly<
    Record<'25' | '200', { readonly perSecond: number; readonly cpuMicros: number | null }>
  >
}

/** What this database commits when nothing else is in the way: the limit that everything above it is held against. */
export async function benchCommit(
  pool: Pool,
  postmaster: number | null,
  seconds: number,
): Promise<CommitRates> {
  await pool.query(
    'create table bench_commit (id bigint generated always as identity primary key, body bytea not null)',
  )
  await pool.query('alter table bench_commit alter column body set storage external')
  const body = randomBytesPooled(1_024)
  const oneRow = (clients: number) =>
    rate(clients, seconds, async () => {
      await pool.query({ name: 'one', text: 'insert into bench_commit (body) values ($1)', values: [body] })
      return 1
    })
  const bodies = plainArray(
    Array.from({ length: 200 }, () => `\\\\x${randomBytesPooled(1_024).toString('hex')}`),
  )
  const result = {
    oneRow: { '1': await oneRow(1), '8': await oneRow(8) },
    rowsOf200: await rate(1, seconds, async () => {
      await pool.query({
        name: 'many',
        text: 'insert into bench_commit (body) select unnest($1::bytea[])',
        values: [bodies],
      })
      return 200
    }),
    turns: {
      '25': await counterTurns(pool, postmaster, 25, seconds),
      '200': await counterTurns(pool, postmaster, 200, seconds),
    },
  }
  await pool.query('drop table bench_commit')
  return result
}

/** Runs `work` by several hands until the time is up; it says how many it did. */
async function rate(
  hands: number,
  seconds: number,
  work: (hand: number) => Promise<number>,
): Promise<number> {
  let done = 0
  const began = performance.now()
  const until = began + seconds * 1_000
  await Promise.all(
    Array.from({ length: hands }, async (_, hand) => {
      while (performance.now() < until) done += await work(hand)
    }),
  )
  return (done * 1_000) / (performance.now() - began)
}

/** Batches as the pipeline writes them: events, threads, messages with their log entries, and the last batch's outcomes. */
async function counterTurns(
  pool: Pool,
  postmaster: number | null,
  size: number,
  seconds: number,
): Promise<{ perSecond: number; cpuMicros: number | null }> {
  const owner = randomUUID()
  await pool.query('select pipeline_lanes($1)', [lanes])
  const { rows } = await pool.query<{ epoch: string }>('select pipeline_take($1) as epoch', [owner])
  const fence = { owner, epoch: Number(rows[0]?.epoch) }
  const key = createSecretKey(randomBytesPooled(32))
  const entry = randomBytesPooled(420)
  const kept = 'x'.repeat(1_350)
  const people = Array.from({ length: 4_000 }, (_, n) => {
    const to = { channel: 'messenger', account: pageId, user: userOf(n) } as const
    return { to, ref: contactRef(to, lanes) }
  })
  let n = 0
  const settled: SettleRow[][] = [[], []]
  const batchOf = (hand: number, now: number): Batch => {
    const turns = Array.from({ length: size }, () => {
      const person = people[(n * 7) % people.length] as (typeof people)[number]
      return { person, id: newId('msg', now), eventId: eventId('messenger', pageId, `${owner}${n++}`) }
    })
    const batch: Batch = {
      contacts: [],
      inbox: turns.map(({ person, eventId: id }) => ({
        contact: person.ref,
        eventId: id,
        kind: 1,
        state: 1,
        sealed: null,
      })),
      finished: [],
      threads: [...new Set(turns.map(({ person }) => person))].map(({ ref }) => ({
        contact: ref,
        lastUserAt: now,
        botSaidAt: now,
        flags: 16,
        misses: 0,
        sealed: null,
      })),
      outbox: turns.map(({ person, id }) => ({
        contact: person.ref,
        id,
        to: person.to,
        body: '',
        state: 1,
        priority: 1,
        institution: null,
        purpose: null,
        grant: null,
        disclosed: false,
        sealed: seal(key, boxContext('disclosure_outbox', person.ref.contactId, id), kept),
        entry,
      })),
      cards: [],
      settled: settled[hand] ?? [],
    }
    settled[hand] = turns.map(({ person, id }) => ({
      contact: person.ref,
      id,
      state: outboxStates.sent,
      mid: 'm_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789',
      reason: null,
    }))
    return batch
  }
  const run = (length: number) =>
    rate(2, length, async (hand) => {
      const now = Date.now()
      const outcome = await commit(pool, fence, null, now, batchOf(hand, now))
      if (outcome.status !== 'ok') throw new Error(`a batch was refused: ${outcome.status}`)
      return size
    })
  await run(0.5)
  const before = postmaster === null ? null : cpuOfTree(postmaster)
  const began = n
  const perSecond = await run(seconds)
  const after = postmaster === null ? null : cpuOfTree(postmaster)
  return {
    perSecond,
    cpuMicros: before === null || after === null ? null : ((after - before) * 1e6) / (n - began),
  }
}
