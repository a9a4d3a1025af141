import { type Day, dayOf, earlier, oneDay, type Stretch, type Unit } from './calendar.ts'
import type { Scene } from './scene.ts'

export type Direction = 'history' | 'future'

/** A point or stretch said, before it is known in which direction it is meant. */
export type Said =
  | { readonly as: 'sure'; readonly stretch: Stretch }
  | {
      readonly as: 'day'
      readonly day: number
      readonly month?: number
      readonly year?: number
      readonly weekday?: number
    }
  | { readonly as: 'weekday'; readonly weekday: number }
  | { readonly as: 'yearly'; readonly in: (year: number) => Stretch | null }
  | { readonly as: 'twofold'; readonly history: Stretch; readonly future: Stretch }
  | { readonly as: 'payday' }

export type Found = { readonly said: Said; readonly next: number }

export const sure = (stretch: Stretch | null, next: number): Found | null =>
  stretch && { said: { as: 'sure', stretch }, next }

export const lengthOf = ({ from, to }: Stretch): Unit => {
  const days = from.until(to).days + 1
  return days > 300 ? 'year' : days > 80 ? 'quarter' : days > 20 ? 'month' : days > 2 ? 'week' : 'weekend'
}

/** The days meant: the latest such that has begun, or the next to come. `from` is where to look from; today unless told. */
export function resolve(
  scene: Scene,
  said: Said,
  direction: Direction,
  from: Day = scene.now,
): Stretch | null {
  const past = direction === 'history'
  if (said.as === 'sure') return said.stretch
  if (said.as === 'twofold') return past ? said.history : said.future
  if (said.as === 'payday') return null
  if (said.as === 'weekday') {
    // Said on a Tuesday, "Tuesday" is the last one or the next, never today, for which there is a word.
    const sameCounts = from !== scene.now
    const step = past ? (from.dayOfWeek - said.weekday + 7) % 7 : (said.weekday - from.dayOfWeek + 7) % 7
    const days = step === 0 && !sameCounts ? 7 : step
    return oneDay(past ? from.subtract({ days }) : from.add({ days }))
  }
  if (said.as === 'yearly') {
    for (const year of past
      ? [from.year + 1, from.year, from.year - 1, from.year - 2]
      : [from.year - 1, from.year, from.year + 1, from.year + 2]) {
      const there = said.in(year)
      if (there && (past ? !earlier(from, there.from) : !earlier(there.to, from))) return there
    }
    return null
  }
  if (said.month !== undefined && said.year !== undefined) {
    const day = dayOf(said.year, said.month, said.day)
    return day && oneDay(day)
  }
  // The nearest day that exists: 29 February may be three years away, the 31st two months.
  for (let step = 0; step < 9; step += 1) {
    const move = past ? -step : step
    const month = said.month ?? ((((from.month - 1 + move) % 12) + 12) % 12) + 1
    const year =
      said.month !== undefined ? from.year + move : from.year + Math.floor((from.month - 1 + move) / 12)
    const day = dayOf(year, month, said.day)
    if (day && (past ? !earlier(from, day) : !earlier(day, from))) return oneDay(day)
  }
  return null
}
