import { benchCommit, type CommitRates } from './commit.ts'
import type { DatabaseServer, ServerKind } from './rig/database.ts'
import { cpuTotal, measure, type Measured, median, type Subject, type Traffic } from './rig/measure.ts'
import { seedCustomers } from './rig/seed.ts'
import { eachServer, makeHouse, openStage, peersReady, type Times } from './rig/stage.ts'
import { type Bar, figure, type Result, type Row, type Section } from './report.ts'

/** Linked customers, a multiple of the load's connections so that each keeps to its own. */
const customers = 9_984
const help: Traffic = { text: 'help', first: 0, customers }

export type Rounds = { readonly full: Measured[]; readonly half: Measured[] }

/**
 * `help`, the whole pipeline without a bank read, against Bottender and a bare node:http echo: round by round in turns,
 * so that a busy moment of the machine meets everyone, and ratios of one round are of one moment.
 */
export async function benchTurns(
  kinds: readonly ServerKind[],
  times: Times,
  say: (text: string) => void,
): Promise<Result> {
  const withPeers = peersReady(say)
  const sections: Section[] = []
  const measured: Record<string, unknown> = {}
  await eachServer(kinds, say, async (server) => {
    say(`turns on ${server.kind} PostgreSQL ${server.version}`)
    const found = await onOne(server, times, withPeers)
    await using alone = await server.fresh()
    const limits = await benchCommit(alone.pool, server.postmaster, times.quick ? 1 : 2)
    sections.push(sectionOf(server, found, limits))
    measured[server.kind] = {
      postgres: server.version,
      fsyncPerSecond: server.fsyncPerSecond,
      databaseAlone: limits,
      ...found,
    }
  })
  return { name: 'turns', sections, measured }
}

async function onOne(
  server: DatabaseServer,
  times: Times,
  withPeers: boolean,
): Promise<Record<string, Rounds>> {
  await using stage = await openStage()
  await using database = await server.fresh()
  using house = makeHouse()
  await seedCustomers(database, house, { from: 0, to: customers })
  const subjects: Subject[] = [await stage.peer('bare')]
  if (withPeers) subjects.push(await stage.peer('bottender'))
  const { subject, gateway } = await stage.gateway({ server, database, house, bankUrl: null })
  subjects.push(subject)
  const found = await inRounds(stage, subjects, help, times)
  await gateway[Symbol.asyncDispose]()
  return found
}

/** Measures everyone in turns: as fast as they can, then at half of what they reached. */
export async function inRounds(
  stage: Awaited<ReturnType<typeof openStage>>,
  subjects: readonly Subject[],
  traffic: Traffic,
  times: Times,
): Promise<Record<string, Rounds>> {
  const found = Object.fromEntries(subjects.map(({ name }) => [name, { full: [], half: [] } as Rounds]))
  for (const subject of subjects) await stage.warm(subject, traffic, times)
  const { seconds } = times
  for (let round = 0; round < times.rounds; round++)
    for (const subject of subjects)
      found[subject.name]?.full.push(await measure(stage, subject, traffic, { warm: 1, seconds, rate: null }))
  for (let round = 0; round < times.rounds; round++)
    for (const subject of subjects) {
      const rates = found[subject.name]?.full.map(({ perSecond }) => perSecond) ?? []
      const rate = median(rates) / 2
      found[subject.name]?.half.push(await measure(stage, subject, traffic, { warm: 1, seconds, rate }))
    }
  return found
}

/** Medians of one subject as a row. */
export function rowOf(name: string, { full, half }: Rounds): Row {
  const of = (rounds: readonly Measured[], get: (one: Measured) => number) => median(rounds.map(get))
  return {
    '': name,
    'turns/s': Math.round(of(full, ({ perSecond }) => perSecond)),
    'CPU µs/turn': of(full, cpuTotal),
    'of it database': of(full, ({ cpuMicros }) => cpuMicros?.database ?? Number.NaN),
    'half load/s': Math.round(of(half, ({ perSecond }) => perSecond)),
    'reply p50 ms': of(half, ({ reply }) => reply.p50),
    'p99 ms': of(half, ({ reply }) => reply.p99),
    'ack p99 ms': of(half, ({ ack }) => ack.p99),
    lost: full.concat(half).reduce((sum, { lost }) => sum + lost, 0),
    twice: full.concat(half).reduce((sum, { twice }) => sum + twice, 0),
  }
}

/** The ratio of two subjects, as the median of the rounds' own ratios. */
export const ratio = (
  above: readonly Measured[],
  below: readonly Measured[],
  get: (one: Measured) => number,
): number => median(above.map((one, round) => get(one) / get(below[round] as Measured)))

export function integrityBars(rounds: Rounds): Bar[] {
  const all = rounds.full.concat(rounds.half)
  return [
    {
      what: 'acknowledged events without their one reply',
      reached: all.reduce((sum, { lost, twice }) => sum + lost + twice, 0),
      bar: 0,
      is: 'most',
      unit: '',
    },
  ]
}

export const idleNote = (rounds: readonly Measured[]): string =>
  `machine idle while measuring: ${figure(median(rounds.map(({ idle }) => idle)) * 100)} % (load, platform and everyone else included)`

function sectionOf(server: DatabaseServer, found: Record<string, Rounds>, limits: CommitRates): Section {
  const { guichet, bare, bottender } = found as { guichet: Rounds; bare: Rounds; bottender?: Rounds }
  const rate = ({ perSecond }: Measured) => perSecond
  const bars: Bar[] = []
  if (bottender)
    bars.push({
      what: '`help` turns/s against Bottender',
      reached: ratio(guichet.full, bottender.full, rate),
      bar: 5,
      is: 'least',
      unit: '×',
    })
  bars.push(
    {
      what: 'CPU a turn (gateway + database) against a bare node:http echo',
      reached: ratio(guichet.full, bare.full, cpuTotal),
      bar: 2.2,
      is: 'most',
      unit: '×',
    },
    {
      what: 'reply p99 at half load',
      reached: median(guichet.half.map(({ reply }) => reply.p99)),
      bar: 25,
      is: 'most',
      unit: ' ms',
    },
    ...integrityBars(guichet),
  )
  return {
    title: `help turns, ${server.kind} PostgreSQL ${server.version}: webhook in → reply accepted; durable, cleared, logged`,
    rows: Object.entries(found).map(([name, rounds]) => rowOf(name, rounds)),
    bars,
    notes: [
      ...(bottender
        ? [`CPU a turn against Bottender: ${figure(ratio(guichet.full, bottender.full, cpuTotal))}×`]
        : []),
      `the same database alone: ${figure(limits.oneRow['8'])} one-row commits/s (8 clients), ${figure(limits.rowsOf200)} rows/s in commits of 200, ${figure(limits.turns['200'].perSecond)} turns/s through counter_commit`,
      `of these the whole turn reaches ${figure(median(guichet.full.map(rate)) / limits.oneRow['8'])}×, ${figure(median(guichet.full.map(rate)) / limits.rowsOf200)}× and ${figure(median(guichet.full.map(rate)) / limits.turns['200'].perSecond)}×`,
      idleNote(guichet.full),
    ],
  }
}
