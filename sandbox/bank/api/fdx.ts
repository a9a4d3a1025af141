import { z } from 'zod'
import { dayMs } from '../../../src/core/clock.ts'
import type { Account, Bank } from '../bank.ts'
import type { Cluster, Consent } from '../consent.ts'
import { clusterScopes } from '../consent.ts'
import { localDay, parseDate } from '../ledger/calendar.ts'
import { historyDays } from '../ledger/ledger.ts'
import type { Access } from './access.ts'
import type { Answer, Ask } from './answer.ts'
import { fail, ok } from './answer.ts'
import {
  accountShape,
  consentShape,
  contactShape,
  customerShape,
  networksShape,
  revocationShape,
  transactionShape,
} from './fdx-shape.ts'
import { pageOf } from './paging.ts'
import { statementPdf, statementShape, statementsOf } from './statement.ts'

export const fdxBase = '/fdx/v6'

type CustomerAccess = Extract<Access, { as: 'customer' }>

/** A cluster is open when the consent holds it and, if the token names FDX scopes at all, one of them covers it. */
function open(access: CustomerAccess, cluster: Cluster): boolean {
  const { fdx } = access.consent
  if (!fdx?.accountClusters.includes(cluster) && !fdx?.customerClusters.includes(cluster)) return false
  const scopes = [...access.token.scopes].filter((scope) => scope.startsWith('fdx:'))
  return scopes.length === 0 || scopes.includes(clusterScopes[cluster])
}
const openAny = (access: CustomerAccess, ...clusters: readonly Cluster[]): boolean =>
  clusters.some((cluster) => open(access, cluster))

/** The chosen account with this id; one that was not chosen does not exist for this client. */
function chosen(bank: Bank, access: CustomerAccess, id: string): Account | undefined {
  if (!access.consent.accountIds.includes(id)) return undefined
  return bank.account(id)
}

function accounts(bank: Bank, ask: Ask, access: CustomerAccess): Answer {
  if (!openAny(access, 'ACCOUNT_BASIC', 'ACCOUNT_DETAILED', 'BALANCES'))
    return fail('not_permitted', 'needs ACCOUNT_BASIC')
  const resultType = ask.query.get('resultType') ?? 'lightweight'
  if (resultType !== 'lightweight' && resultType !== 'details') return fail('bad_request', 'resultType')
  const wanted = ask.query.get('accountIds')?.split(',')
  const all = access.consent.accountIds
    .filter((id) => !wanted || wanted.includes(id))
    .map((id) => bank.account(id))
    .filter((account) => account !== undefined)
  const detailed = resultType === 'details' && openAny(access, 'BALANCES', 'ACCOUNT_DETAILED')
  const kept = ask.partial && all.length > 1 ? all.slice(0, -1) : all
  const slice = pageOf(
    bank.institution,
    ask.query,
    { origin: ask.origin, path: ask.path },
    'accounts',
    kept,
    (account) => account.holding.id,
  )
  if (!slice) return fail('bad_request', 'paging')
  return ok(
    {
      page: slice.page,
      ...(slice.links ? { links: slice.links } : {}),
      accounts: slice.items.map((account) =>
        accountShape(bank, account, detailed, ask.partial && kept.length === 1),
      ),
    },
    ask.partial,
  )
}

/** The days asked for, cut to what the bank keeps and the consent reaches back to; a failure name when they are wrong. */
function range(
  bank: Bank,
  ask: Ask,
  account: Account,
  consent: Consent,
): { from: number; to: number; cut: boolean } | null {
  const today = localDay(bank.clock(), account.customer.ledger.zone)
  const pick = (date: string, time: string): string | null =>
    ask.query.get(date) ?? ask.query.get(time)?.slice(0, 10) ?? null
  const [start, end] = [pick('startDate', 'startTime'), pick('endDate', 'endTime')]
  // Both or neither; neither means the last seven days (FDX core, searchForAccountTransactions).
  if ((start === null) !== (end === null)) return null
  const from = start === null ? today - 7 : parseDate(start)
  const to = end === null ? today : parseDate(end)
  if (from === null || to === null || from > to) return null
  // One day of grace: the client may sit east of the bank.
  if (from < today - historyDays - 1) return null
  const reach = today - (consent.fdx?.lookbackPeriod ?? historyDays) - 1
  return { from: Math.max(from, reach), to, cut: from < reach }
}

function transactions(bank: Bank, ask: Ask, access: CustomerAccess, account: Account): Answer {
  if (!open(access, 'TRANSACTIONS')) return fail('not_permitted', 'needs TRANSACTIONS')
  const days = range(bank, ask, account, access.consent)
  if (!days) return fail('bad_dates')
  const rows = account.customer.ledger
    .rows(account.holding.id)
    .filter((row) => row.day >= days.from && row.day <= days.to)
  if (rows.length === 0 && bank.institution.habits.nothingFound === '1107') return fail('nothing_found')
  const slice = pageOf(
    bank.institution,
    ask.query,
    { origin: ask.origin, path: ask.path },
    `${account.holding.id} ${days.from} ${days.to}`,
    rows,
    (row) => row.entry.id,
  )
  if (!slice) return fail('bad_request', 'paging')
  const items = ask.partial ? slice.items.filter((_, index) => index % 3 !== 2) : slice.items
  return ok(
    {
      page: slice.page,
      ...(slice.links ? { links: slice.links } : {}),
      transactions: items.map((row) => transactionShape(bank, account, row)),
    },
    // 206 also when the consent does not reach back as far as was asked: the answer is incomplete, not empty.
    ask.partial || days.cut,
  )
}

function statements(bank: Bank, ask: Ask, access: CustomerAccess, account: Account, id?: string): Answer {
  if (!open(access, 'STATEMENTS')) return fail('not_permitted', 'needs STATEMENTS')
  const all = statementsOf(bank, account)
  if (id !== undefined) {
    const one = all.find((statement) => statement.id === id)
    return one ? { status: 200, pdf: statementPdf(bank, account, one) } : fail('statement_not_found')
  }
  const [start, end] = [ask.query.get('startTime'), ask.query.get('endTime')].map((text) =>
    text === null ? null : parseDate(text.slice(0, 10)),
  )
  const kept = all.filter(
    ({ lastDay }) =>
      (typeof start !== 'number' || lastDay >= start) && (typeof end !== 'number' || lastDay <= end),
  )
  const slice = pageOf(
    bank.institution,
    ask.query,
    { origin: ask.origin, path: ask.path },
    `${account.holding.id} statements`,
    kept,
    (statement) => statement.id,
  )
  if (!slice) return fail('bad_request', 'paging')
  return ok({
    page: slice.page,
    ...(slice.links ? { links: slice.links } : {}),
    statements: slice.items.map((one) => statementShape(account, one, ask.origin)),
  })
}

const revocationRequest = z.object({
  reason: z.enum(['USER_ACTION', 'BUSINESS_RULE']),
  initiator: z.enum([
    'DATA_ACCESS_PLATFORM',
    'DATA_PROVIDER',
    'DATA_RECIPIENT',
    'INDIVIDUAL',
    'MERCHANT',
    'VENDOR',
  ]),
})

async function consent(
  bank: Bank,
  ask: Ask,
  access: Access,
  id: string,
  revocation: boolean,
  end: (consent: Consent) => Promise<void>,
): Promise<Answer> {
  const found = bank.consents.find(id)
  // Not there and not yours look the same.
  const mine =
    found?.fdx &&
    found.standing !== 'waiting' &&
    found.clientId === access.token.clientId &&
    (access.as === 'client' || access.consent.id === id)
  if (!found || !mine) return fail('consent_not_found')
  if (!revocation)
    return ask.method === 'GET' ? ok(consentShape(bank, found, ask.origin)) : fail('wrong_method')
  if (ask.method === 'GET') return ok(found.revocation ? [revocationShape(found)] : [])
  if (ask.method !== 'PUT') return fail('wrong_method')
  const request = revocationRequest.safeParse(ask.body)
  if (!request.success) return fail('bad_request', 'reason and initiator')
  if (bank.consents.standing(found) !== 'active') return fail('consent_over')
  await bank.consents.change(id, { standing: 'revoked', revocation: request.data })
  await end(found)
  return { status: 204 }
}

function availability(bank: Bank): Answer {
  return ok({
    availability: [
      {
        status: 'ALIVE',
        description: `${bank.institution.name} API`,
        lastUpdatedTimestamp: new Date(bank.clock()).toISOString(),
        plannedAvailability: [],
      },
    ],
  })
}

function capability(bank: Bank, origin: string): Answer {
  return ok({
    fiName: bank.institution.name,
    fiUrl: origin,
    jwksUrl: `${origin}/jwks`,
    fdxVersions: ['V6.4.0'],
    supportedAccounts: ['CHECKING', 'SAVINGS', 'CREDITCARD'],
    dataClusters: Object.keys(clusterScopes),
    historyCutOff: new Date(bank.clock() - historyDays * dayMs).toISOString().slice(0, 10),
    paging: bank.institution.habits.paging,
  })
}

/** Endpoints that answer without a token. */
export const openEndpoints: ReadonlySet<string> = new Set([
  `${fdxBase}/availability`,
  `${fdxBase}/capability`,
])

/** Answers one FDX v6 request. `end` returns the tokens of a consent that was just revoked. */
export function answerFdx(
  bank: Bank,
  ask: Ask,
  end: (consent: Consent) => Promise<void>,
): Answer | Promise<Answer> {
  const parts = ask.path.slice(fdxBase.length + 1).split('/')
  const [room, id, leaf, leafId] = parts
  if (parts.length > 4) return fail('no_such_endpoint')
  if (room === 'availability' && id === undefined) return availability(bank)
  if (room === 'capability' && id === undefined) return capability(bank, ask.origin)
  const { access } = ask
  if (!access) return fail('unauthenticated')
  if (room === 'consents' && id !== undefined && (leaf === undefined || (leaf === 'revocation' && !leafId)))
    return consent(bank, ask, access, id, leaf === 'revocation', end)

  const known = room === 'accounts' || (room === 'customers' && id === 'current' && leaf === undefined)
  if (!known) return fail('no_such_endpoint')
  if (ask.method !== 'GET') return fail('wrong_method')
  if (access.as === 'client') return fail('not_permitted', 'a customer’s token is needed')
  if (room === 'customers') {
    if (!openAny(access, 'CUSTOMER_CONTACT', 'CUSTOMER_PERSONAL'))
      return fail('not_permitted', 'needs CUSTOMER_CONTACT')
    return ok(customerShape(bank, access.customer, open(access, 'CUSTOMER_PERSONAL')))
  }
  if (id === undefined) return accounts(bank, ask, access)
  const account = chosen(bank, access, id)
  if (!account) return fail('account_not_found')
  if (leaf === undefined) {
    if (!openAny(access, 'ACCOUNT_DETAILED', 'BALANCES')) return fail('not_permitted', 'needs BALANCES')
    return ok(accountShape(bank, account, true, ask.partial), ask.partial)
  }
  if (leaf === 'statements') return statements(bank, ask, access, account, leafId)
  if (leafId !== undefined) return fail('no_such_endpoint')
  if (leaf === 'transactions') return transactions(bank, ask, access, account)
  if (leaf === 'contact')
    return open(access, 'CUSTOMER_CONTACT')
      ? ok(contactShape(bank, account))
      : fail('not_permitted', 'needs CUSTOMER_CONTACT')
  if (leaf === 'payment-networks') {
    if (!open(access, 'PAYMENT_SUPPORT')) return fail('not_permitted', 'needs PAYMENT_SUPPORT')
    // A restricted account answers 200 with nothing in it.
    return ok(bank.frozen(account.holding.id) ? {} : networksShape(bank, account))
  }
  return fail('no_such_endpoint')
}
