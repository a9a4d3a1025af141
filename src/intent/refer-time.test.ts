import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clauseOf } from '../../tests/clause.ts'
import type { Guess } from '../nlu/reading.ts'
import type { MoneyAsk } from './ask.ts'
import { wishOf } from './wish.ts'

const context = { now: Date.UTC(2026, 10, 20, 15), timeZone: 'America/New_York' }
const after = (
  last: MoneyAsk,
  text: string,
  guess: readonly [Guess['name'], number] | null = null,
  earlier: MoneyAsk | null = null,
) => {
  const found = wishOf(clauseOf(text, guess), last, { ...context, earlier })
  return found.band === 'act' ? found.ask : found.band
}
const november = { from: '2026-11-01', to: '2026-11-20' }
const october = { from: '2026-10-01', to: '2026-10-31' }
const spent: MoneyAsk = { kind: 'spending', category: 'groceries', period: november }
const listed: MoneyAsk = { kind: 'transactions', limit: 5, merchant: 'Corner Market', period: november }

describe('so many weeks or months, said after a question', () => {
  for (const text of [
    'non pas 2 semaines, 2 mois',
    'no 2 semanas, 2 meses',
    'not 2 weeks, 2 months',
    '2 months, not 2 weeks',
    'make it two months',
    'plutôt sur 2 mois',
  ])
    test(`“${text}”: the same over two months, up to today`, () =>
      assert.deepEqual(after(spent, text, ['complaint', 0.87]), {
        ...spent,
        period: { from: '2026-09-20', to: '2026-11-20' },
      }))
  test('of a list as well, and days count today', () => {
    assert.deepEqual(after({ ...listed, nth: 2 }, 'no, 10 días', ['no', 0.6]), {
      ...listed,
      period: { from: '2026-11-11', to: '2026-11-20' },
    })
    assert.deepEqual(after(spent, 'un an', ['smalltalk', 0.6]), {
      ...spent,
      period: { from: '2025-11-20', to: '2026-11-20' },
    })
  })
  test('a balance has no stretch of time, and a sentence with more in it is its own', () => {
    assert.equal(after({ kind: 'balance' }, '2 months', null), 'none')
    assert.equal(after(spent, 'my card comes in 2 weeks they said', null), 'none')
  })
})

describe('the one before', () => {
  for (const text of [
    'y el pasado?',
    'y el anterior',
    'and the previous one?',
    'pis celui d’avant',
    'et le précédent',
  ])
    test(`“${text}”: the whole month before, for part of a month`, () =>
      assert.deepEqual(after(spent, text, ['transactions', 0.84]), { ...spent, period: october }))
  test('a week before a week, a year before a year', () => {
    const week = { from: '2026-11-16', to: '2026-11-20' }
    assert.deepEqual(after({ ...spent, period: week }, 'y la pasada'), {
      ...spent,
      period: { from: '2026-11-09', to: '2026-11-15' },
    })
    const year = { from: '2026-01-01', to: '2026-11-20' }
    assert.deepEqual(after({ ...spent, period: year }, 'y el pasado'), {
      ...spent,
      period: { from: '2025-01-01', to: '2025-12-31' },
    })
  })
})

describe('which of the two', () => {
  const october1 = { ...spent, period: october }
  for (const text of [
    'en cuál de los dos gasté más',
    'which of the two did I spend more in',
    'which month was more',
    'lequel des deux j’ai dépensé le plus',
    'dans lequel j’ai le plus dépensé',
  ])
    test(`“${text}”: the two months just asked about, held against each other`, () => {
      const expected = { ...spent, against: october }
      assert.deepEqual(after(october1, text, ['spending', 1], spent), expected)
      assert.deepEqual(after(spent, text, ['spending', 1], october1), expected)
    })
  test('two places of one time: the one against the other', () =>
    assert.deepEqual(
      after(
        { kind: 'spending', merchant: 'Blue Heron', period: november },
        'en cuál de los dos gasté más',
        null,
        spent,
      ),
      {
        kind: 'spending',
        period: november,
        several: {
          said: 'groceries, Blue Heron',
          of: [{ category: 'groceries' }, { merchant: 'Blue Heron' }],
          versus: true,
        },
      },
    ))
  test('two questions that differ in more are no two to choose from', () => {
    const other: MoneyAsk = { kind: 'spending', category: 'fuel', period: october }
    assert.notDeepEqual(after(spent, 'which of the two was more', ['spending', 1], other), {
      ...spent,
      against: october,
    })
    assert.notEqual(after(spent, 'which of the two was more', null, { kind: 'balance' }), spent)
  })
})
