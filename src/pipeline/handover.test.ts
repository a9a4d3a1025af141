import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import { manualClock } from '../core/clock.ts'
import { openLogger } from '../core/logger.ts'
import { OutsideError } from '../core/refusal.ts'
import { has, newThread, setFlag, type Thread, type ThreadFlag, threadFlags } from '../conversation/thread.ts'
import type { Contact } from './contacts.ts'
import { openHandOvers } from './handover.ts'

const people = 'inbox'
const refused = (retryable: boolean, waitMs?: number): OutsideError =>
  new OutsideError('platform', { retryable, ...(waitMs === undefined ? {} : { waitMs }) })

beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
afterEach(() => mock.timers.reset())

/** Lets everything happen that waits for no timer; then time passes, and again. */
async function pass(...waits: readonly number[]): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  for (const wait of waits) {
    mock.timers.tick(wait)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** A platform that answers each call in turn: with the thread's owner, or by throwing. Then, always with the last. */
function world(answers: readonly (string | null | OutsideError)[], options: { most?: number } = {}) {
  const contacts = new Map<string, Contact>()
  const told: string[] = []
  let calls = 0
  const handOvers = openHandOvers({
    pass: async () => {
      const answer = answers[Math.min(calls++, answers.length - 1)] ?? null
      if (answer instanceof OutsideError) throw answer
      return answer
    },
    peopleOf: () => people,
    open: async ({ contactId }) => contacts.get(contactId) ?? null,
    changeThread: async (contact, due, change) => {
      if (due(contact.thread)) change(contact.thread)
    },
    sorry: async ({ ref }) => void told.push(ref.contactId),
    clock: manualClock(1_000).now,
    log: openLogger('silent'),
    waitsMs: [1_000, 2_000, 4_000],
    ...(options.most === undefined ? {} : { most: options.most }),
  })
  const contact = (id: string, ...flags: ThreadFlag[]): Contact => {
    const thread: Thread = newThread()
    for (const flag of ['linked', 'calling', ...flags] as const) setFlag(thread, flag, true)
    const made = { ref: { lane: 0, contactId: id }, address: { account: 'page', user: id }, thread }
    contacts.set(id, made as unknown as Contact)
    return made as unknown as Contact
  }
  return {
    handOvers,
    contact,
    contacts,
    told,
    get calls() {
      return calls
    },
  }
}
const flagsOf = ({ thread }: Contact): string[] =>
  (Object.keys(threadFlags) as ThreadFlag[]).filter((flag) => has(thread, flag)).toSorted()

test('the thread is given away, and it is noted that nobody needs to be called any more', async () => {
  const { handOvers, contact, told } = world([people])
  const ana = contact('ana')
  handOvers.begin(ana, 7)
  assert.equal(handOvers.oldest, 7)
  await pass()
  assert.equal(handOvers.oldest, null)
  assert.deepEqual(flagsOf(ana), ['linked', 'standby'])
  assert.deepEqual(ana.thread.context.handed, { at: 1_000 })
  assert.deepEqual(told, [])
})

test('a platform that does not answer is asked again, and nobody is told before it has been', async () => {
  const it = world([refused(true), refused(true), people])
  const ana = it.contact('ana')
  it.handOvers.begin(ana, 0)
  // Asked for twice while it is under way: one hand-over.
  await pass(1_000)
  it.handOvers.begin(ana, 0)
  await pass(1_999)
  assert.equal(it.calls, 2)
  await pass(1)
  assert.equal(it.calls, 3)
  assert.equal(it.handOvers.oldest, null)
  assert.deepEqual(flagsOf(ana), ['linked', 'standby'])
  assert.deepEqual(it.told, [])
})

test('between two tries a stranger may take the thread: it does not look like ours', async () => {
  const it = world([refused(true)])
  const ana = it.contact('ana')
  it.handOvers.begin(ana, 0)
  await pass()
  assert.equal(it.calls, 1)
  assert.equal(ana.thread.context.handed, undefined)
})

test('after its last try the customer is told, once', async () => {
  const it = world([refused(true)])
  const ana = it.contact('ana')
  it.handOvers.begin(ana, 0)
  await pass(1_000, 2_000)
  assert.deepEqual(it.told, [])
  await pass(4_000, 60_000)
  assert.equal(it.calls, 4)
  assert.equal(it.handOvers.oldest, null)
  assert.deepEqual(it.told, ['ana'])
  assert.deepEqual(flagsOf(ana), ['linked'])
  assert.equal(ana.thread.context.handed, undefined)
})

test('what trying again cannot mend is told at once; so is an account without people', async () => {
  for (const answer of [refused(false), null]) {
    const it = world([answer])
    const ana = it.contact('ana')
    it.handOvers.begin(ana, 0)
    await pass()
    assert.equal(it.calls, 1)
    assert.deepEqual(it.told, ['ana'])
    assert.deepEqual(flagsOf(ana), ['linked'])
  }
})

test('another app took the thread before we could give it: that is an identity event, and nothing is said', async () => {
  const it = world([refused(true), 'stranger'])
  const ana = it.contact('ana')
  it.handOvers.begin(ana, 0)
  await pass(1_000)
  assert.equal(it.handOvers.oldest, null)
  assert.deepEqual(flagsOf(ana), ['frozen', 'linked', 'standby'])
  assert.equal(ana.thread.context.handed, undefined)
  assert.deepEqual(it.told, [])
})

test('taken, left or erased meanwhile: no further try', async () => {
  for (const change of ['standby', 'closed', null] as const) {
    const it = world([refused(true)])
    const ana = it.contact('ana')
    it.handOvers.begin(ana, 0)
    await pass()
    if (change === null) it.contacts.clear()
    else setFlag(ana.thread, change, true)
    await pass(1_000, 2_000)
    assert.equal(it.handOvers.oldest, null)
    assert.equal(it.calls, 1)
    assert.deepEqual(it.told, [])
    if (change !== null) assert.equal(has(ana.thread, 'calling'), false)
  }
})

test('a stop ends the waiting, says nothing, and leaves the call for the next start', async () => {
  const it = world([refused(true)])
  const ana = it.contact('ana')
  it.handOvers.begin(ana, 0)
  await pass()
  await it.handOvers.stop()
  it.handOvers.begin(it.contact('ben'), 0)
  await pass(1_000, 2_000)
  assert.equal(it.calls, 1)
  assert.deepEqual(it.told, [])
  assert.equal(has(ana.thread, 'calling'), true)
})

test('the platform’s own wait is kept, within bounds', async () => {
  for (const [asked, kept] of [
    [10_000, 10_000],
    [86_400_000, 300_000],
  ] as const) {
    const it = world([refused(true, asked), people])
    it.handOvers.begin(it.contact('ana'), 0)
    await pass(kept - 1)
    assert.equal(it.calls, 1)
    await pass(1)
    assert.equal(it.calls, 2)
  }
})

test('beyond its bounds nothing more is begun, and the customer is told', async () => {
  const it = world([refused(true)], { most: 1 })
  it.handOvers.begin(it.contact('ana'), 0)
  const ben = it.contact('ben')
  it.handOvers.begin(ben, 0)
  await pass()
  assert.deepEqual(it.told, ['ben'])
  assert.equal(has(ben.thread, 'calling'), false)
})
