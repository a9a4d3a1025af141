import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dayMs, hourMs, manualClock } from '../../src/core/clock.ts'
import { people } from '../people/people.ts'
import { dateText, instant, localDay, parseDate, weekday } from './ledger/calendar.ts'
import type { Ledger } from './ledger/ledger.ts'
import { historyDays, openLedger } from './ledger/ledger.ts'
import { lifeOf } from './ledger/life.ts'
import type { Entry } from './ledger/month.ts'

const base = Date.parse('2026-11-20T17:00:00Z')
const everyone = people.flatMap((person) => person.logins.map(({ bank }) => ({ person, bank })))

function ledgerOf(
  key: string,
  bank: string,
  options: { base?: number; now?: () => number; seed?: number } = {},
): Ledger {
  const person = people.find((one) => one.key === key)!
  const start = options.base ?? base
  return openLedger({
    seed: options.seed ?? 1,
    bank,
    person: key,
    zone: person.timeZone,
    life: lifeOf(bank as never, key)!,
    base: start,
    clock: options.now ?? (() => start),
    extra: [],
  })
}
const idOf = (ledger: Ledger, kind: string): string => ledger.holdings.find((one) => one.kind === kind)!.id

test('Ana at Harbor has the accounts that the stories speak of', () => {
  const ledger = ledgerOf('ana', 'harbor')
  assert.deepEqual(
    ledger.holdings.map(({ kind, lastFour }) => `${kind} ${lastFour}`),
    ['checking 4821', 'savings 7730', 'card 9034'],
  )
  const { posted, available } = ledger.figures(idOf(ledger, 'checking'))
  assert.equal(available, 234_018)
  assert.ok(posted > available, 'something is pending')
  for (const { id, number, lastFour } of ledger.holdings) {
    assert.ok(number.endsWith(lastFour))
    assert.ok(!id.includes(number) && !id.includes(lastFour), 'an account id tells no number')
  }
})

test('the same seed gives the same payments to the byte; another seed gives others', () => {
  const rows = (ledger: Ledger) => JSON.stringify(ledger.holdings.map(({ id }) => ledger.rows(id)))
  assert.equal(rows(ledgerOf('chloe', 'erable')), rows(ledgerOf('chloe', 'erable')))
  assert.notEqual(rows(ledgerOf('chloe', 'erable')), rows(ledgerOf('chloe', 'erable', { seed: 2 })))
})

test('a day holds the same payments whenever the sandbox was first started', () => {
  const seen = (start: number) => {
    const ledger = ledgerOf('ana', 'harbor', { base: start })
    const [from, to] = [parseDate('2026-03-01')!, parseDate('2026-08-31')!]
    return ledger
      .rows(idOf(ledger, 'checking'))
      .filter((row) => row.entry.day >= from && row.entry.day <= to)
      .map((row) => `${row.id} ${row.entry.amountMinor}`)
      .sort()
  }
  assert.ok(seen(base).length > 100)
  assert.deepEqual(seen(base), seen(base - 40 * dayMs))
})

for (const { person, bank } of everyone)
  test(`${person.firstName}'s money at ${bank} adds up on every day, and no account of theirs goes below zero`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), (days) => {
        const ledger = ledgerOf(person.key, bank, { base: base + days * dayMs })
        for (const holding of ledger.holdings) {
          const { posted, available, limit } = ledger.figures(holding.id)
          const rows = ledger.rows(holding.id)
          const pending = rows
            .filter((row) => row.pending)
            .reduce((sum, row) => sum + row.entry.amountMinor, 0)
          if (holding.kind === 'card') {
            assert.equal(available, limit! - posted + pending)
            assert.ok(available > 0)
            continue
          }
          assert.equal(available, posted + pending)
          let balance = available
          for (const row of rows.toSorted((a, b) => b.entry.at - a.entry.at)) {
            balance -= row.entry.amountMinor
            assert.ok(balance >= 0, `${holding.kind} sinks to ${balance}`)
          }
        }
      }),
      { numRuns: 12 },
    )
  })

test('a pending payment is booked under a new id and the balance follows', () => {
  const clock = manualClock(base)
  const ledger = ledgerOf('ana', 'harbor', { now: clock.now })
  const checking = idOf(ledger, 'checking')
  const pending = ledger.rows(checking).find((row) => row.pending)!
  const before = ledger.figures(checking)
  clock.set(pending.entry.postAt)
  const rows = ledger.rows(checking)
  assert.equal(
    rows.some((row) => row.id === pending.id),
    false,
  )
  const booked = rows.find((row) => row.id === pending.entry.id)!
  assert.equal(booked.pending, false)
  assert.notEqual(booked.id, pending.id)
  const bookedSince = rows
    .filter((row) => !row.pending && row.at > base)
    .reduce((sum, row) => sum + row.entry.amountMinor, 0)
  assert.equal(ledger.figures(checking).posted, before.posted + bookedSince)
})

test('the clock moves on for months and back again, and the figures with it', () => {
  const clock = manualClock(base)
  const ledger = ledgerOf('davina', 'thistle', { now: clock.now })
  const checking = idOf(ledger, 'checking')
  const then = { figures: ledger.figures(checking), rows: ledger.rows(checking).length }
  clock.advance(100 * dayMs)
  const later = ledger.rows(checking)
  assert.ok(later.length > then.rows + 60)
  assert.ok(later.some((row) => row.entry.kind === 'salary' && row.at > base + 60 * dayMs))
  clock.set(base)
  assert.deepEqual({ figures: ledger.figures(checking), rows: ledger.rows(checking).length }, then)
})

test('a payment made by hand is in the balance at once', () => {
  const ledger = ledgerOf('ben', 'granite')
  const checking = idOf(ledger, 'checking')
  const before = ledger.figures(checking)
  const entry: Entry = {
    id: 'txn1',
    pendingId: 'auth1',
    account: 'checking',
    kind: 'purchase',
    amountMinor: -1_234,
    at: base,
    day: localDay(base, ledger.zone),
    postAt: base + hourMs,
    postDay: localDay(base, ledger.zone),
    description: 'X',
    memo: null,
    merchant: 'X',
    mcc: '5999',
    counterparty: null,
    linked: true,
  }
  ledger.add(entry)
  assert.equal(ledger.figures(checking).available, before.available - 1_234)
  assert.equal(ledger.figures(checking).posted, before.posted)
  assert.equal(ledger.rows(checking)[0]?.id, 'auth1')
})

test('two years are there: weekly shopping, salaries, refunds, large payments, transfers, and memos that try things', () => {
  const ledger = ledgerOf('ana', 'harbor')
  const rows = ledger.holdings.flatMap(({ id }) => ledger.rows(id))
  const market = rows.filter((row) => row.entry.merchant === 'Corner Market' && weekday(row.entry.day) === 6)
  assert.ok(market.length >= 103, 'every Saturday')
  assert.ok(Math.min(...rows.map((row) => row.entry.day)) <= localDay(base, ledger.zone) - historyDays + 3)
  for (const kind of [
    'purchase',
    'refund',
    'salary',
    'bill',
    'transfer',
    'card-payment',
    'person',
    'cash',
    'interest',
  ])
    assert.ok(
      rows.some((row) => row.entry.kind === kind),
      kind,
    )
  assert.ok(
    rows.some((row) => row.entry.kind === 'purchase' && row.entry.amountMinor < -30_000),
    'large',
  )
  assert.ok(
    rows.filter((row) => row.entry.merchant !== null).every((row) => /^\d{4}$/.test(row.entry.mcc ?? '')),
  )
  const memos = rows.map((row) => row.entry.memo ?? '').join('\n')
  for (const trap of ['https://', '<img', '\u202e', '🎂', '{{', '\r\n']) assert.ok(memos.includes(trap), trap)
  const ids = rows.map((row) => row.id)
  assert.equal(new Set(ids).size, ids.length, 'ids are unique')
})

test('what a month leaves over on checking arrives on savings, to the cent', () => {
  const ledger = ledgerOf('elena', 'harbor')
  const sums = (kind: string) =>
    ledger
      .rows(idOf(ledger, kind))
      .filter((row) => row.entry.kind === 'transfer')
      .reduce((sum, row) => sum + row.entry.amountMinor, 0)
  assert.equal(sums('checking'), -sums('savings'))
})

test('local days are right on both sides of midnight and of a clock change', () => {
  const zone = 'America/New_York'
  assert.equal(dateText(localDay(Date.parse('2026-11-20T04:59:00Z'), zone)), '2026-11-19')
  assert.equal(dateText(localDay(Date.parse('2026-11-20T05:01:00Z'), zone)), '2026-11-20')
  const summer = parseDate('2026-07-04')!
  assert.equal(new Date(instant(summer, 9 * 60, zone)).toISOString(), '2026-07-04T13:00:00.000Z')
  assert.equal(parseDate('2026-02-30'), null)
})
