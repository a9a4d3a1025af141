import { LRUCache } from 'lru-cache'
import type { Clock } from '../../core/clock.ts'
import { isRefusal, OutsideError, refuse } from '../../core/refusal.ts'
import type { Account, Balance, Bank, BankRefusal, InstitutionId, Page, TokenHolder } from '../bank.ts'
import { type Cursor, nextCursor, readCursor } from '../cursor.ts'
import { isCalendarDate } from '../dates.ts'
import { parseExact } from '../exact-json.ts'
import type { Authorization } from '../oauth.ts'
import type { Resource, ResourceAsk } from '../resource.ts'
import { newestFirst, settle, type Mapped } from '../settle.ts'
import type { Answer } from '../transport.ts'
import { wireId } from '../wire.ts'
import { requestedDetails } from './consent.ts'
import { authorizedOf } from './grant.ts'
import {
  currencyOf,
  mapAccount,
  mapBalance,
  mapTransaction,
  readAccount,
  type SignConvention,
} from './map.ts'
import { cursorOf } from './page.ts'
import { reactTo } from './refused.ts'
import { type FdxAccount, listShape } from './shape.ts'

export type FdxSettings = {
  readonly id: InstitutionId
  readonly scopes: readonly string[] | undefined
  readonly signConvention: SignConvention | undefined
  /** Used where the bank leaves out an account's currency. */
  readonly currency: string | undefined
}

/** FDX §1.9: least privilege, one scope for each cluster that is asked for. */
const defaultScopes = [
  'openid',
  'offline_access',
  'fdx:accountbasic:read',
  'fdx:balances:read',
  'fdx:transactions:read',
]
/** Listing all accounts takes more than so many pages only at a bank that loops. */
const accountPages = 20
/** Accounts read one by one when the list came without figures. */
const singleReads = 20

/** What a transaction needs to know of its account: no field of it says currency or kind. */
type Facts = { readonly currency: string | null; readonly category: string | null }

const isId = (text: string): boolean => wireId.safeParse(text).data === text

/** FDX API v6 (5.x answers are understood): one bank, any number of customers. */
export function openFdx(deps: {
  readonly settings: FdxSettings
  readonly authorization: Authorization
  readonly resource: Resource
  readonly now: Clock
  readonly check: Bank['check']
}): Bank {
  const { settings, authorization, resource, now } = deps
  const facts = new LRUCache<string, Facts>({ max: 50_000 })
  const fallback = settings.currency ?? null
  const factsKey = (holder: TokenHolder, accountId: string): string =>
    `${holder.current().dpopJwk.x} ${accountId}`

  const read = async (
    holder: TokenHolder,
    ask: ResourceAsk,
    about: 'account' | 'listing',
  ): Promise<{ readonly body: unknown; readonly partial: boolean } | BankRefusal> => {
    const actor = holder.present === false ? 'BATCH' : 'USER'
    const answer = await resource.ask(holder, {
      ...ask,
      headers: { 'FDX-API-Actor-Type': actor, ...ask.headers },
    })
    if (isRefusal(answer)) return answer
    if (answer.status === 204) return { body: {}, partial: false }
    if (answer.status === 200 || answer.status === 206)
      return { body: bodyOf(answer), partial: answer.status === 206 }
    const reaction = reactTo(answer, about, now())
    return reaction === 'none' ? { body: {}, partial: false } : reaction
  }

  const list = async (holder: TokenHolder, ask: ResourceAsk, about: 'account' | 'listing') => {
    const answer = await read(holder, ask, about)
    if (isRefusal(answer)) return answer
    const parsed = listShape.safeParse(answer.body)
    if (!parsed.success) throw new OutsideError('bank_answer_invalid', { retryable: true })
    return { list: parsed.data, partial: answer.partial }
  }

  /** Every page of GET /accounts. What cannot be read makes the answer partial, never shorter in silence. */
  const allAccounts = async (holder: TokenHolder, query: Readonly<Record<string, string>>) => {
    const accounts: FdxAccount[] = []
    let partial = false
    let here: Cursor | null = null
    for (let page = 0; page < accountPages; page++) {
      const asked = new URLSearchParams({ ...query, limit: '100' })
      if (here) asked.set(here.kind === 'key' ? 'pageKey' : 'offset', here.cursor)
      const answer = await list(holder, { path: '/accounts', query: asked }, 'listing')
      if (isRefusal(answer)) return answer
      partial ||= answer.partial
      for (const item of answer.list.accounts ?? []) {
        const account = readAccount(item)
        if (!account || account.accountId === null) {
          partial = true
          continue
        }
        accounts.push(account)
        facts.set(factsKey(holder, account.accountId), {
          currency: currencyOf(account, fallback),
          category: account.accountCategory,
        })
      }
      const step = nextCursor(here, cursorOf(answer.list))
      if (step.looped) partial = true
      if (step.next === null) return { accounts, partial }
      here = readCursor(step.next)
    }
    return { accounts, partial: true }
  }

  const factsOf = async (holder: TokenHolder, accountId: string): Promise<Facts | BankRefusal> => {
    const known = facts.get(factsKey(holder, accountId))
    if (known) return known
    const answer = await allAccounts(holder, { resultType: 'lightweight' })
    if (isRefusal(answer)) return answer
    return facts.get(factsKey(holder, accountId)) ?? { currency: fallback, category: null }
  }

  type Listed = { readonly accounts: readonly FdxAccount[]; readonly partial: boolean }

  const accountsOf = (answer: Listed): Page<Account> => ({
    items: answer.accounts
      .map((account) => mapAccount(account, settings.id, fallback))
      .filter((account): account is Account => account !== null),
    next: null,
    partial: answer.partial,
  })

  /** Balances of a listing in `details`; accounts listed without figures are read one by one. Empty `wanted` = all. */
  const balancesOf = async (
    holder: TokenHolder,
    answer: Listed,
    wanted: ReadonlySet<string>,
  ): Promise<Page<Balance> | BankRefusal> => {
    // A bank may ignore the filter: what was not asked for is dropped here.
    const listed = answer.accounts.filter(
      (account) => wanted.size === 0 || wanted.has(account.accountId ?? ''),
    )
    let partial = answer.partial || listed.length < wanted.size
    if (listed.length === 0 && wanted.size > 0 && !answer.partial) return refuse('account_gone')
    const at = now()
    const items: Balance[] = []
    const bare: string[] = []
    for (const account of listed) {
      const balance = mapBalance(account, fallback, at)
      if (balance) items.push(balance)
      else if (account.accountId !== null) bare.push(account.accountId)
    }
    if (bare.length > singleReads) partial = true
    const singles = await Promise.all(
      bare
        .slice(0, singleReads)
        .map((id) => read(holder, { path: `/accounts/${encodeURIComponent(id)}` }, 'account')),
    )
    for (const single of singles) {
      // One account that cannot be read costs that account, not the others (FDX 701-706).
      const account = isRefusal(single) ? null : readAccount(single.body)
      const balance = account && mapBalance(account, fallback, at)
      if (balance && (wanted.size === 0 || wanted.has(balance.accountId))) items.push(balance)
      else partial = true
      if (!isRefusal(single)) partial ||= single.partial
    }
    return { items, next: null, partial }
  }

  return {
    institution: settings.id,
    check: deps.check,

    begin: async (request) => {
      const scopes = settings.scopes ?? defaultScopes
      const link = request.purpose === 'link'
      return await authorization.push({
        purpose: request.purpose,
        redirectUri: request.redirectUri,
        scopes: link ? scopes : ['openid'],
        consentId: null,
        extra: {
          // Linking shows the bank's consent page; a session proves that the customer is there now.
          prompt: link ? 'consent' : 'login',
          ...(link
            ? { authorization_details: JSON.stringify(requestedDetails(request.days, request.lookbackDays)) }
            : {}),
          ...(request.chatCode === undefined ? {} : { guichet_chat_code: request.chatCode }),
          ...(request.loginHint === undefined ? {} : { login_hint: request.loginHint }),
        },
      })
    },

    finish: async (pending, returned) => {
      const redeemed = await authorization.redeem(pending, returned)
      if (isRefusal(redeemed)) return redeemed
      if (pending.purpose === 'session')
        return { subject: redeemed.subject, tokens: redeemed.tokens, accountIds: null, expiresAt: null }
      return await authorizedOf(
        redeemed,
        (holder, consentId) =>
          read(holder, { path: `/consents/${encodeURIComponent(consentId)}` }, 'listing'),
        now(),
      )
    },

    accounts: async (holder) => {
      const answer = await allAccounts(holder, { resultType: 'lightweight' })
      return isRefusal(answer) ? answer : accountsOf(answer)
    },

    balances: async (holder, accountIds): Promise<Page<Balance> | BankRefusal> => {
      if (!accountIds.every(isId)) return refuse('account_gone')
      const wanted = new Set(accountIds)
      const query: Record<string, string> = { resultType: 'details' }
      if (wanted.size > 0 && wanted.size <= 50) query.accountIds = [...wanted].join(',')
      const answer = await allAccounts(holder, query)
      return isRefusal(answer) ? answer : balancesOf(holder, answer, wanted)
    },

    statements: async (holder) => {
      const answer = await allAccounts(holder, { resultType: 'details' })
      if (isRefusal(answer)) return answer
      const balances = await balancesOf(holder, answer, new Set())
      return isRefusal(balances) ? balances : { accounts: accountsOf(answer), balances }
    },

    transactions: async (holder, request) => {
      const { accountId, from, to } = request
      if (!isCalendarDate(from) || !isCalendarDate(to) || from > to) return refuse('bad_range')
      if (!isId(accountId)) return refuse('account_gone')
      const here = request.cursor === undefined ? null : readCursor(request.cursor)
      if (request.cursor !== undefined && (here === null || here.kind === 'link')) return refuse('bad_range')
      const account = await factsOf(holder, accountId)
      if (isRefusal(account)) return account
      const query = new URLSearchParams({
        startDate: from,
        endDate: to,
        limit: String(Math.min(Math.max(Math.trunc(request.limit ?? 100), 1), 250)),
      })
      if (here) query.set(here.kind === 'key' ? 'pageKey' : 'offset', here.cursor)
      const path = `/accounts/${encodeURIComponent(accountId)}/transactions`
      const answer = await list(holder, { path, query }, 'account')
      if (isRefusal(answer)) return answer
      const rows = answer.list.transactions ?? []
      const mapped = rows
        .map((item) =>
          mapTransaction(item, {
            accountId,
            accountCategory: account.category,
            currency: account.currency,
            signConvention: settings.signConvention,
            now: now(),
          }),
        )
        .filter((row): row is Mapped => row !== null)
      const step = nextCursor(here, cursorOf(answer.list))
      return {
        items: newestFirst(settle(mapped)),
        next: step.next,
        partial: answer.partial || step.looped || mapped.length < rows.length,
      }
    },

    revoke: async (holder) => {
      const { consentId } = holder.current()
      if (consentId !== null) {
        const answer = await resource.ask(holder, {
          method: 'PUT',
          path: `/consents/${encodeURIComponent(consentId)}/revocation`,
          json: { reason: 'USER_ACTION', initiator: 'INDIVIDUAL' },
        })
        // 404 and 409: gone or already revoked. A broken link has no consent left to give back.
        if (!isRefusal(answer) && answer.status >= 300 && ![404, 409, 410].includes(answer.status)) {
          const reaction = reactTo(answer, 'listing', now())
          if (reaction !== 'none' && reaction.refused !== 'link_broken')
            throw new OutsideError('bank_revocation_refused', { retryable: false })
        }
      }
      await authorization.revokeTokens(holder.current())
    },
  }
}

const bodyOf = (answer: Answer): unknown => parseExact(answer.body.toString('utf8'))
