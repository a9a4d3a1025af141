/** The matter of the gallery: believable models for every page in every state. Everyone in them is made up. */
import type { Account, Balance, Transaction } from '../src/bank/bank.ts'
import type { Exposure } from '../src/consent/exposure.ts'
import type { Purpose } from '../src/consent/purpose.ts'
import { dayMs, hourMs, minuteMs } from '../src/core/clock.ts'
import { type AssetPaths, assets, type Brand, houseBrand } from '../src/http/kit/assets.ts'
import { shownKind } from '../src/http/kit/category.ts'
import type { Frame } from '../src/http/kit/page.ts'
import { openPageWords, pageLocale, type Words } from '../src/http/kit/words.ts'
import type { AccountWithBalance, CardModel } from '../src/http/pages/card.ts'
import type { Answer } from '../src/http/pages/card-answer.ts'
import type { Payment } from '../src/http/pages/card-payments.ts'
import type { CardSearch } from '../src/http/pages/card-search.ts'
import {
  type ConsentChoice,
  type ConsentModel,
  type ConsentThing,
  leastChoice,
} from '../src/http/pages/consent.ts'
import type { Permission } from '../src/http/pages/me.ts'
import type { DiaryEntry } from '../src/http/pages/me-left.ts'

export const brands = {
  harbor: { id: 'harbor', name: 'Harbor Bank', letters: 'H', accent: '#0b4f9e' },
  granite: { id: 'granite', name: 'Granite Bank', letters: 'G', accent: '#4a4f57' },
  erable: { id: 'erable', name: 'Caisse Érable', letters: 'É', accent: '#b3261e' },
  thistle: { id: 'thistle', name: 'Thistle Bank', letters: 'T', accent: '#6b3fa0' },
} as const satisfies Record<string, Brand>
/** How pages look before it is known whose bank it is about: by the name in the chat list. */
export const counter = { ...houseBrand, name: 'Money Counter', letters: 'MC' } satisfies Brand
export const galleryAssets = assets(Object.values(brands))

/** Friday 20 November 2026, 14:20 in New York. */
export const now = Date.UTC(2026, 10, 20, 19, 20)
const channel = 'Messenger'

/** What the gallery can be varied by. */
export type Variant = {
  readonly t?: (t: Words) => Words
  readonly locale?: string
  readonly timeZone?: string
}

export function frame(
  over: Partial<Frame> = {},
  variant: Variant = {},
  paths: AssetPaths = galleryAssets.paths,
): Frame {
  const locale = pageLocale(variant.locale ?? 'en-US')
  const t = openPageWords(locale)
  return {
    t: variant.t ? variant.t(t) : t,
    locale,
    address: '/gallery',
    timeZone: variant.timeZone ?? 'America/New_York',
    now,
    bank: brands.harbor,
    assets: paths,
    who: { channel },
    back: { url: 'https://m.me/harbor.bank', channel },
    csrf: 'q1w2e3r4t5y6u7i8o9p0',
    ...over,
  }
}

const account = (
  id: string,
  type: Account['type'],
  nickname: string,
  lastFour: string,
  side: Account['side'] = 'asset',
  currency = 'USD',
): Account => ({ id, institution: 'harbor', type, nickname, lastFour, currency, status: 'open', side })
export const checking = account('acc-1', 'checking', 'Everyday checking', '4821')
const savings = account('acc-2', 'savings', 'Rainy day', '7730')
const visa = account('acc-3', 'credit-card', 'Harbor Visa', '0192', 'liability')
export const accounts = [checking, savings, visa]

const usd = (amountMinor: number, currency = 'USD') => ({ amountMinor, currency })
const balance = (
  accountId: string,
  available: number | null,
  current: number | null,
  limit: number | null = null,
): Balance => ({
  accountId,
  available: available === null ? null : usd(available),
  current: current === null ? null : usd(current),
  creditLimit: limit === null ? null : usd(limit),
  asOf: now - 3 * minuteMs,
})
export const withBalance: readonly AccountWithBalance[] = [
  { account: checking, balance: balance('acc-1', 234018, 239018) },
  { account: savings, balance: balance('acc-2', null, 1250000) },
  { account: visa, balance: balance('acc-3', 365944, 134056, 500000) },
]

type Row = [ago: number, merchant: string | null, mcc: string, minor: number, extra?: Partial<Transaction>]
const rows: readonly Row[] = [
  [2 * hourMs, 'Corner Market', '5411', 4213, { status: 'pending', postedAt: null }],
  [5 * hourMs, 'Blue Door Coffee', '5814', 685, { status: 'pending', postedAt: null }],
  [dayMs, 'City Transit', '4111', 290],
  [dayMs + 2 * hourMs, 'Pier Pharmacy', '5912', 1875],
  [3 * dayMs, null, '0000', 321450, { direction: 'credit', description: 'PAYROLL LARKSPUR DESIGN LLC 1120' }],
  [3 * dayMs + hourMs, 'Northside Electric', '4900', 8640],
  [5 * dayMs, 'Harbor Street Cinema', '7832', 2850],
  [5 * dayMs + hourMs, 'Corner Market', '5411', 6120],
  [8 * dayMs, 'Trattoria Nonna', '5812', 5480],
  [9 * dayMs, 'ATM withdrawal', '6011', 10000, { postedAt: null }],
]
const toPayment = ([ago, merchant, mcc, minor, extra]: Row, i: number): Payment => {
  const transaction: Transaction = {
    id: `txn-${i}`,
    accountId: 'acc-1',
    status: 'posted',
    direction: 'debit',
    directionRule: 'fdx.debitCreditMemo',
    amount: usd(minor),
    at: now - ago,
    postedAt: now - ago + 6 * hourMs,
    description: `POS ${(merchant ?? '').toUpperCase()} ${mcc} PORTSIDE ME`,
    merchant,
    mcc: mcc === '0000' ? null : mcc,
    replaces: null,
    ...extra,
  }
  return { transaction, account: checking, category: shownKind(transaction, false) }
}
export const payments = rows.map(toPayment)
/** Text as bad as outside text gets: markup, direction tricks, length, a pile of accents. */
export const hostilePayments = [
  '<script>alert(1)</script><img src=x onerror=alert(2)>',
  '\u202Egnihtemos ruoy klat\u0000\u0007',
  `Z${'\u0301'.repeat(60)}algo ${'long'.repeat(60)}`,
  '"><a href="https://evil.example">Your bank: sign in here</a>',
  '\u200B\u2066\u2069',
].map((merchant, i) =>
  toPayment(
    [
      i * hourMs,
      merchant,
      '9999',
      100 + i,
      { description: merchant, direction: i === 2 ? 'unknown' : 'debit' },
    ],
    i,
  ),
)

export const search = {
  actionUrl: '/card/crd_1',
  values: {},
  wrong: {},
  asAsked: true,
  accounts: null,
} as const satisfies CardSearch
export const spending = {
  from: '2026-11-01',
  to: '2026-11-20',
  total: usd(128430),
  byCategory: (
    [
      ['groceries', 41280],
      ['home', 30000],
      ['restaurants', 21965],
      ['utilities', 14640],
      ['transport', 9120],
      ['entertainment', 6850],
      ['health', 4575],
    ] as const
  ).map(([category, minor]) => ({ category, total: usd(minor) })),
  byMonth: [
    ['2026-06', 171200],
    ['2026-07', 205530],
    ['2026-08', 189900],
    ['2026-09', 164210],
    ['2026-10', 178845],
    ['2026-11', 128430],
  ].map(([month, minor]) => ({ month: month as string, total: usd(minor as number) })),
}

const year = { from: '2025-12-01', to: '2026-11-20' }
const total = (amountMinor: number, count: number, currency = 'USD') => ({ amountMinor, count, currency })
const spent = (
  result: Extract<Answer, { subject: 'spending' }>['figures']['result'],
  over: Partial<Extract<Answer, { subject: 'spending' }>> = {},
  totals = [total(128430, 31)],
): Answer => ({
  ...year,
  merchant: null,
  category: null,
  account: null,
  uncategorised: 0,
  ...over,
  subject: 'spending',
  several: null,
  figures: { totals, result },
})
const received = (subject: 'income' | 'pay' | 'refunds') => ({
  ...year,
  merchant: null,
  category: null,
  account: null,
  subject,
})
const month = (of: string, days: number, amountMinor: number, changeMinor = 0) => ({
  month: { from: `${of}-01`, to: `${of}-${days}`, whole: days >= 28 },
  amountMinor,
  changeMinor,
})
const payOf = (payments as readonly Payment[]).find(({ category }) => category === 'income')?.transaction
/** A question of every kind, as the top of the card answers it. */
export const answers = {
  shop: spent({ is: 'sum' }, { from: '2026-11-09', to: '2026-11-15', merchant: 'Corner Market' }, [
    total(18640, 4),
  ]),
  all: spent({ is: 'sum' }),
  kind: spent(
    { is: 'sum' },
    { category: 'restaurants', account: checking, uncategorised: 3, from: '2026-11-01', to: '2026-11-30' },
  ),
  'two-currencies': spent({ is: 'sum' }, {}, [total(128430, 31), total(4500, 2, 'CAD')]),
  count: spent({ is: 'count' }),
  biggest: spent({
    is: 'biggest',
    payments: [payments[5], payments[8]].flatMap((one) => one?.transaction ?? []),
  }),
  average: spent({
    is: 'average',
    payment: [{ currency: 'USD', averageMinor: 4143, over: 31 }],
    month: {
      period: { from: '2026-05-01', to: '2026-10-31' },
      averages: [{ currency: 'USD', averageMinor: 41210, over: 6 }],
    },
  }),
  more: spent({
    is: 'compared',
    against: { from: '2026-10-01', to: '2026-10-20' },
    comparisons: [{ currency: 'USD', now: total(18640, 4), before: total(16330, 3), differenceMinor: 2310 }],
    days: null,
  }),
  less: spent({
    is: 'compared',
    against: { from: '2026-10-01', to: '2026-10-31' },
    comparisons: [
      { currency: 'USD', now: total(18640, 4), before: total(20000, 3), differenceMinor: -1360 },
      { currency: 'CAD', now: total(500, 1, 'CAD'), before: total(500, 1, 'CAD'), differenceMinor: 0 },
    ],
    days: [20, 31],
  }),
  'neither-time': spent(
    { is: 'compared', against: { from: '2026-10-01', to: '2026-10-31' }, comparisons: [], days: null },
    { merchant: 'Unicorn' },
    [],
  ),
  'too-long-ago': spent({ is: 'too-long-ago' }),
  months: spent({
    is: 'by-month',
    lists: [
      {
        currency: 'USD',
        months: [
          month('2026-11', 20, 128430),
          month('2026-10', 31, 178845, 14635),
          month('2026-09', 30, 164210, -25690),
        ],
      },
    ],
  }),
  kinds: spent(
    {
      is: 'by-category',
      lists: [
        {
          currency: 'USD',
          groups: [
            { key: 'groceries', total: total(41280, 9), items: [] },
            { key: 'coffee', total: total(21965, 14), items: [] },
            { key: null, total: total(9120, 1), items: [] },
          ],
          rest: total(56065, 7),
        },
        { currency: 'CAD', groups: [{ key: 'fuel', total: total(4500, 2, 'CAD'), items: [] }], rest: null },
      ],
    },
    {},
    [total(128430, 31), total(4500, 2, 'CAD')],
  ),
  shops: spent({
    is: 'by-merchant',
    lists: [
      {
        currency: 'USD',
        groups: hostilePayments.map(({ transaction }, i) => ({
          key: transaction.merchant ?? '',
          total: total(9000 - i * 1000, i + 1),
          items: [],
        })),
        rest: null,
      },
    ],
  }),
  nothing: spent({ is: 'sum' }, { category: 'education' }, []),
  income: { ...received('income'), subject: 'income', totals: [total(482000, 2)], refunds: [total(1899, 1)] },
  'no-income': { ...received('income'), subject: 'income', merchant: 'Larkspur', totals: [], refunds: [] },
  pay: { ...received('pay'), subject: 'pay', pay: payOf ? { is: 'pay', payment: payOf } : { is: 'unseen' } },
  refunds: { ...received('refunds'), subject: 'refunds', totals: [total(1899, 1)] },
  'no-refunds': { ...received('refunds'), subject: 'refunds', totals: [] },
  'pay-before': {
    ...received('pay'),
    from: '2026-11-20',
    subject: 'pay',
    pay: payOf ? { is: 'before', payment: payOf } : { is: 'unseen' },
  },
  'pay-unseen': { ...received('pay'), subject: 'pay', pay: { is: 'unseen' } },
} as const satisfies Record<string, Answer>

const ready = <Value>(value: Value, partial = false) => ({ state: 'ready', value, partial }) as const
export function cardModel(over: Partial<CardModel> = {}): CardModel {
  return {
    frame: frame(),
    channel,
    seal: 'S2',
    asked: { kind: 'balance', of: ready(withBalance[0] as AccountWithBalance), several: true },
    accounts: ready(withBalance.slice(1)),
    payments: ready({ items: payments, olderUrl: '/card/crd_1?before=txn-9' }),
    search,
    spending: ready(spending),
    idle: {
      afterSeconds: 300,
      warnSeconds: 30,
      closeUrl: '/card/crd_1/closed',
      leaveUrl: '/card/crd_1/closed?by=hand',
    },
    ...over,
  }
}

// ------------------------------------------------------------------ consent

const said: Partial<Record<Purpose, readonly [say: string, mask: string]>> = {
  balance: [
    'Everyday checking ··4821: $2,340.18 available ($2,390.18 before pending payments).',
    'Your checking balance is ready. It isn’t shown here because you chose to keep figures out of Messenger.',
  ],
  transactions: [
    'Last payments: Corner Market $42.13 (pending), Blue Door Coffee $6.85 (pending), City Transit $2.90 yesterday.',
    'Your last payments are ready.',
  ],
  insights: [
    'You spent $186.40 at Corner Market last week, in 4 visits (Mon 9 to Sun 15 Nov, all accounts).',
    'What you spent last week is ready.',
  ],
  'fraud-alerts': [
    '$412.00 at Bright Electronics, just now, card ··0192. Was this you?',
    'Please check a payment on card ··0192. Was this you?',
  ],
  'account-alerts': [
    'Your salary of $3,214.50 came in today.',
    'Something came in on your checking account today.',
  ],
}
const toBytes = (text: string, buttons: readonly string[]): string =>
  JSON.stringify({
    recipient: { id: '7300000000000001' },
    messaging_type: 'RESPONSE',
    message: {
      attachment: {
        type: 'template',
        payload: {
          template_type: 'button',
          text,
          buttons: buttons.map((title) => ({
            type: 'web_url',
            url: 'https://bank.example/card/crd_01JX',
            title,
          })),
        },
      },
      metadata: 'dsc_01JXEXAMPLE',
    },
  })
export function thing(
  purpose: Purpose,
  ceiling: Exposure = 'say',
  chosen: ConsentChoice = leastChoice(ceiling),
): ConsentThing {
  const [say = 'Here it is.', mask = 'Something is ready for you.'] = said[purpose] ?? []
  const buttons: Record<'say' | 'mask', string[]> =
    purpose === 'fraud-alerts'
      ? { say: ['Yes, it was me', 'No, freeze my card'], mask: ['View securely'] }
      : {
          say: ['Last payments', 'Hide figures here'],
          mask: ceiling === 'say' ? ['View securely', 'Show here, this once'] : ['View securely'],
        }
  const preview = (text: string, titles: readonly string[]) => ({
    text,
    buttons: titles,
    bytes: toBytes(text, titles),
  })
  return {
    purpose,
    ceiling,
    chosen,
    previews: {
      say: preview(say, buttons.say),
      mask: preview(mask, buttons.mask),
      withhold: { text: null, buttons: [], bytes: null },
    },
  }
}
const end = (days: number): number => now + days * dayMs
export function consentModel(over: Partial<ConsentModel> = {}): ConsentModel {
  return {
    frame: frame(),
    channel,
    chatLocale: 'en-US',
    actionUrl: '/link/consent',
    accounts: accounts.map((one) => ({ ...one, chosen: one.id === 'acc-1' })),
    things: [
      thing('balance'),
      thing('transactions'),
      thing('insights'),
      thing('fraud-alerts'),
      thing('account-alerts', 'say', 'withhold'),
    ],
    durations: [30, 90, 180, 365].map((days) => ({ days, until: end(days), chosen: days === 90 })),
    notice: {
      askedBy: 'Harbor Bank, with its assistant',
      heldBy: 'Harbor Bank',
      product: 'Answers and warnings about your own money, in your chats',
      categories: ['accounts', 'balances', 'transactions', 'merchants', 'spending', 'cards'],
      certifiedBy: 'Harbor Bank',
      longestUntil: end(365),
      takeBack: { word: '“stop sharing”', url: '/me' },
      carrier: null,
    },
    error: null,
    ...over,
  }
}

// ----------------------------------------------------------------------- me

export const urls = { allowed: '/me', left: '/me/left', data: '/me/data' }
export function permission(
  purpose: Purpose,
  choice: ConsentChoice,
  over: Partial<Permission> = {},
): Permission {
  return {
    id: `grt_${purpose}`,
    purpose,
    channel,
    choice,
    ceiling: 'say',
    accounts: [checking, visa],
    since: now - 40 * dayMs,
    until: end(325),
    lastUsedAt: now - 2 * hourMs,
    renewUrl: null,
    changeUrl: `/me/permissions/${purpose}`,
    takeBackUrl: `/me/permissions/${purpose}/take-back`,
    ...over,
  }
}
export function diaryEntry(id: string, over: Partial<DiaryEntry> = {}): DiaryEntry {
  return {
    id,
    at: now - 18 * minuteMs,
    channel,
    purpose: 'balance',
    said: 'Your checking balance is ready. It isn’t shown here because you chose to keep figures out of Messenger.',
    buttons: ['View securely', 'Show here, this once'],
    cause: 'asked',
    keptBack: ['balance.available', 'balance.current'],
    state: 'read',
    proofUrl: `/me/left/${id}`,
    ...over,
  }
}
const hash = (seed: number): string =>
  Array.from({ length: 64 }, (_, i) => ((seed * 7 + i * 13 + ((i * i) % 11)) % 16).toString(16)).join('')
export const proof = {
  origin: 'log.harbor.example/guichet',
  index: 48212,
  treeSize: 48300,
  leafHash: hash(1),
  rootHash: hash(2),
  path: [3, 4, 5, 6, 7].map(hash),
  signedAt: now - 17 * minuteMs,
  witnesses: ['witness.coast.example', 'Consumers’ Witness'],
}
