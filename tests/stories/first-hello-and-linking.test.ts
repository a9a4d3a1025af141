import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { openTestHouse } from '../house.ts'

test('tmp', async () => {
  const t0 = performance.now()
  await using house = await openTestHouse()
  console.log('open', performance.now() - t0)
  const ana = house.person('ana')
  console.log(await ana.getStarted())
  const t1 = performance.now()
  console.log(await ana.link({ bank: 'harbor' }))
  console.log('link', performance.now() - t1)
  console.log(await ana.say('balance'))
  console.log(house.sends().length, house.log.slice(-5))
})
