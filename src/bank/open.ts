import { z } from 'zod'
import type { Clock } from '../core/clock.ts'
import { systemClock } from '../core/clock.ts'
import type { Logger } from '../core/logger.ts'
import { invariant, OutsideError } from '../core/refusal.ts'
import type { Bank, BankTokens, InstitutionId, TokenHolder } from './bank.ts'
import { openCheck } from './check.ts'
import { newDpopJwk, openProvers, type Prover } from './dpop.ts'
import { openFdx } from './fdx/client.ts'
import { type ClientKey, isAcceptable } from './keys.ts'
import { openAuthorization } from './oauth.ts'
import { openResource } from './resource.ts'
import { openOwnTokens, openTokens } from './tokens.ts'
import { Transport } from './transport.ts'
import { openUkOpenBanking } from './ukob/client.ts'
import { openConsents } from './ukob/consent.ts'

const url = z
  .string()
  .max(2048)
  .refine((text) => URL.canParse(text), 'must be a URL')

/** One bank in our settings. Addresses are https; http only to this machine and only with `allowHttpLoopback`. */
export const bankSettingsSchema = z
  .object({
    id: z
      .string()
      .regex(/^[a-z0-9-]{1,32}$/)
      .describe('Key of the institution: lower case, digits and hyphens.'),
    standard: z.enum(['fdx', 'ukob']).describe('FDX API v6, or UK Open Banking Read/Write v4.'),
    issuer: url.describe('Issuer of the bank’s authorization server, letter for letter as in its metadata.'),
    resourceUrl: url.describe('Base of the accounts API, e.g. https://api.bank.example/fdx/v6.'),
    clientId: z.string().min(1).max(256).describe('Our client at this bank.'),
    scopes: z
      .array(z.string().min(1).max(128))
      .max(50)
      .optional()
      .describe('Scopes to ask for, where the bank names them differently.'),
    resource: url.optional().describe('Resource indicator (RFC 8707), where the bank wants one.'),
    signConvention: z
      .enum(['positive-is-credit', 'positive-is-debit'])
      .optional()
      .describe('What a positive amount means at a bank that sends signs and no debitCreditMemo.'),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .optional()
      .describe('Currency of accounts for which the bank names none.'),
    allowHttpLoopback: z
      .boolean()
      .default(false)
      .describe('Allow http to this machine: for a sandbox bank only.'),
    timeoutMs: z
      .number()
      .int()
      .min(100)
      .max(120_000)
      .default(10_000)
      .describe('For one request, first byte to last.'),
    connections: z.number().int().min(1).max(1_000).default(32).describe('Requests under way at once.'),
  })
  .superRefine((settings, context) => {
    for (const name of ['issuer', 'resourceUrl'] as const)
      if (URL.canParse(settings[name]) && !isAcceptable(new URL(settings[name]), settings.allowHttpLoopback))
        context.addIssue({
          code: 'custom',
          path: [name],
          message: 'must be https (http only to this machine, with allowHttpLoopback)',
        })
  })
export type BankSettings = z.input<typeof bankSettingsSchema>

export type BankDeps = {
  /** Our own key at every bank; its public half is served at /.well-known/jwks.json (`publicJwks`). */
  readonly clientKey: ClientKey
  readonly log: Logger
  readonly clock?: Clock
  /** What DPoP proofs are stamped with; real time unless a test says otherwise. */
  readonly wallClock?: Clock
}

/** The banks by id; closing it closes their connections. */
export class Banks extends Map<InstitutionId, Bank> implements AsyncDisposable {
  readonly #transports: Transport[]
  constructor(banks: Iterable<readonly [InstitutionId, Bank]>, transports: Transport[]) {
    super(banks)
    this.#transports = transports
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport[Symbol.asyncDispose]()))
  }
}

/** Connects (lazily: nothing is asked until it is needed) to each bank of the settings. Throws on settings that are wrong. */
export function openBanks(settings: readonly BankSettings[], deps: BankDeps): Banks {
  const transports: Transport[] = []
  const provers = openProvers(20_000)
  const banks = settings.map((one) => openBank(bankSettingsSchema.parse(one), deps, provers, transports))
  const opened = new Banks(
    banks.map((bank) => [bank.institution, bank] as const),
    transports,
  )
  invariant(opened.size === settings.length, 'two banks in the settings have the same id')
  return opened
}

function openBank(
  settings: z.output<typeof bankSettingsSchema>,
  deps: BankDeps,
  provers: (jwk: JsonWebKey) => Prover,
  transports: Transport[],
): Bank {
  const now = deps.clock ?? systemClock
  const wallClock = deps.wallClock ?? systemClock
  const base = new URL(settings.resourceUrl)
  const byOrigin = new Map<string, Transport>()
  const transportFor = (origin: string): Transport => {
    const known = byOrigin.get(origin)
    if (known) return known
    // Origins come from the settings and from the bank's checked metadata; an honest bank has a handful.
    if (byOrigin.size >= 16) throw new OutsideError('bank_address_refused', { retryable: false })
    const transport = new Transport(origin, {
      timeoutMs: settings.timeoutMs,
      maxBytes: 4 * 1024 * 1024,
      connections: settings.connections,
      queue: settings.connections * 16,
      now,
    })
    byOrigin.set(origin, transport)
    transports.push(transport)
    return transport
  }
  const authorization = openAuthorization({
    settings,
    clientKey: deps.clientKey,
    transportFor,
    now,
    log: deps.log,
  })
  const check = openCheck({
    standard: settings.standard,
    issuer: settings.issuer,
    clientId: settings.clientId,
    resourceUrl: base,
    allowHttpLoopback: settings.allowHttpLoopback,
    transportFor,
    authorization,
    wallClock,
  })
  const shared = {
    institution: settings.id,
    base,
    transport: transportFor(base.origin),
    provers,
    wallClock,
    log: deps.log,
  }
  const resource = openResource({
    ...shared,
    tokens: openTokens((tokens) => authorization.refresh(tokens), { now }),
  })
  if (settings.standard === 'fdx')
    return openFdx({
      settings: {
        id: settings.id,
        scopes: settings.scopes,
        signConvention: settings.signConvention,
        currency: settings.currency,
      },
      authorization,
      resource,
      now,
      check,
    })
  const dpopJwk = newDpopJwk()
  const own = openResource({
    ...shared,
    tokens: openOwnTokens(() => authorization.clientCredentials('accounts', dpopJwk), { now }),
  })
  return openUkOpenBanking({
    settings: { id: settings.id, scopes: settings.scopes },
    base,
    authorization,
    resource,
    consents: openConsents(own, nobody),
    now,
    check,
  })
}

/** Requests of our own have no customer and so no tokens to keep: `openOwnTokens` never looks here. */
const nobody: TokenHolder = {
  current: (): BankTokens => {
    throw new Error('invariant: our own requests have no customer')
  },
  save: () => Promise.resolve(),
}
