import { hash, createSecretKey, type KeyObject } from 'node:crypto'
import type { Address } from '../channel/channel.ts'
import { randomBytesPooled } from '../core/id.ts'
import { deriveBytes } from '../core/seal.ts'

/**
 * A contact is a person at one address of one channel. Its id is derived from the address, so that any process can tell
 * a webhook's lane and contact without asking the database; the address itself is stored sealed.
 */
export type ContactRef = { readonly lane: number; readonly contactId: string }

/** SHA-256 of the address, first 128 bits as a UUID (version 8, RFC 9562 §5.8), and the lane they fall into. */
export function contactRef(address: Address, lanes: number): ContactRef {
  const hex = hash('sha256', `${address.channel}\n${address.account}\n${address.user}`, 'hex')
  return { lane: Number.parseInt(hex.slice(32, 38), 16) % lanes, contactId: asUuid(hex) }
}

/** An event's id in our inbox: derived from the contact's account and the platform's key of the event. */
export const eventId = (channel: string, account: string, key: string): string =>
  asUuid(hash('sha256', `${channel}\n${account}\n${key}`, 'hex'))

const asUuid = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`

/** The keys of one customer, all derived from the one data key that erasure destroys. */
export type CustomerKeys = {
  /** Seals what is stored. */
  readonly box: KeyObject
  /** Makes the subject reference of a log entry: HMAC(key, entry id), so that entries of one person cannot be joined. */
  readonly subject: Buffer
}

export const newDataKey = (): Buffer => randomBytesPooled(32)

export function customerKeys(dataKey: Buffer): CustomerKeys {
  const root = createSecretKey(dataKey)
  return { box: root, subject: deriveBytes(root, 'guichet/log-subject') }
}

/** What a sealed box of a contact is bound to: its table and row. */
export const boxContext = (table: string, contactId: string, row = ''): string =>
  `${table}/${contactId}/${row}`
