import type { Config } from './core/config-schema.ts'
import { secondMs } from './core/clock.ts'
import { loadSettings } from './core/config.ts'
import type { Secrets } from './core/secrets.ts'

/** The open gateway: everything wired and listening. `stop` ends it in order and is safe to call twice. */
export type House = { readonly url: string; stop(): Promise<void> }
export type OpenHouse = (config: Config, secrets: Secrets) => Promise<House>

/** When stopping takes longer than this, something hangs: what is committed is safe, so we go. */
const stopWaitMs = 30 * secondMs
/** How long a start that failed may take to end by itself. */
const failedStartMs = 2 * secondMs

/**
 * Runs the gateway until it is told to stop: SIGINT, SIGTERM, or the end of the process that started it (where that
 * keeps a channel open to us). A second signal, a moment later, stops at once.
 */
export async function runGateway(openHouse: OpenHouse, options: { json: boolean }): Promise<void> {
  const { config, secrets, warnings } = loadSettings()
  for (const warning of warnings) process.stderr.write(`! ${warning}\n`)

  const stopping = Promise.withResolvers<void>()
  let asked = 0
  const stop = () => {
    if (asked > 0 && Date.now() - asked > secondMs) process.exit(130)
    asked ||= Date.now()
    stopping.resolve()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  process.once('disconnect', stop)

  const house = await openHouse(config, secrets).catch((error: unknown) => {
    // A listening channel to whoever started us would keep a process alive that never came to be.
    if (process.connected) process.disconnect()
    // Nor may anything half open: what made the start fail (the database went away) can fail the clean-up too.
    setTimeout(() => process.exit(1), failedStartMs).unref()
    throw error
  })
  if (asked === 0) {
    process.send?.({ ready: house.url })
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ ready: config.publicUrl })}\n`
        : `guichet ready ${config.publicUrl}\n`,
    )
  }
  await stopping.promise
  const late = setTimeout(() => {
    process.stderr.write('! stopping took too long; left as it was\n')
    process.exit(1)
  }, stopWaitMs)
  await house.stop()
  clearTimeout(late)
  if (process.connected) process.disconnect()
}
