import { hash } from 'node:crypto'
import type { Money } from '../../core/money.ts'
import type { Account, AccountType, Balance, Direction, InstitutionId } from '../bank.ts'
import { lastFourOf } from '../outside-text.ts'
import type { Mapped } from '../settle.ts'
import { moneyOf, negate, positive } from '../wire.ts'
import {
  accountShape,
  balanceShape,
  creditLineShape,
  identificationShape,
  transactionShape,
  type UkBalance,
} from './shape.ts'

const typeByCode: Readonly<Record<string, AccountType>> = {
  CACC: 'checking',
  TRAN: 'checking',
  SLRY: 'checking',
  SVGS: 'savings',
  SACC: 'savings',
  LLSV: 'savings',
  ONDP: 'savings',
  MOMA: 'savings',
  CARD: 'credit-card',
  CHAR: 'credit-card',
  ODFT: 'line-of-credit',
  LOAN: 'loan',
  MORT: 'loan',
  // v3.1
  CurrentAccount: 'checking',
  Savings: 'savings',
  CreditCard: 'credit-card',
  ChargeCard: 'credit-card',
  Loan: 'loan',
  Mortgage: 'loan',
}
const liabilities: ReadonlySet<AccountType> = new Set(['credit-card', 'line-of-credit', 'loan'])

const word = <Value>(table: Readonly<Record<string, Value>>, name: string | null): Value | undefined =>
  name !== null && Object.hasOwn(table, name) ? table[name] : undefined

/** An account; null without an id. Its own number is read for the last four digits, its holders not at all. */
export function mapAccount(item: unknown, institution: InstitutionId): Account | null {
  const read = accountShape.safeParse(item)
  if (!read.success || read.data.AccountId === null) return null
  const account = read.data
  const type =
    word(typeByCode, account.AccountTypeCode) ?? word(typeByCode, account.AccountSubType) ?? 'other'
  const numbers = (account.Account ?? []).flatMap((one) => {
    const number = identificationShape.safeParse(one)
    return number.success ? [lastFourOf(number.data.Identification)] : []
  })
  return {
    id: read.data.AccountId,
    institution,
    type,
    nickname: account.Nickname ?? account.Description ?? '',
    lastFour: numbers.find((digits) => digits !== '') ?? '',
    currency: account.Currency ?? 'XXX',
    status:
      account.Status === 'Deleted' || account.Status === 'Disabled'
        ? 'closed'
        : account.Status === 'Pending' || account.Status === 'ProForma'
          ? 'restricted'
          : 'open',
    side: liabilities.has(type) ? 'liability' : 'asset',
  }
}

export function readBalance(item: unknown): UkBalance | null {
  const read = balanceShape.safeParse(item)
  return read.success ? read.data : null
}

/** Best first: what is available now, and what is booked. v4 codes, then v3.1 words. */
const availableTypes = ['ITAV', 'InterimAvailable', 'CLAV', 'ClosingAvailable', 'OPAV', 'OpeningAvailable']
const bookedTypes = [
  'ITBD',
  'InterimBooked',
  'InterimCleared',
  'CLBD',
  'ClosingBooked',
  'ClosingCleared',
  'OPBD',
  'OpeningBooked',
  'OpeningCleared',
  'PRCD',
  'PreviouslyClosedBooked',
]

function best(rows: readonly UkBalance[], types: readonly string[]): UkBalance | null {
  for (const type of types) {
    const fitting = rows.filter((row) => row.Type === type)
    if (fitting.length > 0)
      return fitting.reduce((newest, row) => ((row.DateTime ?? 0) > (newest.DateTime ?? 0) ? row : newest))
  }
  return null
}

/** Unsigned text and an indicator make one signed amount: Credit is the customer's, Debit is owed. Zero is Credit. */
function signed(row: UkBalance | null): Money | null {
  const money = moneyOf(row?.Amount?.Amount ?? null, row?.Amount?.Currency ?? null)
  if (!row || money === null) return null
  if (row.CreditDebitIndicator === 'Credit') return positive(money)
  if (row.CreditDebitIndicator === 'Debit') return negate(positive(money))
  return money.amountMinor === 0 ? money : null
}

type CreditLine = { readonly included: boolean | null; readonly type: string | null; readonly amount: Money }

const creditLinesOf = (row: UkBalance | null, currency: string): CreditLine[] =>
  (row?.CreditLine ?? []).flatMap((item) => {
    const read = creditLineShape.safeParse(item)
    if (!read.success) return []
    const amount = moneyOf(read.data.Amount?.Amount ?? null, read.data.Amount?.Currency ?? null)
    return amount === null || amount.currency !== currency
      ? []
      : [{ included: read.data.Included, type: read.data.Type, amount: positive(amount) }]
  })

const limitTypes = ['Pre-Agreed', 'Credit']

/**
 * What can be spent now. `Included` says whether the figure already holds the credit line: when it does not, an agreed
 * limit (`Pre-Agreed`, `Credit`) is added to it, or what is left of one (`Available`) to the customer's own money.
 * `Emergency` and `Temporary` lines are not money to count on.
 */
function spendable(row: UkBalance | null): Money | null {
  const figure = signed(row)
  if (figure === null) return null
  const outside = creditLinesOf(row, figure.currency).filter((line) => line.included === false)
  const left = outside.find((line) => line.type === 'Available')
  if (left) return { ...figure, amountMinor: Math.max(figure.amountMinor, 0) + left.amount.amountMinor }
  const limit = outside.find((line) => limitTypes.includes(line.type ?? ''))
  return limit ? { ...figure, amountMinor: figure.amountMinor + limit.amount.amountMinor } : figure
}

/** One account's balance from all the rows the bank sent for it; null when none can be read exactly. */
export function mapBalance(
  accountId: string,
  rows: readonly UkBalance[],
  account: { readonly side: Account['side']; readonly currency: string } | null,
  now: number,
): Balance | null {
  // An account may hold several currencies: the account's own is the one we speak of.
  const own = rows.filter((row) => {
    const currency = row.Amount?.Currency
    return currency && (account === null || account.currency === 'XXX' || currency === account.currency)
  })
  const availableRow = best(own, availableTypes)
  const bookedRow = best(own, bookedTypes)
  const booked = signed(bookedRow)
  const current = booked !== null && account?.side === 'liability' ? negate(booked) : booked
  const available = spendable(availableRow)
  if (available === null && current === null) return null
  const lines = [availableRow, bookedRow].flatMap((row) =>
    creditLinesOf(row, (available ?? current)?.currency ?? ''),
  )
  const limit = lines.find((line) => limitTypes.includes(line.type ?? ''))
  return {
    accountId,
    available,
    current,
    creditLimit: limit?.amount ?? null,
    asOf: (available === null ? null : availableRow?.DateTime) ?? bookedRow?.DateTime ?? now,
  }
}

/**
 * A transaction before pending and posted are joined; null when it has no exact amount or date, and for rows that are
 * no movement of money (`RJCT`, `INFO`). v3.1 `Booked`/`Pending`/`Rejected` are the same. A future-dated row is pending.
 */
export function mapTransaction(item: unknown, accountId: string): Mapped | null | 'not_money' {
  const read = transactionShape.safeParse(item)
  if (!read.success) return null
  const row = read.data
  if (row.Status === 'RJCT' || row.Status === 'Rejected' || row.Status === 'INFO') return 'not_money'
  const amount = moneyOf(row.Amount?.Amount ?? null, row.Amount?.Currency ?? null)
  if (amount === null || row.BookingDateTime === null) return null
  const status = row.Status === 'BOOK' || row.Status === 'Booked' ? 'posted' : 'pending'
  const direction: Direction =
    row.CreditDebitIndicator === 'Credit'
      ? 'credit'
      : row.CreditDebitIndicator === 'Debit'
        ? 'debit'
        : 'unknown'
  const merchant = row.MerchantDetails?.MerchantName ?? null
  const text = row.TransactionInformation ?? row.TransactionReference
  const description = text ?? merchant ?? ''
  const made = [
    'ukob',
    accountId,
    status,
    direction,
    row.Amount?.Amount,
    row.BookingDateTime,
    description,
  ].join('|')
  const mcc = row.MerchantDetails?.MerchantCategoryCode ?? null
  // The standard has one field for a card's line and for payee and reference of a transfer: only cards bear a merchant.
  const free = text !== null && merchant === null && mcc === null
  return {
    transaction: {
      id: row.TransactionId ?? `made_${hash('sha256', made, 'base64url').slice(0, 24)}`,
      accountId,
      status,
      direction,
      directionRule: direction === 'unknown' ? 'none' : 'CreditDebitIndicator',
      amount: positive(amount),
      at: row.BookingDateTime,
      postedAt: status === 'posted' ? row.BookingDateTime : null,
      description,
      merchant,
      ...(free ? { free } : {}),
      mcc: /^\d{4}$/.test(mcc ?? '') ? mcc : null,
      replaces: null,
    },
    authorisedAt: null,
    reference: null,
  }
}
