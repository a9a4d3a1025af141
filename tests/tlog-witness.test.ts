import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { manualClock } from '../src/core/clock.ts'
import type { Logger } from '../src/core/logger.ts'
import { isRefusal } from '../src/core/refusal.ts'
import { transaction } from '../src/core/sql.ts'
import { auditLog } from '../src/tlog/audit.ts'
import { cosignatureLine, newLogKey, verifierKeyText } from '../src/tlog/note.ts'
import { verifyConsistency } from '../src/tlog/proof.ts'
import { append } from '../src/tlog/store.ts'
import { openTlog } from '../src/tlog/tlog.ts'
import { openNote, parseCheckpoint, parseVerifierKey, verifyFile } from '../src/tlog/verify.ts'
import { cosign } from '../src/tlog/witness.ts'
import { freshDatabase } from './database.ts'

const key = newLogKey('bank.example/log')
const signer = generateKeyPairSync('ed25519').privateKey
const vkey = verifierKeyText('witness.example', signer, 4)
const usable = (text: string) => {
  const parsed = parseVerifierKey(text)
  assert.ok(!('refused' in parsed))
  return parsed
}

/** A witness as C2SP tlog-witness describes it, in memory. `seen` is what it remembers of the log. */
function witness() {
  const state = {
    seen: { size: 0, root: Buffer.alloc(0) as Buffer },
    asked: 0,
    answer: null as null | (() => Response),
  }
  const fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    assert.equal(url, 'https://witness.example/log/add-checkpoint')
    state.asked++
    if (state.answer) return state.answer()
    const [head, ...rest] = (typeof init?.body === 'string' ? init.body : '').split('\n\n')
    const [old, ...proof] = (head as string).split('\n')
    const opened = openNote(rest.join('\n\n'), [usable(key.vkey)])
    if ('refused' in opened) return new Response(null, { status: 403 })
    const checkpoint = parseCheckpoint(opened.text)
    assert.ok(!('refused' in checkpoint))
    const oldSize = Number((old as string).slice(4))
    if (oldSize !== state.seen.size)
      return new Response(`${state.seen.size}\n`, {
        status: 409,
        headers: { 'content-type': 'text/x.tlog.size' },
      })
    const claim = {
      oldSize,
      size: checkpoint.size,
      oldRoot: state.seen.root,
      root: checkpoint.root,
      proof: proof.map((line) => Buffer.from(line, 'base64')),
    }
    if (oldSize === 0 ? proof.length > 0 : !verifyConsistency(claim))
      return new Response(null, { status: 422 })
    state.seen = { size: checkpoint.size, root: checkpoint.root }
    return new Response(cosignatureLine(opened.text, 'witness.example', signer, 1_767_139_200))
  }
  return { state, fetch: fetch as typeof globalThis.fetch }
}

async function witnessed() {
  const db = await freshDatabase({ only: /tlog/ })
  const { state, fetch } = witness()
  const said: string[] = []
  const log: Logger = {
    debug() {},
    info() {},
    warn: (_, fields) => said.push(String(fields?.['code'])),
    error: (_, fields) => said.push(String(fields?.['code'])),
  }
  const options = {
    pool: db.pool,
    origin: key.origin,
    signer: key.signer,
    clock: manualClock(0).now,
    log,
    idleMs: 0,
    fetch,
  }
  const tlog = await openTlog({
    ...options,
    witnesses: [{ url: 'https://witness.example/log/', vkey }],
    witnessPaceMs: 3_600_000,
  })
  let made = 0
  return {
    db,
    state,
    said,
    tlog,
    async add(many: number) {
      const entries = Array.from({ length: many }, () => Buffer.from(`entry ${made++}`))
      const { batchId } = await transaction(db.pool, (trx) => append(trx, entries))
      await tlog.sequenceNow()
      return batchId
    },
    async [Symbol.asyncDispose]() {
      await tlog[Symbol.asyncDispose]()
      await db[Symbol.asyncDispose]()
    },
  }
}

describe('witnesses', () => {
  test('a witness sees the log grow and cosigns; proofs carry its signature', async () => {
    await using house = await witnessed()
    const { tlog, state, db } = house
    const batchId = await house.add(40)
    assert.equal(await tlog.cosignNow(), 1)
    await house.add(260)
    assert.equal(await tlog.cosignNow(), 1)
    assert.equal(state.seen.size, 300)
    await house.add(5)
    const proof = await tlog.prove(batchId, 3)
    assert.ok(!isRefusal(proof))
    assert.equal(proof.size, 300, 'the newest cosigned checkpoint is preferred to a newer one')
    assert.ok(verifyFile(proof.file, { keys: [key.vkey], witnesses: [vkey] }).ok)
    assert.match((await tlog.checkpointNote()) as string, /bank\.example\/log\n305\n/)
    const audit = await auditLog(db.pool, { keys: [key.vkey], witnesses: [vkey] })
    assert.deepEqual(audit.faults, [])
    assert.deepEqual(audit.witnesses, [{ name: 'witness.example', size: 300, time: 1_767_139_200 }])
    const stranger = verifierKeyText('stranger.example', signer, 4)
    assert.match(
      (await auditLog(db.pool, { keys: [key.vkey], witnesses: [stranger] })).faults.join(),
      /stranger.example has cosigned none/,
    )
  })

  test('a witness that remembers more than we stored is asked again from there', async () => {
    await using house = await witnessed()
    await house.add(40)
    await house.tlog.cosignNow()
    // We crashed between its answer and our commit.
    await house.db.pool.query('delete from tlog_cosignature')
    await house.add(60)
    house.state.asked = 0
    assert.equal(await house.tlog.cosignNow(), 1)
    assert.equal(house.state.asked, 2)
  })

  test('a log that was rolled back and rewritten is not cosigned, and the house is told', async () => {
    await using house = await witnessed()
    await house.add(40)
    house.state.seen = { size: 90, root: Buffer.alloc(32) }
    assert.equal(await house.tlog.cosignNow(), 0)
    house.state.seen = { size: 20, root: Buffer.alloc(32) }
    assert.equal(await house.tlog.cosignNow(), 0)
    assert.deepEqual(house.said, ['witness_ahead', 'witness_refused'])
  })

  test('an answer that is wrong, endless, late or empty cosigns nothing and harms nothing', async () => {
    await using house = await witnessed()
    await house.add(40)
    const endless = () =>
      new Response(new ReadableStream({ pull: (out) => out.enqueue(new Uint8Array(4096).fill(65)) }))
    const forged = () =>
      new Response(cosignatureLine('bank.example/log\n41\nAAAA\n', 'witness.example', signer, 1))
    const answers: [() => Response, string][] = [
      [() => new Response(''), 'witness_answer_bad'],
      [() => new Response('\n\n\n'), 'witness_answer_bad'],
      [forged, 'witness_answer_bad'],
      [endless, 'witness_unreachable'],
      [() => assert.fail('no route'), 'witness_unreachable'],
      [() => new Response('', { status: 500 }), 'witness_refused'],
      [() => new Response('12', { status: 409 }), 'witness_refused'],
      [
        () => new Response('nonsense', { status: 409, headers: { 'content-type': 'text/x.tlog.size' } }),
        'witness_refused',
      ],
      [
        () => new Response('7', { status: 409, headers: { 'content-type': 'text/x.tlog.size' } }),
        'witness_refused',
      ],
    ]
    for (const [answer] of answers) {
      house.state.answer = answer
      assert.equal(await house.tlog.cosignNow(), 0)
    }
    assert.deepEqual(
      house.said,
      answers.map(([, code]) => code),
    )
    const { rowCount } = await house.db.pool.query('select from tlog_cosignature')
    assert.equal(rowCount, 0)
  })

  test('a key that is no witness key stops the start', async () => {
    await using db = await freshDatabase({ only: /tlog/ })
    const options = {
      pool: db.pool,
      origin: key.origin,
      signer: key.signer,
      clock: manualClock(0).now,
      log: { debug() {}, info() {}, warn() {}, error() {} },
    }
    await assert.rejects(
      openTlog({ ...options, witnesses: [{ url: 'https://w.example', vkey: key.vkey }] }),
      { code: 'witness_key_bad' },
    )
    await assert.rejects(openTlog({ ...options, witnesses: [{ url: 'file:///etc', vkey }] }), {
      code: 'witness_url_bad',
    })
  })

  test('cosign asks with the old size, the proof and the checkpoint, line by line', async () => {
    let body = ''
    const fetch = (async (_: unknown, init: RequestInit) => {
      body = init.body as string
      return new Response('', { status: 403 })
    }) as typeof globalThis.fetch
    const hash = Buffer.alloc(32, 1)
    const answer = await cosign(
      'https://w.example',
      usable(vkey),
      { note: 'NOTE', size: 9, oldSize: 4, prove: async () => [hash] },
      { fetch },
    )
    assert.deepEqual(answer, { refused: 'witness_refused', detail: '403' })
    assert.equal(body, `old 4\n${hash.toString('base64')}\n\nNOTE`)
  })
})
