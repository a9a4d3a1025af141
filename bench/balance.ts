import { join } from 'node:path'
import { startChild } from './rig/child.ts'
import type { Seeding } from './rig/customers.ts'
import type { ServerKind } from './rig/database.ts'
import { type Measured, median, type Traffic } from './rig/measure.ts'
import { seedCustomers } from './rig/seed.ts'
import { eachServer, makeHouse, openStage, peersReady, type Times } from './rig/stage.ts'
import { idleNote, inRounds, integrityBars, ratio, type Rounds, rowOf } from './turns.ts'
import type { Bar, Result, Section } from './report.ts'

const customers = 2_048
/** Real linkings at the bank that these customers share: each walks the bank's login once. */
const linkings = 64

/**
 * `balance`, the whole turn: the event is committed, the bank's FDX API is read (accounts and balances, DPoP-bound), the
 * gate decides and words it, the reply is committed with its log entry and sent. The bank is the sandbox's, in a process
 * of its own on the same two cores; its CPU time is not the gateway's.
 */
export async function benchBalance(
  kinds: readonly ServerKind[],
  times: Times,
  say: (text: string) => void,
): Promise<Result> {
  const withPeers = peersReady(say)
  const sections: Section[] = []
  const measured: Record<string, unknown> = {}
  await eachServer(kinds, say, async (server) => {
    say(`balance on ${server.kind} PostgreSQL ${server.version}`)
    await using stage = await openStage()
    await using database = await server.fresh()
    using house = makeHouse()
    const bank = stage.stack.use(await startChild(join(import.meta.dirname, 'rig', 'bank.ts')))
    const clientKeys = house.clientKeys.keys
    const bankUrl = await bank.ask<string>('open', { clientKeys })
    const tokens = await bank.ask<Seeding['tokens']>('link', { many: linkings, clientKeys })
    await seedCustomers(database, house, { from: 0, to: customers, tokens })
    const { subject, gateway } = await stage.gateway({ server, database, house, bankUrl })
    const subjects = withPeers ? [await stage.peer('bottender'), subject] : [subject]
    // The bank's answer takes longer than our acknowledgement: a connection asks again when it has its reply, or the
    // load would be a queue that only grows.
    const ask: Traffic = { text: 'balance', first: 0, customers, repliesFrom: stage.platformPort }
    const found = await inRounds(stage, subjects, ask, { ...times, warmTurns: times.warmTurns / 4 })
    const last = decodeURIComponent(await stage.simulator.ask<string>('last'))
    if (!/\$[\d,]+\.\d\d/.test(last)) throw new Error(`no figure in the last reply: ${last.slice(0, 400)}`)
    await gateway[Symbol.asyncDispose]()

    const { guichet, bottender } = found as { guichet: Rounds; bottender?: Rounds }
    const bars: Bar[] = []
    if (bottender)
      bars.push({
        what: '`balance` turns/s with a live FDX read against Bottender echoing',
        reached: ratio(guichet.full, bottender.full, ({ perSecond }: Measured) => perSecond),
        bar: 1,
        is: 'least',
        unit: '×',
      })
    bars.push(
      {
        what: 'reply p99 at half load',
        reached: median(guichet.half.map(({ reply }) => reply.p99)),
        bar: 60,
        is: 'most',
        unit: ' ms',
      },
      ...integrityBars(guichet),
    )
    sections.push({
      title: `balance turns, ${server.kind} PostgreSQL ${server.version}: with a live read of accounts and balances`,
      rows: Object.entries(found).map(([name, rounds]) => rowOf(name, rounds)),
      bars,
      notes: [idleNote(guichet.full)],
    })
    measured[server.kind] = { postgres: server.version, ...found }
  })
  return { name: 'balance', sections, measured }
}
