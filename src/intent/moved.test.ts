import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clauseOf } from '../../tests/clause.ts'
import type { Clause, DateRange } from '../nlu/reading.ts'
import type { MoneyAsk } from './ask.ts'
import { besideIt, before } from './when.ts'
import { wishOf } from './wish.ts'

const context = { now: Date.UTC(2026, 10, 20, 15), timeZone: 'America/New_York' }
const november = { from: '2026-11-01', to: '2026-11-20' }
const spent: MoneyAsk = {
  kind: 'spending',
  merchant: 'luz',
  category: 'utilities',
  loose: true,
  period: november,
}

/** The clause with one stretch of time, named by these words of it. */
function dated(text: string, words: string, range: Pick<DateRange, 'from' | 'to'>): Clause {
  const start = text.indexOf(words)
  return clauseOf(text, ['spending', 0.97], {
    periods: [{ ...range, at: [start, start + words.length], kind: 'sure' }],
    measure: 'compare',
  })
}
const after = (last: MoneyAsk, clause: Clause) => {
  const wish = wishOf(clause, last, context)
  return wish.band === 'act' ? wish.ask : wish.band
}
const lastYear = { from: '2025-01-01', to: '2025-12-31' }

describe('“did it go up” is about what was just asked, over days that are as many', () => {
  for (const [text, words] of [
    ['subió o bajó comparado con el año pasado', 'el año pasado'],
    ['did it go up or down compared to last year', 'last year'],
    ['c’a tu monté par rapport à l’an passé', 'l’an passé'],
  ] as const)
    test(`“${text}”`, () =>
      assert.deepEqual(after(spent, dated(text, words, lastYear)), {
        ...spent,
        against: { from: '2025-11-01', to: '2025-11-20' },
      }))
  for (const text of ['did it go up', '¿ha subido?', 'est-ce que ça a augmenté'])
    test(`“${text}”, and no time: against as much just before`, () =>
      assert.deepEqual(after(spent, clauseOf(text, ['hardship', 0.6])), {
        ...spent,
        against: { from: '2026-10-01', to: '2026-10-20' },
      }))
  test('after a bill, what was paid for it', () =>
    assert.deepEqual(
      after(
        { kind: 'transactions', limit: 1, merchant: 'luz', direction: 'out' },
        dated('did it go up since last year', 'last year', lastYear),
      ),
      {
        kind: 'spending',
        merchant: 'luz',
        period: { from: '2026-10-22', to: '2026-11-20' },
        against: { from: '2025-10-22', to: '2025-11-20' },
      },
    ))
  test('after income, what came in then: never what was spent', () =>
    assert.deepEqual(
      after({ kind: 'income', pay: true, period: november }, clauseOf('did it go up', ['spending', 0.9])),
      { kind: 'income', period: { from: '2026-10-01', to: '2026-10-20' } },
    ))
  test('a whole year is never held against a part of one', () => {
    assert.deepEqual(besideIt(null, lastYear, context), {
      period: { from: '2026-01-01', to: '2026-11-20' },
      against: { from: '2025-01-01', to: '2025-11-20' },
    })
    assert.deepEqual(before({ from: '2026-01-01', to: '2026-11-20' }), {
      from: '2025-01-01',
      to: '2025-11-20',
    })
  })
})

describe('after pay', () => {
  const paid: MoneyAsk = { kind: 'income', pay: true }
  const year = { from: '2026-01-01', to: '2026-12-31' }
  for (const [text, words] of [
    ['ca fait combien en tout cette annee', 'cette annee'],
    ['how much is it in total this year', 'this year'],
    ['cuánto suma este año', 'este año'],
  ] as const)
    test(`“${text}”: what came in, and not what was spent`, () =>
      assert.deepEqual(after(paid, dated(text, words, year)), {
        kind: 'income',
        period: { from: '2026-01-01', to: '2026-11-20' },
      }))
  for (const text of ['de cuánto fue', 'how much was it', 'c’était combien'])
    test(`“${text}”: that pay`, () => assert.deepEqual(after(paid, clauseOf(text, ['spending', 0.99])), paid))
})
