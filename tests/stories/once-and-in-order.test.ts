import { strict as assert } from 'node:assert'
import { after, afterEach, before, describe, test } from 'node:test'
import { outboxStates } from '../../src/disclosure/clear.ts'
import { openTestHouse, type TestHouse, until } from '../house.ts'
import { type PersonHandle, type Reply, saying } from '../person.ts'

const ana = { username: 'ana', password: 'sandbox' }

let house: TestHouse
before(async () => {
  house = await openTestHouse({ serves: ['harbor'], unknownWaitMs: 400 })
})
afterEach(() => {
  house.platform.clearFaults()
  house.banks.harbor.clearFaults()
  house.platform.outage(false)
})
after(() => house[Symbol.asyncDispose]())

async function linked(): Promise<PersonHandle> {
  const person = house.stranger()
  await person.link({ bank: 'harbor', login: ana, choices: { balance: 'say' } })
  return person
}
const figures = (replies: readonly Reply[]): number => replies.filter(({ text }) => /\$/.test(text)).length
const since = (person: PersonHandle, count: number): Reply[] => person.replies().slice(count)

describe('once', () => {
  for (const how of ['again', 'same_post'] as const)
    test(`a webhook that comes twice (${how === 'again' ? 'in two posts' : 'twice in one post'}) is answered once`, async () => {
      const person = await linked()
      house.platform.doubleDeliver(1, how)
      assert.equal(figures(await person.say('balance')), 1)
    })

  test('also when the repeat comes to the next process', async () => {
    const person = await linked()
    await person.say('balance')
    const { rows } = await house.db.query<{ n: number }>('select count(*)::int as n from conversation_inbox')
    const before = person.replies().length
    await house.reopen()
    // The platform repeats what it believes was lost: the very same event, a while later.
    const message = house.platform.transcript(person.psid).findLast(({ from }) => from === 'person')
    house.platform.raw(person.psid, {
      message: { mid: message?.mid, text: 'balance' },
      timestamp: message?.at,
    })
    await house.settle()
    assert.equal(person.replies().length, before)
    assert.equal(
      (await house.db.query<{ n: number }>('select count(*)::int as n from conversation_inbox')).rows[0]?.n,
      rows[0]?.n,
    )
  })

  test('an answer that the platform took without saying so is not sent again: its echo settles it', async () => {
    const person = await linked()
    const before = person.replies().length
    house.platform.fault({ kind: 'drop_after_accept', count: 1, edge: '*' })
    house.platform.sendText(person.psid, 'balance')
    await person.waitForReply(/\$/)
    await house.settle()
    assert.equal(figures(since(person, before)), 1)
  })

  test('an answer that the platform never took is sent again after the wait, once', async () => {
    const person = await linked()
    const before = person.replies().length
    house.platform.fault({ kind: 'drop', count: 1, edge: '*' })
    house.platform.sendText(person.psid, 'balance')
    await person.waitForReply(/\$/)
    await house.settle()
    assert.equal(figures(since(person, before)), 1)
  })

  test('a platform that is out for a while gets everything when it is back, once and in order', async () => {
    const person = await linked()
    const before = person.replies().length
    house.platform.outage(true)
    for (const text of ['balance', 'help', 'thanks']) house.platform.sendText(person.psid, text)
    await until(
      async () =>
        ((await house.db.query('select 1 from disclosure_outbox where state = $1', [outboxStates.queued]))
          .rowCount ?? 0) > 0,
      () => 'a refused send',
    )
    house.platform.outage(false)
    await house.settle()
    const said = since(person, before)
    assert.equal(said.length, 3)
    assert.match(said[0]?.text ?? '', /\$/)
    assert.match(said[1]?.text ?? '', saying('help.text'))
    assert.match(said[2]?.text ?? '', saying('bot.thanks'))
  })

  test('what was accepted and not answered when the process ended is answered by the next', async () => {
    const person = await linked()
    const before = person.replies().length
    house.platform.outage(true)
    house.platform.sendText(person.psid, 'balance')
    await house.decided()
    await house.reopen()
    house.platform.outage(false)
    await house.settle()
    assert.equal(figures(since(person, before)), 1)
  })
})

describe('in order', () => {
  test('questions asked in a hurry are answered in the order they were asked, also when the bank is slow for the first', async () => {
    const person = await linked()
    const before = person.replies().length
    house.banks.harbor.fault({ kind: 'slow', area: 'data', ms: 200, times: 2 })
    for (const text of ['balance', 'help', 'checking balance', 'thanks', 'goodbye'])
      house.platform.sendText(person.psid, text)
    await house.settle()
    const said = since(person, before).map(({ text }) => text)
    assert.equal(said.length, 5)
    assert.match(said[0] ?? '', /\$/)
    assert.match(said[1] ?? '', saying('help.text'))
    assert.match(said[2] ?? '', /\$/)
    assert.match(said[3] ?? '', saying('bot.thanks'))
    assert.match(said[4] ?? '', saying('bot.goodbye'))
  })

  test('one customer’s slow bank keeps nobody else waiting', async () => {
    const slow = await linked()
    const quick = house.stranger()
    await quick.say('hello')
    const { seq } = house.platform.sendText(slow.psid, 'help')
    await house.settle()
    house.banks.harbor.fault({ kind: 'slow', area: 'data', ms: 500, times: 2 })
    house.platform.sendText(slow.psid, 'balance')
    house.platform.sendText(quick.psid, 'help')
    await quick.waitForReply(saying('help.text-unlinked'))
    const answered = house.platform
      .transcript(slow.psid)
      .some(
        (message) =>
          message.from === 'page' && message.seq > seq && JSON.stringify(message.content).includes('$'),
      )
    assert.equal(answered, false, 'the slow one is still being read')
    await house.settle()
    assert.match(slow.replies().at(-1)?.text ?? '', /\$/)
  })

  test('many people at once: each gets their own answer, and nobody else’s', async () => {
    const crowd = Array.from({ length: 40 }, () => house.stranger())
    await Promise.all(
      crowd
        .slice(0, 4)
        .map((person) => person.link({ bank: 'harbor', login: ana, choices: { balance: 'say' } })),
    )
    const before = crowd.map((person) => person.replies().length)
    for (const person of crowd) house.platform.sendText(person.psid, 'balance')
    await house.settle()
    crowd.forEach((person, index) => {
      const said = since(person, before[index] ?? 0)
      assert.equal(figures(said), index < 4 ? 1 : 0)
      assert.ok(said.length >= 1)
    })
  })
})

test('an unsigned or foreign webhook is refused, and nothing comes of it', async () => {
  const person = await linked()
  const before = person.replies().length
  const body = JSON.stringify({
    object: 'page',
    entry: [
      {
        id: '730000000000100',
        time: 1,
        messaging: [
          {
            sender: { id: person.psid },
            recipient: { id: '730000000000100' },
            timestamp: Date.now(),
            message: { mid: 'm_forged', text: 'balance' },
          },
        ],
      },
    ],
  })
  for (const headers of [{}, { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }] as Record<
    string,
    string
  >[]) {
    const response = await fetch(`${house.url}/webhooks/messenger`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
    assert.ok(response.status === 401 || response.status === 403, String(response.status))
  }
  await house.settle()
  assert.equal(person.replies().length, before)
})
