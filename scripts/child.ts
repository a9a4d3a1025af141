import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, renameSync, statSync, type WriteStream } from 'node:fs'

/** Beyond this a log file is put aside (one older file is kept). */
const logLimitBytes = 8 << 20

/** A log file that does not grow without bound. */
function openLog(file: string): { write(chunk: Buffer): void; end(): void } {
  let size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  let stream: WriteStream = createWriteStream(file, { flags: 'a', mode: 0o600 })
  return {
    write(chunk) {
      size += chunk.length
      if (size > logLimitBytes) {
        stream.end()
        renameSync(file, `${file}.1`)
        stream = createWriteStream(file, { flags: 'a', mode: 0o600 })
        size = chunk.length
      }
      stream.write(chunk)
    },
    end: () => void stream.end(),
  }
}

export type Child = {
  readonly name: string
  /** Resolves when it says that it is ready; rejects with what it said when it ends before. */
  readonly ready: Promise<void>
  readonly pid: number | undefined
  /** Asks it to stop and waits; after `waitMs` it is killed. */
  stop(waitMs: number): Promise<void>
}

/** A process of the box ended before it was ready; the message is what it had to say. */
export class DidNotStart extends Error {}

/**
 * Starts a part of the box as a process of its own session: Ctrl-C in the terminal reaches us alone, and we stop the
 * parts in order. It ends when we do, however we end: the channel to it closes. Started again when it dies, at most
 * five times a minute.
 */
export function startChild(
  name: string,
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; log: string; notice: (say: string) => void; gaveUp: () => void },
): Child {
  const log = openLog(options.log)
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => {})
  let up = false
  let stopping = false
  let deaths: number[] = []
  let current: ChildProcess
  let gone = Promise.withResolvers<void>()

  const start = () => {
    gone = Promise.withResolvers<void>()
    let said = ''
    current = spawn(process.execPath, args, {
      env: options.env,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    current.stderr?.on('data', (chunk: Buffer) => {
      log.write(chunk)
      if (!up) said = (said + chunk.toString()).slice(-8_000)
    })
    current.on('message', (message) => {
      if (typeof message !== 'object' || message === null || !('ready' in message)) return
      up = true
      ready.resolve()
    })
    current.on('error', (error) => ready.reject(new DidNotStart(error.message)))
    current.on('exit', (code, signal) => {
      gone.resolve()
      if (stopping) return
      if (!up) {
        ready.reject(
          new DidNotStart(
            wordsOf(said) || `${name} ended (${signal ?? code}) before it was ready. Its log: ${options.log}`,
          ),
        )
        return
      }
      deaths = [...deaths.filter((at) => at > Date.now() - 60_000), Date.now()]
      if (deaths.length > 5) {
        options.notice(`${name} ended ${deaths.length} times within a minute. Its log: ${options.log}`)
        options.gaveUp()
        return
      }
      options.notice(`${name} ended (${signal ?? code}); starting it again`)
      start()
    })
  }
  start()
  return {
    name,
    ready: ready.promise,
    get pid() {
      return current.pid
    },
    async stop(waitMs) {
      stopping = true
      if (current.exitCode === null && current.signalCode === null) {
        current.kill('SIGTERM')
        const late = setTimeout(() => current.kill('SIGKILL'), waitMs)
        await gone.promise
        clearTimeout(late)
      }
      log.end()
    },
  }
}

/** What a process had to say to a person: its lines that are not log lines. */
const wordsOf = (said: string): string =>
  said
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('{'))
    .join('\n')
