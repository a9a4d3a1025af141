import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clauseOf } from '../../tests/clause.ts'
import type { DateRange } from '../nlu/reading.ts'
import type { MoneyAsk } from './ask.ts'
import { wishOf } from './wish.ts'

const context = { now: Date.UTC(2026, 10, 20, 15), timeZone: 'America/New_York' }
const range = (from: string | null, to: string | null): DateRange => ({ from, to, at: [0, 1], kind: 'sure' })
const lastWeek = range('2026-11-09', '2026-11-15')
const wish = (...of: Parameters<typeof clauseOf>) => wishOf(clauseOf(...of), null, context)
const after = (last: MoneyAsk, ...of: Parameters<typeof clauseOf>) => {
  const found = wishOf(clauseOf(...of), last, context)
  return found.band === 'act' ? found.ask : found.band
}

describe('a clear question', () => {
  test('is asked with everything that was found in the sentence', () => {
    assert.deepEqual(
      wish('how much at Corner Market last week', ['spending', 0.97], {
        names: ['Corner Market'],
        periods: [lastWeek],
      }),
      {
        band: 'act',
        ask: {
          kind: 'spending',
          merchant: 'Corner Market',
          period: { from: '2026-11-09', to: '2026-11-15' },
        },
      },
    )
    assert.deepEqual(
      wish('last 3 payments over 50', ['transactions', 0.9], {
        count: 3,
        comparison: 'more',
        amounts: [{ type: 'money', decimal: '50', currency: null, at: [0, 1] }],
      }),
      { band: 'act', ask: { kind: 'transactions', limit: 3, amount: { min: '50' } } },
    )
    assert.deepEqual(wish('did my paycheque land', ['income', 0.9]), {
      band: 'act',
      ask: { kind: 'income', pay: true },
    })
  })

  test('a period still to come, or one that is open, is a period that was', () => {
    const asked = wish('since october', ['spending', 0.9], { periods: [range('2026-10-01', null)] })
    assert.deepEqual(asked.band === 'act' && asked.ask.kind === 'spending' && asked.ask.period, {
      from: '2026-10-01',
      to: '2026-11-20',
    })
  })

  test('compared with what was before, when only one period is named', () => {
    const asked = wish('more than before?', ['spending', 0.9], { periods: [lastWeek], measure: 'compare' })
    assert.deepEqual(asked.band === 'act' && asked.ask.kind === 'spending' && asked.ask.against, {
      from: '2026-11-02',
      to: '2026-11-08',
    })
  })
})

describe('money that went out, came in or came back', () => {
  const month = range('2026-10-01', '2026-10-31')
  for (const text of [
    'i sent tom money, how much',
    'le mandé dinero a tom, cuánto',
    'j’ai envoyé de l’argent à tom',
  ])
    test(`“${text}”: what went out to him`, () =>
      assert.deepEqual(wish(text, ['income', 0.99], { names: ['tom'], periods: [month] }), {
        band: 'act',
        ask: { kind: 'spending', merchant: 'tom', period: { from: '2026-10-01', to: '2026-10-31' } },
      }))
  for (const text of [
    'did i get paid',
    'was i paid',
    'ya me pagaron?',
    'j’ai-tu été payée',
    'est-ce que j’ai été payé',
  ])
    test(`“${text}”: the pay itself`, () =>
      assert.deepEqual(wish(text, ['income', 0.99]), { band: 'act', ask: { kind: 'income', pay: true } }))
  test('“how much did I get paid” is all of it', () =>
    assert.deepEqual(wish('how much did i get paid', ['income', 0.99]), {
      band: 'act',
      ask: { kind: 'income' },
    }))
  for (const text of ['any refunds', 'hubo reembolsos', 'des remboursements?'])
    test(`“${text}”: what came back, and no pay`, () =>
      assert.deepEqual(wish(text, ['income', 0.99]), { band: 'act', ask: { kind: 'income', refunds: true } }))
})

describe('what went over the card is no balance', () => {
  const month = range('2026-11-01', '2026-11-30')
  for (const [text, guess] of [
    ['on the card this month', 'balance'],
    ['how much on the card this month', 'balance'],
    ['cuánto en la tarjeta este mes', 'balance'],
    ['combien sur la carte ce mois-ci', 'spending'],
    ['on the card this month', 'card-limits'],
  ] as const)
    test(`“${text}”, taken for ${guess}`, () =>
      assert.deepEqual(wish(text, [guess, 0.7], { periods: [month] }), {
        band: 'act',
        ask: {
          kind: 'spending',
          period: { from: '2026-11-01', to: '2026-11-20' },
          account: { type: 'credit-card' },
        },
      }))
  test('what is owed on it still is', () =>
    assert.deepEqual(
      wish('how much do i owe on the card this month', ['balance', 0.97], { periods: [month] }),
      {
        band: 'act',
        ask: { kind: 'balance', account: { type: 'credit-card' } },
      },
    ))
})

describe('knowing when not to', () => {
  test('a doubtful guess is offered, not acted upon', () => {
    const found = wishOf(
      {
        ...clauseOf('hm money', null),
        guesses: [
          { name: 'balance', p: 0.4 },
          { name: 'spending', p: 0.35 },
          { name: 'pay', p: 0.05 },
        ],
      },
      null,
      context,
    )
    assert.equal(found.band, 'offer')
    assert.deepEqual(found.band === 'offer' && found.offers.map(({ name }) => name), ['balance', 'spending'])
  })

  test('what a counter does not do is said; what is like nothing at all is only not understood', () => {
    const guesses = [
      { name: 'out-of-scope', p: 0.55 },
      { name: 'order', p: 0.4 },
    ] as const
    assert.deepEqual(
      wishOf({ ...clauseOf('best pizza recipe', null), guesses, outOfScope: 0.9 }, null, context),
      {
        band: 'act',
        ask: { kind: 'told', about: 'out-of-scope' },
      },
    )
    assert.deepEqual(wish('flibbertigibbet', ['abuse', 0.3], {}, { outOfScope: 0.94 }), { band: 'none' })
    assert.equal(wish('make it so', ['pay', 0.8], {}, { outOfScope: 0.7 }).band, 'offer')
  })

  test('taking back is always asked about first, whatever the probability', () => {
    assert.deepEqual(wish('stop telling facebook stuff', ['withdraw', 0.999]), {
      band: 'act',
      ask: { kind: 'withdraw' },
    })
    assert.deepEqual(wish('unlink everything now', ['unlink', 0.999]), {
      band: 'act',
      ask: { kind: 'withdraw', everything: true },
    })
  })

  test('danger, a death, and whether this is safe go before anything else, also right after a question about money', () => {
    const spent: MoneyAsk = { kind: 'spending', period: { from: '2026-11-01', to: '2026-11-20' } }
    for (const [text, about] of [
      ['my grandma passed away last week', 'bereavement'],
      ['se murió mi papá la semana pasada', 'bereavement'],
      ['mon conjoint est décédé la semaine passée', 'bereavement'],
      ['i feel like ending it all', 'distress'],
      ['j’ai envie d’en finir', 'distress'],
      ['is this safe??', 'safe'],
      ['¿esto es seguro?', 'safe'],
    ] as const)
      assert.deepEqual(
        wishOf(
          clauseOf(text, ['spending', 0.9], { periods: [lastWeek], rest: '' }, { follow: 'also' }),
          spent,
          context,
        ),
        { band: 'act', ask: { kind: 'told', about } },
        text,
      )
  })

  test('an amount that reads two ways is asked for again', () => {
    const amounts = [{ type: 'ambiguous', readings: ['1.25', '1250'], at: [0, 1] }] as const
    assert.deepEqual(wish('payments over 1.250', ['transactions', 0.95], { amounts, comparison: 'more' }), {
      band: 'act',
      ask: { kind: 'told', about: 'amount' },
    })
  })

  test('a negated act is not done', () => {
    for (const name of ['pay', 'unlink', 'card-freeze', 'erase'] as const)
      assert.deepEqual(wish('do not', [name, 0.99], {}, { negated: true }), {
        band: 'act',
        ask: { kind: 'told', about: 'nothing-done' },
      })
  })

  test('no model, no guess: choices, but an account alone is its balance', () => {
    assert.deepEqual(wish('something else', null), { band: 'none' })
    assert.deepEqual(wish('savings', null, { account: { type: 'savings' }, rest: '' }), {
      band: 'act',
      ask: { kind: 'balance', account: { type: 'savings' } },
    })
  })
})

describe('follow-ups', () => {
  const spent: MoneyAsk = {
    kind: 'spending',
    merchant: 'Corner Market',
    period: { from: '2026-11-01', to: '2026-11-20' },
  }
  const list: MoneyAsk = { kind: 'transactions', limit: 5 }

  test('“and last month?”: the same over another time', () => {
    assert.deepEqual(
      after(
        spent,
        'and last month?',
        ['smalltalk', 0.4],
        { periods: [range('2026-10-01', '2026-10-31')], rest: '' },
        { follow: 'also' },
      ),
      { ...spent, period: { from: '2026-10-01', to: '2026-10-31' } },
    )
  })
  test('“what about Target”, “no, I meant Target”: the same at another shop', () => {
    for (const follow of ['also', 'instead'] as const)
      assert.deepEqual(after(spent, 'what about Target', null, { names: ['Target'], rest: '' }, { follow }), {
        ...spent,
        merchant: 'Target',
      })
  })
  test('“the second one”: that payment of the list', () => {
    assert.deepEqual(after(list, 'the second one', null, { ordinal: 2, rest: '' }), { ...list, nth: 2 })
  })
  test('“make it 10”: as many, and not as much', () => {
    assert.deepEqual(
      after(
        list,
        'make it 10',
        null,
        { amounts: [{ type: 'money', decimal: '10', currency: null, at: [0, 1] }], rest: '' },
        { follow: 'instead' },
      ),
      { kind: 'transactions', limit: 10 },
    )
  })
  test('“and savings?” after a balance', () => {
    assert.deepEqual(
      after(
        { kind: 'balance' },
        'and savings?',
        null,
        { account: { type: 'savings' }, rest: '' },
        { follow: 'also' },
      ),
      { kind: 'balance', account: { type: 'savings' } },
    )
  })
  test('“more than last month?”: the two compared', () => {
    assert.deepEqual(
      after(spent, 'more than last month?', null, {
        periods: [range('2026-10-01', '2026-10-31')],
        measure: 'compare',
        rest: '',
      }),
      { ...spent, against: { from: '2026-10-01', to: '2026-10-31' } },
    )
  })
  test('a question of its own is no follow-up, though it names a time', () => {
    assert.deepEqual(after(spent, 'what came in last week', ['income', 0.95], { periods: [lastWeek] }), {
      kind: 'income',
      period: { from: '2026-11-09', to: '2026-11-15' },
    })
  })
})
