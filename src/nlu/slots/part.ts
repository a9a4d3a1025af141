import {
  earlier,
  halfOfMonth,
  halfOfYear,
  oneDay,
  partOf,
  quarterOf,
  type Stretch,
  unitAround,
  weekOf,
  weekOfMonth,
} from './calendar.ts'
import { dayAt } from './month-day.ts'
import { monthAt } from './month.ts'
import { namedAt } from './named.ts'
import { ordinalWord } from './ordinal.ts'
import { type Found, lengthOf, resolve, sure } from './said.ts'
import { countAt, has, type Scene, sizeAt, skip, word } from './scene.ts'
import { link } from './time-words.ts'
import { unitAt } from './unit.ts'
import { weekdayAt } from './weekday.ts'
import { relYearAt, yearAt, yearNumber } from './year.ts'

/** "end of last month", "early March", "à la mi-mars", "principios de mes". */
export function edgeAt(scene: Scene, at: number): Found | null {
  const { edge } = word(scene, at)
  if (!edge) return null
  const next = skip(scene, at + sizeAt(scene, at), true)
  const month = monthAt(scene, next, true)
  if (month?.said.as === 'yearly') {
    const inYear = month.said.in
    return {
      next: month.next,
      said: {
        as: 'yearly',
        in: (year) => {
          const there = inYear(year)
          return there && partOf('month', there, edge)
        },
      },
    }
  }
  if (month?.said.as === 'sure') return sure(partOf('month', month.said.stretch, edge), month.next)
  const around = unitAt(scene, next, true)
  if (around?.said.as !== 'sure' && around?.said.as !== 'twofold') return null
  const unit = around.said.as === 'sure' ? around.said.stretch : around.said.history
  const kind = lengthOf(unit)
  const part = partOf(kind, unit, edge)
  // What is due "at the end of the month" is due on its last day.
  const point = edge === 'start' ? oneDay(unit.from) : edge === 'end' ? oneDay(unit.to) : part
  return { said: { as: 'twofold', history: part, future: point }, next: around.next }
}

/** "first two weeks of November", "los últimos diez días de mayo", "les deux premières semaines de mai". */
export function daysInAt(scene: Scene, at: number, busy: (at: number) => boolean): Found | null {
  const endOf = (place: number): 'first' | 'last' | null => {
    const said = scene.tokens[place]?.word ?? ''
    return firstWords.test(said) ? 'first' : lastWords.test(said) ? 'last' : null
  }
  const leads = endOf(at)
  const many = countAt(scene, leads ? at + 1 : at)
  if (!many || many.value < 1) return null
  const end = leads ?? endOf(many.next)
  const unitAtToken = leads ? many.next : many.next + 1
  const { unit } = word(scene, unitAtToken)
  if (!end || (unit !== 'week' && unit !== 'day')) return null
  const of = unitAtToken + sizeAt(scene, unitAtToken)
  if (!has(scene, of, link.of) && !has(scene, of, link.at)) return null
  const month = skip(scene, of + sizeAt(scene, of), true)
  const found = busy(month) ? null : (monthAt(scene, month, true) ?? unitAt(scene, month, true))
  if (!found) return null
  const days = many.value * (unit === 'week' ? 7 : 1)
  const part = (whole: Stretch | null): Stretch | null => {
    // As many days as there are, and no more.
    if (!whole || lengthOf(whole) === 'weekend' || days > whole.from.until(whole.to).days + 1) return whole
    return end === 'first'
      ? { from: whole.from, to: whole.from.add({ days: days - 1 }) }
      : { from: whole.to.subtract({ days: days - 1 }), to: whole.to }
  }
  if (found.said.as === 'yearly') {
    const inYear = found.said.in
    return { said: { as: 'yearly', in: (year) => part(inYear(year)) }, next: found.next }
  }
  return found.said.as === 'sure' ? sure(part(found.said.stretch), found.next) : null
}
const firstWords = /^(?:first|primer[oa]s?|premier(?:e)?s?)$/
const lastWords = /^(?:last|final|ultim[oa]s|dernier(?:e)?s)$/

/** "the week of the 1st", "first week of May", "la primera semana de mayo", "first half of March". */
export function weekInAt(scene: Scene, at: number, busy: (at: number) => boolean): Found | null {
  const { tokens } = scene
  const value = word(scene, at)
  const after = at + sizeAt(scene, at)
  if (value.unit === 'week') {
    const starts = /^(?:beginning|starting|ending)$/.test(tokens[after]?.word ?? '') ? after + 1 : after
    if (starts > after || has(scene, starts, link.of)) {
      const inner = has(scene, starts, link.of) ? starts + sizeAt(scene, starts) : starts
      const day =
        dayAt(scene, skip(scene, inner), inner, true) ??
        weekdayAt(scene, skip(scene, inner), true, inner) ??
        namedAt(scene, skip(scene, inner), true)
      if (!day || (day.said.as === 'yearly' && false)) return null
      const { said } = day
      const history = resolve(scene, said, 'history')
      const future = resolve(scene, said, 'future')
      if (!history || !future) return null
      return {
        said: { as: 'twofold', history: weekOf(history.from), future: weekOf(future.from) },
        next: day.next,
      }
    }
    return null
  }
  const nth =
    value.rel === 'last' || value.rel === 'past' ? -1 : ordinalWord(tokens[at]?.word ?? '', scene.language)
  if (nth === 0 || nth > 5) return null
  const next = skip(scene, nth === -1 ? after : at + 1)
  const { unit } = word(scene, next)
  const half = /^(?:half|mitad|moitie)$/.test(tokens[next]?.word ?? '') || unit === 'semimonth'
  const quarter = unit === 'quarter'
  if (unit === 'semester' && (nth === 1 || nth === 2))
    return partOfYear(scene, (year) => halfOfYear(year, nth), next + sizeAt(scene, next))
  if (!half && !quarter && unit !== 'week') return null
  const inner = next + sizeAt(scene, next)
  if (!has(scene, inner, link.of) && !has(scene, inner, link.at)) {
    if (quarter && nth > 0 && nth < 5) return quarterFound(scene, nth, inner)
    if (unit !== 'semimonth' || (nth !== 1 && nth !== 2)) return null
    // "la segunda quincena": this month's, or the one before while it has not begun.
    const here = halfOfMonth(unitAround('month', scene.now, 0), nth)
    const begun = !earlier(scene.now, here.from)
    const past = begun ? here : halfOfMonth(unitAround('month', scene.now, -1), nth)
    return { said: { as: 'twofold', history: past, future: here }, next: inner }
  }
  const month = skip(scene, inner + sizeAt(scene, inner), true)
  const found = monthAt(scene, month, true) ?? unitAt(scene, month, true) ?? yearAt(scene, month)
  if (!found || busy(month)) return quarter && nth > 0 && nth < 5 ? quarterFound(scene, nth, inner) : null
  const part = (whole: Stretch | null): Stretch | null => {
    if (!whole) return null
    const kind = lengthOf(whole)
    if (quarter) return kind === 'year' && nth !== 5 ? quarterOf(whole.from.year, nth === -1 ? 4 : nth) : null
    if (!half) return weekOfMonth(whole, nth)
    if (kind === 'year') {
      const middle = whole.from.with({ month: 7 })
      return nth === 1
        ? { from: whole.from, to: middle.subtract({ days: 1 }) }
        : { from: middle, to: whole.to }
    }
    return halfOfMonth(whole, nth)
  }
  if (found.said.as === 'yearly') {
    const inYear = found.said.in
    return { said: { as: 'yearly', in: (year) => part(inYear(year)) }, next: found.next }
  }
  return found.said.as === 'sure' ? sure(part(found.said.stretch), found.next) : null
}

const quarterFound = (scene: Scene, quarter: number, next: number): Found =>
  partOfYear(scene, (year) => quarterOf(year, quarter), next)

/** A part of a year, with the year behind it or the latest such. */
function partOfYear(scene: Scene, inYear: (year: number) => Stretch, next: number): Found {
  const of = skip(scene, next, true)
  const year = yearNumber(scene, of)
  if (year !== null) return { said: { as: 'sure', stretch: inYear(year) }, next: of + 1 }
  const relYear = relYearAt(scene, of)
  if (relYear) return { said: { as: 'sure', stretch: inYear(relYear.year) }, next: relYear.next }
  return { said: { as: 'yearly', in: inYear }, next }
}
