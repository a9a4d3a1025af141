import assert from 'node:assert/strict'
import { createHmac, createSecretKey } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { isRefusal } from '../../core/refusal.ts'
import { deletionAnswer, parseUserCallback, verifyContext } from './signed-request.ts'

const secrets = [createSecretKey(Buffer.from('guichet-test-secret'))]
// The published vector of the platform reference (§10): Page 1, person 2, issued at 1504046380.
const vector =
  'mVffxCJPp3Kbpgs-eF0l6OqY0Ha-ZWChH1l0JNRxDiI.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTUwNDA0NjM4MCwicGFnZV9pZCI6MSwicHNpZCI6IjIiLCJ0aHJlYWRfdHlwZSI6IlVTRVJfVE9fUEFHRSIsInRpZCI6IjIifQ'
const issued = 1_504_046_380_000

const check = (text: string, now = issued + 1_000, account = '1') =>
  verifyContext(text, { secrets, account, now })
const refused = (text: string, now?: number, account?: string): string => {
  const result = check(text, now, account)
  return isRefusal(result) ? result.refused : 'accepted'
}
const payload = {
  algorithm: 'HMAC-SHA256',
  issued_at: issued / 1000,
  page_id: 1,
  psid: '2',
  thread_type: 'USER_TO_PAGE',
}
function sign(content: string | object, secret = 'guichet-test-secret'): string {
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  const encoded = Buffer.from(text).toString('base64url')
  return `${createHmac('sha256', secret).update(encoded).digest('base64url')}.${encoded}`
}

test('the signed_request vector names its person', () => {
  const result = check(vector)
  assert.ok(!isRefusal(result))
  assert.equal(result.psid, '2')
  assert.equal(result.issuedAt, issued)
  assert.match(result.useKey, /^[0-9a-f]{64}$/)
})

test('each check refuses alone', () => {
  assert.equal(refused(sign(payload)), 'accepted')
  assert.equal(refused(vector, issued + 300_001), 'expired')
  assert.equal(refused(vector, issued - 60_001), 'expired')
  assert.equal(refused(vector, issued + 1, '3'), 'wrong_page')
  assert.equal(refused(sign(payload, 'other')), 'bad_signature')
  assert.equal(refused(`${vector.slice(0, -1)}R`), 'bad_signature')
  assert.equal(refused(sign({ ...payload, algorithm: 'none' })), 'wrong_algorithm')
  assert.equal(refused(sign({ ...payload, algorithm: undefined })), 'wrong_algorithm')
  assert.equal(refused(sign({ ...payload, thread_type: 'GROUP' })), 'wrong_thread')
  assert.equal(refused(sign({ ...payload, thread_type: 'USER_TO_USER' })), 'wrong_thread')
  assert.equal(refused(sign({ ...payload, psid: null })), 'malformed')
  assert.equal(refused(sign({ ...payload, issued_at: 'now' })), 'malformed')
  assert.equal(refused(sign('[1]')), 'malformed')
  assert.equal(refused(sign('{')), 'malformed')
  for (const text of ['', '.', 'a.b', `${vector}.x`, vector.replace('.', '..'), `${vector}=`, ` ${vector}`]) {
    assert.equal(refused(text), 'malformed', text)
  }
})

test('a page id beyond 2^53 keeps its digits', () => {
  const text = JSON.stringify(payload).replace('"page_id":1', '"page_id":10156012345678901999')
  assert.equal(refused(sign(text), issued, '10156012345678901999'), 'accepted')
  assert.equal(refused(sign(text), issued, '10156012345678902000'), 'wrong_page')
})

test('whatever is given, it refuses and does not throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json().map((text) => sign(text)),
        fc.base64String(),
      ),
      (text) => {
        assert.notEqual(refused(text), 'accepted')
      },
    ),
  )
})

test('a deletion callback names the app-scoped person, once and signed', () => {
  const signed = sign({ algorithm: 'HMAC-SHA256', issued_at: issued / 1000, user_id: '218471' })
  const ask = (form: string, now = issued) => {
    const result = parseUserCallback(form, { secrets, now })
    return isRefusal(result) ? result.refused : result.appScopedUser
  }
  assert.equal(ask(`signed_request=${signed}`), '218471')
  assert.equal(ask(`signed_request=${signed}&signed_request=${signed}`), 'malformed')
  assert.equal(ask('other=1'), 'malformed')
  assert.equal(ask(`signed_request=${sign({ ...payload, user_id: '1' }, 'other')}`), 'bad_signature')
  assert.equal(ask(`signed_request=${signed}`, issued + 25 * 3_600_000), 'expired')
  assert.equal(ask(`signed_request=${sign(payload)}`), 'malformed')
  assert.deepEqual(JSON.parse(deletionAnswer('https://bank.test/deletion?id=a', 'a')), {
    url: 'https://bank.test/deletion?id=a',
    confirmation_code: 'a',
  })
})
