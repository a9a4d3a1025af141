import type { Context } from 'hono'
import type { ChannelConfig, InstitutionConfig } from '../../../core/config-schema.ts'
import { linkingOfCookie, openLinking, type Linking } from '../../../customer/linking.ts'
import type { Contact } from '../../../pipeline/contacts.ts'
import { linkProblemPage, type LinkProblem } from '../../pages/link.ts'
import { pageForChat } from '../../language.ts'
import { channelNames, frameFor, onlyChannel, readCookie, seeOther, send, type Web } from '../../web.ts'

/** Where a browser stands in its linking. */
export type At = {
  readonly linking: Linking
  readonly contact: Contact
  readonly channel: ChannelConfig
  readonly institution: InstitutionConfig | null
}
export type ProblemOptions = {
  channel?: ChannelConfig | null
  institution?: InstitutionConfig | null
  againUrl?: string
}

/** What every step of linking begins with: which linking is this browser's, and what to show when there is none. */
export function openLinkDoor(web: Web) {
  const { pool, clock } = web
  const { contacts } = web.engine

  /** The linking this browser is in, with the contact whose chat it is. */
  async function current(c: Context): Promise<At | null> {
    const found = await linkingOfCookie(pool, readCookie(web, c, 'linking'), clock())
    if (!found) return null
    const contact = (await contacts.open([found.contact])).get(found.contact.contactId)
    const channel = contact && web.channels.get(contact.address.account)?.config
    if (!contact || !channel) return null
    pageForChat(c, contact.thread)
    const linking = openLinking(found.row, found.contact, contact.keys.box)
    return {
      linking,
      contact,
      channel,
      institution: web.institutions.get(linking.body.institution ?? '') ?? null,
    }
  }

  function problem(c: Context, what: LinkProblem, options: ProblemOptions = {}): Response {
    const channel = options.channel ?? onlyChannel(web)
    const frame = frameFor(web, c, { channel, institution: options.institution ?? null, csrf: false })
    return send(
      web,
      c,
      linkProblemPage({
        frame,
        channel: channelNames[channel?.kind ?? 'messenger'] ?? '',
        problem: what,
        againUrl: what === 'used' ? '/me' : (options.againUrl ?? null),
      }),
      { status: what === 'bank-down' ? 503 : 400 },
    )
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

  return { current, problem, onward }
}
export type LinkDoor = ReturnType<typeof openLinkDoor>
