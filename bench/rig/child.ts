import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'

export type ChildOptions = {
  readonly args?: readonly string[]
  /** Flags of node itself, such as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** Where its standard error goes; nowhere unless told. */
  readonly log?: string
}

/** A process of the bench: answers questions over its channel and ends with us. */
export type Child = AsyncDisposable & {
  readonly pid: number
  /** Asks and waits for the answer; rejects when the process ends. */
  ask<Answer>(what: string, content?: unknown): Promise<Answer>
  /** The first message that it sent: that it is ready, and where. */
  readonly ready: unknown
}

/** Our environment without settings of Guichet: what is measured is what the bench sets. */
const plainEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GUICHET_')))

type Reply = { readonly id: number; readonly answer?: unknown; readonly failed?: string }

/** Starts `file` and waits until it says `{ ready }`. It is stopped by disposing of it, or when this process ends. */
export async function startChild(file: string, options: ChildOptions = {}): Promise<Child> {
  const process_: ChildProcess = spawn(
    process.execPath,
    [...(options.nodeFlags ?? []), file, ...(options.args ?? [])],
    {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
      env: { ...plainEnvironment(), NODE_ENV: 'production', ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    },
  )
  let said = ''
  const log = options.log === undefined ? null : createWriteStream(options.log, { flags: 'a' })
  process_.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4_000)
    log?.write(chunk)
  })
  const waiting = new Map<number, { done(answer: unknown): void; failed(error: Error): void }>()
  let asked = 0
  const gone = Promise.withResolvers<void>()
  const ready = Promise.withResolvers<unknown>()
  process_.on('message', (message: Reply | { ready: unknown }) => {
    if ('ready' in message) return ready.resolve(message.ready)
    const one = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.failed === undefined) one?.done(message.answer)
    else one?.failed(new Error(message.failed))
  })
  process_.on('error', (error) => ready.reject(error))
  process_.on('exit', (code, signal) => {
    const ended = new Error(`${file.split('/').at(-1)} ended (${signal ?? code}): ${said}`)
    ready.reject(ended)
    for (const one of waiting.values()) one.failed(ended)
    waiting.clear()
    log?.end()
    gone.resolve()
  })
  const stop = async (): Promise<void> => {
    if (process_.exitCode !== null || process_.signalCode !== null) return
    process_.kill('SIGTERM')
    // It lets go of the channel when it has stopped what it does. A second signal ends what lingers on after that.
    const disconnected = () => {
      again = setTimeout(() => process_.kill('SIGTERM'), 1_500)
    }
    let again: NodeJS.Timeout | undefined
    if (process_.connected) process_.once('disconnect', disconnected)
    else disconnected()
    const late = setTimeout(() => process_.kill('SIGKILL'), 40_000)
    await gone.promise
    clearTimeout(again)
    clearTimeout(late)
  }
  const late = setTimeout(() => process_.kill('SIGKILL'), 120_000)
  const first = await ready.promise.finally(() => clearTimeout(late))
  return {
    pid: process_.pid ?? 0,
    ready: first,
    ask: <Answer>(what: string, content?: unknown) =>
      new Promise<Answer>((done, failed) => {
        const id = ++asked
        waiting.set(id, { done: done as (answer: unknown) => void, failed })
        process_.send({ id, what, content })
      }),
    [Symbol.asyncDispose]: stop,
  }
}

/** The other end: answers questions of the process that started us, and ends when it is gone. */
export function answerParent(answers: Readonly<Record<string, (content: never) => unknown>>): void {
  process.once('disconnect', () => process.exit(0))
  process.on('SIGINT', () => {}) // a terminal's Ctrl-C goes to everyone; our starter decides
  process.on('message', (message: { id: number; what: string; content: unknown }) => {
    void (async () => {
      try {
        const answer = await answers[message.what]?.(message.content as never)
        process.send?.({ id: message.id, answer })
      } catch (error) {
        process.send?.({ id: message.id, failed: error instanceof Error ? error.message : String(error) })
      }
    })()
  })
}

/** Milliseconds on the clock that all processes of a machine share (CLOCK_MONOTONIC). */
export const sharedNow = (): number => {
  const [seconds, nanos] = process.hrtime()
  return seconds * 1_000 + nanos / 1e6
}

/** Numbers that keep coming, in one growing array. */
export class Series {
  #values = new Float64Array(65_536)
  length = 0
  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Float64Array(this.#values.length * 2)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.length++] = value
  }
  at(index: number): number {
    return this.#values[index] ?? Number.NaN
  }
  values(): Float64Array {
    return this.#values.slice(0, this.length)
  }
  clear(): void {
    this.length = 0
  }
}
