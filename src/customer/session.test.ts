import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { freshDatabase } from '../../tests/database.ts'
import {
  closeSession,
  openSession,
  putChallenge,
  readSession,
  sessionIdleMs,
  sessionLifeMs,
  sweepExpired,
  takeChallenge,
} from './session.ts'

const now = Date.UTC(2026, 10, 20, 12)
const who = { institution: 'harbor', subjectRef: randomBytes(32), method: 'bank' as const }

test('a session opens with its secret alone, and the database does not hold the secret', async () => {
  await using db = await freshDatabase()
  const secret = await openSession(db.pool, who, now)
  assert.equal((await readSession(db.pool, secret, now))?.institution, 'harbor')
  assert.equal(
    await readSession(
      db.pool,
      secret.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A')),
      now,
    ),
    null,
  )
  assert.equal(await readSession(db.pool, undefined, now), null)
  const { rows } = await db.pool.query<{ row: string }>('select s::text as row from customer_session s')
  assert.equal(rows[0]?.row.includes(secret), false)
})

test('a session ends when it is left alone, when it is too old, and when it is closed', async () => {
  await using db = await freshDatabase()
  const idle = await openSession(db.pool, who, now)
  assert.equal(await readSession(db.pool, idle, now + sessionIdleMs + 1), null)
  const used = await openSession(db.pool, who, now)
  let at = now
  while (at < now + sessionLifeMs) {
    assert.ok(await readSession(db.pool, used, at))
    at += sessionIdleMs / 2
  }
  assert.equal(await readSession(db.pool, used, now + sessionLifeMs + 1), null)
  const closed = await openSession(db.pool, who, now)
  await closeSession(db.pool, closed)
  assert.equal(await readSession(db.pool, closed, now), null)
})

test('a one-time value is taken once, for its own kind, in time', async () => {
  await using db = await freshDatabase()
  const handle = await putChallenge(db.pool, 'passkey', { challenge: 'x' }, now + 1000)
  assert.equal(await takeChallenge(db.pool, 'sign-in', handle, now), null)
  assert.deepEqual(await takeChallenge(db.pool, 'passkey', handle, now), { challenge: 'x' })
  assert.equal(await takeChallenge(db.pool, 'passkey', handle, now), null)
  const late = await putChallenge(db.pool, 'passkey', {}, now + 1000)
  assert.equal(await takeChallenge(db.pool, 'passkey', late, now + 1001), null)
})

test('what has expired is swept away', async () => {
  await using db = await freshDatabase()
  await openSession(db.pool, who, now)
  await putChallenge(db.pool, 'passkey', {}, now + 1000)
  await sweepExpired(db.pool, now + sessionLifeMs + 1)
  const { rows } = await db.pool.query<{ n: number }>(
    'select (select count(*) from customer_session)::int + (select count(*) from customer_challenge)::int as n',
  )
  assert.equal(rows[0]?.n, 0)
})
