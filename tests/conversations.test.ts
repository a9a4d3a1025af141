import { strict as assert } from 'node:assert'
import { before, describe, test } from 'node:test'
import { bankKeys } from '../sandbox/people/people.ts'
import { unknownIn } from './conversations/marks.ts'
import { playAll, type Played } from './conversations/run.ts'
import { readScripts } from './conversations/script.ts'
import { tags } from './conversations/sentences.ts'
import { openTestHouse } from './house.ts'

/** Only conversations whose name holds this; all of them otherwise. */
const only = process.env['GUICHET_CONVERSATION'] ?? ''
const scripts = readScripts().filter(({ id }) => id.includes(only))

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
const share = (played: readonly Played[]): number =>
  played.filter(({ reached }) => reached).length / Math.max(1, played.length)

describe(`${scripts.length} scripted conversations reach what the customer came for`, () => {
  const played: Played[] = []

  before(async () => {
    for (const bank of bankKeys) {
      const here = scripts.filter((one) => one.bank === bank)
      if (here.length === 0) continue
      await using house = await openTestHouse({ serves: [bank] })
      played.push(...(await playAll(house, here)))
    }
  })

  test('there are enough of them, each by a name of its own', { skip: only !== '' }, () => {
    assert.ok(scripts.length >= 150)
    assert.equal(new Set(scripts.map(({ id }) => id)).size, scripts.length)
    for (const tag of tags) assert.ok(scripts.filter(({ locale }) => locale === tag).length >= 45, tag)
  })

  test('and they expect nothing that nobody says', () => {
    const at = { now: Date.now(), timeZone: 'America/New_York' }
    const unknown = scripts.flatMap(({ id, turns }) =>
      turns.flatMap(({ expect, not = [] }) =>
        [...expect, ...not].flatMap((mark) => unknownIn(mark, at).map((name) => `${id}: ${name}`)),
      ),
    )
    assert.deepEqual(unknown, [])
  })

  for (const tag of tags)
    test(`${tag}: at least 95 % reach their goal`, (t) => {
      const spoken = played.filter(({ script }) => script.locale === tag)
      for (const { failure } of spoken) if (failure !== null) t.diagnostic(failure)
      const reached = share(spoken)
      t.diagnostic(`${tag}: ${(reached * 100).toFixed(1)} % of ${spoken.length}`)
      assert.ok(spoken.length === 0 || reached >= 0.95, `${(reached * 100).toFixed(1)} %`)
    })

  test('and half of those need at most one turn more than the fewest possible', (t) => {
    const reached = played.filter((one) => one.reached)
    const more = reached.map(({ acts, script }) => acts - script.minimum)
    t.diagnostic(
      `median ${median(reached.map(({ acts }) => acts))} turns, median ${median(more)} and at most ${Math.max(0, ...more)} more than the fewest`,
    )
    assert.ok(median(more) <= 1)
  })
})
