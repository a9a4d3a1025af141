import type { Exposure } from '../consent/exposure.ts'
import { invariant } from '../core/refusal.ts'
import { templateLanguages, type Params, type WordKey } from '../core/words.ts'
import { factsOf, type Answer, type Line } from './answer.ts'
import type { Fact } from './fact.ts'
import { limitsOf, titleLimit } from './limits.ts'
import {
  levelOf,
  names,
  paramsOf,
  undecided,
  type Decisions,
  type RenderContext,
  type Rendered,
} from './line.ts'
import { keptForm, offered, place, withheldForm, type Placeable } from './next-step.ts'
import { bandValue, sayValue } from './wording.ts'

/** A piece of text that stands or falls whole, with what it tells. */
type Unit = {
  readonly key: WordKey
  readonly text: string
  readonly told: readonly (readonly [Fact, Exposure])[]
}

const none: readonly never[] = []

/** Words a line as far as its facts may be told, or null when it must be masked or less. */
function speak(line: Line, decisions: Decisions, context: RenderContext): Unit | null {
  const level = levelOf(line, decisions)
  if (level !== 'say' && level !== 'band') return null
  const key = level === 'say' ? line.key : line.band
  if (key === undefined) return null
  const params = paramsOf(line, context)
  const told: (readonly [Fact, Exposure])[] = []
  const fill = (name: string, fact: Fact, value: string | number, exposure: Exposure): void => {
    params[name] = value
    params[`has_${name}`] = 'yes'
    told.push([fact, exposure])
  }
  for (const [name, fact] of Object.entries(line.needs ?? {})) {
    const { exposure } = decisions.get(fact) ?? undecided
    const value =
      exposure === 'say'
        ? sayValue(fact.value, context)
        : bandValue(fact.value, context, context.policy?.bandsMinor ?? {})
    if (value === null) return null
    fill(name, fact, value, exposure)
  }
  for (const [name, fact] of Object.entries(line.may ?? {}))
    if (decisions.get(fact)?.exposure === 'say') fill(name, fact, sayValue(fact.value, context), 'say')
  return { key, text: context.words.t(key, params), told }
}

/**
 * Turns an answer into what is sent: each line at the lowest exposure among the facts it needs, and where nothing may
 * be said, the masked sentence, the nudge, or a refusal with a next step. Null: say nothing at all.
 *
 * Pure: the same answer, decisions and context give the same content, which is what makes a preview exact.
 */
export function render(answer: Answer, decisions: Decisions, context: RenderContext): Rendered | null {
  if (context.state === 'standby' || context.state === 'blocked') return null
  if (context.templateOnly) return template(answer, decisions, context)
  if (factsOf(answer).size === 0)
    return compose(
      answer.lines.map(bare(context)),
      none,
      0,
      answer,
      context,
      offered(answer, none, 'said', context),
    )

  const lines = answer.lines.map((line) => ({ line, unit: speak(line, decisions, context) }))
  const rows = (answer.rows ?? none).map((line) => ({ line, unit: speak(line, decisions, context) }))
  const picks = (answer.choices ?? none).flatMap((choice): Pickable[] => {
    if (!('name' in choice)) return []
    const unit = speak(choice.name, decisions, context)
    return unit ? [{ unit, payload: choice.payload }] : []
  })
  const kept = [...lines, ...rows].filter(({ unit }) => unit === null).map(({ line }) => line)
  const masked = kept.filter((line) => canMask(line, decisions))
  const spoken =
    picks.length > 0 ||
    [...lines, ...rows].some(({ line, unit }) => unit !== null && line.needs !== undefined)
  if (!spoken) {
    const asked = [
      ...answer.lines,
      ...(answer.rows ?? none),
      ...(answer.choices ?? none).flatMap((c) => ('name' in c ? [c.name] : [])),
    ]
    return masked.length > 0 && answer.masked
      ? keptForm(answer, answer.masked, masked, decisions, context)
      : withheldForm(answer, asked, decisions, context)
  }

  const units = lines.flatMap(({ unit }) => unit ?? [])
  const listed = rows.flatMap(({ unit }) => unit ?? [])
  const unlisted = rows.filter(({ line, unit }) => unit === null && canMask(line, decisions))
  const someMasked = lines.some(({ line, unit }) => unit === null && canMask(line, decisions))
  if (someMasked) units.push({ key: 'masked.some', text: context.words.t('masked.some'), told: none })
  const rendered = compose(units, listed, unlisted.length, answer, context, [
    ...picks.map(({ unit, payload }): Placeable => ({ kind: 'choice', title: clip(unit.text), payload })),
    ...offered(answer, masked, masked.length > 0 ? 'mixed' : 'said', context, decisions),
  ])
  const told = new Map(rendered.told)
  for (const { unit } of picks) for (const [fact, exposure] of unit.told) told.set(fact, exposure)
  for (const line of masked)
    for (const fact of Object.values(line.needs ?? {})) if (!told.has(fact)) told.set(fact, 'mask')
  return { ...rendered, told }
}

type Pickable = { readonly unit: Unit; readonly payload: string }

const bare =
  (context: RenderContext) =>
  (line: Line): Unit => ({
    key: line.key,
    text: context.words.t(line.key, lineParams(line, context)),
    told: none,
  })
/** Words without parameters need no parameters made: most of help and greetings. */
const lineParams = (line: Line, context: RenderContext): Params =>
  line.params ? paramsOf(line, context) : names(context)

const canMask = (line: Line, decisions: Decisions): boolean => {
  const level = levelOf(line, decisions)
  return level === 'mask' || level === 'band'
}

const clip = (title: string): string =>
  title.length > titleLimit ? `${title.slice(0, titleLimit - 1).toWellFormed()}…` : title

/** Puts units under each other as far as they fit; what does not fit is counted in words. */
function compose(
  units: readonly Unit[],
  rows: readonly Unit[],
  unlisted: number,
  answer: Answer,
  context: RenderContext,
  choices: readonly Placeable[],
): Rendered {
  const limits = context.limits ?? limitsOf[context.channel]
  const card = context.links.card
  const room = (list: readonly Placeable[]): number =>
    list.some((choice) => choice.kind !== 'choice') ? limits.buttonText : limits.text
  let all = choices
  let fitted = fit(units, rows, unlisted, room(all), context)
  if (fitted.more > 0 && card !== undefined && !all.some((choice) => choice.kind === 'url')) {
    all = [{ kind: 'url', title: context.words.t('button.view-securely'), url: card, card: true }, ...all]
    fitted = fit(units, rows, unlisted, room(all), context)
  }
  invariant(fitted.units.length > 0, 'the first sentence of an answer fits into one message')
  return {
    content: place(fitted.text, all, limits),
    // What did not fit is counted in words: that it exists is told.
    told: new Map([
      ...fitted.dropped.flatMap((unit) => unit.told.map(([fact]) => [fact, 'mask'] as const)),
      ...fitted.units.flatMap((unit) => unit.told),
    ]),
    said: fitted.units.map((unit) => unit.key),
    card: all.some((choice) => choice.kind === 'url' && choice.card),
  }
}

function fit(
  units: readonly Unit[],
  rows: readonly Unit[],
  unlisted: number,
  limit: number,
  context: RenderContext,
): {
  readonly text: string
  readonly units: readonly Unit[]
  readonly dropped: readonly Unit[]
  readonly more: number
} {
  const all = [...units, ...rows]
  for (let length = all.length; length > 0; length--) {
    const more = all.length - length + unlisted
    const shown = all.slice(0, length)
    const texts = shown.map((unit) => unit.text)
    if (more > 0) texts.push(context.words.t('rows.more', { count: more }))
    const text = texts.join('\n')
    if (text.length <= limit) return { text, units: shown, dropped: all.slice(length), more }
  }
  return { text: '', units: none, dropped: all, more: all.length + unlisted }
}

/** Outside the window only an approved template may speak, and it is given the bank's name and nothing else. */
function template(answer: Answer, decisions: Decisions, context: RenderContext): Rendered | null {
  if (context.institutionName === null || !(context.limits ?? limitsOf[context.channel]).templates)
    return null
  const lines = [...answer.lines, ...(answer.rows ?? none)].filter((line) => line.needs !== undefined)
  const told = new Map<Fact, Exposure>()
  let named = answer.template !== undefined
  if (factsOf(answer).size > 0) {
    const open = lines.filter((line) => levelOf(line, decisions) !== 'withhold')
    if (open.length === 0) return null
    const masked = open.filter((line) => canMask(line, decisions))
    named &&= masked.length > 0
    for (const line of named ? masked : open)
      for (const fact of Object.values(line.needs ?? {})) told.set(fact, named ? 'mask' : 'nudge')
  }
  const link = context.links.card ?? context.links.permissions
  return {
    content: {
      kind: 'template',
      name: named && answer.template !== undefined ? answer.template : 'message_waiting',
      language: templateLanguages[context.words.catalogue],
      // The platform refuses # $ % in a template's parameters.
      parameters: [context.institutionName.replace(/[#$%\s]+/g, ' ')],
      ...(link === undefined ? {} : { urlSuffix: new URL(link).pathname.slice(1) }),
    },
    told,
    said: ['nudge.text'],
    card: context.links.card !== undefined,
  }
}
