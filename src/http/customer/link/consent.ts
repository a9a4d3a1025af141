import { createHash } from 'node:crypto'
import { Hono, type Context } from 'hono'
import { redirectWithCode } from '../../../channel/messenger/linking.ts'
import type { Exposure } from '../../../consent/exposure.ts'
import { clusterNames } from '../../../consent/field.ts'
import { purposes, type Purpose } from '../../../consent/purpose.ts'
import { dayMs } from '../../../core/clock.ts'
import type { ChannelConfig, InstitutionConfig } from '../../../core/config-schema.ts'
import { newSecret } from '../../../core/id.ts'
import { errorCode } from '../../../core/logger.ts'
import { OutsideError } from '../../../core/refusal.ts'
import { codeLifeMs, moveLinking, type Linking } from '../../../customer/linking.ts'
import type { Contact } from '../../../pipeline/contacts.ts'
import { wordsWith } from '../../../pipeline/draft.ts'
import type { Agreed } from '../../../pipeline/records.ts'
import { consentPage, leastChoice, type ConsentModel, type ConsentThing } from '../../pages/consent.ts'
import { pageIn } from '../../language.ts'
import { chooseLanguage } from '../../language-switch.ts'
import {
  channelNames,
  csrfGood,
  csrfOf,
  dropCookie,
  formOf,
  frameFor,
  seeOther,
  send,
  type Web,
} from '../../web.ts'
import { ceilingFor, durationsFor, leastChoices, linkPurposes, readChoices, type Chosen } from '../choices.ts'
import { previewsFor, sampleAnswers, type Samples } from '../previews.ts'
import type { LinkDoor } from './door.ts'

/** What may be shown where: the consent page, and what comes of it. */
export function consentRoutes(web: Web, { current, problem, onward }: LinkDoor): Hono {
  const app = new Hono()
  const { pool, clock, log } = web

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
    // What was agreed to, and the words that are kept as its proof, are those that were read.
    pageIn(c, form.one('read-in'))
    if (!csrfGood(web, c, form.one('csrf')))
      return show(c, { linking, contact, channel, institution }, chosen, 'stale')
    if (chooseLanguage(web, c, form)) return show(c, { linking, contact, channel, institution }, chosen, null)
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
    const voice = web.voices.get(institution.id)
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
      chatLocale: voice ? wordsWith(contact, voice).locale : frame.locale,
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
        takeBack: { word: frame.t('terms.take-back.word'), url: `${web.config.publicUrl}/me` },
        carrier: null,
      },
      error,
    }
  }

  return app
}
