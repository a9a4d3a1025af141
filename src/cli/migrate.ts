import type { Command } from 'commander'
import { loadSettings } from '../core/config.ts'
import { fixForLife, migrate, migrationStatus } from '../core/db/migrate.ts'
import { openDatabase } from '../core/db/open.ts'
import { OperatorError } from '../core/operator-error.ts'
import { databaseOptions } from '../core/secrets.ts'
import { command, err, out } from './terminal.ts'

/** `guichet migrate`. */
export function registerMigrate(program: Command): void {
  program
    .command('migrate')
    .description('bring the database schema up to date (forward only)')
    .option('--status', 'only say what is applied and what waits')
    .option('--json', 'answer in JSON')
    .action(
      command(async (options: { status?: boolean; json?: boolean }) => {
        const { config, secrets } = loadSettings({ need: 'database' })
        await using database = await openDatabase(
          databaseOptions(config, secrets, { mode: 'attach', command: 'guichet migrate', notice: err }),
        )
        if (options.status) {
          const status = await migrationStatus(database.pool)
          if (options.json) out(JSON.stringify({ ok: status.faults.length === 0, ...status }, null, 2))
          else {
            for (const name of status.applied) out(`applied  ${name}`)
            for (const name of status.pending) out(`waits    ${name}`)
            if (status.faults.length > 0) throw new OperatorError('migrations_disagree', status.faults)
          }
          return status.faults.length === 0
        }
        const applied = await migrate(database.pool)
        await fixForLife(database.pool, 'lanes', String(config.lanes))
        if (options.json) out(JSON.stringify({ ok: true, applied }, null, 2))
        else {
          for (const { name, tookMs } of applied) out(`applied  ${name}  ${tookMs} ms`)
          out(applied.length === 0 ? 'Nothing to do: the schema is up to date.' : 'The schema is up to date.')
        }
        return true
      }),
    )
}
