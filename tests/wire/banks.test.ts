import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { after, before, describe, test } from 'node:test'
import { bankKeys, people, type BankKey } from '../../sandbox/people/people.ts'
import { startBanks, type RunningBanks } from '../../sandbox/bank/start.ts'
import { visitBank } from '../../sandbox/bank/visit.ts'
import type {
  Account,
  Balance,
  Bank,
  BankTokens,
  Page,
  Transaction,
  TokenHolder,
} from '../../src/bank/bank.ts'
import { newDpopJwk } from '../../src/bank/dpop.ts'
import { publicJwks } from '../../src/bank/keys.ts'
import { openBanks, type Banks, type BankSettings } from '../../src/bank/open.ts'
import { dayMs } from '../../src/core/clock.ts'
import { openLogger } from '../../src/core/logger.ts'
import { isRefusal, OutsideError } from '../../src/core/refusal.ts'

/**
 * Our connectors against the four sandbox banks, through their real pages: the same promises at each, whatever its
 * standard and habits. The banks are the outside: nothing here reaches into either side.
 */
const redirectUri = 'http://localhost:9/return'
const clientKey = { kid: 'wire-1', jwk: newDpopJwk() }
const lines: string[] = []
const log = openLogger('debug', { write: (line) => void lines.push(line) })

let outside: RunningBanks
let banks: Banks

const settingsOf = (key: BankKey, url: string): BankSettings => ({
  id: key,
  standard: key === 'thistle' ? 'ukob' : 'fdx',
  issuer: url,
  resourceUrl: `${url}${key === 'thistle' ? '/open-banking/v4.0/aisp' : '/fdx/v6'}`,
  clientId: 'guichet',
  allowHttpLoopback: true,
  ...(key === 'granite' ? { signConvention: 'positive-is-credit' as const } : {}),
})

before(async () => {
  outside = await startBanks({
    host: '127.0.0.1',
    ports: { harbor: 0, granite: 0, erable: 0, thistle: 0 },
    clients: [
      {
        clientId: 'guichet',
        name: 'Guichet',
        jwks: publicJwks([clientKey]) as never,
        redirectUris: [redirectUri],
      },
    ],
    dataDir: null,
  })
  banks = openBanks(
    bankKeys.map((key) => settingsOf(key, outside.urls[key])),
    { clientKey, log },
  )
})

after(async () => {
  await banks[Symbol.asyncDispose]()
  await outside[Symbol.asyncDispose]()
})

const customers: Readonly<Record<BankKey, string>> = {
  harbor: 'ana',
  granite: 'ben',
  erable: 'chloe',
  thistle: 'davina',
}

function loginOf(key: BankKey) {
  const login = people.find((one) => one.key === customers[key])?.logins.find((one) => one.bank === key)
  assert.ok(login)
  return login
}

const bankOf = (key: BankKey): Bank => {
  const bank = banks.get(key)
  assert.ok(bank)
  return bank
}

/** Keeps tokens as the house would: what was saved is what is used, and the order is remembered. */
function keeping(first: BankTokens): TokenHolder & { readonly saves: BankTokens[] } {
  const saves: BankTokens[] = []
  return {
    saves,
    current: () => saves.at(-1) ?? first,
    save: async (tokens) => {
      saves.push(tokens)
    },
  }
}

async function link(key: BankKey, plan: { accounts?: readonly string[]; decision?: 'cancel' } = {}) {
  const { url, pending } = await bankOf(key).begin({
    purpose: 'link',
    redirectUri,
    days: 365,
    lookbackDays: 400,
    chatCode: 'K7-42',
  })
  const { username, password } = loginOf(key)
  const returned = new URL(await visitBank(url, { username, password, ...plan }))
  // What waits between the redirects is kept as JSON.
  return await bankOf(key).finish(JSON.parse(JSON.stringify(pending)) as typeof pending, returned)
}

async function linked(key: BankKey, plan: { accounts?: readonly string[] } = {}) {
  const authorized = await link(key, plan)
  assert.ok(!isRefusal(authorized), inspect(authorized))
  return { authorized, holder: keeping(authorized.tokens) }
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10)

async function everything(
  key: BankKey,
  holder: TokenHolder,
  accountId: string,
  from: string,
  to: string,
  limit = 50,
) {
  const rows: Transaction[] = []
  let cursor: string | undefined
  let pages = 0
  let partial = false
  do {
    const page: Page<Transaction> | { refused: string } = await bankOf(key).transactions(holder, {
      accountId,
      from,
      to,
      limit,
      cursor,
    })
    assert.ok(!isRefusal(page), inspect(page))
    rows.push(...page.items)
    partial ||= page.partial
    cursor = page.next ?? undefined
    pages += 1
  } while (cursor !== undefined && pages < 60)
  return { rows, pages, partial }
}

for (const key of bankKeys)
  describe(key, () => {
    const control = () => outside.control[key]
    const mine = () => {
      const person = control()
        .people()
        .find((one) => one.person === customers[key])
      assert.ok(person)
      return person
    }

    test('a customer links through the bank’s own pages and we know who it is', async () => {
      const { authorized } = await linked(key)
      assert.equal(authorized.subject, mine().subject)
      assert.ok(authorized.tokens.consentId)
      assert.ok(authorized.tokens.refreshToken)
      const days = ((authorized.expiresAt ?? 0) - Date.now()) / dayMs
      assert.ok(days > 364 && days <= 366, `consent ends in ${days} days`)
      if (key !== 'thistle')
        assert.deepEqual(
          authorized.accountIds?.toSorted(),
          mine()
            .accounts.map((one) => one.accountId)
            .toSorted(),
        )
    })

    test('a session says only who the customer is', async () => {
      const { url, pending } = await bankOf(key).begin({
        purpose: 'session',
        redirectUri,
        days: 1,
        lookbackDays: 0,
      })
      const { username, password } = loginOf(key)
      const session = await bankOf(key).finish(pending, new URL(await visitBank(url, { username, password })))
      assert.ok(!isRefusal(session))
      assert.equal(session.subject, mine().subject)
      assert.equal(session.tokens.refreshToken, null)
      assert.deepEqual([session.accountIds, session.tokens.consentId], [null, null])
    })

    test('a customer who turns back has refused', async () => {
      assert.deepEqual(await link(key, { decision: 'cancel' }), { refused: 'denied' })
    })

    test('another bank’s pending login does not take this bank’s answer', async () => {
      const { url, pending } = await bankOf(key).begin({
        purpose: 'link',
        redirectUri,
        days: 30,
        lookbackDays: 30,
      })
      const { username, password } = loginOf(key)
      const returned = new URL(await visitBank(url, { username, password }))
      const other = bankKeys.find((one) => one !== key) ?? 'harbor'
      assert.deepEqual(await bankOf(other).finish({ ...pending, institution: other }, returned), {
        refused: 'mixed_up',
      })
    })

    test('accounts and balances are the bank’s, to the penny', async () => {
      const { holder } = await linked(key)
      const accounts = await bankOf(key).accounts(holder)
      const balances = await bankOf(key).balances(holder, [])
      assert.ok(!isRefusal(accounts) && !isRefusal(balances))
      assert.ok(!accounts.partial && !balances.partial)
      for (const view of mine().accounts) {
        const account: Account | undefined = accounts.items.find((one) => one.id === view.accountId)
        const balance: Balance | undefined = balances.items.find((one) => one.accountId === view.accountId)
        assert.ok(account && balance)
        assert.equal(account.nickname, view.nickname)
        assert.equal(account.lastFour, view.lastFour)
        assert.equal(account.currency, view.currency)
        assert.equal(account.type, view.kind === 'card' ? 'credit-card' : view.kind)
        assert.equal(account.side, view.kind === 'card' ? 'liability' : 'asset')
        assert.equal(balance.current?.amountMinor, view.postedMinor, `${view.kind} posted`)
        assert.equal(balance.available?.amountMinor, view.availableMinor, `${view.kind} available`)
        assert.equal(balance.creditLimit === null, view.kind !== 'card')
      }
      const [first] = accounts.items
      assert.ok(first)
      const one = await bankOf(key).balances(holder, [first.id])
      assert.ok(!isRefusal(one))
      assert.deepEqual(
        one.items.map((balance) => balance.accountId),
        [first.id],
      )
    })

    test('only the chosen account is there', async () => {
      const [chosen, left] = mine().accounts
      assert.ok(chosen && left)
      const { holder } = await linked(key, { accounts: [chosen.lastFour] })
      const accounts = await bankOf(key).accounts(holder)
      assert.ok(!isRefusal(accounts))
      assert.deepEqual(
        accounts.items.map((one) => one.id),
        [chosen.accountId],
      )
      const range = { accountId: left.accountId, from: day(Date.now() - 7 * dayMs), to: day(Date.now()) }
      assert.deepEqual(await bankOf(key).transactions(holder, range), { refused: 'account_gone' })
      assert.deepEqual(await bankOf(key).balances(holder, [left.accountId]), { refused: 'account_gone' })
    })

    test('ten months of payments come page by page, each once, newest first, every one with its direction', async () => {
      const { holder } = await linked(key)
      const checking = mine().accounts.find((one) => one.kind === 'checking')
      assert.ok(checking)
      const [from, to] = [day(Date.now() - 300 * dayMs), day(Date.now() + dayMs)]
      const { rows, pages, partial } = await everything(key, holder, checking.accountId, from, to, 25)
      assert.ok(rows.length > 120, `${rows.length} rows`)
      assert.ok(pages > 1, 'more than one page')
      assert.equal(partial, false)
      assert.equal(new Set(rows.map((row) => row.id)).size, rows.length)
      for (const [index, row] of rows.entries()) {
        assert.ok(row.amount.amountMinor > 0 && row.amount.currency === checking.currency)
        assert.notEqual(row.direction, 'unknown', row.directionRule)
        assert.ok(
          index === 0 || (rows[index - 1]?.at ?? 0) >= row.at - dayMs,
          'about newest first across pages',
        )
      }
      assert.ok(
        rows.some((row) => row.direction === 'credit') && rows.some((row) => row.direction === 'debit'),
      )
      assert.ok(rows.some((row) => row.mcc !== null && row.merchant !== null))
    })

    test('a card’s purchases are debits and its payments credits', async () => {
      const card = mine().accounts.find((one) => one.kind === 'card')
      if (!card) return
      const { holder } = await linked(key)
      const { rows } = await everything(
        key,
        holder,
        card.accountId,
        day(Date.now() - 80 * dayMs),
        day(Date.now()),
      )
      const credits = rows.filter((row) => row.direction === 'credit')
      assert.ok(credits.length > 0 && credits.length < rows.length / 2)
      assert.ok(rows.every((row) => row.direction !== 'unknown'))
    })

    test('a payment made now is pending at once, and what the customer wrote is only text', async () => {
      const { holder } = await linked(key)
      const checking = mine().accounts.find((one) => one.kind === 'checking')
      assert.ok(checking)
      const booked = await control().purchase({
        person: customers[key],
        amount: '43.25',
        merchant: 'Corner \u202eDeli',
        mcc: '5812',
        memo: '<b>4111 1111 1111 1111</b>',
        postAfterSeconds: 3_600,
      })
      assert.ok(!isRefusal(booked))
      const page = await bankOf(key).transactions(holder, {
        accountId: checking.accountId,
        from: day(Date.now() - 2 * dayMs),
        to: day(Date.now() + dayMs),
      })
      assert.ok(!isRefusal(page))
      const row = page.items.find((one) => one.id === booked.transactionId)
      assert.ok(row)
      assert.deepEqual(
        [row.status, row.direction, row.amount.amountMinor, row.postedAt],
        ['pending', 'debit', 4325, null],
      )
      assert.equal(row.merchant, 'Corner Deli')
      assert.doesNotMatch(row.description, /4111 1111|\u202e/)
    })

    test('nothing in a range is an empty page, and a range that is none is refused', async () => {
      const { holder } = await linked(key)
      const savings = mine().accounts.find((one) => one.kind === 'savings') ?? mine().accounts[0]
      assert.ok(savings)
      const future = day(Date.now() + 2 * dayMs)
      const empty = await bankOf(key).transactions(holder, {
        accountId: savings.accountId,
        from: future,
        to: future,
      })
      assert.ok(!isRefusal(empty))
      assert.deepEqual(empty.items, [])
      const wrong = { accountId: savings.accountId, from: '2026-02-30', to: future }
      assert.deepEqual(await bankOf(key).transactions(holder, wrong), { refused: 'bad_range' })
    })

    test('an access token that is at its end is renewed once, for all who wait, and saved first', async () => {
      const { authorized } = await linked(key)
      const holder = keeping({ ...authorized.tokens, expiresAt: Date.now() - 1 })
      const answers = await Promise.all(Array.from({ length: 8 }, () => bankOf(key).accounts(holder)))
      assert.ok(answers.every((answer) => !isRefusal(answer)))
      assert.equal(holder.saves.length, 1)
      assert.notEqual(holder.current().accessToken, authorized.tokens.accessToken)
    })

    test('given back, the link is dead at the bank too, and giving it back twice is fine', async () => {
      const { holder } = await linked(key)
      const { consentId } = holder.current()
      assert.equal(
        control()
          .consents()
          .find((one) => one.id === consentId)?.standing,
        'active',
      )
      await bankOf(key).revoke(holder)
      assert.equal(
        control()
          .consents()
          .find((one) => one.id === consentId)?.standing,
        'revoked',
      )
      assert.deepEqual(await bankOf(key).accounts(holder), { refused: 'link_broken' })
      await bankOf(key).revoke(holder)
    })

    test('ended at the bank, by the customer there or by time, the link is broken here', async () => {
      for (const how of ['revoked', 'expired'] as const) {
        const { holder } = await linked(key)
        assert.ok(!isRefusal(await bankOf(key).balances(holder, [])))
        await control().endConsents(how, customers[key])
        assert.deepEqual(await bankOf(key).balances(holder, []), { refused: 'link_broken' }, how)
      }
    })

    test('the bank’s bad moments are trouble of their own kind, and pass', async () => {
      const { holder } = await linked(key)
      const troubles: ['error' | 'maintenance' | 'rate-limit' | 'drop', string][] = [
        ['error', 'bank_unavailable'],
        ['maintenance', 'bank_maintenance'],
        ['rate-limit', 'bank_rate_limited'],
      ]
      for (const [kind, code] of troubles) {
        control().fault({ kind, times: 1, retryAfterSeconds: 7 })
        await assert.rejects(bankOf(key).accounts(holder), (error: unknown) => {
          assert.ok(error instanceof OutsideError)
          assert.deepEqual([error.code, error.retryable], [code, true])
          if (kind !== 'error') assert.equal(error.waitMs, 7_000)
          return true
        })
      }
      control().fault({ kind: 'drop', times: 1 })
      assert.ok(!isRefusal(await bankOf(key).accounts(holder)), 'a dropped connection is tried again')
      control().clearFaults()
    })

    test('an incomplete answer says so', async () => {
      if (key === 'thistle') return
      const { holder } = await linked(key)
      control().fault({ kind: 'partial', times: 1 })
      const page = await bankOf(key).accounts(holder)
      control().clearFaults()
      assert.ok(!isRefusal(page) && page.partial)
    })

    test('the operator’s check finds nothing wrong', async () => {
      const report = await bankOf(key).check()
      assert.deepEqual(
        report.findings.filter((finding) => finding.level !== 'ok'),
        [],
      )
      assert.ok(report.ok && report.findings.length > 10)
    })
  })

test('no amount, account number or token was logged', () => {
  const secrets = bankKeys.flatMap((key) =>
    outside.control[key]
      .people()
      .flatMap((person) => person.accounts.map((one) => String(one.postedMinor / 100))),
  )
  for (const line of lines)
    for (const secret of secrets.filter((text) => text.length >= 6)) assert.ok(!line.includes(secret), line)
  assert.ok(!lines.some((line) => /eyJ|··/.test(line)))
})
