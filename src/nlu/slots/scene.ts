import type { Language } from '../reading.ts'
import type { Day, Region, Unit } from './calendar.ts'
import { spelledAt } from './number.ts'
import { link, type TimeWord } from './time-words.ts'
import type { Token } from './token.ts'

type Word = { readonly value: TimeWord; readonly size: number }

export type Scene = {
  readonly tokens: readonly Token[]
  readonly words: readonly (Word | null)[]
  readonly now: Day
  readonly language: Language
  readonly region: Region
  /** The words are known to be a date: "may" is the month. */
  readonly trusted: boolean
}

export const has = (scene: Scene, at: number, part: number): boolean =>
  ((scene.words[at]?.value.link ?? 0) & part) !== 0

export const sizeAt = (scene: Scene, at: number): number => scene.words[at]?.size ?? 1

export const word = (scene: Scene, at: number): TimeWord => scene.words[at]?.value ?? nothing

const nothing: TimeWord = {}

/** Steps over articles ("the", "el", "le"), and over "of" where one may stand. */
export function skip(scene: Scene, at: number, of = false): number {
  let next = at
  for (let step = 0; step < 3; step += 1) {
    const value = word(scene, next)
    if (value.article || (of && has(scene, next, link.of))) next += sizeAt(scene, next)
    else if (of && scene.tokens[next]?.raw === ',') next += 1
    else break
  }
  return next
}

/** A preposition right before makes "may" a month and "sun" a day. */
export function trustedBefore(scene: Scene, at: number): boolean {
  const any =
    link.at |
    link.since |
    link.until |
    link.before |
    link.after |
    link.by |
    link.from |
    link.between |
    link.of
  for (let back = 1; back <= 3; back += 1) {
    const value = scene.words[at - back]
    if (!value) continue
    if (value.size === back)
      return (
        ((value.value.link ?? 0) & any) !== 0 ||
        value.value.rel !== undefined ||
        value.value.edge !== undefined ||
        value.value.month !== undefined
      )
  }
  return false
}

export const isRecurring = (scene: Scene, at: number): boolean =>
  /^(?:los|las|les)$/.test(scene.tokens[at - 1]?.word ?? '') ||
  /^(?:mon|tues|wednes|thurs|fri|satur|sun)days$/.test(scene.tokens[at]?.word ?? '')

export function bareDay(scene: Scene, at: number): number | null {
  const raw = scene.tokens[at]?.raw ?? ''
  return /^(?:[1-9]|[12]\d|3[01])$/.test(raw) ? Number(raw) : null
}

type Long = { readonly count: number; readonly unit: Unit; readonly next: number; readonly counted: boolean }

/** "30 days", "two weeks", "a month", "quelques jours". */
export function durationAt(scene: Scene, at: number): Long | null {
  const { tokens } = scene
  const many = countAt(scene, at)
  const start = many ? many.next : /^(?:an?|una?|une)$/.test(tokens[at]?.word ?? '') ? at + 1 : -1
  if (start < 0) return null
  const unit = word(scene, start).unit
  if (!unit) return null
  return { count: many?.value ?? 1, unit, next: start + sizeAt(scene, start), counted: many !== null }
}

export function countAt(scene: Scene, at: number): { value: number; next: number } | null {
  const token = scene.tokens[at]
  if (!token) return null
  const { few } = word(scene, at)
  if (few) return { value: few, next: at + sizeAt(scene, at) }
  if (token.kind === 'number')
    return /^\d{1,4}$/.test(token.raw) ? { value: Number(token.raw), next: at + 1 } : null
  // "7-Eleven" counts nothing.
  if (token.glued && scene.tokens[at - 1]?.raw === '-') return null
  const spelled = spelledAt(scene.tokens, at, scene.language)
  return spelled && !spelled.article && spelled.value < 10_000
    ? { value: spelled.value, next: spelled.next }
    : null
}
