import type { Config } from '../config-schema.ts'
import { count, type Logger, ms } from '../logger.ts'
import { OperatorError } from '../operator-error.ts'
import { databaseOptions, type Secrets } from '../secrets.ts'
import { fixForLife, migrate, migrationStatus } from './migrate.ts'
import { type Database, openDatabase, type PoolOptions } from './open.ts'

/**
 * Opens the database of the settings ready for use: reachable, durable, its schema the one this program was made for,
 * its number of lanes as fixed. An embedded database is migrated here; a server's schema changes only by `guichet
 * migrate`, because other processes may be using it.
 */
export async function prepareDatabase(
  config: Config,
  secrets: Secrets,
  options: PoolOptions & {
    readonly command: string
    /** `attach`: a command that looks in while the gateway runs. */
    readonly mode?: 'own' | 'attach'
    readonly log: Logger
    readonly notice?: (say: string) => void
  },
): Promise<Database> {
  const database = await openDatabase(databaseOptions(config, secrets, options))
  try {
    if (config.database.kind === 'embedded') {
      for (const { tookMs, version } of await migrate(database.pool))
        options.log.info('migration.applied', { version: count(version), took: ms(tookMs) })
    } else {
      const { pending, faults } = await migrationStatus(database.pool)
      if (faults.length > 0) throw new OperatorError('migrations_disagree', faults)
      if (pending.length > 0)
        throw new OperatorError(
          'migrations_pending',
          `The database lacks ${pending.length} migration${pending.length === 1 ? '' : 's'} (${pending.join(', ')}). Run: guichet migrate`,
        )
    }
    await fixForLife(database.pool, 'lanes', String(config.lanes))
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}
