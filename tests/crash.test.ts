import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { check, type Evidence, type Fault } from './crash/check.ts'
import { openRig } from './crash/rig.ts'
import { newSeed, runs } from './crash/runs.ts'
import { freshDatabase } from './database.ts'

/*
 * kill -9 of a real gateway at any moment, under traffic, with a platform that fails in every way it can; then people,
 * platform, database and log are held against each other, one to one. With a database that is killed too: see
 * crash-database.test.ts.
 */
const rigs = 3
/** The other fifth is done beside a database that dies as well. */
const killsEach = Math.ceil((runs * 0.88) / rigs)

/** On a machine that is too busy for all kills, fewer are made, and the line below says how many. */
const budgetMs = 200_000

const shown = (faults: readonly Fault[]): string =>
  faults
    .slice(0, 12)
    .map(({ kind, says }) => `${kind}: ${says}`)
    .join('\n')

describe('kill -9 of the gateway', { concurrency: rigs }, () => {
  for (let rig = 1; rig <= rigs; rig++)
    test(`killed ${killsEach} times at any moment: everything is answered, once, in order, as logged (${rig} of ${rigs})`, async (t) => {
      const evidence = await run(newSeed(), (line) => t.diagnostic(line))
      assert.equal(shown(check(evidence)), '')
      if (rig === 1)
        for (const [name, expected, mutated] of mutations(evidence)) objects(name, expected, mutated)
    })
})

async function run(seed: number, say: (line: string) => void): Promise<Evidence> {
  say(`seed ${seed}`)
  await using database = await freshDatabase({ poolMax: 4 })
  await using rig = await openRig({
    seed,
    database,
    people: 40,
    linked: 10,
    perSecond: 20,
    unknownWaitMs: 4_000,
    faults: 0.25,
    platform: { echoDelayMs: [0, 300] },
  })
  rig.startTraffic()
  const starts: number[] = []
  const until = performance.now() + budgetMs
  while (rig.counts.kills < killsEach && performance.now() < until) {
    // The platform asks to slow down now and then: nothing is sent for ten seconds, or until the next start.
    if (rig.random.next() < 0.05) rig.control.fault({ kind: '429', count: 1 })
    const ready = await rig.runAndKill()
    if (ready !== null) starts.push(ready)
    assert.ok(rig.counts.endedBySelf === 0, 'the gateway never ends by itself')
  }
  const evidence = await rig.finish()
  const { kills, written, accepted } = rig.counts
  const median = Math.round(starts.sort((a, b) => a - b)[starts.length >> 1] ?? 0)
  const { webhooks, refused } = rig.control.counters()
  say(
    `${kills} kills, ${written} messages, ${accepted} replies, ${refused} sends refused, ${webhooks.retries} webhooks repeated, ${webhooks.doubled} doubled; ready after ${median} ms (median)`,
  )
  return evidence
}

/** The checker must object to each of these: it would be worth nothing if it could not. */
function* mutations(clean: Evidence): Generator<readonly [string, Fault['kind'], Evidence]> {
  const accepted = clean.accepted.slice()
  const some = accepted[accepted.length >> 1] ?? assert.fail('something was sent')
  const row = clean.outbox.find(({ id }) => id === some.metadata) ?? assert.fail('and has a row')
  const rowsBut = (change: object): Evidence['outbox'] =>
    clean.outbox.map((one) => (one === row ? { ...one, ...change } : one))
  const [asked] = clean.inbox
  assert.ok(asked)
  yield ['a reply twice', 'duplicate', { ...clean, accepted: [...accepted, some] }]
  yield [
    'a reply twice under two ids',
    'duplicate',
    { ...clean, accepted: [...accepted, { ...some, mid: 'm_x', metadata: 'msg_x' }] },
  ]
  yield [
    'a reply missing',
    'missing or out of order',
    { ...clean, accepted: accepted.filter((one) => one !== some) },
  ]
  yield [
    'sent, and said to be sent by nobody',
    'logged as sent but not sent',
    { ...clean, accepted: accepted.filter((one) => one !== some) },
  ]
  yield [
    'sent without a row',
    'sent but not logged',
    { ...clean, outbox: clean.outbox.filter((one) => one !== row) },
  ]
  yield ['sent, and called cancelled', 'sent but not logged', { ...clean, outbox: rowsBut({ state: 3 }) }]
  yield ['never settled', 'not settled', { ...clean, outbox: rowsBut({ state: 5 }) }]
  yield [
    'known by another message id',
    'sent but not logged',
    { ...clean, outbox: rowsBut({ mid: 'm_other' }) },
  ]
  yield [
    'other words than were logged',
    'sent but not logged',
    {
      ...clean,
      accepted: accepted.map((one) => (one === some ? { ...one, message: { text: 'other words' } } : one)),
    },
  ]
  yield ['an opening that does not open', 'log', { ...clean, outbox: rowsBut({ salt: Buffer.alloc(32) }) }]
  yield ['no entry in the log', 'sent but not logged', { ...clean, outbox: rowsBut({ entry: null }) }]
  yield ['an entry of nothing', 'log', { ...clean, logged: [...clean.logged, 'ff'] }]
  yield ['a message lost', 'lost', { ...clean, inbox: clean.inbox.slice(1) }]
  yield ['a message taken twice', 'accepted twice', { ...clean, inbox: [...clean.inbox, asked] }]
  yield [
    'a message left unanswered',
    'not answered',
    { ...clean, inbox: [{ ...asked, state: 0 }, ...clean.inbox.slice(1)] },
  ]
  yield ['a webhook unanswered', 'unanswered webhook', { ...clean, unanswered: 1 }]
  const swapped = swapTwo(accepted)
  yield ['two replies in the wrong order', 'missing or out of order', { ...clean, accepted: swapped }]
}

/** Two neighbouring replies to one person that say different things, the later first. */
function swapTwo(accepted: Evidence['accepted']): Evidence['accepted'] {
  for (const [at, first] of accepted.entries()) {
    const next = accepted.findIndex((one, index) => index > at && one.psid === first.psid)
    const second = accepted[next]
    if (!second || JSON.stringify(first.message).slice(0, 30) === JSON.stringify(second.message).slice(0, 30))
      continue
    return accepted.map((one) => (one === first ? second : one === second ? first : one))
  }
  return assert.fail('two replies differ')
}

function objects(name: string, expected: Fault['kind'], mutated: Evidence): void {
  const kinds = check(mutated).map(({ kind }) => kind)
  assert.ok(
    kinds.includes(expected),
    `the checker must object to: ${name} (it said: ${kinds.slice(0, 5).join(', ')})`,
  )
}
