import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { freshDatabase } from '../../../tests/database.ts'
import { OperatorError } from '../operator-error.ts'
import { fixForLife, type Migration, migrate, migrationStatus, readMigrations } from './migrate.ts'

const step = (version: number, sql: string): Migration => ({
  version,
  name: `${String(version).padStart(4, '0')}-step`,
  sql,
  checksum: createHash('sha256').update(sql).digest('hex'),
})
const empty = { only: /^$/ }
const faultsOf = (promise: Promise<unknown>): Promise<readonly string[]> =>
  promise.then(
    () => assert.fail('should have been refused'),
    (error: unknown) => {
      assert.ok(error instanceof OperatorError, String(error))
      return error.faults
    },
  )

test('migrations are applied in order, once, and remembered', async () => {
  await using db = await freshDatabase(empty)
  const files = [
    step(1, 'create table a (x int)'),
    step(2, 'alter table a add y int'),
    step(5, 'insert into a values (1, 2)'),
  ]
  assert.deepEqual(
    (await migrate(db.pool, files)).map(({ version }) => version),
    [1, 2, 5],
  )
  assert.deepEqual(await migrate(db.pool, files), [])
  assert.equal((await db.pool.query('select count(*)::int as n from a')).rows[0].n, 1)
  assert.deepEqual(await migrationStatus(db.pool, files), {
    applied: files.map(({ name }) => name),
    pending: [],
    faults: [],
  })
})

test('a file that fails leaves the ones before it applied and nothing of itself; the next start goes on', async () => {
  await using db = await freshDatabase(empty)
  const good = step(1, 'create table a (x int)')
  const bad = step(2, 'create table b (x int);\nselect broken from nowhere;')
  const [fault] = await faultsOf(migrate(db.pool, [good, bad]))
  assert.match(fault ?? '', /0002-step\.sql, line 2: .*nowhere.*Nothing of it was applied/)
  assert.deepEqual((await migrationStatus(db.pool, [good, bad])).pending, ['0002-step'])
  assert.equal((await db.pool.query(`select to_regclass('b') as b`)).rows[0].b, null)
  assert.deepEqual((await migrate(db.pool, [good, step(2, 'create table b (x int)')])).length, 1)
})

test('a connection killed in the middle of a file leaves a whole number of files', async () => {
  await using db = await freshDatabase(empty)
  const files = [
    step(1, 'create table a (x int)'),
    step(2, 'create table b (x int); select pg_terminate_backend(pg_backend_pid());'),
  ]
  await faultsOf(migrate(db.pool, files))
  assert.deepEqual((await migrationStatus(db.pool, files)).applied, ['0001-step'])
  assert.equal((await db.pool.query(`select to_regclass('b') as b`)).rows[0].b, null)
})

test('processes that start together migrate once', async () => {
  await using db = await freshDatabase(empty)
  const files = [step(1, 'create table a (x int)'), step(2, 'insert into a values (1)')]
  const done = await Promise.all([migrate(db.pool, files), migrate(db.pool, files), migrate(db.pool, files)])
  assert.equal(done.flat().length, 2)
})

test('a database of a newer program, a changed file and a late number are all refused, together', async () => {
  await using db = await freshDatabase(empty)
  await migrate(db.pool, [step(2, 'create table a (x int)'), step(9, 'create table b (x int)')])
  const faults = await faultsOf(migrate(db.pool, [step(1, 'select 1'), step(2, 'create table a (x bigint)')]))
  assert.equal(faults.length, 3)
  assert.match(faults.join('\n'), /changed after it was applied/)
  assert.match(faults.join('\n'), /newer Guichet \(0009-step\)/)
  assert.match(faults.join('\n'), /0001-step\.sql comes before 9/)
})

test('files with a wrong name or the same number are refused before the database is touched', () => {
  const folder = mkdtempSync(join(tmpdir(), 'guichet-migrations-'))
  try {
    for (const name of ['0001-a.sql', '0001-b.sql', '2-c.sql', 'notes.md'])
      writeFileSync(join(folder, name), 'select 1;')
    assert.throws(
      () => readMigrations(folder),
      (error) => error instanceof OperatorError && error.faults.length === 2,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the number of lanes is fixed when the database is made', async () => {
  await using db = await freshDatabase(empty)
  await fixForLife(db.pool, 'lanes', '64')
  await fixForLife(db.pool, 'lanes', '64')
  assert.match((await faultsOf(fixForLife(db.pool, 'lanes', '32'))).join(), /set GUICHET_LANES=64/)
})
