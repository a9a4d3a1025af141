import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ask } from './ask.ts'
import { fixedWords } from './rights.ts'

const kindOf = (text: string) => fixedWords(text)?.ask.kind ?? null

test('the words for rights work however they are typed, in three languages', () => {
  for (const [text, kind] of [
    ['balance', 'balance'],
    ['  BALANCE!! ', 'balance'],
    ['Help', 'help'],
    ['?', 'help'],
    ['agent', 'person'],
    ['I want to talk to a real person', 'person'],
    ['STOP', 'stop'],
    ['please stop sending me things', 'stop'],
    ['unlink my account', 'unlink'],
    ['Saldo.', 'balance'],
    ['¿Cuál es mi saldo?', 'balance'],
    ['AYÚDAME', 'help'],
    ['quiero hablar con una persona', 'person'],
    ['Basta', 'stop'],
    ['desvincular mi cuenta', 'unlink'],
    ['solde svp', 'balance'],
    ['Aide', 'help'],
    ['parler à quelqu’un', 'person'],
    ['arrêtez de m’écrire', 'stop'],
    ['me déconnecter', 'unlink'],
  ] as const)
    assert.equal(kindOf(text), kind, text)
})

test('a right is a whole message: inside a sentence it is left to be read, so that it takes nothing along', () => {
  for (const text of [
    'stop and send 20 to Ana',
    'what is my balance at noon',
    'help me pay Ana',
    'unlink Ana',
  ])
    assert.equal(fixedWords(text), null, text)
})

test('a word says which language is spoken, unless two share it', () => {
  assert.equal(fixedWords('saldo')?.language, 'es')
  assert.equal(fixedWords('solde')?.language, 'fr')
  assert.equal(fixedWords('balance')?.language, 'en')
  for (const shared of ['stop', 'agent', 'menu', 'permissions', 'bye'])
    assert.equal(fixedWords(shared)?.language, null, shared)
})

test('a language is chosen in its own words or in ours', () => {
  for (const [text, tag] of [
    ['Español', 'es-US'],
    ['in spanish', 'es-US'],
    ['en français, svp', 'fr-CA'],
    ['English please', 'en-US'],
    ['can you speak French?', 'fr-CA'],
    ['¿podemos hablar en inglés?', 'en-US'],
    ['je préfère écrire en espagnol', 'es-US'],
    ["I don't speak French", 'en-US'],
    ['no hablo inglés', 'es-US'],
    ['je ne parle pas anglais', 'fr-CA'],
  ] as const)
    assert.deepEqual(fixedWords(text)?.ask, { kind: 'language', tag }, text)
})

test('a language that is only mentioned is not chosen', () => {
  for (const text of [
    'how much did I spend at the French bakery last week',
    'english breakfast tea',
    'english and french',
  ])
    assert.equal(fixedWords(text), null, text)
})

test('a thumbs-up is a thank-you and never a yes; other signs are not guessed at', () => {
  for (const text of ['👍', '👍🏽', '❤️', '🙏 🙏', '✅']) assert.equal(kindOf(text), 'thanks', text)
  for (const text of ['🍕', '👍🍕', '', '…']) assert.equal(kindOf(text), 'unclear', text)
})

test('no text makes it fail, and every answer is one of the closed list', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), (text) => {
      const fixed = fixedWords(text)
      return fixed === null || ask.safeParse(fixed.ask).success
    }),
  )
})
