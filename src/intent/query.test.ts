import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Transaction } from '../bank/bank.ts'
import { dayMs } from '../core/clock.ts'
import { kindOf } from './category.ts'
import {
  averageOf,
  biggestOf,
  compared,
  daysIn,
  groupsOf,
  minorOf,
  monthsIn,
  passing,
  totalsOf,
  type Filter,
} from './query.ts'
import { spendingIn } from './spent.ts'

const zone = 'America/New_York'
const start = Date.UTC(2026, 8, 1, 12)

const rows: fc.Arbitrary<Transaction[]> = fc
  .array(
    fc.record({
      currency: fc.constantFrom('USD', 'CAD', 'JPY'),
      amountMinor: fc.integer({ min: 0, max: 500_000 }),
      day: fc.integer({ min: 0, max: 80 }),
      direction: fc.constantFrom('debit' as const, 'credit' as const, 'unknown' as const),
      pending: fc.boolean(),
      merchant: fc.option(fc.constantFrom('Corner Market', 'Noodle Wharf', 'Book Harbor')),
      mcc: fc.option(fc.constantFrom('5411', '5814', '5942', '9999', '4829')),
      account: fc.constantFrom('a', 'b'),
    }),
    { maxLength: 40 },
  )
  .map((all) =>
    all.map((one, id) => ({
      id: `t${id}`,
      accountId: one.account,
      status: one.pending ? 'pending' : 'posted',
      direction: one.direction,
      directionRule: '',
      amount: { amountMinor: one.amountMinor, currency: one.currency },
      at: start + one.day * dayMs,
      postedAt: null,
      description: 'ROW',
      merchant: one.merchant,
      mcc: one.mcc,
      replaces: null,
    })),
  )
const filters: fc.Arbitrary<Filter> = fc.record(
  {
    category: fc.constantFrom('groceries' as const, 'restaurants' as const, null),
    amount: fc.record({ min: fc.constantFrom('1', '10.50'), max: fc.constantFrom('100', '2000.005') }),
    direction: fc.constantFrom('in' as const, 'out' as const),
    pending: fc.boolean(),
    period: fc.constantFrom(
      { from: '2026-09-05', to: '2026-10-05' },
      { from: '2026-10-01', to: '2026-10-31' },
    ),
  },
  { requiredKeys: [] },
)
const shuffled = (items: readonly Transaction[], seed: number): Transaction[] =>
  items
    .map((item, at) => [((at + 1) * (seed + 7919)) % 104_729, item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item)
const ids = (items: readonly Transaction[]): string[] => items.map(({ id }) => id).sort()

describe('figures are worked out from the list and nothing else', () => {
  test('groups and the rest add up to the whole, in each currency', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 6 }), (items, most) => {
        for (const keyOf of [kindOf, ({ merchant }: Transaction) => merchant ?? '']) {
          const groups = groupsOf<string | null>(items, keyOf, most)
          assert.deepEqual(
            groups.map(({ currency, groups: its, rest }) => {
              assert.ok(its.length <= most)
              const all = [...its.map(({ total }) => total), ...(rest ? [rest] : [])]
              return {
                currency,
                amountMinor: all.reduce((sum, one) => sum + one.amountMinor, 0),
                count: all.reduce((sum, one) => sum + one.count, 0),
              }
            }),
            totalsOf(items),
          )
        }
      }),
    )
  })

  test('months add up to the period they are of', () => {
    fc.assert(
      fc.property(rows, (items) => {
        const period = { from: '2026-09-10', to: '2026-11-04' }
        const months = monthsIn(period, 24)
        const each = months.flatMap((month) => passing(items, { period: month }, zone))
        assert.deepEqual(ids(each), ids(passing(items, { period }, zone)))
      }),
    )
  })

  test('filters commute: together or one after another, in either order', () => {
    fc.assert(
      fc.property(rows, filters, filters, (items, a, b) => {
        const ab = passing(passing(items, a, zone), b, zone)
        assert.deepEqual(ab, passing(passing(items, b, zone), a, zone))
        for (const [name, value] of Object.entries(a)) {
          const { [name as keyof Filter]: _, ...rest } = a
          assert.deepEqual(
            passing(passing(items, { [name]: value }, zone), rest, zone),
            passing(items, a, zone),
          )
        }
      }),
    )
  })

  test('no figure depends on the order of the list', () => {
    fc.assert(
      fc.property(rows, fc.nat(), (items, seed) => {
        const other = shuffled(items, seed)
        assert.deepEqual(totalsOf(other), totalsOf(items))
        assert.deepEqual(biggestOf(other), biggestOf(items))
        const plain = (of: readonly Transaction[]) =>
          groupsOf(of, kindOf, 3).map(({ currency, groups, rest }) => [
            currency,
            groups.map(({ key, total }) => [key, total]),
            rest,
          ])
        assert.deepEqual(plain(other), plain(items))
        assert.deepEqual(
          ids(spendingIn(other).filter(({ mcc }) => mcc !== null)),
          ids(spendingIn(items).filter(({ mcc }) => mcc !== null)),
        )
      }),
    )
  })

  test('comparing is subtracting, turned around it is the same with the other sign', () => {
    fc.assert(
      fc.property(rows, rows, (now, before) => {
        const there = compared(now, before)
        const back = new Map(compared(before, now).map((one) => [one.currency, one.differenceMinor]))
        for (const { currency, differenceMinor, now: a, before: b } of there) {
          assert.equal(differenceMinor, a.amountMinor - b.amountMinor)
          assert.equal(back.get(currency), 0 - differenceMinor)
        }
      }),
    )
  })
})

test('a pending payment and the posted one that settles it are counted once, whatever is asked', () => {
  fc.assert(
    fc.property(rows, (items) => {
      const shops = items.filter(
        ({ direction, mcc }) => direction === 'debit' && mcc !== null && mcc !== '4829',
      )
      const held = shops.map((item): Transaction => ({ ...item, id: `held-${item.id}`, status: 'pending' }))
      const settled = shops.map(
        (item): Transaction => ({ ...item, status: 'posted', replaces: `held-${item.id}` }),
      )
      const twice = spendingIn([...held, ...settled])
      assert.deepEqual(totalsOf(twice), totalsOf(spendingIn(settled)))
      assert.equal(twice.length, settled.length)
    }),
  )
})

test('an amount is read in the currency of each payment, and digits it does not have never widen the range', () => {
  assert.equal(minorOf('42.50', 'USD', 'up'), 4250)
  assert.equal(minorOf('42.505', 'USD', 'up'), 4251)
  assert.equal(minorOf('42.505', 'USD', 'down'), 4250)
  assert.equal(minorOf('42.5', 'JPY', 'up'), 43)
  assert.equal(minorOf('42.5', 'JPY', 'down'), 42)
  assert.equal(minorOf('1', 'KWD', 'up'), 1000)
})

test('an average is rounded to the minor unit; of nothing there is none', () => {
  assert.equal(averageOf(1000, 3), 333)
  assert.equal(averageOf(5, 2), 3)
  assert.equal(averageOf(0, 0), null)
})

test('months of a period, whole or in part', () => {
  assert.deepEqual(monthsIn({ from: '2027-12-15', to: '2028-02-29' }, 24), [
    { from: '2027-12-15', to: '2027-12-31', whole: false },
    { from: '2028-01-01', to: '2028-01-31', whole: true },
    { from: '2028-02-01', to: '2028-02-29', whole: true },
  ])
  assert.equal(monthsIn({ from: '2020-01-01', to: '2026-12-31' }, 24).length, 24)
  assert.equal(daysIn({ from: '2028-02-01', to: '2028-02-29' }), 29)
})
