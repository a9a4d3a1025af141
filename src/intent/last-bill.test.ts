import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clausesOf } from '../nlu/clauses.ts'
import type { Guess, Language } from '../nlu/reading.ts'
import type { MoneyAsk } from './ask.ts'
import { wishOf } from './wish.ts'

const context = { now: Date.UTC(2026, 10, 20, 15), timeZone: 'America/New_York' }
function asked(
  text: string,
  language: Language,
  guess: readonly [Guess['name'], number],
  last: MoneyAsk | null = null,
) {
  const [clause] = clausesOf(text, { ...context, language, currency: 'USD' }).clauses
  assert.ok(clause)
  const wish = wishOf({ ...clause, guesses: [{ name: guess[0], p: guess[1] }], outOfScope: 0 }, last, context)
  return wish.band === 'act' ? wish.ask : wish.band
}
const bill = { kind: 'transactions', limit: 1, direction: 'out' } as const

describe('a bill is its newest payment, whenever that was', () => {
  for (const [text, language, named] of [
    ['cest combien ma derniere facture dhydro', 'fr', 'hydro'],
    ['combien c’est ma facture de téléphone', 'fr', 'téléphone'],
    ['how much was my last phone bill', 'en', 'phone bill'],
    ['cuánto fue mi último recibo de luz', 'es', 'luz'],
  ] as const)
    for (const name of ['spending', 'receipts', 'income'] as const)
      test(`“${text}”, taken for ${name}`, () => {
        const found = asked(text, language, [name, 0.9])
        assert.ok(typeof found !== 'string' && found.kind === 'transactions')
        const { kind, limit, direction, merchant } = found
        assert.deepEqual({ kind, limit, direction, merchant }, { ...bill, merchant: named })
      })
  test('“celle de téléphone” behind it: that bill', () =>
    assert.deepEqual(
      asked('pis celle de telephone', 'fr', ['person', 0.99], { ...bill, merchant: 'hydro' }),
      {
        ...bill,
        merchant: 'telephone',
      },
    ))
  test('what one spends on it over a time stays a sum', () =>
    assert.equal(
      JSON.stringify(
        asked('how much did I spend on my phone bill this year', 'en', ['spending', 0.99]),
      ).includes('"spending"'),
      true,
    ))
  test('what it is on average takes a year of bills', () => {
    const usual = asked('cuanto pago de luz normalmente', 'es', ['spending', 0.99])
    assert.ok(typeof usual !== 'string' && usual.kind === 'spending')
    assert.deepEqual(usual.period, { from: '2025-11-21', to: '2026-11-20' })
  })
})

describe('“take it out” leaves out of a list, and never hides a right', () => {
  const listed: MoneyAsk = { kind: 'transactions', limit: 5 }
  for (const [text, language, said] of [
    ['ôte le loyer', 'fr', 'loyer'],
    ['exclude rent', 'en', 'rent'],
    ['quita la renta', 'es', 'renta'],
  ] as const)
    test(`“${text}”`, () => {
      const found = asked(text, language, ['cancel-payment', 0.86], listed)
      assert.ok(typeof found !== 'string' && found.kind === 'transactions')
      assert.equal(found.without?.said, said)
      assert.deepEqual(asked(text, language, ['cancel-payment', 0.86]), {
        kind: 'told',
        about: 'cancel-payment',
      })
    })
  for (const [text, language] of [
    ['ôte mes infos', 'fr'],
    ['quita mis datos', 'es'],
    ['omit my data', 'en'],
  ] as const)
    test(`“${text}” is about data, also right behind a list`, () => {
      for (const last of [null, listed])
        assert.deepEqual(asked(text, language, ['erase', 0.99], last), { kind: 'told', about: 'erase' })
    })
})

describe('“where does my money go” is for what', () => {
  for (const [text, language] of [
    ['q onda en q se me esta llendo la lana este mes', 'es'],
    ['where is all my money going', 'en'],
    ['ou est-ce que va mon argent', 'fr'],
  ] as const)
    test(`“${text}”`, () => {
      const found = asked(text, language, ['spending', 0.99])
      assert.ok(typeof found !== 'string' && found.kind === 'spending')
      assert.equal(found.by, 'category')
    })
})
