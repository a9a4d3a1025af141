import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { isRefusal } from '../../src/core/refusal.ts'
import { openTestHouse, type TestHouse } from '../house.ts'
import { type PersonHandle, type Reply, saying } from '../person.ts'

const ana = { username: 'ana', password: 'sandbox' }

let house: TestHouse
before(async () => {
  house = await openTestHouse({ serves: ['harbor'] })
  for (const [merchant, amount] of [
    ['Heron Lamps', '41.10'],
    ['Heron Lamps', '8.90'],
    ['Heron Kettles', '12.00'],
  ] as const)
    assert.equal(
      isRefusal(await house.banks.harbor.purchase({ person: 'ana', merchant, amount, mcc: '5719' })),
      false,
    )
})
after(() => house[Symbol.asyncDispose]())

const last = (replies: readonly Reply[]): Reply => replies.at(-1) ?? assert.fail('no reply')

async function linked(exposure: 'say' | 'mask'): Promise<PersonHandle> {
  const person = house.stranger()
  const choices = { balance: exposure, transactions: exposure, insights: exposure }
  await person.link({ bank: 'harbor', login: ana, choices })
  return person
}

describe('a shop is asked about as people call it', () => {
  test('with a slip of the thumb: the sum is over the shop, and names it', async () => {
    const person = await linked('say')
    const { text } = last(await person.say('how much did I spend at heron lamsp today'))
    assert.match(text, /^You spent \$50\.00 at Heron Lamps .*, in 2 payments/)
  })

  test('where two are called so, it is asked which, and the tap answers', async () => {
    const person = await linked('say')
    const which = last(await person.say('how much did I spend at heron today'))
    assert.match(which.text, /^I find more than one place like “heron”\. Which one\?/)
    const { text } = last(await person.tap('Heron Kettles'))
    assert.match(text, /^You spent \$12\.00 at Heron Kettles .*, in 1 payment /)
  })

  test('where nothing is: said in their own words', async () => {
    const person = await linked('say')
    const { text } = last(await person.say('how much did I spend at zebra crossing today'))
    assert.match(text, /^I found nothing spent at “zebra crossing”/)
  })

  test('a chat that keeps figures out hears the same of one, of two and of none', async () => {
    const person = await linked('mask')
    const heard: string[] = []
    for (const shop of ['heron lamps', 'heron', 'zebra crossing']) {
      const reply = last(await person.say(`how much did I spend at ${shop} today`))
      assert.match(reply.text, saying('spending.masked'))
      heard.push(JSON.stringify([reply.text, reply.buttons]))
    }
    assert.equal(new Set(heard).size, 1)
  })

  test('shown once, the question which one keeps that right, once for each', async () => {
    const person = await linked('mask')
    await person.say('how much did I spend at heron today')
    assert.match(last(await person.tap('Show here, this once')).text, /Which one\?/)
    assert.match(last(await person.tap('Heron Lamps')).text, /\$50\.00 at Heron Lamps/)
    assert.match(
      last(await person.say('how much did I spend at heron lamps today')).text,
      saying('spending.masked'),
    )
  })
})
