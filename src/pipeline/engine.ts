import { randomUUID, type KeyObject } from 'node:crypto'
import type { Pool } from 'pg'
import type { Bank, InstitutionId } from '../bank/bank.ts'
import type { Channel, Inbound } from '../channel/channel.ts'
import type { Clock } from '../core/clock.ts'
import { code, errorCode, type Logger } from '../core/logger.ts'
import type { Kek } from '../core/kek.ts'
import { OperatorError } from '../core/operator-error.ts'
import { newSecret } from '../core/id.ts'
import { one, type Db } from '../core/sql.ts'
import type { Words } from '../core/words.ts'
import { has, setFlag, setHanded } from '../conversation/thread.ts'
import { newChatCode } from '../customer/linking.ts'
import { tokenHolder } from '../customer/link.ts'
import { outboxStates } from '../disclosure/clear.ts'
import { claim } from '../disclosure/cancel.ts'
import { Deliverer } from '../disclosure/deliver.ts'
import type { Caller, Counter, CounterDeps, Home, Say } from '../intent/caller.ts'
import type { Assistant } from '../nlu/assistant.ts'
import { languages, type Reading, type ReadingContext } from '../nlu/reading.ts'
import type { MoneyAsk } from '../intent/ask.ts'
import { personNotReached } from '../intent/talk.ts'
import { trouble, turn } from '../intent/turn.ts'
import type { Tlog } from '../tlog/tlog.ts'
import { Contacts, type Contact } from './contacts.ts'
import { draft, type Voice } from './draft.ts'
import { openHandOvers, type ChangeThread } from './handover.ts'
import { Pipeline, usualLimits, type PipelineLimits } from './pipeline.ts'
import { openRecords } from './records.ts'
import { moveMark, recover, stillCalling } from './recover.ts'

/** The affairs of a channel account beyond sending. */
export type AccountActs = {
  /** The platform's app in which the bank's people answer. */
  readonly people: string
  /**
   * Gives the thread to the bank's people. Resolves to the app that has it then: theirs, or one that took it before.
   * Throws OutsideError while it is ours, or nobody can tell.
   */
  handOver(user: string): Promise<string>
  unlink(user: string): Promise<void>
}

export type EngineOptions = {
  readonly pool: Pool
  readonly kek: Kek
  readonly tlog: Tlog
  readonly channels: ReadonlyMap<string, Channel>
  readonly accounts: ReadonlyMap<string, AccountActs>
  readonly banks: ReadonlyMap<InstitutionId, Bank>
  readonly voices: ReadonlyMap<InstitutionId, Voice>
  readonly servedOn: (account: string) => readonly InstitutionId[]
  readonly words: Words
  readonly publicUrl: string
  readonly lanes: number
  readonly clock: Clock
  readonly log: Logger
  readonly limits?: Partial<PipelineLimits>
  readonly contactsInMemory?: number
  readonly sending: { concurrency: number; unknownWaitMs: number; perSecond: number; callSize?: number }
  /** Understands what people write (see nlu/understanding.ts). */
  readonly understanding: { read(text: string, context: ReadingContext): Promise<Reading> }
  /** A model of the bank's own, for what ours does not understand; null where there is none. */
  readonly assistant: Assistant | null
  /** Told of clauses that were not understood. */
  readonly unclear: CounterDeps['unclear']
  /** The bank's own answers, by the name of their intent or topic. */
  readonly ownAnswers: CounterDeps['ownAnswers']
  /** Background work, on the same database. */
  readonly jobs: {
    askAgain(contact: Contact, asked: MoneyAsk): Promise<number>
    revokeLater(contact: Contact, institution: InstitutionId, db?: Db): Promise<void>
    revokeOrphan(institution: InstitutionId, sealed: string): Promise<void>
  }
}

const cardLifeMs = 24 * 3_600_000

/** Everything between a webhook's events and the platform's answers, opened and recovered. One owner of lanes at a time. */
export async function openEngine(options: EngineOptions) {
  const { pool, kek, tlog, clock, log } = options
  await refuseOtherKek(pool, kek)
  const owner = randomUUID()
  await pool.query('select pipeline_lanes($1)', [options.lanes])
  const taken = await one<{ epoch: string }>(pool, 'select pipeline_take($1) as epoch', [owner])
  const subjects: KeyObject = kek.derive('subjects')

  const contacts = new Contacts({
    pool,
    kek,
    lanes: options.lanes,
    capacity: options.contactsInMemory ?? 20_000,
  })
  const counters = new Map<InstitutionId, Counter>()
  for (const [id, bank] of options.banks) {
    const voice = options.voices.get(id)
    if (voice)
      counters.set(id, {
        id,
        name: voice.name,
        timeZone: voice.timeZone,
        lookbackDays: voice.policy.policy.lookbackDays,
        policy: voice.policy,
        bank,
      })
  }
  const peopleOf = (account: string): string | null => options.accounts.get(account)?.people ?? null
  const known = (caller: Caller): Contact => contacts.cached(caller.ref.contactId) ?? (caller as Contact)

  /** The database does not answer. */
  let away = false
  let deliverer: Deliverer
  const records = openRecords({
    pool,
    contacts,
    banks: options.banks,
    tlog,
    deliverer: () => deliverer,
    flush: () => pipeline.flush(),
    revokeLater: options.jobs.revokeLater,
    revokeOrphan: options.jobs.revokeOrphan,
    changeThread,
    orphans: kek.derive('orphan-tokens'),
    subjects,
    clock,
    log,
  })
  const counterDeps: CounterDeps = {
    counters,
    servedOn: options.servedOn,
    peopleOf,
    money: (caller) => contacts.money(known(caller)),
    tokens: (caller, link) => tokenHolder(pool, caller.ref, caller.keys.box, link),
    read: (text, context) => options.understanding.read(text, context),
    smallTalk: async (clause, language) => (await options.assistant?.smallTalk(clause, language)) ?? null,
    second: async (clause, language) => (await options.assistant?.second(clause, language)) ?? null,
    unclear: options.unclear,
    ownAnswers: options.ownAnswers,
    homeOf: (account) => homeOf(options, account),
    newHandle: () => newSecret().slice(0, 12),
    newChatCode,
    acts: {
      completeLinking: (caller, given) => records.completeLinking(known(caller), given),
      withdrawAll: async (caller) => {
        const contact = known(caller)
        const done = []
        for (const link of (await contacts.money(contact)).links) {
          const one_ = await records.takeBack(contact, link.institution, null)
          if (one_) done.push(one_)
        }
        return done
      },
      hideFigures: (caller) => records.hideFigures(known(caller)),
      tryAgain: (caller, asked) => options.jobs.askAgain(known(caller), asked),
      unlinkAtPlatform: async (caller) => {
        await options.accounts
          .get(caller.address.account)
          ?.unlink(caller.address.user)
          .catch((error: unknown) => log.warn('channel.unlink_failed', { code: errorCode(error) }))
      },
    },
  }
  const draftDeps = { ...options, cardLifeMs }
  const pipeline = new Pipeline<Say>({
    pool,
    fence: { owner, epoch: Number(taken?.epoch) },
    contacts,
    deliverer: () => deliverer,
    turn: (contact, inbound, now) => turn(contact, inbound, counterDeps, now),
    draft: (contact, answer, now) => draft(contact, answer, now, draftDeps),
    trouble,
    slow: showTyping,
    logged: (batchId, entries) => (batchId === null ? tlog.poke() : tlog.appended(batchId, entries)),
    reachable: (now) => {
      away = !now
      if (now) deliverer.echoesSince(clock())
    },
    fenced: () => {
      void deliverer.stop()
      void handOvers.stop()
    },
    clock,
    log,
    limits: { ...usualLimits, ...options.limits },
  })
  deliverer = new Deliverer(
    options.channels,
    {
      concurrency: options.sending.concurrency,
      callSize: options.sending.callSize ?? 50,
      unknownWaitMs: options.sending.unknownWaitMs,
      perSecond: options.sending.perSecond,
      // About six hours of an outage: then what was to be said is of no use any more.
      maxAttempts: 400,
    },
    {
      settle: (row) => pipeline.settle(row),
      mayStillGo: async (parcel) => {
        if (away) {
          // Webhooks are being refused, echoes among them: what waits for one begins to wait when they can come again.
          await pool.query('select 1')
          away = false
          deliverer.echoesSince(clock())
        }
        await pipeline.flush()
        return claim(pool, parcel.contact, parcel.cleared.id, clock())
      },
      effect: (parcel, effect) => {
        log.warn('send.effect', { effect: code(effect) })
        const contact = contacts.cached(parcel.contact.contactId)
        if (!contact) return
        if (effect === 'close_contact') setFlag(contact.thread, 'closed', true)
        if (effect === 'not_owner') {
          // Somebody has the thread whom nobody called, as far as we know: as when the platform says so itself.
          if (!contact.thread.context.handed && has(contact.thread, 'linked'))
            setFlag(contact.thread, 'frozen', true)
          setFlag(contact.thread, 'standby', true)
        }
        contact.touched = true
      },
      idle: (contactId) => {
        const contact = contacts.cached(contactId)
        if (contact && has(contact.thread, 'calling')) handOvers.begin(contact, markedBefore)
      },
    },
    { clock, log },
  )

  /** Best effort: nobody is told when it fails, and whoever else has the thread is not interrupted. */
  function showTyping({ thread, address }: Contact): void {
    if (has(thread, 'standby') || has(thread, 'closed')) return
    options.channels
      .get(address.account)
      ?.act(address, 'typing_on')
      .catch((error: unknown) => log.debug('channel.typing_failed', { code: errorCode(error) }))
  }

  /** Where a batch with the thread fails meanwhile, memory is again what it was before it: the change is made again. */
  async function changeThread(...[contact, due, change]: Parameters<ChangeThread>): Promise<void> {
    for (let tries = 0; tries < 3 && due(contact.thread); tries++) {
      change(contact.thread)
      contact.touched = true
      await pipeline.say(contact, [])
    }
  }

  /** Up to where the next start need not look, as last noted here (epoch ms). */
  let markedBefore = 0
  const handOvers = openHandOvers({
    pass: async ({ address }) =>
      (await options.accounts.get(address.account)?.handOver(address.user)) ?? null,
    peopleOf,
    open: async (ref) => (await contacts.open([ref])).get(ref.contactId) ?? null,
    changeThread,
    sorry: (contact) => {
      const served = options.servedOn(contact.address.account)
      return pipeline.say(contact, [personNotReached(served.length === 1 ? (served[0] ?? null) : null)])
    },
    clock,
    log,
  })

  let doorOpen = false
  /**
   * Takes a webhook's events; resolves when all they change is in the database. Echoes settle sends; receipts are counted
   * by the caller; the rest is for the counter.
   */
  async function accept(events: readonly Inbound[]): Promise<void> {
    if (!doorOpen) {
      doorOpen = true
      deliverer.echoesSince(clock())
    }
    const now = clock()
    if (events.some(({ at }) => now - at > options.sending.unknownWaitMs / 2)) deliverer.echoesAreLate(now)
    let echoes = false
    const forCounter: Inbound[] = []
    for (const event of events) {
      switch (event.kind) {
        case 'echo':
          if (event.ours && event.metadata !== null && /^msg_[0-9A-Z]{26}$/.test(event.metadata))
            noteEcho(event, event.metadata)
          echoes = true
          break
        case 'delivery':
        case 'read':
          break
        case 'policy_enforcement':
          log.error('channel.policy_enforcement', { action: code(event.action) })
          if (event.action === 'block') deliverer.paceOf(event.account)?.pause('policy_enforcement', null)
          if (event.action === 'unblock') deliverer.paceOf(event.account)?.resume()
          break
        default:
          forCounter.push(event)
      }
    }
    if (forCounter.length > 0) await pipeline.accept(forCounter)
    // An echo comes once: acknowledged before its row says `sent`, a crash would make us send the message again.
    if (echoes) await pipeline.written()
  }

  function noteEcho(event: Extract<Inbound, { kind: 'echo' }>, messageId: string): void {
    if (deliverer.echo(messageId, event.mid) || event.user === null) return
    // Sent by an earlier process: memory no longer knows it, the row does.
    const contact = contacts.refOf({ channel: event.channel, account: event.account, user: event.user })
    pipeline.settle({ contact, id: messageId, state: outboxStates.sent, mid: event.mid, reason: 'echo' })
  }

  const recovered = await recover({
    pool,
    contacts,
    deliverer,
    resume: (contact, inbound, id) => pipeline.resume(contact, inbound, id),
    clock,
    log,
  })
  for (const contact of await stillCalling(pool, contacts)) {
    // The earlier process may have given the thread away and not have lived to hear it.
    setHanded(contact.thread, clock())
    if (!deliverer.isBusy(contact.ref.contactId)) handOvers.begin(contact, markedBefore)
  }
  /** What is under way is known here, all of it: no need to look for it among millions of rows. */
  async function noteMark(): Promise<void> {
    const never = Number.POSITIVE_INFINITY
    const before = Math.min(
      clock() - 60_000,
      pipeline.oldestWork ?? never,
      deliverer.oldestUnsettled() ?? never,
      handOvers.oldest ?? never,
    )
    markedBefore = before
    // What was settled before we looked is in the database before the mark is.
    await pipeline.flush()
    await moveMark(pool, owner, before)
  }
  const marking = setInterval(() => {
    noteMark().catch((error: unknown) => log.warn('pipeline.mark_failed', { code: errorCode(error) }))
  }, 30_000)
  marking.unref()

  return {
    accept,
    pipeline,
    contacts,
    deliverer,
    records,
    counterDeps,
    subjects,
    recovered,
    /** Says something to a contact of its own accord. */
    say: (contact: Contact, says: readonly Say[]) => pipeline.say(contact, says),
    async stop(): Promise<void> {
      clearInterval(marking)
      const handedOver = handOvers.stop()
      await pipeline.stop()
      await handedOver
      await deliverer.stop()
      // What cannot be written is in doubt at the next start, as after a crash.
      await pipeline
        .flush()
        .catch((error: unknown) => log.warn('pipeline.flush_failed', { code: errorCode(error) }))
    },
  }
}
export type Engine = Awaited<ReturnType<typeof openEngine>>

/** Where the people of a channel account are at home: as the banks served there are. */
function homeOf({ servedOn, voices, words }: EngineOptions, account: string): Home {
  const served = servedOn(account).flatMap((institution) => voices.get(institution) ?? [])
  const currencies = new Set(served.map((voice) => currencyOf.get(voice.words.locale.slice(-2)) ?? null))
  const [currency = null] = currencies
  const [first] = served
  return {
    timeZone: first?.timeZone ?? 'UTC',
    language: languages.find((one_) => (first?.words ?? words).catalogue.startsWith(one_)) ?? 'en',
    currency: currencies.size === 1 ? currency : null,
  }
}
const currencyOf: ReadonlyMap<string, string> = new Map([
  ['US', 'USD'],
  ['CA', 'CAD'],
  ['GB', 'GBP'],
])

/** A start with another key-encryption key would find every customer's key shut: refused, with what to do. */
async function refuseOtherKek(pool: Pool, kek: Kek): Promise<void> {
  await pool.query(
    `insert into pipeline_state (name, value) values ('kek', $1) on conflict (name) do nothing`,
    [kek.fingerprint],
  )
  const row = await one<{ value: string }>(pool, `select value from pipeline_state where name = 'kek'`)
  if (row?.value !== kek.fingerprint)
    throw new OperatorError(
      'kek_differs',
      'This database was made with another key-encryption key. Set kekFile (GUICHET_KEK_FILE) to the key it was made with.',
    )
}
