import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { clausesOf, splitClauses } from './clauses.ts'
import type { Language, ReadingContext } from './reading.ts'
import { forward } from './slots/date.ts'

const ctx = (language: Language = 'en'): ReadingContext => ({
  now: Date.UTC(2026, 10, 20, 17),
  timeZone: 'America/New_York',
  language,
  currency: language === 'fr' ? 'CAD' : 'USD',
})

test('two requests in one breath are two clauses', () => {
  const cases: readonly (readonly string[])[] = [
    ['balance', 'send Ana 20'],
    ['freeze my card', 'tell me my balance'],
    ['show my last 5 transactions', 'my balance'],
    ['send Ana 20', 'pay the rent'],
    ['muéstrame el saldo', 'quiero mandar 50 a mi mamá'],
    ['congela mi tarjeta', 'dime mi saldo'],
    ['solde', 'envoie 20 à Julie'],
    ['montre mes transactions', 'bloque ma carte'],
    ['ya me pagaron', 'cuánto tengo'],
    ['show my last payments', 'how much left'],
  ]
  const and = { en: ' and ', es: ' y ', fr: ' et ' }
  for (const parts of cases)
    assert.ok(
      Object.values(and).some(
        (link) => JSON.stringify(splitClauses(parts.join(link))) === JSON.stringify(parts),
      ),
      parts.join(),
    )
  assert.deepEqual(splitClauses('balance, send Ana 20, freeze my card'), [
    'balance',
    'send Ana 20',
    'freeze my card',
  ])
  assert.deepEqual(splitClauses("what's my balance? Also send Ana 20."), [
    "what's my balance",
    'send Ana 20.',
  ])
})

test('three wishes are three clauses, however the last is put', () => {
  for (const parts of [
    ['dime mi saldo', 'cuanto gaste en restaurantes este mes', 'si ya entro mi cheque'],
    ['whats my balance', 'how much did i spend on coffee this month', 'did my paycheck come in'],
    ['whats my balance', 'how much did i spend on coffee this month', 'if my paycheck came in'],
    ['mon solde', 'combien jai depense a l’epicerie ce mois-ci', 'la derniere facture d’hydro'],
    ['mon solde', 'combien jai depense au resto', 'ma paye est-tu rentree'],
  ])
    for (const [one, two] of [
      [', ', ' and '],
      [', ', ' y '],
      [' pis ', ' pis '],
    ] as const)
      assert.deepEqual(splitClauses(`${parts[0]}${one}${parts[1]}${two}${parts[2]}`), parts, parts[2])
  for (const text of [
    'send 20 to ana and if i got paid send 30',
    'cuanto gaste en uber y si no tengo saldo que hago',
    'how much did i spend on rent and the phone bill',
  ])
    assert.deepEqual(splitClauses(text), [text])
})

test('an "and" inside a name, a range or a list splits nothing', () => {
  for (const text of [
    "how much did I spend at Ben and Jerry's",
    'payments between 1 and 15 October',
    'mac and cheese',
    'bed bath and beyond',
    'stop and shop total',
    'deposits and withdrawals',
    'pay 20 to Tom and Jerry',
    'how much did I spend on food and gas',
    'send 20 to Ana and 30 to Ben',
    'treinta y cinco dólares',
    'I lost my card. What should I do?',
    'I changed my mind about paying the plumber, please stop it',
    'hi! what is my balance?',
    'cuánto gasté en walgreens y cvs',
    'moi et ma blonde',
  ])
    assert.deepEqual(splitClauses(text), [text])
})

type Expected = Partial<{
  follow: string
  negated: boolean
  count: number
  ordinal: number
  by: string
  measure: string
  category: string
  lastFour: string
  type: string
  name: string
  rest: string
}>
const stories: readonly (readonly [Language, string, Expected])[] = [
  ['en', 'and last month?', { follow: 'also', rest: '' }],
  ['en', 'what about Target', { follow: 'also', name: 'Target' }],
  ['en', 'make it 30', { follow: 'instead', rest: '' }],
  ['en', 'no, 30', { follow: 'instead' }],
  ['en', 'no, I meant Corner Market', { follow: 'instead', name: 'Corner Market' }],
  ['es', 'y el mes pasado?', { follow: 'also' }],
  ['es', 'no, quise decir Corner Market', { follow: 'instead', name: 'Corner Market' }],
  ['fr', 'et hier?', { follow: 'also' }],
  ['fr', 'non, je voulais dire Metro', { follow: 'instead' }],
  ['en', "don't send it", { negated: true }],
  ['es', 'no lo mandes', { negated: true }],
  ['fr', 'envoie pas ça', { negated: true }],
  ['en', 'the second one', { ordinal: 2, rest: '' }],
  ['en', 'the last one', { ordinal: -1 }],
  ['es', 'la segunda', { ordinal: 2 }],
  ['fr', 'la deuxième', { ordinal: 2 }],
  ['en', 'last 5 payments', { count: 5 }],
  ['es', 'los últimos 5 pagos', { count: 5 }],
  ['fr', 'mes 5 dernières transactions', { count: 5 }],
  ['en', 'average grocery bill per month', { measure: 'average', by: 'month', category: 'groceries' }],
  ['en', 'how many times did i go to Starbucks', { measure: 'count', name: 'Starbucks' }],
  ['en', 'biggest purchase since payday', { measure: 'biggest' }],
  ['en', 'am i spending more this month vs last month', { measure: 'compare' }],
  ['en', 'which store gets most of my money', { by: 'merchant' }],
  ['es', '¿Cuánto gasté en el súper?', { category: 'groceries', measure: 'sum' }],
  ['es', 'gasté más en marzo o en abril', { measure: 'compare' }],
  ['fr', "combien à l'épicerie", { category: 'groceries' }],
  ['fr', 'moyenne par mois en essence', { category: 'fuel', by: 'month', measure: 'average' }],
  ['en', 'how much on gas', { category: 'fuel' }],
  ['en', 'my gas bill', { category: 'utilities' }],
  ['en', 'eating out this year', { category: 'restaurants' }],
  ['en', 'show card ending 4821', { lastFour: '4821' }],
  ['en', 'x4821', { lastFour: '4821' }],
  ['en', 'pay card 4821', { lastFour: '4821' }],
  ['es', 'tarjeta terminada en 4821', { lastFour: '4821' }],
  ['fr', 'carte finissant par 4821', { lastFour: '4821' }],
  ['en', 'savings', { type: 'savings', rest: '' }],
  ['fr', 'marge de crédit', { type: 'line-of-credit' }],
  ['en', 'how much at bed bath and beyond', { name: 'bed bath and beyond' }],
  ['en', 'charges at 7-Eleven', { name: '7-Eleven' }],
  ['en', 'find "SQ *BLUE"', { name: 'SQ *BLUE' }],
  ['en', 'zelle my babysitter 60', { name: 'babysitter' }],
  ['es', 'mándale 50 a mi mamá', { name: 'mamá' }],
  ['fr', 'combien chez Tim Hortons en mars', { name: 'Tim Hortons' }],
]

test('what a clause carries, in three languages', () => {
  for (const [language, text, wanted] of stories) {
    const { clauses } = clausesOf(text, ctx(language))
    assert.equal(clauses.length, 1, text)
    const [clause] = clauses
    assert.ok(clause)
    const { slots } = clause
    const read: Record<string, unknown> = {
      follow: clause.follow,
      negated: clause.negated,
      count: slots.count,
      ordinal: slots.ordinal,
      by: slots.by,
      measure: slots.measure,
      category: slots.category,
      lastFour: slots.account?.lastFour,
      type: slots.account?.type,
      name: slots.names[0],
      rest: slots.rest,
    }
    for (const [key, value] of Object.entries(wanted)) assert.equal(read[key], value, `${text}: ${key}`)
  }
})

test('a "no" that begins a sentence of its own takes up nothing and negates no act', () => {
  for (const [language, text] of [
    ['en', 'no'],
    ['en', 'No thank you dear'],
    ['en', "I don't recognise this charge"],
    ['en', 'dont send me alerts'],
    ['es', 'no reconozco este cargo'],
    ['es', 'no encuentro mi tarjeta'],
    ['es', 'no me mandes mensajes'],
    ['fr', 'non merci'],
    ['fr', 'plus de messages svp'],
  ] as const) {
    const [clause] = clausesOf(text, ctx(language)).clauses
    assert.equal(clause?.follow, null, text)
    assert.equal(clause?.negated, false, text)
  }
})

test('a message that could be of several languages keeps the one spoken so far', () => {
  for (const language of ['en', 'es', 'fr'] as const)
    assert.deepEqual(
      [clausesOf('500', ctx(language)).language, clausesOf('500', ctx(language)).languageSure],
      [language, false],
    )
  assert.equal(clausesOf('¿cuál es mi saldo?', ctx('en')).language, 'es')
})

const pieces = [
  'send',
  '20',
  '$',
  '1.250',
  'and',
  'y',
  'et',
  'last',
  'the',
  '5th',
  'of',
  'month',
  'between',
  '1',
  '-',
  'Ana',
  'mil',
  'hundred',
  'de',
  'week',
  'card',
  '4821',
  '"',
  ',',
  '.',
  "l'",
  'no',
  'from',
  'to',
  'march',
  'vendredi',
  'hace',
  'derniers',
  'jours',
  '31',
  '99999',
  '0',
  'feb',
  '29',
  '/',
  '2024',
  'ago',
  'in',
  'k',
  '€',
  'Q2',
  '😀',
  'e\u0301',
  '\u200b',
  'a',
  'one',
  'century',
  'million',
]
const hostile = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 120 }).map((parts) => parts.join(' ')),
  fc.array(fc.constantFrom(...pieces), { maxLength: 120 }).map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom(...pieces), fc.integer({ min: 1, max: 600 }))
    .map(([piece, times]) => `${piece} `.repeat(times)),
  fc.string({ unit: 'binary', maxLength: 700 }),
)

test('any text is read: clauses, spans inside them, days that exist, nothing endless', () => {
  fc.assert(
    fc.property(hostile, fc.constantFrom('en' as const, 'es' as const, 'fr' as const), (text, language) => {
      const { clauses } = clausesOf(text, ctx(language))
      assert.ok(clauses.length >= 1 && clauses.length <= 3)
      for (const clause of clauses) {
        assert.ok(clause.text.length <= 500)
        assert.ok(
          clause.slots.names.length <= 5 &&
            clause.slots.amounts.length <= 6 &&
            clause.slots.periods.length <= 4,
        )
        for (const { at } of [...clause.slots.amounts, ...clause.slots.periods])
          assert.ok(at[0] >= 0 && at[0] < at[1] && at[1] <= clause.text.length)
        for (const amount of clause.slots.amounts)
          if (amount.type === 'money') assert.match(amount.decimal, /^\d{1,15}(?:\.\d+)?$/)
        for (const range of clause.slots.periods) {
          for (const day of [range.from, range.to]) if (day !== null) assert.match(day, /^\d{4}-\d\d-\d\d$/)
          if (range.from !== null && range.to !== null)
            assert.ok(range.from <= range.to, `${text}: ${range.from}..${range.to}`)
          forward(range, clause.text, language, ctx(language))
        }
        for (const name of clause.slots.names) assert.ok(clause.text.includes(name) && name.length <= 80)
      }
    }),
    { numRuns: 400 },
  )
})
