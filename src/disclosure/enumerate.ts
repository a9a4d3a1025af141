import { channelKinds, type ChannelKind } from '../channel/channel.ts'
import { within, type Exposure } from '../consent/exposure.ts'
import { clusterOf, fieldNames, type Field } from '../consent/field.ts'
import { purposeNames, type Purpose } from '../consent/purpose.ts'
import { ceilingOf, compilePolicy, type CeilingReason, type CompiledPolicy } from './compile.ts'
import { floorOf, type Policy } from './policy.ts'

/** The most that one field may ever say, for one purpose, on one channel: before any grant narrows it. */
export type Ceiling = {
  readonly purpose: Purpose
  readonly field: Field
  readonly channel: ChannelKind
  readonly ceiling: Exposure
  readonly reason: CeilingReason
}

/** Every (purpose, field, channel) there is, with its ceiling. Nothing is sampled. */
export function enumerate(compiled: CompiledPolicy): Ceiling[] {
  const all: Ceiling[] = []
  for (const purpose of purposeNames)
    for (const field of fieldNames)
      for (const channel of channelKinds)
        all.push({ purpose, field, channel, ...ceilingOf(compiled, purpose, field, channel) })
  return all
}

export type Change = {
  readonly purpose: Purpose
  readonly field: Field
  readonly channel: ChannelKind
  readonly from: Exposure
  readonly to: Exposure
  /** `opens`: the platform may receive more than before. */
  readonly direction: 'opens' | 'closes'
}
export type Term = { readonly term: string; readonly from: string; readonly to: string }

/** What changes from one policy to another, by what they do, not by how they are written. */
export function diff(
  before: Policy,
  after: Policy,
): { readonly changes: readonly Change[]; readonly terms: readonly Term[] } {
  const old = compilePolicy(before)
  const changes: Change[] = []
  for (const { purpose, field, channel, ceiling } of enumerate(compilePolicy(after))) {
    const from = ceilingOf(old, purpose, field, channel).ceiling
    if (from !== ceiling)
      changes.push({
        purpose,
        field,
        channel,
        from,
        to: ceiling,
        direction: within(from, ceiling) ? 'opens' : 'closes',
      })
  }
  const terms: Term[] = []
  for (const term of ['institution', 'seal', 'lookbackDays', 'grantDays', 'bandsMinor'] as const) {
    const from = JSON.stringify(before[term])
    const to = JSON.stringify(after[term])
    if (from !== to) terms.push({ term, from, to })
  }
  return { changes, terms }
}

const why: Readonly<Record<CeilingReason, (c: Ceiling) => string>> = {
  untouched: (c) =>
    `the purpose ${c.purpose} never touches ${clusterOf(c.field)}; no policy and no grant can change that`,
  floor: (c) =>
    `${clusterOf(c.field)} is never above ${floorOf(clusterOf(c.field), c.channel)} on ${c.channel}; fixed in code`,
  field: (c) => `purposes.${c.purpose}.fields.${c.field}.${c.channel}`,
  cluster: (c) => `purposes.${c.purpose}.clusters.${clusterOf(c.field)}.${c.channel}`,
  purpose: (c) => `purposes.${c.purpose}.${c.channel}`,
  'outside-text': (c) =>
    `outsideText.${clusterOf(c.field)}.${c.channel}: text written outside the bank has its own ceiling`,
  unnamed: (c) => `nothing in the policy names ${c.purpose} on ${c.channel}; what is not named is withheld`,
}

/** The rule that gave a ceiling, in one line. */
export const explain = (ceiling: Ceiling): string => why[ceiling.reason](ceiling)
