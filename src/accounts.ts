import type { Graph } from './channel/messenger/graph.ts'
import { pageInboxAppId, passThread, threadOwner } from './channel/messenger/routing.ts'
import { applyProfile, type DesiredProfile } from './channel/messenger/profile.ts'
import { openMessenger, type Messenger } from './channel/messenger/send.ts'
import { keepSubscribed } from './channel/messenger/subscription.ts'
import { createTemplate, listTemplates, type TemplateDraft } from './channel/messenger/templates.ts'
import { unlink } from './channel/messenger/linking.ts'
import { minuteMs, secondMs, type Clock } from './core/clock.ts'
import type { ChannelConfig, Config } from './core/config-schema.ts'
import { code, errorCode, type Logger } from './core/logger.ts'
import { OutsideError } from './core/refusal.ts'
import type { Secrets } from './core/secrets.ts'
import { languageTags, openWords, templateLanguages, type LanguageTag } from './core/words.ts'
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
        people: pageInboxAppId,
        handOver: (user) => giveToPeople(messenger.graph, user),
        unlink: (user) => unlink(messenger.graph, user),
      },
    })
  }
  return accounts
}

/** Passes a thread to the Page's inbox. Where that fails, whoever has the thread by now is asked for. */
async function giveToPeople(graph: Graph, user: string): Promise<string> {
  try {
    await passThread(graph, user, pageInboxAppId)
    return pageInboxAppId
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    const owner = await threadOwner(graph, user).catch(() => null)
    if (owner !== null && !owner.ours) return owner.appId
    // The answer was lost, and the thread is not seen to have moved: passing it twice does no harm.
    const lost = error.code === 'no_answer' || error.code === 'answer_broken'
    throw lost ? new OutsideError(error.code, { retryable: true, cause: error }) : error
  }
}

/** The platform's locales that a language of ours serves (Messenger has no Spanish of the United States). */
const platformLocales: Readonly<Record<LanguageTag, readonly string[]>> = {
  'en-US': ['en_US', 'en_GB'],
  'es-US': ['es_LA', 'es_ES'],
  'fr-CA': ['fr_CA', 'fr_FR'],
}

/** A text of the profile in every language; `default` is how the banks of the account speak, when they speak alike. */
function inEach<Of>(
  usual: LanguageTag,
  of: (t: ReturnType<typeof openWords>['t']) => Of,
): Record<string, Of> {
  const others = languageTags.filter((tag) => tag !== usual)
  return {
    default: of(openWords(usual).t),
    ...Object.fromEntries(
      others.flatMap((tag) => platformLocales[tag].map((locale) => [locale, of(openWords(tag).t)])),
    ),
  }
}

/** What people see of the Page around the chat. */
export function profileFor(channel: ChannelConfig, config: Config): DesiredProfile {
  const [usual, ...more] = new Set(
    config.institutions
      .filter(({ id }) => channel.institutions.includes(id))
      .map(({ locale }) => openWords(locale).catalogue),
  )
  const language = usual !== undefined && more.length === 0 ? usual : 'en-US'
  return {
    greeting: inEach(language, (t) => t('profile.greeting')),
    getStarted: 'GET_STARTED',
    menu: inEach(language, (t) => [
      { kind: 'choice', title: t('button.balance'), payload: 'BALANCE' },
      { kind: 'choice', title: t('button.payments'), payload: 'TRANSACTIONS' },
      { kind: 'choice', title: t('button.permissions'), payload: 'PERMISSIONS' },
      { kind: 'choice', title: t('button.agent'), payload: 'PERSON' },
      { kind: 'choice', title: t('button.help'), payload: 'HELP' },
    ]),
    iceBreakers: inEach(language, (t) => [
      { question: t('ice.what'), payload: 'HELP' },
      { question: t('ice.balance'), payload: 'BALANCE' },
    ]),
    ...(channel.httpsOnly
      ? {
          whitelistedDomains: [config.publicUrl],
          accountLinkingUrl: `${config.publicUrl}/link/messenger/${channel.account}`,
        }
      : {}),
  }
}

/** The one template we need, in one language: it says that a message waits, and nothing of what. */
export function waitingTemplate(config: Config, tag: LanguageTag): TemplateDraft {
  const { t } = openWords(tag)
  return {
    name: 'message_waiting',
    language: templateLanguages[tag],
    body: t('template.message-waiting', { bank: '{{1}}' }),
    examples: ['Harbor Bank'],
    buttons: [{ kind: 'url', title: t('button.open'), url: `${config.publicUrl}/`, suffixExample: 'me' }],
  }
}

/**
 * Brings the platform's side in line with ours, and keeps it so: subscription (the platform drops it after an hour of
 * failed deliveries), profile, template. Trouble is logged and tried again; it never stops the counter.
 */
export function tendAccounts(
  accounts: ReadonlyMap<string, OpenAccount>,
  config: Config,
  log: Logger,
): { stop(): void } {
  const set = new Set<string>()
  const tend = async ({ config: channel, messenger }: OpenAccount): Promise<void> => {
    const attempt = async (what: string, work: () => Promise<unknown>): Promise<void> => {
      try {
        await work()
      } catch (error) {
        log.warn('channel.tend_failed', { what: code(what), code: errorCode(error) })
      }
    }
    /** Once is enough, but it must have worked. */
    const once = async (what: string, work: () => Promise<unknown>): Promise<void> => {
      const name = `${channel.account} ${what}`
      if (set.has(name)) return
      await attempt(what, async () => {
        await work()
        set.add(name)
      })
    }
    await attempt('subscription', async () => {
      const known = set.has(`${channel.account} subscribed`)
      // Subscribed again after we had been: an hour of deliveries was missed, and there is no replay.
      if (await keepSubscribed(messenger.graph)) log[known ? 'error' : 'info']('channel.subscribed')
      set.add(`${channel.account} subscribed`)
    })
    await once('profile', () => applyProfile(messenger.graph, profileFor(channel, config)))
    await once('template', async () => {
      const there = await listTemplates(messenger.graph)
      for (const tag of languageTags) {
        const wanted = waitingTemplate(config, tag)
        if (!there.some(({ name, language }) => name === wanted.name && language === wanted.language))
          await createTemplate(messenger.graph, wanted)
      }
    })
  }
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const round = async (): Promise<void> => {
    await Promise.all([...accounts.values()].map(tend))
    if (stopped) return
    const settled = set.size === accounts.size * 3
    timer = setTimeout(() => void round(), settled ? 5 * minuteMs : 10 * secondMs)
    timer.unref()
  }
  void round()
  return {
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
