import type { ChannelKind } from '../channel/channel.ts'
import { exposureRank, exposures, type Exposure } from '../consent/exposure.ts'
import type { Field } from '../consent/field.ts'
import type { GrantView } from '../consent/grant-view.ts'
import type { Purpose } from '../consent/purpose.ts'
import { cellOf, type CompiledPolicy } from './compile.ts'

/**
 * The state of the channel towards this person right now.
 * - `closed_window`: only an approved template may be sent
 * - `standby`: another app owns the thread
 * - `identity_changed`: whoever holds this chat may not be who linked it; until step-up
 * - `blocked`: the person left or blocked us
 */
export type ChannelState = 'open' | 'closed_window' | 'standby' | 'identity_changed' | 'blocked'

/** What held an exposure down: the first ceiling, in this order, that is the lowest. `none` when the value may be said. */
export const bounds = [
  'none',
  'purpose',
  'floor',
  'policy',
  'no_grant',
  'withdrawn',
  'revoked',
  'expired',
  'suspended',
  'grant',
  'account',
  'window',
  'identity',
  'standby',
  'blocked',
] as const
export type Bound = (typeof bounds)[number]

export type Decision = { readonly exposure: Exposure; readonly bound: Bound }

export type Question = {
  readonly field: Field
  readonly purpose: Purpose
  readonly channel: ChannelKind
  /** The account the fact speaks of; null = about several, which only a grant over all accounts covers. */
  readonly accountId: string | null
  /** Null: this institution has no policy here, so nothing of it is told. */
  readonly policy: CompiledPolicy | null
  readonly grant: GrantView | null
  /** "Show it here, this once": raises the customer's own ceiling to `say` for this one message, never the bank's. */
  readonly once: boolean
  readonly state: ChannelState
  /** Epoch ms. */
  readonly now: number
}

const withhold = exposureRank('withhold')
const nudge = exposureRank('nudge')
const mask = exposureRank('mask')
const say = exposureRank('say')

/** Every possible answer, made once: deciding allocates nothing. */
const made: readonly (readonly Decision[])[] = exposures.map((exposure) =>
  bounds.map((bound) => Object.freeze({ exposure, bound })),
)
const nothing: Decision = Object.freeze({ exposure: 'withhold', bound: 'purpose' })
const number = Object.fromEntries(bounds.map((bound, i) => [bound, i])) as Record<Bound, number>

const boundOfReason = [
  number.purpose,
  number.floor,
  number.policy,
  number.policy,
  number.policy,
  number.policy,
  number.policy,
] as const

/**
 * How much of one fact the platform may receive: the meet of the bank's policy, the customer's grant and the state of
 * the channel (DESIGN section 2, promise 2). Pure, total and finite, so it can be enumerated.
 */
export function decide(question: Question): Decision {
  const { policy, grant, state } = question
  const cell =
    policy === null ? -1 : (policy.table[cellOf(question.purpose, question.field, question.channel)] ?? 0)
  let rank = cell < 0 ? withhold : cell & 7
  let bound =
    cell < 0 ? number.policy : rank === say ? number.none : (boundOfReason[cell >> 3] ?? number.purpose)

  // The customer's ceiling. `held` is 'none' while the grant stands, covers the account and has the purpose.
  let ceiling = withhold
  let held = number.none
  if (
    grant === null ||
    policy === null ||
    grant.channel !== question.channel ||
    grant.institution !== policy.institution
  )
    held = number.no_grant
  else if (grant.state !== 'active' && grant.state !== 'suspended') held = number[grant.state]
  else if (question.now >= grant.validUntil) held = number.expired
  else {
    const item = grant.items[question.purpose]
    if (item === undefined || item === 'withhold') held = number.grant
    else if (!covers(grant, question.accountId)) held = number.account
    else {
      ceiling = question.once ? say : exposureRank(item)
      held = number.grant
      if (grant.state === 'suspended' && ceiling > nudge) {
        ceiling = nudge
        held = number.suspended
      }
    }
  }
  if (ceiling < rank) {
    rank = ceiling
    bound = held
  }

  // The channel's ceiling, now.
  if (state !== 'open') {
    ceiling = state === 'closed_window' ? mask : state === 'identity_changed' ? nudge : withhold
    if (ceiling < rank) {
      rank = ceiling
      bound = boundOfState[state]
    }
  }
  return made[rank]?.[bound] ?? nothing
}

const boundOfState: Readonly<Record<Exclude<ChannelState, 'open'>, number>> = {
  closed_window: number.window,
  identity_changed: number.identity,
  standby: number.standby,
  blocked: number.blocked,
}

/** True when a grant covers this account. */
export const covers = (grant: GrantView, accountId: string | null): boolean =>
  grant.accounts === 'all' || (accountId !== null && grant.accounts.has(accountId))
