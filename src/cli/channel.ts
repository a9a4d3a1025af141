import type { Command } from 'commander'
import { checkMessenger } from '../channel/messenger/check.ts'
import { openGraph } from '../channel/messenger/graph.ts'
import { systemClock } from '../core/clock.ts'
import { loadSettings, type Settings } from '../core/config.ts'
import { errorCode } from '../core/logger.ts'
import { OperatorError } from '../core/operator-error.ts'
import { addToConfig, pathForConfig } from './config-edit.ts'
import { command, type Finding, out, report, table } from './terminal.ts'

const levels = { ok: 'ok', warning: 'warn', fault: 'fail' } as const

/** Asks the platform about each channel (or the one with this account). */
export async function checkChannels(
  { config, secrets }: Pick<Settings, 'config' | 'secrets'>,
  only?: string,
): Promise<Finding[]> {
  const chosen = config.channels.filter(({ account }) => only === undefined || account === only)
  if (only !== undefined && chosen.length === 0)
    throw new OperatorError(
      'unknown_channel',
      `No channel with account ${only} in the settings (${config.channels.map(({ account }) => account).join(', ') || 'none'}).`,
    )
  const each = await Promise.all(
    chosen.map(async (channel): Promise<Finding[]> => {
      const about = `channel ${channel.name}`
      const secret = secrets.channels[channel.account]
      if (!secret?.appSecrets[0] || secret.pageToken === '')
        return [
          {
            level: 'fail',
            about,
            say: 'Its app secret or Page token is missing.',
            todo: 'Set appSecretFiles and pageTokenFile.',
          },
        ]
      await using graph = openGraph(
        {
          ...channel,
          pageToken: secret.pageToken,
          appSecret: secret.appSecrets[0],
          timeoutMs: 10_000,
          connections: 2,
        },
        { clock: systemClock },
      )
      try {
        const findings = await checkMessenger(graph)
        return findings.map(({ level, says, todo }) => ({ level: levels[level], about, say: says, todo }))
      } catch (error) {
        return [
          {
            level: 'fail',
            about,
            say: `The platform could not be asked (${String(errorCode(error))}).`,
            todo: 'Check graphUrl and network.',
          },
        ]
      }
    }),
  )
  return each.flat()
}

type AddOptions = {
  name: string
  appId: string
  appSecretFile: string[]
  verifyTokenFile: string
  pageTokenFile: string
  institution: string[]
  graphUrl?: string
  apiVersion?: string
  httpsOnly: boolean
  replace?: boolean
  json?: boolean
}

const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value]

/** `guichet channel add | list | check`. */
export function registerChannel(program: Command): void {
  const channel = program.command('channel').description('where customers are met: connect and probe')

  channel
    .command('list')
    .description('list the channels of the settings')
    .option('--json', 'answer in JSON')
    .action(
      command(({ json }: { json?: boolean }) => {
        const { config } = loadSettings({ need: 'database' })
        if (json) return out(JSON.stringify(config.channels, null, 2))
        if (config.channels.length === 0)
          return out('No channel yet. Add one with: guichet channel add messenger')
        out(
          table(
            ['KIND', 'ACCOUNT', 'NAME', 'SERVES', 'PLATFORM'],
            config.channels.map(({ kind, account, name, institutions, graphUrl, apiVersion }) => [
              kind,
              account,
              name,
              institutions.join(', '),
              `${graphUrl}/${apiVersion}`,
            ]),
          ),
        )
      }),
    )

  channel
    .command('check')
    .description('ask the platform: token, subscription, limits, clock')
    .argument('[account]', 'only this one')
    .option('--json', 'answer in JSON')
    .action(
      command(async (account: string | undefined, { json }: { json?: boolean }) =>
        report(await checkChannels(loadSettings(), account), json ?? false),
      ),
    )

  channel
    .command('add')
    .description('add a Messenger Page to the configuration file')
    .argument('<kind>', 'messenger')
    .argument('<account>', 'id of the Page')
    .requiredOption('--name <name>', 'name of the Page')
    .requiredOption('--app-id <id>', 'id of the Meta app')
    .requiredOption(
      '--app-secret-file <file>',
      'file with the app secret (twice while it is being changed)',
      collect,
    )
    .requiredOption('--verify-token-file <file>', 'file with the verify token of the webhook')
    .requiredOption('--page-token-file <file>', "file with the Page's access token")
    .requiredOption('--institution <id>', 'an institution that it serves (repeatable)', collect)
    .option('--graph-url <url>', 'address of the Graph API')
    .option('--api-version <version>', 'such as v25.0')
    .option('--no-https-only', 'allow http links (a sandbox)')
    .option('--replace', 'put it in the place of the one with the same account')
    .option('--json', 'answer in JSON')
    .action(
      command((kind: string, account: string, given: AddOptions) => {
        const entry = {
          kind,
          account,
          name: given.name,
          appId: given.appId,
          appSecretFiles: given.appSecretFile.map(pathForConfig),
          verifyTokenFile: pathForConfig(given.verifyTokenFile),
          pageTokenFile: pathForConfig(given.pageTokenFile),
          institutions: given.institution,
          ...(given.graphUrl && { graphUrl: given.graphUrl }),
          ...(given.apiVersion && { apiVersion: given.apiVersion }),
          ...(!given.httpsOnly && { httpsOnly: false }),
        }
        const file = addToConfig(
          'channels',
          entry,
          (other) => other.kind === kind && other.account === account,
          given.replace ?? false,
        )
        out(
          given.json
            ? JSON.stringify({ ok: true, file, channel: entry })
            : `${given.name} is in ${file}. Next: guichet channel check ${account}`,
        )
      }),
    )
}
