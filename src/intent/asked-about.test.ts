import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clauseOf } from '../../tests/clause.ts'
import { grantOf, harbor, now, shipped } from '../../tests/counter.ts'
import { newThread } from '../conversation/thread.ts'
import type { Exposure } from '../consent/exposure.ts'
import type { Guess } from '../nlu/reading.ts'
import { asksWhatThen } from './asked-about.ts'
import type { Caller, CounterDeps } from './caller.ts'
import { plainlySaid } from './plainly-said.ts'
import { bankKeeps, onPutBack, seenBy } from './why-kept.ts'
import { wishOf } from './wish.ts'

const context = { now, timeZone: 'America/New_York' }
const told = (text: string) => {
  const ask = plainlySaid(text)
  return ask?.kind === 'told' ? ask.about : null
}
const asked = (text: string, ...guess: readonly [Guess['name'], number]) => {
  const wish = wishOf(clauseOf(text, guess), null, context)
  return wish.band === 'act' && wish.ask.kind === 'told' ? wish.ask.about : wish.band
}

test('what an erasure would do is asked in many words, and a money question is none of them', () => {
  for (const text of [
    'wait what happens if i do that',
    'what gets deleted',
    '¿qué pasa si lo hago?',
    'qu’est-ce qui se passe si je fais ça',
    'il se passe quoi après',
  ])
    assert.equal(asksWhatThen(text), true, text)
  for (const text of ['what did I spend', 'whats my balance', 'cuanto tengo', 'combien j’ai'])
    assert.equal(asksWhatThen(text), false, text)
})

test('opening hours are the bank’s, and no question of money', () => {
  for (const text of [
    'no thanks not linking. what are your opening hours',
    'what time do you open',
    'a qué hora abren',
    'horario',
    'vos heures d’ouverture',
  ])
    assert.equal(told(text), 'hours', text)
  for (const text of ['open an account', 'how much did I spend at Corner Store hours ago'])
    assert.notEqual(told(text), 'hours', text)
})

test('whoever is angry about a price is heard, and is not sent to the price list', () => {
  for (const text of [
    'third time i got charged $35 overdraft fee, you people are thieves',
    'otra vez me cobraron comisión, son unos ladrones',
    'encore des frais, bande de voleurs',
  ])
    assert.equal(asked(text, 'fees', 0.9), 'complaint', text)
  assert.equal(asked('how much is the overdraft fee', 'fees', 0.9), 'fees')
})

describe('what Messenger sees', () => {
  test('is asked of the answer just given, too', () => {
    for (const text of [
      'does facebook see that now?',
      '¿eso lo ve facebook?',
      'facebook voit ça?',
      'can meta see it',
    ])
      assert.equal(told(text), 'seen', text)
  })

  const caller = { address: { channel: 'messenger' }, thread: newThread() } as unknown as Caller
  const deps = (bank: 'harbor' | 'granite', item: Exposure) => {
    const policy = bank === 'harbor' ? harbor : shipped('granite')
    return {
      counters: new Map([[bank, { id: bank, policy }]]),
      money: async () => ({
        links: [{ institution: bank, tokens: null }],
        grants: [grantOf({ policy, item })],
      }),
    } as unknown as CounterDeps
  }

  test('is nothing but what was shown on purpose, where figures are kept out', async () => {
    assert.equal(await seenBy(caller, deps('harbor', 'mask'), now), 'seen-hidden')
    assert.equal(await seenBy(caller, deps('harbor', 'say'), now), 'seen')
  })

  test('“show it again” shows no figure that is hidden, and what is shown once more', async () => {
    const last = { kind: 'balance' } as const
    for (const text of ['ok show it again', 'bueno ya ponlo otra vez', 'ok c’est beau remets les']) {
      const hidden = await onPutBack(caller, text, last, deps('harbor', 'mask'), now)
      assert.deepEqual(hidden?.ask, { kind: 'told', about: 'showing' }, text)
      const shown = await onPutBack(caller, text, last, deps('harbor', 'say'), now)
      assert.deepEqual(shown?.ask, last, text)
    }
    assert.equal(await onPutBack(caller, 'whats my balance', last, deps('harbor', 'mask'), now), null)
  })

  test('is the bank’s rule where its policy keeps a figure, and is never called the customer’s choice', async () => {
    const question = { kind: 'spending', period: { from: '2026-10-01', to: '2026-10-31' } } as const
    const kept = await bankKeeps(question, caller, deps('granite', 'say'), now)
    assert.deepEqual(kept?.answer.lines, [{ key: 'told.showing-bank' }])
    assert.equal(await bankKeeps(question, caller, deps('harbor', 'mask'), now), null)
    assert.equal(await bankKeeps(null, caller, deps('granite', 'say'), now), null)
  })
})
