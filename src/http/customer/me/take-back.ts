import { Hono, type Context } from 'hono'
import { isLive } from '../../../consent/grant.ts'
import { purposeNames, type Purpose } from '../../../consent/purpose.ts'
import type { Line } from '../../../disclosure/answer.ts'
import { waitingCount } from '../../../disclosure/cancel.ts'
import { words } from '../../../intent/talk.ts'
import type { TakenBack } from '../../../pipeline/records.ts'
import { formatsOf } from '../../kit/page.ts'
import { takeBackPage, takenBackPage } from '../../pages/me.ts'
import { seeOther, send, type Web } from '../../web.ts'
import { isPurpose } from './words.ts'
import { channelName, chatOf, type Chat, type Visitor, type Visitors } from './visitor.ts'

/** Taking back one thing or everything in a chat, or everything in every chat: the effect first, then one tap, then what was done and when. */
export function takeBackRoutes(web: Web, { forVisitor, forForm, frame, grantOf }: Visitors): Hono {
  const app = new Hono()
  const { pool, clock } = web
  const { records } = web.engine

  /** Those of these chats in which this bank may still show something, each with what was agreed. */
  const liveOf = async (who: Visitor, chats: readonly Chat[]) => {
    const found = await Promise.all(chats.map(async (chat) => ({ chat, grant: await grantOf(chat, who) })))
    return found.flatMap(({ chat, grant }) => (grant && isLive(grant, clock()) ? [{ chat, grant }] : []))
  }
  const namesOf = (c: Context, who: Visitor, live: readonly { chat: Chat }[]): string =>
    formatsOf(frame(c, who)).list([...new Set(live.map(({ chat }) => channelName(chat)))])
  const inChat = (who: Visitor, id: string | undefined): Chat[] => {
    const chat = chatOf(who, id)
    return chat ? [chat] : []
  }

  /** The effect, before anything is done. */
  const takeBack = async (c: Context, who: Visitor, chats: readonly Chat[], purpose: Purpose | null) => {
    const live = await liveOf(who, chats)
    if (chats.length === 0) return c.notFound()
    if (live.length === 0) return seeOther(c, '/me')
    const institution = who.institution.id
    const waiting = await Promise.all(
      live.map(({ chat }) => waitingCount(pool, chat.contact.ref, { institution, purpose })),
    )
    const others = live.some(({ grant }) =>
      purposeNames.some((name) => name !== purpose && (grant.body.items[name] ?? 'withhold') !== 'withhold'),
    )
    return send(
      web,
      c,
      takeBackPage({
        frame: frame(c, who, live[0]?.chat),
        channel: namesOf(c, who, live),
        purpose,
        waiting: waiting.reduce((sum, count) => sum + count, 0),
        returnsKey: purpose === null || !others,
        actionUrl: c.req.path,
        keepUrl: '/me',
      }),
    )
  }

  /** Done, chat by chat; each is told as well, where it may still be spoken to. */
  const takenBack = async (c: Context, who: Visitor, chats: readonly Chat[], purpose: Purpose | null) => {
    if (chats.length === 0) return c.notFound()
    const done: { chat: Chat; taken: TakenBack }[] = []
    for (const { chat } of await liveOf(who, chats)) {
      const taken = await records.takeBack(chat.contact, who.institution.id, purpose)
      if (!taken) continue
      done.push({ chat, taken })
      const lines: Line[] = [
        taken.purpose === null
          ? { key: 'grant.withdrawn' }
          : { key: 'grant.narrowed', params: { purpose: { type: 'term', key: `purpose.${taken.purpose}` } } },
      ]
      if (taken.cancelled > 0)
        lines.push({ key: 'grant.cancelled', params: { count: { type: 'count', count: taken.cancelled } } })
      void web.engine.say(chat.contact, [words(lines, [], who.institution.id)])
    }
    const last = done.at(-1)
    if (!last) return seeOther(c, '/me')
    const all = done.map(({ taken }) => taken)
    const returned = all.flatMap(({ keyReturnedAt }) => keyReturnedAt ?? [])
    return send(
      web,
      c,
      takenBackPage({
        frame: frame(c, who, last.chat),
        channel: namesOf(c, who, done),
        purpose: last.taken.purpose,
        at: last.taken.at,
        cancelled: all.reduce((sum, { cancelled }) => sum + cancelled, 0),
        closedCards: all.reduce((sum, { closedCards }) => sum + closedCards, 0),
        key: last.taken.keyKept
          ? { state: 'kept' }
          : returned.length < all.length
            ? { state: 'waiting' }
            : { state: 'given', at: Math.max(...returned) },
        meUrl: '/me',
        // Each chat has its own line in the log.
        proofUrl: all.length === 1 ? `/me/proof/record/${last.taken.batchId}` : null,
      }),
    )
  }

  app.get(
    '/me/take-back',
    forVisitor((c, who) => takeBack(c, who, who.chats, null)),
  )
  app.post(
    '/me/take-back',
    forForm((c, who) => takenBack(c, who, who.chats, null)),
  )
  app.get(
    '/me/take-back/:chat',
    forVisitor((c, who) => takeBack(c, who, inChat(who, c.req.param('chat')), null)),
  )
  app.post(
    '/me/take-back/:chat',
    forForm((c, who) => takenBack(c, who, inChat(who, c.req.param('chat')), null)),
  )
  app.get(
    '/me/take-back/:chat/:purpose',
    forVisitor((c, who) => {
      const purpose = c.req.param('purpose')
      return isPurpose(purpose) ? takeBack(c, who, inChat(who, c.req.param('chat')), purpose) : c.notFound()
    }),
  )
  app.post(
    '/me/take-back/:chat/:purpose',
    forForm(async (c, who) => {
      const purpose = c.req.param('purpose')
      return isPurpose(purpose) ? takenBack(c, who, inChat(who, c.req.param('chat')), purpose) : c.notFound()
    }),
  )

  return app
}
