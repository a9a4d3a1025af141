import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clauseOf } from '../../tests/clause.ts'
import type { Inbound } from '../channel/channel.ts'
import { endLinked, has, newThread, setFlag, setHanded, type ThreadFlag } from '../conversation/thread.ts'
import type { Caller, CounterDeps } from './caller.ts'
import { turn } from './turn.ts'

const now = Date.UTC(2026, 10, 20)
const deps = {
  counters: new Map(),
  servedOn: () => ['harbor'],
  peopleOf: () => 'inbox',
  newHandle: () => 'aaaaaaaaaaaa',
  newChatCode: () => '1234-AB',
  money: async () => ({ links: [], grants: [] }),
} as unknown as CounterDeps

const caller = (...flags: ThreadFlag[]): Caller => {
  const thread = newThread()
  for (const flag of flags) setFlag(thread, flag, true)
  thread.botSaidAt = now
  return {
    ref: { lane: 0, contactId: 'c' },
    address: { channel: 'messenger', account: 'page', user: 'ana' },
    thread,
    touched: false,
  } as unknown as Caller
}
const base = {
  key: 'k',
  channel: 'messenger',
  account: 'page',
  user: 'ana',
  at: now,
  standby: false,
} as const
const changed = (change: 'passed' | 'taken', owner: string | null, ours = false): Inbound => ({
  ...base,
  kind: 'handover',
  change,
  owner,
  ours: owner === null ? null : ours,
})
const written = (text: string, of: Partial<Inbound> = {}): Inbound =>
  ({ ...base, kind: 'text', mid: 'm', text, ...of }) as Inbound
const frozen = ({ thread }: Caller): boolean => has(thread, 'frozen')

describe('the thread changes hands', () => {
  test('to the bank’s people, as the customer asked: they are no strangers, whichever word of it comes', () => {
    for (const event of [changed('passed', 'inbox'), changed('taken', 'inbox'), changed('passed', null)]) {
      const ana = caller('linked', 'calling')
      setHanded(ana.thread, now)
      turn(ana, event, deps, now)
      assert.equal(frozen(ana), false)
      assert.equal(has(ana.thread, 'standby'), true)
      assert.equal(has(ana.thread, 'calling'), false)
      assert.equal(ana.touched, true)
    }
  })

  test('the word of it may come after the platform’s answer to us, or twice', () => {
    const ana = caller('linked', 'standby')
    setHanded(ana.thread, now)
    for (const event of [changed('passed', 'inbox'), changed('taken', 'inbox')]) turn(ana, event, deps, now)
    assert.equal(frozen(ana), false)
  })

  test('to another app while a person is being called: a stranger, although somebody was called', () => {
    for (const given of [now, null]) {
      const ana = caller('linked', 'calling')
      setHanded(ana.thread, given)
      turn(ana, changed('taken', 'stranger'), deps, now)
      assert.equal(frozen(ana), true)
      assert.equal(has(ana.thread, 'calling'), false)
      assert.equal(ana.thread.context.handed, undefined)
    }
  })

  test('twin: without looking at who took it, whoever takes the thread just then is shown the figures', () => {
    const ana = caller('linked', 'calling')
    const credulous: CounterDeps = { ...deps, peopleOf: () => 'stranger' }
    turn(ana, changed('taken', 'stranger'), credulous, now)
    assert.equal(frozen(ana), false)
    // The question is looked up and told; with the look at the owner it is refused.
    assert.notEqual(turn(ana, written('balance'), deps, now).later, null)
    const safe = caller('linked', 'calling')
    turn(safe, changed('taken', 'stranger'), deps, now)
    assert.equal(
      turn(safe, written('balance'), deps, now).answers[0]?.answer.lines[0]?.key,
      'identity.frozen',
    )
  })

  test('to nobody knows whom while we only wait to try again: a stranger', () => {
    const byWord = caller('linked', 'calling')
    turn(byWord, changed('taken', null), deps, now)
    assert.equal(frozen(byWord), true)
    const byStandby = caller('linked', 'calling')
    turn(byStandby, written('hello', { standby: true }), deps, now)
    assert.equal(frozen(byStandby), true)
  })

  test('to the bank’s people, whom nobody called: a stranger', () => {
    const ana = caller('linked')
    turn(ana, changed('taken', 'inbox'), deps, now)
    assert.equal(frozen(ana), true)
  })

  test('to another app after the bank’s people had it: a stranger', () => {
    const ana = caller('linked', 'standby')
    setHanded(ana.thread, now)
    turn(ana, changed('passed', 'stranger'), deps, now)
    assert.equal(frozen(ana), true)
  })

  test('what was read on standby from people whom we called is nothing new', () => {
    const ana = caller('linked', 'calling')
    setHanded(ana.thread, now)
    assert.deepEqual(turn(ana, written('my number is 1', { standby: true }), deps, now).answers, [])
    assert.equal(frozen(ana), false)
  })

  test('back to us: an uncalled take-over after it is a stranger’s', () => {
    for (const back of [changed('passed', 'us', true), written('hello again', { at: now + 61_000 })]) {
      const ana = caller('linked', 'standby')
      setHanded(ana.thread, now)
      turn(ana, back, deps, now + 61_000)
      assert.equal(has(ana.thread, 'standby'), false)
      turn(ana, changed('taken', 'inbox'), deps, now + 62_000)
      assert.equal(frozen(ana), true)
    }
  })

  test('words that were on their way as the thread was given do not make its people strangers', () => {
    const ana = caller('linked', 'standby')
    setHanded(ana.thread, now)
    turn(ana, written('it is urgent', { at: now + 500 }), deps, now + 600)
    turn(ana, changed('passed', 'inbox'), deps, now + 700)
    assert.equal(frozen(ana), false)
  })
})

describe('the first words of a chat', () => {
  const read = (name: 'hello' | 'no') => async (text: string) => ({
    language: 'en',
    languageSure: true,
    clauses: [clauseOf(text, [name, 0.95])],
  })
  const said = async (text: string, name: 'hello' | 'no', ...flags: ThreadFlag[]) => {
    const ana = caller(...flags)
    ana.thread.botSaidAt = null
    const home = { timeZone: 'UTC', language: 'en', currency: 'USD' }
    const some = { ...deps, read: read(name), homeOf: () => home } as unknown as CounterDeps
    const { later } = turn(ana, written(text), some, now)
    return (await later?.())?.map(({ answer }) => answer.lines[0]?.key)
  }

  test('are greeted once, however hello is said', async () => {
    assert.deepEqual(await said('hi who is this', 'hello'), ['bot.hello'])
    assert.deepEqual(await said('hi who is this', 'hello', 'linked'), ['bot.hello-linked'])
  })

  test('may be that nothing is to be linked: then nothing has to be', async () => {
    assert.deepEqual(await said('i would rather not', 'no'), ['bot.hello', 'told.not-linking'])
  })
})

describe('what was linked has ended', () => {
  test('a question about money is looked up, so that it can be said why; everything else offers to link', () => {
    const ana = caller('linked')
    endLinked(ana.thread)
    assert.notEqual(turn(ana, written('balance'), deps, now).later, null)
    const help = turn(ana, written('help'), deps, now).answers[0]?.answer
    assert.deepEqual(
      help?.choices?.map((choice) => ('title' in choice ? choice.title : '')),
      ['button.link', 'button.agent'],
    )
  })

  test('a chat that changed hands hears nothing of what was once linked in it', () => {
    const ana = caller('linked', 'frozen')
    endLinked(ana.thread)
    const { answers, later } = turn(ana, written('balance'), deps, now)
    assert.equal(later, null)
    assert.equal(answers[0]?.answer.lines[0]?.key, 'refused.not-linked')
  })
})
