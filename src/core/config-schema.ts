import { z } from 'zod'

/*
 * Every setting of Guichet, once. The descriptions print docs/reference/settings.md; types are inferred from here.
 * Fields ending in `File` name files; a path in the configuration file is relative to that file.
 */
const filePath = z.string().min(1)
const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be lower case letters, digits and hyphens, at most 32')
const url = z.url({ protocol: /^https?$/, error: 'must be an http or https address' })
const httpAddress = url.transform((value) => value.replace(/\/+$/, ''))

const isLocale = (value: string): boolean => {
  try {
    return Intl.getCanonicalLocales(value).length === 1
  } catch {
    return false
  }
}
const isTimeZone = (value: string): boolean => {
  try {
    return Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const messengerSchema = z
  .strictObject({
    kind: z.literal('messenger').describe('The platform: Facebook Messenger.'),
    account: z
      .string()
      .regex(/^[0-9]{1,32}$/, 'must be the id of the Page, digits only')
      .describe('Id of the Page.'),
    name: z.string().min(1).max(80).describe('Name of the Page, as customers see it.'),
    appId: z
      .string()
      .regex(/^[0-9]{1,32}$/, 'must be digits only')
      .describe('Id of the Meta app that serves the Page.'),
    appSecretFiles: z
      .array(filePath)
      .max(2)
      .default([])
      .describe(
        'Files with the app secret; two while it is being changed (the first signs, both are accepted).',
      ),
    verifyTokenFile: filePath
      .optional()
      .describe('File with the verify token that the platform repeats when the webhook is set up.'),
    pageTokenFile: filePath.optional().describe("File with the Page's access token."),
    graphUrl: httpAddress.prefault('https://graph.facebook.com').describe('Address of the Graph API.'),
    apiVersion: z
      .string()
      .regex(/^v\d{1,3}\.\d{1,2}$/, 'must look like v25.0')
      .default('v25.0')
      .describe('Version of the Graph API.'),
    linkingRedirect: z
      .strictObject({
        hosts: z
          .array(z.string().regex(/^[a-z0-9.-]+(:\d{1,5})?$/i, 'must be a host name, without scheme or path'))
          .min(1)
          .default([
            'facebook.com',
            'www.facebook.com',
            'm.facebook.com',
            'messenger.com',
            'www.messenger.com',
          ])
          .describe('Hosts that account linking may send the customer back to.'),
        path: z
          .string()
          .startsWith('/')
          .default('/messenger_platform/account_linking')
          .describe('What the path of that address must begin with.'),
      })
      .prefault({}),
    chatUrl: url
      .optional()
      .describe(
        'Where the chat with this Page opens. Default: `https://m.me/` followed by the id of the Page.',
      ),
    institutions: z.array(id).min(1).describe('Ids of the institutions that this Page serves.'),
    httpsOnly: z
      .boolean()
      .default(true)
      .describe('Refuse links that are not https, as the real platform does. Off only against a sandbox.'),
  })
  .describe('A Messenger Page.')

const bankFields = {
  id: id.describe('Key of the institution in settings, addresses and the log. Never changes.'),
  name: z.string().min(1).max(60).describe('Name, as customers see it.'),
  issuer: url.describe("Issuer of the bank's authorization server, letter for letter as in its metadata."),
  resourceUrl: httpAddress.describe("Base address of the bank's account API."),
  clientId: z.string().min(1).max(255).describe('Our client id at the bank.'),
  policyFile: filePath.describe("The bank's disclosure policy."),
  accent: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, 'must be a colour such as #0b5d66')
    .default('#1f4e79')
    .describe("The bank's colour on pages."),
  locale: z
    .string()
    .refine(isLocale, 'is not a language tag such as en-US')
    .default('en-US')
    .describe('Language when the customer has none.'),
  timeZone: z
    .string()
    .refine(isTimeZone, 'is not a time zone such as America/New_York')
    .default('UTC')
    .describe("The bank's time zone: decides what a calendar day is."),
  allowHttpLoopback: z
    .boolean()
    .default(false)
    .describe('Accept http addresses of this machine (a sandbox bank).'),
  scopes: z
    .array(z.string().min(1).max(128))
    .max(50)
    .optional()
    .describe('Scopes to ask for, where the bank names them differently.'),
  resource: url.optional().describe('Resource indicator (RFC 8707), where the bank wants one.'),
  signConvention: z
    .enum(['positive-is-credit', 'positive-is-debit'])
    .optional()
    .describe('What a positive amount means at a bank that sends signs and no debit/credit mark.'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be a currency such as USD')
    .optional()
    .describe('Currency of accounts for which the bank names none.'),
  connections: z.int().min(1).max(1_000).default(32).describe('Calls to the bank under way at once.'),
  timeoutMs: z.int().min(100).max(60_000).default(10_000).describe('How long one call to the bank may take.'),
}
const institutionSchema = z.discriminatedUnion('standard', [
  z
    .strictObject({ standard: z.literal('fdx').describe('FDX API, version 6 (US, Canada).'), ...bankFields })
    .describe('A bank that speaks FDX.'),
  z
    .strictObject({
      standard: z.literal('ukob').describe('UK Open Banking Read/Write API, version 4.'),
      ...bankFields,
    })
    .describe('A bank that speaks UK Open Banking.'),
])

export const configSchema = z.strictObject({
  port: z
    .int()
    .min(0)
    .max(65_535)
    .default(7300)
    .describe('Port of everything the gateway serves. 0 = any free port.'),
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address to listen on. Put a TLS proxy before any other than this machine.'),
  publicUrl: httpAddress
    .prefault('http://localhost:7300')
    .describe('How customers, banks and platforms reach the gateway. https, except on this machine.'),
  dataDir: filePath.default('.guichet').describe('Folder for the embedded database and generated files.'),
  lanes: z
    .int()
    .min(1)
    .max(1024)
    .default(64)
    .describe('Number of lanes: units of order and distribution. Fixed when the database is made.'),
  database: z
    .discriminatedUnion('kind', [
      z
        .strictObject({
          kind: z.literal('embedded').describe('PostgreSQL 18 run by the gateway itself, in `dataDir`.'),
        })
        .describe('Embedded database (default).'),
      z
        .strictObject({
          kind: z.literal('url').describe('A PostgreSQL server, 15 or newer (16 or newer advised).'),
          url: z
            .string()
            .regex(/^postgres(ql)?:\/\//, 'must begin with postgresql://')
            .optional()
            .describe('Its address. Prefer `urlFile` when it holds a password.'),
          urlFile: filePath.optional().describe('File with the address.'),
        })
        .describe('A PostgreSQL server.'),
    ])
    .default({ kind: 'embedded' }),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe("The program's own log (JSON lines on stderr)."),
  log: z
    .strictObject({
      origin: z
        .string()
        .regex(/^[^\s+]{3,200}$/, 'must have no spaces and no plus sign')
        .optional()
        .describe(
          'Name of the disclosure log (C2SP checkpoint origin). Default: host of `publicUrl` followed by `/log`.',
        ),
      keyFile: filePath.optional().describe('File with the key that signs checkpoints.'),
      witnesses: z
        .array(
          z.strictObject({
            url: httpAddress.describe('Address of the witness (C2SP tlog-witness).'),
            vkey: z.string().min(1).max(1_000).describe('Its public key, as it publishes it.'),
          }),
        )
        .max(32)
        .default([])
        .describe('Who cosigns checkpoints: a list of `{ "url", "vkey" }`.'),
    })
    .prefault({}),
  kekFile: filePath
    .optional()
    .describe('File with the key that wraps every customer key (32 bytes, base64url).'),
  clientKeysFile: filePath.optional().describe('File with our private keys at banks (JSON Web Key Set).'),
  pipeline: z
    .strictObject({
      batchMax: z.int().min(1).max(2_000).default(200).describe('Events in a batch, at most.'),
      unknownWaitMs: z
        .int()
        .min(1_000)
        .max(86_400_000)
        .default(60_000)
        .describe("How long a send whose outcome is unknown waits for the platform's echo."),
      sendsPerSecond: z
        .int()
        .min(1)
        .max(100_000)
        .default(300)
        .describe("Messages a second to one account, at most: the platform's own limit."),
      sendConcurrency: z.int().min(1).max(256).default(8).describe('Calls to a platform in flight at once.'),
    })
    .prefault({}),
  understanding: z
    .strictObject({
      modelFile: filePath
        .optional()
        .describe('Model made by `guichet nlu train`. Default: the one that comes with Guichet.'),
      answersFile: filePath
        .optional()
        .describe("The bank's own answers: to intents of its own, or instead of ours for a topic (JSON)."),
      keepUnclear: z
        .boolean()
        .default(false)
        .describe(
          'Keep sentences that were not understood for 30 days, every name, figure and rare word blotted out, for `guichet nlu unclear`.',
        ),
      assistant: z
        .strictObject({
          url: httpAddress
            .optional()
            .describe(
              "Base address (`…/v1`) of a model of the bank's own, OpenAI-compatible, asked when ours does not understand. Gets the sentence with every name, figure and rare word blotted out, and nothing else. Default: none.",
            ),
          model: z.string().min(1).max(200).default('default').describe('Its name there.'),
          words: z
            .boolean()
            .default(false)
            .describe(
              'Let it word answers to small talk. Used only where it speaks of no money and of nothing done.',
            ),
          keyFile: filePath.optional().describe('File with the key it wants, if any.'),
          timeoutMs: z
            .int()
            .min(100)
            .max(10_000)
            .default(2_000)
            .describe('How long it may take; then the customer is answered without it.'),
        })
        .prefault({}),
    })
    .prefault({}),
  channels: z
    .array(z.discriminatedUnion('kind', [messengerSchema]))
    .max(1_000)
    .default([])
    .describe('Where customers are met.'),
  institutions: z.array(institutionSchema).max(1_000).default([]).describe('Banks that are served.'),
})

export type ConfigInput = z.input<typeof configSchema>
type Parsed = z.output<typeof configSchema>
export type ChannelConfig = Parsed['channels'][number]
export type InstitutionConfig = Parsed['institutions'][number]

/** All settings but the secrets: may be printed. Paths are absolute. */
export type Config = Omit<Parsed, 'database' | 'log'> & {
  /** `shown` is the address without its password; the real one is a secret. */
  readonly database: { readonly kind: 'embedded' } | { readonly kind: 'url'; readonly shown: string }
  readonly log: Omit<Parsed['log'], 'origin'> & { readonly origin: string }
}
