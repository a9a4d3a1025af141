import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { registerBank } from './bank.ts'
import { registerChannel } from './channel.ts'
import { openLog, registerCustomer } from './customer.ts'
import { registerDoctor } from './doctor.ts'
import { registerKeys } from './keys.ts'
import { registerLog } from './log.ts'
import { registerMigrate } from './migrate.ts'
import { registerNlu } from './nlu.ts'
import { registerPolicy } from './policy.ts'
import { registerServe } from './serve.ts'
import { registerSettings } from './settings.ts'
import { registerVerify } from './verify.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/** The command line. Exit codes: 0 done and well, 1 failed or something is wrong, 2 not understood. */
export function buildProgram(): Command {
  const program = new Command('guichet')
    .description(
      'Serve a bank’s customers in the messengers they use, without handing their money data to the messenger.',
    )
    .version(version)
    .showHelpAfterError('(guichet --help shows what there is)')
    .exitOverride()
  registerServe(program)
  registerMigrate(program)
  registerDoctor(program)
  registerBank(program)
  registerChannel(program)
  registerKeys(program)
  registerSettings(program)
  registerPolicy(program)
  registerNlu(program)
  registerLog(program, openLog)
  registerVerify(program)
  registerCustomer(program)
  return program
}

try {
  await buildProgram().parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? 0 : 2
}
