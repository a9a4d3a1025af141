import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Amount, Language, ReadingContext } from '../reading.ts'
import { readingsOf } from './number.ts'
import { slotsOf } from './slots.ts'

const ctx = (language: Language, currency: string | null): ReadingContext => ({
  now: Date.UTC(2026, 10, 20, 17),
  timeZone: 'America/New_York',
  language,
  currency,
})
const amountsOf = (text: string, language: Language, currency: string | null): readonly Amount[] =>
  slotsOf(text, language, ctx(language, currency)).slots.amounts
/** "25 USD", "25", "half", "1250|1.250" */
const brief = (amount: Amount): string =>
  amount.type === 'share'
    ? amount.share
    : amount.type === 'ambiguous'
      ? amount.readings.join('|')
      : amount.decimal + (amount.currency === null ? '' : ` ${amount.currency}`)

const stories: Readonly<
  Record<string, readonly [Language, string | null, readonly (readonly [string, string])[]]>
> = {
  'English, accounts in US dollars': [
    'en',
    'USD',
    [
      ['25 bucks', '25'],
      ['$1,250.5', '1250.5 USD'],
      ['€1.250,00', '1250.00 EUR'],
      ['send 5k to mom', '5000'],
      ['twenty quid', '20 GBP'],
      ['pay him a hundred and fifty', '150'],
      ['2 grand', '2000'],
      ['1 thousand dollars', '1000 USD'],
      ['twenty-five dollars and 50 cents', '25.50 USD'],
      ['50 cents', '0.50 USD'],
      ['US$40 to Ana', '40 USD'],
      ['$20 CAD', '20 CAD'],
      ['did the 75 to the dentist clear', '75'],
      ['find the charge for 34.99', '34.99'],
      ['zelle my babysitter 60', '60'],
      ['make it 30', '30'],
      ['30', '30'],
      ['cap my card at 100/day', '100'],
      ['send half to Ana', 'half'],
      ['send everything to savings', 'all'],
    ],
  ],
  'Spanish, accounts in US dollars': [
    'es',
    'USD',
    [
      ['cien dólares', '100 USD'],
      ['1.2 mil', '1200'],
      ['2 mil quinientos', '2500'],
      ['mil quinientos dólares', '1500 USD'],
      ['treinta y cinco', '35'],
      ['mándale 50 a mi mamá', '50'],
      ['págale los $1,300 de la renta', '1300 USD'],
      ['manda la mitad', 'half'],
      ['todo', 'all'],
      ['le debo 18 a jessica', '18'],
      // Not dollars, whatever they are called at home: it must not move twenty times too much.
      ['500 pesos', '500 MXN'],
    ],
  ],
  'French, accounts in Canadian dollars': [
    'fr',
    'CAD',
    [
      ['vingt piastres', '20 CAD'],
      ['deux mille cinq cents', '2500'],
      ['1 250,00 $', '1250.00 CAD'],
      ['25,50$', '25.50 CAD'],
      ['quatre-vingt-dix-sept piasses', '97 CAD'],
      ['soixante et onze dollars', '71 CAD'],
      ['envoie 40 à Marc', '40'],
      ['20 $ US', '20 USD'],
      ['envoie la moitié', 'half'],
      ['tout', 'all'],
      ['une toonie', '2 CAD'],
    ],
  ],
}
for (const [name, [language, currency, cases]] of Object.entries(stories))
  test(`amounts as people write them: ${name}`, () => {
    for (const [text, wanted] of cases)
      assert.deepEqual(amountsOf(text, language, currency).map(brief), [wanted], text)
  })

test('a figure that groups two ways is asked about, never guessed', () => {
  assert.deepEqual(amountsOf('send 1.250 to Ana', 'en', 'USD').map(brief), ['1250|1.250'])
  assert.deepEqual(amountsOf('envoie 1,250 $', 'fr', 'CAD').map(brief), ['1250|1.250'])
  // Its twin: where the house and the language leave one reading, that is the one.
  assert.deepEqual(amountsOf('send 1,250 to Ana', 'en', 'USD').map(brief), ['1250'])
  assert.deepEqual(amountsOf('envoie 1.250 €', 'fr', 'EUR').map(brief), ['1250 EUR'])
  assert.deepEqual(amountsOf('send 0.250', 'en', 'USD').map(brief), ['0.250'])
})

test('years, dates, times, counts, cards and phone numbers are no amounts', () => {
  for (const text of [
    'last 5 payments',
    'spending in 2024',
    'payments on 3/14',
    'did check number 1042 clear',
    'card ending 4821',
    'call 555-123-4567',
    'send it at 5 pm',
    '10:30',
    'split the bill 3 ways',
    'got charged 2 times at shell',
    'create 6 new standing orders',
    'my iphone 15',
    '40% off',
    'may 3rd',
    'list everything from june',
    'send me everything you know about me',
    'k',
  ])
    assert.deepEqual(amountsOf(text, 'en', 'USD'), [], text)
  assert.deepEqual(amountsOf('movimientos del 1 al 15 de marzo', 'es', 'USD'), [])
  assert.deepEqual(amountsOf('mes 5 dernières transactions', 'fr', 'CAD'), [])
})

test('amounts that are compared carry how', () => {
  const of = (text: string, language: Language): (string | null)[] => {
    const { slots } = slotsOf(text, language, ctx(language, 'USD'))
    return [slots.comparison, ...slots.amounts.map(brief)]
  }
  assert.deepEqual(of('charges over $50', 'en'), ['more', '50 USD'])
  assert.deepEqual(of('$50 or less', 'en'), ['less', '50 USD'])
  assert.deepEqual(of('around 30 bucks', 'en'), ['about', '30'])
  assert.deepEqual(of('between 10 and 20 dollars', 'en'), ['between', '10 USD', '20 USD'])
  assert.deepEqual(of('20-30 dollars', 'en'), ['between', '20 USD', '30 USD'])
  assert.deepEqual(of('cargos de más de cien dólares', 'es'), ['more', '100 USD'])
  assert.deepEqual(of('achats de moins de 20 $', 'fr'), ['less', '20 USD'])
})

test('what is written is read back to the cent, in each spelling', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999_999_999 }), (cents) => {
      const whole = Math.floor(cents / 100)
      const tail = String(cents % 100).padStart(2, '0')
      const grouped = (sign: string): string => String(whole).replace(/\B(?=(\d{3})+$)/g, sign)
      const wanted = `${whole}.${tail}`
      assert.deepEqual(readingsOf(`${grouped(',')}.${tail}`, 'en', 'USD'), [wanted])
      assert.deepEqual(readingsOf(`${grouped('.')},${tail}`, 'es', 'EUR'), [wanted])
      assert.deepEqual(amountsOf(`${grouped(' ')},${tail} $`, 'fr', 'CAD').map(brief), [`${wanted} CAD`])
    }),
    { numRuns: 200 },
  )
})
