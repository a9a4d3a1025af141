import type { Button, Content, QuickReply } from '../channel/channel.ts'
import type { Exposure } from '../consent/exposure.ts'
import type { WordKey } from '../core/words.ts'
import type { Answer, Line, Masked } from './answer.ts'
import type { Bound } from './decide.ts'
import type { Fact } from './fact.ts'
import { limitsOf, type Limits } from './limits.ts'
import {
  boundOf,
  levelOf,
  names,
  paramsOf,
  type Decisions,
  type RenderContext,
  type Rendered,
} from './line.ts'

/**
 * What is said when the facts are not: the masked sentence with its reason, the nudge, a refusal. None of them is an
 * end: each offers what the person can do instead.
 */

// The payloads below are the counter's own (intent/understand.ts): a tap asks what the word would.

/** A button or quick reply before it is known which of the two it becomes. */
export type Placeable =
  | { readonly kind: 'choice'; readonly title: string; readonly payload: string }
  | { readonly kind: 'url'; readonly title: string; readonly url: string; readonly card: boolean }
  | { readonly kind: 'login'; readonly title: string; readonly url: string }
  | { readonly kind: 'logout' }

/** Links and logins are buttons; choices join them while there is room, else they are quick replies. */
export function place(text: string, choices: readonly Placeable[], limits: Limits): Content {
  const pages = choices.filter(
    (choice) => choice.kind !== 'choice' && (choice.kind !== 'logout' || limits.login),
  )
  const taps = choices.filter((choice) => choice.kind === 'choice')
  const asButtons = pages.length > 0 && pages.length + taps.length <= limits.buttons
  const buttons = (asButtons ? [...pages, ...taps] : pages)
    .slice(0, limits.buttons)
    .map((choice) => asButton(choice, limits))
  const quickReplies: QuickReply[] = (asButtons ? [] : taps)
    .slice(0, limits.quickReplies)
    .map(({ title, payload }) => ({ title, payload }))
  const replies = quickReplies.length > 0 ? { quickReplies } : {}
  return buttons.length > 0
    ? { kind: 'buttons', text, buttons, ...replies }
    : { kind: 'text', text, ...replies }
}

const asButton = (choice: Placeable, limits: Limits): Button => {
  switch (choice.kind) {
    case 'url':
      return { kind: 'url', title: choice.title, url: choice.url, private: true }
    case 'login':
      return limits.login
        ? { kind: 'login', url: choice.url }
        : { kind: 'url', title: choice.title, url: choice.url, private: true }
    case 'logout':
      return { kind: 'logout' }
    default:
      return { kind: 'choice', title: choice.title, payload: choice.payload }
  }
}

/**
 * The choices that go with an answer. Where something is kept back: the secure page, and "show here, this once" only
 * when the bank's own ceiling would let every kept line be said.
 */
export function offered(
  answer: Answer,
  masked: readonly Line[],
  form: 'said' | 'mixed' | 'kept',
  context: RenderContext,
  decisions?: Decisions,
): Placeable[] {
  const { words, links } = context
  const out: Placeable[] = []
  // Told roughly, the exact figure is a tap away as well.
  const rough =
    decisions !== undefined &&
    [...answer.lines, ...(answer.rows ?? [])].some((line) => levelOf(line, decisions) === 'band')
  if ((masked.length > 0 || rough) && links.card !== undefined)
    out.push({ kind: 'url', title: words.t(viewTitle(answer, form)), url: links.card, card: true })
  if (
    answer.once !== undefined &&
    decisions &&
    masked.length > 0 &&
    masked.every((line) => sayableOnce(line, decisions))
  )
    out.push({ kind: 'choice', title: words.t('button.show-once'), payload: answer.once })
  for (const choice of answer.choices ?? []) {
    if ((choice.when === 'said' && form === 'kept') || (choice.when === 'kept' && form === 'said')) continue
    if ('logout' in choice) out.push({ kind: 'logout' })
    else if ('link' in choice) {
      const url = links[choice.link]
      if (url === undefined || out.some((other) => 'url' in other && other.url === url)) continue
      out.push(
        choice.link === 'login'
          ? { kind: 'login', title: words.t(choice.title), url }
          : { kind: 'url', title: words.t(choice.title), url, card: choice.link === 'card' },
      )
    } else if ('title' in choice)
      out.push({ kind: 'choice', title: words.t(choice.title), payload: choice.payload })
  }
  return out
}

const viewTitle = (answer: Answer, form: 'said' | 'mixed' | 'kept'): WordKey =>
  form === 'kept' && answer.card?.shows === 'transactions' && answer.masked?.bankKeeps !== undefined
    ? 'button.open-payments'
    : 'button.view-securely'

const sayableOnce = (line: Line, decisions: Decisions): boolean =>
  Object.values(line.needs ?? {}).every((fact) => decisions.get(fact)?.once === 'say')

const byBank = (bound: Bound): boolean => bound === 'policy' || bound === 'floor'

/** "Your balance is ready. It isn't shown here because …", with the page on which it is. */
export function keptForm(
  answer: Answer,
  wording: Masked,
  masked: readonly Line[],
  decisions: Decisions,
  context: RenderContext,
): Rendered {
  const bound = masked[0] ? boundOf(masked[0], decisions) : 'none'
  const params = { ...paramsOf(wording, context), ...(wording.several ? { has_several: 'yes' } : {}) }
  const said: WordKey[] =
    byBank(bound) && wording.bankKeeps !== undefined
      ? [wording.bankKeeps]
      : [
          ...(wording.lead ? [wording.lead] : []),
          wording.ready,
          byBank(bound) ? 'masked.bank-keeps' : bound === 'grant' ? 'masked.you-chose' : 'masked.not-now',
        ]
  return finish(
    said,
    params,
    offered(answer, masked, 'kept', context, decisions),
    toldOf(masked, 'mask'),
    context,
  )
}

type Next = 'link' | 'sign-in' | 'permissions' | 'bank'
const refusals: Readonly<Record<Bound, { readonly key: WordKey; readonly next: Next }>> = {
  none: { key: 'masked.not-now', next: 'permissions' },
  purpose: { key: 'refused.never', next: 'permissions' },
  floor: { key: 'refused.bank', next: 'bank' },
  policy: { key: 'refused.bank', next: 'bank' },
  no_grant: { key: 'refused.not-linked', next: 'link' },
  withdrawn: { key: 'refused.withdrawn', next: 'link' },
  revoked: { key: 'refused.revoked', next: 'link' },
  expired: { key: 'refused.expired', next: 'link' },
  suspended: { key: 'refused.suspended', next: 'sign-in' },
  grant: { key: 'refused.off', next: 'permissions' },
  account: { key: 'refused.account', next: 'permissions' },
  window: { key: 'masked.not-now', next: 'permissions' },
  identity: { key: 'identity.frozen', next: 'sign-in' },
  standby: { key: 'masked.not-now', next: 'permissions' },
  blocked: { key: 'masked.not-now', next: 'permissions' },
}

/** Where not even that something is ready may be said: the nudge, or to someone who asked, a refusal; else silence. */
export function withheldForm(
  answer: Answer,
  lines: readonly Line[],
  decisions: Decisions,
  context: RenderContext,
): Rendered | null {
  const { links, words } = context
  const facts = lines.filter((line) => line.needs !== undefined)
  const open = facts.filter((line) => levelOf(line, decisions) !== 'withhold')
  // Whoever holds a chat whose owner may have changed hears nothing of what was once agreed in it.
  const bound =
    context.state === 'identity_changed' ? 'identity' : facts[0] ? boundOf(facts[0], decisions) : 'no_grant'
  if (answer.because === 'event' || (open.length > 0 && bound !== 'identity' && bound !== 'suspended')) {
    if (open.length === 0) return null
    const url = links.card ?? links.permissions
    const steps: Placeable[] =
      url === undefined
        ? []
        : [{ kind: 'url', title: words.t('button.open'), url, card: links.card !== undefined }]
    return finish(['nudge.text'], names(context), steps, toldOf(open, 'nudge'), context)
  }
  const { key, next } = refusals[bound]
  return finish([key], names(context), [nextStep(bound, next, context)], new Map(), context)
}

/** What to do about a refusal: link (the counter then tells the code to compare), sign in, change it, or the bank's page. */
function nextStep(bound: Bound, next: Next, { links, words }: RenderContext): Placeable {
  if (next === 'link')
    return {
      kind: 'choice',
      title: words.t(bound === 'no_grant' ? 'button.link' : 'button.link-again'),
      payload: 'LINK',
    }
  const page = next === 'bank' ? links.bank : undefined
  const url = page ?? links.permissions
  if (url === undefined) return { kind: 'choice', title: words.t('button.agent'), payload: 'PERSON' }
  const title =
    page !== undefined ? 'button.bank-page' : next === 'sign-in' ? 'button.sign-in' : 'button.permissions'
  return { kind: 'url', title: words.t(title), url, card: false }
}

const toldOf = (lines: readonly Line[], exposure: Exposure): Map<Fact, Exposure> =>
  new Map(lines.flatMap((line) => Object.values(line.needs ?? {}).map((fact) => [fact, exposure] as const)))

function finish(
  said: readonly WordKey[],
  params: Readonly<Record<string, string | number>>,
  choices: readonly Placeable[],
  told: ReadonlyMap<Fact, Exposure>,
  context: RenderContext,
): Rendered {
  const text = said.map((key) => context.words.t(key, params)).join(' ')
  return {
    content: place(text, choices, context.limits ?? limitsOf[context.channel]),
    told,
    said,
    card: choices.some((choice) => choice.kind === 'url' && choice.card),
  }
}
