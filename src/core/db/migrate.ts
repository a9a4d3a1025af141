import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClientBase, Pool } from 'pg'
import { minuteMs } from '../clock.ts'
import { OperatorError } from '../operator-error.ts'

/** One numbered SQL file. `checksum` is SHA-256 over its text with line ends made equal. */
export type Migration = {
  readonly version: number
  readonly name: string
  readonly sql: string
  readonly checksum: string
}
export type Applied = { readonly version: number; readonly name: string; readonly tookMs: number }

/** The folder of the numbered files, in a checkout and in an installed package alike. */
export const migrationsFolder = join(import.meta.dirname, '..', '..', '..', 'migrations')

/** One process migrates at a time: the key of the advisory lock ("guichet" in ASCII, cut to 48 bits). */
const lockKey = 0x67_75_69_63_68_65
const filePattern = /^(\d{4})-([a-z0-9-]+)\.sql$/

/** Reads `NNNN-name.sql`, in order. Throws OperatorError on a file that does not belong or a number used twice. */
export function readMigrations(folder: string = migrationsFolder): Migration[] {
  const faults: string[] = []
  const found: Migration[] = []
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.sql')) continue
    const match = filePattern.exec(file)
    if (!match?.[1]) {
      faults.push(`migrations/${file} is not named NNNN-name.sql.`)
      continue
    }
    const version = Number(match[1])
    const twin = found.find((migration) => migration.version === version)
    if (twin) faults.push(`migrations/${file} and migrations/${twin.name}.sql have the same number.`)
    const sql = readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n')
    found.push({
      version,
      name: file.slice(0, -4),
      sql,
      checksum: createHash('sha256').update(sql).digest('hex'),
    })
  }
  if (faults.length > 0) throw new OperatorError('migrations_misnamed', faults)
  return found
}

/** The tables of the runner itself: what was applied, and what is fixed for the life of a database. */
const bootstrap = `
create table if not exists core_migration (
  version    integer primary key,
  name       text not null,
  checksum   text not null,
  applied_at timestamptz not null default now(),
  took_ms    integer not null
);
create table if not exists core_fixed (
  name  text primary key,
  value text not null
);`

type Row = { version: number; name: string; checksum: string }

/** What stands between this program's migrations and the database's, in words. Empty = they fit. */
function disagreements(known: readonly Migration[], applied: readonly Row[]): string[] {
  const faults: string[] = []
  const newest = known.at(-1)?.version ?? 0
  const last = applied.at(-1)?.version ?? 0
  for (const row of applied) {
    const migration = known.find((candidate) => candidate.version === row.version)
    if (!migration && row.version > newest)
      faults.push(
        `The database was migrated by a newer Guichet (${row.name}). Start that version or a later one; there is no way back but a restored backup.`,
      )
    else if (!migration)
      faults.push(`The database has migration ${row.name}, which this Guichet does not know.`)
    else if (migration.checksum !== row.checksum)
      faults.push(
        `migrations/${migration.name}.sql was changed after it was applied. Put it back and add a new file instead.`,
      )
  }
  for (const migration of known)
    if (migration.version < last && !applied.some((row) => row.version === migration.version))
      faults.push(
        `migrations/${migration.name}.sql comes before ${last}, which is already applied. Give it a later number.`,
      )
  return faults
}

async function appliedRows(client: ClientBase | Pool): Promise<Row[]> {
  const exists = await client.query<{ found: boolean }>(
    `select to_regclass('core_migration') is not null as found`,
  )
  if (!exists.rows[0]?.found) return []
  return (await client.query<Row>('select version, name, checksum from core_migration order by version')).rows
}

/** Which migrations are applied, which wait, and what disagrees. Changes nothing. */
export async function migrationStatus(
  pool: Pool,
  known: readonly Migration[] = readMigrations(),
): Promise<{ applied: string[]; pending: string[]; faults: string[] }> {
  const applied = await appliedRows(pool)
  const have = new Set(applied.map((row) => row.version))
  return {
    applied: applied.map((row) => row.name),
    pending: known.filter((migration) => !have.has(migration.version)).map((migration) => migration.name),
    faults: disagreements(known, applied),
  }
}

/**
 * Brings the schema up to date: forward only, each file in a transaction of its own together with its record, one
 * process at a time. A crash leaves a whole number of files applied. Throws OperatorError when the database is newer
 * than this program or a file was changed after the fact.
 */
export async function migrate(
  pool: Pool,
  known: readonly Migration[] = readMigrations(),
): Promise<Applied[]> {
  const client = await pool.connect()
  let broken: unknown
  try {
    // Long work and a long wait for the process that migrates now are both fine here.
    await client.query('set statement_timeout = 0')
    await client.query(`set lock_timeout = ${10 * minuteMs}`)
    await client.query('select pg_advisory_lock($1)', [lockKey])
    await client.query(bootstrap)
    const applied = await appliedRows(client)
    const faults = disagreements(known, applied)
    if (faults.length > 0) throw new OperatorError('migrations_disagree', faults)
    const last = applied.at(-1)?.version ?? 0
    const done: Applied[] = []
    for (const migration of known) if (migration.version > last) done.push(await apply(client, migration))
    return done
  } catch (error) {
    broken = error
    throw error
  } finally {
    // The connection is not reused: its settings and its lock end with it.
    client.release(broken instanceof Error ? broken : true)
  }
}

async function apply(client: ClientBase, migration: Migration): Promise<Applied> {
  const begin = performance.now()
  await client.query('begin')
  try {
    await client.query(migration.sql)
    const tookMs = Math.round(performance.now() - begin)
    await client.query(
      'insert into core_migration (version, name, checksum, took_ms) values ($1, $2, $3, $4)',
      [migration.version, migration.name, migration.checksum, tookMs],
    )
    await client.query('commit')
    return { version: migration.version, name: migration.name, tookMs }
  } catch (error) {
    await client.query('rollback').catch(() => {})
    const { message, position } = error as { message?: string; position?: string }
    const line = position ? `, line ${migration.sql.slice(0, Number(position)).split('\n').length}` : ''
    throw new OperatorError(
      'migration_failed',
      `migrations/${migration.name}.sql${line}: ${message ?? 'failed'}. Nothing of it was applied.`,
      {
        cause: error,
      },
    )
  }
}

/**
 * A value that is chosen when the database is made and can never change: the number of lanes. Records it the first
 * time; afterwards refuses any other.
 */
export async function fixForLife(pool: Pool, name: 'lanes', value: string): Promise<void> {
  await pool.query('insert into core_fixed (name, value) values ($1, $2) on conflict (name) do nothing', [
    name,
    value,
  ])
  const { rows } = await pool.query<{ value: string }>('select value from core_fixed where name = $1', [name])
  const fixed = rows[0]?.value
  if (fixed !== value)
    throw new OperatorError(
      'fixed_for_life',
      `This database was made with ${name} = ${fixed}, and the settings now say ${value}. It cannot change afterwards: set GUICHET_${name.toUpperCase()}=${fixed}.`,
    )
}
