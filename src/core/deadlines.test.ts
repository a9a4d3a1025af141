import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { openDeadlines } from './deadlines.ts'

/** Time that stands still until it is moved: for timers and for the clock that deadlines look at. */
function stoppedTime() {
  mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  const clock = mock.method(performance, 'now', () => now)
  return {
    move(ms: number) {
      for (let n = 0; n < ms; n++) {
        now++
        mock.timers.tick(1)
      }
    },
    [Symbol.dispose]() {
      clock.mock.restore()
      mock.timers.reset()
    },
  }
}

test('what is not ended in time is cut, once, and what is ended is left alone', () => {
  using time = stoppedTime()
  const deadlines = openDeadlines(100)
  const cut: string[] = []
  const begin = (name: string) => deadlines.begin(() => void cut.push(name))
  const first = begin('first')
  begin('second')
  time.move(50)
  const third = begin('third')
  begin('fourth')
  first.end()
  time.move(44)
  assert.deepEqual(cut, [])
  time.move(7)
  assert.deepEqual(cut, ['second'])
  third.end()
  third.end()
  time.move(100)
  assert.deepEqual(cut, ['second', 'fourth'])
  begin('fifth')
  time.move(101)
  assert.deepEqual(cut, ['second', 'fourth', 'fifth'])
})

test('a deadline that is cut may begin and end others', () => {
  using time = stoppedTime()
  const deadlines = openDeadlines(10)
  const cut: string[] = []
  const later = { end: () => {} }
  deadlines.begin(() => {
    cut.push('one')
    later.end()
    deadlines.begin(() => void cut.push('three'))
  })
  later.end = deadlines.begin(() => void cut.push('two')).end
  time.move(11)
  assert.deepEqual(cut, ['one'])
  time.move(11)
  assert.deepEqual(cut, ['one', 'three'])
})

test('thousands that end in any order leave nothing behind', () => {
  using time = stoppedTime()
  const deadlines = openDeadlines(10)
  let cut = 0
  for (let round = 0; round < 50; round++) {
    const some = Array.from({ length: 100 }, () => deadlines.begin(() => cut++))
    for (const [n, one] of some.toReversed().entries()) if (n % 50 !== 0) one.end()
    time.move(1)
  }
  time.move(20)
  assert.equal(cut, 100)
})
