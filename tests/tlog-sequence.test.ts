import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import type { Pool, PoolClient } from 'pg'
import { manualClock } from '../src/core/clock.ts'
import type { Logger } from '../src/core/logger.ts'
import { isRefusal } from '../src/core/refusal.ts'
import { type Db, type Trx, transaction } from '../src/core/sql.ts'
import { auditLog } from '../src/tlog/audit.ts'
import { newLogKey } from '../src/tlog/note.ts'
import { verifyConsistency } from '../src/tlog/proof.ts'
import { sequenceRound } from '../src/tlog/sequence.ts'
import { append, entriesIn, newestCheckpoint } from '../src/tlog/store.ts'
import { openTlog, type TlogOptions } from '../src/tlog/tlog.ts'
import { commitment, leafHash, verifyFile, verifyInclusion } from '../src/tlog/verify.ts'
import { freshDatabase } from './database.ts'

const key = newLogKey('bank.example/log')
const clock = manualClock(Date.UTC(2026, 10, 20)).now
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }
const signing = { origin: key.origin, signer: key.signer, clock }
const database = () => freshDatabase({ only: /tlog/ })
const open = (pool: Pool, more: Partial<TlogOptions> = {}) =>
  openTlog({ pool, origin: key.origin, signer: key.signer, clock, log: silent, idleMs: 0, ...more })

let made = 0
const entriesOf = (many: number) => Array.from({ length: many }, () => Buffer.from(`entry ${made++}`))
const add = (pool: Pool, many: number) => transaction(pool, (trx) => append(trx, entriesOf(many)))
const audit = (pool: Pool) => auditLog(pool, { keys: [key.vkey] })

/** Everything in the log, in its order. */
async function contents(pool: Pool): Promise<string[]> {
  const newest = await newestCheckpoint(pool)
  return ((await entriesIn(pool, { from: 0, to: newest?.size ?? 0 })) ?? []).map(String)
}
/** Everything that was ever committed. */
async function committed(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ sum: string }>(
    'select coalesce(sum(entry_count), 0) as sum from tlog_batch',
  )
  return Number(rows[0]?.sum)
}
/** The promise: what was committed is in the log, once each, and the log is whole. */
async function assertWhole(pool: Pool): Promise<void> {
  const found = await audit(pool)
  assert.deepEqual(found.faults, [])
  assert.equal(found.waiting, 0)
  const log = await contents(pool)
  assert.equal(log.length, await committed(pool))
  assert.equal(new Set(log).size, log.length)
}
async function round(pool: Pool, wrap: (client: PoolClient) => Db = (client) => client) {
  const client = await pool.connect()
  try {
    return await sequenceRound(wrap(client), signing, { wait: true })
  } finally {
    client.release(true)
  }
}

type Break = 'before' | 'after' | 'killed'
/** A client whose n-th statement fails: before it took effect, after it did, or because the connection died. */
function breaking(client: PoolClient, pool: Pool, n: number, how: Break): Db {
  let at = 0
  return {
    async query(text: string, values?: unknown[]) {
      if (++at !== n) return client.query(text, values)
      if (how === 'before') throw new Error('broken before')
      if (how === 'killed') {
        const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
        await pool.query('select pg_terminate_backend($1)', [rows[0]?.pid])
      }
      const result = await client.query(text, values)
      throw new Error(`broken after ${result.rowCount}`)
    },
  } as unknown as Db
}
/** How many statements a round takes. */
async function statementsOf(pool: Pool): Promise<number> {
  let at = 0
  await round(
    pool,
    (client) =>
      ({ query: (text: string, values?: unknown[]) => (at++, client.query(text, values)) }) as unknown as Db,
  )
  return at
}

describe('the sequencer', () => {
  test('what is committed gets its place in order, provable at once; the log grows consistently', async () => {
    await using db = await database()
    await using log = await open(db.pool)
    assert.equal((await log.latestCheckpoint())?.size, 0, 'an empty log is signed too')
    const first = await add(db.pool, 300)
    assert.deepEqual(await log.indexOf(first.batchId, 3), { refused: 'not_logged_yet' })
    assert.deepEqual(await log.sequenceNow(), { size: 300 })
    const before = await log.latestCheckpoint()
    const second = await add(db.pool, 500)
    await log.sequenceNow()
    const now = await log.latestCheckpoint()
    assert.ok(before && now)
    assert.equal(now.size, 800)
    assert.equal(await log.indexOf(second.batchId, 499), 799)
    for (const index of [0, 255, 256, 299, 300, 511, 512, 799]) {
      const leaf = leafHash((await log.entryAt(index)) as Buffer)
      assert.ok(
        verifyInclusion({
          index,
          size: 800,
          leaf,
          root: now.root,
          proof: await log.inclusionProof(index, 800),
        }),
      )
      if (index < 300)
        assert.ok(
          verifyInclusion({
            index,
            size: 300,
            leaf,
            root: before.root,
            proof: await log.inclusionProof(index, 300),
          }),
        )
    }
    const proof = await log.consistencyProof(300, 800)
    assert.ok(verifyConsistency({ oldSize: 300, size: 800, oldRoot: before.root, root: now.root, proof }))
    await assertWhole(db.pool)
  })

  test('a rolled back message leaves no entry', async () => {
    await using db = await database()
    await using log = await open(db.pool)
    await assert.rejects(
      transaction(db.pool, async (trx) => {
        await append(trx, entriesOf(2))
        throw new Error('the clearing failed')
      }),
    )
    await add(db.pool, 1)
    assert.deepEqual(await log.sequenceNow(), { size: 1 })
    await assertWhole(db.pool)
  })

  test('poked, it sequences by itself', async () => {
    await using db = await database()
    await using log = await open(db.pool, { paceMs: 1 })
    await add(db.pool, 5)
    log.poke()
    const deadline = performance.now() + 10_000
    while ((await newestCheckpoint(db.pool))?.size !== 5) assert.ok(performance.now() < deadline)
    await assertWhole(db.pool)
  })

  test('broken at every statement in turn, before or after its effect or with the connection gone, the tree stays whole', async () => {
    await using db = await database()
    await add(db.pool, 250)
    const statements = await statementsOf(db.pool)
    assert.ok(statements >= 8)
    for (const how of ['before', 'after', 'killed'] as const) {
      for (let n = 1; n <= statements; n++) {
        await add(db.pool, 7)
        await add(db.pool, 3)
        await assert.rejects(
          round(db.pool, (client) => breaking(client, db.pool, n, how)),
          `${how} ${n}`,
        )
        const found = await audit(db.pool)
        assert.deepEqual(found.faults, [], `${how} statement ${n}`)
        assert.ok(found.waiting === 0 || found.waiting === 10)
        await round(db.pool)
        await assertWhole(db.pool)
      }
    }
  })

  // The twins: the same check must catch a sequencer that does not keep its round in one transaction.
  const twins: [string, (client: PoolClient) => Db][] = [
    [
      'tiles committed before the checkpoint',
      (client) =>
        ({
          async query(text: string, values?: unknown[]) {
            if (text.includes('into tlog_checkpoint')) await client.query('commit; begin')
            return client.query(text, values)
          },
        }) as unknown as Db,
    ],
    [
      'the checkpoint committed before the tiles',
      (client) => {
        let kept: [string, unknown[] | undefined] | undefined
        return {
          async query(text: string, values?: unknown[]) {
            if (text.includes('into tlog_tile')) {
              kept = [text, values]
              return { rowCount: 0, rows: [] }
            }
            const result = await client.query(text, values)
            if (text === 'commit' && kept) await client.query(...kept)
            return result
          },
        } as unknown as Db
      },
    ],
  ]
  for (const [what, variant] of twins)
    test(`twin: with ${what}, a crash in between leaves a tree that the check refuses`, async () => {
      await using db = await database()
      await add(db.pool, 10)
      await round(db.pool)
      await add(db.pool, 10)
      await round(db.pool, variant)
      assert.deepEqual((await audit(db.pool)).faults, [], 'as long as nothing breaks, nobody notices')
      let caught = 0
      const statements = 14
      for (let n = 1; n <= statements && caught === 0; n++) {
        await add(db.pool, 5)
        await round(db.pool, (client) => variant(breaking(client, db.pool, n, 'before') as PoolClient)).catch(
          () => {},
        )
        if (!(await audit(db.pool)).ok) caught = n
        else await round(db.pool)
      }
      assert.ok(caught > 0)
      // And the true sequencer does not sign on top of the damage.
      await add(db.pool, 1)
      await assert.rejects(round(db.pool), /invariant/)
    })
})

describe('batches whose ids commit out of order', () => {
  /** Opens n transactions that append in order, and commits them in another order with a round after each. */
  async function outOfOrder(
    pool: Pool,
    order: readonly number[],
    wrap?: (client: PoolClient) => Db,
  ): Promise<void> {
    const clients = await Promise.all(order.map(() => pool.connect()))
    for (const client of clients) {
      await client.query('begin')
      await append(client as Trx, entriesOf(3))
    }
    for (const at of order) {
      await (clients[at] as PoolClient).query('commit')
      await round(pool, wrap)
    }
    for (const client of clients) client.release()
  }

  test('a lower id that appears later gets a later place: none is skipped, none doubled', async () => {
    await using db = await database()
    await outOfOrder(db.pool, [3, 1, 0, 5, 2, 4])
    await assertWhole(db.pool)
  })

  test('twin: a sequencer that goes on from the highest id it has seen forgets them', async () => {
    await using db = await database()
    await outOfOrder(
      db.pool,
      [3, 1, 0, 5, 2, 4],
      (client) =>
        ({
          query: (text: string, values?: unknown[]) =>
            client.query(
              text.replace(
                'where first_index is null and batch_id <> all',
                'where batch_id > (select coalesce(max(batch_id), 0) from tlog_batch where first_index is not null) and batch_id <> all',
              ),
              values,
            ),
        }) as unknown as Db,
    )
    await assert.rejects(assertWhole(db.pool))
  })

  test('many appenders and two sequencing processes at once', async () => {
    await using db = await database()
    await using one = await open(db.pool, { paceMs: 1, idleMs: 5 })
    await using two = await open(db.pool, { paceMs: 1, idleMs: 7 })
    const appender = async (which: number) => {
      for (let i = 0; i < 25; i++) {
        await add(db.pool, 1 + ((which * 7 + i) % 40))
        ;(i % 2 ? one : two).poke()
      }
    }
    await Promise.all([0, 1, 2, 3].map(appender))
    await Promise.all([one.sequenceNow(), two.sequenceNow()])
    await assertWhole(db.pool)
  })

  test('a batch that does not decode is left out loudly, and does not stop the log', async () => {
    await using db = await database()
    const said: string[] = []
    await using log = await open(db.pool, { log: { ...silent, error: (event) => said.push(event) } })
    await db.pool.query(`insert into tlog_batch (entry_count, entries) values (3, '\\x00016100016200')`)
    await add(db.pool, 2)
    assert.deepEqual(await log.sequenceNow(), { size: 2 })
    assert.deepEqual(said, ['tlog.batch_malformed'])
    const found = await audit(db.pool)
    assert.equal(found.waiting, 3)
    assert.match(found.faults.join(), /Batch 1 cannot be logged/)
  })
})

describe('the whole log, verified', () => {
  const tamperings: [string, string, RegExp][] = [
    [
      'an entry changed',
      `update tlog_batch set entries = overlay(entries placing '\\x7a' from 4) where first_index = 0`,
      /root that the entries do not have/,
    ],
    [
      'an entry gone',
      `delete from tlog_batch where first_index = 0`,
      /starts at 200, but the entries before it end at 0/,
    ],
    [
      'a count changed',
      `update tlog_batch set entry_count = 199 where first_index = 0`,
      /does not hold the 199 entries/,
    ],
    ['a place changed', `update tlog_batch set first_index = 201 where first_index = 200`, /starts at 201/],
    [
      'a full tile changed',
      `update tlog_tile set hashes = overlay(hashes placing '\\x7a' from 40) where level = 0 and n = 0`,
      /Tile 0\/0 does not fit/,
    ],
    [
      'an upper tile changed',
      `update tlog_tile set hashes = overlay(hashes placing '\\x7a' from 5) where level = 1`,
      /Tile 1\/0 does not fit/,
    ],
    ['a tile gone', `delete from tlog_tile where level = 0 and n = 1`, /Tile 0\/1 is missing/],
    [
      'a tile too many',
      `insert into tlog_tile select 5, 7, width, hashes from tlog_tile where level = 1`,
      /1 tiles belong to no entries/,
    ],
    [
      'the newest checkpoint gone',
      `delete from tlog_checkpoint where size = 400`,
      /no signed checkpoint covers/,
    ],
    [
      'a root changed',
      `update tlog_checkpoint set root = decode(repeat('61', 32), 'hex') where size = 200`,
      /size 200 has a root/,
    ],
    [
      'a note changed',
      `update tlog_checkpoint set note = replace(note, '200', '201') where size = 200`,
      /size 200 does not verify/,
    ],
  ]
  for (const [what, sql, says] of tamperings)
    test(`found: ${what}`, async () => {
      await using db = await database()
      for (let i = 0; i < 2; i++) {
        await add(db.pool, 200)
        await round(db.pool)
      }
      await assertWhole(db.pool)
      // As somebody would who owns the database: the guards against slips do not hold them.
      await transaction(db.pool, async (trx) => {
        await trx.query('set local session_replication_role = replica')
        await trx.query(sql)
      })
      const found = await audit(db.pool)
      assert.equal(found.ok, false)
      assert.match(found.faults.join('\n'), says)
    })

  test('a slip at the SQL prompt cannot change the log', async () => {
    await using db = await database()
    await add(db.pool, 2)
    await round(db.pool)
    for (const sql of [
      'delete from tlog_batch',
      `update tlog_batch set entries = entries`,
      'update tlog_batch set first_index = 7',
    ])
      await assert.rejects(db.pool.query(sql), /only grows/)
    await assertWhole(db.pool)
  })

  test('another key, or another log in the same database, is noticed', async () => {
    await using db = await database()
    await add(db.pool, 2)
    await round(db.pool)
    assert.equal((await auditLog(db.pool, { keys: [newLogKey(key.origin).vkey] })).ok, false)
    await assert.rejects(open(db.pool, { origin: 'bank.example/another' }), { code: 'log_origin_changed' })
  })

  test('with a new key the newest checkpoint is signed anew, and the audit takes both keys', async () => {
    await using db = await database()
    await add(db.pool, 2)
    await round(db.pool)
    const next = newLogKey(key.origin)
    await using log = await open(db.pool, { signer: next.signer })
    const { batchId } = await add(db.pool, 2)
    await log.sequenceNow()
    const proof = await log.prove(batchId, 0)
    assert.ok(!isRefusal(proof) && verifyFile(proof.file, { keys: [next.vkey] }).ok)
    assert.deepEqual((await auditLog(db.pool, { keys: [next.vkey, key.vkey] })).faults, [])
  })

  test('old checkpoints make room, and the audit still holds', async () => {
    await using db = await database()
    for (let i = 0; i < 70; i++) {
      await add(db.pool, 1)
      await round(db.pool)
    }
    const { rows } = await db.pool.query<{ count: string }>('select count(*) from tlog_checkpoint')
    assert.ok(Number(rows[0]?.count) <= 66)
    await assertWhole(db.pool)
  })
})

describe('statements', () => {
  test("a customer's statement verifies offline; entries still waiting are sequenced for it", async () => {
    await using db = await database()
    await using log = await open(db.pool)
    const sealed = Array.from({ length: 450 }, (_, n) => {
      const salt = randomBytes(32)
      const payload = Buffer.from(`{"n":${n}}`)
      return {
        salt,
        payload,
        entry: Buffer.from(JSON.stringify({ commit: commitment(salt, payload).toString('base64url') })),
      }
    })
    await add(db.pool, 30)
    const { batchId } = await transaction(db.pool, (trx) =>
      append(
        trx,
        sealed.map(({ entry }) => entry),
      ),
    )
    const items = sealed.map(({ salt, payload }, position) => ({
      batchId,
      position,
      opening: position % 2 ? { salt, payload } : undefined,
    }))
    const statement = await log.buildStatement(items)
    assert.ok(!isRefusal(statement))
    const verdict = verifyFile(JSON.stringify(statement), { keys: [log.vkey] })
    assert.ok(verdict.ok, verdict.lines.at(-1))
    assert.deepEqual(
      verdict.entries.map(({ index }) => index),
      items.map(({ position }) => 30 + position),
    )
    assert.deepEqual(verdict.entries[1]?.payload, sealed[1]?.payload)
    assert.deepEqual(await log.buildStatement([{ batchId, position: 450 }]), { refused: 'no_such_entry' })
    assert.deepEqual(await log.prove('1; drop table tlog_batch', 0), { refused: 'no_such_entry' })
    assert.ok(
      verifyFile(JSON.stringify(await log.buildStatement([])), { keys: [log.vkey] }).ok,
      'nothing disclosed is a statement too',
    )
  })
})

describe('leaves that are known from their commit', () => {
  test('give the tree that reading the bytes back would give, mixed with batches that are read', async () => {
    await using db = await database()
    await using tlog = await open(db.pool)
    for (let n = 0; n < 6; n++) {
      const entries = entriesOf(1 + n * 60)
      const { batchId } = await transaction(db.pool, (trx) => append(trx, entries))
      if (n % 2 === 0) tlog.appended(batchId, entries)
    }
    await tlog.sequenceNow()
    await assertWhole(db.pool)
  })

  test('twin: were they others than those of the bytes, an audit finds it', async () => {
    await using db = await database()
    await using tlog = await open(db.pool)
    const { batchId } = await add(db.pool, 3)
    tlog.appended(batchId, entriesOf(3))
    await tlog.sequenceNow()
    assert.notDeepEqual((await audit(db.pool)).faults, [])
  })
})
