import { dayOf, oneDay } from './calendar.ts'
import { namesSomeone } from './month.ts'
import { spelledAt } from './number.ts'
import { ordinalSuffix, spelledOrdinal } from './ordinal.ts'
import { type Found, sure } from './said.ts'
import { has, type Scene, sizeAt, skip, trustedBefore, word } from './scene.ts'
import { link } from './time-words.ts'
import { unitAt } from './unit.ts'
import { relYearAt, yearNumber } from './year.ts'

/** A day of a month: "March 3rd", "3 March 2021", "the 5th", "el 5", "le 1er mai", "25th this month". */
export function dayAt(scene: Scene, at: number, start: number, trusted: boolean): Found | null {
  const { tokens, now } = scene
  const value = word(scene, at)
  if (value.month) {
    if (namesSomeone(scene, at)) return null
    const inner = skip(scene, at + sizeAt(scene, at))
    const day = numericDay(scene, inner)
    if (!day) return null
    if (!day.suffixed && inner === at + sizeAt(scene, at) && spoilt(scene, day.next)) return null
    const after = skip(scene, day.next, true)
    const year = yearNumber(scene, after)
    const end = year === null ? day.next : after + 1
    return {
      said: { as: 'day', day: day.day, month: value.month, ...(year !== null && { year }) },
      next: end,
    }
  }
  const day = numericDay(scene, at)
  if (!day) return null
  const inner = skip(scene, day.next, true)
  const { month } = word(scene, inner)
  if (month && !(word(scene, inner).weak && inner > day.next && !has(scene, day.next, link.of))) {
    const afterMonth = inner + sizeAt(scene, inner)
    const ofYear = skip(scene, afterMonth, true)
    const year = yearNumber(scene, ofYear)
    if (year === null) {
      const relYear = relYearAt(scene, ofYear)
      if (relYear) return { said: { as: 'day', day: day.day, month, year: relYear.year }, next: relYear.next }
    }
    return {
      said: { as: 'day', day: day.day, month, ...(year !== null && { year }) },
      next: year === null ? afterMonth : ofYear + 1,
    }
  }
  // "25th this month", "el 5 del mes pasado", "le 5 du mois": the month is said around today.
  const around = unitAt(scene, inner, true)
  const said = word(scene, inner)
  const ofMonth =
    said.unit === 'month' || (said.rel && word(scene, inner + sizeAt(scene, inner)).unit === 'month')
  // "at Pier 9 last month": a figure behind any other word is part of a name.
  const standsForDay =
    day.suffixed ||
    day.spelled ||
    (inner > day.next && /^(?:of|de|du|del|d)$/.test(tokens[day.next]?.word ?? '')) ||
    /^(?:the|on|el|le|dia|since|until|till|from|to|by|desde|hasta|depuis|and|y|et)?$/.test(
      tokens[at - 1]?.word ?? '',
    )
  if (ofMonth && standsForDay && (around?.said.as === 'sure' || said.unit === 'month')) {
    const base = around?.said.as === 'sure' ? around.said.stretch.from : now.with({ day: 1 })
    const there = dayOf(base.year, base.month, day.day)
    const next = around ? around.next : inner + sizeAt(scene, inner)
    if (said.unit === 'month' && !around?.said) return { said: { as: 'day', day: day.day }, next }
    return sure(there && oneDay(there), next)
  }
  if (has(scene, day.next, link.each) || has(scene, inner, link.each)) return null
  const follows = tokens[day.next]
  if (
    notDays.test(follows?.word ?? '') ||
    follows?.kind === 'sign' ||
    follows?.raw === '%' ||
    (follows?.raw === '/' && follows.glued)
  )
    return null
  if (day.suffixed) return { said: { as: 'day', day: day.day }, next: day.next }
  if (day.spelled)
    return trusted && trustedBefore(scene, start)
      ? { said: { as: 'day', day: day.day }, next: day.next }
      : null
  // Spanish and French say a day with the article: "el 5", "le 5", "el día 5".
  const articleWord = tokens[at - 1]?.word ?? ''
  if (
    scene.language !== 'en' &&
    (/^(?:el|le|dia)$/.test(articleWord) ||
      (/^(?:del|dl|du)$/.test(articleWord) &&
        (start < at || !tokens[day.next] || tokens[day.next]?.kind === 'mark'))) &&
    !spoilt(scene, day.next)
  )
    return { said: { as: 'day', day: day.day }, next: day.next }
  return null
}

const notDays =
  /^(?:ones?|payments?|transactions?|charges?|purchases?|cards?|accounts?|time|times|item|deposits?|largest|biggest|most|avenue|ave|street|st|floor|grade|gen|place|pago|pagos|cargo|cargos|compra|vez|cuenta|tarjeta|paiement|achat|fois|compte|carte|derniers?|dernieres?|ultimos?|ultimas?|mas|plus|por|pour|million|millones|mil|mille|k|percent|pct)$/

/** A figure that something counted follows is no day: "el 5 por ciento", "may 20 dollars". */
export function spoilt(scene: Scene, at: number): boolean {
  const token = scene.tokens[at]
  if (!token) return false
  if (token.kind === 'sign' || notDays.test(token.word)) return true
  if (/^[:.,]$/.test(token.raw) && token.glued && scene.tokens[at + 1]?.glued) return true
  return (
    /^(?:dollars?|bucks?|pounds?|euros?|pesos|dolares|piasses?|piastres?|quid|cents)$/.test(token.word) ||
    word(scene, at).unit !== undefined
  )
}

function numericDay(
  scene: Scene,
  at: number,
): { day: number; next: number; suffixed: boolean; spelled: boolean } | null {
  const { tokens } = scene
  const token = tokens[at]
  if (!token) return null
  if (token.kind === 'number') {
    if (!/^(?:0?[1-9]|[12]\d|3[01])$/.test(token.raw)) return null
    const suffix = ordinalSuffix(scene, at + 1)
    if (!suffix && tokens[at + 1]?.glued && /^[:/]$|^[a-z]/i.test(tokens[at + 1]?.raw ?? '')) return null
    return { day: Number(token.raw), next: at + 1 + suffix, suffixed: suffix > 0, spelled: false }
  }
  const nth = spelledOrdinal(tokens, at, scene.language)
  if (nth) return { day: nth.value, next: nth.next, suffixed: false, spelled: true }
  if (scene.language === 'en') return null
  const spelled = spelledAt(tokens, at, scene.language)
  return spelled &&
    !spelled.article &&
    spelled.value >= 1 &&
    spelled.value <= 31 &&
    word(scene, skip(scene, spelled.next, true)).month
    ? { day: spelled.value, next: spelled.next, suffixed: false, spelled: true }
    : null
}
