import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clauseOf } from '../../tests/clause.ts'
import { newThread, setLast, setShop, shownLast } from '../conversation/thread.ts'
import type { Guess, Slots } from '../nlu/reading.ts'
import type { MoneyAsk } from './ask.ts'
import type { AskContext } from './when.ts'
import { wishOf } from './wish.ts'

const context = { now: Date.UTC(2026, 10, 20, 15), timeZone: 'America/New_York' }
const after = (
  last: MoneyAsk,
  text: string,
  guess: readonly [Guess['name'], number] | null = null,
  more: Partial<AskContext> = {},
  slots: Partial<Slots> = {},
) => {
  const found = wishOf(clauseOf(text, guess, slots), last, { ...context, ...more })
  return found.band === 'act' ? found.ask : found.band
}
const november = { from: '2026-11-01', to: '2026-11-20' }
const spent: MoneyAsk = { kind: 'spending', category: 'restaurants', period: november }
const list = { kind: 'transactions', limit: 3 } as const
const owed: MoneyAsk = { kind: 'balance', account: { type: 'credit-card' } }

describe('“the second one” after a list and a sum in one message', () => {
  for (const text of ['the second one, what was that', 'la segunda', 'le deuxième'])
    test(`“${text}” is the second of the list`, () =>
      assert.deepEqual(after(spent, text, ['transactions', 0.8], { list }), { ...list, nth: 2 }))
  test('where only a sum was given, it is the second payment of that sum', () =>
    assert.deepEqual(after(spent, 'the second one', ['transactions', 0.8]), {
      kind: 'transactions',
      limit: 10,
      category: 'restaurants',
      period: november,
      direction: 'out',
      nth: 2,
    }))
  test('the list is remembered for the message that asked for both, and no longer', () => {
    const thread = newThread()
    setLast(thread, list, 1_000)
    setLast(thread, spent, 1_000)
    assert.deepEqual(shownLast(thread, 2_000), { beside: list, shop: null })
    setLast(thread, owed, 3_000)
    assert.equal(shownLast(thread, 3_000).beside, null)
  })
})

describe('“there” and “them” are the shop that was just spoken of', () => {
  const atHeron: MoneyAsk = { kind: 'spending', merchant: 'blue heron', period: november }
  for (const text of [
    'when was the last time i went there',
    'cuándo fue la última vez que fui ahí',
    'c’était quand la dernière fois que je suis allé là',
  ])
    test(text, () =>
      assert.deepEqual(after(atHeron, text, ['transactions', 0.99]), {
        kind: 'transactions',
        limit: 1,
        direction: 'out',
        merchant: 'blue heron',
      }),
    )
  test('the shop of the one payment that was shown', () => {
    const found: MoneyAsk = { kind: 'transactions', limit: 5, amount: { min: '67.43', max: '67.43' } }
    const asked = after(found, 'did i buy anything else from them', ['transactions', 0.97], {
      shop: 'Parcelway Online',
    })
    assert.deepEqual(asked, { kind: 'transactions', limit: 5, merchant: 'Parcelway Online' })
    const thread = newThread()
    setLast(thread, found, 1_000)
    setShop(thread, 'Parcelway Online')
    assert.equal(shownLast(thread, 1_000).shop, 'Parcelway Online')
    setLast(thread, spent, 2_000)
    assert.equal(shownLast(thread, 2_000).shop, null)
  })
  test('“is there anything pending” points at no shop', () =>
    assert.deepEqual(after(atHeron, 'is there anything pending', ['transactions', 0.99]), {
      kind: 'transactions',
      limit: 5,
      pending: true,
    }))
  test('a shop that is named is the one that is meant', () =>
    assert.deepEqual(
      after(
        atHeron,
        'how often did i go there, to Corner Market',
        ['spending', 0.99],
        {},
        {
          names: ['Corner Market'],
        },
      ),
      { kind: 'spending', merchant: 'Corner Market', period: { from: '2026-10-22', to: '2026-11-20' } },
    ))
})

describe('after what is owed, or was paid', () => {
  for (const text of ['is that due soon?', 'when is it due', 'cuándo se vence', 'c’est dû pour quand'])
    test(`“${text}”: a due date cannot be seen here`, () =>
      assert.deepEqual(after(owed, text, ['out-of-scope', 0.9]), { kind: 'told', about: 'due' }))
  test('“when’s it due then” after pay: what is to come cannot be seen', () =>
    assert.deepEqual(after({ kind: 'income', pay: true }, "when's it due then", ['out-of-scope', 0.9]), {
      kind: 'told',
      about: 'ahead',
    }))
  for (const text of ['exact number please', 'cuánto exactamente', 'le montant exact svp'])
    test(`“${text}”: the same, and where the exact figure is`, () =>
      assert.deepEqual(after(owed, text, ['no', 0.4]), { ...owed, exact: true }))
  test('“exact”, by itself, is a yes', () =>
    assert.deepEqual(after(owed, 'exact', ['yes', 0.9]), { kind: 'yes' }))
  for (const text of ['how much in total across everything', 'cuánto es en total', 'combien au total'])
    test(`“${text}”: what all accounts come to`, () =>
      assert.deepEqual(after(owed, text, ['balance', 0.9]), { kind: 'balance', total: true }))
})

describe('“break that down”', () => {
  for (const text of ['break that down', 'desglósamelo', 'détaille-moi ça']) {
    test(`“${text}” of a kind: by shop`, () =>
      assert.deepEqual(after(spent, text, ['yes', 0.5]), { ...spent, by: 'merchant' }))
    test(`“${text}” of everything: by kind`, () => {
      const all: MoneyAsk = { kind: 'spending', period: november }
      assert.deepEqual(after(all, text, ['yes', 0.5]), { ...all, by: 'category' })
    })
  }
  test('“what was it for” of the biggest asks about that payment, “c’est quand” about its day', () => {
    const biggest: MoneyAsk = { kind: 'spending', measure: 'biggest', period: november }
    for (const text of ['what was it for', 'c’est quand'])
      assert.deepEqual(after(biggest, text, ['smalltalk', 0.6]), biggest)
  })
  test('of one shop: its payments', () =>
    assert.deepEqual(after({ kind: 'spending', merchant: 'Lidl', period: november }, 'break it down'), {
      kind: 'transactions',
      limit: 10,
      direction: 'out',
      merchant: 'Lidl',
      period: november,
    }))
})

test('“whats my average per visit” keeps the shop and the time', () => {
  const atMarket: MoneyAsk = { kind: 'spending', merchant: 'corner market', period: november }
  assert.deepEqual(
    after(atMarket, 'whats my average per visit', ['spending', 0.99], {}, { measure: 'average' }),
    { ...atMarket, measure: 'average' },
  )
})
