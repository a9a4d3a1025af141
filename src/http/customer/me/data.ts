import { Hono } from 'hono'
import { passkeysOf, removePasskey } from '../../../customer/session.ts'
import { dataPage } from '../../pages/me-data.ts'
import { dropCookie, seeOther, send, type Web } from '../../web.ts'
import { diaryPage, entryOf, linesOf, type ChatLine } from './left.ts'
import { channelName, urls, type Visitors } from './visitor.ts'

/** My data: passkeys, download everything. */
export function dataRoutes(web: Web, { forVisitor, forForm, frame, grantOf }: Visitors): Hono {
  const app = new Hono()
  const { pool, clock } = web

  app.get(
    '/me/data',
    forVisitor(async (c, who) => {
      const keys = await passkeysOf(pool, who.session.subjectRef)
      const done = c.req.query('done')
      const shown = frame(c, who)
      return send(
        web,
        c,
        dataPage({
          frame: shown,
          urls,
          downloadUrl: '/me/download',
          eraseUrl: '/me/erase',
          passkeys: keys.map((one, index) => ({
            id: one.credentialId.toString('base64url'),
            name: shown.t('passkeys.name', { number: index + 1 }),
            addedAt: one.createdAt.getTime(),
            lastUsedAt: one.usedAt?.getTime() ?? null,
            removeUrl: `/me/passkey/remove/${one.credentialId.toString('base64url')}`,
          })),
          addPasskey: { optionsUrl: '/me/passkey/options', verifyUrl: '/me/passkey' },
          signOutUrl: '/session/end',
          done: done === 'passkey-added' || done === 'passkey-removed' ? done : null,
        }),
      )
    }),
  )

  app.post(
    '/me/passkey/remove/:id',
    forForm(async (c, who) => {
      await removePasskey(pool, who.session.subjectRef, Buffer.from(c.req.param('id') ?? '', 'base64url'))
      if ((await passkeysOf(pool, who.session.subjectRef)).length === 0) dropCookie(web, c, 'passkey')
      return seeOther(c, '/me/data?done=passkey-removed')
    }),
  )

  app.get(
    '/me/download',
    forVisitor(async (c, who) => {
      const chats = []
      for (const chat of who.chats) {
        const grant = await grantOf(chat, who)
        const left = []
        let before: string | null = null
        // In pages, and no more than a download can hold.
        for (let pages = 0; pages < 200; pages++) {
          const rows: ChatLine[] = await linesOf(web, chat, who.institution.id, before)
          left.push(
            ...rows.slice(0, diaryPage).map((row) => ({
              ...entryOf(row),
              opening: {
                salt: row.line.kept.opening.salt.toString('base64url'),
                payload: row.line.kept.opening.payload,
              },
            })),
          )
          const last = rows[diaryPage - 1]
          if (rows.length <= diaryPage || !last) break
          before = last.line.id
        }
        chats.push({
          channel: channelName(chat),
          page: chat.channel.name,
          permission: grant && { state: grant.state, version: grant.version, ...grant.body },
          left,
        })
      }
      c.header('content-disposition', 'attachment; filename="guichet-my-data.json"')
      c.header('cache-control', 'no-store')
      return c.body(
        `${JSON.stringify({ institution: who.institution.name, madeAt: new Date(clock()).toISOString(), chats }, null, 2)}\n`,
        200,
        { 'content-type': 'application/json' },
      )
    }),
  )

  return app
}
