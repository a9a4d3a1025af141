import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Kysely, PostgresDialect } from 'kysely'
import type { Pool } from 'pg'
import { type Embedded, startEmbedded } from '../src/core/db/embedded.ts'
import { processExists } from '../src/core/db/lock.ts'
import { type Migration, migrate, readMigrations } from '../src/core/db/migrate.ts'
import { openPool } from '../src/core/db/open.ts'

/** The data directory of the test server: shared by every test process, ended by the runner or after twenty idle minutes. */
export const testDataDir = join(import.meta.dirname, '..', '.guichet', 'test-pg')

export type FreshDatabase = AsyncDisposable & {
  readonly pool: Pool
  readonly url: string
  readonly kysely: Kysely<unknown>
}

type TestServer = {
  readonly admin: Pool
  readonly urlOf: (database: string) => string
  readonly local: boolean
}

let server: Promise<TestServer> | undefined
const templates = new Map<string, Promise<string>>()
let made = 0

/** The shared embedded server, started if need be; or the one named by GUICHET_TEST_DATABASE_URL. */
async function openServer(): Promise<TestServer> {
  const given = process.env.GUICHET_TEST_DATABASE_URL
  const embedded: Embedded | undefined = given
    ? undefined
    : await startEmbedded({ dataDir: testDataDir, mode: 'shared', command: 'tests' })
  const urlOf = (database: string) => {
    if (embedded) return embedded.urlOf(database)
    const url = new URL(given ?? '')
    url.pathname = `/${database}`
    return url.href
  }
  const admin = openPool(embedded ? embedded.urlOf('postgres') : (given ?? ''), {
    poolMax: 2,
    allowExitOnIdle: true,
    statementTimeoutMs: 0,
  })
  if (embedded) await sweep(admin)
  return { admin, urlOf, local: embedded !== undefined }
}

/** Drops what killed test processes left behind. */
async function sweep(admin: Pool): Promise<void> {
  const { rows } = await admin.query<{ datname: string }>(
    `select datname from pg_database where datname ~ '^t_\\d+_\\d+$'`,
  )
  for (const { datname } of rows)
    if (!processExists(Number(datname.split('_')[1])))
      await admin.query(`drop database if exists ${datname} with (force)`)
}

/** A database with these migrations applied, made once per set of files and cloned from then on. */
async function templateFor(
  { admin, urlOf, local }: TestServer,
  migrations: readonly Migration[],
): Promise<string> {
  const hash = createHash('sha256')
  for (const migration of migrations) hash.update(`${migration.name} ${migration.checksum}\n`)
  const name = `guichet_template_${hash.digest('hex').slice(0, 12)}`
  const exists = async () =>
    ((await admin.query('select 1 from pg_database where datname = $1', [name])).rowCount ?? 0) > 0
  if (await exists()) return name
  const client = await admin.connect()
  try {
    // Test processes start together: one builds, the others wait here.
    await client.query('set lock_timeout = 0')
    await client.query(`select pg_advisory_lock(hashtext('guichet template'))`)
    if (await exists()) return name
    const draft = `${name}_draft`
    await client.query(`drop database if exists ${draft} with (force)`)
    await client.query(`create database ${draft}`)
    const pool = openPool(urlOf(draft), { poolMax: 2 })
    try {
      await migrate(pool, migrations)
    } finally {
      await pool.end()
    }
    await client.query(`alter database ${draft} with allow_connections false`)
    await client.query(`alter database ${draft} rename to ${name}`)
    await client.query(`comment on database ${name} is '${new Date().toISOString()}'`)
    if (local) await dropOldTemplates(client, name)
    return name
  } finally {
    client.release(true)
  }
}

/** Keeps the eight newest templates: sets of migrations that somebody may still be testing with. */
async function dropOldTemplates(client: { query: Pool['query'] }, keep: string): Promise<void> {
  const { rows } = await client.query<{ datname: string }>(
    `select datname from pg_database where datname like 'guichet\\_template\\_%' and datname <> $1
      order by shobj_description(oid, 'pg_database') desc nulls last offset 7`,
    [keep],
  )
  for (const { datname } of rows) await client.query(`drop database if exists ${datname}`).catch(() => {})
}

/**
 * A database of one's own, with all migrations applied (or those whose name matches `only`): `await using db = await
 * freshDatabase()`. Cloned from a template in a fraction of a second, dropped on dispose.
 */
export async function freshDatabase(
  options: { only?: RegExp; poolMax?: number } = {},
): Promise<FreshDatabase> {
  server ??= openServer()
  const current = await server
  const migrations = readMigrations().filter(({ name }) => options.only?.test(name) ?? true)
  const key = migrations.map(({ checksum }) => checksum).join()
  let template = templates.get(key)
  if (!template) {
    template = templateFor(current, migrations)
    templates.set(key, template)
    template.catch(() => templates.delete(key))
  }
  const name = `t_${process.pid}_${++made}`
  await current.admin.query(`create database ${name} template ${await template}`)
  const url = current.urlOf(name)
  const pool = openPool(url, { poolMax: options.poolMax ?? 10, allowExitOnIdle: true })
  const kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  return {
    pool,
    url,
    kysely,
    [Symbol.asyncDispose]: async () => {
      await kysely.destroy().catch(() => {})
      if (!pool.ended) await pool.end()
      await current.admin.query(`drop database if exists ${name} with (force)`)
    },
  }
}
