import { strict as assert } from 'node:assert'
import { afterEach, before, after, describe, test } from 'node:test'
import { hourMs, minuteMs } from '../../src/core/clock.ts'
import { openTestHouse, type TestHouse } from '../house.ts'
import { type PersonHandle, saying } from '../person.ts'

const ana = { username: 'ana', password: 'sandbox' }
const words = (replies: readonly { text: string }[]): string => replies.map(({ text }) => text).join('\n')

let house: TestHouse
before(async () => {
  house = await openTestHouse({ serves: ['harbor', 'granite'] })
})
afterEach(() => house.banks.harbor.clearFaults())
after(() => house[Symbol.asyncDispose]())

async function linked(
  choices: Parameters<PersonHandle['link']>[0]['choices'] = {
    balance: 'say',
    transactions: 'say',
    insights: 'say',
  },
): Promise<PersonHandle> {
  const person = house.stranger()
  await person.link({ bank: 'harbor', login: ana, choices })
  return person
}

describe('a bank that does not answer', () => {
  test('“I’ll try again”: and when it is back, the answer comes by itself, as far as it was agreed', async () => {
    const person = await linked()
    house.banks.harbor.fault({ kind: 'maintenance', area: 'data', retryAfterSeconds: 1 })
    const [sorry] = await person.say('balance')
    assert.match(sorry?.text ?? '', saying('bank.trouble'))
    assert.deepEqual(sorry?.buttons, ["Open bank's page"])
    house.banks.harbor.clearFaults()
    const before = person.replies().length
    house.clock.advance(40_000)
    await house.runJobs()
    const later = person.replies().slice(before)
    assert.match(later[0]?.text ?? '', saying('bank.back'))
    assert.match(words(later), /\$/)
  })

  test('what comes late is masked where masked was agreed', async () => {
    const person = await linked({})
    house.banks.harbor.fault({ kind: 'error', area: 'data' })
    assert.match(words(await person.say('last 3 payments')), saying('bank.trouble'))
    house.banks.harbor.clearFaults()
    const before = person.replies().length
    house.clock.advance(40_000)
    await house.runJobs()
    const later = person.replies().slice(before)
    assert.match(words(later), saying('transactions.masked'))
    assert.doesNotMatch(words(later), /\$/)
    // Its button works like any other.
    assert.match(words(await person.tap('Show here, this once')), /\$/)
  })

  test('after ten minutes it says that it has stopped trying, and stops', async () => {
    const person = await linked()
    house.banks.harbor.fault({ kind: 'maintenance', area: 'data', retryAfterSeconds: 1 })
    await person.say('balance')
    const before = person.replies().length
    house.clock.advance(40_000)
    await house.runJobs()
    assert.equal(person.replies().length, before)
    house.clock.advance(10 * minuteMs)
    await house.runJobs()
    assert.match(words(person.replies().slice(before)), saying('bank.still-down'))
    const ended = person.replies().length
    house.banks.harbor.clearFaults()
    house.clock.advance(10 * minuteMs)
    await house.runJobs()
    assert.equal(person.replies().length, ended)
  })

  test('a permission taken back meanwhile is not answered late', async () => {
    const person = await linked()
    house.banks.harbor.fault({ kind: 'maintenance', area: 'data', retryAfterSeconds: 1 })
    await person.say('balance')
    house.banks.harbor.clearFaults()
    await person.say('unlink my account')
    const before = person.replies().length
    house.clock.advance(40_000)
    await house.runJobs()
    assert.doesNotMatch(words(person.replies().slice(before)), /\$/)
  })

  test('asking again while it is tried again is one answer, not two', async () => {
    const person = await linked()
    house.banks.harbor.fault({ kind: 'maintenance', area: 'data', retryAfterSeconds: 1 })
    await person.say('balance')
    await person.say('balance')
    house.banks.harbor.clearFaults()
    const before = person.replies().length
    house.clock.advance(40_000)
    await house.runJobs()
    assert.equal(
      person
        .replies()
        .slice(before)
        .filter(({ text }) => saying('bank.back').test(text)).length,
      1,
    )
  })
})

describe('a bank that ended the connection', () => {
  test('is said as what it is, with a way to link again, which works', async () => {
    const person = await linked()
    assert.ok((await house.banks.harbor.endConsents('revoked', 'ana')) > 0)
    const [reply] = await person.say('balance')
    assert.match(reply?.text ?? '', saying('bank.link-broken'))
    assert.deepEqual(reply?.buttons, ['Link again'])
    await person.link({ bank: 'harbor', login: ana, choices: { balance: 'say' } })
    assert.match(words(await person.say('balance')), /\$/)
  })

  test('linking again while all is well replaces the key, and the bank gets the old one back', async () => {
    const active = (): number =>
      house.banks.harbor.consents().filter(({ standing }) => standing === 'active').length
    const person = await linked()
    const before = active()
    await person.link({ bank: 'harbor', login: ana, choices: { balance: 'say' } })
    assert.equal(active(), before)
    assert.match(words(await person.say('balance')), /\$/)
    assert.equal((await person.grants())[0]?.version, 2)
  })

  test('a bank that cannot take the old key back just now gets it later', async () => {
    const active = (): number =>
      house.banks.harbor.consents().filter(({ standing }) => standing === 'active').length
    const person = await linked()
    const before = active()
    house.banks.harbor.fault({ kind: 'maintenance', area: 'all', path: '/consents', retryAfterSeconds: 1 })
    house.banks.harbor.fault({ kind: 'maintenance', area: 'all', path: '/revo', retryAfterSeconds: 1 })
    await person.link({ bank: 'harbor', login: ana, choices: { balance: 'say' } })
    assert.equal(active(), before + 1)
    house.banks.harbor.clearFaults()
    house.clock.advance(20_000)
    await house.runJobs()
    assert.equal(active(), before)
    assert.match(words(await person.say('balance')), /\$/)
  })

  test('a key that only grew old is renewed without a word', async () => {
    const person = await linked()
    house.clock.advance(2 * hourMs)
    assert.match(words(await person.say('balance')), /\$/)
  })
})

test('an answer in part is said to be in part', async () => {
  const person = await linked()
  house.banks.harbor.fault({ kind: 'partial', area: 'data' })
  const [reply] = await person.say('balance')
  assert.match(reply?.text ?? '', saying('bank.incomplete'))
})

test('a bank that asks us to slow down is not hammered, and the customer is told', async () => {
  const person = await linked()
  house.banks.harbor.fault({ kind: 'rate-limit', area: 'data', retryAfterSeconds: 30 })
  assert.match(words(await person.say('balance')), saying('bank.trouble'))
})

test('a bank that is down does not stop linking another, and linking it is refused kindly', async () => {
  const person = house.stranger()
  house.banks.harbor.fault({ kind: 'maintenance', area: 'all', retryAfterSeconds: 1 })
  const { page } = await person.untilCode({ bank: 'harbor' })
  const down = await page.press('do=match')
  assert.equal(down.status, 503)
  assert.match(down.words, /again/i)
  house.banks.harbor.clearFaults()
  await person.link({ bank: 'granite', login: { username: 'ben', password: 'sandbox' } })
  assert.match(words(await person.say('balance')), saying('balance.masked-many'))
})
