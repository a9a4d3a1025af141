import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

const cli = join(import.meta.dirname, '..', '..', 'src', 'cli', 'guichet.ts')

/** A real `guichet serve` that can be killed at any moment. */
export type Gateway = {
  /** Milliseconds from the start to the ready line; rejects when it ended before. */
  readonly ready: Promise<number>
  readonly gone: Promise<void>
  readonly pid: number
  /** kill -9; false when it had ended by itself before. */
  kill(): Promise<boolean>
  /** What it wrote to standard error, the end of it. */
  said(): string
}

export function startGateway(configFile: string, cache: string): Gateway {
  const began = performance.now()
  let said = ''
  const child: ChildProcess = spawn(process.execPath, [cli, 'serve'], {
    // The compile cache is what a second start of the same version has in any case; it halves the start here.
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      GUICHET_CONFIG: configFile,
      NODE_COMPILE_CACHE: cache,
    },
    // As under a supervisor: no channel to us, only its ready line.
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-20_000)
  })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const ready = new Promise<number>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('guichet ready')) resolve(performance.now() - began)
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error('ended before it was ready')))
  })
  ready.catch(() => {})
  return {
    ready,
    gone,
    pid: child.pid ?? 0,
    async kill() {
      child.kill('SIGKILL')
      await gone
      return child.signalCode === 'SIGKILL'
    },
    said: () => said,
  }
}
