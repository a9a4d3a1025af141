import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { Hono } from 'hono'
import type { SealGrade } from '../../pages/card.ts'
import { doorSeal, keptFrom, outwardUrl, type Device } from './away.ts'

const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 Version/26.1 Safari/604.1'
const browsers = {
  'Messenger on a phone': `${iphone} [FBAN/MessengerForiOS;FBAV/520.0.0]`,
  'a phone’s own browser': iphone,
  'a computer': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36',
}

async function kept(userAgent: string, seal: SealGrade): Promise<Device | null> {
  let device: Device | null = null
  const app = new Hono().get('/', (c) => {
    device = keptFrom(c, seal)
    return c.body(null, 204)
  })
  await app.request('/', { headers: { 'user-agent': userAgent } })
  return device
}

test('each grade keeps the card as far from the messenger as it says', async () => {
  const table: Record<string, (Device | null)[]> = {}
  for (const [name, agent] of Object.entries(browsers))
    table[name] = await Promise.all((['S1', 'S2', 'S3'] as const).map((seal) => kept(agent, seal)))
  assert.deepEqual(table, {
    'Messenger on a phone': [null, 'ios', 'elsewhere'],
    'a phone’s own browser': [null, null, 'elsewhere'],
    'a computer': [null, null, null],
  })
})

test('before it is known whose card it is, no password is typed inside an app that one of the banks keeps out', () => {
  assert.equal(doorSeal(['S1', 'S2']), 'S2')
  assert.equal(doorSeal(['S1', 'S3']), 'S2')
  assert.equal(doorSeal(['S1', 'S1']), 'S1')
})

test('a phone is sent away at the door only where every bank wants it; else once its own bank is known', () => {
  assert.equal(doorSeal(['S2', 'S3']), 'S2')
  assert.equal(doorSeal(['S3', 'S3']), 'S3')
})

test('a card for another device is never handed to this one’s browser', () => {
  const page = 'https://bank.example/card/crd_00AAAAAAAAAAAAAAAAAAAAAA'
  assert.equal(outwardUrl(page, 'elsewhere'), null)
  assert.match(outwardUrl(page, 'ios') ?? '', /^x-safari-https:/)
})
