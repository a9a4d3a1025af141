import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { harbor, history, november, open, payments, put, row, spending } from '../../tests/counter.ts'
import { clausesOf } from '../nlu/clauses.ts'
import type { Guess, Language } from '../nlu/reading.ts'
import type { MoneyAsk } from './ask.ts'
import { wishOf } from './wish.ts'

const context = { now: Date.UTC(2026, 10, 20, 15), timeZone: 'UTC' }
/** What a sentence asks, read by its slots; the model's part is given. */
const asked = (
  text: string,
  language: Language,
  guess: Guess['name'] = 'spending',
  last: MoneyAsk | null = null,
): MoneyAsk => {
  const [bare] = clausesOf(text, { ...context, language, currency: 'USD' }).clauses
  if (!bare) assert.fail(text)
  const wish = wishOf({ ...bare, guesses: [{ name: guess, p: 0.95 }], outOfScope: 0 }, last, context)
  return wish.band === 'act' ? (wish.ask as MoneyAsk) : assert.fail(`${text}: ${wish.band}`)
}
const leftOutOf = (one: MoneyAsk) =>
  one.kind === 'spending' || one.kind === 'transactions' ? (one.without?.of ?? null) : null

describe('what is to be left out', () => {
  test('is never what is asked about', () => {
    for (const [text, language, place] of [
      ['how much did I spend this month without rent', 'en', { merchant: 'rent' }],
      ['spending not counting groceries', 'en', { category: 'groceries' }],
      ['how much excluding Corner Market', 'en', { merchant: 'Corner Market' }],
      ['cuánto gasté sin la renta este mes', 'es', { merchant: 'rent' }],
      ['mis gastos excepto restaurantes', 'es', { category: 'restaurants' }],
      ['todo menos la renta', 'es', { merchant: 'rent' }],
      ['no me cuentes la renta', 'es', { merchant: 'rent' }],
      ["combien j'ai dépensé sans le loyer", 'fr', { merchant: 'loyer' }],
      ["mes dépenses sauf l'épicerie", 'fr', { category: 'groceries' }],
    ] as const) {
      const one = asked(text, language)
      assert.deepEqual(leftOutOf(one), [place], text)
      assert.equal('merchant' in one || 'category' in one, false, text)
    }
  })

  test('“I spent less on food” leaves nothing out', () => {
    const one = asked('gasté menos en comida este mes', 'es')
    assert.equal(leftOutOf(one), null)
    assert.equal(one.kind === 'spending' && one.several?.said, 'comida')
  })

  test('“and with rent?” takes it in again', () => {
    const last = spending({ without: { said: 'rent', of: [{ merchant: 'rent' }] } })
    assert.deepEqual(asked('and with rent?', 'en', 'spending', last), spending())
  })

  test('since payday stays since payday when something is left out', () => {
    const last = spending({ sincePay: true })
    const one = asked('without rent', 'en', 'spending', last)
    assert.equal(one.kind === 'spending' && one.sincePay, true)
  })

  test('is left out of the question before, whatever the model takes it for', () => {
    assert.deepEqual(asked('sin la renta', 'es', 'hardship', spending()), {
      ...spending(),
      without: { said: 'renta', of: [{ merchant: 'rent' }] },
    })
    assert.deepEqual(leftOutOf(asked('not counting groceries', 'en', 'spending', payments())), [
      { category: 'groceries' },
    ])
  })

  test('the sum is without it, and says so', async () => {
    const without = { said: 'groceries', of: [{ category: 'groceries' }] } as const
    const all = await put(spending())
    const { text } = await put(spending({ without: { ...without, of: [...without.of] } }))
    assert.match(all.text, /^You spent \$121\.00 /)
    assert.match(text, /^You spent \$69\.50 .*\nI left out “groceries”\.$/)
    const listed = await put(
      payments({ without: { said: 'corner market', of: [{ merchant: 'corner market' }] } }),
    )
    assert.doesNotMatch(listed.text, /· Corner Market ·/)
  })

  test('where there is no such thing, the sum says that it is over everything', async () => {
    const { text } = await put(spending({ without: { said: 'rent', of: [{ merchant: 'rent' }] } }))
    assert.match(text, /^You spent \$121\.00 .*\nI know no “rent” among these payments/)
  })

  test('where shops are kept back, so is what a sum without one would tell', async () => {
    const world = { policy: harbor, item: 'mask' } as const
    const without = { said: 'mcdonalds', of: [{ merchant: 'mcdonalds' }] }
    const [there, empty] = await Promise.all([
      put(spending({ without }), world),
      put(spending({ without }), world, { items: [] }),
    ])
    assert.equal(there.body, empty.body)
    assert.doesNotMatch(there.text, /\$|\d/)
  })
})

describe('bounds', () => {
  test('“payments over 50” asks for a list, whatever the model takes it for', () => {
    for (const [text, language, amount] of [
      ['payments over 50', 'en', { min: '50' }],
      ['over 50', 'en', { min: '50' }],
      ['pagos arriba de 50', 'es', { min: '50' }],
      ['compras de menos de 10 este mes', 'es', { max: '10' }],
      ['pagos mayores a 50', 'es', { min: '50' }],
      ['plus de 100', 'fr', { min: '100' }],
      ['les paiements en bas de 20', 'fr', { max: '20' }],
    ] as const) {
      const one = asked(text, language, 'pay')
      assert.deepEqual(one.kind === 'transactions' && one.amount, amount, text)
      assert.equal('merchant' in one, false, text)
    }
  })

  test('after a sum they bound the sum, after a list the list; no shop is called “abajo”', () => {
    assert.deepEqual(asked('over 50', 'en', 'transactions', spending()), {
      ...spending(),
      amount: { min: '50' },
    })
    assert.deepEqual(asked('y abajo de 10', 'es', 'transactions', payments({ period: november })), {
      ...payments({ period: november }),
      amount: { max: '10' },
    })
    assert.deepEqual(asked('entre 20 y 30 dólares', 'es', 'transactions', payments()), {
      ...payments(),
      amount: { min: '20', max: '30', currency: 'USD' },
    })
  })

  test('two bounds are both kept, and an account beside them is no sum', () => {
    const both = asked('over 20 and under 50', 'en', 'transactions')
    assert.deepEqual(both.kind === 'transactions' && both.amount, { min: '20', max: '50' })
    const turned = asked('pagos de menos de 50 y más de 20', 'es', 'transactions')
    assert.deepEqual(turned.kind === 'transactions' && turned.amount, { min: '20', max: '50' })
    assert.deepEqual(asked('last 5 transactions under 20 on 9034', 'en', 'transactions'), {
      kind: 'transactions',
      limit: 5,
      amount: { max: '20' },
      account: { lastFour: '9034' },
    })
    const bought = asked('cargos mayores a 100', 'es', 'transactions')
    assert.equal(bought.kind === 'transactions' && bought.direction, 'out')
  })

  test('a sum within bounds is of those payments alone, and says so', async () => {
    const { text } = await put(spending({ amount: { min: '30' } }))
    assert.match(text, /^You spent \$72\.50 .* in 2 payments .*\nOnly payments of 30 or more\.$/)
  })
})

describe('an account among the words', () => {
  test('its digits beside other words, its own name beside a word of accounts', () => {
    for (const [text, language, account] of [
      ['saldo 7730 porfa', 'es', { lastFour: '7730' }],
      ['el saldo de la 4821 por favor', 'es', { lastFour: '4821' }],
      ['saldo de Rainy day', 'es', { name: 'Rainy', loose: true }],
      ['solde du compte voyage', 'fr', { name: 'voyage', loose: true }],
      ["c'est quoi le solde de voyage", 'fr', { name: 'voyage', loose: true }],
      ["ok pis ma carte, j'en dois combien", 'fr', { type: 'credit-card' }],
    ] as const)
      assert.deepEqual(asked(text, language, 'balance'), { kind: 'balance', account }, text)
    const list = asked('mes dernières transactions sur mon compte voyage', 'fr', 'transactions')
    assert.deepEqual(list, { kind: 'transactions', limit: 5, account: { name: 'voyage', loose: true } })
    assert.deepEqual(asked('dime el saldo de Gastos diarios', 'es', 'spending').kind, 'balance')
    const last = asked('tarjeta terminación 9034 en octubre', 'es', 'pay')
    assert.deepEqual(last, {
      kind: 'transactions',
      limit: 5,
      account: { lastFour: '9034' },
      period: { from: '2026-10-01', to: '2026-10-31' },
    })
  })

  test('goes before a shop of like name where one of theirs is called so, else it is the shop', async () => {
    const items = [
      ...history,
      row('2026-11-17', 1_111, 'Blue Bottle', { accountId: 'chk' }),
      row('2026-11-17', 2_222, 'Corner Market', { accountId: 'crd' }),
    ]
    const blue = spending({ merchant: 'blue', account: { name: 'blue', loose: true } })
    assert.match((await put(blue, open, { items })).text, /^You spent \$22\.22 .*\(Blue card\)/)
    const corner = spending({ merchant: 'mcdonalds', account: { name: 'mcdonalds', loose: true } })
    assert.match((await put(corner, open, { items })).text, /^You spent \$42\.50 at McDonald’s/)
  })

  test('is none of theirs by a slip of the thumb: “main” is not “Rainy days”', async () => {
    const main = spending({ account: { name: 'rain', loose: true } })
    assert.match((await put(main)).text, /\(Rainy days\)|from Rainy days/)
    const other = spending({ account: { name: 'main', loose: true } })
    assert.match((await put(other)).text, /all the accounts you allowed/)
  })

  test('without any word of accounts, where no shop is called so', async () => {
    const asked = spending({ merchant: 'Blue card' })
    const items = [row('2026-11-17', 2_222, 'Corner Market', { accountId: 'crd' }), ...history]
    assert.match((await put(asked, open, { items })).text, /^You spent \$22\.22 .*\(Blue card\)/)
    const listed = await put(payments({ merchant: 'Blue card' }), open, { items })
    assert.match(listed.text, /Corner Market · \$22\.22/)
  })

  test('that is to be left out is not the one that is shown', () => {
    for (const [text, language] of [
      ["what's my balance without the savings", 'en'],
      ['saldo sin contar la tarjeta de crédito', 'es'],
      ["mon solde sauf l'épargne", 'fr'],
    ] as const)
      assert.equal(asked(text, language, 'balance').account?.type, undefined, text)
  })

  test('that had nothing is named where nothing is found', async () => {
    const none = spending({ account: { lastFour: '5555' } })
    assert.match((await put(none)).text, /^I found nothing spent from Rainy days, /)
    assert.match(
      (await put(payments({ account: { lastFour: '5555' }, amount: { min: '900' } }))).text,
      /^I found no payments like that on Rainy days, /,
    )
  })
})

describe('two stretches of time', () => {
  test('“hasta hoy este mes” and “en enero y febrero” are one, “enero o febrero” are two', () => {
    const period = (text: string) => {
      const one = asked(text, 'es')
      return one.kind === 'spending' ? [one.period, one.against] : []
    }
    assert.deepEqual(period('cuánto gasté hasta hoy este mes'), [november, undefined])
    assert.deepEqual(period('cuánto gasté en enero y febrero'), [
      { from: '2026-01-01', to: '2026-02-28' },
      undefined,
    ])
    assert.deepEqual(period('cuánto gasté en enero, febrero y marzo'), [
      { from: '2026-01-01', to: '2026-03-31' },
      undefined,
    ])
    assert.deepEqual(period('gasté más en enero o febrero'), [
      { from: '2026-02-01', to: '2026-02-28' },
      { from: '2026-01-01', to: '2026-01-31' },
    ])
  })
})

describe('one kind of shop within a larger kind', () => {
  test('the gym is the gym, by its name or its code, and never all of health', async () => {
    const items = [
      row('2026-11-17', 3_900, 'Tidewater', { mcc: '7997' }),
      row('2026-11-17', 1_000, 'Jean Coutu', { mcc: '5912' }),
      row('2026-11-16', 500, 'Pharmaprix', { mcc: '5912' }),
    ]
    const gym = asked('how much at the gym this month', 'en')
    assert.match((await put(gym, open, { items })).text, /^You spent \$39\.00 at Tidewater from/)
    assert.match((await put(gym, open, { items: items.slice(1) })).text, /^I found nothing spent at “gym”/)
    const pharmacy = asked('combien à la pharmacie ce mois-ci', 'fr')
    assert.match((await put(pharmacy, open, { items })).text, /^You spent \$15\.00 at pharmacie from/)
    const both = asked('cuánto gasté en gimnasio y farmacia este mes', 'es')
    assert.match((await put(both, open, { items })).text, /\$39\.00 \(1 payment\)\n.*\$15\.00 \(2 payments\)/)
  })

  test('the light is the one that is called so, else all that the house needs', async () => {
    const items = [
      row('2026-11-17', 6_500, 'Desert Light & Power', { mcc: '4900' }),
      row('2026-11-17', 4_500, 'City Water', { mcc: '4900' }),
    ]
    const light = asked('cuánto pago de luz este mes', 'es')
    assert.match((await put(light, open, { items })).text, /^You spent \$65\.00 at Desert Light & Power from/)
    assert.match((await put(light, open, { items: items.slice(1) })).text, /^You spent \$45\.00 on /)
  })
})

test('who counts visits to a kind of shop asks what was spent there, whatever the model takes it for', () => {
  const one = asked('combien de fois chu allée au marché du coin ce mois-ci', 'fr', 'income')
  assert.equal(one.kind === 'spending' && one.measure, 'count')
})

test('verbs, pronouns and words of time are no shops', () => {
  for (const [text, language] of [
    ['enséñamelos', 'es'],
    ['pasé mucho este mes?', 'es'],
    ['cuánto fue la última vez', 'es'],
    ["combien j'ai dépensé citte semaine", 'fr'],
    ["l'an dernier au complet", 'fr'],
    ['celle de la semaine passée', 'fr'],
    ['combien à date', 'fr'],
  ] as const)
    assert.equal('merchant' in asked(text, language), false, text)
})
