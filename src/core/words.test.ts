import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import enUS from '../../words/en-US.json' with { type: 'json' }
import { fieldNames } from '../consent/field.ts'
import { purposeNames, purposes } from '../consent/purpose.ts'
import { openWords, type WordKey } from './words.ts'

const words = openWords('en-US')
const keys = Object.keys(enUS) as WordKey[]
const files = globSync('src/**/*.ts', { cwd: new URL('../..', import.meta.url) }).filter(
  (file) => !file.endsWith('.test.ts'),
)
const sources = files.map((file) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'))

/** Keys made of a closed list rather than written out. */
const families = /^(field|purpose|platform|account-type|transaction-status)\./

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

test('a country keeps its own money where its language is not spoken yet', () => {
  const { locale, catalogue } = openWords('fr-CA')
  assert.equal(catalogue, 'en-US')
  assert.equal(locale, 'en-CA')
})

test('a missing sentence is a bug that says which', () => {
  assert.throws(() => words.t('no.such.key' as WordKey), /no sentence no\.such\.key/)
  assert.throws(() => words.t('toString' as WordKey), /no sentence/)
})
