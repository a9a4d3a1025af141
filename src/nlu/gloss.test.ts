import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { gloss, glossHash, spelled } from './gloss.ts'

test('what customers write comes out as words the encoder knows', () => {
  assert.equal(gloss('me robaron la tarjeta de crédito', 'es'), 'they stole credit card')
  assert.equal(gloss('¿Ya me depositaron?', 'es'), '¿ they deposited me ?')
  assert.equal(gloss("j'ai perdu ma carte", 'fr'), 'i lost my card')
  assert.equal(gloss("arrêtez de m'écrire svp", 'fr'), 'stop writing to me please')
  assert.equal(gloss('whats my bal rn', 'en'), 'what is my balance right now')
})

test('the longest entry wins', () => {
  assert.equal(gloss('no quiero', 'es'), 'i do not want')
  assert.equal(gloss('ya no quiero', 'es'), 'i no longer want')
})

test('accents, case and apostrophes make no difference', () => {
  assert.equal(gloss('CUÁNTO DEBO', 'es'), gloss('cuanto debo', 'es'))
  assert.equal(gloss('J’AI PERDU', 'fr'), gloss("j'ai perdu", 'fr'))
})

test('a slip of the thumb or the ear is put right', () => {
  assert.equal(spelled('trjeta', 'es'), 'tarjeta')
  assert.equal(gloss('kiero', 'es'), gloss('quiero', 'es'))
  assert.equal(gloss('ma crate', 'fr'), gloss('ma carte', 'fr'))
  assert.equal(spelled('my blance', 'en').split(' ')[0], 'my')
  assert.equal(spelled('cancelpayment', 'en'), 'cancel payment')
  assert.equal(gloss('jaimerais', 'fr'), gloss("j'aimerais", 'fr'))
})

test('of two words that a slip may be of, it is the likelier slip of the word that is said more', () => {
  // The letter beside it of "shop", another one of "stop"; "mondey" has one too many of "money", which is said more.
  assert.equal(spelled('a sjop', 'en'), 'a shop')
  assert.equal(spelled('my mondey', 'en'), 'my money')
  assert.equal(spelled('one momnet', 'en'), 'one moment')
  assert.equal(spelled('mi tarjrta', 'es'), 'mi tarjeta')
  assert.equal(spelled('ma crte', 'fr'), 'ma carte')
})

test('conjugated verbs with their pronouns are known', () => {
  assert.equal(gloss('devolviéndomelo', 'es'), 'return me it')
  assert.match(gloss('transfiérele', 'es'), /^(transfer|send) him$/)
  assert.match(gloss('vous annulez', 'fr'), /cancel$/)
})

test('figures, emoji and unknown names stay as they are', () => {
  assert.equal(gloss('envoie 1250,50 à Xzqwk 🙏', 'fr').includes('1250,50'), true)
  assert.match(gloss('envoie 20 à Xzqwk 🙏', 'fr'), /xzqwk 🙏$/)
})

test('any text is glossed in bounded time and space', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 3000 }),
      fc.constantFrom('en' as const, 'es' as const, 'fr' as const),
      (text, language) => {
        assert.ok(gloss(text, language).length < 12_000)
      },
    ),
  )
})

test('the words have a name that changes with them', () => {
  assert.match(glossHash(), /^[0-9a-f]{64}$/)
})
