import type { ServerKind } from './rig/database.ts'
import { connections, cpuTotal, measure, type Measured, median, type Traffic } from './rig/measure.ts'
import { seedCustomers } from './rig/seed.ts'
import { eachServer, makeHouse, openStage, type Times } from './rig/stage.ts'
import { figure, type Result, type Section } from './report.ts'

/** People who speak in a measurement; the rest of the customers are only there. */
const speaking = 9_984
/** People who speak only to warm the gateway up: no measured customer was seen before. */
const warming = 2_048

/**
 * The cost of the same turn with few and with many linked customers. Two ways of speaking, each by the same number of
 * people drawn evenly from all:
 * - first: everyone speaks once, so each turn loads the customer's rows and unwraps the customer's key;
 * - again: the same people speak on, as people in a conversation do.
 */
export async function benchCustomers(
  kinds: readonly ServerKind[],
  times: Times,
  say: (text: string) => void,
): Promise<Result> {
  const few = 10_000
  const rounds = times.quick ? 1 : times.rounds
  const many = times.quick ? 100_000 : 1_000_000
  const sections: Section[] = []
  const measured: Record<string, unknown> = {}
  await eachServer(kinds, say, async (server) => {
    await using stage = await openStage()
    await using database = await server.fresh()
    using house = makeHouse()
    const sizes: { customers: number; first: Measured[]; again: Measured[] }[] = []
    // Beyond everybody's numbers, so that they are never drawn.
    const warmFrom = many + connections
    await seedCustomers(database, house, { from: warmFrom, to: warmFrom + warming })
    let made = 0
    for (const size of [few, many]) {
      say(
        `customers on ${server.kind} PostgreSQL ${server.version}: making ${figure(size - made)} linked customers`,
      )
      const seconds = await seedCustomers(database, house, { from: made, to: size })
      say(`  made in ${figure(seconds)} s`)
      made = size
      const first: Measured[] = []
      const again: Measured[] = []
      for (let round = 0; round < rounds; round++) {
        // A gateway that has seen nobody yet.
        const { subject, gateway } = await stage.gateway({ server, database, house, bankUrl: null })
        await stage.warm(subject, { text: 'help', first: warmFrom, customers: warming }, times)
        const drawn = size - (size % connections)
        const stride = Math.max(1, Math.floor(drawn / speaking))
        const everyone: Traffic = {
          text: 'help',
          first: 0,
          customers: drawn,
          stride: oddStride(stride, drawn),
        }
        const once = { ...everyone, events: speaking, speakers: speaking }
        first.push(await measure(stage, subject, once, { warm: 0, seconds: 30, rate: null }))
        const on = { ...everyone, speakers: speaking }
        again.push(await measure(stage, subject, on, { warm: 0.5, seconds: times.seconds, rate: null }))
        await gateway[Symbol.asyncDispose]()
      }
      sizes.push({ customers: size, first, again })
    }
    const [a, b] = sizes
    if (!a || !b) return
    const cost = (rounds: readonly Measured[]) => median(rounds.map(cpuTotal))
    const rate = (rounds: readonly Measured[]) => median(rounds.map(({ perSecond }) => perSecond))
    const lost = (rounds: readonly Measured[]) => rounds.reduce((sum, one) => sum + one.lost + one.twice, 0)
    sections.push({
      title: `cost of a turn as customers grow, ${server.kind} PostgreSQL ${server.version}`,
      rows: sizes.map(({ customers, first, again }) => ({
        'linked customers': figure(customers),
        'first turn: CPU µs': cost(first),
        'turns/s': Math.round(rate(first)),
        'later turns: CPU µs': cost(again),
        'turns/s ': Math.round(rate(again)),
        'lost or twice': lost([...first, ...again]),
      })),
      bars: [
        {
          what: `CPU of a customer's first turn, ${figure(b.customers)} against ${figure(a.customers)} customers`,
          reached: cost(b.first) / cost(a.first),
          bar: 1.15,
          is: 'most',
          unit: '×',
        },
        {
          what: `CPU of later turns, ${figure(b.customers)} against ${figure(a.customers)} customers`,
          reached: cost(b.again) / cost(a.again),
          bar: 1.15,
          is: 'most',
          unit: '×',
        },
      ],
    })
    measured[server.kind] = { postgres: server.version, sizes }
  })
  return { name: 'customers', sections, measured }
}

/** A stride near this one that shares no factor with the number of customers, so that nobody is drawn twice too early. */
function oddStride(stride: number, customers: number): number {
  const common = (a: number, b: number): number => (b === 0 ? a : common(b, a % b))
  let next = stride
  while (common(next, customers) !== 1) next++
  return next
}
