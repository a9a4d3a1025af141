import { Hono } from 'hono'
import { isLive } from '../../../consent/grant.ts'
import { has, setFlag } from '../../../conversation/thread.ts'
import { dayMs, minuteMs } from '../../../core/clock.ts'
import { words } from '../../../intent/talk.ts'
import { choiceOpen } from '../../pages/consent.ts'
import { allowedPage, type LinkedChat, type Permission } from '../../pages/me.ts'
import { chatUrlOf, onlyChannel, seeOther, send, type Web } from '../../web.ts'
import { ceilingFor, linkPurposes } from '../choices.ts'
import { askSignIn } from '../sign-in.ts'
import { choiceOf, isChoice, isPurpose } from './words.ts'
import { channelName, chatOf, urls, type Visitors } from './visitor.ts'

/** How new a sign-in must be to say that a chat is still one's own. */
const freshMs = 3 * minuteMs

/** What is allowed in each chat, changed in one tap; and the step-up of a chat that may have changed hands. */
export function allowedRoutes(web: Web, { forVisitor, forForm, frame, grantOf }: Visitors): Hono {
  const app = new Hono()
  const { clock } = web
  const { records } = web.engine

  app.get(
    '/me',
    forVisitor(async (c, who) => {
      const chats: LinkedChat[] = []
      for (const chat of who.chats) {
        const given = await grantOf(chat, who)
        const grant = given && isLive(given, clock()) ? given : null
        const frozen = has(chat.contact.thread, 'frozen')
        if (!grant && !frozen) continue
        const id = chat.contact.ref.contactId
        const permissions: Permission[] = []
        for (const purpose of linkPurposes) {
          if (!grant) break
          const item = grant.body.items[purpose] ?? 'withhold'
          permissions.push({
            id: `${id}-${purpose}`,
            purpose,
            channel: channelName(chat),
            choice: choiceOf(item),
            ceiling: ceilingFor(web, who.institution, chat.channel, purpose),
            accounts: grant.body.accountNames,
            since: grant.body.givenAt,
            until: grant.validUntil,
            lastUsedAt: await records.lastUsed(chat.contact, who.institution.id, purpose),
            // Renewing is linking again, which starts in the chat.
            renewUrl: grant.validUntil - clock() < 30 * dayMs ? chatUrlOf(chat.channel) : null,
            changeUrl: `/me/change/${id}/${purpose}`,
            takeBackUrl: `/me/take-back/${id}/${purpose}`,
          })
        }
        chats.push({
          channel: channelName(chat),
          linkedAt: chat.linkedAt,
          permissions,
          takeBackAllUrl: grant ? `/me/take-back/${id}` : null,
          stepUpUrl: frozen ? `/me/step-up/${id}` : null,
        })
      }
      const channel = onlyChannel(web)
      const [purpose, choice] = (c.req.query('changed') ?? '').split('.')
      const changed =
        isPurpose(purpose) && isChoice(choice)
          ? { purpose, choice, channel: channelName(who.chats[0]) }
          : null
      return send(
        web,
        c,
        allowedPage({
          frame: frame(c, who),
          urls,
          chats,
          linkUrl: who.chats.length === 0 && channel ? chatUrlOf(channel) : null,
          steppedUp: c.req.query('back') === '1',
          changed,
        }),
      )
    }),
  )

  app.post(
    '/me/change/:chat/:purpose',
    forForm(async (c, who, form) => {
      const chat = chatOf(who, c.req.param('chat'))
      const purpose = c.req.param('purpose')
      const choice = form.one('choice')
      if (!chat || !isPurpose(purpose) || !isChoice(choice)) return c.notFound()
      if (choice === 'withhold') return seeOther(c, `/me/take-back/${chat.contact.ref.contactId}/${purpose}`)
      if (!choiceOpen(choice, ceilingFor(web, who.institution, chat.channel, purpose))) return c.notFound()
      await records.change(chat.contact, who.institution.id, purpose, choice)
      return seeOther(c, `/me?changed=${purpose}.${choice}`)
    }),
  )

  app.post(
    '/me/step-up/:chat',
    forForm(async (c, who) => {
      const chat = chatOf(who, c.req.param('chat'))
      if (!chat) return c.notFound()
      if (has(chat.contact.thread, 'frozen')) {
        // Whoever found this browser open is not who signed in: what thaws a chat is a sign-in of now.
        if (clock() - who.session.createdAt.getTime() > freshMs)
          return askSignIn(web, c, { institution: who.institution, returnTo: '/me', stepUp: true })
        setFlag(chat.contact.thread, 'frozen', false)
        chat.contact.touched = true
        await web.engine.say(chat.contact, [words([{ key: 'identity.thawed' }], [], who.institution.id)])
      }
      return seeOther(c, '/me?back=1')
    }),
  )

  return app
}
