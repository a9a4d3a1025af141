import { z } from 'zod'
import { channelKinds, type ChannelKind } from '../channel/channel.ts'
import { exposures, within, type Exposure } from '../consent/exposure.ts'
import { clusterNames, clusterOf, fieldNames, fields, type Cluster, type Field } from '../consent/field.ts'
import { purposeNames, purposeTouches, type Purpose } from '../consent/purpose.ts'
import type { Refusal } from '../core/refusal.ts'
import { canonicalHash } from './canonical.ts'
import { didYouMean, whatToWrite } from './policy-hints.ts'
import { readPolicyText } from './policy-text.ts'

/**
 * A bank's disclosure policy: versioned data, not configuration. What it does not name is withheld; nothing in it can
 * stand for "everything" (DESIGN section 2, moonshot 5: finite, so it can be enumerated).
 */

/** The bank's own chat. Every other channel is somebody else's platform. */
export const ownChannel: ChannelKind = 'webchat'

/** Clusters whose text was written outside the bank, and that therefore need a ceiling of their own. */
export const outsideClusters: readonly Cluster[] = clusterNames.filter((cluster) =>
  fieldNames.some((field) => clusterOf(field) === cluster && fields[field].outsideText),
)

/** What no policy can lift: account numbers and identity on other people's platforms (12 CFR 1016.12; GDPR art. 25). */
export const floorOf = (cluster: Cluster, channel: ChannelKind): Exposure =>
  channel !== ownChannel && (cluster === 'numbers' || cluster === 'identity') ? 'mask' : 'say'

const shape = <Name extends string, Schema extends z.ZodType>(names: readonly Name[], schema: Schema) =>
  Object.fromEntries(names.map((name) => [name, schema])) as Record<Name, Schema>

const ceilings = z.strictObject(shape(channelKinds, z.enum(exposures).optional()))
const purposeRule = ceilings.extend({
  clusters: z.strictObject(shape(clusterNames, ceilings.optional())).optional(),
  fields: z.strictObject(shape(fieldNames, ceilings.optional())).optional(),
})

const policySchema = z.strictObject({
  format: z.literal(1),
  institution: z.string().regex(/^[a-z0-9-]{1,32}$/),
  version: z.int().min(1),
  /** What changed and why, for the record. */
  note: z.string().max(500).optional(),
  /** Per purpose: a ceiling per channel; `clusters` and `fields` say it more closely, and the closest wins. */
  purposes: z.strictObject(shape(purposeNames, purposeRule.optional())),
  /** Text from outside never rises above this, whatever the purpose allows. Not named = withheld. */
  outsideText: z.strictObject(shape(outsideClusters, ceilings.optional())),
  /** Thresholds, in minor units, by which an amount is told as a band ("above $1,000"). */
  bandsMinor: z.record(z.string().regex(/^[A-Z]{3}$/), z.array(z.int().min(0)).min(1).max(12)),
  /** How far from the messenger a sealed card opens: S1 in its webview, S2 in the browser, S3 on another device. */
  seal: z.enum(['S1', 'S2', 'S3']).default('S2'),
  /** How far back transactions may be read. */
  lookbackDays: z.int().min(1).max(730),
  /** The longest a grant may last (12 CFR 1033.421(b): a year at most). */
  grantDays: z.int().min(1).max(365),
})
export type Policy = z.infer<typeof policySchema>
export type Ceilings = z.infer<typeof ceilings>

/** One thing wrong with a policy: where, and what to write instead. */
export type PolicyFault = { readonly path: string; readonly line: number; readonly say: string }
export type FaultyPolicy = Refusal<'policy_faulty'> & { readonly faults: readonly PolicyFault[] }

/** Reads a policy from the text of its file. Every fault is named at once, with its path, its line and what to write. */
export function readPolicy(text: string): Policy | FaultyPolicy {
  const source = readPolicyText(text)
  if (!('value' in source)) return faulty([source])
  const faults: PolicyFault[] = source.repeated.map(({ path, line }) => ({
    path,
    line,
    say: 'is written twice; keep one, or nobody can tell which is meant',
  }))
  const parsed = policySchema.safeParse(source.value)
  const add = (path: readonly PropertyKey[], say: string): void => {
    faults.push({ path: path.map(String).join('.'), line: source.lineOf(path), say })
  }
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      if (issue.code === 'unrecognized_keys')
        for (const key of issue.keys) add([...issue.path, key], didYouMean(issue.path, key))
      else if (issue.code === 'invalid_value')
        add(
          issue.path,
          issue.values.length === 1
            ? `must be exactly ${String(issue.values[0])}`
            : `must be one of ${issue.values.map(String).join(', ')}`,
        )
      else add(issue.path, whatToWrite(issue.path))
    }
  } else checkMeaning(parsed.data, add)
  if (!parsed.success || faults.length > 0) return faulty(faults.sort((a, b) => a.line - b.line))
  return parsed.data
}

const faulty = (faults: readonly PolicyFault[]): FaultyPolicy => ({ refused: 'policy_faulty', faults })

/** What a schema cannot say: hard floors, rules that can never apply, bands that make no sense. */
function checkMeaning(policy: Policy, add: (path: readonly PropertyKey[], say: string) => void): void {
  const checkCeilings = (path: readonly string[], cluster: Cluster, rule: Ceilings): void => {
    for (const channel of channelKinds) {
      const asked = rule[channel]
      if (asked === undefined) continue
      const floor = floorOf(cluster, channel)
      if (!within(asked, floor))
        add(
          [...path, channel],
          `${cluster} can never be above ${floor} on ${channel}; write ${floor} or withhold`,
        )
      else if (asked === 'band' && outsideClusters.includes(cluster))
        add([...path, channel], 'text has no coarse form; write mask, or say')
    }
  }
  for (const cluster of outsideClusters) {
    const rule = policy.outsideText[cluster]
    if (rule) checkCeilings(['outsideText', cluster], cluster, rule)
  }
  const checkRule = (path: readonly string[], purpose: Purpose, cluster: Cluster, rule: Ceilings): void => {
    if (!purposeTouches(purpose, cluster))
      add(path, `the purpose ${purpose} never touches ${cluster}, so this rule could never apply; remove it`)
    checkCeilings(path, cluster, rule)
    if (!outsideClusters.includes(cluster)) return
    for (const channel of channelKinds) {
      const asked = rule[channel]
      const limit = policy.outsideText[cluster]?.[channel] ?? 'withhold'
      if (asked !== undefined && !within(asked, limit))
        add(
          [...path, channel],
          `outsideText.${cluster}.${channel} is ${limit}, so ${asked} would not happen; raise that, or write ${limit}`,
        )
    }
  }
  for (const purpose of purposeNames) {
    const rule = policy.purposes[purpose]
    if (!rule) continue
    for (const cluster of clusterNames) {
      const at = rule.clusters?.[cluster]
      if (at) checkRule(['purposes', purpose, 'clusters', cluster], purpose, cluster, at)
    }
    for (const field of fieldNames) {
      const at = rule.fields?.[field]
      if (at) checkRule(['purposes', purpose, 'fields', field], purpose, clusterOf(field), at)
    }
  }
  for (const [currency, thresholds] of Object.entries(policy.bandsMinor)) {
    const wrong = thresholds.findIndex((threshold, i) => i > 0 && threshold <= (thresholds[i - 1] ?? 0))
    if (wrong > 0)
      add(['bandsMinor', currency, wrong], 'thresholds must rise; write them from the lowest up, each once')
  }
}

/** SHA-256 of the policy's canonical JSON, in hex: written with every decision made under it. */
export const policyHash = (policy: Policy): string => canonicalHash(policy)

/** The rule that decides a triple, before floors and before outside text's own ceiling. */
export type RuleSource = 'field' | 'cluster' | 'purpose' | 'unnamed'

/** The closest rule for a triple: field before cluster before purpose; not named is withheld. */
export function closestRule(
  policy: Policy,
  purpose: Purpose,
  field: Field,
  channel: ChannelKind,
): { readonly ceiling: Exposure; readonly source: RuleSource } {
  const rule = policy.purposes[purpose]
  const byField = rule?.fields?.[field]?.[channel]
  if (byField !== undefined) return { ceiling: byField, source: 'field' }
  const byCluster = rule?.clusters?.[clusterOf(field)]?.[channel]
  if (byCluster !== undefined) return { ceiling: byCluster, source: 'cluster' }
  const byPurpose = rule?.[channel]
  if (byPurpose !== undefined) return { ceiling: byPurpose, source: 'purpose' }
  return { ceiling: 'withhold', source: 'unnamed' }
}
