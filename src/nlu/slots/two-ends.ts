import { earlier, type Stretch } from './calendar.ts'
import { saidAt } from './expression.ts'
import { ordinalSuffix } from './ordinal.ts'
import { type Direction, type Found, resolve, type Said } from './said.ts'
import { bareDay, has, type Scene, sizeAt, skip } from './scene.ts'
import { link } from './time-words.ts'

/** Two ends of one stretch. */
export function endsAt(scene: Scene, at: number): { a: Said; b: Said; next: number } | null {
  const { tokens } = scene
  const between = has(scene, at, link.between)
  const from = has(scene, at, link.from | link.since | link.between)
  let start = from ? at + sizeAt(scene, at) : at
  start = skip(scene, start)
  let a = endAt(scene, start, true)
  // "between 1 and 15 October", "del 3 al 9", "1-15 october": a bare figure, until the other end says what it is.
  const bare = a ? null : bareDay(scene, start)
  if (!a && bare === null) return null
  let next = a ? a.next : start + 1 + ordinalSuffix(scene, start + 1)
  if (tokens[next]?.raw === ',') return null
  const joiner = tokens[next]
  const joins =
    has(scene, next, link.to) ||
    (joiner?.raw === '-' && !joiner.glued === !tokens[next + 1]?.glued) ||
    (between && has(scene, next, link.and))
  if (!joins) return null
  next = skip(scene, next + (joiner?.raw === '-' ? 1 : sizeAt(scene, next)))
  if (has(scene, next, link.of)) next = skip(scene, next + sizeAt(scene, next))
  let b = endAt(scene, next, true)
  if (!b && bare === null && a?.said.as === 'day' && a.said.month) {
    const day = bareDay(scene, next)
    if (day !== null) b = { said: { as: 'day', day }, next: next + 1 + ordinalSuffix(scene, next + 1) }
  }
  if (bare !== null) {
    // Two bare figures are days only where the language says so: "del 3 al 9", "du 3 au 9".
    const both = !b && from && !between && scene.language !== 'en' ? bareDay(scene, next) : null
    if (
      both !== null &&
      /^(?:al?|au|hasta)$/.test(joiner?.word ?? '') &&
      /^(?:del?|du|desde|entre)$/.test(tokens[at]?.word ?? '')
    )
      b = { said: { as: 'day', day: both }, next: next + 1 + ordinalSuffix(scene, next + 1) }
    if (b?.said.as !== 'day') return null
    a = { said: { as: 'day', day: bare }, next: start + 1 }
  }
  if (!a || !b || a.said.as === 'payday' || b.said.as === 'payday') return null
  // Without a "from", only ends of one kind belong together ("Monday to Friday", "May 22 - 29").
  if (!from && !(a.said.as === b.said.as)) return null
  // "the 4th of July to mom": what follows must be an end, and it was.
  return { a: a.said, b: b.said, next: b.next }
}

const endAt = (scene: Scene, at: number, trusted: boolean): Found | null =>
  saidAt(scene, at, trusted, () => false)

/** The years of one end serve the other; the month too. */
export function betweenOf(scene: Scene, first: Said, last: Said, direction: Direction): Stretch | null {
  let a = first
  let b = last
  if (a.as === 'day' && b.as === 'day') {
    if (a.month === undefined && b.month !== undefined)
      a =
        a.day <= b.day
          ? { ...a, month: b.month, ...(b.year !== undefined && { year: b.year }) }
          : {
              ...a,
              month: ((b.month + 10) % 12) + 1,
              ...(b.year !== undefined && { year: b.month === 1 ? b.year - 1 : b.year }),
            }
    else if (b.month === undefined && a.month !== undefined)
      b =
        b.day >= a.day
          ? { ...b, month: a.month, ...(a.year !== undefined && { year: a.year }) }
          : {
              ...b,
              month: (a.month % 12) + 1,
              ...(a.year !== undefined && { year: a.month === 12 ? a.year + 1 : a.year }),
            }
    if (a.year === undefined && b.year !== undefined && a.month !== undefined && b.month !== undefined)
      a = { ...a, year: a.month <= b.month ? b.year : b.year - 1 }
  }
  if (direction === 'future') {
    const from = resolve(scene, a, 'future')
    if (!from) return null
    const to = resolve(scene, b, 'future', from.from)
    return to && !earlier(to.to, from.from) ? { from: from.from, to: to.to } : null
  }
  const to = resolve(scene, b, 'history')
  if (!to) return null
  const from = resolve(scene, a, 'history', to.to)
  if (!from) return null
  return earlier(to.to, from.from) ? { from: to.from, to: from.to } : { from: from.from, to: to.to }
}
