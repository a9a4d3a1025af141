/** Whoever keeps figures out of the messenger gets the same answers as whoever lets them in: on the sealed card. */
import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { remember } from '../../src/conversation/thread.ts'
import { isRefusal } from '../../src/core/refusal.ts'
import type { MoneyAsk } from '../../src/intent/ask.ts'
import { openTestHouse, type TestHouse } from '../house.ts'
import type { PersonHandle } from '../person.ts'
import { type Page, textOf } from '../visitor.ts'

const ana = { username: 'ana', password: 'sandbox' }

let house: TestHouse
let person: PersonHandle
before(async () => {
  house = await openTestHouse({ serves: ['harbor'] })
  const bought = async (merchant: string, amount: string, mcc: string, account = 'checking') =>
    assert.equal(
      isRefusal(await house.banks.harbor.purchase({ person: 'ana', merchant, amount, mcc, account })),
      false,
    )
  await bought('Heron Lamps', '41.10', '5719')
  // A bank tells times to the second: which of two came first must not hang on how fast this machine is.
  house.clock.advance(2_000)
  await bought('Heron Lamps', '8.90', '5719')
  await bought('Quince Kitchen', '77.13', '5812')
  await bought('Quince Kitchen', '12.40', '5812', 'card')
  assert.equal(isRefusal(await house.banks.harbor.salary({ person: 'ana', amount: '2222.22' })), false)
  person = house.stranger()
  await person.link({
    bank: 'harbor',
    login: ana,
    choices: { balance: 'mask', transactions: 'mask', insights: 'mask' },
  })
})
after(() => house[Symbol.asyncDispose]())

let asked = 0
/** Puts a question as a button would: what is understood of a sentence is another story. */
async function asks(question: MoneyAsk, who = person): Promise<{ chat: string; card: Page }> {
  const contact = (await who.contact()) ?? assert.fail('no contact')
  const handle = `handle${String(asked++).padStart(6, '0')}`
  remember(contact.thread, handle, question, house.clock.now())
  house.platform.tap(who.psid, `ask:${handle}`)
  await house.settle()
  const masked = who.replies().at(-1) ?? assert.fail('no reply')
  assert.doesNotMatch(masked.text, money)
  // The card's button is not always called the same.
  const address = who.linkOf(masked.buttons[0] ?? '')
  let card = await who.visit(address)
  if (card.status === 401) card = await who.signInAt(card, { as: ana })
  assert.equal(card.status, 200)
  const said = await who.tap('Show here, this once')
  return { chat: said.map(({ text }) => text).join('\n'), card }
}

const money = /\$\d[\d,]*\.\d\d/
const amountsIn = (text: string): string[] => (text.match(new RegExp(money, 'g')) ?? []).sort()
/** The top of the card and the table under it. */
const answerOn = ({ html }: Page): string =>
  textOf(
    [/<div class="hero">[\s\S]*?<div class="sheet">/, /<section class="card" id="parts">[\s\S]*?<\/section>/]
      .map((part) => part.exec(html)?.[0] ?? '')
      .join(' '),
  )
const rowsOn = ({ html }: Page): string[] =>
  [...html.matchAll(/<details[^>]*class="[^"]*payment[^"]*"[\s\S]*?<\/summary>/g)].map(([row]) => textOf(row))
const chipsOn = ({ html }: Page): string[] =>
  [
    ...(/<ul class="chips" aria-label="Searching[\s\S]*?<\/ul>/.exec(html)?.[0] ?? '').matchAll(
      /<li>[\s\S]*?<\/li>/g,
    ),
  ]
    .map(([chip]) => textOf(chip).replace('×(drop this)', ''))
    .filter((text) => text !== 'Clear all')

const day = (daysAgo: number): string =>
  new Date(house.clock.now() - daysAgo * 86_400_000).toLocaleDateString('en-CA', {
    timeZone: 'America/New_York',
  })
const month = (ago: number): { from: string; to: string } => {
  const [year = 0, now = 0] = day(0).split('-').map(Number)
  const at = (days: number) => new Date(Date.UTC(year, now - 1 - ago + days, 1))
  const last = new Date(at(1).getTime() - 86_400_000)
  return { from: at(0).toISOString().slice(0, 10), to: last.toISOString().slice(0, 10) }
}
const spending = (of: Partial<Extract<MoneyAsk, { kind: 'spending' }>> = {}): MoneyAsk => ({
  kind: 'spending',
  period: month(1),
  ...of,
})

describe('the card shows the figures that the chat would say', () => {
  const questions: Record<string, () => MoneyAsk> = {
    'how much did I spend last month': () => spending(),
    'how much on eating out this week': () =>
      spending({ category: 'restaurants', period: { from: day(6), to: day(0) } }),
    'how much from my checking account': () => spending({ account: { type: 'checking' } }),
    'how much at quince kitchen': () =>
      spending({ merchant: 'quince kitchen', period: { from: day(6), to: day(0) } }),
    'how much a month on average': () =>
      spending({ measure: 'average', by: 'month', period: { from: month(4).from, to: month(1).to } }),
    'how much a payment on average': () => spending({ measure: 'average' }),
    'how many payments': () => spending({ measure: 'count' }),
    'my biggest payment': () => spending({ measure: 'biggest' }),
    'more than the month before': () => spending({ against: month(2) }),
    'month by month': () => spending({ by: 'month', period: { from: month(3).from, to: month(0).from } }),
    'by kind': () => spending({ by: 'category' }),
    'by shop': () => spending({ by: 'merchant' }),
    'how much came in last month': () => ({ kind: 'income', period: month(1) }),
    'my last pay': () => ({ kind: 'income', pay: true }),
  }
  for (const [name, question] of Object.entries(questions))
    test(name, async () => {
      const { chat, card } = await asks(question())
      const said = amountsIn(chat)
      assert.ok(said.length > 0, chat)
      assert.deepEqual(amountsIn(answerOn(card)), said, `${chat}\n${answerOn(card)}`)
      for (const [count] of chat.matchAll(/\d+ (?=payments? |full)/g))
        assert.ok(answerOn(card).includes(count), `${count} in ${answerOn(card)}`)
    })

  test('nothing found is said on both, in words', async () => {
    const { chat, card } = await asks(spending({ merchant: 'zebra crossing' }))
    assert.match(chat, /I found nothing spent at “zebra crossing”/)
    assert.match(answerOn(card), /Spent at zebra crossing.*Nothing spent/)
    assert.deepEqual(rowsOn(card), [])
  })
})

describe('a list opens as it was asked for', () => {
  const list = (of: Partial<Extract<MoneyAsk, { kind: 'transactions' }>>): MoneyAsk => ({
    kind: 'transactions',
    limit: 5,
    ...of,
  })
  const questions: Record<string, { asked: () => MoneyAsk; chips: RegExp[] }> = {
    'payments at a shop': { asked: () => list({ merchant: 'quince kitchen' }), chips: [/Quince Kitchen/] },
    'from 40 to 80 dollars': {
      asked: () => list({ amount: { min: '40', max: '80' } }),
      chips: [/^from 40$/, /^up to 80$/],
    },
    'money in': { asked: () => list({ direction: 'in' }), chips: [/^Money in$/] },
    'what is pending': { asked: () => list({ pending: true }), chips: [/^Pending$/] },
    'eating out, on one account': {
      asked: () => list({ category: 'restaurants', account: { type: 'credit-card' } }),
      chips: [/^Eating out$/, /··\d{4}$/],
    },
    'some days': { asked: () => list({ period: month(1) }), chips: [/^since /, /^until /] },
  }
  for (const [name, { asked, chips }] of Object.entries(questions))
    test(name, async () => {
      const { chat, card } = await asks(asked())
      // A list in chat names the newest few; the card has them all.
      const said = [...chat.matchAll(new RegExp(`· \\+?(${money.source})`, 'g'))].map(([, amount]) => amount)
      assert.ok(said.length > 0, chat)
      const shown = rowsOn(card).map((row) => new RegExp(money).exec(row)?.[0])
      assert.deepEqual(shown.slice(0, said.length), said)
      const all = / of (\d+)/.exec(chat)?.[1] ?? String(said.length)
      assert.match(answerOn(card), new RegExp(`Your payments ${all} payments?\\b`))
      for (const chip of chips)
        assert.ok(
          chipsOn(card).some((text) => chip.test(text)),
          `${chip} ${chipsOn(card)}`,
        )
    })

  test('each condition can be dropped by itself, and all at once', async () => {
    const { card } = await asks(
      list({ category: 'restaurants', direction: 'out', merchant: 'quince kitchen' }),
    )
    assert.equal(rowsOn(card).length, 2)
    const wider = await card.follow(/^Eating out/)
    assert.ok(!chipsOn(wider).includes('Eating out'))
    assert.ok(chipsOn(wider).includes('Money out'))
    assert.equal(rowsOn(wider).length, 2)
    const all = await wider.follow('Clear all')
    assert.deepEqual(chipsOn(all), [])
    assert.ok(rowsOn(all).length > 2)
    // What was asked for still stands at the top, and the bare address has it back.
    assert.match(answerOn(all), /Your payments 2 payments/)
    assert.deepEqual(chipsOn(await person.visit(new URL(card.url.href).pathname)), chipsOn(card))
  })

  test('a search typed on top keeps the conditions that stand', async () => {
    const { card } = await asks(list({ category: 'restaurants' }))
    const found = await card.submit(card.url.pathname, { q: 'quince', max: '20' })
    assert.deepEqual(
      rowsOn(found).map((row) => new RegExp(money).exec(row)?.[0]),
      ['$12.40'],
    )
    assert.ok(chipsOn(found).includes('Eating out'))
  })

  test('the one that was pointed at stands at the top', async () => {
    const { chat, card } = await asks(list({ merchant: 'heron lamps', nth: 2 }))
    assert.match(chat, /\$41\.10/)
    assert.match(answerOn(card), /^Opened.*Heron Lamps −\$41\.10/)
    const last = await asks(list({ merchant: 'heron lamps', limit: 1 }))
    assert.match(last.chat, /You last paid.*\$8\.90/)
    assert.match(answerOn(last.card), /Heron Lamps −\$8\.90/)
  })

  test('a condition in the address that is none of ours is nobody’s', async () => {
    const { card } = await asks(list({}))
    for (const query of [
      'category=__proto__',
      'category=weapons',
      'counted=x&account=acc-1&state=odd',
      'account=asked',
    ]) {
      const page = await person.visit(`${card.url.pathname}?${query}`)
      assert.equal(page.status, 200, query)
      assert.deepEqual(chipsOn(page), [], query)
    }
  })
})

test('an account that the bank shares and the customer did not allow here is on no card, and in no sum', async () => {
  const narrow = house.stranger()
  const { accounts } = house.banks.harbor.people().find(({ person: key }) => key === 'ana') ?? assert.fail()
  const credit = accounts.find(({ kind }) => kind === 'card') ?? assert.fail('no card')
  await narrow.link({
    bank: 'harbor',
    login: ana,
    choices: { balance: 'mask', transactions: 'mask', insights: 'mask' },
    filled: { accounts: [credit.accountId] },
  })
  const { chat, card } = await asks(spending({ period: { from: day(6), to: day(0) } }), narrow)
  assert.deepEqual(amountsIn(answerOn(card)), amountsIn(chat))
  assert.ok(card.words.includes(credit.lastFour))
  for (const other of accounts.filter((one) => one !== credit))
    assert.equal(card.words.includes(`··${other.lastFour}`), false, other.nickname)
})
