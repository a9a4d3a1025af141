import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clauseOf } from '../../tests/clause.ts'
import { newThread, setLast, speakOf } from '../conversation/thread.ts'
import { named, payeeIn } from './whom.ts'

const now = Date.UTC(2026, 10, 20, 15)
const after = (name: string | null) => {
  const thread = newThread()
  if (name !== null) speakOf(thread, name, now)
  return thread
}

describe('somebody who was named before', () => {
  test('is who “her”, “le” and “lui” mean', () => {
    for (const [text, instead] of [
      ['how much have i sent her this year', 'how much have i sent to Priya this year'],
      ['did she pay me back', 'did Priya pay me back'],
      ['cuanto le e mandado este año', 'cuanto e mandado a Priya este año'],
      ['¿cuánto le mandé a ella?', '¿cuánto mandé a Priya?'],
      ['combien je lui ai envoyé cette année', 'combien j’ai envoyé à Priya cette année'],
    ] as const)
      assert.deepEqual(named(text, after('Priya'), now), { text: instead, whom: false }, text)
  })

  test('may be the shop or payer of the question before, where that is newer', () => {
    const thread = after('Priya')
    setLast(thread, { kind: 'transactions', limit: 5, merchant: 'Parcelway' }, now + 1)
    assert.equal(
      named('how much have i paid them', thread, now + 2).text,
      'how much have i paid to Parcelway',
    )
  })

  test('is asked for where nobody was; an hour later too', () => {
    for (const thread of [after(null), after('Priya')])
      assert.equal(named('how much have i sent her', thread, now + 3_600_000).whom, true)
  })

  test('is not put where a name is said, nor where an order is given', () => {
    for (const text of [
      'cuanto le pagué a la luz',
      'send her 20 bucks',
      'did they pay me yet',
      'combien j’ai envoyé à Luc',
    ])
      assert.deepEqual(named(text, after('Priya'), now), { text, whom: false }, text)
  })

  test('is learnt from an order to pay, and from nothing else', () => {
    const clause = clauseOf('send priya 20 bucks', ['pay', 0.9], { names: ['priya'] })
    assert.equal(payeeIn({ kind: 'told', about: 'pay' }, clause), 'priya')
    assert.equal(payeeIn({ kind: 'told', about: 'fees' }, clause), null)
  })
})
