import type { Command } from 'commander'
import { openBanks } from '../bank/open.ts'
import type { InstitutionConfig } from '../core/config-schema.ts'
import { loadSettings, type Settings } from '../core/config.ts'
import { errorCode, openLogger } from '../core/logger.ts'
import { OperatorError } from '../core/operator-error.ts'
import { addToConfig, pathForConfig } from './config-edit.ts'
import { command, type Finding, out, report, table } from './terminal.ts'

/** Asks each bank (or one) whether it is there, knows us, and is as FAPI 2.0 wants it. */
export async function checkBanks(
  { config, secrets }: Pick<Settings, 'config' | 'secrets'>,
  only?: string,
): Promise<Finding[]> {
  const chosen = config.institutions.filter(({ id }) => only === undefined || id === only)
  if (only !== undefined && chosen.length === 0)
    throw new OperatorError(
      'unknown_bank',
      `No institution "${only}" in the settings (${config.institutions.map(({ id }) => id).join(', ') || 'none'}).`,
    )
  const [clientKey] = secrets.clientKeys.keys
  if (!clientKey)
    return chosen.map(({ id }) => ({
      level: 'fail',
      about: `bank ${id}`,
      say: 'We have no key to show to banks.',
      todo: 'Set clientKeysFile; `guichet keys FOLDER` makes one.',
    }))
  await using banks = openBanks(chosen, {
    clientKey: { kid: clientKey.kid, jwk: clientKey },
    log: openLogger('silent'),
  })
  const each = await Promise.all(
    [...banks.values()].map(async (bank): Promise<Finding[]> => {
      const about = `bank ${bank.institution}`
      try {
        const { findings } = await bank.check()
        return findings.map(({ level, say }) => ({ level, about, say }))
      } catch (error) {
        return [
          {
            level: 'fail',
            about,
            say: `It could not be asked (${String(errorCode(error))}).`,
            todo: 'Check issuer, network and proxy.',
          },
        ]
      }
    }),
  )
  return each.flat()
}

type AddOptions = Partial<InstitutionConfig> & { json?: boolean; replace?: boolean; policyFile: string }

/** `guichet bank add | list | check`. */
export function registerBank(program: Command): void {
  const bank = program.command('bank').description('the banks that are served: connect and probe')

  bank
    .command('list')
    .description('list the banks of the settings')
    .option('--json', 'answer in JSON')
    .action(
      command(({ json }: { json?: boolean }) => {
        const { config } = loadSettings({ need: 'database' })
        if (json) return out(JSON.stringify(config.institutions, null, 2))
        if (config.institutions.length === 0) return out('No bank yet. Add one with: guichet bank add')
        out(
          table(
            ['ID', 'NAME', 'STANDARD', 'ISSUER', 'POLICY'],
            config.institutions.map(({ id, name, standard, issuer, policyFile }) => [
              id,
              name,
              standard,
              issuer,
              policyFile,
            ]),
          ),
        )
      }),
    )

  bank
    .command('check')
    .description('ask the banks whether they are there, know us and are as FAPI 2.0 wants them')
    .argument('[id]', 'only this one')
    .option('--json', 'answer in JSON')
    .action(
      command(async (id: string | undefined, { json }: { json?: boolean }) => {
        const settings = loadSettings()
        return report(await checkBanks(settings, id), json ?? false)
      }),
    )

  bank
    .command('add')
    .description('add a bank to the configuration file')
    .argument('<id>', 'its key in settings and addresses, for good: lower case letters, digits, hyphens')
    .requiredOption('--name <name>', 'its name, as customers see it')
    .requiredOption('--standard <standard>', 'fdx (FDX 6) or ukob (UK Open Banking 4)')
    .requiredOption('--issuer <url>', 'issuer of its authorization server, letter for letter')
    .requiredOption('--resource-url <url>', 'base address of its account API')
    .requiredOption('--client-id <id>', 'our client id there')
    .requiredOption('--policy-file <file>', 'its disclosure policy')
    .option('--accent <colour>', 'its colour on pages, such as #0b5d66')
    .option('--locale <tag>', 'language when the customer has none, such as en-US')
    .option('--time-zone <zone>', 'its time zone, such as America/New_York')
    .option('--currency <code>', 'currency of accounts for which it names none')
    .option('--allow-http-loopback', 'accept http on this machine (a sandbox)')
    .option('--timeout-ms <n>', 'how long one call may take', Number)
    .option('--replace', 'put it in the place of the one with the same id')
    .option('--json', 'answer in JSON')
    .action(
      command((id: string, { json, replace, ...given }: AddOptions) => {
        const entry = { id, ...given, policyFile: pathForConfig(given.policyFile) }
        const file = addToConfig('institutions', entry, (other) => other.id === id, replace ?? false)
        out(
          json
            ? JSON.stringify({ ok: true, file, institution: entry })
            : `${given.name} is in ${file}. Next: guichet bank check ${id}`,
        )
      }),
    )
}
