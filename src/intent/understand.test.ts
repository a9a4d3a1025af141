import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ask } from './ask.ts'
import { findPeriod } from './period.ts'
import { askOf, understand, understandPayload } from './understand.ts'

// Friday 20 November 2026, 01:30 in UTC: still Thursday evening in New York.
const now = Date.UTC(2026, 10, 20, 1, 30)
const zone = 'America/New_York'
const read = (text: string) => understand(text, now, zone)

test('the rights words work however they are typed', () => {
  for (const [text, kind] of [
    ['balance', 'balance'],
    ['  BALANCE!! ', 'balance'],
    ['Help', 'help'],
    ['?', 'help'],
    ['agent', 'person'],
    ['I want to talk to a real person', 'person'],
    ['STOP', 'stop'],
    ['please stop sending me things', 'stop'],
    ['what did you tell Messenger about me?', 'permissions'],
  ] as const)
    assert.equal(read(text).kind, kind, text)
})

test('the questions of the first story are understood', () => {
  assert.deepEqual(read("what's my balance"), { kind: 'balance' })
  assert.deepEqual(read('How much did I spend at Corner Market last week?'), {
    kind: 'spending',
    merchant: 'corner market',
    period: { from: '2026-11-09', to: '2026-11-15' },
  })
  assert.deepEqual(read('last 5 transactions'), { kind: 'transactions', limit: 5 })
  assert.deepEqual(read('show card ending 4821'), { kind: 'account', lastFour: '4821' })
  assert.deepEqual(read('savings balance'), { kind: 'balance', account: { type: 'savings' } })
})

test('a thumbs-up is a thank-you, drawn or typed; other signs are not guessed at', () => {
  for (const text of ['👍', '👍🏽', '❤️', '🙏 🙏']) assert.equal(read(text).kind, 'thanks', text)
  for (const text of ['🍕', '👍🍕', '', '…']) assert.equal(read(text).kind, 'unclear', text)
  const sticker = {
    key: 'k',
    channel: 'messenger',
    account: 'page',
    user: 'u',
    at: now,
    standby: false,
  } as const
  const sent = (types: readonly string[]) =>
    askOf({ ...sticker, kind: 'attachment', mid: 'm', types }, now, zone)
  assert.equal(sent(['image', 'sticker'])?.kind, 'thanks')
  assert.equal(sent(['image'])?.kind, 'unclear')
})

test('a day is the customer’s day, not the server’s', () => {
  assert.deepEqual(findPeriod('today', now, zone)?.period, { from: '2026-11-19', to: '2026-11-19' })
  assert.deepEqual(findPeriod('today', now, 'Europe/London')?.period, {
    from: '2026-11-20',
    to: '2026-11-20',
  })
})

test('stretches of time', () => {
  const period = (text: string) => findPeriod(text, now, zone)?.period
  assert.deepEqual(period('this month'), { from: '2026-11-01', to: '2026-11-19' })
  assert.deepEqual(period('last month'), { from: '2026-10-01', to: '2026-10-31' })
  assert.deepEqual(period('last 30 days'), { from: '2026-10-21', to: '2026-11-19' })
  assert.deepEqual(period('in march'), { from: '2026-03-01', to: '2026-03-31' })
  assert.deepEqual(period('in december'), { from: '2025-12-01', to: '2025-12-31' })
  assert.deepEqual(period('since december'), { from: '2025-12-01', to: '2026-11-19' })
  assert.deepEqual(period('last friday'), { from: '2026-11-13', to: '2026-11-13' })
  assert.equal(period('in march 2099'), undefined)
  assert.equal(period('2026-13-40'), undefined)
})

test('no text at all makes it fail, and every answer is one of the closed list', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), (text) => ask.safeParse(read(text)).success),
  )
  fc.assert(fc.property(fc.string(), (payload) => ask.safeParse(understandPayload(payload)).success))
})

test('a payload that is not ours asks for nothing', () => {
  assert.equal(understandPayload('TRANSFER_ALL').kind, 'unclear')
  assert.deepEqual(understandPayload('once:abcdef12'), { kind: 'again', handle: 'abcdef12', once: true })
})
