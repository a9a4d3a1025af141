import { fileURLToPath } from 'node:url'
import type { Pool } from 'pg'
import { dayMs, type Clock } from '../core/clock.ts'
import { errorCode, code, type Logger } from '../core/logger.ts'
import { many } from '../core/sql.ts'
import { languageTags } from '../core/words.ts'
import { blot } from '../nlu/blot.ts'
import type { Clause, Language } from '../nlu/reading.ts'

/** How long such sentences are kept, and how many at most. */
export const unclearDays = 30
export const unclearMost = 20_000
const bufferMost = 500
const writeEveryMs = 5_000

/** The labelled sentences that come with Guichet. */
export const ownSentences = (): string[] =>
  languageTags.map((tag) => fileURLToPath(new URL(`../../nlu/own/${tag}.train.csv`, import.meta.url)))

export type UnclearRow = {
  readonly at: Date
  readonly language: string
  readonly how: 'offered' | 'missed'
  readonly words: string
  /** `balance=0.41 pay=0.22` */
  readonly guesses: string
}

/** Keeps what was not understood. Best effort: what cannot be written is lost, and a chat never waits for it. */
export function openUnclear(deps: { pool: Pool; clock: Clock; log: Logger; common: ReadonlySet<string> }) {
  const { pool, clock, log, common } = deps
  let rows: UnclearRow[] = []
  const flush = async (): Promise<void> => {
    const batch = rows
    rows = []
    if (batch.length === 0) return
    try {
      await pool.query(
        `insert into intent_unclear (at, language, how, words, guesses)
         select e.at, e.language, e.how, e.words, e.guesses
         from unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[]) as e(at, language, how, words, guesses)`,
        [
          batch.map(({ at }) => at),
          batch.map(({ language }) => language),
          batch.map(({ how }) => how),
          batch.map(({ words }) => words),
          batch.map(({ guesses }) => guesses),
        ],
      )
    } catch (error) {
      log.warn('unclear.not_written', { code: errorCode(error), kind: code('lost') })
    }
  }
  const timer = setInterval(() => void flush(), writeEveryMs)
  timer.unref()
  return {
    note: (clause: Clause, language: Language, how: 'offered' | 'missed'): void => {
      if (rows.length >= bufferMost) return
      const words = blot(clause, common)
      if (words === '') return
      rows.push({
        at: new Date(clock()),
        language,
        how,
        words,
        guesses: clause.guesses.map(({ name, p }) => `${name}=${p.toFixed(2)}`).join(' '),
      })
    },
    flush,
    async stop(): Promise<void> {
      clearInterval(timer)
      await flush()
    },
  }
}

/** Forgets what is too old or too much. Runs whether or not anything is being kept. */
export async function sweepUnclear(pool: Pool, now: number): Promise<void> {
  await pool.query(
    `delete from intent_unclear
     where at < $1 or unclear_id <= (select max(unclear_id) - $2 from intent_unclear)`,
    [new Date(now - unclearDays * dayMs), unclearMost],
  )
}

/** What was kept, the same words together, most often first. */
export const unclearRows = (
  pool: Pool,
  since: Date,
  most: number,
): Promise<{ words: string; language: string; times: number; latest: Date; guesses: string }[]> =>
  many(
    pool,
    `select words, language, count(*)::int as times, max(at) as latest,
            (array_agg(guesses order by at desc))[1] as guesses
     from intent_unclear where at >= $1
     group by words, language order by times desc, latest desc limit $2`,
    [since, most],
  )
