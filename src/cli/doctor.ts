import { statSync } from 'node:fs'
import type { Command } from 'commander'
import { secondMs } from '../core/clock.ts'
import { loadSettings, type Settings } from '../core/config.ts'
import { migrationStatus } from '../core/db/migrate.ts'
import { inspectServer, openDatabase } from '../core/db/open.ts'
import { fileKek } from '../core/kek.ts'
import { OperatorError } from '../core/operator-error.ts'
import { databaseOptions } from '../core/secrets.ts'
import { parseLogKey } from '../tlog/note.ts'
import { checkBanks } from './bank.ts'
import { checkChannels } from './channel.ts'
import { command, type Finding, report } from './terminal.ts'

/** Below this many durable writes a second, a commit takes longer than people notice. */
const slowFsync = 100

function faultsOf(about: string, error: unknown): Finding[] {
  if (!(error instanceof OperatorError)) throw error
  return error.faults.map((say) => ({ level: 'fail', about, say }))
}

async function checkDatabase({ config, secrets }: Settings): Promise<Finding[]> {
  const about = 'database'
  try {
    await using database = await openDatabase(
      databaseOptions(config, secrets, { mode: 'attach', command: 'guichet doctor' }),
    )
    const found: Finding[] = []
    const { warnings } = await inspectServer(database.url)
    const { embedded, pool } = database
    const rate = embedded?.fsyncPerSecond
    found.push({
      level: rate != null && rate < slowFsync ? 'warn' : 'ok',
      about,
      say: `PostgreSQL ${database.serverVersion}${embedded ? ` embedded, in ${embedded.dir}` : ` at ${config.database.kind === 'url' ? config.database.shown : ''}`}${rate != null ? `, ${rate.toLocaleString('en-US')} durable writes a second` : ''}.`,
      todo: 'This disk is slow to make a write durable: messages wait for it. Use another disk.',
    })
    for (const say of warnings) found.push({ level: 'warn', about, say })
    const { applied, pending, faults } = await migrationStatus(pool)
    for (const say of faults) found.push({ level: 'fail', about: 'schema', say })
    if (pending.length > 0)
      found.push({
        level: embedded ? 'warn' : 'fail',
        about: 'schema',
        say: `${pending.length} migrations wait.`,
        todo: 'Run: guichet migrate',
      })
    else if (faults.length === 0)
      found.push({ level: 'ok', about: 'schema', say: `Up to date (${applied.length} migrations).` })
    if (applied.length > 0) {
      const { rows } = await pool.query<{ value: string }>(
        `select value from core_fixed where name = 'lanes'`,
      )
      const fixed = rows[0]?.value
      if (fixed !== undefined && fixed !== String(config.lanes))
        found.push({
          level: 'fail',
          about,
          say: `It was made with ${fixed} lanes; the settings say ${config.lanes}.`,
          todo: `Set GUICHET_LANES=${fixed}.`,
        })
    }
    if (applied.length > 0) {
      const { rows } = await pool.query<{ value: string }>(
        `select value from pipeline_state where name = 'kek'`,
      )
      const made = rows[0]?.value
      if (made !== undefined && made !== fileKek(secrets.kek).fingerprint)
        found.push({
          level: 'fail',
          about: 'keys',
          say: 'The database was made with another key-encryption key.',
          todo: 'Set kekFile to the key it was made with.',
        })
    }
    const { rows } = await pool.query<{ now: Date }>('select clock_timestamp() as now')
    const seconds = Math.abs((rows[0]?.now.getTime() ?? Date.now()) - Date.now()) / secondMs
    found.push({
      level: seconds > 5 ? 'warn' : 'ok',
      about: 'clock',
      say:
        seconds > 5
          ? `This machine and the database differ by ${Math.round(seconds)} s.`
          : 'This machine and the database agree on the time.',
      todo: 'Set up time synchronisation (NTP): windows, grants and signed requests depend on it.',
    })
    return found
  } catch (error) {
    return faultsOf(about, error)
  }
}

/** Secret files that others may read, and keys that do not fit the settings. */
function checkKeys({ config, secrets }: Settings): Finding[] {
  const found: Finding[] = []
  const files = [
    config.kekFile,
    config.log.keyFile,
    config.clientKeysFile,
    ...config.channels.flatMap(({ appSecretFiles, pageTokenFile, verifyTokenFile }) => [
      ...appSecretFiles,
      pageTokenFile,
      verifyTokenFile,
    ]),
  ].filter((file) => file !== undefined)
  for (const file of files) {
    const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0
    if ((mode & 0o077) !== 0)
      found.push({
        level: 'warn',
        about: 'keys',
        say: `${file} can be read by other users.`,
        todo: `chmod 600 ${file}`,
      })
  }
  const key = parseLogKey(secrets.logKey)
  if (!key)
    found.push({
      level: 'fail',
      about: 'keys',
      say: "The log's signing key is not such a key, or was altered.",
      todo: 'Restore it from its backup; `guichet keys FOLDER` makes one for a new log.',
    })
  else if (key.origin !== config.log.origin)
    found.push({
      level: 'fail',
      about: 'keys',
      say: `The log's key is for "${key.origin}"; the settings name the log "${config.log.origin}".`,
      todo: `Set log.origin to "${key.origin}".`,
    })
  if (found.every(({ level }) => level === 'ok'))
    found.push({ level: 'ok', about: 'keys', say: `${files.length} secret files, for this user alone.` })
  return found
}

/** Everything that can be found without changing anything. */
export async function examine(): Promise<Finding[]> {
  let settings: Settings
  try {
    settings = loadSettings()
  } catch (error) {
    return faultsOf('settings', error)
  }
  const { config, file, warnings } = settings
  return [
    {
      level: 'ok',
      about: 'settings',
      say: `Read from ${file ?? 'the environment alone'}; served at ${config.publicUrl}.`,
    },
    ...warnings.map((say): Finding => ({ level: 'warn', about: 'settings', say })),
    ...checkKeys(settings),
    ...(await checkDatabase(settings)),
    ...(await checkChannels(settings)),
    ...(await checkBanks(settings)),
  ]
}

/** `guichet doctor`. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check settings, keys, database, channels, banks and clock, and say what to do')
    .option('--json', 'answer in JSON')
    .action(command(async ({ json }: { json?: boolean }) => report(await examine(), json ?? false, true)))
}
