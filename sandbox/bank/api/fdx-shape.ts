import type { Account, Bank } from '../bank.ts'
import type { Consent } from '../consent.ts'
import type { Day } from '../ledger/calendar.ts'
import { localDay } from '../ledger/calendar.ts'
import type { Row } from '../ledger/ledger.ts'
import { addressOf } from './contact.ts'

/** Decimal number of the account's currency (all sandbox currencies have two minor digits). */
const amount = (minor: number): number => minor / 100
const time = (at: number): string => new Date(at).toISOString()

const accountTypes = { checking: 'CHECKING', savings: 'SAVINGS', card: 'CREDITCARD' } as const

/** FDX 6 account: the descriptor, and with `detailed` the figures (6.4 names; deprecated fields are left out). */
export function accountShape(bank: Bank, account: Account, detailed: boolean, omitSome: boolean): unknown {
  const { holding, customer } = account
  const { institution } = bank
  const card = holding.kind === 'card'
  const descriptor = {
    accountCategory: card ? 'LOC_ACCOUNT' : 'DEPOSIT_ACCOUNT',
    accountId: holding.id,
    accountType: accountTypes[holding.kind],
    accountNumberDisplay: holding.lastFour,
    productName: holding.product,
    nickname: holding.nickname,
    status: bank.frozen(holding.id) ? 'RESTRICTED' : 'OPEN',
    currency: { currencyCode: institution.currency },
  }
  let shape: Record<string, unknown> = descriptor
  if (detailed) {
    const now = bank.clock()
    const figures = customer.ledger.figures(holding.id)
    const today = localDay(now, customer.ledger.zone)
    shape = {
      ...descriptor,
      balanceType: card ? 'LIABILITY' : 'ASSET',
      balanceAsOf: time(now),
      currentBalance: amount(figures.posted),
      ...(card
        ? {
            creditLine: amount(figures.limit ?? 0),
            principalBalance: amount(figures.posted),
            ...(omitSome
              ? {}
              : { availableCredit: amount(figures.available), bills: [billOf(account, today)] }),
          }
        : {
            openingDayBalance: amount(openingOf(account, today)),
            ...(omitSome ? {} : { availableBalance: amount(figures.available) }),
          }),
    }
  }
  return institution.habits.wrappedAccounts ? { [card ? 'locAccount' : 'depositAccount']: shape } : shape
}

/** What was booked when the day began. */
function openingOf(account: Account, today: Day): number {
  const { ledger } = account.customer
  const since = ledger
    .rows(account.holding.id)
    .reduce((sum, row) => (!row.pending && row.day === today ? sum + row.entry.amountMinor : sum), 0)
  return ledger.figures(account.holding.id).posted - since
}

/** `statementBalance` is negative while the customer owes (FDX 6 `bills`). */
function billOf(account: Account, today: Day): unknown {
  const { ledger } = account.customer
  const now = new Date(today * 86_400_000)
  const [year, month, date] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()]
  const closing = Date.UTC(year, month, 1) / 86_400_000
  const sinceClosing = ledger
    .rows(account.holding.id)
    .reduce((sum, row) => (row.entry.day >= closing ? sum + row.entry.amountMinor : sum), 0)
  const { available, limit } = ledger.figures(account.holding.id)
  const owedAtClosing = Math.max(0, (limit ?? 0) - available + sinceClosing)
  const due = new Date(Date.UTC(year, date <= 18 ? month : month + 1, 18)).toISOString().slice(0, 10)
  return {
    statementBalance: amount(-owedAtClosing),
    minimumPaymentDue: amount(Math.min(owedAtClosing, Math.max(2_500, Math.round(owedAtClosing * 0.02)))),
    dueDate: due,
    autoPayEnabled: true,
  }
}

const depositTypes = {
  purchase: 'POSDEBIT',
  refund: 'POSCREDIT',
  salary: 'DIRECTDEPOSIT',
  bill: 'BILLPAYMENT',
  transfer: 'TRANSFER',
  'card-payment': 'BILLPAYMENT',
  person: 'TRANSFER',
  cash: 'ATMWITHDRAWAL',
  interest: 'INTEREST',
} as const

/** One transaction in FDX 6 form, or in this bank's habit of it. */
export function transactionShape(bank: Bank, account: Account, row: Row): unknown {
  const { entry } = row
  const { signedAmounts } = bank.institution.habits
  const card = account.holding.kind === 'card'
  const type = card
    ? entry.kind === 'purchase'
      ? 'PURCHASE'
      : entry.kind === 'card-payment'
        ? 'PAYMENT'
        : 'ADJUSTMENT'
    : depositTypes[entry.kind]
  // Where amounts are signed nothing else tells the direction, except the type of card rows.
  const tellsType = !signedAmounts || type === 'POSDEBIT' || type === 'POSCREDIT'
  return {
    accountCategory: card ? 'LOC_ACCOUNT' : 'DEPOSIT_ACCOUNT',
    accountId: account.holding.id,
    transactionId: row.id,
    // Only a booked row can refer to its authorisation, and many do not.
    ...(!row.pending && entry.pendingId !== null && entry.linked
      ? { referenceTransactionId: entry.pendingId }
      : {}),
    ...(row.pending ? {} : { postedTimestamp: time(row.at) }),
    transactionTimestamp: time(entry.at),
    description: entry.description,
    ...(entry.memo === null ? {} : { memo: entry.memo }),
    ...(signedAmounts ? {} : { debitCreditMemo: entry.amountMinor < 0 ? 'DEBIT' : 'CREDIT' }),
    ...(entry.mcc === null ? {} : { category: entry.mcc, subCategory: 'MCC' }),
    ...(tellsType ? { transactionType: type } : {}),
    status: row.pending ? 'PENDING' : 'POSTED',
    amount: amount(signedAmounts ? entry.amountMinor : Math.abs(entry.amountMinor)),
    ...(entry.merchant === null ? {} : { transactionPayee: { merchantName: entry.merchant } }),
  }
}

const networks = {
  US: ['US_ACH', 'US_RTP'],
  CA: ['CA_ACSS'],
  GB: [],
} as const

/** Tokenised numbers only: the real one is never given out. */
export function networksShape(bank: Bank, account: Account): unknown {
  const { holding } = account
  const list =
    holding.kind === 'card'
      ? []
      : networks[bank.institution.country].map((type) => ({
          bankId: bank.institution.bankId,
          identifier: `9${holding.number}7`,
          identifierType: 'TOKENIZED_ACCOUNT_NUMBER',
          type,
          transferIn: true,
          transferOut: holding.kind === 'checking',
          supportsRequestForPayment: false,
          transferLimits: { out: { day: { transferMaxAmount: 5_000 } } },
        }))
  return { page: { totalElements: list.length }, paymentNetworks: list }
}

export function customerShape(bank: Bank, account: Account['customer'], personal: boolean): unknown {
  const { person, subject, ledger } = account
  const contact = addressOf(person, bank.institution)
  const [first = '', ...rest] = person.name.split(' ')
  return {
    customerId: subject,
    type: 'CONSUMER',
    name: { first, last: rest.join(' ') },
    emails: contact.emails,
    addresses: contact.addresses,
    telephones: contact.telephones,
    ...(personal ? { dateOfBirth: contact.dateOfBirth } : {}),
    customerStartDate: '2019-04-02',
    accounts: ledger.holdings.map(({ id }) => ({ accountId: id, relationship: 'PRIMARY' })),
  }
}

export function contactShape(bank: Bank, account: Account): unknown {
  const { person } = account.customer
  const { emails, addresses, telephones } = addressOf(person, bank.institution)
  const [first = '', ...rest] = person.name.split(' ')
  return {
    holders: [{ relationship: 'PRIMARY', type: 'CONSUMER', name: { first, last: rest.join(' ') } }],
    emails,
    addresses,
    telephones,
  }
}

/** FDX consent grant: one resource an account, and one for the customer when asked. */
export function consentShape(bank: Bank, consent: Consent, origin: string): unknown {
  const { fdx } = consent
  const standing = bank.consents.standing(consent)
  const subject = consent.person === null ? null : bank.customer(consent.person)?.subject
  return {
    id: consent.id,
    status: standing === 'active' ? 'ACTIVE' : standing === 'expired' ? 'EXPIRED' : 'REVOKED',
    parties: [
      party(consent.clientName, 'DATA_RECIPIENT', origin, consent.clientName),
      party(bank.institution.name, 'DATA_PROVIDER', origin, bank.institution.legalName),
    ],
    createdTime: time(consent.createdAt),
    ...(consent.expiresAt === null ? {} : { expirationTime: time(consent.expiresAt) }),
    updatedTime: time(consent.updatedAt),
    durationType: fdx?.durationType,
    ...(fdx?.durationType === 'TIME_BOUND' ? { durationPeriod: fdx.durationPeriod } : {}),
    lookbackPeriod: fdx?.lookbackPeriod,
    resources: [
      ...consent.accountIds.map((resourceId) => ({
        resourceType: 'ACCOUNT',
        resourceId,
        dataClusters: fdx?.accountClusters ?? [],
      })),
      ...(subject && fdx && fdx.customerClusters.length > 0
        ? [{ resourceType: 'CUSTOMER', resourceId: subject, dataClusters: fdx.customerClusters }]
        : []),
    ],
    links: [
      { href: `${origin}/fdx/v6/consents/${consent.id}`, rel: 'self' },
      { href: `${origin}/fdx/v6/consents/${consent.id}/revocation`, rel: 'revoke' },
    ],
  }
}

const party = (name: string, type: string, homeUri: string, registeredEntityName: string) => ({
  name,
  type,
  homeUri,
  logoUri: `${homeUri}/mark.svg`,
  registry: 'PRIVATE',
  registeredEntityName,
  registeredEntityId: 'sandbox',
})

export const revocationShape = (consent: Consent): unknown => ({
  status: 'REVOKED',
  reason: consent.revocation?.reason,
  initiator: consent.revocation?.initiator,
  updatedTime: time(consent.updatedAt),
})
