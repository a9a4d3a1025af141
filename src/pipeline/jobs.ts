import { Logger as WorkerLogger, run, runMigrations, type Runner, type TaskList } from 'graphile-worker'
import type { Pool } from 'pg'
import { z } from 'zod'
import type { InstitutionId } from '../bank/bank.ts'
import { code, errorCode, type Logger } from '../core/logger.ts'
import { OutsideError } from '../core/refusal.ts'
import { many, type Db } from '../core/sql.ts'
import { type Clock, dayMs } from '../core/clock.ts'
import type { ContactRef } from '../customer/contact.ts'
import { sweepExpired } from '../customer/session.ts'
import { forget, recall, remember } from '../conversation/thread.ts'
import { ask as askSchema, isMoneyAsk, type MoneyAsk } from '../intent/ask.ts'
import { words } from '../intent/talk.ts'
import { answerMoney } from '../intent/money-turn.ts'
import { sweepUnclear } from '../intent/unclear.ts'
import type { Contact } from './contacts.ts'
import type { Engine } from './engine.ts'

/**
 * Work that is not the hot path, on graphile-worker in the same database. A job's payload names rows, never their
 * content: what was asked stays sealed with the thread, behind its handle.
 */
const contactPayload = z.object({
  lane: z.int(),
  contactId: z.uuid({ version: 'v8' }).or(z.string().length(36)),
})
const againPayload = contactPayload.extend({ handle: z.string(), until: z.number() })
const orphanPayload = z.object({ institution: z.string(), sealed: z.string().max(20_000) })
const revokePayload = contactPayload.extend({ institution: z.string() })

/** How long a bank that does not answer is asked again before we say that we stopped. */
export const againMinutes = 10

/** One job for each kind of question at each bank: asked twice it is answered once, and none pushes another out. */
const againKey = (contactId: string, asked: MoneyAsk): string =>
  `ask_again/${contactId}/${asked.institution ?? ''}/${asked.kind}`

export type Jobs = {
  askAgain(contact: Contact, asked: MoneyAsk): Promise<number>
  /** `db`: the transaction that makes it necessary, so that a crash right after cannot forget it. */
  revokeLater(contact: Contact, institution: InstitutionId, db?: Db): Promise<void>
  revokeOrphan(institution: InstitutionId, sealed: string): Promise<void>
  start(engine: Engine): Promise<void>
  stop(): Promise<void>
}

export function openJobs(deps: { pool: Pool; clock: Clock; log: Logger; newHandle: () => string }): Jobs {
  const { pool, clock, log } = deps
  let runner: Runner | null = null

  const add = (
    task: string,
    payload: unknown,
    options: { runAt?: number; key?: string; maxAttempts?: number },
    db: Db = pool,
  ): Promise<unknown> =>
    db.query(
      `select graphile_worker.add_job($1, $2::json, run_at => to_timestamp($3 / 1000.0), job_key => $4, max_attempts => $5)`,
      [
        task,
        JSON.stringify(payload),
        options.runAt ?? clock(),
        options.key ?? null,
        options.maxAttempts ?? 25,
      ],
    )

  const tasks = (engine: Engine): TaskList => ({
    /** Asks a bank again that did not answer, every half minute until the promised time. */
    ask_again: async (raw) => {
      const payload = againPayload.parse(raw)
      const contact = await find(engine, payload)
      if (!contact) return
      const now = clock()
      const asked = askSchema.safeParse(recall(contact.thread, payload.handle, now))
      if (!asked.success || !isMoneyAsk(asked.data)) return
      const institution = asked.data.institution ?? null
      let down = false
      const quiet = {
        ...engine.counterDeps,
        acts: { ...engine.counterDeps.acts, tryAgain: async () => ((down = true), 0) },
      }
      const fresh = deps.newHandle()
      const says = await answerMoney(asked.data, contact, quiet, now, `once:${fresh}`)
      // The question leaves its handle with the commit that says the answer: a job that runs again after a crash finds
      // it gone, and does not say it twice.
      const tellOnce = (): void => {
        forget(contact.thread, payload.handle)
        contact.touched = true
      }
      if (!down) {
        remember(contact.thread, fresh, asked.data, now)
        tellOnce()
        await engine.say(contact, [words([{ key: 'bank.back' }], [], institution), ...says])
        return
      }
      if (now >= payload.until) {
        tellOnce()
        await engine.say(contact, [
          words([{ key: 'bank.still-down' }], [{ title: 'button.bank-page', link: 'bank' }], institution),
        ])
        return
      }
      await add('ask_again', payload, {
        runAt: now + 30_000,
        key: againKey(payload.contactId, asked.data),
      })
    },
    /** Gives tokens back to a bank that could not be reached when they were withdrawn. */
    bank_revoke: async (raw) => {
      const payload = revokePayload.parse(raw)
      const contact = await find(engine, payload)
      if (!contact) return
      contact.money = null
      const { links, grants } = await engine.contacts.money(contact)
      const link = links.find(({ institution }) => institution === payload.institution)
      const grant = grants.find(({ body }) => body.institution === payload.institution)
      if (!link?.tokens || grant?.state === 'active') return
      if (await engine.records.giveBack(contact, link)) {
        await engine.say(contact, [
          words(
            [{ key: 'grant.key-returned', params: { at: { type: 'date', at: clock(), withTime: true } } }],
            [],
            payload.institution,
          ),
        ])
        return
      }
      throw new OutsideError('bank_unavailable', { retryable: true })
    },
    /** The same for tokens whose link is gone. */
    bank_revoke_orphan: async (raw) => {
      const { institution, sealed } = orphanPayload.parse(raw)
      await engine.records.retryOrphan(institution, sealed)
    },
    /** Erases a customer on an operator's word. */
    erase: async (raw) => {
      const contact = await find(engine, contactPayload.parse(raw))
      if (contact) await engine.records.erase(contact)
    },
    /** Ends grants that have reached their end date: no later than a minute after it. */
    expire_grants: async () => {
      const due = await many<{ lane: number; contact_id: string; institution: string }>(
        pool,
        `select lane, contact_id, institution from consent_grant where state = 'active' and valid_until <= to_timestamp($1 / 1000.0) limit 500`,
        [clock()],
      )
      for (const row of due) {
        const contact = await find(engine, { lane: row.lane, contactId: row.contact_id })
        if (contact) await engine.records.takeBack(contact, row.institution, null, 'expired')
      }
    },
    sweep: async () => {
      await sweepExpired(pool, clock())
      await sweepUnclear(pool, clock())
      // Answered events are kept three days: long past any repeat by the platform.
      await pool.query('delete from conversation_inbox where state = 1 and received_at < $1', [
        clock() - 3 * dayMs,
      ])
    },
  })

  const find = async (engine: Engine, ref: ContactRef): Promise<Contact | null> =>
    (await engine.contacts.open([ref])).get(ref.contactId) ?? null

  return {
    async askAgain(contact, asked) {
      const handle = deps.newHandle()
      const now = clock()
      remember(contact.thread, handle, asked, now)
      contact.touched = true
      await add(
        'ask_again',
        { ...contact.ref, handle, until: now + againMinutes * 60_000 },
        { runAt: now + 15_000, key: againKey(contact.ref.contactId, asked) },
      )
      return againMinutes
    },
    revokeLater: async (contact, institution, db) => {
      await add(
        'bank_revoke',
        { ...contact.ref, institution },
        {
          runAt: clock() + 15_000,
          key: `bank_revoke/${contact.ref.contactId}/${institution}`,
          maxAttempts: 1_000,
        },
        db,
      )
    },
    revokeOrphan: async (institution, sealed) => {
      await add(
        'bank_revoke_orphan',
        { institution, sealed },
        { runAt: clock() + 15_000, maxAttempts: 1_000 },
      )
    },
    async start(engine) {
      await runMigrations({ pgPool: pool })
      // This process owns the lanes, and so all jobs: those that one before it held when it was killed would wait for hours.
      await pool.query(
        'select graphile_worker.force_unlock_workers(array(select distinct locked_by from graphile_worker.jobs where locked_by is not null))',
      )
      runner = await run({
        pgPool: pool,
        taskList: tasks(engine),
        concurrency: 2,
        noHandleSignals: true,
        parsedCronItems: undefined,
        crontab: '* * * * * expire_grants\n17 * * * * sweep',
        events: undefined,
        // Its own lines quote payloads and errors; what we have to say of a job is said by its events below.
        logger: new WorkerLogger(() => () => {}),
      })
      runner.events.on('job:failed', ({ job, error }) =>
        log.warn('job.failed', { task: code(job.task_identifier), code: errorCode(error) }),
      )
    },
    async stop() {
      await runner?.stop()
      runner = null
    },
  }
}
