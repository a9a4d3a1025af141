import { strict as assert } from 'node:assert'
import { after, before, test } from 'node:test'
import { people } from '../../sandbox/people/people.ts'
import { openTestHouse, type TestHouse } from '../house.ts'
import { saying } from '../person.ts'

let house: TestHouse
before(async () => {
  house = await openTestHouse()
})
after(() => house[Symbol.asyncDispose]())

/** The same amount however a country writes it: 1,234.56 · 1 234,56 · 1.234,56. */
function written(minor: number): RegExp {
  const [whole = '', rest = ''] = (Math.abs(minor) / 100).toFixed(2).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, '[,.\\s\u00a0\u202f]?')
  return new RegExp(`(?<![\\d,.])${grouped}[.,]${rest}(?!\\d)`)
}

for (const { key, name, logins } of people)
  for (const { bank } of logins)
    test(`${name} links ${bank}, asks, and hears what was agreed: the bank's own figures, or its band`, async () => {
      const person = house.stranger()
      const login = logins.find((one) => one.bank === bank)
      assert.ok(login)
      await person.link({ bank, login, choices: { balance: 'say' } })
      const said = (await person.say('balance')).map(({ text }) => text).join('\n')
      const accounts = house.banks[bank].people().find((one) => one.person === key)?.accounts ?? []
      assert.ok(accounts.length > 0)
      for (const { kind, availableMinor, lastFour } of accounts) {
        assert.ok(said.includes(lastFour), said)
        if (kind === 'card') continue
        if (bank === 'granite') assert.doesNotMatch(said, written(availableMinor))
        else assert.match(said, written(availableMinor))
      }
      // Whatever was not agreed is masked, in every bank's language and standard.
      const masked = (await person.say('last 5 payments')).map(({ text }) => text).join('\n')
      assert.doesNotMatch(masked, /\d+[.,]\d\d/)
      // The sealed card shows what the chat did not say.
      const card = await person.visit(person.linkOf('Open my payments'))
      assert.equal(card.status, 200)
      assert.match(card.words, /\d+[.,]\d\d/)
      // And it can be taken back, at every bank.
      const active = (): number =>
        house.banks[bank]
          .consents()
          .filter(({ standing, person: whose }) => standing === 'active' && whose === key).length
      assert.equal(active(), 1)
      assert.match(
        (await person.say('unlink my account')).map(({ text }) => text).join(),
        saying('grant.key-returned'),
      )
      assert.equal(active(), 0)
    })

test('who a transfer went to and what was written to them stays with the bank: it shares memos in no messenger', async () => {
  const person = house.stranger()
  const login = people.find(({ key }) => key === 'davina')?.logins[0]
  assert.ok(login)
  await person.link({
    bank: 'thistle',
    login,
    choices: { balance: 'say', transactions: 'say', insights: 'say' },
  })
  const before = house.platform.transcript(person.psid).length
  // The twin of this promise: a shop's name is said, so these lists do come, with figures.
  assert.match(
    (await person.say('how much did I spend by shop this month')).map(({ text }) => text).join(),
    /£/,
  )
  const asked = [
    'last 10 payments',
    'payments this year to callum',
    'how much did I pay aisha this year',
    'biggest payment',
  ]
  for (const question of asked) await person.say(question)
  const said = JSON.stringify(
    house.platform
      .transcript(person.psid)
      .slice(before)
      .filter(({ from }) => from === 'page'),
  )
  assert.match(said, /£\d/)
  assert.doesNotMatch(said, /FASTER PAYMENT|REID|RAHMAN|Rent sh/i)
})
