import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { newThread } from '../conversation/thread.ts'
import type { Contact } from './contacts.ts'
import { undo, type Work } from './work.ts'

/** A batch with one event of a person, begun when the thread was new; the thread has changed since. */
function batchWith(waits: boolean): { readonly work: Work<string>; readonly contact: Contact } {
  const contact = { thread: newThread(), touched: true, reading: true } as Contact
  const work = {
    before: new Map([['ana', { contact, thread: { ...contact.thread }, touched: false }]]),
    shares: [{ job: { type: 'event' }, contact, waits, later: null }],
  } as unknown as Work<string>
  contact.thread.misses = 7
  return { work, contact }
}

describe('a batch that was not written', () => {
  test('takes back what its turns changed in memory', () => {
    const { work, contact } = batchWith(false)
    undo(work, new Set([contact]))
    assert.equal(contact.thread.misses, 0)
    assert.equal(contact.touched, false)
  })

  test('leaves alone what a turn that was still reading changed, for it only kept what came behind it', () => {
    const { work, contact } = batchWith(true)
    undo(work, new Set([contact]))
    assert.equal(contact.thread.misses, 7)
    assert.equal(contact.touched, true)
    assert.equal(contact.reading, true)
  })
})
