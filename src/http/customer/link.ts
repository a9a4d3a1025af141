import { createHash } from 'node:crypto'
import { Hono, type Context } from 'hono'
import type { Account } from '../../bank/bank.ts'
import { checkRedirectUri, redirectWithCode, resolveLinkingToken } from '../../channel/messenger/linking.ts'
import { exposureRank, meet, type Exposure } from '../../consent/exposure.ts'
import { clusterNames, fieldNames, clusterOf } from '../../consent/field.ts'
import { purposes, type Purpose } from '../../consent/purpose.ts'
import { dayMs } from '../../core/clock.ts'
import type { ChannelConfig, InstitutionConfig } from '../../core/config-schema.ts'
import { newSecret } from '../../core/id.ts'
import { code, errorCode } from '../../core/logger.ts'
import { isRefusal, OutsideError } from '../../core/refusal.ts'
import {
  codeLifeMs,
  linkingOfCookie,
  moveLinking,
  newChatCode,
  openLinking,
  startLinking,
  type Linking,
} from '../../customer/linking.ts'
import { openSession } from '../../customer/session.ts'
import { subjectRef } from '../../customer/link.ts'
import { ceilingOf } from '../../disclosure/compile.ts'
import type { Contact } from '../../pipeline/contacts.ts'
import type { Agreed } from '../../pipeline/records.ts'
import {
  choiceOpen,
  consentChoices,
  consentPage,
  leastChoice,
  type ConsentChoice,
  type ConsentModel,
  type ConsentThing,
} from '../pages/consent.ts'
import { continueAtBankPage, linkProblemPage, pickBankPage, type LinkProblem } from '../pages/link.ts'
import {
  bankOrigins,
  channelNames,
  csrfGood,
  csrfOf,
  brandOf,
  dropCookie,
  formOf,
  frameFor,
  inAppBrowser,
  isPrefetch,
  readCookie,
  seeOther,
  send,
  writeCookie,
  type Web,
} from '../web.ts'
import { previewsFor, sampleAnswers, type Samples } from './previews.ts'

/** What the first consent is about; alerts, payments and orders ask for theirs when the customer turns to them. */
export const linkPurposes = ['balance', 'transactions', 'insights'] as const satisfies readonly Purpose[]
const durationsDays = [365, 180, 90, 30] as const

/**
 * Linking: which bank → compare the code → the bank's own login → what may be shown where → back to the chat. Nothing is
 * bound here. The platform told us whose chat this is before anyone signed in; the chat is bound when the platform's
 * webhook brings our code back from that same chat.
 */
export function linkRoutes(web: Web): Hono {
  const app = new Hono()
  const { pool, clock, log } = web
  const { contacts } = web.engine

  /** The linking this browser is in, with the contact whose chat it is. */
  async function current(c: Context): Promise<{
    linking: Linking
    contact: Contact
    channel: ChannelConfig
    institution: InstitutionConfig | null
  } | null> {
    const found = await linkingOfCookie(pool, readCookie(web, c, 'linking'), clock())
    if (!found) return null
    const contact = (await contacts.open([found.contact])).get(found.contact.contactId)
    const channel = contact && web.channels.get(contact.address.account)?.config
    if (!contact || !channel) return null
    const linking = openLinking(found.row, found.contact, contact.keys.box)
    return {
      linking,
      contact,
      channel,
      institution: web.institutions.get(linking.body.institution ?? '') ?? null,
    }
  }

  function problem(
    c: Context,
    what: LinkProblem,
    options: {
      channel?: ChannelConfig | null
      institution?: InstitutionConfig | null
      againUrl?: string
    } = {},
  ): Response {
    const channel = options.channel ?? null
    const frame = frameFor(web, c, { channel, institution: options.institution ?? null, csrf: false })
    return send(
      web,
      c,
      linkProblemPage({
        frame,
        channel: channelNames[channel?.kind ?? 'messenger'] ?? '',
        problem: what,
        againUrl: options.againUrl ?? null,
      }),
      { status: what === 'bank-down' ? 503 : 400 },
    )
  }
  const served = (channel: ChannelConfig): InstitutionConfig[] =>
    channel.institutions.flatMap((id) => web.institutions.get(id) ?? [])

  // ------------------------------------------------------------ from the chat's Log-in button
  app.get('/link/messenger/:account', async (c) => {
    const channel = web.channels.get(c.req.param('account'))
    const token = c.req.query('account_linking_token') ?? ''
    if (!channel || token === '') return problem(c, 'forwarded', { channel: channel?.config ?? null })
    if (isPrefetch(c)) return c.body(null, 204)
    const redirect = checkRedirectUri(
      c.req.query('redirect_uri') ?? '',
      channel.config.linkingRedirect.hosts,
      channel.config.linkingRedirect.path,
    )
    if (isRefusal(redirect)) return problem(c, 'forwarded', { channel: channel.config })
    const who = await resolveLinkingToken(channel.messenger.graph, token)
    if (isRefusal(who))
      return problem(c, who.refused === 'expired' ? 'expired' : 'forwarded', { channel: channel.config })
    const address = { channel: channel.config.kind, account: channel.config.account, user: who.psid }
    const ref = contacts.refOf(address)
    const contact = (await contacts.open([ref])).get(ref.contactId)
    // Whoever taps our button has spoken with us before: an unknown chat is not ours to link.
    if (!contact) return problem(c, 'forwarded', { channel: channel.config })
    const shown = contact.thread.context.linkCode?.code
    const { cookie } = await startLinking(
      pool,
      ref,
      contact.keys.box,
      { redirectUri: redirect.href, chatCode: shown ?? newChatCode() },
      clock(),
    )
    writeCookie(web, c, 'linking', cookie, 1_800)
    return seeOther(c, '/link/bank')
  })

  app.get('/link/bank', async (c) => {
    const at = await current(c)
    if (!at) return problem(c, 'expired')
    // Whoever comes back from the bank's login without an answer starts there again; a late answer binds nothing.
    if (at.linking.step === 'at-bank') await backToBank(at.linking, at.contact)
    else if (at.linking.step !== 'bank') return onward(c, at.linking)
    const all = served(at.channel)
    if ((at.institution && c.req.query('other') === undefined) || all.length === 1) {
      const institution = at.institution ?? all[0] ?? null
      const frame = frameFor(web, c, { channel: at.channel, institution })
      const channel = channelNames[at.channel.kind] ?? at.channel.kind
      return send(
        web,
        c,
        continueAtBankPage({
          frame,
          channel,
          actionUrl: '/link/continue',
          code: at.linking.body.chatCode,
          chatName: at.channel.name,
          otherUrl: all.length > 1 ? '/link/bank?other' : null,
        }),
        { formOrigins: bankOrigins(institution ? [institution] : []) },
      )
    }
    const query = (c.req.query('q') ?? '').slice(0, 60)
    const banks = all.filter(({ name }) => name.toLowerCase().includes(query.toLowerCase()))
    return send(
      web,
      c,
      pickBankPage({
        frame: frameFor(web, c, { channel: at.channel }),
        channel: channelNames[at.channel.kind] ?? at.channel.kind,
        actionUrl: '/link/bank',
        searchUrl: '/link/bank',
        query,
        banks: banks.map((one) => ({ ...brandOf(one), place: placeOf(one) })),
      }),
    )
  })

  app.post('/link/bank', async (c) => {
    const at = await current(c)
    const form = await formOf(c)
    if (!at || at.linking.step !== 'bank') return problem(c, at ? 'used' : 'expired')
    if (!csrfGood(web, c, form.one('csrf'))) return problem(c, 'forwarded', { channel: at.channel })
    const institution = served(at.channel).find(({ id }) => id === form.one('bank'))
    if (!institution) return seeOther(c, '/link/bank')
    await moveLinking(pool, at.linking, at.contact.keys.box, {
      step: 'bank',
      body: { ...at.linking.body, institution: institution.id },
    })
    return seeOther(c, '/link/bank')
  })

  // ------------------------------------------------------------ to the bank
  app.post('/link/continue', async (c) => {
    const at = await current(c)
    const form = await formOf(c)
    if (!at || at.linking.step !== 'bank') return problem(c, at ? 'used' : 'expired')
    if (!csrfGood(web, c, form.one('csrf'))) return problem(c, 'forwarded', { channel: at.channel })
    const institution =
      at.institution ?? (served(at.channel).length === 1 ? (served(at.channel)[0] ?? null) : null)
    if (!institution) return seeOther(c, '/link/bank')
    if (form.one('do') !== 'match') {
      await moveLinking(pool, at.linking, at.contact.keys.box, { step: 'refused', body: at.linking.body })
      dropCookie(web, c, 'linking')
      log.warn('link.code_differs', { institution: code(institution.id) })
      return problem(c, 'differ', { channel: at.channel, institution })
    }
    const bank = web.banks.get(institution.id)
    if (!bank) return problem(c, 'bank-down', { channel: at.channel, institution })
    try {
      const { url, pending } = await bank.begin({
        purpose: 'link',
        redirectUri: callbackUrl(institution.id),
        days: durationsFor(web, institution)[0] ?? 30,
        lookbackDays: web.voices.get(institution.id)?.policy.policy.lookbackDays ?? 90,
        chatCode: at.linking.body.chatCode,
      })
      const moved = await moveLinking(pool, at.linking, at.contact.keys.box, {
        step: 'at-bank',
        body: { ...at.linking.body, institution: institution.id, pending },
      })
      return moved ? seeOther(c, url) : problem(c, 'used', { channel: at.channel, institution })
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      log.warn('link.bank_down', { institution: code(institution.id), code: errorCode(error) })
      return problem(c, 'bank-down', { channel: at.channel, institution, againUrl: '/link/bank' })
    }
  })
  const callbackUrl = (institution: string): string => `${web.config.publicUrl}/link/callback/${institution}`

  /** The login at the bank came to nothing: the code to compare is shown again, and from there the login. */
  const backToBank = (linking: Linking, contact: Contact): Promise<boolean> =>
    moveLinking(pool, linking, contact.keys.box, {
      step: 'bank',
      body: { ...linking.body, pending: undefined },
    })

  // ------------------------------------------------------------ back from the bank
  app.get('/link/callback/:institution', async (c) => {
    const at = await current(c)
    if (!at || at.linking.step !== 'at-bank' || !at.linking.body.pending)
      return problem(c, at ? 'used' : 'mixed-up')
    const { institution, channel, contact, linking } = at
    const { pending } = linking.body
    const bank = web.banks.get(c.req.param('institution'))
    // The answer must come from the bank that was asked (mix-up, RFC 9207; `finish` checks `iss` and `state` too).
    if (!bank || !institution || !pending || institution.id !== c.req.param('institution'))
      return problem(c, 'mixed-up', { channel })
    try {
      const returned = new URL(`${callbackUrl(institution.id)}${new URL(c.req.url).search}`)
      const authorized = await bank.finish(pending, returned)
      if (isRefusal(authorized)) {
        await backToBank(linking, contact)
        return problem(
          c,
          authorized.refused === 'denied'
            ? 'denied'
            : authorized.refused === 'expired'
              ? 'expired'
              : 'mixed-up',
          { channel, institution, againUrl: '/link/bank' },
        )
      }
      let tokens = authorized.tokens
      const holder = {
        current: () => tokens,
        save: async (next: typeof tokens) => {
          tokens = next
        },
      }
      const accounts = await bank.accounts(holder)
      if (isRefusal(accounts)) {
        await backToBank(linking, contact)
        return problem(c, 'bank-down', { channel, institution, againUrl: '/link/bank' })
      }
      const moved = await moveLinking(pool, linking, contact.keys.box, {
        step: 'consent',
        body: {
          ...linking.body,
          pending: undefined,
          subject: authorized.subject,
          tokens,
          accounts: accounts.items,
          bankExpiresAt: authorized.expiresAt,
        },
      })
      if (!moved) return problem(c, 'used', { channel, institution })
      // The bank has just said who this is: in a browser of their own that is a session. Not inside a messenger.
      if (inAppBrowser(c) === null) {
        const ref = subjectRef(web.engine.subjects, institution.id, authorized.subject)
        writeCookie(
          web,
          c,
          'session',
          await openSession(pool, { institution: institution.id, subjectRef: ref, method: 'bank' }, clock()),
          3_600,
        )
      }
      return seeOther(c, '/link/consent')
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      log.warn('link.finish_failed', { institution: code(institution.id), code: errorCode(error) })
      await backToBank(linking, contact)
      return problem(c, 'bank-down', { channel, institution, againUrl: '/link/bank' })
    }
  })

  // ------------------------------------------------------------ consent
  app.get('/link/consent', async (c) => {
    const at = await current(c)
    if (!at) return problem(c, 'expired')
    if (at.linking.step !== 'consent' || !at.institution) return onward(c, at.linking)
    return show(c, at as Required<typeof at>, null, null)
  })

  app.post('/link/consent', async (c) => {
    const at = await current(c)
    const form = await formOf(c)
    if (!at) return problem(c, 'expired')
    const { linking, contact, channel, institution } = at
    if (linking.step !== 'consent' || !institution) return onward(c, linking)
    const chosen = readChoices(web, institution, channel, linking, form)
    if (!csrfGood(web, c, form.one('csrf')))
      return show(c, { linking, contact, channel, institution }, chosen, 'stale')
    const redirect = new URL(linking.body.redirectUri)
    if (form.one('do') === 'not-now') {
      await moveLinking(pool, linking, contact.keys.box, {
        step: 'refused',
        body: { ...linking.body, tokens: undefined, accounts: undefined },
      })
      dropCookie(web, c, 'linking')
      const { tokens } = linking.body
      const bank = web.banks.get(institution.id)
      if (tokens && bank) {
        // Nothing was agreed: the bank gets its key back at once.
        bank
          .revoke({ current: () => tokens, save: async () => undefined })
          .catch((error: unknown) => log.warn('link.revoke_failed', { code: errorCode(error) }))
      }
      return seeOther(c, redirect.href)
    }
    // Only the button that says so agrees: 'review' and anything else shows what was chosen once more.
    if (form.one('do') !== 'agree') return show(c, { linking, contact, channel, institution }, chosen, null)
    if (chosen.accounts.length === 0)
      return show(c, { linking, contact, channel, institution }, chosen, 'no-account')
    const now = clock()
    const all = linking.body.accounts ?? []
    const page = await modelFor(c, { linking, contact, channel, institution }, chosen, null)
    const agreed: Agreed = {
      institution: institution.id,
      channel: channel.kind,
      language: page.frame.locale,
      accounts: chosen.accounts.length === all.length ? 'all' : [...chosen.accounts],
      accountNames: all
        .filter(({ id }) => chosen.accounts.includes(id))
        .map(({ nickname, lastFour }) => ({ nickname, lastFour })),
      items: Object.fromEntries(
        Object.entries(chosen.choices).filter(([, choice]) => choice !== 'withhold'),
      ) as Partial<Record<Purpose, Exposure>>,
      givenAt: now,
      // Two clocks, ours and the bank's: the earlier one ends it.
      validUntil: Math.min(now + chosen.days * dayMs, linking.body.bankExpiresAt ?? Number.POSITIVE_INFINITY),
      disclosureHash: createHash('sha256')
        .update(consentPage({ ...page, frame: { ...page.frame, csrf: '' } }))
        .digest('hex'),
      method: 'linking-page',
      policyVersion: web.voices.get(institution.id)?.policy.version ?? 0,
      bankConsentId: linking.body.tokens?.consentId ?? null,
    }
    const authorizationCode = newSecret()
    const moved = await moveLinking(pool, linking, contact.keys.box, {
      step: 'agreed',
      body: { ...linking.body, accounts: undefined, agreed },
      code: authorizationCode,
      expiresAt: now + codeLifeMs,
    })
    if (!moved) return problem(c, 'used', { channel, institution })
    dropCookie(web, c, 'linking')
    return seeOther(c, redirectWithCode(redirect, authorizationCode))
  })

  type At = { linking: Linking; contact: Contact; channel: ChannelConfig; institution: InstitutionConfig }

  async function show(
    c: Context,
    at: { linking: Linking; contact: Contact; channel: ChannelConfig; institution: InstitutionConfig | null },
    chosen: Chosen | null,
    error: ConsentModel['error'],
  ): Promise<Response> {
    const { institution } = at
    if (!institution) return problem(c, 'mixed-up', { channel: at.channel })
    try {
      const model = await modelFor(c, { ...at, institution }, chosen, error)
      return send(web, c, consentPage(model), {
        status: error === null ? 200 : 400,
        formOrigins: [new URL(at.linking.body.redirectUri).origin],
      })
    } catch (failure) {
      if (!(failure instanceof OutsideError)) throw failure
      return problem(c, 'bank-down', { channel: at.channel, institution, againUrl: '/link/consent' })
    }
  }

  async function modelFor(
    c: Context,
    at: At,
    given: Chosen | null,
    error: ConsentModel['error'],
  ): Promise<ConsentModel> {
    const { linking, contact, channel, institution } = at
    const now = clock()
    const frame = { ...frameFor(web, c, { channel, institution }), csrf: csrfOf(web, c) }
    const chosen = given ?? leastChoices(web, institution, channel, linking)
    const samples: Samples = await sampleAnswers(web, institution, linking)
    const things: ConsentThing[] = linkPurposes.map((purpose) => {
      const ceiling = ceilingFor(web, institution, channel, purpose)
      return {
        purpose,
        ceiling,
        chosen: chosen.choices[purpose] ?? leastChoice(ceiling),
        previews: previewsFor(web, contact, institution, samples, purpose, chosen, now),
      }
    })
    const categories = clusterNames.filter((cluster) =>
      linkPurposes.some((purpose) => (purposes[purpose].clusters as readonly string[]).includes(cluster)),
    )
    return {
      frame,
      channel: channelNames[channel.kind] ?? channel.kind,
      actionUrl: '/link/consent',
      accounts: (linking.body.accounts ?? []).map((account) => ({
        ...account,
        chosen: chosen.accounts.includes(account.id),
      })),
      things,
      durations: durationsFor(web, institution).map((days) => ({
        days,
        until: Math.min(now + days * dayMs, linking.body.bankExpiresAt ?? Number.POSITIVE_INFINITY),
        chosen: days === chosen.days,
      })),
      notice: {
        askedBy: institution.name,
        heldBy: institution.name,
        product: frame.t('consent.product', { bank: institution.name }),
        categories,
        certifiedBy: institution.name,
        longestUntil: now + (durationsFor(web, institution)[0] ?? 30) * dayMs,
        takeBack: { word: 'stop', url: `${web.config.publicUrl}/me` },
        carrier: null,
      },
      error,
    }
  }

  /** A browser that is ahead of, or behind, where its linking stands. */
  function onward(c: Context, linking: Linking): Response {
    switch (linking.step) {
      case 'bank':
        return seeOther(c, '/link/bank')
      case 'consent':
        return seeOther(c, '/link/consent')
      case 'at-bank':
        return problem(c, 'mixed-up')
      default:
        return problem(c, 'used')
    }
  }

  return app
}

/** The ends that can be chosen: at most a year, and at most what the bank's policy says. Three, the longest first. */
export function durationsFor(web: Web, institution: InstitutionConfig): number[] {
  const most = web.voices.get(institution.id)?.policy.policy.grantDays ?? 30
  const offered = durationsDays.filter((days) => days < most)
  return [most, ...offered].slice(0, 3)
}

/** What a customer has chosen so far on the consent page. */
export type Chosen = {
  readonly accounts: readonly string[]
  readonly choices: Partial<Record<Purpose, ConsentChoice>>
  readonly days: number
}

/** The most the bank lets be told of anything that belongs to a purpose: what the switch can offer. */
export function ceilingFor(
  web: Web,
  institution: InstitutionConfig,
  channel: ChannelConfig,
  purpose: Purpose,
): Exposure {
  const policy = web.voices.get(institution.id)?.policy
  if (!policy) return 'withhold'
  // The purpose's own figures decide what its switch can offer, not the account's name beside them.
  const own: Partial<Record<Purpose, string>> = {
    balance: 'balances',
    transactions: 'transactions',
    insights: 'spending',
  }
  let most: Exposure = 'withhold'
  for (const field of fieldNames) {
    if (clusterOf(field) !== own[purpose]) continue
    const { ceiling } = ceilingOf(policy, purpose, field, channel.kind)
    if (exposureRank(ceiling) > exposureRank(most)) most = ceiling
  }
  return meet(most, 'say')
}

const leastChoices = (
  web: Web,
  institution: InstitutionConfig,
  channel: ChannelConfig,
  linking: Linking,
): Chosen => ({
  accounts: (linking.body.accounts ?? []).map((account: Account) => account.id),
  choices: Object.fromEntries(
    linkPurposes.map((purpose) => [purpose, leastChoice(ceilingFor(web, institution, channel, purpose))]),
  ),
  days: durationsFor(web, institution)[0] ?? 30,
})

function readChoices(
  web: Web,
  institution: InstitutionConfig,
  channel: ChannelConfig,
  linking: Linking,
  form: { one(name: string): string; all(name: string): string[] },
): Chosen {
  const known = new Set((linking.body.accounts ?? []).map((account) => account.id))
  const days = Number(form.one('days'))
  return {
    accounts: [...new Set(form.all('accounts'))].filter((id) => known.has(id)),
    choices: Object.fromEntries(
      linkPurposes.map((purpose) => {
        const ceiling = ceilingFor(web, institution, channel, purpose)
        const wanted =
          consentChoices.find((choice) => choice === form.one(`choice.${purpose}`)) ?? leastChoice(ceiling)
        return [purpose, choiceOpen(wanted, ceiling) ? wanted : leastChoice(ceiling)]
      }),
    ),
    days: durationsFor(web, institution).find((one) => one === days) ?? 30,
  }
}

const placeOf = (institution: InstitutionConfig): string =>
  new Intl.DisplayNames('en', { type: 'region' }).of(new Intl.Locale(institution.locale).region ?? 'US') ?? ''
