import { strict as assert } from 'node:assert'
import { after, afterEach, before, describe, test } from 'node:test'
import { openTestHouse, type TestHouse } from '../house.ts'
import { atBank, saying } from '../person.ts'

const ana = { username: 'ana', password: 'sandbox' }

let house: TestHouse
before(async () => {
  house = await openTestHouse({ serves: ['harbor', 'granite'] })
})
afterEach(() => house.banks.harbor.clearFaults())
after(() => house[Symbol.asyncDispose]())

describe('linking that does not go straight', () => {
  test('the bank falls silent after the login: starting again leads to the code, and to the end', async () => {
    const person = house.stranger()
    const { page } = await person.untilCode({ bank: 'harbor' })
    const login = await page.press('do=match')
    house.banks.harbor.fault({ kind: 'maintenance', area: 'data' })
    const down = await atBank(login, { login: ana })
    assert.equal(down.status, 503)
    assert.match(down.heading, /isn’t answering/)
    house.banks.harbor.clearFaults()
    const again = await down.follow('Start again')
    assert.match(again.heading, /Continue at Harbor Bank/)
    const consent = await atBank(await again.press('do=match'), { login: ana })
    await consent.press('do=agree')
    await house.settle()
    assert.match(person.replies().at(-1)?.text ?? '', saying('link.done'))
  })

  test('back from the bank’s login without an answer: no alarm, and a late answer binds nothing', async () => {
    const person = house.stranger()
    const { page, code } = await person.untilCode({ bank: 'harbor' })
    const login = await page.press('do=match')
    const back = await person.visit('/link/bank')
    assert.ok(back.words.includes(code))
    const late = await atBank(login, { login: ana })
    assert.equal(late.status, 400)
    assert.deepEqual(await person.grants(), [])
  })

  test('the wrong bank was picked: another one is a tap away', async () => {
    const person = house.stranger()
    const { page } = await person.untilCode({ bank: 'granite' })
    const pick = await page.follow('Choose another bank')
    const harbor = await pick.press('bank=harbor')
    assert.match(harbor.heading, /Continue at Harbor Bank/)
  })
})
