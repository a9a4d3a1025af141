import assert from 'node:assert/strict'
import { createSecretKey } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { escapeJson, signBody } from './webhook-body.ts'
import { appsecretProof } from './world.ts'

const key = createSecretKey(Buffer.from('guichet-test-secret'))

test('a body is spelled and signed as the platform does: the known vector', () => {
  const event = {
    object: 'page',
    entry: [
      {
        id: '1',
        time: 1,
        messaging: [
          {
            sender: { id: '2' },
            recipient: { id: '1' },
            timestamp: 1,
            message: { mid: 'm_1', text: 'ch\u00e8que \u{1f4b6} https://x.test' },
          },
        ],
      },
    ],
  }
  const body = escapeJson(JSON.stringify(event))
  assert.equal(body.length, 195)
  assert.equal(signBody(key, body), 'sha256=3dd4c8738f73773393a484b891fcfb0dc2de915ac9408ca901eb8a4c8e65a074')
  assert.equal(
    signBody(key, JSON.stringify(event)),
    'sha256=4d81a12212a1e33287f6ba894cfacf189ce8d0a5280c66e07bf318c7c41a00e8',
  )
})

test('whatever is written comes back unchanged, in plain ASCII', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
      const json = JSON.stringify({ value, text })
      const body = escapeJson(json)
      assert.equal(
        Buffer.from(body, 'latin1').every((byte) => byte < 0x7f),
        true,
      )
      assert.equal(Buffer.byteLength(body), body.length)
      assert.doesNotMatch(body, /[<%@]/)
      assert.deepEqual(JSON.parse(body), JSON.parse(json))
    }),
  )
})

test('appsecret_proof: the known vector', () => {
  assert.equal(
    appsecretProof('guichet-test-secret', 'PAGE_TOKEN'),
    '655acbfbcb0c3012568bbc1dae4454bda61a45a677e6408d2991c44eb3c94f82',
  )
})
