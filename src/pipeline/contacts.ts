import type { Pool } from 'pg'
import type { Address, ChannelKind, Inbound } from '../channel/channel.ts'
import type { Kek } from '../core/kek.ts'
import { invariant } from '../core/refusal.ts'
import { seal, unseal } from '../core/seal.ts'
import { many } from '../core/sql.ts'
import { numberArray, plainArray } from '../core/pg-array.ts'
import {
  boxContext,
  contactRef,
  customerKeys,
  newDataKey,
  type ContactRef,
  type CustomerKeys,
} from '../customer/contact.ts'
import { linksOf } from '../customer/link.ts'
import { grantsOf } from '../consent/grant.ts'
import { newThread, type Context, type Thread } from '../conversation/thread.ts'
import type { Caller, Money } from '../intent/caller.ts'

/** A contact in memory. There is at most one object a contact; the lane's owner alone holds it. */
export type Contact = Caller & {
  /** Set until the row of a new contact is committed. */
  created: { readonly wrappedKey: Buffer; readonly sealedUser: Buffer } | null
  money: Money | null
  /** Events accepted and waiting behind a turn that still reads from a bank: answered in order. */
  readonly waiting: { inbound: Inbound; eventId: string }[]
  /** A turn of this contact is reading from a bank. */
  reading: boolean
  /** Spoke since room was last made for others. */
  lately: boolean
  /** Rows in a batch under way, and messages not yet settled: while above zero the object must stay. */
  holds: number
}

type Row = {
  contact_id: string
  lane: number
  channel: ChannelKind
  account: string
  wrapped_key: Buffer
  sealed_user: Buffer
  last_user_at: string | null
  bot_said_at: string | null
  flags: number | null
  misses: number | null
  sealed: Buffer | null
}

const loadStatement = `
  select c.contact_id, c.lane, c.channel, c.account, c.wrapped_key, c.sealed_user, t.last_user_at, t.bot_said_at, t.flags, t.misses, t.sealed
    from unnest($1::smallint[], $2::uuid[]) as e(lane, contact_id)
    join customer_contact c using (lane, contact_id)
    left join conversation_thread t using (lane, contact_id)`

/** The contacts this process holds in memory: bounded, oldest idle ones fall out. */
export class Contacts {
  readonly #byId = new Map<string, Contact>()
  readonly #pool: Pool
  readonly #kek: Kek
  readonly #lanes: number
  readonly #capacity: number

  constructor(options: { pool: Pool; kek: Kek; lanes: number; capacity: number }) {
    this.#pool = options.pool
    this.#kek = options.kek
    this.#lanes = options.lanes
    this.#capacity = options.capacity
  }

  refOf(address: Address): ContactRef {
    return contactRef(address, this.#lanes)
  }

  cached(contactId: string): Contact | null {
    return this.#byId.get(contactId) ?? null
  }

  get size(): number {
    return this.#byId.size
  }

  /** The contacts at these addresses; those never seen before are made (and written with their first batch). */
  async load(
    addresses: readonly { readonly address: Address; readonly ref: ContactRef }[],
  ): Promise<Map<string, Contact>> {
    const found = new Map<string, Contact>()
    const missing = new Map<string, { address: Address; ref: ContactRef }>()
    for (const entry of addresses) {
      const contact = this.#byId.get(entry.ref.contactId)
      if (contact) {
        contact.lately = true
        found.set(entry.ref.contactId, contact)
      } else missing.set(entry.ref.contactId, entry)
    }
    if (missing.size === 0) return found
    const wanted = [...missing.values()]
    const rows = await many<Row>(this.#pool, loadStatement, [
      numberArray(wanted.map((entry) => entry.ref.lane)),
      plainArray(wanted.map((entry) => entry.ref.contactId)),
    ])
    const dataKeys = await this.#kek.unwrap(rows.map((row) => row.wrapped_key))
    rows.forEach((row, index) => {
      const entry = missing.get(row.contact_id)
      const dataKey = dataKeys[index]
      invariant(entry && dataKey, 'a loaded contact was asked for')
      missing.delete(row.contact_id)
      // Another batch may have loaded it while this one waited: the object in memory is the truth.
      found.set(
        row.contact_id,
        this.#byId.get(row.contact_id) ?? this.#hold(this.#fromRow(entry.address, entry.ref, dataKey, row)),
      )
    })
    if (missing.size > 0) {
      const fresh = [...missing.values()].map((entry) => ({ ...entry, dataKey: newDataKey() }))
      const wrapped = await this.#kek.wrap(fresh.map((entry) => entry.dataKey))
      fresh.forEach((entry, index) => {
        const wrappedKey = wrapped[index]
        invariant(wrappedKey, 'every key is wrapped')
        const keys = customerKeys(entry.dataKey)
        const sealedUser = seal(
          keys.box,
          boxContext('customer_contact', entry.ref.contactId),
          entry.address.user,
        )
        found.set(
          entry.ref.contactId,
          this.#byId.get(entry.ref.contactId) ??
            this.#hold(newContact(entry.address, entry.ref, keys, newThread(), { wrappedKey, sealedUser })),
        )
      })
    }
    return found
  }

  /** The contacts with these ids, as far as they exist: for doors and jobs that know an id and not an address. */
  async open(refs: readonly ContactRef[]): Promise<Map<string, Contact>> {
    const found = new Map<string, Contact>()
    const wanted = new Map<string, ContactRef>()
    for (const ref of refs) {
      const contact = this.#byId.get(ref.contactId)
      if (contact) found.set(ref.contactId, contact)
      else wanted.set(ref.contactId, ref)
    }
    if (wanted.size === 0) return found
    const list = [...wanted.values()]
    const rows = await many<Row>(this.#pool, loadStatement, [
      numberArray(list.map((ref) => ref.lane)),
      plainArray(list.map((ref) => ref.contactId)),
    ])
    const dataKeys = await this.#kek.unwrap(rows.map((row) => row.wrapped_key))
    rows.forEach((row, index) => {
      const dataKey = dataKeys[index]
      invariant(dataKey, 'every key is unwrapped')
      const user = unseal(
        customerKeys(dataKey).box,
        boxContext('customer_contact', row.contact_id),
        row.sealed_user,
      )
      invariant(user !== null, 'an address opens under its own customer key')
      const address = { channel: row.channel, account: row.account, user: user.toString('utf8') }
      found.set(
        row.contact_id,
        this.#byId.get(row.contact_id) ??
          this.#hold(this.#fromRow(address, { lane: row.lane, contactId: row.contact_id }, dataKey, row)),
      )
    })
    return found
  }

  #fromRow(address: Address, ref: ContactRef, dataKey: Buffer, row: Row): Contact {
    const keys = customerKeys(dataKey)
    const thread: Thread = {
      lastUserAt: row.last_user_at === null ? null : Number(row.last_user_at),
      botSaidAt: row.bot_said_at === null ? null : Number(row.bot_said_at),
      flags: row.flags ?? 0,
      misses: row.misses ?? 0,
      context: {},
    }
    if (row.sealed) {
      const plain = unseal(keys.box, boxContext('conversation_thread', ref.contactId), row.sealed)
      invariant(plain !== null, 'a thread opens under its own customer key')
      thread.context = JSON.parse(plain.toString('utf8')) as Context
    }
    return newContact(address, ref, keys, thread, null)
  }

  #hold(contact: Contact): Contact {
    this.#byId.set(contact.ref.contactId, contact)
    if (this.#byId.size > this.#capacity) this.#makeRoom()
    return contact
  }

  /** Lets the oldest contact go that nobody needs; who was here since it was last looked at moves to the young end. */
  #makeRoom(): void {
    let tries = 64
    for (const [id, old] of this.#byId) {
      if (isIdle(old) && !old.lately) {
        this.#byId.delete(id)
        return
      }
      if (--tries === 0) return
      old.lately = false
      this.#byId.delete(id)
      this.#byId.set(id, old)
    }
  }

  /** Forgets what memory holds of a contact (its row is the truth). A busy contact stays, without links and grants. */
  forget(contactId: string): void {
    const contact = this.#byId.get(contactId)
    if (!contact) return
    contact.money = null
    if (isIdle(contact)) this.#byId.delete(contactId)
  }

  /** Throws a contact away although it is busy: after a failed batch, or after erasure. */
  drop(contactId: string): void {
    this.#byId.delete(contactId)
  }

  /** Links and grants, read when needed and kept until something changes. */
  async money(contact: Contact): Promise<Money> {
    if (contact.money) return contact.money
    const [links, grants] = await Promise.all([
      linksOf(this.#pool, contact.ref, contact.keys.box),
      grantsOf(this.#pool, contact.ref, contact.keys.box),
    ])
    contact.money = { links, grants }
    return contact.money
  }
}

const isIdle = (contact: Contact): boolean =>
  !contact.touched &&
  contact.holds === 0 &&
  !contact.reading &&
  contact.waiting.length === 0 &&
  contact.created === null

function newContact(
  address: Address,
  ref: ContactRef,
  keys: CustomerKeys,
  thread: Thread,
  created: Contact['created'],
): Contact {
  return {
    ref,
    address,
    keys,
    created,
    thread,
    touched: false,
    money: null,
    waiting: [],
    reading: false,
    lately: false,
    holds: 0,
  }
}
