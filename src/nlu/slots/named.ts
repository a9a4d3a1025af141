import { earlier, holidayIn, quarterOf, seasonOf, type Stretch } from './calendar.ts'
import { type Found, sure } from './said.ts'
import { type Scene, sizeAt, skip, word } from './scene.ts'
import type { TimeWord } from './time-words.ts'
import { relYearAt, yearNumber } from './year.ts'

/** Holidays, seasons and quarters ("Q2", "T2"), with a year or "last" beside them. */
export function namedAt(scene: Scene, at: number, trusted: boolean): Found | null {
  const { tokens, now, region } = scene
  let value = word(scene, at)
  let inner = at
  let rel: TimeWord['rel']
  if (value.rel) {
    inner = skip(scene, at + sizeAt(scene, at))
    rel = value.rel
    value = word(scene, inner)
  }
  let next = inner + sizeAt(scene, inner)
  let inYear: ((year: number) => Stretch | null) | null = null
  const { holiday, season } = value
  if (holiday) inYear = (year) => holidayIn(holiday, year, region)
  else if (season) inYear = (year) => seasonOf(year, season)
  else if (
    /^[qt]$/.test(tokens[inner]?.word ?? '') &&
    /^[1-4]$/.test(tokens[inner + 1]?.raw ?? '') &&
    tokens[inner + 1]?.glued
  ) {
    const quarter = Number(tokens[inner + 1]?.raw)
    inYear = (year) => quarterOf(year, quarter)
    next = inner + 2
  }
  if (!inYear || (value.weak && !trusted && !rel)) return null
  const ofYear = skip(scene, next, true)
  const year = yearNumber(scene, ofYear)
  if (year !== null) return sure(inYear(year), ofYear + 1)
  const relYear = relYearAt(scene, ofYear)
  if (relYear) return sure(inYear(relYear.year), relYear.next)
  if (!rel && word(scene, next).rel && word(scene, next).rel !== 'this') {
    rel = word(scene, next).rel
    next += sizeAt(scene, next)
  }
  const here = inYear(now.year)
  if (!here) return null
  if (rel === 'this') return sure(here, next)
  if (rel === 'next') return sure(earlier(now, here.from) ? here : inYear(now.year + 1), next)
  if (rel === 'last' || rel === 'past') return sure(earlier(here.to, now) ? here : inYear(now.year - 1), next)
  return { said: { as: 'yearly', in: inYear }, next }
}
