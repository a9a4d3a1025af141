import type { Address, Channel, Content, Route } from '../channel/channel.ts'
import { exposureRank, within } from '../consent/exposure.ts'
import type { GrantView } from '../consent/grant-view.ts'
import { invariant, isRefusal } from '../core/refusal.ts'
import type { Words } from '../core/words.ts'
import { factsOf, type Answer, type Links } from './answer.ts'
import type { CompiledPolicy } from './compile.ts'
import { decide, type ChannelState, type Decision, type Question } from './decide.ts'
import type { Fact } from './fact.ts'
import type { Limits } from './limits.ts'
import type { Decided, Decisions, Rendered } from './line.ts'
import { forbiddenIn } from './outside-text.ts'
import { render } from './render.ts'

/** Everything besides the answer that decides what is sent, byte for byte. */
export type ComposeContext = {
  /** The message's own id; the platform echoes it. */
  readonly id: string
  readonly to: Address
  readonly channel: Pick<Channel, 'encode'>
  readonly route: Route
  readonly state: ChannelState
  /** The answer's institution's policy; null where it has none here, and then no fact is told. */
  readonly policy: CompiledPolicy | null
  readonly grant: GrantView | null
  readonly once: boolean
  /** Epoch ms. */
  readonly now: number
  readonly words: Words
  readonly timeZone: string
  readonly institutionName: string | null
  readonly links: Links
  readonly limits?: Limits
}

export type Composed = {
  readonly content: Content
  /** The exact bytes of the request body. */
  readonly body: string
  readonly rendered: Rendered
  readonly decisions: Decisions
}

const undecided: Decisions = new Map()

/**
 * Decides every fact of an answer, words it and encodes it. The only way from an answer to bytes: what is previewed
 * and what is sent both come from here. Null when nothing may be said.
 */
export function compose(given: Answer, context: ComposeContext): Composed | null {
  // The utility route carries templates and nothing else.
  const state = context.route === 'utility' && context.state === 'open' ? 'closed_window' : context.state
  const answer = keptAlike(given, state, context)
  const facts = factsOf(answer)
  const decisions = facts.size === 0 ? undecided : decideAll(answer, facts, state, context)
  const rendered = render(answer, decisions, {
    channel: context.to.channel,
    state,
    templateOnly: context.route === 'utility' || state === 'closed_window',
    institutionName: context.institutionName,
    policy: context.policy?.policy ?? null,
    words: context.words,
    timeZone: context.timeZone,
    now: context.now,
    links: context.links,
    limits: context.limits,
  })
  if (rendered === null) return null
  for (const [fact, exposure] of rendered.told)
    invariant(
      within(exposure, decisions.get(fact)?.exposure ?? 'withhold'),
      `${fact.field} is told no further than decided`,
    )
  for (const text of textsOf(rendered.content)) {
    const found = forbiddenIn(text)
    invariant(found === null, `no ${found ?? 'number'} leaves in a message`)
  }
  const { to, id, route } = context
  const encoded = context.channel.encode({ to, id, content: rendered.content, route })
  invariant(
    !isRefusal(encoded),
    `what was rendered fits the channel: ${isRefusal(encoded) ? encoded.refused : ''}`,
  )
  return { content: rendered.content, body: encoded.body, rendered, decisions }
}

/**
 * An answer about what the person named, where it may not be said whether there is such a thing: nothing is left of it
 * but one line that is kept back, the same whether it was found or not.
 */
function keptAlike(answer: Answer, state: ChannelState, context: ComposeContext): Answer {
  const { named, rows: _rows, choices = [], ...rest } = answer
  if (named === undefined) return answer
  const decisions = decideAll(answer, new Set(named.by), state, context)
  if (named.by.every((one) => decisions.get(one)?.exposure === 'say')) return answer
  const needs = Object.fromEntries([...named.by, ...named.usual].map((one, at) => [String(at), one]))
  return {
    ...rest,
    // Never worded: some of what it needs may not be said.
    lines: [{ key: answer.masked?.ready ?? 'nudge.text', needs }],
    choices: choices.filter((choice) => !('name' in choice)),
  }
}

function decideAll(
  answer: Answer,
  facts: ReadonlySet<Fact>,
  state: ChannelState,
  context: ComposeContext,
): Decisions {
  const { purpose } = answer
  const { policy, grant, once, now } = context
  invariant(purpose !== null, 'an answer with facts names its purpose')
  // One bank's facts under another bank's policy would be the quietest of leaks.
  invariant(
    policy === null || policy.institution === answer.institution,
    "facts are decided under their own bank's policy",
  )
  const decisions = new Map<Fact, Decided>()
  for (const fact of facts) {
    const question: Question = {
      field: fact.field,
      purpose,
      channel: context.to.channel,
      accountId: fact.accountId,
      policy,
      grant,
      once,
      state,
      now,
    }
    const { exposure, bound } = lowest(question, answer.accounts)
    const raised =
      answer.once === undefined || once || exposure === 'say'
        ? exposure
        : lowest({ ...question, once: true }, answer.accounts).exposure
    decisions.set(fact, { exposure, bound, once: raised })
  }
  return decisions
}

/** A fact about several accounts is told as far as the most held-back of them. */
function lowest(question: Question, accounts: readonly string[] | undefined): Decision {
  if (question.accountId !== null || accounts === undefined || accounts.length === 0) return decide(question)
  let least: Decision | null = null
  for (const accountId of accounts) {
    const decision = decide({ ...question, accountId })
    if (least === null || exposureRank(decision.exposure) < exposureRank(least.exposure)) least = decision
  }
  return least ?? decide(question)
}

/** Every text of a message that a person reads, or the platform could. Our own opaque ids and addresses are not text. */
export function textsOf(content: Content): string[] {
  const titles = 'quickReplies' in content ? (content.quickReplies ?? []).map((reply) => reply.title) : []
  const named = (buttons: readonly { readonly kind: string }[]): string[] =>
    buttons.flatMap((button) => ('title' in button ? [String(button.title)] : []))
  switch (content.kind) {
    case 'text':
      return [content.text, ...titles]
    case 'buttons':
      return [content.text, ...named(content.buttons), ...titles]
    case 'carousel':
      return [
        ...content.items.flatMap((item) => [item.title, item.subtitle ?? '', ...named(item.buttons ?? [])]),
        ...titles,
      ]
    case 'receipt': {
      const { recipientName, orderNumber, paymentMethod, merchantName, lines, adjustments } = content.receipt
      return [
        recipientName,
        orderNumber,
        paymentMethod,
        merchantName ?? '',
        ...lines.flatMap((line) => [line.title, line.subtitle ?? '']),
        ...(adjustments ?? []).map((adjustment) => adjustment.name),
      ]
    }
    default:
      return [...content.parameters]
  }
}
