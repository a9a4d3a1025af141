import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { secondMs } from '../src/core/clock.ts'
import { type BankOptions, startBanks } from './bank/start.ts'
import type { PlatformOptions } from './platform/options.ts'
import { startPlatform } from './platform/start.ts'

/** What the process is given, as JSON in a file: everything that both servers need, nothing else. */
export type SandboxOptions = {
  readonly host: string
  /** Where banks keep links and changes; null = in memory. */
  readonly dataDir: string | null
  readonly platform: Omit<PlatformOptions, 'host' | 'bankControl'>
  readonly banks: Pick<BankOptions, 'ports' | 'clients' | 'seed'>
}

/*
 * The world around Guichet as one process: four banks and a messenger. `node sandbox/main.ts OPTIONS.json`. Useful to
 * other people's bots as well: it knows nothing of Guichet but the addresses in its options.
 */
const file = process.argv[2]
if (file === undefined) {
  process.stderr.write('✗ node sandbox/main.ts OPTIONS.json\n')
  process.exit(2)
}
const options = JSON.parse(readFileSync(file, 'utf8')) as SandboxOptions
if (options.dataDir !== null) mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })

let asked = false
let stop: () => Promise<void> = async () => {}
const end = () => {
  if (asked) return
  asked = true
  setTimeout(() => process.exit(1), 5 * secondMs).unref()
  void stop().finally(() => process.exit(0))
}
process.on('SIGINT', end)
process.on('SIGTERM', end)
// Whoever started us is gone.
process.once('disconnect', end)

try {
  const banks = await startBanks({
    ...options.banks,
    host: options.host,
    dataDir: options.dataDir === null ? null : join(options.dataDir, 'banks'),
  })
  stop = async () => banks[Symbol.asyncDispose]()
  const platform = await startPlatform({ ...options.platform, host: options.host, bankControl: banks.urls })
  stop = async () => {
    await platform[Symbol.asyncDispose]()
    await banks[Symbol.asyncDispose]()
  }
  process.send?.({ ready: platform.url })
  process.stdout.write(`sandbox ready ${platform.url} ${Object.values(banks.urls).join(' ')}\n`)
} catch (error) {
  const { code, port } = error as { code?: string; port?: number }
  process.stderr.write(
    code === 'EADDRINUSE'
      ? `✗ Port ${port} is in use.\n`
      : `${error instanceof Error ? error.stack : String(error)}\n`,
  )
  await stop()
  process.exit(1)
}
