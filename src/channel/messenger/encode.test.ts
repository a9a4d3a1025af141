import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isRefusal } from '../../core/refusal.ts'
import type { Content, Receipt, Route } from '../channel.ts'
import { decodeSend } from './decode.ts'
import { type EncodeOptions, encodeSend } from './encode.ts'
import { sendRequest } from './wire.ts'

const messenger: EncodeOptions = { kind: 'messenger', httpsOnly: true }
const instagram: EncodeOptions = { kind: 'instagram', httpsOnly: true }
const id = 'out_01J9ZZZZZZZZZZZZZZZZZZZZZZ'

const encode = (content: Content, route: Route = 'response', options = messenger) =>
  encodeSend({ to: { channel: options.kind, account: 'PAGE', user: 'PSID' }, id, content, route }, options)
function body(content: Content, route: Route = 'response', options = messenger): Record<string, unknown> {
  const encoded = encode(content, route, options)
  assert.ok(!isRefusal(encoded), JSON.stringify(encoded))
  const parsed: unknown = JSON.parse(encoded.body)
  assert.ok(sendRequest.safeParse(parsed).success, 'of the platform’s own type')
  return parsed as Record<string, unknown>
}
function refusal(content: Content, route: Route = 'response', options = messenger): string {
  const encoded = encode(content, route, options)
  return isRefusal(encoded) ? encoded.refused : 'encoded'
}
const text = (words: string): Content => ({ kind: 'text', text: words })
const choice = { kind: 'choice', title: 'Yes', payload: 'YES' } as const

test('a text goes as response, update or by a person, and bears our id', () => {
  assert.deepEqual(body(text('Hello')), {
    recipient: { id: 'PSID' },
    messaging_type: 'RESPONSE',
    message: { text: 'Hello', metadata: id },
  })
  assert.equal(body(text('Hello'), 'update').messaging_type, 'UPDATE')
  const human = body(text('Hello'), 'human_agent', { ...messenger, humanPersonaId: '77' })
  assert.deepEqual([human.messaging_type, human.tag, human.persona_id], ['MESSAGE_TAG', 'HUMAN_AGENT', '77'])
})

test('a sealed card hides the share button, and only on Messenger, which knows it', () => {
  const card: Content = {
    kind: 'buttons',
    text: 'Your balance is ready.',
    buttons: [{ kind: 'url', title: 'View securely', url: 'https://bank.test/card/1', private: true }],
  }
  assert.match(JSON.stringify(body(card)), /"webview_share_button":"hide"/)
  assert.doesNotMatch(JSON.stringify(body(card, 'response', instagram)), /webview/)
})

test('login and logout buttons have no title, and are Messenger’s only', () => {
  const login: Content = {
    kind: 'buttons',
    text: 'Link your account',
    buttons: [{ kind: 'login', url: 'https://bank.test/link' }, { kind: 'logout' }],
  }
  assert.match(
    JSON.stringify(body(login)),
    /\[\{"type":"account_link","url":"https:\/\/bank.test\/link"\},\{"type":"account_unlink"\}\]/,
  )
  assert.equal(refusal(login, 'response', instagram), 'not_offered_here')
})

test('each limit holds: the last that fits is encoded, the next is refused', () => {
  const letters = (n: number): string => 'x'.repeat(n)
  const buttons = (n: number) => Array.from({ length: n }, () => choice)
  const items = (n: number, title = 'Item') =>
    Array.from({ length: n }, () => ({ title, subtitle: 'More', buttons: [choice] }))
  const table: [fits: Content, refused: Content, why: string][] = [
    [text(letters(1_999)), text(letters(2_000)), 'too_long'],
    [text('a'), text(' \n'), 'empty'],
    [
      { kind: 'buttons', text: letters(640), buttons: [choice] },
      { kind: 'buttons', text: letters(641), buttons: [choice] },
      'too_long',
    ],
    [
      { kind: 'buttons', text: 'a', buttons: buttons(3) },
      { kind: 'buttons', text: 'a', buttons: buttons(4) },
      'too_many_buttons',
    ],
    [
      { kind: 'buttons', text: 'a', buttons: buttons(1) },
      { kind: 'buttons', text: 'a', buttons: [] },
      'empty',
    ],
    [
      { kind: 'buttons', text: 'a', buttons: [{ ...choice, title: letters(20) }] },
      { kind: 'buttons', text: 'a', buttons: [{ ...choice, title: letters(21) }] },
      'too_long',
    ],
    [
      { kind: 'buttons', text: 'a', buttons: [{ ...choice, payload: letters(1_000) }] },
      { kind: 'buttons', text: 'a', buttons: [{ ...choice, payload: letters(1_001) }] },
      'too_long',
    ],
    [
      { kind: 'text', text: 'a', quickReplies: Array.from({ length: 13 }, () => choice) },
      { kind: 'text', text: 'a', quickReplies: Array.from({ length: 14 }, () => choice) },
      'too_many_quick_replies',
    ],
    [
      { kind: 'text', text: 'a', quickReplies: [{ title: letters(20), payload: 'p' }] },
      { kind: 'text', text: 'a', quickReplies: [{ title: letters(21), payload: 'p' }] },
      'too_long',
    ],
    [{ kind: 'carousel', items: items(10) }, { kind: 'carousel', items: items(11) }, 'too_many_items'],
    [
      { kind: 'carousel', items: items(1, letters(80)) },
      { kind: 'carousel', items: items(1, letters(81)) },
      'too_long',
    ],
    [
      { kind: 'carousel', items: [{ title: 'a', subtitle: 'b' }] },
      { kind: 'carousel', items: [{ title: 'a' }] },
      'empty',
    ],
    [
      { kind: 'receipt', receipt: { ...receipt, lines: Array.from({ length: 100 }, () => line) } },
      { kind: 'receipt', receipt: { ...receipt, lines: Array.from({ length: 101 }, () => line) } },
      'too_many_items',
    ],
    [
      { kind: 'buttons', text: 'a', buttons: [{ kind: 'call', title: 'Call', number: '+15550100' }] },
      { kind: 'buttons', text: 'a', buttons: [{ kind: 'call', title: 'Call', number: '555-0100' }] },
      'not_offered_here',
    ],
  ]
  for (const [fits, refused, why] of table) {
    body(fits)
    assert.equal(refusal(refused), why, JSON.stringify(refused).slice(0, 80))
  }
})

test('Instagram counts bytes: 1000 of them', () => {
  body(text('é'.repeat(500)), 'response', instagram)
  assert.equal(refusal(text('é'.repeat(501)), 'response', instagram), 'too_long')
})

test('only https leaves, and http only to this machine when that is allowed', () => {
  const link = (url: string, httpsOnly: boolean): string =>
    refusal(
      { kind: 'buttons', text: 'a', buttons: [{ kind: 'url', title: 'Go', url, private: false }] },
      'response',
      { kind: 'messenger', httpsOnly },
    )
  assert.equal(link('https://bank.test/', true), 'encoded')
  for (const url of [
    'http://bank.test/',
    'javascript:alert(1)',
    'https://user:pw@bank.test/',
    'bank.test',
    'data:text/html,x',
    'http://localhost.bank.test/',
    'http://127.0.0.1.bank.test/',
  ]) {
    assert.equal(link(url, true), 'not_https', url)
    assert.equal(link(url, false), 'not_https', url)
  }
  assert.equal(link('http://localhost:7300/card', true), 'not_https')
  assert.equal(link('http://localhost:7300/card', false), 'encoded')
  assert.equal(link('http://127.0.0.1:7300/card', false), 'encoded')
})

const line = { title: 'Coffee', quantity: 2, priceMinor: 1_230 }
const receipt: Receipt = {
  recipientName: 'Ana',
  orderNumber: '1001',
  currency: 'USD',
  paymentMethod: 'Visa 4821',
  at: 1_790_000_000_500,
  lines: [line],
  subtotalMinor: 2_460,
  taxMinor: 10,
  totalMinor: 2_470,
  adjustments: [{ name: 'Voucher', amountMinor: 5 }],
}

test('a receipt’s amounts are decimals with the currency’s own digits, never through a float', () => {
  const encoded = encode({ kind: 'receipt', receipt })
  assert.ok(!isRefusal(encoded))
  assert.match(encoded.body, /"price":12\.30,/)
  assert.match(encoded.body, /"summary":\{"subtotal":24\.60,"total_tax":0\.10,"total_cost":24\.70\}/)
  assert.match(encoded.body, /"timestamp":"1790000000"/)
  assert.match(encoded.body, /"sharable":false/)
  const yen = encode({ kind: 'receipt', receipt: { ...receipt, currency: 'JPY' } })
  assert.ok(!isRefusal(yen))
  assert.match(yen.body, /"price":1230,/)
  assert.equal(refusal({ kind: 'receipt', receipt }, 'response', instagram), 'not_offered_here')
})

const utility: Content = {
  kind: 'template',
  name: 'card_alert',
  language: 'en_US',
  parameters: ['USD 12.30', 'Corner Market'],
  urlSuffix: 'card/abc?from=alert',
}

test('a utility template goes by its route, and nothing else does', () => {
  assert.deepEqual(body(utility, 'utility').message, {
    template: {
      name: 'card_alert',
      language: { code: 'en_US' },
      components: [
        {
          type: 'body',
          parameters: [
            { type: 'text', text: 'USD 12.30' },
            { type: 'text', text: 'Corner Market' },
          ],
        },
        { type: 'buttons', parameters: [{ type: 'URL', url: 'card/abc?from=alert' }] },
      ],
    },
    metadata: id,
  })
  assert.equal(refusal(utility, 'response'), 'route_closed')
  assert.equal(refusal(text('Hello'), 'utility'), 'route_closed')
  assert.equal(refusal({ kind: 'receipt', receipt }, 'human_agent'), 'route_closed')
  assert.equal(refusal(utility, 'utility', instagram), 'not_offered_here')
})

test('template parameters carry nothing the platform warns of, and the suffix stays on the approved address', () => {
  for (const bad of ['$12.30', '#1', '5 %', 'two\nlines', 'a\tb', 'far    apart']) {
    assert.equal(refusal({ ...utility, parameters: [bad] }, 'utility'), 'not_offered_here', bad)
  }
  assert.equal(refusal({ ...utility, parameters: [''] }, 'utility'), 'empty')
  for (const bad of ['../up', 'https://evil.test', 'a b', 'x#y']) {
    assert.equal(refusal({ ...utility, urlSuffix: bad }, 'utility'), 'not_offered_here', bad)
  }
  assert.equal(refusal({ ...utility, name: 'Card Alert' }, 'utility'), 'not_offered_here')
})

const words = (maxLength: number) =>
  fc
    .string({ minLength: 1, maxLength, unit: 'grapheme' })
    .filter((one) => one.trim() !== '' && one.length <= maxLength)
const anyChoice = fc.record({ title: words(20), payload: words(200) })
const anyButton = fc.oneof(
  anyChoice.map(({ title, payload }) => ({ kind: 'choice' as const, title, payload })),
  fc
    .record({ title: words(20), private: fc.boolean(), path: fc.webPath() })
    .map(({ title, path, ...rest }) => ({
      kind: 'url' as const,
      title,
      url: `https://bank.test${path}`,
      private: rest.private,
    })),
  fc.constant({ kind: 'logout' as const }),
)
const quickReplies = fc.array(anyChoice, { minLength: 1, maxLength: 13 })
const anyContent: fc.Arbitrary<Content> = fc.oneof(
  fc.record(
    { kind: fc.constant('text' as const), text: words(500), quickReplies },
    { requiredKeys: ['kind', 'text'] },
  ),
  fc.record(
    {
      kind: fc.constant('buttons' as const),
      text: words(300),
      buttons: fc.array(anyButton, { minLength: 1, maxLength: 3 }),
      quickReplies,
    },
    { requiredKeys: ['kind', 'text', 'buttons'] },
  ),
  fc.record({
    kind: fc.constant('carousel' as const),
    items: fc.array(fc.record({ title: words(80), subtitle: words(80) }), { minLength: 1, maxLength: 10 }),
  }),
  fc.record({
    kind: fc.constant('receipt' as const),
    receipt: fc.record(
      {
        recipientName: words(40),
        orderNumber: words(20),
        currency: fc.constantFrom('USD', 'CAD', 'JPY', 'KWD'),
        paymentMethod: words(40),
        lines: fc.array(fc.record({ title: words(40), priceMinor: fc.integer() }), { maxLength: 5 }),
        totalMinor: fc.integer(),
        taxMinor: fc.integer(),
      },
      { requiredKeys: ['recipientName', 'orderNumber', 'currency', 'paymentMethod', 'lines', 'totalMinor'] },
    ),
  }),
)

test('whatever is encoded reads back as the same content, to the last minor unit', () => {
  fc.assert(
    fc.property(anyContent, (content) => {
      const encoded = encode(content)
      assert.ok(!isRefusal(encoded), JSON.stringify(encoded))
      const decoded = decodeSend(JSON.parse(encoded.body))
      assert.ok(!isRefusal(decoded))
      // A copy, because the generator's objects have no prototype.
      assert.deepEqual(decoded, { user: 'PSID', route: 'response', id, content: structuredClone(content) })
    }),
    { numRuns: 300 },
  )
})
