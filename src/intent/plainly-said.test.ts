import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clauseOf } from '../../tests/clause.ts'
import type { Guess } from '../nlu/reading.ts'
import { plainlySaid } from './plainly-said.ts'
import { wishOf } from './wish.ts'

const context = { now: Date.UTC(2026, 10, 20, 15), timeZone: 'America/New_York' }
const asked = (text: string, ...guess: readonly [Guess['name'], number]) => {
  const found = wishOf(clauseOf(text, guess), null, context)
  return found.band === 'act' ? found.ask : found.band
}
const told = (text: string) => {
  const ask = plainlySaid(text)
  return ask === null ? null : ask.kind === 'told' ? ask.about : ask.kind === 'topic' ? ask.topic : ask.kind
}

test('whether a bot speaks here is answered plainly, and is no wish for a person', () => {
  for (const text of [
    'are you human',
    'am I talking to a bot?',
    'eres humano?',
    '¿hablo con una persona?',
    't’es-tu un robot',
    'êtes-vous une vraie personne',
  ])
    assert.equal(told(text), 'robot', text)
  for (const text of [
    'can I talk to a real person',
    'quiero hablar con una persona',
    'parler à une personne',
  ])
    assert.equal(told(text), null, text)
})

test('sold data, due dates, a new account, an account to be closed', () => {
  for (const [text, about] of [
    ['vous vendez mes données?', 'sold'],
    ['do you sell my data', 'sold'],
    ['¿venden mis datos?', 'sold'],
    ['cuándo tengo que pagar', 'due'],
    ['fecha de pago', 'due'],
    ['when is my card payment due', 'due'],
    ['quand est-ce que je dois payer ma carte', 'due'],
    ['ouvrir un compte?', 'new-account'],
    ['quiero abrir una cuenta', 'new-account'],
    ['open a savings account', 'new-account'],
    ['how do i open a joint account', 'new-account'],
    ['open my account', null],
    ['payments due this week', 'due'],
    ['my rent is due and i can’t pay', null],
    ['cancela mi cuenta', 'topic:terminate_account'],
    ['ferme mon compte', 'topic:terminate_account'],
    ['open an account for my son', null],
    ['cancela mi cuenta de netflix', null],
    ['cuándo pagué la renta', null],
  ] as const)
    assert.equal(told(text), about, text)
})

test('whether the platform sees what is shown is answered yes or no; that it should not is no question', () => {
  for (const text of [
    'est-ce que facebook voit mes soldes',
    'can messenger see my balance?',
    'does Meta read what I spend',
    '¿facebook puede ver mi saldo?',
    'messenger sabe cuánto gasto o lo que gasto',
  ])
    assert.equal(told(text), 'seen', text)
  for (const text of [
    'I don’t want facebook to see my balance',
    'no quiero que facebook vea mi saldo',
    'stop letting facebook see my stuff',
    'facebook payments this month',
    'cuánto gasté en facebook',
  ])
    assert.equal(told(text), null, text)
})

test('“c’tu safe votre patente” is about us, and nothing to chat about', () => {
  for (const text of [
    'c tu safe votre patente',
    'c’est-tu sécuritaire?',
    'is this thing safe?',
    'is messenger safe for banking',
    'es seguro esto',
    'esto es seguro?',
  ])
    assert.equal(told(text), 'safe', text)
  for (const text of [
    'is it safe to pay Tom',
    'c’est sûr que je veux mon solde',
    'seguro de auto',
    'is my order safe',
  ])
    assert.equal(told(text), null, text)
})

test('whether anything was given back is a question about money that came', () => {
  for (const text of [
    'me an devuelto algo últimamente',
    'did anyone refund me lately',
    'on m’a-tu remboursé',
  ])
    assert.deepEqual(asked(text, 'complaint', 0.5), { kind: 'income', refunds: true }, text)
  for (const text of ['no me han devuelto mi dinero', 'they have not refunded me', 'on m’a pas remboursé'])
    assert.deepEqual(asked(text, 'dispute', 0.95), { kind: 'told', about: 'dispute' }, text)
})

test('small talk has words by its kind, where the model takes it for small talk', () => {
  assert.deepEqual(asked('cuéntame un chiste', 'smalltalk', 1), { kind: 'told', about: 'joke' })
  assert.deepEqual(asked('te amo', 'smalltalk', 1), { kind: 'told', about: 'kind' })
  assert.deepEqual(asked('c’est ma fête', 'smalltalk', 0.9), { kind: 'told', about: 'birthday' })
  assert.deepEqual(asked('how much on my birthday', 'spending', 0.9), {
    kind: 'spending',
    period: { from: '2026-10-22', to: '2026-11-20' },
  })
})

test('payments by themselves are a list, and no hardship', () => {
  for (const text of ['mes paiements', 'pagos a Priya', 'mis compras'])
    assert.equal((asked(text, 'hardship', 0.88) as { kind: string }).kind, 'transactions', text)
  for (const text of ['payments I can’t make', 'mis pagos que no puedo hacer'])
    assert.deepEqual(asked(text, 'hardship', 0.88), { kind: 'told', about: 'hardship' }, text)
})

test('the emergency number is for danger alone', () => {
  assert.deepEqual(asked('no puedo pagar mis cuentas', 'hardship', 1), { kind: 'told', about: 'hardship' })
  assert.deepEqual(asked('mi pareja me pega y no tengo dinero', 'hardship', 1), {
    kind: 'told',
    about: 'hardship-danger',
  })
})
