import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { outboxStates, type OutboxState, type SettleRow } from '../disclosure/clear.ts'
import { Settlements, type Taken } from './settlements.ts'

const { queued, sent, failed, unknown } = outboxStates
const row = (id: string, state: OutboxState): SettleRow => ({
  contact: { lane: 0, contactId: 'ana' },
  id,
  state,
  mid: null,
  reason: null,
})
const states = (taken: Taken): [string, number][] => taken.rows.map(({ id, state }) => [id, state])

test('of two words about one message a single row is written, and the later counts', () => {
  const settlements = new Settlements()
  settlements.record(row('a', unknown))
  settlements.record(row('b', sent))
  settlements.record(row('a', sent))
  assert.deepEqual(states(settlements.take(10)), [
    ['a', sent],
    ['b', sent],
  ])
})

test('nothing overrules a final word but the proof that it was sent', () => {
  const settlements = new Settlements()
  settlements.record(row('a', sent))
  settlements.record(row('a', queued))
  settlements.record(row('b', failed))
  settlements.record(row('b', sent))
  assert.deepEqual(states(settlements.take(10)), [
    ['a', sent],
    ['b', sent],
  ])
})

test('what was not written waits again, before what came later, and gives way to newer words', () => {
  const settlements = new Settlements()
  settlements.record(row('a', unknown))
  settlements.record(row('b', sent))
  const taken = settlements.take(10)
  settlements.record(row('c', sent))
  settlements.record(row('a', sent))
  settlements.back(taken)
  assert.deepEqual(states(settlements.take(10)), [
    ['a', sent],
    ['b', sent],
    ['c', sent],
  ])
})

test('who waits for what is recorded is not told by a later commit that ends earlier', async () => {
  const settlements = new Settlements()
  settlements.record(row('a', sent))
  const first = settlements.take(1)
  let told = false
  const waiting = settlements.whenWritten().then(() => (told = true))
  settlements.record(row('b', sent))
  const second = settlements.take(1)
  settlements.written(second)
  await Promise.resolve()
  assert.equal(told, false)
  settlements.written(first)
  await waiting
})

test('when nothing will be written any more, nobody is left waiting', async () => {
  const settlements = new Settlements()
  settlements.record(row('a', sent))
  const waiting = assert.rejects(settlements.whenWritten(), { code: 'fenced' })
  settlements.close()
  await waiting
  await assert.rejects(settlements.whenWritten(), { code: 'fenced' })
})

test('whatever is recorded, taken, written and given back in whatever order: all of it is written in the end, and then everybody is told', async () => {
  const step = fc.oneof(
    fc.record({
      do: fc.constant('record' as const),
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      state: fc.constantFrom(queued, sent, unknown),
    }),
    fc.record({
      do: fc.constantFrom('take' as const, 'written' as const, 'back' as const, 'wait' as const),
      n: fc.nat({ max: 3 }),
    }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const settlements = new Settlements()
      const underWay: Taken[] = []
      const written = new Map<string, OutboxState>()
      const wanted = new Map<string, OutboxState>()
      const waiting: Promise<void>[] = []
      const write = (taken: Taken | undefined): void => {
        if (!taken) return
        // As the database has it: a final state stays.
        for (const { id, state } of taken.rows) if (written.get(id) !== sent) written.set(id, state)
        settlements.written(taken)
      }
      for (const at of steps) {
        if (at.do === 'record') {
          settlements.record(row(at.id, at.state))
          if (wanted.get(at.id) !== sent) wanted.set(at.id, at.state)
        } else if (at.do === 'take') underWay.push(settlements.take(1 + at.n))
        else if (at.do === 'wait') waiting.push(settlements.whenWritten())
        else {
          const taken = underWay.splice(at.n % Math.max(1, underWay.length), 1)[0]
          if (at.do === 'written') write(taken)
          else if (taken) settlements.back(taken)
        }
      }
      for (const taken of underWay) settlements.back(taken)
      while (settlements.size > 0) write(settlements.take(2))
      await Promise.all(waiting)
      assert.ok(settlements.settled)
      for (const [id, state] of wanted) if (state === sent) assert.equal(written.get(id), sent)
      assert.deepEqual(new Set(written.keys()), new Set(wanted.keys()))
    }),
    { numRuns: 300 },
  )
})
