import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clauseOf } from '../../tests/clause.ts'
import { freshDatabase } from '../../tests/database.ts'
import { dayMs } from '../core/clock.ts'
import { openLogger } from '../core/logger.ts'
import { blot, commonWords } from '../nlu/blot.ts'
import { openUnclear, ownSentences, sweepUnclear, unclearDays, unclearRows } from './unclear.ts'

const common = commonWords(ownSentences())
const now = Date.UTC(2026, 10, 20)

test('what is somebody’s is blotted out: names, figures, days, and every word that is not everybody’s', () => {
  const text = 'can you please send my hija Xiomara 25 bucks on friday from acct 99871234 at Zorbanopolis'
  const kept = blot(
    {
      text,
      slots: {
        ...clauseOf('', null).slots,
        amounts: [{ type: 'money', decimal: '25', currency: null, at: [36, 44] }],
        names: ['Xiomara'],
      },
    },
    common,
  )
  for (const own of ['Xiomara', '25', '99871234', 'Zorbanopolis', 'xiomara'])
    assert.equal(kept.includes(own), false, `${own} in ${kept}`)
  assert.match(kept, /^can you please send my hija ‹name› ‹amount› on friday/)
})

test('twin: with every word called common, the name is kept', () => {
  const everything = { has: () => true } as unknown as ReadonlySet<string>
  assert.match(blot(clauseOf('send Xiomara money', null), everything), /xiomara/)
})

test('the same words of several people are one line, most often first; without whose they were', async () => {
  await using db = await freshDatabase()
  const unclear = openUnclear({ pool: db.pool, clock: () => now, log: openLogger('silent'), common })
  for (const text of ['what about the thing', 'what about the thing', 'why not now'])
    unclear.note(clauseOf(text, ['fees', 0.3]), 'en', 'missed')
  await unclear.stop()
  const rows = await unclearRows(db.pool, new Date(now - dayMs), 10)
  assert.deepEqual(
    rows.map(({ times, guesses }) => [times, guesses]),
    [
      [2, 'fees=0.30'],
      [1, 'fees=0.30'],
    ],
  )
  const { fields } = await db.pool.query('select * from intent_unclear limit 0')
  assert.deepEqual(
    fields.map(({ name }) => name),
    ['unclear_id', 'at', 'language', 'how', 'words', 'guesses'],
  )
})

test('it is forgotten after thirty days', async () => {
  await using db = await freshDatabase()
  const unclear = openUnclear({ pool: db.pool, clock: () => now, log: openLogger('silent'), common })
  unclear.note(clauseOf('what about the thing', null), 'en', 'offered')
  await unclear.stop()
  await sweepUnclear(db.pool, now + unclearDays * dayMs - 1)
  assert.equal((await unclearRows(db.pool, new Date(0), 10)).length, 1)
  await sweepUnclear(db.pool, now + unclearDays * dayMs + 1)
  assert.equal((await unclearRows(db.pool, new Date(0), 10)).length, 0)
})
