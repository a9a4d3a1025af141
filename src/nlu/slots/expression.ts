import { oneDay } from './calendar.ts'
import { dayAt } from './month-day.ts'
import { monthAt } from './month.ts'
import { namedAt } from './named.ts'
import { daysInAt, edgeAt, weekInAt } from './part.ts'
import { rollingAt } from './rolling.ts'
import { type Found, sure } from './said.ts'
import { type Scene, sizeAt, skip, word } from './scene.ts'
import { toDateAt, unitAt } from './unit.ts'
import { weekdayAt } from './weekday.ts'
import { writtenDate } from './written-date.ts'
import { yearAt } from './year.ts'

/** A single expression of time from token `at`. `trusted`: what stands before says that it is one. */
export function saidAt(
  scene: Scene,
  start: number,
  trusted: boolean,
  busy: (at: number) => boolean,
): Found | null {
  const { tokens, now } = scene
  const at = word(scene, start).article && !word(scene, start).day ? skip(scene, start) : start
  if (busy(at) || !tokens[at]) return null
  const article = at > start
  const value = word(scene, at)
  const after = at + sizeAt(scene, at)

  const written = writtenDate(scene, at)
  if (written) return written

  if (value.payday) return { said: { as: 'payday' }, next: after }
  if (value.toDate) return toDateAt(scene, at)
  if (value.day !== undefined) {
    const next = word(scene, after).dayPart ? after + sizeAt(scene, after) : after
    return sure(oneDay(now.add({ days: value.day })), next)
  }
  if (value.edge) {
    const edge = edgeAt(scene, at)
    if (edge) return edge
  }
  const daysIn = daysInAt(scene, at, busy)
  if (daysIn) return daysIn
  const rolling = rollingAt(scene, at)
  if (rolling) return rolling
  const weekOf = weekInAt(scene, at, busy)
  if (weekOf) return weekOf
  const unit = unitAt(scene, at, article)
  if (unit) return unit
  const day = dayAt(scene, at, start, trusted || article)
  if (day) return day
  const weekday = weekdayAt(scene, at, trusted, start)
  if (weekday) return weekday
  const month = monthAt(scene, at, trusted)
  if (month) return month
  const named = namedAt(scene, at, trusted)
  if (named) return named
  return yearAt(scene, at)
}
