import type { Context } from 'hono'
import type { Grant } from '../../../consent/grant.ts'
import type { ChannelConfig, InstitutionConfig } from '../../../core/config-schema.ts'
import { contactsOf } from '../../../customer/link.ts'
import type { Session } from '../../../customer/session.ts'
import type { Contact } from '../../../pipeline/contacts.ts'
import type { Frame } from '../../kit/page.ts'
import type { MeUrls } from '../../pages/me.ts'
import { errorPage } from '../../pages/error.ts'
import { channelNames, csrfGood, formOf, frameFor, send, sessionOf, type Web } from '../../web.ts'
import { pageForChat } from '../../language.ts'
import { askSignIn, isReturnPath } from '../sign-in.ts'

export const urls: MeUrls = { allowed: '/me', left: '/me/left', data: '/me/data' }

/** One chat of the signed-in customer; theirs since `linkedAt`, epoch ms. */
export type Chat = { readonly contact: Contact; readonly channel: ChannelConfig; readonly linkedAt: number }
export type Visitor = {
  readonly session: Session
  readonly institution: InstitutionConfig
  readonly chats: readonly Chat[]
}
export type Form = Awaited<ReturnType<typeof formOf>>
type Handler = (c: Context) => Promise<Response>

/** The door of every page of My permissions: it opens to a signed-in customer, and to their own chats. */
export type Visitors = {
  /** Runs a page for a signed-in customer, or asks who they are. */
  readonly forVisitor: (page: (c: Context, who: Visitor) => Promise<Response> | Response) => Handler
  /** A form of a signed-in customer, with its token; anything else changes nothing. */
  readonly forForm: (act: (c: Context, who: Visitor, form: Form) => Promise<Response>) => Handler
  readonly frame: (c: Context, who: Visitor, chat?: Chat | null) => Frame
  readonly grantOf: (chat: Chat, who: Visitor) => Promise<Grant | null>
}

export const channelName = (chat: Chat | null | undefined): string =>
  channelNames[chat?.channel.kind ?? 'messenger'] ?? ''
export const chatOf = (who: Visitor, id: string | undefined): Chat | null =>
  who.chats.find(({ contact }) => contact.ref.contactId === id) ?? null

export function openVisitors(web: Web): Visitors {
  const { pool } = web
  const { contacts } = web.engine

  async function visitor(c: Context): Promise<Visitor | null> {
    const session = await sessionOf(web, c)
    const institution = session && web.institutions.get(session.institution)
    if (!session || !institution) return null
    const rows = await contactsOf(pool, session.subjectRef)
    const open = await contacts.open(rows.map(({ lane, contactId }) => ({ lane, contactId })))
    const chats = rows.flatMap(({ contactId, linkedAt }) => {
      const contact = open.get(contactId)
      const channel = contact && web.channels.get(contact.address.account)?.config
      return contact && channel ? [{ contact, channel, linkedAt: linkedAt.getTime() }] : []
    })
    return { session, institution, chats }
  }

  // Whoever is not signed in is asked who they are: at the bank that the address names, else at any.
  const ask = (c: Context, institution: InstitutionConfig | null): Response =>
    // Where a sign-in cannot lead back to, it leads to the start of it.
    askSignIn(web, c, { institution, returnTo: isReturnPath(c.req.path) ? c.req.path : '/me' })

  const forVisitor: Visitors['forVisitor'] = (page) => async (c) => {
    const who = await visitor(c)
    const asked = web.institutions.get(c.req.query('bank') ?? '') ?? null
    // Signed in at one bank is a stranger at another.
    return who && (!asked || asked.id === who.institution.id) ? page(c, who) : ask(c, asked)
  }

  const forForm: Visitors['forForm'] = (act) => async (c) => {
    const who = await visitor(c)
    const form = await formOf(c)
    // A session that ended meanwhile is begun again; the form is not kept for then.
    if (!who) return ask(c, null)
    return csrfGood(web, c, form.one('csrf')) ? act(c, who, form) : stale(c, who)
  }

  /** A form of another site, or of a page that was open for too long. */
  const stale = (c: Context, who: Visitor): Response =>
    send(
      web,
      c,
      errorPage({
        frame: { ...frame(c, who), csrf: '' },
        status: 403,
        reference: null,
        retryAfterSeconds: null,
        onwardUrl: '/me',
      }),
      { status: 403 },
    )

  const frame: Visitors['frame'] = (c, who, chat = who.chats[0] ?? null) => {
    if (chat) pageForChat(c, chat.contact.thread)
    return frameFor(web, c, { institution: who.institution, channel: chat?.channel ?? null, signedIn: true })
  }
  const grantOf: Visitors['grantOf'] = async (chat, who) =>
    (await contacts.money(chat.contact)).grants.find(({ body }) => body.institution === who.institution.id) ??
    null

  return { forVisitor, forForm, frame, grantOf }
}
