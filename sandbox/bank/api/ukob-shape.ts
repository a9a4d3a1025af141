import { decimalText } from '../../../src/core/money.ts'
import type { Account, Bank } from '../bank.ts'
import type { Consent, Permission } from '../consent.ts'
import type { Row } from '../ledger/ledger.ts'
import type { Access } from './access.ts'

export const ukBase = '/open-banking/v4.0/aisp'

export type CustomerAccess = Extract<Access, { as: 'customer' }>
export const time = (at: number): string => new Date(at).toISOString()
/** True when the consent holds any of these permissions. */
export const has = (access: CustomerAccess, ...wanted: readonly Permission[]): boolean =>
  wanted.some((permission) => access.consent.uk?.permissions.includes(permission))

const statusCodes = {
  waiting: 'AWAU',
  active: 'AUTH',
  rejected: 'RJCT',
  revoked: 'CANC',
  expired: 'EXPD',
} as const

export function consentShape(bank: Bank, consent: Consent, origin: string): unknown {
  const { uk } = consent
  return {
    Data: {
      ConsentId: consent.id,
      CreationDateTime: time(consent.createdAt),
      Status: statusCodes[bank.consents.standing(consent)],
      StatusUpdateDateTime: time(consent.updatedAt),
      Permissions: uk?.permissions ?? [],
      ...(uk?.expirationDateTime ? { ExpirationDateTime: uk.expirationDateTime } : {}),
      ...(uk?.transactionFrom ? { TransactionFromDateTime: uk.transactionFrom } : {}),
      ...(uk?.transactionTo ? { TransactionToDateTime: uk.transactionTo } : {}),
    },
    Risk: {},
    Links: { Self: `${origin}${ukBase}/account-access-consents/${consent.id}` },
    Meta: { TotalPages: 1 },
  }
}

const accountTypes = { checking: 'CACC', savings: 'SVGS', card: 'CARD' } as const

export function accountShape(bank: Bank, access: CustomerAccess, account: Account): unknown {
  const { holding, customer } = account
  const { institution } = bank
  return {
    AccountId: holding.id,
    Status: bank.frozen(holding.id) ? 'Disabled' : 'Enabled',
    StatusUpdateDateTime: '2019-04-02T09:00:00.000Z',
    Currency: institution.currency,
    AccountCategory: 'Personal',
    AccountTypeCode: accountTypes[holding.kind],
    Description: holding.product.slice(0, 35),
    Nickname: holding.nickname,
    ...(has(access, 'ReadAccountsDetail')
      ? {
          Account: [
            holding.kind === 'card'
              ? // Masked: ReadPAN is accepted and never honoured here.
                {
                  SchemeName: 'UK.OBIE.PAN',
                  Identification: `************${holding.lastFour}`,
                  Name: customer.person.name,
                }
              : {
                  SchemeName: 'UK.OBIE.SortCodeAccountNumber',
                  Identification: institution.bankId + holding.number.slice(-8),
                  Name: customer.person.name,
                },
          ],
        }
      : {}),
  }
}

/** Amounts are unsigned strings; the indicator says the side, and nought is Credit. */
const money = (minor: number, currency: string) => ({
  Amount: decimalText({ amountMinor: Math.abs(minor), currency }),
  Currency: currency,
})
export const side = (minor: number): 'Credit' | 'Debit' => (minor < 0 ? 'Debit' : 'Credit')

export function balancesOf(bank: Bank, account: Account): unknown[] {
  const { holding, customer } = account
  const { currency } = bank.institution
  const figures = customer.ledger.figures(holding.id)
  const DateTime = time(bank.clock())
  const card = holding.kind === 'card'
  const posted = card ? -figures.posted : figures.posted
  const available = card ? figures.available - (figures.limit ?? 0) : figures.available
  return [
    {
      AccountId: holding.id,
      CreditDebitIndicator: side(available),
      Type: 'ITAV',
      DateTime,
      Amount: money(available, currency),
      // Not included: what can be spent is this figure plus the line.
      ...(card
        ? {
            CreditLine: [{ Included: false, Type: 'Credit', Amount: money(figures.limit ?? 0, currency) }],
          }
        : {}),
    },
    {
      AccountId: holding.id,
      CreditDebitIndicator: side(posted),
      Type: 'ITBD',
      DateTime,
      Amount: money(posted, currency),
    },
  ]
}

const transactionCodes = {
  purchase: ['PMNT', 'POSD'],
  refund: ['PMNT', 'POSC'],
  salary: ['PMNT', 'SALA'],
  bill: ['PMNT', 'BBDD'],
  transfer: ['PMNT', 'BOOK'],
  'card-payment': ['PMNT', 'BBDD'],
  person: ['PMNT', 'DMCT'],
  cash: ['PMNT', 'CWDL'],
  interest: ['ACMT', 'INTR'],
} as const

export function transactionShape(bank: Bank, access: CustomerAccess, account: Account, row: Row): unknown {
  const { entry } = row
  const detail = has(access, 'ReadTransactionsDetail')
  const [code, subCode] = transactionCodes[entry.kind]
  return {
    AccountId: account.holding.id,
    TransactionId: row.id,
    ...(detail && !row.pending && entry.pendingId !== null && entry.linked
      ? { TransactionReference: entry.pendingId }
      : {}),
    CreditDebitIndicator: side(entry.amountMinor),
    Status: row.pending ? 'PDNG' : 'BOOK',
    TransactionMutability: row.pending ? 'Mutable' : 'Immutable',
    BookingDateTime: time(row.at),
    ValueDateTime: time(entry.at),
    Amount: money(entry.amountMinor, bank.institution.currency),
    BankTransactionCode: { Code: code, SubCode: subCode },
    ...(detail
      ? {
          TransactionInformation: (entry.memo === null
            ? entry.description
            : `${entry.description} ${entry.memo}`
          ).slice(0, 500),
          ...(entry.merchant === null
            ? {}
            : {
                MerchantDetails: {
                  MerchantName: entry.merchant,
                  ...(entry.mcc === null ? {} : { MerchantCategoryCode: entry.mcc }),
                },
              }),
        }
      : {}),
  }
}
