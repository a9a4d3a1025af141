import { setTimeout } from 'node:timers/promises'
import { Hono, type Context } from 'hono'
import type { Account, Balance, Transaction } from '../../bank/bank.ts'
import type { ChannelConfig, InstitutionConfig } from '../../core/config-schema.ts'
import { code, errorCode } from '../../core/logger.ts'
import { isRefusal, OutsideError } from '../../core/refusal.ts'
import { one } from '../../core/sql.ts'
import { unseal } from '../../core/seal.ts'
import { boxContext } from '../../customer/contact.ts'
import { subjectRef, tokenHolder, type Link } from '../../customer/link.ts'
import { passkeysOf } from '../../customer/session.ts'
import { isLive } from '../../consent/grant.ts'
import type { CardRequest } from '../../disclosure/answer.ts'
import { dayAt } from '../../intent/period.ts'
import { ownMoves } from '../../intent/spent.ts'
import type { Contact } from '../../pipeline/contacts.ts'
import { cardPage, type CardModel, type SealGrade } from '../pages/card.ts'
import { searching } from '../pages/card-search.ts'
import { closedDoorPage, handOffPage, type ClosedDoor } from '../pages/door.ts'
import { channelNames, frameFor, isPrefetch, readCookie, send, sessionOf, type Web } from '../web.ts'
import { keptFrom, outwardUrl } from './card/away.ts'
import { matches, olderQuery, readSearch } from './card/search.ts'
import { askedFor, monthsOfSpending, paymentOf, spendingOf } from './card/summary.ts'
import { askSignIn } from './sign-in.ts'

type CardRow = {
  contact_id: string
  institution: string
  purpose: string
  grant_id: string
  expires_at: Date
  closed_at: Date | null
  sealed: Buffer
}

/** Payments on one page of the card, and most that are read for it. */
const pageSize = 20
const readMost = 1_500
const idleSeconds = 300
/** How long a page waits for the bank before it opens without figures, and how long what was read then is kept. */
const patienceMs = 1_200
const keptMs = 20_000
const mostUnderWay = 500

/**
 * The sealed card: the bank's own page with what the chat did not say. The link alone shows nothing: it takes the signed
 * in customer that the chat is linked to, in a browser that the messenger cannot read.
 */
export function cardRoutes(web: Web): Hono {
  const app = new Hono()
  const { pool, clock, log } = web
  /** Cards being read for somebody who was shown the page without figures meanwhile. */
  const underWay = new Map<string, Promise<CardModel>>()

  const closed = (
    c: Context,
    reason: ClosedDoor,
    options: {
      institution?: InstitutionConfig | null
      channel?: ChannelConfig | null
      againUrl?: string
    } = {},
  ): Response =>
    send(
      web,
      c,
      closedDoorPage({
        frame: frameFor(web, c, {
          institution: options.institution ?? null,
          channel: options.channel ?? null,
          csrf: false,
        }),
        channel: channelNames[options.channel?.kind ?? 'messenger'] ?? '',
        reason,
        againUrl: options.againUrl ?? null,
      }),
      { status: reason === 'nothing' ? 404 : reason === 'idle' || reason === 'signed-out' ? 200 : 410 },
    )

  app.get('/card/closed', (c) => closed(c, 'idle'))

  app.get('/card/:id', async (c) => {
    const id = c.req.param('id')
    const match = /^crd_([0-9a-z]{2})[A-Za-z0-9_-]{22}$/.exec(id)
    if (!match?.[1]) return closed(c, 'nothing')
    if (isPrefetch(c)) return c.body(null, 204)
    const lane = Number.parseInt(match[1], 36)
    const row = await one<CardRow>(
      pool,
      'select contact_id, institution, purpose, grant_id, expires_at, closed_at, sealed from disclosure_card where lane = $1 and card_id = $2',
      [lane, id],
    )
    const contact =
      row && (await web.engine.contacts.open([{ lane, contactId: row.contact_id }])).get(row.contact_id)
    const institution = row && web.institutions.get(row.institution)
    if (!row || !contact || !institution) return closed(c, 'nothing')
    const channel = web.channels.get(contact.address.account)?.config ?? null
    const where = { institution, channel }
    const channelName = channelNames[contact.address.channel] ?? ''

    const seal = web.voices.get(institution.id)?.policy.policy.seal ?? 'S2'
    const device = keptFrom(c, seal)
    if (device !== null) {
      const pageUrl = `${web.config.publicUrl}/card/${id}`
      return send(
        web,
        c,
        handOffPage({
          frame: frameFor(web, c, { ...where, csrf: false }),
          channel: channelName,
          device,
          openUrl: seal === 'S3' ? null : outwardUrl(pageUrl, device),
          pageUrl,
        }),
      )
    }
    if (row.expires_at.getTime() <= clock()) return closed(c, 'expired', where)
    const { links, grants } = await web.engine.contacts.money(contact)
    const link = links.find((candidate) => candidate.institution === row.institution)
    const grant = grants.find(({ body }) => body.institution === row.institution)
    if (
      row.closed_at !== null ||
      !link?.tokens ||
      !grant ||
      !isLive(grant, clock()) ||
      grant.grantId !== row.grant_id
    )
      return closed(c, 'withdrawn', where)

    const ref = subjectRef(web.engine.subjects, row.institution, link.subject)
    const session = await sessionOf(web, c)
    if (!session) {
      const passkeys = (await passkeysOf(pool, ref)).length > 0
      return askSignIn(web, c, {
        institution,
        channel: channelName,
        why: 'card',
        returnTo: `/card/${id}`,
        passkeys,
      })
    }
    if (session.institution !== row.institution || !session.subjectRef.equals(ref))
      return closed(c, 'someone-else', { ...where, againUrl: '/me' })

    const plain = unseal(
      contact.keys.box,
      boxContext('disclosure_card', contact.ref.contactId, id),
      row.sealed,
    )
    if (!plain) return closed(c, 'nothing')
    const request = JSON.parse(plain.toString('utf8')) as CardRequest
    const at = { id, contact, institution, channel, link, request, seal }
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
  const askedKey = (c: Context, at: At): string =>
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
  const shell = (c: Context, at: At) => ({
    frame: frameFor(web, c, { institution: at.institution, channel: at.channel, signedIn: true }),
    channel: channelNames[at.contact.address.channel] ?? '',
    seal: at.seal,
    search: readSearch(c, `/card/${at.id}`),
    idle: { afterSeconds: idleSeconds, warnSeconds: 30, closeUrl: '/card/closed' },
  })

  function loadingModel(c: Context, at: At): CardModel {
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

  type At = {
    id: string
    contact: Contact
    institution: InstitutionConfig
    channel: ChannelConfig | null
    link: Link
    request: CardRequest
    seal: SealGrade
  }

  async function modelFor(c: Context, at: At): Promise<CardModel> {
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
    at: At,
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
