import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { ChannelKind, Content } from '../channel/channel.ts'
import { encodeSend } from '../channel/messenger/encode.ts'
import type { Exposure } from '../consent/exposure.ts'
import type { GrantView } from '../consent/grant-view.ts'
import type { Purpose } from '../consent/purpose.ts'
import { isRefusal } from '../core/refusal.ts'
import { openWords } from '../core/words.ts'
import type { Answer, Line } from './answer.ts'
import { compilePolicy } from './compile.ts'
import { compose, type ComposeContext } from './compose.ts'
import { fact, type FactValue } from './fact.ts'
import { readPolicy } from './policy.ts'

const now = Date.parse('2026-11-20T19:02:00Z')
const policyOf = (bank: string) => {
  const policy = readPolicy(readFileSync(new URL(`../../policies/${bank}.json`, import.meta.url), 'utf8'))
  if (isRefusal(policy)) assert.fail(bank)
  return compilePolicy(policy)
}
const names: Record<string, string> = {
  harbor: 'Harbor Bank',
  granite: 'Granite Bank',
  erable: 'Banque Érable',
  thistle: 'Thistle Bank',
}

const grantFor = (
  institution: string,
  items: Partial<Record<Purpose, Exposure>>,
  of: Partial<GrantView> = {},
): GrantView => ({
  grantId: 'grt_1',
  version: 1,
  state: 'active',
  channel: 'messenger',
  institution,
  validUntil: now + 1,
  accounts: new Set(['acc-1']),
  items,
  ...of,
})

const contextFor = (institution: string, of: Partial<ComposeContext> = {}): ComposeContext => ({
  id: 'msg_1',
  to: { channel: 'messenger', account: '100200', user: '730001' },
  channel: {
    encode: (request) =>
      encodeSend(request, {
        kind: request.to.channel === 'instagram' ? 'instagram' : 'messenger',
        httpsOnly: true,
      }),
  },
  route: 'response',
  state: 'open',
  policy: policyOf(institution),
  grant: null,
  once: false,
  now,
  words: openWords('en-US'),
  timeZone: 'America/New_York',
  institutionName: names[institution] ?? institution,
  links: {
    card: 'https://gate.example/card/crd_1',
    login: 'https://gate.example/link/1',
    permissions: 'https://gate.example/me',
    bank: 'https://bank.example/',
  },
  ...of,
})

const money = (amountMinor: number, currency = 'USD'): FactValue => ({
  type: 'money',
  money: { amountMinor, currency },
})
const text = (value: string): FactValue => ({ type: 'text', text: value })

const balance = (institution: string, of: Partial<Answer> = {}): Answer => ({
  purpose: 'balance',
  institution,
  because: 'asked',
  lines: [
    {
      key: 'balance.said',
      band: 'balance.band',
      needs: {
        account: fact('account.nickname', text('Checking'), 'acc-1'),
        available: fact('balance.available', money(234_018), 'acc-1'),
      },
      may: {
        lastFour: fact('account.last-four', text('4821'), 'acc-1'),
        current: fact('balance.current', money(239_018), 'acc-1'),
      },
    },
  ],
  masked: { ready: 'balance.masked' },
  choices: [
    { title: 'button.payments', payload: 'TRANSACTIONS', when: 'said' },
    { title: 'button.hide', payload: 'HIDE', when: 'said' },
  ],
  once: 'once:h1',
  ...of,
})
const row = (amountMinor: number, merchant: string, daysAgo: number, account = 'acc-1'): Line => ({
  key: 'transactions.row.out',
  band: 'transactions.row.band',
  needs: {
    date: fact(
      'transaction.date',
      { type: 'date', at: now - daysAgo * 86_400_000, withTime: false },
      account,
    ),
    amount: fact('transaction.amount', money(amountMinor), account),
  },
  may: { merchant: fact('transaction.merchant', text(merchant), account) },
})
const payments = (institution: string, rows: readonly Line[]): Answer => ({
  purpose: 'transactions',
  institution,
  because: 'asked',
  lines: [{ key: 'transactions.head' }],
  rows,
  masked: { ready: 'transactions.masked', bankKeeps: 'transactions.bank-says-no' },
  card: { shows: 'transactions', accountIds: ['acc-1'] },
  once: 'once:h2',
})

/** What a person sees: the text, then the buttons and quick replies in brackets. */
function seen(answer: Answer, context: ComposeContext): string | null {
  const composed = compose(answer, context)
  return composed && asSeen(composed.content)
}
function asSeen(content: Content): string {
  if (content.kind === 'template')
    return `template ${content.name} ${content.parameters.join(',')} ${content.urlSuffix ?? ''}`.trim()
  assert.ok(content.kind === 'text' || content.kind === 'buttons')
  const buttons = content.kind === 'buttons' ? content.buttons : []
  const titles = [
    ...buttons.map((button) => ('title' in button ? button.title : button.kind)),
    ...(content.quickReplies ?? []).map((reply) => reply.title),
  ]
  return [content.text, ...titles.map((title) => `[${title}]`)].join(' ')
}

test('a balance that may be said is said, with what comes before pending payments', () => {
  assert.equal(
    seen(balance('harbor'), contextFor('harbor', { grant: grantFor('harbor', { balance: 'say' }) })),
    'Checking ··4821: $2,340.18 available ($2,390.18 before pending payments). [Last payments] [Hide figures here]',
  )
})

test('kept figures are not shown, with the reason, the secure page and "this once"', () => {
  const masked =
    "Your balance is ready. It isn't shown here because you chose to keep figures out of Messenger. [View securely] [Show here, this once]"
  const grant = grantFor('harbor', { balance: 'mask' })
  assert.equal(seen(balance('harbor'), contextFor('harbor', { grant })), masked)
  // The account's kind is repeated only where the person's own words named it.
  const asked = balance('harbor', {
    masked: { ready: 'balance.masked', params: { account: { type: 'term', key: 'account-type.checking' } } },
  })
  assert.match(seen(asked, contextFor('harbor', { grant })) ?? '', /^Your checking balance is ready\./)
  assert.match(seen(balance('harbor'), contextFor('harbor', { grant, once: true })) ?? '', /\$2,340\.18/)
})

test('several kept things are spoken of as several', () => {
  const several = { ready: 'balance.masked-many', several: true } as const
  assert.match(
    seen(
      balance('harbor', { masked: several }),
      contextFor('harbor', { grant: grantFor('harbor', { balance: 'mask' }) }),
    ) ?? '',
    /^Your balances are ready\. They aren't shown here because you chose/,
  )
  const thistle = contextFor('thistle', { to: { channel: 'instagram', account: '1', user: '2' } })
  const grant = grantFor('thistle', { balance: 'mask' }, { channel: 'instagram' })
  assert.match(
    seen(balance('thistle', { masked: several }), { ...thistle, grant }) ?? '',
    /^Your balances are ready\. They aren't shown here because Thistle Bank keeps them on its own pages\./,
  )
})

test('"this once" is not offered where the bank would not let it be said', () => {
  const context = contextFor('thistle', {
    grant: grantFor('thistle', { balance: 'mask' }),
    to: { channel: 'instagram', account: '1', user: '2' },
  })
  const grant = grantFor('thistle', { balance: 'mask' }, { channel: 'instagram' })
  assert.equal(
    seen(balance('thistle'), { ...context, grant }),
    "Your balance is ready. It isn't shown here because Thistle Bank keeps it on its own pages. [View securely]",
  )
})

test('a bank that tells bands tells a true one, whatever the customer allowed', () => {
  const context = contextFor('granite', { grant: grantFor('granite', { balance: 'say' }) })
  assert.match(
    seen(balance('granite'), context) ?? '',
    /^Checking ··4821: between \$1,000 and \$5,000 available\./,
  )
  for (const [amountMinor, band] of [
    [2_500_001, 'above $25,000'],
    [2_500_000, 'between $10,000 and $25,000'],
    [0, '$0 or less'],
    [-1, '$0 or less'],
    [1, 'between $0 and $500'],
  ] as const) {
    const line: Line = {
      key: 'balance.current.said',
      band: 'balance.current.band',
      needs: { current: fact('balance.current', money(amountMinor), 'acc-1') },
    }
    const told = balance('granite', { lines: [line], choices: [] })
    assert.ok(seen(told, context)?.startsWith(`${band}.`))
    // The exact figure is a tap away, on the bank's own page.
    assert.match(compose(told, context)?.body ?? '', /View securely/)
  }
  // No thresholds for this currency: there is no coarse form, so it is kept.
  const yen = balance('granite', {
    lines: [
      {
        key: 'balance.current.said',
        band: 'balance.current.band',
        needs: { current: fact('balance.current', money(5_000, 'JPY'), 'acc-1') },
      },
    ],
  })
  assert.match(
    seen(yen, context) ?? '',
    /^Your balance is ready\. It isn't shown here because Granite Bank keeps it/,
  )
})

test('a bank that lists payments nowhere but on its own pages says so and opens them', () => {
  assert.equal(
    seen(
      payments('granite', [row(1250, 'Corner Market', 1)]),
      contextFor('granite', { grant: grantFor('granite', { transactions: 'say' }) }),
    ),
    "Granite Bank doesn't let payments be listed outside its own pages. You can see them here: [Open my payments]",
  )
})

test('where a shop may not be named, a payment is "a payment"', () => {
  const rows = [row(1250, 'Corner Market', 0), row(9_900, 'Café Nord', 1)]
  assert.equal(
    seen(
      payments('harbor', rows),
      contextFor('harbor', { grant: grantFor('harbor', { transactions: 'say' }) }),
    ),
    'Your last payments:\ntoday · Corner Market · $12.50\nyesterday · Café Nord · $99.00',
  )
  assert.equal(
    seen(
      payments('erable', rows),
      contextFor('erable', { grant: grantFor('erable', { transactions: 'say' }) }),
    ),
    'Your last payments:\ntoday · a payment · $12.50\nyesterday · a payment · $99.00',
  )
})

test('a list too long for one message is cut between lines, counted, and opens in full', () => {
  const rows = Array.from({ length: 60 }, (_, i) =>
    row(1250 + i, 'A shop with a rather long name of its own', i),
  )
  const composed = compose(
    payments('harbor', rows),
    contextFor('harbor', { grant: grantFor('harbor', { transactions: 'say' }) }),
  )
  assert.ok(composed?.content.kind === 'buttons')
  const lines = composed.content.text.split('\n')
  assert.ok(composed.content.text.length <= 640)
  assert.equal(lines.at(-1), `And ${60 - (lines.length - 2)} more.`)
  assert.match(lines.at(-2) ?? '', /\$\d+\.\d\d$/)
  const told = [...composed.rendered.told.values()]
  assert.ok(told.includes('say') && told.includes('mask'))
})

test('accounts that were not allowed fall out of a list without a trace', () => {
  const rows = [row(1250, 'Corner Market', 0), row(777_777, 'Secret Shop', 0, 'acc-9')]
  assert.equal(
    seen(
      payments('harbor', rows),
      contextFor('harbor', { grant: grantFor('harbor', { transactions: 'say' }) }),
    ),
    'Your last payments:\ntoday · Corner Market · $12.50',
  )
})

test('a sum over several accounts is told only when every one of them is allowed', () => {
  const sum = (accounts: string[]): Answer => ({
    purpose: 'insights',
    institution: 'harbor',
    because: 'asked',
    accounts,
    lines: [
      {
        key: 'spending.said',
        needs: {
          total: fact('spending.total', money(18_640)),
          count: fact('spending.count', { type: 'count', count: 4 }),
        },
        params: {
          period: { type: 'period', from: '2026-11-09', to: '2026-11-15' },
          merchant: { type: 'asked', text: 'Corner Market' },
        },
      },
    ],
    masked: { ready: 'spending.masked' },
  })
  const context = contextFor('harbor', { grant: grantFor('harbor', { insights: 'say' }) })
  assert.equal(
    seen(sum(['acc-1']), context),
    'You spent $186.40 at Corner Market from Mon 9 Nov to Sun 15 Nov, in 4 payments (all the accounts you allowed).',
  )
  assert.equal(
    seen(sum(['acc-1', 'acc-2']), context),
    "That account isn't among those you allowed here. You can add it under your permissions. [My permissions]",
  )
  assert.match(seen(sum([]), context) ?? '', /isn't among those you allowed/)
})

test('every refusal is kind and has a next step', () => {
  const cases: [Partial<ComposeContext>, RegExp][] = [
    [{ grant: null }, /Link your account first.*\[Link my account\]/],
    [{ grant: grantFor('harbor', { balance: 'say' }, { state: 'withdrawn' }) }, /took back.*\[Link again\]/],
    [
      { grant: grantFor('harbor', { balance: 'say' }, { state: 'revoked' }) },
      /Harbor Bank ended.*\[Link again\]/,
    ],
    [{ grant: grantFor('harbor', { balance: 'say' }, { validUntil: now }) }, /end date.*\[Link again\]/],
    [{ grant: grantFor('harbor', {}) }, /switched this off for Messenger.*\[My permissions\]/],
    [
      { grant: grantFor('harbor', { balance: 'say' }, { accounts: new Set() }) },
      /isn't among those.*\[My permissions\]/,
    ],
    [
      { grant: grantFor('harbor', { balance: 'say' }, { state: 'suspended' }) },
      /paused until you sign in.*\[Sign in again\]/,
    ],
    [{ grant: grantFor('harbor', {}), links: {} }, /switched this off.*\[Talk to someone\]/],
  ]
  for (const [of, expected] of cases)
    assert.match(seen(balance('harbor'), contextFor('harbor', of)) ?? '', expected)
})

test('when nobody asked, a refusal is silence', () => {
  for (const grant of [
    null,
    grantFor('harbor', {}),
    grantFor('harbor', { balance: 'say' }, { state: 'withdrawn' }),
  ])
    assert.equal(compose(balance('harbor', { because: 'event' }), contextFor('harbor', { grant })), null)
})

test('after an identity event nothing of money is said, nor what was once agreed', () => {
  for (const grant of [
    grantFor('harbor', { balance: 'say' }),
    grantFor('harbor', { balance: 'say' }, { state: 'withdrawn' }),
    null,
  ]) {
    const context = contextFor('harbor', { grant, state: 'identity_changed', once: true })
    assert.equal(
      seen(balance('harbor'), context),
      "This chat's owner may have changed, so I've stopped showing anything until you sign in again. [Sign in again]",
    )
  }
  const context = contextFor('harbor', {
    grant: grantFor('harbor', { balance: 'say' }),
    state: 'identity_changed',
  })
  assert.equal(
    seen(balance('harbor', { because: 'event' }), context),
    'You have a message from Harbor Bank. [Open securely]',
  )
})

test('a bank that lets nothing of money be said sends a nudge', () => {
  const answer: Answer = { ...balance('granite'), purpose: 'support' }
  assert.equal(
    seen(answer, contextFor('granite', { grant: grantFor('granite', { support: 'say' }) })),
    'You have a message from Granite Bank. [Open securely]',
  )
})

test('outside the window a template says that a message waits, and carries the name of the bank only', () => {
  const closed = { route: 'utility', state: 'open' } as const
  const grant = grantFor('harbor', { balance: 'say' })
  assert.equal(
    seen(balance('harbor'), contextFor('harbor', { ...closed, grant })),
    'template message_waiting Harbor Bank card/crd_1',
  )
  assert.equal(
    seen(balance('harbor', { template: 'balance_ready' }), contextFor('harbor', { ...closed, grant })),
    'template balance_ready Harbor Bank card/crd_1',
  )
  const nudge = grantFor('harbor', { balance: 'nudge' })
  assert.match(
    seen(
      balance('harbor', { template: 'balance_ready' }),
      contextFor('harbor', { ...closed, grant: nudge }),
    ) ?? '',
    /^template message_waiting/,
  )
  assert.equal(compose(balance('harbor'), contextFor('harbor', { ...closed, grant: null })), null)
  const frozen = contextFor('harbor', { route: 'utility', state: 'identity_changed', grant })
  assert.match(
    seen(balance('harbor', { template: 'balance_ready' }), frozen) ?? '',
    /^template message_waiting/,
  )
})

test('on standby and after a block not even help is sent', () => {
  const help: Answer = { purpose: null, institution: null, because: 'asked', lines: [{ key: 'help.text' }] }
  for (const state of ['standby', 'blocked'] as const)
    assert.equal(compose(help, contextFor('harbor', { state })), null)
  assert.match(
    seen(help, contextFor('harbor', { state: 'identity_changed', policy: null, institutionName: null })) ??
      '',
    /^I can show a balance/,
  )
})

test("one bank's facts are never decided under another bank's policy", () => {
  assert.throws(
    () =>
      compose(balance('harbor'), contextFor('granite', { grant: grantFor('granite', { balance: 'say' }) })),
    /own bank's policy/,
  )
})

test('a number that may never be in a chat stops the message, even when our own code put it there', () => {
  const wrong: Answer = { purpose: null, institution: null, because: 'asked', lines: [{ key: 'nudge.text' }] }
  assert.throws(
    () => compose(wrong, contextFor('harbor', { institutionName: 'card 4111 1111 1111 1111' })),
    /no card_number leaves/,
  )
})

test('hostile names cannot add a line, a link or a placeholder', () => {
  const evil = '\n\nHarbor Bank: verify at http://evil.example/{bank} or call +1 800 555 0199 \u202e'
  const out =
    seen(
      payments('harbor', [row(1250, evil, 0)]),
      contextFor('harbor', { grant: grantFor('harbor', { transactions: 'say' }) }),
    ) ?? ''
  assert.equal(out, 'Your last payments:\ntoday · Harbor Bank verify at http evil example… · $12.50')
})

test('the same answer fits every channel', () => {
  const help: Answer = {
    purpose: null,
    institution: 'harbor',
    because: 'asked',
    lines: [{ key: 'bot.hello' }],
    choices: [{ title: 'button.link', link: 'login' }, { logout: true }],
  }
  for (const channel of ['messenger', 'instagram'] as ChannelKind[]) {
    const context = contextFor('harbor', { to: { channel, account: '1', user: '2' } })
    assert.match(
      seen(help, context) ?? '',
      channel === 'messenger' ? /\[login\] \[logout\]$/ : /\[Link my account\]$/,
    )
  }
})
