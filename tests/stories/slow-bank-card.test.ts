import { strict as assert } from 'node:assert'
import { after, before, test } from 'node:test'
import { openTestHouse, type TestHouse } from '../house.ts'

const ana = { username: 'ana', password: 'sandbox' }

let house: TestHouse
before(async () => {
  house = await openTestHouse({ serves: ['harbor'] })
})
after(() => house[Symbol.asyncDispose]())

test('a slow bank does not keep the card closed: it opens without a figure, and looks again', async () => {
  const person = house.stranger()
  await person.link({ bank: 'harbor', login: ana })
  await person.say('balance')
  const card = await person.signInAt(await person.visit(person.linkOf('View securely')), { as: ana })
  assert.match(card.words, /\$2,340\.18/)
  house.banks.harbor.fault({ kind: 'slow', ms: 2_000, area: 'data' })
  const opened = await person.visit(card.url.href)
  assert.equal(opened.status, 200)
  assert.doesNotMatch(opened.words, /\$/)
  assert.match(opened.words, /Loading/)
  const shown = await opened.follow('Look again now')
  assert.match(shown.words, /\$2,340\.18/)
  house.banks.harbor.clearFaults()
})
