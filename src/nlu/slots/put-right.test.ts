import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clausesOf } from '../clauses.ts'
import type { Language } from '../reading.ts'

const clauseIn = (language: Language, text: string) => {
  const [clause] = clausesOf(text, {
    now: Date.UTC(2026, 10, 20, 15),
    timeZone: 'America/New_York',
    language,
    currency: 'USD',
  }).clauses
  assert.ok(clause)
  return clause
}

test('a kind and a time with slips of the finger are found', () => {
  for (const [language, text, category, from] of [
    ['en', 'how mcuh did i spnd on resturants lst mnth', 'restaurants', '2026-10-01'],
    ['en', 'grocries in septmber', 'groceries', '2026-09-01'],
    ['es', 'cuánto gasté en despenza la seamna pasada', 'groceries', '2026-11-09'],
  ] as const) {
    const { slots } = clauseIn(language, text)
    assert.equal(slots.category, category, text)
    assert.equal(slots.periods[0]?.from, from, text)
  }
})

test('“adn in septmber” takes up what was said before', () => {
  const { follow, slots } = clauseIn('en', 'adn in septmber')
  assert.equal(follow, 'also')
  assert.deepEqual(slots.names, [])
})

test('a shop stays as it was typed, though it is near a word', () => {
  for (const [text, name] of [
    ['how much did i spend at tims lst mnth', 'tims'],
    ['how much did i spend on lyft lst week', 'lyft'],
    ['how much at Resturants Row lst mnth', 'Resturants Row'],
  ] as const) {
    const { slots } = clauseIn('en', text)
    assert.ok(slots.names.includes(name), `${text}: ${slots.names.join(', ')}`)
    assert.equal(slots.periods.length, 1)
  }
})

test('spans are of the text that was put right, and a text without slips stays as it is', () => {
  const { text, slots } = clauseIn('en', 'coffee lst mnth please')
  assert.equal(text.slice(...(slots.periods[0]?.at ?? [0, 0])), 'last month')
  assert.equal(clauseIn('en', 'Coffee last month at Blue Heron').text, 'Coffee last month at Blue Heron')
})
