import type { InstitutionId } from '../bank/bank.ts'
import type { ChannelKind } from '../channel/channel.ts'
import { exposureRank, type Exposure } from '../consent/exposure.ts'
import { clusterOf, type Cluster, type Field } from '../consent/field.ts'
import type { GrantView } from '../consent/grant-view.ts'
import type { Purpose } from '../consent/purpose.ts'
import { hmacHex } from '../core/hmac.ts'
import { randomBytesPooled } from '../core/id.ts'
import { invariant } from '../core/refusal.ts'
import type { WordKey } from '../core/words.ts'
import type { Answer } from './answer.ts'
import type { CompiledPolicy } from './compile.ts'
import type { Bound } from './decide.ts'
import type { Decisions, Rendered } from './line.ts'

/** What opens an entry's commitment: with it anyone can check what was sent; without it nobody can guess it. */
export type Opening = {
  /** 32 random bytes, this entry's own. */
  readonly salt: Buffer
  /** Canonical JSON (RFC 8785). */
  readonly payload: string
}

type Disclosure = {
  readonly id: string
  readonly at: number
  readonly because: Answer['because']
  readonly body: string
  readonly channel: ChannelKind
  readonly purpose: Purpose | null
  readonly institution: InstitutionId | null
  readonly grant: GrantView | null
  readonly policy: CompiledPolicy | null
  readonly once: boolean
  readonly decisions: Decisions
  readonly rendered: Rendered
  readonly subjectKey: Buffer
}

/** Times in the log are coarse: an entry must not say more about a person than that something was said around then. */
export const timeBucketSeconds = 900
const maxEntryBytes = 1024

/**
 * The log entry of one message and what opens it. The entry names clusters and exposures, what was kept back too, and
 * nobody: `commit` = HMAC-SHA256(salt, payload), `grant` = HMAC-SHA256(salt, "grant" and its id and version),
 * `subject` = HMAC-SHA256(the customer's key, message id). Members are written in sorted order, so that JSON.stringify
 * gives RFC 8785 bytes.
 */
export function entryOf(of: Disclosure): { readonly entry: Buffer; readonly opening: Opening } {
  const salt = randomBytesPooled(32)
  const { grant, policy, rendered } = of
  const facts = told(of.decisions, rendered)
  const payload = JSON.stringify({
    at: of.at,
    because: of.because,
    body: of.body,
    channel: of.channel,
    facts: facts.map(({ field, exposure, bound }) => ({ bound, exposure, field })),
    grant: grant === null ? null : { id: grant.grantId, version: grant.version },
    id: of.id,
    institution: of.institution,
    once: of.once,
    policy: policy === null ? null : { hash: policy.hash, version: policy.version },
    purpose: of.purpose,
    said: rendered.said,
    v: 1,
  })
  const { kept, shown } = byCluster(of.decisions, rendered)
  const entry = Buffer.from(
    JSON.stringify({
      because: of.because,
      channel: of.channel,
      commit: hmacHex(salt, payload),
      grant: grant === null ? null : hmacHex(salt, `grant\n${grant.grantId}\n${grant.version}`),
      institution: of.institution,
      kept,
      policy: policy === null ? null : `${policy.version}:${policy.hash.slice(0, 16)}`,
      purpose: of.purpose,
      shown,
      subject: hmacHex(of.subjectKey, of.id),
      t: Math.floor(of.at / 1000 / timeBucketSeconds) * timeBucketSeconds,
      type: 'disclosure',
      v: 1,
    }),
  )
  invariant(entry.length <= maxEntryBytes, 'a log entry has at most 1024 bytes')
  return { entry, opening: { salt, payload } }
}

type Told = { readonly field: Field; readonly exposure: Exposure; readonly bound: Bound }

/** Each (field, exposure) once, in a fixed order: what was told of it, and for what was kept back, why. */
function told(decisions: Decisions, rendered: Rendered): readonly Told[] {
  if (decisions.size === 0) return nothing
  const seen = new Map<string, Told>()
  for (const [fact, { bound }] of decisions) {
    const exposure = rendered.told.get(fact) ?? 'withhold'
    const key = `${fact.field} ${exposure}`
    if (!seen.has(key))
      seen.set(key, { field: fact.field, exposure, bound: exposure === 'say' ? 'none' : bound })
  }
  return [...seen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
}
const nothing: readonly never[] = []
const noClusters = {}

/** `shown`: the most that was told of any fact of a cluster. `kept`: how many of its facts were not said whole. */
function byCluster(
  decisions: Decisions,
  rendered: Rendered,
): { kept: Partial<Record<Cluster, number>>; shown: Partial<Record<Cluster, Exposure>> } {
  if (decisions.size === 0) return { kept: noClusters, shown: noClusters }
  const kept = new Map<Cluster, number>()
  const shown = new Map<Cluster, Exposure>()
  for (const fact of decisions.keys()) {
    const cluster = clusterOf(fact.field)
    const exposure = rendered.told.get(fact) ?? 'withhold'
    const before = shown.get(cluster)
    if (before === undefined || exposureRank(exposure) > exposureRank(before)) shown.set(cluster, exposure)
    if (exposure !== 'say') kept.set(cluster, (kept.get(cluster) ?? 0) + 1)
  }
  return { kept: sorted(kept), shown: sorted(shown) }
}

const sorted = <Value>(map: ReadonlyMap<Cluster, Value>): Partial<Record<Cluster, Value>> =>
  Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1))) as Partial<Record<Cluster, Value>>

/** One line of the customer's diary, in keys of the catalogue, so that it can be read in any language later. */
export type Diary = {
  readonly v: 1
  readonly at: number
  readonly because: Answer['because']
  readonly once: boolean
  readonly channel: ChannelKind
  /** The sentence that sums it up; null for a message without facts. */
  readonly summary: WordKey | null
  /** The sentences that were sent. */
  readonly said: readonly WordKey[]
  readonly told: readonly { readonly name: WordKey; readonly exposure: Exposure }[]
  readonly kept: readonly { readonly name: WordKey; readonly exposure: Exposure; readonly bound: Bound }[]
}

/** What the diary says of a message. The very text that was sent is in the opening's payload, as `body`. */
export function diaryOf(
  of: Pick<Disclosure, 'at' | 'because' | 'once' | 'channel' | 'decisions' | 'rendered'>,
): Diary {
  const all = told(of.decisions, of.rendered)
  let most = 0
  for (const { exposure } of all) most = Math.max(most, exposureRank(exposure))
  return {
    v: 1,
    at: of.at,
    because: of.because,
    once: of.once,
    channel: of.channel,
    summary: all.length === 0 ? null : (summaries[most] ?? null),
    said: of.rendered.said,
    told: all
      .filter(({ exposure }) => exposure === 'say' || exposure === 'band')
      .map(({ field, exposure }) => ({ name: `field.${field}` as const, exposure })),
    kept: all
      .filter(({ exposure }) => exposure !== 'say' && exposure !== 'band')
      .map(({ field, exposure, bound }) => ({ name: `field.${field}` as const, exposure, bound })),
  }
}

/** By the rank of the most that was told. */
const summaries: readonly WordKey[] = [
  'diary.nothing',
  'diary.nudged',
  'diary.masked',
  'diary.said',
  'diary.said',
]
