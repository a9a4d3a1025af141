import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import enUS from '../../words/en-US.json' with { type: 'json' }
import { fieldNames } from '../consent/field.ts'
import { purposeNames, purposes } from '../consent/purpose.ts'
import { languageTags, openWords, spokenLocale, tagOf, wordsIn, type WordKey } from './words.ts'

const words = openWords('en-US')
const keys = Object.keys(enUS) as WordKey[]
const files = globSync('src/**/*.ts', { cwd: new URL('../..', import.meta.url) }).filter(
  (file) => !file.endsWith('.test.ts'),
)
const sources = files.map((file) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'))

/** Keys made of a closed list rather than written out. */
const families = /^(field|purpose|platform|account-type|transaction-status|offer)\./

test('every sentence can be said: it compiles, and fits beside buttons', () => {
  for (const key of keys) {
    const params = Object.fromEntries([...enUS[key].matchAll(/\{(\w+)/g)].map(([, name]) => [name ?? '', 2]))
    const text = words.t(key, params)
    assert.ok(text.length > 0 && text.length <= 420, key)
    assert.doesNotMatch(text, /[{}]|undefined/, key)
  }
})

test('buttons are at most 20 characters', () => {
  for (const key of keys) if (key.startsWith('button.')) assert.ok(enUS[key].length <= 20, key)
})

test('no sentence shouts, decorates, or blames', () => {
  for (const key of keys) {
    assert.doesNotMatch(enUS[key], /!|\p{Extended_Pictographic}/u, key)
    assert.doesNotMatch(enUS[key], /error|denied|invalid|failed|consent/i, key)
  }
})

test('every key that code names exists', () => {
  for (const name of purposeNames) assert.ok(words.has(purposes[name].sentence), name)
  for (const field of fieldNames) assert.ok(words.has(`field.${field}`), field)
  // Pages have words of their own.
  for (const source of sources.filter((_, i) => !files[i]?.startsWith('src/http')))
    for (const [, key] of source.matchAll(
      /\b(?:t\(|key: |ready: |band: |bankKeeps: |title: )'([a-z-]+\.[a-z.-]+)'/g,
    ))
      assert.ok(words.has(key ?? ''), `${key} is not in the catalogue`)
})

test('every key is used', () => {
  const unused = keys.filter(
    (key) => !families.test(key) && !sources.some((source) => source.includes(`'${key}'`)),
  )
  assert.deepEqual(unused, [])
})

test('a parameter is text, never a pattern', () => {
  const said = words.t('nudge.text', { bank: '{bank} # <b>' })
  assert.equal(said, 'You have a message from {bank} # <b>.')
})

test('figures follow the language of the sentence; a locale nobody speaks is answered in English', () => {
  assert.equal(openWords('en-GB').locale, 'en-GB')
  assert.equal(openWords('xx-**').locale, 'en-US')
  assert.equal(openWords('xx-YY').locale, 'en-US')
  assert.equal(openWords('constructor').catalogue, 'en-US')
  assert.equal(openWords('').t('nudge.text', { bank: 'Harbor Bank' }), 'You have a message from Harbor Bank.')
})

test('each language has its catalogue, and its relatives are served by it', () => {
  for (const tag of languageTags) assert.equal(openWords(tag).catalogue, tag)
  assert.equal(openWords('es-MX').catalogue, 'es-US')
  assert.equal(openWords('fr-FR').catalogue, 'fr-CA')
  assert.equal(openWords('fr').catalogue, 'fr-CA')
  assert.deepEqual([tagOf('en'), tagOf('es'), tagOf('fr')], languageTags)
})

const amount = (locale: string, currency: string): string =>
  new Intl.NumberFormat(locale, { style: 'currency', currency }).format(1234.5).replace(/\s/g, ' ')

test('a language spoken at a bank of another country keeps that country’s money and nobody’s guesses', () => {
  const locale = (...asked: Parameters<typeof wordsIn>): string => wordsIn(...asked).locale
  assert.equal(locale('en-US', 'fr-CA'), 'en-CA')
  assert.equal(amount('en-CA', 'CAD'), '$1,234.50')
  assert.equal(locale('fr-CA', 'fr-CA'), 'fr-CA')
  assert.equal(locale('en-US', 'en-GB'), 'en-GB')
  assert.equal(locale('es-US', 'es-MX'), 'es-MX')
  // Spanish in Canada or Britain, French in the United States: nobody knows how, so the catalogue's own way.
  assert.equal(locale('es-US', 'fr-CA'), 'es-US')
  assert.equal(locale('es-US', 'en-GB'), 'es-US')
  assert.equal(amount('es-US', 'CAD'), 'CAD 1,234.50')
  assert.equal(locale('fr-CA', 'en-US'), 'fr-CA')
  assert.equal(amount('fr-CA', 'USD'), '1 234,50 $ US')
  assert.equal(locale('fr-CA', 'en'), 'fr-CA')
})

test('twin: taken at its word, Spanish in Canada would be written as in Spain', () => {
  assert.equal(amount('es-CA', 'CAD'), '1234,50 CAD')
  assert.equal(spokenLocale('es-CA', 'es-US'), 'es-US')
})

test('a sentence that ends in an abbreviation ends in one full stop', () => {
  assert.equal(
    openWords('es-US').t('balance.as-of', { asOf: 'hoy, 6:05 p.m.' }),
    'Actualizado: hoy, 6:05 p.m.',
  )
  assert.match(openWords('fr-CA').t('spending.none', { period: 'le lun. 9 nov.' }), /le lun\. 9 nov\.$/)
  // Dots that somebody else wrote stay three.
  assert.equal(words.t('nudge.text', { bank: 'Wait...' }), 'You have a message from Wait....')
})

test('a missing sentence is a bug that says which', () => {
  assert.throws(() => words.t('no.such.key' as WordKey), /no sentence no\.such\.key/)
  assert.throws(() => words.t('toString' as WordKey), /no sentence/)
})
