import { monthOf, type Stretch } from './calendar.ts'
import { type Found, sure } from './said.ts'
import { type Scene, sizeAt, skip, word } from './scene.ts'
import type { TimeWord } from './time-words.ts'
import { relYearAt, yearNumber } from './year.ts'

/** "March", "in May", "October last year", "marzo de 2024", "next April", "mars dernier". */
export function monthAt(scene: Scene, at: number, trusted: boolean): Found | null {
  const { tokens, now } = scene
  let value = word(scene, at)
  let inner = at
  let rel: TimeWord['rel']
  if (value.rel) {
    inner = at + sizeAt(scene, at)
    rel = value.rel
    value = word(scene, inner)
  }
  const { month } = value
  if (!month || namesSomeone(scene, inner)) return null
  let next = inner + sizeAt(scene, inner)
  const afterMonth = skip(scene, next, true)
  const year = yearNumber(scene, afterMonth)
  if (year !== null) return sure(monthOf(year, month), afterMonth + 1)
  const relYear = relYearAt(scene, afterMonth)
  if (relYear) return sure(monthOf(relYear.year, month), relYear.next)
  const short = tokens[next]
  if (short?.raw === "'" && /^\d\d$/.test(tokens[next + 1]?.raw ?? '') && tokens[next + 1]?.glued)
    return sure(monthOf(2000 + Number(tokens[next + 1]?.raw), month), next + 2)
  if (!rel && word(scene, next).rel && word(scene, next + sizeAt(scene, next)).unit === undefined) {
    const tail = word(scene, next).rel
    // "mars dernier", "marzo pasado"; "march this" belongs to what follows.
    if (tail !== 'this' && scene.language !== 'en') {
      rel = tail
      next += sizeAt(scene, next)
    }
  }
  if (value.weak && !trusted && !rel && !seemsMonth(scene, inner, next)) return null
  const inYear = (of: number): Stretch => monthOf(of, month)
  if (rel === 'this') return sure(inYear(now.year), next)
  if (rel === 'last' || rel === 'past') return sure(inYear(month < now.month ? now.year : now.year - 1), next)
  if (rel === 'next') return sure(inYear(month > now.month ? now.year : now.year + 1), next)
  return { said: { as: 'yearly', in: inYear }, next }
}

/** "send June 20": June is a person. */
const givers = /^(?:send|pay|zelle|venmo|give|transfer|wire|cashapp|owe|to|with|from)$/

export function namesSomeone(scene: Scene, at: number): boolean {
  if (scene.trusted || !/^(?:april|may|june|jan|august|mar|dec)$/.test(scene.tokens[at]?.word ?? ''))
    return false
  const said = scene.tokens[at - 1]?.word ?? ''
  return givers.test(said) && !/^(?:to|with|from)$/.test(said)
}

/** "march vs april", "May total", a month alone: taken for one although the word has other uses. */
function seemsMonth(scene: Scene, at: number, next: number): boolean {
  if (scene.tokens.length === 1) return true
  const near = [scene.tokens[at - 1], scene.tokens[next]].map((token) => token?.word ?? '')
  return (
    /^(?:vs|versus|and|to|or|y|et|o|ou|contre|contra)$/.test(near[0] ?? '') ||
    /^(?:vs|versus|total|spending|transactions|statement)$/.test(near[1] ?? '') ||
    (near[1] === 'and' && word(scene, next + 1).month !== undefined) ||
    (scene.tokens[at]?.word === 'march' && at > 0) ||
    (scene.language === 'fr' && scene.tokens[at]?.word === 'mars') ||
    (scene.language === 'es' && scene.tokens[at]?.word === 'marzo') ||
    scene.tokens[at]?.word === 'august'
  )
}
