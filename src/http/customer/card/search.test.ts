import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { amountOf, isDate } from './search.ts'

test('an amount is read the way its writer’s language writes it', () => {
  for (const [text, minor] of [
    ['25', 2_500],
    ['25.5', 2_550],
    ['25,50', 2_550],
    ['$1,234.50', 123_450],
    ['1 234,50 $', 123_450],
    ['1\u00a0234,50', 123_450],
    ['1\u202f234,5 $', 123_450],
    ['1,234', 123_400],
  ] as const)
    assert.equal(amountOf(text), minor, text)
})

test('what is no amount, or could be two, is asked again', () => {
  for (const text of ['', 'lots', '1.234,50', '1.234', '1,23,4', '25.505', '-5', '1e3', '９', '9'.repeat(40)])
    assert.equal(amountOf(text), null, text)
})

test('a day is a day of the calendar, as a date field sends it', () => {
  for (const text of ['2026-11-20', '2024-02-29', '0001-01-01']) assert.ok(isDate(text), text)
  for (const text of ['2026-02-29', '20261120', '2026-11-20T10:00', '+275760-09-13', '-000001-01-01', ''])
    assert.ok(!isDate(text), text)
})
