import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { bankKeys } from '../sandbox/people/people.ts'
import type { SandboxOptions } from '../sandbox/main.ts'
import { loadSettings } from '../src/core/config.ts'
import { startEmbedded } from '../src/core/db/embedded.ts'
import { inspectServer } from '../src/core/db/open.ts'
import { OperatorError } from '../src/core/operator-error.ts'
import { banner } from './banner.ts'
import { type Child, DidNotStart, startChild } from './child.ts'
import {
  addressOf,
  appId,
  clientId,
  dataFolder,
  type Development,
  pageId,
  PortFault,
  type Ports,
  prepareDevelopment,
  readPorts,
  returnAddresses,
} from './development.ts'

/*
 * npm start: everything on embedded defaults. Makes the development setting once, starts the sandbox (the world
 * outside) and the gateway as two processes, says where they are, and stops both in order.
 */
const root = join(import.meta.dirname, '..')
const json = process.argv.includes('--json')
const began = performance.now() - process.uptime() * 1_000
const err = (text: string) => void process.stderr.write(`${text}\n`)
const notice = (text: string) => err(`! ${text}`)

/** Is the port free? Tried before anything starts, so that the answer names the setting and not an error code. */
async function requireFree(ports: Ports): Promise<void> {
  const wanted: [number, string, string][] = [
    [ports.gateway, 'the gateway', 'GUICHET_PORT'],
    [ports.platform, 'the sandbox platform', 'GUICHET_SANDBOX_PLATFORM_PORT'],
    ...bankKeys.map((key): [number, string, string] => [
      ports.banks[key],
      `the sandbox bank ${key}`,
      'GUICHET_SANDBOX_BANK_PORT',
    ]),
  ]
  const busy: string[] = []
  for (const [port, what, variable] of wanted) {
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer()
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
    if (!free)
      busy.push(`Port ${port} (${what}) is in use. Stop what uses it, or set ${variable} to another.`)
  }
  if (busy.length > 0) {
    const guichet = await fetch(`${addressOf(ports.gateway)}/healthz`, {
      signal: AbortSignal.timeout(500),
    }).then(
      (answer) => answer.ok,
      () => false,
    )
    throw new OperatorError(
      'port_busy',
      guichet ? [...busy, `A Guichet already runs at ${addressOf(ports.gateway)}.`] : busy,
    )
  }
}

function sandboxOptions(ports: Ports, made: Development): SandboxOptions {
  const gateway = addressOf(ports.gateway)
  return {
    host: '127.0.0.1',
    dataDir: join(made.dataDir, 'sandbox'),
    platform: {
      port: ports.platform,
      apps: [
        {
          appId,
          appSecret: made.appSecret,
          verifyToken: made.verifyToken,
          pageTokens: { [pageId]: made.pageToken },
          callbackUrl: `${gateway}/webhooks/messenger`,
        },
      ],
      pages: [{ id: pageId, name: 'Guichet Counter' }],
      // As on the real platform: nothing is delivered until the gateway has subscribed to the Page.
      subscribed: 'by_call',
      webviewOrigins: [gateway, ...bankKeys.map((key) => addressOf(ports.banks[key]))],
    },
    banks: {
      ports: ports.banks,
      clients: [
        {
          clientId,
          name: 'Guichet',
          jwksUri: `${gateway}/.well-known/jwks.json`,
          redirectUris: returnAddresses(gateway),
        },
      ],
    },
  }
}

let sandbox: Child | undefined
let gateway: Child | undefined
let ending: Promise<never> | undefined
let askedAt = 0

/** The gateway first (it lets sends in flight finish, then stops its database), the world outside last. */
function end(code: number): Promise<never> {
  ending ??= (async () => {
    await gateway?.stop(40_000)
    await sandbox?.stop(5_000)
    process.exit(code)
  })()
  return ending
}

function onSignal(): void {
  // A terminal's Ctrl-C arrives twice: from the terminal and from npm. Only a later one means "at once".
  if (askedAt > 0 && Date.now() - askedAt > 1_500) process.exit(130)
  if (askedAt > 0) return
  askedAt = Date.now()
  if (!json && process.stdout.isTTY) process.stdout.write('\n  Stopping …\n')
  void end(0)
}

async function main(): Promise<void> {
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  process.on('SIGHUP', onSignal)
  process.once('disconnect', onSignal)

  const ports = readPorts(process.env)
  const dataDir = dataFolder(process.env)
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  await requireFree(ports)
  const made = prepareDevelopment(dataDir, ports)
  const env = { ...process.env, GUICHET_CONFIG: made.configFile, GUICHET_DATA_DIR: dataDir }
  const settings = loadSettings({ env, need: 'database' })
  const optionsFile = join(dataDir, 'secrets', 'sandbox.json')
  writeFileSync(optionsFile, JSON.stringify(sandboxOptions(ports, made), null, 2), { mode: 0o600 })

  const gaveUp = () => void end(1)
  sandbox = startChild('the sandbox', [join(root, 'sandbox', 'main.ts'), optionsFile], {
    env: process.env,
    log: join(dataDir, 'sandbox.log'),
    notice,
    gaveUp,
  })
  await sandbox.ready
  if (askedAt > 0) return
  gateway = startChild('the gateway', [join(root, 'src', 'cli', 'guichet.ts'), 'serve'], {
    env,
    log: join(dataDir, 'gateway.log'),
    notice,
    gaveUp,
  })
  await gateway.ready
  if (askedAt > 0) return

  const { config, secrets } = settings
  const embedded =
    config.database.kind === 'embedded'
      ? await startEmbedded({ dataDir, mode: 'attach', command: 'npm start' })
      : undefined
  const { version: databaseVersion } = await inspectServer(embedded?.url ?? secrets.databaseUrl ?? '')
  const facts = {
    version,
    dataDir,
    ports,
    database: {
      version: databaseVersion,
      embedded: embedded !== undefined,
      where: embedded?.moved
        ? `in ${embedded.dir} (its account cannot enter the data folder)`
        : config.database.kind === 'url'
          ? config.database.shown
          : '',
      fsyncPerSecond: embedded?.fsyncPerSecond ?? null,
    },
    startedMs: Math.round(performance.now() - began),
  }
  if (json) process.stdout.write(`${JSON.stringify({ ready: addressOf(ports.gateway), ...facts })}\n`)
  else process.stdout.write(`${banner(facts)}\nguichet ready ${addressOf(ports.gateway)}\n`)
}

try {
  await main()
} catch (error) {
  if (askedAt === 0) {
    if (error instanceof OperatorError) for (const fault of error.faults) err(`✗ ${fault}`)
    else if (error instanceof DidNotStart || error instanceof PortFault)
      err(error.message.startsWith('✗') ? error.message : `✗ ${error.message}`)
    else err(error instanceof Error ? (error.stack ?? error.message) : String(error))
    await end(1)
  }
}
