import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { envSettings, loadSettings, type Need } from './config.ts'
import { OperatorError } from './operator-error.ts'
import { databaseOptions } from './secrets.ts'
import { settingsReference } from './settings-reference.ts'

const kek = Buffer.alloc(32, 7).toString('base64url')
const clientKeys = JSON.stringify({ keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd', kid: 'k1' }] })

/** A folder with a configuration file that is right, to be made wrong by each test. */
function folder(): Disposable & {
  path: string
  write(name: string, value: unknown): string
  load(env?: Record<string, string>, need?: Need): ReturnType<typeof loadSettings>
} {
  const path = mkdtempSync(join(tmpdir(), 'guichet-config-'))
  const write = (name: string, value: unknown) => {
    writeFileSync(join(path, name), typeof value === 'string' ? value : JSON.stringify(value))
    return join(path, name)
  }
  for (const [name, text] of Object.entries({
    kek,
    'log.key': 'PRIVATE+KEY+x',
    'keys.json': clientKeys,
    secret: 's1',
    verify: 'v',
    token: 't',
    'p.json': '{}',
  }))
    write(name, `${text}\n`)
  return {
    path,
    write,
    load: (env = {}, need) => loadSettings({ env, cwd: path, ...(need && { need }) }),
    [Symbol.dispose]: () => rmSync(path, { recursive: true }),
  }
}

const bank = (id: string) => ({
  id,
  name: 'Harbor Bank',
  standard: 'fdx',
  issuer: 'https://bank.example/',
  resourceUrl: 'https://api.bank.example/fdx/v6',
  clientId: 'guichet',
  policyFile: 'p.json',
})
const right = {
  publicUrl: 'https://chat.bank.example',
  kekFile: 'kek',
  clientKeysFile: 'keys.json',
  log: { keyFile: 'log.key' },
  channels: [
    {
      kind: 'messenger',
      account: '100',
      name: 'Counter',
      appId: '200',
      appSecretFiles: ['secret'],
      verifyTokenFile: 'verify',
      pageTokenFile: 'token',
      institutions: ['harbor'],
    },
  ],
  institutions: [bank('harbor')],
}

const faultsOf = (act: () => unknown): readonly string[] => {
  try {
    act()
  } catch (error) {
    assert.ok(error instanceof OperatorError, String(error))
    return error.faults
  }
  return assert.fail('should have been refused')
}

test('with nothing set, the defaults are enough for the database', () => {
  using home = folder()
  const { config, secrets } = home.load({}, 'database')
  assert.equal(config.port, 7300)
  assert.equal(config.dataDir, join(home.path, '.guichet'))
  assert.deepEqual(config.database, { kind: 'embedded' })
  assert.equal(config.log.origin, 'localhost:7300/log')
  assert.deepEqual(databaseOptions(config, secrets), { kind: 'embedded', dataDir: config.dataDir })
})

test('a configuration file is read with its paths relative to itself, and the environment goes before it', () => {
  using home = folder()
  home.write('guichet.json', { ...right, port: 8000, logLevel: 'warn' })
  const { config, secrets, warnings } = home.load({
    GUICHET_PORT: '9000',
    GUICHET_PIPELINE_UNKNOWN_WAIT_MS: '1500',
  })
  assert.equal(config.port, 9000)
  assert.equal(config.logLevel, 'warn')
  assert.equal(config.pipeline.unknownWaitMs, 1_500)
  assert.equal(config.pipeline.batchMax, 200)
  assert.equal(config.institutions[0]?.policyFile, join(home.path, 'p.json'))
  assert.equal(config.institutions[0]?.issuer, 'https://bank.example/')
  assert.deepEqual(secrets.kek, Buffer.alloc(32, 7))
  assert.deepEqual(secrets.channels['100'], { appSecrets: ['s1'], verifyToken: 'v', pageToken: 't' })
  assert.deepEqual(warnings, [])
})

test('every contradiction is told at once, each with what to do', () => {
  using home = folder()
  home.write('guichet.json', {
    ...right,
    publicUrl: 'http://chat.bank.example',
    kekFile: 'nowhere',
    log: {},
    channels: [{ ...right.channels[0], institutions: ['harbor', 'granite'], pageTokenFile: undefined }],
    institutions: [
      { ...bank('harbor'), issuer: 'http://localhost:1/', policyFile: 'gone.json' },
      bank('harbor'),
    ],
  })
  const faults = faultsOf(() => home.load()).join('\n')
  for (const part of [
    /publicUrl http:\/\/chat\.bank\.example must be https/,
    /"harbor" is there twice/,
    /serves "granite", which is not among the institutions/,
    /takes only https links/,
    /issuer is http\. Use https, or allowHttpLoopback/,
    /gone\.json is not there/,
    /kekFile .*nowhere cannot be read/,
    /log's signing key is missing: set log\.keyFile \(a file\) or GUICHET_LOG_KEY/,
    /page token of Counter is missing: set channels\[0\]\.pageTokenFile \(a file\) or GUICHET_CHANNEL_100_PAGE_TOKEN/,
  ])
    assert.match(faults, part)
})

test('wrong values are told together, by variable or by place in the file', () => {
  using home = folder()
  home.write('guichet.json', {
    ...right,
    lanes: 0,
    colour: 'red',
    institutions: [{ ...bank('Harbor!'), accent: 'blue' }],
  })
  const faults = faultsOf(() => home.load({ GUICHET_PORT: 'many', GUICHET_LOG_LEVEL: 'loud' })).join('\n')
  for (const part of [
    /GUICHET_PORT must be a number, not "many"/,
    /GUICHET_LOG_LEVEL: /,
    /lanes in .*guichet\.json/,
    /"colour"/,
    /institutions\[0\]\.id/,
    /institutions\[0\]\.accent/,
  ])
    assert.match(faults, part)
})

test('a file that is not JSON is named by line, without a piece of it', () => {
  using home = folder()
  home.write('guichet.json', '{\n "kek": "TOP SECRET",\n oops }')
  const [fault] = faultsOf(() => home.load())
  assert.match(fault ?? '', /is not JSON: see line 3/)
  assert.doesNotMatch(fault ?? '', /SECRET|oops/)
})

test('settings can be printed: no secret is in them', () => {
  using home = folder()
  home.write('guichet.json', right)
  const { config, secrets } = home.load({
    GUICHET_DATABASE_URL: 'postgresql://me:hunter2@db.example:5432/guichet?sslmode=require',
  })
  assert.equal(secrets.databaseUrl, 'postgresql://me:hunter2@db.example:5432/guichet?sslmode=require')
  const printed = JSON.stringify(config)
  for (const secret of ['hunter2', kek, 's1"', 'PRIVATE']) assert.ok(!printed.includes(secret))
  assert.match(printed, /postgresql:\/\/me:…@db\.example/)
})

test('secrets may come from the environment; a wrong one is not repeated', () => {
  using home = folder()
  home.write('guichet.json', { ...right, kekFile: undefined })
  assert.deepEqual(
    home.load({ GUICHET_KEK: kek, GUICHET_CHANNEL_100_APP_SECRET: 'other' }).secrets.channels['100']
      ?.appSecrets,
    ['other'],
  )
  const faults = faultsOf(() =>
    home.load({ GUICHET_KEK: 'dG9vLXNob3J0', GUICHET_CLIENT_KEYS: '{"keys":[{"kty":"EC"}]}' }),
  ).join()
  assert.match(faults, /must be 32 bytes/)
  assert.match(faults, /with private keys/)
  assert.doesNotMatch(faults, /dG9vLXNob3J0/)
})

test('a misspelt variable is pointed out', () => {
  using home = folder()
  const { warnings } = home.load(
    { GUICHET_PROT: '1', GUICHET_SAMPLES: 'x', GUICHET_CHANNEL_1_PAGE_TOKEN: 'x' },
    'database',
  )
  assert.equal(warnings.filter((warning) => warning.startsWith('GUICHET_')).length, 1)
  assert.match(warnings.join(), /GUICHET_PROT is not a setting/)
})

test('the reference page in docs is the one that the schema prints', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'reference', 'settings.md'), 'utf8')
  assert.equal(page, settingsReference(), 'run: npx guichet settings --write')
  for (const { variable } of envSettings) assert.ok(page.includes(variable))
})
