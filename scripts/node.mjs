// Plain JavaScript for Node 18 and newer: runs before anything is installed.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const wanted = 24

/** The Node that runs Guichet: the one installed by npm, else this one when it is new enough. */
export function findNode() {
  const installed = join(
    root,
    'node_modules',
    'node',
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  )
  if (existsSync(installed)) return installed
  if (Number(process.versions.node.split('.')[0]) >= wanted) return process.execPath
  return null
}

/** The npm that started us: our parent, or the parent of the shell in between (told apart on Linux only). */
function npmAbove() {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, 'latin1')
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
    if (/^(ba|da|z|k|a)?sh$/.test(name)) return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]
  } catch {}
  return String(process.ppid)
}

/** Runs a file with it, hands on signals, and ends as it ends. `watchParent`: stop it when npm, who started us, is gone. */
export function runNode(args, { env = process.env, watchParent = false } = {}) {
  const node = findNode()
  if (!node) {
    process.stderr.write(
      `✗ Guichet needs Node ${wanted}, which "npm install" brings. This is Node ${process.versions.node}.\n`,
    )
    process.exit(1)
  }
  const stdio = watchParent ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit'
  const child = spawn(node, args, {
    stdio,
    env: {
      // Compiled code is kept between starts: a second start spends its time on starting.
      NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled'),
      ...env,
      PATH: `${join(root, 'node_modules', '.bin')}:${env.PATH ?? ''}`,
    },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  if (watchParent && process.env.npm_lifecycle_event) {
    const started = npmAbove()
    setInterval(() => npmAbove() !== started && child.kill('SIGTERM'), 500).unref()
  }
  child.on('error', (error) => {
    process.stderr.write(`✗ ${error.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) =>
    process.exit(signal ? 128 + ({ SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 1) : (code ?? 1)),
  )
}
