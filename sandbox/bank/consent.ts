import { randomBytes } from 'node:crypto'
import type { Clock } from '../../src/core/clock.ts'
import { dayMs } from '../../src/core/clock.ts'
import type { Journal } from './journal.ts'

/** FDX data clusters this sandbox serves, and the scope each belongs to (`fdx:<name>:read`). */
export const clusterScopes = {
  ACCOUNT_BASIC: 'fdx:accountbasic:read',
  ACCOUNT_DETAILED: 'fdx:accountdetailed:read',
  BALANCES: 'fdx:balances:read',
  BILLS: 'fdx:bills:read',
  TRANSACTIONS: 'fdx:transactions:read',
  STATEMENTS: 'fdx:statements:read',
  PAYMENT_SUPPORT: 'fdx:paymentsupport:read',
  CUSTOMER_CONTACT: 'fdx:customercontact:read',
  CUSTOMER_PERSONAL: 'fdx:customerpersonal:read',
} as const
export type Cluster = keyof typeof clusterScopes
export const isCluster = (name: string): name is Cluster => Object.hasOwn(clusterScopes, name)

/** UK Open Banking v4 permissions that have something behind them here; the others are accepted and open nothing. */
export const permissions = [
  'ReadAccountsBasic',
  'ReadAccountsDetail',
  'ReadBalances',
  'ReadBeneficiariesBasic',
  'ReadBeneficiariesDetail',
  'ReadDirectDebits',
  'ReadOffers',
  'ReadPAN',
  'ReadParty',
  'ReadPartyPSU',
  'ReadProducts',
  'ReadScheduledPaymentsBasic',
  'ReadScheduledPaymentsDetail',
  'ReadStandingOrdersBasic',
  'ReadStandingOrdersDetail',
  'ReadStatementsBasic',
  'ReadStatementsDetail',
  'ReadTransactionsBasic',
  'ReadTransactionsCredits',
  'ReadTransactionsDebits',
  'ReadTransactionsDetail',
] as const
export type Permission = (typeof permissions)[number]

export type Standing = 'waiting' | 'active' | 'revoked' | 'expired' | 'rejected'

/** One customer's consent to one client, whichever standard it was given under. Times are epoch ms. */
export type Consent = {
  readonly id: string
  readonly clientId: string
  readonly clientName: string
  readonly standing: Standing
  readonly createdAt: number
  readonly updatedAt: number
  readonly expiresAt: number | null
  readonly person: string | null
  /** Ids of the accounts that the customer chose. */
  readonly accountIds: readonly string[]
  readonly fdx: {
    readonly durationType: 'ONE_TIME' | 'TIME_BOUND' | 'PERSISTENT'
    readonly durationPeriod: number
    readonly lookbackPeriod: number
    readonly accountClusters: readonly Cluster[]
    readonly customerClusters: readonly Cluster[]
  } | null
  readonly uk: {
    readonly permissions: readonly Permission[]
    readonly expirationDateTime: string | null
    readonly transactionFrom: string | null
    readonly transactionTo: string | null
  } | null
  /** The authorization server's grant that carries it. */
  readonly grantId: string | null
  readonly revocation: {
    readonly reason: 'USER_ACTION' | 'BUSINESS_RULE'
    readonly initiator: string
  } | null
}

export type ConsentBook = {
  find(id: string): Consent | undefined
  ofGrant(grantId: string): Consent | undefined
  all(): readonly Consent[]
  /** What it is worth now: a consent past its end is expired, whatever was last written. */
  standing(consent: Consent): Standing
  create(
    draft: Pick<Consent, 'clientId' | 'clientName' | 'expiresAt' | 'fdx' | 'uk'> & Partial<Consent>,
  ): Promise<Consent>
  change(id: string, change: Partial<Consent>): Promise<Consent | undefined>
  forget(): void
}

const maxConsents = 20_000

/** Consents live in the journal; the maps beside it make the look-up on every request two hash reads. */
export function openConsentBook(journal: Journal, clock: Clock): ConsentBook {
  const byId = new Map<string, Consent>()
  const byGrant = new Map<string, string>()
  const remember = (consent: Consent) => {
    byId.set(consent.id, consent)
    if (consent.grantId !== null) byGrant.set(consent.grantId, consent.id)
  }
  for (const [, value] of journal.all('consent:')) remember(value as Consent)

  return {
    find: (id) => byId.get(id),
    ofGrant: (grantId) => byId.get(byGrant.get(grantId) ?? ''),
    all: () => [...byId.values()],
    standing: (consent) =>
      (consent.standing === 'active' || consent.standing === 'waiting') &&
      consent.expiresAt !== null &&
      clock() >= consent.expiresAt
        ? 'expired'
        : consent.standing,
    async create(draft) {
      const now = clock()
      const consent: Consent = {
        id: `cns-${randomBytes(16).toString('hex')}`,
        standing: 'waiting',
        createdAt: now,
        updatedAt: now,
        person: null,
        accountIds: [],
        grantId: null,
        revocation: null,
        ...draft,
      }
      // Bounded: the oldest that is no longer (or not yet) of use makes room.
      if (byId.size >= maxConsents) {
        const oldest = [...byId.values()].find(({ standing }) => standing !== 'active')
        if (oldest) {
          byId.delete(oldest.id)
          await journal.delete(`consent:${oldest.id}`)
        }
      }
      remember(consent)
      await journal.set(`consent:${consent.id}`, consent)
      return consent
    },
    async change(id, change) {
      const before = byId.get(id)
      if (!before) return undefined
      const consent: Consent = { ...before, ...change, updatedAt: clock() }
      remember(consent)
      await journal.set(`consent:${id}`, consent)
      return consent
    },
    forget() {
      byId.clear()
      byGrant.clear()
    },
  }
}

/** When a consent of this length, given now, ends. A PERSISTENT one is cut at a year (12 CFR 1033.421(b)). */
export function endOf(
  durationType: 'ONE_TIME' | 'TIME_BOUND' | 'PERSISTENT',
  days: number,
  now: number,
): number {
  if (durationType === 'ONE_TIME') return now + dayMs
  return now + (durationType === 'PERSISTENT' ? 365 : days) * dayMs
}
