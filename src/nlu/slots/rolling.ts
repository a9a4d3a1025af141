import { away, oneDay, type Unit, unitAround } from './calendar.ts'
import { type Found, sure } from './said.ts'
import { countAt, durationAt, has, type Scene, sizeAt, skip, word } from './scene.ts'
import { link, type TimeWord } from './time-words.ts'

/** "last 30 days", "les 30 derniers jours", "3 days ago", "hace dos semanas", "in 5 days", "the past month". */
export function rollingAt(scene: Scene, at: number): Found | null {
  const { now } = scene
  const value = word(scene, at)
  const after = at + sizeAt(scene, at)
  const span = (count: number, unit: Unit, rel: TimeWord['rel'], next: number): Found | null => {
    if (unit === 'hour') return null
    if (unit === 'weekend') {
      const first = unitAround('weekend', now, rel === 'next' ? 1 : -Math.min(count, 500))
      const last = unitAround('weekend', now, rel === 'next' ? Math.min(count, 500) : -1)
      return sure({ from: first.from, to: last.to }, next)
    }
    // "last month" is a whole one, before this: so are "last 3 months". "The past 3 months" end today.
    if ((unit === 'month' || unit === 'quarter' || unit === 'year') && rel !== 'past') {
      const most = Math.min(count, 400)
      const near = unitAround(unit, now, rel === 'next' ? 1 : -1)
      const far = unitAround(unit, now, rel === 'next' ? most : -most)
      return sure(rel === 'next' ? { from: near.from, to: far.to } : { from: far.from, to: near.to }, next)
    }
    if (rel === 'next') return sure({ from: now.add({ days: 1 }), to: away(now, unit, count) }, next)
    // Today is one of "the last 10 days".
    return sure({ from: away(now, unit, unit === 'day' ? 1 - count : -count), to: now }, next)
  }
  if (value.rel && value.rel !== 'this') {
    const many = countAt(scene, after)
    const unit = many && word(scene, many.next).unit
    if (many && unit) return span(many.value, unit, value.rel, many.next + sizeAt(scene, many.next))
    if (value.rel === 'past') {
      const one = word(scene, after).unit
      if (one && one !== 'weekend') return span(1, one, 'past', after + sizeAt(scene, after))
    }
  }
  if (value.rel === 'this') {
    const inner = word(scene, after)
    const many = inner.rel && inner.rel !== 'this' ? countAt(scene, after + sizeAt(scene, after)) : null
    const unit = many && word(scene, many.next).unit
    if (many && unit) return span(many.value, unit, inner.rel, many.next + sizeAt(scene, many.next))
  }
  // "les 30 derniers jours"; in English "pay 200 last month" counts no months.
  const many = scene.language === 'en' ? null : countAt(scene, at)
  if (many) {
    const between = word(scene, many.next)
    if (between.rel && between.rel !== 'this') {
      const unitAtToken = many.next + sizeAt(scene, many.next)
      const { unit } = word(scene, unitAtToken)
      if (unit) return span(many.value, unit, between.rel, unitAtToken + sizeAt(scene, unitAtToken))
    }
  }
  const long = durationAt(scene, at)
  if (long && long.unit !== 'hour') {
    const tail = word(scene, long.next)
    const past = tail.ago && scene.language !== 'fr'
    if (past) return sure(oneDay(away(now, long.unit, -long.count)), long.next + sizeAt(scene, long.next))
    if (tail.ahead)
      return sure(oneDay(away(now, long.unit, long.count)), long.next + sizeAt(scene, long.next))
    if (scene.language !== 'en' && long.counted && tail.rel && tail.rel !== 'this')
      return span(long.count, long.unit, tail.rel, long.next + sizeAt(scene, long.next))
  }
  if (value.ago && after > at) {
    const inner = durationAt(scene, skip(scene, after))
    if (inner && inner.unit !== 'hour') return sure(oneDay(away(now, inner.unit, -inner.count)), inner.next)
  }
  if (has(scene, at, link.within)) {
    const inner = durationAt(scene, after)
    const tail = inner && word(scene, inner.next)
    if (inner && inner.unit !== 'hour' && !tail?.rel && !tail?.ago) {
      // "in the next 5 days" is read from "next"; "in 5 days" is that day.
      return sure(oneDay(away(now, inner.unit, inner.count)), inner.next)
    }
  }
  return null
}
