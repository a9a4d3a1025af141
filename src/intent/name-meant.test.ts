import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clausesOf } from '../nlu/clauses.ts'
import type { Language } from '../nlu/reading.ts'
import type { MoneyAsk } from './ask.ts'
import { nameMeant, narrows } from './name-meant.ts'
import { wishOf } from './wish.ts'

const at = { now: Date.UTC(2026, 10, 20, 15), timeZone: 'America/New_York' }
const read = (text: string, language: Language) => {
  const [first] = clausesOf(text, { ...at, language, currency: 'USD' }).clauses
  assert.ok(first)
  return { ...first, guesses: [{ name: 'smalltalk', p: 0.99 }], outOfScope: 0 } as const
}
const coffee: MoneyAsk = {
  kind: 'spending',
  category: 'coffee',
  period: { from: '2026-11-01', to: '2026-11-20' },
}
const after = (text: string, language: Language) => {
  const found = wishOf(read(text, language), coffee, at)
  return found.band === 'act' ? found.ask : found.band
}

test('a shop put right in any order of the words is asked about whole, whatever the model takes it for', () => {
  for (const [text, language, merchant] of [
    ['perdon, taqueria la luna quise decir', 'es', 'taqueria la luna'],
    ['quise decir taqueria la luna', 'es', 'taqueria la luna'],
    ['perdón, taquería la luna', 'es', 'taquería la luna'],
    ['sorry i meant harvest lane', 'en', 'harvest lane'],
    ['harvest lane i meant', 'en', 'harvest lane'],
    ['bistro le castor je voulais dire', 'fr', 'bistro le castor'],
  ] as const) {
    assert.equal(nameMeant(read(text, language)), merchant, text)
    const { category: _, ...rest } = coffee
    assert.deepEqual(after(text, language), { ...rest, merchant }, text)
  }
})

test('being sorry names no shop', () => {
  for (const [text, language] of [
    ['sorry i can’t hear you', 'en'],
    ['perdón no entiendo nada', 'es'],
    ['désolé de vous déranger', 'fr'],
    ['sorry', 'en'],
    ['perdón, el mes pasado', 'es'],
  ] as const)
    assert.equal(nameMeant(read(text, language)), null, text)
})

test('“solo Blue Heron” narrows the question before it', () => {
  for (const [text, language] of [
    ['solo blue heron', 'es'],
    ['just blue heron', 'en'],
    ['juste blue heron', 'fr'],
  ] as const) {
    const { category: _, ...rest } = coffee
    assert.deepEqual(after(text, language), { ...rest, merchant: 'blue heron' }, text)
  }
})

test('“just curious” narrows nothing', () => {
  for (const [text, language] of [
    ['just curious', 'en'],
    ['just asking', 'en'],
    ['solo curiosidad', 'es'],
    ['juste pour jaser', 'fr'],
    ['just you and me', 'en'],
    ['solo un momento', 'es'],
    ['juste une question', 'fr'],
    ['just the big ones', 'en'],
  ] as const)
    assert.equal(narrows(read(text, language)), false, text)
})
