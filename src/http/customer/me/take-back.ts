import { Hono, type Context } from 'hono'
import { isLive } from '../../../consent/grant.ts'
import { purposeNames, type Purpose } from '../../../consent/purpose.ts'
import type { Line } from '../../../disclosure/answer.ts'
import { waitingCount } from '../../../disclosure/cancel.ts'
import { words } from '../../../intent/talk.ts'
import { takeBackPage, takenBackPage } from '../../pages/me.ts'
import { seeOther, send, type Web } from '../../web.ts'
import { isPurpose } from './words.ts'
import { channelName, chatOf, type Chat, type Visitor, type Visitors } from './visitor.ts'

/** Taking back one thing or everything in a chat: the effect first, then one tap, then what was done and when. */
export function takeBackRoutes(web: Web, { forVisitor, forForm, frame, grantOf }: Visitors): Hono {
  const app = new Hono()
  const { pool, clock } = web
  const { records } = web.engine

  const takeBack = async (c: Context, who: Visitor, chat: Chat | null, purpose: Purpose | null) => {
    if (!chat) return c.notFound()
    const grant = await grantOf(chat, who)
    if (!grant || !isLive(grant, clock())) return seeOther(c, '/me')
    const others = purposeNames.some(
      (name) => name !== purpose && (grant.body.items[name] ?? 'withhold') !== 'withhold',
    )
    return send(
      web,
      c,
      takeBackPage({
        frame: frame(c, who, chat),
        channel: channelName(chat),
        purpose,
        waiting: await waitingCount(pool, chat.contact.ref, { institution: who.institution.id, purpose }),
        returnsKey: purpose === null || !others,
        actionUrl: c.req.path,
        keepUrl: '/me',
      }),
    )
  }
  const takenBack = async (c: Context, who: Visitor, chat: Chat | null, purpose: Purpose | null) => {
    if (!chat) return c.notFound()
    const done = await records.takeBack(chat.contact, who.institution.id, purpose)
    if (!done) return seeOther(c, '/me')
    // The chat is told as well, where it may still be spoken to.
    const lines: Line[] = [
      done.purpose === null
        ? { key: 'grant.withdrawn' }
        : { key: 'grant.narrowed', params: { purpose: { type: 'term', key: `purpose.${done.purpose}` } } },
    ]
    if (done.cancelled > 0)
      lines.push({ key: 'grant.cancelled', params: { count: { type: 'count', count: done.cancelled } } })
    void web.engine.say(chat.contact, [words(lines, [], who.institution.id)])
    return send(
      web,
      c,
      takenBackPage({
        frame: frame(c, who, chat),
        channel: channelName(chat),
        purpose: done.purpose,
        at: done.at,
        cancelled: done.cancelled,
        closedCards: done.closedCards,
        key: done.keyKept
          ? { state: 'kept' }
          : done.keyReturnedAt === null
            ? { state: 'waiting' }
            : { state: 'given', at: done.keyReturnedAt },
        meUrl: '/me',
        proofUrl: `/me/proof/record/${done.batchId}`,
      }),
    )
  }
  app.get(
    '/me/take-back/:chat',
    forVisitor((c, who) => takeBack(c, who, chatOf(who, c.req.param('chat')), null)),
  )
  app.post(
    '/me/take-back/:chat',
    forForm((c, who) => takenBack(c, who, chatOf(who, c.req.param('chat')), null)),
  )
  app.get(
    '/me/take-back/:chat/:purpose',
    forVisitor((c, who) => {
      const purpose = c.req.param('purpose')
      return isPurpose(purpose) ? takeBack(c, who, chatOf(who, c.req.param('chat')), purpose) : c.notFound()
    }),
  )
  app.post(
    '/me/take-back/:chat/:purpose',
    forForm(async (c, who) => {
      const purpose = c.req.param('purpose')
      return isPurpose(purpose) ? takenBack(c, who, chatOf(who, c.req.param('chat')), purpose) : c.notFound()
    }),
  )

  return app
}
