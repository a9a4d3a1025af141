import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import type { configSchema } from './config-schema.ts'
import type { Environment, Need } from './config.ts'
import type { DatabaseOptions, PoolOptions } from './db/open.ts'
import type { Config } from './config-schema.ts'

/** A private key at banks, as JSON Web Key with the id that banks know it by. */
export type ClientJwk = JsonWebKey & { readonly kid: string }

/** The secrets of one channel account. */
export type ChannelSecrets = {
  /** One, or two while it is being changed: the first signs our calls, either proves a webhook. */
  readonly appSecrets: readonly string[]
  readonly verifyToken: string
  readonly pageToken: string
}

/** Everything that must not be printed, apart from the settings that may be. */
export type Secrets = {
  /** Null when the database is embedded. */
  readonly databaseUrl: string | null
  /** 32 bytes (for core/kek.ts `fileKek`). */
  readonly kek: Buffer
  /** The text of the log's signing key file. */
  readonly logKey: string
  /** What the model of the bank's own wants to see; empty where it wants nothing. */
  readonly assistantKey: string
  /** Our private keys at banks. */
  readonly clientKeys: { readonly keys: readonly ClientJwk[] }
  /** By account (Page id). */
  readonly channels: Readonly<Record<string, ChannelSecrets>>
}

type Parsed = z.output<typeof configSchema>

/** Reads each secret from its file, or from the environment; gives back every fault, and never a piece of a secret. */
export function readSecrets(
  config: Parsed,
  env: Environment,
  need: Need,
): { secrets: Secrets; faults: string[] } {
  const faults: string[] = []
  const get = (
    what: string,
    file: string | undefined,
    variable: string,
    setting: string,
    wanted: boolean,
  ): string => {
    const inline = env[variable]?.trim()
    if (inline) return inline
    if (file === undefined) {
      if (wanted) faults.push(`${what} is missing: set ${setting} (a file) or ${variable}.`)
      return ''
    }
    try {
      const text = readFileSync(file, 'utf8').trim()
      if (text === '' && wanted) faults.push(`${what}: ${setting} ${file} is empty.`)
      return text
    } catch {
      if (wanted) faults.push(`${what}: ${setting} ${file} cannot be read.`)
      return ''
    }
  }
  const all = need === 'everything'

  const { database } = config
  let databaseUrl: string | null = null
  if (database.kind === 'url') {
    databaseUrl =
      database.url ??
      get('The address of the database', database.urlFile, 'GUICHET_DATABASE_URL', 'database.urlFile', true)
    if (databaseUrl !== '' && !/^postgres(ql)?:\/\//.test(databaseUrl))
      faults.push('The address of the database must begin with postgresql://.')
  }

  const kekText = get('The key that wraps customer keys', config.kekFile, 'GUICHET_KEK', 'kekFile', all)
  const kek = Buffer.from(kekText, 'base64url')
  if (kekText !== '' && kek.length !== 32)
    faults.push(
      'The key that wraps customer keys must be 32 bytes in base64url. `guichet keys DIR` makes one.',
    )

  const logKey = get("The log's signing key", config.log.keyFile, 'GUICHET_LOG_KEY', 'log.keyFile', all)

  const assistantKey = get(
    'The key of the model of your own',
    config.understanding.assistant.keyFile,
    'GUICHET_ASSISTANT_KEY',
    'understanding.assistant.keyFile',
    config.understanding.assistant.keyFile !== undefined,
  )

  const keysText = get(
    'The keys that we show to banks',
    config.clientKeysFile,
    'GUICHET_CLIENT_KEYS',
    'clientKeysFile',
    all && config.institutions.length > 0,
  )
  const clientKeys = readKeySet(keysText)
  if (keysText !== '' && clientKeys === null)
    faults.push(
      'The keys that we show to banks must be a JSON Web Key Set with private keys, each with its kid. `guichet keys DIR` makes one.',
    )

  const channels: Record<string, ChannelSecrets> = {}
  for (const [index, channel] of config.channels.entries()) {
    const where = `channels[${index}]`
    const variable = (name: string) => `GUICHET_CHANNEL_${channel.account}_${name}`
    const first = get(
      `The app secret of ${channel.name}`,
      channel.appSecretFiles[0],
      variable('APP_SECRET'),
      `${where}.appSecretFiles`,
      all,
    )
    const second = get(
      '',
      channel.appSecretFiles[1],
      variable('APP_SECRET_2'),
      `${where}.appSecretFiles`,
      all && channel.appSecretFiles[1] !== undefined,
    )
    channels[channel.account] = {
      appSecrets: [first, second].filter((secret) => secret !== ''),
      verifyToken: get(
        `The verify token of ${channel.name}`,
        channel.verifyTokenFile,
        variable('VERIFY_TOKEN'),
        `${where}.verifyTokenFile`,
        all,
      ),
      pageToken: get(
        `The page token of ${channel.name}`,
        channel.pageTokenFile,
        variable('PAGE_TOKEN'),
        `${where}.pageTokenFile`,
        all,
      ),
    }
  }
  return {
    secrets: { databaseUrl, kek, logKey, assistantKey, clientKeys: clientKeys ?? { keys: [] }, channels },
    faults,
  }
}

function readKeySet(text: string): { keys: ClientJwk[] } | null {
  try {
    const value = JSON.parse(text) as { keys?: unknown }
    const keys = Array.isArray(value.keys) ? (value.keys as ClientJwk[]) : []
    return keys.length > 0 &&
      keys.every(({ kty, d, kid }) => [kty, d, kid].every((part) => typeof part === 'string'))
      ? { keys }
      : null
  } catch {
    return null
  }
}

/** How to open the database that the settings name. */
export function databaseOptions(
  config: Config,
  secrets: Secrets,
  options: PoolOptions & { mode?: 'own' | 'attach'; command?: string; notice?: (say: string) => void } = {},
): DatabaseOptions {
  return config.database.kind === 'url'
    ? { ...options, kind: 'url', url: secrets.databaseUrl ?? '' }
    : { ...options, kind: 'embedded', dataDir: config.dataDir }
}
