import assert from 'node:assert/strict'
import { test } from 'node:test'
import { manualClock } from '../core/clock.ts'
import { isRefusal, OutsideError, refuse } from '../core/refusal.ts'
import type { BankTokens, TokenHolder } from './bank.ts'
import { openOwnTokens, openTokens, type Refresh } from './tokens.ts'

const start = Date.UTC(2026, 10, 20)
const tokens = (name: string, expiresAt: number, refreshToken: string | null = 'r1'): BankTokens => ({
  accessToken: name,
  refreshToken,
  expiresAt,
  dpopJwk: {},
  consentId: null,
})

function holderOf(first: BankTokens, saved: string[] = []): TokenHolder {
  let kept = first
  return {
    current: () => kept,
    save: async (next) => {
      saved.push(next.accessToken)
      kept = next
    },
  }
}

test('a token with time left is used as it is', async () => {
  const clock = manualClock(start)
  const { fresh } = openTokens(() => assert.fail('not needed'), { now: clock.now })
  const kept = tokens('a', start + 600_000)
  assert.equal(await fresh(holderOf(kept)), kept)
})

test('thirty askers make one refresh, and the new token is saved before any of them has it', async () => {
  const clock = manualClock(start)
  const order: string[] = []
  let refreshes = 0
  const { fresh } = openTokens(
    async () => {
      refreshes += 1
      await Promise.resolve()
      return tokens('b', start + 600_000)
    },
    { now: clock.now },
  )
  let kept = tokens('a', start + 10_000)
  const holder: TokenHolder = {
    current: () => kept,
    save: async (next) => {
      await new Promise((resolve) => setImmediate(resolve))
      order.push('saved')
      kept = next
    },
  }
  const answers = await Promise.all(
    Array.from({ length: 30 }, async () => {
      const answer = await fresh(holder)
      order.push('used')
      return answer
    }),
  )
  assert.equal(refreshes, 1)
  assert.equal(order[0], 'saved')
  assert.equal(order.filter((one) => one === 'saved').length, 1)
  assert.ok(answers.every((answer) => !isRefusal(answer) && answer.accessToken === 'b'))
})

test('without that order a rotating bank cuts the customer off: the twin that shows the harm', async () => {
  // A bank that rotates and takes a refresh token once only. Every asker refreshes by itself, and saves afterwards.
  let good = 'r1'
  let issued = 1
  const naive = async (holder: TokenHolder) => {
    const used = holder.current()
    await Promise.resolve()
    if (used.refreshToken !== good) return refuse('link_broken')
    good = `r${++issued}`
    const renewed = tokens(`a${issued}`, start + 600_000, good)
    await holder.save(renewed)
    return renewed
  }
  const holder = holderOf(tokens('a', start))
  const answers = await Promise.all(Array.from({ length: 30 }, () => naive(holder)))
  assert.equal(answers.filter((answer) => isRefusal(answer)).length, 29)
})

test('two holders of one grant share the refresh, and both are saved', async () => {
  const clock = manualClock(start)
  let refreshes = 0
  const { fresh } = openTokens(
    async () => {
      refreshes += 1
      return tokens('b', start + 600_000, 'r2')
    },
    { now: clock.now },
  )
  const saved: string[] = []
  await Promise.all([fresh(holderOf(tokens('a', start), saved)), fresh(holderOf(tokens('a', start), saved))])
  assert.equal(refreshes, 1)
  assert.deepEqual(saved, ['b', 'b'])
})

test('when saving fails nobody gets the token: a crash there loses nothing that was used', async () => {
  const clock = manualClock(start)
  const { fresh } = openTokens(async () => tokens('b', start + 600_000, 'r2'), { now: clock.now })
  const holder: TokenHolder = {
    current: () => tokens('a', start),
    save: () => Promise.reject(new Error('disk full')),
  }
  await assert.rejects(fresh(holder), /disk full/)
})

test('the bank’s final no is a broken link; a rotation by somebody else is not', async () => {
  const clock = manualClock(start)
  const no: Refresh = async () => refuse('link_broken')
  const { fresh } = openTokens(no, { now: clock.now })
  assert.deepEqual(await fresh(holderOf(tokens('a', start))), { refused: 'link_broken' })
  assert.deepEqual(await fresh(holderOf(tokens('a', start, null))), { refused: 'link_broken' })

  let reads = 0
  const rotated: TokenHolder = {
    current: () => (reads++ === 0 ? tokens('a', start, 'r1') : tokens('c', start + 600_000, 'r2')),
    save: () => assert.fail('nothing new to save'),
  }
  const answer = await fresh(rotated)
  assert.ok(!isRefusal(answer) && answer.accessToken === 'c')
})

test('a token the bank has just refused is replaced, unless somebody already has', async () => {
  const clock = manualClock(start)
  const { fresh } = openTokens(async () => tokens('b', start + 600_000), { now: clock.now })
  const holder = holderOf(tokens('a', start + 600_000))
  const replaced = await fresh(holder, 'a')
  assert.ok(!isRefusal(replaced) && replaced.accessToken === 'b')
  const kept = await fresh(holder, 'a')
  assert.ok(!isRefusal(kept) && kept.accessToken === 'b')
})

test('a bank in trouble does not take away a token that still works', async () => {
  const clock = manualClock(start)
  const { fresh } = openTokens(
    () => Promise.reject(new OutsideError('bank_unavailable', { retryable: true })),
    {
      now: clock.now,
    },
  )
  const kept = tokens('a', start + 30_000)
  assert.equal(await fresh(holderOf(kept)), kept)
  await assert.rejects(fresh(holderOf(kept), 'a'), OutsideError)
  clock.advance(29_000)
  await assert.rejects(fresh(holderOf(kept)), OutsideError)
})

test('our own token is asked for once and again when it nears its end', async () => {
  const clock = manualClock(start)
  let asked = 0
  const own = openOwnTokens(async () => tokens(`own-${++asked}`, clock.now() + 300_000, null), {
    now: clock.now,
  })
  const holder = holderOf(tokens('none', 0))
  await Promise.all([own.fresh(holder), own.fresh(holder)])
  assert.equal(asked, 1)
  clock.advance(280_000)
  await own.fresh(holder)
  assert.equal(asked, 2)
  await own.fresh(holder, 'own-2')
  assert.equal(asked, 3)
})
