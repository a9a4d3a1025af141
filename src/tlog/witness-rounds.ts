import type { Pool } from 'pg'
import { secondMs } from '../core/clock.ts'
import { code, count, errorCode, type Logger } from '../core/logger.ts'
import { OperatorError } from '../core/operator-error.ts'
import { isRefusal } from '../core/refusal.ts'
import { one } from '../core/sql.ts'
import { consistencyProof, newestCheckpoint, safeCount } from './store.ts'
import { parseVerifierKey, type VerifierKey } from './verify.ts'
import { cosign, type Witness } from './witness.ts'

/** Asks the witnesses about each new checkpoint, at a pace, best effort: the log never waits for them. */
export type WitnessRounds = AsyncDisposable & { poke(): void; askNow(): Promise<number> }

/** Throws OperatorError when a witness's key or URL is no such thing. */
export function witnessRounds(options: {
  readonly pool: Pool
  readonly log: Logger
  readonly witnesses?: readonly Witness[]
  readonly witnessPaceMs?: number
  readonly fetch?: typeof globalThis.fetch
}): WitnessRounds {
  const { pool, log } = options
  const paceMs = options.witnessPaceMs ?? 10 * secondMs
  const witnesses = (options.witnesses ?? []).map(({ url, vkey }) => ({
    url: checkedUrl(url),
    key: checkedKey(vkey),
  }))
  const closing = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<number> | undefined
  let lastAt = Number.NEGATIVE_INFINITY

  async function askOne(url: string, key: VerifierKey): Promise<boolean> {
    const newest = await newestCheckpoint(pool)
    if (!newest || newest.size === 0) return false
    const last = await one<{ size: string | null }>(
      pool,
      'select max(size) as size from tlog_cosignature where vkey = $1',
      [key.vkey],
    )
    const oldSize = safeCount(last?.size ?? 0)
    if (oldSize >= newest.size) return true
    const answer = await cosign(
      url,
      key,
      {
        note: newest.note,
        size: newest.size,
        oldSize,
        prove: (from) => consistencyProof(pool, from, newest.size),
      },
      { fetch: options.fetch, signal: closing.signal },
    )
    if (isRefusal(answer)) {
      const now = await newestCheckpoint(pool)
      // Another process of ours may simply have been quicker with a newer checkpoint.
      if (answer.refused === 'witness_ahead' && now && now.size > newest.size) return false
      const loud = answer.refused === 'witness_ahead' || answer.refused === 'witness_refused'
      log[loud ? 'error' : 'warn']('tlog.witness', {
        code: code(answer.refused),
        status: answer.detail ? code(answer.detail) : undefined,
      })
      return false
    }
    // The checkpoint may have left the table meanwhile (it had no cosignature): then there is nothing to add to.
    await pool.query(
      `insert into tlog_cosignature (size, vkey, line, cosigned_at)
       select size, $2, $3, to_timestamp($4) from tlog_checkpoint where size = $1 for key share
       on conflict (vkey, size) do update set line = excluded.line, cosigned_at = excluded.cosigned_at`,
      [newest.size, key.vkey, answer.line, answer.time],
    )
    return true
  }
  async function ask(): Promise<number> {
    // Asking now stands for whatever was planned; a checkpoint made from here on plans anew.
    clearTimeout(timer)
    timer = undefined
    lastAt = performance.now()
    const answers = await Promise.all(
      witnesses.map(({ url, key }) =>
        askOne(url, key).catch((error: unknown) => {
          log.warn('tlog.witness', { code: errorCode(error) })
          return false
        }),
      ),
    )
    const cosigned = answers.filter(Boolean).length
    if (witnesses.length > 0) log.debug('tlog.cosigned', { witnesses: count(cosigned) })
    return cosigned
  }
  const askNow = (): Promise<number> => {
    running ??= ask().finally(() => {
      running = undefined
    })
    return running
  }
  return {
    askNow,
    poke() {
      if (witnesses.length === 0 || timer !== undefined || closing.signal.aborted) return
      timer = setTimeout(
        () => {
          timer = undefined
          void (running ?? Promise.resolve(0)).then(askNow)
        },
        Math.max(0, lastAt + paceMs - performance.now()),
      )
      timer.unref()
    },
    async [Symbol.asyncDispose]() {
      closing.abort()
      clearTimeout(timer)
      await running
    },
  }
}

function checkedKey(vkey: string): VerifierKey {
  const key = parseVerifierKey(vkey)
  if ('refused' in key)
    throw new OperatorError('witness_key_bad', `A witness's key cannot be used: ${key.detail}.`)
  if (key.type === 0x01)
    throw new OperatorError('witness_key_bad', `The key of ${key.name} is not a witness's (type 4 or 6).`)
  return key
}
function checkedUrl(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new OperatorError('witness_url_bad', 'A witness is named by an http or https address.')
  return url
}
