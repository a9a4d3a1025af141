import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dayMs, hourMs } from '../../core/clock.ts'
import type { Inbound } from '../channel.ts'
import { messengerWindow, opensWindow } from './window.ts'

const messenger = { kind: 'messenger', humanAgent: true } as const
const now = 1_790_000_000_000
const after = (age: number, options: Parameters<typeof messengerWindow>[2] = messenger) =>
  messengerWindow({ lastUserActionAt: now - age, standby: false, closed: false }, now, options)

test('within 24 hours of the last action anything may be said', () => {
  assert.deepEqual(after(0), {
    routes: ['response', 'update', 'human_agent', 'utility'],
    closesAt: now + dayMs,
  })
  assert.deepEqual(after(dayMs - 1).routes, ['response', 'update', 'human_agent', 'utility'])
})

test('after that, a person for seven days, and then only a utility template', () => {
  assert.deepEqual(after(dayMs), { routes: ['human_agent', 'utility'], closesAt: now + 6 * dayMs })
  assert.deepEqual(after(7 * dayMs - 1).routes, ['human_agent', 'utility'])
  assert.deepEqual(after(7 * dayMs), { routes: ['utility'], closesAt: null })
  assert.deepEqual(after(25 * hourMs, { kind: 'messenger', humanAgent: false }).routes, ['utility'])
})

test('who never acted can only get a utility template', () => {
  const never = { lastUserActionAt: null, standby: false, closed: false }
  assert.deepEqual(messengerWindow(never, now, messenger), { routes: ['utility'], closesAt: null })
})

test('Instagram has no utility templates', () => {
  assert.deepEqual(after(0, { kind: 'instagram', humanAgent: true }).routes, [
    'response',
    'update',
    'human_agent',
  ])
  assert.deepEqual(after(8 * dayMs, { kind: 'instagram', humanAgent: true }), { routes: [], closesAt: null })
})

test('nothing while another app owns the thread, and nothing to who has left', () => {
  for (const state of [
    { standby: true, closed: false },
    { standby: false, closed: true },
  ]) {
    assert.deepEqual(messengerWindow({ lastUserActionAt: now, ...state }, now, messenger).routes, [])
  }
})

test('the window only ever closes as time goes by, and a last action in the future does not widen it', () => {
  fc.assert(
    fc.property(fc.integer({ min: -10, max: 200 }), fc.integer({ min: 0, max: 200 }), (hours, later) => {
      const thread = { lastUserActionAt: now - hours * hourMs, standby: false, closed: false }
      const early = messengerWindow(thread, now, messenger)
      const late = messengerWindow(
        { ...thread, lastUserActionAt: Math.min(now, thread.lastUserActionAt) },
        now + later * hourMs,
        messenger,
      )
      assert.ok(late.routes.every((route) => early.routes.includes(route)))
      assert.ok(early.closesAt === null || early.closesAt <= now + 7 * dayMs)
    }),
  )
})

test('what a person does opens the window; what the Page or the platform does never', () => {
  const base = { key: 'k', channel: 'messenger', account: 'P', user: 'U', at: now, standby: false } as const
  const opens: Inbound[] = [
    { ...base, kind: 'text', mid: 'm', text: 'x' },
    { ...base, kind: 'choice', source: 'postback', mid: null, payload: 'x', title: '' },
    { ...base, kind: 'attachment', mid: 'm', types: ['image'] },
    { ...base, kind: 'reaction', mid: 'm', action: 'react', reaction: 'like' },
    { ...base, kind: 'unsupported', name: 'message' },
  ]
  const keepsClosed: Inbound[] = [
    { ...base, kind: 'echo', mid: 'm', ours: false, metadata: null },
    { ...base, kind: 'delivery', mids: [], watermark: 1 },
    { ...base, kind: 'read', watermark: 1 },
    { ...base, kind: 'linked', code: 'c' },
    { ...base, kind: 'reaction', mid: 'm', action: 'unreact', reaction: null },
    { ...base, kind: 'unsupported', name: 'message_reminder' },
    { ...base, kind: 'handover', change: 'passed', owner: '1', ours: true },
    { ...base, user: null, kind: 'optin', optinType: 'plugin', ref: null, userRef: 'r' },
  ]
  assert.deepEqual(
    opens.map(opensWindow),
    opens.map(() => true),
  )
  assert.deepEqual(
    keepsClosed.map(opensWindow),
    keepsClosed.map(() => false),
  )
})
