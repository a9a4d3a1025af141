import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Transaction } from '../bank/bank.ts'
import { categoryNames } from '../nlu/reading.ts'
import { categoryWords, kindOf } from './category.ts'

const kind = (mcc: string | null, merchant: string | null = 'Somewhere', description = ''): unknown =>
  kindOf({ mcc, merchant, description } as Transaction)

test('a merchant’s code tells the category (ISO 18245)', () => {
  for (const [mcc, category] of [
    ['5411', 'groceries'],
    ['5812', 'restaurants'],
    ['5541', 'fuel'],
    ['4111', 'transport'],
    ['3058', 'travel'],
    ['7011', 'travel'],
    ['5651', 'shopping'],
    ['7832', 'entertainment'],
    ['5912', 'health'],
    ['5712', 'home'],
    ['4900', 'utilities'],
    ['5815', 'subscriptions'],
    ['8220', 'education'],
    ['6011', 'cash'],
    ['9311', 'fees'],
    ['6300', 'other'],
  ] as const)
    assert.equal(kind(mcc), category, mcc)
})

test('no code is of a coffee shop: there the name tells', () => {
  assert.equal(kind('5814', 'Tim Hortons'), 'coffee')
  assert.equal(kind('5814', 'Café Olé'), 'coffee')
  for (const name of [
    'Brûlerie du Port',
    'Torréfacteur Plume',
    'Tostaduría Sol',
    'Les Cafés Nord',
    'Van Houtte',
  ])
    assert.equal(kind('5812', name), 'coffee', name)
  assert.equal(kind('5814', 'Burger King'), 'restaurants')
  assert.equal(kind('5732', 'Coffee Machines Inc'), 'shopping')
})

test('without a code nothing is guessed at, but for the bank’s own charges and cash', () => {
  assert.equal(kind(null, 'Corner Market'), null)
  assert.equal(kind(null, null, 'SENT TO PRIYA NAIR'), null)
  assert.equal(kind(null, null, 'MONTHLY FEE'), 'fees')
  assert.equal(kind(null, null, 'FRAIS MENSUELS'), 'fees')
  assert.equal(kind(null, null, 'ATM WITHDRAWAL 5TH AVE'), 'cash')
  assert.equal(kind('54 11', 'x'), null)
})

test('every category that can be asked for has its word', () => {
  for (const name of categoryNames) assert.ok(categoryWords[name], name)
})
