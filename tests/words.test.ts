/** What the words promise in every language: nothing missing, nothing nobody read, figures as the country writes them. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  english,
  faultsOf,
  kindNames,
  kinds,
  readAll,
  readCatalogue,
  readReviewed,
  shapeOf,
  translations,
  unread,
  type Catalogue,
} from '../scripts/words-reviewed.ts'
import { profileFor, waitingTemplate } from '../src/accounts.ts'
import { profileBody } from '../src/channel/messenger/profile.ts'
import { draftFault } from '../src/channel/messenger/templates.ts'
import type { ChannelConfig, Config } from '../src/core/config-schema.ts'
import { isRefusal } from '../src/core/refusal.ts'
import {
  languageTags,
  openWords,
  tagOf,
  wordsIn,
  type LanguageTag,
  type WordKey,
  type Words,
} from '../src/core/words.ts'
import { newThread, languageOf, speak } from '../src/conversation/thread.ts'
import { fixedWords } from '../src/intent/rights.ts'
import type { FactValue } from '../src/disclosure/fact.ts'
import { bandValue, sayValue, type Reader } from '../src/disclosure/wording.ts'

const bot = (tag: string): Catalogue => readCatalogue('bot', tag)
/** Odd spaces made plain, so that an expectation can be typed. */
const spaced = (text: string | number | null): string => String(text).replace(/[\u00a0\u202f]/g, ' ')

describe('every language says what English says', () => {
  for (const kind of kindNames)
    for (const tag of translations) {
      test(`${kinds[kind](tag)} has every key, blank, choice and plural`, () => {
        assert.deepEqual(faultsOf(readCatalogue(kind, english), readCatalogue(kind, tag), tag), [])
      })
      test(`${kinds[kind](tag)} was read by somebody since it changed`, () => {
        const left = unread(
          readCatalogue(kind, english),
          readCatalogue(kind, tag),
          readReviewed()[tag]?.[kind],
        )
        assert.deepEqual(left, [], 'read these again (npm run -s words:reviewed), then record them')
      })
    }
  test('English has the plurals of English', () => {
    for (const kind of kindNames)
      assert.deepEqual(
        faultsOf(readCatalogue(kind, english), readCatalogue(kind, english), english).filter(
          (fault) => !fault.endsWith('is still English'),
        ),
        [],
      )
  })

  const source: Catalogue = {
    'a.sum':
      '{has_shop, select, yes {At {shop}: } other {}}{count, plural, one {# payment} other {# payments}}',
    'a.bye': 'Goodbye, {name}',
  }
  const good: Catalogue = {
    'a.sum':
      '{has_shop, select, yes {En {shop}: } other {}}{count, plural, one {# pago} many {# de pagos} other {# pagos}}',
    'a.bye': 'Adiós, {name}',
  }
  const broken: readonly (readonly [what: string, Catalogue, fault: string])[] = [
    ['a key left out', { 'a.sum': good['a.sum'] ?? '' }, 'a.bye: is missing'],
    ['a key of its own', { ...good, 'a.hi': 'Hola' }, 'a.hi: English has no such key'],
    ['a blank lost', { ...good, 'a.bye': 'Adiós' }, 'a.bye: does not use {name}'],
    [
      'a blank of its own',
      { ...good, 'a.bye': 'Adiós, {name} {bank}' },
      'a.bye: uses {bank}, which English has not',
    ],
    [
      'a choice lost',
      {
        ...good,
        'a.sum': 'En {shop}: {has_shop} {count, plural, one {# pago} many {# de pagos} other {# pagos}}',
      },
      'a.sum: chooses otherwise by {has_shop}',
    ],
    [
      'an option lost',
      {
        ...good,
        'a.sum':
          '{has_shop, select, other {En {shop}: }}{count, plural, one {# pago} many {# de pagos} other {# pagos}}',
      },
      'a.sum: chooses otherwise by {has_shop}',
    ],
    [
      'a plural of the language left out',
      {
        ...good,
        'a.sum':
          '{has_shop, select, yes {En {shop}: } other {}}{count, plural, one {# pago} other {# pagos}}',
      },
      'a.sum: {count} lacks the plural "many"',
    ],
    [
      'a count without a plural',
      { ...good, 'a.sum': '{has_shop, select, yes {En {shop}: } other {}}{count, number} pagos' },
      'a.sum: does not count {count} in the plural',
    ],
    ['English left standing', { ...good, 'a.bye': 'Goodbye, {name}' }, 'a.bye: is still English'],
  ]
  for (const [what, catalogue, fault] of broken)
    test(`twin: ${what} is found`, () => assert.deepEqual(faultsOf(source, catalogue, 'es-US'), [fault]))
  test('twin: nothing is found where nothing is wrong', () =>
    assert.deepEqual(faultsOf(source, good, 'es-US'), []))
  test('twin: a translation changed after it was read, or its English, must be read again', () => {
    const read = readAll(source, good)
    assert.deepEqual(unread(source, good, read), [])
    assert.deepEqual(unread(source, { ...good, 'a.bye': 'Chao, {name}' }, read), ['a.bye'])
    assert.deepEqual(unread({ ...source, 'a.bye': 'Bye, {name}' }, good, read), ['a.bye'])
    assert.deepEqual(unread(source, good), ['a.sum', 'a.bye'])
  })
})

/** Every way in which a message can come out, by its choices and a few counts. */
function* combinations(tag: LanguageTag, message: string): Generator<Record<string, string | number>> {
  const { names, selects, plurals } = shapeOf(message, tag)
  const axes = [...names].map((name): readonly (string | number)[] => {
    if (selects.has(name)) return (selects.get(name) ?? '').split(',')
    return plurals.has(name) || name === 'count' ? [0, 1, 2, 1_000_000] : [`<${name}>`]
  })
  const at = [...names].map(() => 0)
  for (;;) {
    yield Object.fromEntries([...names].map((name, i) => [name, axes[i]?.[at[i] ?? 0] ?? '']))
    let i = 0
    for (; i < at.length; i++) {
      at[i] = (at[i] ?? 0) + 1
      if ((at[i] ?? 0) < (axes[i]?.length ?? 0)) break
      at[i] = 0
    }
    if (i === at.length) return
  }
}

describe('every sentence can be said, whatever it is given', () => {
  for (const tag of languageTags)
    test(tag, () => {
      const { t } = openWords(tag)
      for (const [key, message] of Object.entries(bot(tag)))
        for (const params of combinations(tag, message)) {
          const text = t(key as WordKey, params)
          assert.ok(text.trim().length > 0 && text.length <= 480, `${key} is ${text.length} long`)
          assert.doesNotMatch(text, /[{}]|undefined|\(\)|,\s*[.)]|\s{2}|\s[.,;]/, `${key}: ${text}`)
        }
    })
  test('counts, in the plural of each language', () => {
    const said = (tag: LanguageTag): string[] =>
      [0, 1, 2, 1_000_000].map((count) =>
        spaced(openWords(tag).t('link.done', { count, until: '-' })).replace(
          /^.*?(\d[\d, ]*\D+?) (?:here|aquí|ici).*$/,
          '$1',
        ),
      )
    assert.deepEqual(said('en-US'), ['0 things', '1 thing', '2 things', '1,000,000 things'])
    assert.deepEqual(said('es-US'), ['0 cosas', '1 cosa', '2 cosas', '1,000,000 de cosas'])
    assert.deepEqual(said('fr-CA'), ['0 élément', '1 élément', '2 éléments', '1 000 000 d’éléments'])
  })
})

describe('where words stand, they fit', () => {
  const tooLong = (catalogue: Catalogue): string[] =>
    Object.entries(catalogue)
      .filter(([key, text]) => /^(?:button|offer)\./.test(key) && text.length > 20)
      .map(([key]) => key)
  for (const tag of languageTags) test(`buttons of ${tag}`, () => assert.deepEqual(tooLong(bot(tag)), []))
  test('twin: a button of 21 units is found, and an emoji counts twice as Messenger counts', () => {
    assert.deepEqual(tooLong({ 'button.a': 'x'.repeat(21), 'button.b': `${'x'.repeat(19)}✓` }), ['button.a'])
    assert.deepEqual(tooLong({ 'button.c': `${'x'.repeat(19)}🔒` }), ['button.c'])
  })

  const config = (locales: readonly string[]) =>
    ({
      publicUrl: 'https://gate.example',
      institutions: locales.map((locale, i) => ({ id: `bank-${i}`, locale })),
    }) as unknown as Config
  const channel = (banks: number) =>
    ({
      account: '1',
      institutions: Array.from({ length: banks }, (_, i) => `bank-${i}`),
      httpsOnly: true,
    }) as unknown as ChannelConfig
  test('the Page’s greeting, menu and first questions are in every language, the banks’ own first', () => {
    const greetings = (locales: readonly string[]): Readonly<Record<string, string>> => {
      const profile = profileFor(channel(locales.length), config(locales))
      const body = profileBody(profile, true)
      assert.ok(!isRefusal(body), JSON.stringify(body))
      for (const one of [profile.menu, profile.iceBreakers])
        assert.deepEqual(Object.keys(one ?? {}), Object.keys(profile.greeting ?? {}))
      return profile.greeting ?? {}
    }
    const said = (tag: LanguageTag): string => openWords(tag).t('profile.greeting')
    assert.deepEqual(greetings(['en-US', 'fr-CA']), {
      default: said('en-US'),
      es_LA: said('es-US'),
      es_ES: said('es-US'),
      fr_CA: said('fr-CA'),
      fr_FR: said('fr-CA'),
    })
    assert.equal(greetings(['fr-CA']).default, said('fr-CA'))
    assert.equal(greetings(['fr-CA']).en_US, said('en-US'))
  })
  test('the template that waits for approval would be approved in every language', () => {
    for (const tag of languageTags) assert.equal(draftFault(waitingTemplate(config([]), tag)), null, tag)
    assert.deepEqual(
      languageTags.map((tag) => waitingTemplate(config([]), tag).language),
      ['en_US', 'es', 'fr_CA'],
    )
  })
})

describe('any name fits into any sentence', () => {
  // "de Agrobank", "que Érable", "y Iberia": these little words change before the first letter of what follows.
  const hazards: Readonly<Partial<Record<LanguageTag, RegExp>>> = {
    'fr-CA':
      /(?:^|[\s(])(?:de|que|le|la|je|ne|me|te|se|lorsque|puisque) \{(?!from|to|limit|has_type|available|current|total|amount|day|month)/i,
    'es-US': /(?:^|[\s(])[yo] \{(?!from|to|limit|available|current|total|amount|day|month|count)/i,
  }
  const bad = (tag: LanguageTag, catalogue: Catalogue): string[] =>
    Object.entries(catalogue)
      .filter(([, text]) => hazards[tag]?.test(text))
      .map(([key, text]) => `${key}: ${text}`)
  for (const tag of translations) test(tag, () => assert.deepEqual(bad(tag, bot(tag)), []))
  test('twin: words that would have to change are found', () => {
    assert.equal(bad('fr-CA', { a: 'Un message de {bank}.', b: 'parce que {bank} tarde' }).length, 2)
    assert.equal(bad('es-US', { a: 'Target y {merchant}' }).length, 1)
  })
})

describe('what the bot tells people to write, it understands', () => {
  /** Single words between quotation marks that are no blank; whole questions are for the model. */
  const told = (catalogue: Catalogue): string[] =>
    Object.values(catalogue).flatMap((text) =>
      [...text.matchAll(/[“«]\u00a0?(\p{L}+)\u00a0?[”»]/gu)].flatMap(([, word]) => word ?? []),
    )
  const unknown = (words: readonly string[]): string[] => words.filter((word) => fixedWords(word) === null)
  for (const tag of languageTags)
    test(tag, () => {
      const words = told(bot(tag))
      assert.ok(words.length > 5, words.join())
      assert.deepEqual(unknown(words), [])
    })
  test('twin: a word nobody listens for is found', () =>
    assert.deepEqual(unknown(told({ a: 'Escribe “basta” o “chau”.' })), ['chau']))
})

describe('as it is printed there', () => {
  const faults: Readonly<Record<LanguageTag, readonly (readonly [what: string, RegExp])[]>> = {
    'en-US': [],
    'es-US': [
      ['a question opens with ¿', /(?:^|[.?] )[^¿?.]*\?/],
      ['no formal you', /\b(?:usted|su cuenta|sus cuentas)\b/i],
      ['account words of Spain', /cuenta corriente|\bordenador\b|\bmóvil\b|vosotros/i],
    ],
    'fr-CA': [
      ['a space that cannot break before a colon', /[^\u00a0] ?:(?=\s|$)/],
      ['no space before ? ; !', /[\s\u00a0][?;!]/],
      ['guillemets with spaces that cannot break', /«[^\u00a0]|[^\u00a0]»|[“”"]/],
      ['the curved apostrophe', /'/],
      ['no familiar you', /(?<!\p{L})(?:tu|toi|ton|tes)(?!\p{L})/iu],
      ['account words of France', /compte courant|distributeur|découvert autorisé/i],
    ],
  }
  const found = (tag: LanguageTag, catalogue: Catalogue): string[] =>
    Object.entries(catalogue).flatMap(([key, text]) =>
      faults[tag].filter(([, pattern]) => pattern.test(text)).map(([what]) => `${key}: ${what}`),
    )
  for (const tag of translations) test(tag, () => assert.deepEqual(found(tag, bot(tag)), []))
  test('twin: each slip is found', () => {
    const slips = ['Solde: 5', 'Quoi ?', '« Bonjour »', "l'ami", 'ton solde', 'votre compte courant']
    assert.deepEqual(
      slips.map((text) => found('fr-CA', { a: text }).length),
      slips.map(() => 1),
    )
    assert.equal(found('es-US', { a: 'Qué quieres?', b: 'su cuenta', c: 'cuenta corriente' }).length, 3)
  })
})

// ---------------------------------------------------------------- money, dates, periods, bands

const zone = 'America/Toronto'
const now = Date.parse('2026-11-20T17:00:00Z')
const reader = (words: Words): Reader => ({ words, timeZone: zone, now })
const say = (words: Words, value: FactValue): string => spaced(sayValue(value, reader(words)))
const money = (amountMinor: number, currency: string): FactValue => ({
  type: 'money',
  money: { amountMinor, currency },
})
const on = (day: string): FactValue => ({ type: 'date', at: Date.parse(`${day}T18:05:00Z`), withTime: false })
const during = (from: string, to: string): FactValue => ({ type: 'period', from, to })

/** Thresholds in minor units, as a policy has them. */
const bands = { USD: [10_000, 100_000] }

describe('figures and dates as the country writes them', () => {
  type Form = { readonly value: FactValue; readonly forms: readonly [en: string, es: string, fr: string] }
  const forms: Readonly<Record<string, Form>> = {
    'dollars of the United States': {
      value: money(123_450, 'USD'),
      forms: ['$1,234.50', '$1,234.50', '1 234,50 $ US'],
    },
    'dollars of Canada': {
      value: money(123_450, 'CAD'),
      forms: ['CA$1,234.50', 'CAD 1,234.50', '1 234,50 $'],
    },
    'pounds, and less than nothing': {
      value: money(-123_450, 'GBP'),
      forms: ['-£1,234.50', '-GBP 1,234.50', '-1 234,50 £'],
    },
    'yen, which have no cents': { value: money(1_234, 'JPY'), forms: ['¥1,234', '¥1,234', '1 234 ¥'] },
    today: { value: on('2026-11-20'), forms: ['today', 'hoy', 'aujourd’hui'] },
    yesterday: { value: on('2026-11-19'), forms: ['yesterday', 'ayer', 'hier'] },
    'a day this year': { value: on('2026-11-09'), forms: ['Mon 9 Nov', 'lun 9 nov', 'lun. 9 nov.'] },
    'the first of a month': { value: on('2026-07-01'), forms: ['Wed 1 Jul', 'mié 1 jul', 'mer. 1er juill.'] },
    'a day of another year': { value: on('2025-08-09'), forms: ['9 Aug 2025', '9 ago 2025', '9 août 2025'] },
    'a day and its time': {
      value: { type: 'date', at: Date.parse('2026-11-20T15:05:00Z'), withTime: true },
      forms: ['today, 10:05 AM', 'hoy, 10:05 a.m.', 'aujourd’hui à 10 h 05'],
    },
    'one day': {
      value: during('2026-11-09', '2026-11-09'),
      forms: ['on Mon 9 Nov', 'el lun 9 nov', 'le lun. 9 nov.'],
    },
    'a week': {
      value: during('2026-11-09', '2026-11-15'),
      forms: [
        'from Mon 9 Nov to Sun 15 Nov',
        'del lun 9 nov al dom 15 nov',
        'du lun. 9 nov. au dim. 15 nov.',
      ],
    },
    'a month': {
      value: during('2026-08-01', '2026-08-31'),
      forms: ['in August 2026', 'en agosto de 2026', 'en août 2026'],
    },
  }
  const inAll = (value: FactValue, open = (tag: LanguageTag): Words => openWords(tag)): string[] =>
    languageTags.map((tag) => say(open(tag), value))
  for (const [what, { value, forms: expected }] of Object.entries(forms)) {
    test(what, () => assert.deepEqual(inAll(value), expected))
    if (value.type !== 'date' || !['today', 'yesterday'].includes(what))
      test(`twin: ${what}, with every language written as English is, is found`, () =>
        assert.notDeepEqual(
          inAll(value, () => openWords('en-US')),
          expected,
        ))
  }

  test('at a bank of Canada its dollars are plain dollars, in English and French; in Spanish they say whose', () => {
    assert.deepEqual(
      languageTags.map((tag) => say(wordsIn(tag, 'fr-CA'), money(123_450, 'CAD'))),
      ['$1,234.50', 'CAD 1,234.50', '1 234,50 $'],
    )
  })
  test('told coarsely, above and below and between', () => {
    const band = (tag: LanguageTag, value: FactValue): string =>
      spaced(bandValue(value, reader(openWords(tag)), bands))
    assert.deepEqual(
      languageTags.map((tag) => [1, 10_001, 100_001].map((minor) => band(tag, money(minor, 'USD')))),
      [
        ['$100 or less', 'between $100 and $1,000', 'above $1,000'],
        ['$100 o menos', 'entre $100 y $1,000', 'más de $1,000'],
        ['100 $ US ou moins', 'entre 100 $ US et 1 000 $ US', 'plus de 1 000 $ US'],
      ],
    )
    assert.deepEqual(
      languageTags.map((tag) => band(tag, during('2026-10-05', '2026-11-09'))),
      [
        'between October 2026 and November 2026',
        'entre octubre de 2026 y noviembre de 2026',
        'entre octobre 2026 et novembre 2026',
      ],
    )
  })
})

describe('the language of a chat', () => {
  test('what was heard follows the person; what was chosen stands', () => {
    const thread = newThread()
    assert.equal(languageOf(thread), null)
    assert.equal(speak(thread, 'es-US', false), true)
    assert.equal(speak(thread, 'es-US', false), false)
    assert.equal(speak(thread, 'en-US', false), true)
    assert.equal(languageOf(thread), 'en-US')
    assert.equal(speak(thread, 'fr-CA', true), true)
    assert.equal(speak(thread, 'en-US', false), false)
    assert.equal(languageOf(thread), 'fr-CA')
    assert.equal(speak(thread, 'es-US', true), true)
    assert.equal(languageOf(thread), 'es-US')
  })
  test('a language that this version does not know is none', () => {
    const thread = newThread()
    thread.context = JSON.parse('{"language":{"tag":"tlh-US","chosen":true}}')
    assert.equal(languageOf(thread), null)
  })
  test('a reading names languages by their first part', () =>
    assert.deepEqual((['en', 'es', 'fr'] as const).map(tagOf), languageTags))
})
