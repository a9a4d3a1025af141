import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { encodeSend } from '../channel/messenger/encode.ts'
import { isRefusal } from '../core/refusal.ts'
import { openWords } from '../core/words.ts'
import { commitment } from '../tlog/verify.ts'
import type { Answer } from './answer.ts'
import { canonicalJson } from './canonical.ts'
import { compilePolicy } from './compile.ts'
import { fact } from './fact.ts'
import { readPolicy } from './policy.ts'
import { prepare, type PrepareContext } from './prepare.ts'

const now = Date.parse('2026-11-20T19:02:33Z')
const read = readPolicy(readFileSync(new URL('../../policies/harbor.json', import.meta.url), 'utf8'))
if (isRefusal(read)) assert.fail()
const policy = compilePolicy(read)
const subjectKey = Buffer.alloc(32, 9)
const grant = {
  grantId: 'grt_1',
  version: 3,
  state: 'active',
  channel: 'messenger',
  institution: 'harbor',
  validUntil: now + 1,
  accounts: 'all',
  items: { balance: 'say' },
} as const

const context = (of: Partial<PrepareContext> = {}): PrepareContext => ({
  to: { channel: 'messenger', account: '100200', user: '730001' },
  channel: { encode: (request) => encodeSend(request, { kind: 'messenger', httpsOnly: true }) },
  route: 'response',
  state: 'open',
  policy,
  grant,
  once: false,
  now,
  words: openWords('en-US'),
  timeZone: 'America/New_York',
  institutionName: 'Harbor Bank',
  links: { card: 'https://gate.example/card/crd_1' },
  subjectKey,
  ...of,
})
const balance: Answer = {
  purpose: 'balance',
  institution: 'harbor',
  because: 'asked',
  lines: [
    {
      key: 'balance.said',
      needs: {
        account: fact('account.nickname', { type: 'text', text: 'Everyday' }, 'acc-1'),
        available: fact(
          'balance.available',
          { type: 'money', money: { amountMinor: 234_018, currency: 'USD' } },
          'acc-1',
        ),
      },
    },
  ],
  masked: { ready: 'balance.masked' },
}
const help: Answer = { purpose: null, institution: null, because: 'asked', lines: [{ key: 'help.text' }] }

type Entry = Record<string, unknown> & { commit: string; subject: string; grant: string | null; t: number }
const entryIn = (bytes: Buffer): Entry => JSON.parse(bytes.toString()) as Entry

test('a draft commits to the exact bytes that are sent, and only its opening shows them', () => {
  const draft = prepare(balance, context())
  assert.ok(draft)
  const entry = entryIn(draft.entry)
  assert.equal(
    entry.commit,
    commitment(draft.opening.salt, Buffer.from(draft.opening.payload)).toString('hex'),
  )
  assert.equal(entry.subject, createHmac('sha256', subjectKey).update(draft.id).digest('hex'))
  assert.equal(entry.grant, createHmac('sha256', draft.opening.salt).update('grant\ngrt_1\n3').digest('hex'))
  const payload = JSON.parse(draft.opening.payload) as { body: string; id: string }
  assert.equal(payload.body, draft.body)
  assert.equal(payload.id, draft.id)
  assert.equal(draft.opening.salt.length, 32)
  for (const secret of ['2,340', '234018', 'Everyday', 'grt_1', 'acc-1', '730001', draft.id])
    assert.ok(!draft.entry.toString().includes(secret), secret)
})

test('entries and payloads are canonical JSON, and small', () => {
  for (const draft of [prepare(balance, context()), prepare(help, context())]) {
    assert.ok(draft)
    assert.equal(canonicalJson(JSON.parse(draft.entry.toString())), draft.entry.toString())
    assert.equal(canonicalJson(JSON.parse(draft.opening.payload)), draft.opening.payload)
    assert.ok(draft.entry.length <= 1024)
  }
})

test('the entry says how far each cluster was told, what was kept back too, and only roughly when', () => {
  const said = entryIn(prepare(balance, context())?.entry ?? Buffer.from('{}'))
  assert.deepEqual([said['shown'], said['kept']], [{ accounts: 'say', balances: 'say' }, {}])
  assert.equal(said.t % 900, 0)
  const kept = entryIn(
    prepare(balance, context({ grant: { ...grant, items: { balance: 'mask' } } }))?.entry ??
      Buffer.from('{}'),
  )
  assert.deepEqual(
    [kept['shown'], kept['kept']],
    [
      { accounts: 'mask', balances: 'mask' },
      { accounts: 1, balances: 1 },
    ],
  )
})

test('the diary names what was told and what was kept, in keys', () => {
  const said = prepare(balance, context())?.diary
  assert.deepEqual(
    said?.told.map(({ name }) => name),
    ['field.account.nickname', 'field.balance.available'],
  )
  assert.equal(said?.summary, 'diary.said')
  const kept = prepare(balance, context({ grant: { ...grant, items: { balance: 'mask' } } }))?.diary
  assert.deepEqual(
    kept?.kept.map(({ name, bound }) => [name, bound]),
    [
      ['field.account.nickname', 'grant'],
      ['field.balance.available', 'grant'],
    ],
  )
  assert.deepEqual(kept?.said, ['balance.masked', 'masked.you-chose'])
})

test('a message relies on a grant only when it tells something under it', () => {
  const said = prepare(balance, context())
  assert.deepEqual(
    [said?.grantId, said?.grantVersion, said?.disclosed, said?.policyVersion],
    ['grt_1', 3, true, 1],
  )
  const refused = prepare(balance, context({ grant: { ...grant, state: 'withdrawn' } }))
  assert.deepEqual([refused?.grantId, refused?.disclosed], [null, false])
  const words = prepare(help, context())
  assert.deepEqual(
    [words?.grantId, words?.disclosed, words?.policyVersion, words?.diary.summary],
    [null, false, null, null],
  )
})

test('the same message twice looks unrelated in the log', () => {
  const [a, b] = [prepare(balance, context()), prepare(balance, context())].map((draft) =>
    entryIn(draft?.entry ?? Buffer.from('{}')),
  )
  assert.ok(a && b)
  assert.notEqual(a.commit, b.commit)
  assert.notEqual(a.subject, b.subject)
  assert.notEqual(a.grant, b.grant)
})
