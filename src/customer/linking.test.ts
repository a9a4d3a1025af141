import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshDatabase } from '../../tests/database.ts'
import { contactRef, customerKeys, newDataKey } from './contact.ts'
import {
  linkingLifeMs,
  linkingOfCode,
  linkingOfCookie,
  moveLinking,
  newChatCode,
  openLinking,
  startLinking,
} from './linking.ts'

const now = Date.UTC(2026, 10, 20, 12)
const contact = contactRef({ channel: 'messenger', account: '1', user: '2' }, 64)
const other = contactRef({ channel: 'messenger', account: '1', user: '3' }, 64)
const { box } = customerKeys(newDataKey())
const start = { redirectUri: 'https://www.facebook.com/x', chatCode: '1234-AB' }

test('a linking belongs to the browser that started it, and to nobody who guesses', async () => {
  await using db = await freshDatabase()
  const { cookie, linking } = await startLinking(db.pool, contact, box, start, now)
  const found = await linkingOfCookie(db.pool, cookie, now)
  assert.ok(found)
  assert.deepEqual(found.contact, contact)
  assert.equal(openLinking(found.row, contact, box).body.chatCode, '1234-AB')
  for (const wrong of [
    undefined,
    '',
    cookie.slice(0, -1),
    cookie.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A')),
    `9${cookie}`,
    "1.lnk_'; drop table x;--.y",
  ])
    assert.equal(await linkingOfCookie(db.pool, wrong, now), null, String(wrong))
  assert.equal(await linkingOfCookie(db.pool, cookie, now + linkingLifeMs + 1), null)
  assert.equal(linking.step, 'bank')
})

test('a linking moves on once from each step: a double click moves nothing', async () => {
  await using db = await freshDatabase()
  const { linking } = await startLinking(db.pool, contact, box, start, now)
  assert.equal(await moveLinking(db.pool, linking, box, { step: 'at-bank', body: linking.body }), true)
  assert.equal(await moveLinking(db.pool, linking, box, { step: 'at-bank', body: linking.body }), false)
})

test('a code is found for the contact it was made for, and for no other chat', async () => {
  await using db = await freshDatabase()
  const { linking } = await startLinking(db.pool, contact, box, start, now)
  await moveLinking(db.pool, linking, box, {
    step: 'agreed',
    body: linking.body,
    code: 'the-code',
    expiresAt: now + 1000,
  })
  assert.ok(await linkingOfCode(db.pool, contact, 'the-code', now))
  assert.equal(await linkingOfCode(db.pool, other, 'the-code', now), null)
  assert.equal(await linkingOfCode(db.pool, contact, 'another', now), null)
  assert.equal(await linkingOfCode(db.pool, contact, 'the-code', now + 1001), null)
})

test('a code to compare has no letters that look like digits', () => {
  for (let i = 0; i < 200; i++) assert.match(newChatCode(), /^\d{4}-[ACDEFHJKMNPRTVWXY]{2}$/)
})
