import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { OperatorError } from '../operator-error.ts'
import { type Embedded, startEmbedded, stopShared } from './embedded.ts'
import { processExists, takeLock } from './lock.ts'
import { openDatabase } from './open.ts'

const module = new URL('./embedded.ts', import.meta.url).href

function folder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'guichet-embedded-'))
  chmodSync(path, 0o755)
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[]
  } finally {
    await client.end().catch(() => {})
  }
}

/** A process of its own that owns the database: gives the line it prints once it is up. */
async function ownerProcess(dataDir: string): Promise<{ child: ChildProcess; url: string }> {
  const source = `import { startEmbedded } from ${JSON.stringify(module)}
    const db = await startEmbedded({ dataDir: ${JSON.stringify(dataDir)}, command: 'the first gateway' })
    console.log(db.url); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const url of createInterface({ input: child.stdout ?? process.stdin })) return { child, url }
  throw new Error('the owner did not come up')
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000
  while (!(await condition())) {
    if (Date.now() > deadline) assert.fail(`waited for: ${what}`)
    await pause(20)
  }
}

const postmasterPid = (db: Pick<Embedded, 'dir'>) =>
  Number(readFileSync(join(db.dir, 'data', 'postmaster.pid'), 'utf8').split('\n')[0])

test('is made once, keeps its rows over a clean stop, and is durable', async () => {
  using home = folder()
  const first = await startEmbedded({ dataDir: home.path })
  assert.equal(first.how, 'made')
  assert.ok((first.fsyncPerSecond ?? 0) > 0)
  await query(first.url, 'create table t (x int); insert into t values (42)')
  await first.stop()
  await first.stop()
  assert.ok(!existsSync(join(first.dir, 'data', 'postmaster.pid')))

  const second = await openDatabase({ kind: 'embedded', dataDir: home.path })
  assert.equal(second.embedded?.how, 'started')
  assert.deepEqual((await second.pool.query('select x from t')).rows, [{ x: 42 }])
  const { rows } = await second.pool.query(
    `select current_setting('fsync') f, current_setting('listen_addresses') l, current_setting('statement_timeout') s`,
  )
  assert.deepEqual(rows, [{ f: 'on', l: '', s: '30s' }])
  await second.close()
  assert.ok(second.pool.ended, 'a command that ends its work ends at once')
})

test('a second gateway on the same folder is refused by name; attach uses the first one', async () => {
  using home = folder()
  await using first = await startEmbedded({ dataDir: home.path, command: 'guichet serve' })
  await assert.rejects(startEmbedded({ dataDir: home.path }), (error) => {
    assert.ok(error instanceof OperatorError)
    assert.match(
      error.message,
      new RegExp(`in use by guichet serve \\(process ${process.pid}\\).*GUICHET_DATA_DIR`),
    )
    return true
  })
  const attached = await startEmbedded({ dataDir: home.path, mode: 'attach' })
  assert.equal(attached.how, 'attached')
  await attached.stop()
  assert.equal((await query(first.url, 'select 1 as up'))[0]?.up, 1)
})

test('after kill -9 of the gateway nothing is lost, and the next start does not wait for a person', async () => {
  using home = folder()
  const { child, url } = await ownerProcess(home.path)
  await query(url, 'create table t (x int); insert into t values (7)')
  child.kill('SIGKILL')
  await once(child, 'exit')
  await using next = await startEmbedded({ dataDir: home.path })
  assert.deepEqual(await query(next.url, 'select x from t'), [{ x: 7 }])
})

test('a killed gateway does not leave PostgreSQL behind', async () => {
  using home = folder()
  const { child } = await ownerProcess(home.path)
  const probe = await startEmbedded({ dataDir: home.path, mode: 'attach' })
  const pid = postmasterPid(probe)
  child.kill('SIGKILL')
  await until('PostgreSQL gone', () => !processExists(pid))
  assert.ok(!existsSync(join(probe.dir, 'data', 'postmaster.pid')), 'it stopped cleanly')
})

test('PostgreSQL killed outright comes back at the same address with what was committed', async () => {
  using home = folder()
  const said: string[] = []
  await using db = await startEmbedded({ dataDir: home.path, notice: (say) => said.push(say) })
  await query(db.url, 'create table t (x int); insert into t values (1)')
  process.kill(postmasterPid(db), 'SIGKILL')
  await until('the row again', async () => {
    try {
      return (await query(db.url, 'select x from t')).length === 1
    } catch {
      return false
    }
  })
  assert.match(said.join(), /stopped by itself/)
})

test('a leftover postmaster.pid whose number now belongs to another process does not stand in the way', async () => {
  using home = folder()
  const first = await startEmbedded({ dataDir: home.path })
  const file = join(first.dir, 'data', 'postmaster.pid')
  const text = readFileSync(file, 'utf8')
  await first.stop()
  const { writeFileSync, chownSync, statSync } = await import('node:fs')
  writeFileSync(file, text.replace(/^\d+/, String(process.pid)))
  const { uid, gid } = statSync(join(first.dir, 'data'))
  chownSync(file, uid, gid)
  await using again = await startEmbedded({ dataDir: home.path })
  assert.equal((await query(again.url, 'select 1 as up'))[0]?.up, 1)
})

test('a deep folder still gets a socket that the system accepts', async () => {
  using home = folder()
  const deep = join(home.path, 'a'.repeat(80), 'b'.repeat(80))
  mkdirSync(deep, { recursive: true })
  await using db = await startEmbedded({ dataDir: deep })
  const socket = new URL(db.url).searchParams.get('host') ?? ''
  assert.ok(socket.length < 90)
  assert.equal((await query(db.url, 'select 1 as up'))[0]?.up, 1)
})

test('many processes share one server in shared mode, and it is stopped by name', async () => {
  using home = folder()
  const [a, b] = await Promise.all([
    startEmbedded({ dataDir: home.path, mode: 'shared' }),
    startEmbedded({ dataDir: home.path, mode: 'shared' }),
  ])
  assert.equal(a.url, b.url)
  const pid = postmasterPid(a)
  await a.stop()
  assert.ok(processExists(pid), 'letting go does not stop it')
  await b.stop()
  await stopShared(home.path)
  await until('PostgreSQL gone', () => !processExists(pid))
})

test('a lock whose process is gone is inherited by exactly one of many', () => {
  using home = folder()
  const gone = spawnSync('true').pid
  const file = join(home.path, 'lock.json')
  const old = takeLock(file, 'old')
  assert.ok('release' in old)
  const text = readFileSync(file, 'utf8')
  old.release()
  spawnSync('sh', [
    '-c',
    `printf %s "$1" > "$2"`,
    'sh',
    text.replace(`"pid":${process.pid}`, `"pid":${gone}`),
    file,
  ])
  const heirs = [1, 2, 3].map(() => takeLock(file, 'heir'))
  assert.equal(heirs.filter((heir) => 'release' in heir).length, 1)
})

const root = process.getuid?.() === 0
test('root, with the project in a folder that only root may enter: the data go where PostgreSQL can reach them', {
  skip: !root && 'needs root',
}, async () => {
  using home = folder()
  chmodSync(home.path, 0o700)
  const dataDir = join(home.path, 'project', '.guichet')
  mkdirSync(dataDir, { recursive: true })
  const said: string[] = []
  const first = await startEmbedded({ dataDir, notice: (say) => said.push(say) })
  try {
    assert.ok(first.moved && first.uid !== 0)
    assert.match(said.join(), /the database is kept in .*cannot enter/)
    await query(first.url, 'create table t (x int); insert into t values (3)')
    await first.stop()

    const second = await startEmbedded({ dataDir })
    assert.equal(second.dir, first.dir)
    assert.deepEqual(await query(second.url, 'select x from t'), [{ x: 3 }])
    await second.stop()

    // A copied project must not write into the original's database; a moved one keeps it.
    cpSync(join(home.path, 'project'), join(home.path, 'copy'), { recursive: true })
    await assert.rejects(startEmbedded({ dataDir: join(home.path, 'copy', '.guichet') }), /is a copy of/)
    renameSync(join(home.path, 'project'), join(home.path, 'elsewhere'))
    const moved = await startEmbedded({ dataDir: join(home.path, 'elsewhere', '.guichet') })
    assert.deepEqual(await query(moved.url, 'select x from t'), [{ x: 3 }])
    await moved.stop()
  } finally {
    rmSync(first.dir, { recursive: true, force: true })
  }
})
