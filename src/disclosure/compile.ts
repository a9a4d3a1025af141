import { channelKinds, type ChannelKind } from '../channel/channel.ts'
import { exposureRank, exposures, meet, type Exposure } from '../consent/exposure.ts'
import { clusterOf, fieldNames, type Field } from '../consent/field.ts'
import { purposeNames, purposeTouches, type Purpose } from '../consent/purpose.ts'
import { closestRule, floorOf, outsideClusters, policyHash, type Policy } from './policy.ts'

/** Which of the bank's rules gave a ceiling. */
export const ceilingReasons = [
  'untouched',
  'floor',
  'field',
  'cluster',
  'purpose',
  'outside-text',
  'unnamed',
] as const
export type CeilingReason = (typeof ceilingReasons)[number]

const index = <Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> =>
  Object.assign(
    Object.create(null) as Record<Name, number>,
    Object.fromEntries(names.map((name, i) => [name, i])),
  )

export const fieldIndex = index(fieldNames)
export const purposeIndex = index(purposeNames)
export const channelIndex = index(channelKinds)

/** A policy laid out for speed: one byte for each (purpose, field, channel). */
export type CompiledPolicy = {
  readonly policy: Policy
  readonly institution: string
  readonly version: number
  readonly hash: string
  /** Low three bits: the ceiling's rank; the rest: the reason. */
  readonly table: Uint8Array
}

/** The place of a triple in the table; NaN for a word that is not in the lists, which reads as withheld. */
export const cellOf = (purpose: Purpose, field: Field, channel: ChannelKind): number =>
  (purposeIndex[purpose] * fieldNames.length + fieldIndex[field]) * channelKinds.length +
  channelIndex[channel]

/** Decides every triple once. */
export function compilePolicy(policy: Policy): CompiledPolicy {
  const table = new Uint8Array(purposeNames.length * fieldNames.length * channelKinds.length)
  for (const purpose of purposeNames)
    for (const field of fieldNames)
      for (const channel of channelKinds) {
        const { ceiling, reason } = bankCeiling(policy, purpose, field, channel)
        table[cellOf(purpose, field, channel)] = exposureRank(ceiling) | (ceilingReasons.indexOf(reason) << 3)
      }
  return { policy, institution: policy.institution, version: policy.version, hash: policyHash(policy), table }
}

function bankCeiling(
  policy: Policy,
  purpose: Purpose,
  field: Field,
  channel: ChannelKind,
): { ceiling: Exposure; reason: CeilingReason } {
  const cluster = clusterOf(field)
  if (!purposeTouches(purpose, cluster)) return { ceiling: 'withhold', reason: 'untouched' }
  const closest = closestRule(policy, purpose, field, channel)
  let ceiling = closest.ceiling
  let reason: CeilingReason = closest.source
  if (outsideClusters.includes(cluster)) {
    const own = policy.outsideText[cluster]?.[channel] ?? 'withhold'
    if (meet(own, ceiling) !== ceiling) [ceiling, reason] = [own, 'outside-text']
  }
  // Read again here although readPolicy refuses such a policy: the floor must not rest on who called.
  const floor = floorOf(cluster, channel)
  if (meet(floor, ceiling) !== ceiling) [ceiling, reason] = [floor, 'floor']
  return { ceiling, reason }
}

/** A triple's ceiling under a compiled policy, and why. */
export function ceilingOf(
  compiled: CompiledPolicy,
  purpose: Purpose,
  field: Field,
  channel: ChannelKind,
): { readonly ceiling: Exposure; readonly reason: CeilingReason } {
  const cell = compiled.table[cellOf(purpose, field, channel)] ?? 0
  return { ceiling: exposures[cell & 7] ?? 'withhold', reason: ceilingReasons[cell >> 3] ?? 'untouched' }
}
