import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OutsideError, refuse } from '../../core/refusal.ts'
import type { Redeemed } from '../oauth.ts'
import { authorizedOf } from './grant.ts'

const now = Date.UTC(2026, 10, 20)
const until = Date.UTC(2027, 10, 20)
const jwt = `h.${Buffer.from('{"fdxConsentId":"cns-7"}').toString('base64url')}.s`
const redeemed = (details: unknown, accessToken = jwt, consentId: string | null = null): Redeemed => ({
  subject: 'cus-1',
  details,
  claims: {},
  grantId: consentId,
  tokens: { accessToken, refreshToken: 'r', expiresAt: now + 600_000, dpopJwk: {}, consentId },
})
const record = {
  expirationTime: '2027-11-20T12:00:00+12:00',
  resources: [{ resourceType: 'ACCOUNT', resourceId: 'a1' }],
}
const notAsked = () => assert.fail('the consent need not be read')

test('details that say it all are enough', async () => {
  const authorized = await authorizedOf(redeemed([record]), notAsked, now)
  assert.deepEqual([authorized.accountIds, authorized.expiresAt], [['a1'], until])
  assert.equal(authorized.tokens.consentId, 'cns-7', 'a bank without grant_id names the consent in its token')
})

test('where they say too little the bank’s record of the consent is read', async () => {
  const asked: string[] = []
  const authorized = await authorizedOf(
    redeemed(null, 'opaque', 'cns-9'),
    async (_holder, consentId) => {
      asked.push(consentId)
      return { body: record, partial: false }
    },
    now,
  )
  assert.deepEqual(asked, ['cns-9'])
  assert.deepEqual([authorized.accountIds, authorized.expiresAt], [['a1'], until])
})

test('a bank without a consent API spoils nothing, a bug of ours is not hidden', async () => {
  const down = () => Promise.reject(new OutsideError('bank_unavailable', { retryable: true }))
  for (const read of [down, async () => refuse('not_permitted')]) {
    const authorized = await authorizedOf(redeemed(null), read, now)
    assert.deepEqual([authorized.accountIds, authorized.expiresAt], [null, null])
  }
  await assert.rejects(
    authorizedOf(redeemed(null), () => Promise.reject(new TypeError('bug')), now),
    TypeError,
  )
})

test('tokens renewed on the way are the ones that are kept', async () => {
  const authorized = await authorizedOf(
    redeemed(null),
    async (holder) => {
      await holder.save({ ...holder.current(), accessToken: 'new' })
      return { body: {}, partial: false }
    },
    now,
  )
  assert.equal(authorized.tokens.accessToken, 'new')
})

test('without any name for the consent nothing is read', async () => {
  for (const token of [
    'opaque',
    'a.b.c',
    `h.${Buffer.from('{"fdxConsentId":"../x"}').toString('base64url')}.s`,
  ])
    assert.equal((await authorizedOf(redeemed(null, token), notAsked, now)).tokens.consentId, null)
})
