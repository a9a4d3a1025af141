import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import fc from 'fast-check'
import type { Channel, Cleared, Outcome } from '../channel/channel.ts'
import { openLogger } from '../core/logger.ts'
import { takenBack } from './cancel.ts'
import { asCleared, outboxStates, type OutboxState, type SettleRow } from './clear.ts'
import { Deliverer, type DeliverSettings, type Parcel } from './deliver.ts'

/*
 * The deliverer between a platform and a database that are models of the real ones: the platform takes or refuses,
 * answers or not, tells echoes late and again until they are acknowledged; the database holds rows, and what was not
 * committed is gone after a crash. Time stands still unless a test moves it.
 */
const wait = 2_000
const settings: DeliverSettings = {
  concurrency: 2,
  callSize: 3,
  unknownWaitMs: wait,
  maxAttempts: 40,
  perSecond: 1_000,
}
const silent = openLogger('silent')

type Row = { readonly id: string; readonly contact: string; state: OutboxState; reason: string | null }
type Call = { readonly messages: readonly Cleared[]; readonly done: (outcomes: Outcome[]) => void }
type Answer = 'taken' | 'taken, no answer' | 'taken, error' | 'refused' | 'lost' | 'never'

function openWorld(options: { blindly?: boolean } = {}) {
  const rows = new Map<string, Row>()
  /** Message ids in the order in which the platform took them. */
  const taken: string[] = []
  let calls: Call[] = []
  let echoes: string[] = []
  let uncommitted: SettleRow[] = []
  /** Echoes told and not acknowledged: their settlement is not committed. */
  let unacknowledged: string[] = []
  const withdrawn = new Set<string>()
  let life = 0
  let n = 0
  let away = false
  let deliverer = start()

  function start(): Deliverer {
    const mine = ++life
    const alive = (): boolean => mine === life
    const never = new Promise<never>(() => {})
    const channel = {
      kind: 'messenger',
      send: (messages: readonly Cleared[]) =>
        alive() ? new Promise<Outcome[]>((done) => calls.push({ messages, done })) : never,
    } as unknown as Channel
    return new Deliverer(
      new Map([['page', channel]]),
      settings,
      {
        settle: (row) => void (alive() && uncommitted.push(row)),
        mayStillGo: async (parcel) => {
          await Promise.resolve()
          if (!alive()) return never
          if (away) throw new Error('the database does not answer')
          commit()
          const row = rows.get(parcel.cleared.id)
          if (!row || row.reason === takenBack || withdrawn.has(row.contact)) return false
          const { queued, sending, unknown } = outboxStates
          if (row.state !== queued && row.state !== sending && row.state !== unknown) return false
          row.state = sending
          return true
        },
        effect: () => {},
        idle: () => {},
      },
      { clock: Date.now, log: silent },
    )
  }

  /** What was settled reaches the database; of final states none is overruled, as counter_commit has it. */
  function commit(): void {
    if (away) return
    for (const { id, state, reason } of uncommitted) {
      const row = rows.get(id)
      if (!row || ![0, 1, 5].includes(row.state)) continue
      row.state = state
      row.reason = reason
    }
    uncommitted = []
    unacknowledged = []
  }
  const parcel = (row: Row, inDoubtSince: number | null, mustAsk: boolean): Parcel => ({
    cleared: asCleared({
      id: row.id,
      to: { channel: 'messenger', account: 'page', user: row.contact },
      body: row.id,
    }),
    contact: { lane: 0, contactId: row.contact },
    priority: 1,
    attempts: 1,
    inDoubtSince,
    mustAsk,
  })
  function decide(id: string, answer: Answer): Outcome {
    if (answer.startsWith('taken')) {
      taken.push(id)
      echoes.push(id)
    }
    switch (answer) {
      case 'taken':
        return { state: 'sent', mid: `m_${id}` }
      case 'refused':
        return { state: 'not_sent', code: 'platform_temporary', retryable: true, waitMs: 500 }
      case 'never':
        return { state: 'not_sent', code: 'bad_parameter', retryable: false }
      default:
        return { state: 'unknown', code: 'no_answer' }
    }
  }

  const world = {
    rows,
    taken,
    /** The database is gone: nothing is claimed, nothing committed, and webhooks are refused. */
    set away(is: boolean) {
      away = is
      if (!is) deliverer.echoesSince(Date.now())
    },
    get deliverer() {
      return deliverer
    },
    get calls(): readonly Call[] {
      return calls
    },
    /** Clears messages of a contact, as one commit. */
    add(contact: string, count = 1): string[] {
      const made = Array.from({ length: count }, (): Row => {
        const row: Row = { id: `msg_${String(++n).padStart(4, '0')}`, contact, state: 1, reason: null }
        rows.set(row.id, row)
        return row
      })
      deliverer.add(made.map((row) => parcel(row, null, false)))
      return made.map(({ id }) => id)
    },
    answer(index: number, answers: readonly Answer[]): void {
      const call = calls.splice(index, 1)[0]
      call?.done(call.messages.map(({ id }, at) => decide(id, answers[at % answers.length] ?? 'taken')))
    },
    commit,
    tell(index: number): void {
      const id = echoes.splice(index, 1)[0]
      if (id === undefined) return
      unacknowledged.push(id)
      if (!deliverer.echo(id, `m_${id}`)) {
        const row = rows.get(id)
        uncommitted.push({
          contact: { lane: 0, contactId: row?.contact ?? '' },
          id,
          state: 2,
          mid: `m_${id}`,
          reason: 'echo',
        })
      }
    },
    get echoes(): number {
      return echoes.length
    },
    /** kill -9, and a start that finds what the database holds. What was on the wire was taken or not: nobody says. */
    crash(onTheWire: readonly Answer[]): void {
      const lost = calls
      calls = []
      lost
        .flatMap(({ messages }) => messages)
        .forEach(({ id }, at) => decide(id, onTheWire[at % onTheWire.length] ?? 'lost'))
      uncommitted = []
      // Never acknowledged, so told again.
      echoes.push(...unacknowledged)
      unacknowledged = []
      deliverer = start()
      deliverer.add(
        [...rows.values()]
          .filter(({ state }) => [0, 1, 5].includes(state))
          .map((row) => {
            const doubtful = row.state !== outboxStates.queued
            if (row.state === outboxStates.sending) row.state = outboxStates.unknown
            return parcel(row, doubtful && !options.blindly ? Date.now() : null, true)
          }),
      )
    },
    /** Takes back what this contact's messages rely on, as records.ts does it. `between` is what happens meanwhile. */
    async takeBack(contact: string, between: () => Promise<void>): Promise<ReadonlySet<string>> {
      const mine = life
      const carried = deliverer.hold(contact)
      await between()
      if (mine !== life) return carried
      commit()
      withdrawn.add(contact)
      const cancelled = new Set<string>()
      const notAgain = new Set<string>()
      for (const row of rows.values()) {
        if (row.contact !== contact || ![0, 1, 5].includes(row.state)) continue
        if (row.state === outboxStates.unknown || carried.has(row.id)) {
          row.reason = takenBack
          notAgain.add(row.id)
        } else {
          row.state = outboxStates.cancelled
          row.reason = takenBack
          cancelled.add(row.id)
        }
      }
      await between()
      if (mine === life) deliverer.release(contact, { cancelled, notAgain })
      return carried
    },
  }
  return world
}
type World = ReturnType<typeof openWorld>

/** Lets everything run that does not wait for time. */
async function drain(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) {
    mock.timers.tick(0)
    for (let i = 0; i < 6; i++) await Promise.resolve()
  }
}
async function pass(world: World, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 250) {
    mock.timers.tick(Math.min(250, left))
    await drain()
    world.commit()
  }
}
/** Everybody answers from now on; until nothing moves any more. */
async function rest(world: World): Promise<void> {
  for (let turn = 0; turn < 400; turn++) {
    await drain()
    while (world.calls.length > 0) world.answer(0, ['taken'])
    while (world.echoes > 0) world.tell(0)
    world.commit()
    await drain()
    if (world.deliverer.outstanding === 0 && world.calls.length === 0 && world.echoes === 0) return
    await pass(world, 500)
  }
  assert.fail('no rest')
}

function inTime(
  story: (world: World) => Promise<void>,
  options?: { blindly?: boolean },
): () => Promise<void> {
  return async () => {
    mock.timers.enable({ apis: ['setTimeout', 'setImmediate', 'Date'], now: 1_790_000_000_000 })
    try {
      await story(openWorld(options))
    } finally {
      mock.timers.reset()
    }
  }
}

const state = (world: World, id: string | undefined): OutboxState | undefined =>
  world.rows.get(id ?? '')?.state

test(
  'messages of one person leave one after the other, those of many people together',
  inTime(async (world) => {
    const [first, second] = world.add('ana', 2)
    const [other] = world.add('ben')
    await drain()
    assert.deepEqual(
      world.calls.map(({ messages }) => messages.map(({ id }) => id)),
      [[first, other]],
    )
    world.answer(0, ['refused', 'taken'])
    await drain()
    assert.deepEqual(world.taken, [other], 'the second waits for the first')
    await rest(world)
    assert.deepEqual(world.taken, [other, first, second])
  }),
)

test(
  'an unknown outcome waits for its echo, and the echo settles it',
  inTime(async (world) => {
    const [first, second] = world.add('ana', 2)
    await drain()
    world.answer(0, ['taken, no answer'])
    await pass(world, wait / 2)
    assert.equal(state(world, first), outboxStates.unknown)
    assert.equal(world.calls.length, 0)
    world.tell(0)
    await rest(world)
    assert.deepEqual(world.taken, [first, second])
    assert.equal(state(world, first), outboxStates.sent)
  }),
)

test(
  'an unknown outcome without an echo goes again after the wait, under the same id',
  inTime(async (world) => {
    const [only] = world.add('ana')
    await drain()
    world.answer(0, ['lost'])
    await pass(world, wait - 250)
    assert.equal(world.calls.length, 0)
    await pass(world, 500)
    assert.deepEqual(
      world.calls.map(({ messages }) => messages.map(({ id }) => id)),
      [[only]],
    )
    await rest(world)
    assert.deepEqual(world.taken, [only])
  }),
)

for (const answer of ['taken', 'taken, no answer', 'taken, error', 'refused'] as const)
  test(
    `an echo that comes before the answer "${answer}" is settled at once, and decides`,
    inTime(async (world) => {
      const [only] = world.add('ana')
      await drain()
      assert.equal(world.deliverer.echo(only ?? '', 'm_early'), true)
      world.commit()
      assert.equal(
        state(world, only),
        outboxStates.sent,
        'before the answer: a crash now sends nothing again',
      )
      world.answer(0, [answer])
      await drain()
      assert.equal(world.deliverer.outstanding, 0)
      await pass(world, 3 * wait)
      assert.equal(world.calls.length, 0)
    }),
  )

test(
  'an echo while the message waits to be tried again ends the trying',
  inTime(async (world) => {
    const [only] = world.add('ana')
    await drain()
    world.answer(0, ['refused'])
    await drain()
    assert.equal(world.deliverer.echo(only ?? '', 'm_late'), true)
    await pass(world, 5_000)
    assert.equal(world.calls.length, 0)
    assert.equal(state(world, only), outboxStates.sent)
    assert.equal(world.deliverer.outstanding, 0)
  }),
)

test(
  'after a crash, the echo of a message that is not its person’s first in doubt settles it too',
  inTime(async (world) => {
    const [first, second] = world.add('ana', 2)
    await drain()
    world.answer(0, ['taken'])
    await drain()
    world.crash(['taken'])
    world.tell(1)
    await drain()
    world.commit()
    assert.equal(state(world, second), outboxStates.sent)
    await rest(world)
    assert.deepEqual(world.taken, [first, second])
  }),
)

test(
  'what an earlier process left in doubt waits its full time from when echoes can come',
  inTime(async (world) => {
    world.add('ana')
    await drain()
    world.crash(['lost'])
    await pass(world, wait - 500)
    world.deliverer.echoesSince(Date.now())
    await pass(world, wait - 500)
    assert.equal(world.calls.length, 0)
    await pass(world, 1_000)
    assert.equal(world.calls.length, 1)
  }),
)

test(
  'a wait for an echo that ended while the database was away begins anew when it is back',
  inTime(async (world) => {
    const [only] = world.add('ana')
    await drain()
    world.answer(0, ['taken, no answer'])
    await pass(world, wait / 2)
    world.away = true
    // Its webhook is refused all the while, and the platform tries it less and less often.
    await pass(world, 5 * wait)
    world.away = false
    await pass(world, wait - 250)
    assert.equal(world.calls.length, 0)
    world.tell(0)
    await rest(world)
    assert.deepEqual(world.taken, [only])
  }),
)

test(
  'while the platform is behind, what is in doubt waits on, but not for ever',
  inTime(async (world) => {
    world.add('ana')
    await drain()
    world.answer(0, ['lost'])
    for (let waited = 0; waited < 9 * wait; waited += wait / 2) {
      await pass(world, wait / 2)
      world.deliverer.echoesAreLate(Date.now())
    }
    assert.equal(world.calls.length, 0)
    for (let waited = 0; waited < 3 * wait; waited += wait / 2) {
      await pass(world, wait / 2)
      world.deliverer.echoesAreLate(Date.now())
    }
    assert.equal(world.calls.length, 1)
  }),
)

test(
  'a failure that cannot be mended fails this message and lets the next one go',
  inTime(async (world) => {
    const [first, second] = world.add('ana', 2)
    await drain()
    world.answer(0, ['never'])
    await rest(world)
    assert.equal(state(world, first), outboxStates.failed)
    assert.deepEqual(world.taken, [second])
  }),
)

test(
  'two withdrawals at once hold the queue until both are done',
  inTime(async (world) => {
    world.deliverer.hold('ana')
    world.deliverer.hold('ana')
    const [only] = world.add('ana')
    await drain()
    const nothing = { cancelled: new Set<string>(), notAgain: new Set<string>() }
    world.deliverer.release('ana', nothing)
    await drain()
    assert.equal(world.calls.length, 0, 'the second withdrawal is still under way')
    world.deliverer.release('ana', nothing)
    await rest(world)
    assert.deepEqual(world.taken, [only])
  }),
)

test(
  'a message that a call carries when its permission is taken back is not tried again',
  inTime(async (world) => {
    const [only] = world.add('ana')
    await drain()
    await world.takeBack('ana', async () => {})
    world.answer(0, ['refused'])
    await pass(world, 10_000)
    assert.deepEqual(world.taken, [])
    assert.equal(state(world, only), outboxStates.cancelled)
  }),
)

type Step =
  | { readonly do: 'add'; readonly contact: string; readonly count: number }
  | { readonly do: 'answer'; readonly index: number; readonly answers: readonly Answer[] }
  | { readonly do: 'tell' | 'drain' | 'commit'; readonly index: number }
  | { readonly do: 'pass' | 'outage'; readonly ms: number }
  | { readonly do: 'crash'; readonly answers: readonly Answer[] }
  | { readonly do: 'take back' }
const answers = fc.array(
  fc.constantFrom<Answer>('taken', 'taken', 'taken, no answer', 'taken, error', 'refused', 'lost'),
  { minLength: 1, maxLength: 3 },
)
const index = fc.nat({ max: 3 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      contact: fc.constantFrom('ana', 'ben'),
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('answer' as const), index, answers }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('tell' as const, 'drain' as const, 'commit' as const),
      index,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('pass' as const, 'pass' as const, 'outage' as const),
      ms: fc.integer({ min: 1, max: wait }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), answers }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('take back' as const) }) },
)

/** Plays the steps; the platform's echoes come within the wait, as its webhooks do. Gives back what was wrong. */
async function play(world: World, steps: readonly Step[]): Promise<string[]> {
  const wrong: string[] = []
  let sinceEchoes = 0
  let afterwards: { before: number; may: ReadonlySet<string>; until: number } | null = null
  const one = async (at: Step): Promise<void> => {
    switch (at.do) {
      case 'add':
        // Once the grant is gone nothing relying on it is cleared.
        if (afterwards === null || at.contact !== 'ana') world.add(at.contact, at.count)
        return
      case 'answer':
        if (world.calls.length > 0) world.answer(at.index % world.calls.length, at.answers)
        return
      case 'tell':
        if (world.echoes > 0) world.tell(at.index % world.echoes)
        return
      case 'drain':
        return drain()
      case 'commit':
        return world.commit()
      case 'pass':
        sinceEchoes += at.ms
        if (sinceEchoes >= wait) {
          while (world.echoes > 0) world.tell(0)
          await drain()
          world.commit()
          sinceEchoes = at.ms
        }
        return pass(world, at.ms - 1)
      case 'outage':
        // The database is gone: no echo is taken for as long as it likes.
        world.away = true
        await pass(world, at.ms * 3)
        world.away = false
        sinceEchoes = 0
        return drain()
      case 'crash':
        world.crash(at.answers)
        return drain()
      default:
    }
  }
  for (let at = 0; at < steps.length; at++) {
    const now = steps[at] as Step
    if (now.do !== 'take back') await one(now)
    else if (afterwards === null) {
      const meanwhile = steps
        .slice(at + 1, at + 3)
        .filter((next) => next.do !== 'take back' && next.do !== 'add' && next.do !== 'crash')
      at += meanwhile.length
      const carried = await world.takeBack('ana', async () => {
        for (const next of meanwhile.splice(0, 1)) await one(next)
      })
      const doubtful = [...world.rows.values()]
        .filter((row) => row.contact === 'ana' && row.state === 5)
        .map(({ id }) => id)
      // May still turn out to have been sent: what a call carried, and what was in doubt. Nothing else.
      afterwards = {
        before: world.taken.length,
        may: new Set([
          ...carried,
          ...doubtful,
          ...world.calls.flatMap(({ messages }) => messages.map(({ id }) => id)),
        ]),
        until: 0,
      }
    }
  }
  await rest(world)
  const times = new Map<string, number>()
  for (const id of world.taken) times.set(id, (times.get(id) ?? 0) + 1)
  for (const [id, count] of times) if (count > 1) wrong.push(`${id} was sent ${count} times`)
  for (const { id, state: is } of world.rows.values()) {
    if (times.has(id) && is !== outboxStates.sent) wrong.push(`${id} was sent and is in state ${is}`)
    if (!times.has(id) && is === outboxStates.sent) wrong.push(`${id} is said to be sent and was not`)
    if (is !== outboxStates.sent && is !== outboxStates.cancelled) wrong.push(`${id} is left in state ${is}`)
    if (is === outboxStates.cancelled && world.rows.get(id)?.contact !== 'ana')
      wrong.push(`${id} was never sent`)
  }
  for (const contact of ['ana', 'ben']) {
    const order = world.taken.filter((id) => world.rows.get(id)?.contact === contact)
    if (order.some((id, at) => at > 0 && id < (order[at - 1] ?? '')))
      wrong.push(`out of order for ${contact}: ${order}`)
  }
  if (afterwards)
    for (const id of world.taken.slice(afterwards.before))
      if (world.rows.get(id)?.contact === 'ana' && !afterwards.may.has(id))
        wrong.push(`${id} left after it was taken back`)
  return wrong
}

const played = async (steps: readonly Step[], options?: { blindly?: boolean }): Promise<string[]> => {
  let wrong: string[] = []
  await inTime(async (world) => {
    wrong = await play(world, steps)
  }, options)()
  return wrong
}

test('in any order of sends, answers, echoes, withdrawals and crashes: once, in order, and never after it was taken back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 45 }), async (steps) =>
      assert.deepEqual(await played(steps), []),
    ),
    { numRuns: 300 },
  )
})

test('twin: without waiting for echoes after a crash, the same steps send twice', async () => {
  const found = await fc.check(
    fc.asyncProperty(fc.array(step, { maxLength: 45 }), async (steps) =>
      assert.deepEqual(await played(steps, { blindly: true }), []),
    ),
    { numRuns: 300, endOnFailure: true },
  )
  assert.ok(found.failed, 'blind resending must be caught')
})
