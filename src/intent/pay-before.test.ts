import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clauseOf } from '../../tests/clause.ts'
import { harbor, history, october, put, type World } from '../../tests/counter.ts'
import type { MoneyAsk } from './ask.ts'
import { moneyAsk } from './money-ask.ts'
import { wishOf } from './wish.ts'

const context = { now: Date.UTC(2026, 10, 20, 15), timeZone: 'America/New_York' }
const pay = { kind: 'income', pay: true } as const
const after = (text: string, last: MoneyAsk) => {
  const wish = wishOf(clauseOf(text, null), last, context)
  return wish.band === 'act' ? wish.ask : wish.band
}

describe('the pay before the last one', () => {
  test('is asked for in three languages, and the one before that too', () => {
    for (const text of ['and the one before that?', 'y la anterior a esa?', 'pis celle d’avant'])
      assert.deepEqual(after(text, pay), { ...pay, back: 1 }, text)
    assert.deepEqual(after('the one before that', { ...pay, back: 1 }), { ...pay, back: 2 })
  })

  test('is the bank’s own, and the page shows the same', async () => {
    const { text, answer } = await put({ ...pay, back: 1 })
    assert.match(text, /^The pay before that: \$2,410\.00 from ACME CORP, Fri 30 Oct\.$/)
    assert.equal(answer.card?.to, '2026-10-30')
  })

  test('before a month that was named, it is the one before that month’s newest', async () => {
    const { text } = await put({ ...pay, period: october, back: 1 })
    assert.match(text, /^I see no pay before that one, /)
  })

  test('kept out of the chat, the platform cannot tell whether there was one', async () => {
    const kept: World = { policy: harbor, item: 'mask' }
    const there = await put({ ...pay, back: 1 }, kept)
    const none = await put({ ...pay, back: 9 }, kept, { items: history })
    assert.equal(there.body, none.body)
  })
})

describe('money from somebody', () => {
  test('is no question about wages because it has the word “pay”', () => {
    for (const [text, name] of [
      ['did priya pay me back', 'priya'],
      ['est-ce que mathieu m’a payé', 'mathieu'],
    ] as const)
      assert.deepEqual(
        moneyAsk('income', clauseOf(text, ['income', 0.9], { names: [name] }), context),
        { kind: 'income', payer: name },
        text,
      )
    const wages = clauseOf('did acme pay my salary', ['income', 0.9], { names: ['acme'] })
    assert.equal('pay' in moneyAsk('income', wages, context), true)
  })

  test('after a question about pay, another name is asked about as money and not as wages', () => {
    const tom = clauseOf('what about tom', ['income', 0.5], { names: ['tom'] }, { follow: 'also' })
    const wish = wishOf(tom, pay, context)
    assert.deepEqual(wish, { band: 'act', ask: { kind: 'income', payer: 'tom' } })
  })

  test('“not counting transfers” keeps the figure and says that they never count', async () => {
    for (const text of ['not counting transfers', 'sin contar transferencias', 'sans compter les virements'])
      assert.deepEqual(
        after(text, { kind: 'income', period: october }),
        { kind: 'income', period: october, ownMoves: true },
        text,
      )
    const { text } = await put({ kind: 'income', period: october, ownMoves: true })
    assert.match(
      text,
      /^You received \$2,410\.00 [^\n]+\nMoney moved between your own accounts is never counted here\.$/,
    )
  })
})
