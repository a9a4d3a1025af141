import assert from 'node:assert/strict'
import { test } from 'node:test'
import { check } from './crash/check.ts'
import { openOwnPostgres } from './crash/postgres.ts'
import { openRig } from './crash/rig.ts'
import { newSeed, runs } from './crash/runs.ts'
import { freshDatabase } from './database.ts'

const gatewayKills = Math.ceil(runs * 0.12)
const databaseKills = Math.max(1, Math.ceil(runs * 0.06))

test(`the database killed ${databaseKills} times and the gateway ${gatewayKills} times: everything is answered, once, in order, as logged`, async (t) => {
  const seed = newSeed()
  t.diagnostic(`seed ${seed}`)
  await using database = await openOwnPostgres()
  await using rig = await openRig({
    seed,
    database,
    people: 40,
    linked: 10,
    perSecond: 20,
    unknownWaitMs: 6_000,
    faults: 0.2,
    platform: { echoDelayMs: [0, 300] },
  })
  rig.startTraffic()
  // The keeper starts a database again at most five times a minute: it would otherwise hide one that cannot run.
  let done = 0
  const killing = (async () => {
    for (; done < databaseKills; done++) {
      await new Promise((resolve) => setTimeout(resolve, 12_500))
      assert.ok(database.kill() > 3, 'a postmaster and its children')
    }
  })()
  for (let n = 0; n < gatewayKills || done < databaseKills; n++) {
    // Most database kills shall find a gateway that outlives them.
    const living = n % 2 === 0 || rig.counts.kills >= gatewayKills
    await rig.runAndKill(living ? { kind: 'running', afterMs: 4_000 + rig.random.next() * 4_000 } : undefined)
  }
  await killing
  const evidence = await rig.finish()
  const faults = check(evidence)
  const { kills, written, accepted } = rig.counts
  t.diagnostic(
    `${databaseKills} database kills, ${kills} gateway kills, ${written} messages, ${accepted} replies`,
  )
  assert.equal(
    faults
      .slice(0, 12)
      .map(({ kind, says }) => `${kind}: ${says}`)
      .join('\n'),
    '',
  )
})

test('twin: where the platform tells no echoes, and what is in doubt is sent again at once, people get replies twice', async (t) => {
  const seed = newSeed()
  t.diagnostic(`seed ${seed}`)
  await using database = await freshDatabase({ poolMax: 4 })
  await using rig = await openRig({
    seed,
    database,
    people: 20,
    linked: 5,
    perSecond: 20,
    unknownWaitMs: 1_000,
    faults: 0,
    platform: { echoes: false },
  })
  rig.startTraffic()
  for (let n = 0; n < 6; n++) await rig.runAndKill({ kind: 'send taken', nth: 5 + n })
  const faults = check(await rig.finish())
  const twice = faults.filter(({ kind }) => kind === 'duplicate')
  t.diagnostic(`${rig.counts.kills} kills, ${twice.length} duplicates found`)
  assert.ok(twice.length > 0, 'the checker must find duplicates')
})
