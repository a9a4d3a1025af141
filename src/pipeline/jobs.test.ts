import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runMigrations } from 'graphile-worker'
import { freshDatabase } from '../../tests/database.ts'
import { systemClock } from '../core/clock.ts'
import { openLogger } from '../core/logger.ts'
import { newSecret } from '../core/id.ts'
import type { Engine } from './engine.ts'
import { openJobs } from './jobs.ts'

test('work that a killed process was at is taken up at the next start, not hours later', async () => {
  await using db = await freshDatabase()
  await runMigrations({ pgPool: db.pool })
  await db.pool.query(`select graphile_worker.add_job('sweep', '{}'::json)`)
  await db.pool.query(
    `update graphile_worker._private_jobs set locked_at = now(), locked_by = 'a worker that was killed'`,
  )
  const jobs = openJobs({
    pool: db.pool,
    clock: systemClock,
    log: openLogger('silent'),
    newHandle: newSecret,
  })
  await jobs.start({} as Engine)
  try {
    const left = async (): Promise<number> =>
      (await db.pool.query(`select 1 from graphile_worker.jobs where task_identifier = 'sweep'`)).rowCount ??
      0
    for (const end = Date.now() + 5_000; (await left()) > 0; ) {
      if (Date.now() > end) assert.fail('still locked by a process that is gone')
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  } finally {
    await jobs.stop()
  }
})
