import { Hono, type Context } from 'hono'
import type { Exposure } from '../../consent/exposure.ts'
import type { Field } from '../../consent/field.ts'
import { isLive } from '../../consent/grant.ts'
import { purposeNames, type Purpose } from '../../consent/purpose.ts'
import { has, setFlag } from '../../conversation/thread.ts'
import { dayMs, minuteMs } from '../../core/clock.ts'
import type { ChannelConfig, InstitutionConfig } from '../../core/config-schema.ts'
import { isRefusal } from '../../core/refusal.ts'
import { many } from '../../core/sql.ts'
import { contactsOf } from '../../customer/link.ts'
import { passkeysOf, removePasskey, type Session } from '../../customer/session.ts'
import { waitingCount } from '../../disclosure/cancel.ts'
import type { Line } from '../../disclosure/answer.ts'
import { words } from '../../intent/talk.ts'
import type { Contact } from '../../pipeline/contacts.ts'
import { outboxBox, type Kept } from '../../pipeline/outbox.ts'
import { choiceOpen, consentChoices, type ConsentChoice } from '../pages/consent.ts'
import { dataPage, erasedPage, erasePage } from '../pages/me-data.ts'
import { leafHash, parseCheckpoint, parseNote } from '../../tlog/verify.ts'
import type { EntryProof } from '../../tlog/statement.ts'
import { leftPage, proofPage, type DiaryEntry, type DisclosureState, type Proof } from '../pages/me-left.ts'
import {
  allowedPage,
  takeBackPage,
  takenBackPage,
  type LinkedChat,
  type MeUrls,
  type Permission,
} from '../pages/me.ts'
import { whoseBankPage } from '../pages/whose-bank.ts'
import {
  brandOf,
  channelNames,
  chatUrlOf,
  csrfGood,
  dropCookie,
  formOf,
  frameFor,
  seeOther,
  send,
  sessionOf,
  type Web,
} from '../web.ts'
import { ceilingFor, linkPurposes } from './link.ts'
import { askSignIn, isReturnPath } from './sign-in.ts'

const urls: MeUrls = { allowed: '/me', left: '/me/left', data: '/me/data' }
const diaryPage = 30
/** How new a sign-in must be to say that a chat is still one's own. */
const freshMs = 3 * minuteMs

/** One chat of the signed-in customer; theirs since `linkedAt`, epoch ms. */
type Chat = { readonly contact: Contact; readonly channel: ChannelConfig; readonly linkedAt: number }
type Visitor = {
  readonly session: Session
  readonly institution: InstitutionConfig
  readonly chats: readonly Chat[]
}

/** My permissions: what is allowed, what left, my data. Everything here needs a signed-in customer. */
export function meRoutes(web: Web): Hono {
  const app = new Hono()
  const { pool, clock } = web
  const { records, contacts } = web.engine

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

  /** Runs a page for a signed-in customer, or asks who they are: with the bank that the address names, else the first. */
  const forVisitor =
    (page: (c: Context, who: Visitor) => Promise<Response> | Response) =>
    async (c: Context): Promise<Response> => {
      const who = await visitor(c)
      const asked = web.institutions.get(c.req.query('bank') ?? '')
      // Signed in at one bank is a stranger at another.
      if (who && (!asked || asked.id === who.institution.id)) return page(c, who)
      if (c.req.method !== 'GET') return c.notFound()
      if (!asked && web.institutions.size > 1) return pickBank(c)
      const institution = asked ?? [...web.institutions.values()][0]
      if (!institution) return c.notFound()
      return askSignIn(web, c, {
        institution,
        channel: 'Messenger',
        why: 'me',
        // Where a sign-in cannot lead back to, it leads to the start of it.
        returnTo: isReturnPath(c.req.path) ? c.req.path : '/me',
        passkeys: true,
      })
    }

  /** Which bank's permissions? Only the person knows. */
  function pickBank(c: Context): Response {
    const banks = [...web.institutions.values()].map(brandOf)
    return send(
      web,
      c,
      whoseBankPage({ frame: frameFor(web, c, { csrf: false }), actionUrl: c.req.path, banks }),
    )
  }

  /** A form of a signed-in customer, with its token; anything else is not answered. */
  const forForm =
    (act: (c: Context, who: Visitor, form: Awaited<ReturnType<typeof formOf>>) => Promise<Response>) =>
    async (c: Context) => {
      const who = await visitor(c)
      const form = await formOf(c)
      return who && csrfGood(web, c, form.one('csrf')) ? act(c, who, form) : c.notFound()
    }

  const frame = (c: Context, who: Visitor, chat: Chat | null = who.chats[0] ?? null) =>
    frameFor(web, c, { institution: who.institution, channel: chat?.channel ?? null, signedIn: true })
  const channelName = (chat: Chat | null | undefined): string =>
    channelNames[chat?.channel.kind ?? 'messenger'] ?? ''
  const chatOf = (who: Visitor, id: string): Chat | null =>
    who.chats.find(({ contact }) => contact.ref.contactId === id) ?? null
  const grantOf = async (chat: Chat, who: Visitor) =>
    (await contacts.money(chat.contact)).grants.find(({ body }) => body.institution === who.institution.id) ??
    null

  // ------------------------------------------------------------ allowed
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
          linkUrl: null,
          steppedUp: c.req.query('back') === '1',
          changed,
        }),
      )
    }),
  )

  app.post(
    '/me/change/:chat/:purpose',
    forForm(async (c, who, form) => {
      const chat = chatOf(who, c.req.param('chat') ?? '')
      const purpose = c.req.param('purpose')
      const choice = form.one('choice')
      if (!chat || !isPurpose(purpose) || !isChoice(choice)) return c.notFound()
      if (choice === 'withhold') return seeOther(c, `/me/take-back/${chat.contact.ref.contactId}/${purpose}`)
      if (!choiceOpen(choice, ceilingFor(web, who.institution, chat.channel, purpose))) return c.notFound()
      await records.change(chat.contact, who.institution.id, purpose, choice)
      return seeOther(c, `/me?changed=${purpose}.${choice}`)
    }),
  )

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
    forVisitor((c, who) => takeBack(c, who, chatOf(who, c.req.param('chat') ?? ''), null)),
  )
  app.post(
    '/me/take-back/:chat',
    forForm((c, who) => takenBack(c, who, chatOf(who, c.req.param('chat') ?? ''), null)),
  )
  app.get(
    '/me/take-back/:chat/:purpose',
    forVisitor((c, who) => {
      const purpose = c.req.param('purpose')
      return isPurpose(purpose)
        ? takeBack(c, who, chatOf(who, c.req.param('chat') ?? ''), purpose)
        : c.notFound()
    }),
  )
  app.post(
    '/me/take-back/:chat/:purpose',
    forForm(async (c, who) => {
      const purpose = c.req.param('purpose')
      return isPurpose(purpose)
        ? takenBack(c, who, chatOf(who, c.req.param('chat') ?? ''), purpose)
        : c.notFound()
    }),
  )

  // ------------------------------------------------------------ what left
  app.get(
    '/me/left',
    forVisitor(async (c, who) => {
      const asked = c.req.query('before') ?? ''
      const before = isMessageId(asked) ? asked : null
      const rows: DiaryRow[] = []
      for (const chat of who.chats) rows.push(...(await diaryRows(chat, who.institution.id, before)))
      rows.sort((a, b) => (a.row.message_id < b.row.message_id ? 1 : -1))
      const entries = rows.slice(0, diaryPage).map(entryOf)
      const last = rows[diaryPage - 1]
      return send(
        web,
        c,
        leftPage({
          frame: frame(c, who),
          urls,
          entries,
          olderUrl: rows.length > diaryPage && last ? `/me/left?before=${last.row.message_id}` : null,
          newerUrl: before === null ? null : '/me/left',
        }),
      )
    }),
  )

  async function diaryRows(
    chat: Chat,
    institution: string,
    // Ids sort by time; several messages of one commit share their time, and none must fall between two pages.
    before: string | null,
    messageId: string | null = null,
  ): Promise<DiaryRow[]> {
    const { ref, keys } = chat.contact
    const rows = await many<OutboxView>(
      pool,
      `select message_id, state, created_at, purpose, batch_id, "position", mid, sealed from disclosure_outbox
        where lane = $1 and contact_id = $2 and institution = $3 and purpose is not null
          and ($4::text is null or message_id < $4) and ($5::text is null or message_id = $5)
          and created_at >= $6
        order by message_id desc limit ${diaryPage + 1}`,
      [ref.lane, ref.contactId, institution, before, messageId, chat.linkedAt],
    )
    return rows.map((row) => ({
      chat,
      row,
      kept: outboxBox.open(keys.box, ref.contactId, row.message_id, row.sealed),
    }))
  }

  const entryOf = ({ chat, row, kept }: DiaryRow): DiaryEntry => {
    const said = messageOf(kept)
    return {
      id: row.message_id,
      at: Number(row.created_at),
      channel: channelName(chat),
      purpose: row.purpose as Purpose,
      said: said.text,
      buttons: said.buttons,
      cause: kept.diary.because === 'asked' ? 'asked' : 'bank',
      keptBack: kept.diary.kept.map(({ name }) => name.slice('field.'.length) as Field),
      state: states[row.state] ?? 'unknown',
      proofUrl: `/me/proof/${row.message_id}`,
    }
  }

  app.get(
    '/me/proof/record/:batch',
    forVisitor(async (c, who) => {
      const batch = c.req.param('batch') ?? ''
      const proof = (await isOwnRecord(who, batch)) ? await web.tlog.prove(batch, 0) : null
      if (proof === null || isRefusal(proof)) return c.notFound()
      c.header('content-disposition', 'attachment; filename="proof.tlog-proof"')
      c.header('cache-control', 'no-store')
      return c.body(proof.file, 200, { 'content-type': 'text/plain; charset=utf-8' })
    }),
  )

  /** Is this where one of the customer's own permissions, of any version, stands in the log? */
  async function isOwnRecord(who: Visitor, batch: string): Promise<boolean> {
    if (!/^[1-9]\d{0,14}$/.test(batch)) return false
    for (const { contact } of who.chats) {
      const { rowCount } = await pool.query(
        'select 1 from consent_record where lane = $1 and contact_id = $2 and batch_id = $3',
        [contact.ref.lane, contact.ref.contactId, batch],
      )
      if (rowCount) return true
    }
    return false
  }

  app.get(
    '/me/proof/:id',
    forVisitor(async (c, who) => {
      const found = await oneEntry(who, c.req.param('id') ?? '')
      if (!found) return c.notFound()
      await web.tlog.sequenceNow()
      const proof = await web.tlog.prove(String(found.row.batch_id), found.row.position)
      const entry = entryOf(found)
      return send(
        web,
        c,
        proofPage({
          frame: frame(c, who, found.chat),
          entry,
          proof: isRefusal(proof) ? null : await proofView(web, proof),
          receipt:
            found.row.mid === null
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
          batchId: Number(found.row.batch_id),
          position: found.row.position,
          opening: { salt: found.kept.opening.salt, payload: Buffer.from(found.kept.opening.payload) },
        },
      ])
      if (isRefusal(statement)) return c.notFound()
      c.header('content-disposition', `attachment; filename="guichet-proof-${found.row.message_id}.json"`)
      c.header('cache-control', 'no-store')
      return c.body(`${JSON.stringify(statement, null, 2)}\n`, 200, { 'content-type': 'application/json' })
    }),
  )

  async function oneEntry(who: Visitor, id: string): Promise<DiaryRow | null> {
    if (!isMessageId(id)) return null
    for (const chat of who.chats) {
      const [row] = await diaryRows(chat, who.institution.id, null, id)
      if (row) return row
    }
    return null
  }

  // ------------------------------------------------------------ my data
  app.get(
    '/me/data',
    forVisitor(async (c, who) => {
      const keys = await passkeysOf(pool, who.session.subjectRef)
      const done = c.req.query('done')
      return send(
        web,
        c,
        dataPage({
          frame: frame(c, who),
          urls,
          downloadUrl: '/me/download',
          eraseUrl: '/me/erase',
          passkeys: keys.map((one, index) => ({
            id: one.credentialId.toString('base64url'),
            name: `Passkey ${index + 1}`,
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
          const rows: DiaryRow[] = await diaryRows(chat, who.institution.id, before)
          left.push(
            ...rows.slice(0, diaryPage).map((row) => ({
              ...entryOf(row),
              opening: {
                salt: row.kept.opening.salt.toString('base64url'),
                payload: row.kept.opening.payload,
              },
            })),
          )
          const last = rows[diaryPage - 1]
          if (rows.length <= diaryPage || !last) break
          before = last.row.message_id
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

  const eraseForm = (c: Context, who: Visitor, typed: string, wrong: boolean): Response =>
    send(
      web,
      c,
      erasePage({
        frame: frame(c, who),
        actionUrl: '/me/erase',
        keepUrl: '/me/data',
        kept: [frame(c, who).t('erase.stays.bank', { bank: who.institution.name })],
        typed,
        wrong,
      }),
      { status: wrong ? 400 : 200 },
    )
  app.get(
    '/me/erase',
    forVisitor((c, who) => eraseForm(c, who, '', false)),
  )
  app.post(
    '/me/erase',
    forForm(async (c, who, form) => {
      const typed = form.one('typed').trim()
      if (typed.toLowerCase() !== frame(c, who).t('erase.word').toLowerCase())
        return eraseForm(c, who, typed.slice(0, 40), true)
      const shown = frame(c, who)
      let keys = true
      let batchId = 0
      for (const chat of who.chats) {
        const done = await records.erase(chat.contact)
        keys &&= done.keysReturned
        batchId = done.batchId
      }
      dropCookie(web, c, 'session')
      return send(
        web,
        c,
        erasedPage({
          frame: { ...shown, who: null },
          at: clock(),
          reference: `E-${batchId}`,
          key: keys ? 'given' : 'waiting',
        }),
      )
    }),
  )

  // ------------------------------------------------------------ step-up: it is me
  app.post(
    '/me/step-up/:chat',
    forForm(async (c, who) => {
      const chat = chatOf(who, c.req.param('chat') ?? '')
      if (!chat) return c.notFound()
      if (has(chat.contact.thread, 'frozen')) {
        // Whoever found this browser open is not who signed in: what thaws a chat is a sign-in of now.
        if (clock() - who.session.createdAt.getTime() > freshMs)
          return askSignIn(web, c, {
            institution: who.institution,
            channel: channelName(chat),
            why: 'step-up',
            returnTo: '/me',
            passkeys: true,
          })
        setFlag(chat.contact.thread, 'frozen', false)
        chat.contact.touched = true
        await web.engine.say(chat.contact, [words([{ key: 'identity.thawed' }], [], who.institution.id)])
      }
      return seeOther(c, '/me?back=1')
    }),
  )

  return app
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

type OutboxView = {
  message_id: string
  state: number
  created_at: string
  purpose: string
  batch_id: string
  position: number
  mid: string | null
  sealed: Buffer
}
type DiaryRow = { readonly chat: Chat; readonly row: OutboxView; readonly kept: Kept }

const isMessageId = (text: string): boolean => /^msg_[0-9A-Z]{26}$/.test(text)

/** By number, as in disclosure/clear.ts. */
const states: readonly DisclosureState[] = ['waiting', 'waiting', 'sent', 'cancelled', 'failed', 'unknown']

const isPurpose = (text: string | undefined): text is Purpose => purposeNames.some((name) => name === text)
const isChoice = (text: string | undefined): text is ConsentChoice =>
  consentChoices.some((name) => name === text)
const choiceOf = (item: Exposure): ConsentChoice =>
  item === 'say' || item === 'band' ? 'say' : item === 'withhold' ? 'withhold' : 'mask'

/** The words and buttons of a message as the platform received them, read from its own bytes. */
function messageOf(kept: Kept): { text: string | null; buttons: string[] } {
  const { body } = JSON.parse(kept.opening.payload) as { body: string }
  const { message } = JSON.parse(body) as {
    message?: {
      text?: string
      quick_replies?: { title?: string }[]
      attachment?: { payload?: { text?: string; buttons?: { title?: string }[] } }
    }
  }
  const text = message?.text ?? message?.attachment?.payload?.text ?? null
  const titles = [...(message?.attachment?.payload?.buttons ?? []), ...(message?.quick_replies ?? [])]
  return { text, buttons: titles.flatMap(({ title }) => title ?? []) }
}
