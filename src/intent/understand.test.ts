import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ask } from './ask.ts'
import { askOf, understandPayload } from './understand.ts'

const from = { key: 'k', channel: 'messenger', account: 'page', user: 'u', at: 0, standby: false } as const

test('a payload that is not ours asks for nothing', () => {
  assert.equal(understandPayload('TRANSFER_ALL').kind, 'unclear')
  assert.equal(understandPayload('form:abcdef12:everything;drop').kind, 'unclear')
  assert.deepEqual(understandPayload('once:abcdef12'), { kind: 'again', handle: 'abcdef12', once: true })
  assert.deepEqual(understandPayload('form:abcdef12:yes'), { kind: 'form', handle: 'abcdef12', value: 'yes' })
  fc.assert(fc.property(fc.string(), (payload) => ask.safeParse(understandPayload(payload)).success))
})

test('text that is no fixed word is left to be read; what is not text says so; a sticker is a thank-you', () => {
  assert.deepEqual(askOf({ ...from, kind: 'text', mid: 'm', text: 'how much did I spend' } as never), {
    kind: 'text',
    text: 'how much did I spend',
  })
  const sent = (types: readonly string[]) => askOf({ ...from, kind: 'attachment', mid: 'm', types } as never)
  assert.deepEqual(sent(['image', 'sticker']), { kind: 'thanks' })
  assert.deepEqual(sent(['image']), { kind: 'unclear', about: 'not-text' })
})
