import { z } from 'zod'
import {
  wireCurrency,
  wireDecimal,
  wireFlag,
  wireId,
  wireInstant,
  wireList,
  wireObject,
  wireRaw,
  wireText,
  wireWord,
} from '../wire.ts'

/** What we read of UK Open Banking Read/Write account information: v4.0, and v3.1 where the words differ. */
const amount = wireObject({ Amount: wireDecimal, Currency: wireCurrency })

export const accountShape = z.object({
  AccountId: wireId,
  Status: wireWord,
  Currency: wireCurrency,
  AccountTypeCode: wireWord,
  AccountSubType: wireWord,
  Description: wireText(60),
  Nickname: wireText(60),
  Account: wireList(20),
})
export const identificationShape = z.object({ SchemeName: wireWord, Identification: wireRaw })

export const balanceShape = z.object({
  AccountId: wireId,
  CreditDebitIndicator: wireWord,
  Type: wireWord,
  DateTime: wireInstant,
  Amount: amount,
  CreditLine: wireList(20),
})
export type UkBalance = z.infer<typeof balanceShape>
export const creditLineShape = z.object({ Included: wireFlag, Type: wireWord, Amount: amount })

export const transactionShape = z.object({
  AccountId: wireId,
  TransactionId: wireId,
  TransactionReference: wireText(140),
  CreditDebitIndicator: wireWord,
  Status: wireWord,
  BookingDateTime: wireInstant,
  ValueDateTime: wireInstant,
  TransactionInformation: wireText(140),
  Amount: amount,
  MerchantDetails: wireObject({ MerchantName: wireText(80), MerchantCategoryCode: wireWord }),
})

export const answerShape = z.object({
  Data: wireObject({
    Account: wireList(1_000),
    Balance: wireList(5_000),
    Transaction: wireList(5_000),
  }),
  Links: wireObject({ Next: wireLink() }),
})
export type UkAnswer = z.infer<typeof answerShape>

export const consentShape = z.object({
  Data: wireObject({ ConsentId: wireId, Status: wireWord, ExpirationDateTime: wireInstant }),
})

export const errorShape = z.object({ Errors: wireList(20) })
export const errorItemShape = z.object({ ErrorCode: wireWord, Path: wireRaw })

function wireLink() {
  return z
    .unknown()
    .optional()
    .transform((value) => (typeof value === 'string' && value !== '' && value.length <= 2_000 ? value : null))
}
