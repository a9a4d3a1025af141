import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  autumn,
  harbor,
  history,
  november,
  now,
  october,
  open,
  pay,
  payments,
  put,
  shipped,
  spending,
  type World,
} from '../../tests/counter.ts'
import { recall } from '../conversation/thread.ts'
import { ask, type MoneyAsk } from './ask.ts'

describe('what was spent', () => {
  test('is summed with what it covers; what moved to the customer’s own savings is not', async () => {
    const { text } = await put(spending())
    assert.equal(
      text,
      'You spent $121.00 from Sun 1 Nov to Fri 20 Nov, in 6 payments (all the accounts you allowed).',
    )
  })

  test('at a shop called by a short form: the shop is named as the bank writes it', async () => {
    const { text, answer } = await put(spending({ merchant: 'mcd' }))
    assert.match(text, /^You spent \$42\.50 at McDonald’s from /)
    assert.equal(answer.card?.search, 'McDonald’s')
  })

  test('per week: what the sum comes to a week, and of less than a week nothing', async () => {
    const { text } = await put(spending({ weekly: true }))
    assert.match(text, /^You spent \$121\.00 [^\n]+\nThat's \$42\.35 a week, on average\.$/)
    const day = { from: '2026-11-17', to: '2026-11-19' }
    assert.doesNotMatch((await put(spending({ weekly: true, period: day }))).text, /a week/)
  })

  test('at a shop where nothing was: in the customer’s own words', async () => {
    const { text } = await put(spending({ merchant: 'Lidl' }))
    assert.equal(text, 'I found nothing spent at “Lidl”, from Sun 1 Nov to Fri 20 Nov.')
  })

  test('since payday: the day is the bank’s to know, and the answer says it', async () => {
    const { text } = await put(spending({ sincePay: true }))
    assert.match(text, /^You spent \$\d+\.\d\d from Fri 13 Nov to Fri 20 Nov/)
  })

  test('since payday, where figures are kept out of the chat: the same words whether there was a pay or not', async () => {
    const kept: World = { policy: harbor, item: 'mask' }
    const with_ = await put(spending({ sincePay: true }), kept)
    const without = await put(spending({ sincePay: true }), kept, {
      items: history.filter(({ description }) => !description.startsWith('PAYROLL')),
    })
    assert.equal(with_.body, without.body)
    assert.doesNotMatch(with_.body, /13 Nov/)
    // The sealed card knows it.
    assert.equal(with_.answer.card?.from, '2026-11-13')
  })

  test('since payday, where no pay is known: asked for the date', async () => {
    const { answer } = await put(spending({ sincePay: true }), open, {
      items: history.filter(({ description }) => !description.startsWith('PAYROLL')),
    })
    assert.deepEqual(
      answer.lines.map(({ key }) => key),
      ['told.payday'],
    )
  })

  test('of a category, with a word on what has none', async () => {
    const { text } = await put(spending({ category: 'groceries' }))
    assert.match(text, /^You spent \$51\.50 on groceries from .*, in 3 payments/)
    assert.match(text, /Not counting 1 payment whose kind the bank doesn't give/)
    assert.match((await put(spending({ category: 'coffee' }))).text, /\$20\.00 on coffee/)
  })

  test('on average, counted, and the biggest', async () => {
    assert.match(
      (await put(spending({ measure: 'average', merchant: 'corner market' }))).text,
      /^On average you spent \$21\.25 a payment at Corner Market from .*, over 2 payments/,
    )
    assert.match(
      (await put(spending({ measure: 'average', by: 'month', period: autumn, merchant: 'corner market' })))
        .text,
      /^On average you spent \$90\.00 a month at Corner Market, over 2 full months from Tue 1 Sept? to Sat 31 Oct/,
    )
    assert.match(
      (await put(spending({ measure: 'count', merchant: 'corner market' }))).text,
      /^You made 2 payments at Corner Market/,
    )
    const { text } = await put(spending({ measure: 'biggest' }))
    assert.match(text, /^Your biggest payment from .*: \$42\.50 at McDonald’s, Wed 18 Nov/)
  })

  test('against another period: the difference in words, and that the two are not as long', async () => {
    const { text } = await put(spending({ against: october }))
    assert.match(text, /^You spent \$121\.00 /)
    assert.match(text, /\nThat's \$29\.00 less than in October 2026 \(\$150\.00\)\./)
    assert.match(text, /compares 20 days with 31 days/)
    assert.match(
      (await put(spending({ against: { from: '2020-01-01', to: '2020-01-31' } }))).text,
      /can't look back far enough/,
    )
  })

  test('by month, category and shop: a line each, and amounts of two currencies never added', async () => {
    const months = (await put(spending({ by: 'month', period: autumn }))).text.split('\n')
    assert.match(months[0] ?? '', /^You spent \$351\.00 /)
    assert.match(months[1] ?? '', /^You spent CA\$15\.00 /)
    assert.deepEqual(months.slice(2, 5), [
      '$121.00 from Sun 1 Nov to Fri 20 Nov',
      '$150.00 in October 2026, up $70.00',
      '$80.00 in September 2026',
    ])
    const kinds = (await put(spending({ by: 'category' }))).text.split('\n')
    assert.deepEqual(kinds.slice(1), [
      'groceries: $51.50 (3 payments)',
      'eating out: $42.50 (1 payment)',
      'coffee: $20.00 (1 payment)',
      'kind not given: $7.00 (1 payment)',
    ])
    const shops = (await put(spending({ by: 'merchant' }))).text.split('\n')
    assert.deepEqual(shops.slice(1, 3), [
      'Corner Market: $42.50 (2 payments)',
      'McDonald’s: $42.50 (1 payment)',
    ])
  })

  test('before what the bank lets us read: said, not summed', async () => {
    const { text } = await put(spending({ period: { from: '2019-01-01', to: '2019-12-31' } }))
    assert.match(text, /^Harbor Bank lets me look back no further than this: on 21 Nov 2025\.$/)
  })
})

describe('a name that several shops have', () => {
  test('is asked about, and a tap asks the same of that shop', async () => {
    const { text, answer, body, caller } = await put(spending({ merchant: 'corner' }))
    assert.equal(text, 'I find more than one place like “corner”. Which one?')
    assert.match(body, /"title":"Corner Market","payload":"ask:handle0"/)
    assert.match(body, /"title":"Corner Bakery","payload":"ask:handle1"/)
    assert.equal(answer.choices?.length, 2)
    assert.equal(caller.touched, true)
    const again = ask.parse(recall(caller.thread, 'handle0', now)) as MoneyAsk
    assert.match((await put(again)).text, /^You spent \$42\.50 at Corner Market /)
  })

  test('where shops may not be said, one, several and none sound the same', async () => {
    for (const world of [
      { policy: harbor, item: 'mask' },
      { policy: shipped('granite'), item: 'say' },
    ] as const)
      for (const asking of [
        (merchant: string) => spending({ merchant }),
        (merchant: string) => payments({ merchant }),
        (payer: string): MoneyAsk => ({ kind: 'income', payer }),
      ]) {
        const heard = await Promise.all(['corner', 'mcd', 'lidl'].map((name) => put(asking(name), world)))
        assert.equal(new Set(heard.map(({ body }) => body)).size, 1, heard.map(({ text }) => text).join('\n'))
        assert.doesNotMatch(heard[0]?.body ?? '', /Corner|McDonald|Lidl/i)
      }
  })

  test('where sums are told roughly but shops are not, a sum over one is kept for the sealed card', async () => {
    const world: World = { policy: shipped('erable'), item: 'say' }
    const items = history.map((item) => ({ ...item, amount: { ...item.amount, currency: 'CAD' } }))
    const heard = await Promise.all(
      ['corner', 'mcd', 'lidl'].map((merchant) => put(spending({ merchant }), world, { items })),
    )
    assert.equal(new Set(heard.map(({ body }) => body)).size, 1)
    assert.match(heard[0]?.text ?? '', /^What you spent is added up and ready\./)
    assert.equal(heard[0]?.answer.card?.search, 'corner')
    assert.match((await put(spending(), world, { items })).text, /^You spent between CA\$100 and CA\$500 /)
  })

  test('where both are told roughly, nobody is offered to pick from: the sum is over all that fit', async () => {
    const world: World = { policy: shipped('thistle'), item: 'say' }
    const items = history.map((item) => ({ ...item, amount: { ...item.amount, currency: 'GBP' } }))
    const { text, body } = await put(spending({ merchant: 'corner' }), world, { items })
    assert.match(text, /^You spent £0 or less at corner|^You spent between £0 and £100 at corner /)
    assert.doesNotMatch(body, /Market|Bakery/)
  })

  test('a list picked by what may not be told is kept back, found or not', async () => {
    // Érable says payments and keeps their category.
    const world: World = { policy: shipped('erable'), item: 'say' }
    const [there, none, plain] = await Promise.all([
      put(payments({ category: 'groceries' }), world),
      put(payments({ category: 'fuel' }), world),
      put(payments(), world),
    ])
    assert.equal(there.body, none.body)
    assert.match(there.text, /^The payments you asked for are ready\./)
    assert.match(plain.text, /\$12\.50/)
  })

  test('shown once, the names keep that right for the answer', async () => {
    const { body } = await put(
      spending({ merchant: 'corner' }),
      { policy: harbor, item: 'mask' },
      { once: true },
    )
    assert.match(body, /"payload":"once:handle0"/)
  })
})

describe('payments', () => {
  test('by amount, pending, direction, and how many more there are', async () => {
    assert.match(
      (await put(payments({ amount: { min: '42.50', max: '42.50' } }))).text,
      /^Your payments, from .* to Fri 20 Nov:\nWed 18 Nov · McDonald’s · \$42\.50$/,
    )
    assert.match(
      (await put(payments({ pending: true }))).text,
      /^Your pending payments, .*\nyesterday · Corner Market · \$12\.50 \(pending\)$/,
    )
    const received = (await put(payments({ direction: 'in', limit: 2 }))).text
    assert.match(received, /^What came in, /)
    assert.match(received, /The newest 2 of 5:/)
    assert.match((await put(payments({ amount: { min: '9999' } }))).text, /^I found no payments like that, /)
    assert.match((await put(payments({ merchant: 'Lidl' }))).text, /^I found no payments at “Lidl”, /)
  })

  test('when a shop was last paid', async () => {
    const { text } = await put(payments({ limit: 1, merchant: 'mcdonalds', direction: 'out' }))
    assert.equal(text, 'You last paid McDonald’s $42.50: Wed 18 Nov.')
  })

  test('one of the list, with all that is known of it, a person and the sealed page', async () => {
    const { text, body } = await put(payments({ nth: 2 }))
    assert.equal(
      text,
      'McDonald’s: $42.50, Wed 18 Nov (completed).\nAccount: Everyday ··4821.\nKind: eating out.',
    )
    assert.match(body, /"Talk to someone"/)
    assert.match(body, /"View securely"/)
    assert.match((await put(payments({ nth: -1 }))).text, /PAYROLL ACME CORP: \+\$2,410\.00/)
    assert.match(
      (await put(payments({ nth: 3, limit: 2 }))).text,
      /^There are only 2 payments in that list\./,
    )
  })
})

describe('money received', () => {
  const income = (of: Partial<Extract<MoneyAsk, { kind: 'income' }>> = {}): MoneyAsk => ({
    kind: 'income',
    ...of,
  })

  test('is summed without own moves, card payments and what shops gave back', async () => {
    const { text } = await put(income({ period: autumn }))
    assert.match(text, /^You received \$4,820\.00 from Tue 1 Sept? to Fri 20 Nov, in 2 payments/)
    assert.match(text, /Not counting what shops gave back: \$10\.00\./)
    const saved = await put(income({ period: autumn, account: { type: 'savings' } }))
    assert.match(saved.text, /^I found nothing that came in, /)
    assert.match(
      (await put(income({ period: autumn, refunds: true }))).text,
      /^Shops gave you back \$10\.00 from [^\n]+: Book Harbor, Fri 6 Nov\.$/,
    )
    assert.match(
      (await put(income({ refunds: true }), open, { items: [] })).text,
      /^I found nothing that a shop gave back, /,
    )
    const refund = await put(income({ period: autumn, payer: 'book harbor' }))
    assert.match(refund.text, /^You received \$10\.00 from Book Harbor /)
  })

  test('pay: the last, or that none has come and which was before', async () => {
    assert.equal(
      (await put(income({ pay: true }))).text,
      'Your last pay: $2,410.00 from ACME CORP, Fri 13 Nov.',
    )
    const week = { from: '2026-11-16', to: '2026-11-20' }
    assert.equal(
      (await put(income({ pay: true, period: week }))).text,
      'No pay has come from Mon 16 Nov to Fri 20 Nov.\nThe last one before: $2,410.00 from ACME CORP, Fri 13 Nov.',
    )
    assert.match(
      (await put(income({ pay: true }), open, { items: [] })).text,
      /^I see nothing that looks like pay, /,
    )
  })

  test('pay that no word gives away is known by its rhythm', async () => {
    const items = ['2026-11-13', '2026-10-30', '2026-10-16'].map((day) => pay(day, 'GLOBEX LLC 55120'))
    assert.match(
      (await put(income({ pay: true }), open, { items })).text,
      /^Your last pay: \$2,410\.00 from GLOBEX LLC, /,
    )
    const gifts = ['2026-11-13', '2026-11-02', '2026-08-30'].map((day) => pay(day, 'FROM PRIYA NAIR'))
    assert.match((await put(income({ pay: true }), open, { items: gifts })).text, /^I see nothing/)
  })
})

test('whatever is asked, a chat that keeps figures out gets none, and the same whatever there is', async () => {
  const world: World = { policy: harbor, item: 'mask' }
  const shopping: MoneyAsk[] = [
    ...(['sum', 'average', 'count', 'biggest'] as const).map((measure) => spending({ measure })),
    ...(['month', 'category', 'merchant'] as const).map((by) => spending({ by, period: autumn })),
    spending({ against: october }),
    spending({ category: 'groceries' }),
    payments({ nth: 2 }),
    payments({ pending: true }),
    { kind: 'income', period: november },
    { kind: 'income', pay: true },
  ]
  for (const asked of shopping) {
    const [there, empty] = await Promise.all([put(asked, world), put(asked, world, { items: [] })])
    assert.equal(there.body, empty.body, JSON.stringify(asked))
    assert.doesNotMatch(there.text, /\$|\d/)
  }
})

test('every answer can be said in all three languages', async () => {
  for (const language of ['en-US', 'es-US', 'fr-CA'])
    for (const asked of [
      spending({ against: october }),
      spending({ by: 'month', period: autumn }),
      spending({ by: 'category', category: 'groceries' }),
      spending({ measure: 'average', period: autumn }),
      spending({ measure: 'biggest' }),
      spending({ measure: 'count' }),
      spending({ merchant: 'corner' }),
      payments({ nth: 2 }),
      payments({ nth: 9 }),
      payments({ pending: true }),
      payments({ limit: 1, merchant: 'mcd' }),
      { kind: 'income', period: autumn },
      { kind: 'income', pay: true },
    ] satisfies MoneyAsk[]) {
      const { text } = await put(asked, { ...open, language })
      assert.ok(text.length > 20, `${language} ${JSON.stringify(asked)}`)
      assert.doesNotMatch(text, /[{}]|undefined/)
    }
})
