import type { Context } from 'hono'
import type { ChannelConfig, InstitutionConfig } from '../../../core/config-schema.ts'
import { one } from '../../../core/sql.ts'
import { unseal } from '../../../core/seal.ts'
import { isLive, type Grant } from '../../../consent/grant.ts'
import { boxContext } from '../../../customer/contact.ts'
import { subjectRef, type Link } from '../../../customer/link.ts'
import type { Session } from '../../../customer/session.ts'
import type { CardRequest } from '../../../disclosure/answer.ts'
import type { Contact } from '../../../pipeline/contacts.ts'
import type { SealGrade } from '../../pages/card.ts'
import { closedDoorPage, handOffPage, type ClosedDoor } from '../../pages/door.ts'
import { channelNames, frameFor, isPrefetch, onlyChannel, send, sessionOf, type Web } from '../../web.ts'
import { pageForChat } from '../../language.ts'
import { askSignIn } from '../sign-in.ts'
import { doorSeal, keptFrom, outwardUrl, type Device } from './away.ts'

/** A card whose owner has signed in, in a browser that may show it, while what it rests on stands. */
export type OpenCard = {
  readonly id: string
  readonly contact: Contact
  readonly institution: InstitutionConfig
  readonly channel: ChannelConfig | null
  readonly link: Link
  readonly grant: Grant
  readonly request: CardRequest
  readonly seal: SealGrade
}
type CardRow = {
  contact_id: string
  institution: string
  grant_id: string
  expires_at: Date
  closed_at: Date | null
  sealed: Buffer
}
/** What a visitor of a card's address gets: the card, or a page instead of it. */
export type Admission = { readonly card: OpenCard } | { readonly answer: Response }
type Owned = { row: CardRow; contact: Contact; link: Link; grants: readonly Grant[] }
type Where = { institution?: InstitutionConfig; channel?: ChannelConfig | null; signedIn?: boolean }

const cardId = /^crd_([0-9a-z]{2})[A-Za-z0-9_-]{22}$/
const statuses: Partial<Record<ClosedDoor, 404 | 410>> = {
  nothing: 404,
  'not-yours': 404,
  expired: 410,
  withdrawn: 410,
}

/** What stands before every sealed card: who may open it, where, and what everybody else is told. */
export function openCardDoor(web: Web) {
  const { pool, clock } = web
  const { contacts } = web.engine
  const seals = (): SealGrade[] => [...web.voices.values()].map((voice) => voice.policy.policy.seal)
  const nameOf = (channel: ChannelConfig | null): string | null =>
    channel && (channelNames[channel.kind] ?? channel.name)

  const closed = (c: Context, reason: ClosedDoor, where: Where = {}, againUrl: string | null = null) => {
    const channel = where.channel ?? onlyChannel(web)
    const frame = frameFor(web, c, { ...where, channel, csrf: false })
    return send(web, c, closedDoorPage({ frame, channel: nameOf(channel), reason, againUrl }), {
      status: statuses[reason] ?? 200,
    })
  }

  const handOff = (c: Context, id: string, device: Device, where: Where = {}): Response => {
    const channel = where.channel ?? onlyChannel(web)
    const pageUrl = `${web.config.publicUrl}/card/${id}`
    const frame = frameFor(web, c, { ...where, channel, csrf: false })
    const openUrl = outwardUrl(pageUrl, device)
    return send(web, c, handOffPage({ frame, channel: nameOf(channel), device, openUrl, pageUrl }))
  }

  /** The card, where the signed-in customer is the one that its chat is linked to; else null. */
  async function owned(session: Session, id: string, lanePart: string): Promise<Owned | null> {
    const lane = Number.parseInt(lanePart, 36)
    const row = await one<CardRow>(
      pool,
      'select contact_id, institution, grant_id, expires_at, closed_at, sealed from disclosure_card where lane = $1 and card_id = $2',
      [lane, id],
    )
    if (!row || row.institution !== session.institution) return null
    const contact = (await contacts.open([{ lane, contactId: row.contact_id }])).get(row.contact_id)
    if (!contact) return null
    const { links, grants } = await contacts.money(contact)
    const link = links.find((candidate) => candidate.institution === row.institution)
    if (!link) return null
    const holder = subjectRef(web.engine.subjects, link.institution, link.subject)
    return session.subjectRef.equals(holder) ? { row, contact, link, grants } : null
  }

  async function open(c: Context, id: string): Promise<Admission> {
    if (isPrefetch(c)) return { answer: c.body(null, 204) }
    const lanePart = cardId.exec(id)?.[1]
    if (lanePart === undefined) return { answer: closed(c, 'nothing') }
    // Whoever holds the address, and no more, learns nothing by it: until somebody has signed in, the card is not even
    // looked up, so that one that is open, has run out, was taken back or never was gives the very same answer.
    const near = keptFrom(c, doorSeal(seals()))
    if (near !== null) return { answer: handOff(c, id, near) }
    const session = await sessionOf(web, c)
    const institution = session && web.institutions.get(session.institution)
    if (!session || !institution)
      return { answer: askSignIn(web, c, { institution: null, returnTo: `/card/${id}` }) }
    const found = await owned(session, id, lanePart)
    if (!found)
      return {
        answer: closed(c, 'not-yours', { institution, signedIn: true }, `/session?to=/card/${id}`),
      }

    // Its owner, and nobody else, is told how it stands.
    const { row, contact, link, grants } = found
    pageForChat(c, contact.thread)
    const channel = web.channels.get(contact.address.account)?.config ?? null
    const where = { institution, channel, signedIn: true }
    const seal = web.voices.get(institution.id)?.policy.policy.seal ?? 'S2'
    const device = keptFrom(c, seal)
    if (device !== null) return { answer: handOff(c, id, device, where) }
    const grant = grants.find(({ body }) => body.institution === institution.id)
    const now = clock()
    if (!link.tokens || !grant || !isLive(grant, now)) return { answer: closed(c, 'withdrawn', where) }
    // A permission that was given anew has cards of its own.
    if (grant.grantId !== row.grant_id) return { answer: closed(c, 'expired', where) }
    if (row.closed_at !== null) return { answer: closed(c, 'withdrawn', where) }
    const plain = unseal(
      contact.keys.box,
      boxContext('disclosure_card', contact.ref.contactId, id),
      row.sealed,
    )
    if (row.expires_at.getTime() <= now || !plain) return { answer: closed(c, 'expired', where) }
    const request = JSON.parse(plain.toString('utf8')) as CardRequest
    return { card: { id, contact, institution, channel, link, grant, request, seal } }
  }

  /** Where a card goes that closed itself, or was sent away. The address is not looked up. */
  function closedByItself(c: Context): Response {
    const id = c.req.query('card') ?? ''
    const reason = c.req.query('by') === 'hand' ? 'closed' : 'idle'
    return closed(c, reason, {}, cardId.test(id) ? `/card/${id}` : null)
  }

  return { open, closedByItself }
}
