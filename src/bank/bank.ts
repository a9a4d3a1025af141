import type { Money } from '../core/money.ts'
import type { Refusal } from '../core/refusal.ts'

/** An institution's key in our settings: `harbor`, `granite`. Lower case, digits and hyphens, at most 32 characters. */
export type InstitutionId = string

export type AccountType =
  | 'checking'
  | 'savings'
  | 'credit-card'
  | 'line-of-credit'
  | 'loan'
  | 'investment'
  | 'other'

export type Account = {
  readonly id: string
  readonly institution: InstitutionId
  readonly type: AccountType
  /** The customer's own name for it where the bank has one, else the product's name. */
  readonly nickname: string
  readonly lastFour: string
  readonly currency: string
  readonly status: 'open' | 'closed' | 'restricted'
  /** Asset or liability: decides what a balance means. */
  readonly side: 'asset' | 'liability'
}

export type Balance = {
  readonly accountId: string
  /** What can be spent now (pending included); null when the bank does not say. */
  readonly available: Money | null
  /** Posted only. For a liability: what is owed. */
  readonly current: Money | null
  readonly creditLimit: Money | null
  /** Epoch ms of the bank's figure. */
  readonly asOf: number
}

export type Direction = 'debit' | 'credit' | 'unknown'

export type Transaction = {
  readonly id: string
  readonly accountId: string
  readonly status: 'pending' | 'posted'
  readonly direction: Direction
  /** Which rule decided the direction; kept so that a wrong sign can be explained (FDX banks differ). */
  readonly directionRule: string
  /** Magnitude, never negative. */
  readonly amount: Money
  /** Epoch ms: posted time, or when it was authorised while pending. */
  readonly at: number
  readonly postedAt: number | null
  /** Outside text: data, never markup. */
  readonly description: string
  readonly merchant: string | null
  /** The description is what people wrote to each other (a payee's name, a reference), not a shop's line of a card payment. */
  readonly free?: true
  /** ISO 18245 merchant category code, four digits. */
  readonly mcc: string | null
  /** The pending transaction that this one settles, when the bank or our matching knows. */
  readonly replaces: string | null
  /** The pending transaction that this one *may* settle: several fit, so both are kept. Say so, and sum only one. */
  readonly mayReplace?: string
}

/** One page of a listing. `partial`: the bank answered 206 — some accounts or fields are missing; say "incomplete", never "none". */
export type Page<Item> = {
  readonly items: readonly Item[]
  readonly next: string | null
  readonly partial: boolean
}

/** Accounts and their balances as read together. */
export type Statements = { readonly accounts: Page<Account>; readonly balances: Page<Balance> }

/** Why a bank did not answer with data. Outside trouble (time-out, 5xx, 429) is thrown as OutsideError instead. */
export type BankRefusal = Refusal<'link_broken' | 'not_permitted' | 'account_gone' | 'bad_range'>

/** The tokens of one customer at one bank, and the DPoP key they are bound to. Sealed under the customer's key at rest. */
export type BankTokens = {
  readonly accessToken: string
  readonly refreshToken: string | null
  /** Epoch ms. */
  readonly expiresAt: number
  /** Private JWK (ES256) that the tokens are bound to (RFC 9449). */
  readonly dpopJwk: JsonWebKey
  /** The bank's consent id (FDX `fdxConsentId`, UK ConsentId). */
  readonly consentId: string | null
}

/**
 * Where a connection keeps its tokens. `save` is called before a refreshed token is used, so that a crash loses nothing.
 */
export type TokenHolder = {
  current(): BankTokens
  save(tokens: BankTokens): Promise<void>
  /** Is the customer waiting for the answer (the default), or are we polling? Told to the bank (`FDX-API-Actor-Type`). */
  readonly present?: boolean
}

/** A login under way at the bank: kept by us between the redirect out and the redirect back. JSON-serialisable. */
export type PendingAuthorization = {
  readonly institution: InstitutionId
  readonly state: string
  readonly codeVerifier: string
  readonly dpopJwk: JsonWebKey
  readonly nonce: string | null
  readonly purpose: 'link' | 'session'
  readonly consentId: string | null
  /** Where the bank was told to send the browser; the code is redeemed with exactly this. */
  readonly redirectUri: string
}

export type Authorized = {
  /** The bank's stable identifier of the customer (`sub`). */
  readonly subject: string
  readonly tokens: BankTokens
  /** Accounts that the customer chose at the bank (granted authorization_details), null = the bank did not narrow. */
  readonly accountIds: readonly string[] | null
  /** Epoch ms when the bank's own consent ends, if it said. */
  readonly expiresAt: number | null
}

/** A bank, as the rest of the house sees it: FDX v6 or UK Open Banking behind it. */
export interface Bank {
  readonly institution: InstitutionId
  /**
   * Starts a login at the bank: pushed authorization request (RFC 9126) with PKCE, DPoP and rich authorization details.
   * `link` asks for accounts; `session` asks only who the customer is.
   */
  begin(request: {
    readonly purpose: 'link' | 'session'
    readonly redirectUri: string
    readonly days: number
    readonly lookbackDays: number
    /** Shown by the bank on its login page, to be compared with the chat: sent inside the pushed request only. */
    readonly chatCode?: string
    /** Who we expect (OIDC `login_hint`). */
    readonly loginHint?: string
  }): Promise<{ readonly url: string; readonly pending: PendingAuthorization }>
  /** Ends it: checks `iss` and `state`, redeems the code. `returned` is the full URL the browser came back on. */
  finish(
    pending: PendingAuthorization,
    returned: URL,
  ): Promise<Authorized | Refusal<'denied' | 'mixed_up' | 'expired'>>
  accounts(tokens: TokenHolder): Promise<Page<Account> | BankRefusal>
  /** Balances of these accounts (all the grant covers when empty), in one read where the bank allows it. */
  balances(tokens: TokenHolder, accountIds: readonly string[]): Promise<Page<Balance> | BankRefusal>
  /** Accounts with their balances: one read where the bank's API has both in one answer (FDX `details`). */
  statements(tokens: TokenHolder): Promise<Statements | BankRefusal>
  /** Newest first. `from` and `to` are calendar dates YYYY-MM-DD, inclusive, in the account's zone. */
  transactions(
    tokens: TokenHolder,
    request: {
      readonly accountId: string
      readonly from: string
      readonly to: string
      readonly cursor?: string
      readonly limit?: number
    },
  ): Promise<Page<Transaction> | BankRefusal>
  /** Gives the consent and tokens back to the bank. Idempotent; throws OutsideError when the bank could not be reached. */
  revoke(tokens: TokenHolder): Promise<void>
  /** Is the bank there, does it know us, are its metadata what FAPI 2.0 asks? For `guichet bank check`. */
  check(): Promise<{
    readonly ok: boolean
    readonly findings: readonly { readonly level: 'ok' | 'warn' | 'fail'; readonly say: string }[]
  }>
}
