import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clauseOf } from '../../tests/clause.ts'
import { harbor, history, now, open, payments, put, row } from '../../tests/counter.ts'
import { contextTtlMs, recall } from '../conversation/thread.ts'
import { ask, type MoneyAsk } from './ask.ts'
import { wishOf } from './wish.ts'

/** What is asked after a list, in the customer's words. */
function after(last: MoneyAsk, text: string): MoneyAsk {
  const wish = wishOf(clauseOf(text, ['help', 0.9]), last, { now, timeZone: 'UTC' })
  return wish.band === 'act' && wish.ask.kind === 'transactions'
    ? wish.ask
    : assert.fail(`${text}: ${wish.band}`)
}
const rowsOf = (text: string): string[] => text.split('\n').filter((line) => line.includes(' · '))

describe('“more” after a list', () => {
  test('goes on where the list ended, as long as the list was, and ends kindly', async () => {
    const seen: string[] = []
    let asked = payments({ limit: 6 })
    const heads: string[] = []
    for (let page = 0; page < 4; page++) {
      const { text } = await put(asked)
      heads.push(text.split('\n')[0] ?? '')
      seen.push(...rowsOf(text))
      asked = after(asked, ['more', 'ver más', 'la suite'][page % 3] ?? '')
    }
    assert.equal(seen.length, history.length)
    assert.equal(new Set(seen.map((line) => line.replace(/ ··\d{4}$/, ''))).size, history.length)
    assert.deepEqual(heads, [
      'Your last payments:',
      'Older payments:',
      'And the rest, from 21 Nov 2025 to Fri 20 Nov:',
      "That's all: I see no older ones from 21 Nov 2025 to Fri 20 Nov.",
    ])
  })

  test('“the next three” are three; “make it 5” is a list from the newest again', () => {
    const list = after(payments({ limit: 5 }), 'the next three')
    assert.deepEqual(list, { kind: 'transactions', limit: 3, skip: 5 })
    assert.deepEqual(after(list, 'more'), { kind: 'transactions', limit: 3, skip: 8 })
  })

  test('keeps what the list was of, and says which of how many', async () => {
    const first = payments({ limit: 2, merchant: 'corner market' })
    assert.match((await put(first)).text, /\nThe newest 2 of 4:\n/)
    const { text } = await put(after(first, 'suivantes'))
    assert.match(text, /^Your payments at Corner Market, .*\n3 to 4 of 4:\nTue 20 Oct .*\nTue 15 Sep /)
  })

  test('“the second one” is of the page just shown, and “more” then goes on after that page', async () => {
    const page = payments({ limit: 3, skip: 3 })
    const wish = wishOf(clauseOf('the second one', null, { ordinal: 2, rest: '' }), page, {
      now,
      timeZone: 'UTC',
    })
    const second = wish.band === 'act' ? (wish.ask as MoneyAsk) : assert.fail()
    assert.match((await put(second)).text, /^PAYROLL ACME CORP/)
    assert.deepEqual(after(second, 'more'), { kind: 'transactions', limit: 3, skip: 6 })
  })

  test('a tap does the same while the list is remembered, and only where there is more', async () => {
    const { answer, caller } = await put(payments({ limit: 5 }))
    const [more] = answer.choices ?? []
    assert.deepEqual(more, { title: 'button.more', payload: 'ask:handle0', when: 'said' })
    assert.deepEqual(recall(caller.thread, 'handle0', now), {
      kind: 'transactions',
      limit: 5,
      skip: 5,
      institution: 'harbor',
    })
    assert.equal(recall(caller.thread, 'handle0', now + contextTtlMs), null)
    const { answer: whole } = await put(payments({ limit: 10, skip: 10 }))
    assert.ok(!whole.choices?.some((one) => 'title' in one && one.title === 'button.more'))
  })
})

describe('“the one before that”', () => {
  test('after one payment is the next older, and so on; after a list the one before all of it', async () => {
    const one = after(payments({ limit: 5, nth: 2 }), 'and the one before that?')
    assert.match((await put(one)).text, /^Corner Market: \$30\.00, Mon 16 Nov/)
    const other = after(one, 'la anterior')
    assert.match((await put(other)).text, /^Corner Bakery: \$9\.00, Sun 15 Nov/)
    assert.match((await put(after(other, 'celle d’avant'))).text, /^PAYROLL ACME CORP/)
    assert.match((await put(after(payments({ limit: 3 }), 'the one before'))).text, /^Corner Bakery/)
    // "More" after it leaves none out.
    assert.match(rowsOf((await put(after(one, 'more'))).text)[0] ?? '', /Corner Bakery/)
  })

  test('after “when did I last pay them”', async () => {
    const last = payments({ limit: 1, merchant: 'corner market', direction: 'out' })
    assert.match((await put(last)).text, /^You last paid Corner Market/)
    const { text, answer } = await put(after(last, 'and the one before?'))
    assert.match(text, /^Corner Market: \$30\.00, Mon 16 Nov/)
    assert.deepEqual(answer.card?.one, { nth: 2, of: 2 })
  })

  test('where there is none before, it says so', async () => {
    const last = payments({ limit: 1, merchant: 'mcdonalds', direction: 'out' })
    assert.match((await put(after(last, 'the previous one'))).text, /^That's all: I see no older ones /)
  })
})

test('where figures are kept out of the chat, a page, the end and a list sound the same', async () => {
  const world = { policy: harbor, item: 'mask' } as const
  const heard = await Promise.all(
    [payments(), payments({ skip: 5 }), payments({ skip: 900 })].map((asked) => put(asked, world)),
  )
  const empty = await put(payments({ skip: 5 }), world, { items: [] })
  for (const { body } of heard) assert.equal(body, empty.body)
  const one = payments({ skip: 2, alone: true })
  assert.equal((await put(one, world)).body, (await put(one, world, { items: [] })).body)
})

test('shown once, the next page is not shown with it', async () => {
  const { answer } = await put(payments({ limit: 2 }), { policy: harbor, item: 'mask' }, { once: true })
  assert.deepEqual(
    answer.choices?.flatMap((one) => ('payload' in one && one.payload.includes(':') ? [one.payload] : [])),
    ['ask:handle0'],
  )
})

test('a list is leafed through no further than is kept in a question', () => {
  let asked: MoneyAsk = payments({ limit: 10 })
  for (let page = 0; page < 200; page++) asked = ask.parse(after(asked, 'more')) as MoneyAsk
  assert.equal(asked.kind === 'transactions' && asked.skip, 990)
})

test('it can be said in all three languages', async () => {
  const items = Array.from({ length: 12 }, (_, i) =>
    row(`2026-11-${String(i + 1).padStart(2, '0')}`, 100 + i, 'Shop'),
  )
  for (const language of ['en-US', 'es-US', 'fr-CA'])
    for (const asked of [{ skip: 5 }, { skip: 10 }, { skip: 50 }, { skip: 5, merchant: 'shop' }]) {
      const { text } = await put(payments({ ...asked }), { ...open, language }, { items })
      assert.doesNotMatch(text, /[{}]|undefined/)
      assert.ok(text.length > 20)
    }
})
