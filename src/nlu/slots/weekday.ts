import { away, oneDay, unitAround } from './calendar.ts'
import { dayAt, spoilt } from './month-day.ts'
import { type Found, lengthOf, sure } from './said.ts'
import { bareDay, durationAt, has, isRecurring, type Scene, sizeAt, skip, word } from './scene.ts'
import { link, type TimeWord } from './time-words.ts'
import { unitAt } from './unit.ts'
import { writtenDate } from './written-date.ts'

/** "Friday", "last Friday", "el viernes pasado", "Monday of last week", "Wednesday in a week", "vendredi soir". */
export function weekdayAt(scene: Scene, at: number, trusted: boolean, start: number): Found | null {
  const { tokens, now } = scene
  let value = word(scene, at)
  let inner = at
  let rel: TimeWord['rel']
  if (value.rel) {
    inner = skip(scene, at + sizeAt(scene, at))
    rel = value.rel
    value = word(scene, inner)
  }
  const { weekday } = value
  if (!weekday || isRecurring(scene, inner)) return null
  if (
    value.weak &&
    !rel &&
    !trusted &&
    !/^[A-Z]/.test(tokens[inner]?.raw ?? '') &&
    tokens.length > 1 &&
    start === at
  )
    return null
  let next = inner + sizeAt(scene, inner)
  if (word(scene, next).dayPart) next += sizeAt(scene, next)
  if (!rel && word(scene, next).rel && word(scene, next + sizeAt(scene, next)).unit === undefined) {
    rel = word(scene, next).rel
    next += sizeAt(scene, next)
    if (word(scene, next).dayPart) next += sizeAt(scene, next)
  }
  // "Friday, October 16th", "viernes 3 de mayo": the date says which.
  const comma = skip(scene, next, true)
  if (!rel) {
    const date = dayAt(scene, comma, comma === next ? comma : next, comma > next) ?? writtenDate(scene, comma)
    if (date && (date.said.as === 'day' || date.said.as === 'sure')) return date
    if (scene.language !== 'en') {
      const bare = bareDay(scene, next)
      if (bare !== null && !spoilt(scene, next + 1)) return { said: { as: 'day', day: bare }, next: next + 1 }
    }
  }
  const week = unitAt(scene, comma, true)
  if (week?.said.as === 'sure' && lengthOf(week.said.stretch) === 'week' && !rel)
    return sure(oneDay(week.said.stretch.from.add({ days: weekday - 1 })), week.next)
  const ahead = (now.dayOfWeek <= weekday ? weekday - now.dayOfWeek : weekday - now.dayOfWeek + 7) || 7
  if (!rel && has(scene, next, link.within)) {
    const long = durationAt(scene, next + sizeAt(scene, next))
    if (long && (long.unit === 'week' || long.unit === 'fortnight'))
      return sure(oneDay(away(now.add({ days: ahead }), long.unit, long.count)), long.next)
  }
  if (!rel && tokens[next]?.word === 'week') return sure(oneDay(now.add({ days: ahead + 7 })), next + 1)
  if (rel === 'last' || rel === 'past') {
    return sure(oneDay(now.subtract({ days: (now.dayOfWeek - weekday + 7) % 7 || 7 })), next)
  }
  const thisWeek = unitAround('week', now, 0).from.add({ days: weekday - 1 })
  if (rel === 'this') return sure(oneDay(thisWeek), next)
  // English "next Friday" is next week's; "el próximo viernes" and "vendredi prochain" the one to come.
  if (rel === 'next')
    return sure(oneDay(scene.language === 'en' ? thisWeek.add({ days: 7 }) : now.add({ days: ahead })), next)
  return { said: { as: 'weekday', weekday }, next }
}
