import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { hourMs } from '../../src/core/clock.ts'
import { openTestHouse } from '../house.ts'

test('after a day’s silence Messenger is sent nothing but the one template that says nothing of money', async () => {
  await using house = await openTestHouse({ serves: ['harbor'] })
  const ana = house.person('ana')
  await ana.link({ bank: 'harbor', choices: { balance: 'say' } })
  await ana.say('balance')
  house.clock.advance(25 * hourMs)
  const before = ana.replies().length
  const since = house.sends().length
  // She takes it back on our page: the chat is told as well, in the only form that the platform allows now.
  const me = await ana.signInAt(await ana.visit('/me'))
  const link = me.links.find(({ url }) => /\/me\/take-back\/[^/]+$/.test(url))
  await (await ana.browser.open(link?.url ?? '')).press('Take it back')
  await house.settle()
  const said = ana.replies().slice(before)
  assert.equal(said.length, 1)
  assert.equal(said[0]?.utility, true)
  assert.match(said[0]?.text ?? '', /You have a message from .*Harbor Bank/)
  for (const { body } of house.sends().slice(since)) {
    assert.match(body, /"messaging_type":"UTILITY"/)
    assert.doesNotMatch(body, /\$|balance|Messenger/i)
  }
  // Her next word opens the window again.
  const [reply] = await ana.say('hello')
  assert.equal(reply?.utility, false)
})

test('twin: with a response in the closed window, the platform itself would refuse', async () => {
  await using house = await openTestHouse({ serves: ['harbor'] })
  const ana = house.person('ana')
  await ana.link({ bank: 'harbor', choices: { balance: 'say' } })
  // The platform's clock says a day has passed; ours does not, so a plain message is tried.
  house.platform.closeWindow(ana.psid)
  const before = ana.replies().length
  const me = await ana.visit('/me')
  const link = me.links.find(({ url }) => /\/me\/take-back\/[^/]+$/.test(url))
  await (await ana.browser.open(link?.url ?? '')).press('Take it back')
  await house.settle()
  assert.equal(ana.replies().length, before)
  assert.notEqual(house.sends().at(-1)?.status, 200)
})

test('somebody who blocked the Page is sent nothing, until they write again', async () => {
  await using house = await openTestHouse({ serves: ['harbor'] })
  const ana = house.person('ana')
  await ana.link({ bank: 'harbor', choices: { balance: 'say' } })
  house.platform.block(ana.psid)
  const me = await ana.visit('/me')
  const link = me.links.find(({ url }) => /\/me\/take-back\/[^/]+\/balance$/.test(url))
  const before = ana.replies().length
  await (await ana.browser.open(link?.url ?? '')).press('Take it back')
  await house.settle()
  // Learned from the platform's refusal: the next is not even tried.
  const tried = house.sends().length
  const again = await ana.visit('/me')
  const all = again.links.find(({ url }) => /\/me\/take-back\/[^/]+$/.test(url))
  await (await ana.browser.open(all?.url ?? '')).press('Take it back')
  await house.settle()
  assert.equal(house.sends().length, tried)
  assert.equal(ana.replies().length, before)
  house.platform.unblock(ana.psid)
  assert.ok((await ana.say('hello')).length > 0)
})
