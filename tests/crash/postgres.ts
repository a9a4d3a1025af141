import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Pool } from 'pg'
import { startEmbedded } from '../../src/core/db/embedded.ts'
import { migrate, readMigrations } from '../../src/core/db/migrate.ts'
import { openPool } from '../../src/core/db/open.ts'

/** A PostgreSQL of one's own, with all migrations, that can be killed: its keeper starts it again. */
export async function openOwnPostgres(): Promise<
  AsyncDisposable & { readonly url: string; readonly pool: Pool; kill(): number }
> {
  const dir = mkdtempSync(join(tmpdir(), 'guichet-crash-pg-'))
  chmodSync(dir, 0o755)
  const embedded = await startEmbedded({ dataDir: dir, command: 'the crash test' })
  const pool = openPool(embedded.url, { poolMax: 4, allowExitOnIdle: true })
  await migrate(pool, readMigrations())
  return {
    url: embedded.url,
    pool,
    /** kill -9 of the postmaster and all its children at once; how many processes that were. */
    kill() {
      const postmaster = Number(
        readFileSync(join(embedded.dir, 'data', 'postmaster.pid'), 'utf8').split('\n')[0],
      )
      const all = [postmaster, ...childrenOf(postmaster)]
      for (const pid of all) {
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // Gone by itself: a backend follows its postmaster.
        }
      }
      return all.length
    },
    async [Symbol.asyncDispose]() {
      await pool.end()
      await embedded.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
        // The name (field 2) may hold spaces and brackets: the parent is the second field after the last bracket.
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent
      } catch {
        return false
      }
    })
}
