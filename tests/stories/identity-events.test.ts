import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { pageInboxAppId } from '../../sandbox/platform/world.ts'
import { appId, openTestHouse, type TestHouse, until } from '../house.ts'
import { type PersonHandle, saying } from '../person.ts'

const ana = { username: 'ana', password: 'sandbox' }

let house: TestHouse
before(async () => {
  house = await openTestHouse({ serves: ['harbor'] })
})
after(() => house[Symbol.asyncDispose]())

async function linked(): Promise<PersonHandle> {
  const person = house.stranger()
  await person.link({
    bank: 'harbor',
    login: ana,
    choices: { balance: 'say', transactions: 'say', insights: 'mask' },
  })
  assert.match((await person.say('balance')).at(-1)?.text ?? '', /\$/)
  return person
}
const words = (replies: readonly { text: string }[]): string => replies.map(({ text }) => text).join('\n')

async function takenAndGivenBack(person: PersonHandle): Promise<void> {
  house.platform.passThread(person.psid)
  await house.settle()
  house.platform.returnThread(person.psid)
  await house.settle()
}

/** "It's me": from the chat's button to our page, where the customer signs in and says so. */
async function stepUp(person: PersonHandle): Promise<void> {
  const way = person.linkOf('Sign in again')
  person.browser.forgetCookies()
  const me = await person.signInAt(await person.visit(`${new URL(way).pathname}?bank=harbor`), { as: ana })
  const contactId = (await person.contact())?.ref.contactId ?? ''
  const done = await me.submit(`/me/step-up/${contactId}`)
  assert.equal(done.status, 200)
  await house.settle()
}

describe('when another app has the thread', () => {
  test('nothing is answered while it does: not a question, not even the words for rights', async () => {
    const person = await linked()
    house.platform.passThread(person.psid)
    await house.settle()
    for (const text of ['balance', 'help', 'hello', 'last 3 payments'])
      assert.deepEqual(await person.say(text), [], text)
  })

  test('when it comes back, nothing is shown until the customer has signed in again, and the chat says why', async () => {
    const person = await linked()
    await takenAndGivenBack(person)
    for (const question of ['balance', 'last 3 payments', 'how much did I spend this month']) {
      const replies = await person.say(question)
      assert.match(replies.at(-1)?.text ?? '', saying('identity.frozen'))
      assert.doesNotMatch(JSON.stringify(replies), /\$\d|\/card\//)
    }
    assert.deepEqual(person.replies().at(-1)?.buttons, ['Sign in again'])
  })

  test('“it’s me” after signing in opens it again: what was allowed before works as before', async () => {
    const person = await linked()
    await takenAndGivenBack(person)
    await person.say('balance')
    await stepUp(person)
    assert.match(words(person.replies()), saying('identity.thawed'))
    assert.match(words(await person.say('balance')), /\$/)
    assert.match(words(await person.say('how much did I spend this month')), saying('spending.masked'))
    // Said once, there is nothing to press any more.
    const contactId = (await person.contact())?.ref.contactId ?? ''
    assert.equal((await person.visit('/me?bank=harbor')).html.includes(`step-up/${contactId}`), false)
  })

  test('a browser left signed in is not enough: “it’s me” takes a sign-in of now', async () => {
    await using later = await openTestHouse({ serves: ['harbor'] })
    const person = later.person('ana')
    await person.link({ bank: 'harbor', choices: { balance: 'say' } })
    later.platform.passThread(person.psid)
    await later.settle()
    later.platform.returnThread(person.psid)
    await later.settle()
    later.clock.advance(8 * 60_000)
    const me = await person.visit('/me')
    assert.equal(me.status, 200)
    const contactId = (await person.contact())?.ref.contactId ?? ''
    const door = await me.submit(`/me/step-up/${contactId}`)
    assert.equal(door.status, 401)
    assert.match(words(await person.say('balance')), saying('identity.frozen'))
    const again = await person.signInAt(door)
    await again.submit(`/me/step-up/${contactId}`)
    await later.settle()
    assert.match(words(await person.say('balance')), /\$/)
  })

  test('somebody else’s sign-in does not open it', async () => {
    const person = await linked()
    await takenAndGivenBack(person)
    await person.say('balance')
    const way = person.linkOf('Sign in again')
    person.browser.forgetCookies()
    const me = await person.signInAt(await person.visit(`${new URL(way).pathname}?bank=harbor`), {
      as: { username: 'ben', password: 'sandbox' },
    })
    assert.equal(me.html.includes('step-up'), false)
    assert.match(words(await person.say('balance')), saying('identity.frozen'))
  })

  test('an old “show it here, this once” shows nothing while frozen', async () => {
    const person = await linked()
    await person.say('how much did I spend this month')
    await takenAndGivenBack(person)
    const replies = await person.tap('Show here, this once')
    assert.match(words(replies), saying('identity.frozen'))
    assert.doesNotMatch(words(replies), /\$/)
  })

  test('an answer that was on its way as the thread was taken says nothing of money', async () => {
    const person = await linked()
    house.banks.harbor.fault({ kind: 'slow', area: 'data', ms: 300, times: 2 })
    const { seq } = house.platform.sendText(person.psid, 'balance')
    await until(
      () => house.engine.pipeline.load.reading > 0,
      () => 'the bank to be asked',
    )
    house.platform.passThread(person.psid)
    await house.settle()
    house.platform.returnThread(person.psid)
    await house.settle()
    house.banks.harbor.clearFaults()
    const since = house.platform
      .transcript(person.psid)
      .filter((message) => message.from === 'page' && message.seq > seq)
    assert.doesNotMatch(JSON.stringify(since.map(({ content }) => content)), /\$\d|balance/i)
  })

  test('heard only on standby, without a word that the thread was taken, freezes just as well', async () => {
    const person = await linked()
    house.platform.passThread(person.psid)
    await house.settle()
    // As if the platform's word of it had been lost: the thread's flags are what they were before.
    const contact = await person.contact()
    assert.ok(contact)
    contact.thread.flags &= ~(1 | 2)
    await person.say('hello')
    house.platform.returnThread(person.psid)
    await house.settle()
    assert.match(words(await person.say('balance')), saying('identity.frozen'))
  })

  test('linking again is a sign-in too', async () => {
    const person = await linked()
    await takenAndGivenBack(person)
    await person.link({ bank: 'harbor', login: ana, choices: { balance: 'say' } })
    assert.match(words(await person.say('balance')), /\$/)
  })
})

describe('“agent” brings a person', () => {
  test('the thread passes to the bank’s people once our sentence is out, and the bot is quiet', async () => {
    const person = await linked()
    const [coming] = await person.say('agent')
    assert.match(coming?.text ?? '', saying('agent.waiting'))
    assert.equal(house.platform.ownerOf(person.psid), pageInboxAppId)
    assert.deepEqual(await person.say('are you there?'), [])
  })

  test('when the person leaves, the bot says that it is a bot again; a helper whom the customer called is no stranger', async () => {
    const person = await linked()
    await person.say('agent')
    house.platform.staffReply(person.psid, 'Hello, this is Jo from Harbor. How can I help?')
    await house.settle()
    assert.deepEqual(await person.say('thank you, Jo'), [])
    house.platform.returnThread(person.psid)
    await house.settle()
    assert.equal(house.platform.ownerOf(person.psid), appId)
    const replies = await person.say('balance')
    assert.match(replies[0]?.text ?? '', /\bbot\b/)
    assert.match(words(replies), /\$/)
  })

  test('another app that takes the thread while a person is being fetched is a stranger all the same', async () => {
    const person = await linked()
    house.platform.fault({ kind: '500', edge: 'pass_thread_control', count: 1 })
    await person.say('agent')
    assert.equal(house.platform.ownerOf(person.psid), appId)
    house.platform.passThread(person.psid, { to: '990000000000001' })
    await house.settle()
    house.platform.returnThread(person.psid)
    await house.settle()
    assert.match(words(await person.say('balance')), saying('identity.frozen'))
  })

  test('a platform that cannot pass the chat just now is asked again, until the bank’s people have it', async () => {
    const person = await linked()
    house.platform.fault({ kind: '500', edge: 'pass_thread_control', count: 1 })
    assert.match(words(await person.say('agent')), saying('agent.waiting'))
    assert.equal(house.platform.ownerOf(person.psid), appId)
    await until(
      () => house.platform.ownerOf(person.psid) === pageInboxAppId,
      () => 'the thread to pass',
    )
    await house.settle()
    assert.deepEqual(await person.say('are you there?'), [])
    house.platform.returnThread(person.psid)
    await house.settle()
    assert.match(words(await person.say('balance')), /\$/)
  })

  test('an answer that was lost on the way back is no reason to call the bank’s people strangers', async () => {
    const person = await linked()
    house.platform.fault({ kind: 'drop_after_accept', edge: 'pass_thread_control', count: 1 })
    await person.say('agent')
    await house.settle()
    assert.equal(house.platform.ownerOf(person.psid), pageInboxAppId)
    house.platform.returnThread(person.psid)
    await house.settle()
    assert.match(words(await person.say('balance')), /\$/)
  })

  test('where it cannot be done the customer hears so, once, with another way; the chat goes on', async () => {
    const person = await linked()
    house.platform.fault({ kind: '10', edge: 'pass_thread_control' })
    const since = person.replies().length
    await person.say('agent')
    await person.waitForReply(saying('agent.not-reached'))
    await house.settle()
    const said = person.replies().slice(since)
    assert.deepEqual(
      said.map(({ text }) => saying('agent.not-reached').test(text)),
      [false, true],
    )
    assert.deepEqual(said.at(-1)?.buttons, ["Open bank's page", 'Talk to someone'])
    assert.match(words(await person.say('balance')), /\$/)
    // Nobody is being called any more: whoever takes the thread now is a stranger again.
    house.platform.staffReply(person.psid, 'Hello?')
    await house.settle()
    house.platform.clearFaults()
    house.platform.returnThread(person.psid)
    await house.settle()
    assert.match(words(await person.say('balance')), saying('identity.frozen'))
  })

  test('who asked for a person as the process ended is handed over by the next one', async () => {
    await using later = await openTestHouse({ serves: ['harbor'] })
    const person = later.person('ana')
    await person.link({ bank: 'harbor', choices: { balance: 'say' } })
    later.platform.fault({ kind: '500', edge: 'pass_thread_control' })
    await person.say('agent')
    assert.equal(later.platform.ownerOf(person.psid), appId)
    later.platform.clearFaults()
    await later.reopen()
    await until(
      () => later.platform.ownerOf(person.psid) === pageInboxAppId,
      () => 'the thread to pass',
    )
    await later.settle()
    later.platform.returnThread(person.psid)
    await later.settle()
    assert.match(words(await person.say('balance')), /\$/)
  })

  test('staff who take the thread without having been called freeze it', async () => {
    const person = await linked()
    house.platform.staffReply(person.psid, 'Hi, can you confirm your card number?')
    await house.settle()
    house.platform.returnThread(person.psid)
    await house.settle()
    assert.match(words(await person.say('balance')), saying('identity.frozen'))
  })
})
