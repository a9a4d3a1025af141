import { Worker } from 'node:worker_threads'
import { code, count, errorCode, ms, type Logger } from '../core/logger.ts'
import { OperatorError } from '../core/operator-error.ts'
import { noSlots, type Reading, type ReadingContext } from './reading.ts'
import type { Ask, Told } from './worker.ts'

/** Reads what customers write, in a thread of its own. */
export type Understanding = {
  /**
   * Always answers, within `deadlineMs`: where the thread is overrun, slow or gone, with one clause without guesses (the
   * counter then shows choices). Never throws for any text.
   */
  read(text: string, context: ReadingContext): Promise<Reading>
  [Symbol.asyncDispose](): Promise<void>
}

export type UnderstandingOptions = {
  readonly modelFile: URL
  readonly log: Logger
  /** For tests: another thread than the real one. */
  readonly worker?: URL
  /** A reading that takes longer is answered without guesses, and its thread is replaced. */
  readonly deadlineMs?: number
  /** First pause before a dead thread is replaced; doubles up to half a minute. */
  readonly restartMs?: number
}

/** Texts waiting; more are answered without guesses at once. */
const mostWaiting = 500
/** Texts handed over in one message. */
const mostAtOnce = 32
const longestPauseMs = 30_000

type Waiting = {
  readonly ask: Ask
  readonly answer: (reading: Reading) => void
  readonly timer: NodeJS.Timeout
  /** Was in hand when a thread died: handed over alone, and never a third time. */
  tried: boolean
  answered: boolean
}

/**
 * Starts the thread and waits until it can read. Throws OperatorError where the model or the encoder is missing,
 * damaged or of another version.
 */
export async function openUnderstanding(options: UnderstandingOptions): Promise<Understanding> {
  const { modelFile, log, deadlineMs = 3000, restartMs = 100 } = options
  const file = options.worker ?? new URL('worker.ts', import.meta.url)
  const waiting: Waiting[] = []
  let inHand: Waiting[] = []
  let worker: Worker | null = null
  let ready = false
  let closed = false
  let deaths = 0
  let restart: NodeJS.Timeout | undefined
  let said = false

  /** `first`: told how the start went; a thread started again has nobody to tell but the log. */
  const start = (first?: { resolve: () => void; reject: (error: unknown) => void }): void => {
    const from = performance.now()
    const mine = new Worker(file, {
      workerData: { modelFile: modelFile.href },
      // A young generation of a few megabytes: what a reading leaves behind is cleared early.
      resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 },
    })
    worker = mine
    mine.on('message', (told: Told) => {
      if ('failed' in told) {
        log.error('nlu_cannot_start', { code: code(told.failed.code) })
        first?.reject(new OperatorError(told.failed.code, told.failed.faults))
      } else if ('ready' in told) {
        ready = true
        mine.unref()
        log.info('nlu_ready', { took: ms(performance.now() - from) })
        if (told.withoutEncoder && !said) log.warn('nlu_without_encoder')
        if (told.outdated && !said) log.warn('nlu_model_outdated')
        said = true
        first?.resolve()
        handOver()
      } else {
        deaths = 0
        const done = inHand
        inHand = []
        done.forEach((one, at) => settle(one, told.readings[at] ?? unread(one.ask)))
        handOver()
      }
    })
    mine.on('error', (error) => {
      log.error('nlu_thread_failed', { code: errorCode(error) })
      first?.reject(error)
    })
    mine.on('exit', () => {
      if (worker !== mine) return
      worker = null
      ready = false
      const lost = inHand
      inHand = []
      for (const one of lost) {
        if (one.tried) settle(one, unread(one.ask))
        one.tried = true
      }
      waiting.unshift(...lost.filter(({ answered }) => !answered))
      first?.reject(
        new OperatorError('nlu_thread_failed', 'The thread that reads messages stopped at its start.'),
      )
      if (closed) return
      const pause = Math.min(restartMs * 2 ** deaths++, longestPauseMs)
      log.warn('nlu_thread_restarts', { lost: count(lost.length), pause: ms(pause) })
      restart = setTimeout(start, pause)
      restart.unref()
    })
  }

  const handOver = (): void => {
    if (!worker || !ready || inHand.length > 0) return
    while (waiting[0]?.answered) waiting.shift()
    if (waiting.length === 0) return
    // One that may have killed a thread goes alone, so that no other dies with it.
    const alone = waiting[0]!.tried
    const next = waiting.findIndex(({ tried }) => tried)
    const upTo = alone ? 1 : Math.min(next < 0 ? waiting.length : next, mostAtOnce)
    inHand = waiting.splice(0, upTo).filter(({ answered }) => !answered)
    const asked: readonly Ask[] = inHand.map(({ ask }) => ask)
    worker.postMessage(asked, [])
  }

  const settle = (one: Waiting, reading: Reading): void => {
    if (one.answered) return
    one.answered = true
    clearTimeout(one.timer)
    one.answer(reading)
  }

  const late = (one: Waiting): void => {
    settle(one, unread(one.ask))
    const at = waiting.indexOf(one)
    if (at >= 0) waiting.splice(at, 1)
    if (!inHand.includes(one)) return
    // It is stuck in this one: what else it held is tried again by its successor.
    log.warn('nlu_reading_late', { waiting: count(waiting.length) })
    void worker?.terminate()
  }

  await new Promise<void>((resolve, reject) => start({ resolve, reject })).catch(async (error: unknown) => {
    closed = true
    clearTimeout(restart)
    await worker?.terminate()
    throw error
  })

  return {
    read: async (text, context) =>
      await new Promise((answer) => {
        const ask = { text, context }
        if (closed || waiting.length >= mostWaiting) return answer(unread(ask))
        const one: Waiting = {
          ask,
          answer,
          timer: setTimeout(() => late(one), deadlineMs),
          tried: false,
          answered: false,
        }
        waiting.push(one)
        // In the next turn of the loop, so that what arrives together is handed over together.
        setImmediate(handOver)
      }),
    async [Symbol.asyncDispose]() {
      closed = true
      clearTimeout(restart)
      for (const one of [...inHand, ...waiting]) settle(one, unread(one.ask))
      waiting.length = 0
      await worker?.terminate()
    },
  }
}

/** What is said of a text that nobody read. */
function unread({ text, context }: Ask): Reading {
  return {
    language: context.language,
    languageSure: false,
    clauses: [
      {
        text,
        guesses: [],
        outOfScope: 0,
        slots: noSlots(text),
        follow: null,
        negated: false,
      },
    ],
  }
}
