import type { Pool } from 'pg'
import type { Bank, BankTokens, InstitutionId } from '../bank/bank.ts'
import type { Exposure } from '../consent/exposure.ts'
import {
  grantForUpdate,
  grantPayload,
  grantsOf,
  isLive,
  newGrantId,
  withItem,
  writeGrant,
  type Grant,
  type GrantBody,
  type GrantEvent,
  type GrantState,
} from '../consent/grant.ts'
import { purposeNames, type Purpose } from '../consent/purpose.ts'
import type { Clock } from '../core/clock.ts'
import { code, errorCode, type Logger } from '../core/logger.ts'
import { invariant } from '../core/refusal.ts'
import { seal, unseal } from '../core/seal.ts'
import { one, transaction, type Db, type Trx } from '../core/sql.ts'
import { closeSessionsOf } from '../customer/session.ts'
import { linkingOfCode, moveLinking, openLinking, type LinkingBody } from '../customer/linking.ts'
import { contactsOf, saveTokens, subjectRef, tokenHolder, writeLink, type Link } from '../customer/link.ts'
import { forgetCustomer } from '../customer/forget.ts'
import { forgetConsent } from '../consent/forget.ts'
import { forgetConversation } from '../conversation/forget.ts'
import { endLinked, has } from '../conversation/thread.ts'
import { endThread } from '../conversation/end.ts'
import { forgetDisclosure } from '../disclosure/forget.ts'
import { cancelWaiting, closeCards, type Stopped } from '../disclosure/cancel.ts'
import type { Deliverer } from '../disclosure/deliver.ts'
import type { Withdrawn } from '../intent/caller.ts'
import type { Tlog } from '../tlog/tlog.ts'
import type { KeyObject } from 'node:crypto'
import { recordEntry } from './consent-entry.ts'
import type { Contact, Contacts } from './contacts.ts'
import type { ChangeThread } from './handover.ts'

export type RecordDeps = {
  readonly pool: Pool
  readonly contacts: Contacts
  readonly banks: ReadonlyMap<InstitutionId, Bank>
  readonly tlog: Pick<Tlog, 'append' | 'poke'>
  readonly deliverer: () => Deliverer
  /** Changes a thread in memory at once, and has it written. */
  readonly changeThread: ChangeThread
  /** Settlements recorded so far reach the database before a withdrawal looks at it. */
  readonly flush: () => Promise<void>
  /** Asks for tokens to be given back later, when the bank can be reached again. */
  readonly revokeLater: (contact: Contact, institution: InstitutionId, db?: Db) => Promise<void>
  /** The same for tokens that no link holds any more, sealed under the house's own key. */
  readonly revokeOrphan: (institution: InstitutionId, sealed: string) => Promise<void>
  /** Key of tokens that wait to be given back after their link is gone. */
  readonly orphans: KeyObject
  /** Key of references to bank customers. */
  readonly subjects: KeyObject
  readonly clock: Clock
  readonly log: Logger
}

/** What a customer agreed to on the consent page, waiting for the platform's word. */
export type Agreed = Omit<GrantBody, 'bankConsentId'> & { readonly bankConsentId: string | null }

type GrantEnd = 'withdrawn' | 'revoked' | 'expired'

const orphanContext = (institution: InstitutionId): string => `orphan-tokens/${institution}`

export type TakenBack = Withdrawn & {
  readonly purpose: Purpose | null
  readonly closedCards: number
  readonly batchId: number
  readonly keyKept: boolean
}

/**
 * Changes to what is agreed, each as one act over all rooms: the grant, the log, what waits, what is open, the bank's
 * tokens. The order within is the point; see each function.
 */
export function openRecords(deps: RecordDeps) {
  const { pool, contacts, clock } = deps

  /** Writes the next version of a grant with its log entry. */
  async function write(
    trx: Trx,
    contact: Contact,
    next: { grantId: string; version: number; state: GrantState; body: GrantBody; event: GrantEvent },
  ): Promise<{ grant: Grant; batchId: number }> {
    const { entry, opening } = recordEntry(contact, {
      type: 'consent',
      event: next.event,
      id: `${next.grantId}/${next.version}`,
      institution: next.body.institution,
      channel: next.body.channel,
      payload: grantPayload(next, next.event),
      now: clock(),
    })
    const { batchId } = await deps.tlog.append(trx, [entry])
    return {
      grant: await writeGrant(trx, contact.ref, contact.keys.box, { ...next, opening, batchId }),
      batchId,
    }
  }

  /** The tokens go back to the bank. True when the bank took them; otherwise a job keeps trying. */
  async function giveBack(contact: Contact, link: Link): Promise<boolean> {
    const bank = deps.banks.get(link.institution)
    if (!bank || link.tokens === null) return true
    try {
      await bank.revoke(tokenHolder(pool, contact.ref, contact.keys.box, link))
    } catch (error) {
      deps.log.warn('bank.revoke_failed', { code: errorCode(error), institution: code(link.institution) })
      await deps.revokeLater(contact, link.institution)
      return false
    }
    link.tokens = null
    await saveTokens(pool, contact.ref, contact.keys.box, link)
    contact.money = null
    return true
  }

  /**
   * Gives back tokens whose link is gone: a new linking took its place, or the customer was erased. Where the bank
   * cannot be reached they wait, sealed under the house's key, and say nothing of whose they were. True when taken.
   */
  async function giveBackOrphan(institution: InstitutionId, tokens: BankTokens): Promise<boolean> {
    try {
      await revokeDetached(institution, tokens)
      return true
    } catch (error) {
      deps.log.warn('bank.revoke_failed', { code: errorCode(error), institution: code(institution) })
      const box = seal(deps.orphans, orphanContext(institution), JSON.stringify(tokens))
      await deps.revokeOrphan(institution, box.toString('base64url'))
      return false
    }
  }

  /** Tries again what `giveBackOrphan` could not do. Throws while the bank cannot be reached. */
  async function retryOrphan(institution: InstitutionId, sealed: string): Promise<void> {
    const plain = unseal(deps.orphans, orphanContext(institution), Buffer.from(sealed, 'base64url'))
    invariant(plain !== null, 'tokens that wait open under the house key')
    await revokeDetached(institution, JSON.parse(plain.toString('utf8')) as BankTokens)
  }

  async function revokeDetached(institution: InstitutionId, tokens: BankTokens): Promise<void> {
    let held = tokens
    await deps.banks.get(institution)?.revoke({
      current: () => held,
      save: async (next) => {
        held = next
      },
    })
  }

  /**
   * Binds a chat: the code was made for this very contact, is unused and in time. Link, grant, log entry and the
   * linking's end are one transaction; running it again (after a crash) finds it done and says the same.
   */
  async function completeLinking(
    contact: Contact,
    given: string,
  ): Promise<
    { institution: InstitutionId; things: number; until: number } | { refused: 'no_such_linking' | 'expired' }
  > {
    const now = clock()
    const row = await linkingOfCode(pool, contact.ref, given, now)
    if (!row) return { refused: 'no_such_linking' }
    const linking = openLinking(row, contact.ref, contact.keys.box)
    const { body } = linking
    const agreed = body.agreed as Agreed | undefined
    if (!agreed || !body.subject || !body.institution) return { refused: 'no_such_linking' }
    const outcome = {
      institution: body.institution,
      things: Object.values(agreed.items).filter((item) => item !== 'withhold').length,
      until: agreed.validUntil,
    }
    if (linking.step === 'done') return outcome
    if (linking.step !== 'agreed' || !body.tokens) return { refused: 'no_such_linking' }
    const before = (await contacts.money(contact)).links.find((link) => link.institution === body.institution)
    const link: Link = { institution: body.institution, subject: body.subject, tokens: body.tokens }
    await transaction(pool, async (trx) => {
      const previous = await grantForUpdate(trx, contact.ref, link.institution, contact.keys.box)
      await writeLink(trx, contact.ref, contact.keys.box, deps.subjects, link, now)
      await write(trx, contact, {
        grantId: newGrantId(now),
        version: (previous?.version ?? 0) + 1,
        state: 'active',
        body: agreed,
        event: 'given',
      })
      // Tokens and accounts leave the linking: from now on they are in the link alone.
      const done: LinkingBody = {
        redirectUri: body.redirectUri,
        chatCode: body.chatCode,
        csrf: body.csrf,
        institution: link.institution,
        subject: link.subject,
        agreed,
      }
      const moved = await moveLinking(trx, linking, contact.keys.box, {
        step: 'done',
        body: done,
        // Kept for a day, so that a crash before the answer still finds what was done.
        expiresAt: now + 86_400_000,
      })
      if (!moved) throw new Error('invariant: a linking ends once')
    })
    deps.tlog.poke()
    contact.money = null
    if (before?.tokens) await giveBackOrphan(before.institution, before.tokens)
    return outcome
  }

  /**
   * Takes back one purpose, or everything of an institution in this chat. In this order: (1) the contact's queue
   * stands still and what memory knows of sends reaches the database; (2) one transaction ends the grant (waiting for batches that rely on it), logs it, cancels
   * what waits, closes open cards; (3) what is being sent right now is waited for; (4) the bank gets its tokens back.
   * When this returns, nothing more goes out under what was taken back.
   */
  async function takeBack(
    contact: Contact,
    institution: InstitutionId,
    purpose: Purpose | null,
    event: GrantEnd = 'withdrawn',
  ): Promise<TakenBack | null> {
    const done = await endGrant(contact, institution, purpose, event)
    if (done && !done.keyKept) await noteEnded(contact)
    return done
  }

  async function endGrant(
    contact: Contact,
    institution: InstitutionId,
    purpose: Purpose | null,
    event: GrantEnd,
  ): Promise<TakenBack | null> {
    const at = clock()
    const done = await holding(contact, (carried) =>
      transaction(pool, async (trx) => {
        const grant = await grantForUpdate(trx, contact.ref, institution, contact.keys.box)
        if (!grant || grant.state !== 'active') return null
        const narrowed = purpose === null ? null : withItem(grant.body, purpose, 'withhold')
        const whole =
          narrowed === null ||
          purposeNames.every((name) => (narrowed.items[name] ?? 'withhold') === 'withhold')
        const { batchId } = await write(trx, contact, {
          grantId: grant.grantId,
          version: grant.version + 1,
          state: whole ? event : 'active',
          body: narrowed ?? grant.body,
          event: whole ? event : 'changed',
        })
        // Before the messages below, in the order in which a batch takes its locks.
        if (whole && !(await grantsOf(trx, contact.ref, contact.keys.box)).some((left) => isLive(left, at)))
          await endThread(trx, contact.ref)
        const stop = { institution, purpose: whole ? null : purpose }
        const stopped = await cancelWaiting(trx, contact.ref, stop, carried, at)
        // Should we be killed before the tokens are given back below, a job does it.
        if (whole) await deps.revokeLater(contact, institution, trx)
        return { whole, batchId, stopped, closedCards: await closeCards(trx, contact.ref, stop, at) }
      }),
    )
    if (!done) return null
    await untilSent(contact)
    let keyReturnedAt: number | null = null
    if (done.whole) {
      const link = (await contacts.money(contact)).links.find(
        (candidate) => candidate.institution === institution,
      )
      if (link?.tokens) keyReturnedAt = (await giveBack(contact, link)) ? clock() : null
    }
    deps.log.info('consent.taken_back', { institution: code(institution), whole: code(String(done.whole)) })
    return {
      institution,
      purpose: done.whole ? null : purpose,
      at,
      cancelled: done.stopped.cancelled.size,
      closedCards: done.closedCards,
      keyReturnedAt,
      keyKept: !done.whole,
      batchId: done.batchId,
    }
  }

  /** Memory of the thread follows its row: with nothing left that stands, the chat no longer counts as linked. */
  async function noteEnded(contact: Contact): Promise<void> {
    await contacts.money(contact)
    // Without links and grants in memory it was linked again meanwhile.
    const nothingLives = (): boolean =>
      contact.money !== null && !contact.money.grants.some((grant) => isLive(grant, clock()))
    deps
      .changeThread(contact, (thread) => has(thread, 'linked') && nothingLives(), endLinked)
      .catch((error: unknown) => deps.log.warn('thread.not_written', { code: errorCode(error) }))
  }

  /** Runs a change of what is agreed while the contact's queue stands still, and drops what the change cancelled. */
  async function holding<Done extends { stopped: Stopped } | null>(
    contact: Contact,
    work: (carried: ReadonlySet<string>) => Promise<Done>,
  ): Promise<Done> {
    const { contactId } = contact.ref
    const carried = deps.deliverer().hold(contactId)
    let done: Done | undefined
    try {
      await deps.flush()
      done = await work(carried)
    } finally {
      contact.money = null
      deps.deliverer().release(contactId, done?.stopped ?? { cancelled: new Set(), notAgain: new Set() })
    }
    deps.tlog.poke()
    return done
  }

  /** Waits for calls to the platform that were under way; bounded by the platform's own time-out. */
  async function untilSent(contact: Contact): Promise<void> {
    for (let tries = 0; tries < 400 && deps.deliverer().isSending(contact.ref.contactId); tries++)
      await new Promise((resolve) => setTimeout(resolve, 25))
  }

  /** Changes how far one purpose may go. Raising needs the customer's own act on our page; the caller has that. */
  async function change(
    contact: Contact,
    institution: InstitutionId,
    purpose: Purpose,
    exposure: Exposure,
  ): Promise<Grant | null> {
    const done = await holding(contact, (carried) =>
      transaction(pool, async (trx) => {
        const grant = await grantForUpdate(trx, contact.ref, institution, contact.keys.box)
        if (!grant || !isLive(grant, clock())) return null
        const { grant: next } = await write(trx, contact, {
          ...grant,
          version: grant.version + 1,
          body: withItem(grant.body, purpose, exposure),
          event: 'changed',
        })
        const stopped = await cancelWaiting(trx, contact.ref, { institution, purpose }, carried, clock())
        return { next, stopped }
      }),
    )
    if (!done) return null
    return done.next
  }

  /** Lowers everything that says figures in this chat to a mask. Returns how many purposes were lowered. */
  async function hideFigures(contact: Contact): Promise<number> {
    let lowered = 0
    const { grants } = await contacts.money(contact)
    for (const grant of grants) {
      if (!isLive(grant, clock())) continue
      for (const purpose of purposeNames) {
        const item = grant.body.items[purpose]
        if (item !== 'say' && item !== 'band') continue
        if (await change(contact, grant.body.institution, purpose, 'mask')) lowered++
      }
    }
    return lowered
  }

  /**
   * Erases a contact: everything is taken back, then the data key and every room's rows go in one transaction, with the
   * entry that says so. Copies in backups hold boxes whose key is gone; customer_erasure makes a restore do it again.
   */
  async function erase(
    contact: Contact,
  ): Promise<{ at: number; batchId: number; keysReturned: boolean; rows: Record<string, number> }> {
    const { links } = await contacts.money(contact)
    let keysReturned = true
    for (const link of links) {
      // Without a word to the thread's memory: what is written of it now could come after its row is deleted.
      await endGrant(contact, link.institution, null, 'withdrawn')
      // Its data key is about to go: what the bank has not taken yet waits apart from the customer.
      const current = (await contacts.money(contact)).links.find(
        (candidate) => candidate.institution === link.institution,
      )
      if (current?.tokens && !(await giveBackOrphan(link.institution, current.tokens))) keysReturned = false
    }
    const at = clock()
    const result = await transaction(pool, async (trx) => {
      const { entry } = recordEntry(contact, {
        type: 'erasure',
        event: 'erased',
        id: `erasure/${at}`,
        institution: null,
        channel: contact.address.channel,
        payload: JSON.stringify({ type: 'erasure', at }),
        now: at,
      })
      const { batchId } = await deps.tlog.append(trx, [entry])
      const rows = {
        ...(await forgetDisclosure(trx, contact.ref)),
        ...(await forgetConversation(trx, contact.ref)),
        ...(await forgetConsent(trx, contact.ref)),
        ...(await forgetCustomer(trx, contact.ref)),
      }
      await trx.query(
        'insert into customer_erasure (lane, contact_id, erased_at, report) values ($1, $2, to_timestamp($3 / 1000.0), $4)',
        [contact.ref.lane, contact.ref.contactId, at, JSON.stringify({ rows, batchId })],
      )
      return { batchId, rows }
    })
    contacts.drop(contact.ref.contactId)
    deps.tlog.poke()
    for (const link of links) {
      const ref = subjectRef(deps.subjects, link.institution, link.subject)
      if ((await contactsOf(pool, ref)).length > 0) continue
      await closeSessionsOf(pool, ref)
      await pool.query('delete from customer_passkey where subject_ref = $1', [ref])
    }
    deps.log.info('customer.erased')
    return { at, keysReturned, ...result }
  }

  /** When each grant of this contact was last relied on, by purpose. */
  async function lastUsed(
    contact: Contact,
    institution: InstitutionId,
    purpose: Purpose,
  ): Promise<number | null> {
    const row = await one<{ at: string | null }>(
      pool,
      `select max(created_at) as at from disclosure_outbox where lane = $1 and contact_id = $2 and institution = $3 and purpose = $4 and disclosed`,
      [contact.ref.lane, contact.ref.contactId, institution, purpose],
    )
    return row?.at == null ? null : Number(row.at)
  }

  return { completeLinking, takeBack, change, hideFigures, giveBack, retryOrphan, erase, lastUsed }
}
export type Records = ReturnType<typeof openRecords>
