import { setTimeout } from 'node:timers/promises'
import { Hono, type Context } from 'hono'
import type { Account, Balance, Transaction } from '../../bank/bank.ts'
import { code, errorCode } from '../../core/logger.ts'
import { isRefusal, OutsideError } from '../../core/refusal.ts'
import { tokenHolder } from '../../customer/link.ts'
import type { Period } from '../../intent/ask.ts'
import { sharedBy } from '../../intent/named.ts'
import { dayAt } from '../../intent/period.ts'
import { cardPage, type CardModel } from '../pages/card.ts'
import type { Payment } from '../pages/card-payments.ts'
import { searching } from '../pages/card-search.ts'
import { channelNames, frameFor, readCookie, send, type Web } from '../web.ts'
import { openCardDoor, type OpenCard } from './card/door.ts'
import { askedOf, waitingFor } from './card/asked.ts'
import { keyOf, type Listed, movesIn, readLists } from './card/lists.ts'
import { answerTo, questionOf } from './card/question.ts'
import { found, lookUrl, olderUrl, readSearch, withAccounts } from './card/search.ts'
import { monthsOfSpending, paymentOf, spendingOf } from './card/summary.ts'

/** Payments on one page of the card. */
const pageSize = 20
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
    [readCookie(web, c, 'session'), at.id, lookUrl(readSearch(c, '', at.request), c.req.query('page'))].join(
      ' ',
    )

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
    search: readSearch(c, `/card/${at.id}`, at.request),
    idle: {
      afterSeconds: idleSeconds,
      warnSeconds: 30,
      closeUrl: `/card/closed?card=${at.id}`,
      leaveUrl: `/card/closed?card=${at.id}&by=hand`,
    },
  })

  function loadingModel(c: Context, at: OpenCard): CardModel {
    const common = shell(c, at)
    const loading = { state: 'loading', reloadUrl: null } as const
    return {
      ...common,
      asked: waitingFor(at.request, loading),
      accounts: loading,
      payments: { state: 'loading', reloadUrl: lookUrl(common.search, c.req.query('page')) },
      spending: null,
    }
  }

  async function modelFor(c: Context, at: OpenCard): Promise<CardModel> {
    const { institution, request, id } = at
    const { timeZone } = institution
    const now = clock()
    const today = dayAt(now, timeZone)
    const bank = web.banks.get(institution.id)
    const common = shell(c, at)
    const trouble = { state: 'trouble', retryUrl: `/card/${id}` } as const
    const failed: CardModel = {
      ...common,
      asked: waitingFor(request, trouble),
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
      const all = sharedBy(at.grant, accounts.items)
      const chosen = all.filter((account) => request.accountIds.includes(account.id))
      const search = withAccounts(common.search, chosen, all.length)
      const lookbackDays = web.voices.get(institution.id)?.policy.policy.lookbackDays ?? 90
      const lookback = today.subtract({ days: lookbackDays - 1 }).toString()
      const earliest = today
        .with({ day: 1 })
        .subtract({ months: monthsOfSpending - 1 })
        .toString()
      const { from } = search.values
      const wanted = from && !search.wrong.from && from < earliest ? from : earliest
      const first = wanted > lookback ? wanted : lookback
      const readAll = (of: readonly Account[], days: Period): Promise<Listed> =>
        readLists(bank, () => tokenHolder(pool, at.contact.ref, at.contact.keys.box, at.link), of, days)
      const question = questionOf(request, lookbackDays, now, timeZone)
      const [read, base] = await Promise.all([
        readAll(all, { from: first, to: today.toString() }),
        // The days and accounts that the chat reads: by which days a bank lists is its own affair.
        question && readAll(question.reads === 'all' ? all : chosen, question.range),
      ])
      const told =
        question && base ? answerTo(request, question, { items: base.items, all, chosen, timeZone }) : null
      const incomplete = partial || read.partial || base?.partial === true
      const listed =
        search.asAsked && told
          ? told.made
          : found(read.items, search, { timeZone, all, chosen, named: request.search })
      const page = Math.max(0, Math.trunc(Number(c.req.query('page') ?? 0)) || 0)
      const moves = movesIn([read.items, base?.items ?? []])
      const accountOf = new Map(all.map((account) => [account.id, account]))
      const row = (transaction: Transaction): Payment =>
        paymentOf(transaction, accountOf.get(transaction.accountId), moves.has(keyOf(transaction)))
      const withBalances = all.map((account) => ({ account, balance: byAccount.get(account.id) ?? null }))
      const main = withBalances.find(({ account }) => account.id === (chosen[0] ?? all[0])?.id) ?? null
      const newest =
        told?.made ?? read.items.filter(({ accountId }) => request.accountIds.includes(accountId))
      const asked = askedOf(request, {
        told,
        period: question?.period ?? null,
        newest,
        row,
        main,
        partial: incomplete,
      })
      return {
        ...common,
        search,
        asked,
        accounts: {
          state: 'ready',
          partial,
          value: asked.kind === 'balance' ? withBalances.filter((other) => other !== main) : withBalances,
        },
        payments: {
          state: 'ready',
          partial: incomplete,
          value: {
            items: listed.slice(page * pageSize, (page + 1) * pageSize).map(row),
            olderUrl: listed.length > (page + 1) * pageSize ? olderUrl(search, page + 1) : null,
          },
        },
        spending:
          searching(search) && !search.asAsked
            ? null
            : spendingOf(read.items, today, timeZone, partial || read.partial),
      }
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      log.warn('card.bank_down', { institution: code(institution.id), code: errorCode(error) })
      return failed
    }
  }

  return app
}
