import type { ChannelKind } from '../channel/channel.ts'
import type { Exposure } from './exposure.ts'
import type { Purpose } from './purpose.ts'

/** A grant as the gate reads it: what was agreed, and whether it still stands. */
export type GrantView = {
  readonly grantId: string
  readonly version: number
  /** `suspended`: it stands, but is paused until the customer signs in again. */
  readonly state: 'active' | 'withdrawn' | 'revoked' | 'expired' | 'suspended'
  readonly channel: ChannelKind
  /** The institution whose facts it speaks of. */
  readonly institution: string
  /** Epoch ms; the grant ends at this instant. */
  readonly validUntil: number
  /** Accounts it covers, by the bank's id; `all` where the bank did not narrow. */
  readonly accounts: ReadonlySet<string> | 'all'
  /** The most the platform may receive, per purpose. Absent or `withhold` = switched off. */
  readonly items: Partial<Readonly<Record<Purpose, Exposure>>>
}
