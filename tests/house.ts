import { strict as assert } from 'node:assert'
import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { institutions } from '../sandbox/bank/institution.ts'
import { startBanks, type RunningBanks } from '../sandbox/bank/start.ts'
import { bankKeys, people, type BankKey } from '../sandbox/people/people.ts'
import type { PlatformControl } from '../sandbox/platform/control.ts'
import { confirmPath } from '../sandbox/platform/linking.ts'
import type { PlatformOptions } from '../sandbox/platform/options.ts'
import { startPlatform, type RunningPlatform } from '../sandbox/platform/start.ts'
import { configSchema, type Config, type ConfigInput } from '../src/core/config-schema.ts'
import { newSecret } from '../src/core/id.ts'
import { openLogger } from '../src/core/logger.ts'
import type { Secrets } from '../src/core/secrets.ts'
import type { Policy } from '../src/disclosure/policy.ts'
import { openHouse } from '../src/house.ts'
import { ownModelFile } from '../src/nlu/load.ts'
import { openUnderstanding, type Understanding } from '../src/nlu/understanding.ts'
import { newLogKey } from '../src/tlog/note.ts'
import { freshDatabase, type FreshDatabase } from './database.ts'
import { auditStory } from './leaks/story.ts'
import { openPerson, type PersonHandle } from './person.ts'

export const pageId = '730000000000100'
export const appId = '730000000000200'
const policies = join(import.meta.dirname, '..', 'policies')

export type TestHouseOptions = {
  /** Changes a bank's policy before the house reads it. */
  readonly policies?: Partial<Record<BankKey, (policy: Policy) => unknown>>
  /** How long an ambiguous send waits for its echo (default 300). */
  readonly unknownWaitMs?: number
  /** Which banks the Page serves (default all four). */
  readonly serves?: readonly BankKey[]
  /** The platform's own knobs: echoes, receipts, retry … */
  readonly platform?: Partial<PlatformOptions>
  readonly settings?: Partial<ConfigInput>
  /** Banks besides the sandbox's, served on the same Page. */
  readonly moreBanks?: ConfigInput['institutions']
  /** False leaves out the reckoning at the end (tests/leaks/story.ts). */
  readonly reckoned?: boolean
}

type Opened = Awaited<ReturnType<typeof openHouse>>

export type TestHouse = AsyncDisposable & {
  /** The gateway's address. */
  readonly url: string
  readonly engine: Opened['engine']
  readonly platform: PlatformControl
  readonly platformUrl: string
  readonly banks: RunningBanks['control']
  readonly bankUrls: RunningBanks['urls']
  readonly db: FreshDatabase['pool']
  /** Runs on with real time, from wherever it was moved to. Proofs, tokens and signatures live by the machine's clock. */
  readonly clock: { now(): number; advance(milliseconds: number): void }
  /** The log's public key, as `guichet verify --key` takes it. */
  readonly logKey: string
  /** Every line of the program's own log so far, at level debug. */
  readonly log: readonly string[]
  /** A named person of the sandbox with a phone; the same handle each time. */
  person(key: string): PersonHandle
  /** A new person that no bank knows. */
  stranger(): PersonHandle
  /** Waits until nothing is under way anywhere: webhooks answered, turns done, messages delivered. */
  settle(): Promise<void>
  /** The same, but messages that the platform refused for now may still wait. */
  decided(): Promise<void>
  /** Runs background work that is due by the house's clock, and waits for it. */
  runJobs(): Promise<void>
  /** Stops the gateway and opens it again on the same database, as after a crash or an upgrade. */
  reopen(): Promise<void>
  /** Bodies of every message call the platform took or refused, newest last. */
  sends(): { readonly psid: string; readonly body: string; readonly status: number | null }[]
}

/**
 * A port that was free a moment ago: the public address must be known before anything opens. From below the range that
 * systems hand out by themselves, or somebody's outgoing connection would take it before we listen.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000)
    const server = createServer()
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!free) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}

/** Waits for a condition that nothing announces; fails, with a word about what is still open, after the deadline. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: () => string,
  deadlineMs = 10_000,
): Promise<void> {
  const end = performance.now() + deadlineMs
  while (!(await condition())) {
    assert.ok(performance.now() < end, `still waiting after ${deadlineMs} ms: ${what()}`)
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
}

/** One model for all houses of a process: it holds no customer and no state, and its thread ends with the process. */
let opened: Promise<Understanding> | null = null
const reader = (): Promise<Understanding> =>
  (opened ??= openUnderstanding({ modelFile: ownModelFile, log: openLogger('silent') }))

/**
 * The whole house in one process, with the world around it: a fresh database, the sandbox's banks and messenger, the
 * gateway, all over real HTTP on this machine, and one clock that a test can move.
 */
export async function openTestHouse(options: TestHouseOptions = {}): Promise<TestHouse> {
  let offset = 0
  const now = (): number => Date.now() + offset
  const lines: string[] = []
  const log = openLogger('debug', { write: (line) => void lines.push(line) })
  const folder = mkdtempSync(join(tmpdir(), 'guichet-house-'))
  const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  const close = async (): Promise<void> => {
    const failed: unknown[] = []
    for (const one of closing.splice(0).reverse())
      try {
        await one()
      } catch (error) {
        failed.push(error)
      }
    if (failed.length > 0) throw failed[0]
  }
  try {
    const port = await freePort()
    const url = `http://localhost:${port}`
    const appSecret = newSecret()
    const verifyToken = newSecret()
    const pageToken = newSecret()
    const returns = bankKeys.flatMap((key) => [
      `${url}/link/callback/${key}`,
      `${url}/session/callback/${key}`,
    ])
    const [database, banks] = await Promise.all([
      freshDatabase({ poolMax: 4 }),
      startBanks({
        host: '127.0.0.1',
        ports: { harbor: 0, granite: 0, erable: 0, thistle: 0 },
        dataDir: null,
        clock: now,
        clients: [
          {
            clientId: 'guichet',
            name: 'Guichet',
            jwksUri: `${url}/.well-known/jwks.json`,
            redirectUris: returns,
          },
        ],
      }),
    ])
    closing.push(
      () => database[Symbol.asyncDispose](),
      () => banks[Symbol.asyncDispose](),
    )
    const platform: RunningPlatform = await startPlatform({
      host: '127.0.0.1',
      port: 0,
      clock: now,
      apps: [
        {
          appId,
          appSecret,
          verifyToken,
          pageTokens: { [pageId]: pageToken },
          callbackUrl: `${url}/webhooks/messenger`,
        },
      ],
      pages: [{ id: pageId, name: 'Guichet Counter' }],
      bankControl: banks.urls,
      webviewOrigins: [url, ...Object.values(banks.urls)],
      retry: { immediate: 2, backoffMs: [20, 50, 100, 200, 400] },
      ...options.platform,
    })
    closing.push(() => platform[Symbol.asyncDispose]())

    const logKey = newLogKey(`localhost:${port}/log`)
    const config = configOf({ url, port, folder, platform: platform.url, banks: banks.urls, options })
    const secrets: Secrets = {
      databaseUrl: database.url,
      assistantKey: '',
      kek: randomBytes(32),
      logKey: logKey.text,
      clientKeys: { keys: [clientKey()] },
      channels: { [pageId]: { appSecrets: [appSecret], verifyToken, pageToken } },
    }
    let house: Opened = await openHouse(config, secrets, { clock: now, log, understanding: await reader() })
    closing.push(() => house.stop())
    const { control } = platform
    await control.subscribe()
    // The gateway tends its Page (profile, template) right after opening: until then there is no Get Started button.
    await until(
      () =>
        control
          .recorded()
          .some(
            ({ method, path, status }) =>
              method === 'POST' && path.includes('/message_templates') && status !== null,
          ),
      () => 'the Page’s profile and template',
    )
    const quietBut = async (delivered: () => boolean): Promise<void> => {
      const open = (): string =>
        JSON.stringify({
          webhooks: control.counters().webhooks.waiting,
          load: house.engine.pipeline.load,
          onTheirWay: house.engine.deliverer.outstanding,
        })
      await until(async () => {
        await control.settle()
        await house.engine.pipeline.quiet()
        const { waiting, reading, commits } = house.engine.pipeline.load
        return control.counters().webhooks.waiting === 0 && waiting + reading + commits === 0 && delivered()
      }, open)
    }
    const self: TestHouse = {
      url,
      get engine() {
        return house.engine
      },
      platform: control,
      platformUrl: platform.url,
      banks: banks.control,
      bankUrls: banks.urls,
      db: database.pool,
      clock: { now, advance: (milliseconds) => void (offset += milliseconds) },
      logKey: logKey.vkey,
      log: lines,
      person: (key) =>
        handleOf(people.find((one) => one.key === key)?.psid ?? assert.fail(`nobody called ${key}`)),
      stranger: () => handleOf(control.newPerson().psid),
      settle: () => quietBut(() => house.engine.deliverer.outstanding === 0),
      decided: () => quietBut(() => true),
      runJobs: () => runJobs(self),
      async reopen() {
        await house.stop()
        house = await openHouse(config, secrets, { clock: now, log, understanding: await reader() })
      },
      sends: () =>
        control
          .recorded()
          .filter(
            ({ path, body, method }) => method === 'POST' && /\/messages(\?|$)/.test(path) && body !== null,
          )
          .map(({ psid, body, status }) => ({
            psid: psid ?? '',
            body: body?.toString('utf8') ?? '',
            status,
          })),
      async [Symbol.asyncDispose]() {
        await close()
        logHoldsNoContent(lines, [...handles.keys()])
      },
    }
    if (options.reckoned !== false)
      closing.push(async () => {
        const changed = bankKeys.map((key) => [key, changedPolicy(key, options)] as const)
        const unaccounted = await auditStory(
          self,
          new Map(changed.flatMap(([key, policy]) => (policy ? [[key, policy]] : []))),
        )
        assert.deepEqual(unaccounted, [], 'everything that the platform received is accounted for in the log')
      })
    const handles = new Map<string, PersonHandle>()
    const handleOf = (psid: string): PersonHandle => {
      const known = handles.get(psid) ?? openPerson(self, psid)
      handles.set(psid, known)
      return known
    }
    return self
  } catch (error) {
    await close()
    throw error
  }
}

/** Whatever a story did, the program's log speaks of nobody and of no money. */
function logHoldsNoContent(lines: readonly string[], psids: readonly string[]): void {
  const names = people.flatMap(({ name, psid }) => [...name.split(' '), psid])
  const content = [
    ...names,
    ...psids,
    '$',
    '£',
    'Checking',
    'checking',
    'sandbox',
    'access_token',
    'authorization_code',
  ]
  for (const line of lines)
    for (const word of content) assert.equal(line.includes(word), false, `the log says ${word}: ${line}`)
}

/** Background work keeps the database's time; what is due by ours is made due there, then waited for. */
async function runJobs(house: TestHouse): Promise<void> {
  const due = async (): Promise<number> => {
    const { rows } = await house.db.query<{ due: number }>(
      `update graphile_worker._private_jobs set run_at = least(run_at, now()) where run_at <= to_timestamp($1 / 1000.0) and is_available returning 1 as due`,
      [house.clock.now()],
    )
    return rows.length
  }
  const running = async (): Promise<boolean> =>
    ((
      await house.db.query(
        `select 1 from graphile_worker._private_jobs where locked_at is not null or (run_at <= now() and attempts < max_attempts)`,
      )
    ).rowCount ?? 0) > 0
  await due()
  await house.db.query(`select pg_notify('jobs:insert', '{"count":10}')`)
  await until(
    async () => !(await running()),
    () => 'background work',
  )
  await house.settle()
}

function clientKey(): Secrets['clientKeys']['keys'][number] {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    ...(privateKey.export({ format: 'jwk' }) as JsonWebKey),
    kid: newSecret().slice(0, 12),
    use: 'sig',
    alg: 'ES256',
  } as Secrets['clientKeys']['keys'][number]
}

const homes = {
  harbor: { locale: 'en-US', timeZone: 'America/New_York' },
  granite: { locale: 'en-US', timeZone: 'America/Chicago' },
  erable: { locale: 'fr-CA', timeZone: 'America/Toronto' },
  thistle: { locale: 'en-GB', timeZone: 'Europe/London' },
} as const

/** A bank's policy as this test has changed it; null when it has not. */
function changedPolicy(key: BankKey, options: TestHouseOptions): Policy | null {
  const change = options.policies?.[key]
  if (!change) return null
  const policy = JSON.parse(readFileSync(join(policies, `${key}.json`), 'utf8')) as Policy
  return (change(policy) ?? policy) as Policy
}

function configOf(given: {
  url: string
  port: number
  folder: string
  platform: string
  banks: Readonly<Record<BankKey, string>>
  options: TestHouseOptions
}): Config {
  const { url, port, folder, options } = given
  const serves = options.serves ?? bankKeys
  const moreBanks = options.moreBanks ?? []
  const policyFile = (key: BankKey): string => {
    const changed = changedPolicy(key, options)
    if (!changed) return join(policies, `${key}.json`)
    const file = join(folder, `${key}.json`)
    writeFileSync(file, JSON.stringify(changed))
    return file
  }
  const parsed = configSchema.parse({
    port,
    publicUrl: url,
    dataDir: folder,
    lanes: 8,
    database: { kind: 'url', url: 'postgres://given/apart' },
    logLevel: 'debug',
    log: { origin: `localhost:${port}/log` },
    pipeline: { unknownWaitMs: 1_000 },
    channels: [
      {
        kind: 'messenger',
        account: pageId,
        name: 'Guichet Counter',
        appId,
        graphUrl: given.platform,
        linkingRedirect: { hosts: [new URL(given.platform).host], path: confirmPath },
        chatUrl: `${given.platform}/`,
        institutions: [...serves, ...moreBanks.map(({ id }) => id)],
        httpsOnly: false,
      },
    ],
    institutions: [
      ...serves.map((key) => ({
        id: key,
        name: institutions[key].name,
        standard: institutions[key].standard,
        issuer: given.banks[key],
        resourceUrl: `${given.banks[key]}${institutions[key].standard === 'fdx' ? '/fdx/v6' : '/open-banking/v4.0/aisp'}`,
        clientId: 'guichet',
        policyFile: policyFile(key),
        accent: institutions[key].light.accent,
        allowHttpLoopback: true,
        ...homes[key],
      })),
      ...moreBanks,
    ],
    ...options.settings,
  })
  return {
    ...parsed,
    database: { kind: 'url', shown: 'the test database' },
    log: { ...parsed.log, origin: `localhost:${port}/log` },
    pipeline: { ...parsed.pipeline, unknownWaitMs: options.unknownWaitMs ?? 300 },
  }
}
