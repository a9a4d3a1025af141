import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import type { Cleared } from '../../src/channel/channel.ts'
import { dayMs } from '../../src/core/clock.ts'
import { many, transaction } from '../../src/core/sql.ts'
import { has, setFlag } from '../../src/conversation/thread.ts'
import { claim, closeCards } from '../../src/disclosure/cancel.ts'
import { asCleared, outboxStates } from '../../src/disclosure/clear.ts'
import { Deliverer } from '../../src/disclosure/deliver.ts'
import { bodyOf, outboxBox } from '../../src/pipeline/outbox.ts'
import { openTestHouse, pageId, type TestHouse, until } from '../house.ts'
import { type PersonHandle, saying } from '../person.ts'

const ana = { username: 'ana', password: 'sandbox' }
const all = { balance: 'say', transactions: 'say', insights: 'say' } as const

let house: TestHouse
before(async () => {
  house = await openTestHouse({ serves: ['harbor', 'granite'] })
})
after(() => house[Symbol.asyncDispose]())

async function linked(): Promise<PersonHandle> {
  const person = house.stranger()
  await person.link({ bank: 'harbor', login: ana, choices: all })
  return person
}
const active = (): number =>
  house.banks.harbor.consents().filter(({ standing }) => standing === 'active').length
const heard = (person: PersonHandle): string =>
  person
    .replies()
    .map(({ text }) => text)
    .join('\n')

type Row = { message_id: string; state: number; sealed: Buffer }
async function outbox(person: PersonHandle): Promise<Row[]> {
  const contact = await person.contact()
  return many<Row>(
    house.db,
    'select message_id, state, sealed from disclosure_outbox where contact_id = $1 and grant_id is not null order by message_id',
    [contact?.ref.contactId],
  )
}

/** Asks while the platform is out, so that the answer is cleared and waits. */
async function withAnswerWaiting(person: PersonHandle): Promise<void> {
  house.platform.outage(true)
  house.platform.sendText(person.psid, 'balance')
  await until(
    async () => (await outbox(person)).some(({ state }) => state === outboxStates.queued),
    () => 'the answer to be refused by the platform',
  )
}

async function takeAllBack(person: PersonHandle) {
  const me = await person.visit('/me?bank=harbor')
  const contactId = (await person.contact())?.ref.contactId ?? ''
  const link = me.links.find(({ url }) => url.endsWith(`/me/take-back/${contactId}`))
  assert.ok(link, me.words)
  const effect = await person.browser.open(link.url)
  return { effect, done: await effect.press('Take it back') }
}

/** What the thread counts as, in memory and in its row alike. */
async function flagsOf(person: PersonHandle): Promise<{ linked: boolean; ended: boolean }> {
  const contact = await person.contact()
  assert.ok(contact)
  await house.settle()
  const [row] = await many<{ flags: number }>(
    house.db,
    'select flags from conversation_thread where contact_id = $1',
    [contact.ref.contactId],
  )
  assert.equal(row?.flags, contact.thread.flags)
  return { linked: has(contact.thread, 'linked'), ended: has(contact.thread, 'ended') }
}

describe('taking everything back', () => {
  test('the next question is refused, with a way to link again; the bank has its key back; both are said with their time', async () => {
    const before = active()
    const person = await linked()
    assert.equal(active(), before + 1)
    assert.match((await person.say('balance')).at(-1)?.text ?? '', /\$/)
    const { effect, done } = await takeAllBack(person)
    assert.match(effect.words, /Nothing has changed yet/)
    assert.equal(done.status, 200)
    assert.match(done.words, /\d{1,2}:\d\d/)
    await house.settle()
    assert.equal(active(), before)
    assert.match(heard(person), saying('grant.withdrawn'))
    const [reply] = await person.say('balance')
    assert.match(reply?.text ?? '', saying('refused.withdrawn'))
    assert.deepEqual(reply?.buttons, ['Link again'])
    assert.match((await person.tap('Link again')).at(-1)?.text ?? '', saying('link.offer'))
  })

  test('on the page: the chat no longer counts as linked, and offers to link and nothing that needs it', async () => {
    const person = await linked()
    await takeAllBack(person)
    await house.settle()
    const offers = ['Link my account', 'Talk to someone', 'What can you do?']
    assert.deepEqual((await person.say('qwertz')).at(-1)?.buttons, offers)
    const hello = (await person.say('hello')).at(-1)
    assert.match(hello?.text ?? '', saying('bot.hello-any-bank'))
    assert.deepEqual(hello?.buttons, offers)
    assert.deepEqual((await person.say('balance')).at(-1)?.buttons, ['Link again'])
    // The database knows as well: the next process offers the same.
    assert.deepEqual(await flagsOf(person), { linked: false, ended: true })
    // Twin: a thread that still counts as linked offers what can only be refused.
    const contact = await person.contact()
    assert.ok(contact)
    setFlag(contact.thread, 'linked', true)
    assert.deepEqual((await person.say('hello')).at(-1)?.buttons, [
      'Balance',
      'Last payments',
      'Talk to someone',
    ])
    // Linking again makes it linked again.
    await person.link({ bank: 'harbor', login: ana, choices: all })
    assert.deepEqual(await flagsOf(person), { linked: true, ended: false })
    assert.match((await person.say('balance')).at(-1)?.text ?? '', /\$/)
  })

  test('one thing of several, or one bank of two: the chat stays linked', async () => {
    const person = await linked()
    const contact = await person.contact()
    assert.ok(contact)
    await house.engine.records.takeBack(contact, 'harbor', 'insights')
    assert.deepEqual(await flagsOf(person), { linked: true, ended: false })
    await person.link({ bank: 'granite', login: { username: 'ben', password: 'sandbox' } })
    await house.engine.records.takeBack(contact, 'harbor', null)
    assert.deepEqual(await flagsOf(person), { linked: true, ended: false })
    await house.engine.records.takeBack(contact, 'granite', null)
    assert.deepEqual(await flagsOf(person), { linked: false, ended: true })
  })

  test('thing by thing until nothing is left comes to the same', async () => {
    const person = await linked()
    const contact = await person.contact()
    assert.ok(contact)
    for (const purpose of ['balance', 'transactions', 'insights'] as const)
      await house.engine.records.takeBack(contact, 'harbor', purpose)
    assert.deepEqual(await flagsOf(person), { linked: false, ended: true })
    assert.match((await person.say('balance')).at(-1)?.text ?? '', saying('refused.withdrawn'))
  })

  test('in the chat: “stop”, then one button', async () => {
    const before = active()
    const person = await linked()
    const [stopped] = await person.say('stop')
    assert.match(stopped?.text ?? '', saying('stop.done'))
    assert.ok(stopped?.buttons.includes('Take it all back'))
    const done = await person.tap('Take it all back')
    assert.match(done.map(({ text }) => text).join('\n'), saying('link.undone'))
    assert.match(done.map(({ text }) => text).join('\n'), saying('grant.key-returned'))
    assert.equal(active(), before)
    assert.doesNotMatch((await person.say('balance')).map(({ text }) => text).join(), /\$/)
  })

  test('at the platform: its own “log out” is a withdrawal too', async () => {
    const before = active()
    const person = await linked()
    house.platform.logout(person.psid)
    await house.settle()
    assert.equal(active(), before)
    assert.equal((await person.grants())[0]?.state, 'withdrawn')
    assert.doesNotMatch((await person.say('balance')).map(({ text }) => text).join(), /\$/)
  })

  test('given again by linking again, it works again', async () => {
    const person = await linked()
    await takeAllBack(person)
    await person.link({ bank: 'harbor', login: ana, choices: { balance: 'say' } })
    assert.match((await person.say('balance')).at(-1)?.text ?? '', /\$/)
  })
})

describe('a message that was waiting', () => {
  test('does not go out after its permission is taken back, and the customer is told that it was cancelled', async () => {
    const person = await linked()
    await withAnswerWaiting(person)
    const { effect, done } = await takeAllBack(person)
    assert.match(effect.words, /1 message that is waiting is cancelled/)
    assert.match(done.words, /1 message/)
    house.platform.outage(false)
    await house.settle()
    assert.doesNotMatch(heard(person), /\$/)
    assert.match(heard(person), saying('grant.withdrawn'))
    assert.deepEqual(
      (await outbox(person)).map(({ state }) => state),
      [outboxStates.cancelled],
    )
  })

  test('nor when only that one thing is taken back', async () => {
    const person = await linked()
    await withAnswerWaiting(person)
    const contactId = (await person.contact())?.ref.contactId ?? ''
    const effect = await person.visit(`/me/take-back/${contactId}/balance`)
    await effect.press('Take it back')
    house.platform.outage(false)
    await house.settle()
    assert.doesNotMatch(heard(person), /\$/)
    assert.match((await person.say('last 1 payments')).at(-1)?.text ?? '', /\$/)
  })

  test('nor when figures are hidden: what is masked from now on is not said late', async () => {
    const person = await linked()
    await withAnswerWaiting(person)
    const me = await person.visit('/me?bank=harbor')
    const contactId = (await person.contact())?.ref.contactId ?? ''
    await me.submit(`/me/change/${contactId}/balance`, { choice: 'mask' })
    house.platform.outage(false)
    await house.settle()
    assert.doesNotMatch(heard(person), /\$/)
  })

  test('nor after the process that held it is gone: the next one asks before it sends', async () => {
    await using other = await openTestHouse({ serves: ['harbor'] })
    const person = other.person('ana')
    await person.link({ bank: 'harbor', choices: all })
    other.platform.outage(true)
    other.platform.sendText(person.psid, 'balance')
    const waiting = async (): Promise<boolean> =>
      ((
        await other.db.query('select 1 from disclosure_outbox where grant_id is not null and state = $1', [
          outboxStates.queued,
        ])
      ).rowCount ?? 0) > 0
    await until(waiting, () => 'the answer to wait')
    await other.db.query(`update consent_grant set state = 'withdrawn', version = version + 1`)
    await other.reopen()
    other.platform.outage(false)
    await other.settle()
    assert.doesNotMatch(
      person
        .replies()
        .map(({ text }) => text)
        .join('\n'),
      /\$/,
    )
  })

  /** Sends what waits as a process would that has just started, with or without asking first. */
  async function deliverLate(person: PersonHandle, asks: boolean): Promise<string[]> {
    const contact = await person.contact()
    assert.ok(contact)
    const sent: string[] = []
    const channel = {
      send: (messages: readonly Cleared[]) => {
        sent.push(...messages.map(({ body }) => body))
        return Promise.resolve(messages.map(() => ({ state: 'sent' as const, mid: 'm_1' })))
      },
    }
    const deliverer = new Deliverer(
      new Map([[pageId, channel as never]]),
      { concurrency: 1, callSize: 1, unknownWaitMs: 1_000, perSecond: 100, maxAttempts: 1 },
      {
        settle: () => {},
        mayStillGo: (parcel) =>
          asks
            ? claim(house.db, parcel.contact, parcel.cleared.id, house.clock.now())
            : Promise.resolve(true),
        effect: () => {},
        idle: () => {},
      } as ConstructorParameters<typeof Deliverer>[2],
      { clock: house.clock.now, log: { debug() {}, info() {}, warn() {}, error() {} } },
    )
    const rows = (await outbox(person)).filter(({ state }) => state === outboxStates.queued)
    assert.equal(rows.length, 1)
    deliverer.add(
      rows.map(({ message_id: id, sealed }) => ({
        cleared: asCleared({
          id,
          to: contact.address,
          body: bodyOf(outboxBox.open(contact.keys.box, contact.ref.contactId, id, sealed)),
        }),
        contact: contact.ref,
        priority: 1,
        attempts: 1,
        inDoubtSince: null,
        mustAsk: true,
      })),
    )
    await until(
      () => deliverer.outstanding === 0,
      () => 'the late delivery',
    )
    await deliverer.stop()
    return sent
  }

  test('twin: without asking again at delivery, it would go out', async () => {
    const person = await linked()
    await withAnswerWaiting(person)
    // A withdrawal that only the database knows of: by another process, while this one slept.
    await house.db.query(
      `update consent_grant set state = 'withdrawn', version = version + 1 where contact_id = $1`,
      [(await person.contact())?.ref.contactId],
    )
    assert.match((await deliverLate(person, false)).join(), /\$/)
    assert.deepEqual(await deliverLate(person, true), [])
    house.platform.outage(false)
    await house.settle()
    assert.doesNotMatch(heard(person), /\$/)
  })
})

describe('a permission ends by the house’s own clock, not by the database’s', () => {
  test('a message that waited past the end is not sent, and a card past its end is not open', async () => {
    await using later = await openTestHouse({ serves: ['harbor'] })
    const person = later.person('ana')
    await person.link({ bank: 'harbor', choices: all, days: 30 })
    // A masked answer, for its card.
    const contact = await person.contact()
    assert.ok(contact)
    await later.engine.records.change(contact, 'harbor', 'insights', 'mask')
    await person.say('how much did I spend this month')
    later.platform.outage(true)
    later.platform.sendText(person.psid, 'balance')
    const waiting = () =>
      many<{ message_id: string }>(
        later.db,
        'select message_id from disclosure_outbox where grant_id is not null and state = $1',
        [outboxStates.queued],
      )
    await until(
      async () => (await waiting()).length === 1,
      () => 'the answer to wait',
    )
    const id = (await waiting())[0]?.message_id ?? ''
    const end = later.clock.now() + 31 * dayMs
    const openCards = (at: number): Promise<number> =>
      transaction(later.db, async (trx) => {
        const closed = await closeCards(trx, contact.ref, { institution: 'harbor', purpose: null }, at)
        await trx.query('update disclosure_card set closed_at = null where contact_id = $1', [
          contact.ref.contactId,
        ])
        return closed
      })
    assert.equal(await openCards(end), 0)
    assert.equal(await claim(later.db, contact.ref, id, end), false)
    // Twin: asked by the database's own time, which has not moved, the same message goes and the card counts as open.
    const [row] = await many<{ now: Date }>(later.db, 'select now()')
    assert.equal(await openCards(row?.now.getTime() ?? 0), 1)
    assert.equal(await claim(later.db, contact.ref, id, row?.now.getTime() ?? 0), true)
    later.platform.outage(false)
    await later.settle()
  })
})

describe('while something is under way', () => {
  test('an answer that is being read from the bank as the permission ends is not given', async () => {
    const person = await linked()
    house.banks.harbor.fault({ kind: 'slow', area: 'data', ms: 400, times: 2 })
    const { seq } = house.platform.sendText(person.psid, 'balance')
    await until(
      () => house.engine.pipeline.load.reading > 0,
      () => 'the bank to be asked',
    )
    await takeAllBack(person)
    await house.settle()
    house.banks.harbor.clearFaults()
    const since = house.platform
      .transcript(person.psid)
      .filter((message) => message.from === 'page' && message.seq > seq)
    assert.ok(since.length > 0)
    assert.doesNotMatch(JSON.stringify(since.map(({ content }) => content)), /\$\d/)
  })

  test('two withdrawals at once are one, and both are answered', async () => {
    const before = active()
    const person = await linked()
    const me = await person.visit('/me?bank=harbor')
    const contactId = (await person.contact())?.ref.contactId ?? ''
    const link = me.links.find(({ url }) => url.endsWith(`/me/take-back/${contactId}`))
    const effect = await person.browser.open(link?.url ?? '')
    const [one, two] = await Promise.all([effect.press('Take it back'), effect.press('Take it back')])
    assert.deepEqual([one.status, two.status], [200, 200])
    await house.settle()
    assert.equal(active(), before)
    assert.deepEqual(
      (
        await house.db.query('select event from consent_record where contact_id = $1 order by version', [
          contactId,
        ])
      ).rows.map(({ event }) => event as string),
      ['given', 'withdrawn'],
    )
  })
})

test('a bank that cannot be reached gets its key back later, and the customer hears of it then', async () => {
  const before = active()
  const person = await linked()
  house.banks.harbor.fault({ kind: 'maintenance', area: 'all', retryAfterSeconds: 1 })
  const { done } = await takeAllBack(person)
  house.banks.harbor.clearFaults()
  assert.match(done.words, /asking|waiting|retr|keep/i)
  assert.equal(active(), before + 1)
  // Meanwhile the key is not used: the next question asks no bank.
  assert.match((await person.say('balance')).at(-1)?.text ?? '', saying('refused.withdrawn'))
  house.clock.advance(20_000)
  await house.runJobs()
  await house.settle()
  assert.equal(active(), before)
  assert.match(heard(person), saying('grant.key-returned'))
})
