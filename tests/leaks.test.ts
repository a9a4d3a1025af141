import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Accepted } from '../sandbox/platform/world.ts'
import type { Address } from '../src/channel/channel.ts'
import { newId } from '../src/core/id.ts'
import { many } from '../src/core/sql.ts'
import { asCleared } from '../src/disclosure/clear.ts'
import type { Policy } from '../src/disclosure/policy.ts'
import { openTestHouse, pageId } from './house.ts'
import { audit, contactOf, type Audit } from './leaks/audit.ts'
import { openMint, type Canary, type CanaryCustomer } from './leaks/canary.ts'
import { converse, type Run } from './leaks/conversations.ts'
import { openSearch } from './leaks/search.ts'

/** Moonshots 1 and 2: nothing of a customer reaches the platform that the log does not account for, and nothing else is sent. */
const seed = Number(process.env['GUICHET_SEED'] ?? randomInt(2 ** 31))
const conversations = Number(process.env['GUICHET_CONVERSATIONS'] ?? 1_000)

describe(`${conversations} generated conversations, GUICHET_SEED=${seed}`, () => {
  let run: Run
  let done: Audit
  before(async () => {
    run = await converse({ seed, conversations, trouble: true })
    done = await audit(run.house, run.knowledge)
  })
  after(() => run?.[Symbol.asyncDispose]())

  test('every canary that reached the platform is answered for, and every message is the very bytes of one log entry', (t) => {
    t.diagnostic(
      `${done.messages} messages, ${done.entries} log entries, ${done.hits} canaries found (${done.ownWords} of them the customers' own words), ${run.bank.counts.requests} bank requests (${run.bank.counts.troubled} in trouble)`,
    )
    assert.deepEqual(done.unaccounted, [])
  })

  test('and the conversations were worth it: figures were told, bands, masks and refusals too, and everything happened that can', () => {
    // Six hundred are usual for a thousand; how many a seed brings depends on the policies it draws.
    assert.ok(done.hits >= conversations / 8, `only ${done.hits} canaries were told at all`)
    assert.ok(done.messages >= conversations * 4, `only ${done.messages} messages`)
    for (const kind of [
      'ask',
      'once',
      'withdraw',
      'narrow',
      'change',
      'freeze',
      'bank-ends',
      'forged',
      'hide',
      'unlink',
    ])
      assert.ok((run.acts.get(kind) ?? 0) > conversations / 100, kind)
    assert.ok(run.bank.counts.troubled > 0)
    assert.ok(run.knowledge.erased.size > 0)
  })

  test('the program’s own log and its metrics hold no canary', async () => {
    assert.ok(run.house.log.length > 0)
    for (const line of run.house.log) assert.deepEqual(signs(run, line), [], line)
    const metrics = await (await fetch(`${run.house.url}/metrics`)).text()
    assert.match(metrics, /guichet_/)
    // What the machine says of itself (bytes, seconds) may be any figure by chance.
    for (const line of metrics.split('\n').filter((one) => !/^(guichet_)?(process|nodejs)_/.test(one)))
      assert.deepEqual(signs(run, line), [], line)
  })

  test('at rest everything personal is sealed: no canary in any column of any table', async () => {
    const columns = await many<{ name: string; column: string; type: string }>(
      run.house.db,
      `select format('%I.%I', table_schema, table_name) as name, format('%I', column_name) as column, data_type as type
         from information_schema.columns join information_schema.tables using (table_schema, table_name)
        where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema') and data_type <> all ($1)`,
      // Our own counters and clocks.
      [['smallint', 'integer', 'bigint', 'boolean', 'timestamp with time zone']],
    )
    assert.ok(columns.length > 40)
    let values = 0
    for (const { name, column, type } of columns) {
      const bytes = type === 'bytea'
      for (const { value } of await many<{ value: Buffer | string | null }>(
        run.house.db,
        `select ${column}${bytes ? '' : '::text'} as value from ${name}`,
      )) {
        if (value === null) continue
        values++
        const found =
          typeof value === 'string'
            ? signs(run, value)
            : [...run.knowledge.search.findInBytes(withoutMacs(value))].map(({ what }) => what)
        assert.deepEqual(found, [], `in ${name}.${column}`)
      }
    }
    assert.ok(values > conversations * 30, `only ${values} values`)
  })

  test('twin: what is sent past the gate is found within one reckoning', async () => {
    const customer = [...run.knowledge.customers].find(([psid]) => !run.knowledge.erased.has(psid))
    assert.ok(customer)
    const [psid, [owner]] = customer
    const contact = await contactOf(run.house, psid)
    assert.ok(owner && contact)
    run.house.platform.sendText(psid, 'thanks')
    await run.house.settle()
    const to: Address = { channel: 'messenger', account: pageId, user: psid }
    const smuggle = async (id: string, text: string): Promise<string[]> => {
      const body = JSON.stringify({
        recipient: { id: psid },
        messaging_type: 'RESPONSE',
        message: { text, metadata: id },
      })
      run.house.engine.deliverer.add([
        {
          cleared: asCleared({ id, to, body }),
          contact: contact.ref,
          priority: 1,
          attempts: 1,
          inDoubtSince: null,
          mustAsk: false,
        },
      ])
      await run.house.settle()
      const found = await audit(run.house, run.knowledge)
      const fresh = found.unaccounted.filter((say) => !known.has(say))
      for (const say of fresh) known.add(say)
      return fresh
    }
    const known = new Set(done.unaccounted)
    const bare = await smuggle(newId('msg', run.house.clock.now()), 'Have a nice day.')
    assert.ok(
      bare.some((say) => say.includes('no log entry')),
      bare.join('\n'),
    )
    const gossip = await smuggle(
      newId('msg', run.house.clock.now()),
      `Name: ${owner.name}, account ${owner.accounts[0]?.number}`,
    )
    assert.ok(
      gossip.some((say) => say.includes('account number')) && gossip.some((say) => /: name .+ of /.test(say)),
      gossip.join('\n'),
    )
    // Under an id that the log knows, with other words.
    const logged = await many<{ message_id: string }>(
      run.house.db,
      'select message_id from disclosure_outbox where contact_id = $1 order by message_id desc limit 1',
      [contact.ref.contactId],
    )
    const other = await smuggle(logged[0]?.message_id ?? '', 'Other words under a logged id.')
    assert.ok(
      other.some((say) => say.includes('not the bytes that were logged')),
      other.join('\n'),
    )
  })
})

test('named people, linked through the pages, at the sandbox’s own banks: their canaries are answered for too', async (t) => {
  const mint = openMint(seed)
  const told: Canary[] = []
  const customers = new Map<string, CanaryCustomer[]>()
  const policies = new Map(
    (['harbor', 'granite', 'erable', 'thistle'] as const).map((bank) => [
      bank as string,
      JSON.parse(readFileSync(join(import.meta.dirname, '..', 'policies', `${bank}.json`), 'utf8')) as Policy,
    ]),
  )
  await using house = await openTestHouse({ unknownWaitMs: 3_000 })
  const accepted: Accepted[] = []
  house.platform.onAccepted((one) => accepted.push(one))
  const onceTaps = new Map<string, number>()
  const wrote = new Map<string, string>()
  for (const [name, bank] of [
    ['ana', 'harbor'],
    ['ben', 'granite'],
    ['chloe', 'erable'],
    ['davina', 'thistle'],
    ['elena', 'harbor'],
  ] as const) {
    const person = house.person(name)
    const id = `${bank}/${name}`
    customers.set(person.psid, [{ id, institution: bank, token: '', name, accounts: [] }])
    const words: string[] = []
    for (let i = 0; i < 6; i++) {
      const [word, memo] = [mint.word(), mint.word()]
      const drawn = mint.whole(1_000_97, 99_000_000)
      const minor = drawn - (drawn % 97) + 1
      words.push(word)
      for (const [what, sign, ...fields] of [
        ['merchant', word, 'transaction.merchant'],
        ['memo', memo, 'transaction.memo'],
        ['amount', String(minor), 'transaction.amount', 'spending.total'],
      ] as const)
        told.push({ customer: id, institution: bank, accountId: null, fields, sign, what })
      await house.banks[bank].purchase({
        person: name,
        amount: `${Math.floor(minor / 100)}.${String(minor % 100).padStart(2, '0')}`,
        merchant: `${word} Shop`,
        memo,
        account: i % 2 ? 'card' : 'checking',
        postAfterSeconds: i % 3 ? 0 : 600,
      })
    }
    // Money to a person: a UK bank has payee and reference in one text, which people wrote and no shop did.
    for (let i = 0; i < 2; i++) {
      const [payee, memo] = [mint.word(), mint.word()]
      for (const [what, sign, field] of [
        ['payee', payee, bank === 'thistle' ? 'transaction.memo' : 'transaction.merchant'],
        ['memo', memo, 'transaction.memo'],
      ] as const)
        told.push({ customer: id, institution: bank, accountId: null, fields: [field], sign, what })
      await house.banks[bank].payment({ person: name, amount: `-${31 + i}.50`, counterparty: payee, memo })
    }
    await person.link({
      bank,
      choices: mint.random.pick([
        {},
        { balance: 'say', transactions: 'say', insights: 'say' },
        { transactions: 'say' },
      ] as const),
    })
    for (const question of [
      'balance',
      'last 10 transactions',
      `how much did I spend at ${words[0]} this week`,
      'what did I spend this month',
      `payments at ${words[1]}`,
      'ballance',
      'help',
    ]) {
      wrote.set(person.psid, `${wrote.get(person.psid) ?? ''} ${question}`)
      const replies = await person.say(question)
      if (!replies.some(({ buttons }) => buttons.includes('Show here, this once'))) continue
      onceTaps.set(person.psid, (onceTaps.get(person.psid) ?? 0) + 1)
      await person.tap('Show here, this once')
    }
    await person.say('hide')
    await person.say('last 5 transactions')
    await person.say('unlink my account')
    await person.say('balance')
  }
  const search = openSearch(told)
  const { hits, messages, unaccounted } = await audit(house, {
    search,
    customers,
    policies,
    wrote,
    onceTaps,
    takenBack: [],
    frozen: new Map(),
    erased: new Map(),
    accepted,
  })
  t.diagnostic(`${messages} messages, ${hits} canaries`)
  assert.deepEqual(unaccounted, [])
  assert.ok(hits > 20, `only ${hits} canaries were told`)
  for (const line of house.log) assert.equal(search.find(line, 3).size, 0, line)
})

test('twin: with the gate off the same search finds thousands', async (t) => {
  const child = spawn(
    process.execPath,
    [
      '--import',
      join(import.meta.dirname, 'leaks', 'gate-off.ts'),
      join(import.meta.dirname, 'leaks', 'twin.ts'),
      String(seed),
      '400',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let out = ''
  let trouble = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (trouble = (trouble + chunk.toString()).slice(-4_000)))
  const status = await new Promise((resolve) => child.once('close', resolve))
  assert.equal(status, 0, trouble)
  const found = JSON.parse(out) as { messages: number; hits: number; unaccounted: number }
  t.diagnostic(`${found.messages} messages, ${found.hits} canaries, ${found.unaccounted} unaccounted`)
  assert.ok(found.unaccounted >= 2_000, out)
})

/**
 * Bytes without the keyed hashes in them: 64 random hex digits each, and so many in a log that now and then some of them
 * spell a nine-digit figure by chance.
 */
const withoutMacs = (bytes: Buffer): Buffer =>
  Buffer.from(bytes.toString('latin1').replace(/[0-9a-f]{64}/g, ' '), 'latin1')

const signs = ({ knowledge }: Run, text: string): string[] =>
  [...knowledge.search.find(text, 3)].map(({ what }) => what)
