import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeKeys } from '../../src/cli/keys.ts'
import type { ConfigInput } from '../../src/core/config-schema.ts'
import { type Child, startChild } from './child.ts'
import { appId, pageId } from './webhook.ts'

/** One app secret for everyone who receives the bench's webhooks. */
export const appSecret = 'bench-app-secret-0123456789abcdef'
export const lanes = 64
const root = join(import.meta.dirname, '..', '..')

/** Keys and settings of the gateway under test, in a scratch folder. */
export type House = Disposable & {
  readonly dir: string
  readonly kek: Buffer
  readonly clientKeys: { readonly keys: readonly (JsonWebKey & { kid: string })[] }
}

export function makeHouse(): House {
  const dir = mkdtempSync(join(tmpdir(), 'guichet-bench-house-'))
  makeKeys(dir, 'bench.example/log')
  const remove = () => rmSync(dir, { recursive: true, force: true })
  process.once('exit', remove)
  return {
    dir,
    kek: Buffer.from(readFileSync(join(dir, 'kek'), 'utf8').trim(), 'base64url'),
    clientKeys: JSON.parse(readFileSync(join(dir, 'client-keys.json'), 'utf8')) as House['clientKeys'],
    [Symbol.dispose]: () => {
      process.off('exit', remove)
      remove()
    },
  }
}

export type Gateway = AsyncDisposable & { readonly port: number; readonly pid: number }

/**
 * Starts `guichet serve` as an operator does: from settings, in production, on this database. Only the platform's own
 * limit (300 sends a second and Page) is lifted, because it is the platform's and not ours.
 */
export async function startGateway(options: {
  readonly house: House
  readonly databaseUrl: string
  readonly platformPort: number
  /** Where the sandbox bank `harbor` listens; 9 (nobody) where no turn reads from a bank. */
  readonly bankUrl: string
  readonly log?: string
}): Promise<Gateway> {
  const { house } = options
  const port = await freePort()
  const config: ConfigInput = {
    port,
    publicUrl: `http://localhost:${port}`,
    dataDir: '.',
    lanes,
    database: { kind: 'url', urlFile: 'database-url' },
    logLevel: 'warn',
    log: { origin: 'bench.example/log', keyFile: 'log.key' },
    kekFile: 'kek',
    clientKeysFile: 'client-keys.json',
    pipeline: { sendsPerSecond: 100_000 },
    channels: [
      {
        kind: 'messenger',
        account: pageId,
        name: 'Bench',
        appId,
        appSecretFiles: ['app-secret'],
        verifyTokenFile: 'verify-token',
        pageTokenFile: 'page-token',
        graphUrl: `http://127.0.0.1:${options.platformPort}`,
        institutions: ['harbor'],
        httpsOnly: false,
      },
    ],
    institutions: [
      {
        id: 'harbor',
        name: 'Harbor Bank',
        standard: 'fdx',
        issuer: options.bankUrl,
        resourceUrl: `${options.bankUrl}/fdx/v6`,
        clientId: 'guichet',
        policyFile: join(root, 'policies', 'harbor.json'),
        allowHttpLoopback: true,
        timeZone: 'America/New_York',
      },
    ],
  }
  const file = join(house.dir, 'guichet.json')
  writeFileSync(file, JSON.stringify(config, null, 2))
  for (const [name, text] of [
    ['database-url', options.databaseUrl],
    ['app-secret', appSecret],
    ['verify-token', 'bench'],
    ['page-token', 'bench'],
  ] as const)
    writeFileSync(join(house.dir, name), text, { mode: 0o600 })
  // BENCH_NODE_FLAGS: flags of node for the gateway alone, such as --cpu-prof.
  const flags = process.env.BENCH_NODE_FLAGS?.split(' ').filter((flag) => flag !== '') ?? []
  const child: Child = await startChild(join(root, 'src', 'cli', 'guichet.ts'), {
    nodeFlags: flags,
    args: ['serve'],
    env: { GUICHET_CONFIG: file },
    ...(options.log === undefined ? {} : { log: options.log }),
  })
  return { port, pid: child.pid, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
