import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attemptsFor, type ErrorRow, errorTable, outcomeOf, rowFor, sentenceFor } from './errors.ts'

type Expected = 'again' | 'never' | 'unknown'

/** The platform's list (§13), row by row: what it says of trying again, and what else must follow. */
const list: [code: number, subcode: number | undefined, expected: Expected, effect?: string][] = [
  [1, undefined, 'again'],
  [1, 99, 'again'],
  [1, 1357046, 'unknown'],
  [2, undefined, 'again'],
  [1200, undefined, 'again'],
  [4, undefined, 'again'],
  [17, undefined, 'again'],
  [32, undefined, 'again'],
  [613, undefined, 'again'],
  [613, 2534040, 'again'],
  [80006, undefined, 'again'],
  [613, 2018338, 'never'],
  [9, 2018352, 'never'],
  [613, 1893016, 'never'],
  [4, 2018354, 'never'],
  [10, 1893015, 'never'],
  [10, 1404170, 'never'],
  [10, 2018278, 'never', 'window_closed'],
  [10, 2018065, 'never', 'window_closed'],
  [10, 2534022, 'never', 'window_closed'],
  [10, 2018108, 'never'],
  [10, 1893063, 'never', 'pause_account'],
  [10, 2018336, 'never'],
  [100, undefined, 'never'],
  [100, 33, 'never'],
  [100, 2018001, 'never', 'close_contact'],
  [100, 2018164, 'never'],
  [100, 2018008, 'again'],
  [100, 2018047, 'again'],
  [100, 2018294, 'again'],
  [100, 2018014, 'never'],
  [100, 2018074, 'never'],
  [100, 2018109, 'never'],
  [100, 2534015, 'never'],
  [100, 2534037, 'never', 'not_owner'],
  [190, undefined, 'never', 'pause_account'],
  [190, 463, 'never', 'pause_account'],
  [200, undefined, 'never'],
  [200, 2018028, 'never'],
  [200, 2018027, 'never'],
  [230, undefined, 'never'],
  [200, 1545041, 'never', 'close_contact'],
  [551, undefined, 'never', 'close_contact'],
  [551, 1545041, 'never', 'close_contact'],
  [2022, undefined, 'never'],
  [10301, undefined, 'never'],
  [10303, undefined, 'never'],
  [2018218, undefined, 'never'],
  [2018247, undefined, 'never'],
  [2018300, undefined, 'never', 'not_owner'],
  [2018321, undefined, 'again', 'not_owner'],
  [2071010, undefined, 'never'],
  [2071011, undefined, 'never'],
  [2071025, undefined, 'never'],
  [9000001, undefined, 'never'],
]

test('every listed error has the outcome the list gives it', () => {
  for (const [code, subcode, expected, effect] of list) {
    const outcome = outcomeOf(
      rowFor({ code, ...(subcode === undefined ? {} : { error_subcode: subcode }) }, 400),
    )
    const said =
      outcome.state === 'unknown'
        ? 'unknown'
        : outcome.state === 'not_sent' && outcome.retryable
          ? 'again'
          : 'never'
    assert.equal(said, expected, `${code}/${subcode}`)
    assert.equal(outcome.state === 'not_sent' ? outcome.effect : undefined, effect, `${code}/${subcode}`)
  }
})

test('every row is in the list, says what it means, and waits where it tries again', () => {
  const listed = new Set(
    list.map(([code, subcode]) => (subcode === undefined ? `${code}` : `${code}/${subcode}`)),
  )
  for (const [key, row] of Object.entries<ErrorRow>(errorTable)) {
    assert.ok(listed.has(key) || key === '10', key)
    assert.ok(row.sentence.endsWith('.'), key)
    assert.match(row.name, /^[a-z_]{3,40}$/)
    assert.equal(sentenceFor(row.name).length > 0, true)
    if (row.retryable) assert.ok((row.waitMs ?? 0) > 0 && row.attempts > 1, key)
  }
})

test('an unlisted subcode falls back to its code, an unlisted code is not tried again', () => {
  assert.equal(rowFor({ code: 190, error_subcode: 999 }, 400).name, 'token_invalid')
  assert.deepEqual(outcomeOf(rowFor({ code: 31337 }, 400)), {
    state: 'not_sent',
    code: 'graph_31337',
    retryable: false,
  })
  assert.equal(rowFor({ code: 31337, is_transient: true }, 400).retryable, true)
})

test('a number that the list gives alone is also known as the subcode of a general code', () => {
  assert.equal(rowFor({ code: 10, error_subcode: 2018300 }, 403).effect, 'not_owner')
  assert.equal(rowFor({ code: 100, error_subcode: 10303 }, 400).name, 'linking_token_invalid')
})

test('an unlisted error with a server’s status proves nothing, nor does "unknown"', () => {
  assert.equal(rowFor({ code: 31337 }, 500).state, 'unknown')
  assert.equal(rowFor({ code: 31337, is_transient: true }, 500).state, 'unknown')
  assert.equal(rowFor({ code: 1 }, 500).state, 'unknown')
  assert.equal(rowFor({ code: 1, error_subcode: 99 }, 500).state, 'unknown')
  assert.equal(rowFor({ code: 2 }, 500).state, 'not_sent')
})

test('how often to try is known for every code an outcome can bear', () => {
  assert.equal(attemptsFor('platform_temporary'), 3)
  assert.equal(attemptsFor('token_invalid'), 1)
  assert.equal(attemptsFor('not_connected'), 20)
  assert.equal(attemptsFor('graph_31337'), 3)
})
