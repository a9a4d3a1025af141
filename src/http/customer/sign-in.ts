import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type AuthenticatorTransport,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server'
import { Hono, type Context } from 'hono'
import type { PendingAuthorization } from '../../bank/bank.ts'
import { minuteMs } from '../../core/clock.ts'
import type { InstitutionConfig } from '../../core/config-schema.ts'
import { code, errorCode } from '../../core/logger.ts'
import { isRefusal, OutsideError } from '../../core/refusal.ts'
import {
  addPasskey,
  closeSession,
  openSession,
  passkeyById,
  passkeysOf,
  putChallenge,
  sessionLifeMs,
  takeChallenge,
  usedPasskey,
} from '../../customer/session.ts'
import { subjectRef } from '../../customer/link.ts'
import { closedDoorPage, signInPage } from '../pages/door.ts'
import {
  bankOrigins,
  brandOf,
  channelNames,
  csrfGood,
  dropCookie,
  formOf,
  frameFor,
  onlyChannel,
  readCookie,
  seeOther,
  send,
  sessionOf,
  writeCookie,
  type Web,
} from '../web.ts'

/** Where a sign-in may lead back to: our own pages for customers, and nothing else. */
export const isReturnPath = (path: string): boolean =>
  /^\/(card\/[A-Za-z0-9_-]{10,60}|me(\/[a-z-]{1,20})?)(\?[\w=&%.-]{0,200})?$/.test(path)

/**
 * The page that asks who you are: with a passkey, or with the bank's own login. It is made of this browser and of what
 * is served here alone, so that an address says nothing of a customer to whoever holds it.
 */
export function askSignIn(
  web: Web,
  c: Context,
  ask: {
    /** The bank that the address names; null offers them all. */
    institution: InstitutionConfig | null
    returnTo: string
    stepUp?: boolean
    error?: 'failed' | 'bank-down' | null
  },
): Response {
  const channel = onlyChannel(web)
  const all = [...web.institutions.values()]
  const banks = ask.institution === null ? all : [ask.institution]
  const to = new URLSearchParams({ to: ask.returnTo })
  const at = (id: string): string => `${new URLSearchParams({ bank: id })}&${to}`
  const passkey = ask.institution === null ? to.toString() : at(ask.institution.id)
  return send(
    web,
    c,
    signInPage({
      frame: frameFor(web, c, { institution: ask.institution, channel }),
      channel: channel && (channelNames[channel.kind] ?? channel.name),
      why: ask.stepUp ? 'step-up' : ask.returnTo.startsWith('/card/') ? 'card' : 'me',
      passkey: {
        optionsUrl: `/session/passkey/options?${passkey}`,
        verifyUrl: `/session/passkey?${passkey}`,
      },
      passkeyFirst: readCookie(web, c, 'passkey') !== undefined,
      banks: banks.map((bank) => ({ ...brandOf(bank), loginUrl: `/session/bank?${at(bank.id)}` })),
      otherUrl: banks.length < all.length ? `/session?${to}` : null,
      error: ask.error ?? null,
    }),
    { status: 401, formOrigins: bankOrigins(banks) },
  )
}

type SignIn = { pending: PendingAuthorization; institution: string; returnTo: string }

/** Signing in and out: the bank's login, passkeys (WebAuthn Level 3), and making a passkey. */
export function sessionRoutes(web: Web): Hono {
  const app = new Hono()
  const { pool, clock, log } = web
  const url = new URL(web.config.publicUrl)
  const callbackUrl = (institution: string): string =>
    `${web.config.publicUrl}/session/callback/${institution}`

  const signedIn = async (
    c: Context,
    institution: string,
    ref: Buffer,
    method: 'bank' | 'passkey',
  ): Promise<void> => {
    const before = readCookie(web, c, 'session')
    // A new secret at every sign-in, so that one planted beforehand is worth nothing.
    if (before) await closeSession(pool, before)
    writeCookie(
      web,
      c,
      'session',
      await openSession(pool, { institution, subjectRef: ref, method }, clock()),
      sessionLifeMs / 1000,
    )
  }

  // To sign in as somebody else than now: every bank, whoever is signed in.
  app.get('/session', (c) => {
    const returnTo = c.req.query('to') ?? '/me'
    return isReturnPath(returnTo) ? askSignIn(web, c, { institution: null, returnTo }) : c.notFound()
  })

  app.post('/session/bank', async (c) => {
    const form = await formOf(c)
    const institution = web.institutions.get(c.req.query('bank') ?? '')
    const returnTo = c.req.query('to') ?? ''
    const bank = institution && web.banks.get(institution.id)
    if (!bank || !institution || !isReturnPath(returnTo) || !csrfGood(web, c, form.one('csrf')))
      return c.notFound()
    try {
      const started = await bank.begin({
        purpose: 'session',
        redirectUri: callbackUrl(institution.id),
        days: 1,
        lookbackDays: 0,
      })
      const signIn: SignIn = { pending: started.pending, institution: institution.id, returnTo }
      writeCookie(web, c, 'signin', await putChallenge(pool, 'sign-in', signIn, clock() + 10 * minuteMs), 600)
      return seeOther(c, started.url)
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      log.warn('session.bank_down', { institution: code(institution.id), code: errorCode(error) })
      return askSignIn(web, c, { institution, returnTo, error: 'bank-down' })
    }
  })

  app.get('/session/callback/:institution', async (c) => {
    const signIn = (await takeChallenge(
      pool,
      'sign-in',
      readCookie(web, c, 'signin'),
      clock(),
    )) as SignIn | null
    dropCookie(web, c, 'signin')
    const institution = web.institutions.get(c.req.param('institution'))
    const bank = institution && web.banks.get(institution.id)
    if (!signIn || !institution || !bank || signIn.institution !== institution.id) return c.notFound()
    const again = (error: 'failed' | 'bank-down'): Response =>
      askSignIn(web, c, { institution, returnTo: signIn.returnTo, error })
    try {
      const authorized = await bank.finish(
        signIn.pending,
        new URL(`${callbackUrl(institution.id)}${new URL(c.req.url).search}`),
      )
      if (isRefusal(authorized)) return again('failed')
      await signedIn(
        c,
        institution.id,
        subjectRef(web.engine.subjects, institution.id, authorized.subject),
        'bank',
      )
      return seeOther(c, signIn.returnTo)
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      log.warn('session.finish_failed', { institution: code(institution.id), code: errorCode(error) })
      return again('bank-down')
    }
  })

  const rememberPasskey = (c: Context): void => writeCookie(web, c, 'passkey', '1', 365 * 86_400)

  // ------------------------------------------------------------ passkeys: sign in
  app.post('/session/passkey/options', async (c) => {
    if (!csrfGood(web, c, c.req.header('x-csrf-token'))) return c.json({ error: 'stale' }, 403)
    // No list of credentials: the authenticator offers what it has, and a stranger learns nothing from us.
    const options = await generateAuthenticationOptions({
      rpID: url.hostname,
      userVerification: 'required',
      allowCredentials: [],
    })
    writeCookie(
      web,
      c,
      'signin',
      await putChallenge(pool, 'passkey', { challenge: options.challenge }, clock() + 5 * minuteMs),
      300,
    )
    return c.json(options)
  })

  app.post('/session/passkey', async (c) => {
    const held = (await takeChallenge(pool, 'passkey', readCookie(web, c, 'signin'), clock())) as {
      challenge: string
    } | null
    // A passkey knows its bank; where the page was one bank's, it must be that one's.
    const asked = c.req.query('bank')
    const returnTo = c.req.query('to') ?? ''
    if (!held || !isReturnPath(returnTo) || !csrfGood(web, c, c.req.header('x-csrf-token')))
      return c.json({ error: 'stale' }, 403)
    const response =
      (await c.req.json<{ response?: AuthenticationResponseJSON }>().catch(() => null))?.response ?? null
    const passkey =
      typeof response?.id === 'string' ? await passkeyById(pool, Buffer.from(response.id, 'base64url')) : null
    const known = passkey !== null && web.institutions.has(passkey.institution)
    if (!response || !known || (asked !== undefined && passkey.institution !== asked))
      return c.json({ error: 'failed' }, 403)
    try {
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response,
        expectedChallenge: held.challenge,
        expectedOrigin: url.origin,
        expectedRPID: url.hostname,
        requireUserVerification: true,
        credential: {
          id: passkey.credentialId.toString('base64url'),
          publicKey: new Uint8Array(passkey.publicKey),
          counter: passkey.counter,
          transports: JSON.parse(passkey.transports) as AuthenticatorTransport[],
        },
      })
      if (!verified) return c.json({ error: 'failed' }, 403)
      await usedPasskey(pool, passkey.credentialId, authenticationInfo.newCounter)
    } catch (error) {
      log.warn('passkey.refused', { code: errorCode(error) })
      return c.json({ error: 'failed' }, 403)
    }
    await signedIn(c, passkey.institution, passkey.subjectRef, 'passkey')
    rememberPasskey(c)
    return c.json({ next: returnTo })
  })

  // ------------------------------------------------------------ passkeys: make one
  app.post('/me/passkey/options', async (c) => {
    const session = await sessionOf(web, c)
    if (!session || !csrfGood(web, c, c.req.header('x-csrf-token'))) return c.json({ error: 'stale' }, 403)
    const institution = web.institutions.get(session.institution)
    const existing = await passkeysOf(pool, session.subjectRef)
    const options = await generateRegistrationOptions({
      rpName: institution?.name ?? 'Guichet',
      rpID: url.hostname,
      userID: new Uint8Array(session.subjectRef),
      userName: institution?.name ?? 'Guichet',
      attestationType: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      excludeCredentials: existing.map((one) => ({ id: one.credentialId.toString('base64url') })),
    })
    writeCookie(
      web,
      c,
      'signin',
      await putChallenge(pool, 'passkey-new', { challenge: options.challenge }, clock() + 5 * minuteMs),
      300,
    )
    return c.json(options)
  })

  app.post('/me/passkey', async (c) => {
    const session = await sessionOf(web, c)
    const held = (await takeChallenge(pool, 'passkey-new', readCookie(web, c, 'signin'), clock())) as {
      challenge: string
    } | null
    if (!session || !held || !csrfGood(web, c, c.req.header('x-csrf-token')))
      return c.json({ error: 'stale' }, 403)
    const response =
      (await c.req.json<{ response?: RegistrationResponseJSON }>().catch(() => null))?.response ?? null
    if (!response) return c.json({ error: 'failed' }, 400)
    try {
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        response,
        expectedChallenge: held.challenge,
        expectedOrigin: url.origin,
        expectedRPID: url.hostname,
        requireUserVerification: true,
      })
      if (!verified) return c.json({ error: 'failed' }, 403)
      const { credential } = registrationInfo
      await addPasskey(pool, {
        credentialId: Buffer.from(credential.id, 'base64url'),
        institution: session.institution,
        subjectRef: session.subjectRef,
        publicKey: Buffer.from(credential.publicKey),
        counter: credential.counter,
        transports: JSON.stringify((credential.transports ?? []).slice(0, 8)),
      })
    } catch (error) {
      log.warn('passkey.registration_refused', { code: errorCode(error) })
      return c.json({ error: 'failed' }, 403)
    }
    rememberPasskey(c)
    return c.json({ next: '/me/data?done=passkey-added' })
  })

  app.post('/session/end', async (c) => {
    const form = await formOf(c)
    if (!csrfGood(web, c, form.one('csrf'))) return c.notFound()
    const secret = readCookie(web, c, 'session')
    if (secret) await closeSession(pool, secret)
    dropCookie(web, c, 'session')
    return send(
      web,
      c,
      closedDoorPage({
        frame: frameFor(web, c, { channel: onlyChannel(web), csrf: false }),
        channel: null,
        reason: 'signed-out',
        againUrl: '/me',
      }),
    )
  })

  return app
}
