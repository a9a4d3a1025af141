import { Kysely, PostgresDialect } from 'kysely'
import { Client, Pool, type PoolConfig } from 'pg'
import { secondMs } from '../clock.ts'
import { OperatorError } from '../operator-error.ts'
import { type Embedded, type EmbeddedOptions, startEmbedded } from './embedded.ts'

export type DatabaseOptions =
  | ({ readonly kind: 'embedded' } & EmbeddedOptions & PoolOptions)
  | ({ readonly kind: 'url'; readonly url: string } & PoolOptions)

export type PoolOptions = {
  /** Connections at most; 16 unless told. */
  readonly poolMax?: number
  /** A statement that takes longer is cancelled; 30 s unless told. 0 = never. */
  readonly statementTimeoutMs?: number
  /** Told of an idle connection that broke (the server restarted). The pool replaces it by itself. */
  readonly onPoolError?: (error: Error) => void
}

export type Database = AsyncDisposable & {
  readonly pool: Pool
  readonly url: string
  /** The same pool through kysely; a room narrows it with `withTables` or a cast to its own rows. */
  readonly kysely: Kysely<unknown>
  readonly serverVersion: string
  /** Present when the database is embedded. */
  readonly embedded: Embedded | undefined
  /** Ends the pool, then the embedded server if this process owns it. Idempotent. */
  close(): Promise<void>
}

/** The oldest PostgreSQL whose SQL we use. */
const oldestVersion = 150_000

/** A pool with our time limits and an error listener (without one, a database restart would end the process). */
export function openPool(url: string, options: PoolOptions & Pick<PoolConfig, 'allowExitOnIdle'> = {}): Pool {
  const pool = new Pool({
    connectionString: url,
    max: options.poolMax ?? 16,
    application_name: 'guichet',
    connectionTimeoutMillis: 10 * secondMs,
    idleTimeoutMillis: 60 * secondMs,
    statement_timeout: options.statementTimeoutMs ?? 30 * secondMs,
    lock_timeout: 10 * secondMs,
    idle_in_transaction_session_timeout: 60 * secondMs,
    keepAlive: true,
    allowExitOnIdle: options.allowExitOnIdle ?? false,
  })
  const listener = options.onPoolError ?? (() => {})
  pool.on('error', listener)
  // A connection that breaks while checked out tells its user through the query; the event itself must have a listener.
  pool.on('connect', (client) => client.on('error', listener))
  return pool
}

/** A server that we would trust with customers' money: new enough, and durable. Throws OperatorError with every fault. */
export async function inspectServer(
  url: string,
): Promise<{ version: string; faults: string[]; warnings: string[] }> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 10 * secondMs,
    application_name: 'guichet',
  })
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (error) {
    throw new OperatorError(
      'database_unreachable',
      `The database at ${printableUrl(url)} does not answer (${connectReason(error)}). Check GUICHET_DATABASE_URL and that the server runs.`,
      { cause: error },
    )
  }
  try {
    const { rows } = await client.query<{ name: string; setting: string }>(
      `select name, setting from pg_settings
        where name in ('server_version', 'server_version_num', 'fsync', 'full_page_writes', 'synchronous_commit')`,
    )
    const setting = Object.fromEntries(rows.map((row) => [row.name, row.setting]))
    const faults: string[] = []
    const warnings: string[] = []
    if (Number(setting.server_version_num) < oldestVersion)
      faults.push(`PostgreSQL ${setting.server_version} is too old: 15 or newer is needed.`)
    if (setting.fsync !== 'on')
      faults.push(
        'The database runs with fsync off: a power cut would lose acknowledged messages. Set fsync = on and restart it.',
      )
    if (setting.full_page_writes !== 'on')
      warnings.push('full_page_writes is off: safe only on storage that never tears a page.')
    if (setting.synchronous_commit === 'off')
      faults.push('synchronous_commit is off: a crash would lose acknowledged messages. Set it to on.')
    return { version: setting.server_version ?? '', faults, warnings }
  } finally {
    await client.end().catch(() => {})
  }
}

/** Why a connection failed, in the driver's stable code, never with the address or the password. */
function connectReason(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string }
  return code ?? (/timeout/i.test(message ?? '') ? 'no answer in time' : 'connection refused')
}

/** The URL without its password. */
export function printableUrl(url: string): string {
  return url.replace(/(\/\/[^/@:]*):[^@/]*@/, '$1:…@').replace(/([?&]password=)[^&]*/g, '$1…')
}

/**
 * Opens the database: starts the embedded server where that is the choice, checks that the server is new enough and
 * durable, and gives a pool.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const embedded = options.kind === 'embedded' ? await startEmbedded(options) : undefined
  const url = options.kind === 'embedded' ? (embedded?.url ?? '') : options.url
  let version: string
  try {
    const seen = await inspectServer(url)
    if (seen.faults.length > 0) throw new OperatorError('database_unfit', seen.faults)
    version = seen.version
  } catch (error) {
    await embedded?.stop()
    throw error
  }
  const pool = openPool(url, options)
  const kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= (async () => {
      // A kysely that was never used does not end its pool.
      await kysely.destroy()
      if (!pool.ended) await pool.end()
      await embedded?.stop()
    })()
    return closed
  }
  return { pool, url, kysely, serverVersion: version, embedded, close, [Symbol.asyncDispose]: close }
}
