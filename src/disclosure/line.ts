import type { ChannelKind, Content } from '../channel/channel.ts'
import { meet, type Exposure } from '../consent/exposure.ts'
import type { WordKey } from '../core/words.ts'
import type { Line, Links, Safe } from './answer.ts'
import type { Bound, ChannelState } from './decide.ts'
import type { Fact } from './fact.ts'
import type { Limits } from './limits.ts'
import type { Policy } from './policy.ts'
import { safeValue, type Reader } from './wording.ts'

/** What was decided of a fact, and what it would be with "show here, this once". */
export type Decided = { readonly exposure: Exposure; readonly bound: Bound; readonly once: Exposure }
export type Decisions = ReadonlyMap<Fact, Decided>

export type RenderContext = Reader & {
  readonly channel: ChannelKind
  readonly state: ChannelState
  /** Only an approved template may speak now, whatever the state. */
  readonly templateOnly: boolean
  /** How the bank is called in a sentence; null while no bank is chosen. */
  readonly institutionName: string | null
  /** Thresholds for bands; null where there is no policy, and then nothing of a fact is told. */
  readonly policy: Policy | null
  readonly links: Links
  readonly limits?: Limits
}

export type Rendered = {
  readonly content: Content
  /** What the platform is really told of each fact; a fact that is not here is told nothing of. */
  readonly told: ReadonlyMap<Fact, Exposure>
  /** The sentences used, by key, for the diary. */
  readonly said: readonly WordKey[]
  /** Whether the card's address is in it. */
  readonly card: boolean
}

/** A fact that nobody decided is not told. */
export const undecided: Decided = { exposure: 'withhold', bound: 'no_grant', once: 'withhold' }

/** The lowest exposure among the facts a line needs; `say` for a line that needs none. */
export function levelOf(line: Line, decisions: Decisions): Exposure {
  let level: Exposure = 'say'
  if (line.needs)
    for (const fact of Object.values(line.needs))
      level = meet(level, (decisions.get(fact) ?? undecided).exposure)
  return level
}

/** What held a line down: the bound of its most held-back fact. */
export function boundOf(line: Line, decisions: Decisions): Bound {
  const level = levelOf(line, decisions)
  for (const fact of Object.values(line.needs ?? {})) {
    const decided = decisions.get(fact) ?? undecided
    if (decided.exposure === level) return decided.bound
  }
  return 'none'
}

/** Parameters every sentence may use. */
export const names = (context: RenderContext): { bank: string; platform: string } => ({
  bank: context.institutionName ?? '',
  platform: context.words.t(platformKeys[context.channel]),
})
const platformKeys: Readonly<Record<ChannelKind, WordKey>> = {
  messenger: 'platform.messenger',
  instagram: 'platform.instagram',
  whatsapp: 'platform.whatsapp',
  webchat: 'platform.webchat',
  mcp: 'platform.mcp',
}

/** A line's own parameters in words, each with its `has_` mark. */
export function paramsOf(
  line: { readonly params?: Readonly<Record<string, Safe>> },
  context: RenderContext,
): Record<string, string | number> {
  const params: Record<string, string | number> = names(context)
  if (line.params)
    for (const [name, safe] of Object.entries(line.params)) {
      params[name] = safeValue(safe, context)
      params[`has_${name}`] = 'yes'
    }
  return params
}
