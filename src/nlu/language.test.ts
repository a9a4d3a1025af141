import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import fc from 'fast-check'
import { languageOf, profileOf, readProfile } from './language.ts'
import { profile } from './language-profile.ts'
import type { Language } from './reading.ts'

const files: Readonly<Record<Language, string>> = { en: 'en-US', es: 'es-US', fr: 'fr-CA' }

/** Sentences of one training file. */
async function sentencesOf(language: Language): Promise<string[]> {
  const text = await readFile(new URL(`../../nlu/own/${files[language]}.train.csv`, import.meta.url), 'utf8')
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.slice(0, line.lastIndexOf(',')))
    .map((field) => (field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field))
}
const all = async (): Promise<Record<Language, string[]>> => ({
  en: await sentencesOf('en'),
  es: await sentencesOf('es'),
  fr: await sentencesOf('fr'),
})

test('each language is known by a few words', () => {
  const cases: readonly (readonly [Language, string])[] = [
    ['en', "what's my balance"],
    ['en', 'lost my card'],
    ['en', 'hello'],
    ['en', 'send Ana 20'],
    ['es', '¿cuánto gasté en el súper?'],
    ['es', 'gracias'],
    ['es', 'y el mes pasado?'],
    ['fr', 'combien jai dépensé'],
    ['fr', 'et hier?'],
    ['fr', 'c koi mon solde'],
  ]
  for (const [language, text] of cases) assert.deepEqual(languageOf(text), { language, sure: true }, text)
})

test('what several languages could have said changes nothing', () => {
  for (const text of ['500', 'ok', 'balance', 'transactions', 'Visa', '👍', '', 'Netflix', '3/4'])
    assert.equal(languageOf(text).sure, false, text)
})

test('one short message of words that are nobody’s own turns no chat into another language', () => {
  for (const text of [
    'average per visit?',
    'q1',
    'q3 spending',
    'restaurants q1',
    'avg per trip',
    'par visite',
    'promedio',
  ])
    assert.equal(languageOf(text).sure, false, text)
  for (const [text, language] of [
    ['per week', 'en'],
    ['por semana', 'es'],
    ['par semaine', 'fr'],
    ['mis pagos', 'es'],
    ['paiements', 'fr'],
    ['ma carte', 'fr'],
  ] as const)
    assert.deepEqual(languageOf(text), { language, sure: true }, text)
})

test('the name of a shop speaks no language, nor does a word that all say', () => {
  for (const text of ['Palm & Pour', 'stop', 'agent', 'fraude', 'asdfgh', '???'])
    assert.equal(languageOf(text).sure, false, text)
  assert.deepEqual(languageOf('payments at Palm & Pour'), { language: 'en', sure: true })
})

test('mixed languages count as the one that prevails', () => {
  assert.equal(languageOf('cuánto gasté en groceries el mes pasado').language, 'es')
  assert.equal(languageOf('how much did I spend en el súper this week').language, 'en')
})

test('the profile is that of the training sentences', async () => {
  assert.equal(profileOf(await all()), profile)
})

test('sentences kept apart from the profile are told apart', async () => {
  const sentences = await all()
  const part = (rest: (at: number) => boolean): Record<Language, string[]> => ({
    en: sentences.en.filter((_, at) => rest(at)),
    es: sentences.es.filter((_, at) => rest(at)),
    fr: sentences.fr.filter((_, at) => rest(at)),
  })
  const table = readProfile(profileOf(part((at) => at % 5 !== 0)))
  const held = part((at) => at % 5 === 0)
  for (const language of ['en', 'es', 'fr'] as const) {
    // The files hold sentences of the neighbours' on purpose, about one in twenty.
    const right = held[language].filter(
      (sentence) => languageOf(sentence, table).language === language,
    ).length
    assert.ok(right / held[language].length >= 0.88, `${language}: ${right} of ${held[language].length}`)
  }
})

test('any text has a language', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) =>
      ['en', 'es', 'fr'].includes(languageOf(text).language),
    ),
  )
})
