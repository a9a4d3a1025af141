import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, type Pool } from 'pg'
import { startEmbedded, stopShared } from '../../src/core/db/embedded.ts'
import { processExists } from '../../src/core/db/lock.ts'
import { migrate } from '../../src/core/db/migrate.ts'
import { openPool } from '../../src/core/db/open.ts'
import { parentOf } from './cpu.ts'

export type ServerKind = 'embedded' | 'server'

/** A PostgreSQL to measure on. */
export type DatabaseServer = AsyncDisposable & {
  readonly kind: ServerKind
  readonly version: string
  /** Durable 8 kB writes a second, where the data directory is ours to try. */
  readonly fsyncPerSecond: number | null
  /** Whose CPU time is the database's; null when it runs elsewhere. */
  readonly postmaster: number | null
  /** An empty database with our schema, dropped at the end. */
  fresh(): Promise<BenchDatabase>
}
export type BenchDatabase = AsyncDisposable & { readonly url: string; readonly pool: Pool }

type Found = { urlOf(database: string): string; fsyncPerSecond: number | null; close(): Promise<void> }

export const benchDir = join(import.meta.dirname, '..', '..', '.guichet', 'bench')

/** Opens the embedded server, as the product does, in a folder of its own. */
async function embedded(): Promise<Found> {
  const server = await startEmbedded({ dataDir: benchDir, mode: 'shared', command: 'bench' })
  return {
    urlOf: server.urlOf,
    fsyncPerSecond: server.fsyncPerSecond,
    close: async () => {
      await server.stop()
      await stopShared(benchDir)
    },
  }
}

/** A server by GUICHET_BENCH_DATABASE_URL, or the machine's own PostgreSQL programs in a scratch folder, or none. */
async function server(): Promise<Found | null> {
  const given = process.env.GUICHET_BENCH_DATABASE_URL
  if (given) {
    const urlOf = (database: string) => {
      const url = new URL(given)
      url.pathname = `/${database}`
      return url.href
    }
    return { urlOf, fsyncPerSecond: null, close: async () => {} }
  }
  const installed = '/usr/lib/postgresql'
  const versions = existsSync(installed) ? readdirSync(installed).filter((name) => Number(name) >= 15) : []
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0]
  if (newest === undefined) return null
  const bin = join(installed, newest, 'bin')
  const dir = mkdtempSync(join(tmpdir(), 'guichet-bench-'))
  const account: { uid?: number; gid?: number } = process.getuid?.() === 0 ? nobody() : {}
  if (account.uid !== undefined && account.gid !== undefined) chownSync(dir, account.uid, account.gid)
  const data = join(dir, 'data')
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'guichet', '-A', 'trust', '-E', 'UTF8', '--locale=C'],
    {
      ...account,
      cwd: '/',
      stdio: 'ignore',
    },
  )
  if (made.status !== 0) return null
  // What an operator would set on a small machine; everything that concerns durability stays as it comes: on.
  const settings = {
    listen_addresses: '',
    unix_socket_directories: dir,
    shared_buffers: '192MB',
    wal_buffers: '16MB',
    max_wal_size: '4GB',
    checkpoint_timeout: '15min',
    max_connections: '100',
    jit: 'off',
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const running: ChildProcess = spawn(join(bin, 'postgres'), ['-D', data, ...flags], {
    ...account,
    cwd: '/',
    stdio: 'ignore',
  })
  const urlOf = (database: string) => `postgresql:///${database}?host=${encodeURIComponent(dir)}&user=guichet`
  const close = async () => {
    if (running.exitCode === null) {
      const gone = new Promise((resolve) => running.once('exit', resolve))
      running.kill('SIGINT') // fast shutdown
      await gone
    }
    rmSync(dir, { recursive: true, force: true })
  }
  process.once('exit', () => {
    running.kill('SIGINT')
    rmSync(dir, { recursive: true, force: true })
  })
  for (let tries = 0; tries < 200; tries++) {
    const client = new Client({ connectionString: urlOf('postgres') })
    try {
      await client.connect()
      await client.end()
      return { urlOf, fsyncPerSecond: null, close }
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  await close()
  return null
}

function nobody(): { uid: number; gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('nobody:'))
  const [, , uid, gid] = line?.split(':') ?? []
  return { uid: Number(uid), gid: Number(gid) }
}

/** Opens a server to measure on; null when there is none of that kind here. */
export async function openServer(kind: ServerKind): Promise<DatabaseServer | null> {
  const found = kind === 'embedded' ? await embedded() : await server()
  if (found === null) return null
  const admin = openPool(found.urlOf('postgres'), { poolMax: 2, statementTimeoutMs: 0 })
  const { rows } = await admin.query<{ version: string; pid: number; local: boolean }>(
    `select current_setting('server_version') as version, pg_backend_pid() as pid,
            coalesce(inet_server_addr() << '127.0.0.0/8', true) as local`,
  )
  const row = rows[0]
  // What killed runs left behind.
  const left = await admin.query<{ datname: string }>(
    `select datname from pg_database where datname ~ '^bench_\\d+_\\d+$'`,
  )
  for (const { datname } of left.rows)
    if (!processExists(Number(datname.split('_')[1])))
      await admin.query(`drop database ${datname} with (force)`)
  let made = 0
  return {
    kind,
    version: row?.version.split(' ')[0] ?? '',
    fsyncPerSecond: found.fsyncPerSecond,
    postmaster: row?.local ? parentOf(row.pid) : null,
    async fresh() {
      const name = `bench_${process.pid}_${++made}`
      await admin.query(`create database ${name}`)
      const url = found.urlOf(name)
      const pool = openPool(url, { poolMax: 8, statementTimeoutMs: 0 })
      await migrate(pool)
      return {
        url,
        pool,
        [Symbol.asyncDispose]: async () => {
          await pool.end()
          await admin.query(`drop database ${name} with (force)`)
        },
      }
    },
    [Symbol.asyncDispose]: async () => {
      await admin.end()
      await found.close()
    },
  }
}
