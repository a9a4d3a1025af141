import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { minuteMs, secondMs } from '../clock.ts'
import { OperatorError } from '../operator-error.ts'
import { measureFsync } from './fsync-rate.ts'
import { type Holder, lockHolder, takeLock, waitForLock } from './lock.ts'
import { findPlace, type Place } from './place.ts'
import {
  initialise,
  launch,
  type Postmaster,
  runningPostmaster,
  stopRunning,
  touchLease,
} from './postmaster.ts'

export type EmbeddedOptions = {
  /** The project's data directory; the database is kept in its `postgres/` unless that cannot be reached (see place.ts). */
  readonly dataDir: string
  /**
   * - `own` (default): this process alone runs the database; a second owner is refused. It ends with this process.
   * - `attach`: uses the database of the process that owns it, or owns it when nobody does.
   * - `shared`: many processes use one server that ends after twenty idle minutes or by `stopShared`. For tests and benches.
   */
  readonly mode?: 'own' | 'attach' | 'shared'
  /** What this process is, for the sentence that refuses the next one: `guichet serve`. */
  readonly command?: string
  /** Told in words of anything an operator should know: where the data went, a restart. */
  readonly notice?: (say: string) => void
}

export type Embedded = AsyncDisposable & {
  /** `postgresql:///guichet?host=<socket folder>&user=guichet`, for `pg`, libpq and GUICHET_DATABASE_URL. */
  readonly url: string
  /** The same for another database of this server. */
  urlOf(database: string): string
  /** Where data, socket and log are. */
  readonly dir: string
  /** The data is outside the data directory. */
  readonly moved: boolean
  /** How it came to run: a new database, an existing one started, or one that already ran. */
  readonly how: 'made' | 'started' | 'attached'
  /** The account PostgreSQL runs as when we are root. */
  readonly uid: number | undefined
  readonly startMs: number
  /** Durable 8 kB writes a second, measured now. */
  readonly fsyncPerSecond: number | null
  /** Stops the database if this process owns it (checkpointed, clean), else only lets go. Idempotent. */
  stop(): Promise<void>
}

const startWaitMs = 60 * secondMs // a crash recovery may have much to replay
const stopWaitMs = 20 * secondMs
const ownerFile = (place: Place) => join(place.dir, 'owner.json')
const leaseFile = (place: Place) => join(place.dir, 'lease')

const urlFor = (socketDir: string, database: string) =>
  `postgresql:///${database}?host=${encodeURIComponent(socketDir)}&user=guichet`

/** Makes (once) and starts the embedded PostgreSQL of a data directory. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const begin = performance.now()
  const place = findPlace(options.dataDir)
  const mode = options.mode ?? 'own'
  const notice = options.notice ?? (() => {})
  const command = options.command ?? 'guichet'
  if (place.moved)
    notice(`the database is kept in ${place.dir}: user ${place.runAs?.uid} cannot enter ${options.dataDir}`)

  const describe = (socketDir: string, how: Embedded['how'], stop: () => Promise<void>): Embedded => ({
    url: urlFor(socketDir, 'guichet'),
    urlOf: (database) => urlFor(socketDir, database),
    dir: place.dir,
    moved: place.moved,
    how,
    uid: place.runAs?.uid,
    startMs: Math.round(performance.now() - begin),
    fsyncPerSecond: measureFsync(place.dir),
    stop,
    [Symbol.asyncDispose]: stop,
  })

  if (mode === 'shared') return await share(place, command, describe)
  if (existsSync(leaseFile(place)) && runningPostmaster(place))
    throw new OperatorError(
      'embedded_shared',
      `The database in ${place.dir} is a shared test database that is running.`,
    )

  const lock = takeLock(ownerFile(place), command)
  if (!('release' in lock)) {
    if (mode === 'attach') {
      const running = await awaitReady(place)
      return describe(running.socketDir, 'attached', async () => {})
    }
    throw inUse(options.dataDir, lock)
  }
  let server: Owned
  try {
    server = await own(place, notice)
  } catch (error) {
    lock.release()
    throw error
  }
  let stopped: Promise<void> | undefined
  return describe(server.socketDir, server.made ? 'made' : 'started', () => {
    stopped ??= server.stop().finally(() => lock.release())
    return stopped
  })
}

const inUse = (dataDir: string, holder: Holder) =>
  new OperatorError(
    'data_directory_in_use',
    `${dataDir} is in use by ${holder.command} (process ${holder.pid}). Stop that one first, or set GUICHET_DATA_DIR to another folder.`,
  )

/** Waits for the owner's server, which may just be starting. */
async function awaitReady(place: Place): Promise<{ socketDir: string }> {
  const until = Date.now() + startWaitMs
  for (;;) {
    const running = runningPostmaster(place)
    if (running?.ready) return running
    if (!lockHolder(ownerFile(place)) || Date.now() > until)
      throw new OperatorError(
        'embedded_not_running',
        `The database in ${place.dir} was being stopped. Try again.`,
      )
    await pause(10)
  }
}

type Owned = { readonly socketDir: string; readonly made: boolean; stop(): Promise<void> }

/** Runs the server for this process: clears what a killed owner left, starts, revives it when it dies. */
async function own(place: Place, notice: (say: string) => void): Promise<Owned> {
  // A killed owner's server is stopping by itself or was orphaned; either way it ends cleanly before ours begins.
  await stopRunning(place, stopWaitMs)
  const made = initialise(place)
  let stopping = false
  let revivals: number[] = []

  const start = async (): Promise<Postmaster> => {
    const until = Date.now() + startWaitMs
    for (;;) {
      const launched = await launch(place, { kind: 'owner' }, startWaitMs)
      if (launched) return launched
      if (Date.now() > until)
        throw new OperatorError('embedded_did_not_start', `Another PostgreSQL keeps ${place.dir}.`)
      await pause(50) // backends of a killed postmaster are still leaving
    }
  }
  const watch = (postmaster: Postmaster) => {
    postmaster.child.once('exit', () => {
      if (stopping) return
      revivals = [...revivals.filter((at) => at > Date.now() - minuteMs), Date.now()]
      if (revivals.length > 5) {
        notice(
          `the embedded database stopped ${revivals.length} times within a minute and is left stopped; its log: ${place.dir}/postgres.log`,
        )
        return
      }
      notice('the embedded database stopped by itself; starting it again')
      revival = revive()
    })
  }
  const revive = async () => {
    try {
      current = await start()
      watch(current)
    } catch (error) {
      notice(error instanceof Error ? error.message : 'the embedded database did not come back')
    }
  }
  let revival: Promise<void> = Promise.resolve()
  let current = await start()
  watch(current)
  await ensureDatabase(current.socketDir)
  return {
    socketDir: current.socketDir,
    made,
    stop: async () => {
      stopping = true
      await revival
      current.child.stdin?.end()
      await stopRunning(place, stopWaitMs)
      if (!current.socketDir.startsWith(place.dir))
        rmSync(current.socketDir, { recursive: true, force: true })
    },
  }
}

async function share(
  place: Place,
  command: string,
  describe: (socketDir: string, how: Embedded['how'], stop: () => Promise<void>) => Embedded,
): Promise<Embedded> {
  const lock = await waitForLock(join(place.dir, 'starting.json'), command, startWaitMs)
  if (!('release' in lock)) throw inUse(place.dir, lock)
  try {
    touchLease(leaseFile(place))
    let how: Embedded['how'] = 'attached'
    let socketDir = runningPostmaster(place)?.ready ? (runningPostmaster(place)?.socketDir ?? '') : ''
    if (socketDir === '') {
      await stopRunning(place, stopWaitMs)
      how = initialise(place) ? 'made' : 'started'
      const launched = await launch(place, { kind: 'lease', file: leaseFile(place) }, startWaitMs)
      if (!launched)
        throw new OperatorError('embedded_did_not_start', `Another PostgreSQL keeps ${place.dir}.`)
      launched.child.unref()
      socketDir = launched.socketDir
      await ensureDatabase(socketDir)
    }
    const keepAlive = setInterval(() => touchLease(leaseFile(place)), 5 * minuteMs).unref()
    return describe(socketDir, how, async () => clearInterval(keepAlive))
  } finally {
    lock.release()
  }
}

/** Stops the shared server of a data directory, unless somebody else is using it now. For the end of a test run. */
export async function stopShared(dataDir: string): Promise<void> {
  if (!existsSync(dataDir)) return
  const place = findPlace(dataDir)
  const running = runningPostmaster(place)
  if (!running || (running.ready && (await hasClients(running.socketDir)))) return
  await stopRunning(place, stopWaitMs)
}

async function hasClients(socketDir: string): Promise<boolean> {
  const client = new Client({ connectionString: urlFor(socketDir, 'postgres') })
  await client.connect()
  try {
    const others = await client.query(
      `select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    )
    return (others.rowCount ?? 0) > 0
  } finally {
    await client.end()
  }
}

async function ensureDatabase(socketDir: string): Promise<void> {
  const client = new Client({ connectionString: urlFor(socketDir, 'postgres') })
  await client.connect()
  try {
    const found = await client.query(`select 1 from pg_database where datname = 'guichet'`)
    if (found.rowCount === 0) await client.query('create database guichet')
  } finally {
    await client.end()
  }
}
