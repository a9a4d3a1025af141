import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clauseOf } from '../../tests/clause.ts'
import { november, open, payments, put, row, shipped, spending } from '../../tests/counter.ts'
import { noSlots, type Guess, type Slots } from '../nlu/reading.ts'
import { clausesOf } from '../nlu/clauses.ts'
import { wishOf } from './wish.ts'

const context = { now: Date.UTC(2026, 10, 20, 15), timeZone: 'America/New_York' }
const asked = (
  text: string,
  guess: readonly [Guess['name'], number],
  language: 'en' | 'es' | 'fr' = 'en',
) => {
  const [read] = clausesOf(text, { ...context, language, currency: 'USD' }).clauses
  const slots: Slots = read?.slots ?? noSlots(text)
  const found = wishOf(clauseOf(read?.text ?? text, guess, slots), null, context)
  return found.band === 'act' ? found.ask : found.band
}

describe('transfers alone', () => {
  for (const [language, text] of [
    ['en', 'show me all my transfers'],
    ['es', 'muéstrame mis transferencias'],
    ['fr', 'montre-moi mes virements'],
  ] as const)
    test(text, () =>
      assert.deepEqual(asked(text, ['transactions', 0.99], language), {
        kind: 'transactions',
        limit: 5,
        transfers: true,
      }),
    )
  test('interest and purchases are not among them, nor what paid a card off', async () => {
    const items = [
      row('2026-11-18', 100, null, { description: 'INTEREST PAID', direction: 'credit' }),
      row('2026-11-17', 3_000, null, { description: 'TRANSFER TO SAVINGS' }),
      row('2026-11-16', 2_000, 'Corner Market'),
      row('2026-11-15', 9_900, null, { description: 'CREDIT CARD PAYMENT' }),
      row('2026-11-15', 9_900, null, { accountId: 'crd', direction: 'credit', description: 'THANK YOU' }),
    ]
    const { text } = await put(payments({ transfers: true }), open, { items })
    assert.match(text, /Your transfers/)
    assert.match(text, /TRANSFER TO SAVINGS/)
    assert.doesNotMatch(text, /INTEREST|Corner|CARD|THANK/)
  })
  test('where shops are kept back, so is which payments are transfers', async () => {
    const { text } = await put(payments({ transfers: true }), { policy: shipped('granite'), item: 'say' })
    assert.doesNotMatch(text, /SAVINGS|\d\.\d\d/)
  })
})

test('food is groceries, eating out and coffee, the same for everyone', () => {
  for (const [language, text] of [
    ['en', 'how much did i spend on food this month'],
    ['es', 'cuánto gasté en comida este mes'],
    ['fr', 'combien j’ai dépensé en bouffe ce mois-ci'],
  ] as const) {
    const ask = asked(text, ['spending', 0.99], language)
    assert.ok(typeof ask === 'object' && ask.kind === 'spending', text)
    assert.deepEqual(
      ask.several?.of.map(({ category }) => category),
      ['groceries', 'restaurants', 'coffee'],
    )
  }
})

test('the pub is no restaurant', async () => {
  const ask = asked('what did I spend at the pub this month', ['spending', 0.99])
  assert.ok(typeof ask === 'object' && ask.kind === 'spending' && ask.merchant === 'pub')
  const { text } = await put(spending({ merchant: 'pub', period: november }), open, {
    items: [
      row('2026-11-10', 1_200, 'The Crown', { mcc: '5813' }),
      row('2026-11-11', 7_000, 'Chez Nous', { mcc: '5812' }),
    ],
  })
  assert.match(text, /\$12\.00/)
})

test('“do I have more than 2000 in checking” asks what there is', () =>
  assert.deepEqual(asked('do I have more than 2000 in checking', ['balance', 0.99]), {
    kind: 'balance',
    account: { type: 'checking' },
  }))

test('what is still to be taken cannot be seen; what was taken can', () => {
  for (const text of [
    'any direct debits or standing orders coming out this week',
    'upcoming payments',
    'qué pagos programados tengo',
    'mes prélèvements à venir',
  ])
    assert.deepEqual(asked(text, ['transactions', 0.9]), { kind: 'told', about: 'due' }, text)
  const past = asked('payments going out last week', ['transactions', 0.99])
  assert.ok(typeof past === 'object' && past.kind === 'transactions')
})

test('“when does rent go out” is the last that did', () => {
  for (const [language, text, merchant] of [
    ['en', 'when does rent go out and how much is it', 'rent'],
    ['es', 'cuándo me cobran la renta', 'rent'],
    ['fr', 'quand est-ce que le loyer sort', 'loyer'],
  ] as const)
    assert.deepEqual(
      asked(text, ['balance', 0.4], language),
      { kind: 'transactions', limit: 1, merchant, direction: 'out' },
      text,
    )
})
