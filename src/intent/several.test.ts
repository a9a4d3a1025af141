import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clauseOf } from '../../tests/clause.ts'
import {
  autumn,
  harbor,
  history,
  now,
  october,
  open,
  payments,
  put,
  row,
  shipped,
  spending,
  type World,
} from '../../tests/counter.ts'
import { recall } from '../conversation/thread.ts'
import type { DateRange } from '../nlu/reading.ts'
import { ask, type MoneyAsk, type Several } from './ask.ts'
import { wishOf } from './wish.ts'

const kinds: Several = {
  said: 'groceries and restaurants',
  of: [{ category: 'groceries' }, { category: 'restaurants' }],
}
const shops = (said: string, ...of: string[]): Several => ({ said, of: of.map((merchant) => ({ merchant })) })

describe('several shops or kinds in one question', () => {
  test('each has its sum, and both together, with what it covers', async () => {
    const { text, answer } = await put(spending({ several: kinds }))
    assert.deepEqual(text.split('\n'), [
      'Together you spent $94.00 from Sun 1 Nov to Fri 20 Nov, in 4 payments (all the accounts you allowed):',
      'groceries: $51.50 (3 payments)',
      'eating out: $42.50 (1 payment)',
      "Not counting 1 payment whose kind the bank doesn't give.",
    ])
    assert.deepEqual(answer.card?.several, {
      said: 'groceries and restaurants',
      of: [{ category: 'groceries' }, { category: 'restaurants' }],
    })
  })

  test('a shop is named as the bank writes it, and one where nothing was in the customer’s own words', async () => {
    const { text } = await put(spending({ several: shops('uber and mcd', 'uber', 'mcd') }))
    assert.deepEqual(text.split('\n').slice(1), ['uber: nothing found', 'McDonald’s: $42.50 (1 payment)'])
  })

  test('what fits two of them is once in the total', async () => {
    const several: Several = { said: 'tims and coffee', of: [{ merchant: 'tims' }, { category: 'coffee' }] }
    const { text } = await put(spending({ several }))
    assert.match(text, /^Together you spent \$20\.00 .*, in 1 payment /)
    assert.match(text, /\nTim Hortons: \$20\.00 .*\ncoffee: \$20\.00 .*\nA payment that fits more than one/)
  })

  test('one held against the other: how far they are apart, and no total', async () => {
    const { text } = await put(spending({ several: { ...kinds, versus: true } }))
    assert.match(text, /^They're \$9\.00 apart, from /)
    assert.match(text, /groceries: \$51\.50 .*\neating out: \$42\.50/)
    assert.doesNotMatch(text, /Together|94\.00/)
  })

  test('amounts of two currencies are never added', async () => {
    const { text } = await put(spending({ several: kinds, period: autumn }))
    assert.match(text, /^Together you spent \$274\.00 .*:\ngroceries.*\neating out: \$42\.50/)
    assert.match(text, /\nTogether you spent CA\$15\.00 .*:\neating out: CA\$15\.00 \(1 payment\)\n/)
  })

  test('compared with another time, or by month: over both, under their name', async () => {
    for (const over of [{ against: october }, { by: 'month' }, { measure: 'biggest' }] as const) {
      const { text } = await put(spending({ several: kinds, ...over }))
      assert.match(
        text,
        /^For “groceries and restaurants”, taken together:\nYou(r biggest payment| spent \$94)/,
      )
    }
  })

  test('of more than three, the first three, and it says so', async () => {
    const clause = clauseOf('coffee, gas, groceries and eating out', ['spending', 0.99])
    const wish = wishOf(clause, null, { now, timeZone: 'UTC' })
    const asked = wish.band === 'act' && wish.ask.kind === 'spending' ? wish.ask : assert.fail('not asked')
    assert.equal(asked.several?.of.length, 3)
    assert.match(
      (await put(asked)).text,
      /\nI take three at a time, so these are the first three you named\.$/,
    )
  })
})

describe('what is meant', () => {
  const context = { now, timeZone: 'UTC' }
  const last: MoneyAsk = spending({ several: kinds, period: october })
  const asked = (...[text, guess, slots, more]: Parameters<typeof clauseOf>): MoneyAsk => {
    const wish = wishOf(clauseOf(text, guess, slots, more), last, context)
    return wish.band === 'act' ? (wish.ask as MoneyAsk) : assert.fail(`${text}: ${wish.band}`)
  }
  const september: DateRange = { from: '2026-09-01', to: '2026-09-30', at: [3, 12], kind: 'sure' }

  test('“and in September?” is about both; “and uber?” about that alone', () => {
    assert.deepEqual(
      asked('and in september?', ['spending', 0.7], { periods: [september], rest: '' }, { follow: 'also' }),
      { kind: 'spending', several: kinds, period: { from: '2026-09-01', to: '2026-09-30' } },
    )
    assert.deepEqual(
      asked('and uber?', ['spending', 0.7], { names: ['uber'], rest: 'uber' }, { follow: 'also' }),
      {
        kind: 'spending',
        merchant: 'uber',
        period: october,
      },
    )
    assert.deepEqual(
      asked('vs september', ['spending', 0.99], { periods: [september], measure: 'compare', rest: '' }),
      {
        kind: 'spending',
        several: kinds,
        period: october,
        against: { from: '2026-09-01', to: '2026-09-30' },
      },
    )
  })

  test('payments at two shops are a list, although two shops sound like a sum', () => {
    const found = asked('pagos en Walmart y Target', ['spending', 0.5], { rest: 'pagos Walmart Target' })
    assert.equal(found.kind, 'transactions')
    assert.deepEqual('several' in found && found.several?.of, [
      { merchant: 'Walmart' },
      { merchant: 'Target' },
    ])
  })

  test('two kinds against each other are not compared with another time', () => {
    const found = asked('groceries vs restaurants', ['spending', 0.99], {
      category: 'groceries',
      measure: 'compare',
      rest: '',
    })
    assert.ok(found.kind === 'spending' && found.several?.versus && found.against === undefined)
  })

  test('two names and nothing else: what of them is asked', () => {
    const wish = wishOf(
      clauseOf(
        'lidl y aldi',
        ['hello', 0.5],
        { names: ['lidl', 'aldi'], rest: 'lidl aldi' },
        { outOfScope: 0.9 },
      ),
      null,
      context,
    )
    assert.deepEqual(wish.band === 'offer' && wish.offers.map(({ name }) => name), [
      'spending',
      'transactions',
    ])
  })
})

describe('“and” in a shop’s own name', () => {
  const noble = row('2026-11-17', 2_500, 'Barnes & Noble', { mcc: '5942' })

  test('is one shop where they have it', async () => {
    const { text, answer } = await put(
      spending({ several: shops('barnes and noble', 'barnes', 'noble') }),
      open,
      {
        items: [...history, noble],
      },
    )
    assert.match(text, /^You spent \$25\.00 at Barnes & Noble from /)
    assert.equal(answer.card?.several, undefined)
    assert.equal(answer.card?.search, 'Barnes & Noble')
  })

  test('and one that is not there where they have none of it', async () => {
    const { text } = await put(spending({ several: shops('Barnes and Noble', 'Barnes', 'Noble') }))
    assert.match(text, /^I found nothing spent at “Barnes and Noble”, /)
    assert.match(
      (await put(payments({ several: shops('Barnes and Noble', 'Barnes', 'Noble') }))).text,
      /^I found no payments at “Barnes and Noble”, /,
    )
  })

  test('a name of the two that several shops have is asked about, and a tap asks for both', async () => {
    const { text, caller } = await put(spending({ several: shops('corner and mcd', 'corner', 'mcd') }))
    assert.equal(text, 'I find more than one place like “corner”. Which one?')
    const again = ask.parse(recall(caller.thread, 'handle0', now)) as MoneyAsk
    assert.match((await put(again)).text, /^Together .*\nCorner Market: \$42\.50 .*\nMcDonald’s: \$42\.50 /)
  })
})

describe('a list of payments at several', () => {
  test('has those of all, the newest first', async () => {
    const { text } = await put(payments({ several: shops('mcd and tims', 'mcd', 'tims') }))
    assert.match(
      text,
      /^Your payments \(mcd and tims\), from .*:\nWed 18 Nov · McDonald’s .*\nThu 12 Nov · Tim Hortons · \$20\.00$/,
    )
    assert.match((await put(payments({ several: kinds, limit: 2 }))).text, /\nThe newest 2 of 7:\n/)
  })
})

describe('what may not be said of one is not said of several', () => {
  const asked = [kinds, shops('corner and mcd', 'corner', 'mcd'), shops('uber and lyft', 'uber', 'lyft')]
  const withheld: World[] = [
    { policy: harbor, item: 'mask' },
    { policy: shipped('granite'), item: 'say' },
  ]

  test('where figures are kept out, they are, and the same whatever there is', async () => {
    for (const world of withheld)
      for (const several of asked)
        for (const question of [spending({ several }), payments({ several })]) {
          const [there, empty] = await Promise.all([
            put(question, world),
            put(question, world, { items: [] }),
          ])
          assert.equal(there.body, empty.body)
          assert.doesNotMatch(there.text, /\$|\d|McDonald|Corner|uber/i)
        }
  })

  test('at every bank, told no further than each of them alone', async () => {
    for (const bank of ['harbor', 'granite', 'erable', 'thistle'])
      for (const { said, of } of asked.slice(0, 2)) {
        const world: World = { policy: shipped(bank), item: 'say' }
        const currency = { erable: 'CAD', thistle: 'GBP' }[bank] ?? 'USD'
        const items = history.map((item) => ({ ...item, amount: { ...item.amount, currency } }))
        const alone = await Promise.all(of.map((one) => put(spending(one), world, { items })))
        const all = await put(spending({ several: { said, of } }), world, { items })
        const kept = (text: string): boolean => /is added up and ready|doesn't let/.test(text)
        if (alone.some(({ text }) => kept(text))) assert.ok(kept(all.text), `${bank}: ${all.text}`)
        if (alone.every(({ text }) => !/\$\d+\.\d\d|£\d+\.\d\d/.test(text)))
          assert.doesNotMatch(all.text, /[$£]\d+\.\d\d/, bank)
      }
  })
})

test('it can be said in all three languages', async () => {
  for (const language of ['en-US', 'es-US', 'fr-CA'])
    for (const asking of [
      spending({ several: { ...kinds, more: true } }),
      spending({ several: { ...kinds, versus: true } }),
      spending({ several: kinds, by: 'month' }),
      spending({ several: shops('uber and mcd', 'uber', 'mcd') }),
      payments({ several: kinds, limit: 2 }),
    ]) {
      const { text } = await put(asking, { ...open, language })
      assert.doesNotMatch(text, /[{}]|undefined/)
      assert.ok(text.split('\n').length >= 2, text)
    }
})
