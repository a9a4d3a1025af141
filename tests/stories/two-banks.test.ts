import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { openTestHouse, type TestHouse } from '../house.ts'
import { type PersonHandle, type Reply, saying } from '../person.ts'

const dollars = (minor: number): string =>
  new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' }).format(minor / 100)
const words = (replies: readonly Reply[]): string => replies.map(({ text }) => text).join('\n')

let house: TestHouse
let ben: PersonHandle
before(async () => {
  house = await openTestHouse({ serves: ['harbor', 'granite'] })
  ben = house.person('ben')
  await ben.link({ bank: 'granite', choices: { balance: 'say' } })
  await ben.link({ bank: 'harbor', choices: { balance: 'say', transactions: 'say' } })
})
after(() => house[Symbol.asyncDispose]())

const checking = (bank: 'harbor' | 'granite') =>
  house.banks[bank]
    .people()
    .find(({ person }) => person === 'ben')
    ?.accounts.find(({ kind }) => kind === 'checking') ?? assert.fail(bank)

describe('one chat, two banks', () => {
  test('each answers for itself, under its own ceiling: Harbor to the cent, Granite in a band', async () => {
    const replies = await ben.say('balance')
    assert.equal(replies.length, 2)
    assert.ok(words(replies).includes(dollars(checking('harbor').availableMinor)))
    assert.equal(words(replies).includes(dollars(checking('granite').availableMinor)), false)
  })

  test('a question about one account is answered by the bank that has it', async () => {
    const replies = await ben.say(`balance ending ${checking('harbor').lastFour}`)
    assert.equal(replies.length, 1)
    assert.ok(words(replies).includes(dollars(checking('harbor').availableMinor)))
  })

  test('an account that neither has: each says so of itself', async () => {
    const replies = await ben.say('balance ending 0000')
    assert.deepEqual(
      replies
        .map(({ text }) => /among the (\w+ Bank) accounts you share here/.exec(text)?.[1] ?? text)
        .toSorted(),
      ['Granite Bank', 'Harbor Bank'],
    )
  })

  test('payments: Harbor lists them, Granite keeps them on its page', async () => {
    const replies = await ben.say('last 2 payments')
    assert.equal(replies.length, 2)
    assert.match(words(replies), saying('transactions.bank-says-no'))
    assert.match(words(replies), saying('transactions.head'))
  })

  test('one bank down does not silence the other', async () => {
    house.banks.granite.fault({ kind: 'maintenance', area: 'data', retryAfterSeconds: 1 })
    const replies = await ben.say('balance')
    house.banks.granite.clearFaults()
    assert.match(words(replies), saying('bank.trouble'))
    assert.ok(words(replies).includes(dollars(checking('harbor').availableMinor)))
  })

  test('both down: each is asked again, and each answer comes', async () => {
    for (const bank of ['harbor', 'granite'] as const)
      house.banks[bank].fault({ kind: 'maintenance', area: 'data', retryAfterSeconds: 1 })
    const sorry = await ben.say('balance')
    assert.equal(sorry.filter(({ text }) => saying('bank.trouble').test(text)).length, 2)
    for (const bank of ['harbor', 'granite'] as const) house.banks[bank].clearFaults()
    const before = ben.replies().length
    house.clock.advance(40_000)
    await house.runJobs()
    const later = words(ben.replies().slice(before))
    assert.ok(later.includes(dollars(checking('harbor').availableMinor)), later)
    assert.match(later, /(above|between|or less)/)
  })

  test('two questions while a bank is down are both answered when it is back', async () => {
    house.banks.harbor.fault({ kind: 'maintenance', area: 'data', retryAfterSeconds: 1 })
    await ben.say(`balance ending ${checking('harbor').lastFour}`)
    await ben.say('last 2 payments')
    house.banks.harbor.clearFaults()
    const before = ben.replies().length
    house.clock.advance(40_000)
    await house.runJobs()
    const later = words(ben.replies().slice(before))
    assert.ok(later.includes(dollars(checking('harbor').availableMinor)), later)
    assert.match(later, saying('transactions.head'))
  })

  test('signed in at one bank, a customer sees that bank’s permissions and diary, not the other’s', async () => {
    ben.browser.forgetCookies()
    const me = await ben.signInAt(await ben.visit('/me?bank=granite'), {
      as: { username: 'ben', password: 'sandbox' },
    })
    assert.match(me.words, /Granite Bank/)
    assert.equal(me.words.includes(checking('harbor').lastFour), false)
    const left = await ben.visit('/me/left?bank=granite')
    assert.doesNotMatch(left.words, /\$\d[\d,]*\.\d\d/)
  })

  test('asking for the other bank’s permissions asks who one is there', async () => {
    ben.browser.forgetCookies()
    await ben.signInAt(await ben.visit('/me?bank=harbor'), { as: { username: 'ben', password: 'sandbox' } })
    const door = await ben.visit('/me?bank=granite')
    assert.equal(door.status, 401)
    const me = await ben.signInAt(door, { as: { username: 'ben', password: 'sandbox' } })
    assert.match(me.words, /Granite Bank/)
    assert.match((await ben.visit('/me')).words, /Granite Bank/)
  })

  test('a Harbor session does not open a Granite card', async () => {
    await ben.say('last 2 payments')
    const card = ben.linkOf('Open my payments')
    ben.browser.forgetCookies()
    await ben.signInAt(await ben.visit('/me?bank=harbor'), { as: { username: 'ben', password: 'sandbox' } })
    const page = await ben.visit(card)
    assert.notEqual(page.status, 200)
    assert.doesNotMatch(page.words, /\$/)
  })

  test('taking one bank back leaves the other as it was', async () => {
    ben.browser.forgetCookies()
    const me = await ben.signInAt(await ben.visit('/me?bank=harbor'), {
      as: { username: 'ben', password: 'sandbox' },
    })
    const link = me.links.find(({ url }) => /\/me\/take-back\/[^/]+$/.test(url))
    await (await ben.browser.open(link?.url ?? '')).press('Take it back')
    await house.settle()
    const replies = await ben.say('balance')
    assert.equal(words(replies).includes(dollars(checking('harbor').availableMinor)), false)
    assert.match(words(replies), /(above|between|or less)/)
    const grants = await ben.grants()
    assert.deepEqual(Object.fromEntries(grants.map(({ body, state }) => [body.institution, state])), {
      granite: 'active',
      harbor: 'withdrawn',
    })
  })
})
