import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Transaction } from '../bank/bank.ts'
import { findShop, paymentsAt, shopIn, shopsOf } from './merchant.ts'

let made = 0
const at = (merchant: string | null, description = (merchant ?? '').toUpperCase()): Transaction => ({
  id: `t${made++}`,
  accountId: 'checking',
  status: 'posted',
  direction: 'debit',
  directionRule: '',
  amount: { amountMinor: 100, currency: 'USD' },
  at: 0,
  postedAt: 0,
  description,
  merchant,
  mcc: null,
  replaces: null,
})
const list = [
  'McDonald’s',
  'Amazon',
  'Starbucks',
  'Tim Hortons',
  'Trader Joe’s',
  'Whole Foods Market',
  'Uber',
  'Uber Eats',
  'Corner Market',
  'Corner Bakery',
  'Café Olé',
  'Home Depot',
  'Burger King',
  'H&M',
  'Blue Finch Bakery',
  'Target',
  'Netflix',
].map((name) => at(name))
const found = (said: string, of: readonly Transaction[] = list): string => {
  const result = findShop(of, said)
  return result.found === 'one'
    ? result.shop.name
    : result.found === 'none'
      ? 'none'
      : result.shops.map(({ name }) => name).join(' or ')
}

test('a shop is found however it is called', () => {
  for (const [said, name] of [
    ['mcd', 'McDonald’s'],
    ['mcdonalds', 'McDonald’s'],
    ["McDonald's", 'McDonald’s'],
    ['maccas', 'McDonald’s'],
    ['macdonalds', 'McDonald’s'],
    ['mcdonalds restaurant', 'McDonald’s'],
    ['amzn', 'Amazon'],
    ['Amazon’s', 'Amazon'],
    ['amazom', 'Amazon'],
    ['starbuks', 'Starbucks'],
    ['sbux', 'Starbucks'],
    ['timmies', 'Tim Hortons'],
    ['tim horton', 'Tim Hortons'],
    ['timhortons', 'Tim Hortons'],
    ['trader joes', 'Trader Joe’s'],
    ['trader joe', 'Trader Joe’s'],
    ['wholefoods', 'Whole Foods Market'],
    ['whole fods', 'Whole Foods Market'],
    ['uber', 'Uber'],
    ['uber eats', 'Uber Eats'],
    ['ubereats', 'Uber Eats'],
    ['cafe ole', 'Café Olé'],
    ['CAFÉ OLÉ', 'Café Olé'],
    ['the home depot', 'Home Depot'],
    ['homedepot', 'Home Depot'],
    ['bk', 'Burger King'],
    ['h and m', 'H&M'],
    ['blue finch', 'Blue Finch Bakery'],
    ['tagret', 'Target'],
    ['netlfix', 'Netflix'],
  ] as const)
    assert.equal(found(said), name, said)
})

test('two that fit as well are both offered; one that was never paid is none', () => {
  assert.equal(found('corner'), 'Corner Bakery or Corner Market')
  for (const said of ['lidl', 'costco', 'xyz', '…', '', 'a b c d']) assert.equal(found(said), 'none', said)
})

test('the most paid at is offered first', () => {
  assert.equal(found('corner', [...list, at('Corner Market')]), 'Corner Market or Corner Bakery')
})

test('a bank’s line without a shop’s name belongs to the shop it begins with', () => {
  const more = [...list, at(null, 'SQ *CORNER MARKET 0042 BROOKLYN NY'), at(null, 'CORNER MARKET #221')]
  assert.equal(found('corner market', more), 'Corner Market')
  assert.equal(paymentsAt(more, 'corner market').length, 3)
  assert.equal(shopIn(at(null, 'POS PURCHASE 4412 NOODLE WHARF #17')), 'NOODLE WHARF')
  assert.equal(shopIn(at('7-Eleven')), '7-Eleven')
})

test('every payment is at exactly one shop, in whatever order they come', () => {
  const name = fc.constantFrom('Corner Market', 'CORNER MARKET', 'Uber', 'Café Olé', '', '***')
  const items = fc.array(fc.tuple(fc.option(name), name)).map((all) => all.map(([m, d]) => at(m, d)))
  fc.assert(
    fc.property(items, (of) => {
      const shops = shopsOf(of)
      assert.equal(shops.flatMap(({ items: its }) => its).length, of.length)
      assert.deepEqual(
        shopsOf([...of].reverse()).map(({ name: one, items: its }) => [one, its.length]),
        shops.map(({ name: one, items: its }) => [one, its.length]),
      )
    }),
  )
})

test('whatever is said, and whatever banks write, it ends and offers only what is there', () => {
  const text = fc.string({ unit: 'binary', maxLength: 200 })
  fc.assert(
    fc.property(text, fc.array(fc.tuple(fc.option(text), text), { maxLength: 8 }), (said, rows) => {
      const of = rows.map(([merchant, description]) => at(merchant, description))
      const its = paymentsAt(of, said)
      assert.equal(new Set(its).size, its.length)
      assert.ok(its.every((item) => of.includes(item)))
    }),
  )
})
