import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import type { BankKey } from '../../sandbox/people/people.ts'
import { dayMs } from '../../src/core/clock.ts'
import { openTestHouse, type TestHouse } from '../house.ts'
import { saying } from '../person.ts'
import { textOf, type Page } from '../visitor.ts'

const ana = { username: 'ana', password: 'sandbox' }
const ben = { username: 'ben', password: 'sandbox' }

let house: TestHouse
before(async () => {
  house = await openTestHouse()
})
after(() => house[Symbol.asyncDispose]())

const choices = ['say', 'mask', 'withhold'] as const
const purposes = ['balance', 'transactions', 'insights'] as const
type Choice = (typeof choices)[number]
type Purpose = (typeof purposes)[number]

/** The request bodies that the page shows, by thing and choice, as it prints them; null where it says that nothing is sent. */
function previewsOn(page: Page): Record<Purpose, Partial<Record<Choice, string | null>>> {
  const things = page.html.split(/<li class="thing"/).slice(1)
  assert.equal(things.length, purposes.length)
  return Object.fromEntries(
    things.map((thing, index) => {
      const shown = thing
        .split(/<div class="when /)
        .slice(1)
        .map((part) => {
          const choice = /^(say|mask|withhold)/.exec(part)?.[1]
          const bytes = /<pre[^>]*>([\s\S]*?)<\/pre>/.exec(part)?.[1]
          return [choice, bytes === undefined ? null : textOf(bytes)]
        })
      return [purposes[index], Object.fromEntries(shown)]
    }),
  ) as Record<Purpose, Partial<Record<Choice, string | null>>>
}

/** A request body with the three things that are drawn anew for every message made the same. */
function comparable(body: string, psid: string): string {
  assert.ok(body.includes(psid), 'the body is to this person')
  return JSON.stringify(JSON.parse(body))
    .replace(/msg_[0-9A-Z]{26}/g, 'msg_ID')
    .replace(/crd_[0-9a-z]{2}[\w-]{22}/g, 'crd_ID')
    .replace(/"(once|ask):[\w-]+"/g, '"$1:HANDLE"')
}

const chosen = (page: Page): Record<string, string> => {
  const form = page.forms.find(({ fields }) => fields.some(({ name }) => name.startsWith('choice.')))
  return Object.fromEntries(
    (form?.fields ?? [])
      .filter(({ name }) => name.startsWith('choice.'))
      .map(({ name, value }) => [name.slice('choice.'.length), value]),
  )
}

function asks(page: Page): Record<Purpose, string> {
  const lastFour = /··(\d{4})/.exec(page.words)?.[1]
  assert.ok(lastFour, 'the page names the accounts')
  return {
    balance: `balance ending ${lastFour}`,
    transactions: `last 3 payments ending ${lastFour}`,
    insights: 'how much did I spend in the last 30 days',
  }
}

describe('the consent page', () => {
  test('ticks nothing beyond the least, and offers “not now” beside “agree”', async () => {
    const person = house.stranger()
    const page = await person.untilConsent({ bank: 'harbor', login: ana })
    assert.deepEqual(chosen(page), { balance: 'mask', transactions: 'mask', insights: 'mask' })
    const labels = page.forms.flatMap(({ buttons }) => buttons.map(({ value }) => value))
    assert.ok(labels.includes('agree') && labels.includes('not-now'))
    assert.match(page.words, /Never for advertising/i)
  })

  for (const { bank, login } of [
    { bank: 'harbor', login: ana },
    { bank: 'granite', login: ben },
  ] as const satisfies readonly { bank: BankKey; login: typeof ana }[]) {
    for (const choice of ['say', 'mask'] as const) {
      test(`the bytes it shows for “${choice}” at ${bank} are the bytes that Messenger then receives`, async () => {
        const person = house.stranger()
        const page = await person.untilConsent({ bank, login })
        const previews = previewsOn(page)
        const questions = asks(page)
        const wanted = Object.fromEntries(
          purposes.map((purpose) => [purpose, previews[purpose][choice] === undefined ? 'mask' : choice]),
        )
        await page.press(
          'do=agree',
          Object.fromEntries(purposes.map((purpose) => [`choice.${purpose}`, wanted[purpose] ?? 'mask'])),
        )
        await house.settle()
        for (const purpose of purposes) {
          const shown = previews[purpose][wanted[purpose] as Choice]
          assert.ok(shown, `${purpose} at ${bank} has a preview`)
          const before = house.sends().length
          await person.say(questions[purpose])
          const sent = house.sends().slice(before)
          assert.equal(sent.length, 1)
          assert.equal(
            comparable(sent[0]?.body ?? '', person.psid),
            comparable(shown, person.psid),
            `${purpose} ${wanted[purpose]} at ${bank}`,
          )
        }
      })
    }
  }

  test('“off” shows that nothing is sent, and nothing about it is', async () => {
    const person = house.stranger()
    const page = await person.untilConsent({ bank: 'harbor', login: ana })
    for (const purpose of purposes) assert.equal(previewsOn(page)[purpose].withhold, null)
    await page.press('do=agree', {
      'choice.balance': 'mask',
      'choice.transactions': 'withhold',
      'choice.insights': 'withhold',
    })
    await house.settle()
    const [reply] = await person.say('last 3 payments')
    assert.match(reply?.text ?? '', saying('refused.off'))
    assert.doesNotMatch(JSON.stringify(reply?.content), /\$|card/)
  })

  test('a bank’s ceiling is on the page, and a form that asks for more gets the least instead', async () => {
    const person = house.stranger()
    const page = await person.untilConsent({ bank: 'granite', login: ben })
    const form = page.forms.find(({ offered }) => offered.some(({ name }) => name === 'choice.transactions'))
    const say = form?.offered.find(({ name, value }) => name === 'choice.transactions' && value === 'say')
    assert.equal(say?.disabled, true)
    await page.press('do=agree', { 'choice.transactions': 'say', 'choice.balance': 'everything' })
    await house.settle()
    const [grant] = await person.grants()
    assert.deepEqual(grant?.body.items, { balance: 'mask', transactions: 'mask', insights: 'mask' })
    const [reply] = await person.say('last 3 payments')
    assert.match(reply?.text ?? '', saying('transactions.bank-says-no'))
  })

  test('without script, “review” shows the choices again in words and agrees to nothing', async () => {
    const person = house.stranger()
    const page = await person.untilConsent({ bank: 'harbor', login: ana })
    const again = await page.press('do=review', {
      'choice.balance': 'say',
      'choice.insights': 'withhold',
      days: '30',
    })
    assert.equal(again.status, 200)
    assert.deepEqual(chosen(again), { balance: 'say', transactions: 'mask', insights: 'withhold' })
    assert.notEqual(again.words, page.words)
    const [reply] = await person.say('balance')
    assert.match(reply?.text ?? '', saying('refused.not-linked'))
  })

  test('no account ticked, or a form that is not ours: it comes back with what was chosen, and agrees to nothing', async () => {
    const person = house.stranger()
    const page = await person.untilConsent({ bank: 'harbor', login: ana })
    const none = await page.press('do=agree', { accounts: null, 'choice.balance': 'say' })
    assert.equal(none.status, 400)
    assert.deepEqual(chosen(none).balance, 'say')
    const forged = await page.press('do=agree', { csrf: 'x'.repeat(43), 'choice.balance': 'say' })
    assert.equal(forged.status, 400)
    assert.equal(forged.url.origin, house.url)
    const contact = await person.contact()
    assert.equal(
      (
        await house.db.query('select 1 from customer_linking where step = $1 and contact_id = $2', [
          'agreed',
          contact?.ref.contactId,
        ])
      ).rowCount,
      0,
    )
  })

  test('what was agreed is written as it was agreed: things, accounts, end, and the page’s own hash', async () => {
    const person = house.stranger()
    await person.link({
      bank: 'harbor',
      login: ana,
      choices: { balance: 'say', insights: 'withhold' },
      days: 30,
    })
    const [grant] = await person.grants()
    assert.deepEqual(grant?.body.items, { balance: 'say', transactions: 'mask' })
    assert.equal(grant?.body.accounts, 'all')
    assert.ok(Math.abs((grant?.validUntil ?? 0) - (house.clock.now() + 30 * dayMs)) < 60_000)
    assert.match(grant?.body.disclosureHash ?? '', /^[0-9a-f]{64}$/)
  })
})

test('an account that was not ticked is not spoken of, not even as part of a sum', async () => {
  const person = house.stranger()
  const page = await person.untilConsent({ bank: 'harbor', login: ana })
  const offered = page.forms.flatMap((form) =>
    form.offered.filter(({ name }) => name === 'accounts').map(({ value }) => value),
  )
  assert.ok(offered.length > 1)
  await page.press('do=agree', {
    accounts: offered[0] ?? '',
    'choice.balance': 'say',
    'choice.transactions': 'say',
    'choice.insights': 'say',
  })
  await house.settle()
  const accounts = house.banks.harbor.people().find(({ person: key }) => key === 'ana')?.accounts ?? []
  const [own, ...others] = accounts.toSorted(
    (a, b) => Number(b.accountId === offered[0]) - Number(a.accountId === offered[0]),
  )
  for (const question of ['balance', 'last 5 payments', 'how much did I spend in the last 30 days']) {
    const replies = await person.say(question)
    const said = replies.map(({ text }) => text).join('\n')
    assert.notEqual(said, '')
    for (const other of others)
      assert.equal(said.includes(other.lastFour), false, `${question}: ··${other.lastFour} was not agreed`)
  }
  const [balance] = await person.say('balance')
  assert.ok(balance?.text.includes(own?.lastFour ?? '????'), balance?.text)
})

test('a permission that reached its date is no permission', async () => {
  await using later = await openTestHouse({ serves: ['harbor'] })
  const person = later.person('ana')
  await person.link({ bank: 'harbor', choices: { balance: 'say' }, days: 30 })
  later.clock.advance(29 * dayMs)
  const replies = await person.say('balance')
  assert.match(replies.at(-1)?.text ?? '', /\$/)
  later.clock.advance(2 * dayMs)
  const after = await person.say('balance')
  assert.match(after.at(-1)?.text ?? '', saying('refused.expired'))
  assert.doesNotMatch(after.map(({ text }) => text).join(), /\$/)
})
