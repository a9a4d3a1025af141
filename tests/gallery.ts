/**
 * Every customer page in every state, served for eyes, screenshots and audits.
 *
 *   node tests/gallery.ts          serves the gallery and prints its address
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import serverless from '@sparticuz/chromium'
import { type Browser, chromium } from 'playwright-core'
import { dayMs, hourMs, minuteMs } from '../src/core/clock.ts'
import { assetCaching } from '../src/http/kit/assets.ts'
import { type Frame, securityHeaders } from '../src/http/kit/page.ts'
import { type CardModel, cardPage } from '../src/http/pages/card.ts'
import { consentPage } from '../src/http/pages/consent.ts'
import { type ClosedDoor, closedDoorPage, handOffPage, signInPage } from '../src/http/pages/door.ts'
import { errorPage, errorStatuses } from '../src/http/pages/error.ts'
import {
  continueAtBankPage,
  type LinkProblem,
  linkProblemPage,
  pickBankPage,
} from '../src/http/pages/link.ts'
import { allowedPage, type LinkedChat, takeBackPage, takenBackPage } from '../src/http/pages/me.ts'
import { dataPage } from '../src/http/pages/me-data.ts'
import { erasedPage, erasePage, type ForgottenBank } from '../src/http/pages/me-erase.ts'
import { leftPage, proofPage } from '../src/http/pages/me-left.ts'
import { startPage } from '../src/http/pages/start.ts'
import * as models from './gallery-models.ts'

const { brands, now } = models
const channel = 'Messenger'
const passkey = { optionsUrl: '/session/passkey/options', verifyUrl: '/session/passkey/verify' }

/** Every state by name; given a way to vary the frame (another language, a longer one), gives the page. */
export function galleryPages(variant: models.Variant = {}): ReadonlyMap<string, () => string> {
  const frame = (over: Partial<Frame> = {}): Frame => models.frame(over, variant)
  const stranger = (over: Partial<Frame> = {}): Frame => frame({ who: null, back: null, ...over })
  const card = (over: Partial<CardModel> = {}): string =>
    cardPage(models.cardModel({ frame: frame(), ...over }))
  const consent = (over: Partial<Parameters<typeof consentPage>[0]> = {}): string =>
    consentPage(models.consentModel({ frame: frame(), ...over }))
  const pages = new Map<string, () => string>()
  const { checking, payments, withBalance } = models
  const payment = payments[5] as (typeof payments)[number]
  const ready = <Value>(value: Value, partial = false) => ({ state: 'ready', value, partial }) as const

  // Start
  const parts = (state: 'ok' | 'trouble') => [
    { name: 'Gateway', say: 'localhost:7300', state: 'ok' as const, url: null },
    { name: 'Database', say: 'PostgreSQL 18, embedded; 1,900 safe writes a second', state, url: null },
    {
      name: 'Messenger platform (sandbox)',
      say: 'A phone to chat on, and what the platform saw',
      state: 'ok' as const,
      url: 'http://localhost:7310/',
    },
    { name: 'Harbor Bank (sandbox)', say: 'US, FDX 6', state: 'ok' as const, url: 'http://localhost:7321/' },
    {
      name: 'Granite Bank (sandbox)',
      say: 'US, FDX 6, strict',
      state: state === 'ok' ? ('ok' as const) : ('starting' as const),
      url: 'http://localhost:7322/',
    },
  ]
  const start = (health: 'ok' | 'starting' | 'trouble', production = false) =>
    startPage({
      frame: stranger({ bank: null }),
      version: '0.1.0',
      since: now - 12 * minuteMs,
      health,
      parts: parts(health === 'trouble' ? 'trouble' : 'ok'),
      tries: production
        ? []
        : [
            { id: 'link', url: 'http://localhost:7310/' },
            { id: 'forward', url: '/card/crd_example' },
            { id: 'take-back', url: '/me' },
          ],
      docs: (['start', 'operate', 'privacy', 'api', 'log', 'metrics'] as const).map((id) => ({
        id,
        url: `/docs/${id}`,
      })),
      logs: '.guichet/guichet.log',
    })
  pages.set('start/ok', () => start('ok'))
  pages.set('start/trouble', () => start('trouble'))
  pages.set('start/production-starting', () => start('starting', true))

  // Linking
  const places = {
    harbor: 'United States',
    granite: 'United States',
    erable: 'Canada',
    thistle: 'United Kingdom',
  }
  const pick = (query: string) =>
    pickBankPage({
      frame: stranger({ bank: models.counter }),
      channel,
      actionUrl: '/link/bank',
      searchUrl: '/link/bank',
      query,
      banks: Object.values(brands)
        .filter((bank) => bank.name.toLowerCase().includes(query))
        .map((bank) => ({ ...bank, place: places[bank.id] })),
    })
  pages.set('link/pick', () => pick(''))
  pages.set('link/pick-none', () => pick('sparrow'))
  pages.set('link/continue', () =>
    continueAtBankPage({
      frame: stranger(),
      channel,
      actionUrl: '/link/continue',
      code: 'K7 42',
      chatName: 'Harbor Bank',
      otherUrl: '/link/bank?other',
    }),
  )
  const problems: readonly LinkProblem[] = [
    'forwarded',
    'expired',
    'used',
    'differ',
    'mixed-up',
    'denied',
    'bank-down',
    'not-now',
  ]
  for (const problem of problems)
    pages.set(`link/${problem}`, () =>
      linkProblemPage({
        frame: frame({ who: null }),
        channel,
        problem,
        againUrl: ['denied', 'bank-down', 'not-now', 'used'].includes(problem) ? '/link' : null,
      }),
    )

  // Consent
  pages.set('consent/first', () => consent())
  pages.set('consent/generous', () =>
    consent({
      things: [
        models.thing('balance', 'say', 'say'),
        models.thing('transactions', 'say', 'say'),
        models.thing('fraud-alerts', 'say', 'say'),
      ],
    }),
  )
  pages.set('consent/strict-bank', () =>
    consent({
      frame: frame({ bank: brands.granite }),
      things: [
        models.thing('balance', 'band'),
        models.thing('transactions', 'mask'),
        models.thing('insights', 'nudge'),
        models.thing('support', 'withhold'),
        models.thing('fraud-alerts'),
      ],
      notice: {
        ...models.consentModel().notice,
        askedBy: 'Pocket Ledger',
        heldBy: 'Granite Bank',
        certifiedBy: 'Pocket Ledger',
        carrier: { name: 'Pocket Ledger Cloud', role: 'carries messages between Granite Bank and your chat' },
      },
    }),
  )
  pages.set('consent/all-purposes', () =>
    consent({
      things: (
        [
          'balance',
          'transactions',
          'insights',
          'receipts',
          'shipping',
          'fraud-alerts',
          'account-alerts',
          'support',
          'payments',
          'orders',
        ] as const
      ).map((purpose) => models.thing(purpose)),
      notice: {
        ...models.consentModel().notice,
        categories: [
          'accounts',
          'balances',
          'transactions',
          'merchants',
          'memos',
          'counterparties',
          'spending',
          'cards',
          'numbers',
          'identity',
        ],
      },
    }),
  )
  pages.set('consent/nothing-chosen', () =>
    consent({
      error: 'no-account',
      accounts: models.accounts.map((one) => ({ ...one, chosen: false })),
      things: [models.thing('balance', 'say', 'withhold'), models.thing('transactions', 'say', 'withhold')],
      durations: [30, 7, 1].map((days) => ({ days, until: now + days * dayMs, chosen: days === 30 })),
    }),
  )
  pages.set('consent/stale', () => consent({ error: 'stale' }))

  // Sealed card
  pages.set('card/balance', () => card())
  pages.set('card/in-app', () => card({ seal: 'S1' }))
  pages.set('card/credit-card', () =>
    card({
      seal: 'S3',
      frame: frame({ bank: brands.thistle }),
      asked: { kind: 'balance', of: ready(withBalance[2] as (typeof withBalance)[number]), several: false },
      accounts: ready(withBalance.slice(0, 2), true),
    }),
  )
  pages.set('card/payments', () => card({ asked: { kind: 'payments', found: null }, accounts: ready([]) }))
  pages.set('card/one-payment', () => card({ asked: { kind: 'payment', payment } }))
  for (const [name, answer] of Object.entries(models.answers))
    pages.set(`card/answer-${name}`, () =>
      card({
        asked: { kind: 'answer', subject: answer.subject, of: ready(answer, name === 'more') },
        accounts: ready(withBalance),
        search: {
          ...models.search,
          values: {
            ...(answer.subject === 'spending' ? { counted: 'spending' } : { counted: answer.subject }),
            ...(answer.category ? { category: answer.category } : {}),
            ...(answer.account ? { account: 'asked' } : {}),
            ...(answer.merchant ? { q: answer.merchant } : {}),
            ...(answer.subject === 'pay' ? {} : { from: answer.from, to: answer.to }),
          },
          accounts: answer.account ? `${answer.account.nickname} ··${answer.account.lastFour}` : null,
        },
        spending: ready({ ...models.spending, byMonth: models.spending.byMonth.slice(-2) }),
      }),
    )
  for (const subject of ['spending', 'income', 'pay', 'refunds'] as const)
    pages.set(`card/${subject}-loading`, () => {
      const loading = { state: 'loading', reloadUrl: null } as const
      return card({
        asked: { kind: 'answer', subject, of: loading },
        accounts: loading,
        payments: loading,
        spending: null,
      })
    })
  pages.set('card/payments-found', () =>
    card({
      asked: { kind: 'payments', found: { count: 2, from: '2026-11-01', to: '2026-11-20' } },
      accounts: ready(withBalance),
      search: {
        ...models.search,
        values: { state: 'pending', account: 'asked' },
        accounts: 'Everyday checking ··4821',
      },
      payments: ready({ items: payments.slice(0, 2), olderUrl: null }),
    }),
  )
  pages.set('card/found', () =>
    card({
      search: {
        ...models.search,
        asAsked: false,
        values: {
          q: 'corner market',
          min: '25',
          max: '100',
          from: '2026-11-01',
          to: '2026-11-20',
          direction: 'out',
        },
      },
      payments: ready({
        items: payments.filter((one) => one.transaction.merchant === 'Corner Market'),
        olderUrl: null,
      }),
    }),
  )
  pages.set('card/none-found', () =>
    card({
      search: { ...models.search, asAsked: false, values: { q: 'unicorn', direction: 'in' } },
      payments: ready({ items: [], olderUrl: null }),
    }),
  )
  pages.set('card/search-wrong', () =>
    card({
      search: {
        ...models.search,
        asAsked: false,
        values: { min: 'lots', max: '10', from: '2026-13-40', to: '2026-11-01' },
        wrong: { min: 'not-an-amount', max: 'turned-around', from: 'not-a-date' },
      },
    }),
  )
  pages.set('card/empty', () =>
    card({
      payments: ready({ items: [], olderUrl: null }),
      spending: ready({ ...models.spending, byCategory: [], byMonth: [] }),
    }),
  )
  pages.set('card/partial', () =>
    card({ payments: ready({ items: payments.slice(0, 3), olderUrl: null }, true) }),
  )
  pages.set('card/loading', () => {
    const loading = { state: 'loading', reloadUrl: null } as const
    return card({
      asked: { kind: 'balance', of: loading, several: true },
      accounts: loading,
      payments: loading,
      spending: loading,
    })
  })
  pages.set('card/trouble', () => {
    const trouble = { state: 'trouble', retryUrl: '/card/crd_1' } as const
    return card({
      asked: { kind: 'balance', of: trouble, several: false },
      accounts: trouble,
      payments: trouble,
      spending: null,
    })
  })
  pages.set('card/unknown-balance', () =>
    card({
      asked: { kind: 'balance', of: ready({ account: checking, balance: null }), several: false },
      spending: null,
    }),
  )
  pages.set('card/hostile', () =>
    card({
      payments: ready({ items: models.hostilePayments, olderUrl: null }),
      asked: { kind: 'payment', payment: models.hostilePayments[0] as (typeof payments)[number] },
    }),
  )

  // Doors without a figure
  const pageUrl = 'https://bank.example/card/crd_01JX4M8T2V'
  pages.set('door/hand-off-ios', () =>
    handOffPage({
      frame: frame({ who: null }),
      channel,
      device: 'ios',
      openUrl: 'x-safari-https://bank.example/card/crd_01JX4M8T2V',
      pageUrl,
    }),
  )
  pages.set('door/hand-off-android', () =>
    handOffPage({
      frame: frame({ who: null }),
      channel,
      device: 'android',
      openUrl: 'intent://bank.example/card/crd_01JX4M8T2V#Intent;scheme=https;end',
      pageUrl,
    }),
  )
  pages.set('door/hand-off-other', () =>
    handOffPage({ frame: frame({ who: null }), channel, device: 'other', openUrl: null, pageUrl }),
  )
  pages.set('door/hand-off-elsewhere', () =>
    handOffPage({ frame: frame({ who: null }), channel: null, device: 'elsewhere', openUrl: null, pageUrl }),
  )
  const loginOf = (bank: (typeof brands)[keyof typeof brands]) => ({
    ...bank,
    loginUrl: `/session/bank?bank=${bank.id}`,
  })
  const signIn = (over: Partial<Parameters<typeof signInPage>[0]> = {}) =>
    signInPage({
      frame: frame({ who: null }),
      channel,
      why: 'card',
      passkey,
      passkeyFirst: true,
      banks: [loginOf(brands.harbor)],
      otherUrl: null,
      error: null,
      ...over,
    })
  const counter = frame({ who: null, bank: models.counter })
  const everyBank = Object.values(brands).map(loginOf)
  pages.set('door/sign-in', () => signIn())
  pages.set('door/sign-in-first', () =>
    signIn({ passkeyFirst: false, why: 'me', error: 'bank-down', otherUrl: '/session?to=/me' }),
  )
  pages.set('door/step-up', () => signIn({ why: 'step-up', error: 'failed' }))
  pages.set('door/sign-in-banks', () =>
    signIn({ frame: counter, channel: null, passkeyFirst: false, banks: everyBank }),
  )
  pages.set('door/sign-in-banks-passkey', () => signIn({ frame: counter, why: 'me', banks: everyBank }))
  const doors: readonly ClosedDoor[] = [
    'not-yours',
    'expired',
    'nothing',
    'idle',
    'closed',
    'withdrawn',
    'signed-out',
  ]
  for (const reason of doors)
    pages.set(`door/${reason}`, () =>
      closedDoorPage({
        frame: frame({ who: null }),
        channel: reason === 'not-yours' ? null : channel,
        reason,
        againUrl: ['not-yours', 'idle', 'closed', 'signed-out'].includes(reason) ? '/session' : null,
      }),
    )

  // My permissions
  const { permission, urls } = models
  const chat = (permissions: LinkedChat['permissions'], over: Partial<LinkedChat> = {}): LinkedChat => ({
    channel,
    linkedAt: now - 40 * dayMs,
    permissions,
    takeBackAllUrl: '/me/take-back/messenger',
    stepUpUrl: null,
    ...over,
  })
  const allowed = (over: Partial<Parameters<typeof allowedPage>[0]> = {}) =>
    allowedPage({
      frame: frame(),
      urls,
      chats: [
        chat([
          permission('balance', 'say'),
          permission('transactions', 'mask', { ceiling: 'mask' }),
          permission('fraud-alerts', 'mask', {
            lastUsedAt: null,
            renewUrl: '/me/renew',
            until: now + 12 * dayMs,
          }),
        ]),
        chat([permission('insights', 'withhold', { channel: 'WhatsApp', id: 'grt_wa' })], {
          channel: 'WhatsApp',
        }),
      ],
      steppedUp: false,
      linkUrl: 'https://m.me/harbor.bank',
      changed: null,
      ...over,
    })
  pages.set('me/allowed', () => allowed())
  for (const choice of ['say', 'mask', 'withhold'] as const)
    pages.set(`me/changed-${choice}`, () =>
      allowed({
        chats: [chat([permission('balance', choice)])],
        changed: { purpose: 'balance', choice, channel },
      }),
    )
  pages.set('me/none', () => allowed({ frame: frame({ back: null }), chats: [] }))
  pages.set('me/frozen', () =>
    allowed({
      chats: [
        chat([permission('balance', 'say')], { stepUpUrl: '/me/step-up/messenger' }),
        chat([permission('balance', 'mask', { id: 'grt_two' })], { linkedAt: now - 3 * dayMs }),
      ],
    }),
  )
  pages.set('me/stepped-up', () =>
    allowed({ chats: [chat([permission('balance', 'say')])], steppedUp: true }),
  )
  pages.set('me/take-back', () =>
    takeBackPage({
      frame: frame(),
      channel,
      purpose: 'balance',
      waiting: 1,
      returnsKey: true,
      actionUrl: '/me/permissions/balance/take-back',
      keepUrl: '/me',
    }),
  )
  pages.set('me/take-back-all', () =>
    takeBackPage({
      frame: frame(),
      channel,
      purpose: null,
      waiting: 0,
      returnsKey: true,
      actionUrl: '/me/take-back/messenger',
      keepUrl: '/me',
    }),
  )
  const takenBack = { frame: frame(), channel, at: now - 18 * minuteMs, meUrl: '/me' }
  pages.set('me/taken-back', () =>
    takenBackPage({
      ...takenBack,
      purpose: 'balance',
      cancelled: 1,
      closedCards: 2,
      key: { state: 'given', at: now - 18 * minuteMs },
      proofUrl: '/me/left/dsc_1',
    }),
  )
  pages.set('me/taken-back-waiting', () =>
    takenBackPage({
      ...takenBack,
      purpose: null,
      cancelled: 0,
      closedCards: 0,
      key: { state: 'waiting' },
      proofUrl: null,
    }),
  )
  pages.set('me/taken-back-kept', () =>
    takenBackPage({
      ...takenBack,
      purpose: 'insights',
      cancelled: 2,
      closedCards: 1,
      key: { state: 'kept' },
      proofUrl: null,
    }),
  )
  const { diaryEntry } = models
  const left = (over: Partial<Parameters<typeof leftPage>[0]> = {}) =>
    leftPage({
      frame: frame(),
      urls,
      entries: [
        diaryEntry('dsc_1'),
        diaryEntry('dsc_2', {
          at: now - 3 * hourMs,
          purpose: 'fraud-alerts',
          said: '$412.00 at Bright Electronics, just now, card ··0192. Was this you?',
          buttons: ['Yes, it was me', 'No, freeze my card'],
          cause: 'bank',
          keptBack: [],
          state: 'delivered',
        }),
        diaryEntry('dsc_3', {
          at: now - 20 * hourMs,
          said: null,
          state: 'withheld',
          buttons: [],
          keptBack: ['transaction.amount', 'transaction.merchant', 'transaction.date'],
          cause: 'bank',
        }),
        diaryEntry('dsc_4', {
          at: now - 21 * hourMs,
          said: null,
          buttons: [],
          keptBack: [],
          cause: 'person',
          state: 'sent',
        }),
        ...(['waiting', 'cancelled', 'unknown', 'failed'] as const).map((state, i) =>
          diaryEntry(`dsc_5${i}`, { at: now - (4 + i) * dayMs, state, cause: 'change', buttons: [] }),
        ),
      ],
      olderUrl: '/me/left?before=dsc_53',
      newerUrl: null,
      ...over,
    })
  pages.set('me/left', () => left())
  pages.set('me/left-last', () =>
    left({ olderUrl: null, newerUrl: '/me/left', entries: [diaryEntry('dsc_1', { at: now - 340 * dayMs })] }),
  )
  pages.set('me/left-none', () => left({ entries: [], olderUrl: null }))
  const proofOf = (over: Partial<Parameters<typeof proofPage>[0]> = {}) =>
    proofPage({
      frame: frame(),
      entry: diaryEntry('dsc_1'),
      proof: models.proof,
      receipt: 'matched',
      downloadUrl: '/me/left/dsc_1/proof.json',
      backUrl: '/me/left',
      ...over,
    })
  pages.set('me/proof', () => proofOf())
  pages.set('me/proof-waiting', () =>
    proofOf({ proof: null, receipt: 'waiting', entry: diaryEntry('dsc_1', { keptBack: [] }) }),
  )
  pages.set('me/proof-lone', () => proofOf({ proof: { ...models.proof, witnesses: [] }, receipt: 'waiting' }))
  pages.set('me/proof-withheld', () =>
    proofOf({ receipt: 'none', entry: diaryEntry('dsc_1', { said: null, state: 'withheld', buttons: [] }) }),
  )
  const data = (done: 'passkey-added' | 'passkey-removed' | null, some = true) =>
    dataPage({
      frame: frame(),
      urls,
      downloadUrl: '/me/data/export',
      eraseUrl: '/me/erase',
      passkeys: some
        ? [
            {
              id: 'pk1',
              name: 'Ana’s phone',
              addedAt: now - 40 * dayMs,
              lastUsedAt: now - hourMs,
              removeUrl: '/me/passkeys/pk1/remove',
            },
            {
              id: 'pk2',
              name: 'Laptop',
              addedAt: now - 2 * dayMs,
              lastUsedAt: null,
              removeUrl: '/me/passkeys/pk2/remove',
            },
          ]
        : [],
      addPasskey: { optionsUrl: '/me/passkeys/options', verifyUrl: '/me/passkeys' },
      signOutUrl: '/session/end',
      done,
    })
  pages.set('me/data', () => data(null))
  pages.set('me/data-added', () => data('passkey-added'))
  pages.set('me/data-removed', () => data('passkey-removed', false))
  const forgotten = (
    bank: (typeof brands)[keyof typeof brands],
    over: Partial<ForgottenBank> = {},
  ): ForgottenBank => ({ ...bank, channels: [channel], live: true, here: false, ...over })
  const here = forgotten(brands.harbor, { here: true })
  const erase = (over: Partial<Parameters<typeof erasePage>[0]> = {}) =>
    erasePage({
      frame: frame(),
      actionUrl: '/me/erase',
      keepUrl: '/me/data',
      takeBackUrl: '/me/take-back',
      typed: '',
      error: null,
      banks: [here],
      named: 'harbor',
      kept: ['Harbor Bank keeps the record that you agreed and took back, for three years, as the law asks.'],
      ...over,
    })
  pages.set('me/erase', () => erase())
  pages.set('me/erase-wrong', () => erase({ typed: 'erase pls', error: 'wrong' }))
  pages.set('me/erase-two-banks', () => erase({ banks: [here, forgotten(brands.granite)] }))
  pages.set('me/erase-three-banks', () =>
    erase({
      error: 'changed',
      banks: [
        here,
        forgotten(brands.erable, { live: false }),
        forgotten(brands.thistle, { channels: [channel, 'WhatsApp'] }),
      ],
    }),
  )
  pages.set('me/erase-after-taking-back', () =>
    erase({ takeBackUrl: null, banks: [{ ...here, live: false }] }),
  )
  pages.set('me/erase-none', () => erase({ frame: frame({ back: null }), takeBackUrl: null, banks: [] }))
  const erased = { frame: stranger(), at: now, reference: 'E-48213' }
  pages.set('me/erased', () => erasedPage({ ...erased, banks: ['Harbor Bank'], key: 'given' }))
  pages.set('me/erased-waiting', () => erasedPage({ ...erased, banks: ['Harbor Bank'], key: 'waiting' }))
  pages.set('me/erased-two-banks', () =>
    erasedPage({ ...erased, banks: ['Harbor Bank', 'Granite Bank'], key: 'waiting' }),
  )

  // Errors
  for (const status of errorStatuses)
    pages.set(`error/${status}`, () =>
      errorPage({
        frame: frame({ who: null }),
        status,
        reference: 'req_01JX4M8T2V',
        retryAfterSeconds: status === 429 ? 30 : status === 503 ? 240 : null,
        onwardUrl: [401, 403, 404].includes(status) ? '/me' : null,
      }),
    )
  return pages
}

/** Serves the gallery on a free port of this machine. Nothing it shows leads anywhere. */
export async function openGallery(
  variant: models.Variant = {},
  port = 0,
): Promise<{ url: string; names: readonly string[] } & AsyncDisposable> {
  const pages = galleryPages(variant)
  const { files } = models.galleryAssets
  const server: Server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://gallery').pathname
    const file = files.get(path)
    if (file) {
      const br = /\bbr\b/.test(request.headers['accept-encoding'] ?? '')
      response.writeHead(200, {
        'content-type': file.type,
        'cache-control': assetCaching,
        ...(br ? { 'content-encoding': 'br' } : {}),
      })
      response.end(br ? file.br : file.body)
      return
    }
    const view = pages.get(path.slice(1))
    const index = `<!doctype html><html lang="en"><title>Gallery</title><h1>Gallery</h1><ul>${[...pages.keys()].map((name) => `<li><a href="/${name}">${name}</a>`).join('')}</ul></html>`
    const text = view ? view() : path === '/' ? index : null
    response.writeHead(
      text === null ? 404 : 200,
      securityHeaders({ https: false, formOrigins: ['http://localhost:7321'] }),
    )
    response.end(text ?? 'not in the gallery')
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    names: [...pages.keys()],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** One headless browser for all, or the reason why there is none on this machine. */
export async function openBrowser(): Promise<Browser | string> {
  // The packed Chromium is Linux only. Two of its flags suit a single page in a lambda, not a test that opens several.
  const unfit = ['--single-process', '--disable-web-security']
  try {
    if (process.platform !== 'linux') return await chromium.launch({ channel: 'chrome' })
    return await chromium.launch({
      args: serverless.args.filter((flag) => !unfit.includes(flag)),
      executablePath: await serverless.executablePath(),
    })
  } catch (error) {
    return `no browser here: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unknown'}`
  }
}

if (import.meta.main) {
  const { url, names } = await openGallery({}, 0)
  process.stdout.write(`${names.length} pages on ${url}/\n`)
}
