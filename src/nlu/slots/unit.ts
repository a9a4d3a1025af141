import { type Day, earlier, oneDay, type Unit, unitAround } from './calendar.ts'
import { type Found, sure } from './said.ts'
import { has, isRecurring, type Scene, sizeAt, skip, trustedBefore, word } from './scene.ts'
import { link, type TimeWord } from './time-words.ts'

/** "ytd", "so far this year", "en lo que va del mes", "this month so far" is read by the unit. */
export function toDateAt(scene: Scene, at: number): Found | null {
  const { toDate } = word(scene, at)
  let next = at + sizeAt(scene, at)
  let unit: Unit | undefined = toDate === 'named' ? undefined : toDate
  if (toDate === 'named') {
    next = skip(scene, next)
    if (word(scene, next).rel === 'this') next += sizeAt(scene, next)
    unit = word(scene, next).unit
    if (!unit) return null
    next += sizeAt(scene, next)
    if (scene.language === 'es' && word(scene, next).rel === 'this') next += sizeAt(scene, next)
  }
  return unit ? sure({ from: unitAround(unit, scene.now, 0).from, to: scene.now }, next) : null
}

/** "last month", "this week", "el próximo año", "la semana pasada", "ce mois-ci", "the month so far". */
export function unitAt(scene: Scene, at: number, article: boolean): Found | null {
  const { tokens, now } = scene
  const value = word(scene, at)
  const after = at + sizeAt(scene, at)
  let rel: TimeWord['rel']
  let unit: Unit | undefined
  let next = after
  let twice = false
  if (value.rel) {
    unit = word(scene, after).unit
    rel = value.rel
    next = after + sizeAt(scene, after)
    // "este mes pasado", "this past week"
    if (unit && rel === 'this') {
      const tail = word(scene, next)
      if (tail.rel) {
        rel = tail.rel
        next += sizeAt(scene, next)
      }
    }
    if (!unit && rel === 'this') {
      const inner = word(scene, after)
      if (inner.rel && inner.rel !== 'this') {
        const innerUnit = after + sizeAt(scene, after)
        unit = word(scene, innerUnit).unit
        rel = inner.rel === 'past' ? 'last' : inner.rel
        next = innerUnit + sizeAt(scene, innerUnit)
      }
    }
    if (
      unit &&
      rel === 'last' &&
      value.rel === 'last' &&
      tokens[next]?.word === 'but' &&
      tokens[next + 1]?.word === 'one'
    )
      return sure(unitAround(unit, now, -2), next + 2)
  } else if (value.unit) {
    unit = value.unit
    const tail = word(scene, after)
    // English has it the other way round: in "rainy day this month" no day is named.
    if (tail.rel && !(scene.language === 'en' && tail.rel === 'this')) {
      rel = tail.rel
      twice = tail.twice === true
      next = after + sizeAt(scene, after)
    } else if (before(scene, after, 'last') || before(scene, after, 'next')) {
      const moved = before(scene, after, 'last') ? -2 : 2
      const skipTo = after + 1
      const inner = skip(scene, skipTo)
      return sure(unitAround(unit, now, moved), inner + 1)
    } else if (tail.toDate) {
      return sure({ from: unitAround(unit, now, 0).from, to: now }, after + sizeAt(scene, after))
    } else if (article && (unit === 'weekend' || trustedBefore(scene, at) || trustedBefore(scene, at - 1))) {
      if (unit === 'day' || unit === 'hour') return null
      // "los fines de semana": all of them.
      if (unit === 'weekend' && /^(?:fines|fins|weekends)$/.test(tokens[at]?.word ?? '')) return null
      if (unit === 'weekend') return weekendFound(now, next)
      rel = 'this'
    } else if (
      unit === 'weekend' &&
      !value.weak &&
      scene.language !== 'en' &&
      tokens[at]?.word === 'fin' &&
      tokens[at - 1]?.word === 'en'
    ) {
      return {
        said: {
          as: 'twofold',
          history: unitAround('weekend', now, now.dayOfWeek >= 6 ? 0 : -1),
          future: unitAround('weekend', now, 0),
        },
        next,
      }
    } else if (has(scene, at - 1, link.of) && tokens[at]?.word !== 'semana') {
      // "principios de mes", "fin de mois" come here from the edge.
      rel = article ? 'this' : undefined
    }
  }
  if (!unit || !rel || unit === 'hour') return null
  if (unit === 'day') {
    // "last day", "next day" name no day by themselves; "le jour même" neither.
    if (!(value.unit && rel === 'this')) return null
  }
  // "este finde": what was spent was spent on the one before, until it begins.
  if (unit === 'weekend' && rel === 'this') return weekendFound(now, next)
  const moved = rel === 'this' ? 0 : rel === 'next' ? 1 : twice ? -2 : -1
  if (word(scene, next).toDate)
    return sure({ from: unitAround(unit, now, 0).from, to: now }, next + sizeAt(scene, next))
  // "Monday of last week" is read at the weekday; "last week Monday" here.
  if (unit === 'week') {
    const on = has(scene, next, link.at) ? next + sizeAt(scene, next) : next
    const { weekday } = word(scene, on)
    if (weekday && !isRecurring(scene, on))
      return sure(
        oneDay(unitAround('week', now, moved).from.add({ days: weekday - 1 })),
        on + sizeAt(scene, on),
      )
  }
  if (unit === 'weekend' && moved === -1 && now.dayOfWeek < 6)
    return sure(unitAround('weekend', now, -1), next)
  return sure(unitAround(unit, now, moved), next)
}

function weekendFound(now: Day, next: number): Found {
  const there = unitAround('weekend', now, 0)
  const begun = !earlier(now, there.from)
  return {
    said: { as: 'twofold', history: begun ? there : unitAround('weekend', now, -1), future: there },
    next,
  }
}

/** "the week before last", "the month after next" */
export function before(scene: Scene, at: number, which: 'last' | 'next'): boolean {
  const said = scene.tokens[at]?.word
  const tail = scene.tokens[at + 1]?.word
  return which === 'last' ? said === 'before' && tail === 'last' : said === 'after' && tail === 'next'
}
