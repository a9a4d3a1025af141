import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clauseOf } from '../../tests/clause.ts'
import type { Guess } from '../nlu/reading.ts'
import type { MoneyAsk } from './ask.ts'
import { wishOf } from './wish.ts'

const context = { now: Date.UTC(2026, 10, 20, 15), timeZone: 'America/New_York' }
const after = (last: MoneyAsk, text: string, guess: readonly [Guess['name'], number] | null = null) => {
  const found = wishOf(clauseOf(text, guess), last, context)
  return found.band === 'act' ? found.ask : found.band
}
const november = { from: '2026-11-01', to: '2026-11-20' }
const spent: MoneyAsk = { kind: 'spending', category: 'groceries', period: november }
const listed: MoneyAsk = { kind: 'transactions', limit: 5, merchant: 'Corner Market', period: november }

describe('after a sum', () => {
  for (const text of [
    'how many',
    'how many payments',
    'cuántas veces',
    'cuántos pagos',
    'combien de paiements',
  ])
    test(`“${text}”: the count of the same`, () =>
      assert.deepEqual(after(spent, text, ['out-of-scope', 0.6]), { ...spent, measure: 'count' }))
  for (const text of [
    'which was the biggest',
    'cuál fue la más cara',
    'lequel est le plus cher',
    'c’est quoi le plus gros montant',
    'el monto más alto',
  ])
    test(`“${text}”: the biggest of the same`, () =>
      assert.deepEqual(after(spent, text, ['out-of-scope', 0.8]), { ...spent, measure: 'biggest' }))
  for (const text of [
    'show them',
    'which ones',
    'enséñamelos',
    'montre-les',
    'pásame la lista',
    'send me the list',
  ])
    test(`“${text}”: its payments`, () =>
      assert.deepEqual(after(spent, text, ['help', 0.7]), {
        kind: 'transactions',
        limit: 10,
        category: 'groceries',
        period: november,
        direction: 'out',
      }))
  for (const [text, type] of [
    ['y con la de débito', 'checking'],
    ['y en la tarjeta', 'credit-card'],
    ['sur ma carte', 'credit-card'],
    ['and on the card', 'credit-card'],
  ] as const)
    test(`“${text}”: the same on that account, and no card is lost`, () =>
      assert.deepEqual(after(spent, text, ['card-lost', 0.85]), { ...spent, account: { type } }))
})

describe('after a sum, how else it is worked out: of the same shop, kind, time and account', () => {
  const shop: MoneyAsk = {
    kind: 'spending',
    merchant: 'Blue Heron',
    period: november,
    account: { type: 'credit-card' },
  }
  for (const [texts, more] of [
    [
      ['average', 'average per visit?', 'promedio', 'por visita', 'moyenne', 'c’est combien par visite'],
      { measure: 'average' },
    ],
    [['per week', 'how much is that a week', 'por semana', 'par semaine'], { weekly: true }],
    [
      [
        'is that more than usual',
        'es más de lo normal',
        'c’est plus que d’habitude',
        'cest tu plus ou moins que d’habitude',
      ],
      { against: { from: '2026-10-01', to: '2026-10-20' } },
    ],
    [
      ['which shop did most of it go to', 'en qué tienda gasté más', 'par magasin', 'quel magasin le plus'],
      { by: 'merchant' },
    ],
  ] as const)
    for (const text of texts)
      test(`“${text}”`, () => assert.deepEqual(after(shop, text, ['spending', 0.99]), { ...shop, ...more }))
  test('“how many times” after “more than usual?” is about the same, and compares no more', () =>
    assert.deepEqual(after({ ...shop, against: november }, 'how many times'), { ...shop, measure: 'count' }))
})

test('after “did I get paid”, “how much was it” is that pay', () => {
  const pay: MoneyAsk = { kind: 'income', pay: true }
  for (const text of ['how much was it', 'cuánto fue', 'c’était combien'])
    assert.deepEqual(after(pay, text, ['spending', 0.6]), pay, text)
})

test('after a sum, “the third one” is the third of its payments', () =>
  assert.deepEqual(after(spent, 'the third one', ['split-bill', 0.9]), {
    kind: 'transactions',
    limit: 10,
    category: 'groceries',
    period: november,
    direction: 'out',
    nth: 3,
  }))

describe('after a list', () => {
  for (const text of ['cuánto suman', 'en total', 'c’est combien en tout', 'what’s the total'])
    test(`“${text}”: the sum of what was listed`, () =>
      assert.deepEqual(after(listed, text, ['spending', 1]), {
        kind: 'spending',
        merchant: 'Corner Market',
        period: november,
      }))
  for (const text of ['la 2e c’est quoi?', 'the 2nd one', 'la segunda', 'la deuxième'])
    test(`“${text}”: the second of it, and no day`, () =>
      assert.deepEqual(after(listed, text, ['help', 0.7]), { ...listed, nth: 2 }))
  test('a list that a sum could not be of is not added up as another', () =>
    assert.notDeepEqual(after({ ...listed, pending: true }, 'en total', null), {
      kind: 'spending',
      merchant: 'Corner Market',
      period: november,
    }))
})

test('after one payment, what is asked of it is told of it', () => {
  const one: MoneyAsk = { ...listed, nth: 2 }
  for (const text of [
    'cuánto fue',
    'cuándo fue',
    'c’était à qui',
    'quand ça',
    'de qui',
    'who was that',
    'how much was it',
  ])
    assert.deepEqual(after(one, text, ['fraud-mine', 0.64]), one, text)
})

test('after one payment of a list, the biggest is the biggest of the list', () =>
  assert.deepEqual(after({ ...listed, nth: 2 }, 'le plus gros'), {
    kind: 'spending',
    merchant: 'Corner Market',
    period: november,
    measure: 'biggest',
  }))

test('a question of its own is none of these', () => {
  for (const text of [
    'how many branches do you have',
    'show me my balance',
    'i lost my card',
    'perdí la tarjeta',
    'ma carte',
  ])
    assert.equal(after(spent, text, null), 'none', text)
})

test('thanks before it are politeness: “thanks! and last week?”', () => {
  const range = { from: '2026-11-09', to: '2026-11-15', at: [12, 21], kind: 'sure' } as const
  const clause = clauseOf('thanks! and last week?', ['thanks', 0.99], { periods: [range], rest: '' })
  const found = wishOf(clause, spent, context)
  assert.deepEqual(found.band === 'act' && found.ask, {
    ...spent,
    period: { from: '2026-11-09', to: '2026-11-15' },
  })
})
