import { hash } from 'node:crypto'
import type { Money } from '../../core/money.ts'
import type { Account, AccountType, Balance, Direction, InstitutionId } from '../bank.ts'
import { lastFourOf } from '../outside-text.ts'
import type { Mapped } from '../settle.ts'
import { moneyOf, positive } from '../wire.ts'
import { accountShape, type FdxAccount, type FdxTransaction, transactionShape, unwrap } from './shape.ts'

/** What a positive amount means at a bank that sends signs and no `debitCreditMemo`; set for each bank, never guessed. */
export type SignConvention = 'positive-is-credit' | 'positive-is-debit'

const typeByWord: Readonly<Record<string, AccountType>> = {
  CHECKING: 'checking',
  SAVINGS: 'savings',
  MONEYMARKET: 'savings',
  CD: 'savings',
  CREDITCARD: 'credit-card',
  CHARGE: 'credit-card',
  LINEOFCREDIT: 'line-of-credit',
  HOMELINEOFCREDIT: 'line-of-credit',
}
const typeByCategory: Readonly<Record<string, AccountType>> = {
  LOC_ACCOUNT: 'line-of-credit',
  LOAN_ACCOUNT: 'loan',
  BNPL_ACCOUNT: 'loan',
  INVESTMENT_ACCOUNT: 'investment',
  ANNUITY_ACCOUNT: 'investment',
}
const liabilities = new Set(['LOC_ACCOUNT', 'LOAN_ACCOUNT', 'BNPL_ACCOUNT'])

const word = <Value>(table: Readonly<Record<string, Value>>, name: string | null): Value | undefined =>
  name !== null && Object.hasOwn(table, name) ? table[name] : undefined

const sideOf = (account: FdxAccount): Account['side'] => {
  if (account.balanceType === 'ASSET') return 'asset'
  if (account.balanceType === 'LIABILITY') return 'liability'
  return liabilities.has(account.accountCategory ?? '') ? 'liability' : 'asset'
}

/** CLOSED and PAID are over; RESTRICTED and PENDINGOPEN cannot be used; a word we do not know is a bank that answers. */
const statusOf = (status: string | null): Account['status'] =>
  status === 'CLOSED' || status === 'PAID'
    ? 'closed'
    : status === 'RESTRICTED' || status === 'PENDINGOPEN'
      ? 'restricted'
      : 'open'

export function readAccount(item: unknown): FdxAccount | null {
  const read = accountShape.safeParse(unwrap(item))
  return read.success ? read.data : null
}

export const currencyOf = (account: FdxAccount, fallback: string | null): string | null =>
  account.currency?.currencyCode ?? fallback

/** An account (FDX §1.4); null when it has no id. `XXX` is ISO 4217 for "no currency told". */
export function mapAccount(
  account: FdxAccount,
  institution: InstitutionId,
  fallbackCurrency: string | null,
): Account | null {
  if (account.accountId === null) return null
  const display = lastFourOf(account.accountNumberDisplay)
  return {
    id: account.accountId,
    institution,
    type: word(typeByWord, account.accountType) ?? word(typeByCategory, account.accountCategory) ?? 'other',
    nickname: account.nickname ?? account.productName ?? account.description ?? account.displayName ?? '',
    lastFour: display === '' ? lastFourOf(account.accountNumber) : display,
    currency: currencyOf(account, fallbackCurrency) ?? 'XXX',
    status: statusOf(account.status),
    side: sideOf(account),
  }
}

/**
 * A balance; null when the bank gave no figure we can read exactly. `current` of a liability is what is owed (FDX sends
 * it positive), `available` of a credit line what may still be drawn.
 */
export function mapBalance(
  account: FdxAccount,
  fallbackCurrency: string | null,
  now: number,
): Balance | null {
  const { accountId, accountCategory } = account
  if (accountId === null) return null
  const currency = currencyOf(account, fallbackCurrency)
  const money = (decimal: string | null): Money | null => moneyOf(decimal, currency)
  const credit = accountCategory === 'LOC_ACCOUNT'
  const balance = {
    accountId,
    available: credit
      ? money(account.availableCredit ?? account.availableCash)
      : money(account.availableBalance ?? account.availableCashBalance),
    current: money(account.currentBalance ?? account.principalBalance ?? account.currentValue),
    creditLimit: money(account.creditLine),
    asOf: account.balanceAsOf ?? now,
  }
  return balance.available === null && balance.current === null ? null : balance
}

const debitTypes = new Set(['FEE', 'PURCHASE', 'POSDEBIT', 'ATMWITHDRAWAL', 'WITHDRAWAL', 'BILLPAYMENT'])
const creditTypes = new Set(['POSCREDIT', 'DEPOSIT', 'DIRECTDEPOSIT', 'ATMDEPOSIT'])

/** Reference §1.5, in this order; the rule that decided is kept with the transaction. */
export function directionOf(
  transaction: Pick<FdxTransaction, 'debitCreditMemo' | 'transactionType' | 'amount'>,
  accountCategory: string | null,
  convention: SignConvention | undefined,
): { readonly direction: Direction; readonly directionRule: string } {
  const { debitCreditMemo, transactionType, amount } = transaction
  if (debitCreditMemo === 'DEBIT') return { direction: 'debit', directionRule: 'debitCreditMemo' }
  if (debitCreditMemo === 'CREDIT') return { direction: 'credit', directionRule: 'debitCreditMemo' }
  if (transactionType !== null) {
    if (debitTypes.has(transactionType)) return { direction: 'debit', directionRule: 'transactionType' }
    if (creditTypes.has(transactionType)) return { direction: 'credit', directionRule: 'transactionType' }
    if (transactionType === 'PAYMENT' && accountCategory === 'LOC_ACCOUNT')
      return { direction: 'credit', directionRule: 'transactionType' }
  }
  if (convention !== undefined && amount !== null && /[1-9]/.test(amount)) {
    const isPositive = !amount.startsWith('-')
    const direction = isPositive === (convention === 'positive-is-credit') ? 'credit' : 'debit'
    return { direction, directionRule: `signConvention:${convention}` }
  }
  return { direction: 'unknown', directionRule: 'none' }
}

const statusOfTransaction = (transaction: FdxTransaction): 'pending' | 'posted' => {
  // MEMO completes at the end of the day, as status or as debitCreditMemo.
  if (transaction.debitCreditMemo === 'MEMO') return 'pending'
  if (transaction.status === 'POSTED') return 'posted'
  if (
    transaction.status === 'PENDING' ||
    transaction.status === 'MEMO' ||
    transaction.status === 'AUTHORIZATION'
  )
    return 'pending'
  // A status we do not know, or none: only posted rows have a posting time.
  return transaction.postedTimestamp === null ? 'pending' : 'posted'
}

/** `category` should be an MCC or an SIC, and `subCategory` says which. */
function mccOf(transaction: FdxTransaction): string | null {
  const isSic = /SIC/i.test(transaction.subCategory ?? '')
  const candidates = [
    transaction.merchantCategoryCode,
    transaction.transactionPayee?.merchantCategoryCode,
    isSic ? null : transaction.category,
  ]
  return candidates.find((candidate) => /^\d{4}$/.test(candidate ?? '')) ?? null
}

/**
 * A transaction (FDX §1.5) before pending and posted are joined; null when it has no amount we can read exactly or, once
 * posted, no date. A row without an id gets one made of its content, the same each time it is listed.
 */
export function mapTransaction(
  item: unknown,
  context: {
    readonly accountId: string
    readonly accountCategory: string | null
    readonly currency: string | null
    readonly signConvention: SignConvention | undefined
    readonly now: number
  },
): Mapped | null {
  const read = transactionShape.safeParse(unwrap(item))
  if (!read.success) return null
  const row = read.data
  const amount = moneyOf(row.amount, row.currency?.currencyCode ?? context.currency)
  if (amount === null) return null
  const status = statusOfTransaction(row)
  const told =
    status === 'posted' ? (row.postedTimestamp ?? row.transactionTimestamp) : row.transactionTimestamp
  if (told === null && status === 'posted') return null
  const at = told ?? context.now
  const merchant = row.transactionPayee?.merchantName ?? row.transactionPayee?.name ?? row.payee ?? null
  const description = row.description ?? row.memo ?? merchant ?? ''
  const made = ['fdx', context.accountId, status, row.amount, row.transactionType, told, description].join(
    '|',
  )
  return {
    transaction: {
      id: row.transactionId ?? `made_${hash('sha256', made, 'base64url').slice(0, 24)}`,
      accountId: context.accountId,
      status,
      ...directionOf(row, row.accountCategory ?? context.accountCategory, context.signConvention),
      amount: positive(amount),
      at,
      postedAt: status === 'posted' ? at : null,
      description,
      merchant,
      ...(row.description === null && row.memo !== null && merchant === null ? { free: true } : {}),
      mcc: mccOf(row),
      replaces: null,
    },
    authorisedAt: row.transactionTimestamp,
    reference: row.referenceTransactionId,
  }
}
