// Plain JavaScript for Node 18 and newer: runs before anything is installed.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './node.mjs'

const read = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'))

/** Is what is installed what the lockfile says? npm keeps its own record of what it installed. */
function upToDate() {
  if (!existsSync(join(root, 'node_modules', 'node', 'bin'))) return false
  try {
    const wanted = read('package-lock.json').packages
    const have = read('node_modules/.package-lock.json').packages
    return Object.entries(wanted).every(
      ([path, entry]) => path === '' || entry.optional || entry.peer || have[path]?.version === entry.version,
    )
  } catch {
    return false
  }
}

/** Installs what the lockfile names when it is not there yet; one line of progress, npm's own words only when it fails. */
export async function ensureInstalled() {
  if (upToDate()) return
  const started = Date.now()
  const tty = process.stderr.isTTY
  const line = () => `Installing packages (${Math.round((Date.now() - started) / 1000)} s) …`
  process.stderr.write(tty ? line() : 'Installing packages …\n')
  const ticker = tty ? setInterval(() => process.stderr.write(`\r${line()}`), 1000) : undefined
  let result = await npm('ci')
  // Some registries lack packages of other platforms, and then `npm ci` calls the lockfile incomplete. An install that
  // saves nothing takes the same versions from it.
  if (result.status !== 0 && /EUSAGE/.test(result.said)) result = await npm('install', '--no-save')
  clearInterval(ticker)
  if (tty) process.stderr.write('\r\x1b[K')
  if (result.status !== 0) {
    process.stderr.write(
      `${result.said.trim().slice(-3_000)}\n✗ Installing failed. Check the network and the registry, then try again.\n`,
    )
    process.exit(1)
  }
  const seconds = Math.round((Date.now() - started) / 1000)
  process.stderr.write(`Installed in ${seconds} s.\n`)
}

/** Runs npm (the one that started us, where it did) and keeps what it says. */
function npm(...words) {
  const args = [...words, '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const path = process.env.npm_execpath
  const [command, rest] = path && /\.c?js$/.test(path) ? [process.execPath, [path, ...args]] : ['npm', args]
  return new Promise((resolve) => {
    const child = spawn(command, rest, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    const keep = (chunk) => (said = (said + chunk).slice(-20_000))
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => resolve({ status: 1, said: error.message }))
    child.on('close', (status) => resolve({ status, said }))
  })
}
