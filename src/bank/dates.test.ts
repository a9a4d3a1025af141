import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isCalendarDate, parseInstant } from './dates.ts'

test('timestamps are read as banks really write them', () => {
  const table: [unknown, string | null][] = [
    ['2026-11-19T17:02:11Z', '2026-11-19T17:02:11.000Z'],
    ['2026-11-19T17:02:11.751-05:00', '2026-11-19T22:02:11.751Z'],
    ['2020-12-07T01:06:15.649-0500', '2020-12-07T06:06:15.649Z'],
    ['2026-11-19T17:02', '2026-11-19T17:02:00.000Z'],
    ['2026-11-19 17:02:11 +0530', '2026-11-19T11:32:11.000Z'],
    ['2020-12-25', '2020-12-25T12:00:00.000Z'],
    ['2018-08-01T00:00:00.000Z', '2018-08-01T12:00:00.000Z'],
    ['2026-02-30', null],
    ['2026-13-01T00:00:00Z', null],
    ['2026-11-19T25:00:00Z', null],
    ['yesterday', null],
    ['', null],
    [1764000000, null],
    ['0001-01-01', null],
  ]
  for (const [given, expected] of table) {
    const at = parseInstant(given)
    assert.equal(at === null ? null : new Date(at).toISOString(), expected, String(given))
  }
})

test('a bare date is the same day from Honolulu to Auckland', () => {
  const at = parseInstant('2026-11-20') ?? 0
  for (const timeZone of [
    'Pacific/Honolulu',
    'America/New_York',
    'Europe/London',
    'Asia/Tokyo',
    'Australia/Sydney',
  ])
    assert.equal(new Intl.DateTimeFormat('en-CA', { timeZone }).format(at), '2026-11-20', timeZone)
})

test('any instant comes back from its ISO form, unless it is a date in disguise', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('1971-01-01'), max: new Date('2199-01-01'), noInvalidDate: true }),
      (date) => {
        const at = parseInstant(date.toISOString())
        assert.ok(at === date.getTime() || date.getTime() % 86_400_000 === 0)
      },
    ),
  )
})

test('a calendar date exists', () => {
  for (const good of ['2026-11-20', '2024-02-29']) assert.ok(isCalendarDate(good))
  for (const bad of ['2026-02-29', '2026-1-1', '20261120', '2026-11-20T00:00:00Z', ''])
    assert.ok(!isCalendarDate(bad))
})
