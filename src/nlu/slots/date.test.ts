import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Language, ReadingContext } from '../reading.ts'
import { forward } from './date.ts'
import { slotsOf } from './slots.ts'

/** Friday 20 November 2026. */
const ctx = (language: Language): ReadingContext => ({
  now: Date.UTC(2026, 10, 20, 17),
  timeZone: 'America/New_York',
  language,
  currency: language === 'fr' ? 'CAD' : 'USD',
})
const periods = (text: string, language: Language): string[] =>
  slotsOf(text, language, ctx(language)).slots.periods.map(
    (range) => `${range.from ?? ''}..${range.to ?? ''}`,
  )

const stories: Readonly<Record<Language, readonly (readonly [string, string])[]>> = {
  en: [
    ['today', '2026-11-20..2026-11-20'],
    ['what did i buy last night', '2026-11-19..2026-11-19'],
    ['last Friday', '2026-11-13..2026-11-13'],
    ['on monday', '2026-11-16..2026-11-16'],
    ['this past weekend', '2026-11-14..2026-11-15'],
    ['last month', '2026-10-01..2026-10-31'],
    ['this week', '2026-11-16..2026-11-22'],
    ['next week', '2026-11-23..2026-11-29'],
    ['last quarter', '2026-07-01..2026-09-30'],
    ['last 30 days', '2026-10-22..2026-11-20'],
    ['past two weeks', '2026-11-06..2026-11-20'],
    ['in March', '2026-03-01..2026-03-31'],
    ['in december', '2025-12-01..2025-12-31'],
    ['October last year', '2025-10-01..2025-10-31'],
    ['nov 2025', '2025-11-01..2025-11-30'],
    ['since the 5th', '2026-11-05..'],
    ['since Christmas', '2025-12-25..'],
    ['every doordash order since labor day', '2026-09-07..'],
    ['between 1 and 15 October', '2026-10-01..2026-10-15'],
    ['from the 30th to the 16th of June', '2026-05-30..2026-06-16'],
    ['May 22 - 29', '2026-05-22..2026-05-29'],
    ['from Monday to Wednesday', '2026-11-16..2026-11-18'],
    ['3/4', '2026-03-04..2026-03-04'],
    ['2026-02-03', '2026-02-03..2026-02-03'],
    ['end of last month', '2026-10-21..2026-10-31'],
    ['first week of May', '2026-05-01..2026-05-07'],
    ['how much in the first two weeks of november', '2026-11-01..2026-11-14'],
    ['the last two weeks of october', '2026-10-18..2026-10-31'],
    ['first 10 days of last month', '2026-10-01..2026-10-10'],
    ['last two weeks', '2026-11-06..2026-11-20'],
    ['year to date', '2026-01-01..2026-11-20'],
    ['3 days ago', '2026-11-17..2026-11-17'],
    ['in two weeks', '2026-12-04..2026-12-04'],
    ['last week Monday', '2026-11-09..2026-11-09'],
    ['q2 spending', '2026-04-01..2026-06-30'],
    ['before March 5', '..2026-03-04'],
    ['feb 29', '2024-02-29..2024-02-29'],
    ['how much did I spend in may', '2026-05-01..2026-05-31'],
    ['how much from rainy day this month', '2026-11-01..2026-11-30'],
  ],
  es: [
    ['ayer', '2026-11-19..2026-11-19'],
    ['la semana pasada', '2026-11-09..2026-11-15'],
    ['el viernes pasado', '2026-11-13..2026-11-13'],
    ['hace dos semanas', '2026-11-06..2026-11-06'],
    ['los últimos 30 días', '2026-10-22..2026-11-20'],
    ['del 1 al 15 de marzo', '2026-03-01..2026-03-15'],
    ['en el viaje del 3 al 9', '2026-11-03..2026-11-09'],
    ['entre lunes y viernes', '2026-11-09..2026-11-13'],
    ['desde el 5', '2026-11-05..'],
    ['el 3/14', '2026-03-14..2026-03-14'],
    ['en lo que va del año', '2026-01-01..2026-11-20'],
    ['desde hace 3 días', '2026-11-17..'],
    ['de lunes a viernes', '2026-11-09..2026-11-13'],
    ['desde Navidad', '2025-12-25..'],
    ['el próximo viernes', '2026-11-27..2026-11-27'],
    ['pasado mañana', '2026-11-22..2026-11-22'],
    ['a principios de marzo', '2026-03-01..2026-03-10'],
    ['3 de mayo de 2025', '2025-05-03..2025-05-03'],
    ['cuánto llevo en comida this week', '2026-11-16..2026-11-22'],
    ['las primeras dos semanas de noviembre', '2026-11-01..2026-11-14'],
    ['en las dos primeras semanas de noviembre', '2026-11-01..2026-11-14'],
    ['las últimas dos semanas de octubre', '2026-10-18..2026-10-31'],
    ['la primera quincena de octubre', '2026-10-01..2026-10-15'],
    ['la segunda quincena de octubre', '2026-10-16..2026-10-31'],
    ['esta quincena', '2026-11-16..2026-11-30'],
    ['la quincena pasada', '2026-11-01..2026-11-15'],
    ['el mes antepasado', '2026-09-01..2026-09-30'],
    ['la semana antepasada', '2026-11-02..2026-11-08'],
    ['este finde', '2026-11-14..2026-11-15'],
    ['el primer semestre', '2026-01-01..2026-06-30'],
    ['el segundo semestre del año pasado', '2025-07-01..2025-12-31'],
    ['los últimos 10 días', '2026-11-11..2026-11-20'],
    ['de enero a marzo', '2026-01-01..2026-03-31'],
    ['del 20/10 al 31/10', '2026-10-20..2026-10-31'],
  ],
  fr: [
    ['avant-hier', '2026-11-18..2026-11-18'],
    ['le mois passé', '2026-10-01..2026-10-31'],
    ['vendredi passé', '2026-11-13..2026-11-13'],
    ['il y a trois jours', '2026-11-17..2026-11-17'],
    ['les 30 derniers jours', '2026-10-22..2026-11-20'],
    ['du 3 au 9 mars', '2026-03-03..2026-03-09'],
    ['les deux premières semaines de novembre', '2026-11-01..2026-11-14'],
    ["dans les deux dernières semaines d'octobre", '2026-10-18..2026-10-31'],
    ['les 10 premiers jours du mois passé', '2026-10-01..2026-10-10'],
    ['entre le 1er et le 15 octobre', '2026-10-01..2026-10-15'],
    ['depuis le 5', '2026-11-05..'],
    ['depuis Noël', '2025-12-25..'],
    ['depuis deux semaines', '2026-11-06..'],
    ['la fin de semaine passée', '2026-11-14..2026-11-15'],
    ['le 3/4', '2026-04-03..2026-04-03'],
    ['début mars', '2026-03-01..2026-03-10'],
    ['la semaine prochaine', '2026-11-23..2026-11-29'],
    ['en fin de semaine', '2026-11-14..2026-11-15'],
    ["jusqu'à hier", '..2026-11-19'],
    ['cette année', '2026-01-01..2026-12-31'],
    ['action de grâce', '2026-10-12..2026-10-12'],
    ['cette année à date', '2026-01-01..2026-11-20'],
    ["l'an dernier au complet", '2025-01-01..2025-12-31'],
    ["le mois d'avant", '2026-10-01..2026-10-31'],
    ['citte semaine', '2026-11-16..2026-11-22'],
    ['vendredi passé à hier', '2026-11-13..2026-11-19'],
  ],
}
for (const language of ['en', 'es', 'fr'] as const)
  test(`stretches of days as people say them (${language})`, () => {
    for (const [text, wanted] of stories[language]) assert.deepEqual(periods(text, language), [wanted], text)
  })

test('two periods compared are two', () => {
  assert.deepEqual(periods('this month vs last month', 'en'), [
    '2026-11-01..2026-11-30',
    '2026-10-01..2026-10-31',
  ])
  assert.deepEqual(periods('gasté más en marzo o en abril', 'es'), [
    '2026-03-01..2026-03-31',
    '2026-04-01..2026-04-30',
  ])
  assert.deepEqual(periods('spending 2023 vs 2024', 'en'), [
    '2023-01-01..2023-12-31',
    '2024-01-01..2024-12-31',
  ])
})

test('payday is known to the bank, not to us', () => {
  const [range] = slotsOf('how much since payday', 'en', ctx('en')).slots.periods
  assert.deepEqual([range?.from, range?.to, range?.kind], [null, null, 'payday'])
  assert.equal(slotsOf('depuis ma paye', 'fr', ctx('fr')).slots.periods[0]?.kind, 'payday')
})

test('the same words look back for statements and ahead for payments', () => {
  const both = (text: string, language: Language): (string | null | undefined)[] => {
    const [range] = slotsOf(text, language, ctx(language)).slots.periods
    assert.equal(range?.kind, 'history', text)
    const ahead = range && forward(range, text, language, ctx(language))
    return [range?.from, ahead?.from, ahead?.kind]
  }
  assert.deepEqual(both('pay Ana 20 on Friday', 'en'), ['2026-11-13', '2026-11-27', 'future'])
  assert.deepEqual(both('pay geico on the 15th', 'en'), ['2026-11-15', '2026-12-15', 'future'])
  assert.deepEqual(both('in may', 'en'), ['2026-05-01', '2027-05-01', 'future'])
  assert.deepEqual(both('pagar el martes', 'es'), ['2026-11-17', '2026-11-24', 'future'])
  assert.deepEqual(both('payer le 1er mars', 'fr'), ['2026-03-01', '2027-03-01', 'future'])
  // Its twin: what has one reading keeps it.
  const [sure] = slotsOf('last month', 'en', ctx('en')).slots.periods
  assert.ok(sure)
  assert.deepEqual(forward(sure, 'last month', 'en', ctx('en')), sure)
})

test('words that only look like time are left alone', () => {
  for (const text of [
    'may i see my balance',
    'send June 20',
    'sun life insurance',
    'the second one',
    'pay mom',
    'every friday',
    '2026-02-30',
    'call 7-eleven',
    'i waited 76 days',
  ])
    assert.deepEqual(periods(text, 'en'), [], text)
  assert.deepEqual(periods('mon solde', 'fr'), [])
  assert.deepEqual(periods('pagué 11 once', 'es'), [])
})

test('yesterday is yesterday where the customer lives', () => {
  const late = { ...ctx('en'), now: Date.UTC(2026, 10, 20, 3) }
  assert.equal(slotsOf('yesterday', 'en', late).slots.periods[0]?.from, '2026-11-18')
  assert.equal(
    slotsOf('yesterday', 'en', { ...late, timeZone: 'Europe/London' }).slots.periods[0]?.from,
    '2026-11-19',
  )
})

test('day and month change places with the country', () => {
  const british: ReadingContext = { ...ctx('en'), currency: 'GBP' }
  assert.equal(slotsOf('3/4', 'en', british).slots.periods[0]?.from, '2026-04-03')
  assert.equal(slotsOf('3/4', 'en', { ...british, region: 'US' }).slots.periods[0]?.from, '2026-03-04')
  assert.equal(slotsOf('25/3', 'en', ctx('en')).slots.periods[0]?.from, '2026-03-25')
})

test('“mes derniers paiements” are the latest, and no month', () => {
  for (const text of ['mes derniers paiements', 'mes dernières transactions', 'mes derniers achats'])
    assert.deepEqual(periods(text, 'fr'), [], text)
})
