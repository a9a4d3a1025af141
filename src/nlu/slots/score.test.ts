import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { scoreSlots, type Tally } from './score.ts'

const data = fileURLToPath(new URL('../../../../shared/data/nlupp-banking/folds_0_15.json', import.meta.url))
const share = ({ right, of }: Tally): number => (of === 0 ? 1 : right / of)

test('NLU++: amounts at least 98 %, stretches of days at least 85 %', {
  skip: existsSync(data) ? false : 'the NLU++ file is not here',
}, async () => {
  for (const folds of [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    [12, 13, 14, 15],
  ]) {
    const score = await scoreSlots(data, folds)
    assert.ok(share(score.amounts) >= 0.98, `amounts ${share(score.amounts)}`)
    assert.ok(share(score.ranges) >= 0.85, `ranges ${share(score.ranges)}`)
    assert.ok(share(score.periods) >= 0.85, `periods ${share(score.periods)}`)
    assert.ok(share(score.clean) >= 0.98, `clean ${share(score.clean)}`)
  }
})

test('a wrong reading is scored wrong', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slots-'))
  try {
    const path = join(folder, 'two.json')
    const said = (amount: number): unknown => ({
      text: 'did I spend 400 pounds last month',
      slots: { amount_of_money: { text: '400 pounds', value: { amount } } },
    })
    await writeFile(path, JSON.stringify([said(400), said(401)]))
    const score = await scoreSlots(path)
    assert.deepEqual(score.amounts, { right: 1, of: 2 })
    assert.equal(score.misses[0]?.wanted, '401')
    await writeFile(path, '{"no": "list"}')
    await assert.rejects(scoreSlots(path))
  } finally {
    await rm(folder, { recursive: true })
  }
})
