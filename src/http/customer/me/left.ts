import { Hono } from 'hono'
import { isOwnRecord } from '../../../consent/grant.ts'
import type { Field } from '../../../consent/field.ts'
import type { Purpose } from '../../../consent/purpose.ts'
import { isRefusal } from '../../../core/refusal.ts'
import { diaryOf, isMessageId, messageOf, type DiaryLine } from '../../../pipeline/diary.ts'
import type { EntryProof } from '../../../tlog/statement.ts'
import { leafHash, parseCheckpoint, parseNote } from '../../../tlog/verify.ts'
import {
  leftPage,
  proofPage,
  type DiaryEntry,
  type DisclosureState,
  type Proof,
} from '../../pages/me-left.ts'
import { send, type Web } from '../../web.ts'
import { channelName, urls, type Chat, type Visitor, type Visitors } from './visitor.ts'

export const diaryPage = 30

/** A line of the diary, and the chat it was said in. */
export type ChatLine = { readonly chat: Chat; readonly line: DiaryLine }

export const linesOf = async (
  web: Web,
  chat: Chat,
  institution: string,
  before: string | null,
): Promise<ChatLine[]> =>
  (
    await diaryOf(web.pool, chat.contact, { institution, since: chat.linkedAt, before, limit: diaryPage + 1 })
  ).map((line) => ({ chat, line }))

/** What left: a diary of every message about money, each with its proof. */
export function leftRoutes(web: Web, { forVisitor, frame }: Visitors): Hono {
  const app = new Hono()
  const { pool } = web

  app.get(
    '/me/left',
    forVisitor(async (c, who) => {
      const asked = c.req.query('before') ?? ''
      const before = isMessageId(asked) ? asked : null
      const rows: ChatLine[] = []
      for (const chat of who.chats) rows.push(...(await linesOf(web, chat, who.institution.id, before)))
      rows.sort((a, b) => (a.line.id < b.line.id ? 1 : -1))
      const entries = rows.slice(0, diaryPage).map(entryOf)
      const last = rows[diaryPage - 1]
      return send(
        web,
        c,
        leftPage({
          frame: frame(c, who),
          urls,
          entries,
          olderUrl: rows.length > diaryPage && last ? `/me/left?before=${last.line.id}` : null,
          newerUrl: before === null ? null : '/me/left',
        }),
      )
    }),
  )

  app.get(
    '/me/proof/record/:batch',
    forVisitor(async (c, who) => {
      const batch = c.req.param('batch') ?? ''
      const proof = (await isOwn(who, batch)) ? await web.tlog.prove(batch, 0) : null
      if (proof === null || isRefusal(proof)) return c.notFound()
      c.header('content-disposition', 'attachment; filename="proof.tlog-proof"')
      c.header('cache-control', 'no-store')
      return c.body(proof.file, 200, { 'content-type': 'text/plain; charset=utf-8' })
    }),
  )

  /** Is this where one of the customer's own permissions, of any version, stands in the log? */
  async function isOwn(who: Visitor, batch: string): Promise<boolean> {
    for (const { contact } of who.chats) if (await isOwnRecord(pool, contact.ref, batch)) return true
    return false
  }

  app.get(
    '/me/proof/:id',
    forVisitor(async (c, who) => {
      const found = await oneEntry(who, c.req.param('id') ?? '')
      if (!found) return c.notFound()
      await web.tlog.sequenceNow()
      const proof = await web.tlog.prove(String(found.line.batchId), found.line.position)
      const entry = entryOf(found)
      return send(
        web,
        c,
        proofPage({
          frame: frame(c, who, found.chat),
          entry,
          proof: isRefusal(proof) ? null : await proofView(web, proof),
          receipt:
            found.line.mid === null
              ? entry.state === 'sent' || entry.state === 'waiting'
                ? 'waiting'
                : 'none'
              : 'matched',
          downloadUrl: `/me/proof/${entry.id}/file`,
          backUrl: '/me/left',
        }),
      )
    }),
  )

  /** The proof as a file for `guichet verify`: the entry, its way to the signed root, and what opens its commitment. */
  app.get(
    '/me/proof/:id/file',
    forVisitor(async (c, who) => {
      const found = await oneEntry(who, c.req.param('id') ?? '')
      if (!found) return c.notFound()
      const statement = await web.tlog.buildStatement([
        {
          batchId: Number(found.line.batchId),
          position: found.line.position,
          opening: {
            salt: found.line.kept.opening.salt,
            payload: Buffer.from(found.line.kept.opening.payload),
          },
        },
      ])
      if (isRefusal(statement)) return c.notFound()
      c.header('content-disposition', `attachment; filename="guichet-proof-${found.line.id}.json"`)
      c.header('cache-control', 'no-store')
      return c.body(`${JSON.stringify(statement, null, 2)}\n`, 200, { 'content-type': 'application/json' })
    }),
  )

  async function oneEntry(who: Visitor, id: string): Promise<ChatLine | null> {
    if (!isMessageId(id)) return null
    for (const chat of who.chats) {
      const [line] = await diaryOf(pool, chat.contact, {
        institution: who.institution.id,
        since: chat.linkedAt,
        id,
        limit: 1,
      })
      if (line) return { chat, line }
    }
    return null
  }

  return app
}

/** A line as the page shows it. */
export const entryOf = ({ chat, line }: ChatLine): DiaryEntry => {
  const said = messageOf(line.kept)
  return {
    id: line.id,
    at: line.at,
    channel: channelName(chat),
    purpose: line.purpose as Purpose,
    said: said.text,
    buttons: said.buttons,
    cause: line.kept.diary.because === 'asked' ? 'asked' : 'bank',
    keptBack: line.kept.diary.kept.map(({ name }) => name.slice('field.'.length) as Field),
    state: states[line.state] ?? 'unknown',
    proofUrl: `/me/proof/${line.id}`,
  }
}

/** A proof in the numbers that the page shows. */
async function proofView(web: Web, proof: EntryProof): Promise<Proof> {
  const note = parseNote(proof.checkpoint)
  const checkpoint = 'refused' in note ? null : parseCheckpoint(note.text)
  const newest = await web.tlog.latestCheckpoint()
  return {
    origin: web.tlog.origin,
    index: proof.index,
    treeSize: proof.size,
    leafHash: Buffer.from(leafHash(proof.entry)).toString('hex'),
    rootHash: checkpoint === null || 'refused' in checkpoint ? '' : checkpoint.root.toString('hex'),
    path: proof.proof.map((hash) => hash.toString('hex')),
    signedAt: newest?.signedAt ?? web.clock(),
    // The first signature is the log's own; the others are those who countersigned.
    witnesses: 'refused' in note ? [] : note.signatures.slice(1).map((one) => one.name),
  }
}

/** By number, as in disclosure/clear.ts. */
const states: readonly DisclosureState[] = ['waiting', 'waiting', 'sent', 'cancelled', 'failed', 'unknown']
