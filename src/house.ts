import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { ClientKey } from './bank/keys.ts'
import { openBanks } from './bank/open.ts'
import { parse } from './channel/messenger/receive.ts'
import { openAccounts, tendAccounts } from './accounts.ts'
import type { Pool } from 'pg'
import { systemClock, type Clock } from './core/clock.ts'
import type { Config } from './core/config-schema.ts'
import { prepareDatabase } from './core/db/prepare.ts'
import { newSecret } from './core/id.ts'
import { fileKek } from './core/kek.ts'
import { openLogger, type Logger } from './core/logger.ts'
import { openMetrics } from './core/metrics.ts'
import { OperatorError } from './core/operator-error.ts'
import { invariant, isRefusal } from './core/refusal.ts'
import type { Secrets } from './core/secrets.ts'
import { openWords } from './core/words.ts'
import { compilePolicy } from './disclosure/compile.ts'
import { readPolicy } from './disclosure/policy.ts'
import { openApp } from './http/app.ts'
import { assets } from './http/kit/assets.ts'
import { serve } from './http/server.ts'
import { brandOf, type Web } from './http/web.ts'
import { webhookDoor, type WebhookChannel } from './http/webhooks.ts'
import type { House } from './main.ts'
import type { Voice } from './pipeline/draft.ts'
import { openEngine, type Engine, type EngineOptions } from './pipeline/engine.ts'
import { ownModelFile } from './nlu/load.ts'
import { openUnderstanding } from './nlu/understanding.ts'
import { readOwnAnswers } from './intent/own-answers.ts'
import { openUnclear, ownSentences } from './intent/unclear.ts'
import { openAssistant } from './nlu/assistant.ts'
import { commonWords } from './nlu/blot.ts'
import { openJobs } from './pipeline/jobs.ts'
import { measure } from './pipeline/measures.ts'
import { parseLogKey } from './tlog/note.ts'
import { openTlog } from './tlog/tlog.ts'

/** The largest webhook body taken: WhatsApp states 3 MB; the same for all. */
const webhookBytes = 4 << 20

/** Opens the whole house in the order in which its rooms stand on each other, and closes it in the reverse order. */
export async function openHouse(
  config: Config,
  secrets: Secrets,
  given: { clock?: Clock; log?: Logger; understanding?: EngineOptions['understanding'] } = {},
): Promise<House & { readonly engine: Engine; readonly pool: Pool }> {
  const clock = given.clock ?? systemClock
  const log = given.log ?? openLogger(config.logLevel)
  const metrics = openMetrics()
  const closing: (() => unknown)[] = []
  let stopping = false
  const stop = async (): Promise<void> => {
    stopping = true
    for (const close of closing.splice(0).reverse()) await close()
  }

  // The model loads while the database opens.
  const { modelFile } = config.understanding
  const loading = given.understanding
    ? null
    : openUnderstanding({ modelFile: modelFile === undefined ? ownModelFile : pathToFileURL(modelFile), log })
  if (loading) {
    loading.catch(() => {})
    closing.push(async () => (await loading.catch(() => null))?.[Symbol.asyncDispose]())
  }

  try {
    const database = await prepareDatabase(config, secrets, {
      command: 'guichet serve',
      log,
      notice: (say) => process.stderr.write(`! ${say}\n`),
    })
    closing.push(() => database.close())
    const { pool } = database

    const logKey = parseLogKey(secrets.logKey)
    if (!logKey)
      throw new OperatorError(
        'log_key_bad',
        'The log’s signing key is not a log key. `guichet keys DIR` makes one.',
      )
    const tlog = await openTlog({
      pool,
      origin: config.log.origin,
      signer: logKey.signer,
      clock,
      log,
      witnesses: config.log.witnesses,
    })
    closing.push(() => tlog[Symbol.asyncDispose]())

    const [key] = secrets.clientKeys.keys
    const clientKeys: ClientKey[] = secrets.clientKeys.keys.map((jwk) => ({ kid: jwk.kid, jwk }))
    if (!key && config.institutions.length > 0)
      throw new OperatorError('client_keys_missing', 'No key to show to banks. `guichet keys DIR` makes one.')
    const banks = openBanks(config.institutions, {
      clientKey: clientKeys[0] ?? { kid: '', jwk: {} },
      log,
      clock,
    })
    closing.push(() => banks[Symbol.asyncDispose]())

    const voices = new Map<string, Voice>()
    for (const institution of config.institutions) {
      const policy = readPolicy(readFileSync(institution.policyFile, 'utf8'))
      if (isRefusal(policy)) {
        throw new OperatorError(
          'policy_faulty',
          policy.faults.map((fault) => `${institution.policyFile}:${fault.line} ${fault.path}: ${fault.say}`),
        )
      }
      if (policy.institution !== institution.id)
        throw new OperatorError(
          'policy_of_another',
          `${institution.policyFile} is the policy of ${policy.institution}, not of ${institution.id}.`,
        )
      voices.set(institution.id, {
        name: institution.name,
        words: openWords(institution.locale),
        timeZone: institution.timeZone,
        policy: compilePolicy(policy),
        homeUrl: new URL(institution.issuer).origin,
      })
    }

    const accounts = openAccounts(config, secrets, {
      clock,
      log,
      onPressure: (account, pauseUntil, percent) => {
        const pace = engine?.deliverer.paceOf(account)
        if (pauseUntil !== null) pace?.pause('platform_limit', pauseUntil)
        else pace?.setRate(Math.max(1, Math.floor((config.pipeline.sendsPerSecond * (100 - percent)) / 25)))
      },
    })
    for (const { messenger } of accounts.values()) closing.push(() => messenger[Symbol.asyncDispose]())

    const understanding = given.understanding ?? (await loading)
    invariant(understanding, 'the model is given or loaded')
    const { keepUnclear, assistant } = config.understanding
    const common =
      keepUnclear || assistant.url !== undefined ? commonWords(ownSentences()) : new Set<string>()
    const unclear = keepUnclear ? openUnclear({ pool, clock, log, common }) : null
    if (unclear) closing.push(() => unclear.stop())

    const jobs = openJobs({ pool, clock, log, newHandle: () => newSecret().slice(0, 12) })
    let engine: Engine | null = null
    engine = await openEngine({
      pool,
      kek: fileKek(secrets.kek),
      tlog,
      channels: new Map([...accounts].map(([account, { messenger }]) => [account, messenger])),
      accounts: new Map([...accounts].map(([account, { acts }]) => [account, acts])),
      banks,
      voices,
      servedOn: (account) => accounts.get(account)?.config.institutions ?? [],
      words: openWords('en-US'),
      publicUrl: config.publicUrl,
      lanes: config.lanes,
      clock,
      log,
      limits: { batchMax: config.pipeline.batchMax },
      sending: {
        concurrency: config.pipeline.sendConcurrency,
        unknownWaitMs: config.pipeline.unknownWaitMs,
        perSecond: config.pipeline.sendsPerSecond,
      },
      understanding,
      unclear: unclear?.note ?? (() => {}),
      assistant:
        assistant.url === undefined
          ? null
          : openAssistant({
              url: assistant.url,
              model: assistant.model,
              key: secrets.assistantKey || null,
              words: assistant.words,
              timeoutMs: assistant.timeoutMs,
              common,
              log,
            }),
      ownAnswers: readOwnAnswers(config.understanding.answersFile),
      jobs,
    })
    const running = engine
    closing.push(() => running.stop())
    await jobs.start(engine)
    closing.push(() => jobs.stop())

    const measures = measure(metrics, engine, [...accounts.keys()])
    const checks = {
      database: async () => {
        await pool.query('select 1')
      },
      log: async () => {
        await tlog.latestCheckpoint()
      },
    }
    const web: Web = {
      config,
      pool,
      engine,
      tlog,
      banks,
      institutions: new Map(config.institutions.map((institution) => [institution.id, institution])),
      voices,
      channels: accounts,
      assets: assets(config.institutions.map(brandOf)),
      clock,
      log,
    }
    const app = openApp(web, {
      clientKeys,
      metrics,
      checks,
      stopping: () => stopping,
      databaseSays:
        config.database.kind === 'embedded'
          ? `PostgreSQL ${database.serverVersion}, embedded`
          : `PostgreSQL ${database.serverVersion}`,
    })
    const door = webhookDoor({
      channels: webhookChannels(config, secrets, clock),
      accept: (events) => measures.accepting(() => running.accept(events)),
      named: measures.named,
      log,
      maxBytes: webhookBytes,
    })
    const server = await serve({
      host: config.host,
      port: config.port,
      webhook: (request, response) => door(request, response),
      app,
      log,
    })
    closing.push(() => server.stop())
    const tending = tendAccounts(accounts, config, log)
    closing.push(() => tending.stop())
    return { url: server.url, stop, engine: running, pool }
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * The callback addresses. `/webhooks/messenger` serves every Page of one app; with several apps each has an address of
 * its own, `/webhooks/messenger/<app id>`, because the secret is chosen by the address and never by the body.
 */
function webhookChannels(config: Config, secrets: Secrets, clock: Clock): Map<string, WebhookChannel> {
  const channels = new Map<string, WebhookChannel>()
  for (const channel of config.channels) {
    const secret = secrets.channels[channel.account]
    invariant(secret, 'settings were checked: every channel has its secrets')
    const door: WebhookChannel = {
      secrets: secret.appSecrets.map((text) => Buffer.from(text)),
      verifyToken: secret.verifyToken,
      parse: (raw) => parse(raw, { appId: channel.appId, now: clock() }),
    }
    channels.set(`/webhooks/messenger/${channel.appId}`, door)
    if (!channels.has('/webhooks/messenger')) channels.set('/webhooks/messenger', door)
  }
  return channels
}
