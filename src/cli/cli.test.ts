import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { freshDatabase } from '../../tests/database.ts'
import { parseLogKey } from '../tlog/note.ts'

const bin = join(import.meta.dirname, '..', '..', 'bin', 'guichet.mjs')
const policy = join(import.meta.dirname, '..', '..', 'policies', 'harbor.json')

type Ran = { readonly code: number | null; readonly out: string; readonly err: string }

/** A folder of its own in which the command runs, with no setting but those given. */
function shell(): Disposable & {
  path: string
  run(args: string[], env?: Record<string, string>): Promise<Ran>
} {
  const path = mkdtempSync(join(tmpdir(), 'guichet-cli-'))
  const run = (args: string[], env: Record<string, string> = {}) =>
    new Promise<Ran>((resolve, reject) => {
      const child = spawn(process.execPath, [bin, ...args], {
        cwd: path,
        env: { PATH: '/usr/bin:/bin', ...env },
      })
      let out = ''
      let err = ''
      child.stdout.on('data', (chunk) => (out += chunk))
      child.stderr.on('data', (chunk) => (err += chunk))
      child.on('error', reject)
      child.on('close', (code) => resolve({ code, out, err }))
    })
  return { path, run, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

const addHarbor = [
  'bank',
  'add',
  'harbor',
  '--name',
  'Harbor Bank',
  '--standard',
  'fdx',
  '--issuer',
  'https://id.harbor.example',
  '--resource-url',
  'https://api.harbor.example/fdx/v6',
  '--client-id',
  'guichet',
  '--policy-file',
  policy,
]

test('every command has help, and what is not understood ends with 2', async () => {
  using here = shell()
  const { out, code } = await here.run(['--help'])
  assert.equal(code, 0)
  for (const name of [
    'serve',
    'migrate',
    'doctor',
    'bank',
    'channel',
    'keys',
    'settings',
    'policy',
    'log',
    'verify',
  ])
    assert.match(out, new RegExp(`^  ${name}\\b`, 'm'))
  assert.equal((await here.run(['bank', 'add', '--help'])).code, 0)
  assert.equal((await here.run(['dance'])).code, 2)
  assert.equal((await here.run(['bank', 'add', 'harbor'])).code, 2)
})

test('a person who begins with nothing is told everything that is missing, without a stack', async () => {
  using here = shell()
  const { code, err } = await here.run(['bank', 'check'])
  assert.equal(code, 1)
  assert.match(err, /set kekFile .* or GUICHET_KEK/)
  assert.match(err, /set log\.keyFile/)
  assert.doesNotMatch(err, /\n\s+at /)
  const machine = await here.run(['doctor', '--json'])
  assert.equal(machine.code, 1)
  const answer = JSON.parse(machine.out) as { ok: boolean; findings: { level: string }[] }
  assert.equal(answer.ok, false)
  assert.ok(answer.findings.some(({ level }) => level === 'fail'))
})

test('keys are made once, for this user alone, and never over others', async () => {
  using here = shell()
  assert.equal((await here.run(['keys', 'secrets', '--origin', 'bank.example/log'])).code, 0)
  const read = (name: string) => readFileSync(join(here.path, 'secrets', name), 'utf8')
  const before = ['kek', 'log.key', 'client-keys.json'].map(read)
  assert.equal(parseLogKey(read('log.key'))?.origin, 'bank.example/log')
  assert.equal(Buffer.from(read('kek').trim(), 'base64url').length, 32)
  for (const name of ['kek', 'log.key', 'client-keys.json'])
    assert.equal(statSync(join(here.path, 'secrets', name)).mode & 0o777, 0o600)
  const again = await here.run(['keys', 'secrets', '--origin', 'other.example/log', '--json'])
  assert.ok((JSON.parse(again.out) as { keys: { made: boolean }[] }).keys.every(({ made }) => !made))
  assert.deepEqual(['kek', 'log.key', 'client-keys.json'].map(read), before)
})

test('a bank and a Page are added, listed, and refused when they would contradict the rest', async () => {
  using here = shell()
  const secret = (name: string) => {
    writeFileSync(join(here.path, name), 'x', { mode: 0o600 })
    return name
  }
  const files = [
    '--app-secret-file',
    secret('a'),
    '--verify-token-file',
    secret('v'),
    '--page-token-file',
    secret('t'),
  ]
  const page100 = [
    'channel',
    'add',
    'messenger',
    '100',
    '--name',
    'Counter',
    '--app-id',
    '200',
    '--no-https-only',
    ...files,
  ]
  const addPage = (institution: string) => [...page100, '--institution', institution]
  const early = await here.run(addPage('harbor'))
  assert.equal(early.code, 1)
  assert.match(early.err, /serves "harbor", which is not among the institutions/)

  assert.equal((await here.run(addHarbor)).code, 0)
  assert.equal((await here.run(addPage('harbor'))).code, 0)
  assert.match((await here.run(['bank', 'list'])).out, /harbor\s+Harbor Bank\s+fdx/)
  const [page] = JSON.parse((await here.run(['channel', 'list', '--json'])).out) as {
    account: string
    pageTokenFile: string
  }[]
  assert.deepEqual(page && { account: page.account, token: page.pageTokenFile }, {
    account: '100',
    token: join(here.path, 't'),
  })
  assert.equal(
    (
      JSON.parse(readFileSync(join(here.path, 'guichet.json'), 'utf8')) as {
        channels: { pageTokenFile: string }[]
      }
    ).channels[0]?.pageTokenFile,
    't',
  )

  const before = readFileSync(join(here.path, 'guichet.json'), 'utf8')
  assert.match((await here.run(addHarbor)).err, /already in .*--replace/)
  const wrong = await here.run([...addHarbor, '--replace', '--accent', 'blue'])
  assert.equal(wrong.code, 1)
  assert.match(wrong.err, /accent.*colour/)
  assert.equal(
    readFileSync(join(here.path, 'guichet.json'), 'utf8'),
    before,
    'a refused change leaves the file as it was',
  )
})

test('migrate says what it did, and then that there is nothing to do; doctor finds the database well', async () => {
  using here = shell()
  await using db = await freshDatabase({ only: /^$/ })
  const env = { GUICHET_DATABASE_URL: db.url }
  const waiting = JSON.parse((await here.run(['migrate', '--status', '--json'], env)).out) as {
    pending: string[]
  }
  assert.ok(waiting.pending.length > 0)
  const first = await here.run(['migrate', '--json'], env)
  assert.equal(first.code, 0)
  assert.equal((JSON.parse(first.out) as { applied: unknown[] }).applied.length, waiting.pending.length)
  assert.match((await here.run(['migrate'], env)).out, /Nothing to do/)

  await here.run(['keys', 'secrets'], env)
  const settings = {
    kekFile: 'secrets/kek',
    clientKeysFile: 'secrets/client-keys.json',
    log: { keyFile: 'secrets/log.key' },
  }
  writeFileSync(join(here.path, 'guichet.json'), JSON.stringify(settings))
  const doctor = await here.run(['doctor'], env)
  assert.match(doctor.out, /✓ database .*PostgreSQL/)
  assert.match(doctor.out, /✓ schema/)
  assert.equal(doctor.code, 0)
  const lanes = await here.run(['doctor'], { ...env, GUICHET_LANES: '16' })
  assert.match(lanes.out, /made with 64 lanes; the settings say 16/)
  assert.equal(lanes.code, 1)
})

test('a database that does not answer is a sentence, without its password', async () => {
  using here = shell()
  const { code, err } = await here.run(['migrate'], {
    GUICHET_DATABASE_URL: 'postgresql://me:hunter2@127.0.0.1:1/x',
  })
  assert.equal(code, 1)
  assert.match(err, /127\.0\.0\.1:1\/x does not answer \(ECONNREFUSED\)/)
  assert.doesNotMatch(err, /hunter2|\n\s+at /)
})
