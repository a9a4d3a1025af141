import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Random } from '../../sandbox/platform/random.ts'
import { dayMs } from '../../src/core/clock.ts'
import type { CanaryAccount, CanaryCustomer, CanaryTransaction } from './canary.ts'

export type CanaryBank = AsyncDisposable & {
  readonly url: string
  add(customer: CanaryCustomer): void
  /** The bank takes back a token: from now on it is refused. */
  refuse(customer: CanaryCustomer): void
  /** Share of requests that go wrong, 0 to 1. */
  trouble: number
  readonly counts: { requests: number; troubled: number }
}

/**
 * Many small banks behind one door, each under its own path: the data side of FDX v6, and enough of an authorization
 * server to take tokens back. It tells whatever it has (whole account numbers, holders' names, memos): what does not
 * belong into a chat must be stopped by us. When in trouble it talks about its customers in its error messages.
 */
export async function openCanaryBank(random: Random): Promise<CanaryBank> {
  const byToken = new Map<string, CanaryCustomer>()
  const refused = new Set<string>()
  const began = Date.now()

  const answer = (
    response: ServerResponse,
    status: number,
    body: unknown,
    headers: Record<string, string> = {},
  ): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
  /** True when the request was answered with trouble. */
  const inTrouble = async (
    request: IncomingMessage,
    response: ServerResponse,
    who: CanaryCustomer,
  ): Promise<boolean> => {
    if (random.next() >= self.trouble) return false
    self.counts.troubled++
    const gossip = `${who.name} ${who.accounts[0]?.number} ${who.accounts[0]?.nickname}`
    switch (Math.floor(random.next() * 6)) {
      case 0:
        answer(
          response,
          500,
          { code: 500, message: `internal error for ${gossip}` },
          { 'x-debug': gossip.slice(0, 60) },
        )
        return true
      case 1:
        answer(response, 429, { code: 1207, message: `slow down, ${gossip}` }, { 'retry-after': '1' })
        return true
      case 2:
        answer(response, 200, `{"accounts":[{"accountId":"${gossip}`)
        return true
      case 3:
        request.socket.destroy()
        return true
      case 4:
        answer(response, 403, { code: 704, message: gossip, debugMessage: gossip })
        return true
      default:
        await new Promise((resolve) => setTimeout(resolve, 60))
        return false
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    self.counts.requests++
    request.resume()
    const url = new URL(request.url ?? '/', self.url)
    const [, institution = '', ...rest] = url.pathname.split('/')
    const path = rest.join('/')
    if (path === '.well-known/openid-configuration') {
      const at = `${self.url}/${institution}`
      return answer(response, 200, {
        issuer: at,
        authorization_endpoint: `${at}/authorize`,
        token_endpoint: `${at}/token`,
        jwks_uri: `${at}/jwks`,
        pushed_authorization_request_endpoint: `${at}/par`,
        revocation_endpoint: `${at}/revoke`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['ES256'],
      })
    }
    if (path === 'revoke') return answer(response, 200, {})
    const token = /^DPoP (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    const who = byToken.get(token)
    if (!who || who.institution !== institution || refused.has(token))
      return answer(response, 401, { code: 602, message: 'no such consent' })
    if (await inTrouble(request, response, who)) return
    const [, account, listing] = /^fdx\/v6\/accounts(?:\/([\w-]+)(\/transactions)?)?$/.exec(path) ?? []
    if (path.includes('/consents/')) return answer(response, 204, '')
    if (account === undefined)
      return answer(response, random.next() < self.trouble ? 206 : 200, {
        accounts: who.accounts.map((one) => accountOf(one, who)),
      })
    const found = who.accounts.find(({ id }) => id === account)
    if (!found) return answer(response, 404, { code: 701, message: 'no such account' })
    if (listing === undefined) return answer(response, 200, accountOf(found, who))
    // In pages of five, whatever was asked for.
    const from = Number(url.searchParams.get('pageKey') ?? 0)
    const rows = found.transactions.filter((row) => inDays(row, url.searchParams))
    const next = from + 5 < rows.length ? { page: { nextPageKey: String(from + 5) } } : {}
    answer(response, 200, {
      ...next,
      transactions: rows.slice(from, from + 5).map((row) => transactionOf(row, found)),
    })
  }
  const at = (row: CanaryTransaction): string => new Date(began - row.daysAgo * dayMs).toISOString()
  const inDays = (row: CanaryTransaction, asked: URLSearchParams): boolean => {
    const day = at(row).slice(0, 10)
    return day >= (asked.get('startDate') ?? '') && day <= (asked.get('endDate') ?? '9')
  }
  const transactionOf = (row: CanaryTransaction, account: CanaryAccount): unknown => ({
    accountCategory: account.kind === 'CREDITCARD' ? 'LOC_ACCOUNT' : 'DEPOSIT_ACCOUNT',
    accountId: account.id,
    transactionId: row.id,
    status: row.pending ? 'PENDING' : 'POSTED',
    debitCreditMemo: row.debit ? 'DEBIT' : 'CREDIT',
    amount: row.amountMinor / 100,
    transactionTimestamp: at(row),
    ...(row.pending ? {} : { postedTimestamp: at(row) }),
    description: row.merchant,
    memo: row.memo,
    transactionPayee: { merchantName: row.merchant },
  })
  const accountOf = (account: CanaryAccount, who: CanaryCustomer): unknown => ({
    accountCategory: account.kind === 'CREDITCARD' ? 'LOC_ACCOUNT' : 'DEPOSIT_ACCOUNT',
    accountType: account.kind,
    accountId: account.id,
    accountNumber: account.number,
    accountNumberDisplay: `…${account.lastFour}`,
    nickname: account.nickname,
    status: 'OPEN',
    currency: { currencyCode: 'USD' },
    balanceAsOf: new Date(began).toISOString(),
    currentBalance: account.currentMinor / 100,
    availableBalance: account.availableMinor / 100,
    availableCredit: account.availableMinor / 100,
    contact: { holders: [{ name: { first: 'Mx', last: who.name } }] },
  })

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    handle(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const self = {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    add: (customer: CanaryCustomer) => void byToken.set(customer.token, customer),
    refuse: (customer: CanaryCustomer) => void refused.add(customer.token),
    trouble: 0,
    counts: { requests: 0, troubled: 0 },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return self
}
