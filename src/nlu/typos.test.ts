import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { withTypos } from './typos.ts'

const languages = ['en', 'es', 'fr'] as const

test('the same seed makes the same errors, and other seeds make others', () => {
  const said = 'how much money do I have in my savings account'
  assert.equal(withTypos(said, 7), withTypos(said, 7))
  const many = new Set(Array.from({ length: 40 }, (_, seed) => withTypos(said, seed)))
  assert.ok(many.size > 25)
})

test('one or two words are hurt, never the figures', () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(...languages), (seed, language) => {
      const said = 'mándale 1250 pesos a Carmen por la renta de septiembre porfa'
      const typed = withTypos(said, seed, language)
      assert.match(typed, /1250/)
      const fold = (text: string) => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '')
      const before = fold(said).split(' ')
      const lost = before.filter((word) => !fold(typed).split(' ').includes(word))
      // A missing space hurts two words at once.
      assert.ok(lost.length <= 4, typed)
    }),
  )
})

test('words too short to survive an error are left alone', () => {
  for (let seed = 0; seed < 50; seed++) assert.equal(withTypos('pay me 20', seed), 'pay me 20')
})

test('any text comes through, whatever it holds', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.nat(),
      fc.constantFrom(...languages),
      (text, seed, language) => {
        assert.ok(withTypos(text, seed, language).length <= text.length + 12)
      },
    ),
  )
})
