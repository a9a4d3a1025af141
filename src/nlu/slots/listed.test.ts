import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { clausesOf } from '../clauses.ts'
import type { Language } from '../reading.ts'
import { listedIn, spokenFor } from './listed.ts'

const ctx = (language: Language) => ({
  now: Date.UTC(2026, 10, 20, 15),
  timeZone: 'America/New_York',
  language,
  currency: 'USD',
})
/** `groceries | Starbucks`, with `vs` where one is held against the other; `-` where nothing is listed. */
function listed(language: Language, text: string): string {
  const { clauses } = clausesOf(text, ctx(language))
  const [clause] = clauses
  assert.ok(clause && clauses.length === 1, text)
  const found = listedIn(clause.text, spokenFor(clause))
  if (found === null) return '-'
  assert.equal(clause.text.slice(...found.at), found.said)
  return found.of
    .map((one) => ('category' in one ? one.category : one.name))
    .join(found.versus ? ' vs ' : ' | ')
}

test('several shops or kinds in one question, in three languages', () => {
  for (const [language, text, wanted] of [
    ['en', 'how much on groceries and restaurants last month', 'groceries | restaurants'],
    ['en', 'uber and lyft this year', 'uber | lyft'],
    ['en', 'Netflix, Spotify and Disney', 'Netflix | Spotify | Disney'],
    ['en', 'show payments at Starbucks and Dunkin', 'Starbucks | Dunkin'],
    ['en', 'payments at H&M and 7-Eleven', 'H&M | 7-Eleven'],
    ['en', 'coffee, gas, groceries and eating out', 'coffee | fuel | groceries | restaurants'],
    ['en', 'starbucks & groceries in march', 'starbucks | groceries'],
    ['es', 'gasolina y comida', 'fuel | restaurants'],
    ['es', 'cuánto gasté en uber y en la farmacia', 'uber | health'],
    ['es', 'y el super y la gasolina?', 'groceries | fuel'],
    ['es', 'cuánto gasté entre uber y didi', 'uber | didi'],
    ['fr', 'épicerie et restos en mars', 'groceries | restaurants'],
    ['fr', "combien à l'épicerie et au resto le mois dernier", 'groceries | restaurants'],
    ['fr', 'les paiements chez Metro et Tim Hortons', 'Metro | Tim Hortons'],
  ] as const)
    assert.equal(listed(language, text), wanted, text)
})

test('two held against each other are no sum', () => {
  for (const [language, text, wanted] of [
    ['en', 'groceries vs restaurants', 'groceries vs restaurants'],
    ['en', 'do i spend more on groceries or restaurants', 'groceries vs restaurants'],
    ['en', 'difference between gas and groceries', 'fuel vs groceries'],
    ['en', 'compare groceries and restaurants with last month', 'groceries | restaurants'],
    ['es', 'gasté más en comida o en gasolina', 'restaurants vs fuel'],
    ['fr', 'épicerie contre restos ce mois-ci', 'groceries vs restaurants'],
  ] as const)
    assert.equal(listed(language, text), wanted, text)
})

test('what is one thing, or no shop at all, is no list', () => {
  for (const [language, text] of [
    ['en', 'clothes and shoes'],
    ['en', 'how much for gas and electric'],
    ['en', 'stop and shop'],
    ['en', 'my checking and savings'],
    ['en', 'hey, uber last month'],
    ['en', 'groceries in march and april'],
    ['en', 'over 20 and under 50'],
    ['en', 'thanks and bye'],
    ['es', 'este mes y el mes pasado'],
    ['fr', 'entre 20 et 50 $'],
  ] as const)
    assert.equal(listed(language, text), '-', text)
})

test('no text breaks it, and what it finds stands in the text', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom('and', 'y', 'et', ',', '&', 'vs', 'uber', 'café', 'gas', '7', "l'", '-', '🙂', 'H'),
      ),
      (words) => {
        const text = words.join(' ')
        const found = listedIn(text, [])
        if (found) assert.ok(text.includes(found.said) && found.of.length >= 2)
      },
    ),
  )
})
