import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { type Config, type ConfigInput, configSchema } from './config-schema.ts'
import { printableUrl } from './db/open.ts'
import { OperatorError } from './operator-error.ts'
import { readSecrets, type Secrets } from './secrets.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** One setting that a variable of the environment can give: scalars outside lists. */
export type EnvSetting = {
  readonly variable: string
  readonly path: readonly string[]
  readonly type: 'string' | 'number' | 'boolean'
}

/** Variables that are not settings of the gateway itself. */
const otherVariables = new Set([
  'GUICHET_CONFIG',
  'GUICHET_DATABASE_URL',
  'GUICHET_DATABASE_URL_FILE',
  'GUICHET_SAMPLES',
  'GUICHET_SANDBOX_PLATFORM_PORT',
  'GUICHET_SANDBOX_BANK_PORT',
  'GUICHET_TEST_DATABASE_URL',
])
const secretVariable =
  /^GUICHET_(KEK|LOG_KEY|CLIENT_KEYS|CHANNEL_\d+_(APP_SECRET(_2)?|VERIFY_TOKEN|PAGE_TOKEN))$/

type JsonSchema = {
  type?: string
  properties?: Record<string, JsonSchema>
  oneOf?: unknown
  anyOf?: unknown
}

/** `pipeline.batchMax` → GUICHET_PIPELINE_BATCH_MAX. */
const variableOf = (path: readonly string[]) =>
  `GUICHET_${path.map((part) => part.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()).join('_')}`

function scalars(schema: JsonSchema, path: string[] = []): EnvSetting[] {
  if (schema.type === 'object' && schema.properties)
    return Object.entries(schema.properties).flatMap(([name, inner]) => scalars(inner, [...path, name]))
  const type = schema.type === 'integer' ? 'number' : schema.type
  return type === 'string' || type === 'number' || type === 'boolean'
    ? [{ variable: variableOf(path), path, type }]
    : []
}

/** Every setting that has a variable, found from the schema. */
export const envSettings: readonly EnvSetting[] = scalars(
  z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema,
)

const fileFields = new Set([
  'dataDir',
  'keyFile',
  'kekFile',
  'clientKeysFile',
  'verifyTokenFile',
  'pageTokenFile',
  'policyFile',
  'modelFile',
  'answersFile',
  'urlFile',
  'appSecretFiles',
])

/** Makes paths absolute: those of a file are relative to it. */
function absolutePaths(value: unknown, base: string, field = ''): unknown {
  if (typeof value === 'string') return fileFields.has(field) ? resolve(base, value) : value
  if (Array.isArray(value)) return value.map((item) => absolutePaths(item, base, field))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, absolutePaths(item, base, name)]),
    )
  return value
}

/** The configuration file in force: GUICHET_CONFIG, else `guichet.json` here, else the one `npm start` made. */
export function configFile(env: Environment, cwd: string): string | null {
  if (env.GUICHET_CONFIG) return resolve(cwd, env.GUICHET_CONFIG)
  const inData = resolve(cwd, env.GUICHET_DATA_DIR ?? '.guichet', 'guichet.json')
  return [resolve(cwd, 'guichet.json'), inData].find((file) => existsSync(file)) ?? null
}

function readFileSettings(file: string | null, faults: string[]): Record<string, unknown> {
  if (file === null) return {}
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    faults.push(`The configuration file ${file} cannot be read. Correct GUICHET_CONFIG.`)
    return {}
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return absolutePaths(value, dirname(file)) as Record<string, unknown>
    faults.push(`The configuration file ${file} must hold one JSON object.`)
  } catch (error) {
    // Only the position: the message of JSON.parse quotes the text around it.
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
    const line =
      position === undefined ? 'its end' : `line ${text.slice(0, Number(position)).split('\n').length}`
    faults.push(`The configuration file ${file} is not JSON: see ${line}.`)
  }
  return {}
}

function setAt(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let current = target
  for (const part of path.slice(0, -1)) {
    const next = current[part]
    current[part] = typeof next === 'object' && next !== null ? { ...next } : {}
    current = current[part] as Record<string, unknown>
  }
  const last = path.at(-1)
  if (last !== undefined) current[last] = value
}

/** Lays the environment over the file's settings. Gives back which variable set which path, for the faults. */
function overlay(
  settings: Record<string, unknown>,
  env: Environment,
  cwd: string,
  faults: string[],
): Map<string, string> {
  const sources = new Map<string, string>()
  for (const { variable, path, type } of envSettings) {
    const text = env[variable]
    if (text === undefined || text === '') continue
    sources.set(path.join('.'), variable)
    let value: unknown = text
    if (type === 'number') value = Number(text)
    else if (type === 'boolean')
      value = text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : text
    if (type === 'number' && Number.isNaN(value))
      faults.push(`${variable} must be a number, not "${text.slice(0, 40)}".`)
    else setAt(settings, path, fileFields.has(path.at(-1) ?? '') ? resolve(cwd, text) : value)
  }
  if (env.GUICHET_DATABASE_URL) settings.database = { kind: 'url', url: env.GUICHET_DATABASE_URL }
  else if (env.GUICHET_DATABASE_URL_FILE)
    settings.database = { kind: 'url', urlFile: resolve(cwd, env.GUICHET_DATABASE_URL_FILE) }
  return sources
}

const showPath = (path: readonly PropertyKey[]) =>
  path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`))
    .join('')

const loopback = (address: string) => {
  const { hostname } = new URL(address)
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  )
}
const insecure = (address: string) => address.startsWith('http:') && !loopback(address)

type Parsed = z.output<typeof configSchema>

/** What no single field can tell: settings that contradict each other, or files that are not there. */
function contradictions(config: Parsed): string[] {
  const faults: string[] = []
  if (insecure(config.publicUrl))
    faults.push(`publicUrl ${config.publicUrl} must be https: only this machine may be reached without TLS.`)
  if (new URL(config.publicUrl).pathname !== '/' || new URL(config.publicUrl).search !== '')
    faults.push(`publicUrl ${config.publicUrl} must be an origin: scheme, host and port, nothing after.`)
  const ids = config.institutions.map((institution) => institution.id)
  for (const twice of ids.filter((value, index) => ids.indexOf(value) !== index))
    faults.push(`institutions: "${twice}" is there twice. Give each its own id.`)
  const accounts = config.channels.map((channel) => `${channel.kind} ${channel.account}`)
  for (const twice of accounts.filter((value, index) => accounts.indexOf(value) !== index))
    faults.push(`channels: ${twice} is there twice. Keep one.`)
  for (const [index, channel] of config.channels.entries()) {
    const where = `channels[${index}] (${channel.name})`
    for (const named of channel.institutions)
      if (!ids.includes(named))
        faults.push(
          `${where} serves "${named}", which is not among the institutions (${ids.join(', ') || 'none'}). Add it or take it out.`,
        )
    if (insecure(channel.graphUrl)) faults.push(`${where}: graphUrl must be https, except on this machine.`)
    if (channel.httpsOnly && config.publicUrl.startsWith('http:'))
      faults.push(
        `${where} takes only https links and publicUrl is ${config.publicUrl}. Set an https publicUrl, or httpsOnly: false against a sandbox.`,
      )
  }
  for (const [index, institution] of config.institutions.entries()) {
    const where = `institutions[${index}] (${institution.id})`
    for (const field of ['issuer', 'resourceUrl'] as const)
      if (insecure(institution[field])) faults.push(`${where}: ${field} must be https.`)
      else if (institution[field].startsWith('http:') && !institution.allowHttpLoopback)
        faults.push(
          `${where}: ${field} is http. Use https, or allowHttpLoopback: true for a sandbox bank on this machine.`,
        )
    if (!existsSync(institution.policyFile))
      faults.push(`${where}: policyFile ${institution.policyFile} is not there.`)
  }
  for (const field of ['modelFile', 'answersFile'] as const) {
    const file = config.understanding[field]
    if (file !== undefined && !existsSync(file)) faults.push(`understanding.${field}: ${file} is not there.`)
  }
  return faults
}

export type Settings = {
  readonly config: Config
  readonly secrets: Secrets
  readonly warnings: readonly string[]
  readonly file: string | null
}
/** Which secrets must be there: all of them to serve, none but the database's to migrate. */
export type Need = 'everything' | 'database'

/**
 * Reads the settings: environment over configuration file over defaults. The only reader of the environment. Throws
 * one OperatorError that names every fault and what to do about it.
 */
export function loadSettings(options: { env?: Environment; cwd?: string; need?: Need } = {}): Settings {
  const env = options.env ?? process.env
  const cwd = options.cwd ?? process.cwd()
  const faults: string[] = []
  const file = configFile(env, cwd)
  const given = readFileSettings(file, faults)
  const sources = overlay(given, env, cwd, faults)
  const result = configSchema.safeParse(given satisfies Record<string, unknown> as ConfigInput)
  if (!result.success) {
    for (const issue of result.error.issues) {
      const path = issue.path.filter((part) => typeof part !== 'symbol')
      const variable = sources.get(path.join('.'))
      const where = variable ?? (showPath(path) || 'the configuration')
      const from = variable || file === null ? '' : ` in ${file}`
      faults.push(`${where}${from}: ${issue.message.replace(/^Invalid input: /, '')}.`)
    }
    throw new OperatorError('settings', faults)
  }
  const parsed = result.data
  parsed.dataDir = resolve(cwd, parsed.dataDir)
  faults.push(...contradictions(parsed))
  const { secrets, faults: secretFaults } = readSecrets(parsed, env, options.need ?? 'everything')
  faults.push(...secretFaults)
  if (faults.length > 0) throw new OperatorError('settings', faults)
  const config: Config = {
    ...parsed,
    database:
      parsed.database.kind === 'embedded'
        ? parsed.database
        : { kind: 'url', shown: printableUrl(secrets.databaseUrl ?? '') },
    log: { ...parsed.log, origin: parsed.log.origin ?? `${new URL(parsed.publicUrl).host}/log` },
  }
  return { config, secrets, warnings: warningsOf(config, env), file }
}

function warningsOf(config: Config, env: Environment): string[] {
  const warnings: string[] = []
  const known = new Set([...envSettings.map((setting) => setting.variable), ...otherVariables])
  for (const name of Object.keys(env))
    if (name.startsWith('GUICHET_') && !known.has(name) && !secretVariable.test(name))
      warnings.push(`${name} is not a setting of Guichet and is ignored. See docs/reference/settings.md.`)
  const served = new Set(config.channels.flatMap((channel) => channel.institutions))
  for (const { id } of config.institutions)
    if (!served.has(id)) warnings.push(`No channel serves institution "${id}".`)
  if (config.channels.length === 0)
    warnings.push('No channel is set: nobody can be met. Add one with `guichet channel add`.')
  if (!['127.0.0.1', '::1', 'localhost'].includes(config.host) && config.publicUrl.startsWith('http:'))
    warnings.push(`The gateway listens on ${config.host}, and publicUrl is only good on this machine.`)
  return warnings
}
