/** What the customer's pages promise: to be readable by everyone, to carry nothing they should not, to tell the truth. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { AxeBuilder } from '@axe-core/playwright'
import fc from 'fast-check'
import { IntlMessageFormat } from 'intl-messageformat'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { blend, contrast, patternOpacity, tones } from '../src/http/kit/accent.ts'
import { assets, kitCss } from '../src/http/kit/assets.ts'
import { categories } from '../src/http/kit/category.ts'
import { openFormats } from '../src/http/kit/format.ts'
import { href, html, outside, raw } from '../src/http/kit/html.ts'
import { securityHeaders } from '../src/http/kit/page.ts'
import { type Theme, themes } from '../src/http/kit/tokens.ts'
import {
  catalogueFor,
  openPageWords,
  pageCatalogue,
  pageLocale,
  pageLocales,
  rich,
  type Words,
} from '../src/http/kit/words.ts'
import { openWords } from '../src/core/words.ts'
import { fixedWords } from '../src/intent/rights.ts'
import { consentPage, leastChoice } from '../src/http/pages/consent.ts'
import { disclosureGaps } from '../src/http/pages/disclosure-notice.ts'
import { galleryPages, openBrowser, openGallery } from './gallery.ts'
import { consentModel, frame, galleryAssets, thing } from './gallery-models.ts'
import { textOf } from './visitor.ts'

const bothThemes = ['light', 'dark'] as const satisfies readonly Theme[]
const hex = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`)

describe('colours', () => {
  /** Every pair of words and ground that a bank's colour makes, with its contrast. */
  const worst = (accent: string, band: string, tint: string, onAccent: string, theme: Theme): number => {
    const { paper, surface, sunk, ink } = themes[theme]
    return Math.min(
      ...[paper, surface, sunk, tint, onAccent].map((ground) => contrast(accent, ground)),
      contrast('#ffffff', band),
      contrast('#ffffff', blend('#ffffff', band, patternOpacity)),
      contrast(ink, tint),
    )
  }
  test('whatever colour a bank brings, its words are readable in both themes', () => {
    fc.assert(
      fc.property(hex, fc.constantFrom(...bothThemes), (brand, theme) => {
        const { accent, band, tint, onAccent } = tones(brand, theme)
        assert.ok(worst(accent, band, tint, onAccent, theme) >= 4.5, `${brand} ${theme}`)
      }),
      { numRuns: 400 },
    )
  })
  test('twin: used as it comes, a bright yellow is unreadable', () => {
    assert.ok(worst('#ffd400', '#ffd400', '#ffd400', '#ffffff', 'light') < 1.5)
  })
  test('our own words are readable on every ground', () => {
    for (const theme of bothThemes) {
      const all = themes[theme]
      for (const ground of ['paper', 'surface', 'sunk', 'chat', 'bubble'] as const) {
        assert.ok(contrast(all.ink, all[ground]) >= 7, `${theme} ink on ${ground}`)
        assert.ok(contrast(all.soft, all[ground]) >= 4.5, `${theme} soft on ${ground}`)
      }
      for (const tone of ['good', 'warn', 'bad'] as const)
        for (const ground of ['paper', 'surface', `${tone}-tint`] as const)
          assert.ok(contrast(all[tone], all[ground]) >= 4.5, `${theme} ${tone} on ${ground}`)
      for (const ground of ['paper', 'surface'] as const)
        assert.ok(contrast(all.edge, all[ground]) >= 3, `${theme} edge on ${ground}`)
    }
  })
})

describe('words', () => {
  const placeholders = (message: string): string[] => {
    const names = new Set<string>()
    // 0 is plain text and 7 the # of a plural (the parser's TYPE); everything else with a value is a blank.
    type Part = { type: number; value?: string; options?: Record<string, { value: readonly Part[] }> }
    const walk = (parts: readonly Part[]): void => {
      for (const part of parts) {
        for (const option of Object.values(part.options ?? {})) walk(option.value)
        if (part.type !== 0 && part.type !== 7 && part.value !== undefined) names.add(part.value)
      }
    }
    walk(
      new IntlMessageFormat(message, 'en-US', undefined, {
        ignoreTag: true,
      }).getAst() as unknown as readonly Part[],
    )
    return [...names].sort()
  }
  test('every sentence is on some page, and every page finds its sentences', () => {
    const used = new Set<string>()
    const spying =
      (t: Words): Words =>
      (key, params) => {
        used.add(key)
        return t(key, params)
      }
    for (const view of galleryPages({ t: spying }).values()) view()
    const unused = [...pageCatalogue('en-US').keys()].filter((key) => !used.has(key))
    // Fields and clusters are whole vocabularies: each has its words though no fixture shows them all. Handlers name
    // a few sentences that they pass into a model.
    const doors = new URL('../src/http/', import.meta.url)
    const source = readdirSync(doors, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(new URL(name, doors), 'utf8'))
      .join('\n')
    assert.deepEqual(
      unused.filter(
        (key) => !/^(field|account|category|purpose)\./.test(key) && !source.includes(`'${key}'`),
      ),
      [],
    )
    for (const category of categories) assert.ok(pageCatalogue('en-US').has(`category.${category}`))
  })
  test('every language says the same things with the same blanks', () => {
    const english = pageCatalogue('en-US')
    for (const locale of pageLocales)
      for (const [key, message] of pageCatalogue(locale))
        assert.deepEqual(placeholders(message), placeholders(english.get(key) ?? ''), `${locale} ${key}`)
  })
  test('nothing shouts', () => {
    for (const locale of pageLocales)
      for (const [key, message] of pageCatalogue(locale))
        assert.doesNotMatch(message, /[!¡]/, `${locale} ${key}`)
  })
  test('French signs keep to their words, as Canada sets them', () => {
    for (const [key, message] of pageCatalogue('fr-CA'))
      assert.doesNotMatch(message, /« | »|«[^\u00A0]|[^\u00A0]»| :|\u00A0[;?]|'/, key)
  })
  test('every word that a page tells people to write is understood, as what the page says', () => {
    const quoted = (locale: string, key: string): string =>
      /[“«]\s?([^”»]+?)\s?[”»]/.exec(pageCatalogue(locale).get(key) ?? '')?.[1] ?? ''
    for (const locale of pageLocales) {
      for (const key of ['forwarded', 'expired', 'differ', 'not-now'].map(
        (problem) => `link.${problem}.next`,
      ))
        assert.equal(fixedWords(quoted(locale, key))?.ask.kind, 'link', `${locale} ${key}`)
      for (const key of ['me.none.say', 'closed.withdrawn.next'])
        assert.equal(fixedWords(quoted(locale, key))?.ask.kind, 'link', `${locale} ${key}`)
      for (const word of [
        quoted(locale, 'link.used.next'),
        pageCatalogue(locale).get('terms.take-back.word') ?? '',
      ])
        assert.equal(fixedWords(word)?.ask.kind, 'unlink', `${locale} ${word}`)
      // Buttons are named as the bot names them.
      const bot = openWords(locale)
      assert.equal(quoted(locale, 'consent.once.say'), bot.t('button.show-once'), locale)
      assert.equal(quoted(locale, 'start.try.forward.say'), bot.t('button.view-securely'), locale)
    }
  })
  test('every page speaks each language, and says which', () => {
    const english = galleryPages()
    for (const locale of pageLocales)
      for (const [name, view] of galleryPages({ locale })) {
        const page = view()
        assert.match(page, new RegExp(`<html lang="${locale}"`), name)
        assert.doesNotMatch(
          textOf(page),
          /\{\w+[,}]|undefined|\bNaN\b|\.\.(?!\.)|\[object/,
          `${locale} ${name}`,
        )
        if (locale !== 'en-US')
          assert.notEqual(
            textOf(/<h1[^>]*>.*?<\/h1>/s.exec(page)?.[0] ?? '') +
              textOf(/<div class="sheet">.*<\/main>/s.exec(page)?.[0] ?? ''),
            textOf(/<h1[^>]*>.*?<\/h1>/s.exec(english.get(name)?.() ?? '')?.[0] ?? '') +
              textOf(/<div class="sheet">.*<\/main>/s.exec(english.get(name)?.() ?? '')?.[0] ?? ''),
            `${locale} ${name}`,
          )
      }
  })
  test('a language that is not there is said in English, with English figures', () => {
    assert.equal(catalogueFor('xx-YY'), 'en-US')
    assert.equal(pageLocale('xx-YY'), 'en-US')
    assert.equal(pageLocale('en-GB'), 'en-GB')
    assert.equal(pageLocale('de-CH'), 'en-CH')
  })
  test('a parameter cannot smuggle markup into a sentence', () => {
    const t = openPageWords('en-US')
    const page = html`<a href="/me">x</a>`
    assert.equal(
      String(rich(t, 'terms.take-back.say', { word: '<b>\uE0000\uE001', channel: '&', page })).includes(
        '<b>',
      ),
      false,
    )
  })
})

describe('amounts and days', () => {
  const at = (locale: string, timeZone: string) =>
    openFormats({ locale, timeZone, now: Date.UTC(2026, 10, 20, 19, 20), t: openPageWords('en-US') })
  test('minor units are the currency’s own, and minus is a minus', () => {
    const en = at('en-US', 'America/New_York')
    assert.equal(en.money({ amountMinor: 234018, currency: 'USD' }), '$2,340.18')
    assert.equal(en.money({ amountMinor: -4213, currency: 'USD' }), '−$42.13')
    assert.equal(en.money({ amountMinor: 1234, currency: 'JPY' }), '¥1,234')
    assert.equal(en.money({ amountMinor: 1234, currency: 'KWD' }).replace(/\s/g, ' '), 'KWD 1.234')
    assert.equal(en.money({ amountMinor: 500, currency: 'USD' }, 'plus'), '+$5.00')
    assert.equal(
      at('fr-CA', 'America/Toronto').money({ amountMinor: 234018, currency: 'CAD' }).replace(/\s/g, ' '),
      '2 340,18 $',
    )
    assert.equal(at('en-GB', 'Europe/London').money({ amountMinor: 99, currency: 'GBP' }), '£0.99')
  })
  test('a day is the customer’s day', () => {
    const justAfterMidnightInLondon = Date.UTC(2026, 10, 20, 0, 30)
    assert.equal(at('en-US', 'Europe/London').day(justAfterMidnightInLondon), 'Today')
    assert.equal(at('en-US', 'America/New_York').day(justAfterMidnightInLondon), 'Yesterday')
    assert.equal(
      at('en-US', 'America/New_York')
        .day(Date.UTC(2026, 10, 9, 17))
        .replace(/\u00A0/g, ' '),
      'Mon 9 Nov',
    )
    assert.equal(
      at('en-US', 'America/New_York')
        .day(Date.UTC(2025, 10, 9, 17))
        .replace(/\u00A0/g, ' '),
      'Sun 9 Nov 2025',
    )
    assert.equal(
      at('en-US', 'Pacific/Auckland')
        .calendarDate('2026-11-09')
        .replace(/\u00A0/g, ' '),
      'Mon 9 Nov',
    )
  })
})

describe('what comes from outside', () => {
  test('a merchant’s name is text: no markup, no direction tricks, not endless', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 400 }),
          fc.constantFrom('<script>', '\u202E', '"><b>', '&#60;'),
        ),
        (name) => {
          const shown = outside(name, 60)
          if (shown === null) return
          const inner = String(shown)
            .replace(/^<bdi>/, '')
            .replace(/<\/bdi>$/, '')
          assert.doesNotMatch(inner, /[<>"]/)
          assert.doesNotMatch(inner, /[\p{Cc}\u202A-\u202E\u2066-\u2069\u200B]/u)
          assert.ok(Array.from(inner.replace(/&(?:amp|lt|gt|quot|#39);/g, '.')).length <= 60)
          assert.ok(inner.isWellFormed())
        },
      ),
    )
  })
  test('a card full of hostile names holds no tag of theirs', () => {
    const page = galleryPages().get('card/hostile')?.() ?? ''
    assert.doesNotMatch(page, /<script>|<img|href="https:\/\/evil|\u202E/)
    assert.match(page, /&lt;script&gt;/)
  })
  test('twin: printed as it came, the name would run', () => {
    assert.match(String(html`<b>${raw('<img src=x onerror=alert(1)>')}</b>`), /<img/)
  })
  test('a link leads to a page, never into a script', () => {
    for (const bad of ['javascript:alert(1)', 'data:text/html,x', '//evil.example', '/\\evil.example', ' /x'])
      assert.throws(() => href(bad), bad)
    for (const good of ['/me', '?q=1', 'https://bank.example/', 'x-safari-https://bank.example/'])
      assert.equal(href(good), good)
  })
})

describe('the consent page', () => {
  const whole = consentModel().notice
  const holes: Record<string, Partial<typeof whole>> = {
    askedBy: { askedBy: ' ' },
    heldBy: { heldBy: '' },
    product: { product: '' },
    categories: { categories: [] },
    certifiedBy: { certifiedBy: '' },
    longestUntil: { longestUntil: Number.NaN },
    takeBack: { takeBack: { word: '', url: '/me' } },
    carrier: { carrier: { name: 'Someone', role: '' } },
  }
  for (const [block, hole] of Object.entries(holes))
    test(`is not shown when it would not say: ${block}`, () => {
      assert.deepEqual(disclosureGaps({ ...whole, ...hole }), [block])
      assert.throws(() => consentPage(consentModel({ notice: { ...whole, ...hole } })))
    })
  test('ticks no more than the least before the customer chose', () => {
    assert.equal(leastChoice('say'), 'mask')
    assert.equal(leastChoice('band'), 'mask')
    assert.equal(leastChoice('nudge'), 'mask')
    assert.equal(leastChoice('withhold'), 'withhold')
    const page = consentPage(consentModel({ things: [thing('balance'), thing('support', 'withhold')] }))
    assert.doesNotMatch(page, /value="say"[^>]* checked/)
    assert.match(page, /name="choice\.support" value="mask" disabled/)
  })
})

describe('on the wire', () => {
  const doors = [...galleryPages()].filter(
    ([name]) => name.startsWith('door/') || name.startsWith('error/') || name.startsWith('link/'),
  )
  test('a page for a stranger shows no figure', () => {
    for (const [name, view] of doors)
      assert.doesNotMatch(view().replace(/<(svg|head).*?<\/\1>/gs, ''), /[$£€]|\d[.,]\d\d\b|··\d/, name)
  })
  test('nothing is fetched from elsewhere, nothing runs in line', () => {
    for (const [name, view] of galleryPages()) {
      const page = view()
      assert.doesNotMatch(
        page,
        /<(?:script|link|img|iframe|object|video|source)[^>]*(?:src|href)="(?!\/assets\/|data:,")/,
        name,
      )
      assert.doesNotMatch(page, /<style|<[a-z][^>]*\s(?:style|on[a-z]+)=/, name)
    }
  })
  test('the policy is strict, and only the bank’s login may receive a form', () => {
    const headers = securityHeaders({
      https: true,
      formOrigins: ['https://login.bank.example/authorize?x=1'],
    })
    const policy = headers['content-security-policy'] ?? ''
    assert.match(policy, /default-src 'none'/)
    assert.match(policy, /form-action 'self' https:\/\/login\.bank\.example;/)
    assert.match(policy, /frame-ancestors 'none'/)
    assert.doesNotMatch(policy, /unsafe|\*/)
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal(headers['referrer-policy'], 'no-referrer')
    assert.ok(headers['strict-transport-security'])
    assert.equal(securityHeaders({ https: false })['strict-transport-security'], undefined)
  })
  test('files are named by what is in them', () => {
    const again = assets([{ id: 'harbor', name: 'Harbor', letters: 'H', accent: '#123456' }])
    assert.notEqual(again.paths.css, galleryAssets.paths.css)
    assert.equal(again.paths.scripts.card, galleryAssets.paths.scripts.card)
  })
  test('a page is small: 40 kB with everything it needs, the style sheet 14 kB before compression', () => {
    assert.ok(kitCss('/assets/0123456789abcdef.svg').length <= 14_000)
    for (const [name, view] of pageLocales.flatMap((locale) => [...galleryPages({ locale })])) {
      const page = view()
      let bytes = gzipSync(page).length
      for (const [path, file] of galleryAssets.files)
        if (page.includes(path) || path.endsWith('.svg')) bytes += file.gzip.length
      if (page.includes(galleryAssets.paths.scripts.passkey)) bytes += 4_000
      assert.ok(bytes <= 40_000, `${name}: ${bytes}`)
    }
  })
})

describe('in a browser', { timeout: 180_000, concurrency: 2 }, async () => {
  let browser: Browser
  let gallery: Awaited<ReturnType<typeof openGallery>>
  let longer: Awaited<ReturnType<typeof openGallery>>
  const opened = await openBrowser()
  const skip = typeof opened === 'string' ? opened : false

  /** Words two fifths longer, as German or French can be. */
  const stretched =
    (t: Words): Words =>
    (key, params) => {
      const text = t(key, params)
      return /^(erase\.word|consent\.sentence)/.test(key)
        ? text
        : `${text} ${'verlängert '.repeat(Math.ceil((text.length * 0.4) / 11)).slice(0, Math.ceil(text.length * 0.4))}`
    }
  before(async () => {
    if (typeof opened === 'string') return
    browser = opened
    gallery = await openGallery()
    longer = await openGallery({ t: stretched })
  })
  after(async () => {
    if (typeof opened === 'string') return
    await browser.close()
    await gallery[Symbol.asyncDispose]()
    await longer[Symbol.asyncDispose]()
  })

  const phone = {
    viewport: { width: 390, height: 844 },
    reducedMotion: 'reduce',
    colorScheme: 'light',
  } as const
  const desk = {
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    colorScheme: 'dark',
  } as const
  async function withContext<Result>(
    options: Parameters<Browser['newContext']>[0],
    use: (page: Page, context: BrowserContext) => Promise<Result>,
  ): Promise<Result> {
    const context = await browser.newContext(options)
    try {
      return await use(await context.newPage(), context)
    } finally {
      await context.close()
    }
  }
  const sideways = (page: Page): Promise<number> =>
    page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  /** What axe finds, by every rule. It stays in the page, so that `lookAgain` is cheap. */
  async function audit(page: Page, name: string): Promise<void> {
    const { violations } = await new AxeBuilder({ page })
      .setLegacyMode(true)
      .options({ resultTypes: ['violations'] })
      .analyze()
    const told = violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`,
    )
    assert.deepEqual(told, [], name)
  }
  /** The rules that hang on how the page looks now: its theme, its width. */
  async function lookAgain(page: Page, name: string): Promise<void> {
    const told = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run(options: object): Promise<{ violations: { id: string; nodes: { target: unknown }[] }[] }> }
      }
      const { violations } = await axe.run({
        resultTypes: ['violations'],
        runOnly: ['color-contrast', 'link-in-text-block', 'scrollable-region-focusable', 'target-size'],
      })
      return violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map((node) => String(node.target)).join(', ')}`,
      )
    })
    assert.deepEqual(told, [], name)
  }

  for (const half of [0, 1])
    test(
      `axe finds nothing wrong on any page: phone and desk, day and night (${half + 1} of 2)`,
      { skip },
      () =>
        withContext(phone, async (page) => {
          const complaints: string[] = []
          page.on('console', (message) => {
            if (message.type() === 'error') complaints.push(message.text())
          })
          page.on('request', (request) => {
            if (!request.url().startsWith(gallery.url) && !request.url().startsWith('data:'))
              complaints.push(request.url())
          })
          for (const name of gallery.names.filter((_, i) => i % 2 === half)) {
            await page.setViewportSize(phone.viewport)
            await page.emulateMedia({ colorScheme: 'light' })
            await page.goto(`${gallery.url}/${name}`)
            assert.equal(await page.locator('h1').count(), 1, name)
            assert.ok((await sideways(page)) <= 0, `${name} scrolls sideways`)
            await audit(page, name)
            await page.emulateMedia({ colorScheme: 'dark' })
            await lookAgain(page, `${name} by night`)
            await page.setViewportSize(desk.viewport)
            assert.ok((await sideways(page)) <= 0, `${name} scrolls sideways on a desk`)
            await lookAgain(page, `${name} on a desk by night`)
            await page.emulateMedia({ colorScheme: 'light' })
            await lookAgain(page, `${name} on a desk by day`)
          }
          assert.deepEqual(complaints, [])
        }),
    )

  test('with text twice as large and words two fifths longer, no page scrolls sideways', { skip }, () =>
    withContext(phone, async (page, context) => {
      const session = await context.newCDPSession(page)
      await session.send('Page.enable')
      await session.send('Page.setFontSizes', { fontSizes: { standard: 32 } })
      const wide: string[] = []
      for (const name of longer.names) {
        await page.goto(`${longer.url}/${name}`)
        const size = await page.evaluate(() => getComputedStyle(document.body).fontSize)
        assert.equal(size, '32px')
        if ((await sideways(page)) > 0) wide.push(name)
      }
      assert.deepEqual(wide, [])
    }),
  )

  for (const locale of pageLocales.filter((tag) => tag !== 'en-US'))
    test(`in ${locale} the heaviest pages are as readable, also with text twice as large`, {
      skip,
    }, async () => {
      await using there = await openGallery({ locale })
      await withContext(phone, async (page, context) => {
        const heaviest = ['consent/all-purposes', 'card/balance', 'me/allowed', 'me/erase-three-banks']
        for (const name of heaviest) {
          await page.goto(`${there.url}/${name}`)
          await audit(page, `${locale} ${name}`)
          assert.ok((await sideways(page)) <= 0, `${name} scrolls sideways`)
        }
        const session = await context.newCDPSession(page)
        await session.send('Page.enable')
        await session.send('Page.setFontSizes', { fontSizes: { standard: 32 } })
        const more = [
          'consent/nothing-chosen',
          'card/search-wrong',
          'card/found',
          'door/sign-in',
          'link/continue',
        ]
        const wide: string[] = []
        for (const name of [
          ...heaviest,
          ...more,
          'link/pick',
          'me/left',
          'me/proof',
          'me/data',
          'start/ok',
        ]) {
          await page.goto(`${there.url}/${name}`)
          if ((await sideways(page)) > 0) wide.push(name)
        }
        assert.deepEqual(wide, [])
      })
    })

  test('in every language the consent page’s script rebuilds the very sentence that the server would write', {
    skip,
  }, async () => {
    for (const locale of pageLocales) {
      await using there = await openGallery({ locale })
      await withContext(phone, async (page) => {
        await page.goto(`${there.url}/consent/first`)
        const choices = {
          balance: 'say',
          transactions: 'mask',
          insights: 'withhold',
          'fraud-alerts': 'say',
          'account-alerts': 'withhold',
        } as const
        for (const [purpose, choice] of Object.entries(choices))
          await page.locator(`[name="choice.${purpose}"][value=${choice}]`).check({ force: true })
        const model = consentModel({
          frame: frame({}, { locale }),
          things: (['balance', 'transactions', 'insights', 'fraud-alerts', 'account-alerts'] as const).map(
            (purpose) => thing(purpose, 'say', choices[purpose]),
          ),
        })
        const written = textOf(/<p class="promise".*?<\/p>/s.exec(consentPage(model))?.[0] ?? '')
        assert.notEqual(written, '')
        const spaced = (text: string): string => text.replace(/\s+/g, ' ').trim()
        for (const sentence of await page.locator('[data-sentence]').allInnerTexts())
          assert.equal(spaced(sentence), written, locale)
        const t = openPageWords(locale)
        assert.equal(await page.locator('[data-agree]').innerText(), t('consent.agree', { count: 3 }))
        for (const purpose of Object.keys(choices))
          await page.locator(`[name="choice.${purpose}"][value=withhold]`).check({ force: true })
        assert.equal(await page.locator('[data-agree]').innerText(), t('consent.agree', { count: 0 }))
      })
    }
  })

  test('another language by keyboard alone: the switch is the last stop of a page', { skip }, () =>
    withContext(phone, async (page) => {
      await page.goto(`${gallery.url}/door/sign-in`)
      const sent = await caught(page, '/language')
      await page.keyboard.press('Shift+Tab')
      assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Français')
      await page.keyboard.press('Enter')
      await page.waitForFunction(() => document.title === 'caught')
      assert.equal(sent()?.toString(), 'back=%2Fgallery&language=fr-CA')
    }),
  )

  test('on the consent page the switch carries every choice with it, and agrees to nothing', { skip }, () =>
    withContext(phone, async (page) => {
      await page.goto(`${gallery.url}/consent/first`)
      const sent = await caught(page, '/link/consent')
      await page.locator('[name="choice.balance"][value=say]').check({ force: true })
      await page.getByRole('button', { name: 'Español' }).click()
      await page.waitForFunction(() => document.title === 'caught')
      const form = sent()
      assert.deepEqual(
        ['choice.balance', 'language', 'read-in', 'do'].map((name) => form?.get(name)),
        ['say', 'es-US', 'en-US', null],
      )
    }),
  )

  test('everything that can be tapped is at least 44 pixels high', { skip }, () =>
    withContext(phone, async (page) => {
      for (const name of gallery.names) {
        await page.goto(`${gallery.url}/${name}`)
        const small = await page.evaluate(() =>
          [
            ...document.querySelectorAll(
              'button, .button, summary, label:has(input), input:not([type=radio], [type=checkbox], [type=hidden]), .tabs a, .chips a, .links a',
            ),
          ]
            .filter((one) => one.getClientRects().length > 0 && !one.matches('.unseen'))
            .flatMap((one) =>
              one.getBoundingClientRect().height < 44
                ? `${one.tagName}.${one.className} ${one.textContent?.trim()}`
                : [],
            ),
        )
        assert.deepEqual(small, [], name)
      }
    }),
  )

  test('the sealed card and the consent page stand still while they load', { skip }, () =>
    withContext(phone, async (page) => {
      await page.addInitScript(() => {
        const sums = globalThis as unknown as { shifted: number }
        sums.shifted = 0
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) sums.shifted += (entry as unknown as { value: number }).value
        }).observe({ type: 'layout-shift', buffered: true })
      })
      for (const name of ['card/balance', 'consent/first']) {
        await page.goto(`${gallery.url}/${name}`, { waitUntil: 'networkidle' })
        assert.equal(
          await page.evaluate(() => (globalThis as unknown as { shifted: number }).shifted),
          0,
          name,
        )
      }
    }),
  )

  /** Catches what a form would have sent. */
  async function caught(page: Page, url: string): Promise<() => URLSearchParams | null> {
    let body: string | null = null
    await page.route(`**${url}`, async (route) => {
      if (route.request().method() === 'POST') body = route.request().postData()
      await route.fulfill({ status: 200, contentType: 'text/html', body: '<title>caught</title>' })
    })
    return () => (body === null ? null : new URLSearchParams(body))
  }

  test(
    'consent by keyboard alone: the sentence, the preview and the button follow every choice',
    { skip },
    () =>
      withContext(phone, async (page) => {
        await page.goto(`${gallery.url}/consent/first`)
        const sent = await caught(page, '/link/consent')
        const sentence = page.locator('.hero [data-sentence]')
        assert.match(
          await sentence.innerText(),
          /may mention your balance, your payments, your spending, and fraud warnings in Messenger, never the figures/,
        )
        await page.keyboard.press('Tab')
        assert.equal(await page.evaluate(() => document.activeElement?.className), 'skip')
        const reach = async (selector: string): Promise<void> => {
          for (let i = 0; i < 40; i++) {
            await page.keyboard.press('Tab')
            if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return
          }
          assert.fail(`the keyboard does not reach ${selector}`)
        }
        await reach('[name=accounts][value=acc-2]')
        await page.keyboard.press('Space')
        await reach('[name="choice.balance"]')
        const row = page.locator('.thing').first()
        assert.match(await row.locator('.bubble:visible').innerText(), /Your checking balance is ready/)
        await page.keyboard.press('ArrowLeft')
        assert.match(await row.locator('.bubble:visible').innerText(), /\$2,340\.18/)
        assert.match(
          await sentence.innerText(),
          /may show your balance in Messenger, and only mention your payments/,
        )
        // Enter on a choice must not agree to anything.
        await page.keyboard.press('Enter')
        assert.equal(sent(), null)
        await reach('[name="choice.transactions"]')
        await page.keyboard.press('ArrowRight')
        assert.equal(await page.locator('[data-agree]').innerText(), 'Agree to 3 things')
        await reach('[name=days]')
        await page.keyboard.press('ArrowRight')
        assert.match(await sentence.innerText(), /until 19.May.2027/)
        await reach('[name=do][value=agree]')
        await page.keyboard.press('Enter')
        await page.waitForFunction(() => document.title === 'caught')
        const form = sent()
        assert.deepEqual(form?.getAll('accounts'), ['acc-1', 'acc-2'])
        assert.deepEqual(
          ['choice.balance', 'choice.transactions', 'choice.fraud-alerts', 'days', 'do', 'csrf'].map((name) =>
            form?.get(name),
          ),
          ['say', 'withhold', 'mask', '180', 'agree', 'q1w2e3r4t5y6u7i8o9p0'],
        )
      }),
  )

  test('the preview holds the exact bytes of every choice, and shows those of the chosen one', { skip }, () =>
    withContext(desk, async (page) => {
      await page.goto(`${gallery.url}/consent/first`)
      const model = consentModel()
      for (const [i, one] of model.things.entries())
        for (const choice of ['say', 'mask', 'withhold'] as const) {
          const row = page.locator('.thing').nth(i)
          await row.locator(`[value=${choice}]`).check({ force: true })
          assert.equal(await row.locator('.when:visible').count(), 1)
          const bytes = row.locator('.when:visible pre')
          assert.equal(
            (await bytes.count()) === 0 ? null : await bytes.textContent(),
            one.previews[choice].bytes,
          )
        }
    }),
  )

  test('agreeing and declining weigh the same', { skip }, () =>
    withContext(phone, async (page) => {
      await page.goto(`${gallery.url}/consent/first`)
      const looks = await page.locator('.sign .pair button').evaluateAll((buttons) =>
        buttons.map((one) => {
          const { width, height } = one.getBoundingClientRect()
          const style = getComputedStyle(one)
          return [width, height, style.backgroundColor, style.color, style.fontSize, style.fontWeight].join()
        }),
      )
      assert.equal(looks.length, 2)
      assert.equal(looks[0], looks[1])
    }),
  )

  test('without script the consent page still shows, says and sends what is chosen', { skip }, () =>
    withContext({ ...phone, javaScriptEnabled: false }, async (page) => {
      await page.goto(`${gallery.url}/consent/first`)
      const sent = await caught(page, '/link/consent')
      const row = page.locator('.thing').first()
      await row.getByRole('radio', { name: 'Show here' }).check()
      assert.match(await row.locator('.bubble:visible').innerText(), /\$2,340\.18/)
      assert.ok(await page.getByRole('button', { name: 'Read it again with my choices' }).isVisible())
      // A count that nobody keeps up to date is not shown.
      assert.equal(await page.getByText('Agree to 4 things').isVisible(), false)
      await page.getByRole('button', { name: 'Agree to what I chose' }).click()
      assert.equal(sent()?.get('choice.balance'), 'say')
      assert.equal(sent()?.get('do'), 'agree')
    }),
  )

  test('without script a payment opens, and the search is a plain form', { skip }, () =>
    withContext({ ...phone, javaScriptEnabled: false }, async (page) => {
      await page.goto(`${gallery.url}/card/balance`)
      await page.getByText('Pier Pharmacy').first().click()
      assert.ok(await page.locator('details[open]').getByText('POS PIER PHARMACY').isVisible())
      assert.equal(await page.getByText('closes itself').isVisible(), false)
      await page.getByText('Search payments').click()
      await page.getByLabel('Shop or text').fill('corner market')
      await page.getByRole('button', { name: 'Search', exact: true }).click()
      assert.match(page.url(), /\/card\/crd_1\?q=corner\+market&/)
    }),
  )

  test('the card by keyboard: reach the search, open a payment', { skip }, () =>
    withContext(desk, async (page) => {
      await page.goto(`${gallery.url}/card/balance`)
      const seen: string[] = []
      let opened = false
      for (let i = 0; i < 60 && !opened; i++) {
        await page.keyboard.press('Tab')
        const focus = await page.evaluate(() => {
          const at = document.activeElement
          const box = at?.getBoundingClientRect()
          return {
            text: at?.textContent?.trim() ?? '',
            inView: !!box && box.bottom > 0 && box.top < innerHeight,
            outlined: !!at && getComputedStyle(at).outlineStyle !== 'none',
          }
        })
        assert.ok(focus.inView && focus.outlined, `focus is seen on ${focus.text}`)
        seen.push(focus.text)
        if (focus.text.startsWith('Corner Market')) await page.keyboard.press('Enter')
        opened = await page.locator('details.payment[open]').first().isVisible()
      }
      assert.ok(opened)
      assert.ok(seen.some((text) => text.startsWith('Search payments')))
    }),
  )

  test('an untouched card asks before it closes, stays if asked to, and closes in the end', { skip }, () =>
    withContext(phone, async (page) => {
      // The page's time stands still but for what we let pass.
      const start = Date.UTC(2026, 10, 20, 19, 20)
      await page.clock.install({ time: start })
      await page.clock.pauseAt(start + 1_000)
      await page.goto(`${gallery.url}/card/balance`)
      await page.clock.runFor(269_000)
      assert.equal(await page.locator('#idle').isVisible(), false)
      await page.clock.runFor(3_000)
      assert.ok(await page.locator('#idle').isVisible())
      assert.match(await page.locator('[data-left]').innerText(), /^2[789] seconds$/)
      await page.keyboard.press('Escape')
      assert.equal(await page.locator('#idle').isVisible(), false)
      await page.clock.runFor(272_000)
      assert.ok(await page.locator('#idle').isVisible())
      await page.clock.runFor(31_000)
      await page.waitForURL('**/card/crd_1/closed')
    }),
  )

  test('a passkey is added and then signs in; a refusal is said in words', { skip }, () =>
    withContext(phone, async (page, context) => {
      const session = await context.newCDPSession(page)
      await session.send('WebAuthn.enable')
      const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          transport: 'internal',
          hasResidentKey: true,
          hasUserVerification: true,
          isUserVerified: true,
        },
      })
      const origin = gallery.url.replace('127.0.0.1', 'localhost')
      const posted: { response?: { id: string; type: string } }[] = []
      const answer = (path: string, body: unknown) =>
        page.route(`**${path}`, async (route) => {
          assert.equal(route.request().headers()['x-csrf-token'], 'q1w2e3r4t5y6u7i8o9p0')
          posted.push(route.request().postDataJSON())
          await route.fulfill({ json: body })
        })
      const challenge = Buffer.from('a challenge of some length').toString('base64url')
      await answer('/me/passkeys/options', {
        challenge,
        rp: { id: 'localhost', name: 'Harbor Bank' },
        user: { id: 'YW5h', name: 'ana', displayName: 'Ana' },
        pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
        authenticatorSelection: { residentKey: 'required' },
      })
      await answer('/me/passkeys', { next: '/me/data-added' })
      await page.goto(`${origin}/me/data`)
      await page.getByRole('button', { name: 'Add a passkey' }).click()
      await page.waitForURL('**/me/data-added')
      const added = posted.at(-1)?.response?.id
      assert.ok(added)

      await answer('/session/passkey/options', { challenge, rpId: 'localhost', userVerification: 'required' })
      await answer('/session/passkey/verify', { next: '/card/balance' })
      await page.goto(`${origin}/door/sign-in`)
      await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
      await page.waitForURL('**/card/balance')
      assert.equal(posted.at(-1)?.response?.id, added)

      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
      await page.goto(`${origin}/door/sign-in`)
      await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
      await page.getByRole('alert').waitFor()
      assert.match(await page.getByRole('alert').innerText(), /No passkey was used/)
    }),
  )

  test('the list of banks narrows while typing, accents or not', { skip }, () =>
    withContext(phone, async (page) => {
      await page.goto(`${gallery.url}/link/pick`)
      await page.getByLabel('Find your bank').fill('erab')
      assert.deepEqual(await page.locator('#banks li:visible b').allInnerTexts(), ['Caisse Érable'])
      await page.getByLabel('Find your bank').fill('zzz')
      assert.ok(await page.getByText('No bank by that name').isVisible())
    }),
  )
})
