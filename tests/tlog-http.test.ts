import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { manualClock } from '../src/core/clock.ts'
import type { Logger } from '../src/core/logger.ts'
import { transaction } from '../src/core/sql.ts'
import { logRoutes } from '../src/http/log.ts'
import { newLogKey } from '../src/tlog/note.ts'
import { decodeEntries } from '../src/tlog/tile.ts'
import { openTlog } from '../src/tlog/tlog.ts'
import { leafHash, openNote, parseCheckpoint, parseVerifierKey } from '../src/tlog/verify.ts'
import { freshDatabase } from './database.ts'

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }
const key = newLogKey('bank.example/log')

async function served(entries: number) {
  const db = await freshDatabase({ only: /tlog/ })
  const tlog = await openTlog({
    pool: db.pool,
    origin: key.origin,
    signer: key.signer,
    clock: manualClock(0).now,
    log: silent,
    idleMs: 0,
  })
  for (let at = 0; at < entries; at += 90) {
    const many = Math.min(90, entries - at)
    await transaction(db.pool, (trx) =>
      tlog.append(
        trx,
        Array.from({ length: many }, (_, i) => Buffer.from(`entry ${at + i}`)),
      ),
    )
  }
  await tlog.sequenceNow()
  const app = logRoutes({ tlog })
  return {
    tlog,
    get: (path: string, headers: Record<string, string> = {}) => app.request(path, { headers }),
    async [Symbol.asyncDispose]() {
      await tlog[Symbol.asyncDispose]()
      await db[Symbol.asyncDispose]()
    },
  }
}

describe('the log, served as tiles', () => {
  test('whoever follows it can rebuild the signed root from what is served', async () => {
    await using log = await served(600)
    const checkpoint = await log.get('/log/checkpoint')
    assert.equal(checkpoint.status, 200)
    assert.equal(checkpoint.headers.get('content-type'), 'text/plain; charset=utf-8')
    assert.match(checkpoint.headers.get('cache-control') as string, /max-age=[0-5]$/)
    const vkey = parseVerifierKey(key.vkey)
    assert.ok(!('refused' in vkey))
    const opened = openNote(await checkpoint.text(), [vkey])
    assert.ok(!('refused' in opened))
    const head = parseCheckpoint(opened.text)
    assert.ok(!('refused' in head) && head.size === 600)

    const leaves: Buffer[] = []
    for (const [n, width] of [
      ['000', 256],
      ['001', 256],
      ['002.p/88', 88],
    ] as const) {
      const bundle = await log.get(`/log/tile/entries/${n}`)
      assert.equal(bundle.headers.get('content-type'), 'application/octet-stream')
      assert.match(bundle.headers.get('cache-control') as string, /immutable/)
      const bytes = Buffer.from(await bundle.arrayBuffer())
      const entries = decodeEntries(bytes) as Buffer[]
      assert.equal(entries.length, width)
      const tile = Buffer.from(await (await log.get(`/log/tile/0/${n}`)).arrayBuffer())
      assert.deepEqual(tile, Buffer.concat(entries.map(leafHash)))
      leaves.push(...entries)
      const zipped = await log.get(`/log/tile/entries/${n}`, { 'accept-encoding': 'br, gzip' })
      assert.equal(zipped.headers.get('content-encoding'), 'gzip')
      assert.deepEqual(gunzipSync(Buffer.from(await zipped.arrayBuffer())), bytes)
    }
    assert.deepEqual(
      leaves.map(String),
      Array.from({ length: 600 }, (_, i) => `entry ${i}`),
    )
    assert.equal((await (await log.get('/log/tile/1/000.p/2')).arrayBuffer()).byteLength, 64)
    const earlier = await log.get('/log/tile/0/002.p/10')
    assert.equal(
      (await earlier.arrayBuffer()).byteLength,
      320,
      'a narrower tile of an earlier size is still there',
    )
  })

  test('what the log does not have is 404, what is no tile is 400, and nothing else answers', async () => {
    await using log = await served(300)
    for (const path of [
      'tile/0/002',
      'tile/0/001',
      'tile/0/001.p/45',
      'tile/1/000',
      'tile/2/000.p/1',
      'tile/63/000',
      'tile/entries/001',
      'tile/entries/001.p/45',
      'tile/entries/x999/x999/x999/x999/999',
      'tile/0/x999/x999/x999/x999/999.p/1',
    ])
      assert.equal((await log.get(`/log/${path}`)).status, 404, path)
    for (const path of [
      'tile/',
      'tile/0',
      'tile/0/',
      'tile/0/0',
      'tile/0/000/',
      'tile/00/000',
      'tile/64/000',
      'tile/-1/000',
      'tile/1e1/000',
      'tile/0x0/000',
      'tile/0/000.p/0',
      'tile/0/000.p/256',
      'tile/0/000.p/1.5',
      'tile/0/000.p/%31',
      'tile/0/%30%30%30',
      'tile/0/000%00',
      'tile/0/x000/000',
      'tile/data/000',
      'tile/entries/..%2f..%2fcheckpoint',
      "tile/0/000'%20or%201=1--",
      `tile/0/${'x000/'.repeat(500)}000`,
      'tile/entries/000.p/44/../44/',
      'tile//000',
      'tile/0/\u0660\u0660\u0660',
      'tile/0/000%ff',
    ]) {
      const answer = await log.get(`/log/${path}`)
      assert.equal(answer.status, 400, path)
      assert.equal(answer.headers.get('cache-control'), 'no-store')
    }
    assert.equal((await log.get('/log/')).status, 404)
    assert.equal((await log.get('/log/tile/0/../../../etc/passwd')).status, 404)
  })

  test('entries can be kept to those who may read them, the tree cannot', async () => {
    await using log = await served(300)
    const app = logRoutes({
      tlog: log.tlog,
      mayReadEntries: (c) => c.req.header('authorization') === 'auditor',
    })
    assert.equal((await app.request('/log/tile/entries/000')).status, 403)
    const allowed = await app.request('/log/tile/entries/000', { headers: { authorization: 'auditor' } })
    assert.equal(allowed.status, 200)
    assert.match(allowed.headers.get('cache-control') as string, /private/)
    assert.equal((await app.request('/log/tile/0/000')).status, 200)
  })

  test('a log that nobody has signed yet has no checkpoint', async () => {
    const app = logRoutes({ tlog: { checkpointNote: async () => null, tile: async () => null } })
    assert.equal((await app.request('/log/checkpoint')).status, 404)
  })
})
