import { chmodSync, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import { configFile, loadSettings } from '../core/config.ts'
import { OperatorError } from '../core/operator-error.ts'

type Entry = Record<string, unknown>

/** A path as the configuration file should hold it: relative to it when inside its folder. */
export function pathForConfig(path: string): string {
  const home = dirname(target())
  const full = resolve(path)
  const short = relative(home, full)
  return short.startsWith('..') || isAbsolute(short) ? full : short
}

const target = () => configFile(process.env, process.cwd()) ?? resolve('guichet.json')

/**
 * Adds an entry to a list of the configuration file, or puts it in the place of the one that is the same. The whole
 * file is checked before it is put in place; a fault leaves the old one as it was. Gives back the file's path.
 */
export function addToConfig(
  list: 'channels' | 'institutions',
  entry: Entry,
  same: (other: Entry) => boolean,
  replace: boolean,
): string {
  const file = target()
  let settings: Record<string, unknown> = {}
  if (existsSync(file)) {
    try {
      settings = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
    } catch {
      throw new OperatorError('settings', `The configuration file ${file} is not JSON. Correct it first.`)
    }
  }
  const before = Array.isArray(settings[list]) ? (settings[list] as Entry[]) : []
  if (before.some(same) && !replace)
    throw new OperatorError(
      'already_there',
      `It is already in ${file}. Use --replace to put this in its place.`,
    )
  const after = {
    ...settings,
    [list]: before.some(same) ? before.map((other) => (same(other) ? entry : other)) : [...before, entry],
  }
  const draft = `${file}.${process.pid}.draft`
  writeFileSync(draft, `${JSON.stringify(after, null, 2)}\n`, { mode: 0o600 })
  try {
    loadSettings({ env: { ...process.env, GUICHET_CONFIG: draft }, need: 'database' })
    chmodSync(draft, existsSync(file) ? statSync(file).mode & 0o777 : 0o640)
    renameSync(draft, file)
  } catch (error) {
    if (error instanceof OperatorError)
      throw new OperatorError(
        error.code,
        error.faults.map((fault) => fault.replaceAll(draft, 'the new entry')),
        { cause: error },
      )
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return file
}
