import { LRUCache } from 'lru-cache'
import type { Clock } from '../../core/clock.ts'
import { isRefusal, OutsideError, refuse } from '../../core/refusal.ts'
import type { Account, Balance, Bank, BankRefusal, InstitutionId, Page, TokenHolder } from '../bank.ts'
import { type BankCursor, type Cursor, nextCursor, readCursor } from '../cursor.ts'
import { isCalendarDate } from '../dates.ts'
import { parseExact } from '../exact-json.ts'
import type { Authorization } from '../oauth.ts'
import type { Resource } from '../resource.ts'
import { type Mapped, newestFirst, settle } from '../settle.ts'
import { wireId } from '../wire.ts'
import type { Consents } from './consent.ts'
import { mapAccount, mapBalance, mapTransaction, readBalance } from './map.ts'
import { reactTo } from './refused.ts'
import { answerShape, type UkAnswer, type UkBalance } from './shape.ts'

export type UkSettings = { readonly id: InstitutionId; readonly scopes: readonly string[] | undefined }

const defaultScopes = ['openid', 'accounts', 'offline_access']
const listPages = 20
const singleReads = 20
type Facts = Pick<Account, 'side' | 'currency'>

const isId = (text: string): boolean => wireId.safeParse(text).data === text
const accountPath = (accountId: string): string => `/accounts/${encodeURIComponent(accountId)}`

/**
 * `Links.Next` is followed, never built, and only inside the path that was asked: a link that leads anywhere else would
 * carry the customer's token there. Gives path and query below the resource URL.
 */
export function followable(next: string | null, base: URL, path: string): BankCursor | null | 'astray' {
  if (next === null) return null
  const prefix = base.pathname.replace(/\/+$/, '')
  const here = `${base.origin}${prefix}${path}`
  if (!URL.canParse(next, here)) return 'astray'
  const url = new URL(next, here)
  if (url.origin !== base.origin || url.username !== '' || url.pathname !== `${prefix}${path}`)
    return 'astray'
  return { kind: 'link', cursor: `${path}${url.search}` }
}

/** UK Open Banking Read/Write, account information v4.0 (v3.1 answers are understood): one bank, any number of customers. */
export function openUkOpenBanking(deps: {
  readonly settings: UkSettings
  readonly base: URL
  readonly authorization: Authorization
  readonly resource: Resource
  readonly consents: Consents
  readonly now: Clock
  readonly check: Bank['check']
}): Bank {
  const { settings, base, authorization, resource, consents, now } = deps
  const facts = new LRUCache<string, Facts>({ max: 50_000 })
  const factsKey = (holder: TokenHolder, accountId: string): string =>
    `${holder.current().dpopJwk.x} ${accountId}`
  /** GET /balances for all accounts is optional for banks; one that lacks it is not asked again. */
  let bulkBalances = true

  const read = async (
    holder: TokenHolder,
    target: string,
    about: 'account' | 'listing',
  ): Promise<{ readonly body: UkAnswer; readonly partial: boolean } | BankRefusal | 'not_implemented'> => {
    const at = target.indexOf('?')
    const path = at < 0 ? target : target.slice(0, at)
    const answer = await resource.ask(holder, { path, query: at < 0 ? '' : target.slice(at + 1) })
    if (isRefusal(answer)) return answer
    if (answer.status === 200 || answer.status === 206) {
      const parsed = answerShape.safeParse(parseExact(answer.body.toString('utf8')))
      if (!parsed.success || parsed.data.Data === null)
        throw new OutsideError('bank_answer_invalid', { retryable: true })
      return { body: parsed.data, partial: answer.status === 206 }
    }
    const reaction = reactTo(answer, about, now())
    if (reaction !== 'ask_consent') return reaction
    // 403 does not tell a missing permission from a consent that ended at the bank; the consent itself does.
    const { consentId } = holder.current()
    if (consentId === null) return refuse('not_permitted')
    const { state } = await consents.read(consentId, now())
    return state === 'dead' || state === 'awaiting' ? refuse('link_broken') : refuse('not_permitted')
  }

  /** Every page of a listing, as the bank's own links lead. */
  const readAll = async (holder: TokenHolder, path: string, about: 'account' | 'listing') => {
    const pages: UkAnswer[] = []
    let partial = false
    let here: Cursor | null = null
    for (let page = 0; page < listPages; page++) {
      const answer = await read(holder, here?.cursor ?? path, about)
      if (answer === 'not_implemented' || isRefusal(answer)) return answer
      pages.push(answer.body)
      partial ||= answer.partial
      const link = followable(answer.body.Links?.Next ?? null, base, path)
      const step = nextCursor(here, link === 'astray' ? null : link)
      if (link === 'astray' || step.looped) partial = true
      if (step.next === null) return { pages, partial }
      here = readCursor(step.next)
    }
    return { pages, partial: true }
  }

  const allAccounts = async (holder: TokenHolder) => {
    const answer = await readAll(holder, '/accounts', 'listing')
    if (answer === 'not_implemented') throw new OutsideError('bank_address_wrong', { retryable: false })
    if (isRefusal(answer)) return answer
    const items: Account[] = []
    let { partial } = answer
    for (const item of answer.pages.flatMap((page) => page.Data?.Account ?? [])) {
      const account = mapAccount(item, settings.id)
      if (!account) {
        partial = true
        continue
      }
      items.push(account)
      facts.set(factsKey(holder, account.id), { side: account.side, currency: account.currency })
    }
    return { items, partial }
  }

  /** Balance rows by account, in one read where the bank has it. */
  const balanceRows = async (holder: TokenHolder, accountIds: readonly string[]) => {
    const rows = new Map<string, UkBalance[]>()
    let partial = false
    const take = (pages: readonly UkAnswer[], asked: string | null): void => {
      for (const item of pages.flatMap((page) => page.Data?.Balance ?? [])) {
        const row = readBalance(item)
        const accountId = row?.AccountId ?? asked
        if (!row || accountId === null) partial = true
        else rows.set(accountId, [...(rows.get(accountId) ?? []), row])
      }
    }
    if (bulkBalances && accountIds.length !== 1) {
      const answer = await readAll(holder, '/balances', 'listing')
      if (answer !== 'not_implemented') {
        if (isRefusal(answer)) return answer
        take(answer.pages, null)
        return { rows, partial: partial || answer.partial }
      }
      bulkBalances = false
    }
    if (accountIds.length > singleReads) partial = true
    const answers = await Promise.all(
      accountIds.slice(0, singleReads).map(async (id) => ({
        id,
        answer: await readAll(holder, `${accountPath(id)}/balances`, 'account'),
      })),
    )
    for (const { id, answer } of answers) {
      if (answer === 'not_implemented') throw new OutsideError('bank_address_wrong', { retryable: false })
      if (isRefusal(answer)) {
        if (accountIds.length === 1 || answer.refused === 'link_broken') return answer
        partial = true
        continue
      }
      take(answer.pages, id)
      partial ||= answer.partial
    }
    return { rows, partial }
  }

  /** Balances of accounts whose list has been read. */
  const balancesOf = async (
    holder: TokenHolder,
    ids: readonly string[],
  ): Promise<Page<Balance> | BankRefusal> => {
    if (ids.length === 0) return { items: [], next: null, partial: false }
    const answer = await balanceRows(holder, ids)
    if (isRefusal(answer)) return answer
    const items = ids
      .map((id) => mapBalance(id, answer.rows.get(id) ?? [], facts.get(factsKey(holder, id)) ?? null, now()))
      .filter((balance): balance is Balance => balance !== null)
    return { items, next: null, partial: answer.partial || items.length < ids.length }
  }

  return {
    institution: settings.id,
    check: deps.check,

    begin: async (request) => {
      const link = request.purpose === 'link'
      const consentId = link ? await consents.create(request.days, request.lookbackDays, now()) : null
      const intent = { openbanking_intent_id: { value: consentId, essential: true } }
      return await authorization.push({
        purpose: request.purpose,
        redirectUri: request.redirectUri,
        scopes: link ? (settings.scopes ?? defaultScopes) : ['openid'],
        consentId,
        extra: {
          prompt: link ? 'consent' : 'login',
          ...(link ? { claims: JSON.stringify({ id_token: intent, userinfo: intent }) } : {}),
          ...(request.chatCode === undefined ? {} : { guichet_chat_code: request.chatCode }),
          ...(request.loginHint === undefined ? {} : { login_hint: request.loginHint }),
        },
      })
    },

    finish: async (pending, returned) => {
      const redeemed = await authorization.redeem(pending, returned)
      if (isRefusal(redeemed)) return redeemed
      const { subject, tokens, claims } = redeemed
      if (pending.purpose === 'session' || pending.consentId === null)
        return { subject, tokens: { ...tokens, consentId: null }, accountIds: null, expiresAt: null }
      // The customer must have authorised this consent and no other.
      const intent = claims.openbanking_intent_id
      if (intent !== undefined && intent !== pending.consentId) return refuse('mixed_up')
      const consent = await consents.read(pending.consentId, now())
      if (consent.state === 'dead') return refuse('denied')
      // Accounts are chosen at the bank, which does not say which (reference §2.1): the listing does.
      return { subject, tokens, accountIds: null, expiresAt: consent.expiresAt }
    },

    accounts: async (holder) => {
      const answer = await allAccounts(holder)
      return isRefusal(answer) ? answer : { ...answer, next: null }
    },

    balances: async (holder, accountIds) => {
      if (!accountIds.every(isId)) return refuse('account_gone')
      let ids = accountIds
      // Which side an account is on decides what its balance means: the bank's account list says so, read once.
      if (ids.length === 0 || ids.some((id) => !facts.has(factsKey(holder, id)))) {
        const accounts = await allAccounts(holder)
        if (isRefusal(accounts)) return accounts
        if (ids.length === 0) ids = accounts.items.map((account) => account.id)
      }
      return balancesOf(holder, ids)
    },

    statements: async (holder) => {
      const accounts = await allAccounts(holder)
      if (isRefusal(accounts)) return accounts
      const balances = await balancesOf(
        holder,
        accounts.items.map((account) => account.id),
      )
      return isRefusal(balances) ? balances : { accounts: { ...accounts, next: null }, balances }
    },

    transactions: async (holder, request) => {
      const { accountId, from, to } = request
      if (!isCalendarDate(from) || !isCalendarDate(to) || from > to) return refuse('bad_range')
      if (!isId(accountId)) return refuse('account_gone')
      const path = `${accountPath(accountId)}/transactions`
      const here = request.cursor === undefined ? null : readCursor(request.cursor)
      const inPlace = here?.kind === 'link' && (here.cursor === path || here.cursor.startsWith(`${path}?`))
      if (request.cursor !== undefined && !inPlace) return refuse('bad_range')
      // Dates in a query carry no zone; dates in a payload do.
      const query = new URLSearchParams({
        fromBookingDateTime: `${from}T00:00:00`,
        toBookingDateTime: `${to}T23:59:59`,
      })
      const answer = await read(holder, here?.cursor ?? `${path}?${query.toString()}`, 'account')
      if (answer === 'not_implemented') throw new OutsideError('bank_address_wrong', { retryable: false })
      if (isRefusal(answer)) return answer
      const rows = answer.body.Data?.Transaction ?? []
      const readRows = rows.map((item) => mapTransaction(item, accountId))
      const mapped = readRows.filter((row): row is Mapped => row !== null && row !== 'not_money')
      const link = followable(answer.body.Links?.Next ?? null, base, path)
      const step = nextCursor(here, link === 'astray' ? null : link)
      return {
        items: newestFirst(settle(mapped)),
        next: step.next,
        partial: answer.partial || link === 'astray' || step.looped || readRows.includes(null),
      }
    },

    revoke: async (holder) => {
      const tokens = holder.current()
      if (tokens.consentId !== null) await consents.remove(tokens.consentId, now())
      await authorization.revokeTokens(tokens)
    },
  }
}
