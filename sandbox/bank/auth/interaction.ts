import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'
import type { Bank, Customer } from '../bank.ts'
import type { Consent } from '../consent.ts'
import { clusterScopes, endOf } from '../consent.ts'
import { readForm } from '../form.ts'
import { accountsPage, confirmPage, messagePage } from '../page/choose.ts'
import { signInPage } from '../page/sign-in.ts'
import { pageHeaders } from '../page/style.ts'
import type { Language } from '../page/words.ts'
import { clusterWord, languageOf, permissionWords, say } from '../page/words.ts'
import type { FdxRequest } from './request.ts'
import { chatCodePattern, grantedDetail, intentClaim, intentOf, readDetail } from './request.ts'

type Details = Awaited<ReturnType<Provider['interactionDetails']>>

/** What one visit has come to: kept in memory, as the visit itself is. */
type Visit = {
  tries: number
  customer: Customer | null
  accountIds: readonly string[]
  language: Language | null
}

const maxVisits = 5_000
const maxTries = 5

/** The customer's side of the authorization server: login, account choice, confirmation. */
export function openInteraction(options: {
  readonly bank: Bank
  readonly provider: Provider
  readonly issuer: string
  readonly audience: string
  readonly clients: readonly {
    readonly clientId: string
    readonly name: string
    readonly redirectUris: readonly string[]
  }[]
}): {
  owns(path: string): boolean
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    query: URLSearchParams,
  ): Promise<void>
} {
  const { bank, provider, issuer, audience } = options
  const { institution } = bank
  const visits = new Map<string, Visit>()
  const headers = pageHeaders(institution, [
    ...new Set(options.clients.flatMap(({ redirectUris }) => redirectUris.map((uri) => new URL(uri).origin))),
  ])

  function visitOf(uid: string): Visit {
    const known = visits.get(uid)
    if (known) return known
    if (visits.size >= maxVisits) visits.delete(visits.keys().next().value!)
    const fresh: Visit = { tries: 0, customer: null, accountIds: [], language: null }
    visits.set(uid, fresh)
    return fresh
  }

  function show(response: ServerResponse, status: number, page: string): void {
    response.writeHead(status, { ...headers, 'content-type': 'text/html; charset=utf-8' })
    response.end(page)
  }
  // 303, so that the browser never repeats a posted password elsewhere (FAPI 2.0, 5.3.2.2).
  function go(response: ServerResponse, where: string): void {
    response.writeHead(303, { location: where, 'cache-control': 'no-store' })
    response.end()
  }

  /** What is asked, in whichever standard; null when the request only asks who the customer is. */
  function askOf(details: Details): { fdx: FdxRequest; uk: null } | { fdx: null; uk: Consent } | null {
    const { params } = details
    if (institution.standard === 'fdx') {
      if (typeof params.authorization_details !== 'string') return null
      const read = readDetail((JSON.parse(params.authorization_details) as unknown[])[0])
      return typeof read === 'string' ? null : { fdx: read, uk: null }
    }
    const intent = intentOf(params.claims)
    const uk = intent === null ? undefined : bank.consents.find(intent)
    return uk?.uk ? { fdx: null, uk } : null
  }

  async function finish(
    request: IncomingMessage,
    response: ServerResponse,
    details: Details,
    visit: Visit,
    customer: Customer,
  ): Promise<void> {
    const { params } = details
    const clientId = String(params.client_id)
    const client = options.clients.find((one) => one.clientId === clientId)
    const ask = askOf(details)
    const grant = new provider.Grant({ accountId: customer.subject, clientId })
    const asked = (typeof params.scope === 'string' ? params.scope : '').split(' ')
    grant.addOIDCScope(asked.filter((one) => ['openid', 'offline_access', 'profile'].includes(one)).join(' '))
    if (ask === null) {
      const grantId = await grant.save()
      visits.delete(details.uid)
      return provider.interactionFinished(request, response, {
        login: { accountId: customer.subject },
        consent: { grantId },
      })
    }

    const now = bank.clock()
    let consent: Consent | undefined
    if (ask.fdx) {
      consent = await bank.consents.create({
        clientId,
        clientName: client?.name ?? clientId,
        standing: 'waiting',
        person: customer.person.key,
        accountIds: visit.accountIds,
        expiresAt: endOf(ask.fdx.durationType, ask.fdx.durationPeriod, now),
        fdx: ask.fdx,
        uk: null,
      })
      grant.addRar(grantedDetail(ask.fdx, consent.id, visit.accountIds, customer.subject))
      grant.addResourceScope(
        audience,
        [...ask.fdx.accountClusters, ...ask.fdx.customerClusters]
          .map((cluster) => clusterScopes[cluster])
          .join(' '),
      )
      grant.rejectResourceScope(
        audience,
        Object.values(clusterScopes)
          .filter(
            (scope) => asked.includes(scope) && !grant.getResourceScope(audience).split(' ').includes(scope),
          )
          .join(' '),
      )
    } else {
      consent = ask.uk
      // Somebody else may have authorised this intent while the page was open.
      if (bank.consents.standing(consent) !== 'waiting') return leave(request, response, details)
      grant.addResourceScope(audience, 'accounts')
      grant.addOIDCClaims([intentClaim])
    }
    const grantId = await grant.save()
    await bank.consents.change(consent.id, {
      standing: 'active',
      person: customer.person.key,
      accountIds: visit.accountIds,
      grantId,
    })
    visits.delete(details.uid)
    return provider.interactionFinished(request, response, {
      login: { accountId: customer.subject },
      consent: { grantId },
    })
  }

  async function cancel(request: IncomingMessage, response: ServerResponse, details: Details): Promise<void> {
    const ask = askOf(details)
    if (ask?.uk && bank.consents.standing(ask.uk) === 'waiting')
      await bank.consents.change(ask.uk.id, { standing: 'rejected' })
    return leave(request, response, details)
  }

  function leave(request: IncomingMessage, response: ServerResponse, details: Details): Promise<void> {
    visits.delete(details.uid)
    return provider.interactionFinished(
      request,
      response,
      { error: 'access_denied', error_description: 'the customer cancelled' },
      { mergeWithLastSubmission: false },
    )
  }

  async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    query: URLSearchParams,
  ): Promise<void> {
    const accepted = request.headers['accept-language']
    let details: Details
    try {
      details = await provider.interactionDetails(request, response)
      if (details.uid !== path.split('/')[2]) throw new Error('another visit')
    } catch {
      const language = languageOf(institution.languages, query.get('lang'), undefined, accepted)
      show(
        response,
        400,
        messagePage(institution, language, say(language, 'expiredTitle'), say(language, 'expired')),
      )
      return
    }
    const { params, uid } = details
    const visit = visitOf(uid)
    const action = `/interaction/${uid}`
    const step = path.split('/')[3]
    const post = request.method === 'POST'
    // A form that another site posts has the wrong origin (and, the cookie being SameSite=Lax, no cookie either).
    if (post && request.headers.origin !== undefined && request.headers.origin !== issuer) {
      response.writeHead(403).end()
      return
    }
    const form = post ? await readForm(request) : new URLSearchParams()
    const picked = form.get('lang') ?? query.get('lang') ?? visit.language
    const language = languageOf(institution.languages, picked, params.ui_locales, accepted)
    visit.language = language

    const app =
      options.clients.find((one) => one.clientId === params.client_id)?.name ?? String(params.client_id)
    const ask = askOf(details)
    const chatCode =
      typeof params.guichet_chat_code === 'string' && chatCodePattern.test(params.guichet_chat_code)
        ? params.guichet_chat_code
        : null
    const view = { institution, language, app, action, chatCode }
    const people = bank.customers()
    const signIn = (
      status: number,
      filled: { username: string; password: string },
      wrong: 'wrong' | 'empty' | 'locked' | null,
    ) =>
      show(response, status, signInPage({ ...view, ...filled, wrong, people, purpose: ask ? 'link' : 'who' }))

    if (post && step === 'cancel') return cancel(request, response, details)
    if (post && step === 'sign-in') {
      const filled = { username: form.get('username') ?? '', password: '' }
      const password = form.get('password') ?? ''
      if (visit.tries >= maxTries) return signIn(429, filled, 'locked')
      if (filled.username.trim() === '' || password === '') return signIn(400, filled, 'empty')
      const customer = bank.signIn(filled.username, password)
      if (!customer) {
        visit.tries++
        return signIn(401, filled, visit.tries >= maxTries ? 'locked' : 'wrong')
      }
      visit.customer = customer
      if (ask === null) return finish(request, response, details, visit, customer)
      return go(response, `${action}/accounts`)
    }
    const { customer } = visit
    if (customer === null || ask === null) {
      if (step !== undefined) return go(response, action)
      const filled = people.find(({ username }) => username === query.get('as'))
      // OIDC login_hint: the name goes in, the password never does.
      const expected = people.find(({ subject, username }) =>
        [subject, username].includes(String(params.login_hint)),
      )
      return signIn(
        200,
        { username: filled?.username ?? expected?.username ?? '', password: filled?.password ?? '' },
        visit.tries >= maxTries ? 'locked' : null,
      )
    }

    const { holdings } = customer.ledger
    const choose = (status: number, wrong: boolean) =>
      show(
        response,
        status,
        accountsPage({
          ...view,
          firstName: customer.person.firstName,
          holdings,
          ticked: visit.accountIds,
          wrong,
        }),
      )
    if (step === 'accounts') {
      if (!post) return choose(200, false)
      const wanted = form.getAll('account')
      visit.accountIds = holdings.map(({ id }) => id).filter((id) => wanted.includes(id))
      return visit.accountIds.length === 0 ? choose(400, true) : go(response, `${action}/confirm`)
    }
    if (step === 'confirm' && visit.accountIds.length > 0) {
      if (post) return finish(request, response, details, visit, customer)
      const { fdx, uk } = ask
      const ends = fdx ? endOf(fdx.durationType, fdx.durationPeriod, bank.clock()) : uk.expiresAt
      show(
        response,
        200,
        confirmPage({
          ...view,
          holdings: holdings.filter(({ id }) => visit.accountIds.includes(id)),
          things: fdx
            ? [...fdx.accountClusters, ...fdx.customerClusters].map((cluster) =>
                clusterWord(cluster, language),
              )
            : permissionWords(uk.uk?.permissions ?? []),
          until: ends === null ? null : new Date(ends),
          zone: customer.person.timeZone,
          lookbackDays: fdx?.accountClusters.includes('TRANSACTIONS') ? fdx.lookbackPeriod : null,
        }),
      )
      return
    }
    go(response, `${action}/accounts`)
  }

  return { owns: (path) => path.startsWith('/interaction/'), handle }
}
