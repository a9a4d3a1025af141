import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { institutions } from '../sandbox/bank/institution.ts'
import { bankKeys } from '../sandbox/people/people.ts'
import { confirmPath } from '../sandbox/platform/linking.ts'
import { makeKeys } from '../src/cli/keys.ts'
import type { ConfigInput } from '../src/core/config-schema.ts'
import { newSecret } from '../src/core/id.ts'

/** Where each part of the box listens. The name localhost, because passkeys need a name. */
export type Ports = {
  readonly gateway: number
  readonly platform: number
  readonly banks: Readonly<Record<(typeof bankKeys)[number], number>>
}

export const addressOf = (port: number): string => `http://localhost:${port}`

export const pageId = '730000000000100'
export const appId = '730000000000200'
/** Our client id at every sandbox bank. */
export const clientId = 'guichet'

/** Where a bank's login may send the browser back to, on the gateway: after linking, and after signing in. */
export const returnAddresses = (gateway: string): string[] =>
  bankKeys.flatMap((key) => [`${gateway}/link/callback/${key}`, `${gateway}/session/callback/${key}`])

const homes = {
  harbor: { locale: 'en-US', timeZone: 'America/New_York' },
  granite: { locale: 'en-US', timeZone: 'America/Chicago', signConvention: 'positive-is-credit' as const },
  erable: { locale: 'fr-CA', timeZone: 'America/Toronto' },
  thistle: { locale: 'en-GB', timeZone: 'Europe/London' },
} as const

export type Development = {
  readonly dataDir: string
  readonly configFile: string
  readonly appSecret: string
  readonly verifyToken: string
  readonly pageToken: string
}

/**
 * The setting that `npm start` runs with: keys and secrets are made once and kept; the entries for the sandbox are
 * written anew at each start (they hold its ports), everything else in the configuration file stays as it is.
 */
export function prepareDevelopment(dataDir: string, ports: Ports): Development {
  mkdirSync(dataDir, { recursive: true, mode: 0o755 })
  // Others may pass (the database's account must), but not look.
  chmodSync(dataDir, 0o711)
  const secrets = join(dataDir, 'secrets')
  makeKeys(secrets, `${new URL(addressOf(ports.gateway)).host}/log`)
  chmodSync(secrets, 0o700)
  const secret = (name: string): string => {
    const file = join(secrets, name)
    if (!existsSync(file)) writeFileSync(file, `${newSecret()}\n`, { mode: 0o600 })
    return readFileSync(file, 'utf8').trim()
  }
  const configFile = join(dataDir, 'guichet.json')
  const before = existsSync(configFile) ? (JSON.parse(readFileSync(configFile, 'utf8')) as ConfigInput) : {}
  const after = sandboxSettings(dataDir, ports, before)
  const text = `${JSON.stringify(after, null, 2)}\n`
  if (!existsSync(configFile) || readFileSync(configFile, 'utf8') !== text) {
    writeFileSync(`${configFile}.new`, text, { mode: 0o644 })
    renameSync(`${configFile}.new`, configFile)
  }
  return {
    dataDir,
    configFile,
    appSecret: secret('messenger-app-secret'),
    verifyToken: secret('messenger-verify-token'),
    pageToken: secret('messenger-page-token'),
  }
}

function sandboxSettings(dataDir: string, ports: Ports, before: ConfigInput): ConfigInput {
  const policies = join(import.meta.dirname, '..', 'policies')
  const ours = new Set<string>(bankKeys)
  return {
    ...before,
    dataDir: '.',
    port: ports.gateway,
    publicUrl: addressOf(ports.gateway),
    kekFile: 'secrets/kek',
    clientKeysFile: 'secrets/client-keys.json',
    // The log keeps the name that its key was made for, whatever port it is served on.
    log: {
      ...before.log,
      origin: before.log?.origin ?? `${new URL(addressOf(ports.gateway)).host}/log`,
      keyFile: 'secrets/log.key',
    },
    // Sentences of made-up people: worth seeing what `guichet nlu unclear` would show a bank.
    understanding: { keepUnclear: true, ...before.understanding },
    channels: [
      {
        kind: 'messenger',
        account: pageId,
        name: 'Guichet Counter',
        appId,
        appSecretFiles: ['secrets/messenger-app-secret'],
        verifyTokenFile: 'secrets/messenger-verify-token',
        pageTokenFile: 'secrets/messenger-page-token',
        graphUrl: addressOf(ports.platform),
        linkingRedirect: { hosts: [`localhost:${ports.platform}`], path: confirmPath },
        chatUrl: `${addressOf(ports.platform)}/`,
        institutions: [...bankKeys],
        httpsOnly: false,
      },
      ...(before.channels ?? []).filter(({ account }) => account !== pageId),
    ],
    institutions: [
      ...bankKeys.map((key) => {
        const { name, standard, light } = institutions[key]
        const issuer = addressOf(ports.banks[key])
        return {
          id: key,
          name,
          standard,
          issuer,
          resourceUrl: `${issuer}${standard === 'fdx' ? '/fdx/v6' : '/open-banking/v4.0/aisp'}`,
          clientId,
          policyFile: relative(dataDir, join(policies, `${key}.json`)),
          accent: light.accent,
          allowHttpLoopback: true,
          ...homes[key],
        }
      }),
      ...(before.institutions ?? []).filter(({ id }) => !ours.has(id)),
    ],
  }
}

/** Reads the ports: each has its setting, and the usual ones are those of the README. */
export function readPorts(env: NodeJS.ProcessEnv): Ports {
  const port = (variable: string, usual: number) => {
    const given = env[variable]
    const number = given === undefined || given === '' ? usual : Number(given)
    if (!Number.isInteger(number) || number < 1 || number > 65_000)
      throw new PortFault(`${variable} must be a port number, not "${given}".`)
    return number
  }
  const firstBank = port('GUICHET_SANDBOX_BANK_PORT', 7321)
  return {
    gateway: port('GUICHET_PORT', 7300),
    platform: port('GUICHET_SANDBOX_PLATFORM_PORT', 7310),
    banks: { harbor: firstBank, granite: firstBank + 1, erable: firstBank + 2, thistle: firstBank + 3 },
  }
}

export class PortFault extends Error {}

export const dataFolder = (env: NodeJS.ProcessEnv): string =>
  resolve(env.GUICHET_DATA_DIR ?? join(import.meta.dirname, '..', '.guichet'))
