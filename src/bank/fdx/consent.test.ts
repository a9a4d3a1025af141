import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dayMs } from '../../core/clock.ts'
import { parseExact } from '../exact-json.ts'
import { grantedAccounts, grantedUntil, requestedDetails } from './consent.ts'

const at = Date.UTC(2026, 10, 20)
const sent = (value: unknown): unknown => parseExact(JSON.stringify(value))

test('no more is asked for than answers questions on money', () => {
  assert.deepEqual(requestedDetails(365, 90), [
    {
      type: 'fdx_v1.0',
      consentRequest: {
        durationType: 'TIME_BOUND',
        durationPeriod: 365,
        lookbackPeriod: 90,
        resources: [{ resourceType: 'ACCOUNT', dataClusters: ['ACCOUNT_BASIC', 'BALANCES', 'TRANSACTIONS'] }],
      },
    },
  ])
})

test('what the customer chose is read from wherever the bank puts it', () => {
  const resources = [
    { resourceType: 'ACCOUNT', resourceId: 'a1' },
    { resourceType: 'ACCOUNT', resourceId: 22 },
    { resourceType: 'CUSTOMER', resourceId: 'c1' },
    { resourceType: 'ACCOUNT', resourceId: '../x' },
    7,
  ]
  for (const value of [
    { resources },
    [{ type: 'fdx_v1.0', resources }],
    [{ consentRequest: { resources } }],
    [{ consentGrant: { resources } }],
  ])
    assert.deepEqual(grantedAccounts(sent(value)), ['a1', '22'])
  for (const value of [null, 7, [], {}, { resources: [] }, { resources: 'all' }])
    assert.equal(grantedAccounts(value), null)
})

test('the end of the consent: the bank’s word, else the days that were granted', () => {
  assert.equal(grantedUntil(sent({ expirationTime: '2027-11-20T10:00:00Z' }), at), Date.UTC(2027, 10, 20, 10))
  const days = { durationType: 'TIME_BOUND', durationPeriod: 90 }
  assert.equal(grantedUntil(sent([{ consentRequest: days }]), at), at + 90 * dayMs)
  assert.equal(grantedUntil(sent([{ consentRequest: { ...days, durationPeriod: 'x' } }]), at), null)
  assert.equal(grantedUntil(null, at), null)
})
