import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { Pool } from 'pg'
import { freshDatabase, type FreshDatabase } from '../../tests/database.ts'
import type { Inbound } from '../channel/channel.ts'
import { newId } from '../core/id.ts'
import { fileKek } from '../core/kek.ts'
import { openLogger } from '../core/logger.ts'
import { one } from '../core/sql.ts'
import { commit, outboxStates } from '../disclosure/clear.ts'
import { Deliverer, type Parcel } from '../disclosure/deliver.ts'
import { Contacts } from './contacts.ts'
import { outboxBox } from './outbox.ts'
import { Pipeline, usualLimits, type PipelineLimits } from './pipeline.ts'
import type { Turn } from './work.ts'
import { recover, stillCalling } from './recover.ts'

const log = openLogger('silent')
const lanes = 4
const kek = fileKek(randomBytes(32))

/** What the database's connection does to one statement: `before` it is lost on the way, `after` its answer is. */
type Trouble = { readonly on: RegExp; readonly when: 'before' | 'after'; times: number }

/**
 * The pipeline with a real database and everything else made of paper: people's words are answered with `re: …`, at
 * once or (words that begin with `slow`) when the test lets the bank answer.
 */
async function openCounter(db: FreshDatabase, limits: Partial<PipelineLimits> = {}) {
  const troubles: Trouble[] = []
  const broken = (text: string, when: Trouble['when']): boolean => {
    const trouble = troubles.find((one_) => one_.times > 0 && one_.when === when && one_.on.test(text))
    if (trouble) trouble.times--
    return trouble !== undefined
  }
  const query = async (client: Pick<Pool, 'query'>, args: unknown[]): Promise<unknown> => {
    const [first] = args
    const text = typeof first === 'string' ? first : (first as { text: string }).text
    if (broken(text, 'before')) throw Object.assign(new Error('lost'), { code: 'ECONNRESET' })
    const result: unknown = await (client.query as (...all: unknown[]) => Promise<unknown>)(...args)
    if (broken(text, 'after')) throw Object.assign(new Error('lost'), { code: 'ECONNRESET' })
    return result
  }
  const pool = {
    query: (...args: unknown[]) => query(db.pool, args),
    connect: async () => {
      const client = await db.pool.connect()
      return {
        query: (...args: unknown[]) => query(client, args),
        release: (error?: Error) => client.release(error),
      }
    },
  } as unknown as Pool

  await db.pool.query('select pipeline_lanes($1)', [lanes])
  const owner = randomBytes(8).toString('hex')
  const taken = await one<{ epoch: string }>(db.pool, 'select pipeline_take($1) as epoch', [owner])
  const contacts = new Contacts({ pool, kek, lanes, capacity: 1_000 })
  /** What was handed over to be sent, in order. */
  const parcels: Parcel[] = []
  const said = (user?: string): string[] =>
    parcels
      .filter(({ cleared }) => user === undefined || cleared.to.user === user)
      .map(({ cleared }) => cleared.body)
  let slow: { text: string; answer: (words?: string) => void; fail: (error?: Error) => void }[] = []
  let outstanding = 0
  let fenced = 0
  const turn = (
    contact: { thread: { misses: number }; touched: boolean },
    inbound: Inbound,
  ): Turn<string> => {
    const text = inbound.kind === 'text' ? inbound.text : inbound.kind
    if (text === 'bug') throw new Error('invariant: a bug')
    contact.thread.misses++
    contact.touched = true
    if (!text.startsWith('slow')) return { answers: [`re: ${text} (${contact.thread.misses})`], later: null }
    return {
      answers: [],
      later: () =>
        new Promise((answer, fail) =>
          slow.push({
            text,
            answer: (words) => {
              // What a turn learns while it reads: that it said who it is, what its buttons mean.
              if (text.startsWith('slow and learns')) contact.thread.misses += 10
              answer([words ?? `re: ${text}`])
            },
            fail: (error = new Error('bank')) => fail(error),
          }),
        ),
    }
  }
  const pipeline = new Pipeline<string>({
    pool,
    fence: { owner, epoch: Number(taken?.epoch) },
    contacts,
    deliverer: () =>
      ({ outstanding, add: (more: readonly Parcel[]) => void parcels.push(...more) }) as unknown as Deliverer,
    turn,
    draft: (contact, answer, now) => {
      if (answer === 'unspeakable') throw new Error('invariant: a bug')
      const id = newId('msg', now)
      const opening = { salt: randomBytes(32), payload: JSON.stringify({ id, body: answer }) }
      const granted = answer.startsWith('re: slow money')
      const version = contact.money?.grants[0]?.version ?? 1
      return {
        card: null,
        message: {
          contact: contact.ref,
          id,
          to: contact.address,
          body: granted ? `${answer} v${version}` : answer,
          priority: 1,
          institution: granted ? 'harbor' : null,
          purpose: granted ? 'balance' : null,
          grant: granted ? { grantId: 'grt_1', version } : null,
          disclosed: granted,
          sealed: outboxBox.seal(contact.keys.box, contact.ref.contactId, id, {
            opening,
            diary: {} as never,
          }),
          entry: Buffer.from(`entry of ${id}`),
        },
      }
    },
    trouble: () => ['sorry'],
    logged: () => {},
    reachable: () => {},
    fenced: () => void fenced++,
    clock: Date.now,
    log,
    limits: { ...usualLimits, settleLingerMs: 2, ...limits },
  })
  let n = 0
  const words = (user: string, text: string): Inbound => ({
    kind: 'text',
    key: `key ${++n}`,
    channel: 'messenger',
    account: 'page',
    user,
    at: n,
    standby: false,
    mid: `m_${n}`,
    text,
  })
  return {
    pool,
    pipeline,
    contacts,
    parcels,
    said,
    troubles,
    words,
    write: (user: string, ...texts: string[]) => pipeline.accept(texts.map((text) => words(user, text))),
    get slow() {
      return slow
    },
    takeSlow() {
      const waiting = slow
      slow = []
      return waiting
    },
    set outstanding(count: number) {
      outstanding = count
    },
    get fenced() {
      return fenced
    },
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 5_000; !(await condition()); ) {
    if (Date.now() > end) assert.fail('waited too long')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
const count = async (db: FreshDatabase, what: string): Promise<number> =>
  Number((await db.pool.query<{ n: string }>(`select count(*) as n from ${what}`)).rows[0]?.n)

test('what many people write in one moment is one commit, and each is answered in order', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db)
  await Promise.all(['ana', 'ben', 'cleo'].map((user) => house.write(user, 'one', 'two')))
  for (const user of ['ana', 'ben', 'cleo'])
    assert.deepEqual(house.said(user), ['re: one (1)', 're: two (2)'])
  assert.equal(house.pipeline.counters.batches, 1)
})

test('a person is in one commit at a time: what comes meanwhile waits for its end', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db, { batchMax: 8, commitsAtOnce: 2 })
  const first = house.write('ana', 'one')
  await until(() => house.pipeline.load.commits === 1)
  await Promise.all([
    first,
    house.write('ana', 'two'),
    ...Array.from({ length: 12 }, (_, n) => house.write(`u${n}`, 'hi')),
  ])
  await house.pipeline.quiet()
  assert.deepEqual(house.said('ana'), ['re: one (1)', 're: two (2)'])
})

test('what is written while a bank is asked waits its turn, survives a crash, and is answered in order', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db)
  await house.write('ana', 'slow one')
  await house.write('ana', 'two', 'slow three', 'four')
  assert.deepEqual(house.said('ana'), [])
  assert.equal(await count(db, 'conversation_inbox where state = 0'), 4)
  // kill -9; another process finds them.
  const next = await openCounter(db)
  const deliverer = { add: () => {} } as unknown as Deliverer
  await recover({
    pool: db.pool,
    contacts: next.contacts,
    deliverer,
    resume: (contact, inbound, id) => next.pipeline.resume(contact, inbound, id),
    clock: Date.now,
    log,
  })
  for (const text of ['slow one', 'slow three']) {
    await until(() => next.slow.length === 1)
    assert.equal(next.slow[0]?.text, text)
    next.takeSlow()[0]?.answer()
  }
  await next.pipeline.quiet()
  assert.deepEqual(
    next.said('ana').map((body) => body.replace(/ \(\d\)/, '')),
    ['re: slow one', 're: two', 're: slow three', 're: four'],
  )
  assert.equal(await count(db, 'conversation_inbox where state = 0'), 0)
})

test('what a turn learns while it reads is kept, although a batch with the person’s next words wrote the thread meanwhile', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db)
  await house.write('ana', 'slow and learns')
  await until(() => house.slow.length === 1)
  await house.write('ana', 'slow two')
  house.takeSlow()[0]?.answer()
  await until(() => house.slow.length === 1)
  // kill -9, once the first is answered and before the second is.
  const next = await openCounter(db)
  await next.pipeline.accept([{ ...next.words('ana', 'three'), key: 'another' }])
  assert.deepEqual(next.said('ana'), ['re: three (12)'])
})

test('a repeat is answered 200 and nothing else: in the same moment, in the same post, later, after a restart', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db)
  const event = house.words('ana', 'one')
  await Promise.all([house.pipeline.accept([event]), house.pipeline.accept([event, event])])
  await house.pipeline.accept([event])
  assert.deepEqual(house.said(), ['re: one (1)'])
  const next = await openCounter(db)
  const fresh = next.words('ana', 'two')
  await next.pipeline.accept([event, { ...fresh, key: 'another' }])
  // The repeat's turn left no trace in what is known of the conversation.
  assert.deepEqual(next.said(), ['re: two (2)'])
  assert.equal(await count(db, 'disclosure_outbox'), 2)
})

test('a repeat of the very message whose answer is being looked up is not answered again', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db)
  const event = house.words('ana', 'slow one')
  await house.pipeline.accept([event])
  await until(() => house.slow.length === 1)
  const again = await openCounter(db)
  // The restart knows it from the inbox; the platform, never answered, repeats it while the bank is asked.
  await recover({
    pool: db.pool,
    contacts: again.contacts,
    deliverer: { add: () => {} } as unknown as Deliverer,
    resume: (contact, inbound, id) => again.pipeline.resume(contact, inbound, id),
    clock: Date.now,
    log,
  })
  await until(() => again.slow.length === 1)
  const repeat = again.pipeline.accept([event])
  again.takeSlow()[0]?.answer()
  await repeat
  await again.pipeline.quiet()
  assert.deepEqual(again.said(), ['re: slow one'])
  assert.equal(again.slow.length, 0)
})

test('a commit that fails accepts nothing: the platform repeats, and the conversation is as it was', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db)
  await house.write('ana', 'one')
  const event = house.words('ana', 'two')
  house.troubles.push({ on: /counter_commit/, when: 'before', times: 1 })
  await assert.rejects(house.pipeline.accept([event]))
  await house.pipeline.quiet()
  assert.deepEqual(house.said(), ['re: one (1)'])
  await house.pipeline.accept([event])
  assert.deepEqual(house.said(), ['re: one (1)', 're: two (2)'])
})

for (const [who, text] of [
  ['a person’s first words', 'one'],
  ['a question for the bank', 'slow one'],
] as const)
  test(`a commit whose answer is lost: ${who} are found in the database and answered once`, async () => {
    await using db = await freshDatabase()
    const house = await openCounter(db)
    const event = house.words('ana', text)
    house.troubles.push({ on: /counter_commit/, when: 'after', times: 1 })
    await assert.rejects(house.pipeline.accept([event]), 'the webhook is refused at once: it may be lost')
    await house.pipeline.accept([event])
    await until(() => house.said().length + house.slow.length === 1)
    house.takeSlow()[0]?.answer('re: one (1)')
    await house.pipeline.quiet()
    assert.deepEqual(house.said(), ['re: one (1)'])
    assert.equal(await count(db, 'disclosure_outbox'), 1)
    assert.equal(
      house.parcels[0]?.mustAsk,
      text === 'one',
      'it asks before it goes: a withdrawal may have come since',
    )
  })

test('a reply whose commit gave no answer is written once', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db)
  await house.write('ana', 'slow one', 'two')
  await until(() => house.slow.length === 1)
  house.troubles.push(
    { on: /counter_commit/, when: 'after', times: 1 },
    { on: /advisory/, when: 'before', times: 2 },
  )
  house.takeSlow()[0]?.answer()
  await house.pipeline.quiet()
  assert.deepEqual(house.said(), ['re: slow one', 're: two (2)'])
  assert.equal(await count(db, 'disclosure_outbox'), 2)
})

test('twin: without asking whether it was written, the same reply is written twice', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db)
  const { query } = house.pool
  await house.write('ana', 'slow one')
  await until(() => house.slow.length === 1)
  house.troubles.push({ on: /counter_commit/, when: 'after', times: 1 })
  // A database that says "not there" to everything it is asked about a message.
  const connect = house.pool.connect.bind(house.pool)
  Object.assign(house.pool, {
    query,
    connect: async () => {
      const client = await connect()
      const ask = client.query.bind(client) as (...all: unknown[]) => Promise<unknown>
      return Object.assign(client, {
        query: (text: string, ...rest: unknown[]) =>
          /select 1 as found/.test(text) ? Promise.resolve({ rows: [] }) : ask(text, ...rest),
      })
    },
  })
  house.takeSlow()[0]?.answer()
  await house.pipeline.quiet()
  await until(async () => (await count(db, 'disclosure_outbox')) > 1)
})

test('a commit that comes in late, after its writer asked and went on, is fenced out', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db)
  const event = house.words('ana', 'one')
  // The statement is lost on its way; its writer is told that it failed, asks, and goes on with a later epoch.
  house.troubles.push({ on: /counter_commit/, when: 'before', times: 1 })
  const before = await one<{ epoch: string; owner: string }>(
    db.pool,
    'select max(epoch) as epoch, max(owner) as owner from pipeline_lease',
  )
  await assert.rejects(house.pipeline.accept([event]))
  await house.pipeline.quiet()
  const after = await one<{ epoch: string }>(db.pool, 'select min(epoch) as epoch from pipeline_lease')
  assert.ok(Number(after?.epoch) > Number(before?.epoch))
  const nothing = { contacts: [], inbox: [], finished: [], threads: [], outbox: [], cards: [], settled: [] }
  const late = await commit(
    db.pool,
    { owner: before?.owner ?? '', epoch: Number(before?.epoch) },
    null,
    0,
    nothing,
  )
  assert.equal(late.status, 'fenced')
  await house.pipeline.accept([event])
  assert.deepEqual(house.said(), ['re: one (1)'])
})

test('a process whose lanes were taken accepts nothing more, and stops sending', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db)
  await house.write('ana', 'one')
  await openCounter(db)
  await assert.rejects(house.write('ana', 'two'), { code: 'fenced' })
  await assert.rejects(house.write('ana', 'three'), { code: 'not_owner' })
  assert.equal(house.fenced, 1)
  assert.deepEqual(house.said(), ['re: one (1)'])
})

test('a message decided under a grant that changed meanwhile is decided anew', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db)
  await house.write('ana', 'slow money')
  await until(() => house.slow.length === 1)
  const [contact] = (
    await house.contacts.load([
      {
        address: { channel: 'messenger', account: 'page', user: 'ana' },
        ref: house.contacts.refOf({ channel: 'messenger', account: 'page', user: 'ana' }),
      },
    ])
  ).values()
  assert.ok(contact)
  await db.pool.query(
    `insert into consent_grant (lane, contact_id, institution, grant_id, version, state, valid_until, sealed)
     values ($1, $2, 'harbor', 'grt_1', 1, 'active', now() + interval '1 day', '')`,
    [contact.ref.lane, contact.ref.contactId],
  )
  await db.pool.query('update consent_grant set version = 2')
  // What memory would read anew; the grant's own box is another test's business.
  let read = 0
  Object.assign(house.contacts, {
    money: async () => {
      read++
      contact.money = { links: [], grants: [{ version: 2 } as never] }
      return contact.money
    },
  })
  house.takeSlow()[0]?.answer('re: slow money')
  await house.pipeline.quiet()
  assert.equal(read, 1)
  assert.deepEqual(house.said(), ['re: slow money v2'])
  assert.equal(house.pipeline.counters.stale, 1)
})

test('an answer that relies on a grant that is never there ends in an apology, and holds nobody up', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db)
  Object.assign(house.contacts, { money: async () => ({ links: [], grants: [] }) })
  await house.write('ana', 'slow money')
  await until(() => house.slow.length === 1)
  house.takeSlow()[0]?.answer('re: slow money')
  await Promise.all([house.write('ana', 'and then'), house.write('ben', 'hello')])
  await until(() => house.said('ana').length === 2)
  assert.deepEqual(house.said('ana'), ['sorry', 're: and then (2)'])
  assert.deepEqual(house.said('ben'), ['re: hello (1)'])
})

test('a bug in one person’s turn or words costs that person an apology, and nobody else anything', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db)
  await Promise.all([house.write('ana', 'bug'), house.write('ben', 'one'), house.write('cleo', 'slow one')])
  await until(() => house.slow.length === 1)
  house.takeSlow()[0]?.answer('unspeakable')
  await house.pipeline.quiet()
  assert.deepEqual(
    [house.said('ana'), house.said('ben'), house.said('cleo')],
    [['sorry'], ['re: one (1)'], ['sorry']],
  )
})

test('a bank that fails is an apology in its place in the order', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db)
  await house.write('ana', 'slow one', 'two')
  await until(() => house.slow.length === 1)
  house.takeSlow()[0]?.fail()
  await house.pipeline.quiet()
  assert.deepEqual(house.said('ana'), ['sorry', 're: two (2)'])
})

test('a question whose looking-up fails because our own database is away is looked up again, not apologised for', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db)
  await house.write('ana', 'slow one')
  for (const code of ['57P01', 'ECONNREFUSED']) {
    await until(() => house.slow.length === 1)
    house.takeSlow()[0]?.fail(Object.assign(new Error('gone'), { code }))
  }
  await until(() => house.slow.length === 1)
  house.takeSlow()[0]?.answer()
  await house.pipeline.quiet()
  assert.deepEqual(house.said('ana'), ['re: slow one'])
})

test('who asked for a person and may not have been handed over is found at the next start', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db)
  await Promise.all(['ana', 'ben', 'cleo'].map((user) => house.write(user, 'a person, please')))
  const called = house.contacts.refOf({ channel: 'messenger', account: 'page', user: 'ana' })
  const passed = house.contacts.refOf({ channel: 'messenger', account: 'page', user: 'ben' })
  await db.pool.query('update conversation_thread set flags = 32 where contact_id = $1', [called.contactId])
  await db.pool.query('update conversation_thread set flags = 33 where contact_id = $1', [passed.contactId])
  const next = await openCounter(db)
  const found = await stillCalling(db.pool, next.contacts)
  assert.deepEqual(
    found.map(({ address }) => address.user),
    ['ana'],
  )
})

test('while too much waits to be sent nothing new is taken up, but what became of messages is still written', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db, { sendsOutstandingMax: 10 })
  await house.write('ana', 'one')
  const [parcel] = house.parcels
  assert.ok(parcel)
  house.outstanding = 11
  const waiting = house.write('ana', 'two')
  house.pipeline.settle({
    contact: parcel.contact,
    id: parcel.cleared.id,
    state: outboxStates.sent,
    mid: 'm',
    reason: null,
  })
  await house.pipeline.flush()
  assert.equal(await count(db, 'disclosure_outbox where state = 2'), 1)
  assert.equal(house.parcels.length, 1)
  house.outstanding = 0
  await waiting
  assert.equal(house.parcels.length, 2)
})

test('beyond its bounds the door refuses instead of growing', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db, { queueMax: 3 })
  await assert.rejects(house.write('ana', 'one', 'two', 'three', 'four'), { code: 'overloaded' })
  await house.write('ana', 'one')
})

test('turns that wait for a bank count too: a bank that hangs cannot fill our memory', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db, { queueMax: 3 })
  await house.write('ana', 'slow one', 'after it')
  await house.write('ben', 'slow two')
  await assert.rejects(house.write('cleo', 'hello'), { code: 'overloaded' })
  await until(() => house.slow.length === 2)
  for (const { answer } of house.slow) answer()
  await house.pipeline.quiet()
  await house.write('cleo', 'hello')
  assert.deepEqual(house.said('ana'), ['re: slow one', 're: after it (2)'])
})

test('stopping ends although a database that refuses keeps an answer, and what waits behind it, from being written', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db)
  await house.write('ana', 'slow one', 'after it')
  await until(() => house.slow.length === 1)
  house.troubles.push({ on: /counter_commit/, when: 'before', times: 1_000 })
  house.slow[0]?.answer()
  await until(() => house.pipeline.counters.failures > 0)
  await house.pipeline.stop()
  assert.equal(await count(db, 'conversation_inbox where state = 0'), 2)
})

test('a settlement whose commit failed is written with the next', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db)
  await house.write('ana', 'one')
  const [parcel] = house.parcels
  assert.ok(parcel)
  house.troubles.push({ on: /counter_commit/, when: 'before', times: 1 })
  const settle = (state: 2 | 5): void =>
    house.pipeline.settle({
      contact: parcel.contact,
      id: parcel.cleared.id,
      state,
      mid: state === 2 ? 'm' : null,
      reason: null,
    })
  settle(outboxStates.unknown)
  await until(() => house.pipeline.counters.failures === 1)
  settle(outboxStates.sent)
  await house.pipeline.flush()
  assert.equal(await count(db, 'disclosure_outbox where state = 2'), 1)
})

test('a start finds unsettled messages in the order in which they were cleared, and marks what may have been sent', async () => {
  await using db = await freshDatabase()
  const house = await openCounter(db)
  for (let n = 0; n < 3; n++) await house.write('ana', 'a', 'b', 'c', 'd')
  const next = await openCounter(db)
  const found: Parcel[] = []
  const state = await recover({
    pool: db.pool,
    contacts: next.contacts,
    deliverer: { add: (parcels: readonly Parcel[]) => void found.push(...parcels) } as unknown as Deliverer,
    resume: () => assert.fail('nothing waits'),
    clock: Date.now,
    log,
  })
  assert.deepEqual(
    found.map(({ cleared }) => cleared.body),
    house.said(),
  )
  assert.ok(found.every(({ inDoubtSince, mustAsk }) => inDoubtSince !== null && mustAsk))
  assert.equal(state.inDoubt, 12)
  assert.equal(await count(db, 'disclosure_outbox where state = 5'), 12)
})
