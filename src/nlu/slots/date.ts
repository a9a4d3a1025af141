import type { DateRange, Language, ReadingContext } from '../reading.ts'
import { away, type Day, oneDay, type Region, type Stretch, today } from './calendar.ts'
import { clockAt } from './clock.ts'
import { saidAt } from './expression.ts'
import { type Direction, resolve } from './said.ts'
import { durationAt, has, type Scene, sizeAt, skip, trustedBefore, word } from './scene.ts'
import { link, timeWords } from './time-words.ts'
import { phraseAt, type Token, tokensOf } from './token.ts'
import { betweenOf, endsAt } from './two-ends.ts'

/** A range found, and the tokens it takes. `range` is null for what is time but no stretch of days ("at 5 pm"). */
export type FoundDate = { readonly range: DateRange | null; readonly from: number; readonly next: number }

/** Where holidays are kept and days written: as told, else by the currency of the accounts, else by the language. */
export const regionOf = (ctx: ReadingContext, language: Language): Region =>
  ctx.region ??
  (ctx.currency === 'GBP'
    ? 'GB'
    : ctx.currency === 'CAD'
      ? 'CA'
      : ctx.currency
        ? 'US'
        : language === 'fr'
          ? 'CA'
          : 'US')

/** Finds stretches of days, read against the past. A word that only looks like time is left alone. */
export function datesIn(
  tokens: readonly Token[],
  language: Language,
  ctx: ReadingContext,
  busy: (at: number) => boolean,
): FoundDate[] {
  return scan(sceneOf(tokens, language, ctx, false), 'history', busy)
}

/**
 * The same words read against what is to come: "on Friday" for a payment is the Friday ahead. `text` is the clause in
 * which the range was found.
 */
export function forward(range: DateRange, text: string, language: Language, ctx: ReadingContext): DateRange {
  if (range.kind !== 'history') return range
  const tokens = tokensOf(text.slice(range.at[0], range.at[1]))
  const found = scan(sceneOf(tokens, language, ctx, true), 'future', () => false).find((one) => one.range)
  return found?.range ? { ...found.range, at: range.at } : range
}

function sceneOf(tokens: readonly Token[], language: Language, ctx: ReadingContext, trusted: boolean): Scene {
  const words = tokens.map((_, at) => phraseAt(timeWords[language], tokens, at))
  return {
    tokens,
    words,
    now: today(ctx.now, ctx.timeZone),
    language,
    region: regionOf(ctx, language),
    trusted,
  }
}

function scan(scene: Scene, direction: Direction, busy: (at: number) => boolean): FoundDate[] {
  const found: FoundDate[] = []
  const { tokens, words } = scene
  let at = 0
  while (at < tokens.length) {
    if (busy(at) || !(words[at] || tokens[at]?.kind === 'number' || tokens[at]?.kind === 'word')) {
      at += 1
      continue
    }
    const time = clockAt(scene, at)
    if (time) {
      found.push({ range: null, from: at, next: time })
      at = time
      continue
    }
    const range = rangeAt(scene, at, direction, busy)
    if (range) {
      found.push(range)
      at = range.next
    } else at += 1
  }
  return found
}

function rangeAt(
  scene: Scene,
  at: number,
  direction: Direction,
  busy: (at: number) => boolean,
): FoundDate | null {
  const first = word(scene, at)
  const opens = first.link ?? 0
  const make = (
    stretch: { from: Day | null; to: Day | null },
    next: number,
    kind: DateRange['kind'],
  ): FoundDate | null => {
    for (let token = at; token < next; token += 1) if (busy(token)) return null
    return {
      from: at,
      next,
      range: {
        from: stretch.from?.toString() ?? null,
        to: stretch.to?.toString() ?? null,
        at: [scene.tokens[at]?.start ?? 0, scene.tokens[next - 1]?.end ?? 0],
        kind,
      },
    }
  }
  const whole = (
    build: (direction: Direction) => { from: Day | null; to: Day | null } | null,
    next: number,
  ): FoundDate | null => {
    const read = build(direction)
    const other = build(direction === 'history' ? 'future' : 'history')
    if (!read) return null
    const same = String(read.from) === String(other?.from) && String(read.to) === String(other?.to)
    return make(read, next, same ? 'sure' : direction)
  }

  if (opens & link.each) {
    const unit = skip(scene, at + sizeAt(scene, at))
    const value = word(scene, unit)
    if (value.unit || value.weekday) return { range: null, from: at, next: unit + sizeAt(scene, unit) }
  }
  // Two ends: "from the 3rd to the 9th", "between 1 and 15 October", "lunes a viernes", "May 22 - 29".
  const two = endsAt(scene, at)
  if (two) return whole((way) => betweenOf(scene, two.a, two.b, way), two.next)

  // One end: "since", "after", "until", "before", "by", "from … on".
  if (opens & (link.since | link.after | link.until | link.before | link.by | link.from)) {
    const inner = skip(scene, at + sizeAt(scene, at), true)
    // "desde hace 3 días", "depuis deux semaines"; "since 3 days ago" is read below.
    const ago = opens & link.since ? durationAt(scene, inner) : null
    if (ago && ago.unit !== 'hour' && (first.ago || !word(scene, ago.next).ago)) {
      const from = away(scene.now, ago.unit, -ago.count)
      return make({ from, to: null }, ago.next, 'sure')
    }
    const one = saidAt(scene, inner, true, busy)
    if (one) {
      if (one.said.as === 'payday')
        return opens & (link.since | link.after | link.from)
          ? make({ from: null, to: null }, one.next, 'payday')
          : null
      const { said } = one
      if (
        opens & link.from &&
        !(opens & link.since && /^(?:depuis|desde|since)/.test(scene.tokens[at]?.word ?? ''))
      ) {
        if (has(scene, one.next, link.onward) && scene.tokens[one.next]?.word !== 'in')
          return whole(
            (way) => openFrom(resolve(scene, said, way)),
            one.next + (word(scene, one.next).link === link.onward ? sizeAt(scene, one.next) : 1),
          )
        return whole((way) => resolve(scene, said, way), one.next)
      }
      if (opens & link.since) return whole((way) => openFrom(resolve(scene, said, way)), one.next)
      if (opens & link.after) return whole((way) => afterOf(resolve(scene, said, way)), one.next)
      if (opens & link.before) return whole((way) => beforeOf(resolve(scene, said, way)), one.next)
      if (opens & (link.until | link.by)) return whole((way) => openTo(resolve(scene, said, way)), one.next)
    }
  }
  const trusted = scene.trusted || trustedBefore(scene, at)
  const one = saidAt(scene, at, trusted, busy)
  if (one?.said.as === 'payday') {
    // "since payday" alone is a stretch; "when is payday" is a question.
    return null
  }
  if (one) {
    const { said } = one
    if (has(scene, one.next, link.onward) && !has(scene, one.next, link.at))
      return whole((way) => openFrom(resolve(scene, said, way)), one.next + sizeAt(scene, one.next))
    return whole((way) => resolve(scene, said, way), one.next)
  }
  const long = durationAt(scene, at)
  if (long) {
    // "a week from Friday", "une semaine à partir de lundi"
    if (has(scene, long.next, link.from) && !word(scene, long.next).ahead) {
      const start = saidAt(scene, skip(scene, long.next + sizeAt(scene, long.next)), true, busy)
      if (start?.said.as === 'weekday' || start?.said.as === 'sure')
        return whole(() => {
          const base = resolve(scene, start.said, 'future')
          return base && oneDay(away(base.from, long.unit, long.count))
        }, start.next)
    }
    return long.counted ? { range: null, from: at, next: long.next } : null
  }
  return null
}

const openFrom = (stretch: Stretch | null): { from: Day; to: null } | null =>
  stretch && { from: stretch.from, to: null }

const openTo = (stretch: Stretch | null): { from: null; to: Day } | null =>
  stretch && { from: null, to: stretch.to }

const beforeOf = (stretch: Stretch | null): { from: null; to: Day } | null =>
  stretch && { from: null, to: stretch.from.subtract({ days: 1 }) }

const afterOf = (stretch: Stretch | null): { from: Day; to: null } | null =>
  stretch && { from: stretch.to.add({ days: 1 }), to: null }
