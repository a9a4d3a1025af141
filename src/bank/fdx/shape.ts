import { z } from 'zod'
import {
  wireCurrency,
  wireDecimal,
  wireId,
  wireInstant,
  wireList,
  wireObject,
  wireRaw,
  wireText,
  wireWord,
} from '../wire.ts'

/** What we read of FDX 6.x (and what older banks still send). Everything else, holders' names included, is not looked at. */
export const accountShape = z.object({
  accountCategory: wireWord,
  accountId: wireId,
  accountType: wireWord,
  status: wireWord,
  balanceType: wireWord,
  currency: wireObject({ currencyCode: wireCurrency }),
  nickname: wireText(60),
  productName: wireText(60),
  displayName: wireText(60),
  description: wireText(60),
  accountNumberDisplay: wireRaw,
  /** Deprecated, and the reason for `lastFourOf`: read for its last four digits, never kept. */
  accountNumber: wireRaw,
  balanceAsOf: wireInstant,
  currentBalance: wireDecimal,
  availableBalance: wireDecimal,
  principalBalance: wireDecimal,
  availableCredit: wireDecimal,
  availableCash: wireDecimal,
  availableCashBalance: wireDecimal,
  currentValue: wireDecimal,
  creditLine: wireDecimal,
})
export type FdxAccount = z.infer<typeof accountShape>

const payeeShape = { merchantName: wireText(80), name: wireText(80), merchantCategoryCode: wireWord }
export const transactionShape = z.object({
  accountCategory: wireWord,
  accountId: wireId,
  transactionId: wireId,
  referenceTransactionId: wireId,
  status: wireWord,
  debitCreditMemo: wireWord,
  transactionType: wireWord,
  amount: wireDecimal,
  currency: wireObject({ currencyCode: wireCurrency }),
  postedTimestamp: wireInstant,
  transactionTimestamp: wireInstant,
  description: wireText(140),
  memo: wireText(140),
  category: wireWord,
  subCategory: wireWord,
  merchantCategoryCode: wireWord,
  transactionPayee: wireObject(payeeShape),
  /** Deprecated in 6.3 in favour of transactionPayee. */
  payee: wireText(80),
})
export type FdxTransaction = z.infer<typeof transactionShape>

export const listShape = z.object({
  page: wireObject({ nextPageKey: wireRaw, nextOffset: wireRaw }),
  links: wireObject({ next: wireObject({ href: wireRaw }) }),
  accounts: wireList(1_000),
  transactions: wireList(2_000),
})
export type FdxList = z.infer<typeof listShape>

export const errorShape = z.object({ code: wireWord })

/** Before 6.x an entity came inside a key that told its kind. */
const wrappers: Readonly<Record<string, string>> = {
  depositAccount: 'DEPOSIT_ACCOUNT',
  locAccount: 'LOC_ACCOUNT',
  loanAccount: 'LOAN_ACCOUNT',
  investmentAccount: 'INVESTMENT_ACCOUNT',
  insuranceAccount: 'INSURANCE_ACCOUNT',
  annuityAccount: 'ANNUITY_ACCOUNT',
  commercialAccount: 'COMMERCIAL_ACCOUNT',
  digitalWallet: 'DIGITAL_WALLET',
  bnplAccount: 'BNPL_ACCOUNT',
  depositTransaction: 'DEPOSIT_ACCOUNT',
  locTransaction: 'LOC_ACCOUNT',
  loanTransaction: 'LOAN_ACCOUNT',
  investmentTransaction: 'INVESTMENT_ACCOUNT',
  insuranceTransaction: 'INSURANCE_ACCOUNT',
  commercialTransaction: 'COMMERCIAL_ACCOUNT',
  digitalWalletTransaction: 'DIGITAL_WALLET',
}

/** The entity itself, with its category, whichever way it came. */
export function unwrap(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return null
  const keys = Object.keys(item)
  const [key] = keys
  if (keys.length !== 1 || key === undefined || !Object.hasOwn(wrappers, key)) return item
  const inner = (item as Record<string, unknown>)[key]
  return typeof inner === 'object' && inner !== null ? { accountCategory: wrappers[key], ...inner } : null
}
