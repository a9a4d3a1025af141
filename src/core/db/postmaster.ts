import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { secondMs } from '../clock.ts'
import { OperatorError } from '../operator-error.ts'
import { processExists } from './lock.ts'
import type { Place } from './place.ts'

/** sun_path is 108 bytes on Linux (104 on macOS), its end included. */
const longestSocket = process.platform === 'darwin' ? 103 : 107
const socketName = '.s.PGSQL.5432'
const logLimitBytes = 4 << 20

/**
 * Settings given at every start, so that an upgrade changes them. Durable as a server's: fsync and synchronous_commit
 * on. The log never holds a statement, a parameter or a row: errors are the client's to tell.
 */
const settings: Record<string, string> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  cluster_name: 'guichet',
  max_connections: '200',
  shared_buffers: '192MB',
  wal_buffers: '16MB',
  // Checkpoints come by time: after each, every page written to goes into the WAL whole once more (measured: a third more database time a turn).
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  random_page_cost: '1.1',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  log_checkpoints: 'off',
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
}

/**
 * Keeps PostgreSQL no longer than its owner: standard input is a pipe whose other end only the owner holds. When it
 * ends, however the owner died, PostgreSQL is stopped cleanly (SIGINT: fast shutdown).
 */
const ownedBy = `
trap '' HUP INT TERM
exec 3<&0 </dev/null
"$@" 3<&- & p=$!
( while read -r _ <&3; do :; done; kill -INT $p ) 2>/dev/null & w=$!
exec 3<&-
wait $p; s=$?
kill -KILL $w 2>/dev/null
exit $s`

/** Keeps a shared test database until nobody has touched its lease for twenty minutes, or its folder is gone. */
const leasedTo = `
trap '' HUP INT TERM
lease=$1; shift
"$@" </dev/null & p=$!
while kill -0 $p 2>/dev/null; do
  n=0
  while [ $n -lt 15 ] && kill -0 $p 2>/dev/null; do sleep 2; n=$((n+1)); done
  [ -n "$(find "$lease" -mmin -20 2>/dev/null)" ] || kill -INT $p 2>/dev/null
done
wait $p`

/** What `postmaster.pid` says of the process that serves this place: PostgreSQL writes one line per item. */
export type Running = { readonly pid: number; readonly socketDir: string; readonly ready: boolean }

/** The running PostgreSQL of this place, or null. A leftover file is not a running server. */
export function runningPostmaster(place: Place): Running | null {
  const file = join(place.dir, 'data', 'postmaster.pid')
  let lines: string[]
  try {
    lines = readFileSync(file, 'utf8').split('\n')
  } catch {
    return null
  }
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 1 || !processExists(pid)) return null
  // The number may since have gone to another process: ours has our data folder on its command line.
  const command = commandLine(pid)
  if (command !== null && !command.includes(join(place.dir, 'data'))) {
    rmSync(file, { force: true })
    return null
  }
  return { pid, socketDir: lines[4] ?? '', ready: (lines[7] ?? '').trim() === 'ready' }
}

function commandLine(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    const shown = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
    return shown.status === 0 ? shown.stdout : null
  }
}

/** Makes the cluster: beside its final name first, so that a start that dies half-way leaves nothing that looks whole. */
export function initialise(place: Place): boolean {
  const data = join(place.dir, 'data')
  if (existsSync(join(data, 'PG_VERSION'))) return false
  const draft = join(place.dir, 'data.new')
  rmSync(draft, { recursive: true, force: true })
  const made = spawnSync(
    join(place.binDir, 'initdb'),
    // The built-in C.UTF-8 needs neither the machine's locales nor ICU: the same order everywhere, for ever.
    [
      '-D',
      draft,
      '-U',
      'guichet',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
    ],
    { ...place.runAs, cwd: '/', encoding: 'utf8', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } },
  )
  if (made.status !== 0)
    throw new OperatorError(
      'initdb_failed',
      `The embedded database could not be made in ${place.dir}: ${(made.stderr ?? String(made.error)).trim().split('\n').at(-1) ?? 'no reason given'}`,
    )
  renameSync(draft, data)
  return true
}

/** A folder for the socket, short enough for the system and closed to others. */
function socketFolder(place: Place): string {
  const uid = place.runAs?.uid ?? process.getuid?.() ?? 0
  const hash = createHash('sha256').update(place.dir).digest('hex').slice(0, 12)
  for (const dir of [
    join(place.dir, 'run'),
    join(tmpdir(), `guichet-${hash}`),
    `/tmp/guichet-${hash}`,
    `/tmp/guichet-${hash}-${uid}`,
  ]) {
    if (Buffer.byteLength(join(dir, socketName)) > longestSocket) continue
    try {
      mkdirSync(dir, { mode: 0o700 })
      if (place.runAs) chownSync(dir, place.runAs.uid, place.runAs.gid)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') continue
    }
    const found = lstatSync(dir)
    if (found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0) return dir
  }
  throw new OperatorError(
    'no_socket_folder',
    `No folder short enough for a socket could be made for ${place.dir}.`,
  )
}

export type Keeper =
  /** PostgreSQL ends with this process, whatever kills it. */
  | { readonly kind: 'owner' }
  /** PostgreSQL ends when this file has not been touched for twenty minutes. */
  | { readonly kind: 'lease'; readonly file: string }

export type Postmaster = { readonly child: ChildProcess; readonly socketDir: string }

/** Starts PostgreSQL and waits until it takes connections. Null: another start on the same data won the race. */
export async function launch(place: Place, keeper: Keeper, waitMs: number): Promise<Postmaster | null> {
  const socketDir = socketFolder(place)
  const log = join(place.dir, 'postgres.log')
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > logLimitBytes) truncateSync(log)
  const logFrom = statSync(log, { throwIfNoEntry: false })?.size ?? 0
  const out = openSync(log, 'a', 0o600)
  const data = join(place.dir, 'data')
  const flags = Object.entries({ ...settings, unix_socket_directories: socketDir }).flatMap(
    ([name, value]) => ['-c', `${name}=${value}`],
  )
  const command = [join(place.binDir, 'postgres'), '-D', data, ...flags]
  const [script, extra] = keeper.kind === 'owner' ? [ownedBy, []] : [leasedTo, [keeper.file]]
  const child = spawn('/bin/sh', ['-c', script, 'guichet-postgres', ...extra, ...command], {
    ...place.runAs,
    cwd: '/',
    // Its own session: a Ctrl-C in the terminal is ours to answer, the database goes last.
    detached: true,
    stdio: [keeper.kind === 'owner' ? 'pipe' : 'ignore', out, out],
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
  })
  closeSync(out)
  let failed: string | null = null
  child.once('error', (error) => {
    failed = error.message
  })
  child.stdin?.on('error', () => {})
  const until = Date.now() + waitMs
  for (;;) {
    const running = runningPostmaster(place)
    if (running?.ready && child.exitCode === null && child.signalCode === null) return { child, socketDir }
    if (child.exitCode !== null || child.signalCode !== null || failed !== null) {
      const said = failed ?? readFileSync(log, 'utf8').slice(logFrom)
      if (/lock file "postmaster.pid" already exists|shared memory block .* is still in use/.test(said))
        return null
      const why =
        said.split('\n').findLast((line) => line.includes('FATAL')) ?? said.trim().split('\n').at(-1)
      throw new OperatorError(
        'embedded_did_not_start',
        `The embedded database did not start: ${why}. Its log: ${log}`,
      )
    }
    if (Date.now() > until) {
      child.stdin?.end()
      throw new OperatorError(
        'embedded_slow',
        `The embedded database was not ready after ${Math.round(waitMs / secondMs)} s. Its log: ${log}`,
      )
    }
    await pause(5)
  }
}

/** Asks a running PostgreSQL to stop cleanly (fast shutdown) and waits; after `waitMs` it is stopped without a checkpoint. */
export async function stopRunning(place: Place, waitMs: number): Promise<void> {
  const until = Date.now() + waitMs
  let asked = 0
  let pressed = false
  for (;;) {
    const running = runningPostmaster(place)
    if (!running) return
    if (running.pid !== asked) {
      asked = running.pid
      signal(running.pid, 'SIGINT')
    } else if (!pressed && Date.now() > until) {
      pressed = true
      signal(running.pid, 'SIGQUIT')
    } else if (Date.now() > until + 5 * secondMs)
      throw new OperatorError(
        'embedded_does_not_stop',
        `PostgreSQL (process ${running.pid}) of ${place.dir} does not stop.`,
      )
    await pause(10)
  }
}

function signal(pid: number, name: 'SIGINT' | 'SIGQUIT'): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM')
      throw new OperatorError(
        'embedded_not_ours',
        `PostgreSQL (process ${pid}) belongs to another user and cannot be stopped by this one.`,
      )
  }
}

/** Writes an empty file that the account of the place may see and touch. */
export function touchLease(file: string): void {
  writeFileSync(file, '')
}
