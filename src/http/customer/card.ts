import { setTimeout } from 'node:timers/promises'
import { Hono, type Context } from 'hono'
import type { Account, Balance, Transaction } from '../../bank/bank.ts'
import { code, errorCode } from '../../core/logger.ts'
import { isRefusal, OutsideError } from '../../core/refusal.ts'
import { tokenHolder } from '../../customer/link.ts'
import { dayAt } from '../../intent/period.ts'
import { ownMoves } from '../../intent/spent.ts'
import { cardPage, type CardModel } from '../pages/card.ts'
import { searching } from '../pages/card-search.ts'
import { channelNames, frameFor, readCookie, send, type Web } from '../web.ts'
import { openCardDoor, type OpenCard } from './card/door.ts'
import { matches, olderQuery, readSearch } from './card/search.ts'
import { askedFor, monthsOfSpending, paymentOf, spendingOf } from './card/summary.ts'

/** Payments on one page of the card, and most that are read for it. */
const pageSize = 20
const readMost = 1_500
const idleSeconds = 300
/** How long a page waits for the bank before it opens without figures, and how long what was read then is kept. */
const patienceMs = 1_200
const keptMs = 20_000
const mostUnderWay = 500

/**
 * The sealed card: the bank's own page with what the chat did not say. The link alone shows and tells nothing: it takes
 * the signed in customer that the chat is linked to, in a browser that the messenger cannot read.
 */
export function cardRoutes(web: Web): Hono {
  const app = new Hono()
  const { pool, clock, log } = web
  /** Cards being read for somebody who was shown the page without figures meanwhile. */
  const underWay = new Map<string, Promise<CardModel>>()

  const door = openCardDoor(web)

  app.get('/card/closed', (c) => door.closedByItself(c))

  app.get('/card/:id', async (c) => {
    const admission = await door.open(c, c.req.param('id'))
    if ('answer' in admission) return admission.answer
    const at = admission.card
    // A bank that takes its time must not leave an empty screen: the page opens, and looks again for its figures.
    const asked = askedKey(c, at)
    const model = underWay.get(asked) ?? modelFor(c, at)
    underWay.delete(asked)
    if (c.req.query('look') !== undefined) return send(web, c, cardPage(await model))
    const ready = await Promise.race([model, setTimeout(patienceMs, null, { ref: false })])
    if (ready !== null) return send(web, c, cardPage(ready))
    keep(asked, model)
    return send(web, c, cardPage(loadingModel(c, at)))
  })

  /** Who asks for what: a reading begun for one browser is given to that browser alone. */
  const askedKey = (c: Context, at: OpenCard): string =>
    [
      readCookie(web, c, 'session'),
      at.id,
      new URLSearchParams(readSearch(c, '').values),
      c.req.query('page'),
    ].join(' ')

  function keep(asked: string, model: Promise<CardModel>): void {
    if (underWay.size >= mostUnderWay) return
    underWay.set(asked, model)
    const forget = (): Promise<unknown> =>
      setTimeout(keptMs, null, { ref: false }).then(
        () => underWay.get(asked) === model && underWay.delete(asked),
      )
    model.then(forget, forget)
  }

  /** What the page is but for the bank's data. */
  const shell = (c: Context, at: OpenCard) => ({
    frame: frameFor(web, c, { institution: at.institution, channel: at.channel, signedIn: true }),
    channel: channelNames[at.contact.address.channel] ?? '',
    seal: at.seal,
    search: readSearch(c, `/card/${at.id}`),
    idle: {
      afterSeconds: idleSeconds,
      warnSeconds: 30,
      closeUrl: `/card/closed?card=${at.id}`,
      leaveUrl: `/card/closed?card=${at.id}&by=hand`,
    },
  })

  function loadingModel(c: Context, at: OpenCard): CardModel {
    const common = shell(c, at)
    const page = c.req.query('page')
    const query = new URLSearchParams({ ...common.search.values, ...(page ? { page } : {}), look: '1' })
    const loading = { state: 'loading', reloadUrl: null } as const
    return {
      ...common,
      asked:
        at.request.shows === 'transactions' || at.request.shows === 'spending'
          ? { kind: 'payments' }
          : { kind: 'balance', of: loading, several: false },
      accounts: loading,
      payments: { state: 'loading', reloadUrl: `/card/${at.id}?${query}` },
      spending: null,
    }
  }

  async function modelFor(c: Context, at: OpenCard): Promise<CardModel> {
    const { institution, request, id } = at
    const now = clock()
    const today = dayAt(now, institution.timeZone)
    const retryUrl = `/card/${id}`
    const bank = web.banks.get(institution.id)
    const common = shell(c, at)
    const { search } = common
    const trouble = { state: 'trouble', retryUrl } as const
    const failed: CardModel = {
      ...common,
      asked: { kind: 'balance', of: trouble, several: false },
      accounts: trouble,
      payments: trouble,
      spending: null,
    }
    if (!bank) return failed
    try {
      const holder = tokenHolder(pool, at.contact.ref, at.contact.keys.box, at.link)
      const held = await bank.statements(holder)
      if (isRefusal(held)) return failed
      const { accounts, balances } = held
      const partial = accounts.partial || balances.partial
      const byAccount = new Map<string, Balance>(
        balances.items.map((balance) => [balance.accountId, balance]),
      )
      const open = accounts.items.filter((account) => account.status !== 'closed')
      const named = open.filter((account) => request.accountIds.includes(account.id))
      const lookback = today
        .subtract({ days: (web.voices.get(institution.id)?.policy.policy.lookbackDays ?? 90) - 1 })
        .toString()
      const from = today.with({ day: 1 }).subtract({ months: monthsOfSpending - 1 })
      const asked =
        search.values.from && !search.wrong.from && search.values.from < from.toString()
          ? search.values.from
          : from.toString()
      const first = asked > lookback ? asked : lookback
      const read = await Promise.all(
        open.map((account) => allTransactions(at, account, first, today.toString())),
      )
      const items = read.flatMap((list) => list.items).sort((a, b) => b.at - a.at)
      const accountOf = new Map(open.map((account) => [account.id, account]))
      const incomplete = partial || read.some((list) => list.partial)
      const found = items.filter((item) => matches(item, search, institution.timeZone))
      const page = Math.max(0, Math.trunc(Number(c.req.query('page') ?? 0)) || 0)
      const shown = found.slice(page * pageSize, (page + 1) * pageSize)
      const older =
        found.length > (page + 1) * pageSize ? `/card/${id}?${olderQuery(search, page + 1)}` : null
      const moves = ownMoves(items)
      const payments = shown.map((transaction) =>
        paymentOf(transaction, accountOf.get(transaction.accountId), moves.has(transaction)),
      )
      const withBalances = open.map((account) => ({ account, balance: byAccount.get(account.id) ?? null }))
      const main = withBalances.find(({ account }) => account.id === (named[0] ?? open[0])?.id) ?? null
      return {
        ...common,
        asked: askedFor(request, main, items, institution.timeZone, partial),
        accounts: { state: 'ready', partial, value: withBalances.filter((other) => other !== main) },
        payments: { state: 'ready', partial: incomplete, value: { items: payments, olderUrl: older } },
        spending: searching(search) ? null : spendingOf(items, today, institution.timeZone, incomplete),
      }
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      log.warn('card.bank_down', { institution: code(institution.id), code: errorCode(error) })
      return failed
    }
  }

  async function allTransactions(
    at: OpenCard,
    account: Account,
    from: string,
    to: string,
  ): Promise<{ items: Transaction[]; partial: boolean }> {
    const bank = web.banks.get(at.institution.id)
    const items: Transaction[] = []
    if (!bank) return { items, partial: true }
    const holder = tokenHolder(pool, at.contact.ref, at.contact.keys.box, at.link)
    let cursor: string | undefined
    let partial = false
    do {
      const page = await bank.transactions(holder, {
        accountId: account.id,
        from,
        to,
        limit: 250,
        ...(cursor === undefined ? {} : { cursor }),
      })
      if (isRefusal(page)) return { items, partial: true }
      items.push(...page.items)
      partial ||= page.partial
      cursor = page.next ?? undefined
    } while (cursor !== undefined && items.length < readMost)
    return { items, partial: partial || cursor !== undefined }
  }

  return app
}
