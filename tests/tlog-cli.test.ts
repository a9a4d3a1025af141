import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { manualClock } from '../src/core/clock.ts'
import { transaction } from '../src/core/sql.ts'
import { newLogKey } from '../src/tlog/note.ts'
import { openTlog } from '../src/tlog/tlog.ts'
import { commitment } from '../src/tlog/verify.ts'
import { type FreshDatabase, freshDatabase } from './database.ts'

const root = join(import.meta.dirname, '..')
const key = newLogKey('bank.example/log')
const salt = Buffer.alloc(32, 7)
const payload = Buffer.from('{"said":"Your balance is ready."}')

describe('guichet log, on a database', () => {
  let db: FreshDatabase
  let batchId: number
  const folder = mkdtempSync(join(tmpdir(), 'guichet-log-cli-'))
  before(async () => {
    db = await freshDatabase({ only: /tlog/ })
    const log = { debug() {}, info() {}, warn() {}, error() {} }
    await using tlog = await openTlog({
      pool: db.pool,
      origin: key.origin,
      signer: key.signer,
      clock: manualClock(0).now,
      log,
      idleMs: 0,
    })
    const entry = Buffer.from(
      JSON.stringify({ v: 1, commit: commitment(salt, payload).toString('base64url') }),
    )
    batchId = (await transaction(db.pool, (trx) => tlog.append(trx, [Buffer.from('{}'), entry]))).batchId
    await tlog.sequenceNow()
  })
  after(async () => {
    rmSync(folder, { recursive: true })
    await db[Symbol.asyncDispose]()
  })

  const file = (path: string) => JSON.stringify(join(root, path))
  function run(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
    const script = `
      import { Command } from 'commander'
      import { registerLog } from ${file('src/cli/log.ts')}
      import { registerVerify } from ${file('src/cli/verify.ts')}
      import { openPool } from ${file('src/core/db/open.ts')}
      import { parseLogKey } from ${file('src/tlog/note.ts')}
      import { openTlog } from ${file('src/tlog/tlog.ts')}
      const { signer, origin } = parseLogKey(${JSON.stringify(key.text)})
      const open = async () => {
        const db = openPool(${JSON.stringify(db.url)})
        const log = { debug() {}, info() {}, warn() {}, error() {} }
        const tlog = await openTlog({ pool: db, origin, signer, clock: Date.now, log })
        const opening = { salt: Buffer.alloc(32, 7), payload: Buffer.from(${JSON.stringify(payload.toString())}) }
        return {
          db, tlog,
          entriesOf: async (customer) => customer === 'ana' ? [{ batchId: ${batchId}, position: 1, opening }] : null,
          close: async () => { await tlog[Symbol.asyncDispose](); await db.end() },
        }
      }
      const program = new Command('guichet')
      registerLog(program, open)
      registerVerify(program)
      await program.parseAsync(['node', 'guichet', ...process.argv.slice(1)])`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, ...args], { cwd: root })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.stderr.on('data', (chunk) => (stderr += chunk))
    return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })))
  }

  test('verify says that all is well, and says so to machines', async () => {
    const people = await run('log', 'verify')
    assert.equal(people.status, 0, people.stderr)
    assert.match(
      people.stdout,
      /^Log bank\.example\/log: 2 entries, 1 tile, 2 checkpoints checked\.\n[^]*Verified: /,
    )
    const machines = await run('log', 'verify', '--json')
    assert.equal(JSON.parse(machines.stdout).size, 2)
    const alone = await run('log', 'verify', '--witness', key.vkey)
    assert.equal(alone.status, 1)
    assert.match(alone.stdout, /FAULT: The witness bank\.example\/log has cosigned none/)
  })

  test('a proof and a statement verify offline', async () => {
    const proof = join(folder, 'entry.tlog-proof')
    assert.equal((await run('log', 'prove', '1', '--out', proof)).status, 0)
    assert.equal((await run('log', 'prove', `${batchId}/1`)).stdout, readFileSync(proof, 'utf8'))
    const checked = await run('verify', proof, '--key', key.vkey)
    assert.equal(checked.status, 0, checked.stdout)
    const statement = join(folder, 'ana.json')
    assert.equal((await run('log', 'statement', 'ana', '--out', statement)).status, 0)
    const verdict = await run('verify', statement, '--key', key.vkey)
    assert.equal(verdict.status, 0)
    assert.match(
      verdict.stdout,
      /Entry 1 is in the log of 2 entries\. What was logged: \{"said":"Your balance is ready\."\}/,
    )
  })

  test('what is not there is said, with exit 1', async () => {
    for (const [args, says] of [
      [['prove', '2'], /There is no entry 2/],
      [['prove', `${batchId}/9`], /There is no entry/],
      [['prove', '0x1'], /names no entry/],
      [['statement', 'nobody'], /There is no customer nobody/],
    ] as const) {
      const answer = await run('log', ...args)
      assert.equal(answer.status, 1)
      assert.match(answer.stderr, says)
    }
  })
})
