import { passThread, pageInboxAppId } from './channel/messenger/routing.ts'
import { applyProfile, type DesiredProfile } from './channel/messenger/profile.ts'
import { openMessenger, type Messenger } from './channel/messenger/send.ts'
import { keepSubscribed } from './channel/messenger/subscription.ts'
import { createTemplate, listTemplates, type TemplateDraft } from './channel/messenger/templates.ts'
import { unlink } from './channel/messenger/linking.ts'
import { minuteMs, type Clock } from './core/clock.ts'
import type { ChannelConfig, Config } from './core/config-schema.ts'
import { code, errorCode, type Logger } from './core/logger.ts'
import type { Secrets } from './core/secrets.ts'
import { openWords } from './core/words.ts'
import type { AccountActs } from './pipeline/engine.ts'

/** One channel account, open: its adapter, and what can be asked of the platform beyond sending. */
export type OpenAccount = {
  readonly config: ChannelConfig
  readonly messenger: Messenger
  readonly acts: AccountActs
}

/** Opens the adapter of each configured account. Nothing is asked of the platform yet. */
export function openAccounts(
  config: Config,
  secrets: Secrets,
  deps: {
    clock: Clock
    log: Logger
    onPressure: (account: string, pauseUntil: number | null, perSecondPercent: number) => void
  },
): Map<string, OpenAccount> {
  const accounts = new Map<string, OpenAccount>()
  for (const channel of config.channels) {
    const secret = secrets.channels[channel.account]
    const messenger = openMessenger(
      {
        account: channel.account,
        appId: channel.appId,
        graphUrl: channel.graphUrl,
        apiVersion: channel.apiVersion,
        pageToken: secret?.pageToken ?? '',
        appSecret: secret?.appSecrets[0] ?? '',
        httpsOnly: channel.httpsOnly,
      },
      {
        ...deps,
        onPressure: (pressure) =>
          pressure.kind === 'limited'
            ? deps.onPressure(channel.account, pressure.until, 100)
            : deps.onPressure(channel.account, null, pressure.usage.percent),
      },
    )
    accounts.set(channel.account, {
      config: channel,
      messenger,
      acts: {
        handOver: async (user) => {
          await passThread(messenger.graph, user, pageInboxAppId)
        },
        unlink: (user) => unlink(messenger.graph, user),
      },
    })
  }
  return accounts
}

/** What people see of the Page around the chat. */
export function profileFor(channel: ChannelConfig, config: Config): DesiredProfile {
  const { t } = openWords('en-US')
  return {
    greeting: { default: t('profile.greeting') },
    getStarted: 'GET_STARTED',
    menu: {
      default: [
        { kind: 'choice', title: t('button.balance'), payload: 'BALANCE' },
        { kind: 'choice', title: t('button.payments'), payload: 'TRANSACTIONS' },
        { kind: 'choice', title: t('button.permissions'), payload: 'PERMISSIONS' },
        { kind: 'choice', title: t('button.agent'), payload: 'PERSON' },
        { kind: 'choice', title: t('button.help'), payload: 'HELP' },
      ],
    },
    iceBreakers: {
      default: [
        { question: t('ice.what'), payload: 'HELP' },
        { question: t('ice.balance'), payload: 'BALANCE' },
      ],
    },
    ...(channel.httpsOnly
      ? {
          whitelistedDomains: [config.publicUrl],
          accountLinkingUrl: `${config.publicUrl}/link/messenger/${channel.account}`,
        }
      : {}),
  }
}

/** The one template we need: it says that a message waits, and nothing of what. */
export const waitingTemplate = (config: Config): TemplateDraft => ({
  name: 'message_waiting',
  language: 'en_US',
  body: openWords('en-US').t('template.message-waiting', { bank: '{{1}}' }),
  examples: ['Harbor Bank'],
  buttons: [
    {
      kind: 'url',
      title: openWords('en-US').t('button.open'),
      url: `${config.publicUrl}/`,
      suffixExample: 'me',
    },
  ],
})

/**
 * Brings the platform's side in line with ours, and keeps it so: subscription (the platform drops it after an hour of
 * failed deliveries), profile, template. Trouble is logged and tried again; it never stops the counter.
 */
export function tendAccounts(
  accounts: ReadonlyMap<string, OpenAccount>,
  config: Config,
  log: Logger,
): { stop(): void } {
  const tend = async ({ config: channel, messenger }: OpenAccount, first: boolean): Promise<void> => {
    const attempt = async (what: string, work: () => Promise<unknown>): Promise<void> => {
      try {
        await work()
      } catch (error) {
        log.warn('channel.tend_failed', { what: code(what), code: errorCode(error) })
      }
    }
    await attempt('subscription', async () => {
      if (await keepSubscribed(messenger.graph)) log[first ? 'info' : 'error']('channel.subscribed_again')
    })
    if (!first) return
    await attempt('profile', () => applyProfile(messenger.graph, profileFor(channel, config)))
    await attempt('template', async () => {
      const names = (await listTemplates(messenger.graph)).map(({ name }) => name)
      if (!names.includes('message_waiting')) await createTemplate(messenger.graph, waitingTemplate(config))
    })
  }
  const all = (first: boolean): void => {
    for (const account of accounts.values()) void tend(account, first)
  }
  all(true)
  const timer = setInterval(() => all(false), 5 * minuteMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}
