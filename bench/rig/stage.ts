import { join } from 'node:path'
import { type BenchDatabase, type DatabaseServer, openServer, type ServerKind } from './database.ts'
import { type Child, startChild } from './child.ts'
import { type Gateway, type House, makeHouse, startGateway } from './gateway.ts'
import { measure, type Rig, type Subject, type Traffic } from './measure.ts'
import { installPeers, type PeerName, startPeer } from './peers.ts'

/** How long and how often things are measured. */
export type Times = {
  readonly quick: boolean
  /** Of one measurement. */
  readonly seconds: number
  readonly rounds: number
  /** Turns before anything is measured, so that everyone is compiled; and the most it may take. */
  readonly warmTurns: number
  readonly warmSeconds: number
}
export const usualTimes: Times = { quick: false, seconds: 5, rounds: 3, warmTurns: 40_000, warmSeconds: 12 }
export const quickTimes: Times = { quick: true, seconds: 2, rounds: 2, warmTurns: 12_000, warmSeconds: 3 }

/** Load and platform, ready: and everything started here is stopped with it. */
export type Stage = AsyncDisposable &
  Rig & {
    readonly stack: AsyncDisposableStack
    readonly platformPort: number
    peer(name: PeerName): Promise<Subject>
    /** The gateway on a database of its own. `bankUrl` null = no turn reads from a bank. */
    gateway(on: {
      readonly server: DatabaseServer
      readonly database: BenchDatabase
      readonly house: House
      readonly bankUrl: string | null
    }): Promise<{ readonly subject: Subject; readonly gateway: Gateway }>
    warm(subject: Subject, traffic: Traffic, times: Times): Promise<void>
  }

const here = (file: string) => join(import.meta.dirname, file)
const nobody = 'http://127.0.0.1:9'

export async function openStage(): Promise<Stage> {
  const stack = new AsyncDisposableStack()
  const start = async (file: string): Promise<Child> => stack.use(await startChild(here(file)))
  const generator = await start('generator.ts')
  const simulator = await start('simulator.ts')
  const platformPort = Number(simulator.ready)
  return {
    generator,
    simulator,
    platformPort,
    stack,
    async peer(name) {
      const peer = stack.use(await startPeer(name, platformPort))
      return {
        name,
        port: peer.port,
        pid: peer.pid,
        postmaster: null,
        stores: false,
        sha1: name === 'bottender',
      }
    },
    async gateway({ server, database, house, bankUrl }) {
      const gateway = await startGateway({
        house,
        databaseUrl: database.url,
        platformPort,
        bankUrl: bankUrl ?? nobody,
      })
      stack.use(gateway)
      const subject = {
        name: 'guichet',
        port: gateway.port,
        pid: gateway.pid,
        postmaster: server.postmaster,
        stores: true,
        sha1: false,
      }
      return { subject, gateway }
    },
    async warm(subject, traffic, times) {
      const until = { warm: 0, seconds: times.warmSeconds, rate: null }
      await measure({ generator, simulator }, subject, { ...traffic, events: times.warmTurns }, until)
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** The servers to measure on: the embedded one always, a server where there is one. */
export async function eachServer(
  kinds: readonly ServerKind[],
  say: (text: string) => void,
  work: (server: DatabaseServer) => Promise<void>,
): Promise<void> {
  for (const kind of kinds) {
    await using server = await openServer(kind)
    if (server === null) say('no server Postgres here: set GUICHET_BENCH_DATABASE_URL to measure one')
    else await work(server)
  }
}

export function peersReady(say: (text: string) => void): boolean {
  const why = installPeers(say)
  if (why !== null) say(`the peers could not be installed (${why}); measuring without Bottender`)
  return why === null
}

export { makeHouse }
