import { strict as assert } from 'node:assert'
import { after, before, test } from 'node:test'
import { hourMs } from '../../src/core/clock.ts'
import { openTestHouse, type TestHouse } from '../house.ts'
import { saying } from '../person.ts'

const ben = { username: 'ben', password: 'sandbox' }

let house: TestHouse
before(async () => {
  house = await openTestHouse({ serves: ['harbor', 'granite'] })
})
after(() => house[Symbol.asyncDispose]())

test('a button whose question is forgotten asks to be asked again, and blames nobody', async () => {
  const person = house.stranger()
  await person.link({ bank: 'harbor', login: ben })
  await person.say('balance')
  house.clock.advance(2 * hourMs)
  const said = (await person.tap('Show here, this once')).at(-1)
  assert.match(said?.text ?? '', saying('again.gone'))
  assert.doesNotMatch(said?.text ?? '', /\$/)
  assert.deepEqual(said?.buttons, ['Balance', 'Last payments', 'Talk to someone'])
  // It was no misunderstanding: the next unclear word is the first one.
  assert.match((await person.say('qwertz')).at(-1)?.text ?? '', saying('unclear.choices'))
})

test('the button that shows an answer once, tapped again: the answer is kept back as before, with a fresh button', async () => {
  const person = house.stranger()
  await person.link({ bank: 'harbor', login: ben })
  await person.say('balance')
  assert.match((await person.tap('Show here, this once')).at(-1)?.text ?? '', /\$/)
  const again = (await person.tap('Show here, this once')).at(-1)
  assert.doesNotMatch(again?.text ?? '', /\$/)
  assert.ok(again?.buttons.includes('Show here, this once'))
  assert.match((await person.say('both here please')).at(-1)?.text ?? '', /\$/)
})

test('the hello offers the Log-in button at once, and saying “link” keeps its code', async () => {
  const person = house.stranger()
  const [hello] = await person.getStarted()
  const code = /\b\d{4}-[A-Z]{2}\b/.exec(hello?.text ?? '')?.[0]
  assert.ok(code)
  assert.equal((await person.untilCode({ bank: 'harbor' })).code, code)
})

test('with two banks linked, each answer says whose it is', async () => {
  const person = house.stranger()
  await person.link({ bank: 'harbor', login: ben })
  assert.doesNotMatch((await person.say('balance')).at(-1)?.text ?? '', /Harbor Bank:/)
  await person.link({ bank: 'granite', login: ben })
  const masked = (await person.say('balance')).map(({ text }) => text.slice(0, 40))
  assert.deepEqual(masked.sort(), [
    'Granite Bank: Your balances are ready. T',
    'Harbor Bank: Your balances are ready. Th',
  ])
  const said = (await person.tap('Show here, this once')).map(({ text }) => text).join('\n')
  assert.match(said, /^Harbor Bank:\n/m)
})
