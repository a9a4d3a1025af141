import { Hono } from 'hono'
import { checkRedirectUri, resolveLinkingToken } from '../../channel/messenger/linking.ts'
import type { ChannelConfig, InstitutionConfig } from '../../core/config-schema.ts'
import { code, errorCode } from '../../core/logger.ts'
import { isRefusal, OutsideError } from '../../core/refusal.ts'
import { moveLinking, newChatCode, startLinking, type Linking } from '../../customer/linking.ts'
import { openSession } from '../../customer/session.ts'
import { subjectRef } from '../../customer/link.ts'
import type { Contact } from '../../pipeline/contacts.ts'
import { continueAtBankPage, pickBankPage } from '../pages/link.ts'
import {
  bankOrigins,
  channelNames,
  csrfGood,
  brandOf,
  dropCookie,
  formOf,
  frameFor,
  inAppBrowser,
  isPrefetch,
  seeOther,
  send,
  writeCookie,
  type Web,
} from '../web.ts'
import { durationsFor } from './choices.ts'
import { consentRoutes } from './link/consent.ts'
import { openLinkDoor } from './link/door.ts'

/**
 * Linking: which bank → compare the code → the bank's own login → what may be shown where → back to the chat. Nothing is
 * bound here. The platform told us whose chat this is before anyone signed in; the chat is bound when the platform's
 * webhook brings our code back from that same chat.
 */
export function linkRoutes(web: Web): Hono {
  const app = new Hono()
  const { pool, clock, log } = web
  const { contacts } = web.engine
  const door = openLinkDoor(web)
  const { current, problem, onward } = door

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
    const frame = frameFor(web, c, { channel: at.channel })
    return send(
      web,
      c,
      pickBankPage({
        frame,
        channel: channelNames[at.channel.kind] ?? at.channel.kind,
        actionUrl: '/link/bank',
        searchUrl: '/link/bank',
        query,
        banks: banks.map((one) => ({ ...brandOf(one), place: placeOf(one, frame.locale) })),
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

  app.route('/', consentRoutes(web, door))
  return app
}

const placeOf = (institution: InstitutionConfig, locale: string): string =>
  new Intl.DisplayNames(locale, { type: 'region' }).of(new Intl.Locale(institution.locale).region ?? 'US') ??
  ''
