import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'

const script = join(import.meta.dirname, '..', 'scripts', 'start.ts')
const dataDir = mkdtempSync(join(tmpdir(), 'guichet-start-'))
chmodSync(dataDir, 0o755)
const running = new Set<ChildProcess>()
after(async () => {
  for (const child of running) child.kill('SIGTERM')
  for (const child of running)
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  rmSync(dataDir, { recursive: true, force: true })
})

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

/** Six ports in a row that nobody uses now. */
async function freePorts(): Promise<number> {
  for (let base = 20_000 + (process.pid % 20_000); ; base += 7) {
    const free = await Promise.all([0, 1, 2, 3, 4, 5].map((step) => isFree(base + step)))
    if (free.every(Boolean)) return base
  }
}
const base = await freePorts()
const env = {
  PATH: process.env.PATH,
  GUICHET_DATA_DIR: dataDir,
  GUICHET_PORT: String(base),
  GUICHET_SANDBOX_PLATFORM_PORT: String(base + 1),
  GUICHET_SANDBOX_BANK_PORT: String(base + 2),
}

/** Starts the box; resolves when it said that it is ready, or ended. */
async function start(): Promise<{ child: ChildProcess; out: () => string; err: () => string }> {
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  running.add(child)
  child.once('exit', () => running.delete(child))
  let out = ''
  let err = ''
  child.stdout?.on('data', (chunk) => (out += chunk))
  child.stderr?.on('data', (chunk) => (err += chunk))
  const deadline = Date.now() + 60_000
  while (!out.includes('guichet ready') && child.exitCode === null && child.signalCode === null) {
    if (Date.now() > deadline) assert.fail(`not ready: ${out}${err}`)
    await pause(25)
  }
  return { child, out: () => out, err: () => err }
}

const answers = (port: number, path: string) =>
  fetch(`http://localhost:${port}${path}`, { signal: AbortSignal.timeout(5_000) }).then(
    ({ status }) => status,
  )
async function allPortsFree(): Promise<void> {
  const deadline = Date.now() + 20_000
  for (const step of [0, 1, 2, 3, 4, 5])
    while (!(await isFree(base + step))) {
      if (Date.now() > deadline) assert.fail(`port ${base + step} is still held`)
      await pause(25)
    }
}

test('npm start: everything is up, says where, refuses a twin by name, and Ctrl-C ends all of it', async () => {
  const first = await start()
  assert.match(first.out(), new RegExp(`\\nguichet ready http://localhost:${base}\\n$`))
  assert.match(first.out(), /PostgreSQL 18\S*, embedded, [\d,]+ durable writes a second/)
  assert.equal(await answers(base, '/readyz'), 200)
  assert.equal(await answers(base, '/'), 200)
  for (const step of [1, 2, 3, 4, 5]) assert.equal(await answers(base + step, '/'), 200)

  const twin = await start()
  assert.equal(twin.child.exitCode, 1)
  assert.match(twin.err(), new RegExp(`Port ${base} \\(the gateway\\) is in use.*GUICHET_PORT`))
  assert.match(twin.err(), new RegExp(`Port ${base + 1} .*GUICHET_SANDBOX_PLATFORM_PORT`))
  assert.match(twin.err(), new RegExp(`A Guichet already runs at http://localhost:${base}`))
  assert.doesNotMatch(twin.err(), /\n\s+at /)

  first.child.kill('SIGINT')
  const [code] = (await once(first.child, 'exit')) as [number]
  assert.equal(code, 0)
  await allPortsFree()
})

test('a second start keeps keys and secrets, and other users cannot read them', async () => {
  const secret = (name: string) => join(dataDir, 'secrets', name)
  const before = ['kek', 'log.key', 'messenger-app-secret'].map((name) => readFileSync(secret(name), 'utf8'))
  const { child } = await start()
  assert.equal(await answers(base, '/readyz'), 200)
  assert.deepEqual(
    ['kek', 'log.key', 'messenger-app-secret'].map((name) => readFileSync(secret(name), 'utf8')),
    before,
  )
  assert.equal(statSync(join(dataDir, 'secrets')).mode & 0o077, 0)

  // Whoever kills the starter outright leaves nothing behind.
  child.kill('SIGKILL')
  await once(child, 'exit')
  await allPortsFree()
})

test('a gateway that is killed is started again, and serves', async () => {
  const box = await start()
  const owner = () => (JSON.parse(readFileSync(ownerFile(), 'utf8')) as { pid: number }).pid
  const killed = owner()
  process.kill(killed, 'SIGKILL')
  const deadline = Date.now() + 30_000
  const up = async () => {
    try {
      return owner() !== killed && (await answers(base, '/readyz')) === 200
    } catch {
      return false
    }
  }
  while (!(await up())) {
    if (Date.now() > deadline) assert.fail(`did not come back: ${box.err()}`)
    await pause(50)
  }
  assert.match(box.err(), /the gateway ended \(SIGKILL\); starting it again/)
  box.child.kill('SIGTERM')
  await once(box.child, 'exit')
})

/** The lock of the database names the process of the gateway. */
function ownerFile(): string {
  const moved = join(dataDir, 'postgres.place')
  const place = statSync(moved, { throwIfNoEntry: false })
    ? readFileSync(moved, 'utf8').trim()
    : join(dataDir, 'postgres')
  return join(place, 'owner.json')
}
