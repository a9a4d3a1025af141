import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { isRefusal } from '../../src/core/refusal.ts'
import { entriesOf } from '../../src/pipeline/entries.ts'
import { openTestHouse, type TestHouse } from '../house.ts'
import { type PersonHandle, type Reply, saying } from '../person.ts'

const ana = { username: 'ana', password: 'sandbox' }
const ben = { username: 'ben', password: 'sandbox' }

let house: TestHouse
before(async () => {
  house = await openTestHouse()
})
after(() => house[Symbol.asyncDispose]())

const dollars = (minor: number): string =>
  new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' }).format(minor / 100)
const accountsOf = (bank: 'harbor' | 'granite', person: string) => {
  const accounts = house.banks[bank].people().find((one) => one.person === person)?.accounts
  assert.ok(accounts)
  return accounts
}
const account = (bank: 'harbor' | 'granite', person: string, kind: string) =>
  accountsOf(bank, person).find((one) => one.kind === kind) ?? assert.fail(`${person} has no ${kind}`)

/** Every amount of money in what the platform received since. */
const amountsSince = (sends: number): string[] =>
  house
    .sends()
    .slice(sends)
    .flatMap(({ body }) => body.match(/\$\d[\d,]*\.\d\d/g) ?? [])
const last = (replies: readonly Reply[]): Reply => replies.at(-1) ?? assert.fail('no reply')

/** Somebody who signs in at the bank as Ana, in a chat of their own. */
async function linked(
  choices: Partial<Record<'balance' | 'transactions' | 'insights', 'say' | 'mask' | 'withhold'>> = {},
  bank: 'harbor' | 'granite' = 'harbor',
): Promise<PersonHandle> {
  const person = house.stranger()
  await person.link({ bank, login: bank === 'harbor' ? ana : ben, choices })
  return person
}

describe('by default Messenger hears that an answer is ready, and not what it is', () => {
  for (const [question, masked, way] of [
    ['balance', 'balance.masked-many', 'View securely'],
    ['what is my savings balance', 'balance.masked', 'View securely'],
    ['last 5 payments', 'transactions.masked', 'Open my payments'],
    ['how much did I spend this month', 'spending.masked', 'View securely'],
  ] as const) {
    test(question, async () => {
      const person = await linked()
      const before = house.sends().length
      const reply = last(await person.say(question))
      assert.match(reply.text, saying(masked))
      assert.match(reply.text, saying('masked.you-chose'))
      assert.deepEqual(reply.buttons, [way, 'Show here, this once'])
      assert.deepEqual(amountsSince(before), [])
      for (const { lastFour, nickname } of accountsOf('harbor', 'ana')) {
        assert.equal(JSON.stringify(reply.content).includes(nickname), false)
        assert.equal(reply.text.includes(lastFour), false)
      }
    })
  }
})

describe('a chat that keeps figures out is not told which accounts there are', () => {
  const heard = ({ text, buttons }: Reply) => ({ text, buttons })

  for (const [question, masked] of [
    ['show card ending', 'balance.masked'],
    ['balance of the account ending', 'balance.masked'],
    ['last 5 payments on account', 'transactions.masked'],
    ['how much did I spend on card', 'spending.masked'],
  ] as const)
    test(`“${question} 0000” sounds as if there were one`, async () => {
      const person = await linked()
      const there = last(await person.say(`${question} ${account('harbor', 'ana', 'savings').lastFour}`))
      const missing = last(await person.say(`${question} 0000`))
      assert.match(there.text, saying(masked))
      assert.deepEqual(heard(missing), heard(there))
    })

  test('the sealed card then shows all accounts, and “this once” says that there is none', async () => {
    const person = await linked()
    await person.say('show card ending 0000')
    const page = await person.signInAt(await person.visit(person.linkOf('View securely')), { as: ana })
    assert.equal(page.status, 200)
    for (const { lastFour } of accountsOf('harbor', 'ana')) assert.ok(page.words.includes(lastFour), lastFour)
    const shown = last(await person.tap('Show here, this once'))
    assert.match(shown.text, /no account or card ending in 0000/)
  })

  test('nor an account that was not ticked when linking: it is as good as none', async () => {
    const person = house.stranger()
    const consent = await person.untilConsent({ bank: 'harbor', login: ana })
    const offered = consent.forms
      .flatMap(({ offered: all }) => all)
      .filter(({ name }) => name === 'accounts')
      .map(({ value }) => value)
    const [kept] = offered
    await consent.press('do=agree', { accounts: kept ?? '', 'choice.balance': 'say' })
    await house.settle()
    const others = accountsOf('harbor', 'ana').filter(({ accountId }) => accountId !== kept)
    assert.ok(others.length > 0)
    for (const { lastFour } of others) {
      const hidden = last(await person.say(`show account ending ${lastFour}`))
      const missing = last(await person.say('show account ending 0000'))
      assert.equal(hidden.text.replace(lastFour, '0000'), missing.text)
    }
  })
})

describe('“show here, this once”', () => {
  test('shows this answer, with the bank’s own figures, and the next is masked again', async () => {
    const person = await linked()
    await person.say('checking balance')
    const shown = last(await person.tap('Show here, this once'))
    const { availableMinor, lastFour } = account('harbor', 'ana', 'checking')
    assert.ok(shown.text.includes(dollars(availableMinor)), shown.text)
    assert.ok(shown.text.includes(lastFour))
    const again = last(await person.say('checking balance'))
    assert.match(again.text, saying('balance.masked'))
  })

  test('is once: the same button tapped again shows nothing', async () => {
    const person = await linked()
    await person.say('balance')
    const payload = /"payload":"(once:[^"]+)"/.exec(JSON.stringify(person.replies().at(-1)?.content))?.[1]
    assert.ok(payload)
    const tap = async (): Promise<string[]> => {
      const before = house.sends().length
      house.platform.tap(person.psid, payload)
      await house.settle()
      return amountsSince(before)
    }
    assert.notDeepEqual(await tap(), [])
    assert.deepEqual(await tap(), [])
  })

  test('works for an hour, then the question must be asked again', async () => {
    await using later = await openTestHouse({ serves: ['harbor'] })
    const person = later.person('ana')
    await person.link({ bank: 'harbor' })
    await person.say('balance')
    later.clock.advance(61 * 60_000)
    const reply = last(await person.tap('Show here, this once'))
    assert.doesNotMatch(reply.text, /\$/)
  })

  test('is not offered where the bank’s ceiling is lower', async () => {
    const person = await linked({}, 'granite')
    for (const [question, way] of [
      ['last 5 payments', 'Open my payments'],
      ['checking balance', 'View securely'],
    ] as const)
      assert.deepEqual(last(await person.say(question)).buttons, [way])
  })

  test('a handle of somebody else’s question shows nothing', async () => {
    const person = await linked()
    const other = await linked()
    await person.say('balance')
    const newest = person.replies().at(-1)
    const payload = /"payload":"(once:[^"]+)"/.exec(JSON.stringify(newest?.content))?.[1]
    assert.ok(payload)
    const before = house.sends().length
    house.platform.tap(other.psid, payload)
    await house.settle()
    assert.deepEqual(amountsSince(before), [])
  })
})

describe('said where it was agreed', () => {
  test('a balance, as the bank has it, with the account’s last four and nothing more of its number', async () => {
    const person = await linked({ balance: 'say' })
    const reply = last(await person.say('balance'))
    for (const one of accountsOf('harbor', 'ana')) {
      assert.ok(reply.text.includes(`··${one.lastFour}`), reply.text)
      if (one.kind !== 'card')
        assert.ok(
          reply.text.includes(dollars(one.availableMinor)),
          `${one.kind}: ${dollars(one.availableMinor)} in ${reply.text}`,
        )
    }
    const owed = account('harbor', 'ana', 'card')
    assert.ok(reply.text.includes(dollars(Math.abs(owed.postedMinor))), reply.text)
    assert.doesNotMatch(JSON.stringify(reply.content), /\d{8,}(?!.*metadata)/)
  })

  test('one account by its last four', async () => {
    const person = await linked({ balance: 'say' })
    const { lastFour, availableMinor } = account('harbor', 'ana', 'savings')
    const reply = last(await person.say(`show account ending ${lastFour}`))
    assert.ok(reply.text.includes(dollars(availableMinor)), reply.text)
    assert.equal(reply.text.includes(account('harbor', 'ana', 'checking').lastFour), false)
    const none = last(await person.say('show account ending 0000'))
    assert.match(none.text, /no account or card ending in 0000 among the Harbor Bank accounts/)
    assert.deepEqual(none.buttons, ['Balance', 'Link again'])
  })

  test('that there is no such account, or no such payments on it, is said in the log like any other fact', async () => {
    const person = await linked({ balance: 'say', transactions: 'say' })
    for (const question of ['show card ending 0000', 'last 3 payments on account 0000']) {
      const { metadata } = last(await person.say(question))
      const contact = await person.contact()
      assert.ok(contact)
      const entries = await entriesOf(house.db, contact)
      const payload = entries
        .map(
          ({ opening }) =>
            JSON.parse(Buffer.from(opening?.payload ?? '{}').toString()) as { id?: string; facts?: unknown },
        )
        .find(({ id }) => id === metadata)
      assert.deepEqual(payload?.facts, [{ bound: 'none', exposure: 'say', field: 'account.last-four' }])
    }
  })

  test('payments and sums: what was just bought is there, in the bank’s figures, pending said so', async () => {
    const person = await linked({ transactions: 'say', insights: 'say' })
    const bought = await Promise.all(
      ['12.34', '12.34', '7.01'].map((amount) =>
        house.banks.harbor.purchase({ person: 'ana', amount, merchant: 'Blue Finch Bakery', mcc: '5462' }),
      ),
    )
    for (const one of bought) assert.equal(isRefusal(one), false)
    const list = last(await person.say('last 3 payments'))
    assert.equal(list.text.match(/Blue Finch Bakery/g)?.length, 3, list.text)
    assert.equal(list.text.match(/\$12\.34/g)?.length, 2)
    assert.ok(list.text.includes('$7.01'))
    assert.match(list.text, /pending/)
    const sum = last(await person.say('how much did I spend at blue finch today'))
    assert.ok(sum.text.includes('$31.69') && /3 payments/.test(sum.text), sum.text)
    assert.ok(/blue finch/i.test(sum.text), 'a sum says what it is over')
  })

  test('a month’s spending is the sum of the bank’s own list', async () => {
    const person = await linked({ insights: 'say' })
    const counter = house.engine.counterDeps.counters.get('harbor')
    const contact = await person.contact()
    assert.ok(counter && contact)
    const [link] = (await house.engine.contacts.money(contact)).links
    assert.ok(link)
    const holder = house.engine.counterDeps.tokens(contact, link)
    const today = new Date(house.clock.now()).toLocaleDateString('en-CA', { timeZone: 'America/New_York' })
    const from = new Date(Date.parse(`${today}T12:00:00Z`) - 29 * 86_400_000).toISOString().slice(0, 10)
    const accounts = await counter.bank.accounts(holder)
    assert.ok(!isRefusal(accounts))
    let minor = 0
    let count = 0
    for (const { id } of accounts.items) {
      let cursor: string | undefined
      do {
        const page = await counter.bank.transactions(holder, {
          accountId: id,
          from,
          to: today,
          ...(cursor === undefined ? {} : { cursor }),
        })
        assert.ok(!isRefusal(page))
        for (const { direction, amount, description } of page.items) {
          // Not spent: moved to one's own savings, paid off on one's own card.
          if (direction !== 'debit' || /transfer|card payment|autopay/i.test(description)) continue
          minor += amount.amountMinor
          count++
        }
        cursor = page.next ?? undefined
      } while (cursor !== undefined)
    }
    const reply = last(await person.say('how much did I spend in the last 30 days'))
    assert.ok(reply.text.includes(dollars(minor)), `${dollars(minor)}: ${reply.text}`)
    assert.ok(reply.text.includes(`${count} payments`), `${count}: ${reply.text}`)
  })

  test('“hide figures here” masks everything from then on', async () => {
    const person = await linked({ balance: 'say', transactions: 'say', insights: 'say' })
    await person.say('balance')
    const hid = last(await person.tap('Hide figures here'))
    assert.match(hid.text, saying('hide.done'))
    const before = house.sends().length
    for (const question of ['balance', 'last 3 payments', 'how much did I spend this month'])
      await person.say(question)
    assert.deepEqual(amountsSince(before), [])
    assert.deepEqual((await person.grants())[0]?.body.items, {
      balance: 'mask',
      transactions: 'mask',
      insights: 'mask',
    })
  })
})

describe('the bank’s ceiling', () => {
  test('Granite tells a balance in bands at most, and the band is true', async () => {
    const person = await linked({ balance: 'say' }, 'granite')
    const reply = last(await person.say('checking balance'))
    const { availableMinor } = account('granite', 'ben', 'checking')
    assert.equal(reply.text.includes(dollars(availableMinor)), false)
    const [low = 0, high = Number.POSITIVE_INFINITY] = (reply.text.match(/\$[\d,]+/g) ?? []).map(
      (text) => Number(text.replace(/[$,]/g, '')) * 100,
    )
    assert.ok(
      /or less/.test(reply.text) ? availableMinor <= low : availableMinor > low && availableMinor <= high,
      reply.text,
    )
  })

  test('Granite refuses payments kindly and says where they are', async () => {
    const person = await linked({}, 'granite')
    const reply = last(await person.say('show my last payments'))
    assert.match(reply.text, saying('transactions.bank-says-no'))
    assert.deepEqual(reply.buttons, ['Open my payments'])
    assert.match(person.linkOf('Open my payments'), new RegExp(`^${house.url}/card/crd_`))
  })
})

describe('outside text is data', () => {
  test('a shop’s name with a link, a mention or a control character cannot act in the chat', async () => {
    const person = await linked({ transactions: 'say' })
    const name = 'Win http://evil.example/now @everyone \u202Egnp.exe'
    assert.equal(
      isRefusal(await house.banks.harbor.purchase({ person: 'ana', amount: '3.21', merchant: name })),
      false,
    )
    const reply = last(await person.say('last 1 payments'))
    assert.ok(reply.text.includes('$3.21'), reply.text)
    assert.doesNotMatch(reply.text, /https?:|evil\.example|\u202E/)
  })

  test('a note to a payment is never said: Harbor keeps it on its own pages', async () => {
    const person = await linked({ transactions: 'say' })
    assert.equal(
      isRefusal(
        await house.banks.harbor.payment({
          person: 'ana',
          amount: '-40.00',
          counterparty: 'Sam Reed',
          memo: 'for the blue medicine',
        }),
      ),
      false,
    )
    const before = house.sends().length
    await person.say('last 2 payments')
    assert.equal(
      house
        .sends()
        .slice(before)
        .some(({ body }) => body.includes('medicine')),
      false,
    )
  })
})
