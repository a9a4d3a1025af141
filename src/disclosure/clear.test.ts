import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { freshDatabase, type FreshDatabase } from '../../tests/database.ts'
import type { Address } from '../channel/channel.ts'
import { commit, outboxStates, type Batch, type OutboxRow } from './clear.ts'

const address: Address = { channel: 'messenger', account: 'page', user: 'u"1\\{}' }
const contact = { lane: 3, contactId: randomUUID() }
const empty: Batch = {
  contacts: [],
  inbox: [],
  finished: [],
  threads: [],
  outbox: [],
  cards: [],
  settled: [],
}
const now = Date.UTC(2026, 10, 20)

const message = (id: string, version: number | null): OutboxRow => ({
  contact,
  id,
  to: address,
  body: `{"id":"${id}"}`,
  state: 1,
  priority: 1,
  institution: version === null ? null : 'harbor',
  purpose: version === null ? null : 'balance',
  grant: version === null ? null : { grantId: 'grt_1', version },
  disclosed: version !== null,
  sealed: Buffer.from(`sealed ${id}`),
  entry: Buffer.from(`entry ${id}`),
})
const event = (eventId: string): Batch['inbox'][number] => ({
  contact,
  eventId,
  kind: 1,
  state: 1,
  sealed: Buffer.from(`in ${eventId}`),
})

async function openCounter(db: FreshDatabase): Promise<{ owner: string; epoch: number }> {
  await db.pool.query('select pipeline_lanes(8)')
  const { rows } = await db.pool.query<{ epoch: string }>(`select pipeline_take('me') as epoch`)
  return { owner: 'me', epoch: Number(rows[0]?.epoch) }
}
const giveGrant = (db: FreshDatabase, version: number, state: string) =>
  db.pool.query(
    `insert into consent_grant (lane, contact_id, institution, grant_id, version, state, valid_until, sealed)
     values ($1, $2, 'harbor', 'grt_1', $3, $4, now() + interval '10 years', '')
     on conflict (lane, contact_id, institution) do update set version = excluded.version, state = excluded.state`,
    [contact.lane, contact.contactId, version, state],
  )
const rows = async (db: FreshDatabase, table: string): Promise<number> =>
  Number((await db.pool.query<{ n: string }>(`select count(*) as n from ${table}`)).rows[0]?.n)

test('what came in, what goes out and its log entries are one commit, and every box comes back whole', async () => {
  await using db = await freshDatabase()
  const fence = await openCounter(db)
  const events = [event(randomUUID()), event(randomUUID())]
  const outcome = await commit(db.pool, fence, null, now, {
    ...empty,
    contacts: [{ contact, address, wrappedKey: Buffer.from('wrapped'), sealedUser: Buffer.from('user') }],
    inbox: events,
    threads: [
      { contact, lastUserAt: now, botSaidAt: null, flags: 16, misses: 0, sealed: Buffer.from('thread') },
    ],
    outbox: [message('msg_a', null), message('msg_b', null)],
    cards: [
      {
        contact,
        cardId: 'crd_1',
        institution: 'harbor',
        purpose: 'balance',
        grantId: 'grt_1',
        expiresAt: now + 1000,
        sealed: Buffer.from('card'),
      },
    ],
  })
  assert.equal(outcome.status, 'ok')
  assert.deepEqual(outcome.status === 'ok' && outcome.cleared.map((c) => [c.id, c.body, c.to]), [
    ['msg_a', '{"id":"msg_a"}', address],
    ['msg_b', '{"id":"msg_b"}', address],
  ])
  const stored = await db.pool.query<{ message_id: string; sealed: Buffer; position: number }>(
    'select message_id, sealed, "position" from disclosure_outbox order by message_id',
  )
  assert.deepEqual(
    stored.rows.map((row) => [row.message_id, row.sealed.toString(), row.position]),
    [
      ['msg_a', 'sealed msg_a', 0],
      ['msg_b', 'sealed msg_b', 1],
    ],
  )
  const log = await db.pool.query<{ entries: Buffer; entry_count: number }>(
    'select entries, entry_count from tlog_batch',
  )
  assert.equal(log.rows[0]?.entry_count, 2)
  assert.equal(log.rows[0]?.entries.toString('latin1'), '\0\x0bentry msg_a\0\x0bentry msg_b')
  const inbox = await db.pool.query<{ event_id: string; sealed: Buffer }>(
    'select event_id, sealed from conversation_inbox',
  )
  assert.deepEqual(
    new Set(inbox.rows.map((row) => row.sealed.toString())),
    new Set(events.map((e) => `in ${e.eventId}`)),
  )
  const thread = await db.pool.query<{ sealed: Buffer; last_user_at: string }>(
    'select sealed, last_user_at from conversation_thread',
  )
  assert.deepEqual([thread.rows[0]?.sealed.toString(), Number(thread.rows[0]?.last_user_at)], ['thread', now])
  const card = await db.pool.query<{ sealed: Buffer }>('select sealed from disclosure_card')
  assert.equal(card.rows[0]?.sealed.toString(), 'card')
  const who = await db.pool.query<{ wrapped_key: Buffer; sealed_user: Buffer }>(
    'select wrapped_key, sealed_user from customer_contact',
  )
  assert.deepEqual(
    [who.rows[0]?.wrapped_key.toString(), who.rows[0]?.sealed_user.toString()],
    ['wrapped', 'user'],
  )
})

test('an event that was accepted before is named, and nothing of the batch is written', async () => {
  await using db = await freshDatabase()
  const fence = await openCounter(db)
  const repeated = event(randomUUID())
  await commit(db.pool, fence, null, now, { ...empty, inbox: [repeated] })
  const outcome = await commit(db.pool, fence, null, now, {
    ...empty,
    inbox: [repeated, event(randomUUID())],
    outbox: [message('msg_a', null)],
  })
  assert.deepEqual(outcome, { status: 'seen', events: new Set([repeated.eventId]) })
  assert.equal(await rows(db, 'disclosure_outbox'), 0)
  assert.equal(await rows(db, 'tlog_batch'), 0)
})

for (const [name, version, state] of [
  ['withdrawn', 1, 'withdrawn'],
  ['changed', 2, 'active'],
] as const)
  test(`a message decided under a grant that was ${name} meanwhile is not cleared`, async () => {
    await using db = await freshDatabase()
    const fence = await openCounter(db)
    await giveGrant(db, version, state)
    const outcome = await commit(db.pool, fence, null, now, { ...empty, outbox: [message('msg_a', 1)] })
    assert.deepEqual(outcome, { status: 'stale', grants: new Set([`${contact.contactId} harbor`]) })
    assert.equal(await rows(db, 'disclosure_outbox'), 0)
  })

test('a message under a grant that stands is cleared; the same without its version named would slip through the check', async () => {
  await using db = await freshDatabase()
  const fence = await openCounter(db)
  await giveGrant(db, 1, 'active')
  assert.equal(
    (await commit(db.pool, fence, null, now, { ...empty, outbox: [message('msg_a', 1)] })).status,
    'ok',
  )
  // The twin: a message that does not name its grant is not checked, which is why drafts under a grant always do.
  await giveGrant(db, 2, 'withdrawn')
  assert.equal(
    (await commit(db.pool, fence, null, now, { ...empty, outbox: [{ ...message('msg_b', 1), grant: null }] }))
      .status,
    'ok',
  )
})

test('a withdrawal waits for a batch under way, and the next batch is refused', async () => {
  await using db = await freshDatabase()
  const fence = await openCounter(db)
  await giveGrant(db, 1, 'active')
  const batchClient = await db.pool.connect()
  const withdrawClient = await db.pool.connect()
  try {
    await batchClient.query('begin')
    assert.equal(
      (await commit(batchClient, fence, null, now, { ...empty, outbox: [message('msg_a', 1)] })).status,
      'ok',
    )
    let withdrawn = false
    const withdrawal = withdrawClient
      .query(`update consent_grant set state = 'withdrawn', version = 2`)
      .then(() => {
        withdrawn = true
      })
    // The withdrawal is seen waiting for the row lock before the batch commits.
    for (let tries = 0; tries < 500; tries++) {
      const { rowCount } = await db.pool.query(
        `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
      )
      if (rowCount) break
    }
    assert.equal(withdrawn, false)
    await batchClient.query('commit')
    await withdrawal
    assert.equal(
      (await commit(db.pool, fence, null, now, { ...empty, outbox: [message('msg_b', 1)] })).status,
      'stale',
    )
  } finally {
    batchClient.release()
    withdrawClient.release()
  }
})

test('a process whose lanes were taken over writes nothing any more', async () => {
  await using db = await freshDatabase()
  const old = await openCounter(db)
  await db.pool.query(`select pipeline_take('another')`)
  assert.deepEqual(await commit(db.pool, old, null, now, { ...empty, inbox: [event(randomUUID())] }), {
    status: 'fenced',
  })
  assert.equal(await rows(db, 'conversation_inbox'), 0)
})

test('the platform’s echo overrules a message that was given up: it was sent, and the diary says so', async () => {
  await using db = await freshDatabase()
  const fence = await openCounter(db)
  await commit(db.pool, fence, null, now, { ...empty, outbox: [message('msg_a', null)] })
  for (const [state, mid, reason] of [
    [outboxStates.failed, null, 'gave_up'],
    [outboxStates.sent, 'm_1', 'echo'],
  ] as const)
    await commit(db.pool, fence, null, now, {
      ...empty,
      settled: [{ contact, id: 'msg_a', state, mid, reason }],
    })
  const { rows: after } = await db.pool.query<{ state: number; mid: string }>(
    'select state, mid from disclosure_outbox',
  )
  assert.deepEqual(after, [{ state: outboxStates.sent, mid: 'm_1' }])
})

test('a message is settled once: a later word about it changes nothing', async () => {
  await using db = await freshDatabase()
  const fence = await openCounter(db)
  await commit(db.pool, fence, null, now, { ...empty, outbox: [message('msg_a', null)] })
  const settle = (state: 2 | 4, mid: string | null) =>
    commit(db.pool, fence, null, now, {
      ...empty,
      settled: [{ contact, id: 'msg_a', state, mid, reason: null }],
    })
  await settle(outboxStates.sent, 'm_{"odd"},\\id')
  await settle(outboxStates.failed, null)
  const { rows: after } = await db.pool.query<{ state: number; mid: string }>(
    'select state, mid from disclosure_outbox',
  )
  assert.deepEqual(after, [{ state: outboxStates.sent, mid: 'm_{"odd"},\\id' }])
})
