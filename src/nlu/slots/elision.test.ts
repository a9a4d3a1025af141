import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clausesOf } from '../clauses.ts'
import { withElisions } from './elision.ts'

describe('French as it is thumbed gets its apostrophes back', () => {
  for (const [typed, meant] of [
    ['pis dans lepargne', "pis dans l'epargne"],
    ['celle davant', "celle d'avant"],
    ['ma facture dhydro', "ma facture d'hydro"],
    ['lépicerie ce moisci', "l'épicerie ce mois-ci"],
    ['cette semaineci', 'cette semaine-ci'],
    ['yen a tu de plus que 100', 'y en a tu de plus que 100'],
  ] as const)
    test(`“${typed}”`, () => assert.equal(withElisions(typed), meant))
  for (const text of ['later at dinner', 'send 50 yen', 'dame el dinero', "d'avant", 'Lauren', 'la luz'])
    test(`“${text}” stays as it is`, () => assert.equal(withElisions(text), text))
  test('once is enough', () =>
    assert.equal(withElisions(withElisions('lepargne ce moisci')), withElisions('lepargne ce moisci')))
})

const context = {
  now: Date.UTC(2026, 10, 20, 15),
  timeZone: 'America/Toronto',
  language: 'fr',
  currency: 'CAD',
} as const
const slotsIn = (text: string) => clausesOf(text, context).clauses[0]?.slots

describe('a word of a sentence is no name', () => {
  for (const text of [
    'pis celle davant',
    'jai tu eu un remboursement dernierement',
    'y quitando lo pendiente cuanto me queda',
    'y la anterior a esa?',
    'cuanto le e mandado este año',
    'q onda en q se me esta llendo la lana',
    'subio o bajo comparado con el año pasado',
    'ya me pagaron?',
  ])
    test(`in “${text}”`, () => assert.deepEqual(slotsIn(text)?.names, []))
  test('“le he mandado” is sent, “el mandado” are groceries', () => {
    assert.equal(slotsIn('cuánto le he mandado')?.category, null)
    assert.equal(slotsIn('cuánto gasté en el mandado')?.category, 'groceries')
  })
  test('withdrawals are cash, but what goes in and out is both', () => {
    for (const text of ['des retraits aujourdhui', 'retiros de hoy', 'withdrawals today'])
      assert.equal(slotsIn(text)?.category, 'cash', text)
    assert.equal(slotsIn('dépôts et retraits')?.category, null)
  })
  test('“desde q me pagaron” is the last pay', () => {
    for (const text of ['cuanto e gastado desde q me pagaron', 'combien depuis que j’ai été payé'])
      assert.equal(slotsIn(text)?.periods[0]?.kind, 'payday', text)
  })
})
