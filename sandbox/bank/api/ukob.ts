import { z } from 'zod'
import type { Account, Bank } from '../bank.ts'
import type { Consent, Permission } from '../consent.ts'
import { permissions } from '../consent.ts'
import { historyDays } from '../ledger/ledger.ts'
import type { Access } from './access.ts'
import type { Answer, Ask } from './answer.ts'
import { fail, ok } from './answer.ts'
import { addressOf } from './contact.ts'
import type { CustomerAccess } from './ukob-shape.ts'
import {
  accountShape,
  balancesOf,
  consentShape,
  has,
  side,
  time,
  transactionShape,
  ukBase,
} from './ukob-shape.ts'

/** Dates in a payload must carry a time zone (read-write profile, date formats). */
const zoned = z.iso.datetime({ offset: true })
const consentRequest = z.object({
  Data: z.object({
    Permissions: z.array(z.enum(permissions)).min(1),
    ExpirationDateTime: zoned.optional(),
    TransactionFromDateTime: zoned.optional(),
    TransactionToDateTime: zoned.optional(),
  }),
  Risk: z.looseObject({}),
})

/** The rules on which permissions go together (account and transaction profile, permissions). */
function permissionFault(asked: readonly Permission[]): string | null {
  const holds = (...names: Permission[]) => names.some((name) => asked.includes(name))
  if (!holds('ReadAccountsBasic', 'ReadAccountsDetail'))
    return 'ReadAccountsBasic or ReadAccountsDetail is needed'
  const kinds = holds('ReadTransactionsBasic', 'ReadTransactionsDetail')
  const sides = holds('ReadTransactionsCredits', 'ReadTransactionsDebits')
  if (kinds !== sides)
    return 'ReadTransactionsBasic or Detail go together with ReadTransactionsCredits or Debits'
  return null
}

async function createConsent(bank: Bank, ask: Ask, access: Access, clientName: string): Promise<Answer> {
  const request = consentRequest.safeParse(ask.body)
  if (!request.success) return fail('bad_request', request.error.issues[0]?.path.join('.') ?? 'body')
  const { Data: data } = request.data
  const wrong = permissionFault(data.Permissions)
  if (wrong !== null) return fail('bad_request', wrong)
  const expiresAt = data.ExpirationDateTime === undefined ? null : Date.parse(data.ExpirationDateTime)
  if (expiresAt !== null && expiresAt <= bank.clock()) return fail('bad_dates', 'ExpirationDateTime')
  const consent = await bank.consents.create({
    clientId: access.token.clientId,
    clientName,
    expiresAt,
    fdx: null,
    uk: {
      permissions: [...new Set(data.Permissions)],
      expirationDateTime: data.ExpirationDateTime ?? null,
      transactionFrom: data.TransactionFromDateTime ?? null,
      transactionTo: data.TransactionToDateTime ?? null,
    },
  })
  return { status: 201, json: consentShape(bank, consent, ask.origin) }
}

/** Query dates carry no zone and are read as UTC; one that comes is ignored (parameter description). */
function queryTime(text: string | null): number | null | 'wrong' {
  if (text === null) return null
  const match = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2})(?:\.\d+)?)?(?:Z|[+ -]\d{2}:?\d{2})?$/.exec(text)
  const at = match ? Date.parse(`${match[1]}T${match[2] ?? '00:00:00'}Z`) : Number.NaN
  return Number.isNaN(at) ? 'wrong' : at
}

const pageSize = 100

function transactions(bank: Bank, ask: Ask, access: CustomerAccess, accounts: readonly Account[]): Answer {
  if (!has(access, 'ReadTransactionsBasic', 'ReadTransactionsDetail'))
    return fail('not_permitted', 'needs a transaction permission')
  const { uk } = access.consent
  const from = queryTime(ask.query.get('fromBookingDateTime'))
  const to = queryTime(ask.query.get('toBookingDateTime'))
  const page = Number(ask.query.get('page') ?? '1')
  if (from === 'wrong' || to === 'wrong' || !Number.isInteger(page) || page < 1)
    return fail(Number.isInteger(page) && page >= 1 ? 'bad_dates' : 'bad_request')
  const oldest = bank.clock() - historyDays * 86_400_000
  const lowest = Math.max(from ?? oldest, uk?.transactionFrom ? Date.parse(uk.transactionFrom) : oldest)
  const highest = Math.min(
    to ?? Number.POSITIVE_INFINITY,
    uk?.transactionTo ? Date.parse(uk.transactionTo) : Number.POSITIVE_INFINITY,
  )
  const [credits, debits] = [has(access, 'ReadTransactionsCredits'), has(access, 'ReadTransactionsDebits')]
  const rows = accounts.flatMap((account) =>
    account.customer.ledger
      .rows(account.holding.id)
      .filter(
        (row) =>
          row.at >= lowest &&
          row.at <= highest &&
          (side(row.entry.amountMinor) === 'Credit' ? credits : debits),
      )
      .map((row) => ({ account, row })),
  )
  const pages = Math.max(1, Math.ceil(rows.length / pageSize))
  if (page > pages) return fail('bad_request', 'page')
  const link = (number: number): string => {
    const query = new URLSearchParams(ask.query)
    query.set('page', String(number))
    return `${ask.origin}${ask.path}?${query.toString()}`
  }
  return ok({
    Data: {
      Transaction: rows
        .slice((page - 1) * pageSize, page * pageSize)
        .map(({ account, row }) => transactionShape(bank, access, account, row)),
    },
    Links: {
      Self: link(page),
      First: link(1),
      ...(page > 1 ? { Prev: link(page - 1) } : {}),
      ...(page < pages ? { Next: link(page + 1) } : {}),
      Last: link(pages),
    },
    Meta: {
      TotalPages: pages,
      FirstAvailableDateTime: time(oldest),
      LastAvailableDateTime: time(bank.clock()),
    },
  })
}

const whole = (ask: Ask, data: Record<string, unknown>): Answer =>
  ok({ Data: data, Links: { Self: `${ask.origin}${ask.path}` }, Meta: { TotalPages: 1 } })

/** Answers one UK Open Banking v4 account-information request. */
export function answerUk(
  bank: Bank,
  ask: Ask,
  clientName: (clientId: string) => string,
  end: (consent: Consent) => Promise<void>,
): Answer | Promise<Answer> {
  const { access } = ask
  if (!access) return fail('unauthenticated')
  const parts = ask.path.slice(ukBase.length + 1).split('/')
  const [room, id, leaf] = parts
  if (parts.length > 3) return fail('no_such_endpoint')
  if (!access.token.scopes.has('accounts')) return fail('not_permitted', 'needs the scope accounts')

  if (room === 'account-access-consents' && leaf === undefined) {
    // Only with the client's own token (client credentials), never the customer's.
    if (access.as !== 'client') return fail('not_permitted', 'a client-credentials token is needed')
    if (id === undefined)
      return ask.method === 'POST'
        ? createConsent(bank, ask, access, clientName(access.token.clientId))
        : fail('wrong_method')
    const consent = bank.consents.find(id)
    if (!consent?.uk || consent.clientId !== access.token.clientId) return fail('consent_not_found')
    if (ask.method === 'GET') return ok(consentShape(bank, consent, ask.origin))
    if (ask.method !== 'DELETE') return fail('wrong_method')
    return (async (): Promise<Answer> => {
      const revocation = { reason: 'USER_ACTION', initiator: 'DATA_RECIPIENT' } as const
      await bank.consents.change(consent.id, { standing: 'revoked', revocation })
      await end(consent)
      return { status: 204 }
    })()
  }

  const known =
    (id === undefined && ['accounts', 'balances', 'transactions', 'party'].includes(room ?? '')) ||
    (room === 'accounts' && (leaf === undefined || ['balances', 'transactions', 'party'].includes(leaf)))
  if (!known) return fail('no_such_endpoint')
  if (ask.method !== 'GET') return fail('wrong_method')
  if (access.as === 'client') return fail('not_permitted', 'a customer’s token is needed')

  const chosen = access.consent.accountIds
    .map((accountId) => bank.account(accountId))
    .filter((account) => account !== undefined)
  let accounts = chosen
  if (id !== undefined) {
    accounts = chosen.filter((account) => account.holding.id === id)
    // 400, not 404: a 404 would say that the endpoint is not implemented (status codes, 400 v/s 404).
    if (accounts.length === 0) return fail('account_not_found')
  }
  const what = leaf ?? room
  if (what === 'accounts') {
    if (!has(access, 'ReadAccountsBasic', 'ReadAccountsDetail')) return fail('not_permitted')
    return whole(ask, { Account: accounts.map((account) => accountShape(bank, access, account)) })
  }
  if (what === 'balances') {
    if (!has(access, 'ReadBalances')) return fail('not_permitted', 'needs ReadBalances')
    return whole(ask, { Balance: accounts.flatMap((account) => balancesOf(bank, account)) })
  }
  if (what === 'transactions') return transactions(bank, ask, access, accounts)
  if (!has(access, id === undefined ? 'ReadPartyPSU' : 'ReadParty')) return fail('not_permitted')
  const { person, subject } = access.customer
  return whole(ask, {
    Party: {
      PartyId: subject,
      PartyType: 'Sole',
      Name: person.name,
      FullLegalName: person.name,
      EmailAddress: addressOf(person, bank.institution).emails[0],
    },
  })
}
