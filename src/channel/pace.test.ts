import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { manualClock } from '../core/clock.ts'
import { isRefusal } from '../core/refusal.ts'
import { openPace, type PaceClass, paceClasses } from './pace.ts'

const start = 1_790_000_000_000
type Step =
  | { readonly do: 'offer'; readonly paceClass: PaceClass; readonly count: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'take'; readonly max: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('offer' as const),
    paceClass: fc.constantFrom(...paceClasses),
    count: fc.integer({ min: 1, max: 30 }),
  }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 700 }) }),
  fc.record({ do: fc.constant('take' as const), max: fc.integer({ min: 0, max: 60 }) }),
)
const settings = fc.record({
  perSecond: fc.integer({ min: 1, max: 60 }),
  burst: fc.integer({ min: 1, max: 80 }),
  maxWaiting: fc.integer({ min: 1, max: 50 }),
})

type Item = { readonly paceClass: PaceClass; readonly n: number }

test('never above the rate in any second, higher class first, in order within a class, nothing lost, bounded', () => {
  fc.assert(
    fc.property(settings, fc.array(step, { maxLength: 120 }), (chosen, steps) => {
      const clock = manualClock(start)
      const pace = openPace<Item>(chosen, clock.now)
      const waiting: Record<PaceClass, Item[]> = {
        fraud: [],
        person: [],
        payment: [],
        receipt: [],
        digest: [],
      }
      const times: number[] = []
      let n = 0
      const take = (max: number): number => {
        const taken = pace.take(max)
        assert.ok(taken.length <= max)
        for (const item of taken) {
          const highest = paceClasses.find((name) => waiting[name].length > 0)
          assert.equal(item.paceClass, highest, 'the highest class that waits goes first')
          assert.equal(item, waiting[item.paceClass].shift(), 'first in, first out')
          times.push(clock.now())
        }
        return taken.length
      }
      for (const one of steps) {
        if (one.do === 'wait') clock.advance(one.ms)
        else if (one.do === 'take') take(one.max)
        else {
          for (let i = 0; i < one.count; i++) {
            const item: Item = { paceClass: one.paceClass, n: n++ }
            const full: boolean = waiting[one.paceClass].length >= chosen.maxWaiting
            assert.equal(isRefusal(pace.offer(item, one.paceClass)), full)
            if (!full) waiting[one.paceClass].push(item)
          }
        }
      }
      // Whatever still waits comes out when its time comes, and nextAt says when that is.
      for (let guard = 0; Object.values(waiting).some(({ length }) => length > 0); guard++) {
        assert.ok(guard < 5_000)
        const at = pace.nextAt()
        assert.ok(at !== null)
        if (at > clock.now()) {
          assert.ok(at - clock.now() <= 1_000, 'never a longer wait than a second')
          clock.set(at)
        }
        assert.ok(take(50) > 0, 'at the time it said, something may go')
      }
      assert.equal(pace.nextAt(), null)
      for (let i = chosen.perSecond; i < times.length; i++) {
        const window = (times[i] as number) - (times[i - chosen.perSecond] as number)
        assert.ok(window >= 1_000, 'no second holds more than the rate')
      }
    }),
    { numRuns: 300 },
  )
})

test('the twin: a bucket alone lets through more than the rate in a second that begins with a burst', () => {
  // 10 a second with a burst of 10: the bucket alone would let 19 go within the first second.
  const clock = manualClock(start)
  const pace = openPace<number>({ perSecond: 10, burst: 10, maxWaiting: 100 }, clock.now)
  for (let i = 0; i < 100; i++) pace.offer(i, 'person')
  let gone = 0
  let bucketAlone = 10
  for (let ms = 0; ms < 1_000; ms += 100) {
    gone += pace.take(50).length
    if (ms > 0) bucketAlone += 1
    clock.advance(100)
  }
  assert.equal(gone, 10)
  assert.equal(bucketAlone, 19)
})

test('at full load the whole rate is used, second after second', () => {
  const clock = manualClock(start)
  const pace = openPace<number>({ perSecond: 300, burst: 15, maxWaiting: 10_000 }, clock.now)
  for (let i = 0; i < 10_000; i++) pace.offer(i, 'digest')
  let gone = 0
  for (let ms = 0; ms < 10_000; ms += 5) {
    gone += pace.take(50).length
    clock.advance(5)
  }
  assert.ok(gone >= 2_950 && gone <= 3_000, String(gone))
})

test('a fraud alert that arrives among thousands of digests goes within a tenth of a second', () => {
  const clock = manualClock(start)
  const pace = openPace<string>({ perSecond: 300, burst: 15, maxWaiting: 10_000 }, clock.now)
  for (let i = 0; i < 5_000; i++) pace.offer('digest', 'digest')
  for (let ms = 0; ms < 3_337; ms++) {
    pace.take(50)
    clock.advance(1)
  }
  pace.offer('fraud', 'fraud')
  const offered = clock.now()
  while (!pace.take(50).includes('fraud')) clock.advance(1)
  assert.ok(clock.now() - offered <= 100, String(clock.now() - offered))
})

test('a pause stops everything with its reason until its time, and the longer of two pauses stands', () => {
  const clock = manualClock(start)
  const pace = openPace<number>({ perSecond: 10, burst: 10, maxWaiting: 10 }, clock.now)
  pace.offer(1, 'fraud')
  pace.pause('rate_limited', start + 5_000)
  pace.pause('shorter', start + 1_000)
  assert.deepEqual(pace.paused(), { reason: 'rate_limited', until: start + 5_000 })
  assert.deepEqual(pace.take(10), [])
  assert.equal(pace.nextAt(), start + 5_000)
  clock.advance(5_000)
  assert.equal(pace.paused(), null)
  assert.deepEqual(pace.take(10), [1])

  pace.pause('token_invalid', null)
  pace.pause('rate_limited', start + 99_000)
  pace.offer(2, 'fraud')
  assert.equal(pace.nextAt(), null)
  clock.advance(1e9)
  assert.deepEqual(pace.take(10), [])
  pace.resume()
  assert.deepEqual(pace.take(10), [2])
})

test('a lower rate holds from the moment it is set', () => {
  const clock = manualClock(start)
  const pace = openPace<number>({ perSecond: 100, burst: 100, maxWaiting: 1_000 }, clock.now)
  for (let i = 0; i < 1_000; i++) pace.offer(i, 'person')
  assert.equal(pace.take(1_000).length, 100)
  pace.setRate(5)
  clock.advance(999)
  assert.equal(pace.take(1_000).length, 0)
  let gone = 0
  for (let ms = 0; ms < 10_000; ms += 10) {
    gone += pace.take(50).length
    clock.advance(10)
  }
  assert.ok(gone >= 45 && gone <= 55, String(gone))
})

test('a clock set back neither gives nor loses anything', () => {
  const clock = manualClock(start)
  const pace = openPace<number>({ perSecond: 2, burst: 2, maxWaiting: 10 }, clock.now)
  for (let i = 0; i < 6; i++) pace.offer(i, 'person')
  assert.equal(pace.take(10).length, 2)
  clock.set(start - 60_000)
  assert.equal(pace.take(10).length, 0)
  clock.set(start + 1_000)
  assert.equal(pace.take(10).length, 2)
  assert.equal(pace.waiting().person, 2)
})
