import { Hono, type Context } from 'hono'
import { isLive } from '../../../consent/grant.ts'
import { houseBrand } from '../../kit/assets.ts'
import { erasedPage, erasePage, type ForgottenBank } from '../../pages/me-erase.ts'
import { openPageWords, pageLocales } from '../../kit/words.ts'
import { chooseLanguage } from '../../language-switch.ts'
import { brandOf, dropCookie, send, type Web } from '../../web.ts'
import { channelName, type Visitor, type Visitors } from './visitor.ts'

/**
 * Erasing. A chat has one key for all that is kept of it, so it is forgotten whole: with its link to another bank too.
 * The page names every bank first, and only a form that names the same ones erases.
 */
export function eraseRoutes(web: Web, { forVisitor, forForm, frame, grantOf }: Visitors): Hono {
  const app = new Hono()
  const { clock } = web
  const { contacts, records } = web.engine

  /** Every bank that one of the visitor's chats is linked to; theirs first. */
  async function banksOf(who: Visitor): Promise<ForgottenBank[]> {
    const found = new Map<string, { channels: Set<string>; live: boolean }>()
    for (const chat of who.chats) {
      const { links, grants } = await contacts.money(chat.contact)
      for (const { institution } of links) {
        const bank = found.get(institution) ?? { channels: new Set(), live: false }
        bank.channels.add(channelName(chat))
        bank.live ||= grants.some((grant) => grant.body.institution === institution && isLive(grant, clock()))
        found.set(institution, bank)
      }
    }
    return [...found]
      .map(([id, { channels, live }]) => {
        const institution = web.institutions.get(id)
        // A bank that is served no more is still one that is forgotten.
        const brand = institution ? brandOf(institution) : { ...houseBrand, name: id }
        return { ...brand, id, channels: [...channels], live, here: id === who.institution.id }
      })
      .sort((a, b) => Number(b.here) - Number(a.here))
  }

  /** What the form repeats, so that nothing is erased that was not on the page. */
  const named = (banks: readonly ForgottenBank[]): string =>
    banks.map(({ id, channels, live }) => `${id}:${channels.join('+')}:${live ? 'live' : 'over'}`).join(' ')

  async function eraseForm(
    c: Context,
    who: Visitor,
    banks: readonly ForgottenBank[],
    typed: string,
    error: 'wrong' | 'changed' | null,
  ): Promise<Response> {
    const shown = frame(c, who)
    const stops = await Promise.all(who.chats.map((chat) => grantOf(chat, who)))
    return send(
      web,
      c,
      erasePage({
        frame: shown,
        actionUrl: '/me/erase',
        keepUrl: '/me/data',
        takeBackUrl: stops.some((grant) => grant && isLive(grant, clock())) ? '/me/take-back' : null,
        kept: [shown.t('erase.stays.bank', { bank: who.institution.name })],
        banks,
        named: named(banks),
        typed,
        error,
      }),
      { status: error === null ? 200 : 400 },
    )
  }

  app.get(
    '/me/erase',
    forVisitor(async (c, who) => eraseForm(c, who, await banksOf(who), '', null)),
  )

  app.post(
    '/me/erase',
    forForm(async (c, who, form) => {
      const typed = form.one('typed').trim().slice(0, 40)
      const banks = await banksOf(who)
      // To read the page in another language is not to press its button.
      if (chooseLanguage(web, c, form) || banks.length === 0) return eraseForm(c, who, banks, typed, null)
      const shown = frame(c, who)
      if (!isEraseWord(typed)) return eraseForm(c, who, banks, typed, 'wrong')
      if (form.one('named') !== named(banks)) return eraseForm(c, who, banks, '', 'changed')
      let keys = true
      let batchId = 0
      for (const chat of who.chats) {
        const done = await records.erase(chat.contact)
        keys &&= done.keysReturned
        batchId = done.batchId
      }
      dropCookie(web, c, 'session')
      dropCookie(web, c, 'passkey')
      return send(
        web,
        c,
        erasedPage({
          frame: { ...shown, who: null },
          at: clock(),
          banks: banks.map(({ name }) => name),
          reference: `E-${batchId}`,
          key: keys ? 'given' : 'waiting',
        }),
      )
    }),
  )

  return app
}

/** In any of the languages: the page may have been read in another one than is chosen by now. */
const isEraseWord = (typed: string): boolean =>
  pageLocales.some((tag) => openPageWords(tag)('erase.word').toLowerCase() === typed.toLowerCase())
