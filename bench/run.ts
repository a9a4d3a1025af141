import { benchBalance } from './balance.ts'
import { benchCommit } from './commit.ts'
import { benchCustomers } from './customers.ts'
import { benchDecide } from './decide.ts'
import { type Bar, figure, figures, met, print, type Result, save, type Section } from './report.ts'
import { stopShared } from '../src/core/db/embedded.ts'
import { benchDir, type ServerKind } from './rig/database.ts'
import { eachServer, quickTimes, type Times, usualTimes } from './rig/stage.ts'
import { benchTlog } from './tlog.ts'
import { benchTurns } from './turns.ts'
import { benchUnderstanding } from './understanding.ts'

const help = `npm run bench [-- NAME …] [-- --quick] [--json] [--no-save] [--embedded | --server]

  turns      help turns against Bottender and a bare echo: rate, CPU, latency at half load
  balance    full balance turns with a live FDX read
  customers  the same turn with 10⁴ and 10⁶ linked customers
  tlog       durable leaves of the disclosure log a second
  decide     decisions of the gate a second
  understanding  reading a sentence: latency, memory, cold start
  commit     what this database commits when nothing else is in the way
  all        everything (the default)

  --quick      shorter, fewer rounds, 10⁵ customers, on the embedded database unless --server
  --embedded   on the embedded database alone        --server   on a server alone
  --no-save    leaves bench/results alone            --json     prints the results as JSON

GUICHET_BENCH_DATABASE_URL names a PostgreSQL server (its databases bench_… are made and dropped); without it PostgreSQL
programs found on the machine are started in a scratch folder. Exit code 0 also when a bar is missed: machines differ.`

const err = (text: string) => void process.stderr.write(`${text}\n`)
type Context = { readonly kinds: readonly ServerKind[]; readonly times: Times }

const benches: Record<string, (context: Context) => Promise<Result>> = {
  decide: async () => {
    const found = await benchDecide()
    const bar: Bar = {
      what: 'decide() a second, one core',
      reached: found.decisionsPerSecond ?? 0,
      bar: 1_000_000,
      is: 'least',
      unit: '/s',
    }
    return { name: 'decide', measured: found, sections: [figures('the gate', found, [bar])] }
  },
  commit: async ({ kinds, times }) => {
    const sections: Section[] = []
    const measured: Record<string, unknown> = {}
    await eachServer(kinds, err, async (server) => {
      err(`commits on ${server.kind} PostgreSQL ${server.version}`)
      await using database = await server.fresh()
      const found = await benchCommit(database.pool, server.postmaster, times.quick ? 2 : 4)
      measured[server.kind] = { postgres: server.version, fsyncPerSecond: server.fsyncPerSecond, ...found }
      sections.push({
        title: `what ${server.kind} PostgreSQL ${server.version} commits (1 kB rows, durable)`,
        rows: [
          ...(server.fsyncPerSecond === null
            ? []
            : [{ '': 'fsync of 8 kB', 'a second': server.fsyncPerSecond, 'CPU µs each': '' }]),
          { '': 'one-row commits, 1 client', 'a second': found.oneRow['1'], 'CPU µs each': '' },
          { '': 'one-row commits, 8 clients', 'a second': found.oneRow['8'], 'CPU µs each': '' },
          { '': 'rows in commits of 200', 'a second': found.rowsOf200, 'CPU µs each': '' },
          ...(['25', '200'] as const).map((size) => ({
            '': `turns through counter_commit, batches of ${size}`,
            'a second': found.turns[size].perSecond,
            'CPU µs each': found.turns[size].cpuMicros ?? Number.NaN,
          })),
        ],
        bars: [],
      })
    })
    return { name: 'commit', sections, measured }
  },
  tlog: async ({ kinds }) => {
    const sections: Section[] = []
    const measured: Record<string, unknown> = {}
    await eachServer(kinds, err, async (server) => {
      err(`log on ${server.kind} PostgreSQL ${server.version}`)
      await using database = await server.fresh()
      const found = await benchTlog(database.pool)
      measured[server.kind] = { postgres: server.version, ...found }
      const name = 'durable leaves/s, appended, sequenced and checkpointed'
      sections.push(
        figures(`the disclosure log, ${server.kind} PostgreSQL ${server.version}`, found, [
          { what: name, reached: found[name] ?? 0, bar: 20_000, is: 'least', unit: '/s' },
        ]),
      )
    })
    return { name: 'tlog', sections, measured }
  },
  turns: ({ kinds, times }) => benchTurns(kinds, times, err),
  balance: ({ kinds, times }) => benchBalance(kinds, times, err),
  understanding: ({ times }) => benchUnderstanding(times.quick),
  customers: ({ kinds, times }) => benchCustomers(kinds.slice(0, 1), times, err),
}

async function main(): Promise<void> {
  const given = process.argv.slice(2)
  const flags = new Set(given.filter((word) => word.startsWith('--')))
  const names = given.filter((word) => !word.startsWith('--'))
  const known = ['--quick', '--json', '--no-save', '--embedded', '--server', '--help']
  const wrong = [
    ...[...flags].filter((flag) => !known.includes(flag)),
    ...names.filter((name) => name !== 'all' && !Object.hasOwn(benches, name)),
  ]
  if (flags.has('--help') || wrong.length > 0) {
    if (wrong.length > 0) err(`✗ Not known here: ${wrong.join(', ')}\n`)
    process.stdout.write(`${help}\n`)
    process.exitCode = wrong.length > 0 ? 2 : 0
    return
  }
  const chosen = names.length === 0 || names.includes('all') ? Object.keys(benches) : names
  const quick = flags.has('--quick')
  const kinds: ServerKind[] = flags.has('--server')
    ? ['server']
    : flags.has('--embedded') || quick
      ? ['embedded']
      : ['embedded', 'server']
  const context: Context = { kinds, times: quick ? quickTimes : usualTimes }
  const began = performance.now()
  const results: Result[] = []
  for (const name of chosen) {
    const result = await (benches[name] as (typeof benches)[string])(context)
    results.push(result)
    if (!flags.has('--json')) print(result, (line) => process.stdout.write(`${line}\n`))
    if (!flags.has('--no-save')) err(`wrote ${save(result, { quick })}`)
  }
  if (flags.has('--json')) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`)
  const bars = results.flatMap(({ sections }) => sections.flatMap((section) => section.bars))
  const passed = bars.filter(met).length
  err(`\n${passed} of ${bars.length} bars passed in ${figure((performance.now() - began) / 1_000)} s`)
}

// Ctrl-C: what was started ends with us (it notices), but for the database server, which is told.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stopShared(benchDir).finally(() => process.exit(130)))
await main()
